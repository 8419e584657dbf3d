"""The ground people walk over: elevation, land cover and roads on one grid of square cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.raster_input import file_of, in_metres, like
from yanshan_gis.raster.grid import Grid
from yanshan_gis.raster.scene import Band, Header, values_of
from yanshan_gis.raster.terrain import surface
from yanshan_gis.raster.walking_surface import WalkingSurface, speed_factors
from yanshan_gis.raster.windows import headers_of, scan

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer
    from yanshan_gis.progress import Progress

_MARGIN_M = 1_000.0  # so that a way may leave the county and come back


@dataclass(frozen=True)
class Pace:
    """How fast people walk where, as shares of Tobler's speed, and where they do not.

    Parameters
    ----------
    level_kmh
        On a level path.
    off_path
        Share kept beside roads.
    slow
        Share kept on land cover named in `slow_classes`.
    slow_classes, street_classes, barrier_classes
        Values of land cover: hard to walk, as good as a road (built-up), never entered (water).
    cliff_deg
        Steeper cells are never entered.
    """

    level_kmh: float
    off_path: float
    slow: float
    slow_classes: tuple[float, ...]
    street_classes: tuple[float, ...]
    barrier_classes: tuple[float, ...]
    cliff_deg: float

    def factors(self, classes: Sequence[float]) -> dict[int, float]:
        """Return the share of each class of land cover; unnamed ones count as off the path.

        Parameters
        ----------
        classes
            Values that occur.

        Returns
        -------
        dict
            Shares by value, 0 for a barrier.
        """
        named = {int(c): self.slow for c in self.slow_classes}
        named |= {int(c): 1.0 for c in self.street_classes}
        named |= {int(c): 0.0 for c in self.barrier_classes}
        return {int(c): named.get(int(c), self.off_path) for c in classes}


@dataclass(frozen=True, eq=False)
class WalkingGround:
    """Surfaces with and without slopes, and what a reader must know of them.

    Parameters
    ----------
    surface
        With slopes.
    level
        The same paces on level ground.
    townships
        uint16 per cell: the township its centre lies in, from 1; 0 outside.
    notices
        On warped rasters and cells nobody enters.
    """

    surface: WalkingSurface
    level: WalkingSurface
    townships: NDArray[np.uint16]
    notices: tuple[Notice, ...]

    @classmethod
    def read(
        cls,
        elevation: Layer,
        land_cover: Layer | None,
        townships: Layer,
        roads: gpd.GeoDataFrame | None,
        places: Sequence[gpd.GeoDataFrame],
        pace: Pace,
        cell_m: float,
        progress: Progress,
    ) -> WalkingGround:
        """Lay everything on one grid.

        Cells through which a road leads are walked at the full speed and are no barrier: roads
        have bridges and cuttings. Nor is a cell in which a village or a facility lies.

        Parameters
        ----------
        elevation
            Raster in metres, read bilinear.
        land_cover
            Raster of classes, read nearest; None for `pace.off_path` everywhere.
        townships
            Polygons in the county's CRS.
        roads
            Lines in the same CRS.
        places
            Points in the same CRS.
        pace
            How fast people walk where.
        cell_m
            Side of a cell.
        progress
            Who listens.

        Returns
        -------
        WalkingGround
            On a grid in the county's CRS, 1 km wider than its townships.

        Raises
        ------
        DataError
            When a raster is damaged or does not meet the county.
        UsageError
            When a cell has no size.
        """
        from yanshan_gis.raster.areas import Areas

        path = file_of(elevation)
        notices = in_metres(path, townships, smooth=True)[2]
        bounds = tuple(townships.frame.total_bounds)
        grid = Grid.covering(bounds, cell_m, townships.crs, _MARGIN_M)
        bands = {"height": Band(path, 1, grid, smooth=True)}
        if land_cover is not None:
            bands["cover"] = like(file_of(land_cover), grid, townships, smooth=False)
        read = _read_whole(bands, grid, progress)
        speed, unknown = _speeds(read.get("cover"), grid, pace)
        height = read["height"]
        slope = surface(height, grid, ("slope",))["slope"]
        # No slope is known at the raster's rim; that makes no cliff.
        barrier = np.greater(slope, pace.cliff_deg, where=~np.isnan(slope),
                             out=np.zeros(grid.shape, bool))  # fmt: skip
        for points in places:
            row, column = _cells_at(points, grid)
            own = speed[row, column]
            speed[row, column] = np.where(own > 0, own, pace.off_path)
            barrier[row, column] = False
        if roads is not None and len(roads):
            on_road = _cells_of(roads, grid)
            speed[on_road], barrier[on_road] = 1.0, False
        areas = Areas(townships.frame.geometry.to_numpy(), grid)
        inside = areas.on((0, 0, *grid.shape))
        of = {"speed": speed, "barriers": barrier, "level_kmh": pace.level_kmh}
        walked = WalkingSurface.of(grid, elevation=height, **of)
        flat = WalkingSurface(grid, walked.pace, None)
        told = _notices(inside > 0, height, barrier | (speed == 0), unknown)
        return cls(walked, flat, inside, (*notices, *told))

    @property
    def grid(self) -> Grid:
        """The grid of everything."""
        return self.surface.grid


def _read_whole(
    bands: Mapping[str, Band], grid: Grid, progress: Progress
) -> dict[str, NDArray[Any]]:
    """Read rasters in windows into whole arrays: a search needs all cells at once."""
    headers: dict[str, Header] = headers_of(bands)
    whole = {name: np.empty(grid.shape, np.float32) for name in bands}

    def work(read: Mapping[str, NDArray[Any]], _: tuple[int, int, int, int]) -> dict[str, Any]:
        return {name: values_of(read[name], headers[name]) for name in bands}

    for (row, column, rows, columns), found in scan(bands, work, progress=progress):
        for name, pixels in found.items():
            whole[name][row : row + rows, column : column + columns] = pixels
    return whole


def _speeds(
    cover: NDArray[np.float32] | None, grid: Grid, pace: Pace
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return shares of the speed, NaN where the land cover is not known."""
    if cover is None:
        return np.full(grid.shape, pace.off_path), np.zeros(grid.shape, bool)
    unknown = np.isnan(cover)
    classes = np.unique(cover[~unknown])
    return speed_factors(cover, pace.factors(classes.tolist())), unknown


def _cells_of(roads: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.bool_]:
    """Tell through which cells lines lead."""
    from rasterio.features import rasterize

    burnt: NDArray[np.uint8] = rasterize(
        roads.geometry, grid.shape, transform=grid.transform, all_touched=True, dtype="uint8"
    )
    return burnt > 0


def _cells_at(points: gpd.GeoDataFrame, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the cells in which points lie, those off the grid left out."""
    at = points.geometry.to_numpy()
    row, column, inside = grid.rowcol(shapely.get_x(at), shapely.get_y(at))
    return row[inside], column[inside]


def _notices(
    inside: NDArray[np.bool_],
    height: NDArray[np.floating],
    barrier: NDArray[np.bool_],
    unknown: NDArray[np.bool_],
) -> list[Notice]:
    land = int(inside.sum()) or 1
    counts = {
        "walking-height-unknown": float((np.isnan(height) & inside).sum() / land),
        "walking-cover-unknown": float((unknown & inside).sum() / land),
        "walking-barriers": float((barrier & inside).sum() / land),
    }
    texts = {
        "walking-height-unknown": N_(
            "{share:.1%} of the land has no known height; nobody is led through it."
        ),
        "walking-cover-unknown": N_(
            "{share:.1%} of the land has no known cover; nobody is led through it, off the roads."
        ),
        "walking-barriers": N_(
            "{share:.1%} of the land is water or cliff by the rasters given; nobody is led through "
            "it. Narrower rivers than a cell of land cover are not seen."
        ),
    }
    return [Notice(code, texts[code], {"share": n}) for code, n in counts.items() if n]
