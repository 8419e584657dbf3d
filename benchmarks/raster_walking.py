"""The task ``walking``: minutes to the nearest of a hundred places over land of uneven speed.

Slopes do not count and cells have eight neighbours, since that is what the peer can say. It is
timed in memory, from shares of speed to minutes of every cell.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.raster_task import RasterEngine, Task, patch, tiled, write_tiled

_PLACES = 100
_LEVEL_M_MIN = 5_000 / 60


def make(folder: Path, side: int) -> None:
    """Write ``speed.tif``, the share of the walking speed kept, and ``places.npy``."""
    land = patch(7, 40)

    def shares(row: int, column: int, size: int) -> NDArray[np.float32]:
        return np.clip(0.6 + 0.2 * tiled(land, row, column, size), 0.1, 1)[None]

    write_tiled(folder / "speed.tif", side, 1, "float32", shares)
    np.save(folder / "places.npy", np.random.default_rng(8).integers(0, side, (_PLACES, 2)))


class Walking(RasterEngine):
    """Holds the cells in memory; answers with the minutes of every cell."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import rasterio

        with rasterio.open(folder / "speed.tif") as source:
            self.speed = source.read(1).astype(float)
            self.shape, self.transform, self.crs = source.shape, source.transform, source.crs
        self.places = np.load(folder / "places.npy")

    def run(self) -> Path:
        self.minutes = self.measure()
        return self.folder

    def measure(self) -> NDArray[np.float64]:
        raise NotImplementedError

    def answer(self) -> str:
        path = self.folder / f"{type(self).__name__}.npy"
        np.save(path, self.minutes)
        return str(path)


class Ours(Walking):
    """One thread, a queue of steps."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from yanshan_gis.raster.grid import Grid

        self.grid = Grid(self.shape, self.transform, self.crs)

    def measure(self) -> NDArray[np.float64]:
        from yanshan_gis.raster.walking import walk
        from yanshan_gis.raster.walking_surface import WalkingSurface

        level_kmh = _LEVEL_M_MIN * 0.06
        surface = WalkingSurface.of(self.grid, speed=self.speed, level_kmh=level_kmh)
        x, y = self.grid.x[self.places[:, 1]], self.grid.y[self.places[:, 0]]
        return walk(surface, x, y, neighbours=8).minutes


class ScikitImage(Walking):
    """scikit-image's ``MCP_Geometric``, one thread."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import skimage.graph  # noqa: F401

    def measure(self) -> NDArray[np.float64]:
        from skimage.graph import MCP_Geometric

        cost = self.transform.a / (_LEVEL_M_MIN * self.speed)
        minutes: NDArray[np.float64] = MCP_Geometric(cost).find_costs(self.places.tolist())[0]
        return minutes


def compare(ours: Any, theirs: Any) -> dict[str, Any]:
    """Return the greatest relative difference of minutes."""
    one, other = np.load(ours, mmap_mode="r"), np.load(theirs, mmap_mode="r")
    worst = float(np.max(np.abs(one - other) / np.maximum(other, 1e-9)))
    return {"exact": worst < 1e-4, "error": worst}


TASKS = {
    "walking": Task(
        make,
        "benchmarks.raster_walking:Ours",
        {"scikit-image": "benchmarks.raster_walking:ScikitImage"},
        compare,
        {"scikit-image": 1.3},
        sizes=("16MP",),
        unit="",
    )
}
