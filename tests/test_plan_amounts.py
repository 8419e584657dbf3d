"""Figures in text: number, unit, basis; and what is no amount."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.plan.amounts import REASONS, find_figures
from yanshan_gis.plan.writing import normalise
from yanshan_gis.units import Quantity, base_unit, canonical_unit


def figures(text):
    found, _ = find_figures(normalise(text))
    return [(figure.value, figure.unit) for figure in found]


def reasons(text):
    text = normalise(text)
    found, refused = find_figures(text)
    return [(text[r.start : r.end], r.reason) for r in refused], len(found)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("容量达 2 万立方米的冷库", 20_000, "m³"),
        ("容积为660M³", 660, "m³"),
        ("容积650m3", 650, "m³"),
        ("８００㎥", 800, "m³"),
        ("3000立方的冷库", 3000, "m³"),
        ("200个平方米的冷库", 200, "m²"),  # not 200 of something
        ("占地80亩", 80, "亩"),
        ("面积0.152 万亩", 1520, "亩"),
        ("硬化 1,017.84 公里", 1017.84, "km"),
        ("管网28.5千米", 28.5, "km"),  # 千 belongs to the unit
        ("护栏700米", 700, "m"),
        ("养牛6.67万头", 66_700, "头"),
        ("土鸡3.3万羽", 33_000, "羽"),
        ("总投资102224.74万元", 102_224.74, "万元"),
        ("62.68亿元", 626_800, "万元"),
        ("每户补助3000元", 0.3, "万元"),
        ("受益群众4.8万人", 48_000, "人"),
        ("3015人次", 3015, "人次"),
        ("10名护林员", 10, "人"),
        ("建成两个凉亭", 2, "个"),
        ("建鸡场一个", 1, "个"),
        ("十二个", 12, "个"),
    ],
)
def test_a_number_with_its_unit_is_read(text, value, unit):
    assert figures(text) == [(pytest.approx(value), unit)]


def test_people_visits_and_households_are_three_beneficiaries():
    found, _ = find_figures("3856户11956人，培训4189人次，投资1636万元，建房20个")
    assert [figure.nature for figure in found] == [
        "beneficiaries", "beneficiaries", "beneficiaries", "money", "quantity",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("全年0.6万元", "per_year"),
        ("年出栏25万头", "per_year"),
        ("运营费10万元/年", "per_year"),
        ("补贴标准为每月500元/人", "monthly"),
        ("每羽投入10元", "per_unit"),
        ("补助1000元/亩", "per_unit"),
        ("总共投入0.6万元", "total"),
    ],
)
def test_the_basis_comes_from_the_words_around(text, basis):
    (figure,) = find_figures(text)[0]
    assert figure.basis == basis


def test_ten_yuan_a_bird_and_year_are_per_unit_with_a_note():
    (figure,) = find_figures("每羽投入资金10元/年")[0]
    assert (figure.value, figure.basis, figure.note) == (0.001, "per_unit", "每羽每年")


def test_a_list_of_sizes_is_one_for_each_in_order():
    found, _ = find_figures("库容分别为510立方米、500立方米和100立方米的冷库")
    assert [(f.value, f.respective, f.what) for f in found] == [
        (510, True, "库容"), (500, True, "库容"), (100, True, "库容"),
    ]  # fmt: skip


def test_a_list_may_have_its_unit_at_the_end():
    assert figures("容积分别为510、500、100立方米") == [(510, "m³"), (500, "m³"), (100, "m³")]
    assert figures("养牛1.5、2万头") == [(15_000, "头"), (20_000, "头")]


def test_a_list_of_other_things_is_none():
    found, _ = find_figures("建观光路2公里、路灯50盏")
    assert [figure.respective for figure in found] == [False, False]


@pytest.mark.parametrize("text", ["容积均为660立方米", "各建200立方米", "每座200立方米"])
def test_words_that_give_to_each(text):
    assert find_figures(text)[0][0].each


@pytest.mark.parametrize("text", ["户均增收3000元", "人均纯收入12464元"])
def test_an_average_is_not_given_to_each(text):
    (figure,) = find_figures(text)[0]
    assert (figure.each, figure.basis) == (False, "per_unit")


def test_a_count_stands_beside_a_size():
    found, _ = find_figures("新寨1个1000平方米")
    assert [(f.value, f.unit, f.counter) for f in found] == [(1, "个", True), (1000, "m²", False)]


@pytest.mark.parametrize(
    ("text", "refused", "reason"),
    [
        ("投资3万元至5万元", "3万元至5万元", "range"),
        ("新植1000至1500亩", "1000至1500亩", "range"),
        ("掌握1—2门技术", "1—2", "range"),
        ("收入10万元以上", "10万元", "bound"),
        ("不低于5000元", "5000元", "bound"),
        ("直径60CM的管道", "60CM", "dimension"),
        ("路面宽4.5米", "4.5米", "dimension"),
        ("投放鱼苗50万尾", "50万尾", "unit-unknown"),
        ("辖4镇7乡", "4", "unit-missing"),
        ("种植千亩油菜", "千亩", "round"),
        ("帮助2个安置点", "2个", "scope"),
        ("普及率87%", "87%", "share"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(text, refused, reason):
    found, _ = reasons(text)
    if reason == "unit-unknown":  # a count by a word of its own is kept apart, untyped
        (figure,) = find_figures(text)[0]
        assert (figure.known, figure.value) == (False, 500_000)
        return
    assert (refused, reason) in found
    assert reason in REASONS


@pytest.mark.parametrize(
    "text",
    ["2025年", "2021—2025年", "2018年—2020年末", "1月14日", "第21次会议", "3A级景区", "5G网络",
     "“5321”挂帮", "《规划2021》", "O2O模式"],
)  # fmt: skip
def test_dates_ordinals_and_names_are_no_figures(text):
    assert find_figures(text) == ([], [])


def test_every_number_is_either_typed_or_refused():
    text = "12类274个项目，表2-1，1.5倍，建4镇"
    found, refused = find_figures(text)
    spans = sorted((f.start, f.end) for f in (*found, *refused))
    covered = "".join(text[a:b] for a, b in spans)
    assert [c for c in covered if c.isdigit()] == [c for c in text if c.isdigit()]


UNITS = ("立方米", "M³", "m3", "㎥", "立方", "平方米", "㎡", "亩", "万亩", "公里", "km", "米", "头",
         "万头", "只", "羽", "万元", "亿元", "元", "户", "人", "人次", "万人",
         "盏", "块", "项")  # fmt: skip


@given(
    st.decimals(min_value="0.01", max_value=99_999, places=2),
    st.sampled_from(UNITS),
    st.sampled_from(["", " "]),
    st.sampled_from(["建设", "完成", "投入", "共计"]),
)
def test_numbers_with_units_in_any_spelling_come_back(number, unit, gap, verb):
    (figure,) = find_figures(normalise(f"{verb}{number}{gap}{unit}，"))[0]
    known = canonical_unit(unit) if unit not in {"人次"} else unit
    base = "万元" if "元" in unit else base_unit(known)
    assert figure.unit == base
    assert figure.value == pytest.approx(Quantity(float(number), known).to(base))


@given(st.text(alphabet="建设加快推进，。、的水果蔬菜基地", max_size=60))
def test_text_without_numbers_has_no_figures(text):
    assert find_figures(text) == ([], [])
