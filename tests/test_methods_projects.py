"""A plan's projects sorted for the map; the plan of `towns.small_plan` is worked out here.

Column 2 has three projects: 300 头 over both townships (joint, letter A), of it 100 头 at 乙村
(number 1), and 2,000 羽 at 甲镇's seat (number 2). Totals: pigs 300 (the farm's 100 are within),
birds 2,000, money 50 (only the farm has any).
"""

from dataclasses import replace

import pytest
import shapely
from towns import layer, plan, small_plan

from yanshan_gis.methods.projects import on_map
from yanshan_gis.plan.registry import Amount, Project

BOXES = [shapely.box(0, -3000, 5000, 3000), shapely.box(5000, -3000, 10000, 3000)]


def townships():
    rows = [{"name": "甲镇", "code": "02"}, {"name": "乙乡", "code": "01"}]
    return layer("townships", rows, BOXES)


def shown(projects=None, column=None, **more):
    source = projects if projects is not None else small_plan()
    if column is not None:
        source = source.where(column=column)
    return on_map(projects=source, townships=townships(), **more)


def figures(result):
    return {(i.key, i.subject, i.unit): i.value for i in result.indicators}


def standing(result, how):
    """Return the listed projects that stand on the map in one way."""
    table = result.tables["projects"]
    return table[(table["stands"] == how) & table["mark"].notna()]


def test_column_two_by_hand():
    result = shown(column=2)
    found = figures(result)
    assert found["projects", "", "个"] == 3
    assert found["located", "", "个"] == 2
    assert found["joint", "", "个"] == 1
    assert found["quantity_total", "猪养殖规模", "头"] == 300
    assert found["quantity_total", "鸡养殖规模", "羽"] == 2000
    assert found["money_total", "", "万元"] == 50
    located = result.layers["located"]
    assert list(zip(located["mark"], located["name"], strict=True)) == [
        ("1", "乙村养猪场"), ("2", "养鸡"),
    ]  # fmt: skip
    assert located["head"].tolist()[0] == 100
    assert located["birds"].tolist()[1] == 2000
    assert located["head"].isna().tolist() == [False, True]
    assert located["at_seat"].tolist() == [None, "seat"]


def test_a_joint_figure_shades_its_townships_and_is_not_divided():
    result = shown(column=2)
    (row,) = standing(result, "joint").to_dict("records")
    assert row["figure"] == "猪养殖规模 300 头"
    assert row["townships"] == "全部2个乡镇"
    shaded = result.layers["shaded"]
    assert dict(zip(shaded["name"], shaded["marks"], strict=True)) == {"甲镇": "A", "乙乡": "A"}
    by_township = result.tables["by_township"]
    pigs = by_township[by_township["unit"] == "头"]
    # Of the 300 only the farm's 100 belong to one township.
    assert list(zip(pigs["township"], pigs["value"], strict=True)) == [("乙乡", 100)]


def test_nothing_is_dropped_whatever_its_place():
    every = small_plan()
    result = shown(every)
    parts = [len(standing(result, how)) for how in ("joint", "county_wide", "unlocated")]
    assert len(result.layers["located"]) + sum(parts) == len(every)
    assert standing(result, "unlocated")["name"].tolist() == ["丙库"]
    assert standing(result, "county_wide")["name"].tolist() == ["果园", "进村道路硬化"]


def test_column_four_keeps_units_apart():
    result = shown(column=4)
    found = figures(result)
    assert found["quantity_total", "库容", "m³"] == 500
    assert found["quantity_total", "建筑面积", "m²"] == 200
    assert found["no_figure", "", "个"] == 1
    assert result.layers["located"]["measure"].tolist() == ["volume_m3", "area_m2"]


def test_the_overview_marks_only_what_no_column_sheet_lists():
    result = shown(marked="outside")
    located = result.layers["located"]
    marked = located[located["mark"].notna()]
    assert marked["name"].tolist() == ["乙乡农贸市场"]
    assert set(located["of_column"]) == {"2", "3", "4", "6", "outside"}
    assert standing(result, "county_wide")["name"].tolist() == ["进村道路硬化"]
    assert len(standing(result, "joint")) == 0
    rows = result.tables["by_column"].set_index("name")
    assert rows["projects"].to_dict() == {
        "专栏1": 1, "专栏2": 3, "专栏3": 1, "专栏4": 3, "专栏5": 1, "专栏6": 1, "专栏7": 1,
        "专栏以外": 2,
    }  # fmt: skip
    assert rows.loc["专栏2", "figure"] == "3 项：定位2、跨乡镇1"


def test_a_whole_whose_parts_are_on_the_map_is_a_figure_over_its_township():
    """3.3万羽 in one township of which 2.3 and 1 stand on the map: no third symbol."""
    birds = "鸡养殖规模"

    def chickens(identity, name, value, **more):
        amount = (Amount("quantity", value, "羽", "total", birds),)
        return Project(identity, name, "poultry", 2, townships=("甲镇",), amounts=amount, **more)

    projects = plan(
        chickens("P1", "养鸡", 33000.0),
        chickens("P2", "东场", 23000.0, part_of="P1"),
        chickens("P3", "西场", 10000.0, part_of="P1"),
        places={"P1": ("township", 100, 0), "P2": ("group", 1, 1), "P3": ("group", 2, 2)},
    )
    result = shown(projects)
    assert result.layers["located"]["name"].tolist() == ["东场", "西场"]
    assert standing(result, "joint")["name"].tolist() == ["养鸡"]
    assert figures(result)["quantity_total", birds, "羽"] == 33000


def test_a_whole_without_a_figure_of_its_own_keeps_its_symbol():
    projects = plan(
        Project("P1", "上拱旅游", "rural_tourism", 3, townships=("甲镇",)),
        Project("P2", "躲兵洞", "rural_tourism", 3, townships=("甲镇",), part_of="P1"),
        places={"P1": ("committee", 1, 1), "P2": ("group", 2, 2)},
    )
    assert shown(projects).layers["located"]["name"].tolist() == ["上拱旅游", "躲兵洞"]


def test_rates_add_up_to_nothing():
    rate = (Amount("money", 0.001, "万元", "per_unit", "投入", "每羽每年"),)
    result = shown(plan(Project("P1", "鸡", "poultry", 2, amounts=rate)))
    assert not [i for i in result.indicators if "per_unit" in i.key]
    assert standing(result, "county_wide")["figure"].tolist() == ["投入 10 元（每羽每年）"]


def test_without_townships_joint_projects_are_listed_and_nothing_is_shaded():
    result = on_map(projects=small_plan(), townships=None)
    assert "shaded" not in result.layers
    assert standing(result, "joint")["townships"].tolist()[0] == "甲镇、乙乡"


def test_lines_and_areas_keep_their_shape_and_get_a_point():
    base = plan(Project("P1", "河道", "water", townships=("甲镇",)),
                Project("P2", "基地", "vegetables", townships=("甲镇",)))  # fmt: skip
    shapes = [shapely.LineString([(0, 0), (10, 0)]), shapely.box(0, 0, 4, 4)]
    result = shown(replace(base, frame=base.frame.set_geometry(shapes, crs=base.crs)))
    assert result.layers["lines"]["name"].tolist() == ["河道"]
    assert result.layers["areas"]["name"].tolist() == ["基地"]
    points = result.layers["located"].geometry
    assert list(points.geom_type) == ["Point", "Point"]
    assert all(shape.distance(point) < 1e-9 for shape, point in zip(shapes, points, strict=True))


def test_letters_go_on_after_z():
    many = plan(*(Project(f"P{n}", f"项目{n}", "other", townships=("甲镇", "乙乡"))
                  for n in range(28)))  # fmt: skip
    marks = standing(shown(many), "joint")["mark"].tolist()
    assert marks[:2] == ["A", "B"]
    assert marks[25:] == ["Z", "AA", "AB"]


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_totals_do_not_depend_on_the_order_of_rows(order):
    base = small_plan()
    result = shown(replace(base, frame=base.frame.iloc[order]))
    assert figures(result)["quantity_total", "猪养殖规模", "头"] == 300
