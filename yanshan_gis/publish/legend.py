"""The legend: what is on the map and nothing else, grouped, in one or two columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from yanshan_gis.publish.fonts import fit_size, shorten
from yanshan_gis.publish.paper import CENTRE_EM, points
from yanshan_gis.publish.symbols import dash_pattern, point_symbols
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yanshan_gis.content import Symbol
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.paper import Surface
    from yanshan_gis.publish.placed import PlacedContent
    from yanshan_gis.publish.style import Kind, SizeScale

EntryKind = Literal["group", "heading", "class", "size"]

_HEIGHTS: dict[EntryKind, float] = {"group": 6.2, "heading": 5.2, "class": 4.7, "size": 4.7}
_SIZES_PT: dict[EntryKind, float] = {"group": 9.5, "heading": 8.5, "class": 8.0, "size": 8.0}
_SAMPLE_MM = 9.0  # width kept for the sample of a symbol
_GUTTER_MM = 3.0
# How much longer a column may become so that what belongs together is not cut before this entry.
_CUT_MM: dict[EntryKind, float] = {"group": 0.0, "heading": 3.0, "class": 12.0, "size": 12.0}
_LARGEST_SAMPLE_MM = 8.0
_SHARES = (1.0, 0.25, 0.05)  # of the largest number, as samples of a size scale
_GREY, _SHARED_GREY = "#666666", "#8a8a8a"


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend.

    Parameters
    ----------
    role
        ``group`` and ``heading`` are words only; ``class`` and ``size`` have a sample.
    title
        The words.
    kind
        What the symbol is drawn as.
    symbol
        The sample's symbol.
    count
        Features on the map, where wanted.
    """

    role: EntryKind
    title: str
    kind: Kind = "point"
    symbol: Symbol | None = None
    count: int | None = None

    @property
    def height(self) -> float:
        """Room it takes, in millimetres, when nothing is set closer."""
        return self.height_at(1.0)

    def height_at(self, shrink: float) -> float:
        """Measure the room it takes when words are set closer; samples keep their size.

        Parameters
        ----------
        shrink
            Factor on the height of a line.

        Returns
        -------
        float
            Millimetres.
        """
        line = _HEIGHTS[self.role] * shrink
        if self.role == "size" and self.symbol is not None:
            return max(line, min(self.symbol.size_mm, _LARGEST_SAMPLE_MM) + 0.8)
        return line


def _size_entries(
    scale: SizeScale, symbol: Symbol, language: Language, shares: tuple[float, ...]
) -> list[LegendEntry]:
    brackets = "（{}）" if language == "zh" else " ({})"
    unit = brackets.format(scale.unit) if scale.unit else ""
    entries = [LegendEntry("heading", scale.title + unit)]
    for share in shares:
        value = float(f"{scale.maximum * share:.2g}")
        size = float(scale.sizes([value], 0.0)[0])
        sample = symbol.model_copy(update={"size_mm": size, "size_by": None})
        entries.append(LegendEntry("size", f"{value:,g}", "point", sample))
    return entries


def _sized_symbol(placed: PlacedContent, scale: SizeScale) -> Symbol | None:
    """Return a scale's symbol: that of its class, a grey one where several classes share it."""
    known = placed.rows[scale.field].notna().to_numpy()
    used = [
        item.symbol
        for index, item in enumerate(placed.style.classes)
        if item.symbol.size_by == scale.field and (known & (placed.classes == index)).any()
    ]
    if len({symbol.colour for symbol in used}) > 1:
        return used[0].model_copy(update={"colour": _SHARED_GREY, "shape": "circle"})
    return used[0] if used else None


def _layer_entries(placed: PlacedContent) -> list[LegendEntry]:
    style, counts = placed.style, placed.class_counts
    if not counts.sum():
        return []
    shown = [
        LegendEntry(
            "class", item.title, style.kind, item.symbol,
            int(count) if placed.layer.counts else None,
        )
        for item, count in zip(style.classes, counts, strict=True)
        if count
    ]  # fmt: skip
    entries = [LegendEntry("heading", placed.layer.title), *shown]
    if not style.by:
        entries = [replace(shown[0], title=placed.layer.title)]
    elif len(shown) == 1 and placed.layer.group == "basis":
        entries = shown
    shares = _SHARES if len(style.sizes) == 1 else _SHARES[:2]  # several scales: two samples each
    for scale in style.sizes:
        symbol = _sized_symbol(placed, scale)
        entries += _size_entries(scale, symbol, style.language, shares) if symbol else []
    return entries


def legend_entries(layers: Sequence[PlacedContent], language: Language) -> list[LegendEntry]:
    """List the legend's lines: theme before basis, only classes that are on the map.

    Parameters
    ----------
    layers
        All layers of the map, top first.
    language
        ``zh`` or ``en``.

    Returns
    -------
    list of LegendEntry
        From top to bottom.
    """
    entries: list[LegendEntry] = []
    for group in ("theme", "basis"):
        found = [_layer_entries(placed) for placed in layers if placed.layer.group == group]
        # Single lines first: after a heading they would seem to belong to it.
        ordered = [item for item in found if len(item) == 1] + [
            item for item in found if len(item) > 1
        ]
        if any(found):
            entries.append(LegendEntry("group", word(group, language)))
            entries += [entry for item in ordered for entry in item]
    return entries


def _columns(entries: Sequence[LegendEntry], room: float) -> list[list[LegendEntry]]:
    """Split a long legend in two, near its half and rather before a heading than amid classes."""
    heights = np.array([entry.height for entry in entries])
    if heights.sum() <= room:
        return [list(entries)]
    reached = np.cumsum(heights)
    cuts = [
        index
        for index in range(1, len(entries))
        if entries[index - 1].role not in {"group", "heading"}
    ]
    if not cuts:
        return [list(entries)]
    amid = [_CUT_MM[entry.role] for entry in entries]
    best = min(
        cuts, key=lambda cut: max(reached[cut - 1], reached[-1] - reached[cut - 1]) + amid[cut]
    )
    return [list(entries[:best]), list(entries[best:])]


def legend_height(entries: Sequence[LegendEntry], room: float, shrink: float = 1.0) -> float:
    """Measure the legend.

    Parameters
    ----------
    entries
        Its lines.
    room
        Height up to which it stays in one column, in millimetres.
    shrink
        Factor on heights and font sizes.

    Returns
    -------
    float
        Millimetres.
    """
    columns = _columns(entries, room)
    return max(sum(entry.height_at(shrink) for entry in column) for column in columns)


def draw_legend(
    surface: Surface, entries: Sequence[LegendEntry], *, left: float, top: float, width: float,
    room: float, shrink: float = 1.0,
) -> None:  # fmt: skip
    """Draw the legend.

    Parameters
    ----------
    surface
        The sheet.
    entries
        Its lines.
    left, top, width
        Where it stands, in millimetres.
    room
        Height up to which it stays in one column.
    shrink
        Factor on heights and font sizes.
    """
    columns = _columns(entries, room)
    each = (width - _GUTTER_MM * (len(columns) - 1)) / len(columns)
    for index, column in enumerate(columns):
        y, x = top, left + index * (each + _GUTTER_MM)
        for entry in column:
            height = entry.height_at(shrink)
            y -= height
            _draw_entry(surface, entry, x, y + height / 2, each, shrink)


def _draw_entry(
    surface: Surface, entry: LegendEntry, x: float, middle: float, width: float, shrink: float
) -> None:
    size = _SIZES_PT[entry.role] * shrink
    indent = _SAMPLE_MM + 1.5 if entry.symbol is not None else 0.0
    count = f"{entry.count:,}" if entry.count is not None else ""
    room = width - indent - (7.0 if count else 0.0)
    size = fit_size(entry.title, size, room, least=0.7)
    baseline = middle - CENTRE_EM * size * 25.4 / 72
    bold = entry.role in {"group", "heading"}
    surface.text(x + indent, baseline, shorten(entry.title, size, room), size, bold=bold)
    if count:
        surface.text(x + width, baseline, count, size, align="right", colour=_GREY)
    if entry.symbol is not None:
        draw_sample(surface, entry.kind, entry.symbol, x, middle)


def draw_sample(surface: Surface, kind: Kind, symbol: Symbol, x: float, middle: float) -> None:
    """Draw a symbol's sample as the map draws it.

    Parameters
    ----------
    surface
        The sheet.
    kind
        What it is drawn as.
    symbol
        The symbol.
    x, middle
        Left end and middle height of the room for it, in millimetres.
    """
    if kind == "point":
        _sample_point(surface, symbol, x + _SAMPLE_MM / 2, middle)
    elif kind == "line":
        _sample_line(surface, symbol, x, middle)
    else:
        _sample_polygon(surface, symbol, x, middle)


def _sample_point(surface: Surface, symbol: Symbol, x: float, y: float) -> None:
    size = min(symbol.size_mm, _LARGEST_SAMPLE_MM)
    point_symbols(surface, symbol, [(x, y)], [size]).set_zorder(80)


def _sample_line(surface: Surface, symbol: Symbol, x: float, y: float) -> None:
    pens = [(symbol.colour, symbol.width_mm, dash_pattern(symbol.dash))]
    if symbol.casing:
        pens.insert(0, (symbol.casing, symbol.width_mm + 2 * symbol.casing_mm, "solid"))
    _stroke_sample(surface, pens, x, y, symbol.opacity)


def _stroke_sample(
    surface: Surface, pens: Sequence[tuple[str, float, Any]], x: float, y: float, opacity: float
) -> None:
    for colour, width, dash in pens:
        surface.axes.add_collection(
            LineCollection(
                [[(x, y), (x + _SAMPLE_MM, y)]],
                colors=colour,
                linewidths=points(width),
                linestyles=[dash],
                alpha=opacity,
                capstyle="butt",
                zorder=80,
            ),
            autolim=False,
        )


def _sample_polygon(surface: Surface, symbol: Symbol, x: float, y: float) -> None:
    if not symbol.fill:
        pen = (symbol.outline or symbol.colour, symbol.outline_mm, symbol.outline_dash)
        _stroke_sample(surface, [(pen[0], pen[1], dash_pattern(pen[2]))], x, y, 1.0)
        return
    corner, width, height = (x + 0.5, y - 1.5), _SAMPLE_MM - 1.0, 3.0
    area = Rectangle(
        corner, width, height, facecolor=symbol.colour, alpha=symbol.opacity, linewidth=0, zorder=80
    )
    surface.axes.add_artist(area)
    if symbol.outline and symbol.outline_mm > 0:
        border = Rectangle(
            corner, width, height, facecolor="none", edgecolor=symbol.outline,
            linewidth=points(symbol.outline_mm), linestyle=dash_pattern(symbol.outline_dash),
            zorder=81,
        )  # fmt: skip
        surface.axes.add_artist(border)
