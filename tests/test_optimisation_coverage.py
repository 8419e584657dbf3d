"""The fewest sites for a share of the demand: by hand, by brute force, and what infeasible says."""

from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from yanshan_gis.methods.cover import partial_cover


def cover(rows, share, *, weights=None, have=None):
    reach = np.array(rows, dtype=bool)
    count = len(reach)
    return partial_cover(
        sp.csr_array(reach),
        np.ones(count) if weights is None else np.array(weights, dtype=float),
        share,
        have=np.zeros(count, dtype=bool) if have is None else np.array(have, dtype=bool),
    )


# Sites A B C over villages 1–5: A reaches 1 2, B reaches 2 3 4, C reaches 4 5.
LINE = [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1]]


def test_one_site_reaches_three_of_five():
    found = cover(LINE, 0.6)
    assert found.status == "optimal"
    assert found.sites.tolist() == [1]
    assert found.covered.tolist() == [False, True, True, True, False]
    assert found.bound == 1


def test_everything_needs_all_three():
    found = cover(LINE, 1.0)
    assert found.sites.tolist() == [0, 1, 2]
    assert found.weight == 5


def test_existing_facility_is_part_of_the_model():
    # Villages 1 and 2 are served; four of five then needs only one more site: B (3, 4).
    found = cover(LINE, 0.8, have=[1, 1, 0, 0, 0])
    assert found.sites.tolist() == [1]
    assert found.weight == 4


def test_target_met_already_asks_for_nothing():
    found = cover(LINE, 0.4, have=[1, 1, 0, 0, 0])
    assert found.status == "not_needed"
    assert found.sites.size == 0


def test_unreachable_demand_makes_it_infeasible_and_says_how_far_it_goes():
    found = cover([[1, 0], [0, 1], [0, 0]], 1.0)
    assert found.status == "infeasible"
    assert found.most == 2


def test_second_solve_takes_the_choice_that_covers_most():
    # One site is enough for 2 of 6; B covers three, A only two.
    rows = [[1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 0]]
    assert cover(rows, 2 / 6).sites.tolist() == [1]


def test_floor_met_up_to_rounding_is_met():
    reach = np.zeros((105, 1), dtype=bool)
    reach[:84, 0] = True
    assert cover(reach, 0.8).sites.tolist() == [0]


def brute_force(reach, weights, share, have):
    needed = share * weights.sum() - 1e-9 * weights.sum()
    for count in range(reach.shape[1] + 1):
        best = max(
            weights[have | reach[:, list(sites)].any(axis=1)].sum()
            for sites in combinations(range(reach.shape[1]), count)
        )
        if best >= needed:
            return count, best
    return None


@pytest.mark.oracle
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 1.0))
def test_equals_brute_force(seed, share):
    random = np.random.default_rng(seed)
    reach = random.random((12, 6)) < 0.25
    weights = random.integers(1, 9, 12).astype(float)
    have = random.random(12) < 0.2
    found = partial_cover(sp.csr_array(reach), weights, share, have=have)
    expected = brute_force(reach, weights, share, have)
    if expected is None:
        assert found.status == "infeasible"
        return
    assert len(found.sites) == expected[0]
    if len(found.sites):
        assert found.weight == expected[1]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 0.9))
def test_scaling_weights_changes_nothing(seed, share):
    random = np.random.default_rng(seed)
    reach = sp.csr_array(random.random((15, 6)) < 0.3)
    weights = random.integers(1, 9, 15).astype(float)
    have = np.zeros(15, dtype=bool)
    once = partial_cover(reach, weights, share, have=have)
    scaled = partial_cover(reach, weights * 1000, share, have=have)
    assert once.status == scaled.status
    assert len(once.sites) == len(scaled.sites)
