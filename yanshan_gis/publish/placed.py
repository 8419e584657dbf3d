"""What a sheet draws, on the ground and on paper: features and pixels alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.publish.emphasis import smaller
from yanshan_gis.publish.features import DrawnLayer, PlacedLayer
from yanshan_gis.publish.pixels import DrawnPixels, PlacedPixels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yanshan_gis.publish.mapframe import MapFrame

DrawnContent = DrawnLayer | DrawnPixels
PlacedContent = PlacedLayer | PlacedPixels


def place_layers(
    layers: Iterable[DrawnContent], frame: MapFrame, symbols: float = 1.0
) -> list[PlacedContent]:
    """Carry layers to paper; symbols set side by side leave the other layers' symbols free.

    Parameters
    ----------
    layers
        Top first.
    frame
        The map's frame.
    symbols
        Factor on the size of symbols.

    Returns
    -------
    list
        In the same order.
    """
    placed: list[PlacedContent] = [
        PlacedPixels(layer, frame)
        if isinstance(layer, DrawnPixels)
        else PlacedLayer(replace(layer, style=smaller(layer.style, symbols)), frame)
        for layer in layers
    ]
    fixed = [layer.obstacles() for layer in placed if not layer.style.spread]
    for layer in placed:
        if isinstance(layer, PlacedLayer):
            layer.kept = np.concatenate([np.zeros((0, 4)), *fixed])
    return placed
