"""Foreign GDAL and PROJ data must not reach the libraries."""

from __future__ import annotations

import os
import subprocess
import sys

from yanshan_gis.gdal_env import FOREIGN_VARIABLES, clear_foreign_gdal

PROGRAM = """
import yanshan_gis.ingest
import pyogrio, rasterio.crs, pyproj
assert rasterio.crs.CRS.from_epsg(4544).is_projected
assert pyproj.CRS.from_epsg(4544).is_projected
print("ok")
"""


def test_only_foreign_variables_are_removed_and_named() -> None:
    environ = {"PROJ_LIB": "/q/proj", "GDAL_DATA": "/q/gdal", "HOME": "/home/a"}
    assert clear_foreign_gdal(environ) == ("GDAL_DATA", "PROJ_LIB")
    assert environ == {"HOME": "/home/a"}
    assert clear_foreign_gdal(environ) == ()


def test_entering_the_room_makes_rasterio_work_in_a_foreign_environment(tmp_path) -> None:
    foreign = dict.fromkeys(FOREIGN_VARIABLES, str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | foreign, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "ok", done.stderr


def test_the_module_is_light() -> None:
    program = "import sys, yanshan_gis.gdal_env; print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
