"""The networks that engines are measured on, every polyline vertex a node.

Nodes are numbered as the lines come: first the ends of edges, with their numbers in the road
network, then the inner vertices, line after line from ``u`` to ``v``. Consecutive vertices are
linked; an edge's minutes are shared out by length; one-ways and parallel links stay.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from yanshan_gis import __version__
from yanshan_gis.network.connectivity import components
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.links import Links

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("YANSHAN_REAL_DATA", ROOT.parent / "shared" / "data"))
LIECHTENSTEIN = "liechtenstein"
# The scale of the bundled county that gives about as many nodes; the smallest is a part of it.
SCALES = {"10k": 1.0, "200k": 3.4, "1M": 17.0}
SIZES = (*SCALES, LIECHTENSTEIN)
_PART = {"10k": 11_300}  # vertices of edges, whose ends are counted more than once
# What shapes a network: a change there makes the kept ones useless.
_MADE_BY = ("yanshan_gis/demo/*.py", "yanshan_gis/ingest/osm*.py", "layers/yanshan/*",
            "analyses/road-network.toml", "yanshan_gis/methods/road_network.py",
            "yanshan_gis/network/topology.py", "yanshan_gis/network/impedance.py",
            "benchmarks/workloads.py")  # fmt: skip
_SEED = 2021


@dataclass(frozen=True, eq=False)
class Workload:
    """A vertex graph and the road lines it was made from.

    Parameters
    ----------
    n
        Number of nodes.
    u, v
        int32, the two ends of each piece between consecutive vertices.
    from_u, from_v
        Minutes along a piece from ``u``, and from ``v``; NaN where one-way traffic forbids it.
    x, y
        Metres, one per node.
    edge_u, edge_v
        Ends of the road network's edges.
    vertex
        Nodes along the edges, edge after edge.
    first
        Where each edge begins in `vertex`; one more at the end.
    """

    n: int
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    from_u: NDArray[np.float64]
    from_v: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    edge_u: NDArray[np.int32]
    edge_v: NDArray[np.int32]
    vertex: NDArray[np.int32]
    first: NDArray[np.int64]

    @classmethod
    def of_network(cls, network: RoadNetwork) -> Workload:
        """Make every vertex of the network's lines a node."""
        lines = network.edges.geometry.to_numpy()
        coordinates, line = shapely.get_coordinates(lines, return_index=True)
        count = np.bincount(line, minlength=len(lines))
        first = np.concatenate([[0], np.cumsum(count)])
        inner = np.ones(len(line), dtype=bool)
        inner[first[:-1]], inner[first[1:] - 1] = False, False
        vertex = np.empty(len(line), dtype=np.int32)
        vertex[inner] = network.n_nodes + np.arange(inner.sum())
        vertex[first[:-1]], vertex[first[1:] - 1] = network.u, network.v
        begins = np.ones(len(line), dtype=bool)
        begins[first[1:] - 1] = False  # of a piece to the next vertex
        at = np.flatnonzero(begins)
        length = np.hypot(*(coordinates[at + 1] - coordinates[at]).T)
        whole = np.bincount(line[at], weights=length, minlength=len(lines))
        share = np.where(whole[line[at]] > 0, length, 1.0)
        share /= np.where(whole > 0, whole, count - 1)[line[at]]
        x, y = (
            np.concatenate([known, coordinates[inner, axis]])
            for axis, known in enumerate((network.node_x, network.node_y))
        )
        return cls(
            len(x), vertex[at], vertex[at + 1],
            network.minutes[line[at]] * share, network.minutes_back[line[at]] * share,
            x, y, network.u.copy(), network.v.copy(), vertex, first,
        )  # fmt: skip

    @property
    def share_of_degree_2(self) -> float:
        """Share of nodes at which exactly two pieces end."""
        degree = np.bincount(np.concatenate([self.u, self.v]), minlength=self.n)
        return float((degree == 2).mean())

    @property
    def n_links(self) -> int:
        """Number of directed links."""
        return int(np.isfinite(self.from_u).sum() + np.isfinite(self.from_v).sum())

    def links(self) -> Links:
        """Return the links turned round, for searches of the ways toward a place."""
        return Links.of_edges(self.n, self.u, self.v, self.from_v, self.from_u)

    def directed(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """Return tail, head and minutes of the same links, in the order of the pieces."""
        ahead, back = np.isfinite(self.from_v), np.isfinite(self.from_u)
        return (
            np.concatenate([self.u[ahead], self.v[back]]),
            np.concatenate([self.v[ahead], self.u[back]]),
            np.concatenate([self.from_v[ahead], self.from_u[back]]),
        )

    def places(self, count: int) -> NDArray[np.int64]:
        """Draw different nodes."""
        rng = np.random.default_rng(_SEED + count)
        return rng.permutation(self.n)[:count].astype(np.int64)

    def points(self, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Draw points some hundred metres from roads: villages, fields, facilities."""
        rng = np.random.default_rng(_SEED)
        at = rng.integers(0, self.n, count)
        astray = rng.normal(0.0, 300.0, (2, count))
        return self.x[at] + astray[0], self.y[at] + astray[1]

    def lines(self) -> NDArray[Any]:
        """Return the road network's edges as LineStrings."""
        edge = np.repeat(np.arange(len(self.edge_u)), np.diff(self.first))
        return shapely.linestrings(self.x[self.vertex], self.y[self.vertex], indices=edge)

    def shuffled(self) -> Workload:
        """Return the same network with pieces in no order and nodes numbered at random."""
        rng = np.random.default_rng(_SEED)
        order, number = rng.permutation(len(self.u)), rng.permutation(self.n).astype(np.int32)
        before = np.argsort(number)
        return Workload(
            self.n, number[self.u[order]], number[self.v[order]],
            self.from_u[order], self.from_v[order], self.x[before], self.y[before],
            number[self.edge_u], number[self.edge_v], number[self.vertex], self.first,
        )  # fmt: skip

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def read(cls, path: Path) -> Workload:
        with np.load(path) as kept:
            return cls(int(kept["n"]), *(kept[f.name] for f in fields(cls)[1:]))


def absent(size: str) -> str | None:
    """Say why a network cannot be had; None where it can."""
    if size != LIECHTENSTEIN or _extract().exists():
        return None
    return f"{size}: left out, {_extract()} is absent (set YANSHAN_REAL_DATA to the data folder)."


def kept(size: str) -> Path:
    """Return the file of a network, made first where it is not there."""
    made_by = hashlib.sha256(__version__.encode())
    for pattern in _MADE_BY:
        for path in sorted(ROOT.glob(pattern)):
            made_by.update(path.read_bytes())
    path = _cache_folder() / f"{size}-{made_by.hexdigest()[:12]}.npz"
    if not path.exists():
        print(f"{size}: making the network, once …", file=sys.stderr)
        for older in path.parent.glob(f"{size}-*.npz"):
            older.unlink()
        Workload.of_network(_network(size)).write(path)
    return path


def _cache_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()
    return Path(home) / "yanshan-gis-benchmarks"


def _extract() -> Path:
    return DATA / "liechtenstein" / "liechtenstein-2022.osm.pbf"


def _network(size: str) -> RoadNetwork:
    """Make a workspace as a user would, and run the recipe ``road-network`` there."""
    from yanshan_gis.demo.filling import create_demo
    from yanshan_gis.run import run
    from yanshan_gis.workspace import open_workspace

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "county"
        if size == LIECHTENSTEIN:
            sys.path.insert(0, str(ROOT / "scripts"))
            importlib.import_module("liechtenstein_import").fill(root, _extract())
            workspace = open_workspace(root)
        else:
            workspace = create_demo(root, scale=SCALES[size])
        found = {outcome.recipe.name: outcome for outcome in run(workspace, ["road-network"])}
    edges = found["road-network"].result.layers["edges"]
    return RoadNetwork.from_edges(_part(edges, _PART[size]) if size in _PART else edges)


def _part(edges: gpd.GeoDataFrame, vertices: int) -> gpd.GeoDataFrame:
    """Keep what lies around the middle and holds together, up to so many vertices."""
    middle = shapely.line_interpolate_point(edges.geometry.to_numpy(), 0.5, normalized=True)
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    order = np.argsort(np.hypot(x - np.median(x), y - np.median(y)), kind="stable")
    held = np.cumsum(shapely.get_num_coordinates(edges.geometry.to_numpy())[order])
    near = edges.iloc[np.sort(order[held <= vertices])]
    network = RoadNetwork.from_edges(near)
    whole = near[components(network)[network.u] == 0]
    number = np.unique(whole[["u", "v"]].to_numpy())
    return whole.assign(
        u=np.searchsorted(number, whole["u"]), v=np.searchsorted(number, whole["v"])
    ).reset_index(drop=True)
