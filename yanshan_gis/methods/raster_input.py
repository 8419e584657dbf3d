"""Rasters that methods are given: on a grid that may be measured on, and in the right place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.messages import N_, Notice
from yanshan_gis.raster.alignment import check_meets, metric_grid, same_grid
from yanshan_gis.raster.scene import Band, read_header

if TYPE_CHECKING:
    from pathlib import Path

    from yanshan_gis.layer import Layer
    from yanshan_gis.raster.grid import Grid

_MARGIN_M = 1_000.0


def file_of(layer: Layer) -> Path:
    """Return the file of a raster layer.

    Parameters
    ----------
    layer
        A layer of pixels.

    Returns
    -------
    pathlib.Path
        The file.
    """
    if layer.raster is None:
        raise TypeError(f"layer {layer.name} is no raster")
    return layer.raster


def in_metres(
    path: Path, townships: Layer, *, smooth: bool, index: int = 1
) -> tuple[Band, Grid, tuple[Notice, ...]]:
    """Open a raster on a grid that may be measured on, and check that it meets the county.

    Parameters
    ----------
    path
        The file.
    townships
        The county's townships, in its working CRS.
    smooth
        When warped, True for bilinear.
    index
        Of the band.

    Returns
    -------
    tuple
        The band, its grid, and a notice where it had to be warped.

    Raises
    ------
    DataError
        When the raster is damaged or does not meet the county.
    """
    own = read_header(Band(path, index)).grid
    west, south, east, north = townships.frame.total_bounds
    crs = townships.crs
    check_meets(path, own, (west, south, east, north), crs)
    around = (west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M)
    grid = metric_grid(own, crs, around)
    if same_grid(grid, own):
        return Band(path, index), own, ()
    text = N_("{file} was warped from {source} to {target}, cells of {cell:g} m.")
    values = {"file": path.name, "source": own.crs.name, "target": grid.crs.name,
              "cell": grid.cell[0]}  # fmt: skip
    return Band(path, index, grid, smooth), grid, (Notice("raster-warped", text, values),)


def like(path: Path, grid: Grid, townships: Layer, *, smooth: bool) -> Band:
    """Open a raster so that it lies cell on cell with a grid.

    Parameters
    ----------
    path
        The file.
    grid
        The grid.
    townships
        The county's townships.
    smooth
        When warped, True for bilinear.

    Returns
    -------
    Band
        As it lies where it fits already, else warped.

    Raises
    ------
    DataError
        When the raster is damaged or does not meet the county.
    """
    own = read_header(Band(path)).grid
    check_meets(path, own, tuple(townships.frame.total_bounds), townships.crs)
    return Band(path) if same_grid(own, grid) else Band(path, 1, grid, smooth)
