"""Slope at points on planes whose slope is known, in metres and in degrees."""

import numpy as np
import pyproj
import pytest
from affine import Affine

from yanshan_gis.raster.grid import Grid
from yanshan_gis.raster.point_slope import cell_m, slope_at
from yanshan_gis.store.rasters import write_raster

METRIC = "EPSG:4544"


def raster(tmp_path, grid, heights):
    return write_raster(tmp_path, "elevation", grid, np.asarray(heights, float), nodata=-9999)[0]


def plane(tmp_path, east, north, cell=(30.0, 20.0)):
    """Rise `east` metres per metre eastward and `north` per metre northward."""
    grid = Grid((9, 11), Affine(cell[0], 0, 400_000, 0, -cell[1], 2_600_000), METRIC)
    x, y = np.meshgrid(grid.x - 400_000, grid.y - 2_600_000)
    return raster(tmp_path, grid, 1000 + east * x + north * y), grid


@pytest.mark.parametrize(
    ("east", "north", "degrees"),
    [
        (0, 0, 0),
        (1, 0, 45),
        (0, 1, 45),
        (0, -1, 45),
        (-0.3, 0.4, np.degrees(np.arctan(0.5))),  # 3-4-5
    ],
)
def test_planes_in_metres_whatever_the_cells_shape(tmp_path, east, north, degrees):
    path, grid = plane(tmp_path, east, north)
    assert slope_at(path, grid.x[[3, 7]], grid.y[[4, 4]], METRIC) == pytest.approx(degrees)


def test_one_peak_by_hand(tmp_path):
    # Only the cell north-west of the middle is up, by 80 m, cells of 10 m: east -80/80, north
    # 80/80, so the rise is the square root of 2.
    heights = np.zeros((3, 3))
    heights[0, 0] = 80
    path = raster(tmp_path, Grid((3, 3), Affine(10, 0, 0, 0, -10, 30), METRIC), heights)
    assert slope_at(path, np.array([15.0]), np.array([15.0]), METRIC) == pytest.approx(
        np.degrees(np.arctan(np.sqrt(2)))
    )


def test_a_grid_in_degrees_is_as_steep_as_the_ground(tmp_path):
    """A rise of 0.2 in metres at 60° north, where a degree east is half as long as one north."""
    cell = 1 / 1200
    grid = Grid((9, 9), Affine(cell, 0, 104.0, 0, -cell, 60.0), "EPSG:4490")
    geod = pyproj.Geod(ellps="GRS80")
    for axis in ("east", "north"):
        lon, lat = np.meshgrid(grid.x, grid.y)
        fixed = (np.full(lon.shape, grid.x[0]), lat) if axis == "east" else (lon, lat * 0 + 59.9)
        metres = geod.inv(*fixed, lon, lat)[2]
        path = raster(tmp_path, grid, 0.2 * metres)
        found = slope_at(path, grid.x[[4]], grid.y[[4]], "EPSG:4490")
        assert found == pytest.approx(np.degrees(np.arctan(0.2)), rel=1e-4)


def test_cells_in_degrees_measured_on_the_ellipsoid():
    cell = 1 / 3600
    grid = Grid((3, 3), Affine(cell, 0, 104.0, 0, -cell, 24.0), "EPSG:4490")
    geod = pyproj.Geod(ellps="GRS80")
    width, height = cell_m(grid)
    for row, lat in enumerate(grid.y):
        assert width[row] == pytest.approx(geod.inv(104, lat, 104 + cell, lat)[2], rel=1e-7)
        across = geod.inv(104, lat - cell / 2, 104, lat + cell / 2)[2]
        assert height[row] == pytest.approx(across, rel=1e-7)


def test_points_in_another_crs_are_carried_over(tmp_path):
    path, grid = plane(tmp_path, 0.5, 0)
    lon, lat = pyproj.Transformer.from_crs(METRIC, "EPSG:4490", always_xy=True).transform(
        grid.x[[5, 6]], grid.y[[4, 4]]
    )
    assert slope_at(path, lon, lat, "EPSG:4490") == pytest.approx(np.degrees(np.arctan(0.5)))


def test_what_is_not_known_is_no_number(tmp_path):
    grid = Grid((5, 5), Affine(10, 0, 0, 0, -10, 50), METRIC)
    heights = np.zeros((5, 5))
    heights[1, 1] = -9999
    path = raster(tmp_path, grid, heights)
    # the hole itself, a cell beside it, the outermost row, off the raster; then a known cell
    x, y = np.array([15.0, 25, 25, 900, 35]), np.array([35.0, 25, 45, 25, 15])
    found = slope_at(path, x, y, METRIC)
    assert np.isnan(found[:4]).all()
    assert found[4] == 0
    assert len(slope_at(path, x[:0], y[:0], METRIC)) == 0
