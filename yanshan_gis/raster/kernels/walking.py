"""Least walking time over a grid, by a queue of buckets instead of a heap.

Cells wait in lists by their time in steps of `width`; the list of the least step is worked off
first, in any order. A cell whose time falls once more, even within the list being worked off, waits
again, so what comes out does not depend on `width`: no move is left that would make any time less.
Steps beyond the ring of lists wait together in one more list, which is handed out when the ring is
empty. Every cell waits at most once and leaves its list in constant time, as it knows its
neighbours there.

Arrays are flat and carry a border, two cells wide, that nobody can enter: `pace` is infinite there.
"""

from __future__ import annotations

import numpy as np

from yanshan_gis.compiled import kernel

# Tobler: the pace on a slope S over that on the level is exp(3.5 (|S + 0.05| - 0.05)).
_STEEPNESS, _EASIEST = 3.5, 0.05
# Nothing is faster than 1 / _FASTEST of the time on the level: exp(3.5 · 0.05) = 1.19.
_FASTEST = 1.2
_MOST_STEPS = 2.0**60


@kernel
def _push(cell, here, head, after, before, ring_of):
    """Put a cell at the front of a list."""
    first = head[here]
    after[cell], before[cell] = first, -1
    if first >= 0:
        before[first] = cell
    head[here] = cell
    ring_of[cell] = here


@kernel
def _take(cell, head, after, before, ring_of):
    """Take a cell out of the list in which it waits."""
    nxt, prv = after[cell], before[cell]
    if prv >= 0:
        after[prv] = nxt
    else:
        head[ring_of[cell]] = nxt
    if nxt >= 0:
        before[nxt] = prv
    ring_of[cell] = -1


@kernel
def _step(time, width):
    """Return the step of a time; very steep moves take more steps than can be told apart."""
    return np.int64(min(time / width, _MOST_STEPS))


@kernel
def _hand_out(time, width, head, after, before, ring_of):
    """Spread the cells beyond the ring over it; return the first step, or -1 if none waits."""
    lists = len(head) - 1
    least = np.inf
    cell = head[lists]
    while cell >= 0:
        least = min(least, time[cell])
        cell = after[cell]
    if least == np.inf:
        return -1
    first = _step(least, width)
    cell = head[lists]
    while cell >= 0:
        following = after[cell]
        step = _step(time[cell], width)
        if step - first < lists:
            _take(cell, head, after, before, ring_of)
            _push(cell, step % lists, head, after, before, ring_of)
        cell = following
    return first


@kernel
def _climb(rise, run):
    """Return how much slower than on the level a stretch is that rises so much over its run."""
    return np.exp(_STEEPNESS * (abs(rise / run + _EASIEST) - _EASIEST))


@kernel
def _move(kind, cell, other, one, two, metres, sign, pace, height, tilted, budget):
    """Return the minutes of a move, or infinity if it is shut or cannot be done in `budget`.

    `one` and `two` are the cells beside a diagonal, or those a knight's move leads through, a
    quarter of its length in each.
    """
    if kind == 0:
        level = 0.5 * metres * (pace[cell] + pace[other])
    elif kind == 1:
        if pace[one] == np.inf and pace[two] == np.inf:
            return np.inf
        level = 0.5 * metres * (pace[cell] + pace[other])
    else:
        level = 0.25 * metres * (pace[cell] + pace[one] + pace[two] + pace[other])
    if not tilted or not level < budget * _FASTEST:
        return level
    if kind < 2:
        return level * _climb(sign * (height[other] - height[cell]), metres)
    half, middle = 0.5 * metres, 0.5 * (height[one] + height[two])
    first = pace[cell] + pace[one]
    second = pace[two] + pace[other]
    # The way leads through `one` and then through `two`, over the middle of the edge they share.
    first *= _climb(sign * (middle - height[cell]), half)
    second *= _climb(sign * (height[other] - middle), half)
    return 0.5 * half * (first + second)


@kernel
def spread(
    pace, height, tilted, sign, moves, metres, seeds, start, owner, width, cutoff,
    time, source, head, after, before, ring_of,
):  # fmt: skip
    """Write the least time of every cell and the seed's owner it comes from.

    `moves` holds one row per move: kind (0 straight, 1 diagonal, 2 knight), the step to the other
    cell, and those to the two cells between. `sign` is 1 where people walk away from the seeds, -1
    where they walk toward them. `time` comes as inf, `source` as -1, `head` and `ring_of` as -1.
    """
    lists = len(head) - 1
    for i in range(len(seeds)):
        cell = seeds[i]
        late = start[i] > time[cell] or start[i] > cutoff or not pace[cell] < np.inf
        if late or (start[i] == time[cell] and owner[i] >= source[cell]):
            continue
        if time[cell] == np.inf:
            _push(cell, lists, head, after, before, ring_of)
        time[cell], source[cell] = start[i], owner[i]
    step = _hand_out(time, width, head, after, before, ring_of)
    end = step + lists
    while step >= 0:
        here = step % lists
        while head[here] >= 0:
            cell = head[here]
            _take(cell, head, after, before, ring_of)
            spent, of = time[cell], source[cell]
            for m in range(len(moves)):
                other = cell + moves[m, 1]
                budget = time[other] - spent
                if not budget >= 0.0 or not pace[other] < np.inf:
                    continue
                one, two = cell + moves[m, 2], cell + moves[m, 3]
                there = spent + _move(
                    moves[m, 0], cell, other, one, two, metres[m], sign, pace, height, tilted,
                    budget,
                )  # fmt: skip
                known = time[other]
                if not there < np.inf or there > known or there > cutoff:
                    continue
                if there == known and of >= source[other]:
                    continue
                if ring_of[other] >= 0:
                    _take(other, head, after, before, ring_of)
                time[other], source[other] = there, of
                to = _step(there, width)
                place = lists if to >= end else max(to, step) % lists
                _push(other, place, head, after, before, ring_of)
        step += 1
        if step == end:
            step = _hand_out(time, width, head, after, before, ring_of)
            end = step + lists
