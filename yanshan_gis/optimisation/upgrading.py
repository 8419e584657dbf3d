"""Which soft roads to harden first, so that most is joined to the hardened network for a budget.

max Σ_v p_v z_v  over trees of soft links from the root, within kilometres and money, with at least
a given gain in each township. It is the maximal covering network improvement problem (Murawski &
Church 2009) with whole connections: a place counts when a continuous hardened way leads to the
root. See `yanshan_gis.optimisation.tree_program` for the rows and
`yanshan_gis.optimisation.contraction` for what is counted.

Among choices of the same gain the one that takes fewest kilometres is looked for in what is left
of the time (least money where only money is limited).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import dijkstra

from yanshan_gis.optimisation.path_greedy import connect_by_paths
from yanshan_gis.optimisation.program import Answer
from yanshan_gis.optimisation.rooted_tree import RootedTree
from yanshan_gis.optimisation.shortfall import committed_beyond, floors_beyond, needed_for
from yanshan_gis.optimisation.soft_graph import check_amounts
from yanshan_gis.optimisation.tree_program import Goal, Rows, TreePrograms, with_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.messages import Notice
    from yanshan_gis.optimisation.budget import Budget
    from yanshan_gis.optimisation.program import AnswerStatus, Listener
    from yanshan_gis.optimisation.soft_graph import SoftGraph

# Whole weights are kept whole up to here, so that the solver may round its bound.
_WHOLE_UP_TO = 2.0**40


@dataclass(frozen=True, eq=False)
class Upgrade:
    """The chosen roads, and what is known of the choice.

    Parameters
    ----------
    status
        ``optimal`` within the gap asked for, ``time_limit`` or ``infeasible``.
    tree
        The chosen links and nodes; empty when infeasible.
    bound
        No choice gains more.
    greedy
        The choice of the whole-path greedy; None where it meets no floors.
    least
        Of choices that gain as much none takes fewer kilometres than this (less money where only
        money is limited); NaN where time left no proof.
    needed
        When infeasible, the smallest budget that would do: each limit alone, the other left open;
        None where no budget does, or none was found in time.
    reasons
        Why nothing can be chosen, in words.
    """

    status: AnswerStatus
    tree: RootedTree
    bound: float
    greedy: RootedTree | None = None
    least: float = np.nan
    needed: Budget | None = None
    reasons: tuple[Notice, ...] = ()

    @property
    def gain(self) -> float:
        """Weight of the places gained."""
        return self.tree.gain

    @property
    def gap(self) -> float:
        """Distance between gain and bound, relative to the gain; NaN when infeasible."""
        if self.status == "infeasible":
            return np.nan
        return abs(self.bound - self.gain) / max(self.gain, 1e-9)

    @property
    def lost_by_greedy(self) -> float:
        """Weight that the whole-path greedy gains less; NaN where it meets no floors."""
        return np.nan if self.greedy is None else self.gain - self.greedy.gain


def upgrade(
    graph: SoftGraph,
    budget: Budget,
    *,
    floors: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    gap: float = 1e-4,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Upgrade:
    """Choose soft links to harden.

    Parameters
    ----------
    graph
        The soft graph. Its committed edges take their part of the budget first.
    budget
        Kilometres and money.
    floors
        Least weight to gain in each township, by label; 0 for none.
    names
        Of the townships, by label, for what is said of them.
    gap
        Relative distance between gain and bound that is good enough.
    time_limit_s
        After which the best choice found and its gap are returned.
    listener
        Told the best gain and the bound from time to time.

    Returns
    -------
    Upgrade
        Always within the budget and joined to the root.

    Raises
    ------
    DataError
        When money is limited and costs are not known, or floors are no numbers.
    """
    deadline = time.perf_counter() + time_limit_s
    budget.check(graph)
    least = _check_floors(graph, floors)
    left = budget.without(graph.committed_km, graph.committed_cost)
    nothing = RootedTree.empty(graph)
    reasons = committed_beyond(graph, budget) or floors_beyond(graph, least, names)
    if reasons:
        return Upgrade("infeasible", nothing, -np.inf, reasons=tuple(reasons))
    if graph.n_links == 0:
        return Upgrade("optimal", nothing, 0.0, nothing, 0.0)
    choice = _Choice(graph, left, least[: graph.label_weight.shape[0]])
    greedy = choice.greedy()
    scaled = None if listener is None else choice.in_weights(listener)
    answer = choice.most(greedy, gap, deadline, scaled)
    if answer.status == "infeasible":
        needed, reasons = needed_for(choice.programs, choice.floor_rows, budget, time_limit_s)
        return Upgrade(
            "infeasible", nothing, -np.inf, greedy, needed=needed, reasons=tuple(reasons)
        )
    tree = choice.better(choice.read(answer), greedy)
    if tree is None:
        return Upgrade("time_limit", nothing, choice.bound(answer), None)
    found = Upgrade(answer.status, tree, max(choice.bound(answer), tree.gain), greedy)
    return choice.leanest(found, gap, deadline)


class _Choice:
    """One question: a graph, what may be spent, and floors."""

    def __init__(self, graph: SoftGraph, budget: Budget, floors: NDArray[np.float64]) -> None:
        self.graph, self.budget, self.floors = graph, budget, floors
        self.programs = TreePrograms(graph)
        self.floor_rows = _floor_rows(self.programs, floors)
        self.scale = _scale(graph.node_weight)
        upper = np.concatenate([np.ones(graph.n_nodes - 1), ~self._out_of_reach()])
        goal = Goal(
            self.programs.of_nodes(graph.node_weight / self.scale),
            maximise=True,
            rows=self.floor_rows,
            upper=upper,
        )
        for limit, values in ((budget.km, graph.length_km), (budget.cost, graph.cost)):
            if np.isfinite(limit) and values is not None:
                goal = with_limit(goal, self.programs.of_links(values), -np.inf, limit)
        self.goal = goal

    def greedy(self) -> RootedTree | None:
        tree = connect_by_paths(self.graph, self.budget, self.floors)
        return tree if self.meets(tree) else None

    def meets(self, tree: RootedTree) -> bool:
        """Tell whether a tree is an answer; its sums differ from the solver's by rounding."""
        enough = (tree.gain_by_label >= self.floors * (1 - 1e-9)).all()
        cost = 0.0 if self.graph.cost is None else tree.cost
        return bool(enough) and self.budget.holds(tree.km, cost)

    def most(
        self,
        greedy: RootedTree | None,
        gap: float,
        deadline: float,
        listener: Listener | None,
    ) -> Answer:
        start = None if greedy is None else self.programs.of_tree(greedy)
        if greedy is not None and greedy.gain >= self.graph.node_weight.sum():
            best = greedy.gain / self.scale  # nothing is left to gain
            return Answer("optimal", start, best, best)
        return self.programs.solve(
            self.goal, gap=gap, deadline=deadline, start=start, listener=listener
        )

    def read(self, answer: Answer) -> RootedTree | None:
        if answer.values is None:
            return None
        links = self.programs.links_of(answer.values)
        tree = RootedTree.of_links(self.graph, links.tolist()).pruned()
        return tree if self.meets(tree) else None

    @staticmethod
    def better(tree: RootedTree | None, greedy: RootedTree | None) -> RootedTree | None:
        if tree is None or greedy is None:
            return tree if greedy is None else greedy
        return tree if tree.gain >= greedy.gain else greedy

    def bound(self, answer: Answer) -> float:
        return answer.bound * self.scale

    def in_weights(self, listener: Listener) -> Listener:
        return lambda best, bound: listener(best * self.scale, bound * self.scale)

    def leanest(self, found: Upgrade, gap: float, deadline: float) -> Upgrade:
        """Look for as much gain with fewer kilometres, or less money."""
        if time.perf_counter() >= deadline:
            return found
        by_money = np.isfinite(self.budget.cost) and not np.isfinite(self.budget.km)
        price = self.graph.cost if by_money and self.graph.cost is not None else None
        price = self.graph.length_km if price is None else price
        enough = found.gain / self.scale * (1 - 1e-9)
        goal = with_limit(self.goal, self.goal.cost, enough, np.inf)
        goal = replace(goal, cost=self.programs.of_links(price), maximise=False)
        start = self.programs.of_tree(found.tree)
        answer = self.programs.solve(goal, gap=gap, deadline=deadline, start=start)
        tree = self.read(answer)
        least = answer.bound if answer.status == "optimal" else np.nan
        if tree is None or tree.gain < found.gain * (1 - 1e-9):
            return replace(found, least=least)
        shorter = price[tree.links].sum() < price[found.tree.links].sum()
        return replace(found, tree=tree if shorter else found.tree, least=least)

    def _out_of_reach(self) -> NDArray[np.bool_]:
        """Tell the arcs that even the cheapest way from the root cannot pay for."""
        programs, graph = self.programs, self.graph
        beyond = np.zeros(len(programs.link), dtype=bool)
        for limit, values in ((self.budget.km, graph.length_km), (self.budget.cost, graph.cost)):
            if np.isfinite(limit) and values is not None:
                near = _distances(graph, values)
                spent = near[programs.tail] + values[programs.link]
                beyond |= spent > limit + 1e-6 * max(1.0, limit)
        return beyond


def _distances(graph: SoftGraph, values: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.lexsort((values, graph.v, graph.u))
    u, v = graph.u[order], graph.v[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(u) != 0) | (np.diff(v) != 0)
    entries = (values[order][new], (u[new], v[new]))
    matrix = sp.csr_array(entries, shape=(graph.n_nodes, graph.n_nodes))
    return dijkstra(matrix, directed=False, indices=0)  # type: ignore[no-any-return]


def _floor_rows(programs: TreePrograms, floors: NDArray[np.float64]) -> Rows:
    wanted = np.flatnonzero(floors > 0)
    weights = programs.graph.label_weight[wanted, :][:, 1:]
    arcs = sp.csr_array((len(wanted), programs.n_variables - weights.shape[1]))
    matrix = sp.csr_array(sp.hstack([weights, arcs]))
    return Rows(matrix, floors[wanted], np.full(len(wanted), np.inf))


def _scale(weight: NDArray[np.float64]) -> float:
    """Return what weights are divided by, so that only their proportions matter."""
    used = weight[weight > 0]
    if not len(used):
        return 1.0
    if (used == np.round(used)).all() and used.max() <= _WHOLE_UP_TO:
        return float(np.gcd.reduce(used.astype(np.int64)))
    return float(used.max())


def _check_floors(graph: SoftGraph, floors: ArrayLike | None) -> NDArray[np.float64]:
    """Return one floor per label, known to the graph or not."""
    given = np.zeros(0) if floors is None else np.asarray(floors, dtype=float)
    check_amounts("floor", given, len(given))
    return np.concatenate([given, np.zeros(max(0, graph.label_weight.shape[0] - len(given)))])
