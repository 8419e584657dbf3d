"""Chosen links as a tree: how each node they join hangs on the root."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from yanshan_gis.optimisation.soft_graph import SoftGraph


@dataclass(frozen=True, eq=False)
class RootedTree:
    """Nodes joined to the root, each by one link from a node nearer to it.

    Parameters
    ----------
    graph
        The soft graph.
    before
        int32 per node: the next node toward the root; -1 at the root and at nodes not joined.
    link
        int32 per node: the link to it; -1 likewise.
    """

    graph: SoftGraph
    before: NDArray[np.int32]
    link: NDArray[np.int32]

    @classmethod
    def empty(cls, graph: SoftGraph) -> RootedTree:
        """Return the tree that joins nothing.

        Parameters
        ----------
        graph
            The soft graph.

        Returns
        -------
        RootedTree
            The root alone.
        """
        before, link = np.full((2, graph.n_nodes), -1, dtype=np.int32)
        return cls(graph, before, link)

    @classmethod
    def of_links(cls, graph: SoftGraph, links: Iterable[int]) -> RootedTree:
        """Hang chosen links on the root, breadth first.

        Parameters
        ----------
        graph
            The soft graph.
        links
            Indices; those not joined to the root, and those that close a circle, are left out.

        Returns
        -------
        RootedTree
            The tree.
        """
        around: dict[int, list[tuple[int, int]]] = {}
        for i in sorted(int(link) for link in links):
            a, b = int(graph.u[i]), int(graph.v[i])
            around.setdefault(a, []).append((b, i))
            around.setdefault(b, []).append((a, i))
        tree = cls.empty(graph)
        level = [0]
        while level:
            following = []
            for a in level:
                for b, i in around.get(a, ()):
                    if b != 0 and tree.link[b] < 0:
                        tree.before[b], tree.link[b] = a, i
                        following.append(b)
            level = following
        return tree

    @cached_property
    def reached(self) -> NDArray[np.bool_]:
        """True for the root and the nodes joined to it."""
        joined = self.link >= 0
        joined[0] = True
        return joined

    @cached_property
    def links(self) -> NDArray[np.int64]:
        """The chosen links, ascending."""
        return np.sort(self.link[self.link >= 0]).astype(np.int64)

    @cached_property
    def outward(self) -> NDArray[np.int64]:
        """The joined nodes without the root, each after the one before it; then by number."""
        depth = np.zeros(len(self.link), dtype=np.int64)
        at = self.before.copy()
        while (on := at >= 0).any():
            depth[on] += 1
            at[on] = self.before[at[on]]
        nodes = np.flatnonzero(depth)
        return nodes[np.lexsort((nodes, depth[nodes]))]

    @property
    def km(self) -> float:
        """Length of the chosen links."""
        return float(self.graph.length_km[self.links].sum())

    @property
    def cost(self) -> float:
        """Cost of the chosen links in 10,000 yuan; NaN where costs are not known."""
        return np.nan if self.graph.cost is None else float(self.graph.cost[self.links].sum())

    @property
    def gain(self) -> float:
        """Weight of the places gained."""
        return float(self.graph.node_weight[self.reached].sum())

    @property
    def gain_by_label(self) -> NDArray[np.float64]:
        """Weight of the places gained in each township."""
        gained: NDArray[np.float64] = self.graph.label_weight @ self.reached.astype(float)
        return gained

    def pruned(self) -> RootedTree:
        """Leave out branches that gain nothing.

        Returns
        -------
        RootedTree
            With the same gain.
        """
        useful = self.graph.node_weight > 0
        for x in self.outward[::-1].tolist():
            if useful[x]:
                useful[self.before[x]] = True
        before, link = self.before.copy(), self.link.copy()
        before[~useful], link[~useful] = -1, -1
        return RootedTree(self.graph, before, link)
