"""Cloud-optimised GeoTIFFs, written window by window and only ever seen whole.

Windows go into plain draft files beside the target, one per overview; GDAL's COG driver lays them
out, and only then the file gets its name. The same windows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, Self
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from affine import Affine

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.store.rasters import name_by_content

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.raster.grid import Grid

    Window = tuple[int, int, int, int]

_BLOCK = 512
_COARSEST = 64  # windows begin at multiples of it, see `yanshan_gis.raster.windows.STEP`
_VRT_TYPES = {"uint8": "Byte", "float32": "Float32"}


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
    """What a raster holds.

    Parameters
    ----------
    dtype
        ``uint8``, in which 0 means that nothing is known, or ``float32``, in which NaN does.
    classes
        Of a raster of classes, by code from 1; a raster of values has none.
    tags
        What the file says of itself.
    """

    dtype: Literal["uint8", "float32"] = "float32"
    classes: Mapping[int, Look] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def nodata(self) -> float:
        """The value that means nothing is known."""
        return 0.0 if self.dtype == "uint8" else float("nan")


class CogDraft:
    """A raster that is written window by window, and kept only when it is finished.

    Overviews of classes take the commonest class of 2 × 2 cells, again and again; those of values
    the mean. Areas and statistics are never taken from overviews.

    Parameters
    ----------
    folder
        Where; made if missing.
    name
        What it holds.
    grid
        Shape, transform and CRS.
    output
        Type, classes and tags.
    """

    def __init__(self, folder: Path, name: str, grid: Grid, output: Output) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._name, self._grid, self._output = folder, name, grid, output
        self._known = False
        with ExitStack() as stack:
            drafts = TemporaryDirectory(dir=folder, prefix=f".{name}.")
            self._drafts = Path(stack.enter_context(drafts))
            self._levels = [
                stack.enter_context(self._level(1 << n)) for n in range(_levels(grid.shape))
            ]
            self._stack = stack.pop_all()

    def _level(self, factor: int) -> Any:
        import rasterio

        rows, columns = (-(-n // factor) for n in self._grid.shape)
        t = self._grid.transform
        profile = {"driver": "GTiff", "height": rows, "width": columns, "count": 1,
                   "dtype": self._output.dtype, "tiled": True, "blockxsize": 256,
                   "blockysize": 256, "bigtiff": "if_safer", "crs": self._grid.crs.to_wkt(),
                   "transform": Affine(t.a * factor, 0, t.c, 0, t.e * factor, t.f)}  # fmt: skip
        return rasterio.open(self._drafts / f"{factor}.tif", "w", **profile)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, window: Window, pixels: NDArray[Any]) -> None:
        """Write a window.

        Parameters
        ----------
        window
            First row, first column, rows, columns; the first ones are multiples of 64.
        pixels
            Rows × columns.
        """
        from rasterio.windows import Window as Part

        from yanshan_gis.raster.kernels import coarser

        classes, nothing = self._output.dtype == "uint8", self._output.nodata
        self._known = self._known or bool((pixels != 0 if classes else ~np.isnan(pixels)).any())
        row, column = window[:2]
        for n, level in enumerate(self._levels):
            if n:
                named = self._output.classes
                pixels = coarser.mode(pixels) if named else coarser.mean(pixels, nothing)
            at = Part(column >> n, row >> n, pixels.shape[1], pixels.shape[0])
            level.write(pixels, 1, window=at)

    def finish(self) -> tuple[Path, str]:
        """Lay the raster out and give it a name that holds its hash.

        Returns
        -------
        tuple
            The file and its SHA-256.

        Raises
        ------
        DataError
            When no cell holds anything: no file is kept.
        """
        import rasterio
        import rasterio.shutil

        if not self._known:
            raise DataError(
                "raster-all-unknown",
                N_("{name}: nothing is known in any cell of the input, so nothing was written."),
                name=self._name,
            )
        for level in self._levels:
            level.close()
        whole, done = self._drafts / "whole.vrt", self._drafts / "done.tif"
        whole.write_text(_vrt(self._grid, self._output, len(self._levels)), encoding="utf-8")
        options = {
            "compress": "LZW",
            "predictor": "NO" if self._output.classes else "YES",
            "blocksize": _BLOCK,
            "num_threads": "ALL_CPUS",
            "bigtiff": "IF_SAFER",
            "overviews": "FORCE_USE_EXISTING" if len(self._levels) > 1 else "NONE",
        }
        rasterio.shutil.copy(whole, done, driver="COG", **options)
        named, digest = name_by_content(done, self._name)
        names = done.with_name(f"{done.name}.aux.xml")  # GeoTIFF has no place for names of classes
        if names.exists():
            names.replace(self._folder / f"{named.name}.aux.xml")
        return named.replace(self._folder / named.name), digest


def _levels(shape: tuple[int, int]) -> int:
    """Count the full resolution and the overviews down to about one block."""
    levels = 1
    while max(shape) >> (levels - 1) > _BLOCK and 1 << levels <= _COARSEST:
        levels += 1
    return levels


def _vrt(grid: Grid, output: Output, levels: int) -> str:
    """Describe the draft files as one raster with overviews, colours and names of classes."""
    rows, columns = grid.shape
    t = grid.transform
    place = ", ".join(repr(float(v)) for v in (t.c, t.a, 0.0, t.f, 0.0, t.e))
    tags = dict(sorted(output.tags.items()))
    tags |= {f"CLASS_{code}": look.title for code, look in sorted(output.classes.items())}
    items = "".join(f"<MDI key={quoteattr(k)}>{escape(v)}</MDI>" for k, v in tags.items())
    overviews = "".join(
        f'<Overview><SourceFilename relativeToVRT="1">{1 << level}.tif</SourceFilename>'
        "<SourceBand>1</SourceBand></Overview>"
        for level in range(1, levels)
    )
    return (
        f'<VRTDataset rasterXSize="{columns}" rasterYSize="{rows}">'
        f"<SRS>{escape(grid.crs.to_wkt())}</SRS><GeoTransform>{place}</GeoTransform>"
        f"<Metadata>{items}</Metadata>"
        f'<VRTRasterBand dataType="{_VRT_TYPES[output.dtype]}" band="1" blockXSize="256" '
        f'blockYSize="256"><NoDataValue>{output.nodata}</NoDataValue>{_legend(output.classes)}'
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
