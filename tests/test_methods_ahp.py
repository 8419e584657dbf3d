"""Weights from comparisons of pairs: by hand, by property, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.errors import DataError
from yanshan_gis.methods.ahp import pairwise_weights

SAATY = [[1, 2, 3, 5], [1 / 2, 1, 2, 4], [1 / 3, 1 / 2, 1, 2], [1 / 5, 1 / 4, 1 / 2, 1]]


def test_a_matrix_by_hand():
    found = pairwise_weights(SAATY)
    assert found.weights == pytest.approx([0.4773, 0.2880, 0.1539, 0.0809], abs=5e-5)
    assert found.consistency_ratio == pytest.approx(0.0078, abs=5e-5)


def test_one_and_two_criteria_never_contradict():
    assert pairwise_weights([[1]]).weights.tolist() == [1]
    two = pairwise_weights([[1, 4], [0.25, 1]])
    assert two.weights == pytest.approx([0.8, 0.2])
    assert two.consistency_ratio == 0


@given(st.lists(st.floats(0.05, 20), min_size=1, max_size=10))
def test_ratios_of_weights_give_the_weights_back(weights):
    weights = np.array(weights)
    found = pairwise_weights(weights[:, None] / weights)
    assert found.weights == pytest.approx(weights / weights.sum(), rel=1e-6)
    assert found.weights.sum() == pytest.approx(1)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)


@given(st.permutations(range(4)))
def test_the_order_of_criteria_does_not_matter(order):
    turned = np.array(SAATY)[np.ix_(order, order)]
    expected = pairwise_weights(SAATY).weights[list(order)]
    assert pairwise_weights(turned).weights == pytest.approx(expected)


def test_contradictions_name_the_worst_pair():
    matrix = np.array(SAATY)
    matrix[0, 3], matrix[3, 0] = 1 / 9, 9
    with pytest.raises(DataError) as caught:
        pairwise_weights(matrix)
    assert caught.value.code == "comparisons-inconsistent"
    assert "1 and 4" in caught.value.render("en")


@pytest.mark.parametrize(
    ("matrix", "code"),
    [
        ([[1, 2], [2, 1]], "comparisons-pair"),
        ([[2, 2], [0.5, 1]], "comparisons-pair"),
        ([[1, 0], [0, 1]], "comparisons-pair"),
        ([[1, float("nan")], [1, 1]], "comparisons-pair"),
        ([[1, 2, 3], [0.5, 1, 2]], "comparisons-shape"),
        (np.ones((11, 11)), "comparisons-shape"),
        (np.ones((0, 0)), "comparisons-shape"),
    ],
)
def test_matrices_that_are_none_are_refused(matrix, code):
    with pytest.raises(DataError) as caught:
        pairwise_weights(matrix)
    assert caught.value.code == code


def test_rounded_reciprocals_are_taken():
    assert pairwise_weights([[1, 3], [0.33, 1]]).weights == pytest.approx([0.75, 0.25], abs=2e-3)
