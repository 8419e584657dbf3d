"""Blocks around the map of a QGIS print layout: warnings, figures, legend and lists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from yanshan_gis.publish.fonts import fit_size, text_width_mm, wrap
from yanshan_gis.publish.furniture import GREY, SCENARIO_COLOUR, WARNING_COLOUR
from yanshan_gis.publish.page import Box
from yanshan_gis.publish.qgis_layers import WITHOUT_LEGEND
from yanshan_gis.publish.qgis_xml import options, tag
from yanshan_gis.publish.style import classify
from yanshan_gis.publish.words import listed, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.lists import SheetList
    from yanshan_gis.publish.qgis_items import Items
    from yanshan_gis.publish.qgis_layers import ProjectLayer
    from yanshan_gis.publish.qgis_themes import Theme
    from yanshan_gis.publish.sheet_content import SheetContent

LINE_EM = 1.47  # from line to line in QGIS, with the Chinese font of the sheets
_MM_PER_PT = 25.4 / 72
_GAP = 4.0
_BOLD_WIDER = 1.12  # the font has no bold, and the one that Qt makes of it is wider
_WARNING_PT, _HEADING_PT = 9.5, 10.5
_WARNING_FILL, _SCENARIO_FILL, _FIGURES_FILL = "#fdecea", "#efeafa", "#eef3f8"
_ROW_MM, _LEAST_ROW_MM = 5.0, 2.9
_HEADING_ROWS = 1.5  # height of a heading in the legend, against a row
_UNEVEN = 1.2  # columns of a legend end where QGIS finds a good place
_LIST_SIZES = (7.5, 7.0, 6.5, 6.0, 5.5, 5.0, 4.5)


@dataclass(frozen=True)
class Column:
    """Room for blocks, from the top down.

    Parameters
    ----------
    left, bottom, width, top
        Millimetres from the sheet's lower left corner.
    """

    left: float
    bottom: float
    width: float
    top: float

    def below(self, height: float) -> Column:
        """Tell what is left below a block.

        Parameters
        ----------
        height
            Of the block.

        Returns
        -------
        Column
            Lower by the block and a gap; the same where there is no block.
        """
        return replace(self, top=self.top - height - _GAP) if height else self


def line_mm(size_pt: float) -> float:
    """Tell how far apart lines of text are in QGIS.

    Parameters
    ----------
    size_pt
        Font size.

    Returns
    -------
    float
        Millimetres.
    """
    return size_pt * _MM_PER_PT * LINE_EM


def set_warnings(items: Items, content: SheetContent, room: Column, language: Language) -> Column:
    """Name the scenario and the modelled layers in plain view.

    Parameters
    ----------
    items
        The layout.
    content
        Names them.
    room
        Where they stand.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Column
        What is left.
    """
    boxes = [(text, SCENARIO_COLOUR, _SCENARIO_FILL) for text in content.scenarios]
    if content.infeasible:
        boxes.insert(0, (word("infeasible", language), WARNING_COLOUR, "#ffffff"))
    if content.modelled:
        text = word("modelled", language, layers=listed(content.modelled, language))
        boxes.append((text, WARNING_COLOUR, _WARNING_FILL))
    for number, (text, ink, fill) in enumerate(boxes, 1):
        lines = wrap(text, _WARNING_PT, (room.width - 7) / _BOLD_WIDER)
        height = len(lines) * line_mm(_WARNING_PT) + 3.0
        box = Box(room.left, room.top - height, room.width, height)
        items.label(
            f"warning-{number}", box, "\n".join(lines), _WARNING_PT, colour=ink, bold=True,
            middle=True, frame_mm=0.3, frame=ink, fill=fill, margin_mm=2.5,
        )  # fmt: skip
        room = room.below(height)
    return room


def set_figures(items: Items, content: SheetContent, room: Column) -> Column:
    """Set the figures, the headline large.

    Parameters
    ----------
    items
        The layout.
    content
        Has them as text.
    room
        Where they stand.

    Returns
    -------
    Column
        What is left.
    """
    if not content.figures:
        return room
    (title, headline), *others = content.figures
    labels, values = _figure_lines(others, room.width - 8)
    heads = wrap(title, 8.0, room.width - 8)
    small, large = line_mm(8.0), line_mm(16.0)
    height = (len(heads) + len(labels)) * small + large + 4.0
    left, width, top = room.left, room.width, room.top
    inner = Box(left + 3, top - 2 - small * len(heads), width - 6, small * len(heads))
    items.label("figure-title", inner, "\n".join(heads), 8.0, colour=GREY)
    size = fit_size(headline, 16.0, (width - 8) / _BOLD_WIDER, least=0.5)
    box = Box(left + 3, inner.bottom - large, width - 6, large)
    items.label("figure", box, headline, size, colour="#123f6b", bold=True, middle=True)
    if labels:
        rest = Box(left + 3, top - height + 1, width - 6, small * len(labels) + 1)
        items.label("figures", rest, "\n".join(labels), 8.0, colour=GREY)
        right = replace(rest, left=left + 2, width=width - 5)
        items.label("values", right, "\n".join(values), 8.0, align="right")
    items.label("figures-ground", Box(left, top - height, width, height), "", 8,
                fill=_FIGURES_FILL)  # fmt: skip
    return room.below(height)


def _figure_lines(figures: Sequence[tuple[str, str]], width: float) -> tuple[list[str], list[str]]:
    """Set label and figure on one line, or the figure on its own below a label too long for it."""
    labels, values = [], []
    for label, value in figures:
        lines = wrap(label, 8.0, width)
        beside = text_width_mm(lines[-1], 8.0) + text_width_mm(value, 8.0) + 3 <= width
        labels += lines if beside else [*lines, ""]
        values += [""] * (len(lines) - beside) + [value]
    return labels, values


def set_heading(items: Items, key: str, text: str, room: Column) -> Column:
    """Set the heading of a block.

    Parameters
    ----------
    items
        The layout.
    key
        Of the item.
    text
        The heading.
    room
        Where the block stands.

    Returns
    -------
    Column
        Where its content begins.
    """
    height = line_mm(_HEADING_PT)
    box = Box(room.left, room.top - height, room.width, height)
    items.label(key, box, text, _HEADING_PT, bold=True)
    return replace(room, top=room.top - height - 1.0)


def set_legend(
    items: Items, theme: Theme, layers: Mapping[str, ProjectLayer], room: Column,
    language: Language, *, columns: int = 1,
) -> Column:  # fmt: skip
    """Set the legend of a map's theme.

    Parameters
    ----------
    items
        The layout.
    theme
        What the map shows.
    layers
        The project's layers by table.
    room
        Where it stands.
    language
        ``zh`` or ``en``.
    columns
        How many it is set in.

    Returns
    -------
    Column
        What is left.
    """
    rows = _legend_rows(theme, layers)
    room = set_heading(items, "legend-title", word("legend", language), room)
    needed = rows / columns * (_UNEVEN if columns > 1 else 1.0)
    row = max(_LEAST_ROW_MM, min(_ROW_MM, (room.top - room.bottom) / needed))
    height = min(room.top - room.bottom, needed * row)
    box = Box(room.left, room.top - height, room.width, height)
    items.legend(
        "legend", box, "map", _legend_tree(theme, layers, language), row_mm=row, columns=columns
    )
    return room.below(height)


def _legend_rows(theme: Theme, layers: Mapping[str, ProjectLayer]) -> float:
    rows = 2 * _HEADING_ROWS
    for layer in _explained(theme, layers):
        count = len(_classes_shown(layer) or [0])
        rows += count + (_HEADING_ROWS if count > 1 else 0)
    return rows


def _explained(theme: Theme, layers: Mapping[str, ProjectLayer]) -> list[ProjectLayer]:
    """List what a legend explains."""
    return [layers[shown.table] for shown in theme.layers if shown.table not in WITHOUT_LEGEND]


def _classes_shown(layer: ProjectLayer) -> list[int] | None:
    """List the classes that have rows, of a raster all; None for a layer that has but one."""
    style, pixels = layer.layer.style, layer.layer.raster_style
    if pixels is not None:
        return list(range(len(pixels.classes))) or None
    if style is None or style.by is None:
        return None
    found = {int(index) for index in classify(layer.layer.frame, style)}
    return [index for index in range(len(style.classes)) if index in found]


def _legend_tree(theme: Theme, layers: Mapping[str, ProjectLayer], language: Language) -> str:
    groups = []
    for key, store in (("theme", "results"), ("basis", "layers")):
        found = _explained(theme, layers)
        inside = [legend_layer(layer) for layer in found if layer.layer.store == store]
        if inside:
            groups.append(tag("layer-tree-group", {"name": word(key, language), "expanded": 1,
                                                   "checked": "Qt::Checked"}, *inside))  # fmt: skip
    return tag("layer-tree-group", {"name": "", "expanded": 1}, *groups)


def legend_layer(layer: ProjectLayer) -> str:
    """Write a layer's place in a legend, under its plain title.

    Parameters
    ----------
    layer
        The layer.

    Returns
    -------
    str
        A ``layer-tree-layer`` element.
    """
    about = {"legend/title-label": layer.layer.title}
    if (shown := _classes_shown(layer)) is not None:
        about["legend/node-order"] = ",".join(map(str, shown))
    return tag("layer-tree-layer", {
        "id": layer.key, "name": layer.layer.title, "source": layer.source,
        "providerKey": layer.provider, "checked": "Qt::Checked", "expanded": 1,
        "patch_size": "-1,-1", "legend_split_behavior": 0, "legend_exp": "",
    }, tag("customproperties", None, options(about)))  # fmt: skip


def set_lists(
    items: Items, content: SheetContent, columns: Sequence[Column], language: Language
) -> None:
    """Set lists in the largest size at which they fit into the columns.

    Parameters
    ----------
    items
        The layout.
    content
        With lists.
    columns
        Where they stand, filled one after the other.
    language
        ``zh`` or ``en``.
    """
    texts = [text for part in content.lists if part.rows for text in _texts(part)]
    for size in _LIST_SIZES:
        pages, left_out = _flow(texts, columns, size)
        if not left_out:
            break
    if left_out:
        pages[-1][-1] = word("not_all_rows", language, count=left_out + 1)
    for number, (column, page) in enumerate(zip(columns, pages, strict=True), 1):
        box = Box(column.left, column.bottom, column.width, column.top - column.bottom)
        if page:
            items.label(f"list-{number}", box, "\n".join(page), size)


def _texts(part: SheetList) -> Iterator[str]:
    """Yield a gap, the heading and the rows."""
    yield from ("", part.title)
    for row in part.rows:
        yield "　".join(text for text in (row.mark, row.name, row.more) if text)


def _flow(
    texts: Sequence[str], columns: Sequence[Column], size: float
) -> tuple[list[list[str]], int]:
    """Break texts into the columns' lines; return them, and how many texts found no room."""
    pages: list[list[str]] = [[] for _ in columns]
    at = 0
    for done, text in enumerate(texts):
        lines: list[str] = []
        while at < len(columns):
            column, page = columns[at], pages[at]
            lines = wrap(text, size, column.width - 1) if text or page else []
            if len(page) + len(lines) <= (column.top - column.bottom) / line_mm(size):
                break
            at += 1
        else:
            return pages, len(texts) - done
        pages[at] += lines
    return pages, 0
