"""Floating catchments worked out by hand, and what any of them must keep."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import DataError
from yanshan_gis.methods.floating_catchment import share_out, zone_weights

NAN = np.nan
# Minutes from places A B C D to stores s t u; D is reached by none, u serves nobody who lives.
#        s     t    u      people
#   A    5    12    -       100
#   B   15    30    -       300
#   C   31    10   20         0
#   D    -     -    -        50
MINUTES = np.array([[5, 12, NAN], [15, 30, NAN], [31, 10, 20], [NAN, NAN, NAN]])
PEOPLE = np.array([100.0, 300.0, 0.0, 50.0])
VOLUME = np.array([800.0, 200.0, 70.0])


def weights(steps):
    return sp.csr_array(zone_weights(MINUTES, 30.0, steps))


def test_two_steps_by_hand():
    # s: 800 / (100 + 300) = 2      t: 200 / (100 + 300 + 0) = 0.5      u: nobody, no ratio
    # A: 2 + 0.5    B: 2 + 0.5    C: 0.5 (s is 31 min away)    D: nothing in reach, 0
    found = share_out(weights([1.0]), PEOPLE, VOLUME)
    np.testing.assert_array_equal(found.demand, [400, 400, 0])
    np.testing.assert_array_equal(found.ratio, [2.0, 0.5, NAN])
    np.testing.assert_array_equal(found.access, [2.5, 2.5, 0.5, 0.0])


def test_enhanced_by_hand():
    # Zones to 10, 20, 30 min weigh 1, 0.5, 0.25.
    # s: 800 / (100 · 1 + 300 · 0.5) = 3.2      t: 200 / (100 · 0.5 + 300 · 0.25) = 1.6
    # A: 3.2 · 1 + 1.6 · 0.5 = 4      B: 3.2 · 0.5 + 1.6 · 0.25 = 2      C: 1.6 · 1
    found = share_out(weights([1.0, 0.5, 0.25]), PEOPLE, VOLUME)
    assert found.ratio[:2] == pytest.approx([3.2, 1.6])
    assert found.access == pytest.approx([4.0, 2.0, 1.6, 0.0])


def test_only_supply_without_demand_in_reach_gives_no_number():
    # C reaches u alone, and nobody lives there: no ratio, so neither 0 nor infinity.
    found = share_out(sp.csr_array([[0.0], [1.0]]), np.array([5.0, 0.0]), np.array([70.0]))
    np.testing.assert_array_equal(found.access, [0.0, NAN])


def test_zones_hold_their_upper_bound():
    minutes = np.array([0, 10, 10.01, 20, 30, 30.01, NAN])
    np.testing.assert_array_equal(zone_weights(minutes, 30, [1, 0.5, 0.2]),
                                  [1, 1, 0.5, 0.5, 0.2, 0, 0])  # fmt: skip
    # A third of 0.1 times three is not quite 0.1; the limit is the limit.
    assert zone_weights(np.array([0.1]), 0.1, [1, 1, 1]).tolist() == [1]


@pytest.mark.parametrize("wrong", [[], [0.5, 0.6], [-1], [0], [1.5, 1], [NAN], [1, NAN]])
def test_weights_that_are_no_weights(wrong):
    with pytest.raises(DataError, match="Zone weights"):
        zone_weights(MINUTES, 30.0, wrong)


def test_wrong_numbers():
    with pytest.raises(DataError, match="catchment is 0 min"):
        zone_weights(MINUTES, 0.0, [1])
    for row, people in enumerate([[-1.0, 1, 1, 1], [1.0, NAN, 1, 1], [1.0, 1, np.inf, 1]], 1):
        with pytest.raises(DataError, match=f"Row {row} "):
            share_out(weights([1.0]), np.array(people), VOLUME)
    with pytest.raises(DataError, match="-70"):
        share_out(weights([1.0]), PEOPLE, np.array([800.0, 200.0, -70.0]))


@st.composite
def towns(draw):
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    places, stores = rng.integers(1, 12), rng.integers(1, 6)
    minutes = np.where(rng.random((places, stores)) < 0.3, NAN, rng.random((places, stores)) * 60)
    people = np.where(rng.random(places) < 0.3, 0.0, rng.integers(1, 500, places))
    return minutes, people.astype(float), rng.integers(0, 900, stores).astype(float)


@settings(max_examples=100, deadline=None)
@given(towns(), st.sampled_from([[1.0], [1.0, 0.68, 0.22], [0.9, 0.9, 0.0]]))
def test_no_supply_is_lost_and_none_made(town, steps):
    minutes, people, volume = town
    found = share_out(sp.csr_array(zone_weights(minutes, 30.0, steps)), people, volume)
    shared = np.nansum(people * found.access)
    assert shared == pytest.approx(volume[found.demand > 0].sum())
    assert np.array_equal(np.isnan(found.ratio), found.demand == 0)
    assert np.isfinite(found.access[people > 0]).all()
    assert not np.isinf(found.access).any()


@settings(max_examples=50, deadline=None)
@given(towns(), st.floats(0.1, 10))
def test_scales(town, factor):
    minutes, people, volume = town
    w = sp.csr_array(zone_weights(minutes, 30.0, [1.0, 0.5]))
    once = share_out(w, people, volume).access
    assert share_out(w, people, volume * factor).access == pytest.approx(once * factor, nan_ok=True)
    assert share_out(w, people * factor, volume).access == pytest.approx(once / factor, nan_ok=True)
