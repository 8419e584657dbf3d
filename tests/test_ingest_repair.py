"""Geometry repair: what is done, to which row, and what is refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import wkt

from yanshan_gis.ingest.repair import repair_geometry, repair_notices

SQUARE = "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"  # counter-clockwise, area 4
BOW_TIE = "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"  # two triangles of area 1 each, signed area 0
# a square with a spike of no width to (4, 2): the spike is a line, not a polygon
SPIKE = "POLYGON ((0 0, 2 0, 2 2, 4 2, 2 2, 0 2, 0 0))"


def table(*texts: str | None) -> gpd.GeoDataFrame:
    shapes = [None if text is None else wkt.loads(text) for text in texts]
    return gpd.GeoDataFrame({"name": range(len(texts))}, geometry=shapes, crs=4544)


def done(repairs) -> list[tuple[int, str]]:
    return list(zip(repairs["row"], repairs["code"], strict=True))


def test_sound_shapes_are_left_alone() -> None:
    frame = table(SQUARE, "POINT (1 1)", "LINESTRING (0 0, 1 1)", "MULTIPOINT (0 0, 1 1)")
    repaired, repairs = repair_geometry(frame)
    assert repaired.equals(frame)
    assert repairs.empty
    assert list(repairs.columns) == ["row", "code", "reason", "change_share", "refused"]
    assert repair_notices(repairs) == ()


def test_missing_and_empty_shapes_are_refused() -> None:
    repaired, repairs = repair_geometry(table(None, SQUARE, "POLYGON EMPTY"), row_numbers=[4, 5, 9])
    assert done(repairs) == [(4, "geometry-missing"), (9, "geometry-missing")]
    assert repairs["refused"].all()
    assert repaired.index.tolist() == [1]
    assert repaired.crs.to_epsg() == 4544


def test_a_bow_tie_becomes_two_triangles_and_a_warning() -> None:
    repaired, repairs = repair_geometry(table(BOW_TIE))
    assert repaired.geometry.iloc[0].area == pytest.approx(2)
    assert repaired.geometry.iloc[0].geom_type == "MultiPolygon"
    assert (1, "made-valid") in done(repairs)
    warned = repairs[repairs["code"] == "geometry-changed"]
    assert warned["change_share"].tolist() == [1.0]
    assert "Self-intersection" in repairs["reason"].iloc[0]


def test_a_polygon_keeps_only_its_polygonal_part() -> None:
    repaired, repairs = repair_geometry(table(SPIKE))
    assert repaired.geometry.iloc[0].equals(wkt.loads(SQUARE))
    assert done(repairs) == [(1, "made-valid")]  # the area is the same: no warning


def test_polygons_and_lines_without_extent_are_refused() -> None:
    frame = table("POLYGON ((0 0, 1 1, 2 2, 0 0))", "LINESTRING (3 3, 3 3)", SQUARE)
    repaired, repairs = repair_geometry(frame)
    refused = repairs[repairs["refused"]]
    assert done(refused) == [(1, "geometry-collapsed"), (2, "geometry-collapsed")]
    assert len(repaired) == 1


def test_heights_repeated_points_and_turned_rings() -> None:
    frame = table(
        "LINESTRING Z (0 0 5, 1 0 6, 1 0 6, 2 0 7)", "POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))"
    )
    repaired, repairs = repair_geometry(frame)
    assert done(repairs) == [(1, "z-dropped"), (1, "points-repeated"), (2, "ring-turned")]
    assert repaired.geometry.iloc[0].wkt == "LINESTRING (0 0, 1 0, 2 0)"
    assert repaired.geometry.iloc[1].exterior.is_ccw


def test_frame_is_not_changed() -> None:
    frame = table(BOW_TIE, None)
    before = frame.copy(deep=True)
    repair_geometry(frame, kinds=["Polygon"], explode=True)
    assert frame.equals(before)


def test_wrong_kinds_are_refused_with_their_kind() -> None:
    frame = table("POINT (0 0)", "LINESTRING (0 0, 1 1)", SQUARE)
    repaired, repairs = repair_geometry(frame, kinds=["LineString"])
    assert done(repairs) == [(1, "geometry-wrong-kind"), (3, "geometry-wrong-kind")]
    assert repairs["reason"].tolist() == ["Point", "Polygon"]
    assert repaired["name"].tolist() == [1]
    (notice,) = repair_notices(repairs)
    assert notice.values == {"count": 2, "rows": "1, 3", "reason": "Point, Polygon"}


def test_closed_lines_are_polygons_where_polygons_are_wanted() -> None:
    ring, open_line = "LINESTRING (0 0, 2 0, 2 2, 0 2, 0 0)", "LINESTRING (0 0, 2 0, 2 2)"
    repaired, repairs = repair_geometry(table(ring, open_line), kinds=["Polygon"])
    assert done(repairs) == [(1, "line-closed"), (2, "geometry-wrong-kind")]
    assert repaired.geometry.iloc[0].area == 4
    kept, repairs = repair_geometry(table(ring), kinds=["LineString"])
    assert kept.geometry.iloc[0].geom_type == "LineString"
    assert repairs.empty


def test_a_collection_keeps_the_wanted_part() -> None:
    mixed = f"GEOMETRYCOLLECTION (POINT (9 9), {SQUARE})"
    repaired, _ = repair_geometry(table(mixed), kinds=["Polygon"])
    assert repaired.geometry.iloc[0].wkt == wkt.loads(SQUARE).wkt
    _, repairs = repair_geometry(table(mixed), kinds=["LineString"])
    assert done(repairs) == [(1, "geometry-wrong-kind")]


def test_parts_are_kept_or_split() -> None:
    frame = table("MULTILINESTRING ((0 0, 1 0), (5 5, 6 6))", "MULTIPOINT (1 1)")
    kept, repairs = repair_geometry(frame)
    assert kept.geom_type.tolist() == ["MultiLineString", "Point"]
    assert repairs.empty
    split, repairs = repair_geometry(frame, explode=True, row_numbers=[7, 8])
    assert split.index.tolist() == [0, 0, 1]
    assert done(repairs) == [(7, "parts-split")]


def test_every_repair_has_its_notice_in_the_order_of_the_steps() -> None:
    frame = table(
        "POINT Z (0 0 1)", BOW_TIE, None, "POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))",
        "LINESTRING (1 1, 1 1)", "LINESTRING (0 0, 2 0, 2 2, 0 0)",
        "POLYGON ((0 0, 2 0, 2 0, 2 2, 0 2, 0 0))", f"MULTIPOLYGON {SQUARE[8:].join('()')}",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
    )  # fmt: skip
    _, repairs = repair_geometry(frame, kinds=["Polygon"], explode=True)
    assert [notice.code for notice in repair_notices(repairs)] == [
        "z-dropped", "line-closed", "made-valid", "points-repeated", "ring-turned", "parts-split",
        "geometry-changed", "geometry-missing", "geometry-wrong-kind", "geometry-collapsed",
    ]  # fmt: skip
    for notice in repair_notices(repairs):
        assert "{" not in notice.render()


def test_an_empty_table() -> None:
    repaired, repairs = repair_geometry(table(), kinds=["Point"])
    assert len(repaired) == 0
    assert repairs.empty


corner = st.tuples(st.integers(0, 6), st.integers(0, 6))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(corner, min_size=3, max_size=8), min_size=1, max_size=4))
def test_whatever_is_drawn_ends_valid_and_twice_is_once(rings) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.Polygon(ring) for ring in rings], crs=4544)
    repaired, repairs = repair_geometry(frame, kinds=["Polygon"])
    assert repaired.geometry.is_valid.all()
    assert repaired.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    assert len(repaired) + repairs["refused"].sum() == len(rings)
    again, more = repair_geometry(repaired, kinds=["Polygon"])
    assert more.empty
    assert np.array_equal(again.geometry.to_wkb(), repaired.geometry.to_wkb())
