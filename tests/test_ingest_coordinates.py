"""Coordinates from columns, and the signatures of those that cannot be right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.crs import transform
from yanshan_gis.errors import CrsError
from yanshan_gis.ingest.angles import parse_numbers
from yanshan_gis.ingest.coordinates import diagnose, find_coordinate_columns, points_from_columns
from yanshan_gis.ingest.diagnosis import fitting_crs, zone_crs

COUNTY = (103.58, 23.30, 104.75, 23.99)
LON = np.array([104.33, 103.78, 104.64, 104.20])
LAT = np.array([23.60, 23.74, 23.59, 23.80])
DMS = 104 + 20 / 60 + 5.9 / 3600


def metres(crs: str = "EPSG:4544") -> tuple[np.ndarray, np.ndarray]:
    return transform(LON, LAT, "EPSG:4490", crs)


@pytest.mark.parametrize(
    "text",
    ["104°20′05.9″E", "104°20'5.9\"", "104°20'5.9''", "104度20分5.9秒", "东经104°20′5.9″",
     "E104°20′5.9″", "104 20 5.9", "104:20:05.9", "104-20-5.9", "104d20m5.9s", "104º20’5.9”",
     "１０４°２０′５.９″", "104° 20′ 5.9″ E", "经度：104°20′5.9″", "104°20′5.9″,", "+104°20'5.9\"",
     f"{DMS:.12f}", f"{DMS:.12f}°", f"{DMS:.12f}E"],
)  # fmt: skip
def test_every_spelling_of_an_angle(text) -> None:
    (number,), _ = parse_numbers([text])
    assert number == pytest.approx(DMS, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "number", "axis"),
    [("104°20.5′", 104 + 20.5 / 60, ""), ("104°", 104.0, ""), ("23°36′N", 23.6, "y"),
     ("北纬23度36分", 23.6, "y"), ("23°36′S", -23.6, "y"), ("南纬23.6", -23.6, "y"),
     ("西经104.5", -104.5, "x"), ("W104.5", -104.5, "x"), ("-23.6", -23.6, ""),
     ("2,612,000.5", 2612000.5, ""), ("432642.1米", 432642.1, ""), ("432642.1 m", 432642.1, ""),
     (104.5, 104.5, ""), (104, 104.0, "")],
)  # fmt: skip
def test_other_numbers(text, number, axis) -> None:
    (found,), (says,) = parse_numbers([text])
    assert found == pytest.approx(number, abs=1e-9)
    assert says == axis


@pytest.mark.parametrize(
    "text", ["104°60′", "104°20′60″", "104.5°20′", "104°20.5′30″", "江那镇", "", "104,20", "E104W",
             "999°", None, np.nan, float("inf"), "1-2-3-4"],
)  # fmt: skip
def test_what_is_no_coordinate(text) -> None:
    (number,), _ = parse_numbers([text])
    assert np.isnan(number)


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 5999))
def test_angles_add_up(degrees: int, minutes: int, hundredths: int) -> None:
    (number,), _ = parse_numbers([f"{degrees}°{minutes:02d}′{hundredths / 100:05.2f}″"])
    assert number == pytest.approx(degrees + minutes / 60 + hundredths / 360_000, abs=1e-9)


@pytest.mark.parametrize(
    ("x", "y"),
    [("经度", "纬度"), ("东经", "北纬"), ("lon", "lat"), ("LNG", "LAT"), ("Longitude", "Latitude"),
     ("坐标/经度", "坐标/纬度"), ("经度（°）", "纬度（°）"), ("起点经度", "起点纬度"), ("X", "Y"),
     ("wgs_lon", "wgs_lat"), ("X坐标", "Y坐标"), ("POINT_X", "POINT_Y")],
)  # fmt: skip
def test_names_of_degree_columns(x, y) -> None:
    frame = pd.DataFrame({"名称": list("abcd"), y: LAT, x: LON, "人口": 5})
    found = find_coordinate_columns(frame)
    assert found is not None
    assert (found.kind, found.x, found.y, found.notices) == ("degrees", x, y, ())


def test_displaced_columns_stand_back_and_are_named() -> None:
    gcj = {"lon_gcj02": LON, "lat_gcj02": LAT}
    both = pd.DataFrame(gcj | {"lon_wgs84": LON, "lat_wgs84": LAT})
    found = find_coordinate_columns(both)
    assert found is not None
    assert (found.x, found.notices) == ("lon_wgs84", ())
    said = find_coordinate_columns(both, datum="gcj02")
    assert said is not None
    assert (said.x, said.y) == ("lon_gcj02", "lat_gcj02")
    for frame, datum in (
        (pd.DataFrame(gcj), "gcj02"),
        (pd.DataFrame({"百度经度": LON, "百度纬度": LAT}), "bd09"),
    ):
        found = find_coordinate_columns(frame)
        assert found is not None
        assert [notice.code for notice in found.notices] == ["datum-named"]
        assert found.notices[0].values["datum"] == datum


def test_degrees_under_exchanged_names() -> None:
    found = find_coordinate_columns(pd.DataFrame({"经度": LAT, "纬度": LON}))
    assert found is not None
    assert (found.x, found.y) == ("纬度", "经度")
    assert [notice.code for notice in found.notices] == ["axes-swapped"]


def test_compass_letters_decide_where_magnitudes_do_not() -> None:
    frame = pd.DataFrame({"X": ["9°30′N", "9°31′N"], "Y": ["47°10′E", "47°11′E"]})
    found = find_coordinate_columns(frame)
    assert found is not None
    assert (found.x, found.y) == ("Y", "X")


@pytest.mark.parametrize("names", [("X", "Y"), ("横坐标", "纵坐标"), ("X坐标", "Y坐标")])
@pytest.mark.parametrize("surveying", [False, True])
def test_magnitudes_decide_what_x_means(names, surveying) -> None:
    east, north = metres()
    columns = (north, east) if surveying else (east, north)
    found = find_coordinate_columns(pd.DataFrame(dict(zip(names, columns, strict=True))))
    assert found is not None
    assert found.kind == "metres"
    assert (found.x, found.y) == (names[::-1] if surveying else names)
    assert [notice.code for notice in found.notices] == ["axes-decided"]


def test_surveyors_heads_with_letters() -> None:
    east, north = metres()
    found = find_coordinate_columns(pd.DataFrame({"纵坐标(X)": north, "横坐标(Y)": east}))
    assert found is not None
    assert (found.x, found.y) == ("横坐标(Y)", "纵坐标(X)")


def test_zone_number_in_front() -> None:
    east, north = metres("EPSG:4523")
    found = find_coordinate_columns(pd.DataFrame({"X": north, "Y": east}))
    assert found is not None
    assert found.zone == 35
    notice = found.notices[-1]
    assert (notice.code, notice.values["crs"]) == ("zone-number", "EPSG:4523")


@pytest.mark.parametrize("separator", [",", "，", " ", ";", ", "])
def test_one_column_holds_both(separator) -> None:
    texts = [f"{lon}{separator}{lat}" for lon, lat in zip(LON, LAT, strict=True)]
    frame = pd.DataFrame({"名称": list("abcd"), "经纬度": texts})
    found = find_coordinate_columns(frame)
    assert found is not None
    assert (found.kind, found.x, found.y) == ("degrees", "经纬度", None)
    points, refused = points_from_columns(frame, range(2, 6), "经纬度", None, "EPSG:4490")
    np.testing.assert_allclose(points.x, LON)
    assert not refused


def test_one_column_latitude_first() -> None:
    texts = [f"({lat}, {lon})" for lon, lat in zip(LON, LAT, strict=True)]
    frame = pd.DataFrame({"坐标": texts})
    found = find_coordinate_columns(frame)
    assert found is not None
    assert [notice.code for notice in found.notices] == ["axes-swapped"]
    points, refused = points_from_columns(frame, range(4), "坐标", None, "EPSG:4490")
    np.testing.assert_allclose(points.y, LAT)
    assert not refused


def test_wkt() -> None:
    frame = pd.DataFrame({"geom": ["SRID=4490;POINT (104.3 23.6)", "LINESTRING (0 0, 1 1)", None,
                                   "POINT (1"]})  # fmt: skip
    found = find_coordinate_columns(frame)
    assert found is not None
    assert found.kind == "wkt"
    shapes, refused = points_from_columns(frame, [1, 2, 3, 4], "geom", None, None)
    assert list(shapes.geom_type) == ["Point", "LineString", None, None]
    assert [(row.row, row.notice.code) for row in refused] == [
        (3, "coordinate-missing"), (4, "coordinate-unreadable")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"名称": ["a"], "人口": [5]}),
        pd.DataFrame({"X": ["甲", "乙"], "Y": ["丙", "丁"]}),
        pd.DataFrame({"位置": ["江那镇听湖村", "平远镇"]}),
        pd.DataFrame({"经度": [104.1]}),
        pd.DataFrame({"belong": [104.1], "plat": [23.6]}),
        pd.DataFrame(),
    ],
)
def test_no_coordinates(frame) -> None:
    assert find_coordinate_columns(frame) is None


def test_empty_columns_with_sure_names_are_still_found() -> None:
    found = find_coordinate_columns(pd.DataFrame({"经度": [None], "纬度": [None]}))
    assert found is not None
    assert found.x == "经度"


def test_rows_are_refused_one_by_one() -> None:
    frame = pd.DataFrame(
        {
            "名称": list("abcdefg"),
            "经度": ["104.3", None, "村口", 0, 23.6, 204.3, "104°20′05.9″E"],
            "纬度": ["23.6", 23.6, 23.6, "0", 104.3, 23.6, "23°36′N"],
        }
    )
    points, refused = points_from_columns(frame, range(11, 18), "经度", "纬度", 4490)
    assert [(row.row, row.notice.code) for row in refused] == [
        (12, "coordinate-missing"), (13, "coordinate-unreadable"), (14, "coordinate-zero"),
        (15, "coordinate-swapped"), (16, "coordinate-out-of-range"),
    ]  # fmt: skip
    assert points.isna().tolist() == [False, True, True, True, True, True, False]
    assert points.crs.to_epsg() == 4490
    assert points.x[6] == pytest.approx(DMS)
    assert refused[1].content["经度"] == "村口"
    assert "村口" in refused[1].notice.render()


def test_letters_reveal_a_swapped_row_and_metres_one_too() -> None:
    frame = pd.DataFrame({"x": ["9°N", "9°E"], "y": ["47°E", "47°N"]})
    _, refused = points_from_columns(frame, [1, 2], "x", "y", 4326)
    assert [(row.row, row.notice.code) for row in refused] == [(1, "coordinate-swapped")]
    east, north = metres()
    east[0], north[0] = north[0], east[0]
    frame = pd.DataFrame({"x": east, "y": north})
    _, refused = points_from_columns(frame, [1, 2, 3, 4], "x", "y", 4544)
    assert [(row.row, row.notice.code) for row in refused] == [(1, "coordinate-swapped")]


def points(crs: str = "EPSG:4490") -> np.ndarray:
    return np.column_stack(transform(LON, LAT, "EPSG:4490", crs))


@pytest.mark.parametrize(
    ("xy", "crs", "code", "fix"),
    [
        (points(), 4490, None, None),
        (points("EPSG:4544"), 4544, None, None),
        (points("EPSG:4523"), 4523, None, None),
        (points()[:, ::-1], 4490, "axes-swapped", None),
        (points("EPSG:4544")[:, ::-1], 4544, "axes-swapped", None),
        (points(), 4544, "degrees-in-metric-crs", "EPSG:4490"),
        (points("EPSG:4544"), 4490, "metres-in-degree-crs", "EPSG:4544"),
        (points("EPSG:4523"), 4490, "metres-in-degree-crs", "EPSG:4523"),
        (points("EPSG:4523"), 4544, "zone-number-unexpected", "EPSG:4523"),
        (points("EPSG:4496"), 4507, "zone-number-unexpected", "EPSG:4496"),
        (points("EPSG:4544"), 4523, "zone-number-missing", "EPSG:4544"),
        (points("EPSG:4543"), 4544, "other-crs", "EPSG:4543"),
        (points("EPSG:3857"), 4544, "other-crs", "EPSG:3857"),
        (np.add(points(), (6, 3)), 4490, "outside-county", None),
        (points("EPSG:4544"), None, "crs-missing", "EPSG:4544"),
        (points("EPSG:4544")[:, ::-1], None, "crs-missing", "EPSG:4544"),
        (np.full((3, 2), 7e7), None, "crs-missing", None),
        (np.zeros((3, 2)), 4490, "points-at-zero", None),
        (np.vstack([points(), [[0, 0]]]), 4490, "points-at-zero", None),
        (np.full((2, 2), np.nan), 4490, None, None),
        (np.vstack([points(), [[9.5, 47.1]]]), 4490, "outside-county", None),
    ],
)
def test_signatures(xy, crs, code, fix) -> None:
    notice = diagnose(xy, crs, COUNTY)
    assert (notice and notice.code) == code
    if fix is not None:
        assert notice is not None
        assert notice.values["fix"] == fix
        assert fix in notice.render()


def test_bounds_do_as_well_as_points_and_old_datums_as_new() -> None:
    xy = points("EPSG:4523")
    bounds = (*xy.min(axis=0), *xy.max(axis=0))
    found = diagnose(bounds, 4544, COUNTY)
    assert found is not None
    assert found.code == "zone-number-unexpected"
    assert diagnose(points(), 4610, COUNTY) is None  # Xian 1980: no shift known, yet in place


def test_without_a_county_china_is_the_measure() -> None:
    assert diagnose(points(), 4490) is None
    swapped = diagnose(points()[:, ::-1], 4490)
    assert swapped is not None
    assert swapped.code == "axes-swapped"
    zoned = diagnose(points("EPSG:4523"), 4544)
    assert zoned is not None
    assert zoned.values["fix"] == "EPSG:4523"
    unknown = diagnose(points("EPSG:4544"), None)
    assert unknown is not None
    assert "fix" not in unknown.values  # every zone would fit


def test_outside_counts_and_unknown_crs() -> None:
    notice = diagnose(np.vstack([points(), [[9.5, 47.1]]]), 4490, COUNTY)
    assert notice is not None
    assert (notice.values["outside"], notice.values["count"]) == (1, 5)
    with pytest.raises(CrsError):
        diagnose(points(), "EPSG:999999", COUNTY)


def test_zones() -> None:
    assert zone_crs(35) == "EPSG:4523"
    assert zone_crs(18) == "EPSG:4496"
    assert zone_crs(24) is None
    assert fitting_crs(np.empty((0, 2)), COUNTY) is None
