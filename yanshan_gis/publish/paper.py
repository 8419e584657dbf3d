"""A sheet of paper measured in millimetres: text, lines and boxes at exact places.

One figure serves PNG and PDF. Text is drawn as text, so that a PDF can be searched; halos and bold
are strokes of the letters' outlines, gathered and drawn in one go beneath the text.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

from yanshan_gis.publish.fonts import (
    MM_PER_PT,
    drawable,
    font_family,
    missing_glyphs,
    set_width_mm,
    text_outline,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Align = Literal["left", "center", "right"]
INK = "#1a1a1a"
BOLD_EM = 0.035  # stroke that stands in for the bold face the font lacks
CENTRE_EM = 0.37  # from the baseline to the middle of a Chinese character


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with this library's settings and leave matplotlib's own as they were.

    Yields
    ------
    None
        Within, fonts, hinting and dashes are set for sheets.
    """
    settings = {
        "font.family": list(font_family()),
        "pdf.fonttype": 42,
        "svg.hashsalt": "yanshan-gis",  # the same sheet, the same bytes
        "text.hinting": "none",
        "text.parse_math": False,
        "lines.scale_dashes": False,
        "axes.unicode_minus": False,
        "path.simplify_threshold": 0.1,
    }
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        yield


def points(mm: float) -> float:
    """Turn millimetres into typographic points.

    Parameters
    ----------
    mm
        A length.

    Returns
    -------
    float
        Points of 1/72 inch.
    """
    return mm / MM_PER_PT


@dataclass
class Surface:
    """Axes whose unit is the millimetre, with the text written on them.

    Parameters
    ----------
    axes
        The axes; their lower left corner is the origin.
    missing
        Gathers the characters that no font has.
    """

    axes: Any
    missing: set[str] = field(default_factory=set)
    _strokes: dict[tuple[str, float, float], list[Outline]] = field(default_factory=dict)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size_pt: float,
        *,
        align: Align = "left",
        colour: str = INK,
        bold: bool = False,
        halo_mm: float = 0.0,
        rotation: float = 0.0,
        level: float = 90.0,
    ) -> float:
        """Write a line of text.

        Parameters
        ----------
        x, y
            Where the baseline begins, has its middle or ends, by `align`.
        text
            One line; characters no font has are replaced and remembered.
        size_pt
            Font size.
        align
            ``left``, ``center`` or ``right``.
        colour
            Of the letters.
        bold
            Stroked in its own colour.
        halo_mm
            White rim around the letters.
        rotation
            Degrees, counter-clockwise around ``(x, y)``; halo and bold only at 0.
        level
            Higher is drawn later.

        Returns
        -------
        float
            Width in millimetres.
        """
        if not text:
            return 0.0
        self.missing.update(missing_glyphs([text]))
        text = drawable(text)
        width = set_width_mm(text, size_pt)
        if not rotation:
            x -= {"left": 0.0, "center": width / 2, "right": width}[align]
            align = "left"
        self.axes.text(
            x, y, text, fontsize=size_pt, color=colour, ha=align, va="baseline",
            rotation=rotation, rotation_mode="anchor", zorder=level,
        )  # fmt: skip
        if halo_mm > 0:
            self._stroke(x, y, text, size_pt, ("#ffffff", 2 * halo_mm, level - 0.5))
        if bold:
            self._stroke(x, y, text, size_pt, (colour, BOLD_EM * size_pt * MM_PER_PT, level - 0.2))
        return width

    def _stroke(
        self, x: float, y: float, text: str, size_pt: float, pen: tuple[str, float, float]
    ) -> None:
        outline = text_outline(text, size_pt)
        moved = Outline(np.asarray(outline.vertices) + np.array([x, y]), outline.codes)
        self._strokes.setdefault(pen, []).append(moved)

    def finish(self) -> None:
        """Draw the halos and bold strokes gathered so far."""
        for (colour, width_mm, level), outlines in self._strokes.items():
            patch = PathPatch(
                Outline.make_compound_path(*outlines),
                facecolor="none", edgecolor=colour, linewidth=points(width_mm),
                joinstyle="round", capstyle="round", zorder=level,
            )  # fmt: skip
            self.axes.add_artist(patch)
        self._strokes.clear()

    def line(
        self, x: Sequence[float], y: Sequence[float], *, width_mm: float = 0.15,
        colour: str = INK, dash: Any = "solid", level: float = 80.0,
    ) -> None:  # fmt: skip
        """Draw a line.

        Parameters
        ----------
        x, y
            Its points.
        width_mm
            Stroke width.
        colour
            Of the stroke.
        dash
            In matplotlib's form.
        level
            Higher is drawn later.
        """
        drawn = Line2D(
            x, y, linewidth=points(width_mm), color=colour, linestyle=dash, zorder=level
        )  # fmt: skip
        drawn.set_solid_capstyle("butt")
        self.axes.add_artist(drawn)

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: str = "none",
        edge: str = INK, edge_mm: float = 0.15, level: float = 70.0,
    ) -> None:  # fmt: skip
        """Draw a rectangle.

        Parameters
        ----------
        x, y
            Its lower left corner.
        width, height
            Its size.
        fill, edge
            Colours, ``none`` for nothing.
        edge_mm
            Stroke width.
        level
            Higher is drawn later.
        """
        drawn = Rectangle(
            (x, y), width, height, facecolor=fill, edgecolor=edge,
            linewidth=points(edge_mm) if edge != "none" else 0.0, zorder=level, joinstyle="miter",
        )  # fmt: skip
        self.axes.add_artist(drawn)


class Paper:
    """One sheet: a figure, its whole surface, and surfaces for maps on it.

    Parameters
    ----------
    width, height
        Millimetres.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / 25.4, height / 25.4), facecolor="white")
        self.missing: set[str] = set()
        self._surfaces: list[Surface] = []
        self.whole = self.surface(0.0, 0.0, width, height, level=10.0)

    def surface(
        self, left: float, bottom: float, width: float, height: float, *, level: float
    ) -> Surface:
        """Lay a surface on the sheet; what is drawn beyond its edges is cut off.

        Parameters
        ----------
        left, bottom, width, height
            Millimetres from the sheet's lower left corner.
        level
            Higher is drawn later.

        Returns
        -------
        Surface
            With its own origin in its lower left corner.
        """
        axes = self.figure.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height),
            zorder=level,
        )
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        surface = Surface(axes, self.missing)
        self._surfaces.append(surface)
        return surface

    def finish(self) -> None:
        """Draw what the surfaces still hold back."""
        for surface in self._surfaces:
            surface.finish()
