"""Control lines (三区三线) as ground on which nothing is built, and what is not checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer


def first_within(
    places: gpd.GeoDataFrame, areas: Layer | None, field: str, wanted: tuple[str, ...]
) -> NDArray[np.object_]:
    """Tell in which areas places lie, or through which they run.

    Parameters
    ----------
    places
        Points or lines in the areas' CRS.
    areas
        Polygons; None for none.
    field
        What the areas are told apart by, such as ``kind`` or ``grade``.
    wanted
        Values of it that count.

    Returns
    -------
    numpy.ndarray
        Per place the value of the first such area that it meets; None where it meets none.
    """
    found = np.full(len(places), None, dtype=object)
    if areas is None or not len(areas):
        return found
    kept = areas.frame[areas.frame[field].isin(wanted)]
    # The last one written stays: of several, the first.
    area, place = places.sindex.query(kept.geometry.array, predicate="intersects")
    order = np.argsort(-area, kind="stable")
    found[place[order]] = kept[field].to_numpy(dtype=object)[area[order]]
    return found


def unchecked(lines: Layer | None) -> list[Notice]:
    """Say so where there are no control lines to check against.

    Parameters
    ----------
    lines
        The layer; None where the workspace has none.

    Returns
    -------
    list of Notice
        Empty where there are some.
    """
    if lines is not None and len(lines):
        return []
    text = N_("Not checked against control lines (basic farmland, ecological redline).")
    return [Notice("control-lines-unchecked", text, {})]
