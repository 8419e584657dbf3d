"""Symbols' shapes and dashes in matplotlib's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.path import Path as Outline
from matplotlib.transforms import IdentityTransform

from yanshan_gis.publish.paper import points
from yanshan_gis.publish.style import DASHES, WHITE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from yanshan_gis.content import Dash, Symbol
    from yanshan_gis.publish.paper import Surface


def _around(corners: int, inner: float = 1.0) -> list[tuple[float, float]]:
    angles = np.pi / 2 + np.arange(corners) * 2 * np.pi / corners
    radii = np.where(np.arange(corners) % 2, inner, 1.0)
    return [
        (float(r * np.cos(a)), float(r * np.sin(a))) for r, a in zip(radii, angles, strict=True)
    ]


# Outlines within the square from -1 to 1, those of QGIS's simple markers of the same names.
_SHAPES: dict[str, list[tuple[float, float]]] = {
    "square": [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    "triangle": [(-1, -1), (1, -1), (0, 1)],
    "diamond": [(-1, 0), (0, 1), (1, 0), (0, -1)],
    "star": _around(10, 0.382),
    "pentagon": _around(5),
    "cross": [
        (-0.2, -1), (0.2, -1), (0.2, -0.2), (1, -0.2), (1, 0.2), (0.2, 0.2),
        (0.2, 1), (-0.2, 1), (-0.2, 0.2), (-1, 0.2), (-1, -0.2), (-0.2, -0.2),
    ],
    "house": [
        (0, 0.94), (0.94, 0), (0.6, 0), (0.6, -0.9), (-0.6, -0.9), (-0.6, 0), (-0.94, 0),
    ],
}  # fmt: skip


def marker(shape: str) -> Outline:
    """Return the outline of a point symbol.

    Parameters
    ----------
    shape
        As content files name it.

    Returns
    -------
    matplotlib.path.Path
        Of diameter 1, the origin in its middle.
    """
    if shape == "circle":
        circle: Outline = Outline.circle(radius=0.5)
        return circle
    corners = np.array([*_SHAPES[shape], _SHAPES[shape][0]], dtype=float) / 2
    return Outline(corners, closed=True)


def dash_pattern(dash: Dash) -> Any:
    """Turn a dash name into matplotlib's form.

    Parameters
    ----------
    dash
        As content files name it.

    Returns
    -------
    str or tuple
        ``solid``, or offset and lengths in points.
    """
    lengths = DASHES[dash]
    return (0, tuple(points(length) for length in lengths)) if lengths else "solid"


def point_symbols(
    surface: Surface, symbol: Symbol, middles: ArrayLike, sizes_mm: ArrayLike
) -> PathCollection:
    """Draw point symbols of one kind.

    Parameters
    ----------
    surface
        Where they are drawn.
    symbol
        Shape, colours and outline.
    middles
        Where they stand in millimetres, shape (n, 2).
    sizes_mm
        Their diameters, shape (n,).

    Returns
    -------
    matplotlib.collections.PathCollection
        The symbols, already on the surface.
    """
    collection = PathCollection(
        [marker(symbol.shape)],
        sizes=np.square(points(1.0) * np.asarray(sizes_mm, dtype=float)),
        offsets=middles,
        offset_transform=surface.axes.transData,
        facecolors=symbol.colour if symbol.fill else "none",
        edgecolors=(symbol.outline or WHITE) if symbol.fill else symbol.colour,
        linewidths=points(symbol.outline_mm),
        alpha=symbol.opacity,
    )
    collection.set_transform(IdentityTransform())  # sizes are points on paper, not map units
    surface.axes.add_collection(collection, autolim=False)
    return collection
