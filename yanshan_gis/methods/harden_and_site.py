"""Which roads to harden and which outlets to open, for one budget.

A village is within the limit when the quickest way to an outlet, existing or new, walks at both
ends included, takes no longer. Roads are hardened link by link, cut at villages and committees;
a new outlet stands at a committee. `yanshan_gis.optimisation.joint_choice` chooses both at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.built_roads import BUILT, speed_up
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.places import place
from yanshan_gis.methods.road_gains import GAIN_UNITS
from yanshan_gis.methods.road_prices import price_per_km
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.impedance import SpeedTable
from yanshan_gis.optimisation.improvable import Improvable
from yanshan_gis.optimisation.joint_choice import Joint, choose_together
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer

_ALONE = 0.25  # share of the time that each of the two simpler questions may take


@needs(
    villages=Need(fields=("name",)),
    committees=Need(fields=("name",)),
    facilities=Need(rows=False),
    townships=Need(optional=True, rows=False),
    network=Need(fields=("minutes", "hardened", "speed_source")),
    speeds=Need(fields=("speed_kmh",)),
)
def together(
    *,
    villages: Layer,
    committees: Layer,
    facilities: Layer,
    townships: Layer | None,
    network: Layer,
    speeds: Layer,
    county: County,
    progress: Progress = SILENT,
    budget_wan: float,
    outlet_cost_wan: float,
    cost_per_km: Mapping[str, float | Mapping[str, float]],
    weigh_by: str,
    limit_min: float,
    attach_limit_m: float,
    walk_speed_kmh: float,
    surface: str,
    gap: float,
    time_limit_min: float,
) -> Result:
    """Choose roads to harden and outlets to open together.

    Parameters
    ----------
    villages
        Those that are to be within the limit.
    committees
        Where an outlet may be opened.
    facilities
        Existing outlets.
    townships
        Polygons, for villages that do not name their township.
    network
        Links of the recipe ``road-network``; in-village ones are not chosen.
    speeds
        Its table of speeds.
    county
        Says which surfaces count as hardened.
    progress
        Who listens.
    budget_wan
        10,000 yuan for roads and outlets together.
    outlet_cost_wan
        10,000 yuan for one outlet.
    cost_per_km
        10,000 yuan per kilometre by administrative class and surface, for roads without
        ``cost_per_km_wan``.
    weigh_by
        What is gained: ``villages``, ``households`` or ``population``.
    limit_min
        Within which an outlet counts as in reach.
    attach_limit_m
        Farthest a place may lie from the road it is attached to.
    walk_speed_kmh
        For the way between a place and its road.
    surface
        Of roads when they are hardened.
    gap
        Relative distance between gain and bound that is good enough.
    time_limit_min
        After which the best choice found is kept, with its bound.

    Returns
    -------
    Result
        Layers ``roads``, ``outlets``, ``villages`` and ``facilities``; table ``by_township``.

    Raises
    ------
    UsageError
        When `surface` is none that counts as hardened, `weigh_by` is none of those possible, or a
        price is not above 0.
    """
    if surface not in county.hardened:
        text = N_("Surface {surface} does not count as hardened here; those that do: {known}.")
        known = ", ".join(county.hardened)
        raise UsageError("surface-not-hardened", text, surface=surface, known=known)
    if weigh_by not in GAIN_UNITS or outlet_cost_wan <= 0 or budget_wan < 0:
        text = N_(
            "weigh_by is villages, households or population, an outlet costs more than 0, and the "
            "budget is not below 0."
        )
        raise UsageError("joint-choice-parameters", text)
    weight = pd.Series(1.0, villages.frame.index)
    if weigh_by != "villages":
        weight = amount(villages.frame, weigh_by)
        if weight.isna().all():
            return Result("not_computable", missing=(f"villages.{weigh_by}",))
    asked = _Question.put(
        network.frame, (villages.frame, facilities.frame, committees.frame),
        np.asarray(weight.fillna(0.0), dtype=float), SpeedTable.from_frame(speeds.frame),
        cost_per_km, outlet_cost_wan, (limit_min, attach_limit_m, walk_speed_kmh), surface,
    )  # fmt: skip
    progress.start(N_("Roads and outlets together"), None)
    seconds = 60 * time_limit_min
    found = choose_together(
        asked.network, budget_wan, gap=gap, time_limit_s=seconds, listener=progress.bounds
    )
    alone = [
        choose_together(part, budget_wan, gap=gap, time_limit_s=_ALONE * seconds)
        for part in (asked.only(roads=True), asked.only(roads=False))
    ]
    progress.finish()
    points = asked.villages(villages.frame, found, township_of(
        villages.frame, committees.frame, townships), weight)  # fmt: skip
    roads, outlets = asked.roads(found), asked.outlets(committees.frame, found)
    unknown = int(weight.isna().sum())
    return Result(
        indicators=_figures(points, found, alone, roads, outlets, GAIN_UNITS[weigh_by]),
        layers={"villages": points, "roads": roads, "outlets": outlets,
                "facilities": facilities.frame.reset_index(drop=True)},
        tables={"by_township": _by_township(points, townships)},
        warnings=tuple(_spoken(asked, found, alone, unknown)),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Question:
    """The network with places as nodes, and the question about it."""

    edges: gpd.GeoDataFrame
    soft: NDArray[np.bool_]  # edges that may be hardened
    unpriced: NDArray[np.bool_]  # edges that could be, had they a price
    walk_min: NDArray[np.float64]  # of each village to its road; NaN where it reaches none
    site: NDArray[np.int64]  # committees where an outlet may be opened
    network: Improvable

    @classmethod
    def put(
        cls,
        frame: gpd.GeoDataFrame,
        places: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame],
        weight: NDArray[np.float64],
        speeds: SpeedTable,
        prices: Mapping[str, float | Mapping[str, float]],
        outlet_cost: float,
        limits: tuple[float, float, float],
        surface: str,
    ) -> _Question:
        """Make one improvement of each link that may be hardened and each outlet."""
        limit, attach_limit, speed = limits
        roads, (homes, shops, seats) = place(
            RoadNetwork.from_edges(frame), places, attach_limit_m=attach_limit,
            walk_speed_kmh=speed,
        )  # fmt: skip
        edges = roads.edges
        cost = price_per_km(edges, prices) * edges["length_m"].to_numpy() / 1000
        open_ = ~edges["hardened"].to_numpy(dtype=bool)
        if "scope" in edges:
            open_ &= (edges["scope"].astype(object) != "in_village").to_numpy(bool, na_value=True)
        soft = open_ & (cost > 0)
        faster = speed_up(edges.assign(**{BUILT: soft}), speeds, surface)
        site = np.flatnonzero(seats.attached)
        fixed = np.flatnonzero(shops.attached)
        goal, count = roads.n_nodes, int(soft.sum())
        number = np.where(soft, np.cumsum(soft) - 1, -1)
        none = np.full(len(fixed), -1)
        now = np.concatenate([roads.minutes, roads.minutes_back, shops.walk_min[fixed],
                              np.full(len(site), np.inf)])  # fmt: skip
        built = np.concatenate([faster["minutes"], faster["minutes_back"],
                                shops.walk_min[fixed], seats.walk_min[site]])  # fmt: skip
        way = ~np.isnan(built)
        end = np.full(len(fixed) + len(site), goal)
        asked = Improvable(
            goal + 1,
            np.concatenate([roads.u, roads.v, shops.node[fixed], seats.node[site]])[way],
            np.concatenate([roads.v, roads.u, end])[way],
            now[way],
            np.minimum(built, now)[way],
            np.concatenate([number, number, none, count + np.arange(len(site))])[way],
            np.r_[cost[soft], np.full(len(site), outlet_cost)],
            np.maximum(homes.node, 0),
            np.where(homes.attached, limit - homes.walk_min, -1.0),
            weight,
        )
        return cls(edges, soft, open_ & ~soft, homes.walk_min, site, asked)

    def only(self, *, roads: bool) -> Improvable:
        """Ask the same of roads alone or of outlets alone."""
        road = np.arange(len(self.network.cost)) < self.soft.sum()
        return replace(self.network, cost=np.where(road == roads, self.network.cost, np.inf))

    def roads(self, found: Joint) -> gpd.GeoDataFrame:
        """Draw the links to be hardened."""
        count = int(self.soft.sum())
        chosen = found.chosen[found.chosen < count]
        drawn = self.edges[self.soft].iloc[chosen]
        names = [n for n in ("road_id", "name", "admin_class", "surface") if n in drawn]
        drawn = drawn[[*names, "length_m", "geometry"]].copy()
        drawn["km"] = drawn.pop("length_m") / 1000
        drawn["cost_wan"] = self.network.cost[chosen]
        drawn = drawn.reset_index(drop=True)
        drawn.insert(0, "id", [f"B{number:06d}" for number in range(1, len(drawn) + 1)])
        return drawn

    def outlets(self, committees: gpd.GeoDataFrame, found: Joint) -> gpd.GeoDataFrame:
        """Draw the committees where an outlet is opened."""
        count = int(self.soft.sum())
        sites = found.chosen[found.chosen >= count]
        names = [n for n in ("id", "name", "township") if n in committees]
        drawn = committees.iloc[self.site[sites - count]][[*names, "geometry"]].copy()
        drawn["cost_wan"] = self.network.cost[sites]
        return drawn.reset_index(drop=True)

    def villages(
        self, frame: gpd.GeoDataFrame, found: Joint, township: pd.Series, weight: pd.Series
    ) -> gpd.GeoDataFrame:
        """Say of every village what the choice does for it."""
        nothing = np.zeros(len(self.network.cost))
        chosen = nothing.copy()
        chosen[found.chosen] = 1.0
        points = frame[["id", "name", "geometry"]].copy()
        points["township"] = township
        points["weight"] = weight
        for column, share in (("minutes_before", nothing), ("minutes", chosen)):
            ways = self.network.to_goal(self.network.minutes(share))[self.network.place]
            total = ways + self.walk_min
            there = ways < self.network.never
            points[column] = np.where(there, total, np.nan)
        was, could = self.network.within(nothing), self.network.within(nothing + 1.0)
        never = np.isnan(self.walk_min)
        points["state"] = np.select(
            [never, was, found.within, could], ["unattached", "within", "gained", "waiting"],
            default="beyond",
        ).astype(object)  # fmt: skip
        return points.reset_index(drop=True)


def _figures(
    points: gpd.GeoDataFrame,
    found: Joint,
    alone: list[Joint],
    roads: gpd.GeoDataFrame,
    outlets: gpd.GeoDataFrame,
    unit: str,
) -> tuple[Indicator, ...]:
    before = points["state"] == "within"
    after = before | (points["state"] == "gained")
    cost = float(roads["cost_wan"].sum() + outlets["cost_wan"].sum())
    return (
        Indicator.share("within_after", int(after.sum()), len(points), headline=True),
        Indicator.share("within_before", int(before.sum()), len(points)),
        Indicator("gain", found.gain, unit),
        Indicator("bound", found.bound, unit),
        Indicator("gap", (found.bound - found.gain) / found.gain if found.gain else None, "share"),
        Indicator("gain_roads_alone", alone[0].gain, unit),
        Indicator("gain_outlets_alone", alone[1].gain, unit),
        Indicator("outlets_opened", float(len(outlets)), "个"),
        Indicator("km_hardened", float(roads["km"].sum()), "km"),
        Indicator("cost", cost, "万元"),
    )


def _by_township(points: gpd.GeoDataFrame, townships: Layer | None) -> pd.DataFrame:
    counts = count_by_township(
        points["township"],
        {
            "denominator": np.ones(len(points)),
            **{name: points["state"] == name for name in ("within", "gained", "waiting")},
        },
    )
    table = add_county_row(counts.reset_index(), townships)
    whole = table["denominator"].astype(float)
    after = table["within"].astype(float) + table["gained"].astype(float)
    table["share"] = after / whole.where(whole > 0)
    return table[["township", "denominator", "within", "gained", "waiting", "share"]]


def _spoken(asked: _Question, found: Joint, alone: list[Joint], unknown: int) -> list[Notice]:
    text = N_("Not checked against control lines (basic farmland, ecological redline).")
    notices = [Notice("control-lines-unchecked", text, {})]
    if unknown:
        text = N_("{count} villages have no number to weigh them by and count as 0.")
        notices.append(Notice("weight-unknown", text, {"count": unknown}))
    if asked.unpriced.any():
        text = N_("{km:.2f} km of soft road have no cost per kilometre and are not chosen.")
        km = float(asked.edges["length_m"].to_numpy()[asked.unpriced].sum() / 1000)
        notices.append(Notice("roads-unpriced", text, {"km": km}))
    if found.status == "time_limit":
        text = N_(
            "Time ran out before a proof: no choice gains more than {bound:g}, this one {gain:g}."
        )
        values = {"bound": found.bound, "gain": found.gain}
        notices.append(Notice("choice-not-proven", text, values))
    if any(part.status == "time_limit" for part in alone):
        text = N_("What roads or outlets alone would gain is the best found, not a proven figure.")
        notices.append(Notice("alone-not-proven", text, {}))
    return notices
