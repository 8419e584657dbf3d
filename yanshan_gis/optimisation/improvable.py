"""A network that money makes quicker, and what each place lacks to be within its limit.

Roads that may be hardened and sites that may be opened are one kind of thing: an *improvement*
that lowers the minutes of links. A site that is not open is a link to the common goal that takes
for ever. A place is within reach when its quickest way to the goal takes no longer than it may.

What a place lacks is told by inequalities that hold for every choice y of improvements. Let π be
any labels of nodes with π(head) − π(tail) ≤ now for all links. A way of at most T minutes to the
goal must gain Δ = π(goal) − π(place) − T on links that are improved, and a link gains at most
s = π(head) − π(tail) − built. So Σ min(1, s/Δ) y ≥ 1 wherever the place is within reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Minutes by which rounding may miss a limit, and below which no difference is told.
_SAME_MIN = 1e-7
_LEAST_MIN = 1e-9  # what a link takes at least: a stored 0 would be no link


def _looked_at(allowed: Floats | float) -> Floats | float:
    """How far a way is followed; what is longer is as long as this."""
    return 1.5 * np.maximum(allowed, 0.0) + 1.0


@dataclass(frozen=True, eq=False)
class Improvable:
    """Links, improvements of them, and places that ask for the goal.

    Parameters
    ----------
    nodes
        Number of nodes; the goal is the last of them.
    tail, head
        Of each directed link.
    now, built
        Minutes of each link, before and after its improvement; `now` is infinite where there is
        no link before, `built` no longer than `now`.
    improvement
        Of each link; -1 where nothing changes it. Links of one improvement are the directions of
        one road: no way uses two of them.
    cost
        Of each improvement, above 0; infinite for one that is out of the question.
    place
        Node of each place.
    allowed
        Minutes each place may take to the goal; negative where it cannot be reached at all.
    weight
        Of each place, ≥ 0.
    """

    nodes: int
    tail: Ints
    head: Ints
    now: Floats
    built: Floats
    improvement: Ints
    cost: Floats
    place: Ints
    allowed: Floats
    weight: Floats

    @property
    def goal(self) -> int:
        """The node all places ask for."""
        return self.nodes - 1

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Links in order of tail and head: the order, where a pair begins, and the pairs."""
        order = np.lexsort((self.head, self.tail))
        tail, head = self.tail[order], self.head[order]
        first = np.r_[True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])]
        begin = np.flatnonzero(first)
        return order, begin, tail[begin], head[begin]

    def minutes(self, share: Floats) -> Floats:
        """Tell what links take when improvements are made in part.

        Parameters
        ----------
        share
            Of each improvement, 0 to 1; a site opened in part takes its time and, for the part
            that is missing, more than any place may take.

        Returns
        -------
        numpy.ndarray
            Minutes per link, between `built` and `now`.
        """
        made = np.append(share, 1.0)[self.improvement]  # -1, what nothing changes, takes the last
        ever = np.where(np.isfinite(self.now), self.now, self.never + self.built)
        return np.where(made >= 1.0, self.built, self.built + (1.0 - made) * (ever - self.built))

    @property
    def never(self) -> float:
        """Minutes longer than any place may take, for a site that is not open."""
        return 2.0 * float(self.allowed.max(initial=0.0)) + 1.0

    def _graph(self, minutes: Floats, *, reverse: bool = False) -> sp.csr_array:
        order, begin, tail, head = self._pairs
        quickest = np.minimum.reduceat(minutes[order], begin) if len(begin) else minutes[:0]
        ends = (head, tail) if reverse else (tail, head)
        shape = (self.nodes, self.nodes)
        return sp.csr_array((np.maximum(quickest, _LEAST_MIN), ends), shape=shape)

    def to_goal(self, minutes: Floats) -> Floats:
        """Measure the way of every node.

        Parameters
        ----------
        minutes
            Per link.

        Returns
        -------
        numpy.ndarray
            Minutes per node; infinite without a way.
        """
        found: Floats = dijkstra(self._graph(minutes, reverse=True), indices=self.goal)
        return found

    def from_places(self, minutes: Floats, which: Ints) -> Floats:
        """Measure ways out of places, as far as any place may go and half as far again.

        Parameters
        ----------
        minutes
            Per link.
        which
            Places.

        Returns
        -------
        numpy.ndarray
            Of shape (len(which), nodes); infinite beyond.
        """
        if not len(which):
            return np.empty((0, self.nodes))
        farthest = float(_looked_at(self.allowed.max(initial=0.0)))
        found: Floats = dijkstra(self._graph(minutes), indices=self.place[which], limit=farthest)
        return found

    def within(self, share: Floats) -> NDArray[np.bool_]:
        """Tell which places are within reach.

        Parameters
        ----------
        share
            1 for improvements made, 0 for the others.

        Returns
        -------
        numpy.ndarray
            One flag per place.
        """
        return self.to_goal(self.minutes(share))[self.place] <= self.allowed + _SAME_MIN

    def lacks(self, share: Floats, which: Ints, part: float) -> tuple[sp.csr_array, Ints]:
        """Write down what places lack that are not within reach.

        Parameters
        ----------
        share
            Of each improvement, 0 to 1; places that lack nothing with these are left out.
        which
            Places to look at.
        part
            Of what is lacking that one improvement has to gain to count in full, above 0 to 1: at
            1 gains add up, near 0 the row says that one of the nearest improvements is needed.

        Returns
        -------
        tuple
            Coefficients of shape (rows, improvements), and the place of each row.
        """
        state = self.minutes(share)
        out = self.from_places(state, which)
        rest = self.to_goal(self.built)
        reach = np.minimum(out[:, self.goal], _looked_at(self.allowed[which]))
        missing = reach - self.allowed[which]
        kept = missing > _SAME_MIN
        which, out, missing = which[kept], out[kept], missing[kept]
        lack = np.maximum(part * missing, np.minimum(missing, 1e-3))
        labels = np.minimum(out, (self.allowed[which] + lack)[:, None] - rest[None, :])
        mine = np.flatnonzero(self.improvement >= 0)
        with np.errstate(invalid="ignore"):  # between nodes from which nothing leads to the goal
            gain = labels[:, self.head[mine]] - labels[:, self.tail[mine]] - self.built[mine]
        share_of = np.minimum(np.where(gain > _SAME_MIN, gain, 0.0) / lack[:, None], 1.0)
        rows, links = np.nonzero(share_of)
        improvements = self.improvement[mine][links]
        most = np.zeros((len(which), len(self.cost)))
        np.maximum.at(most, (rows, improvements), share_of[rows, links])
        return sp.csr_array(most), which
