"""Winding lines that cannot cross: each keeps to the two triangles on its own edge.

An edge of a triangulation (or of a Voronoi diagram) has a triangle on either side whose tip no
other edge's triangles share area with. A line that starts and ends with the edge and stays between
the two tips therefore meets other such lines at common ends only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEEP = 0.88  # share of the triangles that lines may use; the rest keeps neighbours apart
_WAVES = 5


@dataclass(frozen=True)
class Lines:
    """Many polylines in two arrays.

    Parameters
    ----------
    xy
        Vertices × 2, line after line, on whole centimetres.
    start
        Where each line begins in `xy`; one more entry for the end.
    """

    xy: NDArray[np.float64]
    start: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start) - 1

    def __getitem__(self, index: int) -> NDArray[np.float64]:
        return self.xy[self.start[index] : self.start[index + 1]]

    def shapes(self, which: NDArray[np.int64]) -> NDArray[np.object_]:
        """Return some of the lines as geometries.

        Parameters
        ----------
        which
            Their positions.

        Returns
        -------
        numpy.ndarray
            One shapely.LineString each.
        """
        return linestrings([self[index] for index in which.tolist()])

    @property
    def owner(self) -> NDArray[np.int64]:
        """Which line each vertex belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    @property
    def length(self) -> NDArray[np.float64]:
        """Length of each line in metres."""
        step = np.hypot(*np.diff(self.xy, axis=0).T)
        step[self.start[1:-1] - 1] = 0.0  # from the end of one line to the start of the next
        total = np.concatenate([[0.0], np.cumsum(step)])
        return np.asarray(total[self.start[1:] - 1] - total[self.start[:-1]])


def linestrings(lines: list[NDArray[np.float64]]) -> NDArray[np.object_]:
    """Turn vertices into geometries.

    Parameters
    ----------
    lines
        Vertices × 2 of each line.

    Returns
    -------
    numpy.ndarray
        One shapely.LineString each.
    """
    if not lines:
        return np.empty(0, dtype=object)
    owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    return np.asarray(shapely.linestrings(np.concatenate(lines), indices=owner))


def wind(
    rng: np.random.Generator,
    ends: NDArray[np.float64],
    tips: NDArray[np.float64],
    strength: NDArray[np.float64],
    spacing: float,
    waves: tuple[float, float] = (300.0, 1700.0),
) -> Lines:
    """Draw winding lines along edges.

    Parameters
    ----------
    rng
        Where the numbers come from.
    ends
        Edges × 2 × 2: start and end.
    tips
        Edges × 2 × 2: the tips of the triangles to the left and to the right of each edge.
    strength
        One per edge, 0 (straight) to 1 (the whole width between the tips).
    spacing
        Metres between vertices, about.
    waves
        Shortest and longest wavelength of the bends, in metres.

    Returns
    -------
    Lines
        One per edge, both ends exactly where the edge's are (rounded to centimetres).
    """
    along = ends[:, 1] - ends[:, 0]
    length = np.hypot(along[:, 0], along[:, 1])
    steps = np.maximum(np.round(length * (1.0 + 0.18 * strength) / spacing), 1).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(steps + 1)])
    owner = np.repeat(np.arange(len(ends)), steps + 1)
    place = np.arange(start[-1]) - start[owner]
    inner = (place > 0) & (place < steps[owner])
    share = (place + np.where(inner, rng.uniform(-0.22, 0.22, len(place)), 0.0)) / steps[owner]
    push = _noise(rng, length, owner, share, waves) * strength[owner]
    push *= np.where(
        push > 0,
        _room(ends, tips[:, 0], along, length, owner, share),
        _room(ends, tips[:, 1], along, length, owner, share),
    )
    across = np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
    xy = ends[owner, 0] + along[owner] * share[:, None] + across[owner] * push[:, None]
    return Lines(np.round(xy, 2), start)


def _noise(
    rng: np.random.Generator,
    length: NDArray[np.float64],
    owner: NDArray[np.int64],
    share: NDArray[np.float64],
    waves: tuple[float, float],
) -> NDArray[np.float64]:
    """Return smooth noise between -1 and 1 along each edge."""
    total = np.zeros(len(share))
    for _ in range(_WAVES):
        wave = np.exp(rng.uniform(np.log(waves[0]), np.log(waves[1]), len(length)))
        phase = rng.uniform(0, 2 * np.pi, len(length))
        weight = (wave / waves[1]) ** 0.7
        turn = 2 * np.pi * length / wave
        total += weight[owner] * np.sin(turn[owner] * share + phase[owner])
    return np.tanh(1.25 * total)


def _room(
    ends: NDArray[np.float64],
    tip: NDArray[np.float64],
    along: NDArray[np.float64],
    length: NDArray[np.float64],
    owner: NDArray[np.int64],
    share: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return how far a line may leave its edge towards a tip, in metres, at shares of the edge."""
    toward = tip - ends[:, 0]
    height = np.abs(along[:, 0] * toward[:, 1] - along[:, 1] * toward[:, 0]) / length
    foot = np.sum(along * toward, axis=1) / length**2
    before = share / np.maximum(foot, 0.02)[owner]
    after = (1.0 - share) / np.maximum(1.0 - foot, 0.02)[owner]
    return np.asarray(_KEEP * height[owner] * np.minimum(before, after))
