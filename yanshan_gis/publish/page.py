"""Pages: their sizes, and where map, blocks and foot of a sheet stand on them.

A map stands beside its blocks, or across the page with the blocks in columns beneath it. Which
blocks share a column depends on how wide the page is; the blocks themselves do not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from yanshan_gis.publish.sheet_content import SheetContent

Block = Literal["warning", "figures", "legend", "table", "chart", "inset"]
Orientation = Literal["landscape", "portrait"]

SIZES_MM = {"A3": (420.0, 297.0), "A4": (297.0, 210.0)}
MARGIN_MM = 5.0  # from the paper's edge to the sheet's frame
_EDGE, _MAP_EDGE = 10.0, 14.5  # left and right of blocks, and of a map with its double frame
_GAP = 5.0
_TITLE_MM, _INTERNAL_MM = 28.5, 26.5  # from the top to the map, and to what stands below 内部用图
_FOOT_MM, _BELOW_MAP = 28.5, 8.0
_BENEATH_MM, _CHART_SHARE = 40.0, 0.58  # of what stands beneath a map on small paper
_SMALL_MAP_MM, _SMALLEST = 292.0, 0.6  # maps less wide have smaller symbols, down to this factor


FORMATS = ("png", "pdf", "svg")


@dataclass(frozen=True)
class Box:
    """A rectangle on a page, in millimetres from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.bottom + self.height


@dataclass(frozen=True)
class Column:
    """Blocks below one another."""

    box: Box
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A page of paper.

    Parameters
    ----------
    width, height
        Millimetres.
    """

    width: float
    height: float

    @classmethod
    def of(cls, size: str = "A3", orientation: Orientation = "landscape") -> Page:
        """Return a page by its name.

        Parameters
        ----------
        size
            ``A3`` or ``A4``.
        orientation
            ``landscape`` or ``portrait``.

        Returns
        -------
        Page
            Its size.
        """
        long, short = SIZES_MM[size]
        return cls(long, short) if orientation == "landscape" else cls(short, long)


@dataclass(frozen=True)
class Foot:
    """What stands beneath everything: scale, notes and imprint."""

    scale: Box
    notes: Box
    imprint: Box

    @property
    def top(self) -> float:
        """Where the foot ends, in millimetres from the page's lower edge."""
        return max(_FOOT_MM, self.notes.top + 3.0)


@dataclass(frozen=True)
class Layout:
    """Where everything of a sheet stands.

    Parameters
    ----------
    page
        The paper.
    map
        Room for the map.
    margin
        Kept free within the map around its extent, in millimetres.
    columns
        The blocks around it.
    foot
        What stands beneath.
    """

    page: Page
    map: Box
    margin: float
    columns: tuple[Column, ...]
    foot: Foot

    @property
    def symbols(self) -> float:
        """By what factor symbols are smaller than on A3."""
        return max(_SMALLEST, min(1.0, self.map.width / _SMALL_MAP_MM))


def side_width(page: Page) -> float:
    """Return the width of the column beside a map, which is that of 内部用图 and the imprint too.

    Parameters
    ----------
    page
        The paper.

    Returns
    -------
    float
        Millimetres.
    """
    return 89.0 if page.width > SIZES_MM["A4"][0] else 64.0


def internal_box(page: Page) -> Box:
    """Return where 内部用图 stands, in the upper right corner.

    Parameters
    ----------
    page
        The paper.

    Returns
    -------
    Box
        In millimetres.
    """
    width = side_width(page)
    return Box(page.width - 11.0 - width, page.height - 20.5, width, 11.0)


def lay_foot(page: Page, notes_mm: float) -> Foot:
    """Lay the foot: three blocks side by side on a wide page, else the notes above the others.

    Parameters
    ----------
    page
        The paper.
    notes_mm
        How high the notes are over the whole width.

    Returns
    -------
    Foot
        Where its blocks stand.
    """
    side = side_width(page)
    imprint = Box(page.width - 11.0 - side, 7.0, side, 17.5)
    if page.width >= SIZES_MM["A3"][0]:
        return Foot(Box(14.0, 9.5, 86.0, 16.0), Box(108.0, 7.5, 206.0, 18.0), imprint)
    wide = Box(_MAP_EDGE, 26.5, page.width - 2 * _MAP_EDGE, notes_mm)
    return Foot(Box(14.0, 9.5, 78.0, 16.0), wide, imprint)


def lay_beside(page: Page, foot: Foot, content: SheetContent) -> Layout:
    """Lay the map with one column beside it.

    Parameters
    ----------
    page
        The paper.
    foot
        Of the sheet.
    content
        What the sheet shows.

    Returns
    -------
    Layout
        With all blocks in one column; on small paper without the table, and a chart with the
        warning beneath the map.
    """
    side = side_width(page)
    left = page.width - 11.0 - side
    top = page.height - (11.0 if content.county.map_approval else _INTERNAL_MM)
    column = Box(left, foot.top, side, top - foot.top)
    bottom = foot.top + 4.5
    small = page.width < SIZES_MM["A3"][0]
    beneath: tuple[Column, ...] = ()
    blocks: tuple[Block, ...] = ("warning", "figures", "legend", "table", "chart", "inset")
    if small:
        blocks = ("warning", "figures", "legend", "inset")
    if small and content.chart is not None:
        blocks = ("figures", "legend")
        beneath = _beneath(Box(11.5, foot.top, left - 19.0, _BENEATH_MM))
        bottom += _BENEATH_MM + _GAP
    room = Box(16.0, bottom, left - 28.0, page.height - 31.0 - bottom)
    return Layout(page, room, 5.0, (Column(column, blocks), *beneath), foot)


def _beneath(box: Box) -> tuple[Column, ...]:
    """Divide the strip beneath a map: a chart, and what has no room beside the map."""
    chart = box.width * _CHART_SHARE - _GAP / 2
    rest = box.width - chart - _GAP
    return (
        Column(Box(box.left, box.bottom, chart, box.height), ("chart",)),
        Column(Box(box.right - rest, box.bottom, rest, box.height), ("warning", "inset")),
    )


def lay_across(page: Page, foot: Foot, content: SheetContent) -> Layout:
    """Lay the map across a landscape page with the blocks side by side beneath it.

    Parameters
    ----------
    page
        The paper.
    foot
        Of the sheet.
    content
        What the sheet shows.

    Returns
    -------
    Layout
        Four columns; where there are no figures or no table, the legend takes their room, and a
        chart takes that of the inset.
    """
    top = foot.top + 58.0
    room = Box(
        _MAP_EDGE, top + 7.5, page.width - 2 * _MAP_EDGE, page.height - _TITLE_MM - top - 7.5
    )
    inset, table, figures = 91.0, 110.0, 92.0
    right = page.width - _EDGE - inset
    start = _EDGE + (figures + _GAP if content.figures else 0.0)
    end = right - _GAP - (table + _GAP if content.table is not None else 0.0)
    named: list[tuple[float, float, tuple[Block, ...]]] = [
        (_EDGE, figures, ("figures",)),
        (start, end - start, ("legend",)),
        (right - _GAP - table, table, ("table",)),
        (right, inset, ("warning", "inset" if content.chart is None else "chart")),
    ]
    columns = tuple(
        Column(Box(left, foot.top, width, top - foot.top), blocks) for left, width, blocks in named
    )
    return Layout(page, room, 2.5, columns, foot)


def lay_upright(page: Page, foot: Foot, aspect: float, blocks_mm: float = 0.0) -> Layout:
    """Lay the map across a portrait page with the blocks in two columns beneath it.

    Parameters
    ----------
    page
        The paper.
    foot
        Of the sheet.
    aspect
        Height of the map's extent over its width.
    blocks_mm
        How high the blocks are; what they leave is the map's.

    Returns
    -------
    Layout
        The map at least as high as the extent asks for, between two fifths and two thirds of the
        room.
    """
    width = page.width - 2 * _MAP_EDGE
    top = page.height - _TITLE_MM
    whole = top - foot.top
    wished = max(width * aspect, 0.4 * whole, whole - blocks_mm - _BELOW_MAP if blocks_mm else 0.0)
    height = min(wished, 0.64 * whole)
    room = Box(_MAP_EDGE, top - height, width, height)
    under = room.bottom - _BELOW_MAP
    half = (page.width - 2 * _EDGE - _GAP) / 2
    pairs: list[tuple[float, tuple[Block, ...]]] = [
        (_EDGE, ("figures", "legend")),
        (_EDGE + half + _GAP, ("warning", "table", "chart", "inset")),
    ]
    columns = tuple(
        Column(Box(left, foot.top, half, under - foot.top), blocks) for left, blocks in pairs
    )
    return Layout(page, room, 2.5, columns, foot)


@dataclass(frozen=True)
class Print:
    """How sheets are put on paper.

    Parameters
    ----------
    size
        ``A3`` or ``A4``.
    orientation
        ``landscape`` or ``portrait``.
    formats
        Of `FORMATS`.
    """

    size: str = "A3"
    orientation: Orientation = "landscape"
    formats: tuple[str, ...] = FORMATS[:2]

    @property
    def page(self) -> Page:
        """The paper."""
        return Page.of(self.size, self.orientation)

    @property
    def suffix(self) -> str:
        """What the files' names end in, so that no paper replaces another's; the usual has none."""
        parts = [self.size, *(["portrait"] if self.orientation == "portrait" else [])]
        return "" if parts == ["A3"] else "-" + "-".join(parts)
