"""Walking access: minutes to the nearest facility over the ground, joined to the road network.

People walk all the way, or over the ground to wherever a road is quickest and on from there by
road; the quicker counts. So a village without a road has a time, and one behind a river or a cliff
has the time of the way round it, or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.allocation import Allocation, distinct_names, standing
from yanshan_gis.methods.boarding import Boarding
from yanshan_gis.methods.minute_bands import (
    band_titles,
    by_band,
    by_township,
    counted,
    with_bands,
)
from yanshan_gis.methods.residents import NUMBERS, residents, residents_notices
from yanshan_gis.methods.townships import township_of
from yanshan_gis.methods.trips import check_direction
from yanshan_gis.methods.walking_ground import Pace, WalkingGround
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.areas import check_breaks
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.raster.cog import CogDraft, Output
from yanshan_gis.raster.walking import Walk, walk
from yanshan_gis.raster.windows import windows_of
from yanshan_gis.raster.zones import outline, smooth
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer
    from yanshan_gis.raster.walking_surface import WalkingSurface

_BLOCK = 512


@needs(
    villages=Need(fields=("name", "level")),
    facilities=Need(),
    townships=Need(fields=("name",)),
    elevation=Need(rows=False),
    land_cover=Need(rows=False, optional=True),
    network=Need(fields=("minutes",), optional=True),
)
def measure(
    *,
    villages: Layer,
    facilities: Layer,
    townships: Layer,
    elevation: Layer,
    land_cover: Layer | None,
    network: Layer | None,
    folder: Path,
    statuses: tuple[str, ...],
    breaks_min: tuple[float, ...],
    direction: str,
    neighbours: float,
    cell_m: float,
    walk_speed_kmh: float,
    off_path_share: float,
    slow_share: float,
    cover_slow: tuple[float, ...],
    cover_street: tuple[float, ...],
    cover_barrier: tuple[float, ...],
    cliff_deg: float,
    attach_limit_m: float,
    straight_speed_kmh: float,
    smallest_patch_ha: float,
    progress: Progress = SILENT,
) -> Result:
    """Measure how long people are on the way to the nearest facility.

    Parameters
    ----------
    villages
        Committees and natural villages; see `residents` for how people are counted once.
    facilities
        Points; those of the first of `statuses` that any has.
    townships
        Polygons; the grid covers them.
    elevation
        Raster in metres.
    land_cover
        Raster of classes; without it all land beside roads is walked at `off_path_share`.
    network
        Links of the recipe ``road-network``; without them everybody walks all the way.
    folder
        Where the raster goes.
    statuses
        See `standing`.
    breaks_min
        Ascending; the last is the limit.
    direction
        ``to`` the facility or ``from`` it: uphill one way is downhill the other.
    neighbours
        8 or 16, of a cell.
    cell_m
        Side of the cells people walk over.
    walk_speed_kmh
        On a level path; Tobler's is 5.04.
    off_path_share, slow_share
        Of that speed, kept beside roads, and on land cover of `cover_slow`.
    cover_slow, cover_street, cover_barrier
        Values of land cover that are hard to walk, as good as a road, never entered.
    cliff_deg
        Steeper cells are never entered.
    attach_limit_m
        Farthest a facility may lie from the road it is reached by; and, for the comparison with
        straight walks, a village.
    straight_speed_kmh
        Of the straight walks that `logistics-reach` counts, for comparison.
    smallest_patch_ha
        Smaller patches are not drawn; the raster keeps them.
    progress
        Who listens.

    Returns
    -------
    Result
        Raster ``minutes``; layers ``villages``, ``bands``, ``facilities``; tables ``by_township``,
        ``by_band``, ``unserved``, ``compared``.

    Raises
    ------
    DataError
        When a raster is damaged or does not meet the county, a share is below 0, or no facility
        lies where people walk.
    UsageError
        When the direction or the neighbours are not known.
    """
    check_direction(direction)
    breaks = check_breaks(breaks_min)
    sites, told = standing(facilities, statuses)
    if not len(sites):
        return Result(status="not_computable", missing=("facilities",))
    pace = Pace(walk_speed_kmh, off_path_share, slow_share, cover_slow, cover_street,
                cover_barrier, cliff_deg)  # fmt: skip
    roads = network.frame if network is not None and len(network) else None
    ground = WalkingGround.read(
        elevation, land_cover, townships, roads, (sites, villages.frame), pace, cell_m, progress
    )
    toward, near = direction == "to", int(neighbours)
    trips = {
        name: _Access.search(on, sites, roads, toward, near, attach_limit_m)
        for name, on in (("sloped", ground.surface), ("level", ground.level))
    }
    names = distinct_names(sites)
    rows = with_bands(_rows(villages, townships, trips["sloped"], names), breaks)
    straight = np.full(len(rows), np.nan)
    if roads is not None:
        straight = Allocation.measure(
            roads, villages.frame, sites, direction=direction, attach_limit_m=attach_limit_m,
            walk_speed_kmh=straight_speed_kmh,
        ).minutes  # fmt: skip
    rows["level_min"] = trips["level"].at(villages.frame)
    rows["straight_min"] = straight
    minutes = trips["sloped"].joined.minutes
    return Result(
        rasters={"minutes": _write(folder, ground, minutes, direction)},
        layers={
            "villages": rows,
            "bands": _bands(ground, minutes, breaks, smallest_patch_ha),
            "facilities": sites,
        },
        tables={
            "by_township": by_township(rows, breaks, townships),
            "by_band": by_band(rows, breaks, townships),
            "unserved": _unserved(rows),
            "compared": _compared(rows),
        },
        indicators=tuple(_indicators(rows, breaks)),
        warnings=(
            *told, *ground.notices, *_notices(rows, trips["sloped"], roads, land_cover),
            *residents_notices(villages.frame),
        ),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Access:
    """Times on foot alone, and joined to the roads.

    `facility` and `boarded` are looked up by the source of `joined`: which facility a start leads
    to, and the minutes from there on by road; NaN for a facility itself.
    """

    on_foot: Walk
    joined: Walk
    facility: NDArray[np.int32]
    boarded: NDArray[np.float64]

    @classmethod
    def search(
        cls,
        surface: WalkingSurface,
        sites: gpd.GeoDataFrame,
        roads: gpd.GeoDataFrame | None,
        toward: bool,
        neighbours: int,
        attach_limit_m: float,
    ) -> _Access:
        """Walk from the facilities, then from them and from the roads together."""
        x, y = _xy(sites)
        direction: Literal["to", "from"] = "to" if toward else "from"
        on_foot = walk(surface, x, y, direction=direction, neighbours=neighbours)
        if len(on_foot.shut_out) == len(sites):
            text = N_("None of the {count} facilities lies where the ground is known and walkable.")
            raise DataError("walking-nowhere", text, count=len(sites))
        none = np.full(len(sites), np.nan)
        if roads is None:
            return cls(on_foot, on_foot, np.arange(len(sites), dtype=np.int32), none)
        along = Boarding.along(
            RoadNetwork.from_edges(roads), sites, on_foot, toward=toward,
            attach_limit_m=attach_limit_m, step_m=surface.grid.cell[0] / 2,
        )  # fmt: skip
        starts = np.concatenate([np.zeros(len(sites)), along.minutes])
        joined = walk(
            surface, np.concatenate([x, along.x]), np.concatenate([y, along.y]), minutes=starts,
            direction=direction, neighbours=neighbours,
        )  # fmt: skip
        own = np.arange(len(sites), dtype=np.int32)
        facility = np.concatenate([own, along.facility])
        return cls(on_foot, joined, facility, np.concatenate([none, along.minutes]))

    def at(self, places: gpd.GeoDataFrame) -> NDArray[np.float64]:
        """Return the joined minutes of points; NaN for those without a position."""
        return self.joined.at(*_xy(places))[0]


def _xy(places: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points = places.geometry.to_numpy()
    return shapely.get_x(points), shapely.get_y(points)


def _rows(
    villages: Layer, townships: Layer, found: _Access, names: NDArray[np.object_]
) -> gpd.GeoDataFrame:
    """Describe every village: minutes, how much of them on foot, where to, and by which way."""
    frame = villages.frame
    columns = [n for n in ("id", "name", "level", "township") if n in frame]
    rows = pd.DataFrame(frame[columns])
    committees = cast("gpd.GeoDataFrame", frame[frame["level"] == "committee"])
    rows["township"] = township_of(frame, committees, townships)
    rows = rows.join(residents(frame))
    minutes, source = found.joined.at(*_xy(frame))
    facility = np.append(found.facility, np.int32(-1))[source]
    by_road = np.append(found.boarded, np.nan)[source]
    rows["facility"] = np.array([*names, None], dtype=object)[facility]
    rows["minutes"] = minutes
    rows["walk_min"] = minutes - np.nan_to_num(by_road)
    rows["foot_min"] = found.on_foot.at(*_xy(frame))[0]
    reached = pd.Series(~np.isnan(minutes), rows.index)
    way = pd.Series(np.where(np.isnan(by_road), "foot", "road"), rows.index, dtype=object)
    rows["way"] = way.where(reached, None)
    nowhere = frame.geometry.is_empty | frame.geometry.isna()
    reason = np.select([reached, nowhere], ["", "no_position"], default="unreachable")
    rows["reason"] = pd.Series(reason, rows.index, dtype=object).where(~reached, None)
    return gpd.GeoDataFrame(rows, geometry=frame.geometry.array, crs=frame.crs)


def _write(
    folder: Path, ground: WalkingGround, minutes: NDArray[np.float64], direction: str
) -> Path:
    """Write the minutes of the county's land."""
    land = np.where(ground.townships > 0, minutes, np.nan).astype(np.float32)
    tags = {"unit": "min", "direction": direction}
    with CogDraft(folder, "minutes", ground.grid, Output(tags=tags)) as draft:
        for window in windows_of(ground.grid, (_BLOCK, _BLOCK)):
            row, column, rows, columns = window
            draft.write(window, land[row : row + rows, column : column + columns])
        return draft.finish()[0]


def _bands(
    ground: WalkingGround,
    minutes: NDArray[np.float64],
    breaks: NDArray[np.float64],
    smallest_ha: float,
) -> gpd.GeoDataFrame:
    """Draw the land within each break, one shape a band; areas are of the cells before drawing."""
    count = len(breaks)
    band = np.searchsorted(breaks, minutes) + 1
    land = (ground.townships > 0) & (band <= count)
    pixels = np.where(land, band, 0).astype(np.uint8)
    cell_km2 = ground.grid.cell[0] * ground.grid.cell[1] / 1e6
    area = np.bincount(pixels.ravel(), minlength=count + 1)[1:] * cell_km2
    patches = outline(smooth(pixels, ground.grid, count, smallest_ha * 1e4), ground.grid, count, 1)
    shapes = patches.dissolve("code").reindex(np.arange(1, count + 1)).geometry
    frame = gpd.GeoDataFrame(
        {
            "band": pd.array(np.arange(1, count + 1), dtype="Int64"),
            "minutes_band": band_titles(breaks),
            "up_to_min": breaks,
            "area_km2": area,
        },
        geometry=shapes.to_numpy(),
        crs=ground.grid.crs,
    )
    return frame[frame.geometry.notna()].reset_index(drop=True)


def _unserved(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """List villages beyond the last break and those without any way, with the reason."""
    listed = pd.DataFrame(rows[rows["state"] != "within"].drop(columns="geometry"))
    listed["reason"] = listed["state"]
    columns = ["id", "name", "level", "township", *NUMBERS, "reason", "minutes", "walk_min",
               "facility"]  # fmt: skip
    return listed[columns].reset_index(drop=True)


_MODELS = {"sloped": "minutes", "level": "level_min", "straight": "straight_min"}


def _compared(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare three models on the villages all of them reach, and count those each reaches."""
    known = {name: rows[column].notna() for name, column in _MODELS.items()}
    tried = {name: found for name, found in known.items() if found.any()}
    shared = np.logical_and.reduce([*tried.values()]) if tried else np.zeros(len(rows), bool)
    base = rows["minutes"][shared]
    told = []
    for name, column in _MODELS.items():
        minutes = rows[column][shared] if known[name].any() else pd.Series(dtype=float)
        more = base - minutes if len(minutes) else minutes
        told.append(
            {
                "model": name,
                "reached": int(known[name].sum()),
                "villages": len(minutes),
                "median_min": minutes.median(),
                "p90_min": minutes.quantile(0.9),
                "less_by_min": more.median(),
                "most_less_min": more.max(),
            }
        )
    return pd.DataFrame(told)


def _indicators(rows: pd.DataFrame, breaks: NDArray[np.float64]) -> list[Indicator]:
    limit, told = float(breaks[-1]), []
    for name, column in counted(rows).items():
        whole = float(column.sum())
        if whole > 0:
            near = float(column[rows["minutes"].to_numpy() <= limit].sum())
            headline = name == "population"
            told.append(Indicator.share(f"{name}_within", near, whole, headline=headline))
    reached = rows["minutes"].dropna()
    if len(reached):
        told.append(Indicator("median_minutes", float(reached.median()), "min"))
    return told


def _notices(
    rows: pd.DataFrame, found: _Access, roads: gpd.GeoDataFrame | None, cover: Layer | None
) -> list[Notice]:
    unreachable = int((rows["reason"] == "unreachable").sum())
    shut = found.on_foot.shut_out
    told = []
    if roads is None:
        text = N_("No road network is given; everybody walks all the way.")
        told.append(Notice("walking-no-roads", text, {}))
    if cover is None:
        text = N_("No land cover is given; rivers and lakes are walked over as if they were land.")
        told.append(Notice("walking-no-cover", text, {}))
    if unreachable:
        text = N_("{count} villages have no way on foot to a road or a facility.")
        told.append(Notice("walking-unreachable", text, {"count": unreachable}))
    if len(shut):
        text = N_("{count} facilities lie where nobody walks or off the grid; they are left out.")
        told.append(Notice("walking-facilities-out", text, {"count": len(shut)}))
    return told
