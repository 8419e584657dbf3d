"""Service areas: what lies within so many minutes of a facility by road.

The bands ask how far the *nearest* facility is; the table by facility asks what each reaches
*alone*, so its rows overlap and have no sum.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.allocation import Allocation, distinct_names, off_road, standing
from yanshan_gis.methods.minute_bands import (
    band_titles,
    by_band,
    by_township,
    counted,
    with_bands,
)
from yanshan_gis.methods.residents import NUMBERS, residents_notices
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.areas import check_breaks, service_km
from yanshan_gis.network.buffers import band_polygons
from yanshan_gis.network.tables import table
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer
    from yanshan_gis.network.stretches import Stretches


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
    breaks_min: tuple[float, ...],
    direction: str,
    attach_limit_m: float,
    walk_speed_kmh: float,
) -> Result:
    """Measure which roads, villages and people lie within so many minutes of a facility.

    Roads are cut where the minutes run out, facilities' own walks counted. The polygons are the
    ground within `attach_limit_m` of those roads: a drawing of them, in which a village counts by
    its own road and walk and not by where its point falls.

    Parameters
    ----------
    villages
        Committees and natural villages; see `residents` for how people are counted once.
    facilities
        Features of any kind; of lines and areas a point on them is taken.
    townships
        Polygons, for villages that do not name their township.
    ground
        The county's polygon, to which the bands are cut.
    network
        Links of the recipe ``road-network``.
    statuses
        Facilities of the first of these statuses that any has; see `standing`.
    breaks_min
        Ascending; the last is the limit.
    direction
        ``to`` the facility or ``from`` it.
    attach_limit_m
        Farthest a place may lie from its road.
    walk_speed_kmh
        For the way between a place and its road.

    Returns
    -------
    Result
        Layers ``bands``, ``edges``, ``facilities``, ``villages``; tables ``by_facility``,
        ``by_township``, ``by_band``, ``unserved``.
    """
    breaks = check_breaks(breaks_min)
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
    rows = with_bands(found.village_rows(villages.frame, names, townships), breaks)
    parts = found.stretches(tuple(breaks))
    lines = parts.lines(found.network)
    return Result(
        indicators=tuple(_indicators(rows, parts, found, breaks)),
        layers={
            "bands": _bands(parts, lines, found, breaks, attach_limit_m, ground),
            "edges": _edges(parts, lines, found, breaks, names),
            "facilities": sites.assign(
                walk_m=found.sites.stops.walk_m, reason=off_road(found.sites)
            ),
            "villages": rows,
        },
        tables={
            "by_facility": _by_facility(rows, found, sites, names, breaks),
            "by_township": by_township(rows, breaks, townships),
            "by_band": by_band(rows, breaks, townships),
            "unserved": _unserved(rows),
        },
        warnings=(
            *notices,
            *found.notices(),
            *_beyond(rows, breaks),
            *residents_notices(villages.frame),
        ),
    )


def _bands(
    parts: Stretches,
    lines: NDArray[np.object_],
    found: Allocation,
    breaks: NDArray[np.float64],
    walk_m: float,
    ground: Layer | None,
) -> gpd.GeoDataFrame:
    count = len(breaks)
    within = ground.frame.union_all() if ground is not None and len(ground) else None
    shapes = band_polygons(lines, parts.band, count, walk_m=walk_m, within=within)
    km = np.bincount(parts.band, parts.length_m(found.network) / 1000, minlength=count)
    rows = pd.DataFrame(
        {
            "band": pd.array(np.arange(1, count + 1), dtype="Int64"),
            "minutes_band": band_titles(breaks),
            "up_to_min": breaks,
            "road_km": km,
        }
    )
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=found.network.crs)
    frame["area_km2"] = frame.area / 1e6
    return frame[~frame.is_empty].reset_index(drop=True)


def _edges(
    parts: Stretches,
    lines: NDArray[np.object_],
    found: Allocation,
    breaks: NDArray[np.float64],
    names: NDArray[np.object_],
) -> gpd.GeoDataFrame:
    rows = found.network.edges[["road_id"]].take(parts.edge).reset_index(drop=True)
    rows["facility"] = names[parts.owner]
    rows["band"] = pd.array(parts.band + 1, dtype="Int64")
    rows["minutes_band"] = band_titles(breaks)[parts.band]
    rows["length_m"] = parts.length_m(found.network)
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=lines, crs=found.network.crs)


def _indicators(
    rows: pd.DataFrame, parts: Stretches, found: Allocation, breaks: NDArray[np.float64]
) -> list[Indicator]:
    """Give the shares within the last break, then the people within each."""
    minutes = rows["minutes"].to_numpy()
    told = []
    known = {name: column for name, column in counted(rows).items() if column.sum() > 0}
    for name, column in sorted(known.items(), key=lambda item: item[0] != "population"):
        for limit in breaks[::-1] if name == "population" else breaks[-1:]:
            near = float(column[minutes <= limit].sum())
            share = Indicator.share(f"{name}_within", near, float(column.sum()))
            told.append(_about(share, limit))
    km = parts.length_m(found.network).sum() / 1000
    roads = Indicator.share("km_within", km, found.network.length_m.sum() / 1000)
    return [*told, _about(roads, breaks[-1])]


def _about(indicator: Indicator, limit: float) -> Indicator:
    return replace(indicator, subject=f"≤{limit:g} min")


def _by_facility(
    rows: pd.DataFrame,
    found: Allocation,
    sites: gpd.GeoDataFrame,
    names: NDArray[np.object_],
    breaks: NDArray[np.float64],
) -> pd.DataFrame:
    """Tell what each facility reaches alone within each break; one row per facility and break."""
    homes, places, limit = found.homes, found.sites, float(breaks[-1])
    ends = (homes.node, places.node) if found.toward else (places.node, homes.node)
    between = table(found.network, *ends, cutoff=limit)
    between = between if found.toward else between.T
    minutes = between + homes.walk_min[:, None] + places.walk_min[None, :]
    km = service_km(
        found.network, places.node, breaks, toward=found.toward, offsets=places.walk_min
    )
    on_road = places.attached
    blocks = []
    for index, until in enumerate(breaks):
        block = pd.DataFrame({"id": sites["id"], "facility": names, "within_min": until})
        block["road_km"] = km[:, index]
        near = (minutes <= until).astype(float)
        for name, column in counted(rows).items():
            sums = np.where(on_road, column @ near, np.nan)
            block[name] = pd.array(sums, dtype="Float64").astype("Int64")
        block["reason"] = off_road(places)
        block["order"] = np.arange(len(sites))
        blocks.append(block)
    order = pd.concat(blocks, ignore_index=True).sort_values("order", kind="stable")
    return order.drop(columns="order").reset_index(drop=True)


def _unserved(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """List villages beyond the last break and those without any way, with the reason."""
    listed = pd.DataFrame(rows[rows["state"] != "within"].drop(columns="geometry"))
    listed["reason"] = listed["state"]
    columns = ["id", "name", "level", "township", *NUMBERS, "reason", "minutes", "km", "facility",
               "walk_m"]  # fmt: skip
    return listed[columns].reset_index(drop=True)


def _beyond(rows: pd.DataFrame, breaks: NDArray[np.float64]) -> list[Notice]:
    beyond = rows["state"] == "beyond"
    if not beyond.any():
        return []
    text = N_("{count} villages lie beyond {limit:g} min of every facility.")
    values = {"count": int(beyond.sum()), "limit": float(breaks[-1])}
    return [Notice("villages-beyond", text, values)]
