"""Where labels stand: one greedy placer that knows every label, every symbol and the frame.

Each label offers candidate boxes in order of preference: around a point, inside a polygon, along a
line. Labels are taken by priority; each gets its first box that meets no symbol and no label that
stands already. What finds no place is dropped and counted. All lengths are millimetres on paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from yanshan_gis.publish.fonts import MM_PER_PT, text_width_mm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Boxes = NDArray[np.float64]

_LINE_EM = 1.0  # height of a line of text
_BASELINE_EM = 0.14  # from the box's foot to the baseline
_PADDING_MM = 0.15  # kept free around a label, for its halo
# Distances tried from the symbol, in label heights; further off, only a name of the first rank is
# still read as that symbol's.
_GAPS, _FAR_GAPS = (0.13, 0.3, 0.55), (0.85, 1.2)
# Where a label may stand around its point, in order of preference: the side (east, north, south,
# west) and how far it slides along that side, in halves of its own length there. East comes first,
# as the eye expects a name to the right of its place.
_POSITIONS = np.array(
    [(1, 0, 0), (1, 0, 1), (1, 0, -1), (0, 1, 0), (0, -1, 0), (-1, 0, 0), (-1, 0, 1), (-1, 0, -1),
     (0, 1, 1), (0, -1, 1), (0, 1, -1), (0, -1, -1)],
    dtype=float,
)  # fmt: skip
_NOTHING: Boxes = np.zeros((0, 4))
_FRACTIONS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)  # where along a line


@dataclass(frozen=True)
class LabelRequest:
    """One label that wants a place.

    Parameters
    ----------
    text
        One line.
    layer
        Whose label it is, for counting.
    size_pt
        Font size.
    candidates
        Boxes ``(left, bottom, right, top)`` in order of preference, shape (n, 4).
    priority
        Higher is placed first; equal ones in the order given.
    once
        True for a name that is left out, uncounted, where it already stands on the map: that of
        a township whose seat bears it.
    required
        True for a name no map goes without: where no place is free it covers the least of the
        symbols, but never another label.
    inside
        True for a number in the middle of its own symbol.
    shield
        Colour of the frame that a route number stands in; none where empty.
    """

    text: str
    layer: str
    size_pt: float
    candidates: Boxes
    priority: int = 0
    once: bool = False
    required: bool = False
    inside: bool = False
    shield: str = ""


@dataclass(frozen=True)
class Placement:
    """A label that found its place.

    Parameters
    ----------
    request
        Index of the request.
    box
        ``(left, bottom, right, top)``.
    x, y
        The left end of the text's baseline.
    """

    request: int
    box: tuple[float, float, float, float]
    x: float
    y: float


@dataclass(frozen=True)
class Placed:
    """What the placer gives back.

    Parameters
    ----------
    placements
        In the order they were placed.
    dropped
        How many labels found no place, by layer; layers without any are absent.
    """

    placements: tuple[Placement, ...]
    dropped: dict[str, int] = field(default_factory=dict)


def label_extent(text: str, size_pt: float) -> tuple[float, float]:
    """Measure the box a label needs.

    Parameters
    ----------
    text
        One line.
    size_pt
        Font size.

    Returns
    -------
    tuple of float
        Width and height in millimetres, with the room for the halo.
    """
    height = _LINE_EM * size_pt * MM_PER_PT
    return text_width_mm(text, size_pt) + 2 * _PADDING_MM, height + 2 * _PADDING_MM


def _boxes(left: NDArray[np.float64], bottom: NDArray[np.float64], w: float, h: float) -> Boxes:
    return np.column_stack([left, bottom, left + w, bottom + h])


def around_point(
    x: float, y: float, size_mm: float, extent: tuple[float, float], *, far: bool = False
) -> Boxes:
    """Offer positions on all sides of a symbol, at growing distances.

    Parameters
    ----------
    x, y
        The symbol's middle.
    size_mm
        The symbol's diameter, outline included.
    extent
        Width and height of the label.
    far
        Whether it may stand further off, as the names of seats may.

    Returns
    -------
    numpy.ndarray
        Candidate boxes, nearest first, shape (36, 4) or (60, 4).
    """
    width, height = extent
    tried = _GAPS + _FAR_GAPS if far else _GAPS
    gaps = np.repeat(tried, len(_POSITIONS)) * height + size_mm / 2
    across, up, slide = np.tile(_POSITIONS, (len(tried), 1)).T
    # A label beside its symbol slides up and down, one above or below it slides sideways.
    centre_x = x + across * (gaps + width / 2) + (across == 0) * slide * width * 0.4
    centre_y = y + up * (gaps + height / 2) + (up == 0) * slide * (height / 2 + gaps * 0.3)
    return _boxes(centre_x - width / 2, centre_y - height / 2, width, height)


def in_the_middle(x: float, y: float, extent: tuple[float, float]) -> Boxes:
    """Offer the one position in the middle of a symbol.

    Parameters
    ----------
    x, y
        The symbol's middle.
    extent
        Width and height of the label.

    Returns
    -------
    numpy.ndarray
        Shape (1, 4).
    """
    width, height = extent
    return np.array([[x - width / 2, y - height / 2, x + width / 2, y + height / 2]])


def inside_polygon(polygon: shapely.Geometry, extent: tuple[float, float]) -> Boxes:
    """Offer positions inside a polygon: its roomiest point first, then around it.

    Parameters
    ----------
    polygon
        In millimetres; of several parts the largest counts.
    extent
        Width and height of the label.

    Returns
    -------
    numpy.ndarray
        Candidate boxes whose middle lies inside; those wholly inside first.
    """
    parts = shapely.get_parts(polygon)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    circle = shapely.maximum_inscribed_circle(largest, tolerance=0.5)
    middle = shapely.get_coordinates(circle)[0]
    width, height = extent
    steps = np.arange(-6, 7)
    across, up = np.meshgrid(steps * width / 3, steps * height * 0.8)
    offsets = np.column_stack([across.ravel(), up.ravel()])
    offsets = offsets[np.argsort(np.hypot(*offsets.T), kind="stable")]
    centres = middle + offsets
    boxes = _boxes(centres[:, 0] - width / 2, centres[:, 1] - height / 2, width, height)
    shapely.prepare(largest)
    hits = shapely.contains(largest, shapely.points(centres))
    whole = shapely.contains(largest, shapely.box(*boxes.T))
    order = np.argsort(~whole, kind="stable")
    offered: Boxes = boxes[order][hits[order]]
    return offered


def along_line(line: shapely.Geometry, extent: tuple[float, float]) -> Boxes:
    """Offer positions along a line, its middle first.

    Parameters
    ----------
    line
        In millimetres; of several parts the longest counts.
    extent
        Width and height of the label.

    Returns
    -------
    numpy.ndarray
        Candidate boxes centred on the line; none on a line shorter than twice the label.
    """
    parts = shapely.get_parts(shapely.line_merge(line))
    longest = parts[int(np.argmax(shapely.length(parts)))]
    width, height = extent
    if longest.length < 2 * width:
        return np.zeros((0, 4))
    points = shapely.line_interpolate_point(longest, np.array(_FRACTIONS), normalized=True)
    x, y = shapely.get_coordinates(points).T
    return _boxes(x - width / 2, y - height / 2, width, height)


def _free_of(boxes: Boxes, obstacles: Boxes, frame: Sequence[float]) -> NDArray[np.bool_]:
    """Tell which boxes lie inside the frame and meet no obstacle."""
    left, bottom, right, top = frame
    free = (boxes[:, 0] >= left) & (boxes[:, 1] >= bottom)
    free &= (boxes[:, 2] <= right) & (boxes[:, 3] <= top)
    if len(obstacles) and len(boxes):
        tree = shapely.STRtree(shapely.box(*obstacles.T))
        hit = tree.query(shapely.box(*boxes.T), predicate="intersects")[0]
        free[hit] = False
    return free


def _meets(boxes: Boxes, taken: Boxes) -> NDArray[np.bool_]:
    """Tell which boxes overlap or touch one that is taken."""
    a, b = boxes[:, None, :], taken[None, :, :]
    apart = (
        (a[..., 0] > b[..., 2])
        | (a[..., 2] < b[..., 0])
        | (a[..., 1] > b[..., 3])
        | (a[..., 3] < b[..., 1])
    )
    return np.asarray(~apart.all(axis=1), dtype=np.bool_)


def _covered(boxes: Boxes, obstacles: Boxes) -> NDArray[np.float64]:
    """Measure how much of the obstacles each box covers, in square millimetres."""
    low = np.maximum(boxes[:, None, :2], obstacles[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], obstacles[None, :, 2:])
    return np.asarray(np.prod(np.clip(high - low, 0, None), axis=2).sum(axis=1))


def place_labels(
    requests: Sequence[LabelRequest], *, frame: Sequence[float], obstacles: Boxes
) -> Placed:
    """Give labels their places, the more important first.

    Parameters
    ----------
    requests
        The labels, each with its candidates.
    frame
        ``(left, bottom, right, top)`` that every label stays within.
    obstacles
        Boxes no label may cover: all symbols, arrows, insets; shape (n, 4).

    Returns
    -------
    Placed
        The same for the same requests in the same order.
    """
    counts = [len(request.candidates) for request in requests]
    every = np.concatenate([np.zeros((0, 4)), *[request.candidates for request in requests]])
    free = np.split(_free_of(every, obstacles, frame), np.cumsum(counts)[:-1]) if requests else []
    order = sorted(range(len(requests)), key=lambda index: -requests[index].priority)
    taken = np.empty((len(requests), 4))
    placements: list[Placement] = []
    dropped: dict[str, int] = {}
    named: set[str] = set()
    for index in order:
        request = requests[index]
        if request.once and request.text in named:
            continue
        open_boxes = request.candidates if request.inside else request.candidates[free[index]]
        clear = open_boxes[~_meets(open_boxes, taken[: len(placements)])]
        if not len(clear) and request.required:
            inside = request.candidates[_free_of(request.candidates, _NOTHING, frame)]
            apart = inside[~_meets(inside, taken[: len(placements)])]
            clear = apart[np.argsort(_covered(apart, obstacles), kind="stable")]
        if not len(clear):
            dropped[request.layer] = dropped.get(request.layer, 0) + 1
            continue
        box = clear[0]
        taken[len(placements)] = box
        named.add(request.text)
        baseline = box[1] + _PADDING_MM + _BASELINE_EM * request.size_pt * MM_PER_PT
        left, bottom, right, top = (float(value) for value in box)
        placements.append(
            Placement(index, (left, bottom, right, top), left + _PADDING_MM, float(baseline))
        )
    return Placed(tuple(placements), dropped)
