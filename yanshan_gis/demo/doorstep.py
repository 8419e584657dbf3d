"""Where villages lie beside their roads: some metres off, next to a road of the right kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from yanshan_gis.demo.winding import linestrings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.layout import Layout
    from yanshan_gis.demo.streets import Street

_USUAL, _SPREAD = 112.0, 0.6  # metres from the road: median and standard deviation of the logarithm
_LEAST, _MOST = 10.0, 300.0
_TURNS = 9
_FARTHER = (1.0, 1.35, 1.8)  # away from the node, which is more than away from the road


def settle_beside(
    rng: np.random.Generator,
    layout: Layout,
    hardened: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    streets: list[Street],
    street_hard: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Choose where natural villages lie, around the node at which roads pass them.

    A village on the hardened network lies next to a hardened road, whether streets are counted or
    access roads only; otherwise it would not be reached by the road that was built for it.

    Parameters
    ----------
    rng
        Where the numbers come from.
    layout
        The roads.
    hardened
        Which edges are hardened, and which settlements they join.
    streets, street_hard
        Streets, and which are hardened.

    Returns
    -------
    numpy.ndarray
        Villages × 2 on whole centimetres.
    """
    hard, joined = hardened
    nodes = np.arange(layout.committees, layout.committees + layout.villages)
    wish = np.exp(rng.normal(np.log(_USUAL), _SPREAD, len(nodes)))
    wish = np.clip(wish, _LEAST, _MOST)
    angle = rng.uniform(0, 2 * np.pi, len(nodes))[:, None] + np.linspace(
        0, 2 * np.pi, _TURNS, endpoint=False
    )
    away = np.minimum(np.multiply.outer(wish, _FARTHER), _MOST)
    offset = np.stack(
        [
            (np.cos(angle)[:, :, None] * away[:, None, :]).reshape(len(nodes), -1),
            (np.sin(angle)[:, :, None] * away[:, None, :]).reshape(len(nodes), -1),
        ],
        axis=-1,
    )
    tries = layout.mesh.xy[nodes][:, None, :] + offset
    village, lines, kind = _roads_at(layout, hard, streets, street_hard)
    nearest = _nearest(tries, village, lines, kind)
    hard_access, soft_access, hard_street, soft_street = nearest
    reached = np.minimum(hard_access, hard_street) < np.minimum(soft_access, soft_street)
    wrong = joined[nodes][:, None] & ~(reached & (hard_access < soft_access))
    distance = nearest.min(axis=0)
    miss = np.abs(np.log(np.maximum(distance, 1.0) / wish[:, None])) + 10.0 * wrong
    best = np.argmin(miss, axis=1)
    return np.asarray(np.round(tries[np.arange(len(nodes)), best], 2))


def _roads_at(
    layout: Layout,
    hard: NDArray[np.bool_],
    streets: list[Street],
    street_hard: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.int64]]:
    """List the roads that start at villages: village (from 0), line, kind (see `_nearest`)."""
    first, count = layout.committees, layout.villages
    ends = layout.mesh.edges - first
    here = layout.roads.used[:, None] & (ends >= 0) & (ends < count)
    edge, side = np.nonzero(here)
    used, place = np.unique(edge, return_inverse=True)
    access = layout.lines.shapes(used)
    inner = [n for n, s in enumerate(streets) if 0 <= s.village - first < count]
    others = linestrings([streets[n].xy for n in inner])
    village = np.concatenate(
        [ends[edge, side], np.array([streets[n].village - first for n in inner], dtype=np.int64)]
    )
    kind = np.concatenate([1 - hard[edge].astype(int), 3 - street_hard[inner].astype(int)])
    return village, np.concatenate([access[place], others]), kind


def _nearest(
    tries: NDArray[np.float64],
    village: NDArray[np.int64],
    lines: NDArray[np.object_],
    kind: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the distance from each try to the nearest road of four kinds.

    The kinds are hardened and soft access roads, hardened and soft streets.
    """
    points = shapely.points(tries)
    distance = shapely.distance(points[village], lines[:, None])
    nearest = np.full((4, *points.shape), np.inf)
    np.minimum.at(nearest, (kind, village), distance)
    return nearest
