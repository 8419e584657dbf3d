"""Coordinates that give themselves away as displaced, by features whose places are trusted.

A new file is compared with its layer as it was, or each row with the feature of another layer that
it names: an outlet stands in or near the village of its committee.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from yanshan_gis.crs import WGS84, transform
from yanshan_gis.datum import suspect_gcj02, suspect_pairs

if TYPE_CHECKING:
    import pandas as pd

    from yanshan_gis.content import LayerDef
    from yanshan_gis.layer import Layer
    from yanshan_gis.messages import Notice

Shapes = NDArray[np.object_]


def _trusted(layer: Layer | None) -> bool:
    return layer is not None and not layer.modelled and layer.crs is not None and len(layer) > 0


def suspect_layer(shapes: Shapes, working: Any, layer: Layer | None) -> tuple[Notice, ...]:
    """Compare shapes with the layer that is there, feature for nearest feature.

    Parameters
    ----------
    shapes
        Shape (n,).
    working
        Their CRS.
    layer
        As it is there; nothing is concluded from a modelled one.

    Returns
    -------
    tuple of Notice
        ``datum-suspected``, or nothing.
    """
    if layer is None or not _trusted(layer):
        return ()
    mine = shapely.get_coordinates(shapes)
    theirs = shapely.get_coordinates(layer.frame.geometry.to_numpy())
    here = transform(mine[:, 0], mine[:, 1], working, WGS84)
    there = transform(theirs[:, 0], theirs[:, 1], layer.crs, WGS84)
    notice = suspect_gcj02(*here, *there)
    return (notice,) if notice is not None else ()


def suspect_references(
    values: pd.DataFrame, definition: LayerDef, working: Any, current: Mapping[str, Layer]
) -> tuple[Notice, ...]:
    """Compare points with the features of other layers that their rows name.

    Parameters
    ----------
    values
        Rows with ``geometry`` and references as permanent ids.
    definition
        The layer.
    working
        The CRS of the rows.
    current
        The layers that are there; nothing is concluded from modelled ones.

    Returns
    -------
    tuple of Notice
        ``datum-suspected``, or nothing where nothing is clear.
    """
    for name, field in definition.fields.items():
        layer = (
            current.get(str(field.layer)) if field.layer not in {None, definition.name} else None
        )
        if name not in values or layer is None or not _trusted(layer):
            continue
        places = dict(zip(layer.frame["id"], layer.frame.geometry, strict=True))
        named = np.array([places.get(i) for i in values[name]], dtype=object)
        mine = _points(np.asarray(values["geometry"], dtype=object))
        theirs = _points(named)
        notice = suspect_pairs(
            *transform(mine[:, 0], mine[:, 1], working, WGS84),
            *transform(theirs[:, 0], theirs[:, 1], layer.crs, WGS84),
        )
        if notice is not None:
            return (notice,)
    return ()


def _points(shapes: Shapes) -> NDArray[np.float64]:
    """Return coordinates, NaN for what is no point."""
    points = shapes.copy()
    # Not every GEOS can tell the x of an empty point; of None it is NaN.
    points[(shapely.get_type_id(points) != 0) | shapely.is_empty(points)] = None
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])
