"""The task ``slope``: degrees from heights on a metric grid, Horn's gradients everywhere."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.raster_task import RasterEngine, Task, patch, tiled, write_tiled


def make(folder: Path, side: int) -> None:
    """Write ``heights.tif``."""
    large, small = patch(5, 150), patch(6, 12)

    def heights(row: int, column: int, size: int) -> NDArray[np.float32]:
        z = 1_500 + 300 * tiled(large, row, column, size) + 15 * tiled(small, row, column, size)
        return np.round(z, 1)[None].astype(np.float32)

    write_tiled(folder / "heights.tif", side, 1, "float32", heights, nodata=-32768)


class Ours(RasterEngine):
    """Windows by two threads through one kernel, into a COG with overviews."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from yanshan_gis.raster.scene import Band, read_header

        self.band = Band(folder / "heights.tif")
        self.header = read_header(self.band)

    def _work(self, read: Any, window: Any) -> NDArray[np.float32]:
        from yanshan_gis.raster.scene import values_of
        from yanshan_gis.raster.terrain import surface
        from yanshan_gis.raster.windows import inner

        z = values_of(read["z"], self.header)
        return surface(z, self.header.grid, part=inner(z, window, 1))["slope"]

    def run(self) -> Path:
        from yanshan_gis.raster.cog import CogDraft, Output
        from yanshan_gis.raster.windows import scan

        with CogDraft(self.folder, "Ours", self.header.grid, Output()) as draft:
            for window, slope in scan({"z": self.band}, self._work, halo=1, threads=2):
                draft.write(window, slope)
            return draft.finish()[0]


class XarraySpatial(RasterEngine):
    """xarray-spatial on dask chunks of 2,048 cells, two threads."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import rioxarray  # noqa: F401
        import xrspatial  # noqa: F401

    def run(self) -> Path:
        import dask
        import rioxarray
        import xrspatial

        with dask.config.set(scheduler="threads", num_workers=2):
            chunks = {"x": 2048, "y": 2048}
            heights = rioxarray.open_rasterio(
                self.folder / "heights.tif", chunks=chunks, lock=False, masked=True
            )
            found = xrspatial.slope(heights.sel(band=1, drop=True))
            found.rio.write_crs(heights.rio.crs, inplace=True)
            found.astype("float32").rio.to_raster(
                self.target, tiled=True, compress="deflate", predictor=3, windowed=True, lock=True
            )
        return self.target


class Gdaldem(RasterEngine):
    """gdaldem, from Debian: one thread."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        if shutil.which("gdaldem") is None:
            raise ImportError("gdaldem", name="gdaldem (apt install gdal-bin)")

    def run(self) -> Path:
        options = ["-co", "COMPRESS=DEFLATE", "-co", "PREDICTOR=3", "-co", "TILED=YES"]
        heights = str(self.folder / "heights.tif")
        subprocess.run(
            ["gdaldem", "slope", heights, str(self.target), "-compute_edges", "-q", *options],
            check=True,
        )
        return self.target


def compare(ours: Any, theirs: Any) -> dict[str, Any]:
    """Return the greatest difference in degrees, where both have a slope, off the rim."""
    import rasterio

    worst = 0.0
    with rasterio.open(ours) as one, rasterio.open(theirs) as other:
        for _, window in one.block_windows(1):
            a, b = one.read(1, window=window), other.read(1, window=window)
            if other.nodata is not None:
                b = np.where(b == other.nodata, np.nan, b)
            gaps = np.abs(a - b)[1:-1, 1:-1]
            worst = max(worst, float(np.nanmax(gaps)) if gaps.size else 0.0)
    return {"exact": worst < 0.001, "error": worst}


TASKS = {
    "slope": Task(
        make,
        "benchmarks.raster_slope:Ours",
        {
            "xarray-spatial": "benchmarks.raster_slope:XarraySpatial",
            "gdaldem": "benchmarks.raster_slope:Gdaldem",
        },
        compare,
        {"xarray-spatial": 2.0, "mb": 500.0},
    )
}
