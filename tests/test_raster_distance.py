"""Distances from cells to features: by hand, beside shapely alone, and what is refused."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.errors import CrsError
from yanshan_gis.raster import distance
from yanshan_gis.raster.distance import distance_to
from yanshan_gis.raster.grid import Grid

WHOLE = st.integers(-30, 130)
POINTS = st.builds(shapely.Point, WHOLE, WHOLE)
LINES = st.lists(st.tuples(WHOLE, WHOLE), min_size=2, max_size=5).map(shapely.LineString)
BOXES = st.tuples(WHOLE, WHOLE).map(lambda at: shapely.box(*at, at[0] + 25, at[1] + 15))


def grid(cell=10.0, crs="EPSG:4544"):
    return Grid.covering((0, 0, 100, 50), cell, crs)


def test_a_point_a_line_and_an_area_by_hand():
    at_corner = distance_to([shapely.Point(5, 45)], grid())
    assert at_corner[0].tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert at_corner[3, 4] == 50  # 30 down, 40 across
    river = distance_to([shapely.LineString([(0, 20), (100, 20)])], grid())
    assert river[:, 7].tolist() == [25, 15, 5, 5, 15]
    field = distance_to([shapely.box(0, 0, 30, 50)], grid())
    assert field[2, :5].tolist() == [0, 0, 0, 5, 15]


@pytest.mark.oracle
@given(st.lists(POINTS | LINES | BOXES, min_size=1, max_size=6))
def test_equals_the_distance_to_each_feature(features):
    here = grid()
    centres = shapely.points(*np.meshgrid(here.x, here.y))
    expected = np.min([shapely.distance(centres, feature) for feature in features], axis=0)
    assert distance_to(features, here) == pytest.approx(expected, abs=1e-4)


def test_parts_of_a_grid_are_the_whole(monkeypatch):
    features = [shapely.MultiPoint([(12, 3), (88, 41)]), shapely.LineString([(0, 0), (99, 50)])]
    whole = distance_to(features, grid(1.0))
    monkeypatch.setattr(distance, "_AT_ONCE", 1)
    assert np.array_equal(distance_to(features, grid(1.0)), whole)


@pytest.mark.parametrize("features", [[], [None], [shapely.Point()], [shapely.LineString()]])
def test_without_features_nothing_is_near(features):
    assert np.isnan(distance_to(features, grid())).all()


def test_degrees_are_refused():
    with pytest.raises(CrsError):
        distance_to([shapely.Point(1, 1)], grid(crs="EPSG:4490"))
