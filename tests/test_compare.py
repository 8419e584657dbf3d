"""Scenarios and comparisons end to end, on the small county, by the command line."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from towns import COUNTY, small_county

from yanshan_gis.compare import compare
from yanshan_gis.layer import NameRecord
from yanshan_gis.overlay import open_as
from yanshan_gis.run import run
from yanshan_gis.scenario import scenario_of_choice, write_scenario
from yanshan_gis.store.results import write_result
from yanshan_gis.workspace import create_workspace

pytestmark = pytest.mark.usefixtures("environment")
RECIPES = ["logistics-reach", "road-hardening"]
BOARD = ["indicators"]  # and with it all that measure one
CHOICE = {
    "rows": {"roads": {"R000002": {"surface": "cement"}}},
    "new": {"outlets": [{"at": "V000002", "status": "existing", "committee": "V000002"}]},
}


def stored(workspace, names=RECIPES):
    """Run recipes and keep their results, without drawing anything."""
    for done in run(workspace, names):
        folder = workspace.out / "results" / done.recipe.name
        write_result(folder, done.recipe, done.result, workspace.stamp)
    return workspace


@pytest.fixture
def chosen(here):
    """The small county, and a scenario of it in which both gaps are closed, with their results."""
    write_scenario(here.root, scenario_of_choice("补齐", **CHOICE))
    stored(here)
    stored(open_as(here.root, "补齐"))
    return here


# --- run --set --as


def test_set_without_as_is_wrong_usage(yanshan, here):
    code, out, err = yanshan("run", "--set", "limit=20", "--lang", "en")
    assert (code, out) == (2, "")
    assert "yanshan run --set limit=20 --as NAME" in err
    assert not here.out.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--set", "lmit=20", "--as", "甲"], 2, "No parameter is called 'lmit'"),
        (["--set", "limit", "--as", "甲"], 2, "write NAME=VALUE"),
        (["--as", "甲"], 2, "There is no scenario '甲'; known: —"),
        (["--set", "limit=20", "--as", "base"], 2, "cannot be called 'base'"),
        (["logistic-reach", "--set", "limit=20", "--as", "甲"], 2, "No analysis is called"),
    ],
)
def test_what_does_not_fit_leaves_nothing_behind(yanshan, here, words, code, said):
    found, out, err = yanshan("run", *words, "--lang", "en")
    assert (found, out) == (code, "")
    assert said in err
    assert not (here.root / "scenarios").exists()
    assert not here.out.exists()


def test_a_file_that_does_not_fit_is_exit_3_with_every_problem(yanshan, here):
    (here.root / "scenarios").mkdir()
    (here.root / "scenarios" / "坏.toml").write_text(
        '[parameters]\nlmit = 3\n[rows.roads.R000099]\nsurface = "cement"\n', encoding="utf-8"
    )
    for command in (["run"], ["map"], ["publish", "xlsx"], ["indicators"], ["info"]):
        code, out, err = yanshan(*command, "--as", "坏", "--lang", "en")
        assert (code, out) == (3, "")
        assert "parameters.lmit" in err
        assert "layer roads has no feature 'R000099'" in err


@pytest.mark.slow
def test_a_scenario_from_the_command_line_to_its_outputs(yanshan, here):
    code, out, err = yanshan(
        "run",
        "road-network",
        "--set",
        "road-network.join_tolerance=3",
        "--as",
        "甲",
        "--lang",
        "en",
    )
    assert code == 0
    assert "Scenario 甲 written: road-network.join_tolerance=3." in err
    assert err.count("not the county as it is") == 1
    (recipe,) = json.loads(out)["recipes"]
    assert recipe["parameters"]["join_tolerance"] == {"value": 3.0, "unit": "m"}
    assert recipe["warnings"][0]["code"] == "scenario"
    code, _, err = yanshan("run", "road-network", "--set", "limit=20", "--as", "甲", "--lang", "en")
    assert "Scenario 甲 extended: limit=20." in err
    assert (here.out / "scenarios" / "甲" / "results.gpkg").is_file()
    assert not (here.out / "results").exists()
    code, out, err = yanshan("publish", "gpkg", "--as", "甲")
    assert out.strip().endswith("results.gpkg")
    assert "scenarios" in out
    code, out, _ = yanshan("info", "--json")
    assert json.loads(out)["scenarios"] == ["甲"]
    code, out, err = yanshan("info", "--as", "甲", "--json", "--lang", "en")
    assert json.loads(out)["scenario"] == "甲"
    code, out, _ = yanshan("indicators", "--number", "20", "--as", "甲", "--json")
    assert code == 0


def test_info_lists_scenarios_and_where_rows_come_from(terminal, chosen):
    code, out, _ = terminal("info", "--lang", "en")
    assert code == 0
    assert "Scenarios: 补齐" in out
    code, out, err = terminal("info", "--as", "补齐", "--lang", "en")
    assert "scenarios/补齐.toml" in out.replace("\n", "")
    assert "Changed: roads 1, outlets +1." in err


def test_indicators_of_a_scenario_are_read_from_its_own_results(yanshan, chosen):
    shares = {}
    stored(chosen, BOARD)
    stored(open_as(chosen.root, "补齐"), BOARD)
    for words in ([], ["--as", "补齐"]):
        code, out, err = yanshan("indicators", "--number", "20", "--json", "--lang", "en", *words)
        assert code == 0
        assert "Read from stored results" in err
        shares[bool(words)] = json.loads(out)[0]["actual"]
    assert shares == {False: 0.5, True: 1.0}


# --- compare


@pytest.mark.slow
def test_base_and_scenario_compared(yanshan, chosen):
    """Hand: one village and one committee gained, an outlet and a hardened link more."""
    stored(chosen, BOARD)
    stored(open_as(chosen.root, "补齐"), BOARD)
    code, out, err = yanshan("compare", "base", "补齐", "--json", "--lang", "zh")
    assert code == 0
    found = json.loads(out)
    assert (found["before"]["name"], found["after"]["name"]) == ("base", "补齐")
    figures = {row["figure"]: row for row in found["figures"]}
    path = figures["road-hardening.hardened_path"]
    assert (path["numerator_before"], path["numerator_after"]) == (1, 2)
    assert path["difference"] == 0.5
    assert path["unlike"] is None
    own = figures["logistics-reach.own_outlet"]
    assert (own["before"], own["after"], own["met_before"], own["met_after"]) == (
        0.5,
        1,
        False,
        True,
    )
    layers = {row["layer"]: row for row in found["layers"]}
    assert layers["road-hardening__villages"]["gained"] == 1
    assert layers["logistics-reach__committees"]["gained"] == 1
    assert layers["logistics-reach__facilities"]["only_after"] == 1
    assert layers["road-hardening__roads"]["gained"] == 1
    gained = [row for row in found["features"] if row["layer"] == "road-hardening__villages"]
    assert [(row["name"], row["change"], row["after"]) for row in gained] == [
        ("小寨", "gained", "connected")
    ]
    board = {row["number"]: row for row in found["board"]}
    assert (board[20]["state_before"], board[20]["state_after"]) == ("not_met", "met")
    towns = {(r["figure"], r["township"]): r["difference"] for r in found["by_township"]}
    assert towns["logistics-reach.own_outlet", "乙乡"] == 1
    assert towns["logistics-reach.own_outlet", "甲镇"] == 0
    assert {r["kind"] for r in found["differences"]} == {"input"}
    assert "非现状" in err
    check_outputs(chosen.out / "compare" / "base--补齐", found)


def check_outputs(folder, found):
    assert json.loads((folder / "comparison.json").read_text(encoding="utf-8")) == found
    for name in ("road-hardening", "logistics-reach"):
        assert (folder / "sheets" / f"{name}.png").is_file()
    assert not list((folder / "sheets").glob("irrigation*"))  # nothing changed there
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    text = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"有连续硬化路通村委会的自然村", "新达到", "有路未硬化", "已通硬化路"} <= text
    assert "情景：补齐，非现状" in text
    with closing(sqlite3.connect(folder / "changes.gpkg")) as connection:
        styled = connection.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
        rows = connection.execute('SELECT change FROM "road-hardening__villages"').fetchall()
    assert "gained" in dict(styled)["road-hardening__villages"]
    assert sorted(rows) == [("gained",), ("unchanged",)]


def nothing_differs(found):
    assert not (found.table("figures")["difference"].fillna(0) != 0).any()
    assert found.table("figures")["unlike"].isna().all()
    assert not (found.table("by_township")["difference"].fillna(0) != 0).any()
    assert not len(found.table("features"))
    assert not len(found.table("differences"))


def test_a_county_compared_with_itself_shows_no_change(chosen):
    nothing_differs(compare(chosen.root, "base", "."))
    nothing_differs(compare(chosen.root, "补齐", "补齐"))


def test_an_empty_scenario_compared_with_its_county_shows_no_change(here):
    write_scenario(here.root, scenario_of_choice("空"))
    stored(here)
    stored(open_as(here.root, "空"))
    found = compare(here.root, "base", "空")
    nothing_differs(found)
    assert [notice.code for notice in found.notices] == ["scenario"]  # and nothing else to say


def test_turned_round_what_was_gained_is_lost(chosen):
    there = compare(chosen.root, "base", "补齐").table("layers").set_index("layer")
    back = compare(chosen.root, "补齐", "base").table("layers").set_index("layer")
    for one, other in (("gained", "lost"), ("only_after", "only_before"), ("changed", "changed")):
        assert there[one].to_dict() == back[other].to_dict()


def test_another_parameter_is_said_wherever_a_figure_rests_on_it(here):
    write_scenario(
        here.root, scenario_of_choice("慢", parameters={"road-network.speeds.county.cement": 5})
    )
    names = [*RECIPES, "coverage-5g"]
    stored(here, names)
    stored(open_as(here.root, "慢"), names)
    found = compare(here.root, "base", "慢")
    figures = found.table("figures").set_index("figure")
    unlike = "speeds.county.cement: 40 km/h → 5 km/h"
    assert figures.loc["logistics-reach.own_outlet", "unlike"] == unlike
    assert pd.isna(figures.loc["coverage-5g.covered", "unlike"])
    told = {n.values["recipe"] for n in found.notices if n.code == "figures-unlike"}
    assert told == {"road-network", "logistics-reach", "road-hardening"}


def test_without_results_it_says_what_to_run(yanshan, here):
    write_scenario(here.root, scenario_of_choice("甲"))
    code, out, err = yanshan("compare", "base", "甲", "--lang", "en")
    assert (code, out) == (3, "")
    assert "first yanshan run and yanshan run --as 甲" in err
    stored(here, ["road-network"])
    words = ("compare", "base", "甲", "--recipes", "路网", "--lang", "en")
    code, out, err = yanshan(*words)
    assert (code, out) == (3, "")
    assert "甲: no stored results of road-network; first yanshan run road-network --as 甲" in err
    stored(open_as(here.root, "甲"), ["road-network"])
    roads = next(found for found in small_county() if found.name == "roads")
    here.store([replace(roads, frame=roads.frame.assign(surface="earth"))])
    code, out, err = yanshan(*words)
    assert (code, out) == (3, "")
    assert (
        "base: what road-network rest on has changed since; first yanshan run road-network" in err
    )


def test_a_side_that_means_nothing_is_wrong_usage(yanshan, chosen, tmp_path):
    code, out, err = yanshan("compare", "base", "丙", "--lang", "en")
    assert (code, out) == (2, "")
    assert "known: 补齐" in err


def test_recipes_that_one_side_lacks_are_named(chosen):
    stored(chosen, ["cold-storage"])
    found = compare(chosen.root, "base", "补齐")
    (alone,) = [notice for notice in found.notices if notice.code == "recipes-alone"]
    assert alone.values["recipes"] == "cold-storage"
    assert alone.values["where"].endswith("--as 补齐")


# --- two quarters


@pytest.fixture
def quarters(tmp_path):
    """The small county a quarter ago and now: 小寨 is 大寨's since, and has another id."""
    first = create_workspace(tmp_path / "2025Q3", COUNTY)
    first.store(small_county())
    second = create_workspace(tmp_path / "2025Q4", COUNTY)
    layers = {found.name: found for found in small_county()}
    villages = layers["villages"]
    frame = villages.frame.assign(
        id=villages.frame["id"].replace("V000004", "V000040"),
        name=villages.frame["name"].replace("小寨", "新小寨"),
    )
    layers["villages"] = replace(villages, frame=frame)
    second.store(layers.values(), names=[NameRecord("V000040", "小寨", kind="former")])
    return stored(first), stored(second)


def test_two_quarters_match_a_renamed_village_by_the_table_of_names(yanshan, quarters):
    first, second = quarters
    found = compare(first.root, str(first.root), str(second.root))
    layers = found.table("layers").set_index("layer")
    assert layers.loc["road-hardening__villages", ["only_before", "only_after"]].sum() == 0
    (told,) = [notice for notice in found.notices if notice.code == "matched-by-name"]
    assert told.values["features"] == "V000004 → V000040"
    assert (found.before.key, found.after.key) == ("2025Q3", "2025Q4")


def test_what_no_table_of_names_explains_is_listed_on_its_side(quarters):
    first, second = quarters
    second.store([], names=[])
    found = compare(first.root, ".", str(second.root))
    rows = found.table("features")
    rows = rows[rows["layer"] == "road-hardening__villages"]
    assert dict(zip(rows["id"], rows["change"], strict=True)) == {
        "V000004": "only_before", "V000040": "only_after",
    }  # fmt: skip


def test_other_settings_are_another_definition(quarters):
    first, second = quarters
    settings = second.root / "county.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(
        'hardened = ["asphalt", "cement"]', 'hardened = ["asphalt", "cement", "earth"]'
    ), encoding="utf-8")  # fmt: skip
    stored(open_as(second.root))
    found = compare(first.root, ".", str(second.root), ["road-hardening"])
    assert "hardened: asphalt cement → asphalt cement earth" in set(
        found.table("figures")["unlike"]
    )


def test_features_of_two_counties_are_not_matched(quarters):
    first, second = quarters
    settings = second.root / "county.toml"
    text = settings.read_text(encoding="utf-8").replace("小县", "大县")
    settings.write_text(text, encoding="utf-8")
    found = compare(first.root, ".", str(second.root))
    assert not len(found.table("layers"))
    assert "counties-differ" in {notice.code for notice in found.notices}
