"""Features on paper: points, lines and polygons of a layer, drawn by its resolved style."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path as Outline

from yanshan_gis.publish.emphasis import behind_theme
from yanshan_gis.publish.fonts import MM_PER_PT, shorten
from yanshan_gis.publish.labels import (
    LabelRequest,
    along_line,
    around_point,
    in_the_middle,
    inside_polygon,
    label_extent,
)
from yanshan_gis.publish.paper import points
from yanshan_gis.publish.spread import spread
from yanshan_gis.publish.style import WHITE, classify
from yanshan_gis.publish.symbols import dash_pattern, point_symbols

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.content import Dash, Label, Symbol
    from yanshan_gis.publish.mapframe import MapFrame
    from yanshan_gis.publish.paper import Surface
    from yanshan_gis.publish.style import ResolvedStyle

Group = Literal["theme", "basis"]
_SIMPLIFY_MM = 0.03  # far below what print or eye resolves
_SEAM_MM = 0.06  # closes the hairline between neighbouring fills
_LEVEL = {"polygon": 10.0, "line": 30.0, "point": 50.0}
_BORDERS = 25.0
_FIRST_RANK = 90  # priority from which a label may stand further off
_LONGEST_EM = 20.0  # of a label's text: longer names are cut, and stand whole in the tables
LONGEST_CODE = 5  # basis roads are labelled G323, not Y086532622
_THEME_ABOVE = 10.0
_INSIDE_SHARE = 1.25  # a number's diagonal may exceed its symbol a little: its corners are empty
SHIELD_MM = 0.7  # between a route number and its frame
_TIE_COLOUR, _TIE_MM = "#555555", 0.12


@dataclass(frozen=True)
class DrawnLayer:
    """One layer of a sheet.

    Parameters
    ----------
    name
        Stable name.
    title
        What the legend says.
    frame
        The rows, in the sheet's CRS.
    style
        How they are drawn.
    group
        ``theme``: what the sheet is about; ``basis``: what lies beneath.
    counts
        True to print in the legend how many features each class has.
    """

    name: str
    title: str
    frame: Any
    style: ResolvedStyle
    group: Group = "theme"
    counts: bool = False

    @property
    def bounds(self) -> tuple[float, ...]:
        """Where it lies, ``(x_min, y_min, x_max, y_max)`` in metres."""
        return tuple(float(value) for value in self.frame.total_bounds)

    @property
    def crs(self) -> Any:
        """The CRS of the rows."""
        return self.frame.crs


class PlacedLayer:
    """A layer carried to paper, with the class of every row.

    Parameters
    ----------
    layer
        The layer.
    frame
        The map's frame; only rows that meet it are kept.
    """

    def __init__(self, layer: DrawnLayer, frame: MapFrame) -> None:
        self.layer, self.map = layer, frame
        geometry = np.asarray(layer.frame.geometry.array, dtype=object)
        shown = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
        shown &= shapely.intersects(geometry, shapely.box(*frame.ground))
        self.rows = layer.frame[shown]
        basis = layer.group == "basis"
        self.style = behind_theme(layer.style, len(self.rows)) if basis else layer.style
        self.classes = classify(self.rows, self.style)
        self.geometry = frame.on_paper(geometry[shown])
        self.kept = np.zeros((0, 4))  # boxes that symbols set side by side leave free

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """Where the features are, in millimetres, shape (n, 2); for points."""
        middles: NDArray[np.float64] = shapely.get_coordinates(shapely.centroid(self.geometry))
        return middles

    @cached_property
    def stands(self) -> NDArray[np.float64]:
        """Where the symbols stand: on their places, or side by side around them."""
        return spread(self.places, self.sizes, self.kept) if self.style.spread else self.places

    @cached_property
    def class_counts(self) -> NDArray[np.int64]:
        """How many rows each class has on the map."""
        found = self.classes[self.classes >= 0]
        return np.bincount(found, minlength=len(self.style.classes))

    @cached_property
    def sizes(self) -> NDArray[np.float64]:
        """Diameter of every row's symbol in millimetres; for points."""
        plain = np.array([item.symbol.size_mm for item in self.style.classes] or [0.0])
        sizes = plain[self.classes]
        for index, item in enumerate(self.style.classes):
            scale, mine = self.style.size_of(item.symbol), self.classes == index
            if scale is not None and mine.any():
                numbers = pd.to_numeric(self.rows[scale.field][mine], errors="coerce")
                shown = numbers.to_numpy(dtype=float, na_value=np.nan)
                sizes[mine] = scale.sizes(shown, sizes[mine])
        return sizes

    @property
    def level(self) -> float:
        """Height in the drawing: areas, borders, lines, points; the theme above the basis.

        Of borders the heavier is on top, so that a county's covers its townships'.
        """
        symbols = [item.symbol for item in self.style.classes]
        if self.style.kind == "polygon" and not any(symbol.fill for symbol in symbols):
            return _BORDERS + max(symbol.outline_mm for symbol in symbols)
        above = _THEME_ABOVE if self.layer.group == "theme" else 0.0
        return _LEVEL[self.style.kind] + above

    def _shield(self, rows: NDArray[np.bool_]) -> str:
        """Return the colour of a route's number: that of its first stretch."""
        first = int(self.classes[rows & (self.classes >= 0)][0])
        symbol = self.style.classes[first].symbol
        return symbol.casing or symbol.colour

    def draw(self, surface: Surface, lift: float) -> None:
        """Draw the layer.

        Parameters
        ----------
        surface
            The map.
        lift
            Between 0 and 1: height among layers of the same kind.
        """
        paint = {"point": _draw_points, "line": _draw_lines, "polygon": _draw_polygons}
        paint[self.style.kind](surface, self, self.level + lift)

    def obstacles(self) -> NDArray[np.float64]:
        """Return the boxes of all point symbols, ``(left, bottom, right, top)``."""
        if self.style.kind != "point" or not len(self.rows):
            return np.zeros((0, 4))
        drawn = self.classes >= 0
        middle = self.stands[drawn]
        half = self.sizes[drawn, None] / 2
        return np.hstack([middle - half, middle + half])

    def label_requests(self) -> list[LabelRequest]:
        """List the labels the layer asks for, in row order."""
        label = self.style.label
        if label is None or label.field not in self.rows:
            return []
        texts = self.rows[label.field]
        wanted = texts.notna().to_numpy() & (self.classes >= 0)
        words = np.array([_short(text, label.size_pt) for text in texts], dtype=object)
        basis = self.layer.group == "basis"
        area, line = self.style.kind == "polygon", self.style.kind == "line"
        offers = (
            _line_offers(words, wanted, self, label)
            if line
            else _place_offers(words, wanted, self, label)
        )
        return [
            LabelRequest(
                text, self.layer.name, label.size_pt, boxes, label.priority,
                once=area and basis, required=label.required,
                inside=label.inside and len(boxes) == 1,
                shield=self._shield(words == text) if label.shield else "",
            )
            for text, boxes in offers
            if not (line and basis and len(text) > LONGEST_CODE)
        ]  # fmt: skip


def _short(text: Any, size_pt: float) -> str:
    return shorten(str(text), size_pt, _LONGEST_EM * size_pt * MM_PER_PT)


def _place_offers(
    words: Any, wanted: NDArray[np.bool_], placed: PlacedLayer, label: Label
) -> list[tuple[str, NDArray[np.float64]]]:
    offers = []
    far = label.priority >= _FIRST_RANK
    for row in np.flatnonzero(wanted):
        text, geometry = str(words[row]), placed.geometry[row]
        extent = label_extent(text, label.size_pt)
        if placed.style.kind == "polygon":
            offers.append((text, inside_polygon(geometry, extent)))
            continue
        (x, y), size = placed.stands[row], float(placed.sizes[row])
        if label.inside and np.hypot(*extent) <= size * _INSIDE_SHARE:
            offers.append((text, in_the_middle(x, y, extent)))
        else:
            offers.append((text, around_point(x, y, size, extent, far=far)))
    return offers


def _line_offers(
    words: Any, wanted: NDArray[np.bool_], placed: PlacedLayer, label: Label
) -> list[tuple[str, NDArray[np.float64]]]:
    """Label each name once, on its longest unbroken stretch."""
    offers = []
    texts = np.array([str(word) for word in words], dtype=object)
    for text in dict.fromkeys(texts[wanted]):
        rows = np.flatnonzero(wanted & (texts == text))
        whole = shapely.union_all(placed.geometry[rows])
        width, height = label_extent(text, label.size_pt)
        room = 2 * SHIELD_MM if label.shield else 0.0
        offers.append((text, along_line(whole, (width + room, height + room / 2))))
    return offers


def _draw_points(surface: Surface, placed: PlacedLayer, level: float) -> None:
    middles = placed.stands
    if placed.style.spread:
        _draw_ties(surface, placed, level)
    count = len(placed.style.classes)
    for index in range(count - 1, -1, -1):
        symbol = placed.style.classes[index].symbol
        rows = np.flatnonzero(placed.classes == index)
        rows = rows[np.argsort(-placed.sizes[rows], kind="stable")]  # small ones stay visible
        if not len(rows):
            continue
        drawn = point_symbols(surface, symbol, middles[rows], placed.sizes[rows])
        drawn.set_zorder(level + (count - index) / (100 * count))


def _draw_ties(surface: Surface, placed: PlacedLayer, level: float) -> None:
    """Tie symbols that stand beside their place to it."""
    away = np.hypot(*(placed.stands - placed.places).T) > placed.sizes / 2
    ties = np.stack([placed.places, placed.stands], axis=1)[away]
    _add_strokes(surface, list(ties), colour=_TIE_COLOUR, width_mm=_TIE_MM, level=level - 0.1)


def strokes(geometry: NDArray[np.object_]) -> list[NDArray[np.float64]]:
    """Join lines end to end, thin their points and return their coordinates.

    Parameters
    ----------
    geometry
        Lines in millimetres.

    Returns
    -------
    list of numpy.ndarray
        One array of shape (n, 2) per stroke.
    """
    parts = shapely.get_parts(geometry)
    merged = shapely.line_merge(shapely.multilinestrings(parts)) if len(parts) else parts
    thin = shapely.simplify(shapely.get_parts(merged), _SIMPLIFY_MM)
    coordinates, owner = shapely.get_coordinates(thin, return_index=True)
    return np.split(coordinates, np.flatnonzero(np.diff(owner)) + 1) if len(coordinates) else []


def _add_strokes(
    surface: Surface, lines: list[NDArray[np.float64]], *, colour: str, width_mm: float,
    dash: Dash = "solid", cap: str = "round", opacity: float = 1.0, level: float,
) -> None:  # fmt: skip
    collection = LineCollection(
        lines, colors=colour, linewidths=points(width_mm), linestyles=[dash_pattern(dash)],
        capstyle=cap if dash == "solid" else "butt", joinstyle="round", alpha=opacity,
        zorder=level,
    )  # fmt: skip
    surface.axes.add_collection(collection, autolim=False)


def _draw_lines(surface: Surface, placed: PlacedLayer, level: float) -> None:
    """Draw all casings first, then the cores, the first class last and so on top."""
    count = len(placed.style.classes)
    for index in range(count - 1, -1, -1):
        symbol = placed.style.classes[index].symbol
        lines = strokes(placed.geometry[placed.classes == index])
        if not lines:
            continue
        step = (count - index) / (100 * count)
        if symbol.casing:
            _add_strokes(
                surface, lines, colour=symbol.casing, cap="butt", opacity=symbol.opacity,
                width_mm=symbol.width_mm + 2 * symbol.casing_mm, level=level + step,
            )  # fmt: skip
        _add_strokes(
            surface, lines, colour=symbol.colour, width_mm=symbol.width_mm, dash=symbol.dash,
            opacity=symbol.opacity, level=level + 0.02 + step,
        )  # fmt: skip


def polygon_outlines(geometry: NDArray[np.object_]) -> list[Outline]:
    """Turn polygons into paths with holes.

    Parameters
    ----------
    geometry
        Polygons and multipolygons in millimetres.

    Returns
    -------
    list of matplotlib.path.Path
        One per polygon part.
    """
    parts = shapely.get_parts(shapely.simplify(geometry, _SIMPLIFY_MM))
    parts = shapely.orient_polygons(parts[shapely.area(parts) > 0])
    outlines = []
    for part in parts:
        rings = shapely.get_rings(part)
        vertices, owner = shapely.get_coordinates(rings, return_index=True)
        codes = np.full(len(vertices), Outline.LINETO, dtype=np.uint8)
        starts = np.flatnonzero(np.diff(owner, prepend=-1))
        codes[starts] = Outline.MOVETO
        codes[np.append(starts[1:], len(vertices)) - 1] = Outline.CLOSEPOLY
        outlines.append(Outline(vertices, codes))
    return outlines


def _edges(geometry: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """List the edges of polygons and which polygon each belongs to."""
    parts, whole = shapely.get_parts(geometry, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    edges = np.hstack([coordinates[:-1], coordinates[1:]])[inside]
    return edges, whole[part[ring[:-1][inside]]]


def shared_borders(geometry: NDArray[np.object_], rank: NDArray[np.int64]) -> dict[int, list[Any]]:
    """Give every border once: to the polygon of the lower rank where two share it.

    Parameters
    ----------
    geometry
        Polygons; neighbours share their vertices.
    rank
        A number per polygon, such as its class.

    Returns
    -------
    dict
        Border strokes by rank, arrays of shape (n, 2).
    """
    edges, owner = _edges(geometry)
    swap = (edges[:, 0] > edges[:, 2]) | (
        (edges[:, 0] == edges[:, 2]) & (edges[:, 1] > edges[:, 3])
    )
    edges[swap] = edges[swap][:, [2, 3, 0, 1]]
    order = np.argsort(rank[owner], kind="stable")
    edges, ranks = edges[order], rank[owner][order]
    first = np.sort(np.unique(edges.round(6), axis=0, return_index=True)[1])
    edges, ranks = edges[first], ranks[first]
    return {
        int(value): strokes(shapely.linestrings(edges[ranks == value].reshape(-1, 2, 2)))
        for value in np.unique(ranks)
    }


def _border(symbol: Symbol) -> tuple[str, float, Dash] | None:
    if symbol.outline_mm <= 0 or (symbol.fill and not symbol.outline):
        return None
    return (symbol.outline or symbol.colour, symbol.outline_mm, symbol.outline_dash)


def _draw_polygons(surface: Surface, placed: PlacedLayer, level: float) -> None:
    for index, item in enumerate(placed.style.classes):
        chosen = placed.geometry[placed.classes == index]
        if item.symbol.fill and len(chosen):
            seam = _SEAM_MM if item.symbol.opacity == 1 else 0.0
            fill = PathCollection(
                polygon_outlines(chosen), facecolors=item.symbol.colour,
                edgecolors=item.symbol.colour if seam else "none", linewidths=points(seam),
                alpha=item.symbol.opacity, zorder=level,
            )  # fmt: skip
            surface.axes.add_collection(fill, autolim=False)
    drawn = placed.classes >= 0
    borders = [_border(item.symbol) for item in placed.style.classes]
    if not drawn.any() or not any(borders):
        return
    for index, lines in shared_borders(placed.geometry[drawn], placed.classes[drawn]).items():
        pen = borders[index]
        if pen is not None:
            colour, width_mm, dash = pen
            if dash != "solid" and not placed.style.classes[index].symbol.fill:
                # A lighter border beneath must not show through the gaps of this one.
                _add_strokes(surface, lines, colour=WHITE, width_mm=width_mm + 0.1, level=level)
            _add_strokes(
                surface, lines, colour=colour, width_mm=width_mm, dash=dash, level=level + 0.05
            )
