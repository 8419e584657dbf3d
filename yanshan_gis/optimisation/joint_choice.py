"""Roads and sites chosen together for one budget, so that most weight is within its limit.

maximise Σ_i w_i z_i subject to Σ_a c_a y_a ≤ B, y_a ∈ {0, 1}, 0 ≤ z_i ≤ 1, and for every place
and every labelling of `yanshan_gis.optimisation.improvable`: Σ_a min(1, s_a/Δ) y_a ≥ z_i.

There are too many such rows to write them all down. Those that an answer violates are added until
none is: then the answer is exact. What is known before is a bound all the same, because a program
with fewer rows promises too much and never too little; and what the roads and sites of an answer
really bring within reach is counted on the network. Murawski and Church (2009) state the question
for roads alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from yanshan_gis.optimisation.program import Answer, Program, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.optimisation.improvable import Floats, Improvable, Ints
    from yanshan_gis.optimisation.program import AnswerStatus, Listener

_ROUNDS = 25  # of the relaxation, each adding what it violates
_VIOLATED = 1e-3
_PARTS = (1.0, 0.05)


@dataclass(frozen=True, eq=False)
class Joint:
    """The improvements chosen, and what is known of the choice.

    Parameters
    ----------
    status
        ``optimal`` within the gap asked for, or ``time_limit``.
    chosen
        Improvements, ascending.
    within
        Places within reach with these.
    gain
        Weight that is within reach with these and not without.
    bound
        No choice within the budget gains more.
    """

    status: AnswerStatus
    chosen: Ints
    within: NDArray[np.bool_]
    gain: float
    bound: float


def choose_together(
    network: Improvable,
    budget: float,
    *,
    gap: float = 0.0,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Joint:
    """Choose improvements within a budget that bring most weight within reach.

    Parameters
    ----------
    network
        The question.
    budget
        What improvements may cost together.
    gap
        Relative distance between gain and bound that is good enough.
    time_limit_s
        After which the best choice found is kept, with its bound.
    listener
        Told gain and bound now and then.

    Returns
    -------
    Joint
        Improvements that no place needs are not chosen.
    """
    search = _Search(network, budget, time.monotonic() + time_limit_s, gap, listener)
    search.relax()
    search.prove()
    return search.answer()


class _Search:
    """Rows found so far, the best choice, and the bound."""

    def __init__(
        self,
        network: Improvable,
        budget: float,
        deadline: float,
        gap: float,
        listener: Listener | None,
    ) -> None:
        self.network, self.budget = network, budget
        self.deadline, self.gap, self.listener = deadline, gap, listener
        size = len(network.cost)
        self.affordable = (network.cost <= budget).astype(float)
        self.cost = np.where(network.cost <= budget, network.cost, 0.0)
        self.before = network.within(np.zeros(size))
        open_to_gain = network.within(self.affordable) & ~self.before & (network.weight > 0)
        self.places = np.flatnonzero(open_to_gain)
        self.weight = network.weight[self.places]
        self.best = np.zeros(size)
        self.gain = 0.0
        self.bound = float(self.weight.sum())
        self.rows: list[sp.csr_array] = []
        self.row_place: list[Ints] = []
        if len(self.places):
            self._try(np.zeros(size))

    @property
    def left_s(self) -> float:
        return max(self.deadline - time.monotonic(), 0.0)

    @property
    def done(self) -> bool:
        return self.bound - self.gain <= self.gap * max(self.gain, 1e-9) + 1e-9

    def relax(self) -> None:
        """Add rows that choices in part violate: they are found quickly and cut deep."""
        if self.done:
            return
        self._add(np.zeros(len(self.best)), np.ones(len(self.places)))
        for _ in range(_ROUNDS):
            found = self._solve(whole=False)
            if found.values is None or found.status != "optimal":
                return  # a relaxation cut short bounds nothing
            self._lower(found.bound)
            share, promised = self._parts(found)
            if self.done or not self.left_s or not self._add(share, promised):
                break
        self._try(self._rounded(share))

    def prove(self) -> None:
        """Solve with whole choices until what is promised is what is gained."""
        while not self.done and self.left_s:
            found = self._solve(whole=True)
            self._lower(found.bound)
            if found.values is None:
                return
            share, promised = self._parts(found)
            share = np.rint(share)
            self._try(share)
            if self.done or not self._add(share, promised):
                return

    def answer(self) -> Joint:
        """Tell the best choice, without improvements that are not needed for it."""
        chosen = self._needed(self.best)
        status: AnswerStatus = "optimal" if self.done else "time_limit"
        return Joint(
            status, np.flatnonzero(chosen), self.network.within(chosen), self.gain, self.bound
        )

    def _parts(self, found: Answer) -> tuple[Floats, Floats]:
        values = np.clip(np.zeros(0) if found.values is None else found.values, 0.0, 1.0)
        size = len(self.best)
        return values[:size], values[size:]

    def _lower(self, bound: float) -> None:
        whole = bool(np.all(self.weight == np.rint(self.weight)))
        told = float(np.floor(bound + 1e-6)) if whole else bound
        self.bound = max(min(self.bound, told), self.gain)
        if self.listener is not None:
            self.listener(self.gain, self.bound)

    def _add(self, share: Floats, promised: Floats) -> bool:
        """Add the rows that are violated; tell whether there are any."""
        wanted = self.places[promised > _VIOLATED]
        number = np.full(len(self.network.place), -1)
        number[self.places] = np.arange(len(self.places))
        found = False
        for part in _PARTS:
            rows, places = self.network.lacks(share, wanted, part)
            at = number[places]
            violated = np.asarray(rows @ share) < promised[at] - _VIOLATED
            if violated.any():
                self.rows.append(rows[violated])
                self.row_place.append(at[violated])
                found = True
        return found

    def _solve(self, *, whole: bool) -> Answer:
        size, count = len(self.best), len(self.places)
        rows = sp.vstack(self.rows, format="csr")
        places = np.concatenate(self.row_place)
        own = sp.csr_array(
            (np.full(len(places), -1.0), (np.arange(len(places)), places)),
            shape=(len(places), count),
        )
        spent = sp.csr_array(np.r_[self.cost, np.zeros(count)][None, :])
        matrix = sp.vstack([sp.hstack([rows, own]), spent], format="csr")
        program = Program(
            cost=np.r_[np.zeros(size), self.weight],
            matrix=sp.csr_array(matrix),
            row_lower=np.r_[np.zeros(len(places)), -np.inf],
            row_upper=np.r_[np.full(len(places), np.inf), self.budget],
            upper=np.r_[self.affordable, np.ones(count)],
            integer=np.r_[np.full(size, whole), np.zeros(count, dtype=bool)],
            maximise=True,
        )
        # Far from the proof, rows are worth more than the last per mille of a program without them.
        apart = (self.bound - self.gain) / max(self.bound, 1e-9)
        return solve(program, gap=max(self.gap / 2, apart / 8), time_limit_s=self.left_s)

    def _rounded(self, share: Floats) -> Floats:
        """Take what is chosen in part, the largest parts first, as far as the budget goes."""
        whole = np.zeros(len(share))
        left = self.budget
        for one in np.argsort(-share, kind="stable"):
            if share[one] <= _VIOLATED:
                break
            if self.network.cost[one] <= left:
                whole[one] = 1.0
                left -= float(self.network.cost[one])
        return whole

    def _try(self, share: Floats) -> None:
        """Count what a choice gains with what is left spent on further improvements."""
        filled = self._fill(self._needed(share))
        within = self.network.within(filled)[self.places]
        gain = float(self.weight[within].sum())
        if gain > self.gain:
            self.best, self.gain = filled, gain
        self.bound = max(self.bound, self.gain)

    def _fill(self, share: Floats) -> Floats:
        """Add the improvement that gains most for its cost, while one gains anything alone."""
        share = share.copy()
        sites = self._sites
        while True:
            left = self.budget - float(self.cost @ share)
            state = self.network.minutes(share)
            out = self.network.from_places(state, self.places)
            missing = out[:, self.network.goal] > self.network.allowed[self.places] + 1e-7
            tail, last = self.network.tail[sites], self.network.built[sites]
            reached = out[:, tail] + last <= self.network.allowed[self.places][:, None] + 1e-7
            gains = (self.weight * missing) @ reached
            cost = self.network.cost[self.network.improvement[sites]]
            rate = np.where(cost <= left, gains / cost, 0.0)
            if not len(rate) or rate.max() <= 0:
                return share
            share[self.network.improvement[sites[int(np.argmax(rate))]]] = 1.0

    @property
    def _sites(self) -> Ints:
        """Links that lead to the goal once they are paid for."""
        there = (self.network.head == self.network.goal) & (self.network.improvement >= 0)
        return np.flatnonzero(there)

    def _needed(self, share: Floats) -> Floats:
        """Leave out improvements, the dearest first, without which as much is within reach."""
        share = share.copy()
        within = self.network.within(share)
        order = np.flatnonzero(share > 0.5)
        for one in order[np.argsort(-self.network.cost[order], kind="stable")]:
            share[one] = 0.0
            if np.any(within & ~self.network.within(share)):
                share[one] = 1.0
        return share
