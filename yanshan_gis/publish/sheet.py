"""An A3 map sheet: laid out in millimetres, drawn once, kept as PNG and PDF.

The sheet prints what it is given and computes no figure. The same content gives the same bytes:
dates come from the content, never from the clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.publish.board import draw_board
from yanshan_gis.publish.features import SHIELD_MM, polygon_outlines
from yanshan_gis.publish.fonts import fit_size, wrap
from yanshan_gis.publish.furniture import (
    GREY,
    WARNING_COLOUR,
    draw_north,
    draw_scale,
)
from yanshan_gis.publish.labels import place_labels
from yanshan_gis.publish.map_grid import GridMarks, degree_marks, draw_grid, kilometre_marks
from yanshan_gis.publish.mapframe import MapFrame, crs_note, fit_frame
from yanshan_gis.publish.margin import band_has_room, draw_band, draw_column, draw_warning
from yanshan_gis.publish.paper import Paper, drawing, points
from yanshan_gis.publish.pixels import draw_relief
from yanshan_gis.publish.placed import PlacedContent, place_layers
from yanshan_gis.publish.register import draw_register, fit_register_frame
from yanshan_gis.publish.sheet_content import SheetContent
from yanshan_gis.publish.style import WHITE
from yanshan_gis.publish.words import listed, word
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from yanshan_gis.content import Label
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.labels import LabelRequest, Placement
    from yanshan_gis.publish.paper import Surface

_Layout = Literal["column", "band", "register"]
WIDTH_MM, HEIGHT_MM = 420.0, 297.0
_PNG_LEVEL = 3  # half the time of zlib's 6, and on flat colours no larger
# A map with a column beside it, and one across the sheet with a band beneath, for wide counties.
_BESIDE = {"left": 16.0, "bottom": 33.0, "width": 292.0, "height": 233.0, "margin": 5.0}
_BENEATH = {"left": 14.5, "bottom": 94.0, "width": 391.0, "height": 174.5, "margin": 2.5}
_COLUMN = {"left": 320.0, "width": 89.0, "bottom": 28.5}
_COLUMN_TOP, _COLUMN_TOP_INTERNAL = 286.0, 270.5  # above it stands 内部用图
_BOARD_WARNING = (14.5, 271.5, 391.0)  # left, top, width
_BAND = {"bottom": 28.5, "top": 86.5}
_TITLE_MIDDLE, _TITLE_WIDTH = 162.0, 290.0
_OUTSIDE, _INSIDE = "#f4f4f1", "#ffffff"  # ground beyond and within the county


@dataclass(frozen=True)
class SheetReport:
    """What became of a sheet.

    Parameters
    ----------
    scale
        N of 1:N; None for a sheet without a map.
    labels
        Labels placed, by layer.
    dropped
        Labels that found no room, by layer.
    missing_glyphs
        Characters no font at hand can draw; a substitute stands for them.
    frame
        Where the map stands on the sheet, and over which ground; None without a map.
    files
        What was written: a numbered copy of a file that another program locks.
    left_out
        Rows of lists that found no room.
    """

    scale: int | None
    labels: dict[str, int]
    dropped: dict[str, int]
    missing_glyphs: tuple[str, ...]
    frame: MapFrame | None = field(repr=False)
    files: tuple[Path, ...] = ()
    left_out: int = 0


def draw_sheet(
    content: SheetContent,
    *,
    png: Path | None,
    pdf: Path | None,
    dpi: int = 300,
    language: Language = "zh",
) -> SheetReport:
    """Draw a sheet and write it.

    Parameters
    ----------
    content
        What the sheet shows.
    png, pdf
        Files to write, replaced whole; None for none.
    dpi
        Resolution of the PNG.
    language
        Of the sheet's own words: ``zh`` or ``en``.

    Returns
    -------
    SheetReport
        Scale, labels and missing characters.

    Raises
    ------
    CrsError
        When the CRS is not in metres.
    DataError
        When the extent has no features.
    WriteError
        When a file could not be written; an old one is unchanged.
    """
    with drawing():
        paper, report = _compose(content, language)
        files = _write(paper, content, png, pdf, dpi)
    return replace(report, files=files)


def draw_pages(
    pages: Iterable[SheetContent], pdf: Path, *, language: Language = "zh"
) -> SheetReport:
    """Draw sheets as the pages of one PDF.

    Parameters
    ----------
    pages
        What each shows; of the first, the file has its title and date.
    pdf
        The file, replaced whole.
    language
        Of the sheets' own words: ``zh`` or ``en``.

    Returns
    -------
    SheetReport
        Of the last page, with the labels and missing characters of all.

    Raises
    ------
    DataError
        When there are no pages.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    reports: list[SheetReport] = []

    def write(draft: Path) -> None:
        waiting = iter(pages)
        first = next(waiting, None)
        if first is None:
            raise DataError("atlas-empty", N_("There is no page to draw."))
        with drawing(), PdfPages(draft, metadata=_pdf_record(first)) as book:
            for content in chain([first], waiting):
                paper, report = _compose(content, language)
                book.savefig(paper.figure)
                reports.append(report)

    file = put(pdf, write)
    return replace(
        reports[-1],
        labels=_summed(report.labels for report in reports),
        dropped=_summed(report.dropped for report in reports),
        missing_glyphs=tuple(sorted({g for report in reports for g in report.missing_glyphs})),
        left_out=sum(report.left_out for report in reports),
        files=(file,),
    )


def _summed(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(total)


def _compose(content: SheetContent, language: Language) -> tuple[Paper, SheetReport]:
    """Draw a sheet and write nothing."""
    if content.board:
        return _compose_board(content, language)
    paper = Paper(WIDTH_MM, HEIGHT_MM)
    frame, layers, layout = _lay_out(content, language)
    placed, dropped = _draw_map(paper, content, frame, layers, language)
    left_out = 0
    if layout == "register":
        left_out = draw_register(paper, content, frame, layers, language)
    elif layout == "band":
        draw_band(paper, content, frame, layers, language, **_BAND)
    else:
        top = _COLUMN_TOP if content.county.map_approval else _COLUMN_TOP_INTERNAL
        draw_column(paper, content, frame, layers, language, top=top, **_COLUMN)
    _draw_margin(paper.whole, content, frame, language)
    paper.finish()
    glyphs = tuple(sorted(paper.missing))
    report = SheetReport(frame.denominator, placed, dropped, glyphs, frame, left_out=left_out)
    return paper, report


def _compose_board(content: SheetContent, language: Language) -> tuple[Paper, SheetReport]:
    """Draw a sheet whose table takes the place of the map."""
    paper = Paper(WIDTH_MM, HEIGHT_MM)
    draw_board(paper.whole, content.board, language)
    _draw_margin(paper.whole, content, None, language)
    draw_warning(paper.whole, content, *_BOARD_WARNING, language, beside=True)
    paper.finish()
    return paper, SheetReport(None, {}, {}, tuple(sorted(paper.missing)), None)


def _lay_out(
    content: SheetContent, language: Language
) -> tuple[MapFrame, list[PlacedContent], _Layout]:
    """Choose the layout that shows the county larger, if its blocks have room."""
    if content.lists:
        frame = fit_register_frame(content)
        return frame, place_layers(content.layers, frame), "register"
    bounds = [float(value) for value in content.extent.total_bounds]
    beside = fit_frame(bounds, content.crs, **_BESIDE)
    beneath = fit_frame(bounds, content.crs, **_BENEATH)
    if beneath.denominator < beside.denominator:
        layers = place_layers(content.layers, beneath)
        if band_has_room(content, layers, language, **_BAND):
            return beneath, layers, "band"
    return beside, place_layers(content.layers, beside), "column"


def _write(
    paper: Paper, content: SheetContent, png: Path | None, pdf: Path | None, dpi: int
) -> tuple[Path, ...]:
    files = []
    save = paper.figure.savefig
    if png is not None:
        about: dict[str, Any] = {"dpi": dpi, "metadata": {"Software": None}}
        about["pil_kwargs"] = {"compress_level": _PNG_LEVEL}
        files.append(put(png, lambda draft: save(draft, format="png", **about)))
    if pdf is not None:
        record = _pdf_record(content)
        files.append(put(pdf, lambda draft: save(draft, format="pdf", metadata=record)))
    return tuple(files)


def _pdf_record(content: SheetContent) -> dict[str, Any]:
    return {
        "Title": content.title, "Author": content.county.compiled_by or "",
        "Creator": "yanshan-gis", "Producer": None,
        "CreationDate": datetime.combine(content.stamp, time(), UTC),
    }  # fmt: skip


def _draw_ground(surface: Surface, content: SheetContent, frame: MapFrame) -> None:
    surface.box(0, 0, frame.width, frame.height, fill=_OUTSIDE, edge="none", level=1)
    shapes = np.asarray(content.extent.geometry.array, dtype=object)
    areas = shapes[shapely.get_dimensions(shapes) == 2]
    if not len(areas):
        return
    from matplotlib.collections import PathCollection

    whole = frame.on_paper([shapely.union_all(areas)])
    for edge, width, level in (("#e9dde6", 3.2, 2.0), ("#f2eaf0", 1.6, 2.1)):
        rim = PathCollection(
            polygon_outlines(whole), facecolors=_INSIDE, edgecolors=edge,
            linewidths=points(width), zorder=level,
        )  # fmt: skip
        surface.axes.add_collection(rim, autolim=False)
    ground = PathCollection(
        polygon_outlines(whole), facecolors=_INSIDE, edgecolors="none", linewidths=0, zorder=2.2
    )
    surface.axes.add_collection(ground, autolim=False)
    if content.relief is not None:
        draw_relief(surface, content.relief, frame, content.crs, whole)


def _draw_map(
    paper: Paper, content: SheetContent, frame: MapFrame, layers: list[PlacedContent],
    language: Language,
) -> tuple[dict[str, int], dict[str, int]]:  # fmt: skip
    surface = paper.surface(frame.left, frame.bottom, frame.width, frame.height, level=5)
    _draw_ground(surface, content, frame)
    for index, layer in enumerate(layers):
        layer.draw(surface, 1 - (index + 1) / (len(layers) + 1))
    draw_grid(paper.whole, surface, frame, _grid_marks(content, frame))
    arrow = draw_north(surface, frame.width - 10, frame.height - 24, language)
    obstacles = np.vstack([np.array([arrow]), *[layer.obstacles() for layer in layers]])
    requests = [request for layer in layers for request in layer.label_requests()]
    found = place_labels(
        requests, frame=(0.5, 0.5, frame.width - 0.5, frame.height - 0.5), obstacles=obstacles
    )
    labels = {layer.layer.name: layer.style.label for layer in layers}
    counts: dict[str, int] = {}
    for place in found.placements:
        request = requests[place.request]
        label = labels[request.layer]
        if label is None:
            continue
        counts[request.layer] = counts.get(request.layer, 0) + 1
        _draw_label(surface, place, request, label)
    return counts, found.dropped


def _grid_marks(content: SheetContent, frame: MapFrame) -> GridMarks:
    if content.county.map_grid == "degree":
        return degree_marks(frame, content.crs)
    return kilometre_marks(frame)


def _draw_label(surface: Surface, place: Placement, request: LabelRequest, label: Label) -> None:
    x, y, colour, halo = place.x, place.y, label.colour, 0.35
    if request.shield:
        left, bottom, right, top = place.box
        surface.box(
            left, bottom, right - left, top - bottom, fill=WHITE, edge=request.shield,
            edge_mm=0.3, level=79,
        )  # fmt: skip
        x, y, halo = x + SHIELD_MM, y + SHIELD_MM / 2, 0.0
    if request.inside:
        colour, halo = WHITE, 0.0
    surface.text(
        x, y, request.text, request.size_pt, colour=colour, bold=label.bold, halo_mm=halo, level=80
    )


def _draw_margin(
    surface: Surface, content: SheetContent, frame: MapFrame | None, language: Language
) -> None:
    surface.box(5, 5, WIDTH_MM - 10, HEIGHT_MM - 10, edge_mm=0.5)
    middle = _TITLE_MIDDLE
    largest = 28 if not content.subtitle else 25
    size = fit_size(content.title, largest, _TITLE_WIDTH, least=0.5)
    foot = 277.0 if not content.subtitle else 280.6
    surface.text(middle, foot, content.title, size, align="center", bold=True)
    if content.subtitle:
        size = fit_size(content.subtitle, 10.5, _TITLE_WIDTH, least=0.6)
        surface.text(middle, 274.9, content.subtitle, size, align="center", colour=GREY)
    lines = []
    if frame is not None:
        draw_scale(surface, frame.denominator, 14, 9.5, 86, language)
        lines = [crs_note(content.crs, language)]
    _draw_notes(surface, content, lines, language)
    _draw_imprint(surface, content, language)


def _draw_notes(
    surface: Surface, content: SheetContent, first: list[str], language: Language
) -> None:
    lines = list(first)
    if content.sources:
        lines.append(word("sources", language, sources=listed(content.sources, language)))
    if content.notes:
        joined = ("；" if language == "zh" else "; ").join(
            note.rstrip("。.；; ") for note in content.notes
        )
        lines.append(word("note", language, notes=joined))
    left, width = (108.0, 206.0) if first else (14.5, 299.5)
    size = 8.0
    while size > 5.5 and len([row for line in lines for row in wrap(line, size, width)]) > (
        18.0 / (size * 0.55)
    ):
        size -= 0.25
    y = 25.5 - size * 0.353
    for line in lines:
        for row in wrap(line, size, width):
            surface.text(left, y, row, size)
            y -= size * 0.55


def _draw_imprint(surface: Surface, content: SheetContent, language: Language) -> None:
    county = content.county
    dated = (
        word("data_date", language, date=content.data_date.isoformat())
        if content.data_date
        else word("no_data_date", language)
    )
    lines = [dated]
    if county.compiled_by:
        lines.insert(0, word("compiled_by", language, name=county.compiled_by))
    if county.map_approval:
        lines.append(word("approval", language, number=county.map_approval))
    left, width, y = _COLUMN["left"], _COLUMN["width"], 21.5
    for line in lines:
        surface.text(left, y, line, fit_size(line, 8.5, width, least=0.6))
        y -= 5.0
    if not county.map_approval:
        text = word("internal", language)
        surface.box(left, 276.5, width, 11.0, edge=WARNING_COLOUR, edge_mm=0.4)
        size = fit_size(text, 15, width - 6)
        surface.text(
            left + width / 2, 279.9, text, size, align="center", colour=WARNING_COLOUR, bold=True
        )
