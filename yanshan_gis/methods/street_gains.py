"""What hardening the streets of chosen villages gains: states, order, years, townships."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.road_gains import GAIN_UNITS
from yanshan_gis.methods.road_years import COLOURED_YEARS
from yanshan_gis.methods.townships import add_county_row, count_by_township
from yanshan_gis.optimisation.budget import Budget
from yanshan_gis.optimisation.street_order import finish_years, order_streets
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer
    from yanshan_gis.methods.street_stock import StreetStock
    from yanshan_gis.optimisation.in_village import StreetChoice, Streets

STREET_UNITS = {**GAIN_UNITS, "km": "km"}
_MISSED = ["waiting", "barred"]
_NAMED = ["id", "name", "township", "committee"]


@dataclass(frozen=True, eq=False)
class StreetGains:
    """What was chosen, ready to be told.

    Parameters
    ----------
    villages, committees
        All villages, and committees for their names.
    township
        Name per village.
    stock
        What was known before.
    streets
        What the choice took for need and gain.
    found
        The choice; an infeasible one chooses nothing.
    budget
        What may be spent, committed streets included.
    years
        Number of equal yearly budgets.
    threshold
        Hardened share from which a village counts as done.
    barred
        Villages that control lines keep below it.
    """

    villages: Layer
    committees: Layer | None
    township: pd.Series
    stock: StreetStock
    streets: Streets
    found: StreetChoice
    budget: Budget
    years: int
    threshold: float
    barred: NDArray[np.bool_]

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Rows of the chosen villages, the first first."""
        return order_streets(self.streets, self.found)

    @cached_property
    def step_years(self) -> NDArray[np.int64]:
        """The year in which each of `order` is finished."""
        spent = Budget(*np.nan_to_num(self.stock.committed()))
        return finish_years(self.streets, self.order, self.budget, self.years, spent)

    @cached_property
    def before(self) -> NDArray[np.bool_]:
        """Villages done today."""
        return self.stock.reaches(self.stock.done_km, self.threshold)

    @cached_property
    def after(self) -> NDArray[np.bool_]:
        """Villages done when everything chosen and committed is built."""
        km = self.stock.will_km.copy()
        km[self.order] += self.streets.need_km[self.order]
        return self.stock.reaches(km, self.threshold)

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
            What is gained, a key of `STREET_UNITS`.
        target
            Hardened share of all kilometres that the plan asks for.

        Returns
        -------
        Result
            As of `yanshan_gis.methods.street_choice.first`.
        """
        table = self._table()
        frame = self.villages.frame
        points = gpd.GeoDataFrame(table, geometry=frame.geometry.array, crs=self.villages.crs)
        streets = {} if self.stock.links is None else {"streets": self._drawn(self.stock.links)}
        layers = {"villages": points, **streets}
        if self.found.status == "infeasible":
            return Result(
                "infeasible", layers=layers, warnings=(*self.found.reasons, *notices)
            )  # fmt: skip
        missed = table[table["state"].isin(_MISSED)]
        return Result(
            indicators=self._indicators(weigh_by, target),
            layers=layers,
            tables={
                "steps": self._steps(table),
                "by_year": self._by_year(),
                "by_township": self._by_township(table, townships),
                "missed": missed.drop(columns=["year", "order"]).reset_index(drop=True),
            },
            warnings=(*notices, *self._limits()),
        )

    def _table(self) -> pd.DataFrame:
        frame, stock = self.villages.frame, self.stock
        table = pd.DataFrame({"id": frame["id"], "name": frame["name"]})
        table["township"] = self.township
        table["committee"] = _committee_names(frame, self.committees)
        for column in ("population", "households"):
            table[column] = amount(frame, column)
        table["in_village_km"], table["in_village_hardened_km"] = stock.all_km, stock.done_km
        table["state"] = self._states()
        table["km"] = np.where(self.streets.need_km > 0, self.streets.need_km, np.nan)
        cost = np.full(len(table), np.nan) if self.streets.cost is None else self.streets.cost
        table["cost_wan"] = np.where(table["km"].notna(), cost, np.nan)
        number, year = np.zeros((2, len(table)), dtype=np.int64)
        number[self.order] = np.arange(1, len(self.order) + 1)
        year[self.order] = self.step_years
        for name, values in (("order", number), ("year", year)):
            table[name] = pd.Series(values, table.index, dtype="Int64").where(values > 0)
        return table

    def _states(self) -> NDArray[np.object_]:
        stock = self.stock
        year = np.zeros(len(stock.all_km), dtype=np.int64)
        year[self.order] = np.minimum(self.step_years, COLOURED_YEARS + 1)
        colours = [f"year_{y}" for y in range(1, COLOURED_YEARS + 1)]
        return np.select(
            [
                stock.exempt, np.isnan(stock.all_km), stock.all_km <= 0,
                *(year == y for y in range(1, COLOURED_YEARS + 2)),
                self.before, self.after, self.barred,
            ],
            ["exempt", "unknown", "no_streets", *colours, "later", "done", "committed", "barred"],
            default="waiting",
        ).astype(object)  # fmt: skip

    def _drawn(self, links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Draw the in-village links, with what becomes of them."""
        at = links["village"].to_numpy()
        chosen = np.isin(at, self.order) & (at >= 0)
        hardened = (links["in_village_hardened_km"] > 0).to_numpy()
        drawn = links[[name for name in ("road_id", "name") if name in links]].copy()
        drawn["township"] = links["township"]
        names = self.villages.frame["name"].to_numpy(dtype=object)
        drawn["village"] = np.where(at >= 0, names[np.maximum(at, 0)], None)
        drawn["state"] = np.select(
            [hardened, links["committed_km"] > 0, links["barred"], chosen],
            ["hardened", "committed", "barred", "chosen"],
            default="soft",
        ).astype(object)
        drawn["km"] = links["in_village_km"]
        drawn = gpd.GeoDataFrame(drawn, geometry=links.geometry.array, crs=links.crs)
        drawn.insert(0, "id", [f"S{number:06d}" for number in range(1, len(drawn) + 1)])
        return drawn

    def _steps(self, table: pd.DataFrame) -> pd.DataFrame:
        """List the villages in order, each with its gain per kilometre and that of the next."""
        rows, km, gain = self.order, self.streets.need_km, self.streets.gain
        steps = table.iloc[rows][
            ["order", "year", *_NAMED, "population", "households", "km", "cost_wan"]
        ].reset_index(drop=True)
        per_km = gain[rows] / km[rows]
        steps["cumulative_km"] = np.cumsum(km[rows])
        steps["gain"] = gain[rows]
        steps["cumulative_gain"] = np.cumsum(gain[rows])
        steps["gain_per_km"] = per_km
        steps["next_gain_per_km"] = np.append(per_km[1:], np.nan)[: len(rows)]
        return steps

    def _by_year(self) -> pd.DataFrame:
        """Count what each year takes and gains; what is committed is built in the first."""
        size, year = self.years + 1, self.step_years
        rows = self.order

        def sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.bincount(year, values, minlength=size)[1:].astype(float)

        km, gain = sums(self.streets.need_km[rows]), sums(self.streets.gain[rows])
        cost = np.full(self.years, np.nan)
        if self.streets.cost is not None:
            cost = sums(self.streets.cost[rows])
        committed = self.stock.committed()
        km[:1] += committed[0]
        cost[:1] += committed[1]
        newly = sums((self.after & ~self.before)[rows].astype(float))
        newly[:1] += float((self.after & ~self.before).sum()) - newly.sum()
        done = int(self.before.sum()) + np.cumsum(newly)
        all_km, hardened, own = self.stock.counted()
        share = hardened + own + np.cumsum(sums(self.streets.need_km[rows]))
        return pd.DataFrame(
            {
                "year": pd.array(np.arange(1, size), dtype="Int64"),
                "budget_km": self.budget.km / self.years,
                "km": km,
                "cumulative_km": np.cumsum(km),
                "cost_wan": cost,
                "gain": gain,
                "villages": pd.array(newly.astype(np.int64), dtype="Int64"),
                "done": pd.array(done.astype(np.int64), dtype="Int64"),
                "share": done / max(int(self.stock.with_streets.sum()), 1),
                "in_village_share": share / all_km,
            }
        )

    def _by_township(self, table: pd.DataFrame, townships: Layer | None) -> pd.DataFrame:
        mine = self.stock.with_streets
        counted = table[mine]
        counts = count_by_township(
            counted["township"],
            {"denominator": np.ones(len(counted)), "before": self.before[mine],
             "gained": (self.after & ~self.before)[mine], "after": self.after[mine],
             "waiting": counted["state"].isin(_MISSED)},
        )  # fmt: skip
        chosen = counted["km"].where(counted["order"].notna(), 0.0)
        kilometres = count_by_township(
            counted["township"],
            {"km": chosen + self.stock.committed_km[mine],
             "in_village_km": counted["in_village_km"],
             "in_village_hardened_km": counted["in_village_hardened_km"]},
            whole=False,
        )  # fmt: skip
        rows = add_county_row(counts.join(kilometres).reset_index(), townships)
        rows["share"] = rows["after"].astype(float) / rows["denominator"].astype(float)
        done_km = rows["in_village_hardened_km"] + rows["km"]
        rows["in_village_share"] = done_km / rows["in_village_km"]
        order = ["township", "denominator", "before", "gained", "after", "share", "km", "waiting",
                 "in_village_km", "in_village_hardened_km", "in_village_share"]  # fmt: skip
        return rows[order]

    def _indicators(self, weigh_by: str, target: float) -> tuple[Indicator, ...]:
        all_km, hardened, own = self.stock.counted()
        spent, cost = self.found.km + self.stock.committed()[0], self.found.cost
        count, unit = int(self.stock.with_streets.sum()), STREET_UNITS[weigh_by]
        before, after = int(self.before.sum()), int(self.after.sum())
        told = [
            Indicator.share("in_village_km_after", hardened + own + self.found.km, all_km,
                            target=target, headline=True),
            Indicator.share("in_village_km_before", hardened, all_km),
            Indicator.share("villages_done_after", after, count),
            Indicator.share("villages_done_before", before, count),
            Indicator("villages_gained", float(after - before), "个"),
            Indicator.share("budget_used", spent, self.budget.km),
            Indicator("gain", self.found.gain, unit),
            Indicator("bound", self.found.bound, unit),
            Indicator("gap", self.found.gap, "share"),
        ]  # fmt: skip
        if not np.isnan(cost):
            told.append(Indicator("cost", cost + self.stock.committed()[1], "万元"))
        return tuple(told)

    def _limits(self) -> list[Notice]:
        found = []
        if self.found.status == "time_limit":
            text = N_(
                "The choice is not proven: it gains {gain:g}, none gains more than {bound:g} "
                "(gap {gap:.2%})."
            )
            values = {
                "gain": self.found.gain, "bound": self.found.bound, "gap": self.found.gap,
            }  # fmt: skip
            found.append(Notice("choice-not-proven", text, values))
        left = self.budget.km - self.found.km - self.stock.committed()[0]
        waiting = (self.streets.need_km > 0) & (self.streets.gain > 0)
        if waiting.sum() == len(self.order) and left > 0 and np.isfinite(left):
            text = N_(
                "Every village below the threshold that may be chosen is chosen with {km:.2f} km; "
                "{left:.2f} km are left."
            )
            found.append(Notice("budget-left", text, {"km": self.found.km, "left": left}))
        return found


def _committee_names(frame: pd.DataFrame, committees: Layer | None) -> pd.Series:
    if committees is None or "parent" not in frame:
        return pd.Series(None, frame.index, dtype=object)
    homes = committees.frame
    names: pd.Series = frame["parent"].map(dict(zip(homes["id"], homes["name"], strict=True)))
    return names
