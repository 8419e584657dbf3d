"""An answer to a question of siting, with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.optimisation.siting import Siting, opened

SitingStatus = Literal["optimal", "time_limit", "infeasible", "not_needed"]


@dataclass(frozen=True, eq=False)
class Sites:
    """An answer with its proof.

    Parameters
    ----------
    status
        ``optimal`` when proven; ``time_limit`` when a better answer may exist; ``not_needed`` when
        what exists is enough; ``infeasible`` when no answer exists.
    chosen
        Sites opened beside the existing ones, ascending.
    assignment
        Site that serves each row, -1 for none: the nearest open one, of equally near ones the
        first, unless capacities decide.
    minutes
        To that site; NaN for none.
    weights
        Of the rows.
    objective
        What was asked for: cost of the chosen sites, covered weight, weighted minutes, radius.
    bound
        No answer is better than this.
    minutes_bound
        No answer with this objective has fewer weighted minutes; NaN where nobody looked.
    """

    status: SitingStatus
    chosen: NDArray[np.int64]
    assignment: NDArray[np.int64]
    minutes: NDArray[np.float64]
    weights: NDArray[np.float64]
    objective: float
    bound: float
    minutes_bound: float = np.nan

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Rows that a site serves."""
        return self.assignment >= 0

    @property
    def weight(self) -> float:
        """Weight of the rows that a site serves."""
        return float(self.weights[self.covered].sum())

    @property
    def share(self) -> float:
        """Of all weight, what a site serves; NaN where there is none."""
        total = float(self.weights.sum())
        return self.weight / total if total > 0 else np.nan

    @property
    def weighted_minutes(self) -> float:
        """Sum of weight times minutes over the rows that a site serves."""
        served = self.covered
        return float(self.weights[served] @ self.minutes[served])

    @property
    def gap(self) -> float:
        """Distance between objective and bound, relative to the objective; NaN without one."""
        return _gap(self.objective, self.bound)

    @property
    def minutes_gap(self) -> float:
        """The same of the weighted minutes; NaN where nobody looked."""
        return _gap(self.weighted_minutes, self.minutes_bound)

    @classmethod
    def of(
        cls,
        siting: Siting,
        status: SitingStatus,
        chosen: NDArray[np.int64],
        objective: float,
        bound: float,
        minutes_bound: float = np.nan,
    ) -> Sites:
        """Serve every row by its nearest open site.

        Parameters
        ----------
        siting
            The question.
        status, objective, bound, minutes_bound
            As above.
        chosen
            Sites opened.

        Returns
        -------
        Sites
            The answer.
        """
        chosen = np.sort(chosen).astype(np.int64)
        assignment, minutes = siting.nearest(opened(siting, chosen))
        return cls(
            status, chosen, assignment, minutes, siting.weights, objective, bound, minutes_bound
        )


def serving(siting: Siting, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Leave out sites that are nobody's nearest: closing them changes nothing.

    Parameters
    ----------
    siting
        The question.
    chosen
        Sites opened.

    Returns
    -------
    numpy.ndarray
        Those that serve demand, ascending.
    """
    assignment = siting.nearest(opened(siting, chosen))[0]
    return np.intersect1d(chosen, assignment[siting.demand])


def _gap(objective: float, bound: float) -> float:
    if objective == bound:
        return 0.0
    return abs(bound - objective) / max(abs(objective), 1e-9)
