"""Logistics reach: indicator 20, and how many further outlets close the gap.

Two questions that are easily mixed stand side by side. The headline asks whether a committee has
an outlet *of its own*; the figures beside it ask how far the nearest outlet is *by road*, in
minutes and kilometres, with the walk to and from the road counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import shares
from yanshan_gis.methods.own_outlet import Assignment, describe, without_roads
from yanshan_gis.methods.places import place
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.stops import Stops
from yanshan_gis.network.tables import table
from yanshan_gis.optimisation.coverage import partial_cover
from yanshan_gis.optimisation.sites import Sites
from yanshan_gis.optimisation.siting import Siting
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer
    from yanshan_gis.network.engine import Cache


@needs(
    villages=Need(fields=("name",)),
    facilities=Need(rows=False, unless=("villages.ledger_outlet",)),
    townships=Need(optional=True, rows=False),
    network=Need(fields=("minutes",), unless=("villages.ledger_outlet",)),
)
def coverage(
    *,
    villages: Layer,
    facilities: Layer | None,
    townships: Layer | None,
    network: Layer | None,
    county: County,
    cache: Cache | None = None,
    limit_min: float,
    distance_limit_km: float,
    attach_limit_m: float,
    own_limit_m: float,
    walk_speed_kmh: float,
    target_share: float,
) -> Result:
    """Measure which committees have an outlet, and how far the others are from one by road.

    Parameters
    ----------
    villages
        Committees; ``households`` and ``population`` weigh the figures beside the headline.
    facilities
        Existing outlets; ``committee`` says whose they are. Without them, the ledger alone counts.
    townships
        Polygons, for committees that do not name their township.
    network
        Links of the recipe ``road-network``; without them, nothing is told of reach.
    county
        Names the headline definition of indicator 20.
    cache
        Where what a large table takes is kept.
    limit_min, distance_limit_km
        Within which an outlet counts as in reach, by time and by length.
    attach_limit_m
        Farthest a place may lie from the road it is attached to.
    own_limit_m
        Farthest an outlet that names no committee may lie from the one it counts for.
    walk_speed_kmh
        For the way between a place and its road.
    target_share
        What the plan asks for.

    Returns
    -------
    Result
        Layers ``committees``, ``facilities``, ``proposed``; tables ``by_township``, ``missed``,
        ``disagreements``, ``unassigned``.
    """
    assigned = None
    if facilities is not None:
        assigned = Assignment.of(facilities.frame, villages.frame, own_limit_m)
    if facilities is None or assigned is None or network is None or not len(network):
        return without_roads(villages, facilities, assigned, townships, county, target_share)
    trip = _Trip.measure(
        RoadNetwork.from_edges(network.frame),
        villages.frame,
        facilities.frame,
        attach_limit_m,
        walk_speed_kmh,
        cache,
    )
    township = township_of(villages.frame, townships=townships)
    rows = _describe(villages.frame, township, facilities.frame, assigned, trip, limit_min)
    siting = _siting(trip, limit_min)
    cover = partial_cover(siting, target_share, least_minutes=False)
    limits = (limit_min, distance_limit_km)
    indicators = _indicators(rows, county, limits, target_share)
    points = gpd.GeoDataFrame(rows, geometry=villages.frame.geometry.array, crs=villages.crs)
    proposed = _proposed(points, cover, trip, limit_min)
    return Result(
        indicators=(*indicators, *_further(rows, cover, target_share)),
        layers={
            "committees": points,
            "facilities": facilities.frame.reset_index(drop=True),
            "proposed": proposed,
        },
        tables=_tables(rows, facilities.frame, assigned, townships, limit_min),
        warnings=(
            *_no_time(rows, trip.stops),
            *assigned.notices(),
            *_warnings(rows, siting, cover, limit_min),
        ),
    )


@dataclass(frozen=True)
class _Trip:
    """From every committee to its nearest outlet, and between all committees."""

    stops: Stops
    minutes: NDArray[np.float64]
    km: NDArray[np.float64]
    outlet: NDArray[np.int32]
    between_min: NDArray[np.float64]

    @classmethod
    def measure(
        cls,
        roads: RoadNetwork,
        villages: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        limit_m: float,
        walk_speed_kmh: float,
        cache: Cache | None,
    ) -> _Trip:
        """Search the network once for all committees, with the walk at both ends."""
        split, (homes, outlets) = place(
            roads, [villages, facilities], attach_limit_m=limit_m, walk_speed_kmh=walk_speed_kmh
        )
        by_time = homes.nearest(split, outlets)
        by_length = homes.nearest(split, outlets, weight="length_m")
        walk = homes.walk_min
        between = table(split, homes.node, homes.node, cache=cache) + walk[:, None] + walk[None, :]
        # A place serves itself without a walk, but only where a road brings the parcels.
        np.fill_diagonal(between, np.where(homes.attached, 0.0, np.nan))
        return cls(homes.stops, by_time.cost, by_length.cost / 1000, by_time.facility, between)


def _siting(trip: _Trip, limit_min: float) -> Siting:
    """Every committee may get an outlet; the nearest existing one of each stands as one column."""
    minutes = np.column_stack([trip.between_min, trip.minutes])
    existing = np.arange(minutes.shape[1]) == len(minutes)
    return Siting.of(minutes, limit_min=limit_min, existing=existing)


def _describe(
    villages: gpd.GeoDataFrame,
    township: pd.Series,
    facilities: gpd.GeoDataFrame,
    assigned: Assignment,
    trip: _Trip,
    limit_min: float,
) -> pd.DataFrame:
    rows = describe(villages, township, assigned)
    rows["minutes"], rows["km"] = trip.minutes, trip.km
    rows["in_time"] = trip.minutes <= limit_min
    names = facilities.get("name", facilities["id"]).fillna(facilities["id"])
    labels = np.array([*names, None], dtype=object)  # -1, no outlet, takes the last
    rows["outlet"] = labels[trip.outlet]
    rows["walk_m"] = trip.stops.walk_m
    rows["state"] = np.select(
        [
            rows["own_outlet"],
            trip.stops.edge < 0,
            rows["minutes"].isna(),
            rows["minutes"] <= limit_min,
        ],
        ["own", "unattached", "unreachable", "near"],
        default="far",
    ).astype(object)
    return rows


def _indicators(
    rows: pd.DataFrame, county: County, limits: tuple[float, float], target: float
) -> list[Indicator]:
    headline = county.headlines.get("20", "own_outlet")
    in_time, in_distance = rows["minutes"] <= limits[0], rows["km"] <= limits[1]
    figures: dict[str, tuple[float, float]] = {
        "own_outlet": (int(rows["own_outlet"].sum()), len(rows))
    }
    for key, within in {"within_minutes": in_time, "within_km": in_distance}.items():
        figures[key] = (int(within.sum()), len(rows))
        for weight in ("households", "population"):
            if rows[weight].notna().any():
                weights = rows[weight].fillna(0.0)
                figures[f"{key}_{weight}"] = (weights[within].sum(), weights.sum())
    ledger = rows["ledger_outlet"].dropna()
    if len(ledger):
        figures["ledger_outlet"] = (int(ledger.sum()), len(ledger))
    return [
        *shares(figures, headline, target),
        Indicator("minutes_to_target", _reach_of(rows["minutes"], target), "min"),
        Indicator("km_to_target", _reach_of(rows["km"], target), "km"),
    ]


def _reach_of(values: pd.Series, share: float) -> float | None:
    """Find the smallest limit within which a share of all rows lies; None where none is enough."""
    needed = int(np.ceil(share * len(values) - 1e-9))
    ordered = np.sort(values.dropna().to_numpy(dtype=float))
    return float(ordered[needed - 1]) if 0 < needed <= len(ordered) else None


def _further(rows: pd.DataFrame, cover: Sites, target: float) -> list[Indicator]:
    """How many outlets are missing: for outlets of their own, and for reach by road."""
    own = max(0, int(np.ceil(target * len(rows) - 1e-9)) - int(rows["own_outlet"].sum()))
    reach = None if cover.status == "infeasible" else float(len(cover.chosen))
    return [
        Indicator("further_outlets_own", float(own), "个"),
        Indicator("further_outlets_reach", reach, "个"),
    ]


def _proposed(
    points: gpd.GeoDataFrame, cover: Sites, trip: _Trip, limit_min: float
) -> gpd.GeoDataFrame:
    chosen = points.iloc[cover.chosen][["id", "name", "township", "geometry"]].copy()
    missed = (points["minutes"] > limit_min) | points["minutes"].isna()
    served = (trip.between_min[:, cover.chosen] <= limit_min) & missed.to_numpy()[:, None]
    chosen["newly_covered"] = pd.array(served.sum(axis=0), dtype="Int64")
    chosen = chosen.sort_values(["newly_covered", "id"], ascending=[False, True], kind="stable")
    chosen.insert(1, "order", pd.array(np.arange(1, len(chosen) + 1), dtype="Int64"))
    return chosen.reset_index(drop=True)


def _tables(
    rows: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    assigned: Assignment,
    townships: Layer | None,
    limit_min: float,
) -> dict[str, pd.DataFrame]:
    missed = rows[~rows["own_outlet"]].sort_values(
        ["minutes", "id"], ascending=[False, True], kind="stable", na_position="first"
    )
    columns = ["id", "name", "township", "population", "households", "state", "minutes", "km",
               "outlet", "walk_m"]  # fmt: skip
    differ = rows[rows["ledger_differs"].fillna(False).astype(bool)]
    silent = facilities[assigned.by_position]
    names = dict(zip(rows["id"], rows["name"], strict=True))
    placed = pd.DataFrame(silent.drop(columns="geometry"))
    placed["committee"] = assigned.committee[assigned.by_position]
    placed["committee"] = placed["committee"].map(names)
    kept = [name for name in ("id", "name", "township", "committee") if name in placed]
    return {
        "by_township": _by_township(rows, townships, limit_min),
        "missed": missed[columns].reset_index(drop=True),
        "disagreements": differ[
            ["id", "name", "township", "own_outlet", "ledger_outlet", "minutes"]
        ].reset_index(drop=True),
        "unassigned": placed[kept].reset_index(drop=True),
    }


def _by_township(rows: pd.DataFrame, townships: Layer | None, limit_min: float) -> pd.DataFrame:
    within = rows["minutes"] <= limit_min
    people = rows["population"].fillna(0.0)
    counts = count_by_township(
        rows["township"],
        {
            "denominator": np.ones(len(rows)),
            "own": rows["own_outlet"],
            "within": within,
        },
    )
    sums = count_by_township(rows["township"], {"people_within": people * within}, whole=False)
    table = add_county_row(counts.join(sums).reset_index(), townships)
    longest = rows.groupby("township")["minutes"].max()
    table["longest_min"] = table["township"].map(longest)
    table.loc[table.index[-1], "longest_min"] = rows["minutes"].max()
    denominator = table["denominator"].astype(float)
    table["share"] = table["own"].astype(float) / denominator
    table["within_share"] = table["within"].astype(float) / denominator
    order = ["township", "denominator", "own", "share", "within", "within_share", "people_within",
             "longest_min"]  # fmt: skip
    return table[order]


def _no_time(rows: pd.DataFrame, stops: Stops) -> list[Notice]:
    """Say how many committees have no road time, whether or not they have an outlet."""
    silent = {
        "unattached": stops.edge < 0,
        "unreachable": (stops.edge >= 0) & rows["minutes"].isna().to_numpy(),
    }
    texts = {
        "unattached": N_("{count} committees lie beyond the attach limit; no road time is told."),
        "unreachable": N_("{count} committees have no road to any outlet."),
    }
    return [
        Notice(f"{state}-committees", texts[state], {"count": int(which.sum())})
        for state, which in silent.items()
        if which.any()
    ]


def _warnings(rows: pd.DataFrame, siting: Siting, cover: Sites, limit_min: float) -> list[Notice]:
    notices = []
    differ = int(rows["ledger_differs"].fillna(False).sum())
    if differ:
        text = N_("The ledger and the map disagree on {count} committees.")
        notices.append(Notice("ledger-differs", text, {"count": differ}))
    if cover.status == "infeasible":
        text = N_(
            "No choice of committees reaches the target within {limit:g} min: all together "
            "reach {most} of {total}."
        )
        values = {"limit": limit_min, "most": int(siting.most), "total": len(rows)}
        notices.append(Notice("cover-infeasible", text, values))
    if cover.status == "time_limit":
        text = N_("The choice of outlets is not proven; no choice has fewer than {bound}.")
        notices.append(Notice("cover-not-proven", text, {"bound": int(cover.bound)}))
    return notices
