"""GCJ-02 and BD-09: known pairs, round trips, and the test that suspects them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yanshan_gis.datum import DATUMS, from_wgs84, suspect_gcj02, to_wgs84
from yanshan_gis.errors import UsageError

# Town seats of one county, converted by another program: GCJ-02 lon, lat; WGS 84 lon, lat.
PAIRS = np.array(
    [
        [104.337211, 23.605768, 104.3349633, 23.6083278],
        [103.786552, 23.746649, 103.7845738, 23.7493694],
        [104.644319, 23.599598, 104.6421404, 23.60241],
    ]
)
M_PER_DEGREE = 111_320.0
inside_lon = st.floats(73.0, 136.0)
inside_lat = st.floats(3.5, 53.5)


def test_known_pairs_agree_within_their_printed_digits() -> None:
    lon, lat = to_wgs84(PAIRS[:, 0], PAIRS[:, 1], "gcj02")
    # The pairs were rounded to seven digits by a program that stops its iteration at about 1 m.
    np.testing.assert_allclose(lon, PAIRS[:, 2], atol=1.5e-5)
    np.testing.assert_allclose(lat, PAIRS[:, 3], atol=1.5e-5)


def test_forward_agrees_with_the_published_sample() -> None:
    # The sample used by most public implementations: the shift at Tian'anmen, about 0.00624°.
    lon, lat = from_wgs84(116.3912022, 39.9072868, "gcj02")
    assert float(lon) == pytest.approx(116.39744448, abs=2e-6)
    assert float(lat) == pytest.approx(39.90868934, abs=2e-6)


@pytest.mark.real
def test_township_seats_of_the_county(real_data: Path) -> None:
    seats = real_data / "yanshan" / "township_seats.csv"
    with seats.open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["lon_gcj02"]]
    table = np.array([[float(row[f"{axis}_{datum}"]) for axis in ("lon", "lat")
                       for datum in ("gcj02", "wgs84")] for row in rows])  # fmt: skip
    lon, lat = to_wgs84(table[:, 0], table[:, 2], "gcj02")
    assert np.hypot(lon - table[:, 1], lat - table[:, 3]).max() * M_PER_DEGREE < 2.0
    assert len(rows) == 11


@pytest.mark.parametrize("datum", DATUMS)
@given(lon=inside_lon, lat=inside_lat)
@example(lon=122.2940993266806, lat=48.489252974765606)  # 5.7 nm: four units in the last place
def test_round_trip(datum, lon: float, lat: float) -> None:
    there = from_wgs84(lon, lat, datum)
    back = to_wgs84(*there, datum)
    # √|lon - 105| has no derivative at 105° E: there the last digits are lost
    # elsewhere a few units in the last place remain, each 1.6 nm at 122° E
    limit_m = 1e-8 if abs(lon - 105) > 1e-6 else 1e-6
    assert np.hypot(back[0] - lon, back[1] - lat) * M_PER_DEGREE < limit_m


@given(lon=st.floats(-180, 70), lat=st.floats(-85, 85))
def test_outside_china_nothing_moves(lon: float, lat: float) -> None:
    for datum in DATUMS:
        assert from_wgs84(lon, lat, datum) == (lon, lat)
        assert to_wgs84(lon, lat, datum) == (lon, lat)


def test_missing_coordinates_stay_missing_and_shapes_are_kept() -> None:
    lon, lat = to_wgs84([[104.3, np.nan]], [[23.6, 23.6]], "gcj02")
    assert lon.shape == (1, 2)
    assert np.isnan(lon[0, 1])
    assert not np.isnan(lat[0, 0])


def test_unknown_datum() -> None:
    with pytest.raises(UsageError) as caught:
        to_wgs84(104.0, 23.0, "wgs72")  # type: ignore[arg-type]
    assert caught.value.code == "datum-unknown"


@pytest.fixture
def places() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    return random.uniform(103.6, 104.7, 40), random.uniform(23.4, 23.9, 40)


@pytest.mark.parametrize("datum", DATUMS)
def test_displaced_places_are_suspected(places, datum) -> None:
    notice = suspect_gcj02(*from_wgs84(*places, datum), *places)
    assert notice is not None
    assert notice.code == "datum-suspected"
    assert notice.values["datum"] == datum
    assert notice.values["after_m"] == 0
    assert 200 < notice.values["before_m"] < 1500


def test_true_places_and_strangers_are_not_suspected(places) -> None:
    lon, lat = places
    assert suspect_gcj02(lon + 1e-4, lat, lon, lat) is None
    random = np.random.default_rng(6)
    strangers = random.uniform(103.6, 104.7, 40), random.uniform(23.4, 23.9, 40)
    assert suspect_gcj02(*strangers, lon, lat) is None
    # the same offset to the other side is no GCJ-02
    there = from_wgs84(lon, lat, "gcj02")
    assert suspect_gcj02(2 * lon - there[0], 2 * lat - there[1], lon, lat) is None


def test_the_same_file_again_is_not_suspected(places) -> None:
    lon, lat = places
    assert suspect_gcj02(lon, lat, lon, lat) is None
    # nor outside China, where the three systems coincide and no displacement changes a distance
    assert suspect_gcj02(lon - 95.0, lat + 23.6, lon - 95.0, lat + 23.6) is None


def test_too_few_points_prove_nothing(places) -> None:
    lon, lat = (part[:4] for part in places)
    assert suspect_gcj02(*from_wgs84(lon, lat, "gcj02"), lon, lat) is None
