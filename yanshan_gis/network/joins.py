"""Ends that stop short of another line, and the connectors that close their gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.network.touches import Feet, Insertions, Segments
from yanshan_gis.network.vertices import GRID_PER_M, Vertices

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A stub up to this many tolerances long beside the line it branches from is an overshoot.
_STUB = 2.0


@dataclass(frozen=True)
class Undershoots:
    """Ends to be joined, in the order of their lines.

    Parameters
    ----------
    part
        Line that stops short.
    at_start
        True when it is the start of that line.
    place
        Place of the end.
    other
        Line that is reached.
    foot
        Place at which it is reached.
    gap_m
        Length of the gap.
    insertions
        Vertices the reached lines need.
    x, y
        Metres, all places: those of the vertices and the new ones.
    """

    part: NDArray[np.int64]
    at_start: NDArray[np.bool_]
    place: NDArray[np.int64]
    other: NDArray[np.int64]
    foot: NDArray[np.int64]
    gap_m: NDArray[np.float64]
    insertions: Insertions
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True)
class _Ends:
    """Dangling ends: places at which nothing but one end of one line lies."""

    place: NDArray[np.int64]
    part: NDArray[np.int64]
    at_start: NDArray[np.bool_]
    anchor: NDArray[np.int64]  # first place along the line that other lines share, or -1
    stub_m: NDArray[np.float64]  # distance to it


def _dangling(vertices: Vertices) -> _Ends:
    first, last, along = vertices.first, vertices.last, vertices.along_m
    shared = np.bincount(vertices.place, minlength=len(vertices.x))[vertices.place] > 1
    anchors = np.flatnonzero(shared)
    end = np.concatenate([first, last])
    at_start = np.repeat([True, False], [len(first), len(last)])
    at = np.where(at_start, np.searchsorted(anchors, end), np.searchsorted(anchors, end) - 1)
    exists = (at >= 0) & (at < len(anchors))
    anchor = np.full(len(end), -1)
    anchor[exists] = anchors[at[exists]]
    exists[exists] = vertices.part[anchor[exists]] == vertices.part[end[exists]]
    stub = np.full(len(end), np.inf)
    stub[exists] = np.abs(along[anchor[exists]] - along[end[exists]])
    place = np.where(exists, vertices.place[anchor], -1)
    loose = np.flatnonzero(~shared[end])
    loose = loose[np.argsort(end[loose], kind="stable")]
    return _Ends(
        vertices.place[end[loose]],
        vertices.part[end[loose]],
        at_start[loose],
        place[loose],
        stub[loose],
    )


def find_undershoots(
    segments: Segments, noded: Vertices, same: NDArray[np.int64], tolerance_m: float
) -> Undershoots:
    """Find the ends that hang loose near another line, and where they should reach it.

    Another line is any but the end's own. Left alone are overshoots (a stub that branches from
    the line in question no farther than twice the tolerance) and ends on the ground below the
    interior of a bridge or above that of a tunnel. Of several lines the nearest is reached; of
    equally near ones the one whose foot lies farthest west, then south, then on the end's level.

    Parameters
    ----------
    segments
        All segments, as read.
    noded
        The same lines after ends that touch were inserted.
    same
        For every place, the place it is one with.
    tolerance_m
        Longest gap that is closed, inclusive.

    Returns
    -------
    Undershoots
        One row per gap; two ends facing each other are one gap.
    """
    ends = _dangling(noded)
    which, segment, feet = _candidates(segments, noded, ends, tolerance_m)
    foot, x, y = _foot_places(noded, same, feet)
    other = segments.part[segment]
    level = segments.vertices.level
    foreign = level[other] != level[ends.part[which]]
    gap = np.round(feet.gap_m, 6)
    order = np.lexsort((segment, foreign, y[foot], x[foot], gap, which))
    is_best = np.diff(which[order], prepend=-1) != 0
    best = order[is_best]

    # Lines that are equally near at one foot meet there, whichever comes first in the table.
    reached = best[np.cumsum(is_best) - 1]
    tied = order[(foot[order] == foot[reached]) & (gap[order] == gap[reached])]
    tied = tied[feet.vertex[tied] < 0]
    insertions = Insertions(segment[tied], feet.fraction[tied], foot[tied])

    best = best[_once(ends.place[which[best]], foot[best])]
    end, foot = which[best], foot[best]
    place = ends.place[end]
    length = np.hypot(x[foot] - x[place], y[foot] - y[place])
    return Undershoots(
        ends.part[end], ends.at_start[end], place, other[best], foot, length, insertions, x, y
    )


def _candidates(
    segments: Segments, noded: Vertices, ends: _Ends, tolerance_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Feet]:
    """Pair loose ends with the segments they may be joined to."""
    which, segment = segments.near(ends.place, tolerance_m)
    other = segments.part[segment]
    alive = np.zeros(noded.n_parts, dtype=bool)
    alive[noded.part] = True
    wanted = alive[other] & (other != ends.part[which])
    wanted &= ~_overshoots(noded, ends, which, other, tolerance_m)
    which, segment = which[wanted], segment[wanted]
    fraction = segments.feet(ends.place[which], segment).fraction
    wanted = _reachable(segments, ends, which, segment, fraction)
    which, segment = which[wanted], segment[wanted]
    return which, segment, segments.feet(ends.place[which], segment)


def _foot_places(
    noded: Vertices, same: NDArray[np.int64], feet: Feet
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Find or make the place of each foot; returns it with the coordinates of all places."""
    # Complex numbers sort by their real and then their imaginary part, as places do.
    known = noded.x + 1j * noded.y
    on_grid = np.rint(feet.x * GRID_PER_M) / GRID_PER_M
    sought = on_grid + 1j * (np.rint(feet.y * GRID_PER_M) / GRID_PER_M)
    at = np.minimum(np.searchsorted(known, sought), len(known) - 1)
    foot = np.where(feet.vertex >= 0, feet.vertex, np.where(known[at] == sought, at, -1))
    new, index = np.unique(sought[foot < 0], return_inverse=True)
    foot[foot < 0] = len(known) + index
    x, y = np.append(noded.x, new.real), np.append(noded.y, new.imag)
    return np.append(same, np.arange(len(known), len(x)))[foot], x, y


def _overshoots(
    noded: Vertices,
    ends: _Ends,
    which: NDArray[np.int64],
    other: NDArray[np.int64],
    tolerance_m: float,
) -> NDArray[np.bool_]:
    """Tell which pairs are a short stub and the line it branches from."""
    n = noded.n_parts
    short = (ends.stub_m <= _STUB * tolerance_m)[which]
    anchored = np.zeros(len(noded.x), dtype=bool)
    anchored[ends.anchor[ends.anchor >= 0]] = True
    at = anchored[noded.place]
    passes = np.isin(ends.anchor[which] * n + other, noded.place[at] * n + noded.part[at])
    both: NDArray[np.bool_] = short & passes
    return both


def _reachable(
    segments: Segments,
    ends: _Ends,
    which: NDArray[np.int64],
    segment: NDArray[np.int64],
    fraction: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell which pairs may be joined by level."""
    vertices = segments.vertices
    level = vertices.level[ends.part[which]]
    other_level = vertices.level[segments.part[segment]]
    is_end, start = vertices.ends, segments.start[segment]
    at_end = (is_end[start] & (fraction == 0)) | (is_end[start + 1] & (fraction == 1))
    allowed: NDArray[np.bool_] = (level == other_level) | (level != 0) | at_end
    return allowed


def _once(place: NDArray[np.int64], foot: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep one of two ends that reach for each other: the one farther west, then south."""
    low, high = np.minimum(place, foot), np.maximum(place, foot)
    order = np.lexsort((place, high, low))
    new = (np.diff(low[order], prepend=-1) != 0) | (np.diff(high[order], prepend=-1) != 0)
    kept: NDArray[np.int64] = np.sort(order[new])
    return kept
