"""A scenario laid over the small county: what it reads, what it refuses, what results say."""

import json
from dataclasses import replace

import pytest
from towns import COUNTY, small_county

from yanshan_gis.content import Title
from yanshan_gis.errors import ContentError, UsageError, WorkspaceError
from yanshan_gis.job import run_job, stored_outcomes
from yanshan_gis.layer import Quality, Source
from yanshan_gis.overlay import open_as, open_scenario
from yanshan_gis.run import run
from yanshan_gis.scenario import scenario_of_choice, write_scenario
from yanshan_gis.settings import set_in_scenario
from yanshan_gis.store.geopackage import content_hash
from yanshan_gis.store.results import write_result
from yanshan_gis.workspace import create_workspace

RECIPES = ("logistics-reach", "road-hardening", "indicators")


def laid(town, **parts):
    return open_scenario(town, scenario_of_choice("甲", **parts))


def problems(town, **parts):
    with pytest.raises(ContentError) as caught:
        laid(town, **parts)
    assert caught.value.exit_code == 3
    assert not (town.root / "out" / "scenarios").exists()
    return [(p.values["place"], p.values["reason"].code) for p in caught.value.problems]


def figures(workspace, *names):
    outcomes = run(workspace, names or RECIPES)
    return {(o.recipe.name, i.key): i for o in outcomes for i in o.result.indicators}


# --- rows


def test_a_row_is_changed_by_its_id_and_read_like_a_cell(town):
    roads = laid(town, rows={"roads": {"R000002": {"surface": "水泥路面"}}}).read("roads")
    assert roads.frame["surface"].tolist() == ["cement", "cement"]
    assert town.read("roads").frame["surface"].tolist() == ["cement", "earth"]


def test_an_untouched_layer_is_the_countys_to_the_last_bit(town):
    over = laid(town, rows={"roads": {"R000002": {"surface": "cement"}}})
    for name in town.records():
        if name != "roads":
            assert content_hash(over.read(name).frame) == content_hash(town.read(name).frame)
    assert over.records().keys() == town.records().keys()


def test_hashes_follow_the_rows(town):
    """Hash = base's hash and the rows that differ: same patch, same hash; no patch, the base's."""
    first = laid(town, rows={"roads": {"R000002": {"surface": "cement"}}}).records()
    again = laid(town, rows={"roads": {"R000002": {"surface": "水泥"}}}).records()
    other = laid(town, rows={"roads": {"R000002": {"surface": "asphalt"}}}).records()
    same = laid(town, rows={"roads": {"R000002": {"surface": "earth"}}}).records()
    base = town.records()
    assert first["roads"] == again["roads"]
    assert len({r["roads"].sha256 for r in (first, other, base)}) == 3
    assert same == base  # a patch that says what is there changes nothing
    assert {n: r for n, r in first.items() if n != "roads"} == {
        n: r for n, r in base.items() if n != "roads"
    }


def test_the_hash_of_a_new_row_follows_the_place_it_takes(town):
    new = {"outlets": [{"at": "V000002", "status": "existing"}]}
    before = laid(town, new=new).records()["outlets"].sha256
    villages = town.read("villages")
    moved = villages.frame.geometry.translate(10, 0)
    town.store([replace(villages, frame=villages.frame.set_geometry(moved))])
    assert laid(town, new=new).records()["outlets"].sha256 != before


def test_new_rows_stand_at_a_feature_at_a_point_or_along_a_line(town):
    over = laid(
        town,
        new={
            "outlets": [
                {"at": "V000002", "status": "已建", "committee": "乙村委会", "name": "乙网点"},
                {"x": 8000, "y": -2300.5, "status": "existing"},
                {"at": "V000002", "status": "planned"},
            ],
            "roads": [{"wkt": "LINESTRING (8000 -2500, 9000 -2500)", "surface": "cement"}],
        },
    )
    outlets = over.read("outlets").frame
    assert outlets["id"].tolist() == ["O000001", "O000002", "O@V000002", "O@8000,-2300.5",
                                      "O@V000002-2"]  # fmt: skip
    assert outlets["committee"].tolist()[2] == "V000002"
    assert [(p.x, p.y) for p in outlets.geometry[2:]] == [(7000, 50), (8000, -2300.5), (7000, 50)]
    assert outlets.crs == town.read("outlets").frame.crs
    assert dict(outlets.dtypes) == dict(town.read("outlets").frame.dtypes)
    assert over.records()["outlets"].rows == 5
    assert over.read("roads").frame.geometry.length.tolist()[2] == 1000


def test_a_feature_may_move(town):
    over = laid(town, rows={"outlets": {"O000001": {"at": "V000004"}}})
    assert over.read("outlets").frame.geometry.iloc[0].y == -2400


def test_a_layer_the_county_does_not_hold_may_begin(town):
    bare = create_workspace(town.root.parent / "bare", COUNTY)
    bare.store([found for found in small_county() if found.name != "outlets"])
    over = laid(bare, new={"outlets": [{"at": "V000002", "status": "existing"}]})
    assert "outlets" not in bare.records()
    assert over.records()["outlets"].rows == 1
    assert figures(over, "logistics-reach")["logistics-reach", "own_outlet"].numerator == 1


def test_rows_carry_a_source_of_their_own(town):
    over = laid(
        town,
        rows={"roads": {"R000002": {"surface": "cement"}}},
        new={"outlets": [{"at": "V000002"}]},
    )
    roads = over.read("roads")
    known = {source.id: source for source in roads.sources}
    origins = [known[i].origin for i in roads.frame["source_id"]]
    assert origins == ["drawn by hand", "drawn by hand; scenarios/甲.toml"]
    assert over.sources()["outlets"][-1].origin == "scenarios/甲.toml"
    assert over.data_date == town.data_date


def test_a_modelled_row_stays_modelled_when_it_is_patched(town):
    model = Source("model", "a model", attributes=Quality.MODELLED, position=Quality.MODELLED)
    roads = next(found for found in small_county() if found.name == "roads")
    frame = roads.frame.assign(source_id="model")
    town.store([replace(roads, frame=frame, sources=(model,))])
    over = laid(town, rows={"roads": {i: {"surface": "cement"} for i in ("R000001", "R000002")}})
    assert over.read("roads").modelled


# --- problems


def test_everything_that_does_not_fit_is_listed_at_once(town):
    found = problems(
        town,
        parameters={"logistics-reach.lmit": 3, "nope": 1},
        rows={
            "rods": {"R1": {"surface": "cement"}},
            "roads": {"R000009": {"surface": "cement"},
                      "R000001": {"surfac": "cement", "surface": "黄金", "name": ""}},
            "villages": {"V000001": {"population": "many", "households": -1, "parent": "V9"}},
            "elevation": {"E1": {}},
        },
        new={
            "outlets": [{"at": "V000099"}, {"x": 1}, {"at": "V000001", "x": 1, "y": 1},
                        {"at": "R000001"}, {"wkt": "POINT"}, {}, {"x": 9e6, "y": 0}],
            "cold_storage": [{"at": "V000001"}],
        },
    )  # fmt: skip
    assert found == [
        ("parameters.nope", "parameter-no-such"),
        ("parameters.logistics-reach.lmit", "parameter-no-such"),
        ("rows.rods", "layer-unknown"),
        ("rows.roads.R000009", "row-unknown"),
        ("rows.roads.R000001.surfac", "field-no-such"),
        ("rows.roads.R000001.name", "cell-empty"),
        ("rows.roads.R000001.surface", "code-unknown"),
        ("rows.villages.V000001.population", "number-unreadable"),
        ("rows.villages.V000001.households", "number-out-of-range"),
        ("rows.villages.V000001.parent", "name-unknown"),
        ("rows.elevation", "layer-no-rows"),
        ("new.outlets.1", "place-unknown"),
        ("new.outlets.2", "place-twice"),
        ("new.outlets.3", "place-twice"),
        ("new.outlets.4", "place-kind"),
        ("new.outlets.5", "place-unreadable"),
        ("new.outlets.6", "place-missing"),
        ("new.outlets.7.geometry", "place-far"),
        ("new.cold_storage.1.name", "value-missing"),
    ]


def test_a_new_row_without_a_place_is_refused_where_the_layer_needs_one(town):
    found = problems(town, new={"roads": [{"surface": "cement"}]})
    assert found == [("new.roads.1", "place-missing")]


def test_a_place_far_outside_the_county_is_refused(town):
    found = problems(town, new={"outlets": [{"x": 9_000_000, "y": 0, "status": "existing"}]})
    assert found == [("new.outlets.1.geometry", "place-far")]


def test_a_doubtful_value_is_taken_and_said(town):
    over = laid(town, rows={"villages": {"V000003": {"population": "约200"}}})
    assert [remark.values["reason"].code for remark in over.remarks] == ["number-approximate"]
    assert over.read("villages").frame["population"].iloc[2] == 200


def test_a_scenario_stores_nothing(town):
    over = laid(town)
    with pytest.raises(WorkspaceError) as caught:
        over.store(small_county())
    assert caught.value.code == "scenario-stores-nothing"
    with pytest.raises(WorkspaceError):
        over.with_crs("EPSG:4545")


# --- results


def test_a_hardened_road_and_an_outlet_change_the_figures_they_should(town):
    """小寨 hangs on the earth road; 乙村委会 has a planned outlet only."""
    over = laid(
        town,
        rows={"roads": {"R000002": {"surface": "cement"}}},
        new={"outlets": [{"at": "V000002", "status": "existing", "committee": "V000002"}]},
    )
    before, after = figures(town), figures(over)
    for key, old, new in (
        (("road-hardening", "hardened_path"), 1, 2),
        (("logistics-reach", "own_outlet"), 1, 2),
    ):
        assert (before[key].numerator, after[key].numerator) == (old, new)
    assert after["indicators", "met"].value == before["indicators", "met"].value + 1


def test_a_target_changes_the_recipe_and_the_board(town):
    over = laid(town, parameters={"logistics-reach.target": 0.4})
    assert figures(over)["logistics-reach", "own_outlet"].met
    board = run(over, ["indicators"])[-1].result.tables["board"].set_index("number")
    assert board.loc[20, "target"] == 0.4
    assert board.loc[20, "state"] == "met"


@pytest.mark.slow
def test_results_of_a_scenario_stand_apart_and_say_what_they_are(town):
    run_job(town, ["logistics-reach"])
    kept = {p: p.read_bytes() for p in sorted(town.out.rglob("*")) if p.is_file()}
    over = laid(
        town, title=Title(zh="二十分钟", en="Twenty"), parameters={"logistics-reach.limit": 20}
    )
    run_job(over, ["logistics-reach"])
    assert over.out == town.out / "scenarios" / "甲"
    assert {p: p.read_bytes() for p in kept} == kept
    told = json.loads((over.out / "manifest.json").read_text(encoding="utf-8"))
    assert told["scenario"]["parameters"] == {"logistics-reach.limit": 20}
    for recipe in told["recipes"]:
        assert recipe["warnings"][0]["code"] == "scenario"
    assert_marked(over.out)


def assert_marked(out):
    import sqlite3
    from contextlib import closing

    import openpyxl

    book = openpyxl.load_workbook(out / "tables.xlsx")
    for sheet in book.worksheets[1:]:
        if sheet.title not in {"字段说明", "参数"}:
            assert sheet["A2"].value == "情景：二十分钟（甲），非现状"
    assert "情景：二十分钟（甲），非现状" in book.worksheets[0]["A1"].value
    with closing(sqlite3.connect(out / "results.gpkg")) as connection:
        told = connection.execute(
            "SELECT description FROM gpkg_contents WHERE table_name LIKE '%\\_\\_%' ESCAPE '\\'"
        ).fetchall()
    assert told
    assert all("情景“甲”，非现状" in text for (text,) in told)
    assert (out / "sheets" / "logistics-reach.png").is_file()


def test_a_stored_result_is_stale_once_the_scenario_changes(town):
    over, _ = set_in_scenario(town, "甲", ["road-network.join_tolerance=4"])
    for done in run(over, ["road-hardening"]):
        write_result(over.out / "results" / done.recipe.name, done.recipe, done.result, over.stamp)
    assert not any(o.stale for o in stored_outcomes(open_as(town.root, "甲")))
    changed, there = set_in_scenario(town, "甲", ["road-network.join_tolerance=3"])
    assert there
    stale = {o.recipe.name for o in stored_outcomes(changed) if o.stale}
    assert stale == {"road-network", "road-hardening"}  # what takes from it, too
    write_scenario(town.root, scenario_of_choice("乙"))
    with pytest.raises(UsageError):
        open_as(town.root, "丙")


def test_settings_of_the_command_line_that_do_not_fit_write_nothing(town):
    for wrong in (["limit"], ["=3"], ["limit="], ["lmit=3"], ["logistics-reach.limit=soon"]):
        with pytest.raises(UsageError) as caught:
            set_in_scenario(town, "甲", wrong)
        assert caught.value.exit_code == 2
    with pytest.raises(UsageError) as caught:
        set_in_scenario(town, "甲", ["lmit=3", "road-network.slope=perhaps", "own_limit=200"])
    assert len(caught.value.problems) == 2
    assert not (town.root / "scenarios").exists()


def plain(outcomes):
    """Everything that is stored of results, as bytes, the scenario's own notice left out."""
    found = {}
    for outcome in outcomes:
        result = outcome.result
        notices = [n for n in result.warnings if n.code != "scenario"]
        frames = {**result.layers, **result.tables}
        text = json.dumps({**outcome.to_json(), "warnings": [n.to_json() for n in notices]})
        hashes = {name: content_hash(frame) for name, frame in frames.items()}
        found[outcome.recipe.name] = (text, hashes)
    return found


@pytest.mark.slow
def test_an_empty_scenario_gives_the_figures_of_the_county(town):
    # Robustness runs other recipes again, and those are here themselves.
    names = [name for name in town.analyses if not name.startswith("robustness")]
    assert plain(run(laid(town), names)) == plain(run(town, names))


@pytest.mark.parametrize("surfaces", [("asphalt", "cement"), ("earth", "earth"), ("gravel", None)])
def test_a_scenario_is_what_an_import_of_the_same_values_would_be(town, surfaces):
    """Laid over or stored: the same figures."""
    roads = next(found for found in small_county() if found.name == "roads")
    frame = roads.frame.copy()
    rows = {}
    for identity, surface in zip(frame["id"], surfaces, strict=True):
        if surface is not None:
            rows[identity] = {"surface": surface}
            frame.loc[frame["id"] == identity, "surface"] = surface
    over = figures(laid(town, rows={"roads": rows}), "road-hardening")
    town.store([replace(roads, frame=frame)])
    assert over == figures(town, "road-hardening")
