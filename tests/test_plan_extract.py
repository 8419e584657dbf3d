"""A draft registry from text: one trap of real plans each; then a whole invented plan."""

from __future__ import annotations

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plans import QINGXI, document, draft, qingxi

from yanshan_gis.errors import UsageError, WriteError
from yanshan_gis.extraction import draft_files
from yanshan_gis.extraction.document import read_document
from yanshan_gis.extraction.draft_files import draft_folder, write_extraction
from yanshan_gis.extraction.extract import LEFT_OUT, extract
from yanshan_gis.extraction.mentions import Scanner
from yanshan_gis.plan.registry import totals
from yanshan_gis.plan.registry_csv import read_registry


@pytest.fixture(scope="module")
def places():
    return qingxi()


@pytest.fixture(scope="module")
def whole_plan(places):
    return extract(read_document(QINGXI / "plan.txt"), places)


def rows(found):
    """Townships, committees, group, and amounts as (value, unit)."""
    return [
        (p.townships, p.committees, p.group, [(a.value, a.unit) for a in p.amounts])
        for p in found.projects
    ]


def left(found):
    return [(entry.text, entry.reason) for entry in found.residue]


# --- the scan ----------------------------------------------------------------------------------


def kinds(text, places):
    return [(token.text, token.kind) for token in Scanner(places).scan(text)]


def test_the_scan_covers_the_text(places):
    text = "在白水乡崖脚村建设冷库2座，投资300万元，“两不愁”。"
    tokens = Scanner(places).scan(text)
    assert "".join(token.text for token in tokens) == text
    assert [(t.text, t.kind) for t in tokens if t.kind in {"township", "committee"}] == [
        ("白水乡", "township"), ("崖脚村", "committee"),
    ]  # fmt: skip


def test_a_crop_is_no_community(places):
    # 茶园社区 is in the register; a tea garden is not it.
    assert ("茶园", "word") in kinds("建设高标准茶园", places)
    assert ("茶园社区", "committee") in kinds("在茶园社区建设", places)


def test_a_longer_name_is_another_place(places):
    assert ("老新民村", "committee") in kinds("推进老新民村冷库建设", places)
    (project,) = draft("石桥镇老新民村冷库建设项目。").projects
    assert project.committees == ()


def test_general_villages_are_no_places(places):
    text = "加强乡村建设，美化村庄，示范村和各村、全村、农村、村内道路"
    assert not any(kind == "committee" for _, kind in kinds(text, places))


def test_village_of_a_township_and_rural_are_told_apart(places):
    # 上坝乡村旅游: neither 上坝乡 nor 上坝…村, but 乡村旅游 at 上坝.
    (project,) = draft("推动石桥镇上坝乡村旅游项目。").projects
    assert (project.townships, project.committees) == (("石桥镇",), ("上坝村委会",))


# --- places ------------------------------------------------------------------------------------


def test_townships_of_one_thing_are_one_joint_record(places):
    found = draft("推进云岭镇、白水乡、龙潭乡茶叶种植 8600 亩，投资 2150 万元。")
    assert rows(found) == [
        (("云岭镇", "白水苗族乡", "龙潭乡"), (), "", [(8600, "亩"), (2150, "万元")])
    ]


def test_villages_of_one_thing_are_a_record_each(places):
    found = draft("推进石桥镇上坝村、下坝村蔬菜种植项目。")
    assert [p.committees for p in found.projects] == [("上坝村委会",), ("下坝村委会",)]
    assert {p.townships for p in found.projects} == {("石桥镇",)}


def test_a_township_does_not_carry_over_a_list(places):
    """红旗 is 龙潭's; 松林 is 大坪's, 下坝 石桥's though 龙潭乡 stands before; 小石林 nowhere."""
    found = draft("推进龙潭乡红旗、松林、下坝、小石林等地柑橘种植项目。")
    assert [(p.townships, p.committees) for p in found.projects] == [
        (("龙潭乡",), ("红旗村委会",)),
        (("大坪乡",), ("松林村委会",)),
        (("石桥镇",), ("下坝村委会",)),
        ((), ()),
    ]
    # 红旗 needs no note; the others say what was read and why.
    assert [bool(p.note) for p in found.projects] == [False, True, True, True]


def test_a_name_in_two_townships_is_not_chosen(places):
    # 新街 is in 云岭镇 and in 大坪乡; 石桥镇 stands before the list.
    found = draft("推进石桥镇上坝、新街等地蔬菜种植项目。")
    (_, project) = found.projects
    assert (project.townships, project.committees) == ((), ())
    assert "新街" in project.note
    assert "云岭镇" in project.note


def test_a_stated_township_binds(places):
    (project,) = draft("推进大坪乡新街村蔬菜种植项目。").projects
    assert (project.townships, project.committees) == (("大坪乡",), ("新街村委会",))
    # 杨柳 is 云岭镇's: within 大坪乡 it is not taken from there.
    (project,) = draft("推进大坪乡杨柳村蔬菜种植项目。").projects
    assert (project.townships, project.committees) == (("大坪乡",), ())
    assert "云岭镇杨柳村委会" in project.note


def test_a_hamlet_follows_its_village_along_a_list(places):
    found = draft("推进龙潭乡月亮湾村老鹰岩、响水塘、白石岩桃园项目。")
    assert [(p.committees, p.group) for p in found.projects] == [
        (("月亮湾村委会",), "老鹰岩"), (("月亮湾村委会",), "响水塘"), (("月亮湾村委会",), "白石岩"),
    ]  # fmt: skip


def test_the_title_of_an_item_may_be_its_township(places):
    (project,) = draft("大坪乡：新街村委会建设冷库 1 座，容积 200 立方米。", "冷库项目").projects
    assert (project.townships, project.committees) == (("大坪乡",), ("新街村委会",))


def test_a_short_name_under_its_township_is_the_committee_with_a_note(places):
    (project,) = draft("白水乡：在白水建设冷库，容积100立方米。", "冷库项目").projects
    assert project.committees == ("白水村委会",)
    assert project.note


def test_variants_and_short_townships_are_written_canonically(places):
    (project,) = draft("推进白水乡崖脚村重楼种植。").projects
    assert (project.townships, project.committees) == (("白水苗族乡",), ("岩脚村委会",))


def test_a_stretch_lies_in_the_townships_of_its_ends(places):
    (project,) = draft("完成高寨至崖脚 6.8 千米通组公路硬化。", "道路项目").projects
    assert (project.townships, project.committees) == (("白水苗族乡",), ())
    assert project.place == "高寨至崖脚"


def test_places_told_afterwards_belong_to_the_record(places):
    (project,) = draft("养牛项目：全县养牛 1.5 万头，涉及石桥镇、大坪乡。", "养殖项目").projects
    assert project.townships == ("石桥镇", "大坪乡")


def test_a_project_without_a_place_is_the_countys(places):
    (project,) = draft("节水项目：推进小型水库除险加固项目，投资 50 万元。", "水利项目").projects
    assert (project.townships, project.kind) == ((), "water")


# --- figures and records -----------------------------------------------------------------------


def test_a_list_of_sizes_makes_a_record_each(places):
    found = draft("石桥镇上坝村建设冷库，库容分别为510立方米、500立方米、100立方米。", "冷库项目")
    assert [r[3] for r in rows(found)] == [[(510, "m³")], [(500, "m³")], [(100, "m³")]]


def test_as_many_sizes_as_places_go_one_to_each(places):
    found = draft("石桥镇石桥社区、新民村建设冷库，库容分别为800立方米和650立方米。", "冷库项目")
    assert [(r[1], r[3]) for r in rows(found)] == [
        (("石桥社区",), [(800, "m³")]), (("新民村委会",), [(650, "m³")]),
    ]  # fmt: skip


def test_a_figure_for_all_alike_goes_to_each(places):
    found = draft("石桥镇上坝村冷库、下坝村冷库，容积均为660M³。", "冷库项目")
    assert [r[3] for r in rows(found)] == [[(660, "m³")], [(660, "m³")]]


def test_three_of_one_size_are_three(places):
    # 3 × 500: three records of 500 m³, not one of 500 and not one of 1500.
    found = draft("石桥镇建设冷库3座，库容均为500立方米。", "冷库项目")
    assert [r[3] for r in rows(found)] == [[(500, "m³")]] * 3


def test_one_figure_for_several_places_makes_one_record(places):
    found = draft("推进石桥镇上坝村蔬菜项目、大坪乡松林村蔬菜项目，总投资500万元。")
    (project,) = found.projects
    assert project.townships == ("石桥镇", "大坪乡")
    assert project.committees == ("上坝村委会", "大坪乡/松林村委会")
    assert [(a.value, a.unit) for a in project.amounts] == [(500, "万元")]


def test_each_of_the_townships_makes_a_whole_and_parts(places):
    # 2 villages in each of 3 townships: 6 in all.
    found = draft("云岭镇、石桥镇、大坪乡各打造 2 个精品示范村。", "示范村项目")
    whole, *parts = found.projects
    assert [(a.value, a.unit) for a in whole.amounts] == [(6, "个")]
    assert [p.townships for p in parts] == [("云岭镇",), ("石桥镇",), ("大坪乡",)]
    assert {p.part_of for p in parts} == {whole.id}
    assert totals(found.projects) == {("quantity", "精品示范村", "个", "total"): 6}


def test_money_for_each_of_the_townships_is_not_a_total(places):
    (project,) = draft("云岭镇、石桥镇蔬菜项目，各投入10万元。").projects
    assert [(a.value, a.basis) for a in project.amounts] == [(10, "per_unit")]


def test_of_which_makes_parts(places):
    found = draft("肉牛：全县养牛 1.5 万头，其中石桥镇 0.6 万头、大坪乡 0.9 万头。", "养殖项目")
    whole, *parts = found.projects
    assert rows(found)[0] == ((), (), "", [(15_000, "头")])
    assert [(p.part_of, p.townships, p.amounts[0].value) for p in parts] == [
        (whole.id, ("石桥镇",), 6000), (whole.id, ("大坪乡",), 9000),
    ]  # fmt: skip


def test_a_count_of_the_parts_that_follow_is_no_record(places):
    found = draft("石桥镇：建成冷库2个，其中上坝1个200平方米、下坝1个300立方米。", "冷库项目")
    assert rows(found) == [
        (("石桥镇",), ("上坝村委会",), "", [(200, "m²")]),
        (("石桥镇",), ("下坝村委会",), "", [(300, "m³")]),
    ]


def test_a_count_that_differs_from_the_parts_stays(places):
    found = draft("石桥镇：建成冷库3个，其中上坝1个200平方米、下坝1个300立方米。", "冷库项目")
    assert rows(found)[0][3] == [(3, "个")]


def test_a_phrase_without_a_place_goes_on(places):
    (project,) = draft("建设石桥镇上坝村冷库，占地15亩，投资300万元，带动3120户。").projects
    assert [(a.nature, a.value) for a in project.amounts] == [
        ("quantity", 15), ("money", 300), ("beneficiaries", 3120),
    ]  # fmt: skip


def test_the_same_place_again_is_the_same_project(places):
    found = draft("加快石桥镇上坝村冷库建设项目，推进上坝村200个平方米的冷库项目建设。")
    assert rows(found) == [(("石桥镇",), ("上坝村委会",), "", [(200, "m²")])]


def test_two_things_at_one_place_are_two_projects(places):
    found = draft("推进石桥镇上坝村中药材市场、石桥镇上坝村交易市场项目。")
    assert [p.kind for p in found.projects] == ["market", "market"]


def test_what_is_there_already_is_not_planned(places):
    found = draft("依托现有茶园8600亩，建设石桥镇上坝村茶叶加工厂。")
    assert rows(found) == [(("石桥镇",), ("上坝村委会",), "", [])]
    assert ("8600亩", "ground") in left(found)


def test_a_unit_nobody_knows_is_left_over_and_named(places):
    found = draft("月亮湾村网箱养鱼项目，投放鱼苗 50 万尾。", "养殖项目")
    assert rows(found)[0][3] == []
    assert ("50万尾", "unit-unknown") in left(found)


@pytest.mark.parametrize(
    ("title", "kind"),
    [("石桥镇上坝村冷库项目", "cold_storage"), ("护林员公益岗位", "forest_ranger"),
     ("石桥镇上坝村安置点美化项目", "relocation"), ("石桥镇上坝村肉牛养殖项目", "cattle"),
     ("石桥镇上坝村中药材市场项目", "market"), ("石桥镇上坝村某某项目", "other")],
)  # fmt: skip
def test_the_kind_follows_from_the_words(places, title, kind):
    (project,) = draft(f"{title}：完善设施。", "建设", places).projects
    assert project.kind == kind


# --- a whole plan ------------------------------------------------------------------------------


def test_the_invented_plan_is_drafted_as_by_hand(whole_plan):
    """Every record, place and amount of the registry worked out by hand, and nothing beside."""
    truth = read_registry(QINGXI)
    drafts = [p for p in whole_plan.projects if p.column is not None]

    def facts(projects):
        return sorted(
            (p.column, p.item, p.townships, p.committees, bool(p.part_of),
             sorted((a.nature, round(a.value, 6), a.unit, a.basis) for a in p.amounts))
            for p in projects
        )  # fmt: skip

    assert facts(drafts) == facts(truth)


def test_ids_are_unique_and_tell_column_and_item(whole_plan):
    ids = [p.id for p in whole_plan.projects]
    assert len(ids) == len(set(ids))
    assert [p.id for p in whole_plan.projects if (p.column, p.item) == (3, "2")] == [
        "P030201", "P030202",
    ]  # fmt: skip


def test_a_record_says_where_it_was_read(whole_plan):
    # "（四）林果提升" is line 42 of plan.txt.
    project = next(p for p in whole_plan.projects if (p.column, p.item) == (1, "4"))
    assert project.section == "第二章 一（一）"
    assert "42" in project.source


def test_nothing_is_dropped_in_silence(whole_plan):
    text = (QINGXI / "plan.txt").read_text(encoding="utf-8")
    assert {entry.reason for entry in whole_plan.residue} <= set(LEFT_OUT)
    for phrase, reason in [
        ("50万尾", "unit-unknown"), ("4.5米", "dimension"), ("1000至1500亩", "range"),
    ]:  # fmt: skip
        (entry,) = [e for e in whole_plan.residue if e.text == phrase]
        assert entry.reason == reason
        digits = phrase[: 2 if phrase[1].isdigit() else 1]
        assert digits in text.splitlines()[entry.line - 1]
    codes = [notice.code for notice in whole_plan.notices]
    assert codes == ["plan-furniture", "plan-plain-sentences"]


def test_the_same_text_gives_the_same_draft(places):
    again = [extract(read_document(QINGXI / "plan.txt"), places) for _ in range(2)]
    assert again[0] == again[1]


def test_columns_of_one_number_keep_their_ids_apart(places):
    column = "专栏1：项目\n1.{}园：石桥镇建{}园5亩。"
    text = f"{column.format('茶', '茶')}\n第二章 其他\n{column.format('果', '果')}"
    ids = [p.id for p in extract(document(text), places).projects]
    assert ids == ["P010101", "P010102"]


def test_a_column_without_numbers_keeps_its_ids_apart(places):
    found = extract(document("专栏1：项目\n石桥镇建茶园5亩。\n大坪乡建果园6亩。"), places)
    assert [p.id for p in found.projects] == ["P010001", "P010002"]


def test_outside_the_columns_only_what_is_launched_at_known_places_is_drafted(places):
    text = """
第一章 背景
2020年全县人均收入12464元，增长10%。
石桥镇上坝村被评为示范村。
完成进村道路硬化1017.84公里，村内道路硬化382.54公里。
推进石桥镇上坝村文化广场建设。
牢固树立四个意识。
"""
    found = extract(document(text), places)
    assert [(p.column, p.name, [a.value for a in p.amounts]) for p in found.projects] == [
        (None, "进村道路硬化", [1017.84]),
        (None, "村内道路硬化", [382.54]),
        (None, "上坝村文化广场建设", []),
    ]
    reasons = {entry.reason for entry in found.residue}
    assert reasons == {"statement", "place-statement", "share"}


def test_rows_of_tables_are_left_over(places):
    found = extract(document("第一章 背景\n指标\t值\n收入\t5万元"), places)
    assert [(e.text, e.reason) for e in found.residue] == [("收入\t5万元", "row")]


WORDS = st.text(
    alphabet="加快推进建设完善优化发展，。；：、的和等产业基地农村生态文明水果蔬菜养殖“”（）",
    max_size=80,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(WORDS)
def test_text_without_places_and_numbers_gives_no_amounts_and_no_places(text):
    found = extract(document(f"第一章 背景\n{text}"), qingxi_once())
    assert found.projects == ()


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(
    st.text(
        alphabet="石桥镇上坝村大坪乡新街建设冷库500立方米万元、，。；其中各均为1个和至", max_size=60
    )
)
def test_any_text_is_read_and_never_invents(text):
    found = extract(document(f"专栏1：项目\n1.{text}"), qingxi_once())
    known = {"云岭镇", "石桥镇", "白水苗族乡", "大坪乡", "龙潭乡"}
    for project in found.projects:
        assert set(project.townships) <= known & {"石桥镇", "大坪乡", "云岭镇"}
        ids = {p.id for p in found.projects}
        assert not project.part_of or project.part_of in ids


_ONCE = []


def qingxi_once():
    if not _ONCE:
        _ONCE.append(qingxi())
    return _ONCE[0]


# --- files -------------------------------------------------------------------------------------


def test_the_files_are_a_registry(whole_plan, tmp_path):
    written = write_extraction(whole_plan, tmp_path / "draft")
    assert [path.name for path in written] == ["projects.csv", "quantities.csv", "residue.csv"]
    assert read_registry(tmp_path / "draft") == whole_plan.projects
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in written)  # Excel
    with written[2].open(encoding="utf-8-sig", newline="") as stream:
        listed = list(csv.DictReader(stream))
    assert [row["text"] for row in listed] == [entry.text for entry in whole_plan.residue]
    assert all(row["why"] for row in listed)


def test_a_draft_is_never_overwritten_unasked(whole_plan, tmp_path):
    folder = tmp_path / "draft"
    write_extraction(whole_plan, folder)
    (folder / "projects.csv").write_text("corrected", encoding="utf-8")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"projects\.csv.*--force"):
        write_extraction(whole_plan, folder)
    assert (folder / "projects.csv").read_text(encoding="utf-8") == "corrected"
    write_extraction(whole_plan, folder, force=True)
    assert read_registry(folder) == whole_plan.projects
    assert (folder / "notes.txt").exists()
    assert sorted(path.name for path in folder.iterdir()) == [
        "notes.txt", "projects.csv", "quantities.csv", "residue.csv",
    ]  # fmt: skip


def test_a_draft_is_written_whole_or_not_at_all(whole_plan, tmp_path, monkeypatch):
    folder = tmp_path / "draft"
    write_extraction(whole_plan, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "residue.csv").unlink()
    (folder / "residue.csv").mkdir()  # the last of the three cannot be replaced

    with pytest.raises(WriteError):
        write_extraction(whole_plan, folder, force=True)
    for name in ("projects.csv", "quantities.csv"):
        assert (folder / name).read_bytes() == before[name]
    assert not list(folder.glob(".draft-*"))


def test_the_draft_goes_beside_the_text(tmp_path):
    assert draft_folder(tmp_path / "规划.docx") == tmp_path / "规划-draft"
    assert draft_files.RESIDUE == "residue.csv"


# --- figures in harder company: brackets, each of several, parts without a place ----------------


def amounts_of(found):
    return [
        (bool(p.part_of), p.townships, [(a.value, a.unit, a.basis) for a in p.amounts])
        for p in found.projects
    ]


def test_each_and_a_sum_for_all_make_a_whole_and_its_parts(places):
    """上坝 and 下坝 have 300 m³ each; the 120 万元 are for both and stand on the whole, once."""
    found = draft("在石桥镇上坝、下坝各建冷库1座，每座库容300立方米，总投资120万元。", "冷库项目")
    assert amounts_of(found) == [
        (False, ("石桥镇",), [(120, "万元", "total")]),
        (True, ("石桥镇",), [(300, "m³", "total")]),
        (True, ("石桥镇",), [(300, "m³", "total")]),
    ]
    assert totals(found.projects)["quantity", "库容", "m³", "total"] == 600


def test_figures_in_brackets_go_with_what_stands_before(places):
    found = draft("云岭镇云岭社区农产品交易市场（占地30亩）。", "市场项目")
    assert amounts_of(found) == [(False, ("云岭镇",), [(30, "亩", "total")])]
    assert "（" not in found.projects[0].name


def test_places_in_brackets_are_parts(places):
    """1.2 = 0.5 + 0.7 万亩: 新植 is part of the 8 万亩, and so are the townships."""
    found = draft("全县茶园稳定在8万亩，其中新植1.2万亩（云岭镇0.5万亩，白水乡0.7万亩）。")
    assert amounts_of(found) == [
        (False, (), [(80_000, "亩", "total")]),
        (True, (), [(12_000, "亩", "total")]),
        (True, ("云岭镇",), [(5000, "亩", "total")]),
        (True, ("白水苗族乡",), [(7000, "亩", "total")]),
    ]


def test_two_stores_of_one_size_in_one_village_are_two(places):
    found = draft("红旗村委会冷库2个（每个200m³）。", "冷库项目")
    assert amounts_of(found) == [(False, ("龙潭乡",), [(200, "m³", "total")])] * 2


def test_money_for_each_village_is_per_unit(places):
    found = draft("对石桥镇上坝村、云岭镇杨柳村2个村进行整治，每村补助50万元。", "人居环境项目")
    assert amounts_of(found) == [
        (False, ("石桥镇",), [(50, "万元", "per_unit")]),
        (False, ("云岭镇",), [(50, "万元", "per_unit")]),
    ]
