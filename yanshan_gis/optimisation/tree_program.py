"""Rooted trees in a soft graph as an integer program whose connection rows are found as needed.

Variables: z_v = 1 when node v is joined to the root, y_a = 1 when the link of arc a is hardened and
leads away from the root along a (two arcs per link, none into the root). Rows:

    Σ_{a into v} y_a = z_v                          each joined node hangs on one link
    y_uv + y_vu ≤ z_u  and  ≤ z_v                   a link lies between joined nodes
    z_v ≤ Σ_{a out of v} y_a  where v gains nothing  no dead end without a place
    Σ_{a into W} y_a ≥ z_v  for v in W, root ∉ W     what is joined is joined to the root

There is one row of the last kind for every set W of nodes, so only those are written that an
answer breaks: a smallest cut between the root and v (maximum flow with y as capacities) shows one
or proves that there is none. They say what flow rows with f_a ≤ K·y_a say for whole numbers, but
say it for fractions too, so that the bound is close before any branching. Whatever is left out
only makes the program looser: its bound holds all the same, and an answer is final only when no
cut is broken. (Directed cuts: Wong 1984; prize-collecting trees by cuts: Ljubić et al. 2006.)
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from yanshan_gis.optimisation.cuts import Cut, broken_cuts, divide
from yanshan_gis.optimisation.program import Answer, Program, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.optimisation.program import Listener
    from yanshan_gis.optimisation.rooted_tree import RootedTree
    from yanshan_gis.optimisation.soft_graph import SoftGraph

# Rounds of cuts before branching; what is still broken then is found in whole numbers.
_ROUNDS = 40


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a program.

    Parameters
    ----------
    matrix
        One row each, one column per variable.
    lower, upper
        Their bounds.
    """

    matrix: sp.csr_array
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Goal:
    """What is looked for among the trees.

    Parameters
    ----------
    cost
        Per variable.
    maximise
        Look for the largest sum instead of the smallest.
    rows
        Further rows that trees must keep.
    upper
        Per variable: 0 for one that cannot be used, else 1.
    """

    cost: NDArray[np.float64]
    maximise: bool
    rows: Rows
    upper: NDArray[np.float64]


class TreePrograms:
    """Programs over the trees of one graph, which share the cuts found.

    Parameters
    ----------
    graph
        The soft graph.

    Attributes
    ----------
    tail, head, link
        Of each arc.
    n_variables
        z of nodes 1 … n-1, then y of the arcs.
    """

    def __init__(self, graph: SoftGraph) -> None:
        self.graph = graph
        self.tail = np.concatenate([graph.u, graph.v]).astype(np.int64)
        self.head = np.concatenate([graph.v, graph.u]).astype(np.int64)
        self.link = np.tile(np.arange(graph.n_links), 2)
        away = (self.head != 0) & (self.head != self.tail)
        self.tail, self.head, self.link = self.tail[away], self.head[away], self.link[away]
        self._first_arc = graph.n_nodes - 1
        self.n_variables = self._first_arc + len(self.link)
        self._rows = self._tree_rows()
        self._parts = divide(graph.component, self.tail, self.head, self.link)
        self._cuts: list[Cut] = []

    def of_nodes(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Spread one value per node over the variables.

        Parameters
        ----------
        values
            Per node; the root's is left out.

        Returns
        -------
        numpy.ndarray
            Per variable; 0 at arcs.
        """
        return np.concatenate([values[1:], np.zeros(len(self.link))])

    def of_links(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Spread one value per link over the variables.

        Parameters
        ----------
        values
            Per link.

        Returns
        -------
        numpy.ndarray
            Per variable; 0 at nodes.
        """
        return np.concatenate([np.zeros(self._first_arc), values[self.link]])

    def of_tree(self, tree: RootedTree) -> NDArray[np.float64]:
        """Write a tree as an answer.

        Parameters
        ----------
        tree
            Of the same graph.

        Returns
        -------
        numpy.ndarray
            Per variable.
        """
        used = (tree.link[self.head] == self.link) & (tree.before[self.head] == self.tail)
        return np.concatenate([tree.reached[1:], used]).astype(float)

    def links_of(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Read the chosen links from an answer.

        Parameters
        ----------
        values
            Per variable.

        Returns
        -------
        numpy.ndarray
            Ascending indices of links.
        """
        return np.unique(self.link[values[self._first_arc :] > 0.5])

    def solve(
        self,
        goal: Goal,
        *,
        gap: float,
        deadline: float,
        start: NDArray[np.float64] | None = None,
        listener: Listener | None = None,
    ) -> Answer:
        """Find the best tree.

        Parameters
        ----------
        goal
            What is looked for.
        gap
            Relative distance between answer and bound that is good enough.
        deadline
            On `time.perf_counter`; after it the best answer is returned.
        start
            An answer to begin with.
        listener
            Told the best objective and the bound from time to time.

        Returns
        -------
        Answer
            The bound is of trees joined to the root. So are the values unless the status is
            ``time_limit``: then some links may be cut off, which `RootedTree.of_links` leaves out.
        """
        self._tighten(goal, deadline)
        while True:
            left = max(0.1, deadline - time.perf_counter())
            program = self._program(goal, whole=True)
            answer = solve(program, gap=gap, time_limit_s=left, start=start, listener=listener)
            if answer.values is None or not self._cut(answer.values):
                return answer
            if time.perf_counter() >= deadline:
                return replace(answer, status="time_limit")

    def _tighten(self, goal: Goal, deadline: float) -> None:
        """Add the cuts that fractions break."""
        for _ in range(_ROUNDS):
            left = deadline - time.perf_counter()
            if left <= 0:
                return
            answer = solve(self._program(goal, whole=False), time_limit_s=left)
            if answer.values is None or not self._cut(answer.values):
                return

    def _program(self, goal: Goal, *, whole: bool) -> Program:
        cuts = self._cut_rows()
        return Program(
            cost=goal.cost,
            matrix=sp.csr_array(sp.vstack([self._rows.matrix, goal.rows.matrix, cuts.matrix])),
            row_lower=np.concatenate([self._rows.lower, goal.rows.lower, cuts.lower]),
            row_upper=np.concatenate([self._rows.upper, goal.rows.upper, cuts.upper]),
            upper=goal.upper,
            integer=np.full(self.n_variables, whole),
            maximise=goal.maximise,
        )

    def _tree_rows(self) -> Rows:
        n, m = self.graph.n_nodes, len(self.link)
        z = sp.eye_array(n, format="csr")[:, 1:]
        into = sp.csr_array((np.ones(m), (self.head, np.arange(m))), shape=(n, m))
        out = sp.csr_array((np.ones(m), (self.tail, np.arange(m))), shape=(n, m))
        one = sp.hstack([-z, into])[1:]
        idle = np.flatnonzero(self.graph.node_weight == 0)
        idle = idle[idle > 0]
        no_end = sp.hstack([-z, out])[idle] if len(idle) else sp.csr_array((0, n - 1 + m))
        inner = np.flatnonzero(self.tail != 0)
        k = len(inner)
        both = sp.csr_array((np.ones(m), (self.link, np.arange(m))), shape=(self.graph.n_links, m))[
            self.link[inner]
        ]
        at_tail = sp.csr_array((np.ones(k), (np.arange(k), self.tail[inner] - 1)), shape=(k, n - 1))
        between = sp.hstack([-at_tail, both])
        lower = np.concatenate([np.zeros(n - 1), np.zeros(len(idle)), np.full(k, -np.inf)])
        upper = np.concatenate([np.zeros(n - 1), np.full(len(idle), np.inf), np.zeros(k)])
        return Rows(sp.csr_array(sp.vstack([one, no_end, between])), lower, upper)

    def _cut_rows(self) -> Rows:
        count = len(self._cuts)
        rows = np.repeat(np.arange(count), [len(arcs) + 1 for arcs, _ in self._cuts])
        columns = [np.append(arcs + self._first_arc, node - 1) for arcs, node in self._cuts]
        values = [np.append(np.ones(len(arcs)), -1.0) for arcs, _ in self._cuts]
        entries = (
            np.concatenate([np.empty(0), *values]),
            (rows, np.concatenate([np.empty(0, np.int64), *columns])),
        )
        matrix = sp.csr_array(entries, shape=(count, self.n_variables))
        return Rows(matrix, np.zeros(count), np.full(count, np.inf))

    def _cut(self, values: NDArray[np.float64]) -> bool:
        """Add cuts that an answer breaks; False when it breaks none."""
        joined = np.concatenate([[0.0], values[: self._first_arc]])
        hardened = np.maximum(values[self._first_arc :], 0.0)
        found = [cut for part in self._parts for cut in broken_cuts(part, joined, hardened)]
        self._cuts += found
        return bool(found)


def stack(*parts: Rows) -> Rows:
    """Put rows under each other.

    Parameters
    ----------
    *parts
        With the same number of columns.

    Returns
    -------
    Rows
        All of them.
    """
    return Rows(
        sp.csr_array(sp.vstack([part.matrix for part in parts])),
        np.concatenate([part.lower for part in parts]),
        np.concatenate([part.upper for part in parts]),
    )


def with_limit(goal: Goal, values: NDArray[np.float64], lower: float, upper: float) -> Goal:
    """Limit a sum over the variables.

    Parameters
    ----------
    goal
        What is looked for.
    values
        Per variable.
    lower, upper
        Bounds of their sum.

    Returns
    -------
    Goal
        With one row more.
    """
    row = Rows(sp.csr_array(values[None, :]), np.array([lower]), np.array([upper]))
    return replace(goal, rows=stack(goal.rows, row))
