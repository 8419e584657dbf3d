"""Roads and sites for one budget: a worked town, and every choice tried on random small ones.

place A (weight 3) --- road 1, 20 min now, 8 built, cost 4 --- M --- 5 min --- goal (existing site)
place B (weight 2) --- road 2, 30 min now, 6 built, cost 4 --- M
place C (weight 4) --- no road; a site at C opens for 5
20 min allowed. Today A takes 25, B 35, C for ever. With road 1 A takes 13, with road 2 B takes 11.

budget 3: nothing   4: A (3)   5: C (4)   8: A and B (5)   9: A and C (7)   13: all (9)
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.optimisation.improvable import Improvable
from yanshan_gis.optimisation.joint_choice import choose_together

NEVER = np.inf


def network(links, cost, place, allowed, weight, nodes, both=True):
    """Build from ``(tail, head, now, built, improvement)``; the goal is the last node."""
    rows = [(a, b, *rest) for a, b, *rest in links]
    if both:
        rows += [(b, a, *rest) for a, b, *rest in links if nodes - 1 not in (a, b)]
    tail, head, now, built, number = (np.array(column) for column in zip(*rows, strict=True))
    return Improvable(
        nodes, tail, head, now.astype(float), built.astype(float), number,
        np.array(cost, dtype=float), np.array(place), np.array(allowed, dtype=float),
        np.array(weight, dtype=float),
    )  # fmt: skip


A, B, C, M, GOAL = range(5)
TOWN = network(
    [(A, M, 20, 8, 0), (B, M, 30, 6, 1), (M, GOAL, 5, 5, -1), (C, GOAL, NEVER, 1, 2)],
    [4, 4, 5], [A, B, C], [20, 20, 20], [3, 2, 4], 5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("budget", "chosen", "gain"),
    [(3, [], 0), (4, [0], 3), (5, [2], 4), (8, [0, 1], 5), (9, [0, 2], 7), (13, [0, 1, 2], 9)],
)
def test_the_worked_town(budget, chosen, gain):
    found = choose_together(TOWN, budget)
    assert (found.status, list(found.chosen), found.gain, found.bound) == (
        "optimal", chosen, gain, gain,
    )  # fmt: skip
    assert found.within.tolist() == [0 in chosen, 1 in chosen, 2 in chosen]


def test_places_within_today_are_no_gain_and_cost_nothing():
    town = network([(A, M, 1, 1, -1), (M, GOAL, 5, 2, 0), (B, M, 30, 6, 1), (C, M, 99, 90, 2)],
                   [1, 1, 1], [A, B, C], [20, 20, 20], [3, 2, 4], 5)  # fmt: skip
    found = choose_together(town, 10)
    assert (found.gain, list(found.chosen)) == (2, [1])  # C is beyond, whatever is built
    assert found.within.tolist() == [True, True, False]


def test_what_costs_more_than_the_budget_or_for_ever_is_not_chosen():
    town = network([(0, 1, NEVER, 1, 0), (0, 1, NEVER, 2, 1)], [np.inf, 7], [0], [5], [1], 2)
    assert list(choose_together(town, 7).chosen) == [1]
    assert choose_together(town, 6).gain == 0


def test_a_limit_met_to_the_minute_is_met():
    town = network([(0, 1, 30, 20, 0)], [1], [0], [20], [1], 2)
    assert choose_together(town, 1).gain == 1


def test_places_that_may_take_no_time_or_less_are_asked_all_the_same():
    town = network([(0, 2, 5, 0, 0), (1, 2, 5, 0, 1)], [1, 1], [0, 1], [0, -1], [1, 1], 3)
    found = choose_together(town, 2)
    assert (found.status, found.gain, list(found.chosen)) == ("optimal", 1, [0])
    assert choose_together(town, 0).gain == 0


def test_without_time_the_bound_holds_still():
    found = choose_together(TOWN, 9, time_limit_s=0.0)
    assert found.gain <= 7 <= found.bound
    assert (found.status == "optimal") == (found.gain == found.bound)


def best_of_all(town, budget):
    """Try every choice."""
    before = town.within(np.zeros(len(town.cost)))
    best = 0.0
    for choice in itertools.product([0.0, 1.0], repeat=len(town.cost)):
        share = np.array(choice)
        if town.cost @ share <= budget:
            gain = town.weight[town.within(share) & ~before].sum()
            best = max(best, float(gain))
    return best


@st.composite
def towns(draw):
    """A random road network of up to eight improvements, sites and roads, one-ways too."""
    nodes = draw(st.integers(3, 7))
    goal = nodes - 1
    minute = st.integers(1, 12)
    links, cost = [], []
    for _ in range(draw(st.integers(2, 9))):
        a, b = draw(st.integers(0, goal - 1)), draw(st.integers(0, goal - 1))
        now = draw(minute)
        if a == b:
            continue
        if len(cost) < 5 and draw(st.booleans()):
            built = draw(st.integers(1, now))
            links.append((a, b, now, built, len(cost)))
            if draw(st.booleans()):
                links.append((b, a, now + 1, built, len(cost)))
            cost.append(draw(st.integers(1, 5)))
        else:
            links += [(a, b, now, now, -1), (b, a, now, now, -1)]
    links.append((draw(st.integers(0, goal - 1)), goal, *[draw(minute)] * 2, -1))
    for _ in range(draw(st.integers(0, 3))):
        links.append((draw(st.integers(0, goal - 1)), goal, NEVER, draw(minute), len(cost)))
        cost.append(draw(st.integers(1, 5)))
    count = draw(st.integers(1, 5))
    places = draw(st.lists(st.integers(0, goal - 1), min_size=count, max_size=count))
    weight = draw(st.lists(st.integers(0, 6), min_size=count, max_size=count))
    allowed = draw(st.lists(st.integers(-1, 20), min_size=count, max_size=count))
    return network(links, cost, places, allowed, weight, nodes, both=False)


@settings(max_examples=150, deadline=None)
@given(towns(), st.integers(0, 15))
def test_no_choice_is_better_than_the_one_found(town, budget):
    found = choose_together(town, budget)
    assert found.status == "optimal"
    assert found.gain == found.bound == best_of_all(town, budget)
    share = np.zeros(len(town.cost))
    share[found.chosen] = 1.0
    assert town.cost @ share <= budget
    assert np.array_equal(found.within, town.within(share))
    before = town.within(np.zeros(len(town.cost)))
    assert town.weight[found.within & ~before].sum() == found.gain
    for one in found.chosen:  # and none of it is idle
        less = share.copy()
        less[one] = 0.0
        assert np.any(town.within(share) & ~town.within(less))


@settings(max_examples=100, deadline=None)
@given(towns(), st.data(), st.sampled_from([1.0, 0.3, 0.05]))
def test_rows_hold_for_every_choice_that_brings_a_place_within(town, data, part):
    size = len(town.cost)
    share = np.array(data.draw(st.lists(st.floats(0, 1), min_size=size, max_size=size)))
    rows, places = town.lacks(share, np.arange(len(town.place)), part)
    table = rows.toarray()
    for choice in itertools.product([0.0, 1.0], repeat=size):
        within = town.within(np.array(choice))
        for row, place in zip(table, places, strict=True):
            if within[place]:
                assert row @ np.array(choice) >= 1 - 1e-6


@settings(max_examples=60, deadline=None)
@given(towns(), st.integers(0, 10), st.integers(0, 10))
def test_more_money_never_gains_less(town, budget, more):
    assert choose_together(town, budget).gain <= choose_together(town, budget + more).gain
