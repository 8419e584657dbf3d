"""Set, partial and maximal cover: by hand, by enumeration, and what other tools get wrong."""

from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import DataError
from yanshan_gis.optimisation import covers
from yanshan_gis.optimisation.coverage import maximal_cover, partial_cover, set_cover
from yanshan_gis.optimisation.siting import Siting, opened

# Sites A B C over villages 1–5, minutes; dots are out of reach.
#        A   B   C
# 1      5   .   .
# 2     10   5   .
# 3      .   0   .
# 4      .   5  10
# 5      .   .   5
X = np.nan
LINE = [[5, X, X], [10, 5, X], [X, 0, X], [X, 5, 10], [X, X, 5]]


def town(rows=LINE, weights=None, **more):
    return Siting.of(np.array(rows, dtype=float), weights, **more)


def random_town(seed, *, rows=12, sites=6, weights=9, have=0.15, forbidden=0.15):
    random = np.random.default_rng(seed)
    minutes = random.integers(0, 20, (rows, sites)).astype(float)
    minutes[random.random((rows, sites)) > 0.3] = np.nan
    return Siting.of(
        minutes,
        random.integers(0, weights, rows).astype(float),
        existing=random.random(sites) < have,
        forbidden=random.random(sites) < forbidden,
        costs=random.integers(1, 4, sites).astype(float),
    )


def choices(siting):
    free = np.flatnonzero(siting.free)
    for count in range(len(free) + 1):
        for sites in combinations(free, count):
            yield np.array(sites, dtype=np.int64)


def measured(siting, chosen):
    minutes = siting.nearest(opened(siting, chosen))[1]
    covered = ~np.isnan(minutes)
    weight = siting.weights[covered].sum()
    return siting.costs[chosen].sum(), weight, siting.weights[covered] @ minutes[covered]


def by_enumeration_partial(siting, share):
    """Cheapest, then most covered, then least weighted minutes."""
    needed = share * siting.total * (1 - 1e-9)
    found = [measured(siting, chosen) for chosen in choices(siting)]
    enough = [(cost, -weight, minutes) for cost, weight, minutes in found if weight >= needed]
    return min(enough) if enough else None


def by_enumeration_maximal(siting, budget):
    found = [measured(siting, chosen) for chosen in choices(siting)]
    return min((-weight, minutes) for cost, weight, minutes in found if cost <= budget)


def test_one_site_reaches_three_of_five():
    found = partial_cover(town(), 0.6)
    assert found.status == "optimal"
    assert found.chosen.tolist() == [1]
    assert found.covered.tolist() == [False, True, True, True, False]
    assert (found.objective, found.bound, found.gap, found.weight) == (1, 1, 0, 3)
    assert found.weighted_minutes == found.minutes_bound == 5 + 0 + 5


def test_everybody_takes_two_sites_at_the_ends_and_the_middle_one():
    found = set_cover(town())
    assert found.chosen.tolist() == [0, 1, 2]
    assert found.assignment.tolist() == [0, 1, 1, 1, 2]
    assert found.minutes.tolist() == [5, 5, 0, 5, 5]
    assert found.share == 1


def test_a_village_beside_its_site_is_reached_in_no_minutes():
    # Zero minutes are stored: a sparse array must not take them for "no way".
    stored = sp.coo_array(([0.0, 3.0], ([0, 1], [0, 1])), shape=(2, 2))
    found = set_cover(Siting.of(stored))
    assert found.chosen.tolist() == [0, 1]
    assert found.minutes.tolist() == [0, 3]
    assert set_cover(town([[0.0]])).chosen.tolist() == [0]


def test_the_same_pair_twice_is_not_summed():
    twice = sp.coo_array(([5.0, 7.0], ([0, 0], [0, 0])), shape=(1, 1))
    assert set_cover(Siting.of(twice)).minutes.tolist() == [5]


def test_existing_sites_are_part_of_the_model():
    # A is open and serves 1 and 2: for four of five one more is enough, B. Added afterwards, the
    # same question would have opened B first and A beside it.
    found = partial_cover(town(existing=[True, False, False]), 0.8)
    assert found.chosen.tolist() == [1]
    assert found.objective == 1
    assert found.weight == 4


def test_target_met_already_asks_for_nothing():
    found = partial_cover(town(existing=[True, False, False]), 0.4)
    assert found.status == "not_needed"
    assert found.chosen.size == 0
    assert found.weight == 2
    assert maximal_cover(town([[1.0]], existing=[True]), 1).status == "not_needed"


def test_forbidden_sites_are_never_chosen_but_stay_open_where_they_exist():
    forbidden = [False, True, False]
    assert maximal_cover(town(forbidden=forbidden), 3).chosen.tolist() == [0, 2]
    assert set_cover(town(forbidden=forbidden)).status == "infeasible"  # 3 is out of reach then
    found = set_cover(town(forbidden=forbidden, existing=forbidden))
    assert found.chosen.tolist() == [0, 2]
    assert found.assignment.tolist() == [0, 1, 1, 1, 2]


def test_an_infeasible_cover_has_no_answer():
    for found in (set_cover(town([[1, X], [X, 1], [X, X]])), partial_cover(town([[1], [X]]), 0.9)):
        assert found.status == "infeasible"
        assert found.chosen.size == 0
        assert np.isnan(found.objective)
        assert np.isnan(found.gap)


def test_no_candidate_is_infeasible_too():
    for siting in (town(np.empty((3, 0))), town(forbidden=[True] * 3), town([[X, X]])):
        assert set_cover(siting).status == "infeasible"
        assert partial_cover(siting, 0.5).status == "infeasible"
        found = maximal_cover(siting, 2)
        assert (found.status, found.chosen.size, found.bound) == ("infeasible", 0, 0)


def test_shares_are_of_the_weight_and_not_of_the_villages():
    # One of three villages holds 998 of 1000 people: one site covers 99.8 %, not 33 %.
    siting = town([[1, X, X], [X, 1, X], [X, X, 1]], [998, 1, 1])
    found = maximal_cover(siting, 1)
    assert found.share == 0.998
    assert found.covered.sum() == 1
    assert partial_cover(siting, 0.99).chosen.tolist() == [0]


def test_floor_met_up_to_rounding_is_met():
    reach = np.full((105, 1), X)
    reach[:84, 0] = 1
    assert partial_cover(town(reach), 0.8).chosen.tolist() == [0]


def test_cheapest_is_not_fewest():
    # A reaches both for 5; B and C reach one each for 2.
    siting = town([[1, 1, X], [1, X, 1]], costs=[5, 2, 2])
    found = set_cover(siting)
    assert found.chosen.tolist() == [1, 2]
    assert (found.objective, found.bound) == (4, 4)
    assert maximal_cover(siting, budget=3).chosen.tolist() in ([1], [2])
    assert maximal_cover(siting, 1).chosen.tolist() == [0]  # counted, costs play no part


def test_second_solve_takes_the_choice_that_covers_most():
    # One site is enough for 2 of 6; B covers three, A only two.
    rows = [[1, X], [1, X], [X, 9], [X, 9], [X, 9], [X, X]]
    assert partial_cover(town(rows), 2 / 6).chosen.tolist() == [1]


def test_and_then_the_least_weighted_minutes():
    # A and B reach the same two villages; B is nearer to the one with more people.
    siting = town([[2, 9], [9, 2]], [1, 3])
    assert set_cover(siting).chosen.tolist() == [1]
    assert set_cover(siting).weighted_minutes == 9 + 6
    assert maximal_cover(siting, 1).chosen.tolist() == [1]


def test_of_equally_near_sites_the_first_serves():
    assert set_cover(town([[4, 4, X], [1, X, X], [X, 1, X]])).assignment.tolist() == [0, 0, 1]


def test_sites_that_nobody_needs_are_not_opened():
    found = maximal_cover(town([[3, 3, 4]]), 3)
    assert found.chosen.size == 1
    assert found.minutes.tolist() == [3]
    assert maximal_cover(town(), 0).chosen.size == 0


def test_a_village_without_weight_asks_for_nothing():
    siting = town([[1, X], [X, X]], [3, 0])
    assert set_cover(siting).chosen.tolist() == [0]
    nobody = town(weights=np.zeros(5))
    assert partial_cover(nobody, 1.0).status == "not_needed"
    assert maximal_cover(nobody, 1).status == "not_needed"
    assert np.isnan(maximal_cover(nobody, 1).share)


@pytest.mark.parametrize("field", ["weights", "costs", "capacities"])
@pytest.mark.parametrize("wrong", [np.nan, -1.0])
def test_missing_and_negative_numbers_are_refused(field, wrong):
    size = 5 if field == "weights" else 3
    values = np.ones(size)
    values[2] = wrong
    with pytest.raises(DataError, match=f"{field}: 1 .*position 2"):
        town(**{field: values})


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="minutes: 1 values"):
        town([[1, -2]])
    with pytest.raises(DataError, match=r"weights: 4 .* 5 are needed"):
        town(weights=np.ones(4))
    with pytest.raises(DataError, match="weights"):
        town(weights=[1, 1, 1, 1, np.inf])
    with pytest.raises(DataError, match="dimensions"):
        town([1, 2, 3])
    with pytest.raises(DataError, match="between 0 and 1"):
        partial_cover(town(), 80)
    with pytest.raises(DataError, match="below 0"):
        maximal_cover(town(), -1)
    with pytest.raises(DataError, match="below 0"):
        maximal_cover(town(), budget=np.nan)


SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.oracle
@settings(max_examples=60, deadline=None)
@given(SEEDS, st.floats(0.1, 1.0))
def test_partial_cover_equals_enumeration(seed, share):
    siting = random_town(seed)
    found, expected = partial_cover(siting, share), by_enumeration_partial(siting, share)
    if expected is None:
        assert found.status == "infeasible"
    elif expected[0] == 0:
        assert found.status == "not_needed"
    else:
        assert found.status == "optimal"
        assert (found.objective, -found.weight) == expected[:2]
        assert found.objective == found.bound == siting.costs[found.chosen].sum()
        assert found.weighted_minutes == pytest.approx(expected[2])
        assert found.minutes_gap == pytest.approx(0, abs=1e-6)


@pytest.mark.oracle
@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(0, 6))
def test_maximal_cover_equals_enumeration(seed, budget):
    siting = random_town(seed)
    found, expected = maximal_cover(siting, budget=budget), by_enumeration_maximal(siting, budget)
    assert found.weight == -expected[0]
    if found.status == "optimal":
        assert found.objective == found.bound == -expected[0]
        assert found.weighted_minutes == pytest.approx(expected[1])


@pytest.mark.oracle
@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(1, 6))
def test_prices_and_branching_give_what_highs_gives(seed, count):
    siting = random_town(seed, rows=40, sites=15)
    expected = maximal_cover(siting, count)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(covers, "WORTH_COMPILING", 0)
        found = maximal_cover(siting, count)
    assert (found.status, found.weight) == (expected.status, expected.weight)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.floats(0.1, 0.9), st.sampled_from([1000.0, 0.001, 7.3]))
def test_scaling_weights_changes_nothing(seed, share, factor):
    siting = random_town(seed, rows=20)
    scaled = Siting.of(
        siting.minutes, siting.weights * factor, existing=siting.existing,
        forbidden=siting.forbidden, costs=siting.costs,
    )  # fmt: skip
    once, again = partial_cover(siting, share), partial_cover(scaled, share)
    assert once.status == again.status
    assert np.array_equal(once.objective, again.objective, equal_nan=True)
    assert again.weight == pytest.approx(once.weight * factor)
    assert again.weighted_minutes == pytest.approx(once.weighted_minutes * factor)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.floats(0.1, 1.0))
def test_row_order_changes_nothing(seed, share):
    siting = random_town(seed, rows=20)
    order = np.random.default_rng(seed).permutation(20)
    turned = Siting.of(
        siting.minutes[order], siting.weights[order], existing=siting.existing,
        forbidden=siting.forbidden, costs=siting.costs,
    )  # fmt: skip
    once, again = partial_cover(siting, share), partial_cover(turned, share)
    assert once.status == again.status
    assert np.array_equal(once.objective, again.objective, equal_nan=True)
    assert once.weighted_minutes == pytest.approx(again.weighted_minutes)
    once, again = maximal_cover(siting, 2), maximal_cover(turned, 2)
    assert once.weight == again.weight
    assert once.weighted_minutes == pytest.approx(again.weighted_minutes)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_more_sites_and_a_longer_reach_never_cover_less(seed):
    siting = random_town(seed, rows=20)
    by_count = [maximal_cover(siting, count).weight for count in range(5)]
    assert by_count == sorted(by_count)
    by_reach = [maximal_cover(siting.within(reach), 2).weight for reach in (0, 5, 10, 20)]
    assert by_reach == sorted(by_reach)
    needed = [partial_cover(siting.within(reach), 0.3).objective for reach in (20, 10, 5)]
    assert [n for n in needed if n == n] == sorted(n for n in needed if n == n)


def test_a_time_limit_keeps_a_choice_and_its_bound():
    random = np.random.default_rng(0)
    points, sites = random.random((600, 1, 2)), random.random((1, 200, 2))
    siting = Siting.of(np.hypot(*np.moveaxis(points - sites, 2, 0)), limit_min=0.12)
    found = partial_cover(siting, 0.95, least_minutes=False, time_limit_s=0.0)
    assert found.status == "time_limit"
    assert found.share >= 0.95
    assert found.bound < found.objective
    found = maximal_cover(siting, 12, least_minutes=False, time_limit_s=0.0)
    assert found.status == "time_limit"
    assert found.weight < found.bound <= 600
