"""What stands around a map: scale bar, north arrow, headings and key figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.patches import Polygon

from yanshan_gis.publish.fonts import fit_size, shorten, text_width_mm, wrap
from yanshan_gis.publish.paper import INK, points
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.paper import Surface

WARNING_COLOUR = "#b3261e"
SCENARIO_COLOUR = "#5b3a9e"
GREY = "#5f6368"
_FIGURE_PT, _LEAST_FIGURE = 8.5, 0.7
_HEADLINE_MM = 14.0  # around the headline, without its label
_NICE_BAR = (1, 2, 2.5, 5)


def draw_heading(surface: Surface, text: str, left: float, top: float, width: float) -> float:
    """Write a block's heading over a thin rule.

    Parameters
    ----------
    surface
        The sheet.
    text
        The heading.
    left, top, width
        Where it stands, in millimetres.

    Returns
    -------
    float
        Where the block's content begins.
    """
    surface.text(left, top - 4.2, text, 10.5, bold=True)
    surface.line([left, left + width], [top - 5.8, top - 5.8], width_mm=0.25, colour=INK)
    return top - 7.2


def scale_bar_step_m(denominator: int, width_mm: float) -> float:
    """Choose the length of one of the scale bar's four parts.

    Parameters
    ----------
    denominator
        N of 1:N.
    width_mm
        Room for the whole bar.

    Returns
    -------
    float
        A round number of metres.
    """
    longest = width_mm / 4 * denominator / 1000
    power = 10.0 ** math.floor(math.log10(longest))
    return float(max(nice for nice in _NICE_BAR if nice * power <= longest) * power)


def draw_scale(
    surface: Surface, denominator: int, left: float, bottom: float, width: float, language: Language
) -> None:
    """Draw the scale as number and bar.

    Parameters
    ----------
    surface
        The sheet.
    denominator
        N of 1:N.
    left, bottom, width
        Room for it, in millimetres; the bar is centred.
    language
        ``zh`` or ``en``.
    """
    step = scale_bar_step_m(denominator, width - 12)
    part = step * 1000 / denominator
    x = left + (width - 4 * part) / 2
    grouped = f"{denominator:,}"
    # Chinese maps set groups of digits apart by a space.
    number = f"1:{grouped}" if language == "en" else f"1:{grouped.replace(',', ' ')}"
    title = f"{word('scale', language)}　{number}"
    surface.text(left + width / 2, bottom + 10.5, title, 9.5, align="center", bold=True)
    for index in range(4):
        fill = INK if index % 2 == 0 else "white"
        surface.box(x + index * part, bottom + 4.2, part, 1.5, fill=fill, edge_mm=0.18, level=80)
    metres = step < 1000
    unit = word("metres" if metres else "kilometres", language)
    for index in range(5):
        value = index * step if metres else index * step / 1000
        text = f"{value:g}"
        surface.text(x + index * part, bottom + 6.6, text, 7, align="center")
        if index == 4:
            after = x + 4 * part + text_width_mm(text, 7) / 2 + 0.8
            surface.text(after, bottom + 6.6, unit, 7)


def draw_north(surface: Surface, x: float, y: float, language: Language) -> tuple[float, ...]:
    """Draw the north arrow; north is the grid's.

    Parameters
    ----------
    surface
        The map.
    x, y
        The arrow's foot, in millimetres.
    language
        ``zh`` or ``en``.

    Returns
    -------
    tuple of float
        The box it takes, ``(left, bottom, right, top)``.
    """
    for side, fill in ((-1, INK), (1, "white")):
        corners = [(x, y + 13), (x + side * 3.6, y), (x, y + 3)]
        surface.axes.add_patch(
            Polygon(corners, facecolor=fill, edgecolor=INK, linewidth=points(0.2), zorder=86)
        )
    surface.text(
        x, y + 14.2, word("north", language), 12, align="center", bold=True, halo_mm=0.5, level=88
    )
    return (x - 4.6, y - 1, x + 4.6, y + 19)


def figures_height(lines: Sequence[tuple[str, str]], width: float) -> float:
    """Measure the box of figures.

    Parameters
    ----------
    lines
        Labels and figures, the headline first.
    width
        Its width in millimetres.

    Returns
    -------
    float
        Millimetres.
    """
    rows = sum(len(_figure_lines(label, text, width)) for label, text in lines[1:])
    if not lines:
        return 0.0
    return _HEADLINE_MM + 3.6 * len(_headline_label(lines[0][0], width)) + rows * 4.8


def _headline_label(label: str, width: float) -> list[str]:
    """Break the headline's label; a third line and what follows is cut."""
    lines = wrap(label, 8.0, width - 6)
    return [*lines[:1], shorten("".join(lines[1:]), 8.0, width - 6)] if lines[1:] else lines


def _figure_lines(label: str, text: str, width: float) -> list[str]:
    """Break a label whose figure stands at the right end of its last line.

    A figure too long for half the width has a line of its own.
    """
    if text_width_mm(text, _FIGURE_PT * _LEAST_FIGURE) > width / 2:
        return [*wrap(label, 8.0, width - 6), ""]
    room = width - 6 - min(text_width_mm(text, _FIGURE_PT) + 2, width / 2)
    return wrap(label, 8.0, room)


def draw_figures(
    surface: Surface, lines: Sequence[tuple[str, str]], left: float, top: float, width: float
) -> None:
    """Draw the box of figures, the headline large.

    Parameters
    ----------
    surface
        The sheet.
    lines
        Labels and figures, the headline first.
    left, top, width
        Where it stands, in millimetres.
    """
    height = figures_height(lines, width)
    surface.box(left, top - height, width, height, fill="#eef3f8", edge="none")
    surface.box(left, top - height, 1.2, height, fill="#1f5f99", edge="none", level=71)
    label, text = lines[0]
    y = top - 1.6
    for line in _headline_label(label, width):
        y -= 3.6
        surface.text(left + 3.5, y, line, 8.0, colour=GREY)
    size = fit_size(text, 18, width - 7, least=0.35)
    surface.text(left + 3.5, y - 7.8, text, size, bold=True, colour="#123f6b")
    y -= 10.2
    for label, text in lines[1:]:
        broken = _figure_lines(label, text, width)
        for line in broken:
            y -= 4.8
            surface.text(left + 3.5, y + 1.2, line, 8.0, colour=GREY)
        room = width / 2 if broken[-1] else width - 6
        size = fit_size(text, _FIGURE_PT, room, least=_LEAST_FIGURE)
        surface.text(left + width - 2.5, y + 1.2, text, size, align="right")
