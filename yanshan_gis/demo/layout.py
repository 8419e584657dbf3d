"""The road layout: settlements on a triangulation, roads laid on it and drawn as winding lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from yanshan_gis.demo.hamlets import suitability
from yanshan_gis.demo.hierarchy import CLASSES, Roads, lay_branches, lay_loops, lay_trunk
from yanshan_gis.demo.mesh import Mesh, climb
from yanshan_gis.demo.scatter import scatter, thin
from yanshan_gis.demo.winding import Lines, wind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.terrain import Terrain

SPACING = 76.0  # metres between vertices
_FROM_BORDER = 150.0
_STEEPNESS = 5.0  # how much dearer a road is for each metre of climb per metre


@dataclass(frozen=True)
class Layout:
    """Roads on a mesh.

    The first nodes are the committees', then the natural villages', then the seats'.

    Parameters
    ----------
    mesh
        The triangulation.
    roads
        What each edge is.
    lines
        The winding line of each edge, used or not, from its first node to its second.
    length
        Of the lines, in metres.
    inside
        True for edges that stay inside the county.
    committees, villages, seats
        How many nodes are committees, natural villages, and seats.
    """

    mesh: Mesh
    roads: Roads
    lines: Lines
    length: NDArray[np.float64]
    inside: NDArray[np.bool_]
    committees: int
    villages: int
    seats: int

    @property
    def settled(self) -> NDArray[np.int64]:
        """The nodes of committees and natural villages."""
        return np.arange(self.committees + self.villages)


def pass_by(rng: np.random.Generator, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Choose where the road passes places that stand fast.

    Parameters
    ----------
    rng
        Where the numbers come from.
    xy
        Places × 2.

    Returns
    -------
    numpy.ndarray
        Points × 2, 12 to 60 m away.
    """
    away = np.clip(np.exp(rng.normal(np.log(45.0), 0.55, len(xy))), 12.0, 60.0)
    angle = rng.uniform(0, 2 * np.pi, len(xy))
    offset = away[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.asarray(np.round(xy + offset, 2))


def lay_out(
    rng: np.random.Generator,
    terrain: Terrain,
    outline: Any,
    nodes: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    wanted_m: float,
) -> Layout:
    """Lay a county's roads.

    Parameters
    ----------
    rng
        Where the numbers come from.
    terrain
        The ground.
    outline
        The county's polygon.
    nodes
        Where the road passes the committees, the natural villages and the seats.
    wanted_m
        Length of all access roads.

    Returns
    -------
    Layout
        With roads of that length, at most one edge short.
    """
    committees, villages = len(nodes[0]), len(nodes[1])
    fixed = np.concatenate(nodes)
    seats = np.arange(committees + villages, len(fixed))
    mesh = Mesh.over(np.concatenate([fixed, _junctions(rng, terrain, outline, fixed)]))
    slope = climb(terrain, mesh)
    inside = _inside(outline, mesh)
    cost = np.where(inside, mesh.length * (1.0 + _STEEPNESS * slope), np.nan)
    roads = Roads.none(mesh)
    lay_trunk(mesh, cost, seats, roads)
    lay_branches(mesh, cost, np.arange(committees), CLASSES.index("township"), roads)
    towards = np.arange(committees, committees + villages)
    lay_branches(mesh, cost, towards, CLASSES.index("village"), roads)
    mesh = mesh.smoothed(roads.used, np.arange(len(mesh.xy)) >= len(fixed))
    lines = wind(rng, mesh.xy[mesh.edges], mesh.tips(), _strength(roads, slope), SPACING)
    length = lines.length
    order = _loop_order(rng, mesh, roads, slope, inside)
    lay_loops(mesh, length, order, wanted_m, roads)
    return Layout(mesh, roads, lines, length, inside, committees, villages, len(seats))


def _junctions(
    rng: np.random.Generator, terrain: Terrain, outline: Any, fixed: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return points between the settlements through which roads may lead."""
    xy = scatter(rng, shapely.buffer(outline, -2.2 * _FROM_BORDER), 450.0)
    xy = xy[cKDTree(fixed).query(xy)[0] > 520.0]
    keep = thin(xy, 0.5 * suitability(terrain, xy) + rng.uniform(size=len(xy)), 850.0)
    return np.asarray(np.round(xy[keep], 2))


def _inside(outline: Any, mesh: Mesh) -> NDArray[np.bool_]:
    core = shapely.buffer(outline, -_FROM_BORDER)
    shapely.prepare(core)
    return np.asarray(shapely.contains_properly(core, shapely.linestrings(mesh.xy[mesh.edges])))


def _strength(roads: Roads, slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Wind the more the hillier the ground, and the less the higher the class."""
    strength = np.clip(0.55 + 2.0 * slope, 0.55, 1.0)
    for rank, share in ((0, 0.55), (1, 0.6), (2, 0.7), (3, 0.85)):
        strength[roads.rank == rank] *= share
    return strength


def _loop_order(
    rng: np.random.Generator,
    mesh: Mesh,
    roads: Roads,
    slope: NDArray[np.float64],
    inside: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Put edges that join two roads before those that lead into open country, level ones first."""
    on_road = np.zeros(len(mesh.xy), dtype=bool)
    on_road[mesh.edges[roads.used]] = True
    ends = on_road[mesh.edges].sum(axis=1)
    open_ = np.flatnonzero(inside & ~roads.used & (ends > 0))
    key = 3.0 * slope[open_] + mesh.length[open_] / 4000.0 + rng.uniform(size=len(open_))
    return open_[np.argsort(key + 1.3 * (ends[open_] == 1), kind="stable")]
