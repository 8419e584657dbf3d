"""The task ``grade``: four bands and land cover to grades by the national score.

All get the same end members and the same score. ``limit`` reads the same bands as ours and writes
the same grades as ours does, and computes nothing.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.raster_task import RasterEngine, Task, patch, tiled, write_tiled
from yanshan_gis.raster.grid import Grid

# NDVI of soil and of plants, NDRI without rock and of rock.
ENDS = (0.15, 0.75, -0.35, 0.15)
OFFSET = 1_000
CLOUDS = (3, 8, 9, 10)
_SPECTRA = {
    "plants": (400, 3_900, 1_700),
    "rock": (2_400, 2_900, 4_300),
    "soil": (1_600, 2_500, 2_750),
}


def make(folder: Path, side: int) -> None:
    """Write ``imagery.tif`` (red, nir, swir1, quality) and ``cover.tif``."""
    plants, rock, clouds, kinds = (patch(k, s) for k, s in enumerate((60, 90, 300, 120)))
    rng = np.random.default_rng(9)

    def imagery(row: int, column: int, size: int) -> NDArray[np.uint16]:
        green = np.clip(0.5 + 0.25 * tiled(plants, row, column, size), 0, 0.97)
        bare = np.clip(0.4 + 0.3 * tiled(rock, row, column, size), 0, 1) * (1 - green)
        shares = {"plants": green, "rock": bare, "soil": 1 - green - bare}
        seen = sum(shares[k][None] * np.array(_SPECTRA[k])[:, None, None] for k in shares)
        seen = seen * (1 + 0.02 * rng.standard_normal((3, size, size), np.float32)) + OFFSET
        cloud = tiled(clouds, row, column, size) > 1.8
        seen[:, cloud] = 7_200
        quality = np.where(cloud, 9, np.where(green > 0.35, 4, 5))
        return np.concatenate([seen, quality[None]]).astype(np.uint16)

    def cover(row: int, column: int, size: int) -> NDArray[np.uint8]:
        kind = np.digitize(tiled(kinds, row, column, size), (-1.6, -1, -0.2, 0.6, 1.9))
        return np.array([80, 40, 30, 20, 10, 50], np.uint8)[kind][None]

    write_tiled(folder / "imagery.tif", side, 4, "uint16", imagery, nodata=0, interleave="pixel")
    write_tiled(folder / "cover.tif", side, 1, "uint8", cover, nodata=0)


class Ours(RasterEngine):
    """Windows by two threads through one fused kernel, into a COG with overviews."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from yanshan_gis.raster.grading import Codes, EndMembers, Grader
        from yanshan_gis.raster.scene import Band
        from yanshan_gis.raster.windows import headers_of
        from yanshan_gis.scheme import read_schemes

        imagery = folder / "imagery.tif"
        names = ("red", "nir", "swir", "quality")
        self.bands = {name: Band(imagery, k) for k, name in enumerate(names, 1)}
        self.bands["cover"] = Band(folder / "cover.tif")
        self.members = EndMembers(*ENDS)
        codes = Codes(
            {"tree": [10], "shrub": [20], "grass": [30], "crop": [40], "built": [50],
             "water": [80]},
            clouds=CLOUDS, water=(6,),
        )  # fmt: skip
        at_hand = ("rock", "vegetation", "cover")
        headers = headers_of(self.bands)
        self.grid: Grid = headers["red"].grid
        self.grader = Grader(read_schemes()["national"], at_hand, codes, OFFSET, headers)

    def _work(self, read: Any, window: Any) -> NDArray[np.uint8]:
        return self.grader.grade(read, self.members)

    def run(self) -> Path:
        from yanshan_gis.raster.cog import CogDraft, Look, Output
        from yanshan_gis.raster.windows import scan

        looks = {code: Look(str(code), "#808080") for code in range(1, 10)}
        output = Output("uint8", looks)
        with CogDraft(self.folder, type(self).__name__, self.grid, output) as draft:
            for window, codes in scan(self.bands, self._work, threads=2):
                draft.write(window, codes)
            return draft.finish()[0]


class Limit(Ours):
    """Reads and writes as ours does; the grades are there already."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._known: Any = None

    def ready(self, task: str) -> None:
        super().ready(task)
        kept = self.folder / "known.npy"
        if not kept.exists():
            import rasterio

            (graded,) = self.folder.glob("Ours-*.tif")
            with rasterio.open(graded) as source:
                np.save(kept, source.read(1))
        self._known = np.load(kept, mmap_mode="r")

    def _work(self, read: Any, window: Any) -> NDArray[np.uint8]:
        row, column, rows, columns = window
        return np.ascontiguousarray(self._known[row : row + rows, column : column + columns])


# Points of the scheme where soil depth is not at hand: the limits shrink to 90 hundredths.
_POINTS = {10: 5, 20: 8, 30: 12, 40: 16}
_POTENTIAL = {10: 50, 20: 50, 30: 70}


def graded(
    red: NDArray[Any], nir: NDArray[Any], swir: NDArray[Any], quality: NDArray[Any],
    cover: NDArray[Any],
) -> NDArray[np.uint8]:  # fmt: skip
    """Grade with numpy, as one who knows it well writes it."""
    r, n, s = (band.astype(np.float64) - OFFSET for band in (red, nir, swir))
    soil, plants, low, high = ENDS
    green = np.clip(100.0 * (((n - r) / (n + r) - soil) / (plants - soil)), 0, 100)
    rock = np.clip(100.0 * (((s - n) / (s + n) - low) / (high - low)), 0, 100)
    points_of, potential_of = np.zeros(256, np.int16), np.full(256, 1e4)
    for code, points in _POINTS.items():
        points_of[code] = points
        potential_of[code] = _POTENTIAL.get(code, 1e4)
    score = (
        np.array([20, 26, 32, 38, 44])[np.digitize(rock, (40, 50, 60, 70))]
        + np.array([26, 20, 14, 8, 5])[np.digitize(green, (10, 20, 30, 50))]
        + points_of[cover]
    )
    found = 3 + np.searchsorted((40.5, 54.0, 67.5), score, "left")
    found[green >= potential_of[cover]] = 2
    found[rock < 30] = 1
    found[np.isin(quality, CLOUDS)] = 7
    found[(quality == 6) & ~np.isin(quality, CLOUDS)] = 9
    found[(cover == 50) | (cover == 80)] = 9
    return found.astype(np.uint8)


class Dask(RasterEngine):
    """rioxarray and dask: chunks of 2,048 cells, two threads, numpy inside."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import rioxarray  # noqa: F401

    def run(self) -> Path:
        import dask
        import rioxarray
        import xarray

        with dask.config.set(scheduler="threads", num_workers=2):
            chunks = {"band": -1, "x": 2048, "y": 2048}
            imagery = rioxarray.open_rasterio(
                self.folder / "imagery.tif", chunks=chunks, lock=False
            )
            cover = rioxarray.open_rasterio(self.folder / "cover.tif", chunks=chunks, lock=False)
            bands = [imagery.sel(band=k, drop=True) for k in range(1, 5)]
            found = xarray.apply_ufunc(
                graded, *bands, cover.sel(band=1, drop=True), dask="parallelized",
                output_dtypes=[np.uint8],
            )  # fmt: skip
            found.rio.write_crs(imagery.rio.crs, inplace=True)
            found.rio.to_raster(
                self.target, tiled=True, compress="deflate", windowed=True, lock=True
            )
        return self.target


class GdalCalc(RasterEngine):
    """gdal_calc.py, from Debian."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import shutil

        if shutil.which("gdal_calc.py") is None:
            raise ImportError("gdal_calc.py", name="gdal_calc.py (apt install python3-gdal)")

    def run(self) -> Path:
        soil, plants, low, high = ENDS
        r, n, s = (f"({band}.astype(float)-{OFFSET})" for band in "RNS")
        green = f"(100*((({n}-{r})/({n}+{r})-{soil})/({plants}-{soil})))"
        rock = f"(100*((({s}-{n})/({s}+{n})-{low})/({high}-{low})))".replace("--", "+")
        steps = ((rock, 20, ((40, 6), (50, 6), (60, 6), (70, 6))),
                 (green, 26, ((10, -6), (20, -6), (30, -6), (50, -3))))  # fmt: skip
        score = "+".join(
            f"({first}+" + "+".join(f"({value}>={at})*({more})" for at, more in bands) + ")"
            for value, first, bands in steps
        )
        kinds = "+".join(f"(C=={code})*{points}" for code, points in _POINTS.items())
        score = f"({score}+{kinds})"
        potential = "|".join(f"((C=={c})&({green}>={v}))" for c, v in _POTENTIAL.items())
        clouded = "|".join(f"(Q=={code})" for code in CLOUDS)
        calc = (
            f"where((C==50)|(C==80),9,where({clouded},7,where(Q==6,9,where({rock}<30,1,"
            f"where({potential},2,3+1*({score}>40.5)+({score}>54)+({score}>67.5))))))"
        )
        imagery, cover = self.folder / "imagery.tif", self.folder / "cover.tif"
        bands = [f"{option}{value}" for k, name in enumerate("RNSQ", 1)
                 for option, value in ((f"-{name}", ""), (str(imagery), ""),
                                       (f"--{name}_band={k}", ""))]  # fmt: skip
        subprocess.run(
            ["gdal_calc.py", *bands, "-C", str(cover), f"--calc={calc}", f"--outfile={self.target}",
             "--type=Byte", "--co=COMPRESS=DEFLATE", "--co=TILED=YES", "--hideNoData", "--quiet"],
            check=True, capture_output=True,
        )  # fmt: skip
        return self.target


def compare(ours: Any, theirs: Any) -> dict[str, Any]:
    """Count cells that differ, block by block."""
    import rasterio

    different = 0
    with rasterio.open(ours) as one, rasterio.open(theirs) as other:
        for _, window in one.block_windows(1):
            different += int((one.read(1, window=window) != other.read(1, window=window)).sum())
    return {"exact": different == 0, "different": different}


TASKS = {
    "grade": Task(
        make,
        "benchmarks.raster_grading:Ours",
        {
            "limit": "benchmarks.raster_grading:Limit",
            "dask": "benchmarks.raster_grading:Dask",
            "gdal_calc": "benchmarks.raster_grading:GdalCalc",
        },
        compare,
        {"limit": 0.85, "dask": 2.0, "gdal_calc": 4.0, "mb": 500.0},
    )
}
