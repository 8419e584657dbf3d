"""What chosen roads gain: villages and their states, figures before and after, by township."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.townships import add_county_row, count_by_township
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer
    from yanshan_gis.methods.road_years import RoadYears
    from yanshan_gis.methods.soft_roads import SoftRoads
    from yanshan_gis.optimisation.budget import Budget
    from yanshan_gis.optimisation.upgrading import Upgrade

GAIN_UNITS = {"villages": "个", "households": "户", "population": "人"}
_MISSED = ["waiting", "other", "no_way", "beyond", "no_parent"]


@dataclass(frozen=True, eq=False)
class RoadGains:
    """What was chosen, ready to be told.

    Parameters
    ----------
    villages
        All of them, with ``parent``.
    township
        Name per village.
    exempt
        True for villages that do not count.
    soft
        The network with the villages that count, in the same order.
    found
        The choice.
    order
        Its years, and the recount after each.
    budget
        What may be spent.
    """

    villages: Layer
    township: pd.Series
    exempt: NDArray[np.bool_]
    soft: SoftRoads
    found: Upgrade
    order: RoadYears
    budget: Budget

    def result(
        self, townships: Layer | None, notices: list[Notice], weigh_by: str, target: float
    ) -> Result:
        """Tell everything.

        Parameters
        ----------
        townships
            Polygons with ``code``, for the order of the townships.
        notices
            Told before those of the choice.
        weigh_by
            What is gained, a key of `GAIN_UNITS`.
        target
            Share of connected villages that the plan asks for.

        Returns
        -------
        Result
            As of `yanshan_gis.methods.road_choice.first`.
        """
        table = self._table()
        drawn = self.order.roads(townships)
        missed = table[table["state"].isin(_MISSED)]
        points = gpd.GeoDataFrame(
            table, geometry=self.villages.frame.geometry.array, crs=self.villages.crs
        )
        layers = {"roads": drawn, "villages": points}
        if self.found.status == "infeasible":
            return Result("infeasible", layers=layers, warnings=(*self.found.reasons, *notices))
        return Result(
            indicators=self._indicators(weigh_by, target),
            layers=layers,
            tables={
                "steps": self.order.step_table(drawn),
                "by_year": self.order.year_table(),
                "by_township": self._by_township(table, drawn, townships),
                "missed": missed.drop(columns=["year", "order"]).reset_index(drop=True),
            },
            warnings=(*notices, *self._notices()),
        )

    def _table(self) -> pd.DataFrame:
        """Describe every village, exempt ones too."""
        frame = self.villages.frame
        homes = self.soft.committees.frame
        table = pd.DataFrame({"id": frame["id"], "name": frame["name"]})
        table["township"] = self.township
        table["committee"] = frame["parent"].map(dict(zip(homes["id"], homes["name"], strict=True)))
        for column in ("population", "households"):
            table[column] = amount(frame, column)
        state = np.full(len(table), "exempt", dtype=object)
        state[~self.exempt] = self._states(table["committee"][~self.exempt].isna().to_numpy())
        table["state"] = state
        year, order = np.zeros((2, len(table)), dtype=np.int64)
        year[~self.exempt], order[~self.exempt] = self.order.village_year, self.order.village_order
        gained = pd.Series(state == "gained", index=table.index)
        table["year"] = pd.Series(year, table.index, dtype="Int64").where(gained)
        table["order"] = pd.Series(order, table.index, dtype="Int64").where(gained & (order > 0))
        return table

    def _states(self, no_parent: NDArray[np.bool_]) -> NDArray[np.object_]:
        year, node = self.order.village_year, self.found.tree.graph.node
        return np.select(
            [year == 0, year > 0, no_parent, self.soft.node < 0, node < 0, self._joined],
            ["connected", "gained", "no_parent", "beyond", "no_way", "other"],
            default="waiting",
        ).astype(object)

    @property
    def _joined(self) -> NDArray[np.bool_]:
        """Villages with a hardened way to some committee, as the model counts."""
        graph = self.found.tree.graph
        joined: NDArray[np.bool_] = graph.node == 0
        return joined | graph.gained(self.found.tree.reached)

    def _indicators(self, weigh_by: str, target: float) -> tuple[Indicator, ...]:
        before, after = (int(flags.sum()) for flags in self.order.connected[[0, -1]])
        count, unit, found = len(self.soft.node), GAIN_UNITS[weigh_by], self.found
        spent = found.tree.km + found.tree.graph.committed_km
        told = [
            Indicator.share("hardened_path_after", after, count, target=target, headline=True),
            Indicator.share("hardened_path_before", before, count),
            Indicator("villages_gained", float(after - before), "个"),
            Indicator.share("budget_used", spent, self.budget.km),
            Indicator("gain", found.gain, unit),
            Indicator("bound", found.bound, unit),
            Indicator("lost_by_greedy", _or_none(found.lost_by_greedy), unit),
            Indicator("gap", found.gap, "share"),
        ]
        cost = found.tree.cost + found.tree.graph.committed_cost
        return (*told, *([] if np.isnan(cost) else [Indicator("cost", cost, "万元")]))

    def _by_township(
        self, table: pd.DataFrame, drawn: gpd.GeoDataFrame, townships: Layer | None
    ) -> pd.DataFrame:
        counted = table[~self.exempt]
        before, after = self.order.connected[[0, -1]]
        counts = count_by_township(
            counted["township"],
            {"denominator": np.ones(len(counted)), "before": before, "gained": after & ~before,
             "after": after, "waiting": counted["state"] == "waiting"},
        )  # fmt: skip
        built = drawn[drawn["order"].notna()]
        km = count_by_township(built["township"], {"km": built["km"]}, whole=False)
        rows = counts.join(km, how="outer")
        rows[counts.columns] = rows[counts.columns].fillna(0).astype("Int64")
        rows = add_county_row(rows.fillna({"km": 0.0}).reset_index(), townships)
        whole = rows["denominator"].astype(float)
        rows["share"] = rows["after"].astype(float) / whole.where(whole > 0)
        order = ["township", "denominator", "before", "gained", "after", "share", "km", "waiting"]
        return rows[order]

    def _notices(self) -> list[Notice]:
        pieces = self.soft.root_pieces
        text = N_(
            "Counted by the model: a continuous hardened road from the village to a committee."
        )
        if pieces > 1:
            text = N_(
                "Counted by the model: a continuous hardened road from the village to some "
                "committee; the committees stand on {pieces} separate pieces of hardened road."
            )
        found = [Notice("counting-rule", text, {"pieces": pieces})]
        after, joined = self.order.connected[-1], self._joined
        fewer, more = int((joined & ~after).sum()), int((after & ~joined).sum())
        if fewer or more:
            text = N_(
                "By the indicator's own count {fewer} villages that the model joins are not "
                "connected to their own committee, and {more} are that the model does not join."
            )
            found.append(Notice("recount-differs", text, {"fewer": fewer, "more": more}))
        return [*found, *self._limits()]

    def _limits(self) -> list[Notice]:
        found, graph = [], self.found.tree.graph
        if self.found.status == "time_limit":
            text = N_(
                "The choice is not proven: it gains {gain:g}, none gains more than {bound:g} "
                "(gap {gap:.2%})."
            )
            values = {
                "gain": self.found.gain, "bound": self.found.bound, "gap": self.found.gap,
            }  # fmt: skip
            found.append(Notice("choice-not-proven", text, values))
        left = self.budget.km - self.found.tree.km - graph.committed_km
        everything = self.found.gain >= graph.node_weight.sum()
        if everything and left > 0 and np.isfinite(left):
            text = N_(
                "Every village that roads to choose from can join is joined with "
                "{km:.2f} km; {left:.2f} km are left."
            )
            found.append(Notice("budget-left", text, {"km": self.found.tree.km, "left": left}))
        return found


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
