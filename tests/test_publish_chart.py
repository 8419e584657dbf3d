"""Charts on sheets: what they read from a result, and where they draw it."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pypdf
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from test_publish_sheet import sheet_content, wide_content
from towns import layer_catalogue, recipe_catalogue

from yanshan_gis.publish.chart import Chart, Mark, chart_of
from yanshan_gis.publish.chart_block import draw_chart, tick_values
from yanshan_gis.publish.page import Page
from yanshan_gis.publish.paper import Paper, drawing
from yanshan_gis.publish.sheet import draw_sheet
from yanshan_gis.result import Indicator, Result
from yanshan_gis.run import Outcome

STEPS = pd.DataFrame({"cumulative_km": [2.0, 5.0, 9.0], "cumulative_gain": [300.0, 420.0, 480.0]})
YEARS = pd.DataFrame({
    "year": pd.array([1, 2, 3], dtype="Int64"), "cumulative_km": [2.0, 9.0, 9.0],
    "cumulative_gain": [300.0, 480.0, 480.0],
})  # fmt: skip
BOUND = Indicator("bound", 1500.0, "人")
CHART = Chart("里程与效益", "累计里程（km）", "累计效益（人）", (0, 2, 5, 9), (0, 300, 420, 480),
              "#1b7837", marks=(Mark(2, 300, "第1年", "#5a0a4f"), Mark(9, 480, "第2年", "#a01a58")),
              lines=((1500, "上界 1,500"),))  # fmt: skip


def read(recipe="harden-first", language="zh", indicators=(BOUND,), **tables):
    result = Result(tables=tables, indicators=indicators)
    return chart_of(Outcome(recipe_catalogue()[recipe], result), layer_catalogue(), language)


def test_gain_against_kilometres_with_years_and_bound():
    assert read(steps=STEPS, by_year=YEARS) == replace(
        CHART, x=(0.0, 2.0, 5.0, 9.0), y=(0.0, 300.0, 420.0, 480.0), lines=((1500.0, "上界 1,500"),)
    )
    # The third year does nothing and is not marked.
    english = read(steps=STEPS, by_year=YEARS, language="en")
    assert (english.x_title, english.y_title) == ("Kilometres so far (km)", "Gain so far (people)")
    assert [mark.text for mark in english.marks] == ["Year 1", "Year 2"]
    villages = read(steps=STEPS, indicators=(Indicator("bound", 480.0, "个"),), language="en")
    assert villages.y_title == "Gain so far (villages)"
    assert villages.lines == ((480.0, "Bound 480"),)


def test_coverage_against_sites_begins_with_those_that_are_kept():
    steps = pd.DataFrame({"order": pd.array([1, 2], dtype="Int64"), "share": [0.7, 0.81]})
    figures = (Indicator.share("share_after", 81, 100, target=0.8),
               Indicator.share("share_before", 60, 100))  # fmt: skip
    found = read("site-outlets", steps=steps, indicators=figures)
    assert (found.x, found.y) == ((0.0, 1.0, 2.0), (0.6, 0.7, 0.81))
    assert found.lines == ((0.8, "目标 80.0%"),)
    assert [(mark.x, mark.text) for mark in found.marks] == [(1.0, "1"), (2.0, "2")]
    assert found.share
    assert found.whole


def test_streets_mark_the_last_step_of_each_year():
    steps = STEPS.assign(year=pd.array([1, 1, 2], dtype="Int64"))
    found = read("harden-in-village", steps=steps)
    assert [(mark.x, mark.text) for mark in found.marks] == [(5.0, "第1年"), (9.0, "第2年")]


def test_nothing_chosen_no_chart():
    assert read(steps=STEPS.iloc[:0]) is None
    assert read() is None
    assert read("logistics-reach", steps=STEPS) is None


@pytest.mark.parametrize("span", [(0, 0.07), (0.4, 0.52), (0, 7), (0, 531), (0, 150_965)])
def test_ticks_are_round_and_within(span):
    values = tick_values(*span, 5)
    assert 2 <= len(values) <= 6
    assert span[0] <= values[0] < values[-1] <= span[1]
    steps = np.diff(values)
    assert steps == pytest.approx(steps[0])
    lead = float(f"{steps[0]:e}".split("e")[0])
    assert lead in (1, 2, 2.5, 5)
    assert all(value.is_integer() for value in tick_values(0, 3.2, 9, whole=True))


@pytest.mark.parametrize(("width", "height"), [(89, 31), (120, 40), (64, 31)])
def test_all_that_is_written_has_room_and_no_text_stands_on_another(width, height):
    left, top = 20.0, 100.0
    with drawing():
        paper = Paper(297, 210)
        draw_chart(paper.whole, CHART, left, top, width, height)
        renderer = FigureCanvasAgg(paper.figure).get_renderer()
        boxes = []
        for text in paper.whole.axes.texts:
            box = text.get_window_extent(renderer)
            scale = 25.4 / paper.figure.dpi
            boxes.append([box.x0 * scale, box.y0 * scale, box.x1 * scale, box.y1 * scale])
    assert {"第1年", "第2年", "上界 1,500"} <= {t.get_text() for t in paper.whole.axes.texts}
    for x0, y0, x1, y1 in boxes:
        assert left - 0.5 <= x0
        assert x1 <= left + width + 0.5
        assert top - height - 0.5 <= y0
        assert y1 <= top + 0.5
    for a, b in combinations(boxes, 2):
        # Extents hold the font's whole line; letters themselves are lower.
        across = min(a[2], b[2]) - max(a[0], b[0])
        up = min(a[3], b[3]) - max(a[1], b[1])
        assert across <= 0.1 or up <= 0.8, (a, b)


@pytest.mark.parametrize("content", [sheet_content, wide_content])
@pytest.mark.parametrize("way", ["landscape", "portrait"])
@pytest.mark.parametrize("size", ["A3", "A4"])
def test_a_sheet_has_its_chart_on_every_paper(size, way, content, tmp_path):
    pdf = tmp_path / "a.pdf"
    draw_sheet(content(chart=CHART), {"pdf": pdf}, page=Page.of(size, way))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
    for wanted in ("里程与效益", "累计里程（km）", "累计效益（人）", "第1年", "1,000"):
        assert wanted in text


def test_no_feasible_plan_is_said_on_the_sheet(tmp_path):
    pdf = tmp_path / "a.pdf"
    draw_sheet(sheet_content(infeasible=True), {"pdf": pdf})
    assert "无可行方案" in "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)


def test_more_notes_than_the_foot_holds_end_with_a_word(tmp_path):
    pdf = tmp_path / "a.pdf"
    notes = tuple(f"第{i}镇：要求至少 {i} 村，但全部备选道路硬化后只能接入 0 村" for i in range(99))
    draw_sheet(sheet_content(notes=notes), {"pdf": pdf})
    text = "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
    assert "其余说明见统计表" in text
    assert "第98镇" not in text
