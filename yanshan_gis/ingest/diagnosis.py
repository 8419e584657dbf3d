"""What is wrong with the place of a layer: each error of coordinates has a signature.

Axes exchanged, degrees under a metric coordinate system, metres under degrees, a zone number the
coordinate system does not expect, points at (0, 0), another zone, another place: the signature
is named together with the fix. Nothing is changed here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from yanshan_gis.crs import CGCS2000, WGS84, carry, parse_crs
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_CHINA = (73.0, 3.0, 136.0, 54.0)
_MARGIN_SHARE, _MARGIN_DEG = 0.1, 0.05
_FEW = 0.5
_COUNTY_DEG = 15.0


def zone_crs(zone: int) -> str | None:
    """Return the CGCS2000 Gauss-Krüger system with a zone number in front of x.

    Parameters
    ----------
    zone
        13 to 23 for 6-degree zones, 25 to 45 for 3-degree zones.

    Returns
    -------
    str or None
        Such as ``EPSG:4523`` for zone 35; None for a number that is no zone.
    """
    if 25 <= zone <= 45:
        return f"EPSG:{4513 + zone - 25}"
    if 13 <= zone <= 23:
        return f"EPSG:{4491 + zone - 13}"
    return None


def fitting_crs(points: ArrayLike, expected_wgs84: Sequence[float]) -> tuple[str, bool] | None:
    """Find the coordinate system in which points lie where they are expected.

    Parameters
    ----------
    points
        x and y, shape (n, 2).
    expected_wgs84
        West, south, east, north in degrees.

    Returns
    -------
    tuple or None
        EPSG code, and True where the axes must be exchanged as well. Tried are CGCS2000 in
        degrees, in 3- and 6-degree zones with and without zone number, UTM and web Mercator; the
        first that fits. Xian 1980 and Beijing 1954 cannot be told from CGCS2000 by magnitude.
    """
    xy = _finite(points)
    if not len(xy):
        return None
    box = _widened(expected_wgs84)
    for swapped in (False, True):
        there = xy[:, ::-1] if swapped else xy
        for candidate in _candidates(there, box):
            if _inside(_roughly_wgs84(there, parse_crs(candidate)), box).mean() > _FEW:
                return candidate, swapped
    return None


def diagnose(
    points: ArrayLike, crs: Any, expected_wgs84: Sequence[float] | None = None
) -> Notice | None:
    """Name the signature of coordinates that cannot be right, and the fix.

    Parameters
    ----------
    points
        x and y, shape (n, 2); or bounds as four numbers: west, south, east, north.
    crs
        What the coordinates are said to be in; None where nobody says.
    expected_wgs84
        The county's bounds in degrees: west, south, east, north. None checks against China.

    Returns
    -------
    Notice or None
        One of the codes ``points-at-zero``, ``crs-missing``, ``axes-swapped``,
        ``degrees-in-metric-crs``, ``metres-in-degree-crs``, ``zone-number-unexpected``,
        ``zone-number-missing``, ``other-crs``, ``outside-county``; None where nothing is wrong.

    Raises
    ------
    CrsError
        When the CRS is not known.
    """
    xy = _finite(points)
    zero = (xy == 0).all(axis=1)
    rest = xy[~zero]
    if not len(xy):
        return None
    if not len(rest):
        return _at_zero(len(xy), len(xy))
    box = _widened(expected_wgs84 or _CHINA)
    if crs is None:
        return _missing(rest, box)
    known = parse_crs(crs)
    outside = ~_inside(_roughly_wgs84(rest, known), box)
    if not outside.any():
        return _at_zero(int(zero.sum()), len(xy)) if zero.any() else None
    if outside.mean() > _FEW:
        found = _signature(rest, known, box)
        if found is not None:
            return found
    return Notice(
        "outside-county",
        N_(
            "{outside} of {count} points lie outside the county, the first at {example}; check "
            "their coordinates, or the coordinate system {crs}."
        ),
        {"outside": int(outside.sum()), "count": len(xy), "crs": known.name,
         "example": _spelled(rest[outside][0])},
    )  # fmt: skip


def _signature(xy: Floats, crs: pyproj.CRS, box: Floats) -> Notice | None:
    """Name what most points have in common."""
    values = {"crs": crs.name, "example": _spelled(xy[0])}
    fit = fitting_crs(xy, _narrowed(box))
    values["fix"] = fit[0] if fit else "?"
    degrees = bool((np.abs(xy) <= 180).all(axis=1).mean() > _FEW)
    if _inside(_roughly_wgs84(xy[:, ::-1], crs), box).mean() > _FEW:
        text = N_(
            "The axes are exchanged: {example} lies in the county only with x and y swapped. "
            "For a table say which column is which (--column x=… --column y=…); any other file "
            "must be saved anew with its axes in order."
        )
        return Notice("axes-swapped", text, {"example": values["example"]})
    if crs.is_projected and degrees:
        text = N_(
            "The coordinates are degrees (such as {example}), but {crs} is in metres; declare the "
            "layer as {fix} instead."
        )
        values["fix"] = fit[0] if fit else CGCS2000
        return Notice("degrees-in-metric-crs", text, values)
    if crs.is_geographic and not degrees:
        text = N_(
            "The coordinates are metres (such as {example}), but {crs} is in degrees; declare the "
            "layer as {fix} instead."
        )
        return Notice("metres-in-degree-crs", text, values)
    return _zone_signature(xy, crs, values, fit)


def _zone_signature(
    xy: Floats, crs: pyproj.CRS, values: dict[str, Any], fit: tuple[str, bool] | None
) -> Notice | None:
    zone = int(np.median(xy[:, 0]) // 1e6)
    prefixed = _false_easting(crs) > 1e6
    if not prefixed and zone_crs(zone) is not None:
        text = N_(
            "x begins with zone number {zone} (such as {example}), which {crs} does not expect; "
            "declare the layer as {fix} instead."
        )
        more = {"zone": zone, "fix": fit[0] if fit else zone_crs(zone)}
        return Notice("zone-number-unexpected", text, values | more)
    if prefixed and abs(np.median(xy[:, 0])) < 1e6:
        text = N_(
            "{crs} expects a zone number in front of x, but x has none (such as {example}); "
            "declare the layer as {fix} instead."
        )
        return Notice("zone-number-missing", text, values)
    if fit is not None:
        text = N_(
            "In {crs} the layer lies outside the county, but as {fix} it lies inside (such as "
            "{example}); declare it as {fix} instead."
        )
        return Notice("other-crs", text, values)
    return None


def _missing(xy: Floats, box: Floats) -> Notice:
    fit = fitting_crs(xy, _narrowed(box))
    values: dict[str, Any] = {"example": _spelled(xy[0])}
    if fit is None:
        text = N_(
            "No coordinate system is declared, and {example} fits none that is usual here; ask "
            "who made the file and give it with --crs."
        )
        return Notice("crs-missing", text, values)
    if fit[1]:
        text = N_(
            "No coordinate system is declared; {example} fits {fix} with x and y swapped. Confirm "
            "it with --crs {fix}, and swap the axes."
        )
    else:
        text = N_(
            "No coordinate system is declared; {example} fits {fix}. Confirm it with --crs {fix}."
        )
    return Notice("crs-missing", text, values | {"fix": fit[0], "swapped": fit[1]})


def _at_zero(zero: int, count: int) -> Notice:
    text = N_(
        "{zero} of {count} points lie at (0, 0): their coordinates are missing; fill them in."
    )
    return Notice("points-at-zero", text, {"zero": zero, "count": count})


def _finite(points: ArrayLike) -> Floats:
    """Return the usable points; four numbers are bounds and stand for their corners."""
    xy = np.asarray(points, dtype=float).reshape(-1, 2)
    usable: Floats = xy[np.isfinite(xy).all(axis=1)]
    return usable


def _widened(box: Sequence[float]) -> Floats:
    west, south, east, north = box
    margin_x = max((east - west) * _MARGIN_SHARE, _MARGIN_DEG)
    margin_y = max((north - south) * _MARGIN_SHARE, _MARGIN_DEG)
    return np.array([west - margin_x, south - margin_y, east + margin_x, north + margin_y])


def _narrowed(box: Floats) -> Sequence[float]:
    """Undo most of `_widened`, so that widening twice stays harmless."""
    west, south, east, north = (float(edge) for edge in box)
    x, y = (east - west) * _MARGIN_SHARE / 1.2, (north - south) * _MARGIN_SHARE / 1.2
    return west + x, south + y, east - x, north - y


def _inside(lonlat: Floats, box: Floats) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        inside = ((lonlat >= box[:2]) & (lonlat <= box[2:])).all(axis=1)
    return np.asarray(inside, dtype=bool)


def _roughly_wgs84(xy: Floats, crs: pyproj.CRS) -> Floats:
    """Carry points to degrees; a missing datum shift (some 100 m) matters not for a county box."""
    if crs.is_geographic:
        return xy
    return np.column_stack(carry(_ahead(crs.to_wkt()), xy[:, 0], xy[:, 1]))


@lru_cache(maxsize=64)
def _ahead(wkt: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(parse_crs(wkt), parse_crs(WGS84), always_xy=True)


def _false_easting(crs: pyproj.CRS) -> float:
    operation = crs.coordinate_operation
    values = {p.name: p.value for p in operation.params} if operation else {}
    return float(values.get("False easting", 0.0))


def _candidates(xy: Floats, box: Floats) -> Iterator[str]:
    """Yield coordinate systems worth trying, the most usual first."""
    if (np.abs(xy) <= 180).all(axis=1).mean() > _FEW:
        yield CGCS2000
        return
    prefixed = zone_crs(int(np.median(xy[:, 0]) // 1e6))
    if prefixed is not None:
        yield prefixed
    if box[2] - box[0] > _COUNTY_DEG:
        return  # nobody said where the county lies: without zone number every zone would fit
    first, last = (round(float(edge) / 3) for edge in (box[0], box[2]))
    for zone in range(max(first - 1, 25), min(last + 1, 45) + 1):
        yield f"EPSG:{4534 + zone - 25}"
    first, last = (int(float(edge) // 6) + 1 for edge in (box[0], box[2]))
    for zone in range(max(first - 1, 13), min(last + 1, 23) + 1):
        yield f"EPSG:{4502 + zone - 13}"
    for zone in range(max(first, 13), min(last, 23) + 1):
        yield f"EPSG:{32630 + zone}"
    yield "EPSG:3857"


def _spelled(point: Floats) -> str:
    return f"({point[0]:.10g}, {point[1]:.10g})"
