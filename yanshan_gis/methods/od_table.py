"""Origin–destination tables: minutes and kilometres of the quickest way of every pair.

Kilometres are those of the quickest way, because that is the way people take; a shorter one over a
worse road may exist. Minutes and kilometres both count the walk at either end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.od_routes import route_layer, route_segments
from yanshan_gis.methods.places import Places, place
from yanshan_gis.methods.positions import positions
from yanshan_gis.methods.townships import COUNTY_ROW, in_official_order, township_of
from yanshan_gis.methods.trips import Direction, Trips, names_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    import geopandas as gpd

    from yanshan_gis.layer import Layer

# A GeoPackage table holds at most 2,000 columns.
_MATRIX_COLUMNS = 1000
_OWN_COLUMNS = ("id", "name", "township", "reason")


@needs(
    origins=Need(fields=("geometry",)),
    destinations=Need(fields=("geometry",)),
    townships=Need(optional=True, rows=False),
    network=Need(fields=("minutes",)),
)
def build(
    *,
    origins: Layer,
    destinations: Layer,
    townships: Layer | None,
    network: Layer,
    direction: Direction,
    nearest: float,
    most_pairs: float,
    attach_limit_m: float,
    walk_speed_kmh: float,
) -> Result:
    """Measure the quickest way between every origin and every destination.

    Parameters
    ----------
    origins, destinations
        Features of any kind; of lines and areas a point on them is taken.
    townships
        Polygons, for origins that do not name their township, and for the order of the rows.
    network
        Links of the recipe ``road-network``.
    direction
        ``to`` for trips from the origins to the destinations, ``from`` for the way back.
    nearest
        How many destinations of each origin are told, nearest by time; 0 for all.
    most_pairs
        Rows the table may have. All pairs being more, each origin's nearest are told, as many as
        fit.
    attach_limit_m
        Farthest a place may lie from the road it is attached to.
    walk_speed_kmh
        For the way between a place and its road.

    Returns
    -------
    Result
        Layers ``routes``, ``origins``, ``destinations``; tables ``by_township``, ``table``,
        ``matrix`` (where all pairs are told), ``segments``, ``unreachable``.

    Raises
    ------
    UsageError
        When a parameter is not what it may be.
    DataError
        When not even one destination per origin fits into the table.
    """
    starts, goals = (
        positions(layer.frame.sort_values("id", kind="stable")) for layer in (origins, destinations)
    )
    count, cut = _count(nearest, most_pairs, len(starts), len(goals))
    roads, (homes, sites) = place(
        RoadNetwork.from_edges(network.frame),
        [starts, goals],
        attach_limit_m=attach_limit_m,
        walk_speed_kmh=walk_speed_kmh,
    )
    trips = Trips.every(roads, homes, sites, direction=direction, nearest_only=count)
    township = township_of(starts, townships=townships)
    rows = _origins(starts, township, trips, goals)
    ways = trips.routes(trips.nearest[trips.nearest >= 0])
    routes = route_layer(rows, ways, trips, goals)
    told = _table(trips, starts, township, goals)
    tables = {
        "by_township": _by_township(rows, townships),
        "table": told,
        "segments": route_segments(rows, ways, trips),
        "unreachable": _unreachable(trips, starts, goals, whole=not count),
    }
    warnings = [*cut, *_warnings(rows, sites)]
    if not count and len(goals) <= _MATRIX_COLUMNS:
        tables["matrix"] = _matrix(trips, rows, goals)
    elif not count:
        text = N_("{count} destinations are more than a matrix has columns for; see the table.")
        warnings.append(Notice("matrix-left-out", text, {"count": len(goals)}))
    return Result(
        indicators=tuple(_indicators(rows, trips, routes)),
        layers={
            "routes": routes,
            "origins": rows,
            "destinations": _destinations(goals, rows, sites),
        },
        tables=tables,
        warnings=tuple(warnings),
    )


def _count(
    nearest: float, most_pairs: float, origins: int, destinations: int
) -> tuple[int, list[Notice]]:
    """Tell how many destinations of each origin are told, 0 for all; say so where all are not."""
    if nearest < 0 or nearest != int(nearest):
        text = N_("{count:g} nearest destinations were asked for; ask for 0 (all), 1, 2, …")
        raise UsageError("nearest-count-wrong", text, count=nearest)
    each = min(int(nearest), destinations) or destinations
    if origins * each <= most_pairs:
        return int(nearest) and each, []
    fitting = int(most_pairs // origins)
    values = {"pairs": origins * each, "most": int(most_pairs), "nearest": fitting}
    if not fitting:
        text = N_(
            "The table would have {pairs} rows, and one per origin alone is more than the {most} "
            "allowed; raise most_pairs or take fewer origins."
        )
        raise DataError("table-too-large", text, **values)
    text = N_(
        "All {pairs} pairs are more than the {most} rows allowed: of each origin the {nearest} "
        "nearest destinations are told. Raise most_pairs for more."
    )
    return fitting, [Notice("table-cut", text, values)]


def _origins(
    starts: gpd.GeoDataFrame, township: pd.Series, trips: Trips, goals: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Tell of every origin its nearest destination, or why there is none."""
    trip = trips.nearest
    rows = starts[["id", "geometry"]].copy()
    rows.insert(1, "name", names_of(starts))
    rows.insert(2, "township", township)
    reached = trip >= 0
    rows["state"] = np.select(
        [reached, trips.origins.attached], ["reached", "no_way"], default="unattached"
    ).astype(object)
    site = trips.destination[trip[reached]]
    for column, values in {"destination_id": goals["id"], "destination": names_of(goals)}.items():
        rows[column] = pd.Series(None, index=rows.index, dtype=object)
        rows.loc[reached, column] = values.to_numpy(dtype=object)[site]
    for column, numbers in {"minutes": trips.minutes, "km": trips.km}.items():
        rows[column] = np.append(numbers, np.nan)[trip]  # -1, no trip, takes the last
    rows["walk_m"] = trips.origins.stops.walk_m
    return rows


def _destinations(
    goals: gpd.GeoDataFrame, rows: gpd.GeoDataFrame, sites: Places
) -> gpd.GeoDataFrame:
    """Tell of every destination how many origins it is the nearest of."""
    frame = goals[["id", "geometry"]].copy()
    frame.insert(1, "name", names_of(goals))
    if "township" in goals:
        frame.insert(2, "township", goals["township"])
    served = rows["destination_id"].value_counts()
    frame["origins"] = frame["id"].map(served).fillna(0).astype("Int64")
    frame["state"] = np.where(sites.attached, "attached", "unattached").astype(object)
    frame["walk_m"] = sites.stops.walk_m
    return frame


def _table(
    trips: Trips, starts: gpd.GeoDataFrame, township: pd.Series, goals: gpd.GeoDataFrame
) -> pd.DataFrame:
    start, goal = trips.origin, trips.destination
    columns = {
        "origin_id": starts["id"].to_numpy(dtype=object)[start],
        "origin": names_of(starts).to_numpy(dtype=object)[start],
        "township": township.to_numpy(dtype=object)[start],
        "rank": pd.array(trips.rank, dtype="Int64"),
        "destination_id": goals["id"].to_numpy(dtype=object)[goal],
        "destination": names_of(goals).to_numpy(dtype=object)[goal],
        "minutes": trips.minutes,
        "km": trips.km,
        "origin_walk_m": trips.origins.walk_m[start],
        "destination_walk_m": trips.destinations.walk_m[goal],
    }
    return pd.DataFrame(columns)


def _matrix(trips: Trips, rows: gpd.GeoDataFrame, goals: gpd.GeoDataFrame) -> pd.DataFrame:
    """Set minutes as rows of origins and columns of destinations; empty where there is no way."""
    cells = np.full((len(rows), len(goals)), np.nan)
    cells[trips.origin, trips.destination] = trips.minutes
    headings = _headings(goals)
    found = pd.DataFrame(rows[["id", "name", "township"]])
    found["reason"] = rows["state"].where(rows["state"] != "reached", None)
    return pd.concat([found, pd.DataFrame(cells, columns=headings, index=found.index)], axis=1)


def _headings(goals: gpd.GeoDataFrame) -> list[str]:
    """Name columns by destination; where names meet, whatever their case, with the id."""
    names = names_of(goals).astype(str)
    same = names.str.casefold()
    unclear = same.duplicated(keep=False) | same.isin(_OWN_COLUMNS)
    return names.where(~unclear, names + " " + goals["id"].astype(str)).tolist()


def _unreachable(
    trips: Trips, starts: gpd.GeoDataFrame, goals: gpd.GeoDataFrame, *, whole: bool
) -> pd.DataFrame:
    """List what no trip leads between, and why.

    A place that no trip touches is one row, its other side empty; beside these stand the pairs
    without a way. Where only the nearest are told, nothing is known of further pairs.
    """
    lost = np.ones(len(starts), dtype=bool), np.ones(len(goals), dtype=bool)
    lost[0][trips.origin] = False
    lost[1][trips.destination] = False
    if not whole:
        lost[1][trips.destinations.attached] = False
    pairs = np.zeros((2, 0), dtype=np.int64)
    if whole:
        missing = np.ones((len(starts), len(goals)), dtype=bool)
        missing[trips.origin, trips.destination] = False
        missing[lost[0]], missing[:, lost[1]] = False, False
        pairs = np.stack(np.nonzero(missing))
    alone = [np.flatnonzero(side) for side in lost]
    start = np.concatenate([alone[0], np.full(len(alone[1]), -1), pairs[0]])
    goal = np.concatenate([np.full(len(alone[0]), -1), alone[1], pairs[1]])
    reason = [
        reasons[rows]
        for reasons, rows in zip(
            (_reasons(trips.origins), _reasons(trips.destinations)), alone, strict=True
        )
    ]
    columns: dict[str, object] = {}
    for name, frame, rows in (("origin", starts, start), ("destination", goals, goal)):
        for column, values in ((f"{name}_id", frame["id"]), (name, names_of(frame))):
            columns[column] = np.array([*values, None], dtype=object)[rows]
    columns["reason"] = np.concatenate([*reason, np.full(pairs.shape[1], "no_way", dtype=object)])
    return pd.DataFrame(columns)


def _reasons(places: Places) -> NDArray[np.object_]:
    """Say why a place has no trip: its own distance from a road, or no way along the roads."""
    own = [None if why is None else str(why).replace(" ", "_") for why in places.stops.reason]
    return np.array(["no_way" if why is None else why for why in own], dtype=object)


def _by_township(rows: gpd.GeoDataFrame, townships: Layer | None) -> pd.DataFrame:
    """Sum up the way to the nearest destination; means are over the origins that reach one."""
    figures = {
        "origins": ("id", "size"),
        "reached": ("minutes", "count"),
        "mean_min": ("minutes", "mean"),
        "median_min": ("minutes", "median"),
        "longest_min": ("minutes", "max"),
        "mean_km": ("km", "mean"),
    }
    plain = pd.DataFrame(rows.drop(columns="geometry"))
    each, county = (
        part.groupby("township").agg(**figures).reset_index()
        for part in (plain, plain.assign(township=COUNTY_ROW))
    )
    return pd.concat([in_official_order(each, townships), county], ignore_index=True)


def _indicators(rows: gpd.GeoDataFrame, trips: Trips, routes: gpd.GeoDataFrame) -> list[Indicator]:
    minutes = rows["minutes"].dropna()
    median, longest = (minutes.median(), minutes.max()) if len(minutes) else (None, None)
    figures = [
        Indicator("median_min", median, "min", headline=True),
        Indicator("longest_min", longest, "min"),
        Indicator.share("reached", len(minutes), len(rows)),
    ]
    if "hardened_km" in routes:
        known = routes["hardened_km"].notna()
        km = (routes["hardened_km"][known].sum(), routes["road_km"][known].sum())
        figures.append(Indicator.share("hardened", *km))
    return [*figures, Indicator("pairs", float(len(trips)), "个")]


def _warnings(rows: gpd.GeoDataFrame, sites: Places) -> list[Notice]:
    text = N_("Kilometres are those of the quickest way, not of the shortest; walks count.")
    counts = {
        "origins-unattached": (rows["state"] == "unattached").sum(),
        "origins-no-way": (rows["state"] == "no_way").sum(),
        "destinations-unattached": (~sites.attached).sum(),
    }
    texts = {
        "origins-unattached": N_("{count} origins are on no road; no time is told for them."),
        "origins-no-way": N_("From {count} origins no road leads to any destination."),
        "destinations-unattached": N_("{count} destinations are on no road; none reaches them."),
    }
    return [
        Notice("km-of-the-quickest", text),
        *(Notice(code, texts[code], {"count": int(n)}) for code, n in counts.items() if n),
    ]
