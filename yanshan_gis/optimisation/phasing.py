"""In which order chosen roads are built: the curve of gain against kilometres, and the years.

The final choice comes first; both orders stay inside it, so that no road of one year is stranded
by the choice of another.

*Steps.* A tree of links is cut into steps, each a connected set of links that hangs on the steps
before it, so that the gain per kilometre never rises from one step to the next. This is Horn's
order for jobs with tree-like precedence (Horn 1972): the branch with the highest gain per
kilometre is joined to the step it hangs on until no step gains more than the one before. No other
order has more under its curve of gain against kilometres, and the reason why a step comes before
the next is one number: its gain per kilometre.

*Years.* A link is built in some year, not before the link it hangs on, and what is built until the
end of a year takes no more than the budgets until then; what a year leaves over is kept for the
next. The years' sum of the weight connected is as large as can be (x_v,t = node v joined by the end
of year t: max Σ_t Σ_v p_v x_v,t). Committed roads are paid first.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from yanshan_gis.messages import N_, Notice
from yanshan_gis.optimisation.budget import ROUNDING, Budget
from yanshan_gis.optimisation.program import Program, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from yanshan_gis.optimisation.program import AnswerStatus, Listener
    from yanshan_gis.optimisation.rooted_tree import RootedTree


@dataclass(frozen=True, eq=False)
class Step:
    """Links that are built together.

    Parameters
    ----------
    links
        In an order in which each hangs on one before it.
    km
        Their length.
    cost
        10,000 yuan; NaN where costs are not known.
    gain
        Weight of the places gained.
    """

    links: tuple[int, ...]
    km: float
    cost: float
    gain: float

    @property
    def gain_per_km(self) -> float:
        """What each kilometre of the step gains; infinite for a step without length."""
        return self.gain / self.km if self.km > 0 else np.inf


def steps(tree: RootedTree) -> list[Step]:
    """Cut a tree into steps of falling gain per kilometre.

    Parameters
    ----------
    tree
        The chosen links.

    Returns
    -------
    list of Step
        All links, each in one step; of steps that gain the same per kilometre the one with the
        lower node comes first.
    """
    graph = tree.graph
    block = {int(x): _Block([int(x)], int(x), tree) for x in tree.outward}
    owner = {0: 0} | {x: x for x in block}
    queue = [one.entry for one in block.values()]
    heapq.heapify(queue)
    found = []
    while queue:
        entry = heapq.heappop(queue)
        one = block.get(entry[-1])
        if one is None or one.entry != entry:
            continue
        del block[one.head]
        base = _owner(owner, int(tree.before[one.head]))
        owner[one.head] = base
        if base == 0:
            links = tree.link[one.nodes]
            cost = np.nan if graph.cost is None else float(graph.cost[links].sum())
            found.append(Step(tuple(links.tolist()), one.km, cost, one.gain))
        else:
            block[base].take(one)
            heapq.heappush(queue, block[base].entry)
    return found


class _Block:
    """Nodes joined in one step so far; the head hangs on another block or the root."""

    def __init__(self, nodes: list[int], head: int, tree: RootedTree) -> None:
        self.nodes, self.head = nodes, head
        self.gain = float(tree.graph.node_weight[head])
        self.km = float(tree.graph.length_km[tree.link[head]])

    @property
    def entry(self) -> tuple[float, float, int]:
        """What blocks are queued by: gain per kilometre, the highest first."""
        ratio = self.gain / self.km if self.km > 0 else np.inf if self.gain > 0 else 0.0
        return -ratio, -self.gain, self.head

    def take(self, other: _Block) -> None:
        self.nodes += other.nodes
        self.gain += other.gain
        self.km += other.km


def _owner(owner: dict[int, int], node: int) -> int:
    """Return the head of the block a node is in; 0 for what is built."""
    top = node
    while owner[top] != top:
        top = owner[top]
    while owner[node] != top:
        owner[node], node = top, owner[node]
    return top


@dataclass(frozen=True, eq=False)
class Phases:
    """The year in which each link is built.

    Parameters
    ----------
    status
        ``optimal`` within the gap asked for; ``time_limit``; ``infeasible`` when the years'
        budgets together do not pay for the choice.
    year
        int32 per link of the graph, counted from 0; -1 for one that is not built.
    gain
        Weight of the places gained in each year.
    km, cost
        What each year takes, without committed roads; cost is NaN where it is not known.
    gap
        Of the sum over the years of the weight connected.
    reasons
        Why it is infeasible.
    """

    status: AnswerStatus
    year: NDArray[np.int32]
    gain: NDArray[np.float64]
    km: NDArray[np.float64]
    cost: NDArray[np.float64]
    gap: float
    reasons: tuple[Notice, ...] = ()


def phase(
    tree: RootedTree,
    budgets: Sequence[Budget],
    *,
    gap: float = 1e-3,
    time_limit_s: float = 20.0,
    listener: Listener | None = None,
) -> Phases:
    """Order the links of a choice by year.

    Parameters
    ----------
    tree
        The final choice.
    budgets
        Of each year.
    gap
        Relative distance from the best order that is good enough.
    time_limit_s
        After which the best order found is returned; it is never worse than the steps taken in
        their order as far as each year's budget goes.
    listener
        Told the best sum and its bound from time to time.

    Returns
    -------
    Phases
        A year for every link of the choice.

    Raises
    ------
    DataError
        When money is limited and costs are not known.
    """
    for budget in budgets:
        budget.check(tree.graph)
    rooms = _rooms(tree, budgets)
    reasons = _beyond(tree, rooms)
    if reasons:
        return _summed(tree, np.full(tree.graph.n_nodes, -1), len(budgets), reasons)
    greedy = _in_step_order(tree, rooms)
    # With one year, or nothing to build, there is nothing to order.
    if len(budgets) < 2 or not len(tree.outward):
        return _summed(tree, greedy, len(budgets))
    program, start = _program(tree, rooms, greedy)
    answer = solve(program, gap=gap, time_limit_s=time_limit_s, start=start, listener=listener)
    year = greedy
    if answer.values is not None and answer.objective >= program.cost @ start:
        built = answer.values.reshape(len(rooms) - 1, -1) > 0.5
        year = np.full(tree.graph.n_nodes, -1)
        year[tree.outward] = len(budgets) - 1 - built.sum(axis=0)
    found = _summed(tree, year, len(budgets))
    best = max(answer.objective, float(program.cost @ start))
    distance = abs(answer.bound - best) / max(best, 1e-9)
    status: AnswerStatus = "optimal" if answer.status == "optimal" else "time_limit"
    return Phases(status, found.year, found.gain, found.km, found.cost, distance)


def _rooms(tree: RootedTree, budgets: Sequence[Budget]) -> list[Budget]:
    """Add up the years' budgets and take committed roads off."""
    km = np.cumsum([budget.km for budget in budgets])
    cost = np.cumsum([budget.cost for budget in budgets])
    graph = tree.graph
    return [
        Budget(float(a), float(b)).without(graph.committed_km, graph.committed_cost)
        for a, b in zip(km, cost, strict=True)
    ]


def _beyond(tree: RootedTree, rooms: Sequence[Budget]) -> list[Notice]:
    last = rooms[-1] if rooms else Budget(0.0, 0.0)
    found = []
    if not last.holds(tree.km, 0.0):
        text = N_("The chosen roads take {needed:.2f} km; the years' budgets leave {limit:.2f} km.")
        found.append(Notice("years-beyond-km", text, {"needed": tree.km, "limit": last.km}))
    if tree.graph.cost is not None and not last.holds(0.0, tree.cost):
        text = N_(
            "The chosen roads cost {needed:.2f} ten thousand yuan; the years' budgets leave "
            "{limit:.2f} ten thousand yuan."
        )
        found.append(Notice("years-beyond-cost", text, {"needed": tree.cost, "limit": last.cost}))
    return found


def _in_step_order(tree: RootedTree, rooms: Sequence[Budget]) -> NDArray[np.int64]:
    """Build links in the order of the steps, in the first year that still pays for each."""
    graph = tree.graph
    cost = np.zeros(graph.n_links) if graph.cost is None else graph.cost
    end_of = {int(tree.link[x]): int(x) for x in tree.outward}
    waiting = [end_of[link] for step in steps(tree) for link in step.links]
    year = np.full(graph.n_nodes, -1)
    year[0] = 0
    km = spent = 0.0
    for number, room in enumerate(rooms):
        last = number == len(rooms) - 1
        left = []
        for x in waiting:
            link = tree.link[x]
            more = km + graph.length_km[link], spent + cost[link]
            if year[tree.before[x]] >= 0 and (last or room.holds(*more)):
                year[x] = number
                km, spent = more
            else:
                left.append(x)
        waiting = left
    year[0] = -1
    return year


def _program(
    tree: RootedTree, rooms: Sequence[Budget], year: NDArray[np.int64]
) -> tuple[Program, NDArray[np.float64]]:
    """Write x of every joined node for every year but the last, in which all is built."""
    graph = tree.graph
    nodes = tree.outward
    n, years = len(nodes), len(rooms) - 1
    place = np.full(graph.n_nodes, -1)
    place[nodes] = np.arange(n)
    inner = np.flatnonzero(tree.before[nodes] != 0)
    k = len(inner)
    one = np.ones(k)
    follows = sp.csr_array(
        (
            np.concatenate([one, -one]),
            (np.tile(np.arange(k), 2), np.concatenate([inner, place[tree.before[nodes[inner]]]])),
        ),
        shape=(k, n),
    )
    stays = sp.hstack([sp.eye_array(n * (years - 1)), sp.csr_array((n * (years - 1), n))])
    stays = stays - sp.hstack([sp.csr_array((n * (years - 1), n)), sp.eye_array(n * (years - 1))])
    blocks = [sp.kron(sp.eye_array(years), follows), stays]
    upper = [np.zeros(k * years), np.zeros(n * (years - 1))]
    limits = ((graph.length_km, [r.km for r in rooms]), (graph.cost, [r.cost for r in rooms]))
    for values, limit in limits:
        if values is not None and np.isfinite(limit).any():
            row = sp.csr_array(values[tree.link[nodes]][None, :])
            blocks.append(sp.kron(sp.eye_array(years), row))
            upper.append(np.array(limit[:years]) + ROUNDING)
    matrix = sp.csr_array(sp.vstack(blocks))
    program = Program(
        cost=np.tile(graph.node_weight[nodes], years),
        matrix=matrix,
        row_lower=np.full(matrix.shape[0], -np.inf),
        row_upper=np.concatenate(upper),
        maximise=True,
    )
    start = (year[nodes][None, :] <= np.arange(years)[:, None]).astype(float).ravel()
    return program, start


def _summed(
    tree: RootedTree,
    year: NDArray[np.int64],
    years: int,
    reasons: Sequence[Notice] = (),
) -> Phases:
    graph = tree.graph
    nodes = tree.outward[year[tree.outward] >= 0]
    when, links = year[nodes], tree.link[nodes]
    of_link = np.full(graph.n_links, -1, dtype=np.int32)
    of_link[links] = when
    cost = np.full(years, np.nan)
    if graph.cost is not None:
        cost = np.bincount(when, graph.cost[links], minlength=years)
    return Phases(
        "infeasible" if reasons else "optimal",
        of_link,
        np.bincount(when, graph.node_weight[nodes], minlength=years).astype(float),
        np.bincount(when, graph.length_km[links], minlength=years).astype(float),
        cost,
        np.nan if reasons else 0.0,
        tuple(reasons),
    )
