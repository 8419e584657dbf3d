"""A chart drawn beside a map: axes, a curve that rises step by step, marks and lines.

A text stands where it covers neither the curve nor another text; a mark's number that finds no
such place is left out, its point stays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.content import Symbol
from yanshan_gis.publish.fonts import MM_PER_PT, shorten, text_width_mm
from yanshan_gis.publish.furniture import GREY
from yanshan_gis.publish.paper import INK
from yanshan_gis.publish.symbols import dash_pattern, point_symbols

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yanshan_gis.publish.chart import Chart
    from yanshan_gis.publish.paper import Surface

_PT, _LINE_MM = 6.5, 3.4
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICK_MM = (13.0, 4.5)  # least distance of ticks along and across
_HEADROOM_MM = 3.6  # above the highest point, for the text of a line
_SIDE_MM = 6.0  # right of the last point, for the text of a mark
_FLAT = 0.5  # a share that begins above this part of the axis is drawn without its foot
_GRID, _CURVE_MM, _DOT_MM = "#d9dde1", 0.5, 1.7
_DENSE_MM = 1.2  # marks closer than this on average are not drawn
_SAMPLES_MM = 0.4  # between the points of the curve that a text keeps clear of


def tick_values(low: float, high: float, most: int, *, whole: bool = False) -> list[float]:
    """Choose round values along an axis.

    Parameters
    ----------
    low, high
        Its ends.
    most
        How many there may be, two at least.
    whole
        True where only whole numbers make sense.

    Returns
    -------
    list of float
        Multiples of 1, 2, 2.5 or 5 times a power of ten, ascending, within the ends.
    """
    span = max(high - low, 1e-9)
    rough = span / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in _NICE if nice * power >= rough * (1 - 1e-9))
    if whole:
        step = float(max(1, math.ceil(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


@dataclass
class _Plot:
    """The room within the axes, and what already stands there."""

    left: float
    bottom: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a value stands, in millimetres."""
        (x0, x1), (y0, y1) = self.x, self.y
        return (
            self.left + (x - x0) / (x1 - x0) * self.width,
            self.bottom + (y - y0) / (y1 - y0) * self.height,
        )

    def free(self, box: tuple[float, float, float, float]) -> bool:
        """Tell whether a text has room: inside, and on nothing."""
        left, bottom, right, top = box
        inside = self.left <= left and right <= self.left + self.width
        inside = inside and self.bottom <= bottom and top <= self.bottom + self.height
        return inside and not any(
            left < other[2] and other[0] < right and bottom < other[3] and other[1] < top
            for other in self.taken
        )


def draw_chart(
    surface: Surface, chart: Chart, left: float, top: float, width: float, height: float
) -> None:
    """Draw a chart without its heading.

    Parameters
    ----------
    surface
        The sheet.
    chart
        What it shows.
    left, top, width, height
        Room for it, in millimetres.
    """
    plot, across = _plot(chart, left, top, width, height)
    title = shorten(chart.y_title, _PT, width)
    surface.text(left, top - 2.6, title, _PT, colour=GREY)
    _draw_axes(surface, plot, chart, across)
    x, y = _path(chart, plot)
    _take_curve(plot, x, y)
    _draw_lines(surface, plot, chart)
    surface.line(x.tolist(), y.tolist(), width_mm=_CURVE_MM, colour=chart.colour, level=84)
    _draw_marks(surface, plot, chart)


def _plot(
    chart: Chart, left: float, top: float, width: float, height: float
) -> tuple[_Plot, list[float]]:
    """Lay the axes, and the values written beside the one that goes up."""
    bottom, upper = top - height + 2 * _LINE_MM, top - _LINE_MM - 0.6
    room = upper - bottom
    highest = max(*chart.y, *(value for value, _ in chart.lines), *(m.y for m in chart.marks), 1e-9)
    lowest = min(*chart.y, *(value for value, _ in chart.lines))
    low = 0.0
    if chart.share and lowest > _FLAT * highest:
        values = tick_values(lowest - (highest - lowest) / 2 - 0.01, highest, 4)
        low = max(0.0, *(value for value in values if value <= lowest))
    high = low + (highest - low) / max(1 - _HEADROOM_MM / room, 0.5)
    if chart.share:
        high = max(min(high, 1.0), highest)
    counted = not chart.share and all(float(value).is_integer() for value in chart.y)
    across = tick_values(low, high, max(2, int(room / _TICK_MM[1])), whole=counted)
    edge = left + max(text_width_mm(_number(value, chart), _PT) for value in across) + 1.0
    inner = left + width - edge - 1.0
    end = max(*chart.x, *(mark.x for mark in chart.marks), 1e-9)
    end /= max(1 - _SIDE_MM / inner, 0.5)
    return _Plot(edge, bottom, inner, room, (0.0, end), (low, high)), across


def _number(value: float, chart: Chart) -> str:
    return f"{100 * value:.4g}%" if chart.share else f"{value:,.10g}"


def _draw_axes(surface: Surface, plot: _Plot, chart: Chart, across: list[float]) -> None:
    right, upper = plot.left + plot.width, plot.bottom + plot.height
    for value in across:
        _, y = plot.at(0.0, value)
        surface.line([plot.left, right], [y, y], width_mm=0.1, colour=_GRID, level=75)
        down = y - 0.36 * _PT * MM_PER_PT
        surface.text(plot.left - 0.9, down, _number(value, chart), _PT, align="right")
    most = max(2, int(plot.width / _TICK_MM[0]) + 1)
    for value in tick_values(*plot.x, most, whole=chart.whole):
        x, _ = plot.at(value, 0.0)
        surface.line([x, x], [plot.bottom, plot.bottom - 0.8], width_mm=0.15, level=76)
        text = f"{value:,.10g}"
        surface.text(x, plot.bottom - 3.2, text, _PT, align="center")
    for ends in (([plot.left, right], [plot.bottom] * 2), ([plot.left] * 2, [plot.bottom, upper])):
        surface.line(*ends, width_mm=0.2, colour=INK, level=83)
    title = shorten(chart.x_title, _PT, plot.width)
    surface.text(right, plot.bottom - 2 * _LINE_MM + 0.6, title, _PT, align="right", colour=GREY)


def _path(chart: Chart, plot: _Plot) -> tuple[np.ndarray, np.ndarray]:
    """Turn steps into a line: level up to each step, then up."""
    x, y = np.repeat(chart.x, 2)[1:], np.repeat(chart.y, 2)[:-1]
    return plot.at(x, y)  # type: ignore[arg-type,return-value]


def _take_curve(plot: _Plot, x: np.ndarray, y: np.ndarray) -> None:
    """Keep the curve free of text."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    every = np.arange(0.0, along[-1] + _SAMPLES_MM, _SAMPLES_MM)
    half = _CURVE_MM / 2 + 0.1
    for a, b in zip(np.interp(every, along, x), np.interp(every, along, y), strict=True):
        plot.taken.append((a - half, b - half, a + half, b + half))


def _draw_lines(surface: Surface, plot: _Plot, chart: Chart) -> None:
    right, dashed = plot.left + plot.width, dash_pattern("dash")
    for value, text in chart.lines:
        _, y = plot.at(0.0, value)
        surface.line([plot.left, right], [y, y], width_mm=0.2, colour=GREY, dash=dashed, level=82)
        width = text_width_mm(text, _PT)
        for x, base in _beside_line(plot, y, width):
            box = (x, base - 0.5, x + width, base + 2.1)
            if plot.free(box):
                surface.text(x, base, text, _PT, colour=GREY, halo_mm=0.3, level=88)
                plot.taken.append(box)
                break
        plot.taken.append((plot.left, y - 0.15, right, y + 0.15))


def _beside_line(plot: _Plot, y: float, width: float) -> Iterator[tuple[float, float]]:
    for x in (plot.left + 1.2, plot.left + plot.width - 1.2 - width):
        yield x, y + 0.8
        yield x, y - 2.6


def _draw_marks(surface: Surface, plot: _Plot, chart: Chart) -> None:
    if not chart.marks or len(chart.marks) * _DENSE_MM > plot.width:
        return
    half = _DOT_MM / 2
    spots = [plot.at(mark.x, mark.y) for mark in chart.marks]
    for (x, y), mark in zip(spots, chart.marks, strict=True):
        dot = Symbol(colour=mark.colour, outline="#ffffff", outline_mm=0.15)
        point_symbols(surface, dot, [(x, y)], [_DOT_MM]).set_zorder(86)
        plot.taken.append((x - half, y - half, x + half, y + half))
    for (x, y), mark in zip(spots, chart.marks, strict=True):
        width = text_width_mm(mark.text, _PT)
        for left, base in (
            (x + half + 0.4, y - 2.6), (x + half + 0.4, y - 0.8), (x - width / 2, y - 3.6),
            (x + 0.4, y - 4.2), (x - width - half - 0.4, y + 0.4), (x - width / 2, y + 1.4),
        ):  # fmt: skip
            box = (left, base - 0.4, left + width, base + 1.9)
            if plot.free(box):
                surface.text(left, base, mark.text, _PT, halo_mm=0.3, level=88)
                plot.taken.append(box)
                break
