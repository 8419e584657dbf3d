"""Print layouts of a QGIS project: one per sheet of a finished recipe, one atlas by township.

A layout shows the sheet's map at the sheet's scale and extent, with the sheet's words around it.
What a reader changes in the layers, it follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.publish.fonts import fit_size, wrap
from yanshan_gis.publish.furniture import WARNING_COLOUR, scale_bar_step_m
from yanshan_gis.publish.imprint import imprint_lines, note_lines
from yanshan_gis.publish.mapframe import MapFrame, fit_frame
from yanshan_gis.publish.page import Box
from yanshan_gis.publish.qgis_blocks import (
    Column,
    line_mm,
    set_figures,
    set_legend,
    set_lists,
    set_warnings,
)
from yanshan_gis.publish.qgis_items import Items
from yanshan_gis.publish.qgis_paper import PAGE_HEIGHT, PAGE_WIDTH, page_element
from yanshan_gis.publish.qgis_table import set_table
from yanshan_gis.publish.qgis_xml import tag
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.page import Column as PageColumn
    from yanshan_gis.publish.qgis_layers import ProjectLayer
    from yanshan_gis.publish.qgis_themes import SheetTheme, Theme
    from yanshan_gis.publish.sheet_content import SheetContent

_MAP = "map"  # the map's id in its layout
_TITLE = Box(17.0, 272.5, 290.0, 15.0)
_INTERNAL = Box(320.0, 276.5, 89.0, 11.0)
_SIDE_LEFT, _SIDE_WIDTH, _SIDE_BOTTOM = 320.0, 89.0, 28.5
_SIDE_TOP, _SIDE_TOP_INTERNAL = 286.0, 270.5  # above it stands 内部用图
_FRAMES_APART = 4.5
_SCALE = Box(14.0, 9.0, 86.0, 17.0)
_NOTES = Box(108.0, 6.5, 206.0, 20.5)
_IMPRINT = Box(320.0, 7.0, 89.0, 17.0)
_LEGEND_COLUMN_MM = 44.0  # of a legend in several columns
_REGISTER_FIGURES, _REGISTER_LEGEND = (10.0, 66.0), (81.0, 88.0)
_REGISTER_LISTS, _REGISTER_BELOW_MAP = ((174.0, 67.0), (245.5, 67.0)), 8.5
_ATLAS_MAP = {"left": 16.0, "bottom": 33.0, "width": 292.0, "height": 233.0}
_ATLAS_FREE_MM = 12.0  # around a township
_ATLAS_SCALES = tuple(
    round(lead * power)
    for power in (1e3, 1e4, 1e5, 1e6)
    for lead in (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
)


def sheet_layout(theme: SheetTheme, layers: Mapping[str, ProjectLayer], language: Language) -> str:
    """Write the layout of a recipe's sheet.

    Parameters
    ----------
    theme
        The sheet.
    layers
        The project's layers by table.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        A ``Layout`` element.
    """
    content, items = theme.content, Items(theme.title)
    _set_margin(items, content, content.title, language)
    _set_scale(items, theme.frame.denominator, language)
    if content.lists:
        _set_register(items, theme, layers, language)
    for column in theme.layout.columns:
        _set_blocks(items, theme, layers, column, language)
    _set_map(items, theme.frame, theme.title, language)
    return _layout(theme.title, items)


def _set_blocks(
    items: Items, theme: SheetTheme, layers: Mapping[str, ProjectLayer], column: PageColumn,
    language: Language,
) -> None:  # fmt: skip
    """Set the blocks of a column below one another; a layout has neither chart nor inset."""
    content, box = theme.content, column.box
    room = Column(box.left, box.bottom, box.width, box.top)
    for block in column.blocks:
        if block == "warning":
            room = set_warnings(items, content, room, language)
        elif block == "figures":
            room = set_figures(items, content, room)
        elif block == "legend":
            columns = max(1, int(box.width // _LEGEND_COLUMN_MM)) if len(column.blocks) == 1 else 1
            room = set_legend(items, theme, layers, room, language, columns=columns)
        elif block == "table":
            set_table(items, content, room, language)


def _side(content: SheetContent) -> Column:
    """Return the column beside a map, below 内部用图 where that stands."""
    top = _SIDE_TOP if content.county.map_approval else _SIDE_TOP_INTERNAL
    return Column(_SIDE_LEFT, _SIDE_BOTTOM, _SIDE_WIDTH, top)


def _set_register(
    items: Items, theme: SheetTheme, layers: Mapping[str, ProjectLayer], language: Language
) -> None:
    top = theme.frame.bottom - _REGISTER_BELOW_MAP
    figures, legend, *lists = (
        Column(left, _SIDE_BOTTOM, width, top)
        for left, width in (_REGISTER_FIGURES, _REGISTER_LEGEND, *_REGISTER_LISTS)
    )
    set_figures(items, theme.content, figures)
    set_legend(items, theme, layers, legend, language, columns=2)
    side = set_warnings(items, theme.content, _side(theme.content), language)
    set_lists(items, theme.content, [side, *lists], language)


def _set_margin(items: Items, content: SheetContent, title: str, language: Language) -> None:
    """Set title, approval or 内部用图, notes and dates."""
    size = fit_size(title, 26, _TITLE.width - 6, least=0.5)
    items.label("title", _TITLE, title, size, align="center", bold=True, middle=True)
    if not content.county.map_approval:
        items.label(
            "internal", _INTERNAL, word("internal", language), 15, align="center", bold=True,
            middle=True, colour=WARNING_COLOUR, frame=WARNING_COLOUR, frame_mm=0.4,
        )  # fmt: skip
    _set_notes(items, note_lines(content, language, with_map=True))
    imprint = imprint_lines(content, language)
    size = min(fit_size(line, 8.5, _IMPRINT.width - 1, least=0.6) for line in imprint)
    items.label("imprint", _IMPRINT, "\n".join(imprint), size)


def _set_notes(items: Items, lines: list[str]) -> None:
    size = 8.0
    while size > 5.0:
        rows = [row for line in lines for row in wrap(line, size, _NOTES.width - 2)]
        if len(rows) * line_mm(size) <= _NOTES.height:
            break
        size -= 0.25
    items.label("notes", _NOTES, "\n".join(rows), size)


def _set_scale(items: Items, denominator: int | None, language: Language) -> None:
    """Set the scale as a number that follows the map, and as a bar.

    Without a denominator the bar finds its own round parts on each page.
    """
    # Chinese maps set groups of digits apart by a space.
    apart = "," if language == "en" else " "
    grouped = f"replace(format_number(item_variables('{_MAP}')['map_scale'], 0), ',', '{apart}')"
    title = f"{word('scale', language)}　1:[% {grouped} %]"
    top = Box(_SCALE.left, _SCALE.top - 6, _SCALE.width, 6)
    items.label("scale", top, title, 9.5, align="center", bold=True)
    if denominator is None:
        kilometres = word("kilometres", language)
        items.scale_bar("scale-bar", Box(_SCALE.left + 8, _SCALE.bottom, 76, 9), _MAP, None,
                        kilometres)  # fmt: skip
        return
    step = scale_bar_step_m(denominator, _SCALE.width - 14)
    length = 4 * step * 1000 / denominator
    unit = word("metres" if step < 1000 else "kilometres", language)
    left = _SCALE.left + (_SCALE.width - length) / 2 - 1
    bar = Box(left, _SCALE.bottom, length + 14, 9)
    items.scale_bar("scale-bar", bar, _MAP, step, unit)


def _set_map(
    items: Items, frame: MapFrame, theme: str, language: Language, *, scale: str | None = None
) -> None:
    right, top = frame.left + frame.width, frame.bottom + frame.height
    north = Box(right - 16, top - 9.5, 12, 7)
    items.label("north", north, word("north", language), 12, align="center", bold=True)
    items.north_arrow("north-arrow", Box(right - 13.6, top - 23, 7.2, 13), _MAP)
    items.map(_MAP, frame, theme, scale=scale)
    apart = _FRAMES_APART
    outer = Box(frame.left - apart, frame.bottom - apart, frame.width + 2 * apart,
                frame.height + 2 * apart)  # fmt: skip
    items.rectangle("map-frame", outer, frame_mm=0.6)
    items.rectangle("border", Box(5, 5, PAGE_WIDTH - 10, PAGE_HEIGHT - 10), frame_mm=0.5)


def _layout(title: str, items: Items, *more: str) -> str:
    about = {"name": title, "units": "mm", "printResolution": 300, "worldFileMap": ""}
    return tag("Layout", about, page_element(title), items.elements, *more)


def atlas_layout(
    theme: Theme, content: SheetContent, layers: Mapping[str, ProjectLayer], language: Language,
    *, coverage: ProjectLayer, sort_by: str,
) -> str:  # fmt: skip
    """Write the layout of an atlas: a page for each township, at a round scale.

    Parameters
    ----------
    theme
        What its maps show.
    content
        What stands around them.
    layers
        The project's layers by table.
    language
        ``zh`` or ``en``.
    coverage
        The townships.
    sort_by
        The column by which pages are ordered.

    Returns
    -------
    str
        A ``Layout`` element.
    """
    name = word("atlas", language)
    items = Items(name)
    county = content.county.name.get(language)
    title = word("atlas_page", language, county=county, page="[% @atlas_pagename %]")
    _set_margin(items, content, title, language)
    _set_scale(items, None, language)
    side = set_warnings(items, content, _side(content), language)
    number = word("atlas_number", language, number="[% @atlas_featurenumber %]",
                  count="[% @atlas_totalfeatures %]")  # fmt: skip
    height = line_mm(9.0)
    items.label("number", Box(side.left, side.top - height, side.width, height), number, 9.0)
    set_legend(items, theme, layers, side.below(height), language)
    frame = fit_frame(content.extent.total_bounds, content.crs, **_ATLAS_MAP)
    _set_map(items, frame, theme.title, language, scale=_page_scale())
    return _layout(name, items, _atlas(coverage, content.township_field, sort_by, county))


def _page_scale() -> str:
    """Choose the largest round scale at which a township fits, as an expression of QGIS."""
    width, height = (_ATLAS_MAP[side] - 2 * _ATLAS_FREE_MM for side in ("width", "height"))
    least = (
        f"1000 * max(bounds_width(@atlas_geometry) / {width:g}, "
        f"bounds_height(@atlas_geometry) / {height:g})"
    )
    scales = ", ".join(map(str, _ATLAS_SCALES))
    return f"array_first(array_filter(array({scales}), @element >= {least}))"


def _atlas(coverage: ProjectLayer, name: str, sort_by: str, county: str) -> str:
    county = county.replace("'", "''")
    number = "lpad(to_string(@atlas_featurenumber), 2, '0')"
    return tag("Atlas", {
        "enabled": 1, "coverageLayer": coverage.key, "coverageLayerName": coverage.title,
        "coverageLayerSource": coverage.source, "coverageLayerProvider": coverage.provider,
        "pageNameExpression": f'"{name}"', "hideCoverage": 0, "filterFeatures": 0,
        "filenamePattern": f"'{county}-' || {number} || '-' || @atlas_pagename",
        "sortFeatures": 1, "sortKey": f'"{sort_by}"', "sortAscending": 1,
    })  # fmt: skip
