"""Targets: when a figure meets one, in every operator and unit, and what an absent part means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from towns import table

from yanshan_gis.errors import UnitError
from yanshan_gis.plan.targets import Target, base_unit, goals, is_reached, read_targets
from yanshan_gis.units import Quantity

SHARES = st.floats(0, 2, allow_nan=False)


def target(operator, goal, **more):
    return Target("IN000001", 1, "指标", operator=operator, goal=goal, unit="share", **more)


@pytest.mark.parametrize(
    ("operator", "value", "state"),
    [
        ("at_least", 0.8, "met"),  # the goal itself reaches it
        ("at_least", 0.7999, "not_met"),  # shown as 80.0 %, compared unrounded
        ("at_most", 0.02, "met"),
        ("at_most", 0.0201, "not_met"),
        ("at_most", 0.0, "met"),
    ],
)
def test_figures_are_compared_unrounded_and_the_goal_counts(operator, value, state):
    goal = 0.8 if operator == "at_least" else 0.02
    assert target(operator, goal).state(value) == state


def test_noise_of_floating_point_numbers_does_not_miss_a_goal():
    # 115 / 100 - 1 is 0.1499999999999999: growth by 0.15 all the same
    grown = target("grow", 0.15, baseline=Quantity(100.0, "元"))
    assert grown.measured(Quantity(115.0, "元")) < 0.15
    assert grown.state(grown.measured(Quantity(115.0, "元"))) == "met"


def test_growth_is_value_over_baseline_minus_one_in_any_unit():
    # 1.905 万元 over 12,700 元: 19,050 / 12,700 - 1 = 0.5
    grown = target("grow", 0.5, baseline=Quantity(12_700.0, "元"))
    assert grown.measured(Quantity(1.905, "万元")) == pytest.approx(0.5)
    assert grown.state(grown.measured(Quantity(1.905, "万元"))) == "met"
    # 19,049 / 12,700 - 1 = 0.49992…
    assert grown.state(grown.measured(Quantity(19_049.0, "元"))) == "not_met"


def test_a_figure_of_another_kind_is_no_figure():
    with pytest.raises(UnitError):
        target("at_least", 0.8).measured(Quantity(80.0, "元"))
    with pytest.raises(UnitError):
        target("grow", 0.5, baseline=Quantity(1.0, "元")).measured(Quantity(2.0, "户"))


def test_what_is_lacking_is_named():
    assert target("grow", 0.5).lacking == ("baseline",)
    assert target("grow", 0.5, baseline=Quantity(0.0, "元")).lacking == ("baseline (0)",)
    assert target(None, None).lacking == ("target", "operator")
    assert target("at_least", 0.8).lacking == ()
    assert target("at_least", None).state(0.9) == "not_computable"
    assert target("at_least", 0.8).state(None) == "not_computable"


@pytest.mark.parametrize(
    ("operator", "goal", "before", "below"),
    [
        ("at_least", 0.8, 0.87, True),  # tap water: 80 % asked where 87 % had it
        ("at_least", 0.8, 0.8, False),
        ("at_least", 0.8, 0.5, False),
        ("at_most", 0.09, 0.05, True),  # may rise from 5 to 9 %
        ("at_most", 0.02, 0.05, False),
        ("grow", 0.5, 0.87, False),
        ("grow", -0.1, 0.87, True),
    ],
)
def test_a_target_below_its_baseline_is_pointed_out(operator, goal, before, below):
    found = target(operator, goal, baseline=Quantity(before, "share"))
    assert found.below_baseline is below
    assert target(operator, goal).below_baseline is None


def test_a_baseline_in_another_unit_is_not_compared():
    assert target("at_least", 0.8, baseline=Quantity(12.0, "元")).below_baseline is None


def test_targets_are_read_in_the_unit_figures_are_shown_in():
    layer = table(
        "indicators",
        {"number": 9, "name": "乙", "target": 80.0, "operator": "at_least", "unit": "%",
         "baseline": 87.0, "baseline_year": 2020},
        {"number": 2, "name": "甲", "target": 0.5, "operator": "grow", "unit": "元"},
        {"number": 3, "name": "丙", "target": 12.0, "operator": "at_least", "unit": "km"},
    )  # fmt: skip
    first, third, ninth = read_targets(layer)
    assert [t.number for t in (first, third, ninth)] == [2, 3, 9]
    assert (ninth.goal, ninth.unit, ninth.compared_in) == (0.8, "share", "share")
    assert ninth.below_baseline is True
    assert (first.goal, first.unit, first.compared_in) == (0.5, "元", "share")
    # growth is no target of a recipe, which measures the figure itself
    assert goals(layer) == {"9": 0.8, "3": 12.0}
    assert read_targets(layer, {"9": 0.9})[2].goal == 0.9


def test_shares_have_one_unit_however_written():
    assert [base_unit(u) for u in ("%", "share", "‰", "公里")] == ["share", "share", "share", "km"]


@given(value=SHARES, more=SHARES, goal=SHARES)
def test_states_are_monotone(value, more, goal):
    """A larger figure never loses *at least* and *grow*, nor wins *at most*."""
    low, high = sorted((value, more))
    for operator in ("at_least", "grow"):
        assert is_reached(operator, low, goal) <= is_reached(operator, high, goal)
    assert is_reached("at_most", low, goal) >= is_reached("at_most", high, goal)
    assert is_reached("at_least", goal, goal)
    assert is_reached("at_most", goal, goal)
