"""Tap water on a county that can be worked out by hand.

甲 reports 200 of 250 households, its villages A 90 of 100, B 30 of 60, C 0 of 40;
乙 reports 30 of 100, its village D 20 of 50; 丙 knows its 80 households and not how many have tap
water. Counted over committees: 230 of 350 (丙 leaves both sums). Over villages: 140 of 250; E of 丙
has neither number.

Projects, one kilometre apart and more: a polygon around A; a list that names B, D of another
township, and a village nobody knows; a point 300 m from C with a radius of its own of 400 m.
Within a service area: A, B, C, that is 3 of 5 villages and 200 of 250 known households.
"""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import COUNTY, layer, parameters, points

from yanshan_gis.methods.tap_water import coverage
from yanshan_gis.needs import missing_for

WEST, EAST = {"township": "甲镇"}, {"township": "乙乡"}


def committee(name, x, households, piped, **more):
    values = {"level": "committee", "households": households, "households_piped": piped, **more}
    return (name, x, 0, values)


def village(name, x, parent, households, piped, **more):
    values = {"level": "natural", "parent": parent, "households": households}
    return (name, x, 2000, {**values, "households_piped": piped, **more})


VILLAGES = [
    committee("甲", 0, 250.0, 200.0, **WEST),
    committee("乙", 9000, 100.0, 30.0, **EAST),
    committee("丙", 12000, 80.0, None, **EAST),
    village("A", 0, "V000001", 100.0, 90.0),
    village("B", 2000, "V000001", 60.0, 30.0),
    village("C", 4000, "V000001", 40.0, 0.0),
    village("D", 9000, "V000002", 50.0, 20.0),
    village("E", 12000, "V000003", None, None),
]
PROJECTS = [
    ({"name": "甲厂", **WEST}, shapely.box(-300, 1700, 300, 2300)),
    ({"name": "乙站", "villages_served": "B、D，无名", **WEST}, shapely.Point(500, 0)),
    ({"name": "丙站", "service_radius_m": 400.0, **WEST}, shapely.Point(4000, 2300)),
]


def works(rows=PROJECTS):
    return layer("water_projects", [row for row, _ in rows], [shape for _, shape in rows])


def measure(villages=VILLAGES, projects=PROJECTS, county=COUNTY, **changes):
    return coverage(
        villages=points("villages", *villages),
        projects=works(projects) if projects else None,
        townships=None,
        county=county,
        **parameters("tap-water", **changes),
    )


@pytest.fixture(scope="module")
def result():
    return measure()


def counted(result, key):
    found = next(i for i in result.indicators if i.key == key)
    return found.numerator, found.denominator


def codes(result):
    return {notice.code: notice.values for notice in result.warnings}


def rows(result):
    return result.layers["villages"].set_index("name")


def test_the_headline_adds_up_committees_that_know_both_numbers(result):
    assert result.headline.key == "households_piped"
    assert counted(result, "households_piped") == (230, 350)
    assert (result.headline.target, result.headline.met) == (0.8, False)


def test_a_row_that_lacks_a_number_leaves_both_sums_and_is_listed(result):
    assert result.tables["excluded"]["name"].tolist() == ["丙"]
    assert counted(result, "rows_known") == (2, 3)
    assert codes(result)["numbers-missing"]["count"] == 1
    assert codes(result)["village-numbers-missing"]["count"] == 1  # E


def test_villages_stand_beside_and_are_never_added_to_committees(result):
    assert counted(result, "village_households_piped") == (140, 250)
    assert counted(result, "villages_at_target") == (1, 4)  # A, of those with both numbers


def test_states(result):
    assert rows(result)["state"].to_dict() == {
        "A": "met",  # 90 %
        "B": "partly",  # 50 %
        "C": "none",
        "D": "low",  # 40 %
        "E": "unknown",
    }


def test_service_by_polygon_list_and_radius(result):
    found = rows(result)
    assert found["how"].where(found["how"].notna(), None).to_dict() == {
        "A": "area", "B": "list", "C": "radius", "D": None, "E": None,
    }  # fmt: skip
    assert found.loc["C", "project"] == "丙站"
    assert counted(result, "villages_served") == (3, 5)
    assert counted(result, "households_served") == (200, 250)
    assert result.tables["unserved"]["name"].tolist() == ["D", "E"]


def test_names_that_fit_no_village_of_the_township_are_listed(result):
    assert result.tables["unresolved"][["name", "village_name"]].to_numpy().tolist() == [
        ["乙站", "D"],  # 乙站 is in 甲镇, D is not
        ["乙站", "无名"],
    ]
    assert codes(result)["served-names-unresolved"]["count"] == 2


def test_ledger_and_service_areas_disagree(result):
    """C has no tap water within a service area; B, at half, has; D without is within none."""
    differ = result.tables["disagreements"]
    assert differ[["name", "difference"]].to_numpy().tolist() == [["C", "dry"]]
    away = measure(projects=PROJECTS[1:])  # without the polygon, A has tap water from nowhere
    assert away.tables["disagreements"][["name", "difference"]].to_numpy().tolist() == [
        ["A", "beyond"],
        ["C", "dry"],
    ]


def test_missed_villages_stand_with_most_households_without_first(result):
    missed = result.tables["missed"]
    assert missed["name"].tolist() == ["C", "B", "D"]  # 40, 30, 30
    assert missed["without"].tolist() == [40, 30, 30]


def test_by_township(result):
    table = result.tables["by_township"].set_index("township")
    assert table.loc["甲镇", ["households", "households_piped", "without"]].tolist() == [
        250,
        200,
        50,
    ]
    assert table.loc["乙乡", ["households", "households_piped"]].tolist() == [100, 30]
    assert table.loc["甲镇", ["villages", "villages_at_target", "villages_served"]].tolist() == [
        3,
        1,
        3,
    ]
    assert table.loc["全县", "share"] == pytest.approx(230 / 350)


def test_a_project_that_states_nothing_gets_the_recipe_s_radius():
    bare = [({"name": "站"}, shapely.Point(4000, 2900))]
    result = measure(projects=bare)
    assert codes(result)["service-radius-imputed"] == {"count": 1, "radius": 1000.0}
    assert counted(result, "villages_served") == (1, 5)  # C, 900 m away
    assert counted(measure(projects=bare, radius_m=800.0), "villages_served") == (0, 5)


def test_a_project_with_neither_place_nor_list_serves_nobody():
    result = measure(projects=[({"name": "站"}, None)])
    assert codes(result)["water-projects-idle"]["count"] == 1
    assert counted(result, "villages_served") == (0, 5)


def test_a_committee_in_a_list_means_all_its_villages():
    listed = [({"name": "站", "villages_served": "甲", **WEST}, shapely.Point(50000, 0))]
    assert rows(measure(projects=listed))["project"].notna().to_list() == [True] * 3 + [False] * 2


def test_a_name_of_two_villages_is_nobody_s():
    twins = [*VILLAGES, village("B", 7000, "V000002", 10.0, 5.0, **WEST)]
    result = measure(twins)
    assert ["乙站", "B"] in result.tables["unresolved"][
        ["name", "village_name"]
    ].to_numpy().tolist()
    committee_known = [(dict(PROJECTS[1][0], committee="V000001"), PROJECTS[1][1])]
    found = measure(twins, committee_known).layers["villages"]
    served = found.loc[found["project"].notna()]
    assert served["id"].tolist() == ["V000005"]  # 甲's B


def test_more_households_with_tap_water_than_households_are_flagged_and_not_clipped():
    result = measure([*VILLAGES[:-1], village("E", 12000, "V000003", 10.0, 12.0)])
    assert rows(result).loc["E", "state"] == "above"
    flagged = result.tables["flagged"]
    assert flagged[["name", "reason"]].to_numpy().tolist() == [["E", "above"]]
    assert counted(result, "village_households_piped") == (152, 260)
    assert codes(result)["piped-above-households"]["count"] == 1


def test_a_committee_with_fewer_households_than_its_villages_is_flagged():
    """A, B and C hold 200 households; 甲 reports 150 of them."""
    result = measure([committee("甲", 0, 150.0, 140.0, **WEST), *VILLAGES[1:]])
    flagged = result.tables["flagged"]
    assert flagged[["name", "reason"]].to_numpy().tolist() == [["甲", "below_villages"]]
    assert counted(result, "households_piped") == (170, 250)


def test_where_committees_know_nothing_the_next_level_counts():
    silent = [
        (n, x, y, {**more, "households_piped": None} if more["level"] == "committee" else more)
        for n, x, y, more in VILLAGES
    ]
    result = measure(silent)
    assert counted(result, "households_piped") == (140, 250)
    assert codes(result)["counted-at-level"] == {"wanted": "committee", "level": "natural"}
    assert not any(i.key == "village_households_piped" for i in result.indicators)


def test_a_ledger_of_committees_alone_is_drawn_and_counted():
    result = measure(VILLAGES[:3], projects=None)
    assert counted(result, "households_piped") == (230, 350)
    assert rows(result)["state"].to_dict() == {"甲": "met", "乙": "low", "丙": "unknown"}
    assert "no-water-projects" in codes(result)
    assert not any(i.key == "villages_served" for i in result.indicators)
    assert "villages_served" not in result.tables["by_township"]
    assert result.tables["disagreements"].empty


def test_numbers_that_no_row_has_together_are_not_computable():
    split = [committee("甲", 0, 250.0, None), committee("乙", 9000, None, 30.0)]
    result = measure(split, projects=None)
    assert (result.status, result.missing) == ("not_computable", ("villages.households_piped",))


def test_the_missing_field_is_named():
    bare = [(n, x, y, {"level": "committee", "households": 5.0}) for n, x, y, _ in VILLAGES]
    inputs = {"villages": points("villages", *bare)}
    assert missing_for(coverage, inputs) == ["villages.households_piped"]


def test_no_household_is_no_figure():
    result = measure([committee("甲", 0, 0.0, 0.0)], projects=None)
    assert result.headline.value is None
    assert rows(result)["state"].to_dict() == {"甲": "empty"}
    assert np.isnan(result.tables["by_township"].set_index("township").loc["全县", "share"])


def test_inputs_are_not_changed():
    given_villages, given_works = points("villages", *VILLAGES), works()
    before = given_villages.frame.copy(), given_works.frame.copy()
    coverage(villages=given_villages, projects=given_works, townships=None, county=COUNTY,
             **parameters("tap-water"))  # fmt: skip
    assert given_villages.frame.equals(before[0])
    assert given_works.frame.equals(before[1])


def test_row_order_changes_no_figure():
    ids = [{**more, "id": f"V{n:06d}"} for n, (*_, more) in enumerate(VILLAGES, 1)]
    named = [(*row[:3], more) for row, more in zip(VILLAGES, ids, strict=True)]
    turned = measure(named[::-1], PROJECTS[::-1])
    assert [i.to_json() for i in turned.indicators] == [i.to_json() for i in measure().indicators]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(-500, 12500), st.integers(0, 4000)), max_size=4))
def test_another_project_never_serves_fewer(places):
    projects = list(PROJECTS)
    before = counted(measure(projects=projects), "villages_served")[0]
    for number, (x, y) in enumerate(places):
        projects.append(({"name": f"站{number}"}, shapely.Point(x, y)))
        after = counted(measure(projects=projects), "villages_served")[0]
        assert after >= before
        before = after
