"""The placer: no two labels meet, none covers a symbol, all stay in the frame."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.publish.labels import (
    LabelRequest,
    along_line,
    around_point,
    inside_polygon,
    label_extent,
    place_labels,
)

FRAME = (0.0, 0.0, 100.0, 80.0)


def requests_at(places, sizes, priorities, text="稼依镇"):
    extent = label_extent(text, 7.0)
    return [
        LabelRequest(text, "villages", 7.0, around_point(x, y, size, extent), priority)
        for (x, y), size, priority in zip(places, sizes, priorities, strict=True)
    ]


def symbols(places, sizes):
    middles = np.array(places, dtype=float).reshape(-1, 2)
    half = np.array(sizes, dtype=float)[:, None] / 2
    return np.hstack([middles - half, middles + half])


point = st.tuples(st.floats(0, 100), st.floats(0, 80))
many = st.lists(st.tuples(point, st.floats(0.5, 6), st.integers(0, 3)), max_size=60)


@settings(max_examples=60, deadline=None)
@given(many)
def test_no_two_labels_meet_and_none_covers_a_symbol(rows):
    places, sizes, priorities = zip(*rows, strict=True) if rows else ((), (), ())
    obstacles = symbols(places, sizes)
    found = place_labels(requests_at(places, sizes, priorities), frame=FRAME, obstacles=obstacles)
    assert len(found.placements) + found.dropped.get("villages", 0) == len(rows)
    boxes = shapely.box(*np.array([p.box for p in found.placements]).reshape(-1, 4).T)
    for index, box in enumerate(boxes):
        assert not shapely.intersects(box, boxes[index + 1 :]).any()
        assert not shapely.intersects(box, shapely.box(*obstacles.T)).any()
        assert shapely.box(*FRAME).covers(box)


def test_the_more_important_label_wins_whatever_the_order():
    # Two symbols on one spot and a frame with room for one label only.
    extent = label_extent("镇", 7.0)
    frame = (0, 0, extent[0] + 2.0, extent[1] + 0.2)
    boxes = around_point(0.0, extent[1] / 2 + 0.1, 1.0, extent)
    low, high = (LabelRequest("镇", "x", 7.0, boxes, priority) for priority in (1, 9))
    nothing = np.zeros((0, 4))
    for order in ([low, high], [high, low]):
        found = place_labels(order, frame=frame, obstacles=nothing)
        assert [order[p.request].priority for p in found.placements] == [9]
        assert found.dropped == {"x": 1}


def test_equal_labels_are_placed_in_the_order_given_and_the_first_stands_to_the_east():
    found = place_labels(
        requests_at([(20, 20), (60, 60)], [2, 2], [0, 0]), frame=FRAME, obstacles=np.zeros((0, 4))
    )
    assert [p.request for p in found.placements] == [0, 1]
    assert found.placements[0].box[0] > 21.0


def test_a_name_that_stands_already_is_left_out_without_counting():
    extent = label_extent("平远镇", 7.0)
    seat = LabelRequest("平远镇", "seats", 7.0, around_point(20, 20, 2, extent), 100)
    area = LabelRequest("平远镇", "townships", 7.0, around_point(60, 60, 2, extent), 90, once=True)
    found = place_labels([area, seat], frame=FRAME, obstacles=np.zeros((0, 4)))
    assert [p.request for p in found.placements] == [1]
    assert found.dropped == {}
    alone = place_labels([area], frame=FRAME, obstacles=np.zeros((0, 4)))
    assert len(alone.placements) == 1


def test_nothing_asked_nothing_placed():
    found = place_labels([], frame=FRAME, obstacles=np.zeros((0, 4)))
    assert found.placements == ()
    assert found.dropped == {}


def test_an_area_is_labelled_inside_even_where_its_centroid_is_not():
    # A horseshoe: the centroid lies in the gap.
    shape = shapely.Polygon(
        [(0, 0), (40, 0), (40, 30), (32, 30), (32, 10), (8, 10), (8, 30), (0, 30)]
    )
    boxes = inside_polygon(shape, (6.0, 2.5))
    assert not shape.contains(shapely.box(8.5, 11, 31, 29))
    assert shape.contains(shapely.box(*boxes[0]))
    middles = shapely.points((boxes[:, :2] + boxes[:, 2:]) / 2)
    assert shapely.contains(shape, middles).all()


def test_a_line_is_labelled_at_its_middle_and_a_short_one_not_at_all():
    road = shapely.LineString([(0, 10), (60, 10)])
    boxes = along_line(road, (8.0, 3.0))
    assert boxes[0].tolist() == [26.0, 8.5, 34.0, 11.5]
    assert len(along_line(road, (40.0, 3.0))) == 0


def test_a_required_name_covers_the_least_of_the_symbols_but_no_label():
    extent = label_extent("江那镇", 7.0)
    boxes = around_point(50, 40, 2, extent)
    crowd = np.vstack([boxes, np.array([[49.0, 39.0, 51.0, 41.0]])])  # a symbol on every place
    plain = LabelRequest("江那镇", "seats", 7.0, boxes, 100)
    wanted = LabelRequest("江那镇", "seats", 7.0, boxes, 100, required=True)
    assert place_labels([plain], frame=FRAME, obstacles=crowd).dropped == {"seats": 1}
    crowd[3] = crowd[3][[0, 1, 0, 1]] + np.array([0, 0, 0.4, 0.4])  # but hardly any on one
    found = place_labels([wanted], frame=FRAME, obstacles=crowd)
    areas = [sum(shapely.box(*b).intersection(shapely.box(*c)).area for c in crowd) for b in boxes]
    chosen = shapely.box(*found.placements[0].box)
    assert sum(chosen.intersection(shapely.box(*c)).area for c in crowd) == min(areas)
    twice = place_labels([wanted, wanted], frame=FRAME, obstacles=np.vstack([crowd, crowd]))
    first, second = (shapely.box(*p.box) for p in twice.placements)
    assert not first.intersects(second)
