"""The indicator board says in words what the table of indicators holds."""

import pandas as pd
import pytest
from towns import layer_catalogue, recipe_catalogue

from yanshan_gis.publish.board import _scale, board_rows, draw_board
from yanshan_gis.publish.paper import Paper, drawing

ROW = {
    "number": 20, "name": "网点覆盖率", "name_en": "Outlets", "kind": "expected",
    "operator": "at_least", "target": 0.8, "baseline": None, "actual": 0.611, "state": "not_met",
    "missing": None, "unit": "share", "numerator": 66.0, "denominator": 108.0, "ledger": 0.593,
    "disagree": 6, "basis": "computed", "headline": "own_outlet", "baseline_unit": None,
    "baseline_year": None, "target_below_baseline": False, "source": "yanshan run logistics-reach",
    "as_of": "2025-12-31",
}  # fmt: skip


def written(language="zh", **changes):
    recipe = recipe_catalogue()["indicators"]
    fields = recipe.results["board"].fields
    (row,) = board_rows(
        pd.DataFrame([{**ROW, **changes}]), fields, language,
        layers=layer_catalogue(), recipes=recipe_catalogue(),
    )  # fmt: skip
    return row


def test_a_computed_figure_stands_with_what_was_counted_and_its_ledger():
    row = written()
    assert row.cells["target"] == "≥ 80.0%"
    assert row.cells["actual"] == "61.1%"
    assert row.cells["counted"] == "66 / 108"
    assert row.cells["ledger"] == "59.3%（6 处不一致）"
    assert row.cells["state"] == "未达标"
    assert row.cells["basis"] == "图上计算：有本村网点的行政村、2025-12-31"


def test_what_is_missing_is_named_by_its_titles_and_no_number_stands_for_it():
    row = written(state="not_computable", actual=None, missing="statistics；indicators.baseline",
                  numerator=None, basis=None, source=None, ledger=None)  # fmt: skip
    assert row.cells["basis"] == "缺少：统计数据；规划指标·基期值"
    assert row.cells["actual"] == "–"
    assert row.cells["counted"] == row.cells["ledger"] == ""
    assert row.missing


@pytest.mark.parametrize(
    ("operator", "text"),
    [("at_least", "≥ 80.0%"), ("at_most", "≤ 80.0%"), ("grow", "提高 ≥ 80.0%")],
)
def test_the_operator_is_written_out(operator, text):
    assert written(operator=operator).cells["target"] == text


def test_a_target_below_its_baseline_is_pointed_out():
    row = written(baseline=0.87, baseline_unit="share", baseline_year=2020,
                  target_below_baseline=True)  # fmt: skip
    assert row.cells["basis"].endswith("基期 87.0%（2020）、目标低于基期")


def test_english_rows_speak_english():
    row = written("en")
    assert row.cells["name"] == "Outlets"
    assert row.cells["state"] == "Not met"
    assert row.cells["ledger"] == "59.3% (6 disagree)"


def test_large_shares_are_drawn_against_a_hundred_per_cent_small_ones_against_themselves():
    assert _scale(written()) == 1.0
    assert _scale(written(actual=0.003, target=0.02)) == pytest.approx(0.02 * 1.15)
    assert _scale(written(actual=1.002, target=1.0)) == pytest.approx(1.002 * 1.15)


def test_the_bar_ends_at_the_figure_and_the_tick_at_the_target():
    from matplotlib.patches import Rectangle

    with drawing():
        paper = Paper(420, 297)
        draw_board(paper.whole, [written()], "zh")
    boxes = [a for a in paper.whole.axes.artists + paper.whole.axes.patches
             if isinstance(a, Rectangle)]  # fmt: skip
    track, bar = sorted((b for b in boxes if 3 < b.get_height() < 5), key=lambda b: -b.get_width())
    assert bar.get_width() / track.get_width() == pytest.approx(0.611)
    starts = [line.get_xdata()[0] for line in paper.whole.axes.lines + paper.whole.axes.artists
              if hasattr(line, "get_xdata")]  # fmt: skip
    reached = [(x - track.get_x()) / track.get_width() for x in starts]
    assert any(share == pytest.approx(0.8) for share in reached)
