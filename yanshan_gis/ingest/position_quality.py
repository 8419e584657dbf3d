"""What rows say of their own positions: that there is none, how it is known, that it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.content import LayerDef
    from yanshan_gis.layer import Layer, Quality


def mark_unlocated(
    values: pd.DataFrame, definition: LayerDef, geometry: NDArray[np.object_]
) -> None:
    """Say of rows that came without a position that they have none, where the layer can say so.

    Parameters
    ----------
    values
        Typed rows; changed in place.
    definition
        The layer.
    geometry
        Shapely geometries, shape (n,).
    """
    field = definition.fields.get("position_quality")
    absent = shapely.is_missing(geometry)
    if field is None or "unlocated" not in field.codes or not absent.any():
        return
    said = values.get("position_quality", pd.Series(None, index=values.index, dtype=object))
    values["position_quality"] = said.mask(said.isna() & absent, "unlocated")


def mark_located(
    values: pd.DataFrame, definition: LayerDef, geometry: NDArray[np.object_], quality: Quality
) -> None:
    """Say of positions the file brings how they are known, where it does not say so itself.

    Parameters
    ----------
    values
        Typed rows; changed in place.
    definition
        The layer.
    geometry
        Shapely geometries, shape (n,).
    quality
        Of the file's positions.
    """
    field = definition.fields.get("location_quality")
    if field is None or quality.label not in field.codes:
        return
    said = values.get("location_quality", pd.Series(None, index=values.index, dtype=object))
    brought = said.isna() & ~shapely.is_missing(geometry)
    values["location_quality"] = said.mask(brought, quality.label)


def positions_given_up(own: Layer | None) -> list[Notice]:
    """Tell of positions that files brought and that a list without positions does away with.

    Parameters
    ----------
    own
        The layer that is there; None when there is none.

    Returns
    -------
    list of Notice
        Empty where nothing is given up.
    """
    if own is None or "geometry" not in own.frame or "location_quality" not in own.frame:
        return []
    brought = own.frame["location_quality"].isin(["surveyed", "reported"])
    count = int((brought & own.frame.geometry.notna()).sum())
    text = N_(
        "{count} features of {layer} have positions of their own, and this list has none: they "
        "would be placed by name. Use --mode update to keep them."
    )
    return [Notice("positions-given-up", text, {"count": count, "layer": own.name})] * bool(count)
