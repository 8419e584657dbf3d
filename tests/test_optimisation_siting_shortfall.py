"""What an infeasible question lacks: who, how far, and what would be enough."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.optimisation.coverage import maximal_cover, partial_cover
from yanshan_gis.optimisation.siting import Siting
from yanshan_gis.optimisation.siting_shortfall import shortfall

X = np.nan

# Villages at km 0, 1, 2, 10, 11 of a road and one without a road; candidates at km 0, 2 and 10.
ROAD, SITES = np.array([0.0, 1, 2, 10, 11]), np.array([0.0, 2, 10])
MINUTES = np.vstack([np.abs(ROAD[:, None] - SITES[None, :]), [X, X, X]])


def test_who_is_out_of_reach_and_how_far_the_nearest_candidate_is():
    found = shortfall(Siting.of(MINUTES), 0.5, share=0.5)
    assert found.rows.tolist() == [1, 4, 5]
    assert found.nearest.tolist() == [0, 2, -1]
    np.testing.assert_array_equal(found.minutes, [1, 1, np.nan])


def test_what_would_be_enough():
    siting = Siting.of(MINUTES)
    # Within 1 km, km 0 and km 2 need a site each, km 10 a third; two sites reach four of six.
    found = shortfall(siting, 1.0, share=5 / 6, count=2)
    assert found.needed == found.needed_bound == 3
    assert found.radius == found.radius_bound == 2  # km 0 or 2, and km 10, reach all within 2
    assert found.share == found.share_bound == 4 / 6
    # Everybody can never be reached: no radius and no number will do.
    never = shortfall(siting, 1.0, share=1.0, count=2)
    assert np.isnan(never.radius)
    assert np.isinf(never.radius_bound)
    assert np.isnan(never.needed)


def test_without_a_number_the_radius_is_the_farthest_of_the_nearest():
    found = shortfall(Siting.of(MINUTES[:5]), 0.5)
    assert found.radius == 1
    assert np.isnan(found.needed)
    assert found.share == found.share_bound == 3 / 5


def test_money_instead_of_number():
    siting = Siting.of(MINUTES[:5], costs=[5, 1, 3])
    found = shortfall(siting, 1.0, budget=4.0)
    assert found.needed == found.needed_bound == 9  # all three
    assert found.radius == 2  # km 2 and km 10 together cost 4
    assert found.share == 4 / 5


def test_existing_sites_count_and_forbidden_ones_do_not():
    siting = Siting.of(MINUTES[:5], existing=SITES == 10, forbidden=SITES == 0)
    found = shortfall(siting, 1.0, count=1)
    assert found.rows.tolist() == [0]
    assert found.nearest.tolist() == [1]
    assert found.radius == 2


def test_nobody_asks():
    found = shortfall(Siting.of(MINUTES, np.zeros(6)), 1.0)
    assert found.rows.size == 0
    assert (found.radius, found.needed) == (0, 0)
    assert np.isnan(found.share)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.floats(0.3, 1.0))
def test_the_facts_are_tight(seed, count, share):
    random = np.random.default_rng(seed)
    minutes = random.integers(0, 30, (10, 6)).astype(float)
    minutes[random.random((10, 6)) > 0.7] = np.nan
    siting = Siting.of(minutes, random.integers(1, 9, 10))
    found = shortfall(siting, 10.0, share=share, count=count)
    if not np.isnan(found.radius):
        assert partial_cover(siting.within(found.radius), share).objective <= count or (
            partial_cover(siting.within(found.radius), share).status == "not_needed"
        )
        shorter = np.unique(siting.minutes.data[siting.minutes.data < found.radius])
        if len(shorter):
            less = partial_cover(siting.within(float(shorter[-1])), share)
            assert less.status == "infeasible" or less.objective > count
    near = siting.within(10.0)
    if not np.isnan(found.needed):
        enough = maximal_cover(near, int(found.needed)).weight
        assert enough >= share * siting.total * (1 - 1e-9)
        assert maximal_cover(near, int(found.needed) - 1).weight < share * siting.total
    assert found.share == maximal_cover(near, count).share
