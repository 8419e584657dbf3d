"""A question of siting: who asks, which sites could serve whom, at what cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

_WRONG = N_("{field}: {count} values are missing or negative, the first at position {first}.")
_SIZE = N_("{field}: {count} values were given, {wanted} are needed.")


@dataclass(frozen=True, eq=False)
class Siting:
    """Demand, candidate sites and the minutes between them; made by `of`.

    Parameters
    ----------
    minutes
        Of shape (demand, sites). Stored where a site reaches the demand, zeros too; sorted.
    weights
        Of each row of demand, ≥ 0. A row of weight 0 asks for nothing.
    existing
        Sites that are open already: they stay so and cost nothing.
    forbidden
        Sites that may not be opened. One that exists stays open all the same.
    costs
        Of opening each site, ≥ 0.
    capacities
        Weight each site can serve; infinite where there is no limit.
    """

    minutes: sp.csr_array
    weights: NDArray[np.float64]
    existing: NDArray[np.bool_]
    forbidden: NDArray[np.bool_]
    costs: NDArray[np.float64]
    capacities: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        minutes: NDArray[np.float64] | sp.sparray,
        weights: ArrayLike | None = None,
        *,
        limit_min: float = np.inf,
        existing: ArrayLike | None = None,
        forbidden: ArrayLike | None = None,
        costs: ArrayLike | None = None,
        capacities: ArrayLike | None = None,
    ) -> Siting:
        """Check what is given and put it in order.

        Parameters
        ----------
        minutes
            Of shape (demand, sites). NaN, infinite or, in a sparse array, absent: no way. Of pairs
            stored twice the quicker one counts.
        weights
            Of each row; 1 when None.
        limit_min
            Farther pairs are left out.
        existing, forbidden
            Of each site; none when None.
        costs
            Of each site; 1 when None.
        capacities
            Of each site; without limit when None.

        Returns
        -------
        Siting
            The question.

        Raises
        ------
        DataError
            Where numbers are missing or negative, or arrays do not fit the minutes.
        """
        row, site, value, shape = _pairs(minutes, limit_min)
        _check("minutes", value)
        matrix = _quickest(row, site, value, shape)
        return cls(
            matrix,
            _numbers("weights", weights, shape[0], 1.0),
            _mask("existing", existing, shape[1]),
            _mask("forbidden", forbidden, shape[1]),
            _numbers("costs", costs, shape[1], 1.0),
            _numbers("capacities", capacities, shape[1], np.inf, finite=False),
        )

    def within(self, limit_min: float) -> Siting:
        """Ask the same with a smaller reach.

        Parameters
        ----------
        limit_min
            Farther pairs are left out.

        Returns
        -------
        Siting
            The question.
        """
        return replace(self, minutes=_quickest(*_pairs(self.minutes, limit_min)))

    @property
    def demand(self) -> NDArray[np.bool_]:
        """Rows that ask for something."""
        return self.weights > 0

    @property
    def free(self) -> NDArray[np.bool_]:
        """Sites that may be opened."""
        return ~self.existing & ~self.forbidden

    @property
    def total(self) -> float:
        """Weight of all rows."""
        return float(self.weights.sum())

    @property
    def most(self) -> float:
        """Weight that all sites together reach."""
        return float(self.weights[self.reached(self.existing | self.free)].sum())

    def pairs(
        self, sites: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """List who is reached by some of the sites.

        Parameters
        ----------
        sites
            Mask of sites.

        Returns
        -------
        tuple of numpy.ndarray
            Row, site and minutes of each pair, by row and site.
        """
        row, site, value, _ = _pairs(self.minutes, np.inf)
        kept = sites[site]
        return row[kept], site[kept], value[kept]

    def reached(self, sites: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which rows some of the sites reach.

        Parameters
        ----------
        sites
            Mask of sites.

        Returns
        -------
        numpy.ndarray
            Per row.
        """
        return self.nearest(sites)[0] >= 0

    def nearest(self, sites: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Find each row's nearest site among some; of equally near ones the first.

        Parameters
        ----------
        sites
            Mask of sites.

        Returns
        -------
        tuple of numpy.ndarray
            Site (-1 for none) and minutes (NaN for none) per row.
        """
        row, site, value = self.pairs(sites)
        order = np.lexsort((site, value, row))
        rows, first = np.unique(row[order], return_index=True)
        assignment = np.full(len(self.weights), -1, dtype=np.int64)
        minutes = np.full(len(self.weights), np.nan)
        assignment[rows], minutes[rows] = site[order][first], value[order][first]
        return assignment, minutes


def opened(siting: Siting, chosen: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark existing and chosen sites.

    Parameters
    ----------
    siting
        The question.
    chosen
        Sites opened.

    Returns
    -------
    numpy.ndarray
        Per site.
    """
    mask = siting.existing.copy()
    mask[chosen] = True
    return mask


def uncosted(siting: Siting) -> Siting:
    """Let every site cost 1.

    Parameters
    ----------
    siting
        The question.

    Returns
    -------
    Siting
        The same, where sites are counted.
    """
    return replace(siting, costs=np.ones(len(siting.costs)))


def check_count(count: int | None, budget: float = np.inf) -> None:
    """Refuse a negative number of sites, and a negative budget.

    Parameters
    ----------
    count, budget
        As asked for.

    Raises
    ------
    DataError
        Where one of them is negative, or the budget is no number.
    """
    if (count is not None and count < 0) or not budget >= 0:
        text = N_("The number of sites, and what they may cost, cannot be below 0.")
        raise DataError("siting-count", text)


def _pairs(
    minutes: NDArray[np.float64] | sp.sparray, limit_min: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], tuple[int, int]]:
    """List row, site and minutes of the pairs within the limit; infinite and NaN are no way."""
    if isinstance(minutes, sp.sparray):
        found = minutes.tocoo()
        kept = np.isfinite(found.data) & (found.data <= limit_min)
        row, site = found.row[kept].astype(np.int64), found.col[kept].astype(np.int64)
        return row, site, found.data[kept].astype(np.float64), found.shape
    dense = np.asarray(minutes, dtype=np.float64)
    if dense.ndim != 2:
        text = N_("Minutes must be a table of demand and sites, not of {dimensions} dimensions.")
        raise DataError("siting-shape", text, dimensions=dense.ndim)
    row, site = np.nonzero(dense <= min(limit_min, np.finfo(float).max))
    return row, site, dense[row, site], dense.shape


def _quickest(
    row: NDArray[np.int64],
    site: NDArray[np.int64],
    value: NDArray[np.float64],
    shape: tuple[int, int],
) -> sp.csr_array:
    """Store pairs by row and site; twice the same pair is not summed, the quicker one stays."""
    place = row * shape[1] + site
    if np.any(np.diff(place) <= 0):
        order = np.lexsort((value, place))
        order = order[np.r_[True, np.diff(place[order]) > 0]]
        row, site, value = row[order], site[order], value[order]
    begin = np.zeros(shape[0] + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=shape[0]), out=begin[1:])
    return sp.csr_array((value, site, begin), shape=shape)


def _mask(field: str, given: ArrayLike | None, size: int) -> NDArray[np.bool_]:
    values = np.zeros(size, dtype=bool) if given is None else np.asarray(given, dtype=bool)
    _check_size(field, values, size)
    return values


def _numbers(
    field: str, given: ArrayLike | None, size: int, default: float, *, finite: bool = True
) -> NDArray[np.float64]:
    values = np.full(size, default) if given is None else np.asarray(given, dtype=np.float64)
    _check_size(field, values, size)
    _check(field, np.where(np.isinf(values), np.nan, values) if finite else values)
    return values


def _check_size(field: str, values: NDArray[np.generic], size: int) -> None:
    if values.shape != (size,):
        raise DataError("siting-size", _SIZE, field=field, count=values.size, wanted=size)


def _check(field: str, values: NDArray[np.float64]) -> None:
    """Refuse negative numbers and, except among minutes, missing ones."""
    wrong = values < 0
    if field != "minutes":
        wrong |= np.isnan(values)
    if wrong.any():
        raise DataError(
            f"siting-{field}", _WRONG, field=field, count=int(wrong.sum()),
            first=int(np.flatnonzero(wrong)[0]),
        )  # fmt: skip
