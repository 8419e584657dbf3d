"""What a sheet says about itself: title, scale, sources, notes, imprint, and 内部用图."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.publish.fonts import fit_size, shorten, wrap
from yanshan_gis.publish.furniture import GREY, WARNING_COLOUR, draw_scale
from yanshan_gis.publish.imprint import imprint_lines, note_lines
from yanshan_gis.publish.page import MARGIN_MM, Box, internal_box, lay_foot
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.mapframe import MapFrame
    from yanshan_gis.publish.page import Layout, Page
    from yanshan_gis.publish.paper import Surface
    from yanshan_gis.publish.sheet_content import SheetContent

_TITLE_PT, _NOTES_PT, _LEAST_NOTES_PT, _LINE_EM = 28.0, 8.0, 5.0, 0.55
_TITLE_LINE_EM = 0.42
_SMALL_PT = 6.5  # of notes over the whole width


def draw_marginalia(
    surface: Surface, content: SheetContent, layout: Layout, frame: MapFrame | None,
    language: Language,
) -> None:  # fmt: skip
    """Draw the sheet's frame, title, scale, notes and imprint.

    Parameters
    ----------
    surface
        The sheet.
    content
        What it shows.
    layout
        Where it stands.
    frame
        The map's frame; None without a map.
    language
        ``zh`` or ``en``.
    """
    page, foot = layout.page, layout.foot
    edge = MARGIN_MM
    surface.box(edge, edge, page.width - 2 * edge, page.height - 2 * edge, edge_mm=0.5)
    _draw_title(surface, content, page)
    if frame is not None:
        draw_scale(
            surface, frame.denominator, foot.scale.left, foot.scale.bottom, foot.scale.width,
            language,
        )  # fmt: skip
    box = foot.notes
    if frame is None:
        box = Box(14.5, box.bottom, box.right - 14.5, box.height)
    _draw_notes(surface, note_lines(content, language, with_map=frame is not None), box, language)
    _draw_imprint(surface, content, foot.imprint, language)
    if not content.county.map_approval:
        _draw_internal(surface, internal_box(page), language)


def _draw_title(surface: Surface, content: SheetContent, page: Page) -> None:
    """Write the title left of 内部用图, in the middle of the room there."""
    room = internal_box(page).left - 2 * MARGIN_MM
    middle, width = MARGIN_MM + room / 2, room - 12.0
    largest = _TITLE_PT * min(1.0, page.width / 400) if not content.subtitle else 25
    size = fit_size(content.title, largest, width, least=0.5)
    foot = page.height - (20.0 if not content.subtitle else 16.4)
    rows = _title_rows(content.title, size, width)
    for above, row in zip(range(len(rows) - 1, -1, -1), rows, strict=True):
        y = foot + above * size * _TITLE_LINE_EM
        surface.text(middle, y, row, size, align="center", bold=True)
    if content.subtitle:
        size = fit_size(content.subtitle, 10.5, width, least=0.6)
        down = page.height - 22.1
        surface.text(middle, down, content.subtitle, size, align="center", colour=GREY)


def _title_rows(title: str, size: float, width: float) -> list[str]:
    """Break a title that is too long even when set small: in two, and the rest is cut."""
    rows = wrap(title, size, width)
    if len(rows) == 1:
        return rows
    return [rows[0], shorten(title[len(rows[0]) :].strip(), size, width)]


def notes_height(content: SheetContent, page: Page, language: Language) -> float:
    """Measure the notes set small over the whole width of a page.

    Parameters
    ----------
    content
        What the sheet shows.
    page
        The paper.
    language
        ``zh`` or ``en``.

    Returns
    -------
    float
        Millimetres.
    """
    lines = note_lines(content, language, with_map=True)
    rows = _rows(lines, _SMALL_PT, lay_foot(page, 0.0).notes.width)
    return len(rows) * _SMALL_PT * _LINE_EM + 1.0


def _rows(lines: Sequence[str], size: float, width: float) -> list[str]:
    return [row for line in lines for row in wrap(line, size, width)]


def _draw_notes(
    surface: Surface, lines: Sequence[str], box: Box, language: Language
) -> None:  # fmt: skip
    size = _NOTES_PT
    while size > _LEAST_NOTES_PT and len(_rows(lines, size, box.width)) > box.height / (
        size * _LINE_EM
    ):
        size -= 0.25
    rows = _rows(lines, size, box.width)
    room = int(box.height / (size * _LINE_EM))
    if len(rows) > room:  # the workbook has every note
        rows = [*rows[: room - 1], word("not_all_notes", language)]
    y = box.top - size * 0.353
    for row in rows:
        surface.text(box.left, y, row, size)
        y -= size * _LINE_EM


def _draw_imprint(surface: Surface, content: SheetContent, box: Box, language: Language) -> None:
    y = box.top - 3.0
    for line in imprint_lines(content, language):
        size = fit_size(line, 8.5, box.width, least=0.6)
        for row in wrap(line, size, box.width):
            surface.text(box.left, y, row, size)
            y -= size * _LINE_EM
        y -= 5.0 - size * _LINE_EM


def _draw_internal(surface: Surface, box: Box, language: Language) -> None:
    text = word("internal", language)
    surface.box(box.left, box.bottom, box.width, box.height, edge=WARNING_COLOUR, edge_mm=0.4)
    size = fit_size(text, 15, box.width - 6)
    surface.text(
        box.left + box.width / 2, box.bottom + 3.4, text, size, align="center",
        colour=WARNING_COLOUR, bold=True,
    )  # fmt: skip
