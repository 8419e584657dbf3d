"""GCJ-02 and BD-09, the displaced coordinates of Chinese web maps, to WGS 84 and back.

Amap and Tencent publish GCJ-02, Baidu publishes BD-09; neither has an EPSG code. GCJ-02 adds to
WGS 84 a smooth displacement of some 100 to 700 m, zero outside a box around China. With
``x = lon - 105`` and ``y = lat - 35`` in degrees, the displacement before scaling is::

    u = 300 + x + 2y + 0.1x² + 0.1xy + 0.1√|x| + ⅔(20 sin 6πx + 20 sin 2πx)
        + ⅔(20 sin πx + 40 sin πx/3) + ⅔(150 sin πx/12 + 300 sin πx/30)
    v = -100 + 2x + 3y + 0.2y² + 0.1xy + 0.2√|x| + ⅔(20 sin 6πx + 20 sin 2πx)
        + ⅔(20 sin πy + 40 sin πy/3) + ⅔(160 sin πy/12 + 320 sin πy/30)

in metres east (u) and north (v), divided by the lengths of one degree on the Krasovsky 1940
ellipsoid (a = 6 378 245 m, e² = 0.006 693 421 622 965 943 23). BD-09 then takes GCJ-02 into polar
form around the origin of degrees, adds ``2e-5 sin(3000π/180 lat)`` to the radius and
``3e-6 cos(3000π/180 lon)`` to the angle, and shifts by (0.0065°, 0.006°). These are the formulas
in public use; no official text exists. The inverse is a fixed-point iteration: the displacement
changes by less than one part in a hundred over its own length, so a few rounds reach the last
bits of a double (1e-9 m; 1e-6 m within a tenth of a metre of the meridian 105° E, where the root
of ``|x|`` has no derivative). CGCS2000 stands for WGS 84 here: they agree within centimetres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Datum = Literal["gcj02", "bd09"]
DATUMS: tuple[Datum, ...] = ("gcj02", "bd09")
CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north in degrees; outside it all three systems coincide."""

_A = 6_378_245.0
_E2 = 0.006_693_421_622_965_943_23
_BD_TURNS = np.pi * 3000.0 / 180.0
_BD_SHIFT = (0.0065, 0.006)
# A step this small leaves an error a hundred times smaller, which is the last bit of a double.
_ROUNDS, _STEP_DEG = 40, 1e-12
_METRES_PER_DEGREE = 111_320.0
# When a layer is compared with a trusted one: how many points, how near they must come.
_FEWEST, _NEAR_M, _FAR_M, _GAIN, _SAMPLE, _REFERENCE = 5, 150.0, 1500.0, 3.0, 1000, 20_000
_LEAST_M = 100.0  # the displacement is some hundred metres everywhere in China


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Turn displaced coordinates into WGS 84.

    Parameters
    ----------
    lon, lat
        Degrees in the displaced system, any shape; NaN stays NaN.
    datum
        ``gcj02`` (Amap, Tencent) or ``bd09`` (Baidu).

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in WGS 84, degrees. Points outside `CHINA_BOX` are unchanged.

    Raises
    ------
    UsageError
        When the datum is not one of the two.
    """
    return _inverse(_displacement(datum), lon, lat)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Turn WGS 84 coordinates into displaced ones.

    Parameters
    ----------
    lon, lat
        Degrees in WGS 84, any shape; NaN stays NaN.
    datum
        ``gcj02`` (Amap, Tencent) or ``bd09`` (Baidu).

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in the displaced system, degrees. Points outside `CHINA_BOX` are
        unchanged.

    Raises
    ------
    UsageError
        When the datum is not one of the two.
    """
    displacement = _displacement(datum)
    x, y = _pair(lon, lat)
    dx, dy = displacement(x, y)
    inside = _in_china(x, y)
    return np.where(inside, x + dx, x), np.where(inside, y + dy, y)


def suspect_gcj02(
    lon: ArrayLike, lat: ArrayLike, reference_lon: ArrayLike, reference_lat: ArrayLike
) -> Notice | None:
    """Suspect displaced coordinates in a layer by comparing it with a trusted one.

    The layers need not have the same features: each point is measured to the nearest reference
    point, once as it is and once with the displacement of GCJ-02 or BD-09 taken away. Points that
    come at least three times nearer, and near at all (150 m), were displaced.

    Parameters
    ----------
    lon, lat
        The layer's points or vertices, degrees.
    reference_lon, reference_lat
        Points or vertices of a layer known to be in WGS 84 or CGCS2000, degrees.

    Returns
    -------
    Notice or None
        Code ``datum-suspected`` with the datum and the median distances in metres; None when
        there is no ground for suspicion, or fewer than five points to judge by.
    """
    x, y = _finite(lon, lat, _SAMPLE)
    reference = _finite(reference_lon, reference_lat, _REFERENCE)
    if len(x) < _FEWEST or not len(reference[0]):
        return None
    before = _median_distance_m(x, y, *reference)
    after = {name: _median_distance_m(*to_wgs84(x, y, name), *reference) for name in DATUMS}
    return _suspected(before, after, len(x))


def suspect_pairs(
    lon: ArrayLike, lat: ArrayLike, reference_lon: ArrayLike, reference_lat: ArrayLike
) -> Notice | None:
    """Suspect displaced coordinates by points that each have a trusted partner nearby.

    The points must stand off their partners by much the same vector (within 150 m of the median
    vector, as a median), and by a third of that at most once the displacement is taken away.

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,).
    reference_lon, reference_lat
        The partners, degrees in WGS 84 or CGCS2000, shape (n,); pairs with NaN do not count.

    Returns
    -------
    Notice or None
        As `suspect_gcj02`.
    """
    four = np.column_stack([*_pair(lon, lat), *_pair(reference_lon, reference_lat)])
    x, y, to_x, to_y = four[np.isfinite(four).all(axis=1)].T
    if len(x) < _FEWEST:
        return None
    east, north = _apart_m(x, y, to_x, to_y)
    scatter = np.hypot(east - np.median(east), north - np.median(north))
    if np.median(scatter) > _NEAR_M:
        return None
    after = {
        name: float(np.median(np.hypot(*_apart_m(*to_wgs84(x, y, name), to_x, to_y))))
        for name in DATUMS
    }
    return _suspected(float(np.median(np.hypot(east, north))), after, len(x))


def _apart_m(x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> tuple[Floats, Floats]:
    """Return how far points stand east and north of others, in metres."""
    shrink = np.cos(np.radians(to_y))
    return (x - to_x) * shrink * _METRES_PER_DEGREE, (y - to_y) * _METRES_PER_DEGREE


def _suspected(before: float, after: Mapping[Datum, float], points: int) -> Notice | None:
    best = min(DATUMS, key=lambda name: after[name])
    if after[best] > min(_NEAR_M, before / _GAIN) or not _LEAST_M < before <= _FAR_M:
        return None
    return Notice(
        "datum-suspected",
        N_(
            "The coordinates seem to be {datum}, not WGS 84 or CGCS2000: they lie {before_m} m "
            "from the trusted layer, and {after_m} m once the {datum} displacement is removed "
            "(medians over {points} points); import them with datum {datum}."
        ),
        {
            "datum": best,
            "before_m": round(before),
            "after_m": round(after[best]),
            "points": points,
        },
    )


def _displacement(datum: str) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    if datum == "gcj02":
        return _gcj02_displacement
    if datum == "bd09":
        return _bd09_displacement
    raise UsageError(
        "datum-unknown",
        N_("Datum {datum!r} is not known; write gcj02 (Amap, Tencent) or bd09 (Baidu)."),
        datum=datum,
    )


def _pair(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    return x, y


def _in_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    west, south, east, north = CHINA_BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _gcj02_displacement(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return what GCJ-02 adds to WGS 84, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    waves_x = 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)
    waves_x += 150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)
    waves_y = 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)
    waves_y += 160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (ripple + waves_x) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m = north_m + (ripple + waves_y) * 2 / 3
    phi = np.radians(lat)
    magic = 1 - _E2 * np.sin(phi) ** 2
    meridian_m = np.radians(_A * (1 - _E2) / magic**1.5)
    parallel_m = np.radians(_A / np.sqrt(magic) * np.cos(phi))
    return east_m / parallel_m, north_m / meridian_m


def _bd09_displacement(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return what BD-09 adds to WGS 84, in degrees: GCJ-02's displacement and its own."""
    dx, dy = _gcj02_displacement(lon, lat)
    x, y = lon + dx, lat + dy
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_TURNS)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_TURNS)
    return (
        radius * np.cos(angle) + _BD_SHIFT[0] - lon,
        radius * np.sin(angle) + _BD_SHIFT[1] - lat,
    )


def _inverse(
    displacement: Callable[[Floats, Floats], tuple[Floats, Floats]], lon: ArrayLike, lat: ArrayLike
) -> tuple[Floats, Floats]:
    """Solve ``w + displacement(w) = given`` by fixed-point iteration."""
    given_x, given_y = _pair(lon, lat)
    inside = _in_china(given_x, given_y)
    goal_x, goal_y = given_x[inside], given_y[inside]
    x, y = goal_x.copy(), goal_y.copy()
    moving = np.arange(x.size)
    for _ in range(_ROUNDS):
        dx, dy = displacement(x[moving], y[moving])
        new_x, new_y = goal_x[moving] - dx, goal_y[moving] - dy
        step = np.maximum(np.abs(new_x - x[moving]), np.abs(new_y - y[moving]))
        x[moving], y[moving] = new_x, new_y
        moving = moving[step > _STEP_DEG]
        if not moving.size:
            break
    found_x, found_y = given_x.copy(), given_y.copy()
    found_x[inside], found_y[inside] = x, y
    return found_x, found_y


def _finite(lon: ArrayLike, lat: ArrayLike, most: int) -> tuple[Floats, Floats]:
    """Take the usable points, evenly thinned to at most `most`."""
    x, y = (part.ravel() for part in _pair(lon, lat))
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    usable = usable[:: max(1, -(-len(usable) // most))]
    return x[usable], y[usable]


def _median_distance_m(x: Floats, y: Floats, reference_x: Floats, reference_y: Floats) -> float:
    """Return the median distance from points to their nearest reference point, in metres."""
    shrink = np.cos(np.radians(np.median(reference_y)))
    nearest = np.empty(len(x))
    for start in range(0, len(x), 100):  # in portions, to bound the memory
        part = slice(start, start + 100)
        east = (x[part, None] - reference_x[None, :]) * shrink
        north = y[part, None] - reference_y[None, :]
        nearest[part] = np.sqrt((east * east + north * north).min(axis=1))
    return float(np.median(nearest) * _METRES_PER_DEGREE)
