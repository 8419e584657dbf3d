"""Streets in villages: a knapsack by hand and by enumeration.

Village  all  hardened  to reach 70 %      cost
   0      10      6        1               5
   1      10      2        5               5
   2       4      0        2.8            20
   3      10      8        0 (done)
   4       0      0        (no streets)
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import DataError
from yanshan_gis.optimisation.budget import Budget
from yanshan_gis.optimisation.in_village import Streets, choose_streets, missing_km

NEED = missing_km([10, 10, 4, 10, 0], [6, 2, 0, 8, 0], 0.7)
COST = np.array([5.0, 5, 20, np.nan, np.nan])
TOWN = np.array([0, 0, 1, 0, 1], np.int32)
ONE = np.ones(5)


def test_what_villages_lack():
    assert NEED[:4].tolist() == pytest.approx([1, 5, 2.8, 0])
    assert np.isnan(NEED[4])


def test_most_villages_within_kilometres_and_money():
    plain = Streets(NEED, ONE)
    found = choose_streets(plain, Budget(km=4))
    assert (found.village.tolist(), found.gain, found.bound, found.gap) == ([0, 2], 2, 2, 0)
    assert found.km == pytest.approx(3.8)
    assert np.isnan(found.cost)
    paid = Streets(NEED, ONE, COST)
    assert choose_streets(paid, Budget(cost=10)).village.tolist() == [0, 1]
    both = choose_streets(paid, Budget(km=6, cost=10))
    assert (both.village.tolist(), both.cost) == ([0, 1], 10)
    assert choose_streets(paid, Budget(km=5, cost=10)).gain == 1
    assert choose_streets(plain, Budget(km=0)).village.tolist() == []
    assert choose_streets(plain, Budget()).village.tolist() == [0, 1, 2]


def test_kilometres_as_gain_take_the_cheapest():
    soft = np.array([4.0, 8, 4, 2, 0])
    streets = Streets(soft, soft, np.array([40.0, 40, 40, 10, 0]))
    assert choose_streets(streets, Budget(cost=50)).village.tolist() == [1, 3]


def test_floors_by_township_and_why_they_fail():
    streets = Streets(NEED, ONE, COST, TOWN)
    found = choose_streets(streets, Budget(km=4), floors=[0, 1])
    assert found.village.tolist() == [0, 2]
    never = choose_streets(streets, Budget(), floors=[3, 2], names=["甲镇", "乙乡"])
    assert (never.status, never.needed) == ("infeasible", None)
    assert [n.values["township"] for n in never.reasons] == ["甲镇", "乙乡"]
    short = choose_streets(streets, Budget(km=3), floors=[1, 1])
    assert short.needed.km == pytest.approx(3.8)
    assert [n.code for n in short.reasons] == ["floors-beyond-km"]
    poor = choose_streets(streets, Budget(cost=24), floors=[1, 1])
    assert poor.needed.cost == 25
    assert [n.code for n in poor.reasons] == ["floors-beyond-cost"]
    # 1 km for 50 or 5 km for 1: each limit alone would do.
    torn = Streets(np.array([1.0, 5]), np.ones(2), np.array([50.0, 1]), np.zeros(2, np.int32))
    found = choose_streets(torn, Budget(km=2, cost=2), floors=[1])
    assert [n.code for n in found.reasons] == ["floors-beyond-both"]


def test_wrong_input_is_named():
    with pytest.raises(DataError, match="weight"):
        Streets(NEED, np.array([1, np.nan, 1, 1, 1]))
    with pytest.raises(DataError, match="costs -5"):
        Streets(NEED, ONE, -COST)
    with pytest.raises(DataError, match="length"):
        missing_km([1, -1], [0, 0], 0.7)
    with pytest.raises(DataError, match="threshold"):
        missing_km([1], [0], np.nan)
    with pytest.raises(DataError, match="no cost"):
        choose_streets(Streets(NEED, ONE), Budget(cost=3))
    Streets(NEED, np.array([1, 1, 1, np.nan, np.nan]))  # nothing to do there, whatever it gains


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            *(st.lists(st.integers(low, 9), min_size=n, max_size=n) for low in (0, 1, 0, 0))
        )
    ),
    st.integers(0, 20),
    st.integers(0, 20),
    st.tuples(st.integers(0, 5), st.integers(0, 5)),
)
def test_as_trying_every_set_of_villages(columns, km, cost, floors):
    need, gain, money, town = (np.array(c, float) for c in columns)
    town = town.astype(np.int32) % 2
    best = None
    for taken in itertools.product([False, True], repeat=len(need)):
        on = np.array(taken) & (need > 0)
        met = all(gain[on & (town == t)].sum() >= floor for t, floor in enumerate(floors))
        if need[on].sum() <= km and money[on].sum() <= cost and met:
            best = max(gain[on].sum(), -1 if best is None else best)
    found = choose_streets(
        Streets(need, gain, money, town), Budget(km, cost), floors=floors, gap=0.0
    )
    assert (None if found.status == "infeasible" else found.gain) == best
    assert bool(found.reasons) == (best is None)
