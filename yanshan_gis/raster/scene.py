"""Bands of rasters that lie cell on cell: opened, checked against each other, read by windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.crs import parse_crs, transform
from yanshan_gis.errors import CrsError, DataError
from yanshan_gis.messages import N_
from yanshan_gis.raster.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Window = tuple[int, int, int, int]


@dataclass(frozen=True)
class Band:
    """One band of a file, and how its numbers become values: number · scale + offset.

    Parameters
    ----------
    path
        The file.
    index
        Of the band, from 1.
    scale, offset
        Taken from the file's tags where None.
    """

    path: Path
    index: int = 1
    scale: float | None = None
    offset: float | None = None


@dataclass(frozen=True)
class Header:
    """What a file says of a band, without its pixels.

    Parameters
    ----------
    grid
        Shape, transform and CRS.
    dtype
        Of the numbers.
    nodata
        The number that means nothing is known; None where the file names none.
    scale, offset
        Of the band.
    block
        Rows and columns of a block as stored.
    """

    grid: Grid
    dtype: str
    nodata: float | None
    scale: float
    offset: float
    block: tuple[int, int]


def open_band(band: Band) -> tuple[Any, Header]:
    """Open the file of a band.

    Parameters
    ----------
    band
        Which.

    Returns
    -------
    tuple
        An open rasterio dataset, to be closed by the caller, and the header.

    Raises
    ------
    DataError
        When the file cannot be read, lacks the band, or is not north-up.
    CrsError
        When it has no CRS.
    """
    import rasterio
    from rasterio.errors import RasterioIOError

    try:
        source = rasterio.open(band.path)
    except RasterioIOError as error:
        raise damaged(band.path, error) from error
    try:
        return source, _header(band, source)
    except Exception:
        source.close()
        raise


def _header(band: Band, source: Any) -> Header:
    file, i = band.path.name, band.index - 1
    if not 0 <= i < source.count:
        raise DataError(
            "raster-no-band",
            N_("{file} has no band {band}; it has {count}."),
            file=file, band=band.index, count=source.count,
        )  # fmt: skip
    if source.crs is None:
        raise CrsError(
            "raster-no-crs", N_("{file} has no coordinate system; assign its own to it."), file=file
        )
    return Header(
        Grid(source.shape, source.transform, source.crs.to_wkt()),
        source.dtypes[i],
        source.nodatavals[i],
        source.scales[i] if band.scale is None else band.scale,
        source.offsets[i] if band.offset is None else band.offset,
        source.block_shapes[i],
    )


def damaged(path: Path, error: Exception) -> DataError:
    """Say that a file could not be read.

    Parameters
    ----------
    path
        The file.
    error
        What GDAL said.

    Returns
    -------
    DataError
        To be raised.
    """
    return DataError(
        "raster-damaged",
        N_("{file} cannot be read; it is no raster, damaged or cut short. ({reason})"),
        file=path.name,
        reason=str(error.__cause__ or error).replace(str(path), path.name),
    )


def read_header(band: Band) -> Header:
    """Read what a file says of a band.

    Parameters
    ----------
    band
        Which.

    Returns
    -------
    Header
        Grid, type, value for nothing, scale and offset.

    Raises
    ------
    DataError
        As `open_band`.
    """
    source, header = open_band(band)
    source.close()
    return header


def common_grid(bands: Mapping[str, Band]) -> Grid:
    """Return the grid that all bands lie on.

    Parameters
    ----------
    bands
        By what they are; at least one.

    Returns
    -------
    Grid
        Of the first, and so of every band.

    Raises
    ------
    DataError
        When a band lies on another grid: the message names the file and how it differs.
    """
    first, *others = bands.values()
    grid = read_header(first).grid
    for band in others:
        other = read_header(band).grid
        if other != grid:
            raise DataError(
                "grids-differ",
                N_("{file} does not lie cell on cell with {first}: {difference}. Warp it first."),
                file=band.path.name,
                first=first.path.name,
                difference=difference(other, grid),
            )
    return grid


def difference(one: Grid, other: Grid) -> str:
    """Tell in figures how two grids differ: CRS, else cell size, else corner, else shape.

    Parameters
    ----------
    one, other
        Grids that are not equal.

    Returns
    -------
    str
        What the first has ≠ what the other has.
    """
    if one.crs != other.crs:
        return f"{one.crs.name} ≠ {other.crs.name}"
    if one.cell != other.cell:
        return " ≠ ".join("{:.9g} × {:.9g}".format(*grid.cell) for grid in (one, other))
    corners = [(grid.transform.c, grid.transform.f) for grid in (one, other)]
    if corners[0] != corners[1]:
        return " ≠ ".join(f"({x:.9g}, {y:.9g})" for x, y in corners)
    return " ≠ ".join("{} × {}".format(*grid.shape) for grid in (one, other))


def check_meets(
    path: Path, grid: Grid, bounds: tuple[float, float, float, float], crs: Any
) -> None:
    """Refuse a raster that does not meet the county.

    Parameters
    ----------
    path
        The raster, for the message.
    grid
        Its grid.
    bounds
        The county's smallest x and y, largest x and y.
    crs
        Of the bounds.

    Raises
    ------
    DataError
        When the two have no point in common.
    """
    west, south, east, north = bounds
    x, y = np.meshgrid(np.linspace(west, east, 21), np.linspace(south, north, 21))
    if parse_crs(crs) != grid.crs:
        x, y = transform(x.ravel(), y.ravel(), crs, grid.crs)
    left, bottom, right, top = grid.bounds
    x, y = x[np.isfinite(x)], y[np.isfinite(y)]
    if not len(x) or x.max() <= left or x.min() >= right or y.max() <= bottom or y.min() >= top:
        raise DataError(
            "raster-elsewhere",
            N_("{file} does not meet the county: it covers {box} in {crs}."),
            file=path.name,
            box=", ".join(f"{v:.7g}" for v in grid.bounds),
            crs=grid.crs.name,
        )


def read_window(source: Any, header: Header, index: int, window: Window, halo: int) -> NDArray[Any]:
    """Read the numbers of a window as they are stored.

    Parameters
    ----------
    source
        An open dataset.
    header
        Of the band.
    index
        Of the band, from 1.
    window
        First row, first column, rows, columns.
    halo
        So many cells more on every side; beyond the raster there are fewer.

    Returns
    -------
    numpy.ndarray
        Rows × columns.
    """
    from rasterio.windows import Window as Part

    row, column, rows, columns = window
    top, left = max(row - halo, 0), max(column - halo, 0)
    bottom = min(row + rows + halo, header.grid.shape[0])
    right = min(column + columns + halo, header.grid.shape[1])
    pixels: NDArray[Any] = source.read(index, window=Part(left, top, right - left, bottom - top))
    return pixels


def values_of(pixels: NDArray[Any], header: Header) -> NDArray[np.float32]:
    """Turn stored numbers into values.

    Parameters
    ----------
    pixels
        Numbers of the band.
    header
        Of the band.

    Returns
    -------
    numpy.ndarray
        Number · scale + offset; NaN where nothing is known.
    """
    values = pixels.astype(np.float32)
    if header.nodata is not None and not np.isnan(header.nodata):
        values[pixels == header.nodata] = np.nan
    if header.scale != 1 or header.offset != 0:
        values = values * np.float32(header.scale) + np.float32(header.offset)
    return values
