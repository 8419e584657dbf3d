"""The main job writes everything its contract names, and the same inputs give the same bytes."""

import json
import sqlite3
from contextlib import closing

import openpyxl
import pytest
from pypdf import PdfReader
from towns import COUNTY, small_county

from yanshan_gis.errors import DataError
from yanshan_gis.job import publish, run_job, stored_outcomes
from yanshan_gis.parameters import replace_parameters
from yanshan_gis.store.geopackage import list_tables
from yanshan_gis.workspace import create_workspace

SHEETS = ("road-hardening", "logistics-reach", "column-4", "column-5", "indicators")


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
    return workspace, run_job(workspace, SHEETS)


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
    """Drawn one after the other, or two at a time in processes of their own."""
    workspace = create_workspace(tmp_path / "elsewhere", COUNTY)
    workspace.store(small_county())
    run_job(workspace, SHEETS, workers=2)
    once, again = files(job[0].out), files(workspace.out)
    assert once.keys() == again.keys()
    assert [name for name in once if once[name] != again[name]] == []


def test_only_the_sheets_asked_for_are_drawn(job):
    names = {path.stem for path in (job[0].out / "sheets").iterdir()}
    assert names == set(SHEETS)  # not those of tap-water, which the indicators take from


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


def test_where_no_plan_is_feasible_the_sheet_shows_today_and_tables_say_so(town):
    done = run_job(limited(town), ["site-outlets"])
    (outcome,) = (one for one in done.outcomes if one.recipe.name == "site-outlets")
    assert outcome.result.status == "infeasible"
    text = "".join(page.extract_text() for page in PdfReader(pdf_of(town)).pages)
    assert "无可行方案" in text
    assert "site-outlets__villages" in list_tables(town.out / "results.gpkg")
    with closing(sqlite3.connect(town.out / "results.gpkg")) as book:
        rows = book.execute("select table_name, description from gpkg_contents").fetchall()
    assert dict(rows)["site-outlets__villages"].startswith("无可行方案")
    assert "road-network__edges" not in {name for name, told in rows if told}


def limited(workspace):
    """Ask for all villages within a minute, which no outlet brings about."""
    wanted = {"site-outlets.limit": "0.01 min", "site-outlets.target": 1,
              "site-outlets.candidates": "planned"}  # fmt: skip
    return workspace.with_analyses(replace_parameters(workspace.analyses, wanted).analyses)


def pdf_of(workspace):
    return workspace.out / "sheets" / "site-outlets.pdf"
