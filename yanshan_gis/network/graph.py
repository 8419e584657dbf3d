"""The road network: immutable nodes and edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.crs import check_metric
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import N_
from yanshan_gis.network.links import Links
from yanshan_gis.network.segments import Segments
from yanshan_gis.network.splitting import Pieces, find_cuts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from yanshan_gis.network.stops import Stops

EDGE_COLUMNS = ("u", "v", "length_m", "minutes", "minutes_back", "road_id")


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """A routable road network. Nothing in it is ever changed; operations return another.

    Parameters
    ----------
    node_x, node_y
        Metres; NaN for a node no edge of the table names.
    source
        The edges as a table, or as pieces of another network's edges.
    crs
        Projected, in metres.
    """

    node_x: NDArray[np.float64]
    node_y: NDArray[np.float64]
    source: gpd.GeoDataFrame | Pieces = field(repr=False)
    crs: Any
    u: NDArray[np.int32] = field(init=False, repr=False)
    v: NDArray[np.int32] = field(init=False, repr=False)
    length_m: NDArray[np.float64] = field(init=False, repr=False)
    minutes: NDArray[np.float64] = field(init=False, repr=False)
    minutes_back: NDArray[np.float64] = field(init=False, repr=False)
    _links: dict[tuple[str, bool] | None, Links] = field(
        init=False, repr=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for name, dtype in (("u", np.int32), ("v", np.int32), ("length_m", float),
                            ("minutes", float), ("minutes_back", float)):  # fmt: skip
            if isinstance(self.source, Pieces):
                values = getattr(self.source, name)
            else:
                values = self.source[name].to_numpy(dtype=dtype, copy=True)
            object.__setattr__(self, name, values)
        for name in ("node_x", "node_y", "u", "v", "length_m", "minutes", "minutes_back"):
            getattr(self, name).flags.writeable = False

    @classmethod
    def from_edges(cls, edges: gpd.GeoDataFrame) -> RoadNetwork:
        """Build a network from an edge table, fresh or stored.

        Parameters
        ----------
        edges
            ``u``, ``v``, ``length_m``, ``minutes``, ``minutes_back``, ``road_id`` and LineStrings
            from node ``u`` to node ``v`` in a projected CRS in metres. Node ids are kept.

        Returns
        -------
        RoadNetwork
            With node coordinates from the ends of the lines.

        Raises
        ------
        CrsError
            When the CRS is missing or not in metres.
        DataError
            When columns are missing, a node id is negative, a length or time is negative, or the
            lines of one node end in different places.
        """
        check_metric(edges.crs, "edges")
        _check_columns(edges)
        u, v = edges["u"].to_numpy(np.int64), edges["v"].to_numpy(np.int64)
        lines = edges.geometry.to_numpy()
        node = np.concatenate([u, v])
        ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
        x, y = shapely.get_x(ends), shapely.get_y(ends)
        n = int(node.max()) + 1 if len(node) else 0
        node_x, node_y = np.full(n, np.nan), np.full(n, np.nan)
        node_x[node[::-1]], node_y[node[::-1]] = x[::-1], y[::-1]
        astray = np.hypot(node_x[node] - x, node_y[node] - y) > 0.01
        if astray.any():
            raise DataError(
                "network-ends",
                N_("Lines of node {node} end in different places; build the network again."),
                node=int(node[astray][0]),
            )
        return cls(node_x, node_y, edges.reset_index(drop=True), edges.crs)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_x)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.u)

    @cached_property
    def edges(self) -> gpd.GeoDataFrame:
        """The edges as a table, index 0 … n-1, with lines and attributes.

        Columns are ``u``, ``v``, ``road_id``, ``geometry`` (from ``u`` to ``v``), ``length_m``,
        ``minutes`` (from ``u`` to ``v``), ``minutes_back`` (from ``v`` to ``u``; NaN where
        forbidden) and attributes. After a split it is only made here, when asked for: searches
        do without.
        """
        return self.source.table() if isinstance(self.source, Pieces) else self.source

    @cached_property
    def segments(self) -> Segments:
        """The lines of the edges as segments, kept for the next search of a nearest one."""
        return Segments.of(self.edges.geometry.to_numpy())

    def only(self, mask: NDArray[np.bool_]) -> RoadNetwork:
        """Keep some edges and all nodes.

        Parameters
        ----------
        mask
            True for the edges to keep.

        Returns
        -------
        RoadNetwork
            Edges are numbered anew, nodes keep their numbers.
        """
        kept = self.edges[np.asarray(mask, dtype=bool)].reset_index(drop=True)
        return RoadNetwork(self.node_x, self.node_y, kept, self.crs)

    def costs(self, weight: str | NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the cost of every edge in both directions.

        Parameters
        ----------
        weight
            ``minutes``, ``length_m``, or one number per edge for both directions.

        Returns
        -------
        tuple of numpy.ndarray
            From ``u`` to ``v``, and from ``v`` to ``u``; NaN where one-way traffic forbids it,
            whatever the weight, and where a given number is NaN or infinite.

        Raises
        ------
        UsageError
            When the weight is no known name.
        DataError
            When the array has another length than the edges or holds a negative number.
        """
        if isinstance(weight, str) and weight == "minutes":
            return self.minutes, self.minutes_back
        values = self.length_m if isinstance(weight, str) else np.asarray(weight, dtype=float)
        _check_weight(weight, values, self.n_edges)
        values = np.where(np.isfinite(values), values, np.nan)
        ahead = np.where(np.isnan(self.minutes), np.nan, values)
        return ahead, np.where(np.isnan(self.minutes_back), np.nan, values)

    def links(self, weight: str | NDArray[np.float64], *, toward: bool = False) -> Links:
        """Return the directed links of the network.

        Parameters
        ----------
        weight
            As for `costs`.
        toward
            True to turn every link round, for a search of the ways *toward* a place.

        Returns
        -------
        Links
            Forbidden directions left out; those of a named weight are kept for the next search.
        """
        key = (weight, toward) if isinstance(weight, str) else None
        if key in self._links:
            return self._links[key]
        ahead, back = self.costs(weight)
        from_u, from_v = (back, ahead) if toward else (ahead, back)
        links = Links.of_edges(self.n_nodes, self.u, self.v, from_u, from_v)
        if key is not None:
            self._links[key] = links
        return links

    def matrix(self, weight: str | NDArray[np.float64], *, toward: bool = False) -> csr_array:
        """Return the links as a sparse matrix for `scipy.sparse.csgraph`.

        Parameters
        ----------
        weight, toward
            As for `links`.

        Returns
        -------
        scipy.sparse.csr_array
            As of `Links.matrix`.
        """
        return self.links(weight, toward=toward).matrix()

    def to_networkx(self) -> nx.MultiDiGraph:
        """Return the network for everything networkx knows.

        Returns
        -------
        networkx.MultiDiGraph
            Nodes with ``x`` and ``y``; one link per direction allowed, keyed by the edge's index,
            with all attributes of the edge. Against the edge, ``minutes`` and ``minutes_back``
            and the line are turned round. A loop is one link.
        """
        graph = nx.MultiDiGraph(crs=self.crs)
        places = zip(self.node_x.tolist(), self.node_y.tolist(), strict=True)
        graph.add_nodes_from((n, {"x": x, "y": y}) for n, (x, y) in enumerate(places))
        ahead = self.edges.drop(columns=["u", "v"])
        back = ahead.assign(minutes=self.minutes_back, minutes_back=self.minutes)
        back = back.set_geometry(shapely.reverse(ahead.geometry.to_numpy()), crs=self.crs)
        back = back[self.u != self.v]
        for table, tail, head in ((ahead, self.u, self.v), (back, self.v, self.u)):
            open_ = table[table["minutes"].notna()]
            records = open_.to_dict("records")
            for edge, record in zip(open_.index.tolist(), records, strict=True):
                graph.add_edge(int(tail[edge]), int(head[edge]), key=edge, **record)
        return graph

    def split(self, stops: Sequence[Stops]) -> tuple[RoadNetwork, list[NDArray[np.int32]]]:
        """Make the foot points of attached stops nodes of the network.

        Edges are cut where stops stand and share out length and minutes in proportion; other
        attributes stay. A stop at an edge's end uses the node there, stops at one foot share a
        node, and existing nodes keep their numbers.

        Parameters
        ----------
        stops
            Results of `attach` on this network.

        Returns
        -------
        tuple of RoadNetwork and list of numpy.ndarray
            The finer network, and for each of `stops` the node of every stop (int32), -1 where
            it is unattached.
        """
        edge = np.concatenate([np.empty(0, np.int32), *(s.edge for s in stops)])
        fraction = np.concatenate([np.empty(0), *(s.fraction for s in stops)])
        cuts, node = find_cuts(self, edge, fraction)
        nodes = np.split(node, np.cumsum([len(s.edge) for s in stops])[:-1]) if stops else []
        if not len(cuts):
            return self, nodes
        pieces = Pieces.of(self, cuts)
        x = np.concatenate([self.node_x, pieces.x])
        y = np.concatenate([self.node_y, pieces.y])
        return RoadNetwork(x, y, pieces, self.crs), nodes


def _check_columns(edges: pd.DataFrame) -> None:
    missing = [name for name in EDGE_COLUMNS if name not in edges]
    if missing:
        raise DataError(
            "network-columns",
            N_("The edge table lacks {columns}; build the network again."),
            columns=", ".join(missing),
        )
    for name in EDGE_COLUMNS[:5]:
        values = pd.to_numeric(edges[name], errors="coerce").to_numpy(float, na_value=np.nan)
        bad = values < 0 if name.startswith("minutes") else ~(values >= 0)
        if bad.any():
            raise DataError(
                "network-value",
                N_("{count} edges have a negative or missing {column}; build the network again."),
                count=int(bad.sum()),
                column=name,
            )


def _check_weight(weight: Any, values: NDArray[np.float64], n_edges: int) -> None:
    if isinstance(weight, str) and weight != "length_m":
        raise UsageError(
            "weight-unknown",
            N_("Weight {weight!r} is not known; it is minutes, length_m or one number per edge."),
            weight=weight,
        )
    if values.shape != (n_edges,) or (values < 0).any():
        raise DataError(
            "weight-values",
            N_("A weight needs one number of 0 or more for each of the {edges} edges."),
            edges=n_edges,
        )
