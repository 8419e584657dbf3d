"""Zones: what the filter and the sieve take out, and borders shared to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from yanshan_gis.raster.grid import Grid
from yanshan_gis.raster.zones import outline, smooth

MU = 10_000 / 15


def grid(shape, cell=10.0):
    return Grid(shape, Affine(cell, 0, 400_000.1, 0, -cell, 2_600_000.3), "EPSG:4544")


def town(text):
    return np.array([[int(c) for c in line.split()] for line in text.strip().splitlines()], "u1")


def test_single_cells_take_the_class_around_them():
    pixels = town("""
        1 1 1 2 2
        1 2 1 2 2
        1 1 1 9 2
        0 1 1 2 1
    """)
    # The 2 amid eight 1 goes; so do the last two of the bottom row, of which each has more of the
    # other class around it. The 9 has no vote and stays. (0, 2) has four 1 and one 2.
    found = smooth(pixels, grid(pixels.shape), 6, 0)
    expected = town("""
        1 1 1 2 2
        1 1 1 2 2
        1 1 1 9 2
        0 1 1 1 2
    """)
    np.testing.assert_array_equal(found, expected)


def test_patches_below_the_minimum_join_their_largest_neighbour():
    pixels = np.ones((20, 20), np.uint8)
    pixels[:, 12:] = 3
    pixels[5:9, 10:14] = 2
    # Without its corners, which the filter takes, it has 12 cells of 100 m²: 1.8 mu.
    kept = smooth(pixels, grid(pixels.shape), 6, 1.7 * MU)
    assert (kept == 2).any()
    gone = smooth(pixels, grid(pixels.shape), 6, 1.9 * MU)
    assert set(np.unique(gone)) == {1, 3}
    lonely = np.full((20, 20), 8, np.uint8)
    lonely[5:8, 5:8] = 4  # nobody to join
    np.testing.assert_array_equal(smooth(lonely, grid((20, 20)), 6, 100 * MU), lonely)


def landscape(seed, side=60, scale=2.0):
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.normal(0, 1, (side, side + 7)), scale)
    classes = np.digitize(field, np.quantile(field, [0.15, 0.4, 0.7, 0.9])).astype(np.uint8) + 1
    classes[gaussian_filter(rng.normal(0, 1, classes.shape), scale) > 0.12] = 9
    return classes


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.7, 1.5, 4.0]), st.floats(0.6, 3))
def test_zones_are_a_valid_coverage_of_the_cells_they_stand_for(seed, tolerance, scale):
    pixels = landscape(seed, 40, scale)
    zones = outline(pixels, grid(pixels.shape), 6, tolerance)
    drawn = zones.geometry.to_numpy()
    assert shapely.is_valid(drawn).all()
    assert shapely.coverage_is_valid(drawn)
    # The cells' areas add up; neighbours give and take, and the rim towards other land moves too.
    for code in range(1, 6):
        told = zones.loc[zones["code"] == code, "area_m2"].sum()
        assert told == pytest.approx(100 * (pixels == code).sum())
    assert shapely.area(drawn).sum() == pytest.approx(
        zones["area_m2"].sum(), rel=1e-9 if tolerance == 0 else 0.25
    )


def test_shared_borders_are_identical_and_shorter():
    pixels = landscape(3)
    stairs = outline(pixels, grid(pixels.shape), 6, 0).geometry.to_numpy()
    drawn = outline(pixels, grid(pixels.shape), 6, 1.5).geometry.to_numpy()
    assert (
        shapely.get_num_coordinates(drawn).sum() < 0.6 * shapely.get_num_coordinates(stairs).sum()
    )
    assert shapely.coverage_is_valid(drawn)
    # No gap and no overlap to the last bit: the union is as large as the parts.
    union = shapely.area(shapely.union_all(drawn))
    assert union == pytest.approx(shapely.area(drawn).sum(), rel=1e-12)


def test_classes_alone_have_zones_and_nothing_has_none():
    pixels = np.full((5, 5), 8, np.uint8)
    empty = outline(pixels, grid(pixels.shape), 6, 1.0)
    assert list(empty.columns) == ["code", "area_m2", "geometry"]
    assert not len(empty)
    pixels[1:3, 1:4] = 5
    (zone,) = outline(pixels, grid(pixels.shape), 6, 0).itertuples()
    assert (zone.code, zone.area_m2) == (5, 600)
    np.testing.assert_allclose(
        zone.geometry.bounds, (400_010.1, 2_599_970.3, 400_040.1, 2_599_990.3)
    )


def test_cells_that_touch_by_a_corner_are_two_zones():
    pixels = np.zeros((4, 4), np.uint8)
    pixels[0, 0] = pixels[1, 1] = 2
    zones = outline(pixels, grid(pixels.shape), 6, 0)
    assert list(zones["area_m2"]) == [100, 100]
    assert zones.geometry[0].bounds[3] > zones.geometry[1].bounds[3]
