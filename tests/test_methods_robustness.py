"""How sure a choice is, on answers that can be worked out by hand.

The recipe looked at has one parameter, its limit. Four draws of 0.8 to 1.2 times the limit lie one
in each of [0.8, 0.9), [0.9, 1.0), [1.0, 1.1), [1.1, 1.2), whatever the seed (Latin hypercube). So

site   chosen where the factor is   runs of 4
A      anything                     4
B      0.9 or more                  3
C      below 1.0                    2      (not with the value stated, 1.0)
D      1.1 or more                  1      (not with the value stated)
E      never                        0
"""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from towns import CRS, recipe_catalogue, small_county

from yanshan_gis.content import AnalysisDef
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import Notice
from yanshan_gis.methods.robustness import column_of, stress
from yanshan_gis.methods.sampling import factor_ranges, latin_hypercube
from yanshan_gis.parameters import scale_parameters
from yanshan_gis.rerun import rerun
from yanshan_gis.result import Indicator, Result
from yanshan_gis.run import run

LIMIT = "sites.limit"
RULES = {
    "A": lambda f: True,
    "B": lambda f: f >= 0.9,
    "C": lambda f: f < 1.0,
    "D": lambda f: f >= 1.1,
    "E": lambda f: False,
}


def sites(factor, **more):
    """Answer for a factor on the limit: five sites in a row, and the factor itself as a figure."""
    frame = gpd.GeoDataFrame(
        {
            "id": list(RULES),
            "name": [f"{name}村" for name in RULES],
            "state": ["yes" if rule(factor) else "no" for rule in RULES.values()],
        },
        geometry=[shapely.Point(x, 0) for x in range(len(RULES))],
        crs=CRS,
    )
    figures = (
        Indicator("share", 0.5 * factor, "share", headline=True),
        Indicator("length", 10 * factor, "km"),
    )
    return Result(indicators=figures, layers={"sites": frame}, **more)


def stressed(again=None, **changes):
    given = {
        "ranges": {LIMIT: 0.2},
        "chosen_layer": "sites",
        "chosen_field": "state",
        "chosen_values": ("yes",),
        "identity": "id",
        "keep_never": True,
        "figure": "",
        "runs": 4,
        "seed": 1,
        "time_limit_min": 5.0,
    }
    answer = again or (lambda factors: sites(factors.get(LIMIT, 1.0)))
    return stress(again=answer, **{**given, **changes})


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def codes(result):
    return {notice.code for notice in result.warnings}


@pytest.mark.parametrize("seed", [1, 2, 20260101])
def test_the_share_of_runs_that_choose_each_site(seed):
    chosen = stressed(seed=seed).layers["chosen"].set_index("id")
    assert chosen["runs_chosen"].to_dict() == {"A": 4, "B": 3, "C": 2, "D": 1, "E": 0}
    assert chosen["chosen_share"].to_dict() == {"A": 1.0, "B": 0.75, "C": 0.5, "D": 0.25, "E": 0.0}
    assert chosen["sureness"].to_dict() == {
        "A": "sure", "B": "likely", "C": "likely", "D": "sometimes", "E": "never",
    }  # fmt: skip
    assert chosen["in_base"].to_dict() == {"A": True, "B": True, "C": False, "D": False, "E": False}
    assert chosen.loc["B", "name"] == "B村"
    assert chosen.crs == CRS


def test_figures_count_what_stands_by_what_is_chosen_today():
    result = stressed()
    sure = figure(result, "sure")  # A of A and B
    assert (sure.numerator, sure.denominator, sure.headline) == (1, 2, True)
    assert figure(result, "doubtful").value == 0
    assert figure(result, "others").value == 2  # C and D
    assert figure(result, "runs_answered").value == 1.0


def test_what_no_run_chooses_is_left_out_unless_asked_for():
    assert list(stressed(keep_never=False).layers["chosen"]["id"]) == ["A", "B", "C", "D"]


def test_bounds_are_quantiles_of_the_runs_and_lie_within_the_range():
    result = stressed(runs=40)
    table = result.tables["intervals"].set_index("figure")
    drawn = result.tables["draws"][column_of(LIMIT)].to_numpy()
    assert table.loc["share", "base"] == 50.0
    assert table.loc["share", "unit"] == "%"
    assert table.loc["share", "low"] == pytest.approx(50 * np.quantile(drawn, 0.05))
    assert table.loc["length", "high"] == pytest.approx(10 * np.quantile(drawn, 0.95))
    # 40 draws, one in each hundredth of 0.8 to 1.2: the quantiles are known to a hundredth.
    assert table.loc["length", "low"] == pytest.approx(8.2, abs=0.11)
    assert table.loc["length", "high"] == pytest.approx(11.8, abs=0.11)
    assert (table["runs"] == 40).all()
    assert (table["not_computable"] == 0).all()
    assert figure(result, "figure_low").value == pytest.approx(table.loc["share", "low"] / 100)
    assert result.tables["draws"]["value"].to_numpy() == pytest.approx(50 * drawn)


def test_another_figures_bounds_may_be_told_first():
    result = stressed(figure="length")
    low = result.tables["intervals"].set_index("figure").loc["length", "low"]
    assert (figure(result, "figure_low").value, figure(result, "figure_low").unit) == (low, "km")
    with pytest.raises(DataError, match="no figure lenght; it has share, length"):
        stressed(figure="lenght")


def test_the_same_seed_gives_the_same_runs_and_another_seed_others():
    one, same, other = stressed(seed=7), stressed(seed=7), stressed(seed=8)
    assert one.tables["draws"].equals(same.tables["draws"])
    assert one.tables["intervals"].equals(same.tables["intervals"])
    assert not one.tables["draws"].equals(other.tables["draws"])


@pytest.mark.parametrize("ranges", [{}, {LIMIT: 0}, {LIMIT: {"low": 1, "high": 1}}])
def test_without_uncertainty_every_run_is_the_base(ranges):
    result = stressed(ranges=ranges)
    table = result.tables["intervals"]
    for bound in ("low", "median", "high"):
        assert table[bound].tolist() == table["base"].tolist() == [50.0, 10.0]
    assert set(result.layers["chosen"]["chosen_share"]) == {0.0, 1.0}
    assert figure(result, "sure").value == 1.0


def test_low_and_high_may_differ():
    drawn = stressed(ranges={LIMIT: {"low": 0.5}}, runs=10).tables["draws"][column_of(LIMIT)]
    assert drawn.between(0.5, 1.0).all()
    assert drawn.min() < 0.55


@pytest.mark.parametrize(
    "told", [1.0, -0.1, 2, {"low": 1.2, "high": 0.8}, {"low": 0}, {"lo": 0.9}, float("nan")]
)
def test_a_range_that_is_none_is_named(told):
    with pytest.raises(DataError, match=r"The range of sites\.limit is no range"):
        stressed(ranges={LIMIT: told})


@pytest.mark.parametrize("wrong", [{"runs": 0}, {"runs": 2.5}, {"seed": -1}, {"seed": 0.5}])
def test_runs_and_seed_are_whole_numbers(wrong):
    with pytest.raises(UsageError, match="whole number"):
        stressed(**wrong)


def test_a_field_the_layer_lacks_is_named():
    with pytest.raises(DataError, match="Layer sites of the other result has no field stat, uid"):
        stressed(chosen_field="stat", identity="uid")


def test_runs_without_an_answer_count_as_choosing_none_and_are_told():
    def again(factors):
        factor = factors.get(LIMIT, 1.0)
        if factor >= 1.1:
            return Result("infeasible")
        warned = (Notice("choice-not-proven", "", {}),) if factor < 0.9 else ()
        return sites(factor, warnings=warned)

    result = stressed(again)
    chosen = result.layers["chosen"].set_index("id")["runs_chosen"]
    assert chosen.to_dict() == {"A": 3, "B": 2, "C": 2, "D": 0, "E": 0}
    assert figure(result, "runs_answered").numerator == 3
    table = result.tables["intervals"]
    assert table["runs"].tolist() == [3, 3]
    assert table["not_computable"].tolist() == [1, 1]
    assert {"runs-infeasible", "runs-not-proven"} <= codes(result)
    assert result.tables["draws"]["proven"].sum() == 3
    assert result.tables["draws"]["value"].isna().sum() == 1


def test_time_that_runs_out_is_told():
    result = stressed(time_limit_min=0.0)
    left = next(n for n in result.warnings if n.code == "runs-left-out")
    assert left.values == {"missing": 4, "wanted": 4}
    assert len(result.tables["draws"]) == 0
    assert result.tables["intervals"]["low"].isna().all()


def test_where_nothing_is_ever_chosen_that_is_said():
    result = stressed(lambda factors: sites(1.0), chosen_values=("maybe",), keep_never=False)
    assert "never-chosen" in codes(result)
    assert len(result.layers["chosen"]) == 0
    assert figure(result, "sure").value is None


def test_rows_of_one_road_are_one_feature_as_long_as_all_its_chosen_rows():
    # R1 is cut in two: the second half is chosen in every run, the first where the factor is 1 or
    # more. R2 never. What is drawn of R1 is all of it, and it counts once.
    def again(factors):
        far = factors.get(LIMIT, 1.0) >= 1.0
        frame = gpd.GeoDataFrame(
            {"road_id": ["R1", "R1", "R2"], "state": ["yes" if far else "no", "yes", "no"]},
            geometry=[shapely.LineString([(x, 0), (x + 5, 0)]) for x in (0, 5, 20)],
            crs=CRS,
        )
        return Result(layers={"sites": frame})

    chosen = stressed(again, identity="road_id").layers["chosen"]
    assert chosen["id"].tolist() == ["R1", "R2"]
    assert chosen["runs_chosen"].tolist() == [4, 0]
    assert chosen.geometry.length.tolist() == [10.0, 5.0]


@given(
    st.lists(st.tuples(st.floats(0.1, 1), st.floats(1, 3)), min_size=1, max_size=4),
    st.integers(1, 30),
    st.integers(0, 10**6),
)
def test_every_part_of_every_range_is_drawn_once(bounds, count, seed):
    limits = np.array(bounds)
    points = latin_hypercube(limits, count, np.random.default_rng(seed))
    width = np.where(limits[:, 1] > limits[:, 0], limits[:, 1] - limits[:, 0], 1.0)
    parts = np.floor(np.clip((points - limits[:, 0]) / width, 0, 1 - 1e-12) * count + 1e-9)
    for column, (low, high) in enumerate(bounds):
        if high - low > 1e-6:  # between neighbouring floats no number has a part of its own
            assert sorted(parts[:, column]) == list(range(count))


def test_ranges_are_read_in_the_order_given():
    found = factor_ranges({"b.x": 0.25, "a.y": {"high": 1.5}})
    assert list(found.items()) == [("b.x", (0.75, 1.25)), ("a.y", (1.0, 1.5))]


# --- parameters taken times factors


def test_tables_are_scaled_as_a_whole_and_others_stay():
    found = scale_parameters(recipe_catalogue(), {"road-network.speeds": 0.5})
    speeds = found["road-network"].parameters["speeds"].value
    assert (speeds["default"], speeds["village"]["earth"]) == (10, 6)
    part = scale_parameters(recipe_catalogue(), {"road-network.speeds.village.earth": 0.5})
    speeds = part["road-network"].parameters["speeds"].value
    assert (speeds["default"], speeds["village"]["earth"]) == (20, 6)
    assert recipe_catalogue()["road-network"].parameters["speeds"].value["default"] == 20


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("road-network.slope", "holds no number"),
        ("harden-first.weigh_by", "holds no number"),
        ("harden-first.cost_per_km", "holds no number"),
        ("logistics-reach.target", "is a target the plan sets"),
        ("logistics-reach.lmit", "No parameter is called 'lmit'"),
    ],
)
def test_what_cannot_be_uncertain_is_named(key, said):
    with pytest.raises((DataError, UsageError), match=said):
        scale_parameters(recipe_catalogue(), {key: 1.1})


def test_only_what_a_factor_touches_is_computed_again():
    analyses = recipe_catalogue()
    computed = []

    def compute(recipe, sofar):
        computed.append(recipe.name)
        return recipe.name.upper()

    done = {"road-network": "old", "logistics-reach": "old"}
    for factors, again in [
        ({}, []),
        ({"logistics-reach.limit": 1.0}, []),
        ({"logistics-reach.limit": 1.1}, ["logistics-reach"]),
        ({"road-network.speeds": 1.1}, ["road-network", "logistics-reach"]),
    ]:
        computed.clear()
        answer = rerun("logistics-reach", factors, done, analyses, compute)
        assert computed == again
        assert answer == ("LOGISTICS-REACH" if again else "old")
    assert done == {"road-network": "old", "logistics-reach": "old"}
    with pytest.raises(UsageError, match="does not change logistics-reach"):
        rerun("logistics-reach", {"harden-first.budget": 1.1}, done, analyses, compute)


# --- a whole run

OWN = """
like = "robustness"
title = {{ zh = "网点的把握", en = "Own" }}
of = "logistics-reach"
[parameters.ranges.value]
{ranges}
[parameters.runs]
value = 4
[parameters.chosen_layer]
value = "committees"
[parameters.chosen_field]
value = "state"
[parameters.chosen_values]
value = ["own", "near"]
[parameters.keep_never]
value = true
[parameters.figure]
value = "within_minutes"
[sheet]
title = {{ zh = "网点的把握", en = "Own" }}
"""


def own(town, ranges):
    folder = town.root / "analyses"
    folder.mkdir(exist_ok=True)
    (folder / "own.toml").write_text(OWN.format(ranges=ranges), encoding="utf-8")
    return {outcome.recipe.name: outcome.result for outcome in run(type(town)(town.root), ["own"])}


def minutes(results, name):
    frame = results["logistics-reach"].layers["committees"].set_index("name")
    return float(frame.loc[name, "minutes"])


def test_a_recipe_in_toml_alone_tells_how_sure_another_is(town):
    # 乙村委会 has no outlet and 甲村委会 its own. The limit is drawn from half to one and a half
    # times the minutes 乙 is away: of four draws, one in each quarter, two are long enough. So the
    # committees within the limit are 50, 50, 100 and 100 %, their median 75 %.
    base = {o.recipe.name: o.result for o in run(town, ["logistics-reach"])}
    away = minutes(base, "乙村委会")
    middle = away / 30
    ends = f'"logistics-reach.limit" = {{ low = {middle * 0.5:.9f}, high = {middle * 1.5:.9f} }}'
    found = own(town, ends)
    chosen = found["own"].layers["chosen"].set_index("name")
    assert chosen.loc["甲村委会", "runs_chosen"] == 4
    assert chosen.loc["乙村委会", "runs_chosen"] == 2
    row = found["own"].tables["intervals"].set_index("figure").loc["within_minutes"]
    assert (row["base"], row["median"]) == (100.0, 75.0)
    assert row["low"] == 50.0
    # What it is about is as it was, and so is what lies beneath.
    assert found["logistics-reach"].indicators == base["logistics-reach"].indicators
    assert minutes(found, "乙村委会") == away
    assert not (town.out / "results").exists()


def test_speeds_change_the_minutes_and_nothing_else(town):
    # Twice the speed is half the ride; the walks (10 m and 50 m at most) stay.
    found = own(town, '"road-network.speeds" = { low = 2, high = 2 }')
    table = found["own"].tables["intervals"].set_index("figure")
    slow, quick = table.loc["minutes_to_target", ["base", "median"]]
    assert slow / 2 < quick < slow / 2 + 1.5
    assert table.loc["km_to_target", "base"] == table.loc["km_to_target", "median"]


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ('"harden-first.budget" = 0.1', "does not change logistics-reach"),
        ('"logistics-reach.lmit" = 0.1', "No parameter is called 'lmit'"),
        ('"logistics-reach.limit" = 1.5', "is no range"),
        ('"logistics-reach.target" = 0.1', "is a target the plan sets"),
    ],
)
def test_ranges_that_fit_nothing_end_the_run_with_a_line(town, ranges, said):
    with pytest.raises((UsageError, DataError), match=said):
        own(town, ranges)


def test_zero_ranges_of_a_whole_run_give_the_base_with_no_width(town):
    found = own(town, '"logistics-reach.limit" = 0\n"road-network.speeds" = 0')
    table = found["own"].tables["intervals"]
    told = table[table["base"].notna()]
    assert (told["low"] == told["base"]).all()
    assert (told["high"] == told["base"]).all()


def test_what_the_other_recipe_misses_is_what_this_one_misses(tmp_path):
    from towns import COUNTY

    from yanshan_gis.workspace import create_workspace

    workspace = create_workspace(tmp_path / "w", COUNTY)
    workspace.store([layer for layer in small_county() if layer.name != "villages"])
    result = run(workspace, ["robustness-logistics-reach"])[-1].result
    assert result.status == "not_computable"
    assert "villages (level = committee)" in result.missing


def test_every_recipe_about_another_names_what_there_is():
    about = {name: r for name, r in recipe_catalogue().items() if r.of}
    assert len(about) >= 4
    for recipe in about.values():
        assert isinstance(recipe, AnalysisDef)
        other = recipe_catalogue()[recipe.of]
        values = {name: parameter.value for name, parameter in recipe.parameters.items()}
        assert values["chosen_layer"] in other.results
        if values["figure"]:
            assert values["figure"] in other.figures
        scale_parameters(recipe_catalogue(), dict.fromkeys(values["ranges"], 1.1))
        columns = {column_of(name) for name in values["ranges"]}
        assert columns <= set(recipe.results["draws"].fields)
        assert set(recipe.results["intervals"].fields["figure"].codes) == set(other.figures)
