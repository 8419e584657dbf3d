"""Why nothing can be chosen, and the smallest budget for which something could."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.messages import N_, Notice
from yanshan_gis.optimisation.budget import Budget
from yanshan_gis.optimisation.tree_program import Goal, with_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from yanshan_gis.optimisation.soft_graph import SoftGraph
    from yanshan_gis.optimisation.tree_program import Rows, TreePrograms

_PROOF = 1e-6


def committed_beyond(graph: SoftGraph, budget: Budget) -> list[Notice]:
    """Say by how much committed roads exceed the budget.

    Parameters
    ----------
    graph
        The soft graph.
    budget
        Kilometres and money.

    Returns
    -------
    list of Notice
        Empty when they fit.
    """
    found = []
    if not budget.holds(graph.committed_km, 0.0):
        text = N_("The committed roads take {needed:.2f} km; the budget is {limit:.2f} km.")
        values = {"needed": graph.committed_km, "limit": budget.km}
        found.append(Notice("committed-beyond-km", text, values))
    if not budget.holds(0.0, graph.committed_cost):
        text = N_(
            "The committed roads cost {needed:.2f} ten thousand yuan; the budget is {limit:.2f} "
            "ten thousand yuan."
        )
        values = {"needed": graph.committed_cost, "limit": budget.cost}
        found.append(Notice("committed-beyond-cost", text, values))
    return found


def floors_beyond(
    graph: SoftGraph, floors: NDArray[np.float64], names: Sequence[str] | None
) -> list[Notice]:
    """Name the townships in which no budget gains as much as is asked for.

    Parameters
    ----------
    graph
        The soft graph.
    floors
        Least weight to gain, by label.
    names
        Of the townships, by label; their numbers when None.

    Returns
    -------
    list of Notice
        One per township; empty when every floor can be met.
    """
    possible = np.zeros(max(len(floors), graph.label_weight.shape[0]))
    possible[: graph.label_weight.shape[0]] = graph.label_weight.sum(axis=1)
    text = N_(
        "{township}: at least {floor:g} is asked for, but with every candidate road only "
        "{possible:g} can be joined to the hardened network."
    )
    found = []
    for label in np.flatnonzero(floors > possible[: len(floors)] * (1 + 1e-9)).tolist():
        values = {
            "township": str(label) if names is None else names[label],
            "floor": float(floors[label]),
            "possible": float(possible[label]),
        }
        found.append(Notice("floor-beyond-reach", text, values))
    return found


def needed_for(
    programs: TreePrograms, floors: Rows, budget: Budget, time_limit_s: float
) -> tuple[Budget | None, list[Notice]]:
    """Find the smallest budget that meets floors.

    Parameters
    ----------
    programs
        Of the soft graph.
    floors
        The rows that say what is asked for.
    budget
        The one that does not do.
    time_limit_s
        For each of the searches.

    Returns
    -------
    tuple of Budget and list of Notice
        Fewest kilometres with money left open, and least money with kilometres left open; where
        each alone is within the budget, least money within its kilometres. Committed roads are
        in both. None where time ran out.
    """
    graph = programs.graph
    km = _least(programs, floors, graph.length_km, time_limit_s)
    if km is None:
        return None, []
    needed_km = km + graph.committed_km
    if graph.cost is None:
        return Budget(needed_km), _beyond_km(needed_km, budget)
    limits = None
    money = _least(programs, floors, graph.cost, time_limit_s)
    reasons = _beyond_km(needed_km, budget)
    if money is not None and budget.holds(needed_km, money + graph.committed_cost):
        limits = (graph.length_km, budget.km - graph.committed_km)
        money = _least(programs, floors, graph.cost, time_limit_s, limits)
    if money is None:
        return Budget(needed_km), reasons
    needed = money + graph.committed_cost
    if not budget.holds(0.0, needed):
        text = N_(
            "The least gains asked for cost {needed:.2f} ten thousand yuan; the budget is "
            "{limit:.2f} ten thousand yuan."
        )
        if limits is not None:
            text = N_(
                "Within the kilometres of the budget the least gains asked for cost {needed:.2f} "
                "ten thousand yuan; the budget is {limit:.2f} ten thousand yuan."
            )
        values = {"needed": needed, "limit": budget.cost}
        reasons.append(Notice("floors-beyond-cost", text, values))
    return Budget(needed_km, needed), reasons


def _beyond_km(needed: float, budget: Budget) -> list[Notice]:
    if budget.holds(needed, 0.0):
        return []
    text = N_("The least gains asked for need {needed:.2f} km; the budget is {limit:.2f} km.")
    return [Notice("floors-beyond-km", text, {"needed": needed, "limit": budget.km})]


def _least(
    programs: TreePrograms,
    floors: Rows,
    price: NDArray[np.float64],
    time_limit_s: float,
    limit: tuple[NDArray[np.float64], float] | None = None,
) -> float | None:
    """Find the least price of a tree that meets floors; None where it was not proven in time."""
    goal = Goal(programs.of_links(price), False, floors, np.ones(programs.n_variables))
    if limit is not None:
        goal = with_limit(goal, programs.of_links(limit[0]), -np.inf, limit[1])
    deadline = time.perf_counter() + time_limit_s
    answer = programs.solve(goal, gap=_PROOF, deadline=deadline)
    return answer.objective if answer.status == "optimal" else None
