"""In-village roads to harden first, in villages that can be worked out by hand.

                 streets (m)   cement   to harden   people       per km by villages
 A  x = 0           1000         200       0.8         50             1.25
 B  x = 5000        2000         500       1.5        900             0.667
 C  x = 10000        500           0       0.5         10             2
 D  x = 15000       1000         800        –                         done (80 %)
 E  x = 20000          0           0        –                         no streets
 X  x = 25000        500           0        –                         exempt

A C D and X lie in 甲镇, B and E in 乙乡. Of those that count, 1.5 of 4.5 km are hardened.
Within 1.4 km: C and A. Within 1.5 km by people: B. Within 2.8 km: all.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from towns import layer, network, parameters, points, recipe_catalogue, roads

from yanshan_gis.errors import UsageError
from yanshan_gis.methods.street_choice import first
from yanshan_gis.optimisation.budget import Budget
from yanshan_gis.optimisation.in_village import Streets, choose_streets
from yanshan_gis.optimisation.street_order import finish_years, order_streets

STREETS = {"A": (0, 200, 800), "B": (5000, 500, 1500), "C": (10000, 0, 500),
           "D": (15000, 800, 200), "X": (25000, 0, 500)}  # fmt: skip


def streets(**soft):
    """Lay the cement part and the earth part of every village's streets end to end."""
    rows = []
    for name, (x, cement, earth) in STREETS.items():
        more = {"scope": "in_village", "admin_class": "group"}
        if cement:
            rows.append(("cement", [(x, 50), (x, 50 + cement)], more))
        rows.append(
            ("earth", [(x, 50 + cement), (x, 50 + cement + earth)], more | soft.get(name, {}))
        )
    return [*rows, ("cement", [(-500, 0), (25500, 0)], {"scope": "access"})]


def village(name, x, people, township, **more):
    return (name, x, 10, {"level": "natural", "parent": "V000101", "township": township,
                          "population": people, **more})  # fmt: skip


VILLAGES = [
    village("A", 0, 50, "甲镇"),
    village("B", 5000, 900, "乙乡"),
    village("C", 10000, 10, "甲镇"),
    village("D", 15000, 70, "甲镇"),
    village("E", 20000, 30, "乙乡"),
    village("X", 25000, 40, "甲镇", exempt=True),
]


def choose(budget, rows=None, villages=VILLAGES, control_lines=None, net=True, **changes):
    home = ("K", 1000, 10, {"id": "V000101", "level": "committee", "township": "甲镇"})
    return first(
        villages=points("villages", *villages),
        committees=points("villages", home),
        townships=None,
        control_lines=control_lines,
        network=network(roads(*(rows or streets()))) if net else None,
        **parameters(
            "harden-in-village", budget_km=budget, **{"in_village_limit_m": 3000} | changes
        ),
    )


def states(result):
    frame = result.layers["villages"]
    return dict(zip(frame["name"], frame["state"], strict=True))


def chosen(result):
    return result.tables["steps"]["name"].tolist()


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def codes(result):
    return {notice.code for notice in result.warnings}


@pytest.mark.parametrize(
    ("budget", "weigh_by", "names"),
    [
        (0, "villages", []),
        (0.4, "villages", []),
        (1.4, "villages", ["C", "A"]),
        (1.5, "villages", ["C", "A"]),
        (1.5, "population", ["B"]),
        (2.8, "villages", ["C", "A", "B"]),
        (2.8, "population", ["B", "A", "C"]),  # 600, 62.5 and 20 per km
        (2.05, "km", ["C", "B"]),  # 2 km; with D 1.7, C A D 1.5; of equal worth the shorter first
    ],
)
def test_what_a_budget_chooses(budget, weigh_by, names):
    assert chosen(choose(budget, weigh_by=weigh_by)) == names


def test_states():
    assert states(choose(1.4, years=1)) == {
        "A": "year_1", "B": "waiting", "C": "year_1", "D": "done", "E": "no_streets", "X": "exempt",
    }  # fmt: skip


def test_figures_are_those_of_the_indicator():
    result = choose(1.4)
    before, after = (figure(result, f"in_village_km_{when}") for when in ("before", "after"))
    assert (before.numerator, before.denominator) == pytest.approx((1.5, 4.5))
    assert (after.numerator, after.denominator) == pytest.approx((2.8, 4.5))
    assert after.headline
    assert (after.target, after.met) == (0.7, False)
    assert choose(2.8).headline.met
    done = figure(result, "villages_done_after")
    assert (done.numerator, done.denominator) == (3, 4)  # A C D of those with streets
    assert figure(result, "villages_gained").value == figure(result, "gain").value == 2
    assert figure(result, "budget_used").numerator == pytest.approx(1.3)
    assert "cost" not in {i.key for i in result.indicators}


def test_steps_explain_their_order():
    steps = choose(2.8).tables["steps"]
    assert steps["gain_per_km"].tolist() == pytest.approx([2, 1.25, 1 / 1.5])
    assert steps["next_gain_per_km"].tolist()[:2] == pytest.approx([1.25, 1 / 1.5])
    assert np.isnan(steps["next_gain_per_km"].iloc[-1])
    assert steps["cumulative_km"].tolist() == pytest.approx([0.5, 1.3, 2.8])
    assert steps["cumulative_gain"].tolist() == [1, 2, 3]


def test_years_carry_over_what_is_left():
    # 1.4 km a year: C and A in the first; 0.1 km is left, 1.5 km pay for B in the second.
    table = choose(2.8, years=2).tables["by_year"]
    assert table["km"].tolist() == pytest.approx([1.3, 1.5])
    assert table["villages"].tolist() == [2, 1]
    assert table["done"].tolist() == [3, 4]
    assert table["in_village_share"].tolist() == pytest.approx([2.8 / 4.5, 4.3 / 4.5])


def test_by_township():
    table = choose(1.4).tables["by_township"].set_index("township")
    columns = ["denominator", "before", "gained", "after", "waiting"]
    assert table.loc["甲镇", columns].tolist() == [3, 1, 2, 3, 0]
    assert table.loc["乙乡", columns].tolist() == [1, 0, 0, 0, 1]
    assert table.loc["全县", "km"] == pytest.approx(1.3)
    assert table.loc["全县", "in_village_share"] == pytest.approx(2.8 / 4.5)


def test_villages_may_be_brought_to_the_threshold_only():
    # C to 70 % of 0.5 km: 0.35; A 0.7 − 0.2 = 0.5; B 1.4 − 0.5 = 0.9.
    result = choose(1.75, bring_to_share=0.7)
    assert result.tables["steps"]["km"].tolist() == pytest.approx([0.35, 0.5, 0.9])
    assert figure(result, "villages_gained").value == 3


def test_streets_are_drawn_with_what_becomes_of_them():
    drawn = choose(1.4).layers["streets"]
    km = drawn.groupby("state")["km"].sum()
    assert km.to_dict() == pytest.approx({"chosen": 1.3, "hardened": 1.5, "soft": 2.2})
    assert drawn["id"].is_unique


def test_committed_streets_are_paid_first():
    rows = streets(B={"programme": "已定"})
    result = choose(2.0, rows=rows, committed_programmes=("已定",), years=1)
    assert chosen(result) == ["C"]  # of 2 km 1.5 are spent
    assert states(result)["B"] == "committed"
    assert figure(result, "villages_gained").value == 2
    assert figure(result, "budget_used").numerator == pytest.approx(2.0)
    assert result.tables["by_year"]["km"].tolist() == pytest.approx([2.0])
    assert figure(result, "in_village_km_after").numerator == pytest.approx(1.5 + 2.0)


def test_control_lines_keep_villages_below():
    lines = layer("control_lines", [{"kind": "ecological_redline"}], [box(9900, 0, 10100, 900)])
    result = choose(2.8, control_lines=lines)
    assert states(result)["C"] == "barred"
    assert chosen(result) == ["A", "B"]
    assert set(result.tables["missed"]["name"]) == {"C"}
    crossed = next(n for n in result.warnings if n.code == "control-lines-crossed")
    assert crossed.values == {"km": pytest.approx(0.5)}
    assert "control-lines-unchecked" not in codes(result)


def test_money_limits_too():
    result = choose(2.8, money_wan=60, cost_per_km={"group": {"earth": 40}})
    assert chosen(result) == ["C", "A"]  # 20 + 32 of 60
    assert figure(result, "cost").value == pytest.approx(52)
    unpriced = choose(2.8, money_wan=60)
    assert unpriced.status == "not_computable"
    assert unpriced.missing == ("network.cost_per_km_wan",)


def test_a_floor_moves_the_choice_and_one_beyond_the_budget_is_infeasible_and_still_drawn():
    # Half of what 乙乡 misses is half of B; half of A and C is one of them.
    assert set(chosen(choose(2.0, floor_share=0.5))) == {"B", "C"}
    result = choose(1.4, floor_share=0.5)
    assert result.status == "infeasible"
    reason = next(n for n in result.warnings if n.code == "floors-beyond-km")
    assert reason.values == {"needed": pytest.approx(2.0), "limit": 1.4}
    assert states(result)["A"] == "waiting"
    assert set(result.layers) == {"villages", "streets"}


def test_the_ledger_alone():
    told = {"A": (1.0, 0.2), "B": (2.0, 0.5), "C": (0.5, 0.0), "D": (1.0, 0.8)}
    rows = [
        (name, x, y, more | dict(zip(
            ("ledger_in_village_km", "ledger_in_village_hardened_km"), told[name], strict=True)))
        if name in told else (name, x, y, more)
        for name, x, y, more in VILLAGES
    ]  # fmt: skip
    result = choose(1.4, villages=rows, net=False)
    assert chosen(result) == ["C", "A"]
    assert states(result)["E"] == "unknown"
    assert {"streets-by-ledger", "ledger-silent"} <= codes(result)
    assert set(result.layers) == {"villages"}
    after = figure(result, "in_village_km_after")
    assert (after.numerator, after.denominator) == pytest.approx((2.8, 4.5))


def test_nothing_is_known_of_streets():
    result = choose(1.4, rows=[("cement", [(0, 0), (900, 0)], {"scope": "access"})])
    assert result.status == "not_computable"
    assert "network.scope = in_village" in result.missing


def test_people_nobody_knows():
    rows = [(n, x, y, {k: v for k, v in more.items() if k != "population"})
            for n, x, y, more in VILLAGES]  # fmt: skip
    result = choose(1.4, villages=rows, weigh_by="population")
    assert result.missing == ("villages.population",)


def test_streets_near_no_village_count_in_the_county_and_are_not_chosen():
    stray = ("earth", [(60000, 0), (61000, 0)], {"scope": "in_village"})
    result = choose(9, rows=[*streets(), stray])
    assert figure(result, "in_village_km_after").denominator == pytest.approx(5.5)
    told = next(n for n in result.warnings if n.code == "streets-near-no-village")
    assert told.values == {"km": pytest.approx(1.0)}
    left = next(n for n in result.warnings if n.code == "budget-left")
    assert left.values == {"km": pytest.approx(2.8), "left": pytest.approx(6.2)}


@pytest.mark.parametrize(
    "wrong", [{"weigh_by": "cattle"}, {"years": 0}, {"bring_to_share": 0.6}, {"bring_to_share": 2}]
)
def test_wrong_parameters(wrong):
    with pytest.raises(UsageError):
        choose(1, **wrong)


def test_every_state_has_its_words():
    recipe = recipe_catalogue()["harden-in-village"]
    lines = layer("control_lines", [{"kind": "ecological_redline"}], [box(9900, 0, 10100, 900)])
    for result in (choose(1.4), choose(0.5, years=9, control_lines=lines)):
        for name, frame in result.layers.items():
            assert set(frame["state"]) <= set(recipe.results[name].fields["state"].codes)


amounts = st.floats(0.01, 5).map(lambda x: round(x, 2))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(amounts, st.integers(1, 9)), min_size=1, max_size=9), amounts,
       st.integers(1, 4))  # fmt: skip
def test_no_order_has_more_under_its_curve_and_no_year_overspends(rows, km, years):
    need, gain = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    whole = Budget(3 * km)
    asked = Streets(need, gain)
    order = order_streets(asked, choose_streets(asked, whole))
    rates = gain[order] / need[order]
    assert (np.diff(rates) <= 1e-12).all()
    year = finish_years(asked, order, whole, years, Budget(0, 0))
    assert (np.diff(year) >= 0).all()
    for y in range(1, years + 1):
        assert need[order[year <= y]].sum() <= whole.km / years * y + 1e-5


def test_one_village():
    result = choose(0.8, villages=VILLAGES[:1])
    assert chosen(result) == ["A"]
    assert figure(result, "villages_done_after").value == 1
    assert chosen(choose(0.7, villages=VILLAGES[:1])) == []


def test_no_village_that_may_be_chosen():
    lines = layer("control_lines", [{"kind": "ecological_redline"}], [box(-9e3, 20, 3e4, 9e3)])
    result = choose(9, control_lines=lines)
    assert (result.status, chosen(result)) == ("ok", [])
    assert {states(result)[name] for name in "ABC"} == {"barred"}
    assert figure(result, "gain").value == figure(result, "bound").value == 0


def test_a_village_whose_people_nobody_knows_counts_as_none_and_is_told():
    # Without B's 900 people A's 50 and C's 10 are the most within 1.5 km.
    rows = [village("B", 5000, np.nan, "乙乡") if row[0] == "B" else row for row in VILLAGES]
    result = choose(1.5, villages=rows, weigh_by="population")
    assert chosen(result) == ["A", "C"]  # 62.5 and 20 per km
    assert figure(result, "gain").value == 60
    told = next(n for n in result.warnings if n.code == "weight-unknown")
    assert told.values == {"count": 1}


@pytest.mark.parametrize("weigh_by", ["villages", "population", "km"])
def test_more_kilometres_never_gain_less(weigh_by):
    gains = [figure(choose(km, weigh_by=weigh_by), "gain").value
             for km in (0, 0.5, 0.8, 1.3, 1.5, 2, 2.3, 2.8, 9)]  # fmt: skip
    assert gains == sorted(gains)
    assert gains[0] == 0


def test_the_unit_of_people_changes_nothing():
    rows = [(n, x, y, {**more, "population": 1000 * more["population"]})
            for n, x, y, more in VILLAGES]  # fmt: skip
    for km in (0.6, 1.4, 1.5, 2.8):
        once, often = (choose(km, villages=v, weigh_by="population") for v in (VILLAGES, rows))
        assert chosen(once) == chosen(often)
