"""Capacitated and backup cover: by hand and by enumeration."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import DataError
from yanshan_gis.optimisation.backup import backup_cover, times_reached
from yanshan_gis.optimisation.capacities import capacitated_cover
from yanshan_gis.optimisation.siting import Siting, opened

X = np.nan
SEEDS = st.integers(0, 2**32 - 1)


def test_a_store_serves_no_more_than_it_holds():
    # One store for 10 t; villages bring 6, 5 and 4 t. 6 + 4 fill it; 6 + 5 do not fit.
    siting = Siting.of([[1.0], [2.0], [3.0]], [6, 5, 4], capacities=[10])
    found = capacitated_cover(siting, 1)
    assert found.status == "optimal"
    assert found.assignment.tolist() == [0, -1, 0]
    assert found.covered.tolist() == [True, False, True]
    assert found.objective == found.bound == found.weight == 10
    assert found.weighted_minutes == 6 * 1 + 4 * 3


def test_the_nearest_store_is_not_always_the_one_that_has_room():
    # Both villages are nearer to A, which holds one of them: the larger one saves more there.
    siting = Siting.of([[1.0, 9.0], [1.0, 9.0]], [5, 3], capacities=[5, np.inf])
    found = capacitated_cover(siting, 2)
    assert found.assignment.tolist() == [0, 1]
    assert found.minutes.tolist() == [1, 9]


def test_existing_stores_have_capacities_too():
    siting = Siting.of([[1.0, 2.0], [1.0, 2.0]], [4, 4], existing=[True, False], capacities=[5, 5])
    assert capacitated_cover(siting, 0).objective == 4
    found = capacitated_cover(siting, 1)
    assert found.chosen.tolist() == [1]
    assert found.objective == 8


def test_a_village_larger_than_any_store_stays_without():
    siting = Siting.of([[1.0]], [6], capacities=[5])
    found = capacitated_cover(siting, 1)
    assert (found.status, found.chosen.size) == ("infeasible", 0)
    assert capacitated_cover(Siting.of([[X]], [6]), 1).status == "infeasible"
    assert capacitated_cover(Siting.of([[1.0]], [0]), 1).status == "not_needed"
    with pytest.raises(DataError):
        capacitated_cover(siting, -2)


def capacitated_by_enumeration(siting, budget):
    """Largest weight, then least weighted minutes, over all assignments."""
    dense = np.full(siting.minutes.shape, np.nan)
    row, site, minutes = siting.pairs(siting.existing | siting.free)
    dense[row, site] = minutes
    options = [[-1, *np.flatnonzero(~np.isnan(line))] for line in dense]
    best = (0.0, 0.0)
    for assignment in product(*options):
        used = {site for site in assignment if site >= 0 and not siting.existing[site]}
        if siting.costs[list(used)].sum() > budget:
            continue
        served = np.zeros(dense.shape[1])
        weight = time = 0.0
        for village, site in enumerate(assignment):
            if site >= 0:
                served[site] += siting.weights[village]
                weight += siting.weights[village]
                time += siting.weights[village] * dense[village, site]
        if np.all(served <= siting.capacities):
            best = min(best, (-weight, time))
    return best


@pytest.mark.oracle
@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(0, 4))
def test_capacitated_cover_equals_enumeration(seed, budget):
    random = np.random.default_rng(seed)
    minutes = random.integers(0, 9, (5, 4)).astype(float)
    minutes[random.random((5, 4)) > 0.6] = np.nan
    siting = Siting.of(
        minutes, random.integers(0, 6, 5), existing=random.random(4) < 0.2,
        forbidden=random.random(4) < 0.2, costs=random.integers(1, 3, 4),
        capacities=random.integers(2, 10, 4),
    )  # fmt: skip
    found = capacitated_cover(siting, budget=budget)
    weight, time = capacitated_by_enumeration(siting, budget)
    assert found.weight == -weight
    if found.status == "optimal":
        assert found.weighted_minutes == pytest.approx(time)
        loads = np.bincount(found.assignment[found.covered],
                            siting.weights[found.covered], minlength=4)  # fmt: skip
        assert np.all(loads <= siting.capacities)


def test_backup_reaches_all_once_and_the_most_twice():
    # A reaches 1 2, B reaches 2 3, C reaches 1 2 3. Two sites: C and A (1 2 twice) or C and B.
    minutes = [[1, X, 1], [1, 1, 1], [X, 1, 1]]
    found = backup_cover(Siting.of(minutes, [5, 1, 2]), 2)
    assert found.chosen.tolist() == [0, 2]
    assert (found.status, found.objective, found.bound, found.weight) == ("optimal", 6, 6, 8)
    assert backup_cover(Siting.of(minutes, [5, 1, 2]), 3).objective == 8


def test_backup_counts_existing_sites():
    minutes = [[1, X, 1], [1, 1, 1], [X, 1, 1]]
    found = backup_cover(Siting.of(minutes, existing=[False, False, True]), 1)
    assert found.chosen.size == 1
    assert found.objective == 2
    both = backup_cover(Siting.of([[1, 1, 1]], existing=[True, True, False]), 1)
    assert both.status == "not_needed"


def test_backup_is_infeasible_where_once_is():
    assert backup_cover(Siting.of([[1, X], [X, 1]]), 1).status == "infeasible"
    assert backup_cover(Siting.of([[1, X], [X, X]]), 2).status == "infeasible"
    # One site is enough for all of them once, and nobody can be reached twice.
    found = backup_cover(Siting.of([[1.0], [1.0]]), 1)
    assert (found.status, found.objective) == ("optimal", 0)


@pytest.mark.oracle
@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(0, 5))
def test_backup_equals_enumeration(seed, count):
    random = np.random.default_rng(seed)
    minutes = random.random((8, 6))
    minutes[random.random((8, 6)) > 0.5] = np.nan
    siting = Siting.of(minutes, random.integers(0, 9, 8), existing=random.random(6) < 0.15)
    free, best = np.flatnonzero(siting.free), []
    for size in range(min(count, len(free)) + 1):
        for sites in combinations(free, size):
            counts = times_reached(siting, opened(siting, np.array(sites, dtype=int)))
            if counts[siting.demand].min(initial=9) >= 1:
                best.append(siting.weights[counts >= 2].sum())
    found = backup_cover(siting, count)
    if not best:
        assert found.status == "infeasible"
    else:
        assert found.objective == max(best)
        assert found.bound == found.objective
