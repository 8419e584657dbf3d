"""Programme progress: hand-worked amounts by state, and what makes a programme not computable."""

from datetime import date

import pandas as pd
import pytest
import shapely
from towns import COUNTY, layer, layer_catalogue, points, recipe_catalogue, roads, table

from yanshan_gis.methods.programmes import progress

TODAY = date(2025, 6, 30)
PROGRAMMES = (
    {"key": "access", "name": "进村", "value": 10.0, "unit": "km", "layer": "roads",
     "scope": "access"},
    {"key": "inside", "name": "屯内", "value": 4.0, "unit": "km", "layer": "roads",
     "scope": "in_village"},
    {"key": "works", "name": "饮水", "value": 4.0, "unit": "项", "layer": "water_projects",
     "project": "P1"},
    {"key": "homes", "name": "受益户", "value": 200.0, "unit": "户", "layer": "water_projects",
     "project": "P1"},
    {"key": "green", "name": "还林", "value": 90.0, "unit": "亩", "layer": "greening_parcels"},
)  # fmt: skip


def road(length_m, programme, **more):
    return "cement", [(0, 0), (length_m, 0)], {"programme": programme, **more}


# access: 3 km done, 2 km under way, 1 km to come, 0.5 km of which nothing is known.
ROADS = roads(
    road(3000, "access", scope="access", completed_on="2024-05", project_id="R1"),
    road(2000, "access", scope="access", status="construction", project_id="R2"),
    road(1000, "access", scope="access", status="planned", project_id="R2"),
    road(500, "access", scope="access"),
    # in-village streets under the purse of access roads: not counted, listed
    road(700, "access", scope="in_village", completed_on="2024"),
    road(900, "inside", scope="in_village", completed_on="2023-11-02"),
    road(8000, None, scope="access", completed_on="2020"),
)
WATER = points(
    "water_projects",
    ("甲", 0, 0, {"programme": "works", "completed_on": "2022", "households_served": 60,
                  "township": "甲镇"}),
    ("乙", 0, 0, {"programme": "works", "completed_on": "2025-06", "households_served": 30,
                  "township": "甲镇"}),
    ("丙", 0, 0, {"programme": "works", "status": "existing", "township": "乙乡"}),
)  # fmt: skip


def measure(*programmes, today=TODAY, **layers):
    found = progress(
        programmes=table("programmes", *(programmes or PROGRAMMES)), county=COUNTY, data_date=today,
        **{"roads": None, "water_projects": None, "greening_parcels": None, "projects": None,
           "relocation_sites": None, **layers},
    )  # fmt: skip
    frame = found.tables["progress"].astype(object)
    frame = frame.where(frame.notna(), None)
    return found, {row["key"]: row for row in frame.to_dict("records")}


def amounts(row):
    return tuple(row[s] for s in ("planned", "construction", "done", "unknown"))


def test_kilometres_by_state():
    """3 of 10 km done = 0.3; 10 - (3 + 2 + 1 + 0.5) = 3.5 km on no feature."""
    result, rows = measure(roads=ROADS)
    row = rows["access"]
    assert amounts(row) == pytest.approx((1.0, 2.0, 3.0, 0.5))
    assert (row["share_done"], row["not_listed"]) == (pytest.approx(0.3), pytest.approx(3.5))
    assert (row["features"], row["projects"], row["layers"]) == (4, "R1、R2", "roads")
    assert amounts(rows["inside"]) == pytest.approx((0, 0, 0.9, 0))
    assert result.tables["unknown"]["id"].tolist() == ["R000004"]
    assert result.tables["other_scope"]["id"].tolist() == ["R000005"]
    assert {n.code: n.values["count"] for n in result.warnings} == {
        "progress-unknown": 1, "progress-other-scope": 1, "progress-not-computable": 3,
    }  # fmt: skip


def test_a_ledger_of_roads_without_lines_gives_its_own_lengths():
    rows = [
        {"programme": "inside", "scope": "in_village", "ledger_length_km": 1.5,
         "completed_on": "2024"},
        {"programme": "inside", "ledger_length_km": 0.5, "status": "planned"},
    ]  # fmt: skip
    ledger = layer("roads", rows, [None, None])
    assert amounts(measure(roads=ledger)[1]["inside"]) == pytest.approx((0.5, 0, 1.5, 0))


def test_works_are_counted_and_households_added_up():
    """甲, 乙 and 丙 are built: 3 of 4; 60 + 30 of 200 households, 丙 tells none."""
    result, rows = measure(water_projects=WATER)
    assert amounts(rows["works"]) == (0, 0, 3, 0)
    assert (rows["works"]["share_done"], rows["works"]["undated"]) == (0.75, 1)
    # another measure of the same project needs no features of its own
    assert amounts(rows["homes"]) == (0, 0, 90, 0)
    assert (rows["homes"]["share_done"], rows["homes"]["no_amount"]) == (0.45, 1)
    towns = result.tables["by_township"]
    works = towns[towns["key"] == "works"].set_index("township")["done"].to_dict()
    assert works == {"甲镇": 2, "乙乡": 1}


@pytest.mark.parametrize(
    ("completed_on", "status", "state"),
    [
        ("2025-06", None, "done"),  # its last day is the data's date
        ("2025-06-30", "construction", "done"),
        ("2025", "existing", "construction"),  # 2025 ends after it
        ("2026", None, "planned"),
        ("2026", "planned", "planned"),
        (None, "existing", "done"),
        (None, "construction", "construction"),
        (None, None, "unknown"),
    ],
)
def test_a_date_to_come_is_not_done(completed_on, status, state):
    known = ("丁", 0, 0, {"programme": "works", "completed_on": "2020", "status": None})
    asked = ("戊", 0, 0, {"programme": "works", "completed_on": completed_on, "status": status})
    result, _ = measure(water_projects=points("water_projects", known, asked))
    assert result.layers["points"]["state"].tolist() == ["done", state]


def test_without_a_date_of_the_data_every_completion_counts():
    works = points("water_projects", ("甲", 0, 0, {"programme": "works", "completed_on": "2030"}))
    assert amounts(measure(today=None, water_projects=works)[1]["works"])[2] == 1


def test_parcels_count_what_they_state_else_what_is_drawn():
    """30 mu stated; a square of 200 m by 100 m is 20,000 / 666.67 = 30 mu."""
    parcels = layer(
        "greening_parcels",
        [{"programme": "green", "area_mu": 30.0, "completed_on": "2023"},
         {"programme": "green", "area_mu": None, "status": "planned"}],
        [shapely.box(0, 0, 9, 9), shapely.box(0, 0, 200, 100)],
    )  # fmt: skip
    result, rows = measure(greening_parcels=parcels)
    assert amounts(rows["green"]) == pytest.approx((30.0, 0, 30.0, 0))
    assert rows["green"]["share_done"] == pytest.approx(1 / 3)
    assert result.layers["parcels"]["programme_name"].tolist() == ["还林", "还林"]


def test_what_is_missing_is_named_for_each_programme_alone():
    mute = points("water_projects", ("甲", 0, 0, {"programme": "works"}))
    bare = layer("greening_parcels", [{"area_mu": 3.0}], [shapely.box(0, 0, 9, 9)])
    result, rows = measure(water_projects=mute, greening_parcels=bare)
    assert {key: row["missing"] for key, row in rows.items()} == {
        "access": "roads",
        "inside": "roads",
        "works": "water_projects.completed_on",
        "homes": "water_projects.households_served",
        "green": "greening_parcels.programme",
    }
    assert amounts(rows["works"]) == (None, None, None, None)
    assert result.status == "ok"
    (complete, computable) = result.indicators
    assert (complete.value, computable.value, computable.denominator) == (0, 0, 5)


def test_without_any_date_of_completion_nothing_is_computable():
    """A status alone does not tell progress: nobody keeps dates in this layer."""
    works = points("water_projects", ("甲", 0, 0, {"programme": "works", "status": "existing"}),
                   ("乙", 0, 0, {"programme": "works", "status": "planned"}))  # fmt: skip
    assert measure(water_projects=works)[1]["works"]["missing"] == "water_projects.completed_on"
    other = points("water_projects", ("甲", 0, 0, {"programme": "works", "status": "planned"}),
                   ("乙", 0, 0, {"programme": None, "completed_on": "2019"}))  # fmt: skip
    assert amounts(measure(water_projects=other)[1]["works"]) == (1, 0, 0, 0)


def test_a_programme_no_feature_names_is_not_zero():
    _, rows = measure(roads=roads(road(10, "access", completed_on="2024", scope="access")))
    assert rows["inside"]["missing"] == "roads.programme = inside"
    assert rows["access"]["missing"] is None


def test_a_programme_may_leave_its_layer_open():
    _, rows = measure(
        {"key": "works", "name": "饮水", "value": 3.0, "unit": "件"}, water_projects=WATER
    )
    assert (rows["works"]["done"], rows["works"]["share_done"]) == (3, 1)
    _, rows = measure({"key": "x", "name": "无", "value": 3.0, "unit": "件"}, water_projects=WATER)
    assert rows["x"]["missing"] == "*.programme = x"


def test_a_finished_programme_is_complete():
    result, _ = measure(
        {"key": "works", "name": "饮水", "value": 3.0, "unit": "件", "layer": "water_projects"},
        water_projects=WATER,
    )
    assert (result.indicators[0].key, result.indicators[0].value) == ("complete", 1)


def test_relocation_sites_are_followed_up_not_built():
    """Four sites, all built in 2019: two followed up, one under way, one silent."""
    sites = points(
        "relocation_sites",
        *(
            (name, 0, 0, {"programme": "sites", "status": "existing", "completed_on": "2019", **m})
            for name, m in {
                "甲": {"follow_up_status": "existing", "follow_up_on": "2023-01"},
                "乙": {"follow_up_on": "2024"},
                "丙": {"follow_up_status": "construction"},
                "丁": {},
            }.items()
        ),
    )
    wanted = {"key": "sites", "name": "后续", "value": 4.0, "unit": "个",
              "layer": "relocation_sites"}  # fmt: skip
    assert amounts(measure(wanted, relocation_sites=sites)[1]["sites"]) == (0, 1, 2, 1)


def project(name, **more):
    return {"name": name, "part_of": "P9", "status": "planned",
            "quantities": '[{"value": 1, "unit": "个"}]', **more}  # fmt: skip


def registry(*rows):
    return layer("projects", list(rows), [None] * len(rows))


def test_parts_of_the_plans_project_count_once_something_was_completed():
    """The plan's own "planned" is no news; with one village completed, 1 of 3 is done."""
    wanted = {"key": "villages", "name": "精品示范村", "value": 3.0, "unit": "个",
              "layer": "projects", "project": "P9"}  # fmt: skip
    _, rows = measure(wanted, projects=registry(project("甲"), project("乙"), project("丙")))
    assert rows["villages"]["missing"] == "projects.completed_on"
    built = [
        project("甲", completed_on="2024"), project("乙", completed_on=None),
        project("丙", completed_on=None, status="existing"),
        project("集镇", completed_on=None, quantities=None),
    ]  # fmt: skip
    _, rows = measure(wanted, projects=registry(*built))
    # 丙 says it is there without a date: the plan's list cannot know
    assert amounts(rows["villages"]) == (1, 0, 1, 1)
    assert rows["villages"]["share_done"] == pytest.approx(1 / 3)


def test_a_project_that_names_its_programme_needs_no_whole():
    wanted = {"key": "homes", "name": "住房", "value": 10.0, "unit": "户", "layer": "projects"}
    rows = [
        {"name": "一期", "programme": "homes", "completed_on": "2023",
         "quantities": '[{"value": 4, "unit": "户"}]', "status": "existing"},
        {"name": "二期", "programme": "homes", "completed_on": None, "status": "construction",
         "quantities": '[{"value": 5, "unit": "户"},'
                       ' {"value": 9, "unit": "户", "basis": "per_year"}]'},
    ]  # fmt: skip
    assert amounts(measure(wanted, projects=registry(*rows))[1]["homes"]) == (0, 5, 4, 0)


def test_money_is_added_up_from_investments():
    works = points(
        "water_projects",
        ("甲", 0, 0, {"programme": "works", "completed_on": "2022", "investment_wan": 120.0}),
        ("乙", 0, 0, {"programme": "works", "status": "planned", "investment_wan": 80.0}),
    )
    wanted = {"key": "works", "name": "投资", "value": 0.04, "unit": "亿元"}
    _, rows = measure(wanted, water_projects=works)
    # 120 万元 of 400 万元
    assert amounts(rows["works"]) == pytest.approx((0.008, 0, 0.012, 0))
    assert rows["works"]["share_done"] == pytest.approx(0.3)


def test_layers_of_the_map_are_described():
    from yanshan_gis.publish.fields import shown_fields

    parcels = layer(
        "greening_parcels", [{"programme": "green", "completed_on": "2023"}],
        [shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(20, 0, 29, 9)])],
    )  # fmt: skip
    result, _ = measure(roads=ROADS, water_projects=WATER, greening_parcels=parcels)
    assert {name: len(frame) for name, frame in result.layers.items()} == {
        "roads": 6, "points": 3, "parcels": 1,
    }  # fmt: skip
    recipe = recipe_catalogue()["programmes"]
    for part, frame in {**result.layers, **result.tables}.items():
        described = shown_fields(recipe, part, frame.columns, layer_catalogue())
        assert set(frame.columns) - {"geometry"} <= set(described), part
    for name in result.layers:
        assert [c.value for c in recipe.results[name].style.classes] == [
            "planned", "construction", "done", "unknown",
        ]  # fmt: skip


def test_inputs_are_not_changed():
    before = ROADS.frame.copy()
    measure(roads=ROADS)
    pd.testing.assert_frame_equal(ROADS.frame, before)


@pytest.mark.parametrize(
    ("surface", "more", "state"),
    [
        ("earth", {"status": "existing"}, "planned"),  # a road is there, and is not hardened yet
        ("cement", {"status": "existing"}, "done"),
        (None, {"status": "existing"}, "unknown"),
        ("earth", {"status": "construction"}, "construction"),
        ("earth", {"completed_on": "2024"}, "done"),  # the surface was not brought up to date
    ],
)
def test_a_road_that_exists_is_not_therefore_hardened(surface, more, state):
    known = ("cement", [(0, 0), (9, 0)], {"programme": "access", "completed_on": "2020"})
    asked = (surface, [(0, 0), (1000, 0)], {"programme": "access", **more})
    result, rows = measure(roads=roads(known, asked))
    assert result.layers["roads"]["state"].tolist() == ["done", state]
    assert rows["access"]["undated"] == (1.0 if (surface, state) == ("cement", "done") else 0.0)


def test_days_from_the_store_are_days():
    """A column of whole days comes back as times at midnight; the data's own day counts."""
    works = points("water_projects", ("甲", 0, 0, {"programme": "works"}),
                   ("乙", 0, 0, {"programme": "works"}))  # fmt: skip
    days = pd.to_datetime(pd.Series(["2025-06-30", "2025-07-01"]))
    works.frame["completed_on"] = days
    result, _ = measure(water_projects=works)
    assert result.layers["points"]["state"].tolist() == ["done", "planned"]
    assert result.layers["points"]["completed_on"].tolist() == ["2025-06-30", "2025-07-01"]
