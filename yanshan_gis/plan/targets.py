"""What the plan asks for: indicators with their targets, and when a figure meets one.

A target has an operator: *at least*, *at most*, or *grow*, by a share of a baseline. Figures are
compared unrounded; two that differ by no more than the noise of floating-point numbers are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from yanshan_gis.errors import UnitError
from yanshan_gis.units import Quantity, canonical_unit, unit_kind

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

Operator = Literal["at_least", "at_most", "grow"]
State = Literal["met", "not_met", "not_computable"]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
SHARE = "share"
_NOISE = 1e-9


def is_reached(operator: Operator, value: float, goal: float) -> bool:
    """Compare a figure with a target.

    Parameters
    ----------
    operator
        ``at_most`` asks for no more than the goal, the others for no less.
    value, goal
        In the same unit, unrounded; equal to within 1e-9 of the goal counts as equal.

    Returns
    -------
    bool
        True when it is reached; the goal itself reaches it.
    """
    noise = _NOISE * max(1.0, abs(goal))
    return value <= goal + noise if operator == "at_most" else value >= goal - noise


def base_unit(unit: str) -> str:
    """Return the unit in which figures of a kind are compared and shown.

    Parameters
    ----------
    unit
        As stated.

    Returns
    -------
    str
        ``share`` for shares however written, else the unit itself in its canonical spelling.

    Raises
    ------
    UnitError
        When the unit is not known.
    """
    return SHARE if unit_kind(unit) == unit_kind(SHARE) else canonical_unit(unit)


@dataclass(frozen=True)
class Target:
    """One indicator and what the plan asks of it.

    Parameters
    ----------
    id
        Of its row in the layer ``indicators``.
    number
        In the plan's table.
    name, name_en
        Titles.
    operator
        How the goal is meant; None where the layer does not say.
    goal
        In `unit` for *at least* and *at most*; for *grow* the growth as a share of the baseline.
    unit
        Of the figure that is measured; None where nobody says.
    kind
        ``binding`` or ``expected``.
    baseline
        In its own unit.
    baseline_year, baseline_source
        Whence it is.
    source, note
        For the reader.
    """

    id: str
    number: int
    name: str
    name_en: str = ""
    operator: Operator | None = None
    goal: float | None = None
    unit: str | None = None
    kind: str | None = None
    baseline: Quantity | None = None
    baseline_year: int | None = None
    baseline_source: str = ""
    source: str = ""
    note: str = ""

    @property
    def compared_in(self) -> str | None:
        """The unit of goal and figure: a share for *grow*."""
        return SHARE if self.operator == "grow" else self.unit

    @property
    def lacking(self) -> tuple[str, ...]:
        """Fields without which no figure can be judged."""
        absent = {
            "target": self.goal is None,
            "operator": self.operator is None,
            "baseline": self.operator == "grow" and self.baseline is None,
            "baseline (0)": self.operator == "grow" and self.baseline is not None
            and self.baseline.value == 0,
        }  # fmt: skip
        return tuple(name for name, missing in absent.items() if missing)

    def measured(self, value: Quantity) -> float:
        """Turn a figure into what is compared with the goal.

        Parameters
        ----------
        value
            The figure.

        Returns
        -------
        float
            The figure in the indicator's unit; for *grow*, value over baseline, minus one.

        Raises
        ------
        UnitError
            When its unit measures something else.
        """
        if self.operator == "grow" and self.baseline is not None:
            return value.to(self.baseline.unit) / self.baseline.value - 1.0
        return value.to(self.unit or value.unit)

    def state(self, value: float | None) -> State:
        """Judge a figure.

        Parameters
        ----------
        value
            As `measured` gives it; None where there is none.

        Returns
        -------
        str
            ``met``, ``not_met``, or ``not_computable``.
        """
        if value is None or self.goal is None or self.operator is None:
            return "not_computable"
        return "met" if is_reached(self.operator, value, self.goal) else "not_met"

    @property
    def below_baseline(self) -> bool | None:
        """Whether the target asks for less than there was; None without a baseline to compare."""
        if self.operator == "grow" and self.baseline is not None and self.goal is not None:
            return self.goal < 0
        if self.baseline is None or self.goal is None or self.operator is None:
            return None
        try:
            before = self.baseline.to(self.unit or self.baseline.unit)
        except UnitError:
            return None
        worse: Operator = "at_least" if self.operator == "at_most" else "at_most"
        return is_reached(worse, self.goal, before) and not is_reached(
            self.operator, self.goal, before
        )


def read_targets(layer: Layer, goals: Mapping[str, float] | None = None) -> list[Target]:
    """Read the layer ``indicators``.

    Parameters
    ----------
    layer
        One row per indicator.
    goals
        Targets by number that stand before the layer's, as ``county.toml`` states them.

    Returns
    -------
    list of Target
        By number; rows without a number are left out.
    """
    frame = pd.DataFrame(layer.frame)
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    found = [_target(row, goals or {}) for row in records if row.get("number") is not None]
    return sorted(found, key=lambda target: (target.number, target.id))


def _target(row: Mapping[Any, Any], goals: Mapping[str, float]) -> Target:
    def text(field: str) -> str:
        return str(row.get(field) or "")

    number = int(row["number"])
    operator = next((o for o in OPERATORS if o == row.get("operator")), None)
    unit = text("unit") or None
    stated, year = row.get("target"), row.get("baseline_year")
    goal = None if stated is None else _in_base(float(stated), unit, operator)
    before = row.get("baseline")
    in_unit = text("baseline_unit") or unit
    return Target(
        id=text("id"), number=number, name=text("name"), name_en=text("name_en"),
        operator=operator, goal=goals.get(str(number), goal),
        unit=base_unit(unit) if unit else None, kind=row.get("kind"),
        baseline=Quantity(float(before), in_unit) if before is not None and in_unit else None,
        baseline_year=None if year is None else int(year),
        baseline_source=text("baseline_source"), source=text("source"), note=text("note"),
    )  # fmt: skip


def _in_base(goal: float, unit: str | None, operator: Operator | None) -> float:
    """Bring a goal into the unit figures are compared in; growth is a share already."""
    if operator == "grow" or not unit:
        return goal
    return Quantity(goal, unit).to(base_unit(unit))


def goals(layer: Layer) -> dict[str, float]:
    """List the targets that a layer states for figures measured directly.

    Parameters
    ----------
    layer
        ``indicators``.

    Returns
    -------
    dict
        Goal by number, as text; targets over a baseline are left out.
    """
    return {
        str(target.number): target.goal
        for target in read_targets(layer)
        if target.goal is not None and target.operator in {"at_least", "at_most"}
    }
