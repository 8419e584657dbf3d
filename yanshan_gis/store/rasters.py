"""Rasters at rest: compressed GeoTIFFs named by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.raster.grid import Grid


def file_hash(path: Path) -> str:
    """Hash a file's bytes.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_raster(
    folder: Path, name: str, grid: Grid, pixels: NDArray[Any], *, nodata: float
) -> tuple[Path, str]:
    """Write a single-band raster under a name that holds its hash.

    Parameters
    ----------
    folder
        Where; made if missing.
    name
        The layer's name.
    grid
        Shape, transform and CRS.
    pixels
        Rows × columns.
    nodata
        The value that means nothing is known.

    Returns
    -------
    tuple
        The file and its SHA-256.
    """
    with RasterDraft(folder, name, grid, dtype=pixels.dtype, nodata=nodata) as draft:
        draft.write(0, 0, pixels[None])
        return draft.finish()


class RasterDraft:
    """A raster that is written block by block, and kept only when it is finished.

    Parameters
    ----------
    folder
        Where; made if missing.
    name
        The layer's name.
    grid
        Shape, transform and CRS.
    dtype
        Of the pixels.
    nodata
        The value that means nothing is known.
    bands
        What each band is called.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        grid: Grid,
        *,
        dtype: Any,
        nodata: float,
        bands: Sequence[str] = ("",),
    ) -> None:
        import rasterio

        folder.mkdir(parents=True, exist_ok=True)
        self._name = name
        self._path = folder / f".{name}.draft.tif"
        profile: dict[str, Any] = {
            "driver": "GTiff", "count": len(bands), "dtype": dtype, "nodata": nodata,
            "height": grid.shape[0], "width": grid.shape[1], "transform": grid.transform,
            "crs": grid.crs.to_wkt(), "tiled": True, "compress": "deflate", "blockxsize": 256,
            "blockysize": 256, "predictor": 3 if np.dtype(dtype).kind == "f" else 2,
            "BIGTIFF": "IF_SAFER",
        }  # fmt: skip
        self._file = rasterio.open(self._path, "w", **profile)
        for number, band in enumerate(bands, 1):
            if band:
                self._file.set_band_description(number, band)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, row: int, column: int, pixels: NDArray[Any]) -> None:
        """Write a block.

        Parameters
        ----------
        row, column
            Of its first cell.
        pixels
            Bands × rows × columns.
        """
        from rasterio.windows import Window

        rows, columns = pixels.shape[1:]
        self._file.write(pixels, window=Window(column, row, columns, rows))

    def finish(self) -> tuple[Path, str]:
        """Close the raster and give it a name that holds its hash.

        Returns
        -------
        tuple
            The file and its SHA-256.
        """
        self._file.close()
        return name_by_content(self._path, self._name)


def name_by_content(draft: Path, name: str) -> tuple[Path, str]:
    """Rename a finished raster, so that its name changes whenever its pixels do.

    Parameters
    ----------
    draft
        The file.
    name
        What it holds.

    Returns
    -------
    tuple
        The file, in the same folder, and its SHA-256.
    """
    digest = file_hash(draft)
    path = draft.with_name(f"{name}-{digest[:12]}.tif")
    draft.replace(path)
    return path, digest


def copy_raster(source: Path, folder: Path, name: str, digest: str) -> Path:
    """Copy a raster file as a compressed GeoTIFF under a name that holds its hash.

    Some formats say by the file's name where they lie (SRTM's ``N49E011.hgt``), others by a file
    beside them; a GeoTIFF says it itself. Pixels, CRS and the value for nothing stay as they are.

    Parameters
    ----------
    source
        A file rasterio reads.
    folder
        Where; made if missing.
    name
        The layer's name.
    digest
        Hash of the file.

    Returns
    -------
    pathlib.Path
        The copy, whole.

    Raises
    ------
    rasterio.errors.RasterioIOError
        When the source is damaged; nothing is left behind.
    """
    import rasterio.shutil
    from rasterio._err import CPLE_BaseError  # not under any public name
    from rasterio.errors import RasterioIOError

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{digest[:12]}.tif"
    draft = folder / f".{name}.draft.tif"
    options = {"tiled": True, "compress": "deflate", "blockxsize": 256, "blockysize": 256}
    try:
        rasterio.shutil.copy(source, draft, driver="GTiff", **options)
        draft.replace(path)
    except CPLE_BaseError as error:
        raise RasterioIOError(str(error)) from error
    finally:
        draft.unlink(missing_ok=True)
    return path
