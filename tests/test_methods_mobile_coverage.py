"""5G coverage on a line of villages that can be worked out by hand.

 S1 (own radius 1,000 m)                S2 (no radius: 1,500 m by the recipe)
 |                                      |
 A ------ B ------------ C ------------ D ------ E      y = 0
 0      1,000          3,400          5,000    6,600

A and B lie within S1 (0 and 1,000 m: the edge counts), D within S2 (0 m); C is 1,600 m from S2 and
2,400 m from S1, E 1,600 m from S2: 3 of 5. The ledger says A yes, B no, C yes, D yes, nothing of E:
3 of 4, and B and C disagree.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import COUNTY, parameters, points, without_position

from yanshan_gis.methods.mobile_coverage import coverage
from yanshan_gis.needs import missing_for

WEST, EAST = {"level": "natural", "township": "甲镇"}, {"level": "natural", "township": "乙乡"}
VILLAGES = [
    ("A", 0, 0, {**WEST, "population": 100.0, "ledger_5g": True}),
    ("B", 1000, 0, {**WEST, "population": 200.0, "ledger_5g": False}),
    ("C", 3400, 0, {**WEST, "population": 300.0, "ledger_5g": True}),
    ("D", 5000, 0, {**EAST, "population": 400.0, "ledger_5g": True}),
    ("E", 6600, 0, {**EAST, "population": None, "ledger_5g": None}),
]
STATIONS = [("S1", 0, 0, {"radius_m": 1000.0}), ("S2", 5000, 0, {"radius_m": None})]


def measure(villages=VILLAGES, stations=STATIONS, county=COUNTY, lost=None, **changes):
    return coverage(
        villages=without_position(points("villages", *villages), lost),
        stations=points("base_stations", *stations) if stations else None,
        committees=None,
        townships=None,
        county=county,
        **parameters("coverage-5g", **changes),
    )


@pytest.fixture(scope="module")
def result():
    return measure()


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def counted(result, key):
    found = figure(result, key)
    return found.numerator, found.denominator


def codes(result):
    return {notice.code: notice.values for notice in result.warnings}


def test_the_headline_counts_villages_within_a_radius(result):
    assert result.headline.key == "covered"
    assert counted(result, "covered") == (3, 5)
    assert (result.headline.target, result.headline.met) == (0.8, False)


def test_people_are_those_known(result):
    # A, B and D of A, B, C and D; E's are not known.
    assert counted(result, "covered_population") == (700, 1000)


def test_the_ledger_stands_beside_with_the_villages_that_disagree(result):
    assert counted(result, "ledger_5g") == (3, 4)
    assert counted(result, "ledger_5g_population") == (800, 1000)
    differ = result.tables["disagreements"]
    assert differ[["name", "covered", "ledger_5g"]].to_numpy().tolist() == [
        ["B", True, False],
        ["C", False, True],
    ]
    assert codes(result)["ledger-differs"]["count"] == 2


def test_states(result):
    frame = result.layers["villages"]
    assert dict(zip(frame["name"], frame["state"], strict=True)) == {
        "A": "covered",
        "B": "map_only",
        "C": "ledger_only",
        "D": "covered",
        "E": "uncovered",
    }


def test_missed_villages_stand_with_the_farthest_first(result):
    missed = result.tables["missed"]
    assert missed["name"].tolist() == ["C", "E"]  # equally far, by id
    assert missed["nearest_km"].tolist() == pytest.approx([1.6, 1.6])


def test_by_township(result):
    table = result.tables["by_township"].set_index("township")
    assert table.loc["甲镇", ["denominator", "covered_villages", "ledger_villages"]].tolist() == [
        3,
        2,
        2,
    ]
    assert table.loc["乙乡", "share"] == 0.5
    assert table.loc["全县", ["denominator", "covered_villages"]].tolist() == [5, 3]
    assert table.loc["全县", "people_covered"] == 700
    assert table.loc["全县", "people_share"] == pytest.approx(0.7)


def test_a_station_s_own_radius_wins_and_the_others_are_counted(result):
    stations = result.layers["stations"]
    assert stations["radius_m"].tolist() == [1000.0, 1500.0]
    assert codes(result)["radius-imputed"] == {"count": 1, "radius": 1500.0}
    assert counted(measure(radius_m=1600.0), "covered") == (5, 5)


def test_without_stations_the_ledger_alone_is_the_headline():
    """3 of the 4 villages with an entry; E is listed as silent and not counted."""
    result = measure(stations=None)
    assert (result.headline.key, result.headline.target) == ("ledger_5g", 0.8)
    assert counted(result, "ledger_5g") == (3, 4)
    assert codes(result)["ledger-alone"] == {"number": "19"}
    assert codes(result)["ledger-silent"]["count"] == 1
    assert result.tables["silent"]["name"].tolist() == ["E"]
    assert result.tables["missed"]["name"].tolist() == ["B"]
    assert result.tables["disagreements"].empty
    table = result.tables["by_township"].set_index("township")
    assert table.loc["全县", ["denominator", "covered_villages"]].tolist() == [4, 3]
    assert dict(zip(*(result.layers["villages"][c] for c in ("name", "state")), strict=True))[
        "E"
    ] == ("unknown")


def test_the_county_may_choose_the_ledger():
    county = COUNTY.model_copy(update={"headlines": {"19": "ledger_5g"}})
    result = measure(county=county)
    assert (result.headline.key, result.headline.numerator) == ("ledger_5g", 3)
    assert figure(result, "covered").target is None
    table = result.tables["by_township"].set_index("township")
    assert table.loc["全县", "denominator"] == 4


def test_a_choice_nobody_knows_is_not_replaced_in_silence():
    county = COUNTY.model_copy(update={"headlines": {"19": "covred"}})
    result = measure(county=county)
    assert result.headline is None
    assert codes(result)["headline-missing"] == {"number": "19", "wanted": "covred"}


def test_a_chosen_ledger_that_is_empty_is_not_replaced_in_silence():
    county = COUNTY.model_copy(update={"headlines": {"19": "ledger_5g"}})
    villages = [(n, x, y, {**more, "ledger_5g": None}) for n, x, y, more in VILLAGES]
    result = measure(villages, county=county)
    assert result.headline is None
    assert codes(result)["headline-missing"] == {"number": "19", "wanted": "ledger_5g"}
    assert counted(result, "covered") == (3, 5)


def test_without_stations_and_ledger_the_layer_is_missing():
    bare = [(n, x, y, {"level": "natural"}) for n, x, y, _ in VILLAGES]
    inputs = {"villages": points("villages", *bare), "stations": None}
    assert missing_for(coverage, inputs) == ["stations"]
    inputs["villages"] = points("villages", *VILLAGES)
    assert missing_for(coverage, inputs) == []


def test_a_village_without_a_position_stays_in_the_denominator():
    result = measure(lost="A")
    assert counted(result, "covered") == (2, 5)
    assert codes(result)["villages-unplaced"]["count"] == 1


def test_a_station_without_a_position_covers_nothing():
    villages, stations = points("villages", *VILLAGES), points("base_stations", *STATIONS)
    result = coverage(
        villages=villages,
        stations=without_position(stations, "S2"),
        committees=None,
        townships=None,
        county=COUNTY,
        **parameters("coverage-5g"),
    )
    assert counted(result, "covered") == (2, 5)
    assert codes(result)["stations-unplaced"]["count"] == 1


def test_no_existing_station_is_an_answer():
    none = points("base_stations", *STATIONS)
    result = coverage(
        villages=points("villages", *VILLAGES),
        stations=none.where(name="nobody"),
        committees=None,
        townships=None,
        county=COUNTY,
        **parameters("coverage-5g"),
    )
    assert counted(result, "covered") == (0, 5)
    assert len(result.layers["areas"]) == 0


def test_the_area_is_the_union_of_the_circles():
    near = [("S1", 0, 0, {"radius_m": 1000.0}), ("S2", 0, 0, {"radius_m": 500.0})]
    (area,) = measure(stations=near).layers["areas"].geometry
    assert area.area == pytest.approx(3.1416e6, rel=0.01)


def test_row_order_changes_no_figure():
    turned = measure(VILLAGES[::-1], STATIONS[::-1])
    assert [i.to_json() for i in turned.indicators] == [i.to_json() for i in measure().indicators]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(-500, 7500), st.integers(-2000, 2000)), max_size=5))
def test_another_station_never_covers_fewer(places):
    stations = list(STATIONS)
    before = counted(measure(stations=stations), "covered")[0]
    for number, (x, y) in enumerate(places):
        stations.append((f"N{number}", x, y, {"radius_m": 700.0}))
        after = counted(measure(stations=stations), "covered")[0]
        assert after >= before
        before = after
