"""What a method gives back: figures, tables and layers, with all they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from yanshan_gis.messages import Notice
from yanshan_gis.scenario import NOTICE

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

Status = Literal["ok", "not_computable", "infeasible"]
BETWEEN = "；"  # between several missing things in one cell of a table
# The table ``figures`` that every result offers to other recipes, see `yanshan_gis.figures`.
FIGURE_COLUMNS: Mapping[str, str] = {
    "recipe": "object", "indicator": "Int64", "key": "object", "township": "object",
    "numerator": "float64", "denominator": "float64", "value": "float64", "unit": "object",
    "target": "float64", "headline": "bool", "disagree": "Int64", "missing": "object",
}  # fmt: skip


@dataclass(frozen=True)
class Indicator:
    """One figure a county may sign.

    Parameters
    ----------
    key
        Stable name, such as ``own_outlet``.
    numerator, denominator
        What was counted; None where the figure is no ratio.
    value
        The figure; None when it could not be computed.
    unit
        Canonical unit; ``share`` for ratios.
    target
        What the plan asks for, in the same unit.
    headline
        True for the definition the county reports.
    subject
        What is counted, in the data's own words, where the data and not the recipe say it.
    """

    key: str
    value: float | None
    unit: str
    numerator: float | None = None
    denominator: float | None = None
    target: float | None = None
    headline: bool = False
    subject: str = ""

    @classmethod
    def share(
        cls,
        key: str,
        numerator: float,
        denominator: float,
        *,
        target: float | None = None,
        headline: bool = False,
    ) -> Indicator:
        """Build a ratio; over nothing it has no value.

        Parameters
        ----------
        key
            Stable name.
        numerator, denominator
            What was counted.
        target
            What the plan asks for.
        headline
            True for the definition the county reports.

        Returns
        -------
        Indicator
            With unit ``share``.
        """
        value = float(numerator) / float(denominator) if denominator else None
        return cls(key, value, "share", float(numerator), float(denominator), target, headline)

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without a target or a value."""
        if self.target is None or self.value is None:
            return None
        return self.value >= self.target

    def to_json(self) -> dict[str, Any]:
        """Return the figure as plain values.

        Returns
        -------
        dict
            ``key``, ``numerator``, ``denominator``, ``value``, ``unit`` and, where there are such,
            ``target`` and ``met``, ``headline``, ``subject``.
        """
        plain: dict[str, Any] = {
            "key": self.key,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": self.value,
            "unit": self.unit,
        }
        if self.target is not None:
            plain |= {"target": self.target, "met": self.met}
        if self.headline:
            plain["headline"] = True
        if self.subject:
            plain["subject"] = self.subject
        return plain


@dataclass(frozen=True)
class Result:
    """The outcome of one recipe.

    Parameters
    ----------
    status
        ``ok``, ``not_computable`` (something is missing) or ``infeasible`` (no answer exists).
    indicators
        Figures, headline first.
    tables
        By name; rows in a fixed order.
    layers
        By name; each row keeps the ``id`` of the feature it is about.
    rasters
        Files of pixels by name; they lie in the result's folder, each named by its content.
    warnings
        What a reader must know about the figures.
    missing
        For ``not_computable``: the layers and fields that are missing. For ``ok``: those that a
        figure left out would have needed.
    parameters
        As used, with units.
    inputs
        Content hash of every input by name.
    modelled
        Titles of the input layers that rest on modelled data.
    """

    status: Status = "ok"
    indicators: tuple[Indicator, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    rasters: Mapping[str, Path] = field(default_factory=dict)
    warnings: tuple[Notice, ...] = ()
    missing: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    modelled: tuple[str, ...] = ()

    @property
    def headline(self) -> Indicator | None:
        """The figure the county reports, if the recipe has one."""
        return next((i for i in self.indicators if i.headline), None)

    @property
    def scenarios(self) -> tuple[Notice, ...]:
        """The scenarios the result speaks of instead of the county as it is."""
        return tuple(notice for notice in self.warnings if notice.code == NOTICE)
