"""Cloud-optimised GeoTIFFs, written window by window and only ever seen whole.

Windows go into plain draft files beside the target, one per overview; GDAL's COG driver lays them
out, and only then the file gets its name. The same windows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.raster.grid import Grid

    Window = tuple[int, int, int, int]

_BLOCK = 512
_COARSEST = 64


@dataclass(frozen=True)
class Look:
    """Name and colour of a class.

    Parameters
    ----------
    title
        In the reader's language.
    colour
        ``#rrggbb``.
    """

    title: str
    colour: str


@dataclass(frozen=True)
class Output:
    """What is written beside the pixels.

    Parameters
    ----------
    classes
        Of a class raster (8 bits, 0 for nothing), by code from 1; a raster of values
        (32-bit floating point, NaN for nothing) has none.
    tags
        What the file says of itself.
    """

    classes: Mapping[int, Look] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def dtype(self) -> str:
        """The type of the pixels."""
        return "uint8" if self.classes else "float32"


def write_cog(
    path: Path, grid: Grid, pieces: Iterable[tuple[Window, NDArray[Any]]], output: Output
) -> None:
    """Write a raster from its windows.

    Overviews of classes take the commonest class, those of values the mean. Areas and statistics
    are never taken from overviews.

    Parameters
    ----------
    path
        The file; a file that stands there is replaced when the new one is whole.
    grid
        Its grid.
    pieces
        Window (first row, first column, rows, columns) and pixels; windows begin at multiples of
        64 cells.
    output
        Classes and tags.

    Raises
    ------
    DataError
        When all cells are unknown: no file is written.
    Exception
        Whatever the pieces raise; no file is left.
    """
    import rasterio
    import rasterio.shutil

    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}.") as name:
        folder = Path(name)
        factors = _factors(grid)
        if not _write_levels(folder, grid, pieces, output, factors):
            raise DataError(
                "raster-all-unknown",
                N_("{file}: nothing is known in any cell of the input, so nothing was written."),
                file=path.name,
            )
        (folder / "whole.vrt").write_text(_vrt(grid, output, factors), encoding="utf-8")
        options = {"compress": "LZW", "predictor": "NO" if output.classes else "YES",
                   "blocksize": _BLOCK, "num_threads": "ALL_CPUS", "bigtiff": "IF_SAFER",
                   "overviews": "FORCE_USE_EXISTING" if factors else "NONE"}  # fmt: skip
        done = folder / path.name
        with rasterio.Env(GDAL_CACHEMAX=64):
            rasterio.shutil.copy(folder / "whole.vrt", done, driver="COG", **options)
        beside = done.with_name(f"{done.name}.aux.xml")
        if beside.exists():
            beside.replace(path.with_name(beside.name))
        done.replace(path)


def _factors(grid: Grid) -> list[int]:
    factors = []
    factor = 2
    while max(grid.shape) * 2 > _BLOCK * factor and factor <= _COARSEST:
        factors.append(factor)
        factor *= 2
    return factors


def _size(grid: Grid, factor: int) -> tuple[int, int]:
    rows, columns = (-(-n // factor) for n in grid.shape)
    return rows, columns


def _write_levels(
    folder: Path,
    grid: Grid,
    pieces: Iterable[tuple[Window, NDArray[Any]]],
    output: Output,
    factors: list[int],
) -> bool:
    """Write draft files of the pixels and of each overview; tell whether anything is known."""
    import rasterio
    from rasterio.windows import Window as Part

    known = False
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(GDAL_CACHEMAX=64))
        targets = {}
        for factor in (1, *factors):
            rows, columns = _size(grid, factor)
            profile = {"driver": "GTiff", "height": rows, "width": columns, "count": 1,
                       "dtype": output.dtype, "tiled": True, "blockxsize": 256, "blockysize": 256,
                       "bigtiff": "if_safer", "crs": grid.crs.to_wkt(),
                       "transform": grid.transform * grid.transform.scale(factor)}  # fmt: skip
            file = folder / f"{factor}.tif"
            targets[factor] = stack.enter_context(rasterio.open(file, "w", **profile))
        for (row, column, _, _), pixels in pieces:
            known = known or bool((pixels > 0 if output.classes else ~np.isnan(pixels)).any())
            for factor, target in targets.items():
                part = pixels if factor == 1 else _coarser(pixels, factor, output)
                at = Part(column // factor, row // factor, part.shape[1], part.shape[0])
                target.write(part, 1, window=at)
    return known


def _coarser(pixels: NDArray[Any], factor: int, output: Output) -> NDArray[Any]:
    from yanshan_gis.raster.kernels import coarser

    made: NDArray[Any] = (coarser.mode if output.classes else coarser.mean)(pixels, factor)
    return made


def _vrt(grid: Grid, output: Output, factors: list[int]) -> str:
    """Describe the draft files as one raster with overviews, colours and names of classes."""
    rows, columns = grid.shape
    t = grid.transform
    place = ", ".join(repr(float(v)) for v in (t.c, t.a, 0.0, t.f, 0.0, t.e))
    kind, nodata = ("Byte", "0") if output.classes else ("Float32", "nan")
    tags = dict(sorted(output.tags.items()))
    tags |= {f"CLASS_{code}": look.title for code, look in sorted(output.classes.items())}
    items = "".join(f"<MDI key={quoteattr(k)}>{escape(v)}</MDI>" for k, v in tags.items())
    overviews = "".join(
        f'<Overview><SourceFilename relativeToVRT="1">{factor}.tif</SourceFilename>'
        "<SourceBand>1</SourceBand></Overview>"
        for factor in factors
    )
    return (
        f'<VRTDataset rasterXSize="{columns}" rasterYSize="{rows}">'
        f"<SRS>{escape(grid.crs.to_wkt())}</SRS><GeoTransform>{place}</GeoTransform>"
        f"<Metadata>{items}</Metadata>"
        f'<VRTRasterBand dataType="{kind}" band="1" blockXSize="256" blockYSize="256">'
        f"<NoDataValue>{nodata}</NoDataValue>{_legend(output.classes)}"
        '<SimpleSource><SourceFilename relativeToVRT="1">1.tif</SourceFilename>'
        f"<SourceBand>1</SourceBand></SimpleSource>{overviews}</VRTRasterBand></VRTDataset>"
    )


def _legend(classes: Mapping[int, Look]) -> str:
    if not classes:
        return ""
    entries, names = [], []
    for code in range(max(classes) + 1):
        look = classes.get(code)
        red, green, blue = bytes.fromhex(look.colour[1:]) if look else (0, 0, 0)
        seen = 255 if look else 0
        entries.append(f'<Entry c1="{red}" c2="{green}" c3="{blue}" c4="{seen}"/>')
        names.append(f"<Category>{escape(look.title) if look else ''}</Category>")
    return (
        f"<ColorInterp>Palette</ColorInterp><ColorTable>{''.join(entries)}</ColorTable>"
        f"<CategoryNames>{''.join(names)}</CategoryNames>"
    )
