"""How a plan is laid out: sections, special columns, items in their style of numbers."""

from __future__ import annotations

import pytest

from yanshan_gis.extraction.document import Paragraph
from yanshan_gis.extraction.structure import read_passages
from yanshan_gis.plan.numerals import read_numeral, write_numeral
from yanshan_gis.plan.writing import normalise


def passages(text):
    lines = [normalise(line) for line in text.strip().split("\n")]
    paragraphs = [Paragraph(n, line, ((0, n),)) for n, line in enumerate(lines, 1)]
    return read_passages(paragraphs)


def places(text):
    return [(p.section, p.column, p.item, p.title, p.text) for p in passages(text)]


def test_sections_are_keyed_as_a_reader_cites_them():
    assert places("""
第三章 重点任务
一、产业
（一）种植
种粮食。
（二）养殖
1.养牛
养好牛。
二、就业
促就业。
第四章 保障
加强领导。
""") == [
        ("第三章 一（一）", None, "", "", "种粮食。"),
        ("第三章 一（二）1", None, "", "", "养好牛。"),
        ("第三章 二", None, "", "", "促就业。"),
        ("第四章", None, "", "", "加强领导。"),
    ]


def test_items_of_a_column_have_number_and_title():
    assert places("""
第一章 任务
专栏3：冷链项目
1.石桥镇：建设冷库。
2.云岭镇建设冷库。
（一）就业
促就业。
""") == [
        ("第一章", 3, "1", "石桥镇", "建设冷库。"),
        ("第一章", 3, "2", "", "2.云岭镇建设冷库。"[2:]),
        ("第一章 （一）", None, "", "", "促就业。"),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [("1.", "2."), ("1、", "2、"), ("（一）", "（二）"), ("（1）", "（2）"), ("①", "②")],
)
def test_any_style_of_numbers_may_number_items(first, second):
    found = passages(f"专栏 二：项目\n{first}茶园：建茶园。\n{second}果园：建果园。")
    assert [(p.column, p.item, p.title) for p in found] == [(2, "1", "茶园"), (2, "2", "果园")]


def test_a_number_that_starts_anew_ends_the_column():
    found = passages("专栏1：项目\n1.茶园：建茶园。\n2.果园：建果园。\n1.发展旅游\n发展好。")
    assert [(p.column, p.item) for p in found] == [(1, "1"), (1, "2"), (None, "")]


def test_a_paragraph_without_a_number_ends_the_column():
    found = passages("专栏1：项目\n1.茶园：建茶园。\n加强领导。\n2.果园：建果园。")
    assert [p.column for p in found] == [1, None, None]


def test_paragraphs_within_an_item_belong_to_it():
    found = passages(
        "专栏1：项目\n1.茶园：分两处。\n（1）上坝村。\n（2）下坝村。\n2.果园：建果园。"
    )
    assert [(p.item, p.title) for p in found] == [
        ("1", "茶园"), ("1", "茶园"), ("1", "茶园"), ("2", "果园"),
    ]  # fmt: skip


def test_items_in_one_paragraph_are_parted_but_decimals_are_not():
    found = passages("专栏1：项目\n1.茶园：建茶园1.5万亩。2.果园：建2.5万亩；3.其他：无。")
    assert [(p.item, p.title, p.text) for p in found] == [
        ("1", "茶园", "建茶园1.5万亩。"), ("2", "果园", "建2.5万亩；"), ("3", "其他", "无。"),
    ]  # fmt: skip


def test_a_column_without_numbers_takes_paragraphs_until_the_next_heading():
    found = passages("专栏1：项目\n建茶园。\n建果园。\n（二）就业\n促就业。")
    assert [(p.column, p.item) for p in found] == [(1, ""), (1, ""), (None, "")]


def test_table_rows_and_captions_are_told_apart():
    found = passages("专栏1：项目\n1.茶园：建茶园。\n表1-1 茶园\n亩\t年\n5\t1")
    assert [(p.column, p.paragraph.is_row) for p in found] == [
        (1, False), (None, True), (None, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("二十一", 21), ("两百", 200), ("12", 12),
     ("一二", None), ("", None), ("甲", None)],
)  # fmt: skip
def test_numerals(text, number):
    assert read_numeral(text) == number


def test_numerals_come_back():
    assert [read_numeral(write_numeral(n)) for n in range(1, 100)] == list(range(1, 100))
