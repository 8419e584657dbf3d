"""Sheets on other papers: everything on the page, nothing over anything, the scale exact."""

import itertools

import pytest
from PIL import Image
from test_publish_sheet import sheet_content, tiny_content, wide_content

from yanshan_gis.publish.page import (
    Page,
    Print,
    internal_box,
    lay_across,
    lay_beside,
    lay_foot,
    lay_upright,
)
from yanshan_gis.publish.sheet import draw_sheet

PAPERS = [(size, way) for size in ("A3", "A4") for way in ("landscape", "portrait")]
CONTENTS = {"usual": sheet_content, "wide": wide_content}


def layouts(size, way, content, notes_mm=18.0):
    page = Page.of(size, way)
    foot = lay_foot(page, notes_mm)
    if way == "portrait":
        return [lay_upright(page, foot, aspect) for aspect in (0.3, 0.8, 2.0)]
    found = [lay_beside(page, foot, content)]
    return [*found, lay_across(page, foot, content)] if size == "A3" else found


def boxes(layout):
    framed = layout.map
    band = 4.5  # the map's double frame
    yield framed.left - band, framed.bottom - band, framed.right + band, framed.top + band
    internal = internal_box(layout.page)
    foot = layout.foot
    for box in (*(c.box for c in layout.columns), internal, foot.scale, foot.notes, foot.imprint):
        yield box.left, box.bottom, box.right, box.top


@pytest.mark.parametrize(("size", "way"), PAPERS)
@pytest.mark.parametrize("content", CONTENTS)
def test_all_parts_stand_on_the_page_and_none_on_another(size, way, content):
    for layout in layouts(size, way, CONTENTS[content]()):
        for left, bottom, right, top in boxes(layout):
            assert 5 < left < right < layout.page.width - 5
            assert 5 < bottom < top < layout.page.height - 5
        for a, b in itertools.combinations(boxes(layout), 2):
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, (a, b)


@pytest.mark.parametrize(("size", "way"), PAPERS)
def test_a_sheet_has_the_size_of_its_paper_and_a_round_scale(size, way, tmp_path):
    page = Page.of(size, way)
    png = tmp_path / "a.png"
    report = draw_sheet(wide_content(), {"png": png}, page=page, dpi=50)
    with Image.open(png) as picture:
        assert picture.size == pytest.approx(
            (page.width / 25.4 * 50, page.height / 25.4 * 50), abs=1
        )
    ground = report.frame.ground
    assert (ground[2] - ground[0]) * 1000 == pytest.approx(report.frame.width * report.scale)
    shown = wide_content().extent.total_bounds
    assert ground[0] <= shown[0] < shown[2] <= ground[2]
    assert ground[1] <= shown[1] < shown[3] <= ground[3]


def test_small_paper_has_smaller_symbols_but_not_too_small():
    content = sheet_content()
    factors = [layouts(size, way, content)[0].symbols for size, way in PAPERS]
    assert factors[0] == 1.0
    assert min(factors) >= 0.6
    assert factors[2] < factors[0]


def test_names_of_files_tell_the_paper_apart():
    names = [Print(size, way).suffix for size, way in PAPERS]
    assert names == ["", "-A3-portrait", "-A4", "-A4-portrait"]


def test_svg_is_the_same_again_and_keeps_its_title(tmp_path):
    for name in ("a.svg", "b.svg"):
        draw_sheet(tiny_content(), {"svg": tmp_path / name})
    once = (tmp_path / "a.svg").read_bytes()
    assert once == (tmp_path / "b.svg").read_bytes()
    assert tiny_content().title.encode() in once


def test_the_command_draws_on_other_paper(town, yanshan):
    assert yanshan("run", "road-hardening", "-w", town.root)[0] == 0
    words = ("--paper", "A4", "--portrait", "--format", "pdf", "--format", "svg")
    code, out, _ = yanshan("map", "road-hardening", "-w", town.root, *words)
    assert code == 0
    assert [line.rsplit("/", 1)[1] for line in out.splitlines()] == [
        "road-hardening-A4-portrait.pdf", "road-hardening-A4-portrait.svg",
    ]  # fmt: skip
