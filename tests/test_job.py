"""The main job writes everything its contract names, and the same inputs give the same bytes."""

import json

import openpyxl
import pytest
from towns import COUNTY, small_county

from yanshan_gis.errors import DataError
from yanshan_gis.job import draw_sheets, publish, run_job, stored_outcomes
from yanshan_gis.store.geopackage import list_tables
from yanshan_gis.workspace import create_workspace

SHEETS = ("road-hardening", "logistics-reach", "column-4")


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.log"
    }


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    workspace = create_workspace(tmp_path_factory.mktemp("job") / "小县", COUNTY)
    workspace.store(small_county())
    return workspace, run_job(workspace)


def test_everything_the_contract_names_is_there(job):
    workspace, done = job
    names = set(files(workspace.out)) | {p.name for p in workspace.out.iterdir()}
    assert {"manifest.json", "results.gpkg", "tables.xlsx", "run.log"} <= names
    for sheet in SHEETS:
        assert {f"sheets/{sheet}.png", f"sheets/{sheet}.pdf"} <= names
        assert f"results/{sheet}/result.json" in names
    assert not [name for name in names if "draft" in name]
    assert not done.notices


def test_result_tables_carry_the_recipes_name(job):
    tables = list_tables(job[0].out / "results.gpkg")
    assert {"road-hardening__villages", "logistics-reach__committees", "column-4__located"} <= set(
        tables
    )
    assert "layer_styles" in tables


def test_manifest_holds_no_times(job):
    text = (job[0].out / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(text)["data_date"] == "2025-12-31"
    assert "second" not in text


def test_workbook_opens_with_chinese_headings(job):
    book = openpyxl.load_workbook(job[0].out / "tables.xlsx")
    text = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"通硬化路率", "缺硬化里程", "小寨"} <= {str(value).split("（")[0] for value in text}


@pytest.mark.slow
def test_same_inputs_give_the_same_bytes(job, tmp_path):
    workspace = create_workspace(tmp_path / "elsewhere", COUNTY)
    workspace.store(small_county())
    run_job(workspace)
    once, again = files(job[0].out), files(workspace.out)
    assert once.keys() == again.keys()
    assert [name for name in once if once[name] != again[name]] == []


def test_publishing_again_from_stored_results_gives_the_same_bytes(job):
    workspace = job[0]
    before = files(workspace.out)
    publish(workspace, stored_outcomes(workspace), ("gpkg", "xlsx"))
    assert files(workspace.out) == before


def test_one_recipe_alone_keeps_the_others_results(job):
    workspace = job[0]
    run_job(workspace, ["road-network"])
    assert "column-4__located" in list_tables(workspace.out / "results.gpkg")


def test_a_workbook_open_elsewhere_gets_a_numbered_copy(job, monkeypatch):
    import os

    workspace = job[0]
    really = os.replace

    def locked(source, target):
        if str(target).endswith("tables.xlsx"):
            raise PermissionError("open in Excel")
        really(source, target)

    monkeypatch.setattr(os, "replace", locked)
    written, notices = publish(workspace, stored_outcomes(workspace), ("xlsx",))
    assert written[0].name == "tables-2.xlsx"
    assert [n.code for n in notices] == ["output-locked"]
    written[0].unlink()


def test_nothing_run_yet_is_said(town):
    with pytest.raises(DataError) as caught:
        stored_outcomes(town)
    assert caught.value.code == "nothing-run"


def test_layer_of_a_later_import_makes_stored_results_stale(job):
    """Figures of old data next to new data must not pass for current ones."""
    workspace = job[0]
    outlets = next(layer for layer in small_county() if layer.name == "outlets")
    changed = outlets.frame.assign(name=["甲村网点二", "拟建点"])
    from dataclasses import replace

    workspace.store([replace(outlets, frame=changed)])
    stale = [o for o in stored_outcomes(workspace) if o.stale]
    assert [o.recipe.name for o in stale] == ["logistics-reach", "indicators"]
    workspace.store([outlets])


def test_sheets_drawn_two_at_a_time_are_the_same(job):
    """Each is drawn from its stored result in a process of its own, byte for byte the same."""
    workspace = job[0]
    outcomes = stored_outcomes(workspace, ["column-2", "column-5", "indicators"])
    before = files(workspace.out / "sheets")
    written, notices = draw_sheets(workspace, outcomes, workers=2)
    assert [path.name for path in written] == [
        "column-2.png", "column-2.pdf", "column-5.png", "column-5.pdf", "indicators.png",
        "indicators.pdf",
    ]  # fmt: skip
    assert files(workspace.out / "sheets") == before
    assert notices == []
