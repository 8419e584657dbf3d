"""Road hardening coverage: indicators 17 (access) and 18 (in-village).

A village counts as *connected* when one continuous hardened path leads from it to its committee: a
hardened road lies within the touch limit of both, and the two belong to the same piece of the
hardened network. A village that merely *touches* a hardened road which leads nowhere does not
count; the figure stands beside. What a village misses is the unhardened length on its best path,
the one with the least unhardened kilometres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.hardened_access import (
    HardenedAccess,
    attach_places,
    measure_missing_km,
    with_parents,
)
from yanshan_gis.methods.ledger_streets import LEDGER_KM, ledger_alone
from yanshan_gis.methods.streets import (
    KM_COLUMNS,
    Streets,
    in_village_disagreements,
    in_village_indicators,
)
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.attach import attach
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.stops import Stops
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer

_LEDGER_TELLS = tuple(f"villages.{column}" for column in LEDGER_KM)
VILLAGE_COLUMNS = ["id", "name", "township", "committee", "population", "households"]


@needs(
    villages=Need(fields=("name",)),
    committees=Need(fields=("name",), unless=_LEDGER_TELLS),
    seats=Need(optional=True, rows=False),
    townships=Need(optional=True, rows=False),
    network=Need(fields=("hardened",), unless=_LEDGER_TELLS),
)
def coverage(
    *,
    villages: Layer,
    committees: Layer | None,
    seats: Layer | None,
    townships: Layer | None,
    network: Layer | None,
    county: County,
    attach_limit_m: float,
    touch_limit_m: float,
    parent_limit_m: float,
    in_village_limit_m: float,
    rural_access_m: float,
    village_threshold_share: float,
    target_path_share: float,
    target_in_village_share: float,
) -> Result:
    """Measure how many villages have a continuous hardened path to their committee.

    Parameters
    ----------
    villages
        Natural villages; ``parent`` is the id of their committee, ``exempt`` ones leave the
        denominator.
    committees
        Committees.
    seats
        Township and county seats, for the longer paths; without them those are left out.
    townships
        Polygons, for villages that do not name their township.
    network
        Links of the recipe ``road-network``. Without them, or without committees, only indicator
        18 is measured, from the ledger's kilometres.
    county
        Names the headline definitions of indicators 17 and 18.
    attach_limit_m
        Farthest a village may lie from the road it is attached to.
    touch_limit_m
        Farthest a village may lie from a hardened road that it counts as touching.
    parent_limit_m
        A village that names no committee belongs to the nearest one within this distance.
    in_village_limit_m
        Farthest an in-village road may lie from the village it counts for.
    rural_access_m
        Radius of the Rural Access Index, as the crow flies.
    village_threshold_share
        In-village hardened share from which a village counts as done.
    target_path_share, target_in_village_share
        What the plan asks for.

    Returns
    -------
    Result
        Layers ``villages`` and ``roads``; tables ``by_township``, ``missed``, ``exempt``,
        ``disagreements``, ``in_village_disagreements``.
    """
    if network is None or committees is None or not len(network) or not len(committees):
        given = {"committees": committees, "network": network}
        missing = tuple(name for name, layer in given.items() if layer is None or not len(layer))
        goal = (target_in_village_share, village_threshold_share)
        return ledger_alone(villages, committees, townships, county, *goal, missing)
    roads = RoadNetwork.from_edges(network.frame)
    hardened = np.asarray(network.frame["hardened"], dtype=bool)
    villages, guessed = with_parents(villages, committees, parent_limit_m)
    township = township_of(villages.frame, committees.frame, townships)
    table = _describe(villages.frame, township, committees.frame)
    access = HardenedAccess.measure(
        roads, hardened, villages, township, committees, seats, touch_limit_m
    )
    stops = attach_places(roads, villages.frame, attach_limit_m)
    missing_km = measure_missing_km(roads, hardened, stops, villages, committees, attach_limit_m)
    table["touches"], table["connected"] = access.touches, access.committee
    table["to_township"], table["to_county"] = access.township, access.county
    table["missing_km"] = np.where(access.committee, 0.0, missing_km)
    table["walk_m"] = stops.walk_m
    table["state"] = _state(table, villages.frame, stops)
    per_km = table["population"] / table["missing_km"].where(table["missing_km"] > 0)
    table["people_per_km"] = per_km.astype(float)
    streets = Streets.measure(
        network.frame, villages.frame, township, townships, in_village_limit_m
    )
    table = pd.concat(
        [table, streets.by_village(table.index), _ledger(villages.frame, access.committee)], axis=1
    )
    links = streets.without((table["state"] == "exempt").to_numpy())
    counted = table[table["state"] != "exempt"]
    in_village, notices = in_village_indicators(
        counted, links, county, target_in_village_share, village_threshold_share
    )
    indicators = (
        *_access_indicators(counted, seats, county, target_path_share),
        _km_share(network.frame, hardened),
        *_rural_access(roads, network.frame, hardened, villages.frame, rural_access_m),
        *in_village,
    )
    points = gpd.GeoDataFrame(table, geometry=villages.frame.geometry.array, crs=villages.crs)
    return Result(
        indicators=indicators,
        layers={"villages": points, "roads": _drawn_roads(network.frame)},
        tables={
            **_tables(table, counted, links, townships),
            "in_village_disagreements": in_village_disagreements(counted, village_threshold_share),
        },
        warnings=(*notices, *_by_position(guessed), *_warnings(table)),
    )


def _by_position(guessed: NDArray[np.bool_]) -> list[Notice]:
    if not guessed.any():
        return []
    text = N_("{count} villages name no committee and count for the nearest one.")
    return [Notice("parents-by-position", text, {"count": int(guessed.sum())})]


def _describe(
    villages: gpd.GeoDataFrame, township: pd.Series, committees: gpd.GeoDataFrame
) -> pd.DataFrame:
    table = pd.DataFrame({"id": villages["id"], "name": villages["name"]})
    table["township"] = township
    names = dict(zip(committees["id"], committees["name"], strict=True))
    table["committee_id"] = villages["parent"]
    table["committee"] = villages["parent"].map(names)
    for column in ("population", "households"):
        values = villages.get(column, np.nan)
        table[column] = pd.Series(values, index=villages.index, dtype="Float64").astype(float)
    table["exempt_reason"] = villages.get("exempt_reason")
    return table


def _state(table: pd.DataFrame, villages: gpd.GeoDataFrame, stops: Stops) -> NDArray[np.object_]:
    exempt = _flag(villages, "exempt")
    return np.select(
        [
            exempt,
            table["connected"],
            table["committee"].isna(),
            stops.edge < 0,
            table["missing_km"].isna(),
            table["touches"],
        ],
        ["exempt", "connected", "no_committee", "unattached", "unreachable", "touching"],
        default="soft",
    ).astype(object)


def _flag(frame: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """Read a yes/no column in which a gap means no; all no where the column is absent."""
    if name not in frame:
        return np.zeros(len(frame), dtype=bool)
    return frame[name].astype("boolean").fillna(False).to_numpy(dtype=bool)


def _ledger(villages: gpd.GeoDataFrame, connected: NDArray[np.bool_]) -> pd.DataFrame:
    known = pd.Series(pd.NA, index=villages.index, dtype="boolean")
    if "ledger_hardened_access" in villages:
        known = villages["ledger_hardened_access"].astype("boolean")
    table = pd.DataFrame({"ledger_hardened_access": known, "ledger_differs": known != connected})
    for column in ("ledger_in_village_km", "ledger_in_village_hardened_km"):
        table[column] = villages[column].astype(float) if column in villages else np.nan
    return table


def _access_indicators(
    counted: pd.DataFrame, seats: Layer | None, county: County, target: float
) -> list[Indicator]:
    headline = county.headlines.get("17", "hardened_path")
    figures = {"hardened_path": counted["connected"], "touching": counted["touches"]}
    if seats is not None and len(seats):
        figures["hardened_path_township"] = counted["to_township"]
        figures["hardened_path_county"] = counted["to_county"]
    found = []
    for key, column in figures.items():
        head = key == headline
        goal = target if head else None
        found.append(
            Indicator.share(key, int(column.sum()), len(counted), target=goal, headline=head)
        )
    ledger = counted["ledger_hardened_access"].dropna()
    if len(ledger):
        found.append(Indicator.share("ledger_hardened_access", int(ledger.sum()), len(ledger)))
    return sorted(found, key=lambda indicator: not indicator.headline)


def _km_share(edges: gpd.GeoDataFrame, hardened: NDArray[np.bool_]) -> Indicator:
    access = np.ones(len(edges), dtype=bool)
    if "scope" in edges:
        access = (edges["scope"] != "in_village").to_numpy(dtype=bool, na_value=True)
    km = edges["length_m"].to_numpy() / 1000
    return Indicator.share("hardened_km", km[access & hardened].sum(), km[access].sum())


def _rural_access(
    roads: RoadNetwork,
    edges: gpd.GeoDataFrame,
    hardened: NDArray[np.bool_],
    villages: gpd.GeoDataFrame,
    radius_m: float,
) -> list[Indicator]:
    """Share of people within the radius of an all-season road, as the crow flies."""
    if "population" not in villages or not villages["population"].notna().any():
        return []
    all_season = hardened
    if "all_season" in edges and edges["all_season"].notna().any():
        all_season = _flag(edges, "all_season")
    x, y = villages.geometry.x.to_numpy(), villages.geometry.y.to_numpy()
    near = attach(roads, x, y, limit_m=radius_m, edge_mask=all_season).edge >= 0
    people = villages["population"].astype("Float64").fillna(0).to_numpy(dtype=float)
    return [Indicator.share("rural_access_index", people[near].sum(), people.sum())]


def _tables(
    table: pd.DataFrame, counted: pd.DataFrame, links: pd.DataFrame, townships: Layer | None
) -> dict[str, pd.DataFrame]:
    shown = VILLAGE_COLUMNS
    gap = ["state", "missing_km", "walk_m", "people_per_km"]
    missed = counted[~counted["connected"]].sort_values(
        ["people_per_km", "missing_km", "id"], ascending=[False, True, True], kind="stable"
    )
    exempt = table[table["state"] == "exempt"]
    differ = counted[counted["ledger_differs"].fillna(False).astype(bool)]
    return {
        "by_township": _by_township(table, counted, links, townships),
        "missed": missed[[*shown, *gap]].reset_index(drop=True),
        "exempt": exempt[[*shown, "exempt_reason"]].reset_index(drop=True),
        "disagreements": differ[
            [*shown, "state", "connected", "ledger_hardened_access", "missing_km"]
        ].reset_index(drop=True),
    }


def _by_township(
    table: pd.DataFrame, counted: pd.DataFrame, links: pd.DataFrame, townships: Layer | None
) -> pd.DataFrame:
    columns = count_by_township(
        table["township"],
        {
            "villages": np.ones(len(table)),
            "exempt": table["state"] == "exempt",
        },
    )
    more = count_by_township(
        counted["township"],
        {
            "denominator": np.ones(len(counted)),
            "connected": counted["connected"],
            "touching": counted["touches"],
            "unattached": counted["state"] == "unattached",
        },
    )
    km = count_by_township(counted["township"], {"missing_km": counted["missing_km"]}, whole=False)
    street_km = count_by_township(
        links["township"], {name: links[name] for name in KM_COLUMNS}, whole=False
    )
    rows = columns.join(more).join(km).join(street_km, how="outer")
    counts = [*columns.columns, *more.columns]
    rows[counts] = rows[counts].fillna(0).astype("Int64")
    rows = add_county_row(rows.reset_index(), townships)
    rows["share"] = rows["connected"].astype(float) / rows["denominator"].astype(float)
    all_km = rows["in_village_km"].where(rows["in_village_km"] > 0)
    rows["in_village_share"] = rows["in_village_hardened_km"] / all_km
    order = ["township", "villages", "exempt", "denominator", "connected", "share", "touching",
             "unattached", "missing_km", "in_village_km", "in_village_hardened_km",
             "in_village_share"]  # fmt: skip
    return rows[order]


def _warnings(table: pd.DataFrame) -> list[Notice]:
    texts = {
        "unattached": N_("{count} villages lie beyond the attach limit and count as missed."),
        "unreachable": N_("{count} villages have no road to their committee."),
        "no_committee": N_("{count} villages name no known committee and count as missed."),
    }
    notices = []
    for state, text in texts.items():
        count = int((table["state"] == state).sum())
        if count:
            notices.append(Notice(f"{state.replace('_', '-')}-villages", text, {"count": count}))
    differ = int(table["ledger_differs"].fillna(False).sum())
    if differ:
        text = N_("The ledger and the map disagree on {count} villages.")
        notices.append(Notice("ledger-differs", text, {"count": differ}))
    return notices


def _drawn_roads(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Links for the map, with what the sheet's style and a reader of the table need."""
    wanted = ["road_id", "name", "admin_class", "surface", "scope", "hardened", "length_m"]
    kept = edges[[name for name in wanted if name in edges] + ["geometry"]].copy()
    kept.insert(0, "id", [f"L{number:06d}" for number in range(1, len(kept) + 1)])
    return kept
