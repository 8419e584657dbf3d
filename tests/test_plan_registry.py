"""The plan's registry: the bundled records against sums worked out by hand, and the reader."""

from __future__ import annotations

import csv
import itertools
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from test_docs import load_script

from yanshan_gis.catalogue import bundled_content, read_layers
from yanshan_gis.errors import DataError, UnitError
from yanshan_gis.layer import Layer, Source
from yanshan_gis.plan.registry import Amount, Project, counted_amounts, from_layer, to_frame, totals
from yanshan_gis.plan.registry_csv import read_registry
from yanshan_gis.units import canonical_unit

FOLDER = bundled_content() / "layers" / "yanshan"
PROJECTS = read_registry(FOLDER)
BY_ID = {project.id: project for project in PROJECTS}
FIELDS = read_layers()["projects"].fields
ELEVEN = 11
page = load_script("plan_registry")


def rows(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


PARAGRAPHS = rows("paragraphs.csv")


def column(number):
    return [project for project in PROJECTS if project.column == number]


def item(number, entry):
    return [project for project in column(number) if project.item == str(entry)]


def one(*text):
    """Find the one project whose name holds every text."""
    (found,) = [project for project in PROJECTS if all(part in project.name for part in text)]
    return found


def quantity(what, unit, basis="total"):
    return ("quantity", what, unit, basis)


def money(what="投资", basis="total"):
    return ("money", what, "万元", basis)


def people(unit, what="受益"):
    return ("beneficiaries", what, unit, "total")


def only(projects, nature):
    return {key: value for key, value in totals(projects).items() if key[0] == nature}


# -- the records as a whole ------------------------------------------------------------------


def test_ids_are_unique_sorted_and_tell_their_place():
    ids = [project.id for project in PROJECTS]
    assert ids == sorted(set(ids))
    for project in PROJECTS:
        if project.column is None:
            assert re.fullmatch(r"P00\d{4}", project.id)
            assert project.section
            assert not project.item
        else:
            number = f"P{project.column:02d}{int(project.item):02d}"
            assert project.id[:5] == number
            assert project.source == f"Z{project.column}-{project.item}"


def test_numbers_within_an_item_have_no_gap():
    for key, group in itertools.groupby(PROJECTS, key=lambda project: project.id[:5]):
        if key[1:3] != "00":
            numbers = [int(project.id[5:]) for project in group]
            assert numbers == list(range(1, len(numbers) + 1)), key


def test_statements_outside_the_columns_stand_in_the_order_of_the_text():
    order = {row["paragraph"]: number for number, row in enumerate(PARAGRAPHS)}
    places = [order[project.source] for project in PROJECTS if project.column is None]
    assert places == sorted(places)


def test_how_many_records_and_items():
    # Items of columns 1 to 7: 5, 6, 8, 9, 3, 9, 3.
    items = {number: len({p.item for p in column(number)}) for number in range(1, 8)}
    assert items == {1: 5, 2: 6, 3: 8, 4: 9, 5: 3, 6: 9, 7: 3}
    # 1: 1+1+4+6+10. 2: 1+2+3+4+7+13. 3: 17+4+3+8+3+8+1+2. 6: one each, two in items 7 and 9.
    # 7: whole, 4 townships and 3 works; whole and 11 villages; one.
    counts = {number: len(column(number)) for number in range(1, 8)}
    assert counts == {1: 22, 2: 30, 3: 46, 4: 27, 5: 3, 6: 11, 7: 21}


def test_townships_and_committees_are_of_the_register():
    townships = {row["name"] for row in rows("townships.csv")}
    committees = {(row["township"], row["name"]) for row in rows("committees.csv")}
    for project in PROJECTS:
        assert set(project.townships) <= townships, project.id
        for committee in project.committees:
            town, _, name = committee.rpartition("/")
            assert (town or project.townships[0], name) in committees, project.id
        assert len(set(project.townships)) == len(project.townships)


def test_codes_units_and_sources_are_known():
    kinds, states = FIELDS["kind"].codes, FIELDS["status"].codes
    sources = {row["paragraph"] for row in PARAGRAPHS}
    for project in PROJECTS:
        assert project.kind in kinds, project.id
        assert project.status in states, project.id
        assert project.source in sources, project.id
        for amount in project.amounts:
            assert canonical_unit(amount.unit) == amount.unit
            assert amount.what, project.id
            assert (amount.unit == "万元") == (amount.nature == "money")
            if amount.nature == "beneficiaries":
                assert amount.unit in {"人", "人次", "户"}
            assert not amount.unit.startswith("万") or amount.nature == "money"
            assert amount.value > 0


def test_the_finer_kinds_are_told_apart():
    kinds = Counter(p.kind for p in column(3))
    # Item 4 has one square and one visitor centre among its eight.
    assert kinds == {
        "rural_tourism": 17, "folk_tourism": 4, "red_tourism": 3, "wellness_tourism": 6,
        "culture": 1, "scenic_facilities": 2, "homestay": 3, "leisure_tourism": 8,
        "tourism_goods": 2,
    }  # fmt: skip
    assert {p.kind for p in column(4)} == {"cold_storage"}
    assert [p.kind for p in column(5)] == ["forest_ranger", "river_keeper", "cleaner"]


def test_parts_lead_to_a_whole_without_a_circle():
    for project in PROJECTS:
        seen, above = {project.id}, project.part_of
        while above:
            assert above not in seen
            seen.add(above)
            above = BY_ID[above].part_of


def test_a_township_left_open_says_why():
    """Where a place is named, but in no township, the note says that it is not known."""
    silent = [
        p.id for p in PROJECTS if p.place and not p.townships and "乡镇不明" not in p.note
    ]  # fmt: skip
    assert silent == []
    unknown = {p.place for p in PROJECTS if p.place and not p.townships}
    assert unknown == {
        "公革河", "大新寨老螺田水库", "博独", "小舍克", "哪哈", "王建川故居", "大箐", "地都",
        "纳振破索", "弯里坡", "玛瑙加工厂", "清水湾", "鸭暖",
    }  # fmt: skip


# -- column 1 --------------------------------------------------------------------------------


def test_column_1_money_people_and_area():
    # 102,224.74 + 116,505.70 + 500 = 219,230.44; 178,918 + 283,922 = 462,840.
    assert only(column(1), "money") == {money(): 219_230.44}
    assert only(column(1), "beneficiaries") == {people("人"): 462_840}
    # 0.1 万亩 of water vegetables, one base, 4.2 km of river and farm track.
    assert only(column(1), "quantity") == {
        quantity("蔬菜基地", "个"): 1,
        quantity("种植面积", "亩"): 1_000,
        quantity("河道治理及机耕路长度", "km"): 4.2,
    }
    (water,) = [p for p in column(1) if money() in {a.key for a in p.amounts} and p.townships]
    assert (water.townships, totals([water])[money()]) == (("阿猛镇",), 500)


def test_column_1_joint_townships():
    assert one("大棚蔬菜").townships == ("平远镇", "盘龙彝族乡", "者腊乡", "蚌峨乡")
    assert one("三七种植").townships == (
        "稼依镇", "盘龙彝族乡", "者腊乡", "蚌峨乡", "干河彝族乡",
    )  # fmt: skip
    assert one("重楼").townships == ("维摩彝族乡", "八嘎乡", "蚌峨乡", "阿猛镇")
    assert [p.townships for p in item(1, 1) + item(1, 2)] == [(), ()]
    assert [p.committees for p in item(1, 5) if p.kind == "market"] == [("倮可腻村委会",)] * 2


# -- column 2: wholes and parts --------------------------------------------------------------


def test_column_2_counts_wholes_once_by_unit():
    # Sheep 64,000 hold 5,000; pigs 326,000 hold 5,000; chickens 10,000 + 33,000, the latter
    # 23,000 + 10,000; fish ponds 10,000 mu hold 1,520 = 100 + 400 + 1,020.
    assert only(column(2), "quantity") == {
        quantity("牛养殖规模", "头"): 66_700,
        quantity("羊养殖规模", "只"): 64_000,
        quantity("猪养殖规模", "头"): 326_000,
        quantity("养殖场", "个"): 1,
        quantity("鸡养殖规模", "羽"): 43_000,
        quantity("养鸡场", "个"): 1,
        quantity("养殖面积", "亩"): 10_000,
        quantity("年出栏", "头", "per_year"): 250_000,
    }
    # Goats 100, Xibeng 1,700, Aye 500. 10 yuan a bird is a rate, which nothing is added to.
    assert only(column(2), "money") == {money(): 2_300}
    (rate,) = [a for p in column(2) for a in p.amounts if a.basis == "per_unit"]
    assert (rate.nature, rate.value, rate.unit) == ("money", 0.001, "万元")


def test_column_2_parts_of_their_wholes():
    pigs, sheep = one("生猪养殖项目"), one("羊养殖项目")
    assert one("西崩").part_of == one("阿野小寨").part_of == pigs.id
    assert one("黑山羊").part_of == sheep.id
    assert one("黑山羊").townships == one("西崩").townships == ("者腊乡",)
    ponds = one("盘龙乡水产")
    assert BY_ID[ponds.part_of].name == "水产养殖项目"
    parts = [p for p in PROJECTS if p.part_of == ponds.id]
    assert totals(parts) == {quantity("养殖面积", "亩"): 1_520}
    assert [p.committees for p in parts] == [("盘龙村委会",), ("三合村委会",), ("明德村委会",)]
    birds = [p for p in PROJECTS if p.part_of == one("盘龙乡养鸡").id]
    assert totals(birds)[quantity("鸡养殖规模", "羽")] == 33_000


def test_column_2_lists_ten_townships_each():
    # Cattle without 江那, sheep without 平远, pigs without 阿猛; joint, so never divided.
    every = {row["name"] for row in rows("townships.csv")}
    for name, absent in (("牛养殖项目", "江那镇"), ("羊养殖项目", "平远镇"),
                         ("生猪养殖项目", "阿猛镇")):  # fmt: skip
        found = BY_ID[{"牛": "P020101", "羊": "P020201", "生": "P020301"}[name[0]]]
        assert found.name == name
        assert every - set(found.townships) == {absent}


def test_totals_with_a_part_whose_whole_is_not_asked_for():
    parts = [one("西崩"), one("翁达养鸡场"), one("明德水产")]
    assert only(parts, "quantity") == {
        quantity("猪养殖规模", "头"): 5_000,
        quantity("鸡养殖规模", "羽"): 10_000,
        quantity("养鸡场", "个"): 1,
        quantity("养殖面积", "亩"): 1_020,
    }
    # With the county's whole but not the township's, the village is still in it once.
    whole = BY_ID["P020501"]
    assert one("明德水产").part_of == "P020503"
    ponds = totals([whole, one("盘龙乡水产"), one("明德水产")])
    assert ponds == {quantity("养殖面积", "亩"): 10_000}


# -- column 3: townships do not carry over ---------------------------------------------------


@pytest.mark.parametrize(
    ("place", "township", "committee"),
    [
        ("三星村", "八嘎乡", "三星村委会"),
        ("六主村", "八嘎乡", "六主村委会"),
        ("平寨小箐", "八嘎乡", "平寨村委会"),
        ("凹掌大寨", "蚌峨乡", "凹掌村委会"),
        ("碧云小组", "干河彝族乡", "碧云村委会"),
        ("板榔村", "蚌峨乡", "板榔村委会"),
        ("铨卡", "江那镇", "铳卡村委会"),
        ("新寨村委会大石坝", "稼依镇", "新寨村委会"),
    ],
)
def test_column_3_places_stand_in_their_own_township(place, township, committee):
    (found,) = [p for p in column(3) if p.place == place]
    assert (found.townships, found.committees) == ((township,), (committee,))
    assert township in found.note or place == "新寨村委会大石坝"


def test_column_3_one_project_with_five_quantities():
    pavilion = one("魁星阁")
    assert [(a.what, a.value, a.unit) for a in pavilion.amounts] == [
        ("广场", 1, "个"), ("凉亭", 2, "个"), ("观光路", 2, "km"), ("路灯", 50, "盏"),
        ("围栏", 700, "m"),
    ]  # fmt: skip
    assert only(column(3), "quantity") == {a.key: a.value for a in pavilion.amounts} | {
        quantity("种植面积", "亩"): 1_000, quantity("交易市场", "个"): 1,
    }  # fmt: skip
    assert not only(column(3), "money")


# -- column 4 --------------------------------------------------------------------------------


def test_column_4_unit_by_unit():
    stores = column(4)
    assert len(stores) == 27
    # 3,000 + 20,000; 510+500+100 + 50+100+500 + 400 + 100 = 2,260; 2 × 660; 500+250+1,500;
    # 200; 100; 4 × 1,000: together 33,130. Floor 200 + 600 + 1,000. One site of 80 mu.
    assert totals(stores) == {
        quantity("库容", "m³"): 23_000 + 2_260 + 1_320 + 2_250 + 200 + 100 + 4_000,
        quantity("占地面积", "亩"): 80,
        quantity("建筑面积", "m²"): 200 + 600 + 1_000,
    }
    assert totals(stores)[quantity("库容", "m³")] == 33_130
    assert [p.committees[0] for p in stores if not p.amounts] == ["幕菲勒村委会", "长岭街村委会"]
    assert all(len(p.amounts) <= 1 for p in stores)


def test_column_4_by_township():
    count = Counter(project.townships[0] for project in column(4))
    assert count == {
        "稼依镇": 3, "阿舍彝族乡": 1, "阿猛镇": 8, "盘龙彝族乡": 2, "维摩彝族乡": 3, "江那镇": 3,
        "干河彝族乡": 1, "蚌峨乡": 1, "平远镇": 5,
    }  # fmt: skip
    assert not {"八嘎乡", "者腊乡"} & set(count)
    ameng = [p for p in column(4) if p.townships == ("阿猛镇",)]
    assert totals(ameng) == {quantity("库容", "m³"): 2_260}
    wengda = [p for p in column(4) if p.committees == ("翁达村委会",)]
    assert [a.value for p in wengda for a in p.amounts] == [660, 660]
    (xinzhai,) = [p for p in column(4) if p.place == "新寨"]
    assert (xinzhai.townships, xinzhai.committees) == (("平远镇",), ())
    assert "稼依镇" in xinzhai.note


# -- columns 5 to 7 --------------------------------------------------------------------------


def test_column_5_money_and_people():
    # 6,658.68 + 1,588.87 + 3,777.5 = 12,025.05; 5,411 + 5,052 = 10,463; 3,015 人次 apart.
    assert totals(column(5)) == {
        money(): 12_025.05, people("人"): 10_463, people("人次", "岗位"): 3_015,
    }  # fmt: skip
    assert [len(p.townships) for p in column(5)] == [ELEVEN, ELEVEN, 0]


def test_column_6_money_has_its_basis():
    # Posts: 5 + 1 + 1 + 1. 500 yuan a month = 0.05 万元, three times; 0.6 a year, three times.
    # Total 0.6 × 3 + 5.09 = 6.89. 6.67 + 5.69 = 12.36 a year.
    assert only(column(6), "money") == {
        money("岗位补贴", "monthly"): 0.15,
        money("岗位补贴", "per_year"): 1.8,
        money(): 6.89,
        money("收益帮扶", "per_year"): 12.36,
    }
    assert only(column(6), "quantity") == {
        quantity("公益岗位", "个"): 8, quantity("文化墙", "m²"): 182,
        quantity("人行道拆除", "m³"): 120, quantity("混凝土管道安装", "m"): 10,
        quantity("人行道恢复", "m²"): 30, quantity("混凝土污水盖板", "块"): 10,
        quantity("污水管道疏通", "m"): 40,
    }  # fmt: skip
    count = Counter(p.townships[0] for p in column(6))
    assert count == {
        "阿舍彝族乡": 2, "稼依镇": 1, "阿猛镇": 3, "者腊乡": 2, "蚌峨乡": 1, "八嘎乡": 2,
    }  # fmt: skip


def test_column_7_counts_each_village_once():
    expected = {
        quantity("示范乡镇", "个"): 4, quantity("精品示范村", "个"): 11,
        quantity("美丽村庄", "个"): 152,
    }  # fmt: skip
    assert totals(column(7)) == expected
    # The section's own statement says the same again and is not added to it.
    section = BY_ID[one("百千万").id]
    assert totals([section, *column(7)]) == totals([section]) == expected
    model = [p for p in column(7) if p.part_of == "P070101" and p.amounts]
    assert [p.townships for p in model] == [
        ("平远镇",), ("稼依镇",), ("盘龙彝族乡",), ("者腊乡",),
    ]  # fmt: skip
    villages = [p for p in column(7) if p.part_of == "P070201"]
    assert len({p.townships for p in villages}) == len(villages) == ELEVEN
    assert one("美丽村庄工程").townships == one("精品示范村工程").townships


# -- outside the columns ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "amounts"),
    [
        ("乡（镇）卫生院", {quantity("卫生院", "个"): 12}),
        ("村卫生室", {quantity("村卫生室", "个"): 99}),
        ("集中式供水", {quantity("集中式供水工程", "件"): 476}),
        ("分散式供水", {quantity("分散式供水工程", "件"): 51_196}),
        ("综合文化服务中心", {quantity("综合文化服务中心", "个"): 107}),
        ("易地扶贫搬迁安置点", {quantity("安置点", "个"): 13, people("户", "安置"): 789,
                       people("人", "安置"): 3_625}),
        ("农村危房改造（累计）", {quantity("危房改造", "户"): 27_875}),
        ("统筹整合扶贫资金", {money("统筹整合扶贫资金"): 626_800}),
        ("精准扶贫贷款", {money("累计贷款"): 160_900}),
    ],
)  # fmt: skip
def test_what_is_built_already(name, amounts):
    found = one(name)
    assert found.column is None
    assert found.status == "existing"
    assert totals([found]) == amounts


@pytest.mark.parametrize(
    ("name", "amounts"),
    [
        ("农村进村道路硬化", {quantity("进村道路硬化里程", "km"): 1_017.84}),
        ("村内道路硬化", {quantity("村内道路硬化里程", "km"): 382.54}),
        ("退耕还林还草", {quantity("退耕还林还草面积", "亩"): 30_500, money(): 2_714}),
        ("住房安全巩固提升", {quantity("住房安全巩固提升", "户"): 4_936, money(): 4_036}),
        ("饮水安全巩固提升", {quantity("饮水工程", "项"): 48, money(): 32_927.95,
                      people("户"): 29_913}),
        ("村庄人居环境整治", {money(): 20_624.76, people("户"): 49_016, people("人"): 208_194}),
        ("雨露计划", {money(): 1_636, people("人次", "补助"): 4_189, people("户"): 3_856,
                  people("人"): 11_956}),
        ("幼儿园", {money(): 40_528, people("人"): 126_235}),
        ("小额信贷贴息", {money("贴息"): 446.71, people("户"): 1_446, people("人"): 5_681}),
    ],
)  # fmt: skip
def test_what_is_planned_outside_the_columns(name, amounts):
    found = one(name)
    assert (found.column, found.status) == (None, "planned")
    assert totals([found]) == amounts


def test_parts_outside_the_columns_add_up():
    def parts(whole):
        return totals([p for p in PROJECTS if p.part_of == whole.id])

    # 47.5 + 399.21 = 446.71; 13,702 + 4,557 + 9,616 = 27,875; 73 + 16 + 14 + 4 = 107.
    assert parts(one("小额信贷贴息"))[money("贴息")] == 446.71
    assert parts(one("农村危房改造（累计）")) == totals([one("农村危房改造（累计）")])
    income = one("3万元以上")
    assert parts(income) == totals([income])
    # 1,950 and 2,560 of 16,090 million: the rest is not told.
    assert parts(one("精准扶贫贷款")) == {money("累计贷款"): 45_100}


def test_investment_of_the_whole_plan():
    # Columns 219,230.44 + 2,300 + 12,025.05 + 6.89; outside 2,714 + 4,036 + 32,927.95 + 20,624.76
    # + 1,636 + 40,528 = 102,466.71; together 336,029.09.
    assert totals(PROJECTS)[money()] == 336_029.09


def test_contradictions_are_notes():
    watched = one("脱贫不稳定和边缘易致贫")
    assert "1064+80=1144" in watched.note
    parts = [p for p in PROJECTS if p.part_of == watched.id and p.source == watched.source]
    assert totals(parts)[people("户", "监测对象")] == 1_144
    # The total stays as the plan has it.
    assert totals([watched, *parts])[people("户", "监测对象")] == 1_444
    (margin,) = [p for p in parts if p.name == "边缘易致贫对象"]
    assert "382" in margin.note
    assert "矛盾" in one("3万—5万元").note
    assert "矛盾" in one("10万元以上的村").note
    housing = one("住房安全巩固提升")
    assert "只列10个" in housing.note
    assert len(housing.townships) == ELEVEN
    assert len(page.slips(PROJECTS)) >= 20


def test_grassland_resort_and_its_dates():
    resort = one("黑巴草原旅游度假区")
    assert resort.townships == ("阿舍彝族乡",)
    assert "2022年3A" in resort.note
    assert "2025年4A" in resort.note
    assert sum(p.part_of == resort.id for p in PROJECTS) == 5


def test_other_places_outside_the_columns():
    for name in ("清水湾", "鸭暖", "昌农", "综合服务站", "绿色铝", "电商平台", "水质检测"):
        assert one(name).section.startswith("第")
    culture = [p for p in PROJECTS if p.source == "3.6.3-1"]
    assert Counter(p.townships[0] for p in culture) == {
        "阿舍彝族乡": 1, "盘龙彝族乡": 5, "者腊乡": 3, "干河彝族乡": 2,
    }  # fmt: skip


# -- by township -----------------------------------------------------------------------------


def test_projects_of_the_columns_by_township():
    """Projects that name one township alone; joint and county-wide ones are counted apart."""
    placed = [p for p in PROJECTS if p.column is not None]
    alone = Counter(p.townships[0] for p in placed if len(p.townships) == 1)
    # 八嘎: 三星, 六主, 小箐 (3-1); two sites (6-9); its model village.
    assert alone["八嘎乡"] == 3 + 2 + 1
    # 江那: cattle, pigs (2-6); 铳卡 (3-1); three stores; its model village.
    assert alone["江那镇"] == 2 + 1 + 3 + 1
    # 阿舍: pit (2-6); 黑巴 (3-2); one store; two sites (6-1, 6-2); its model village.
    assert alone["阿舍彝族乡"] == 1 + 1 + 1 + 2 + 1
    # 平远: vegetable base; five stores; model township and village.
    assert alone["平远镇"] == 1 + 5 + 2
    # 干河: rabbits; 碧云; one store; model village.
    assert alone["干河彝族乡"] == 1 + 1 + 1 + 1
    joint = [p for p in placed if len(p.townships) > 1]
    # 2 + 3 (column 1), 3 (2), 2 (5), whole and three works, 11 and 152 (7).
    assert len(joint) == 2 + 3 + 3 + 2 + 4 + 2
    assert sum(alone.values()) + len(joint) + sum(not p.townships for p in placed) == len(placed)


# -- paragraphs, facts, programmes -----------------------------------------------------------


def test_paragraphs_tell_their_records():
    keys = [row["paragraph"] for row in PARAGRAPHS]
    assert len(keys) == len(set(keys))
    lines = [int(row["line"]) for row in PARAGRAPHS]
    assert lines == sorted(set(lines))
    records = Counter(project.source for project in PROJECTS)
    facts = Counter(row["source"] for row in rows("facts.csv"))
    for row in PARAGRAPHS:
        assert int(row["records"]) == records[row["paragraph"]], row
        assert int(row["facts"]) == facts[row["paragraph"]], row
        assert row["remark"] or records[row["paragraph"]], row
    assert set(records) | set(facts) <= set(keys)


def test_sections_follow_from_the_paragraph():
    digits = dict(zip("123456789", "一二三四五六七八九", strict=True))
    for project in PROJECTS:
        if project.column is None:
            chapter, *rest = project.source.partition("-")[0].split(".")
            first = f"第{digits[chapter]}章 {digits[rest[0]]}"
            second = f"（{digits[rest[1]]}）" if len(rest) > 1 else ""
            assert project.section == first + second


def test_every_line_of_the_plan_is_in_a_paragraph(real_data):
    text = real_data.parent / "plan" / "yanshan-plan-2021-2025.txt"
    if not text.is_file():
        pytest.skip(f"the plan's text is absent: {text}")
    heading = re.compile(
        r"第.章|[一二三四五六七八九]、|[（(][一二三四五六七八九][)）]|专栏|\d\.|表 ?\d"
    )
    starts = {int(row["line"]) for row in PARAGRAPHS}
    within = set(range(20, 106)) | set(range(133, 140)) | set(range(325, 351))  # contents, tables
    before = ""
    for number, line in enumerate(text.read_text(encoding="utf-8").splitlines(), 1):
        plain = line.strip()
        if not plain:
            assert number not in starts
            continue
        if number not in starts | within:
            short = heading.match(plain) and len(plain) < 45 and "。" not in plain
            assert short or not before.endswith(("。", "！")), (number, plain[:20])
        before = plain


def test_the_plan_s_sentences_are_not_copied(real_data):
    text = real_data.parent / "plan" / "yanshan-plan-2021-2025.txt"
    if not text.is_file():
        pytest.skip(f"the plan's text is absent: {text}")
    plan = re.sub(r"[\s*]", "", text.read_text(encoding="utf-8"))
    most = 24  # the longest name of a project has twenty characters
    for name in ("projects", "quantities", "paragraphs", "programmes", "facts", "indicators"):
        for row in rows(f"{name}.csv"):
            cells = [cell for key, cell in row.items() if key != "place" or name == "projects"]
            for part in (part for cell in cells for part in cell.replace(" ", "").split("、")):
                runs = (part[i : i + most] for i in range(len(part) - most + 1))
                assert not any(run in plan for run in runs), part


def test_programmes_are_figures_of_their_projects():
    programmes = rows("programmes.csv")
    keys = [row["key"] for row in programmes]
    assert len(keys) == len(set(keys))
    for row in programmes:
        project = BY_ID[row["project"]]
        found = [(a.value, a.unit) for a in project.amounts]
        assert (float(row["value"]), row["unit"]) in found, row
        assert row["title_zh"]
        assert row["title_en"]
    value = {row["key"]: (float(row["value"]), row["unit"]) for row in programmes}
    assert value["access_roads"] == (1_017.84, "km")
    assert value["in_village_roads"] == (382.54, "km")
    assert value["water_works"] == (48, "项")
    assert value["greening"] == (30_500, "亩")
    assert value["relocation_sites"] == (13, "个")
    assert (value["model_townships"], value["model_villages"]) == ((4, "个"), (11, "个"))
    assert value["beautiful_villages"] == (152, "个")
    assert (value["housing"], value["housing_money"]) == ((4_936, "户"), (4_036, "万元"))


def test_relocation_sites_are_those_of_column_6():
    sites = rows("relocation_sites.csv")
    named = [key for row in sites for key in row["projects"].split("、")]
    # All of column 6 but item 8, the streets of a township's seat.
    assert sorted(named) == [p.id for p in column(6) if p.item != "8"]
    for row in sites:
        for project in (BY_ID[key] for key in row["projects"].split("、")):
            assert project.townships == (row["township"],)
            assert project.committees == tuple(filter(None, [row["committee"]]))


def test_baselines_are_figures_of_chapter_1():
    facts = {(row["source"], row["period"], float(row["value"])) for row in rows("facts.csv")}
    known = {}
    for row in rows("indicators.csv"):
        cells = (row["baseline"], row["baseline_year"], row["baseline_source"])
        assert all(cells) or not any(cells)
        if row["baseline"]:
            known[int(row["number"])] = float(row["baseline"])
            assert (row["baseline_source"], row["baseline_year"], float(row["baseline"])) in facts
            assert row["baseline_source"].startswith("1.")
    # 21 lies above its target of 0.8.
    assert known == {2: 12_705, 3: 11_302, 21: 0.87}


def test_the_page_is_up_to_date():
    assert not page.is_outdated(), "run: python scripts/plan_registry.py"


def test_the_page_shows_every_record_and_paragraph():
    text = page.page()
    assert [p.id for p in PROJECTS if f"- `{p.id}` · " not in text] == []
    assert [r["paragraph"] for r in PARAGRAPHS if f"**{r['paragraph']}**（" not in text] == []
    assert "- **专栏4**：27条；库容 33,130 m³；占地面积 80 亩；建筑面积 1,800 m²" in text


def test_an_outdated_page_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    assert page.is_outdated()
    (tmp_path / "page.md").write_text(page.page(), encoding="utf-8")
    assert not page.is_outdated()


# -- the reader ------------------------------------------------------------------------------

HEAD = (
    "id,column,section,item,part_of,name,kind,townships,committees,group,place,status,source,note"
)
AMOUNTS = "project,nature,value,unit,basis,what,note"
FIRST = "A1,4,一,1,,甲库,cold_storage,甲镇、乙乡,丙村,丁组,丙村丁组,,Z4-1,说明"
SIZE = "A1,quantity,500,立方米,,库容,"


def registry(folder, projects=(FIRST,), amounts=(SIZE,), heads=(HEAD, AMOUNTS), encoding="utf-8"):
    for name, head, lines in (("projects.csv", heads[0], projects),
                              ("quantities.csv", heads[1], amounts)):  # fmt: skip
        text = "".join(f"{line}\n" for line in (head, *lines))
        (folder / name).write_text(text, encoding=encoding)
    return folder


def test_a_registry_is_read(tmp_path):
    money = "A1,money,0.05,万元,monthly,岗位补贴,500元/月"
    (found,) = read_registry(registry(tmp_path, amounts=(SIZE, money)))
    assert found == Project(
        id="A1", name="甲库", kind="cold_storage", column=4, section="一", item="1",
        townships=("甲镇", "乙乡"), committees=("丙村",), group="丁组", place="丙村丁组",
        status="planned", source="Z4-1", note="说明",
        amounts=(Amount("quantity", 500.0, "m³", "total", "库容"),
                 Amount("money", 0.05, "万元", "monthly", "岗位补贴", "500元/月")),
    )  # fmt: skip


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    registry(tmp_path, encoding="utf-8-sig")
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_registry(tmp_path)[0].amounts[0].value == 500


PART = "A2,,一,,{whole},丙,other,,,,,existing,Z4-1,"


@pytest.mark.parametrize(
    ("case", "code", "said"),
    [
        ({"heads": (HEAD.replace("kind", "type"), AMOUNTS)}, "registry-columns", "projects.csv"),
        ({"heads": (HEAD, AMOUNTS.replace(",note", ""))}, "registry-columns", "quantities.csv"),
        ({"heads": (HEAD + ",extra", AMOUNTS)}, "registry-columns", "extra"),
        ({"projects": (FIRST, FIRST)}, "registry-value", "line 3: id 'A1'"),
        ({"projects": (FIRST.replace("A1", ""),), "amounts": ()}, "registry-value", "id ''"),
        ({"projects": (FIRST.replace(",4,", ",四,"),)}, "registry-value", "column '四'"),
        ({"projects": (FIRST + ",more",)}, "registry-cells", "line 2"),
        ({"projects": ("A1,4,一",)}, "registry-cells", "14 cells"),
        ({"projects": (FIRST, PART.format(whole="A9"))}, "registry-value", "part_of 'A9'"),
        ({"projects": (FIRST, PART.format(whole="A2"))}, "registry-value", "line 3: part_of"),
        ({"projects": (FIRST.replace("1,,甲库", "1,A2,甲库"), PART.format(whole="A1"))},
         "registry-value", "line 2: part_of 'A2'"),
        ({"amounts": (SIZE, "A7,money,5,万元,total,,")}, "registry-value", "line 3: project 'A7'"),
        ({"amounts": ("A1,quantity,五百,m³,,库容,",)}, "registry-value", "value '五百'"),
        ({"amounts": ("A1,quantity,nan,m³,,库容,",)}, "registry-value", "value 'nan'"),
        ({"amounts": ("A1,quantity,-5,m³,,库容,",)}, "registry-value", "value '-5'"),
        ({"amounts": ("A1,quantity,,m³,,库容,",)}, "registry-value", "value ''"),
        ({"amounts": ("A1,volume,5,m³,,库容,",)}, "registry-value", "nature 'volume'"),
        ({"amounts": ("A1,money,5,万元,weekly,,",)}, "registry-value", "basis 'weekly'"),
        ({"amounts": ("A1,quantity,5",)}, "registry-cells", "7 cells"),
        ({"encoding": "gb18030"}, "registry-encoding", "UTF-8"),
    ],
)  # fmt: skip
def test_what_the_reader_refuses(tmp_path, case, code, said):
    with pytest.raises(DataError) as error:
        read_registry(registry(tmp_path, **case))
    assert error.value.code == code
    assert said in str(error.value)
    assert error.value.exit_code == 3


def test_a_unit_nobody_knows(tmp_path):
    with pytest.raises(UnitError) as error:
        read_registry(registry(tmp_path, amounts=(SIZE, "A1,quantity,5,筐,,苹果,")))
    assert error.value.code == "registry-unit"
    assert "quantities.csv, line 3" in str(error.value)
    assert "筐" in str(error.value)
    assert "quantities.csv" in error.value.render("zh")


@pytest.mark.parametrize("absent", ["projects.csv", "quantities.csv"])
def test_a_file_that_is_absent(tmp_path, absent):
    (registry(tmp_path) / absent).unlink()
    with pytest.raises(DataError) as error:
        read_registry(tmp_path)
    assert error.value.code == "registry-absent"
    assert absent in str(error.value)


def test_the_bundled_files_are_read_from_any_folder(tmp_path):
    for name in ("projects.csv", "quantities.csv"):
        shutil.copy(FOLDER / name, tmp_path / name)
    assert read_registry(Path(tmp_path)) == PROJECTS


# -- carried in a layer, added up ------------------------------------------------------------


def test_projects_survive_the_layer():
    frame = to_frame(PROJECTS)
    assert frame["id"].tolist() == [project.id for project in PROJECTS]
    assert frame["column"].isna().sum() == sum(p.column is None for p in PROJECTS)
    definition = read_layers()["projects"]
    assert set(frame.columns) - {"id"} <= set(definition.fields)
    source = Source("plan", "规划")
    layer = Layer(definition, frame.assign(source_id="plan"), (source,))
    assert from_layer(layer) == PROJECTS


def test_an_empty_registry_survives_the_layer():
    assert to_frame([]).empty
    assert totals([]) == {}


def test_amounts_of_another_subject_unit_or_basis_are_not_covered():
    whole = Project("W", "整体", "pigs", amounts=(Amount("quantity", 9, "头", what="猪"),))
    part = Project("T", "部分", "pigs", part_of="W", amounts=(
        Amount("quantity", 4, "头", what="猪"), Amount("quantity", 4, "头", what="牛"),
        Amount("quantity", 2, "头", "per_year", "猪"), Amount("money", 3, "万元"),
    ))  # fmt: skip
    counted = [(project.id, amount.value) for project, amount in counted_amounts([part, whole])]
    assert counted == [("T", 4), ("T", 2), ("T", 3), ("W", 9)]


def test_a_part_is_left_to_a_whole_two_steps_up():
    top = Project("A", "甲", "pigs", amounts=(Amount("quantity", 9, "头"),))
    middle = Project("B", "乙", "pigs", part_of="A", amounts=(Amount("money", 1, "万元"),))
    low = Project("C", "丙", "pigs", part_of="B", amounts=(Amount("quantity", 4, "头"),))
    assert totals([low, middle, top])[("quantity", "", "头", "total")] == 9
    # Without the step between, the way up is not known: the part counts for itself.
    assert totals([low])[("quantity", "", "头", "total")] == 4


def test_units_and_bases_are_never_added_together():
    posts = Project("A", "岗位", "cleaner", amounts=(
        Amount("beneficiaries", 5, "人"), Amount("beneficiaries", 7, "人次"),
        Amount("beneficiaries", 3, "户"), Amount("money", 0.05, "万元", "monthly"),
        Amount("money", 0.6, "万元", "per_year"), Amount("money", 0.6, "万元"),
    ))  # fmt: skip
    assert len(totals([posts])) == 6
    assert totals([posts, posts]) == totals([posts])
