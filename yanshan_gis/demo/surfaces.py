"""Which roads are hardened, so that every committee and the wanted share of villages is joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import dijkstra

from yanshan_gis.demo.hierarchy import CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.layout import Layout

_CORE = CLASSES.index("township")  # this class and the higher ones are hardened throughout
_FRAGMENTS = 0.06  # share of the other edges hardened without being joined
_LOOPS = 0.3  # share of loops between joined nodes that are hardened
_SOFT = ("stone", "gravel", "earth")


def harden(rng: np.random.Generator, layout: Layout, share: float) -> NDArray[np.bool_]:
    """Choose the hardened edges.

    Parameters
    ----------
    rng
        Where the numbers come from.
    layout
        The roads.
    share
        Share of natural villages to be joined to the hardened network.

    Returns
    -------
    numpy.ndarray
        True for hardened edges.
    """
    mesh, roads = layout.mesh, layout.roads
    hard = roads.used & (roads.rank <= _CORE)
    place = np.zeros(len(mesh.xy), dtype=bool)
    place[: layout.committees] = True
    place[len(layout.settled) : len(layout.settled) + layout.seats] = True
    hard |= roads.used & place[mesh.edges].any(axis=1)
    joined = np.zeros(len(mesh.xy), dtype=bool)
    joined[mesh.edges[hard]] = True
    _join_villages(rng, layout, hard, joined, share)
    soft = np.flatnonzero(roads.used & ~hard)
    ends = joined[mesh.edges[soft]].sum(axis=1)
    chance = np.select([ends == 2, ends == 0], [_LOOPS, _FRAGMENTS], 0.0)
    hard[soft[rng.uniform(size=len(soft)) < chance]] = True
    return hard


def _join_villages(
    rng: np.random.Generator,
    layout: Layout,
    hard: NDArray[np.bool_],
    joined: NDArray[np.bool_],
    share: float,
) -> None:
    """Harden the way from villages to what is joined, until the share is reached."""
    mesh, roads = layout.mesh, layout.roads
    cost = np.where(roads.used, layout.length, np.nan)
    far, before, _ = dijkstra(
        mesh.graph(cost), indices=np.flatnonzero(joined), min_only=True, return_predecessors=True
    )
    villages = np.arange(layout.committees, layout.committees + layout.villages)
    missing = round(share * layout.villages) - int(joined[villages].sum())
    key = far[villages] / 2500.0 + 2.2 * rng.uniform(size=len(villages))
    ahead = before.tolist()
    for village in villages[np.argsort(key, kind="stable")].tolist():
        if missing <= 0:
            break
        nodes = [village]
        while not joined[nodes[-1]] and ahead[nodes[-1]] >= 0:
            nodes.append(ahead[nodes[-1]])
        path = np.array(nodes)
        hard[mesh.find_edges(path[:-1], path[1:])] = True
        new = path[~joined[path]]
        joined[new] = True
        missing -= int(((new >= layout.committees) & (new < len(layout.settled))).sum())


def joined_nodes(layout: Layout, hard: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which nodes hardened roads join to the trunk roads without a break.

    Parameters
    ----------
    layout
        The roads.
    hard
        True for hardened edges.

    Returns
    -------
    numpy.ndarray
        True for joined nodes.
    """
    graph = layout.mesh.graph(np.where(hard, 1.0, np.nan))
    start = layout.mesh.edges[layout.roads.rank == 0][0, 0]
    return np.asarray(np.isfinite(dijkstra(graph, indices=start)))


def choose_surfaces(
    rng: np.random.Generator, rank: NDArray[np.int64], hard: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Choose the surface of roads.

    Parameters
    ----------
    rng
        Where the numbers come from.
    rank
        Position in `CLASSES` of each road.
    hard
        True for hardened roads.

    Returns
    -------
    numpy.ndarray
        Codes of the catalogue.
    """
    asphalt = np.array([1.0, 0.95, 0.85, 0.35, 0.12, 0.04])[rank]
    draw = rng.uniform(size=(2, len(rank)))
    hardened = np.where(draw[0] < asphalt, "asphalt", "cement")
    bounds = np.array([[0.3, 0.7]] * 5 + [[0.12, 0.45]])[rank]
    kind = (draw[1] >= bounds[:, 0]).astype(int) + (draw[1] >= bounds[:, 1])
    return np.where(hard, hardened, np.array(_SOFT)[kind]).astype(object)
