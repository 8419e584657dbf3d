"""The indicator board: stored or computed, whole or by township, as records and on the screen."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from test_ingest_measures import write
from towns import COUNTY, small_county, table

from yanshan_gis.board import find_township, read_board
from yanshan_gis.county import read_county, write_county
from yanshan_gis.errors import UsageError
from yanshan_gis.job import stored_outcomes
from yanshan_gis.layer import NameRecord
from yanshan_gis.run import run
from yanshan_gis.store.results import write_result
from yanshan_gis.workspace import open_workspace

pytestmark = pytest.mark.usefixtures("environment")

KEYS = {"number", "state", "target", "operator", "baseline", "actual", "missing"}


def store_results(workspace):
    """Keep the results of the board and all it takes from, without drawing anything."""
    for outcome in run(workspace, ["indicators"]):
        folder = workspace.out / "results" / outcome.recipe.name
        write_result(folder, outcome.recipe, outcome.result, workspace.stamp)
    return open_workspace(workspace.root)


def settings(workspace, **changes):
    path = workspace.root / "county.toml"
    write_county(path, read_county(path).model_copy(update=changes))
    return open_workspace(workspace.root)


def by_number(rows):
    return {row["number"]: row for row in rows}


def test_json_keeps_its_contract(here, yanshan):
    code, out, err = yanshan("indicators", "--json")
    assert code == 0
    rows = json.loads(out)
    assert [row["number"] for row in rows] == [8, 17, 20]
    for row in rows:
        assert row.keys() >= KEYS
        assert isinstance(row["missing"], list)
        assert (row["state"] == "not_computable") == bool(row["missing"])
    found = by_number(rows)
    # 98.5 % of 100 %; 1 of 2 villages on a hardened path; 1 of 2 committees with an outlet.
    assert (found[8]["actual"], found[8]["state"], found[8]["basis"]) == (
        0.985, "not_met", "statistics",
    )  # fmt: skip
    assert (found[17]["numerator"], found[17]["denominator"], found[17]["state"]) == (1, 2, "met")
    assert (found[20]["target"], found[20]["baseline"], found[20]["target_below_baseline"]) == (
        0.8, 0.9, True,
    )  # fmt: skip
    assert found[8]["title"] == {"zh": "参保率", "en": "参保率"}
    assert "yanshan run indicators" in err
    assert not here.out.exists()  # asking stores nothing


def test_one_indicator_and_an_unknown_one(here, yanshan):
    assert [r["number"] for r in json.loads(yanshan("indicators", "--number", "17")[1])] == [17]
    code, out, err = yanshan("indicators", "--number", "99")
    assert (code, out) == (2, "")
    assert "8 17 20" in err


def test_a_township_by_any_of_its_names(here, yanshan):
    here.store([], names=[NameRecord("T000001", "甲乡", kind="former")])
    code, out, _ = yanshan("indicators", "--township", "甲乡", "--json")
    assert code == 0
    found = by_number(json.loads(out))
    assert all(KEYS | {"township"} <= row.keys() for row in found.values())
    assert {row["township"] for row in found.values()} == {"甲镇"}
    # the one village of 甲镇 is on a hardened path; nobody reports 8 by township
    assert (found[17]["numerator"], found[17]["denominator"], found[17]["state"]) == (1, 1, "met")
    assert (found[8]["state"], found[8]["missing"]) == ("not_computable", ["by_township"])


def test_an_unknown_township_is_wrong_usage(here, yanshan):
    code, out, err = yanshan("indicators", "--township", "丙镇")
    assert (code, out) == (2, "")
    assert "甲镇" in err
    assert "乙乡" in err


def test_a_table_in_words(here, terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    here.store([table("statistics", {"indicator": "IN000001", "value": 3.0, "unit": "户"})])
    code, out, err = terminal("indicators")
    assert code == 0
    rows = {}
    for line in out.splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if cells and cells[0].isdigit():
            rows[int(cells[0])] = cells
    assert rows[17][2:6] == ["≥ 50.0%", "—", "50.0%", "1 / 2"]
    assert rows[17][-1] == "达标"
    assert rows[20][-1] == "未达标"
    assert "无法计算：缺少 统计数据·" in out
    assert "现算" in err


def test_a_narrow_terminal_goes_without_baseline_counts_and_ledger(here, terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = terminal("indicators")
    head = next(line for line in out.splitlines() if "指标" in line)
    plain = re.sub(r"\x1b\[[\d;]*m", "", head)
    assert re.findall(r"\w+", plain) == ["序号", "指标", "目标", "现状", "状态"]
    assert "…" not in out  # long names are broken, not cut
    out = terminal("indicators", "--lang", "en")[1]
    assert "not met" in out
    assert "达标" not in out


def test_an_empty_county_lacks_the_table_of_indicators(tmp_path, yanshan, terminal):
    yanshan("init", tmp_path / "empty")
    code, out, err = yanshan("indicators", "-w", tmp_path / "empty")
    assert (code, json.loads(out)) == (0, [])
    assert "indicators" in err
    assert terminal("indicators", "-w", tmp_path / "empty")[0] == 0


def test_stored_results_are_read_where_they_hold(town, monkeypatch):
    workspace = store_results(town)
    computed = read_board(town).rows()

    def computes(*_args, **_keywords):
        raise AssertionError

    monkeypatch.setattr("yanshan_gis.board.run", computes)
    board = read_board(workspace)
    assert board.stored
    assert json.dumps(board.rows()) == json.dumps(computed)


def test_a_layer_that_changed_or_came_makes_them_stale(town):
    workspace = store_results(town)
    outlets = next(layer for layer in small_county() if layer.name == "outlets")
    workspace.store([replace(outlets, frame=outlets.frame.assign(name=["a", "b"]))])
    assert not read_board(workspace).stored
    workspace.store([outlets])
    assert read_board(workspace).stored
    workspace.store([table("base_stations", {"name": "甲", "generation": "g5"})])
    stale = {o.recipe.name for o in stored_outcomes(workspace) if o.stale}
    assert stale == {"coverage-5g", "indicators"}
    assert not read_board(workspace).stored


def test_a_statistic_that_comes_later_is_not_passed_over(town):
    without = [layer for layer in small_county() if layer.name != "statistics"]
    from yanshan_gis.workspace import create_workspace

    workspace = create_workspace(town.root.parent / "二", town.county)
    workspace.store(without)
    workspace = store_results(workspace)
    assert by_number(read_board(workspace).rows())[8]["missing"] == ["statistics"]
    workspace.store([layer for layer in small_county() if layer.name == "statistics"])
    board = read_board(workspace)
    assert (board.stored, by_number(board.rows())[8]["actual"]) == (False, 0.985)


@pytest.mark.parametrize(
    "changes", [{"targets": {"17": 0.9}}, {"headlines": {"17": "touching"}},
                {"data_date": date(2024, 12, 31)}]
)  # fmt: skip
def test_other_settings_make_them_stale(town, changes):
    store_results(town)
    workspace = settings(town, **changes)
    assert all(outcome.stale for outcome in stored_outcomes(workspace))
    assert not read_board(workspace).stored


def test_settings_that_change_no_figure_leave_them(town):
    store_results(town)
    assert read_board(settings(town, compiled_by="县规划院")).stored


def test_another_parameter_makes_them_stale(town):
    workspace = store_results(town)
    from yanshan_gis.catalogue import bundled_content

    text = (bundled_content() / "analyses" / "road-hardening.toml").read_text(encoding="utf-8")
    own = workspace.root / "analyses"
    own.mkdir()
    changed = text.replace(
        "[parameters.touch_limit]\nvalue = 200", "[parameters.touch_limit]\nvalue = 150"
    )
    assert changed != text
    (own / "road-hardening.toml").write_text(changed, encoding="utf-8")
    assert not read_board(open_workspace(workspace.root)).stored


def test_targets_agree_in_every_recipe(town):
    """county.toml before the layer, the layer before the recipe: on the board and in the recipe."""

    def goals(workspace):
        outcomes = {o.recipe.name: o.result for o in run(workspace, ["indicators"])}
        headline = outcomes["road-hardening"].headline
        rows = outcomes["indicators"].tables["board"].set_index("number")["target"]
        return headline.target, rows[17], outcomes["logistics-reach"].headline.target, rows[20]

    layer = next(found for found in small_county() if found.name == "indicators")
    town.store([replace(layer, frame=layer.frame.assign(target=[1.0, 0.6, 75.0]))])
    # 75 % of the layer stands before the 80 % of the recipe
    assert goals(town) == (0.6, 0.6, 0.75, 0.75)
    assert goals(settings(town, targets={"17": 0.3})) == (0.3, 0.3, 0.75, 0.75)


def test_an_import_with_a_wrong_heading_changes_nothing(here, yanshan, tmp_path):
    before = here.geopackage.read_bytes()
    path = write(tmp_path / "统计表.xlsx", [["哪个", "多少"], ["参保率", 98.5]])
    code, _, err = yanshan("import", "statistics", path)
    assert code == 3
    assert "indicator" in err
    assert here.geopackage.read_bytes() == before
    path = write(tmp_path / "统计表.xlsx", [["指标", "数值", "单位"], ["参保率", 98.5, "户"]])
    code, _, _ = yanshan("import", "统计数据", path)
    assert code == 3
    assert here.geopackage.read_bytes() == before


def test_an_import_brings_the_board_up_to_date(here, yanshan, tmp_path):
    rows = [["指标名称", "数值", "单位", "截至日期"], ["参保率", 100, "%", "2025-12-31"]]
    code, _, err = yanshan("import", "统计数据", write(tmp_path / "统计表.xlsx", rows))
    assert code == 0, err
    (row,) = json.loads(yanshan("indicators", "--number", "8")[1])
    assert (row["actual"], row["state"], row["as_of"]) == (1.0, "met", "2025-12-31")


def test_townships_without_their_layer(tmp_path):
    from yanshan_gis.workspace import create_workspace

    workspace = create_workspace(tmp_path / "w", COUNTY)
    assert find_township(workspace, "甲镇", ["甲镇", "（乡镇不明）"]) == "甲镇"
    with pytest.raises(UsageError) as caught:
        find_township(workspace, "丙镇", ["甲镇", "（乡镇不明）"])
    assert caught.value.notice.values["known"] == "甲镇"
