"""Weak points of the road network: links whose closure cuts villages off, and the wet season."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.closures import Harm, Setting, close_links, passed
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.seat_access import SeatAccess
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.methods.wet_season import WetSeason, firm_roads
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

_MEASURES = ("villages", "households", "people")
_ROAD_COLUMNS = ("road_id", "name", "admin_class", "surface", "hardened", "length_m")
# So many of the first links bear their rank on the map.
_MARKED = 10
_LOST = ("cut_off", "no_firm_road")


@needs(
    villages=Need(fields=("name",)),
    committees=Need(optional=True, rows=False),
    seats=Need(fields=("level",)),
    townships=Need(optional=True, rows=False),
    network=Need(fields=("minutes", "hardened")),
)
def examine(
    *,
    villages: Layer,
    committees: Layer | None,
    seats: Layer,
    townships: Layer | None,
    network: Layer,
    attach_limit_m: float,
    walk_speed_kmh: float,
    busiest: float,
    keep_all_season: bool,
) -> Result:
    """Close road links one by one, and all roads that are not firm at once.

    A closed link is a whole link of the recipe ``road-network``, from junction to junction; a
    seat on it counts as a junction. Villages on a closed link have no road. Whoever has no way
    with every road open is told apart and never counted as cut off.

    Parameters
    ----------
    villages
        Natural villages; ``population`` and ``households`` weigh them.
    committees
        For villages that do not name their township.
    seats
        Seats of townships and county. A village travels to the seat of its own township; to the
        nearest seat where its township has none on a road.
    townships
        Polygons, for villages that do not name their township.
    network
        Links of the recipe ``road-network``.
    attach_limit_m
        Farthest a village or seat may lie from its road.
    walk_speed_kmh
        For the way between a village and its road.
    busiest
        How many links that are no bridge are closed and searched again: those that carry most
        people to their own seats, and as many that carry most to the county seat.
    keep_all_season
        Whether a road that is not hardened stays open in the wet season where it is recorded as
        passable all year.

    Returns
    -------
    Result
        Layers ``villages``, ``links`` and ``roads``; tables ``ranking``, ``by_township`` and
        ``cut_off``.
    """
    firm, notices = firm_roads(network.frame, keep_all_season)
    known = None if committees is None else committees.frame
    township = township_of(villages.frame, known, townships)
    access = SeatAccess.measure(
        RoadNetwork.from_edges(network.frame),
        firm,
        villages.frame,
        township,
        seats.frame,
        attach_limit_m,
        walk_speed_kmh,
    )
    if not access.goals:
        return Result(status="not_computable", missing=("seats",), warnings=tuple(notices))
    table = _describe(villages.frame, township)
    weights = table[list(_MEASURES)].fillna(0.0).to_numpy(dtype=float)
    counts_people = bool(table["people"].notna().any())
    if not counts_people:
        weights[:, -1] = 1.0
    setting = Setting.of(access)
    harm = close_links(setting, weights, int(busiest))
    links = _links(access, harm, counts_people)
    season = WetSeason.measure(access)
    _add_seasons(table, access, season)
    _add_links(table, setting, links)
    points = gpd.GeoDataFrame(table, geometry=villages.frame.geometry.array, crs=villages.crs)
    return Result(
        indicators=tuple(_indicators(table, links, access, counts_people)),
        layers={
            "villages": points,
            "links": links.drop(columns="link"),
            "roads": _roads(network.frame, firm),
        },
        tables={
            "ranking": pd.DataFrame(links.drop(columns=["link", "mark", "geometry"])),
            "by_township": _by_township(table, townships),
            "cut_off": _cut_off(table),
        },
        warnings=(*notices, *_warnings(table, access, seats.frame, counts_people)),
        missing=() if access.county is not None else ("seats (level = county)",),
    )


def _describe(villages: gpd.GeoDataFrame, township: pd.Series) -> pd.DataFrame:
    table = pd.DataFrame({"id": villages["id"], "name": villages["name"]})
    table["township"] = township
    table["villages"] = 1.0
    table["households"] = amount(villages, "households")
    table["people"] = amount(villages, "population")
    return table


def _links(access: SeatAccess, harm: Harm, counts_people: bool) -> gpd.GeoDataFrame:
    """List the links whose closure does harm, the worst first."""
    edges = access.links.edges.iloc[harm.link]
    frame = edges[[name for name in _ROAD_COLUMNS if name in edges]].reset_index(drop=True)
    frame.insert(0, "id", [f"L{number + 1:06d}" for number in harm.link])
    frame["link"] = harm.link
    frame["kind"] = np.where(harm.bridge, "bridge", "detour").astype(object)
    for number, measure in enumerate(_MEASURES):
        frame[measure] = harm.cut_off[:, number]
        frame[f"county_{measure}"] = harm.county[:, number] if access.county else np.nan
    frame["people_on_link"] = harm.on_link[:, -1]
    frame["delayed_people"] = harm.delayed[:, -1]
    frame["extra_person_min"] = harm.extra[:, -1]
    order = ["people", "villages", "extra_person_min", "county_people"]
    frame = frame.sort_values([*order, "id"], ascending=[False] * 4 + [True], kind="stable")
    frame.insert(1, "rank", pd.array(np.arange(1, len(frame) + 1), dtype="Int64"))
    frame["mark"] = frame["rank"].astype(str).where(frame["rank"] <= _MARKED, None)
    delayed = frame["delayed_people"].where(frame["delayed_people"] > 0)
    frame["extra_min"] = frame["extra_person_min"] / delayed
    if not counts_people:
        people = ["people", "county_people", "people_on_link", "delayed_people", "extra_person_min"]
        frame[people] = np.nan
    for name in ("villages", "county_villages"):
        frame[name] = frame[name].astype("Int64")
    lines = edges.geometry.array[frame.index]
    return gpd.GeoDataFrame(frame, geometry=lines, crs=edges.crs).reset_index(drop=True)


def _roads(edges: gpd.GeoDataFrame, firm: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """All links for the map, with what the wet season does to them."""
    kept = edges[[name for name in _ROAD_COLUMNS if name in edges] + ["geometry"]].copy()
    kept.insert(0, "id", [f"L{number:06d}" for number in range(1, len(kept) + 1)])
    kept["open_when_wet"] = firm
    return kept


def _add_seasons(table: pd.DataFrame, access: SeatAccess, season: WetSeason) -> None:
    table["state"] = season.states(access)
    table["minutes"], table["wet_minutes"] = season.dry_min, season.wet_min
    table["extra_minutes"] = season.extra_min
    table["county_cut_off"] = season.county_cut_off
    table["county_reached"] = season.dry_county
    table["walk_m"] = access.near.walk_m
    table["firm_walk_m"] = access.hard.walk_m


def _add_links(table: pd.DataFrame, setting: Setting, links: gpd.GeoDataFrame) -> None:
    """Tell every village how many single links can cut it off, and which ranks first."""
    n_links = setting.access.links.n_edges
    rank = np.full(n_links, np.inf)
    rank[links["link"]] = links["rank"].to_numpy(dtype=float)
    table["single_links"] = pd.Series(
        passed(setting, np.ones(n_links), np.add, 0.0), table.index
    ).astype("Int64")
    first = pd.Series(passed(setting, rank, np.minimum, np.inf), table.index)
    table["worst_rank"] = first.where(np.isfinite(first)).astype("Int64")


def _indicators(
    table: pd.DataFrame, links: gpd.GeoDataFrame, access: SeatAccess, counts_people: bool
) -> list[Indicator]:
    reached = table["minutes"].notna()
    lost = table["state"].isin(_LOST)
    hard = access.hard.attached
    single = table["single_links"].fillna(0) > 0
    found = [
        Indicator.share("wet_cut_off", int(lost.sum()), int(reached.sum()), headline=True),
        Indicator.share("no_firm_road", int((~hard).sum()), len(table)),
        Indicator.share("one_link_away", int(single.sum()), int(reached.sum())),
    ]
    if access.county is not None:
        near = int(table["county_reached"].sum())
        found.append(
            Indicator.share("wet_county_cut_off", int(table["county_cut_off"].sum()), near)
        )
    if counts_people:
        people = table["people"].fillna(0.0)
        all_people = people[reached].sum()
        found.append(Indicator.share("wet_cut_off_population", people[lost].sum(), all_people))
        worst = float(links["people"].max()) if len(links) else 0.0
        found.append(Indicator.share("worst_link_population", worst, all_people))
        through = table["extra_minutes"].notna()
        spent = (people * table["extra_minutes"])[through].sum()
        total = float(people[through].sum())
        mean = float(spent) / total if total else None
        found.append(Indicator("wet_extra_minutes", mean, "min", float(spent), total))
    bridges = links[links["kind"] == "bridge"]
    found.append(Indicator("bridges", float((bridges["villages"] > 0).sum()), "个"))
    return found


def _by_township(table: pd.DataFrame, townships: Layer | None) -> pd.DataFrame:
    reached, lost = table["minutes"].notna(), table["state"].isin(_LOST)
    counts = count_by_township(
        table["township"],
        {
            "villages": np.ones(len(table)),
            "reached": reached,
            "cut_off": lost,
            "no_firm_road": table["state"] == "no_firm_road",
            "longer": table["state"] == "longer",
            "one_link_away": table["single_links"].fillna(0) > 0,
        },
    )
    sums = count_by_township(
        table["township"], {"people_cut_off": table["people"].where(lost, 0.0)}, whole=False
    )
    rows = add_county_row(counts.join(sums).reset_index(), townships)
    denominator = rows["reached"].astype(float)
    rows["share"] = rows["cut_off"].astype(float) / denominator.where(denominator > 0)
    order = ["township", "villages", "reached", "cut_off", "share", "no_firm_road",
             "people_cut_off", "longer", "one_link_away"]  # fmt: skip
    return rows[order]


def _cut_off(table: pd.DataFrame) -> pd.DataFrame:
    """List the villages that the wet season cuts off, those of most people first."""
    lost = table[table["state"].isin(_LOST)]
    lost = lost.sort_values(["people", "id"], ascending=[False, True], kind="stable")
    columns = ["id", "name", "township", "people", "households", "state", "minutes", "walk_m",
               "firm_walk_m", "county_cut_off", "single_links", "worst_rank"]  # fmt: skip
    return lost[columns].reset_index(drop=True)


def _warnings(
    table: pd.DataFrame, access: SeatAccess, seats: pd.DataFrame, counts_people: bool
) -> list[Notice]:
    texts = {
        "unattached": N_(
            "{count} villages lie beyond the attach limit; they have no way in any season and are "
            "not counted as cut off."
        ),
        "unreachable": N_(
            "{count} villages have no road to their seat in any season and are not counted as cut "
            "off."
        ),
    }
    notices = [
        Notice(f"{state}-villages", text, {"count": int((table["state"] == state).sum())})
        for state, text in texts.items()
        if (table["state"] == state).any()
    ]
    names = seats["name"] if "name" in seats else seats["id"]
    aside = {
        "seats-unattached": (
            N_("Seats beyond the attach limit, to which no way is measured: {names}."),
            access.seats[:, 0] < 0,
        ),
        "seats-not-firm": (
            N_("Seats on no road that stays open in the wet season: {names}."),
            (access.seats[:, 0] >= 0) & (access.seats[:, 1] < 0),
        ),
    }
    notices += [
        Notice(code, text, {"names": "、".join(names[which].astype(str))})
        for code, (text, which) in aside.items()
        if which.any()
    ]
    unknown = int(table["people"].isna().sum())
    if not counts_people:
        text = N_("No village has a population; links are ranked by villages.")
        notices.append(Notice("population-missing", text))
    elif unknown:
        text = N_("{count} villages have no population and add no people.")
        notices.append(Notice("population-unknown", text, {"count": unknown}))
    return notices
