"""Coordinate systems: which zone, what may be measured, and shifts nobody may guess."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from yanshan_gis.crs import (
    CGCS2000,
    WGS84,
    check_metric,
    gauss_kruger_3,
    is_metric,
    parse_crs,
    reproject,
    transform,
    working_crs,
)
from yanshan_gis.errors import CrsError

longitudes = st.floats(73.5, 136.5, exclude_max=True)
latitudes = st.floats(3.0, 54.0)
NO_SHIFT = {
    "Beijing 1954": "EPSG:4214",
    "Beijing 1954 zone 35": "EPSG:2411",
    "New Beijing": "EPSG:4555",
    "Xian 1980": "EPSG:4610",
    "Xian 1980 zone 35": "EPSG:2359",
}


@settings(deadline=None)  # the first use of a zone opens PROJ's database
@given(longitudes, latitudes)
def test_projection_round_trip_within_a_millimetre(lon: float, lat: float) -> None:
    crs = working_crs(lon, lat)
    x, y = transform(lon, lat, WGS84, crs)
    back_lon, back_lat = transform(x, y, crs, WGS84)
    _, _, metres = Geod(ellps="GRS80").inv(lon, lat, back_lon, back_lat)
    assert metres <= 0.001


@settings(deadline=None)  # the first use of a zone opens PROJ's database
@given(longitudes, latitudes)
def test_a_working_zone_measures_true(lon: float, lat: float) -> None:
    # within 1.5 degrees of the central meridian the scale is off by less than 1 in 2,000
    crs = working_crs(lon, lat)
    geod = Geod(ellps="GRS80")
    lon_2, lat_2, _ = geod.fwd(lon, lat, 37, 1000)
    x, y = transform([lon, lon_2], [lat, lat_2], WGS84, crs)
    assert np.hypot(*np.diff([x, y])).item() == pytest.approx(1000, abs=0.5)


@settings(deadline=None)  # the first use of a zone opens PROJ's database
@given(longitudes)
def test_the_zone_s_meridian_is_the_nearest(lon: float) -> None:
    meridian = pyproj.CRS(gauss_kruger_3(lon)).coordinate_operation.params[1].value
    assert abs(lon - meridian) <= 1.5


@pytest.mark.parametrize(
    ("lon", "code"),
    [
        (73.5, "EPSG:4534"),
        (75.0, "EPSG:4534"),
        (76.5, "EPSG:4535"),
        (104.34, "EPSG:4544"),
        (106.6, "EPSG:4545"),
        (135.0, "EPSG:4554"),
    ],
)  # fmt: skip
def test_zones_by_hand(lon: float, code: str) -> None:
    assert gauss_kruger_3(lon) == code


def test_yanshan_in_its_zone() -> None:
    # CM 105 E, without the zone number in front of x; figures of the data notes
    assert pyproj.CRS("EPSG:4544").name == "CGCS2000 / 3-degree Gauss-Kruger CM 105E"
    x, y = transform(104.34, 23.61, CGCS2000, "EPSG:4544")
    assert x == pytest.approx(432_642, abs=50)
    assert y == pytest.approx(2_612_250, abs=200)
    with_zone, _ = transform(104.34, 23.61, CGCS2000, "EPSG:4523")
    assert with_zone - x == pytest.approx(35_000_000, abs=0.001)


@pytest.mark.parametrize("lon", [73.49, 9.5, -104.0, 136.5])
def test_outside_china_there_is_no_zone(lon: float) -> None:
    with pytest.raises(CrsError) as caught:
        gauss_kruger_3(lon)
    assert caught.value.code == "crs-no-zone"


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [(9.55, 47.2, "EPSG:32632"), (-70.0, -33.0, "EPSG:32719"), (104.3, 23.6, "EPSG:4544"),
     (180.0, 10.0, "EPSG:32601"), (104.3, -5.0, "EPSG:32748")],
)  # fmt: skip
def test_working_crs_by_place(lon: float, lat: float, code: str) -> None:
    assert working_crs(lon, lat) == code


@pytest.mark.parametrize("code", NO_SHIFT.values(), ids=NO_SHIFT)
@pytest.mark.parametrize("target", [WGS84, CGCS2000, "EPSG:4544"])
def test_a_secret_datum_shift_is_refused_both_ways(code: str, target: str) -> None:
    metric = is_metric(code)
    point = (500_000.0, 2_600_000.0) if metric else (104.3, 23.6)
    for source, goal in ((code, target), (target, code)):
        with pytest.raises(CrsError) as caught:
            transform(*point, source, goal)
        assert caught.value.code == "crs-no-shift"
        assert caught.value.exit_code == 3


def test_a_secret_datum_without_a_shift_is_only_projected() -> None:
    x, y = transform(104.3, 23.6, "EPSG:4610", "EPSG:2359")
    assert transform(x, y, "EPSG:2359", "EPSG:4610") == (
        pytest.approx(104.3, abs=1e-8), pytest.approx(23.6, abs=1e-8)
    )  # fmt: skip


def test_parameters_the_bureau_gave_are_used() -> None:
    own = "+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3,0,0,0,0 +no_defs +type=crs"
    lon, lat = transform(104.0, 23.0, own, WGS84)
    _, _, metres = Geod(ellps="GRS80").inv(104.0, 23.0, lon, lat)
    assert 10 < metres < 200


def test_wgs84_and_cgcs2000_are_the_same_place() -> None:
    lon, lat = transform([104.3, 104.4], [23.6, 23.7], WGS84, CGCS2000)
    assert lon.tolist() == pytest.approx([104.3, 104.4], abs=1e-12)
    assert lat.tolist() == pytest.approx([23.6, 23.7], abs=1e-12)


@pytest.mark.parametrize("text", [4544, "4544", "EPSG:4544", "epsg:4544", pyproj.CRS(4544)])
def test_a_crs_is_read_as_written(text: object) -> None:
    assert parse_crs(text).to_epsg() == 4544


@pytest.mark.parametrize("text", ["", "EPSG:999999", "西安80", None, 4.5])
def test_an_unknown_crs_is_refused(text: object) -> None:
    with pytest.raises(CrsError) as caught:
        parse_crs(text)
    assert caught.value.code == "crs-unknown"


def test_lengths_are_never_measured_in_degrees_or_feet() -> None:
    assert is_metric("EPSG:4544")
    assert not is_metric(CGCS2000)
    assert not is_metric("EPSG:2263")  # New York, US survey feet
    for crs in (None, WGS84, "EPSG:2263"):
        with pytest.raises(CrsError) as caught:
            check_metric(crs, "roads")
        assert caught.value.code == "crs-not-metric"
        assert "roads" in caught.value.render("en")
    check_metric("EPSG:32632", "roads")


def test_geometries_cross_with_gaps_kept() -> None:
    line = shapely.LineString([(104.3, 23.6), (104.31, 23.61)])
    moved = reproject([line, None, shapely.Point()], WGS84, "EPSG:4544")
    assert moved[1] is None
    assert moved[2].is_empty
    x, y = transform([104.3, 104.31], [23.6, 23.61], WGS84, "EPSG:4544")
    assert np.array_equal(shapely.get_coordinates(moved[0]), np.column_stack([x, y]))
    assert reproject([line], WGS84, WGS84)[0] is line
