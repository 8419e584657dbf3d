"""Reported figures: which row of the table of statistics counts for an indicator."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from yanshan_gis.errors import UnitError
from yanshan_gis.units import Quantity

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

_SAME = 1e-9  # two statements of one figure, each in its own unit


def date_text(value: object) -> str:
    """Write a date as it is known: a day from the store, or text of a year, a month or a day.

    Parameters
    ----------
    value
        Text, a date, or a time at midnight.

    Returns
    -------
    str
        ISO, no longer than a day.
    """
    return str(value).strip()[:10]


def end_of(period: str) -> str:
    """Return the last day of a date that is written no more exactly than it is known.

    Parameters
    ----------
    period
        ``2025``, ``2025-06`` or ``2025-06-30``; empty for an unknown date.

    Returns
    -------
    str
        ISO date, so that texts compare as dates do; empty for an unknown one.
    """
    parts = period.split("-") if period else []
    if len(parts) == 1:
        return f"{period}-12-31"
    if len(parts) == 2:
        return f"{period}-{monthrange(int(parts[0]), int(parts[1]))[1]:02d}"
    return period


@dataclass(frozen=True)
class Statistic:
    """One reported figure.

    Parameters
    ----------
    value, unit
        As reported.
    as_of
        The date it speaks for, or the year; None where neither is known.
    source
        Who reported it.
    """

    value: float
    unit: str
    as_of: str | None
    source: str


@dataclass(frozen=True)
class Reported:
    """The rows of the layer ``statistics``.

    Parameters
    ----------
    rows
        ``indicator`` (id), ``township`` (None for the county), ``value``, ``unit``, ``when`` (the
        last day of the stated date), ``stated`` and ``source``.
    unassigned
        Rows that name no indicator.
    """

    rows: pd.DataFrame
    unassigned: int = 0

    def latest(self, indicator: str, township: str | None = None) -> Statistic | str:
        """Return the figure with the latest date.

        Parameters
        ----------
        indicator
            Its id.
        township
            Name; None for the whole county.

        Returns
        -------
        Statistic or str
            What is missing where there is no figure, or where several of one date differ.
        """
        mine = self.rows[self.rows["indicator"] == indicator]
        place = mine["township"].isna() if township is None else mine["township"] == township
        mine = mine[place & mine["value"].notna()]
        if not len(mine):
            return "statistics"
        last = mine[mine["when"] == mine["when"].max()].sort_values(["unit", "value", "source"])
        first = last.iloc[0]
        stated = list(zip(last["value"], last["unit"], strict=True))
        if not _agree(stated):
            told = dict.fromkeys(f"{value:g} {unit}" for value, unit in stated)
            return f"statistics ({first['stated'] or '—'}: {' ≠ '.join(told)})"
        return Statistic(
            float(first["value"]), str(first["unit"]), first["stated"] or None, first["source"]
        )

    def townships(self, indicator: str) -> list[str]:
        """List the townships of which an indicator is reported.

        Parameters
        ----------
        indicator
            Its id.

        Returns
        -------
        list of str
            By name.
        """
        mine = self.rows[self.rows["indicator"] == indicator]
        return sorted(mine["township"].dropna().unique())


def _agree(figures: Iterable[tuple[float, str]]) -> bool:
    """Tell whether several statements are of one figure, whatever unit each is in."""
    first, *others = (Quantity(float(value), str(unit)) for value, unit in figures)
    for other in others:
        try:
            value = other.to(first.unit)
        except UnitError:
            return False
        if abs(value - first.value) > _SAME * max(1.0, abs(first.value)):
            return False
    return True


def read_statistics(layer: Layer | None) -> Reported:
    """Read the layer ``statistics``.

    Parameters
    ----------
    layer
        None where there is none.

    Returns
    -------
    Reported
        A row without a date speaks for the end of its year; with neither, it comes before all.
    """
    names = ("indicator", "township", "value", "unit", "year", "as_of", "source")
    frame = pd.DataFrame() if layer is None else pd.DataFrame(layer.frame)
    rows = frame.reindex(columns=list(names)).astype(object)
    rows = rows.where(rows.notna(), None)
    stated = [
        date_text(as_of) if as_of else "" if year is None else str(int(year))
        for as_of, year in zip(rows["as_of"], rows["year"], strict=True)
    ]
    rows["stated"] = pd.Series(stated, index=rows.index, dtype=object)
    rows["when"] = pd.Series([end_of(text) for text in stated], index=rows.index, dtype=object)
    rows["source"] = pd.Series([text or "" for text in rows["source"]], rows.index, dtype=object)
    rows["value"] = rows["value"].astype(float)
    known = rows["indicator"].notna()
    return Reported(rows[known & rows["unit"].notna()], int((~known).sum()))
