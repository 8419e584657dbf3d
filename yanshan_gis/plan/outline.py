"""Where the county ends, for positions set by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer


def county_outline(county: Layer | None, townships: Layer | None) -> shapely.Geometry | None:
    """Return the area within which a position can be meant.

    Parameters
    ----------
    county, townships
        The layers; None for one that is not there.

    Returns
    -------
    shapely.Geometry or None
        The county's outline, else that of its townships; only its box where the outline is
        modelled, since a real place may lie outside such a line. None where nothing is known.
    """
    for layer in (county, townships):
        if layer is None or not len(layer) or layer.crs is None:
            continue
        whole: shapely.Geometry = shapely.union_all(layer.frame.geometry.to_numpy())
        return shapely.box(*whole.bounds) if layer.modelled else whole
    return None
