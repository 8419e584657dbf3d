"""Indicators as text, the same on sheets, in tables and on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.publish.words import unit_text, word

if TYPE_CHECKING:
    from yanshan_gis.content import AnalysisDef
    from yanshan_gis.messages import Language
    from yanshan_gis.result import Indicator


def number_text(value: float | None, unit: str, language: Language) -> str:
    """Write a number with its unit; shares as a percentage.

    Parameters
    ----------
    value
        The number.
    unit
        Canonical spelling.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        ``–`` where nothing is known.
    """
    if value is None:
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    return f"{_plain(value)} {unit_text(unit, language)}".rstrip()


def figure_title(recipe: AnalysisDef, indicator: Indicator, language: Language) -> str:
    """Say what a figure is called.

    Parameters
    ----------
    recipe
        Names its figures.
    indicator
        The figure.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        The recipe's title, with what is counted where the data say it; else the key.
    """
    title = recipe.figures.get(indicator.key)
    text = title.get(language) if title else indicator.key
    return text + word("bracket", language, text=indicator.subject) if indicator.subject else text


def value_text(indicator: Indicator, language: Language) -> str:
    """Write an indicator's value.

    Parameters
    ----------
    indicator
        The figure.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        With its unit.
    """
    return number_text(indicator.value, indicator.unit, language)


def counted_text(indicator: Indicator, language: Language) -> str:
    """Write what was counted, and the target where there is one.

    Parameters
    ----------
    indicator
        The figure.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        In brackets; empty for a figure that is no ratio and has no target.
    """
    parts = []
    if pair := counted_pair(indicator.numerator, indicator.denominator):
        parts.append(pair)
    if indicator.target is not None:
        target = number_text(indicator.target, indicator.unit, language)
        key = "target_met" if indicator.met else "target_not_met"
        parts.append(word(key, language, target=target))
    if not parts:
        return ""
    joined = ("；" if language == "zh" else "; ").join(parts)
    return f"（{joined}）" if language == "zh" else f" ({joined})"


def counted_pair(numerator: float | None, denominator: float | None) -> str:
    """Write what was counted over what.

    Parameters
    ----------
    numerator, denominator
        The two numbers; None where unknown.

    Returns
    -------
    str
        Such as ``419 / 1,091``; empty unless both are known.
    """
    if numerator is None or denominator is None:
        return ""
    return f"{_plain(numerator)} / {_plain(denominator)}"


def _plain(value: float) -> str:
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.2g}"  # 0.15 万元 is not 0.1
