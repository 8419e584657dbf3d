"""What a task of the raster benchmark is made of; modules of tasks offer their own."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

CRS = "EPSG:4544"
CELL_M = 10.0
SIDES = {"16MP": 4_000, "25MP": 5_000, "100MP": 10_000}
_PATCH = 2_500
_WINDOW = 2_000


@dataclass(frozen=True)
class Task:
    """One thing that is timed.

    Parameters
    ----------
    make
        Writes the workload of a side (cells) into a folder.
    ours, peers
        Contenders as ``module:Class``.
    compare
        Takes what ours and a peer answered, and says ``exact`` and what differs.
    targets
        What is to be reached, by peer: the least ratio; ``mb`` the most memory.
    sizes
        At which it is timed.
    unit
        Of the ``error`` that `compare` says.
    """

    make: Callable[[Path, int], None]
    ours: str
    peers: Mapping[str, str]
    compare: Callable[[Any, Any], dict[str, Any]]
    targets: Mapping[str, float] = field(default_factory=dict)
    sizes: tuple[str, ...] = ("25MP", "100MP")
    unit: str = "°"


class RasterEngine:
    """A contender: reads the workload's folder, writes one raster beside it, answers with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answered: Any = None

    def ready(self, task: str) -> None:
        """Remove what the last run wrote."""
        for path in self.folder.glob(f"{type(self).__name__}*.tif*"):
            path.unlink()

    @property
    def target(self) -> Path:
        return self.folder / f"{type(self).__name__}.tif"

    def runner(self, task: str) -> Callable[[], Path]:
        return self.run

    def run(self) -> Path:
        raise NotImplementedError

    def answer(self) -> str:
        return str(self.answered)

    def peak_mb(self) -> float:
        """Return the most memory of this process, or of one it called, MB."""
        unit = 1024 if sys.platform != "darwin" else 1024**2
        who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return round(max(resource.getrusage(w).ru_maxrss for w in who) / unit, 1)


def patch(seed: int, scale: float) -> NDArray[np.float32]:
    """Return a smooth random field that joins its mirror image, about −2 … 2."""
    from scipy.ndimage import gaussian_filter, zoom

    coarse = np.random.default_rng(seed).normal(0, 1, (_PATCH // 10, _PATCH // 10))
    smooth = gaussian_filter(coarse, scale / 10)
    fine = zoom(smooth / smooth.std(), 10, order=1, mode="nearest", grid_mode=True)
    return fine.astype(np.float32)


def tiled(field: NDArray[np.float32], row: int, column: int, side: int) -> NDArray[np.float32]:
    """Return a window of a patch repeated without end, every other time mirrored."""
    places = []
    for first in (row, column):
        at = np.arange(first, first + side) % (2 * len(field))
        places.append(np.where(at < len(field), at, 2 * len(field) - 1 - at))
    return field[np.ix_(*places)]


def write_tiled(
    path: Path,
    side: int,
    bands: int,
    dtype: str,
    pixels: Callable[[int, int, int], NDArray[Any]],
    **more: Any,
) -> None:
    """Write a deflated GeoTIFF window by window."""
    import rasterio
    from rasterio.windows import Window

    profile = {"driver": "GTiff", "width": side, "height": side, "count": bands, "dtype": dtype,
               "crs": CRS, "transform": Affine(CELL_M, 0, 400_000, 0, -CELL_M, 2_700_000),
               "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate",
               "predictor": 3 if dtype == "float32" else 2, "num_threads": "ALL_CPUS",
               **more}  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        for row in range(0, side, _WINDOW):
            for column in range(0, side, _WINDOW):
                wide = min(_WINDOW, side - column)
                target.write(
                    pixels(row, column, _WINDOW)[:, : min(_WINDOW, side - row), :wide],
                    window=Window(column, row, wide, min(_WINDOW, side - row)),
                )
