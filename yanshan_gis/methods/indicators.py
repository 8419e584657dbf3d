"""The indicator board: every target of the plan beside what was computed, or what is missing.

A figure comes from the recipe that measures the indicator, by the definition the county reports
(from the bureau's ledger, where the recipe says that a ledger alone is enough); for an indicator
that no recipe measures, from the table of statistics. States follow from figures and targets alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.errors import UnitError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.statistics import Reported, read_statistics
from yanshan_gis.needs import Need, needs
from yanshan_gis.plan.targets import Target, base_unit, read_targets
from yanshan_gis.result import BETWEEN, FIGURE_COLUMNS, Indicator, Result
from yanshan_gis.units import Quantity

if TYPE_CHECKING:
    from datetime import date

    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer

TARGETS = "indicators"  # the layer that states the targets
LEDGER = "ledger_"
_BOARD = {
    "number": "Int64", "name": "object", "name_en": "object", "kind": "object",
    "operator": "object", "target": "float64", "baseline": "float64", "actual": "float64",
    "state": "object", "missing": "object", "unit": "object", "numerator": "float64",
    "denominator": "float64", "ledger": "float64", "ledger_numerator": "float64",
    "ledger_denominator": "float64", "disagree": "Int64", "basis": "object", "headline": "object",
    "value": "float64", "value_unit": "object", "baseline_unit": "object",
    "baseline_year": "Int64", "baseline_source": "object", "target_below_baseline": "boolean",
    "target_from": "object", "source": "object", "as_of": "object", "note": "object",
}  # fmt: skip
_TOWNSHIPS = {
    "number": "Int64", "name": "object", "name_en": "object", "township": "object",
    "numerator": "float64", "denominator": "float64", "actual": "float64", "unit": "object",
    "operator": "object", "target": "float64", "state": "object", "missing": "object",
    "basis": "object",
}  # fmt: skip


@needs(indicators=Need(fields=("number", "operator")), statistics=Need(optional=True, rows=False))
def board(
    *,
    indicators: Layer,
    statistics: Layer | None,
    county: County,
    data_date: date | None,
    reported_alone: tuple[str, ...],
    **figures: Layer | None,
) -> Result:
    """Set every target of the plan against what was computed or reported.

    Parameters
    ----------
    indicators
        Targets with operator, unit and baseline.
    statistics
        Reported figures with unit, date and source.
    county
        Its ``targets`` stand before those of `indicators`; ``headlines`` name the definitions.
    data_date
        The date that computed figures speak for.
    reported_alone
        Numbers of the indicators for which a bureau's figure alone is enough.
    **figures
        Tables ``figures`` of the recipes that measure indicators.

    Returns
    -------
    Result
        Tables ``board`` (one row per indicator) and ``by_township`` (one row per indicator and
        township); figures count the states.
    """
    targets = read_targets(indicators, county.targets)
    measured = _stack(figures)
    reported = read_statistics(statistics)
    sources = _Sources(measured, reported, frozenset(reported_alone), county, data_date)
    rows = [_row(target, sources) for target in targets]
    townships = [row for target in targets for row in _township_rows(target, sources)]
    table = _frame(rows, _BOARD)
    counts = table["state"].value_counts()
    found = {state: float(counts.get(state, 0)) for state in ("met", "not_met", "not_computable")}
    return Result(
        indicators=tuple(
            Indicator(state, count, "项", count, float(len(table)), headline=state == "met")
            for state, count in found.items()
        ),
        tables={"board": table, "by_township": _frame(townships, _TOWNSHIPS)},
        warnings=tuple(_warnings(table, reported)),
    )


def _frame(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _stack(figures: dict[str, Layer | None]) -> pd.DataFrame:
    """Put the recipes' figures of indicators below one another."""
    empty = pd.DataFrame(columns=list(FIGURE_COLUMNS)).astype(dict(FIGURE_COLUMNS))
    frames = [pd.DataFrame(layer.frame) for layer in figures.values() if layer is not None]
    told = [frame for frame in frames if len(frame)]
    whole = pd.concat(told, ignore_index=True) if told else empty
    return whole[whole["indicator"].notna()]


@dataclass(frozen=True)
class _Found:
    """What an indicator is judged by, or why it cannot be."""

    basis: str = ""  # computed, ledger or statistics
    value: float | None = None
    unit: str = ""
    numerator: float | None = None
    denominator: float | None = None
    headline: str | None = None
    source: str = ""
    as_of: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Sources:
    """Where figures may come from."""

    measured: pd.DataFrame
    reported: Reported
    reported_alone: frozenset[str]
    county: County
    data_date: date | None

    def figures(self, number: int, *, townships: bool = False) -> pd.DataFrame:
        """Return an indicator's figures: the county's, or those of townships."""
        mine = self.measured[self.measured["indicator"] == number]
        return mine[mine["township"].notna() == townships]

    def computed(self, number: int) -> _Found | None:
        """Return the headline figure; None for an indicator no recipe measures."""
        mine = self.figures(number)
        if not len(mine):
            return None
        head = mine[mine["headline"].astype(bool)]
        if not len(head):
            silent = mine.loc[mine["key"].isna(), "missing"].dropna()
            chosen = self.county.headlines.get(str(number))
            named = f"county.toml: headlines {number}" + (f" = {chosen}" if chosen else "")
            return _Found(missing=tuple(_split(list(silent))) or (named,))
        return self.of_figure(head.iloc[0])

    def ledger(self, number: int, headline: str | None) -> _Found | None:
        """Return the bureau's figure that stands beside a headline: its own, else the first."""
        mine = self.figures(number)
        keys = mine["key"].astype(str)
        found = mine[keys.str.startswith(LEDGER) & mine["value"].notna()]
        own = found[found["key"] == f"{LEDGER}{headline}"]
        rows = own if len(own) else found
        return self.of_figure(rows.iloc[0]) if len(rows) else None

    def disagree(self, number: int) -> int | None:
        """Return on how many places ledger and map disagree; None where nobody compared them."""
        counts = self.figures(number).get("disagree", pd.Series(dtype="Int64")).dropna()
        return int(counts.iloc[0]) if len(counts) else None

    def of_figure(self, row: pd.Series) -> _Found:
        """Read a row of a recipe's figures."""
        if pd.isna(row["value"]):
            return _Found(headline=row["key"], missing=tuple(_split([row["missing"]])))
        basis = "ledger" if str(row["key"]).startswith(LEDGER) else "computed"
        as_of = self.data_date.isoformat() if self.data_date else None
        return _Found(
            basis, float(row["value"]), str(row["unit"]), _number(row["numerator"]),
            _number(row["denominator"]), row["key"], f"yanshan run {row['recipe']}", as_of,
        )  # fmt: skip

    def statistic(self, target: Target, township: str | None = None) -> _Found:
        """Return the reported figure that counts, or what is missing of it."""
        latest = self.reported.latest(target.id, township)
        if isinstance(latest, str):
            return _Found(missing=(latest,))
        return _Found(
            "statistics", latest.value, latest.unit, source=latest.source, as_of=latest.as_of
        )


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _split(texts: list[Any]) -> list[str]:
    parts = [part for text in texts for part in str(text).split(BETWEEN)]
    return list(dict.fromkeys(parts))


def _judged(target: Target, sources: _Sources) -> _Found:
    """Choose what an indicator is judged by: what was computed, else what was reported."""
    computed = sources.computed(target.number)
    if computed is None:
        return sources.statistic(target)
    if computed.value is not None or str(target.number) not in sources.reported_alone:
        return computed
    reported = sources.statistic(target)
    return computed if reported.value is None else reported


def _measure(target: Target, found: _Found) -> tuple[float | None, tuple[str, ...]]:
    """Turn a figure into what is compared with the goal, or say what is missing for it."""
    lacking = (*found.missing, *(f"{TARGETS}.{field}" for field in target.lacking))
    if found.value is None or lacking:
        return None, lacking
    try:
        return target.measured(Quantity(found.value, found.unit)), ()
    except UnitError:
        grown = target.baseline.unit if target.operator == "grow" and target.baseline else None
        return None, (f"statistics.unit ({found.unit} ≠ {grown or target.unit})",)


def _row(target: Target, sources: _Sources) -> dict[str, Any]:
    found = _judged(target, sources)
    actual, missing = _measure(target, found)
    beside = sources.ledger(target.number, found.headline) or _Found()
    if beside.value is None and found.basis != "statistics":
        beside = sources.statistic(target)
    beside_value, _ = _measure(target, beside)
    before = target.baseline
    return {
        **_described(target),
        "baseline": None if before is None else before.to(base_unit(before.unit)),
        "baseline_unit": None if before is None else base_unit(before.unit),
        "baseline_year": target.baseline_year,
        "baseline_source": target.baseline_source or None,
        "actual": actual,
        "state": target.state(actual),
        "missing": BETWEEN.join(missing) or None,
        "numerator": found.numerator,
        "denominator": found.denominator,
        "ledger": beside_value,
        "ledger_numerator": beside.numerator,
        "ledger_denominator": beside.denominator,
        "disagree": sources.disagree(target.number),
        "basis": found.basis or None,
        "headline": found.headline,
        "value": found.value,
        "value_unit": found.unit or None,
        "target_below_baseline": target.below_baseline,
        "target_from": "county.toml" if str(target.number) in sources.county.targets else TARGETS,
        "source": found.source or None,
        "as_of": found.as_of,
        "note": target.note or None,
    }


def _described(target: Target) -> dict[str, Any]:
    return {
        "number": target.number,
        "name": target.name,
        "name_en": target.name_en or target.name,
        "kind": target.kind,
        "operator": target.operator,
        "target": target.goal,
        "unit": target.compared_in,
    }


def _township_rows(target: Target, sources: _Sources) -> list[dict[str, Any]]:
    """Judge an indicator township by township, where figures of townships are there."""
    found = _judged(target, sources)
    if found.headline is not None:
        mine = sources.figures(target.number, townships=True)
        mine = mine[mine["key"] == found.headline]
        figures = [sources.of_figure(row) for _, row in mine.iterrows()]
        places = list(zip(mine["township"], figures, strict=True))
    else:
        names = sources.reported.townships(target.id)
        places = [(name, sources.statistic(target, name)) for name in names]
    rows = []
    for township, place in places:
        actual, missing = _measure(target, place)
        rows.append(
            {
                **_described(target),
                "township": township,
                "numerator": place.numerator,
                "denominator": place.denominator,
                "actual": actual,
                "state": target.state(actual),
                "missing": BETWEEN.join(missing) or None,
                "basis": place.basis or None,
            }
        )
    return rows


def _warnings(table: pd.DataFrame, reported: Reported) -> list[Notice]:
    notices = []
    below = table[table["target_below_baseline"].fillna(False).astype(bool)]
    if len(below):
        text = N_("The targets of indicators {numbers} ask for less than their baseline.")
        numbers = ", ".join(str(number) for number in below["number"])
        notices.append(Notice("target-below-baseline", text, {"numbers": numbers}))
    if reported.unassigned:
        text = N_("{count} rows of statistics name no known indicator and count for none.")
        notices.append(Notice("statistics-unassigned", text, {"count": reported.unassigned}))
    twice = sorted({int(n) for n in table["number"] if (table["number"] == n).sum() > 1})
    if twice:
        text = N_("The table of indicators lists {numbers} more than once.")
        numbers = ", ".join(map(str, twice))
        notices.append(Notice("indicator-twice", text, {"numbers": numbers}))
    return notices
