"""Catchments: every village and every road to its nearest facility by minutes.

Roads are cut where two facilities are equally near. The polygon of a catchment is a *drawing* of
who has which road: all ground goes to the facility of the nearest road as the crow flies. A
village counts by its own road and walk, not by where its point falls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.allocation import Allocation, distinct_names, off_road, standing
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.residents import NUMBERS, residents_notices
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.cells import Cells, divide
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yanshan_gis.layer import Layer
    from yanshan_gis.network.stretches import Stretches

# Classes of the style; a map that would need more repeats them.
COLOURS = 8
UNSERVED = "none"


@needs(
    villages=Need(fields=("name", "level")),
    facilities=Need(),
    townships=Need(optional=True, rows=False),
    ground=Need(optional=True, rows=False),
    network=Need(fields=("minutes",)),
)
def measure(
    *,
    villages: Layer,
    facilities: Layer,
    townships: Layer | None,
    ground: Layer | None,
    network: Layer,
    statuses: tuple[str, ...],
    capacities: tuple[str, ...],
    direction: str,
    attach_limit_m: float,
    walk_speed_kmh: float,
    spacing_m: float,
) -> Result:
    """Give every village and every road to the facility it reaches in the fewest minutes.

    Parameters
    ----------
    villages
        Committees and natural villages; see `residents` for how people are counted once.
    facilities
        Features of any kind; of lines and areas a point on them is taken.
    townships
        Polygons, for villages that do not name their township.
    ground
        The county's polygon, which is divided; without it, the ground near the roads is.
    network
        Links of the recipe ``road-network``.
    statuses
        Facilities of the first of these statuses that any has; see `standing`.
    capacities
        Number fields of the facilities; of each facility the first that is known, in its own unit,
        never converted or added to another.
    direction
        ``to`` the facility or ``from`` it.
    attach_limit_m
        Farthest a place may lie from its road.
    walk_speed_kmh
        For the way between a place and its road.
    spacing_m
        Between the points along the roads whose cells the polygons are made of.

    Returns
    -------
    Result
        Layers ``catchments``, ``edges``, ``facilities``, ``villages``; tables ``by_facility``,
        ``unserved``.
    """
    sites, notices = standing(facilities, statuses)
    if not len(sites):
        return Result(status="not_computable", missing=("facilities",))
    found = Allocation.measure(
        network.frame,
        villages.frame,
        sites,
        direction=direction,
        attach_limit_m=attach_limit_m,
        walk_speed_kmh=walk_speed_kmh,
    )
    names = distinct_names(sites)
    rows = found.village_rows(villages.frame, names, townships)
    rows["state"] = rows["reason"].where(rows["reason"].notna(), "served")
    parts = found.stretches()
    edges = road_rows(found, parts, names)
    area = ground_of(ground, edges, attach_limit_m)
    owner = edges["owner"].to_numpy(dtype=np.int32)
    cells = divide(edges.geometry.to_numpy(), owner, area, spacing_m=spacing_m)
    table = _by_facility(rows, found, sites, names, facilities, capacities)
    polygons = _polygons(cells, names, table, found.network.crs)
    colour = dict(zip(polygons["facility"], polygons["colour"], strict=True))
    sites = sites.assign(
        facility=names,
        colour=pd.Series(names).map(colour).astype(object),
        walk_m=found.sites.stops.walk_m,
        reason=off_road(found.sites),
    )
    edges["colour"] = edges["facility"].map(colour).astype(object).fillna(UNSERVED)
    return Result(
        indicators=tuple(_indicators(rows, edges)),
        layers={
            "catchments": polygons,
            "edges": edges.drop(columns="owner"),
            "facilities": sites,
            "villages": rows.assign(colour=rows["facility"].map(colour).astype(object)),
        },
        tables={"by_facility": table, "unserved": _unserved(rows)},
        warnings=(
            *notices,
            *found.notices(),
            *_without_roads(parts, found),
            *residents_notices(villages.frame),
            Notice(
                "catchments-drawn",
                N_(
                    "Catchment polygons are drawn from the nearest road as the crow flies; a "
                    "village counts by its own road."
                ),
            ),
        ),
    )


def road_rows(found: Allocation, parts: Stretches, names: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Return the roads with their facility, those that reach none too.

    Parameters
    ----------
    found
        Places with their nearest facility.
    parts
        Its roads, cut at the watersheds.
    names
        Of the facilities.

    Returns
    -------
    geopandas.GeoDataFrame
        ``road_id``, ``facility`` (None for none), ``length_m``, ``served``, ``owner`` (-1).
    """
    network = found.network
    alone = np.setdiff1d(np.arange(network.n_edges), parts.edge)
    edge = np.concatenate([parts.edge, alone])
    owner = np.concatenate([parts.owner, np.full(len(alone), -1, dtype=np.int32)])
    rows = pd.DataFrame(network.edges[["road_id"]]).take(edge).reset_index(drop=True)
    rows["facility"] = np.array([*names, None], dtype=object)[owner]
    rows["length_m"] = np.concatenate([parts.length_m(network), network.length_m[alone]])
    rows["served"] = owner >= 0
    rows["owner"] = owner
    lines = np.concatenate([parts.lines(network), network.edges.geometry.to_numpy()[alone]])
    return gpd.GeoDataFrame(rows, geometry=lines, crs=network.crs)


def ground_of(ground: Layer | None, edges: gpd.GeoDataFrame, walk_m: float) -> Any:
    """Return the ground to divide: the county, or else the hull of the roads and a walk more.

    Parameters
    ----------
    ground
        The county's polygon.
    edges
        Lines.
    walk_m
        How much more.

    Returns
    -------
    shapely.Geometry
        A polygon or several.
    """
    if ground is not None and len(ground):
        return ground.frame.union_all()
    hull = shapely.convex_hull(shapely.multilinestrings(edges.geometry.to_numpy()))
    return shapely.buffer(hull, walk_m)


def _polygons(
    cells: Cells, names: NDArray[np.object_], table: pd.DataFrame, crs: Any
) -> gpd.GeoDataFrame:
    """Return the catchments with their colour class; -1 is the ground of roads to no facility."""
    served = cells.owner >= 0
    classes = np.array([str(colour % COLOURS + 1) for colour in cells.colours()], dtype=object)
    rows = pd.DataFrame(
        {
            "facility": np.array([*names, None], dtype=object)[cells.owner],
            "colour": np.where(served, classes, UNSERVED).astype(object),
            "area_km2": shapely.area(cells.geometry) / 1e6,
        }
    )
    people = table.set_index("facility")[["committees", "villages", *NUMBERS]]
    rows = rows.join(people, on="facility")
    return gpd.GeoDataFrame(rows, geometry=cells.geometry, crs=crs)


def _by_facility(
    rows: pd.DataFrame,
    found: Allocation,
    sites: gpd.GeoDataFrame,
    names: NDArray[np.object_],
    facilities: Layer,
    capacities: Sequence[str],
) -> pd.DataFrame:
    """Describe every catchment, most people first; means are weighted by people."""
    owner, count = found.facility, len(sites)
    has = owner >= 0
    people = rows["population"].fillna(0.0).to_numpy()
    minutes = found.minutes

    def total(column: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(owner[has], column[has], minlength=count).astype(float)

    level = rows["level"].to_numpy(dtype=object)
    told = pd.DataFrame({"facility": names})
    for name, column in (
        ("committees", level == "committee"),
        ("villages", level == "natural"),
        ("households", rows["households"].fillna(0.0).to_numpy()),
        ("population", people),
    ):
        told[name] = pd.Series(total(np.asarray(column, dtype=float))).round().astype("Int64")
    weights = total(people)
    means = np.full(count, np.nan)
    np.divide(total(people * np.nan_to_num(minutes)), weights, out=means, where=weights > 0)
    told["mean_min"] = means
    inhabited = has & (rows["population"] != 0).to_numpy()
    told["longest_min"] = pd.Series(minutes[inhabited]).groupby(owner[inhabited]).max()
    told["capacity"], told["capacity_unit"] = _capacity(sites, facilities, capacities)
    told["people_per_unit"] = weights / told["capacity"].where(told["capacity"] > 0)
    told["id"], told["reason"] = sites["id"], off_road(found.sites)
    return told.sort_values("population", ascending=False, kind="stable").reset_index(drop=True)


def _capacity(
    sites: gpd.GeoDataFrame, facilities: Layer, capacities: Sequence[str]
) -> tuple[pd.Series, pd.Series]:
    """Return the first known quantity of every facility, with its unit."""
    value = pd.Series(np.nan, sites.index)
    unit = pd.Series(None, sites.index, dtype=object)
    for name in capacities:
        field = facilities.definition.fields.get(name)
        if field is None or name not in sites:
            continue
        own = amount(sites, name)
        first = value.isna() & own.notna()
        value[first], unit[first] = own[first], field.unit
    return value, unit


def _indicators(rows: pd.DataFrame, edges: pd.DataFrame) -> list[Indicator]:
    served = rows["reason"].isna().to_numpy()
    told = []
    for key, column in (
        ("population_served", rows["population"].fillna(0.0)),
        ("households_served", rows["households"].fillna(0.0)),
        ("committees_served", (rows["level"] == "committee").astype(float)),
        ("villages_served", (rows["level"] == "natural").astype(float)),
    ):
        if column.sum() > 0:
            told.append(Indicator.share(key, float(column[served].sum()), float(column.sum())))
    km = edges["length_m"] / 1000
    told.append(Indicator.share("km_served", float(km[edges["served"]].sum()), float(km.sum())))
    people = rows["population"].fillna(0.0).to_numpy()[served]
    minutes = rows["minutes"].to_numpy()[served]
    if people.sum() > 0:
        mean = float((people * minutes).sum() / people.sum())
        told.append(Indicator("mean_min", mean, "min"))
    inhabited = (rows["population"] != 0).to_numpy()[served]
    if inhabited.any():
        told.append(Indicator("longest_min", float(minutes[inhabited].max()), "min"))
    return told


def _unserved(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    columns = ["id", "name", "level", "township", *NUMBERS, "reason", "walk_m"]
    listed = pd.DataFrame(rows.loc[rows["reason"].notna(), columns])
    return listed.reset_index(drop=True)


def _without_roads(parts: Stretches, found: Allocation) -> list[Notice]:
    """Say how many facilities are nearest to no road, because another is as near everywhere."""
    count = int(found.sites.attached.sum()) - len(np.unique(parts.owner))
    if not count:
        return []
    text = N_("{count} facilities are nearest to no road: another one stands as near or nearer.")
    return [Notice("facilities-without-catchment", text, {"count": count})]
