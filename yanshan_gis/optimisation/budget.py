"""A budget in kilometres, in money, or in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.optimisation.soft_graph import SoftGraph

# What sums may exceed a budget by: rounding, a millimetre of road.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Budget:
    """What may be spent; both limits hold.

    Parameters
    ----------
    km
        Kilometres; infinite for no limit.
    cost
        10,000 yuan; infinite for no limit.

    Raises
    ------
    DataError
        When one is missing or negative.
    """

    km: float = np.inf
    cost: float = np.inf

    def __post_init__(self) -> None:
        for value in (self.km, self.cost):
            if not value >= 0:
                raise DataError(
                    "budget-value",
                    N_("The budget is {value:g}; it must be a number of 0 or more."),
                    value=value,
                )

    def without(self, km: float, cost: float) -> Budget:
        """Take something off.

        Parameters
        ----------
        km, cost
            What is spent.

        Returns
        -------
        Budget
            What is left, not less than 0.
        """
        return Budget(max(0.0, self.km - km), max(0.0, self.cost - cost))

    def holds(self, km: float, cost: float) -> bool:
        """Tell whether something can be paid for.

        Parameters
        ----------
        km, cost
            What it takes.

        Returns
        -------
        bool
            True when it does not exceed the budget but by rounding.
        """
        return km <= self.km + ROUNDING and cost <= self.cost + ROUNDING

    def check(self, graph: SoftGraph) -> None:
        """Check that the graph knows what the budget limits.

        Parameters
        ----------
        graph
            The soft graph.

        Raises
        ------
        DataError
            When money is limited and no link has a cost.
        """
        if np.isfinite(self.cost) and graph.cost is None:
            raise DataError("cost-missing", N_("Money is limited, but the roads have no cost."))

    def price(self, graph: SoftGraph) -> NDArray[np.float64]:
        """Price links by the share of the budget they take.

        Parameters
        ----------
        graph
            The soft graph.

        Returns
        -------
        numpy.ndarray
            Per link: kilometres where money is not limited, cost where kilometres are not; else
            the sum of both shares of the budget.
        """
        limits = [
            (limit, values)
            for limit, values in ((self.km, graph.length_km), (self.cost, graph.cost))
            if np.isfinite(limit) and values is not None
        ]
        if not limits:
            return graph.length_km
        if len(limits) == 1:
            return limits[0][1]
        return np.sum([values / max(limit, ROUNDING) for limit, values in limits], axis=0)  # type: ignore[no-any-return]
