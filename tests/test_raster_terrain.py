"""Slope, aspect, hillshade and relief: surfaces whose slope is known, and GDAL as oracle."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import maximum_filter, minimum_filter

from yanshan_gis.errors import CrsError
from yanshan_gis.raster.grid import Grid
from yanshan_gis.raster.terrain import CLASSES, relief, surface

CRS = "EPSG:4544"


def grid(rows, columns, width=10.0, height=None):
    return Grid((rows, columns), Affine(width, 0, 4e5, 0, -(height or width), 26e5), CRS)


def plane(over, slope_deg, falls_to_deg):
    """Heights of a plane that falls towards a compass direction."""
    x, y = np.meshgrid(over.x - over.x[0], over.y - over.y[0])
    down = np.radians(falls_to_deg)
    run = x * np.sin(down) + y * np.cos(down)
    return 5_000 - run * np.tan(np.radians(slope_deg))


@settings(deadline=None)  # the first call compiles
@given(
    st.floats(0.1, 80), st.floats(0, 359.9), st.floats(1, 90), st.floats(1, 90),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8)), max_size=6),
)  # fmt: skip
def test_planes_have_their_slope_and_aspect_everywhere(slope, falls_to, width, height, holes):
    # The first and last row and column too, on cells that are not square; beside a hole where the
    # height opposite is known.
    over = grid(7, 9, width, height)
    z = plane(over, slope, falls_to)
    found = surface(z, over, ("slope", "aspect"))
    np.testing.assert_allclose(found["slope"], slope, atol=0.01)
    turned = np.abs((found["aspect"] - falls_to + 180) % 360 - 180)
    assert turned.max() < 0.01
    for hole in holes:
        z[hole] = np.nan
    pierced = surface(z, over)["slope"]
    np.testing.assert_allclose(pierced[~np.isnan(pierced)], slope, atol=0.01)
    assert np.isnan(pierced[np.isnan(z)]).all()


def test_a_cell_between_two_unknown_ones_is_unknown_and_one_hole_costs_one_cell():
    over = grid(5, 5)
    z = plane(over, 20, 90)
    z[2, 2] = np.nan
    assert np.isnan(surface(z, over)["slope"]).sum() == 1
    z[2, 0] = np.nan  # (2, 1) has no height to its west nor to its east
    assert np.isnan(surface(z, over)["slope"]).sum() == 3


def test_a_cone_has_one_slope_and_falls_away_from_its_top():
    over = grid(401, 401, 5.0)
    x, y = np.meshgrid(over.x - over.x[200], over.y - over.y[200])
    z = 3_000 - np.hypot(x, y) * np.tan(np.radians(30))
    found = surface(z, over, ("slope", "aspect", "classes"))
    far = np.hypot(x, y) > 400
    far[[0, -1]] = far[:, [0, -1]] = False  # there a neighbour is guessed
    np.testing.assert_allclose(found["slope"][far], 30, atol=0.01)
    assert (found["classes"][far] == 5).all()
    outwards = np.degrees(np.arctan2(x, y)) % 360
    turned = np.abs((found["aspect"] - outwards + 180) % 360 - 180)
    assert turned[far].max() < 0.01


def test_per_cent_is_rise_over_run_and_level_ground_falls_nowhere():
    over = grid(4, 4)
    assert surface(plane(over, 45, 0), over, percent=True)["slope"] == pytest.approx(100)
    level = surface(np.full((4, 4), 7.0), over, ("slope", "aspect", "shade", "classes"))
    assert (level["slope"] == 0).all()
    assert np.isnan(level["aspect"]).all()
    assert (level["classes"] == 1).all()
    # Light from 45° above: cos 45° · 254 + 1 = 180.6.
    assert (level["shade"] == 181).all()


@pytest.mark.parametrize(
    ("slope", "class_"), [(1.9, 1), (2.1, 2), (5.9, 2), (6.1, 3), (14.9, 3), (25.1, 5), (24.9, 4)]
)
def test_slope_classes_are_those_of_the_survey(slope, class_):
    over = grid(3, 3)
    found = surface(plane(over, slope, 200), over, ("classes",))["classes"]
    assert (found == class_).all()
    assert CLASSES == (2, 6, 15, 25)


def test_slopes_are_lit_from_the_north_west():
    over = grid(3, 3)
    lit = surface(plane(over, 45, 315), over, ("shade",))["shade"]
    dark = surface(plane(over, 45, 135), over, ("shade",))["shade"]
    assert (lit == 255).all()
    assert (dark == 1).all()


def test_degrees_are_refused():
    degrees = Grid((3, 3), Affine(0.01, 0, 104, 0, -0.01, 23), "EPSG:4490")
    with pytest.raises(CrsError, match="cannot be measured"):
        surface(np.zeros((3, 3)), degrees)


def rough(seed, shape, holes=0.0):
    rng = np.random.default_rng(seed)
    z = np.cumsum(np.cumsum(rng.normal(0, 1, shape), 0), 1).astype(np.float32)
    z[rng.random(shape) < holes] = np.nan
    return z


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 1000), st.integers(1, 9), st.sampled_from([0.0, 0.2, 0.7]))
def test_relief_is_the_range_of_the_square_around(seed, radius, holes):
    z = rough(seed, (12, 17), holes)
    side = 2 * radius + 1
    high = maximum_filter(np.nan_to_num(z, nan=-np.inf), side, mode="constant", cval=-np.inf)
    low = minimum_filter(np.nan_to_num(z, nan=np.inf), side, mode="constant", cval=np.inf)
    known = ~np.isnan(z)
    found = relief(z, radius)
    np.testing.assert_array_equal(np.isnan(found), ~known)
    np.testing.assert_allclose(found[known], high[known] - low[known], rtol=1e-5)


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 6))
def test_parts_with_their_neighbours_equal_the_whole(seed, row, column):
    z, over = rough(seed, (12, 13), 0.1), grid(12, 13)
    kinds = ("slope", "aspect", "shade", "classes")
    whole = surface(z, over, kinds)
    part = (slice(row, row + 4), slice(column, column + 5))
    near = z[row - 1 : row + 5, column - 1 : column + 6]
    found = surface(near, over, kinds, part=(slice(1, 5), slice(1, 6)))
    for kind in kinds:
        np.testing.assert_array_equal(found[kind], whole[kind][part])


@pytest.mark.oracle
@pytest.mark.skipif(not shutil.which("gdaldem"), reason="gdaldem is not installed")
@pytest.mark.parametrize("holes", [0.0, 0.05])
def test_equals_gdaldem(tmp_path, holes):
    z, over = rough(5, (60, 70), holes), grid(60, 70, 12.5)
    z *= 0.5
    source = tmp_path / "z.tif"
    with rasterio.open(source, "w", driver="GTiff", width=70, height=60, count=1, dtype="float32",
                       crs=CRS, transform=over.transform, nodata=-9999) as target:  # fmt: skip
        target.write(np.nan_to_num(z, nan=-9999), 1)

    def told(*mode):
        out = tmp_path / f"{'-'.join(mode)}.tif"
        subprocess.run(["gdaldem", mode[0], source, out, *mode[1:], "-q"], check=True)
        with rasterio.open(out) as opened:
            return opened.read(1, masked=True).astype(float).filled(np.nan)

    found = surface(z, over, ("slope", "aspect", "shade"))
    inside = ~np.isnan(told("slope"))  # gdaldem gives no cell beside an unknown one
    assert inside[1:-1, 1:-1].all() or holes
    np.testing.assert_allclose(found["slope"][inside], told("slope")[inside], atol=1e-3)
    steep = surface(z, over, percent=True)["slope"]
    np.testing.assert_allclose(steep[inside], told("slope", "-p")[inside], rtol=1e-4)
    np.testing.assert_allclose(found["aspect"][inside], told("aspect")[inside], atol=1e-2)
    shade = told("hillshade")
    assert np.nanmax(np.abs(found["shade"][inside] - shade[inside])) <= 1
