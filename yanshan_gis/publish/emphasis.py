"""Layers stepped back behind a sheet's theme, and drawn smaller on small paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yanshan_gis.publish.style import ResolvedStyle

_MANY_POINTS = 300  # so many symbols are texture, and their names would crowd out the theme's
_SHARE = 0.45


def _paler(colour: str | None, share: float) -> str | None:
    if colour is None:
        return None
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)


def quieter(style: ResolvedStyle, share: float = 0.4) -> ResolvedStyle:
    """Step a layer back behind a sheet's theme: paler, thinner, the same classes and words.

    Parameters
    ----------
    style
        The scheme.
    share
        0 changes nothing; at 1 nothing would be seen.

    Returns
    -------
    ResolvedStyle
        For this sheet's map and legend alike.
    """
    classes = []
    for item in style.classes:
        symbol = item.symbol
        paler = {
            "colour": _paler(symbol.colour, share),
            "outline": _paler(symbol.outline, share),
            "casing": _paler(symbol.casing, share),
            "width_mm": symbol.width_mm * (1 - share / 2),
            "size_mm": symbol.size_mm * (1 - share / 2),
        }
        classes.append(replace(item, symbol=symbol.model_copy(update=paler)))
    return replace(style, classes=tuple(classes))


def behind_theme(style: ResolvedStyle, rows: int) -> ResolvedStyle:
    """Decide how far a basis layer steps back: lines and dense points do, boundaries do not.

    Parameters
    ----------
    style
        The scheme.
    rows
        How many features are drawn.

    Returns
    -------
    ResolvedStyle
        Dense points also lose their labels.
    """
    if style.kind == "line":
        return quieter(style, _SHARE)
    if style.kind == "point" and rows > _MANY_POINTS:
        return replace(quieter(style, _SHARE), label=None)
    return style


def smaller(style: ResolvedStyle, factor: float) -> ResolvedStyle:
    """Draw symbols smaller, as suits small paper: strokes shrink half as much, or they vanish.

    Parameters
    ----------
    style
        The scheme.
    factor
        On the size of symbols.

    Returns
    -------
    ResolvedStyle
        For this sheet's map and legend alike.
    """
    stroke = (1 + factor) / 2
    classes = []
    for item in style.classes:
        symbol = item.symbol
        sizes = {
            "size_mm": symbol.size_mm * factor,
            "width_mm": symbol.width_mm * stroke,
            "casing_mm": symbol.casing_mm * stroke,
            "outline_mm": symbol.outline_mm * stroke,
        }
        classes.append(replace(item, symbol=symbol.model_copy(update=sizes)))
    scales = tuple(
        replace(size, largest_mm=size.largest_mm * factor, smallest_mm=size.smallest_mm * factor)
        for size in style.sizes
    )
    return replace(style, classes=tuple(classes), sizes=scales)
