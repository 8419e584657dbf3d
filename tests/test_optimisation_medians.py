"""p-median and p-center: by hand, by enumeration, and with proof at size."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import DataError
from yanshan_gis.optimisation import least_minutes
from yanshan_gis.optimisation.centers import p_center, share_within
from yanshan_gis.optimisation.medians import p_median
from yanshan_gis.optimisation.siting import Siting, opened

X = np.nan
SEEDS = st.integers(0, 2**32 - 1)

# A road with villages at km 0, 1, 2, 10 and 11, each a candidate:   0-1-2--------10-11
ROAD = np.array([0.0, 1, 2, 10, 11])
BETWEEN = np.abs(ROAD[:, None] - ROAD[None, :])


def random_town(seed, rows=14, sites=7):
    random = np.random.default_rng(seed)
    minutes = random.integers(0, 30, (rows, sites)).astype(float)
    minutes[random.random((rows, sites)) > 0.6] = np.nan
    return Siting.of(
        minutes,
        random.integers(0, 9, rows).astype(float),
        existing=random.random(sites) < 0.15,
        forbidden=random.random(sites) < 0.15,
    )


def plane(seed, rows, sites):
    random = np.random.default_rng(seed)
    towns = random.random((8, 2)) * 60
    points = towns[random.integers(0, 8, rows)] + random.normal(0, 5, (rows, 2))
    candidates = points[random.choice(rows, sites, replace=False)]
    minutes = np.hypot(*np.moveaxis(points[:, None] - candidates[None], 2, 0))
    return Siting.of(minutes, random.integers(10, 400, rows))


def by_enumeration(siting, count, measure):
    free, found = np.flatnonzero(siting.free), []
    for k in range(min(count, len(free)) + 1):
        for sites in combinations(free, k):
            minutes = siting.nearest(opened(siting, np.array(sites, dtype=int)))[1]
            minutes, weights = minutes[siting.demand], siting.weights[siting.demand]
            if not np.isnan(minutes).any():
                found.append(measure(minutes, weights))
    return min(found) if found else None


def test_one_median_is_the_middle_village_and_two_split_the_road():
    one = p_median(Siting.of(BETWEEN), 1)
    assert one.chosen.tolist() == [2]  # 2 + 1 + 0 + 8 + 9
    assert one.objective == one.bound == 20
    two = p_median(Siting.of(BETWEEN), 2)
    assert two.chosen.tolist() in ([1, 3], [1, 4])  # 1 + 0 + 1 + 0 + 1
    assert two.objective == two.weighted_minutes == 3
    assert two.gap == 0


def test_weights_pull_the_median():
    assert p_median(Siting.of(BETWEEN, [1, 1, 1, 1, 9]), 1).chosen.tolist() == [4]


def test_existing_sites_are_kept_and_forbidden_ones_left():
    kept = p_median(Siting.of(BETWEEN, existing=ROAD == 0), 1)
    assert kept.chosen.tolist() in ([3], [4])
    assert kept.objective == 0 + 1 + 2 + 0 + 1
    assert kept.assignment[:3].tolist() == [0, 0, 0]
    left = p_median(Siting.of(BETWEEN, forbidden=ROAD == 2), 1)
    assert left.chosen.tolist() == [1]  # 1 + 0 + 1 + 9 + 10 = 21; km 10 has 9 + 8 + 10 + 1
    assert left.objective == 21


def test_demand_that_nobody_reaches_makes_it_infeasible():
    lost = BETWEEN.copy()
    lost[3] = np.nan
    found = p_median(Siting.of(lost), 2)
    assert (found.status, found.chosen.size) == ("infeasible", 0)
    assert np.isnan(found.objective)
    weights = [1, 1, 1, 0, 1]  # unless nobody lives there
    assert p_median(Siting.of(lost, weights), 2).status == "optimal"
    assert p_center(Siting.of(lost), 2).status == "infeasible"


def test_two_valleys_without_a_road_between_take_two_sites():
    valleys = np.where(BETWEEN > 5, np.nan, BETWEEN)
    assert p_median(Siting.of(valleys), 1).status == "infeasible"
    assert p_center(Siting.of(valleys), 1).status == "infeasible"
    assert p_median(Siting.of(valleys), 2).objective == 3
    assert p_center(Siting.of(valleys), 2).objective == 1


def test_one_village_no_demand_and_no_candidate():
    assert p_median(Siting.of([[0.0]]), 3).chosen.tolist() == [0]
    assert p_median(Siting.of([[0.0]]), 3).gap == 0
    assert p_center(Siting.of([[4.0]]), 1).objective == 4
    for solve in (p_median, p_center):
        assert solve(Siting.of(BETWEEN, np.zeros(5)), 1).status == "not_needed"
        assert solve(Siting.of(np.empty((2, 0))), 1).status == "infeasible"
        assert solve(Siting.of(BETWEEN), 0).status == "infeasible"
        assert solve(Siting.of(BETWEEN, existing=ROAD == 2), 0).chosen.size == 0
        with pytest.raises(DataError):
            solve(Siting.of(BETWEEN), -1)


def test_more_sites_than_anybody_needs():
    found = p_median(Siting.of(BETWEEN[:2]), 5)
    assert found.chosen.tolist() == [0, 1]
    assert found.objective == found.gap == 0


def test_centers_by_hand():
    one = p_center(Siting.of(BETWEEN), 1)
    assert one.chosen.tolist() == [2]  # km 2 has 9 to the farthest, km 10 has 10
    assert one.objective == one.bound == 9
    two = p_center(Siting.of(BETWEEN), 2)
    assert two.objective == 1
    # Of the sites within 1 km, weights decide: the last village is the larger one.
    assert p_center(Siting.of(BETWEEN, [1, 1, 1, 1, 2]), 2).chosen.tolist() == [1, 4]


def test_share_within():
    minutes, weights = np.array([5, 1, np.nan, 3]), np.array([2.0, 1, 4, 1])
    assert share_within(minutes, weights, 0.25) == 3
    assert share_within(minutes, weights, 0.5) == 5
    assert np.isnan(share_within(minutes, weights, 0.6))
    assert share_within(minutes, weights, 0) == 0


@pytest.mark.oracle
@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(0, 5), st.booleans())
@example(83, 1, False)  # its bound is below the minutes by rounding alone
def test_p_median_equals_enumeration(seed, count, compiled):
    siting = random_town(seed)
    expected = by_enumeration(siting, count, lambda minutes, weights: weights @ minutes)
    with pytest.MonkeyPatch.context() as patch:
        if compiled:
            patch.setattr(least_minutes, "WORTH_COMPILING", 0)
        found = p_median(siting, count, gap=0.0)
    if expected is None:
        assert found.status == "infeasible"
    else:
        assert found.status == "optimal"
        assert found.objective == pytest.approx(expected)
        assert found.bound == pytest.approx(expected)


@pytest.mark.oracle
@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(0, 5))
def test_p_center_equals_enumeration(seed, count):
    siting = random_town(seed)
    expected = by_enumeration(siting, count, lambda minutes, _: minutes.max(initial=0))
    found = p_center(siting, count)
    if expected is None:
        assert found.status == "infeasible"
    elif siting.demand.any():
        assert (found.status, found.objective, found.bound) == ("optimal", expected, expected)
        served = found.minutes[siting.demand]
        assert served.max() == expected


def test_a_town_of_size_is_proven():
    siting = plane(3, 300, 100)
    for count in (3, 12, 40):
        found = p_median(siting, count)
        assert found.status == "optimal"
        assert 0 <= found.gap <= 1e-6
        assert found.weighted_minutes == found.objective
        assert len(found.chosen) == count


def test_the_compiled_search_finds_what_highs_finds(monkeypatch):
    siting = plane(8, 60, 30)
    expected = p_median(siting, 5)
    monkeypatch.setattr(least_minutes, "WORTH_COMPILING", 0)
    found = p_median(siting, 5)
    assert found.chosen.tolist() == expected.chosen.tolist()
    assert found.objective == expected.objective


def test_monotone_and_the_same_under_scale_and_order():
    siting = plane(5, 200, 60)
    values = [p_median(siting, count).objective for count in (1, 2, 4, 8)]
    assert values == sorted(values, reverse=True)
    radii = [p_center(siting, count, least_minutes=False).objective for count in (1, 2, 4, 8)]
    assert radii == sorted(radii, reverse=True)
    order = np.random.default_rng(0).permutation(200)
    once = p_median(siting, 6)
    turned = p_median(Siting.of(siting.minutes[order], siting.weights[order] * 1000), 6)
    assert once.chosen.tolist() == turned.chosen.tolist()
    assert turned.objective == pytest.approx(1000 * once.objective)


def test_a_time_limit_keeps_the_best_choice_and_its_bound():
    found = p_median(plane(1, 400, 150), 20, gap=0.0, time_limit_s=0.0)
    assert found.status == "time_limit"
    assert len(found.chosen) == 20
    assert 0 < found.bound < found.objective
    heard = []
    p_median(plane(1, 400, 150), 20, listener=lambda best, bound: heard.append((best, bound)))
    assert heard
    assert all(bound <= best for best, bound in heard)
