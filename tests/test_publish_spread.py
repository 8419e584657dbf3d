"""Symbols of one place stand side by side, and never far from it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.publish.spread import spread

NOTHING = np.zeros((0, 4))


def apart(stands, sizes):
    """Return the least gap between two symbols' rims."""
    distance = np.hypot(*(stands[:, None] - stands[None, :]).transpose(2, 0, 1))
    gap = distance - (sizes[:, None] + sizes[None, :]) / 2
    return gap[np.triu_indices(len(stands), 1)]


def test_a_lone_symbol_stays_on_its_place():
    place = np.array([[10.0, 20.0]])
    assert spread(place, np.array([3.0]), NOTHING).tolist() == [[10.0, 20.0]]


def test_eight_symbols_of_one_place_do_not_overlap():
    places, sizes = np.full((8, 2), 50.0), np.full(8, 3.6)
    stands = spread(places, sizes, NOTHING)
    assert stands[0].tolist() == [50.0, 50.0]
    assert (apart(stands, sizes) > 0).all()
    # Seven circles of 3.6 mm fit around one; the farthest stands within three diameters.
    assert np.hypot(*(stands - places).T).max() < 3 * 3.6


def test_a_seat_keeps_its_symbol_free():
    seat = np.array([[8.0, 8.0, 12.0, 12.0]])
    (x, y) = spread(np.array([[10.0, 10.0]]), np.array([2.0]), seat)[0]
    assert max(abs(x - 10), abs(y - 10)) >= 2 + 1


@given(
    st.lists(st.tuples(st.floats(0, 40), st.floats(0, 40), st.floats(1, 6)), min_size=1,
             max_size=25)
)  # fmt: skip
def test_no_two_overlap_and_the_same_input_gives_the_same(rows):
    table = np.array(rows)
    places, sizes = table[:, :2], table[:, 2]
    stands = spread(places, sizes, NOTHING)
    assert (apart(stands, sizes) > 0).all()
    assert np.array_equal(stands, spread(places, sizes, NOTHING))
