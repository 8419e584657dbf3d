"""Roads inside villages: short streets from where the access road passes, into open ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from yanshan_gis.demo.winding import linestrings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.layout import Layout

_MOST = 0.44  # of an unused edge, so that two villages' streets on one edge do not meet
_SHORTEST = 60.0
_HARDENED = 0.6  # share of the length


@dataclass(frozen=True)
class Street:
    """One street.

    Parameters
    ----------
    village
        Node of the settlement.
    xy
        Vertices × 2, from the access road outwards.
    """

    village: int
    xy: NDArray[np.float64]


def build_streets(
    rng: np.random.Generator, layout: Layout, blocked: set[int], total_m: float
) -> list[Street]:
    """Draw streets along unused edges of the mesh.

    Parameters
    ----------
    rng
        Where the numbers come from.
    layout
        The roads.
    blocked
        Edges that must stay empty.
    total_m
        Length of all streets, reached to about one per cent.

    Returns
    -------
    list of Street
        In the order of the villages.
    """
    room = _room(layout, blocked)
    wish = np.exp(rng.normal(0.0, 0.45, len(room)))
    wish[: layout.committees] *= 1.5
    space = np.array([sum(most for _, most in found) for found in room])
    low, high = 0.0, 10.0 * total_m / len(room)
    for _ in range(30):
        middle = (low + high) / 2
        if np.minimum(wish * middle, space).sum() < total_m:
            low = middle
        else:
            high = middle
    lengths = np.minimum(wish * high, space)
    streets = []
    for village, (found, length) in enumerate(zip(room, lengths.tolist(), strict=True)):
        streets += _streets_of(layout, village, found, length)
    return streets


def _room(layout: Layout, blocked: set[int]) -> list[list[tuple[int, float]]]:
    """List for each settlement the unused edges there, with the length streets may take."""
    edges = layout.mesh.edges
    free = layout.inside & ~layout.roads.used
    free[list(blocked)] = False
    room: list[list[tuple[int, float]]] = [[] for _ in layout.settled]
    for edge in np.flatnonzero(free & (edges < len(room)).any(axis=1)).tolist():
        most = _MOST * float(layout.length[edge])
        for node in edges[edge].tolist():
            if node < len(room) and most >= _SHORTEST:
                room[node].append((edge, most))
    return room


def _streets_of(
    layout: Layout, village: int, found: list[tuple[int, float]], length: float
) -> list[Street]:
    """Share a village's length out over as few edges as hold it, two at least where there are."""
    streets: list[Street] = []
    found = sorted(found, key=lambda item: -item[1])
    held = 0.0
    chosen: list[tuple[int, float]] = []
    for edge, most in found:
        if held >= length * 1.15 and len(chosen) >= 2:
            break
        chosen.append((edge, most))
        held += most
    share = min(length / held, 1.0) if held else 0.0
    for edge, most in sorted(chosen):
        line = layout.lines[edge]
        if layout.mesh.edges[edge, 0] != village:
            line = line[::-1]
        if most * share >= 20.0:
            streets.append(Street(village, first_metres(line, most * share)))
    return streets


def first_metres(xy: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """Return the beginning of a line.

    Parameters
    ----------
    xy
        Vertices × 2.
    length
        Metres to keep, above zero.

    Returns
    -------
    numpy.ndarray
        Vertices × 2, the last one new, on whole centimetres; the whole line where it is shorter.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    if length >= along[-1]:
        return xy
    keep = int(np.searchsorted(along, length))
    share = (length - along[keep - 1]) / (along[keep] - along[keep - 1])
    end = np.round(xy[keep - 1] + (xy[keep] - xy[keep - 1]) * share, 2)
    return np.concatenate([xy[:keep], end[None]])


def street_lengths(streets: list[Street]) -> NDArray[np.float64]:
    """Measure streets.

    Parameters
    ----------
    streets
        Any.

    Returns
    -------
    numpy.ndarray
        Metres.
    """
    return np.asarray(shapely.length(linestrings([street.xy for street in streets])))


def harden_streets(
    rng: np.random.Generator, layout: Layout, streets: list[Street], joined: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Harden streets up to the wanted share of their length.

    All streets of committees are hardened and the first of each joined village; of the rest,
    joined villages' streets before others'.

    Parameters
    ----------
    rng
        Where the numbers come from.
    layout
        The roads.
    streets
        In the order of the villages.
    joined
        Which settlements hardened roads join to the seats.

    Returns
    -------
    numpy.ndarray
        True for hardened streets.
    """
    village = np.array([street.village for street in streets])
    length = street_lengths(streets)
    first = np.concatenate([[True], np.diff(village) > 0])
    key = rng.uniform(size=len(streets)) + 0.45 * joined[village]
    key[(first & joined[village]) | (village < layout.committees)] = 9.0
    order = np.argsort(-key, kind="stable")
    hard = np.zeros(len(streets), dtype=bool)
    hard[order] = np.cumsum(length[order]) <= _HARDENED * length.sum()
    return hard
