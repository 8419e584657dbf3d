"""Bands of files: opened, checked against each other, read by windows, warped where asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.errors import CrsError, DataError
from yanshan_gis.messages import N_
from yanshan_gis.raster.alignment import difference, same_grid
from yanshan_gis.raster.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Window = tuple[int, int, int, int]


@dataclass(frozen=True)
class Band:
    """One band of a file, as it lies or warped onto another grid.

    Parameters
    ----------
    path
        The file.
    index
        Of the band, from 1.
    onto
        The grid it is warped onto while it is read; None for the file's own.
    smooth
        When warped, True for bilinear (heights, depths), False for the nearest cell (classes).
    """

    path: Path
    index: int = 1
    onto: Grid | None = None
    smooth: bool = False

    @property
    def source(self) -> tuple[Path, Grid | None, bool]:
        """What has to be opened; bands of one source are read together."""
        return self.path, self.onto, self.smooth


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
        header = _header(band, source)
        if band.onto is None:
            return source, header
        return _warped(band, band.onto, source, header)
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
        source.scales[i],
        source.offsets[i],
        source.block_shapes[i],
    )


def _warped(band: Band, onto: Grid, source: Any, header: Header) -> tuple[Any, Header]:
    """Read a file through another grid; what it does not cover is unknown there."""
    from rasterio.enums import Resampling
    from rasterio.errors import RasterioError
    from rasterio.vrt import WarpedVRT

    nodata, dtype = header.nodata, header.dtype
    if nodata is None:
        nodata, dtype = (math.nan, "float32") if band.smooth else (0.0, header.dtype)
    try:
        warped = WarpedVRT(
            source,
            crs=onto.crs.to_wkt(),
            transform=onto.transform,
            height=onto.shape[0],
            width=onto.shape[1],
            resampling=Resampling.bilinear if band.smooth else Resampling.nearest,
            src_nodata=header.nodata,
            nodata=nodata,
            dtype=dtype,
            tolerance=0.01,
        )
    except RasterioError as error:
        raise damaged(band.path, error) from error
    return warped, replace(header, grid=onto, nodata=nodata, dtype=dtype, block=(512, 512))


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
    """Return the grid that all bands lie on, or are warped onto.

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
        if not same_grid(other, grid):
            raise DataError(
                "grids-differ",
                N_("{file} does not lie cell on cell with {first}: {difference}. Warp it first."),
                file=band.path.name,
                first=first.path.name,
                difference=difference(other, grid),
            )
    return grid


def read_window(
    source: Any, grid: Grid, indexes: Sequence[int], window: Window, halo: int
) -> NDArray[Any]:
    """Read the numbers of a window as they are stored.

    Parameters
    ----------
    source
        An open dataset.
    grid
        Its grid.
    indexes
        Of the bands, from 1.
    window
        First row, first column, rows, columns.
    halo
        So many cells more on every side; beyond the raster there are fewer.

    Returns
    -------
    numpy.ndarray
        Bands × rows × columns.
    """
    from rasterio.windows import Window as Part

    row, column, rows, columns = window
    top, left = max(row - halo, 0), max(column - halo, 0)
    bottom = min(row + rows + halo, grid.shape[0])
    right = min(column + columns + halo, grid.shape[1])
    part = Part(left, top, right - left, bottom - top)
    pixels: NDArray[Any] = source.read(list(indexes), window=part)
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
