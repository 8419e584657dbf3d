"""What was chosen, written as a scenario, on a town that can be worked out by hand.

      Q o                        ==  cement, hardened        K the committee, on the cement road
        |  2 km more             --  earth, R000002, drawn from the cement road up to (1000, 4000)
      P o                        P at 1000 m, Q at 3000 m of it
        |  1 km
K ======+====                    with 1 km of budget P is joined, and the road is cut at P
                                 with 3 km Q too; the last kilometre leads to nobody

The earth road states a speed of its own, 10 km/h. A village road of cement goes 30 km/h by the
speed table, so the piece that is built is raised to that.
"""

import itertools
import json

import pytest
import shapely
import shapely.ops
from hypothesis import given
from hypothesis import strategies as st
from towns import COUNTY, layer, points, roads

from yanshan_gis.choice_job import write_choice
from yanshan_gis.chosen_lines import take_apart
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.overlay import open_as
from yanshan_gis.run import run
from yanshan_gis.scenario import read_scenario
from yanshan_gis.store.results import write_result
from yanshan_gis.workspace import create_workspace

LINE = shapely.LineString([(0, 0), (10, 0), (10, 20)])
EARTH = [(1000, 0), (1000, 4000)]


# --- a line taken apart


def apart(line, *chosen):
    return take_apart(line, shapely.MultiLineString([list(one.coords) for one in chosen]))


def test_a_line_chosen_whole_is_one_piece():
    assert apart(LINE, LINE) == [(LINE, True)]
    halves = shapely.LineString([(0, 0), (10, 0)]), shapely.LineString([(10, 0), (10, 20)])
    assert apart(LINE, *halves) == [(LINE, True)]


def test_a_line_chosen_in_the_middle_is_three_pieces_that_meet():
    middle = shapely.LineString([(5, 0), (10, 0), (10, 5)])
    pieces = apart(LINE, middle)
    assert [flag for _, flag in pieces] == [False, True, False]
    assert [piece.length for piece, _ in pieces] == [5, 10, 15]
    assert pieces[1][0] == middle
    for (before, _), (after, _) in itertools.pairwise(pieces):
        assert before.coords[-1] == after.coords[0]


def test_a_line_drawn_the_other_way_is_chosen_all_the_same():
    pieces = apart(LINE, shapely.LineString([(10, 20), (10, 5)]))
    assert [(piece.length, flag) for piece, flag in pieces] == [(15, False), (15, True)]


def test_another_road_leaves_the_line_whole():
    assert apart(LINE, shapely.LineString([(3, 3), (8, 3)])) == [(LINE, False)]


def test_a_road_that_crosses_chooses_nothing_of_it():
    assert apart(LINE, shapely.LineString([(5, -5), (5, 5)])) == [(LINE, False)]


def test_lines_of_several_parts_are_taken_apart_each():
    several = shapely.MultiLineString([[(0, 0), (10, 0)], [(50, 0), (60, 0)]])
    pieces = apart(several, shapely.LineString([(50, 0), (55, 0)]))
    assert [(piece.length, flag) for piece, flag in pieces] == [(10, False), (5, True), (5, False)]


@given(st.lists(st.floats(0.001, 0.999), min_size=2, max_size=6, unique=True))
def test_pieces_put_together_are_the_line(at):
    cuts = sorted(round(one * LINE.length, 3) for one in at)
    chosen = [
        shapely.ops.substring(LINE, a, b)
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
        if b - a > 0.2
    ]
    if not chosen:
        return
    pieces = apart(LINE, *chosen)
    points_of = [point for piece, _ in pieces for point in piece.coords]
    whole = shapely.LineString(points_of)
    assert whole.length == pytest.approx(LINE.length)
    assert (points_of[0], points_of[-1]) == (LINE.coords[0], LINE.coords[-1])
    built = sum(piece.length for piece, flag in pieces if flag)
    assert built == pytest.approx(shapely.union_all(chosen).length, abs=0.3)


# --- the town


@pytest.fixture
def town(tmp_path):
    workspace = create_workspace(tmp_path / "w", COUNTY)
    hamlet = {"level": "natural", "parent": "V000001", "township": "甲镇", "population": 10.0}
    box = shapely.box(-5000, -5000, 9000, 9000)
    workspace.store(
        [
            layer("townships", [{"name": "甲镇"}], [box]),
            roads(
                ("cement", [(0, 0), (2000, 0)], {"scope": "access", "admin_class": "village"}),
                ("earth", EARTH, {"scope": "access", "admin_class": "village",
                                  "speed_kmh": 10.0, "name": "上寨路"}),
            ),
            points(
                "villages",
                ("K", 0, 10, {"level": "committee", "township": "甲镇", "population": 100.0}),
                ("P", 1010, 1000, hamlet),
                ("Q", 1010, 3000, hamlet),
                ("L", 1010, 3900, {"level": "committee", "township": "甲镇", "population": 50.0}),
            ),
            points("outlets", ("K店", 0, 20, {"committee": "V000001", "status": "existing"})),
        ]
    )  # fmt: skip
    return workspace


def stored(workspace, names):
    results = {}
    for done in run(workspace, names):
        write_result(
            workspace.out / "results" / done.recipe.name, done.recipe, done.result, workspace.stamp
        )
        results[done.recipe.name] = done.result
    return results


def with_budget(town, km, name="甲"):
    """Choose with so many kilometres, in a scenario of its own."""
    from yanshan_gis.scenario import scenario_of_choice, write_scenario

    write_scenario(town.root, scenario_of_choice(name, parameters={"harden-first.budget": km}))
    return stored(open_as(town.root, name), ["harden-first"])


def value(result, key):
    return next(i for i in result.indicators if i.key == key)


def test_a_road_chosen_in_part_is_cut_where_the_choice_ends(town):
    chosen = with_budget(town, 1.0)["harden-first"]
    assert value(chosen, "villages_gained").value == 1
    scenario, notices = write_choice(town.root, ["harden-first"], "先修路", "甲")
    assert notices == []
    row = scenario.rows["roads"]["R000002"]
    assert row["surface"] == "cement"
    assert row["speed_kmh"] == 30.0
    assert shapely.from_wkt(row["wkt"]) == shapely.LineString([(1000, 0), (1000, 1000)])
    (rest,) = scenario.new["roads"]
    assert (rest["surface"], rest["speed_kmh"], rest["name"]) == ("earth", 10.0, "上寨路")
    assert shapely.from_wkt(rest["wkt"]) == shapely.LineString([(1000, 1000), (1000, 4000)])
    assert read_scenario(town.root, "先修路") == scenario
    assert scenario.parameters == {}  # what was assumed for the choice is not what is built


def test_run_on_the_scenario_the_choice_is_built(town):
    with_budget(town, 1.0)
    write_choice(town.root, ["harden-first"], "先修路", "甲")
    before = stored(town, ["harden-first", "road-hardening"])
    after = stored(open_as(town.root, "先修路"), ["harden-first", "road-hardening"])
    assert value(before["road-hardening"], "hardened_path").numerator == 0
    assert value(after["road-hardening"], "hardened_path").numerator == 1
    # Nothing of the road is lost or counted twice, and what was built is not chosen again.
    km = [sum(r["road-network"].layers["edges"]["length_m"]) for r in (before, after)]
    assert km[0] == pytest.approx(km[1])
    assert value(after["harden-first"], "villages_gained").value == 1
    states = after["harden-first"].layers["roads"].groupby("state")["km"].sum()
    assert states["hardened"] == pytest.approx(3.0)


def test_a_road_chosen_whole_keeps_its_line(town):
    frame = with_budget(town, 10.0)["harden-first"].layers["roads"]
    assert frame[frame["state"] == "year_1"]["km"].sum() <= 4.0
    scenario, _ = write_choice(town.root, ["harden-first"], "先修路", "甲")
    row = scenario.rows["roads"]["R000002"]
    assert shapely.from_wkt(row["wkt"]).length == pytest.approx(3000)


def test_outlets_proposed_are_opened_at_their_villages(town):
    # L is 3.9 km of earth at 10 km/h from the cement road, 23 min, and 2 min on: beyond 20 min.
    from yanshan_gis.scenario import scenario_of_choice, write_scenario

    write_scenario(town.root, scenario_of_choice("甲", parameters={"logistics-reach.limit": 20,
                                                                 "target": 1.0}))  # fmt: skip
    found = stored(open_as(town.root, "甲"), ["logistics-reach"])["logistics-reach"]
    assert list(found.layers["proposed"]["name"]) == ["L"]
    scenario, _ = write_choice(town.root, ["logistics-reach"], "增网点", "甲")
    (row,) = scenario.new["outlets"]
    assert row == {
        "at": "V000004", "name": "L", "township": "甲镇", "committee": "V000004",
        "level": "village", "status": "existing",
    }  # fmt: skip
    after = stored(open_as(town.root, "增网点"), ["logistics-reach"])["logistics-reach"]
    assert value(after, "own_outlet").numerator == 2
    base = stored(town, ["logistics-reach"])["logistics-reach"]
    assert value(base, "own_outlet").numerator == 1


def test_two_recipes_make_one_scenario(town):
    from yanshan_gis.scenario import scenario_of_choice, write_scenario

    both = {"harden-first.budget": 1.0, "logistics-reach.limit": 20, "target": 1.0}
    write_scenario(town.root, scenario_of_choice("甲", parameters=both))
    stored(open_as(town.root, "甲"), ["harden-first", "logistics-reach"])
    scenario, _ = write_choice(town.root, ["优先硬化道路", "logistics-reach"], "路与网点", "甲")
    assert set(scenario.rows) == {"roads"}
    assert set(scenario.new) == {"roads", "outlets"}
    assert scenario.title is not None
    assert "优先硬化道路" in scenario.title.zh


# --- what does not fit


def test_nothing_chosen_is_said_and_nothing_written(town):
    stored(town, ["logistics-reach"])  # L is within 30 min
    with pytest.raises(DataError, match="Nothing was chosen"):
        write_choice(town.root, ["logistics-reach"], "甲")
    assert not (town.root / "scenarios").exists()


def test_a_scenario_that_is_there_is_not_written_over(town):
    with_budget(town, 1.0)
    before = (town.root / "scenarios" / "甲.toml").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match=r"There is a scenario 甲 already; .*scenarios/甲\.toml"):
        write_choice(town.root, ["harden-first"], "甲", "甲")
    assert (town.root / "scenarios" / "甲.toml").read_text(encoding="utf-8") == before


@pytest.mark.parametrize("name", ["base", "../甲"])
def test_a_name_that_no_file_can_have_is_refused(town, name):
    with_budget(town, 1.0)
    with pytest.raises(UsageError, match="cannot be called"):
        write_choice(town.root, ["harden-first"], name, "甲")


def test_a_recipe_that_chooses_nothing_is_refused(town):
    stored(town, ["road-hardening"])
    with pytest.raises(UsageError, match="road-hardening says of no layer how a scenario"):
        write_choice(town.root, ["road-hardening"], "甲")


def test_results_that_do_not_hold_any_more_are_refused(town):
    with_budget(town, 1.0)
    town.store([points("outlets", ("新店", 500, 20, {"status": "existing"}))])
    town.store([roads(("cement", [(0, 0), (2000, 0)], {"scope": "access"}))])
    with pytest.raises(DataError, match="have changed since; run yanshan run harden-first"):
        write_choice(town.root, ["harden-first"], "先修路", "甲")


@pytest.mark.slow
def test_the_command_writes_runs_and_compares(yanshan, town, monkeypatch, environment):
    monkeypatch.chdir(town.root)
    code, _, err = yanshan("run", "harden-first", "--set", "harden-first.budget=1", "--as", "甲")
    assert code == 0
    words = ["scenario", "harden-first", "--of", "甲", "--as", "先修路", "--lang", "en"]
    code, out, err = yanshan(*words)
    assert (code, out) == (0, "")
    assert "Scenario 先修路 written: roads 1, roads +1." in err
    code, out, err = yanshan(*words)
    assert (code, out) == (2, "")
    assert "There is a scenario 先修路 already" in err
    for more in ([], ["--as", "先修路"]):
        code, _, _ = yanshan("run", "road-hardening", *more)
        assert code == 0
    code, out, _ = yanshan("compare", "base", "先修路", "--json")
    assert code == 0
    told = json.loads(out)
    assert "hardened_path" in json.dumps(told)


def test_the_command_before_any_run_says_what_to_do(yanshan, town, monkeypatch, environment):
    monkeypatch.chdir(town.root)
    code, out, err = yanshan("scenario", "harden-first", "--as", "甲", "--lang", "en")
    assert code != 0
    assert out == ""
    assert "yanshan run" in err
    code, _, err = yanshan("scenario", "--as", "甲", "--lang", "en")
    assert code == 2
