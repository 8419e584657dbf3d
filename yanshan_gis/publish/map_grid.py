"""The grid of a map: round kilometres of its CRS, or round degrees and minutes.

Within the map the grid is crosses, so that it hides nothing; around it, ticks with their numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.crs import parse_crs, transform
from yanshan_gis.errors import CrsError
from yanshan_gis.messages import N_
from yanshan_gis.publish.fonts import text_width_mm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.publish.mapframe import MapFrame
    from yanshan_gis.publish.paper import Surface

_GRID_KM = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
_GRATICULE_MIN = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)  # arc
_LEAST_MM = 25.0  # between lines
_M_PER_MINUTE = 1852.0
_SAMPLES = 200  # along an edge: meridians cross it at an angle
_BAND_MM = 4.5  # between the two frames
_NUMBER_PT = 6.5
_RULE = "#9aa0a6"
_GRID_COLOUR = "#4a7fa5"

Ticks = list[tuple[float, str]]


@dataclass(frozen=True)
class GridMarks:
    """Where a grid is marked, in millimetres from the map's lower left corner.

    Parameters
    ----------
    crosses
        Where its lines meet within the map, shape (n, 2).
    bottom, top, left, right
        Where they cross each edge, and the number that stands there.
    """

    crosses: NDArray[np.float64]
    bottom: Ticks
    top: Ticks
    left: Ticks
    right: Ticks


def grid_step_m(frame: MapFrame) -> float:
    """Choose the spacing of the kilometre grid.

    Parameters
    ----------
    frame
        The map's frame.

    Returns
    -------
    float
        Metres; 25 to 65 mm on paper.
    """
    wished = _LEAST_MM * frame.denominator / 1e6
    return 1000 * next((step for step in _GRID_KM if step >= wished), _GRID_KM[-1])


def grid_lines(frame: MapFrame, step_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """List the grid's round eastings and northings inside the frame.

    Parameters
    ----------
    frame
        The map's frame.
    step_m
        The grid's spacing.

    Returns
    -------
    tuple of numpy.ndarray
        Eastings and northings in metres.
    """
    x_min, y_min, x_max, y_max = frame.ground

    def between(low: float, high: float) -> NDArray[np.float64]:
        first, last = math.ceil(low / step_m), math.floor(high / step_m)
        return np.arange(first, last + 1, dtype=np.float64) * step_m

    return between(x_min, x_max), between(y_min, y_max)


def kilometre_marks(frame: MapFrame) -> GridMarks:
    """Mark round kilometres.

    Parameters
    ----------
    frame
        The map's frame.

    Returns
    -------
    GridMarks
        Numbers are kilometres of easting and northing.
    """
    eastings, northings = grid_lines(frame, grid_step_m(frame))
    xs = frame.paper(np.column_stack([eastings, np.full(len(eastings), frame.y)]))[:, 0]
    ys = frame.paper(np.column_stack([np.full(len(northings), frame.x), northings]))[:, 1]
    across = [(float(x), f"{v / 1000:.10g}") for x, v in zip(xs, eastings, strict=True)]
    up = [(float(y), f"{v / 1000:.10g}") for y, v in zip(ys, northings, strict=True)]
    crosses = np.array([(x, y) for x, _ in across for y, _ in up]).reshape(-1, 2)
    return GridMarks(crosses, across, across, up, up)


def degree_marks(frame: MapFrame, crs: Any) -> GridMarks:
    """Mark round degrees and minutes of the CRS's own datum.

    Parameters
    ----------
    frame
        The map's frame.
    crs
        Of the map, in metres.

    Returns
    -------
    GridMarks
        Numbers such as ``104°15′``.

    Raises
    ------
    CrsError
        When the CRS rests on no geographic one.
    """
    parsed = parse_crs(crs)
    geographic = parsed.geodetic_crs
    if geographic is None:
        raise CrsError("crs-no-degrees", N_("{crs} has no degrees."), crs=parsed.name)
    step = _graticule_step(frame)
    x0, y0, x1, y1 = frame.ground
    along_x, along_y = np.linspace(x0, x1, _SAMPLES), np.linspace(y0, y1, _SAMPLES)

    def longitudes(y: float) -> NDArray[np.float64]:
        return transform(along_x, np.full(_SAMPLES, y), parsed, geographic)[0]

    def latitudes(x: float) -> NDArray[np.float64]:
        return transform(np.full(_SAMPLES, x), along_y, parsed, geographic)[1]

    bottom, top = (_edge_ticks(longitudes(y), frame.width, step) for y in (y0, y1))
    left, right = (_edge_ticks(latitudes(x), frame.height, step) for x in (x0, x1))
    corners = (
        np.concatenate([longitudes(y0), longitudes(y1)]),
        np.concatenate([latitudes(x0), latitudes(x1)]),
    )
    lon, lat = (_round_values(values, step) for values in corners)
    grid = np.array([(a, b) for a in lon for b in lat]).reshape(-1, 2)
    points = np.column_stack(transform(grid[:, 0], grid[:, 1], geographic, parsed))
    crosses = frame.paper(points)
    inside = ((crosses > 0) & (crosses < (frame.width, frame.height))).all(axis=1)
    return GridMarks(crosses[inside], bottom, top, left, right)


def _graticule_step(frame: MapFrame) -> float:
    """Choose the spacing of meridians and parallels, in degrees."""
    wished = _LEAST_MM * frame.denominator / 1000 / _M_PER_MINUTE
    minutes = next((step for step in _GRATICULE_MIN if step >= wished), _GRATICULE_MIN[-1])
    return minutes / 60


def _round_values(values: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    first, last = math.ceil(values.min() / step), math.floor(values.max() / step)
    return np.arange(first, last + 1) * step


def _edge_ticks(values: NDArray[np.float64], length_mm: float, step: float) -> Ticks:
    """Find where round values lie along an edge whose values grow."""
    found = _round_values(values, step)
    where = np.interp(found, values, np.linspace(0.0, length_mm, len(values)))
    return [(float(at), degree_text(value)) for at, value in zip(where, found, strict=True)]


def degree_text(value: float) -> str:
    """Write an angle in degrees, minutes and, where needed, seconds.

    Parameters
    ----------
    value
        Degrees.

    Returns
    -------
    str
        Such as ``104°15′``.
    """
    seconds = round(abs(value) * 3600)
    degrees, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    sign = "-" if value < 0 else ""
    tail = f"{seconds:02d}″" if seconds else ""
    return f"{sign}{degrees}°{minutes:02d}′{tail}"


def draw_grid(surface: Surface, inner: Surface, frame: MapFrame, marks: GridMarks) -> None:
    """Draw the map's double frame with its grid: crosses inside, numbered ticks between.

    Parameters
    ----------
    surface
        The sheet.
    inner
        The map.
    frame
        The map's frame.
    marks
        The grid.
    """
    for x, y in marks.crosses:
        inner.line([x - 1.2, x + 1.2], [y, y], width_mm=0.1, colour=_GRID_COLOUR, level=48)
        inner.line([x, x], [y - 1.2, y + 1.2], width_mm=0.1, colour=_GRID_COLOUR, level=48)
    left, bottom, right = frame.left, frame.bottom, frame.left + frame.width
    top, band = bottom + frame.height, _BAND_MM
    surface.box(left, bottom, frame.width, frame.height, edge_mm=0.3, level=85)
    surface.box(
        left - band, bottom - band, frame.width + 2 * band, frame.height + 2 * band,
        edge_mm=0.6, level=85,
    )  # fmt: skip
    edges = ((marks.bottom, bottom - band, bottom - 3.3), (marks.top, top, top + 1.3))
    for ticks, foot, baseline in edges:
        for x, text in ticks:
            surface.line([left + x] * 2, [foot, foot + band], width_mm=0.12, colour=_RULE)
            if x + 0.7 + text_width_mm(text, _NUMBER_PT) < frame.width + band:
                surface.text(left + x + 0.7, baseline, text, _NUMBER_PT)
    sides = ((marks.left, left - band, left - 1.3), (marks.right, right, right + 3.2))
    for ticks, foot, baseline in sides:
        for y, text in ticks:
            surface.line([foot, foot + band], [bottom + y] * 2, width_mm=0.12, colour=_RULE)
            if y + 0.7 + text_width_mm(text, _NUMBER_PT) < frame.height + band:
                surface.text(baseline, bottom + y + 0.7, text, _NUMBER_PT, rotation=90)
