"""How sure a result is: computed again and again with its uncertain parameters drawn anew.

What a plan takes for given (speeds, limits, prices) is known to some ten or twenty per cent. The
other recipe runs once with each draw; what is told is the share of runs in which a road, a site or
a village belongs to the answer, and within which bounds nine tenths of the runs put each figure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.drawn_runs import Pick, Run
from yanshan_gis.methods.sampling import Ranges, factor_ranges, latin_hypercube
from yanshan_gis.needs import needs
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.result import Indicator, Result

Again = Callable[[Mapping[str, float]], Result]

LOW, HIGH = 0.05, 0.95  # nine runs of ten lie between
SURE, LIKELY, RARE = 0.9, 0.5, 0.1


@needs()
def stress(
    *,
    again: Again,
    ranges: Ranges,
    chosen_layer: str,
    chosen_field: str,
    chosen_values: tuple[str, ...],
    identity: str,
    keep_never: bool,
    figure: str,
    runs: float,
    seed: float,
    time_limit_min: float,
    progress: Progress = SILENT,
) -> Result:
    """Run another recipe again with other values of its parameters.

    Parameters
    ----------
    again
        Runs it: from factors on parameters by ``recipe.parameter`` to its result. Without
        factors, the result as it stands.
    ranges
        By ``recipe.parameter`` of the other recipe or of one beneath it: a share such as 0.2, for
        0.8 to 1.2 times the value stated, or ``low`` and ``high``. A table of values (speeds) is
        taken times one factor as a whole: an error of the table is one of all its rows.
    chosen_layer
        Layer of the other's result whose features are counted.
    chosen_field, chosen_values
        A feature is chosen where the field has one of these values; every feature of the layer
        where the field is empty text.
    identity
        Field by which features of several runs are the same. Rows of one run that share it are
        one feature, chosen as far as any of them is.
    keep_never
        Whether features that no run chooses stay in the layer.
    figure
        Key of the figure whose bounds are told first; the other's headline where empty.
    runs
        Number of draws.
    seed
        Of the draws.
    time_limit_min
        After which no further run is begun; how many were left out is told.
    progress
        Who listens.

    Returns
    -------
    Result
        Layer ``chosen`` with ``chosen_share``; tables ``intervals`` and ``draws``.

    Raises
    ------
    UsageError
        When `runs` or `seed` is no whole number, or there is no run.
    DataError
        When a range or a name does not fit the other recipe's result.
    """
    if runs < 1 or runs != int(runs) or seed != int(seed) or seed < 0:
        text = N_("runs is a whole number of 1 or more, and seed one of 0 or more.")
        raise UsageError("robustness-parameters", text)
    limits = factor_ranges(ranges)
    names = list(limits)
    bounds = np.array(list(limits.values()), dtype=float).reshape(-1, 2)
    points = latin_hypercube(bounds, int(runs), np.random.default_rng(int(seed)))
    pick = Pick(chosen_layer, chosen_field, tuple(chosen_values), identity)
    base = again({})
    if figure and figure not in (known := [told.key for told in base.indicators]):
        text = N_("The other result has no figure {figure}; it has {known}.")
        raise DataError("robustness-figure", text, figure=figure, known=", ".join(known))
    deadline = time.monotonic() + 60 * time_limit_min
    found: list[Run] = []
    progress.start(N_("Runs with other values"), len(points))
    for point in points:
        if time.monotonic() >= deadline:
            break
        result = again(dict(zip(names, point.tolist(), strict=True)))
        found.append(Run.of(result, pick, point))
        progress.advance()
    progress.finish()
    stated = Run.of(base, pick, np.ones(len(names)))
    return _Stress(names, limits, stated, found, pick, figure).result(keep_never, int(runs))


@dataclass(frozen=True, eq=False)
class _Stress:
    """All runs, ready to be told."""

    names: list[str]
    limits: dict[str, tuple[float, float]]
    base: Run
    runs: list[Run]
    pick: Pick
    figure: str

    def result(self, keep_never: bool, wanted: int) -> Result:
        chosen = self._chosen(keep_never)
        intervals = self._intervals()
        return Result(
            indicators=self._indicators(chosen, intervals),
            layers={} if chosen is None else {"chosen": chosen},
            tables={"intervals": intervals, "draws": self._draws()},
            warnings=tuple(self._notices(wanted)),
        )

    def _chosen(self, keep_never: bool) -> gpd.GeoDataFrame | None:
        """Count for every feature in how many runs it is chosen, those without answer too."""
        parts = [run.features for run in (self.base, *self.runs) if run.features is not None]
        if not parts:
            return None
        filled = [part for part in parts if len(part)] or parts[:1]
        rows = gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=parts[0].crs)
        # Of a road chosen farther in one run than in another, the longest part is drawn.
        order = rows.assign(size=shapely.length(rows.geometry.to_numpy()), at=range(len(rows)))
        order = order.sort_values(
            ["chosen", "size", "at"], ascending=[False, False, True], kind="stable"
        )
        first = order.drop_duplicates(self.pick.identity).drop(columns=["chosen", "size", "at"])
        counts = pd.Series([key for run in self.runs for key in run.chosen], dtype=object)
        times = first[self.pick.identity].map(counts.value_counts()).fillna(0).astype("int64")
        first["runs_chosen"] = pd.array(times, dtype="Int64")
        first["chosen_share"] = times.astype(float) / max(len(self.runs), 1)
        first["in_base"] = first[self.pick.identity].isin(self.base.chosen).astype("boolean")
        first["sureness"] = _sureness(first["chosen_share"].to_numpy())
        if not keep_never:
            first = first[(first["runs_chosen"] > 0) | first["in_base"]]
        first = first.sort_values(
            ["chosen_share", self.pick.identity], ascending=[False, True], kind="stable"
        )
        if self.pick.identity != "id":
            first.insert(0, "id", first[self.pick.identity])
        return first.reset_index(drop=True)

    def _intervals(self) -> pd.DataFrame:
        keys = dict.fromkeys(key for run in (self.base, *self.runs) for key in run.figures)
        rows = []
        for key in keys:
            told = [run.figures[key] for run in self.runs if key in run.figures]
            sample = self.base.figures.get(key) or told[0]
            scale, unit = (100.0, "%") if sample.unit == "share" else (1.0, sample.unit)
            values = scale * np.array([float(i.value or 0.0) for i in told])
            low, middle, high = (
                np.quantile(values, [LOW, 0.5, HIGH]) if len(values) else [np.nan] * 3
            )
            base = self.base.figures.get(key)
            rows.append(
                {
                    "figure": key,
                    "base": np.nan if base is None else scale * float(base.value or 0.0),
                    "low": low, "median": middle, "high": high, "unit": unit,
                    "runs": len(values), "not_computable": len(self.runs) - len(values),
                    "headline": sample.headline,
                }
            )  # fmt: skip
        columns = ["figure", "base", "low", "median", "high", "unit", "runs", "not_computable",
                   "headline"]  # fmt: skip
        table = pd.DataFrame(rows, columns=columns)
        counts = {"runs": "Int64", "not_computable": "Int64", "headline": "boolean"}
        return table.astype({"figure": object, "unit": object, **counts})

    def _draws(self) -> pd.DataFrame:
        factors = np.array([run.point for run in self.runs]).reshape(
            len(self.runs), len(self.names)
        )
        table = pd.DataFrame({"run": pd.array(range(1, len(self.runs) + 1), dtype="Int64")})
        for at, name in enumerate(self.names):
            table[column_of(name)] = factors[:, at]
        table["status"] = pd.Series([run.status for run in self.runs], dtype=object)
        table["proven"] = pd.array([run.proven for run in self.runs], dtype="boolean")
        head = self._headline
        if head is not None:
            told = [run.figures.get(head.key) for run in self.runs]
            scale = 100.0 if head.unit == "share" else 1.0
            table["value"] = [np.nan if i is None else scale * float(i.value or 0) for i in told]
            table["unit"] = "%" if head.unit == "share" else head.unit
        table["chosen"] = pd.array([len(run.chosen) for run in self.runs], dtype="Int64")
        return table

    @property
    def _headline(self) -> Indicator | None:
        """Return the figure whose bounds are told first, as any run has it."""
        figures = [*self.base.figures.values(), *(f for r in self.runs for f in r.figures.values())]
        if self.figure:
            return next((i for i in figures if i.key == self.figure), None)
        return next((i for i in figures if i.headline), figures[0] if figures else None)

    def _indicators(
        self, chosen: gpd.GeoDataFrame | None, intervals: pd.DataFrame
    ) -> tuple[Indicator, ...]:
        answered = sum(run.status == "ok" for run in self.runs)
        told = [Indicator.share("runs_answered", answered, len(self.runs))]
        head = self._headline
        if head is not None:
            row = intervals[intervals["figure"] == head.key].iloc[0]
            scale = 100.0 if head.unit == "share" else 1.0
            told += [
                Indicator(f"figure_{end}", None if np.isnan(row[end]) else row[end] / scale,
                          head.unit)
                for end in ("low", "high")
            ]  # fmt: skip
        if chosen is None:
            return tuple(told)
        base = chosen["in_base"].to_numpy(dtype=bool)
        share = chosen["chosen_share"].to_numpy()
        sure = Indicator.share("sure", int((base & (share >= SURE)).sum()), int(base.sum()),
                               headline=True)  # fmt: skip
        others = Indicator("others", float((~base & (share > 0)).sum()), "个")
        doubtful = Indicator("doubtful", float((base & (share < LIKELY)).sum()), "个")
        return (sure, doubtful, others, *told)

    def _notices(self, wanted: int) -> list[Notice]:
        ends = {name: f"{low:g}–{high:g}" for name, (low, high) in self.limits.items()}
        text = N_(
            "{runs} runs, each with values drawn by Latin hypercube, independent and uniform, as "
            "multiples of those stated: {ranges}. A table such as speeds changes as a whole. "
            "Bounds of figures are the 5 and 95 per cent quantiles of the runs."
        )
        ranges = ", ".join(f"{name} {told}" for name, told in ends.items())
        found = [Notice("draws", text, {"runs": len(self.runs), "ranges": ranges})]
        if len(self.runs) < wanted:
            text = N_("Time ran out: {missing} of {wanted} runs were not made.")
            values = {"missing": wanted - len(self.runs), "wanted": wanted}
            found.append(Notice("runs-left-out", text, values))
        texts = {
            "infeasible": N_("{count} of {runs} runs have no answer; they count as choosing none."),
            "not_computable": N_("{count} of {runs} runs could not be computed."),
        }
        for status, text in texts.items():
            if count := sum(run.status == status for run in self.runs):
                values = {"count": count, "runs": len(self.runs)}
                found.append(Notice(f"runs-{status.replace('_', '-')}", text, values))
        if not any(run.chosen for run in (self.base, *self.runs)):
            text = N_("Nothing is chosen, neither with the values stated nor in any run.")
            found.append(Notice("never-chosen", text, {}))
        if count := sum(not run.proven for run in self.runs):
            text = N_("In {count} of {runs} runs the answer is the best found, not a proven one.")
            values = {"count": count, "runs": len(self.runs)}
            found.append(Notice("runs-not-proven", text, values))
        return found


def column_of(parameter: str) -> str:
    """Name the column of the draws that holds a parameter's factors.

    Parameters
    ----------
    parameter
        As ranges name it, ``road-network.speeds``.

    Returns
    -------
    str
        ``x_road_network_speeds``.
    """
    return f"x_{parameter.replace('.', '_').replace('-', '_')}"


def _sureness(share: Sequence[float] | NDArray[np.float64]) -> NDArray[np.object_]:
    given = np.asarray(share)
    return np.select(
        [given >= SURE, given >= LIKELY, given >= RARE, given > 0],
        ["sure", "likely", "sometimes", "rare"],
        default="never",
    ).astype(object)
