from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.raster.grid import Grid

CRS = "EPSG:4544"

#   x   400   500   600   700
#  y 900 +-----+-----+-----+
#        |  1  |  2  |  3  |   row 0
#    800 +-----+-----+-----+
#        |  5  |  6  |  7  |   row 1
#    700 +-----+-----+-----+
SMALL = Grid((2, 3), Affine(100, 0, 400, 0, -100, 900), CRS)
PIXELS = np.array([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]])


def test_equal_grids_compare_equal_however_the_crs_is_written():
    same = Grid((2, 3), Affine(100, 0, 400, 0, -100, 900), 4544)
    assert same == SMALL
    assert hash(same) == hash(SMALL)
    assert same.crs.to_wkt() == SMALL.crs.to_wkt()


@pytest.mark.parametrize(
    "other",
    [
        Grid((3, 3), SMALL.transform, CRS),
        Grid((2, 3), Affine(100, 0, 401, 0, -100, 900), CRS),
        Grid((2, 3), SMALL.transform, "EPSG:4543"),
    ],
)
def test_grids_that_differ_in_anything_differ(other):
    assert other != SMALL


def test_bounds_cell_and_centres():
    assert SMALL.bounds == (400, 700, 700, 900)
    assert SMALL.cell == (100, 100)
    np.testing.assert_array_equal(SMALL.x, [450, 550, 650])
    np.testing.assert_array_equal(SMALL.y, [850, 750])


def test_rowcol_takes_x_before_y_and_marks_points_outside():
    row, column, inside = SMALL.rowcol([650, 400, 700, 399, 450], [850, 900, 850, 850, 700])
    np.testing.assert_array_equal(row, [0, 0, -1, -1, -1])
    np.testing.assert_array_equal(column, [2, 0, -1, -1, -1])
    np.testing.assert_array_equal(inside, [True, True, False, False, False])


def test_sample_is_bilinear_between_centres():
    # (500, 800) is the corner of cells 1, 2, 5, 6: their mean is 3.5; (450, 850) is a centre.
    np.testing.assert_allclose(
        SMALL.sample(PIXELS, [500, 450, 600], [800, 850, 850]), [3.5, 1, 2.5]
    )


def test_sample_holds_the_outermost_centres_and_knows_nothing_outside():
    found = SMALL.sample(PIXELS, [410, 690, 390], [890, 710, 850])
    np.testing.assert_array_equal(found, [1, 7, np.nan])


def test_sample_beside_unknown_cells_is_unknown_but_not_on_a_known_centre():
    pixels = np.where(PIXELS == 2, np.nan, PIXELS)
    found = SMALL.sample(pixels, [500, 450, 550], [850, 850, 750])
    np.testing.assert_array_equal(found, [np.nan, 1, 6])


def test_covering_rounds_outwards_to_whole_cells():
    grid = Grid.covering((401, 701, 699, 899), 100, CRS)
    assert grid == SMALL
    assert Grid.covering((450, 750, 450, 750), 100, CRS, margin=60).bounds == (300, 600, 600, 900)


@given(
    x=st.floats(-1e6, 1e6),
    y=st.floats(-1e6, 1e6),
    width=st.floats(0.5, 1e5),
    height=st.floats(0.5, 1e5),
    cell=st.floats(10.0, 5e3),
)
def test_covering_holds_its_box(x, y, width, height, cell):
    if width / cell > 1e4 or height / cell > 1e4:
        return
    grid = Grid.covering((x, y, x + width, y + height), cell, CRS)
    west, south, east, north = grid.bounds
    slack = 1e-6
    assert west <= x + slack
    assert south <= y + slack
    assert east >= x + width - slack
    assert north >= y + height - slack


@given(a=st.floats(-5, 5), b=st.floats(-5, 5), x=st.floats(450, 650), y=st.floats(750, 850))
def test_sample_of_a_plane_is_the_plane(a, b, x, y):
    plane = a * SMALL.x[None, :] + b * SMALL.y[:, None]
    assert float(SMALL.sample(plane, x, y)) == pytest.approx(a * x + b * y, abs=1e-6)


def test_errors_have_codes():
    with pytest.raises(UsageError) as empty:
        Grid((0, 3), SMALL.transform, CRS)
    with pytest.raises(DataError) as turned:
        Grid((2, 3), Affine(100, 5, 400, 0, -100, 900), CRS)
    with pytest.raises(DataError) as south_up:
        Grid((2, 3), Affine(100, 0, 400, 0, 100, 900), CRS)
    with pytest.raises(UsageError) as cell:
        Grid.covering((0, 0, 1, 1), 0, CRS)
    with pytest.raises(DataError) as shape:
        SMALL.sample(np.zeros((3, 2)), 450, 850)
    codes = [error.value.code for error in (empty, turned, south_up, cell, shape)]
    assert codes == [
        "grid-empty",
        "grid-not-north-up",
        "grid-not-north-up",
        "grid-cell",
        "grid-shape",
    ]


def test_a_grid_does_not_change():
    with pytest.raises(AttributeError):
        SMALL.shape = (1, 1)  # type: ignore[misc]
