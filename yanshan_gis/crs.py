"""Coordinate systems: which one a county works in, and how coordinates cross between them.

A workspace has one working CRS, by default the CGCS2000 3-degree Gauss-Krüger zone (without the
zone number in x) whose central meridian is nearest to the county. Axis order is always x before
y, whatever the authority says; a transformation that PROJ could do only by ignoring the datum
shift (Beijing 1954, Xian 1980) is refused.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from yanshan_gis.errors import CrsError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    import numpy as np
    import pyproj
    from numpy.typing import ArrayLike, NDArray

CGCS2000 = "EPSG:4490"
WGS84 = "EPSG:4326"
# WGS 84 and CGCS2000 agree within centimetres; PROJ knows no operation between them but a null one.
_SAME_DATUM = frozenset({"World Geodetic System 1984", "World Geodetic System 1984 ensemble",
                         "China 2000"})  # fmt: skip
# The shifts PROJ knows for these hold for an oil field or a sea; those for a county are secret.
_SECRET_SHIFT = frozenset({"Beijing 1954", "New Beijing", "Xian 1980"})


def parse_crs(text: Any) -> pyproj.CRS:
    """Read a coordinate system as users write it.

    Parameters
    ----------
    text
        ``EPSG:4544``, ``4544``, WKT, PROJ string or a `pyproj.CRS`.

    Returns
    -------
    pyproj.CRS
        The coordinate system.

    Raises
    ------
    CrsError
        When it is not known.
    """
    import pyproj

    try:
        return pyproj.CRS.from_user_input(int(text) if str(text).isdigit() else text)
    except (pyproj.exceptions.CRSError, TypeError) as error:
        raise CrsError(
            "crs-unknown",
            N_("Coordinate system {crs!r} is not known; write it as EPSG:4490 or EPSG:4544."),
            crs=str(text)[:80],
        ) from error


def gauss_kruger_3(lon: float) -> str:
    """Return the CGCS2000 3-degree Gauss-Krüger zone that holds a longitude.

    Parameters
    ----------
    lon
        Degrees east, 73.5 to 136.5.

    Returns
    -------
    str
        An EPSG code between ``EPSG:4534`` (central meridian 75° E) and ``EPSG:4554`` (135° E),
        without zone number in x.

    Raises
    ------
    CrsError
        When the longitude lies outside China's zones.
    """
    zone = math.floor(lon / 3 + 0.5)  # not round(), which takes halves to the even zone
    if not 25 <= zone <= 45:
        raise CrsError(
            "crs-no-zone",
            N_("Longitude {lon:.2f}° lies outside China's 3-degree zones; set crs in county.toml."),
            lon=lon,
        )
    return f"EPSG:{4534 + zone - 25}"


def working_crs(lon: float, lat: float) -> str:
    """Choose a metric CRS for a place: Gauss-Krüger inside China, else UTM.

    Parameters
    ----------
    lon, lat
        Degrees, the middle of the county.

    Returns
    -------
    str
        An EPSG code.
    """
    if 73.5 <= lon < 136.5 and 3 <= lat <= 54:
        return gauss_kruger_3(lon)
    zone = int((lon + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def is_metric(crs: Any) -> bool:
    """Tell whether lengths may be measured in a CRS.

    Parameters
    ----------
    crs
        Anything `parse_crs` reads.

    Returns
    -------
    bool
        True for a projected CRS in metres.
    """
    parsed = parse_crs(crs)
    return parsed.is_projected and parsed.axis_info[0].unit_name in {"metre", "meter"}


def check_metric(crs: Any, what: str) -> None:
    """Refuse to measure in degrees.

    Parameters
    ----------
    crs
        The CRS in which something is about to be measured.
    what
        What is measured, for the message.

    Raises
    ------
    CrsError
        When the CRS is missing or not in metres.
    """
    if crs is None or not is_metric(crs):
        raise CrsError(
            "crs-not-metric",
            N_("{what} cannot be measured in {crs}; a projected CRS in metres is needed."),
            what=what,
            crs="no CRS" if crs is None else parse_crs(crs).name,
        )


def _datum_name(crs: pyproj.CRS) -> str:
    return crs.geodetic_crs.datum.name if crs.geodetic_crs and crs.geodetic_crs.datum else ""


def _same_datum(source: pyproj.CRS, target: pyproj.CRS) -> bool:
    names = {_datum_name(source), _datum_name(target)}
    return len(names) == 1 or names <= _SAME_DATUM


def _needs_secret_shift(source: pyproj.CRS, target: pyproj.CRS) -> bool:
    """Tell whether only a bureau can supply the shift; a bound CRS brings its own parameters."""
    names = {_datum_name(crs) for crs in (source, target)}
    own = source.is_bound or target.is_bound
    return len(names) > 1 and bool(names & _SECRET_SHIFT) and not own


def _no_shift(source: pyproj.CRS, target: pyproj.CRS) -> CrsError:
    return CrsError(
        "crs-no-shift",
        N_(
            "No datum shift from {source} to {target} is known here; have the data converted "
            "by the bureau that holds the parameters, or give a CRS on CGCS2000."
        ),
        source=source.name,
        target=target.name,
    )


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    import pyproj

    source_crs, target_crs = parse_crs(source), parse_crs(target)
    if _needs_secret_shift(source_crs, target_crs):
        raise _no_shift(source_crs, target_crs)
    ballpark = _same_datum(source_crs, target_crs)
    try:
        return pyproj.Transformer.from_crs(
            source_crs, target_crs, always_xy=True, allow_ballpark=ballpark
        )
    except pyproj.exceptions.ProjError as error:
        raise _no_shift(source_crs, target_crs) from error


def transform(
    x: ArrayLike, y: ArrayLike, source: Any, target: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Carry coordinates from one CRS to another, x before y on both sides.

    Parameters
    ----------
    x, y
        Coordinates in the source CRS; for degrees, longitude and latitude.
    source, target
        Anything `parse_crs` reads.

    Returns
    -------
    tuple of numpy.ndarray
        x and y in the target CRS.

    Raises
    ------
    CrsError
        When the datum shift is not known.
    """
    return carry(_transformer(parse_crs(source).to_wkt(), parse_crs(target).to_wkt()), x, y)


def carry(
    ahead: pyproj.Transformer, x: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Run coordinates through a transformer, one point as well as many.

    Parameters
    ----------
    ahead
        The transformer.
    x, y
        Coordinates in its source CRS.

    Returns
    -------
    tuple of numpy.ndarray
        x and y in its target CRS.
    """
    import numpy as np

    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if xs.size == 1 == ys.size:  # pyproj takes an array of one for a number, and numpy objects
        one = ahead.transform(xs.item(), ys.item())
        return np.full(xs.shape, one[0]), np.full(ys.shape, one[1])
    xs, ys = ahead.transform(xs, ys)
    return np.asarray(xs), np.asarray(ys)


def reproject(geometry: Any, source: Any, target: Any) -> Any:
    """Carry an array of geometries from one CRS to another.

    Parameters
    ----------
    geometry
        Array of shapely geometries; missing ones stay missing.
    source, target
        Anything `parse_crs` reads.

    Returns
    -------
    numpy.ndarray
        Geometries in the target CRS.

    Raises
    ------
    CrsError
        When the datum shift is not known.
    """
    import numpy as np
    import shapely

    if parse_crs(source) == parse_crs(target):
        return np.asarray(geometry, dtype=object)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transform(points[:, 0], points[:, 1], source, target))

    return shapely.transform(np.asarray(geometry, dtype=object), move)
