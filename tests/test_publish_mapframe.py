"""Scale, grid and the note on the coordinate system."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.errors import CrsError, DataError
from yanshan_gis.publish.furniture import scale_bar_step_m
from yanshan_gis.publish.map_grid import degree_marks, degree_text, grid_lines, grid_step_m
from yanshan_gis.publish.mapframe import (
    crs_note,
    fit_frame,
    scale_denominator,
)

PLACE = {"left": 10.0, "bottom": 20.0, "width": 300.0, "height": 200.0}


@pytest.mark.parametrize(
    ("width_m", "scale"),
    [
        (62_500, 250_000),
        (75_001, 320_000),
        (80_000, 320_000),
        (80_001, 350_000),
        (100_000, 400_000),
    ],
)
def test_the_scale_is_the_largest_round_one_that_fits(width_m, scale):
    # 250 mm of room: 62.5 km need 1:250,000; 75.001 km need 1:300,004, so 1:320,000.
    assert scale_denominator((width_m, 1000), (250, 200)) == scale


@given(st.floats(10, 3e6), st.floats(10, 3e6))
def test_any_extent_fits_and_never_wastes_half_the_room(width, height):
    scale = scale_denominator((width, height), (250, 150))
    used = max(width * 1000 / scale / 250, height * 1000 / scale / 150)
    assert used <= 1.0 + 1e-9
    assert used > 0.7 or scale <= 1000


def test_the_frame_is_centred_and_exact():
    frame = fit_frame((530_000, 2_600_000, 590_000, 2_640_000), "EPSG:4544", **PLACE)
    # 60 km in 290 mm and 40 km in 190 mm: 1:210,526 -> 1:220,000.
    assert frame.denominator == 220_000
    x_min, y_min, x_max, y_max = frame.ground
    assert (x_min + x_max) / 2 == pytest.approx(560_000)
    assert (y_max - y_min) == pytest.approx(200 * 220)
    corner = frame.paper(np.array([[x_min, y_min], [x_max, y_max]]))
    assert corner == pytest.approx(np.array([[0, 0], [300, 200]]))
    line = frame.on_paper([shapely.LineString([(560_000, 2_610_000), (571_000, 2_610_000)])])
    assert shapely.length(line[0]) == pytest.approx(50.0)  # 11 km at 1:220,000


def test_the_grid_is_round_and_inside():
    frame = fit_frame((530_000, 2_600_000, 590_000, 2_640_000), "EPSG:4544", **PLACE)
    step = grid_step_m(frame)
    assert step == 10_000
    eastings, northings = grid_lines(frame, step)
    assert eastings.tolist() == [530_000, 540_000, 550_000, 560_000, 570_000, 580_000, 590_000]
    assert northings.tolist() == [2_600_000, 2_610_000, 2_620_000, 2_630_000, 2_640_000]


def test_the_scale_bar_has_round_parts():
    assert scale_bar_step_m(320_000, 74) == 5000
    assert scale_bar_step_m(10_000, 74) == 100


@pytest.mark.parametrize(
    ("crs", "parts"),
    [
        ("EPSG:4544", ["CGCS2000", "高斯-克吕格 3°分带", "中央经线 105°E", "EPSG:4544"]),
        ("EPSG:4508", ["CGCS2000", "高斯-克吕格 6°分带", "中央经线 111°E"]),
        ("EPSG:32648", ["WGS 84", "UTM 48N", "中央经线 105°E"]),
        ("EPSG:2379", ["1980西安坐标系", "3°分带", "102°E"]),
        ("EPSG:3857", ["WGS 84", "EPSG:3857"]),
    ],
)
def test_the_note_on_the_coordinate_system_comes_from_the_system(crs, parts):
    note = crs_note(crs, "zh")
    assert all(part in note for part in parts), note


def test_the_note_in_english():
    assert crs_note("EPSG:4544", "en") == (
        "Coordinate system: CGCS2000; Projection: Gauss-Krüger, 3° zones, "
        "central meridian 105° E; EPSG:4544"
    )


def test_degrees_are_refused():
    with pytest.raises(CrsError) as caught:
        fit_frame((104, 23, 105, 24), "EPSG:4490", **PLACE)
    assert caught.value.code == "crs-not-metric"


def test_an_empty_extent_is_refused():
    with pytest.raises(DataError) as caught:
        fit_frame((np.nan,) * 4, "EPSG:4544", **PLACE)
    assert caught.value.code == "map-empty"


@pytest.mark.parametrize(
    ("value", "text"),
    [(104.25, "104°15′"), (23.5 + 15 / 3600, "23°30′15″"), (-0.25, "-0°15′"), (105, "105°00′")],
)
def test_angles_are_written_in_degrees_and_minutes(value, text):
    assert degree_text(value) == text


def test_round_degrees_are_marked_where_they_lie():
    """On the central meridian of EPSG:4544, 105° E: it stands upright at x = 500 km."""
    frame = fit_frame((480_000, 2_590_000, 520_000, 2_620_000), "EPSG:4544", **PLACE)
    marks = degree_marks(frame, "EPSG:4544")
    middle = (500_000 - frame.x) * 1000 / frame.denominator
    for ticks in (marks.bottom, marks.top):
        assert dict(map(reversed, ticks))["105°00′"] == pytest.approx(middle, abs=0.01)
    steps = [int(text[4:6]) for _, text in marks.bottom]
    assert len(set(np.diff(steps) % 60)) == 1
    assert len(marks.crosses) == len(marks.bottom) * len(marks.left)


def test_meridians_lean_away_from_the_central_one():
    frame = fit_frame((360_000, 2_590_000, 470_000, 2_640_000), "EPSG:4544", **PLACE)
    marks = degree_marks(frame, "EPSG:4544")
    foot, head = dict(map(reversed, marks.bottom)), dict(map(reversed, marks.top))
    west = min(foot.keys() & head.keys())
    assert head[west] > foot[west] + 0.1  # west of it meridians lean east going north
