"""Chosen roads in the order they are built: steps of falling gain per kilometre, and years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.methods.townships import township_of
from yanshan_gis.optimisation.phasing import Phases, Step, phase, steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer
    from yanshan_gis.methods.soft_roads import SoftRoads
    from yanshan_gis.optimisation.budget import Budget
    from yanshan_gis.optimisation.rooted_tree import RootedTree

# Years with a colour of their own; roads of later ones share one.
COLOURED_YEARS = 5
_OWN = ["road_id", "name", "township", "state", "year", "order"]


@dataclass(frozen=True, eq=False)
class RoadYears:
    """The year and the step of every chosen edge, and what each year connects.

    Parameters
    ----------
    soft
        The network.
    tree
        The choice.
    phases, steps
        Both orders of its links.
    budgets
        Of each year.
    year, order
        Per edge of the network, from 1; 0 for edges that are not chosen.
    village_order
        Per village: the step that gains it, from 1; 0 for others.
    connected
        Per year and village: a hardened path to its committee at the end of the year, counted by
        the indicator's rule. The first row is today.
    """

    soft: SoftRoads
    tree: RootedTree
    phases: Phases
    steps: list[Step]
    budgets: Sequence[Budget]
    year: NDArray[np.int32]
    order: NDArray[np.int32]
    village_order: NDArray[np.int32]
    connected: NDArray[np.bool_]

    @classmethod
    def of(
        cls, soft: SoftRoads, tree: RootedTree, budgets: Sequence[Budget], time_limit_s: float
    ) -> RoadYears:
        """Order a choice.

        Parameters
        ----------
        soft
            The network.
        tree
            The choice.
        budgets
            Of each year.
        time_limit_s
            For the years.

        Returns
        -------
        RoadYears
            Committed edges count as hardened from the first year on.
        """
        graph, found = tree.graph, steps(tree)
        phases = phase(tree, budgets, time_limit_s=time_limit_s)
        of_link = np.zeros(graph.n_links, dtype=np.int32)
        for number, step in enumerate(found, start=1):
            of_link[list(step.links)] = number
        year, order = np.zeros((2, len(soft.hardened)), dtype=np.int32)
        for link in tree.links.tolist():
            edges = graph.edges_of([link])
            year[edges], order[edges] = phases.year[link] + 1, of_link[link]
        of_node = np.zeros(graph.n_nodes, dtype=np.int32)
        of_node[tree.outward] = of_link[tree.link[tree.outward]]
        built = [
            soft.connected(np.flatnonzero(soft.committed | ((year > 0) & (year <= y))))
            for y in range(1, len(budgets) + 1)
        ]
        return cls(
            soft, tree, phases, found, budgets, year, order,
            np.where(graph.node > 0, of_node[np.maximum(graph.node, 0)], 0).astype(np.int32),
            np.array([soft.connected([]), *built]),
        )  # fmt: skip

    @property
    def village_year(self) -> NDArray[np.int64]:
        """The first year in which a village that ends connected is; 0 today, -1 never."""
        first = self.connected.argmax(axis=0)
        return np.where(self.connected[-1], first, -1)

    def roads(self, townships: Layer | None) -> gpd.GeoDataFrame:
        """Draw all roads, those of one road and step in one row.

        Parameters
        ----------
        townships
            Polygons, for roads that do not name their township.

        Returns
        -------
        geopandas.GeoDataFrame
            Chosen roads first, in their order; then those hardened today and those left soft.
        """
        edges = self.soft.roads.edges
        frame = pd.DataFrame({"road_id": edges["road_id"].to_numpy(dtype=object)})
        frame["name"] = edges["name"].to_numpy(dtype=object) if "name" in edges else None
        frame["township"] = _townships(gpd.GeoDataFrame(edges), townships)
        frame["state"] = self._state()
        frame["year"], frame["order"] = self.year, self.order
        frame["km"] = self.soft.roads.length_m / 1000
        frame["cost_wan"] = self.soft.cost_wan
        keys = [frame[name].fillna("").astype(str) for name in ("road_id", "state")]
        group = pd.DataFrame({"road": keys[0], "state": keys[1], "order": self.order})
        number = group.groupby(["road", "state", "order"], sort=True).ngroup().to_numpy()
        rows = frame.groupby(number)[_OWN].first()
        rows["km"] = frame["km"].groupby(number).sum()
        rows["cost_wan"] = frame["cost_wan"].groupby(number).agg(_sum_or_unknown)
        by = np.argsort(number, kind="stable")
        lines = np.asarray(edges.geometry.array)[by]
        merged = shapely.line_merge(shapely.multilinestrings(lines, indices=number[by]))
        rows["gain"] = self._of_step(rows["order"], [step.gain for step in self.steps])
        rows["gain_per_km"] = self._of_step(
            rows["order"], [step.gain_per_km for step in self.steps]
        )
        chosen = rows["order"] > 0
        for name in ("year", "order"):
            rows[name] = rows[name].astype("Int64").where(chosen)
        drawn = gpd.GeoDataFrame(rows, geometry=merged, crs=self.soft.roads.crs)
        drawn = drawn.sort_values(["order", "state", "road_id"], kind="stable", na_position="last")
        drawn.insert(0, "id", [f"H{i:06d}" for i in range(1, len(drawn) + 1)])
        return drawn.reset_index(drop=True)

    def step_table(self, drawn: gpd.GeoDataFrame) -> pd.DataFrame:
        """List the steps, each with its gain per kilometre and that of the next.

        Parameters
        ----------
        drawn
            What `roads` gave back.

        Returns
        -------
        pandas.DataFrame
            One row per step; its gain per kilometre is never below the next one's.
        """
        chosen = drawn[drawn["order"].notna()]
        by_step = chosen.groupby("order")
        per_km = [step.gain_per_km for step in self.steps]
        villages = np.bincount(self.village_order, minlength=len(self.steps) + 1)[1:]
        table = pd.DataFrame(
            {
                "order": pd.array(np.arange(1, len(self.steps) + 1), dtype="Int64"),
                "km": [step.km for step in self.steps],
                "cost_wan": [step.cost for step in self.steps],
                "villages": pd.array(villages, dtype="Int64"),
                "gain": [step.gain for step in self.steps],
                "gain_per_km": per_km,
                "next_gain_per_km": [*per_km[1:], np.nan][: len(per_km)],
            }
        )
        table["cumulative_km"] = table["km"].cumsum()
        table["cumulative_gain"] = table["gain"].cumsum()
        for name, column, pick in (("first_year", "year", "min"), ("last_year", "year", "max")):
            years = by_step[column].agg(pick)
            table[name] = table["order"].map(years).astype("Int64")
        for name in ("township", "road_id"):
            table[name] = table["order"].map(by_step[name].agg(_listed)).astype(object)
        order = ["order", "first_year", "last_year", "township", "road_id", "km", "cumulative_km",
                 "cost_wan", "villages", "gain", "cumulative_gain", "gain_per_km",
                 "next_gain_per_km"]  # fmt: skip
        return table[order]

    def year_table(self) -> pd.DataFrame:
        """Count what each year takes and gains.

        Returns
        -------
        pandas.DataFrame
            One row per year; villages by the indicator's count.
        """
        connected = self.connected.sum(axis=1)
        return pd.DataFrame(
            {
                "year": pd.array(np.arange(1, len(self.budgets) + 1), dtype="Int64"),
                "budget_km": [budget.km for budget in self.budgets],
                "km": self.phases.km,
                "cumulative_km": np.cumsum(self.phases.km),
                "cost_wan": self.phases.cost,
                "gain": self.phases.gain,
                "cumulative_gain": np.cumsum(self.phases.gain),
                "villages": pd.array(np.diff(connected), dtype="Int64"),
                "connected": pd.array(connected[1:], dtype="Int64"),
                "share": connected[1:] / max(self.connected.shape[1], 1),
            }
        )

    def _state(self) -> NDArray[np.object_]:
        colour = np.minimum(self.year, COLOURED_YEARS + 1)
        names = [f"year_{y}" for y in range(1, COLOURED_YEARS + 1)]
        return np.select(
            [self.soft.hardened, self.soft.committed, *(colour == y for y in range(1, 7))],
            ["hardened", "committed", *names, "later"],
            default="soft",
        ).astype(object)

    def _of_step(self, order: pd.Series, values: list[float]) -> NDArray[np.float64]:
        of_step: NDArray[np.float64] = np.array([np.nan, *values])[order.to_numpy(dtype=np.int64)]
        return of_step


def _townships(edges: gpd.GeoDataFrame, townships: Layer | None) -> NDArray[np.object_]:
    """Name the township of each edge: its own, else where its middle lies."""
    middle = shapely.line_interpolate_point(edges.geometry.to_numpy(), 0.5, normalized=True)
    own = {"township": edges["township"].to_numpy(dtype=object)} if "township" in edges else {}
    places = gpd.GeoDataFrame(own, index=range(len(edges)), geometry=middle, crs=edges.crs)
    return township_of(places, None, townships).to_numpy(dtype=object)


def _sum_or_unknown(costs: pd.Series) -> float:
    return float(costs.sum(skipna=False))


def _listed(names: pd.Series) -> str:
    return "、".join(dict.fromkeys(str(name) for name in names.dropna()))
