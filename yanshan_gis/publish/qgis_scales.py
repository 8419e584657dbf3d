"""From which scale on dense features are drawn in QGIS, found from how dense they are.

On paper features of a layer stand so far apart: points ``√(area / count)``, lines
``area / length``, divided by N of the scale 1:N. Where that falls short of what the eye tells
apart, they are left out. Of ranked classes (trunk roads before lanes) each one counts with those
before it, so that the lesser classes go first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from yanshan_gis.publish.style import classify

if TYPE_CHECKING:
    from yanshan_gis.publish.style import ResolvedStyle

_POINTS_MM, _LINES_MM, _LABELS_MM = 4.0, 3.0, 8.0
_LEADING = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_ANY_SCALE = 2_000_000  # a county fits on a screen well before


@dataclass(frozen=True)
class Limits:
    """The smallest scales at which parts of a layer are drawn, as N of 1:N; None for all.

    Parameters
    ----------
    classes
        Of each class of the style.
    labels
        Of the labels.
    """

    classes: tuple[int | None, ...]
    labels: int | None = None

    @property
    def layer(self) -> int | None:
        """The limit of the whole layer, where no class is seen any more."""
        known = [limit for limit in self.classes if limit is not None]
        return max(known) if known and len(known) == len(self.classes) else None


def round_scale(spacing_m: float, least_mm: float) -> int | None:
    """Find the round scale at which a spacing on the ground is still told apart.

    Parameters
    ----------
    spacing_m
        On the ground.
    least_mm
        On paper.

    Returns
    -------
    int or None
        N of 1:N, rounded to the larger scale; None where all scales of a county show it.
    """
    largest = spacing_m * 1000 / least_mm
    if not largest < _ANY_SCALE:
        return None
    power = 10.0 ** math.floor(math.log10(max(largest, 1000.0)))
    return round(max(lead * power for lead in _LEADING if lead * power <= max(largest, power)))


def find_limits(
    frame: Any, style: ResolvedStyle, area_m2: float, *, ranked: bool, at_least: int = 0
) -> Limits:
    """Find from which scales on a layer's features and labels are drawn.

    Parameters
    ----------
    frame
        The rows, in metres.
    style
        How they are drawn.
    area_m2
        Of the county.
    ranked
        True where the classes go from the more to the less important.
    at_least
        N of a scale at which everything must be drawn.

    Returns
    -------
    Limits
        None everywhere for areas; only labels are left out of those.
    """
    classes = classify(frame, style)
    counts = np.bincount(classes[classes >= 0], minlength=len(style.classes)).astype(float)
    drawn = tuple(
        _not_below(limit, at_least) for limit in _of_classes(frame, style, classes, area_m2, ranked)
    )
    spacing = math.sqrt(area_m2 / max(counts.sum(), 1.0))
    return Limits(drawn, _not_below(round_scale(spacing, _LABELS_MM), at_least))


def _of_classes(
    frame: Any, style: ResolvedStyle, classes: Any, area_m2: float, ranked: bool
) -> list[int | None]:
    if style.kind == "polygon":
        return [None] * len(style.classes)
    lines = style.kind == "line"
    shapes = frame.geometry.to_numpy()
    amounts = np.nan_to_num(shapely.length(shapes)) if lines else np.ones(len(frame))
    shown = classes >= 0
    sums = np.bincount(classes[shown], weights=amounts[shown], minlength=len(style.classes))
    heaps = np.cumsum(sums) if ranked else np.full(len(sums), sums.sum())
    spacings = [
        (area_m2 / heap if lines else math.sqrt(area_m2 / heap)) if heap > 0 else math.inf
        for heap in heaps
    ]
    return [round_scale(spacing, _LINES_MM if lines else _POINTS_MM) for spacing in spacings]


def _not_below(limit: int | None, at_least: int) -> int | None:
    return None if limit is None else max(limit, at_least)
