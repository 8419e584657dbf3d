"""A map sheet: laid out in millimetres, drawn once, kept as PNG, PDF or SVG.

The sheet prints what it is given and computes no figure. The same content gives the same bytes:
dates come from the content, never from the clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.publish.board import draw_board
from yanshan_gis.publish.features import SHIELD_MM, polygon_outlines
from yanshan_gis.publish.furniture import (
    draw_north,
)
from yanshan_gis.publish.labels import place_labels
from yanshan_gis.publish.map_grid import GridMarks, degree_marks, draw_grid, kilometre_marks
from yanshan_gis.publish.mapframe import MapFrame, fit_frame
from yanshan_gis.publish.margin import blocks_fit, blocks_height, draw_blocks, draw_warning
from yanshan_gis.publish.marginalia import draw_marginalia, notes_height
from yanshan_gis.publish.page import (
    Box,
    Foot,
    Layout,
    Page,
    lay_across,
    lay_beside,
    lay_foot,
    lay_upright,
)
from yanshan_gis.publish.paper import Paper, drawing, points
from yanshan_gis.publish.pixels import draw_relief
from yanshan_gis.publish.placed import PlacedContent, place_layers
from yanshan_gis.publish.register import draw_register, fit_register_frame
from yanshan_gis.publish.sheet_content import SheetContent
from yanshan_gis.publish.style import WHITE
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from yanshan_gis.content import Label
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.labels import LabelRequest, Placement
    from yanshan_gis.publish.paper import Surface

_PNG_LEVEL = 1  # half the time of zlib's 6, and on flat colours hardly larger
_BOARD_WARNING = (14.5, 271.5, 391.0)  # left, top, width
OUTSIDE_COLOUR, _INSIDE = "#f4f4f1", "#ffffff"  # ground beyond and within the county


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
    files: Mapping[str, Path],
    *,
    page: Page | None = None,
    dpi: int = 300,
    language: Language = "zh",
) -> SheetReport:
    """Draw a sheet and write it.

    Parameters
    ----------
    content
        What the sheet shows.
    files
        What to write, by format: ``png``, ``pdf`` or ``svg``; each is replaced whole.
    page
        The paper, A3 landscape when not given. Sheets with lists or a board need that.
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
        paper, report = _compose(content, page or Page.of(), language)
        written = _write(paper, content, files, dpi)
    return replace(report, files=written)


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
                paper, report = _compose(content, Page.of(), language)
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


def _compose(content: SheetContent, page: Page, language: Language) -> tuple[Paper, SheetReport]:
    """Draw a sheet and write nothing."""
    if content.board:
        return _compose_board(content, language)
    paper = Paper(page.width, page.height)
    frame, layers, layout = lay_out(content, page, language)
    placed, dropped = _draw_map(paper, content, frame, layers, language)
    left_out = 0
    if content.lists:
        left_out = draw_register(paper, content, frame, layers, language)
    for column in layout.columns:
        draw_blocks(paper, content, frame, layers, column, language)
    draw_marginalia(paper.whole, content, layout, frame, language)
    paper.finish()
    glyphs = tuple(sorted(paper.missing))
    report = SheetReport(frame.denominator, placed, dropped, glyphs, frame, left_out=left_out)
    return paper, report


def _compose_board(content: SheetContent, language: Language) -> tuple[Paper, SheetReport]:
    """Draw a sheet whose table takes the place of the map."""
    page = Page.of("A3")
    paper = Paper(page.width, page.height)
    draw_board(paper.whole, content.board, language)
    layout = Layout(page, Box(0.0, 0.0, 0.0, 0.0), 0.0, (), lay_foot(page, 0.0))
    draw_marginalia(paper.whole, content, layout, None, language)
    draw_warning(paper.whole, content, *_BOARD_WARNING, language, beside=True)
    paper.finish()
    return paper, SheetReport(None, {}, {}, tuple(sorted(paper.missing)), None)


def lay_out(
    content: SheetContent, page: Page, language: Language
) -> tuple[MapFrame, list[PlacedContent], Layout]:
    """Choose the layout that shows the county larger, if its blocks have room.

    Parameters
    ----------
    content
        What the sheet shows; not a board.
    page
        The paper.
    language
        ``zh`` or ``en``.

    Returns
    -------
    tuple
        The map's frame, its layers on paper, and where everything else stands; of a sheet with
        lists only the foot.

    Raises
    ------
    CrsError
        When the CRS is not in metres.
    DataError
        When the extent has no features.
    """
    if content.lists:
        page = Page.of("A3")
        frame = fit_register_frame(content)
        none = Layout(page, Box(0.0, 0.0, 0.0, 0.0), 0.0, (), lay_foot(page, 0.0))
        return frame, place_layers(content.layers, frame), none
    bounds = [float(value) for value in content.extent.total_bounds]
    foot = lay_foot(page, notes_height(content, page, language))
    choices = _layouts(content, page, foot, bounds, language)
    framed = [(_fit(content, layout, bounds), layout) for layout in choices]
    for frame, layout in sorted(framed, key=lambda pair: pair[0].denominator)[:-1]:
        layers = place_layers(content.layers, frame, layout.symbols)
        if blocks_fit(content, layers, layout.columns, language):
            return frame, layers, layout
    frame, layout = framed[0]
    return frame, place_layers(content.layers, frame, layout.symbols), layout


def _layouts(
    content: SheetContent, page: Page, foot: Foot, bounds: Sequence[float], language: Language
) -> list[Layout]:
    """List the layouts of a page, first the one with room for any blocks."""
    if page.height > page.width:
        aspect = (bounds[3] - bounds[1]) / max(bounds[2] - bounds[0], 1.0)
        first = lay_upright(page, foot, aspect)
        layers = place_layers(content.layers, _fit(content, first, bounds))
        needed = blocks_height(content, layers, first.columns, language)
        # A tall county gives way to a chart, as far as two fifths of the room.
        return [lay_upright(page, foot, aspect if content.chart is None else 0.0, needed)]
    beside = lay_beside(page, foot, content)
    return [beside, lay_across(page, foot, content)] if page == Page.of("A3") else [beside]


def _fit(content: SheetContent, layout: Layout, bounds: Sequence[float]) -> MapFrame:
    room = layout.map
    return fit_frame(
        bounds, content.crs, left=room.left, bottom=room.bottom, width=room.width,
        height=room.height, margin=layout.margin,
    )  # fmt: skip


def _write(
    paper: Paper, content: SheetContent, wanted: Mapping[str, Path], dpi: int
) -> tuple[Path, ...]:
    options: dict[str, dict[str, Any]] = {
        "pdf": {"metadata": _pdf_record(content)},
        "svg": {"metadata": {"Title": content.title, "Date": None, "Creator": "yanshan-gis"}},
    }  # fmt: skip
    files = []
    for kind, path in wanted.items():
        save = (
            partial(_save_png, paper.figure, dpi=dpi)
            if kind == "png"
            else partial(paper.figure.savefig, format=kind, **options[kind])
        )
        files.append(put(path, save))
    return tuple(files)


def _save_png(figure: Figure, path: Path, *, dpi: int) -> None:
    """Write a picture without the transparency that a sheet of paper has no use for."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas, usual = FigureCanvasAgg(figure), figure.dpi
    figure.set_dpi(dpi)
    try:
        canvas.draw()
        picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    finally:
        figure.set_dpi(usual)
    picture.save(path, format="png", dpi=(dpi, dpi), compress_level=_PNG_LEVEL)


def _pdf_record(content: SheetContent) -> dict[str, Any]:
    return {
        "Title": content.title, "Author": content.county.compiled_by or "",
        "Creator": "yanshan-gis", "Producer": None,
        "CreationDate": datetime.combine(content.stamp, time(), UTC),
    }  # fmt: skip


def _draw_ground(surface: Surface, content: SheetContent, frame: MapFrame) -> None:
    surface.box(0, 0, frame.width, frame.height, fill=OUTSIDE_COLOUR, edge="none", level=1)
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
