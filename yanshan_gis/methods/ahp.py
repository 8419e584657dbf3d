"""Weights of criteria from comparisons of pairs: the analytic hierarchy process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Mean consistency index of random matrices of 1 to 10 criteria (Saaty 1980, The analytic hierarchy
# process).
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
MOST_INCONSISTENT = 0.1
_RECIPROCAL = 0.02  # 0.33 may stand for a third


@dataclass(frozen=True, eq=False)
class Weights:
    """What each criterion counts.

    Parameters
    ----------
    weights
        One per criterion, above 0, sum 1.
    consistency_ratio
        How far the comparisons contradict each other; 0 where they do not, below 0.1 acceptable.
    """

    weights: NDArray[np.float64]
    consistency_ratio: float


def pairwise_weights(comparisons: ArrayLike) -> Weights:
    """Turn comparisons of pairs into weights.

    The weights are the principal eigenvector of the matrix A, the consistency ratio is
    ``(λ − n) / (n − 1) / RI(n)`` with its principal eigenvalue λ and the random index RI (Saaty
    1980). Two criteria cannot contradict each other: their ratio is 0.

    Parameters
    ----------
    comparisons
        Square; row i, column j says how many times as important criterion i is as j, usually 1/9
        to 9.

    Returns
    -------
    Weights
        Weights and how consistent they are.

    Raises
    ------
    DataError
        When the matrix is not square, has more than ten rows, holds a number that is not above 0,
        is not reciprocal, or contradicts itself (a ratio of 0.1 or more).
    """
    matrix = _checked(np.asarray(comparisons, dtype=float))
    count = len(matrix)
    values, vectors = np.linalg.eig(matrix)
    principal = int(np.argmax(values.real))
    vector = np.abs(vectors[:, principal].real)
    ratio = 0.0
    if count > 2:
        index = (float(values[principal].real) - count) / (count - 1)
        ratio = max(index / RANDOM_INDEX[count - 1], 0.0)
    if ratio >= MOST_INCONSISTENT:
        raise DataError(
            "comparisons-inconsistent",
            N_(
                "The comparisons of criteria contradict each other (consistency ratio {ratio:.3f};"
                " it must be below {most:g}); the pair {row} and {column} fits the others least."
            ),
            ratio=ratio,
            most=MOST_INCONSISTENT,
            **_worst_pair(matrix, vector),
        )
    return Weights(vector / vector.sum(), ratio)


def _checked(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    most = len(RANDOM_INDEX)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not 1 <= len(matrix) <= most:
        raise DataError(
            "comparisons-shape",
            N_(
                "Comparisons of criteria need as many rows as columns, {most} at most;"
                " they have the shape {shape}."
            ),
            most=most,
            shape=" × ".join(map(str, matrix.shape)),
        )
    if not (np.isfinite(matrix) & (matrix > 0)).all():
        _refuse(matrix, ~(np.isfinite(matrix) & (matrix > 0)))
    apart = np.abs(matrix * matrix.T - 1) > _RECIPROCAL
    if apart.any():
        _refuse(matrix, apart)
    return matrix


def _refuse(matrix: NDArray[np.float64], wrong: NDArray[np.bool_]) -> None:
    row, column = (int(place) for place in np.argwhere(wrong)[0])
    raise DataError(
        "comparisons-pair",
        N_(
            "Criteria {row} and {column} are compared as {value:g} one way and {back:g} the other;"
            " both must be above 0, and their product 1."
        ),
        row=row + 1,
        column=column + 1,
        value=float(matrix[row, column]),
        back=float(matrix[column, row]),
    )


def _worst_pair(matrix: NDArray[np.float64], weights: NDArray[np.float64]) -> dict[str, Any]:
    """Name the pair whose comparison is farthest from the ratio of its weights."""
    far = np.triu(np.abs(np.log(matrix * weights / weights[:, None])), 1)
    row, column = np.unravel_index(int(np.argmax(far)), far.shape)
    return {"row": int(row) + 1, "column": int(column) + 1}
