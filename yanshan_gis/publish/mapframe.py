"""The map's frame on paper: an exact scale, and the way from the ground to millimetres."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from yanshan_gis.crs import check_metric, parse_crs
from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.publish.words import datum_name, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from yanshan_gis.messages import Language

_LEADING = (1.0, 1.2, 1.25, 1.5, 1.6, 1.8, 2.0, 2.2, 2.5, 2.8, 3.0, 3.2, 3.5, 4.0, 4.5, 5.0,
            6.0, 7.5, 8.0)  # fmt: skip
_LEAST_EXTENT_M = 500.0  # a single point is shown with its surroundings


@dataclass(frozen=True)
class MapFrame:
    """A rectangle of paper that shows a rectangle of ground at an exact scale.

    Parameters
    ----------
    left, bottom, width, height
        On the sheet, in millimetres from its lower left corner.
    denominator
        N of the scale 1:N.
    x, y
        Ground coordinates of the frame's lower left corner, in metres.
    """

    left: float
    bottom: float
    width: float
    height: float
    denominator: int
    x: float
    y: float

    @property
    def ground(self) -> tuple[float, float, float, float]:
        """The ground shown, ``(x_min, y_min, x_max, y_max)`` in metres."""
        return (
            self.x,
            self.y,
            self.x + self.width * self.denominator / 1000,
            self.y + self.height * self.denominator / 1000,
        )

    def paper(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Carry ground coordinates to paper.

        Parameters
        ----------
        coordinates
            Metres, shape (n, 2).

        Returns
        -------
        numpy.ndarray
            Millimetres from the frame's lower left corner.
        """
        moved: NDArray[np.float64] = (
            (coordinates - np.array([self.x, self.y])) * 1000 / self.denominator
        )
        return moved

    def on_paper(self, geometry: Any) -> NDArray[np.object_]:
        """Carry geometries to paper.

        Parameters
        ----------
        geometry
            Array of shapely geometries in metres; missing ones stay missing.

        Returns
        -------
        numpy.ndarray
            Geometries in millimetres from the frame's lower left corner.
        """
        moved: NDArray[np.object_] = shapely.transform(
            np.asarray(geometry, dtype=object), self.paper
        )
        return moved


def scale_denominator(extent_m: tuple[float, float], room_mm: tuple[float, float]) -> int:
    """Choose the largest round scale at which an extent fits.

    Parameters
    ----------
    extent_m
        Width and height on the ground.
    room_mm
        Width and height on paper.

    Returns
    -------
    int
        N of 1:N: 1, 1.2, 1.25, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.2, 3.5, 4, 4.5, 5, 6, 7.5 or
        8 times a power of ten.
    """
    least = max(e * 1000 / r for e, r in zip(extent_m, room_mm, strict=True))
    power = 10.0 ** math.floor(math.log10(max(least, 100.0)))
    scales = [round(lead * p) for p in (power, power * 10) for lead in _LEADING]
    return next(scale for scale in scales if scale >= least)


def fit_frame(
    bounds: Sequence[float],
    crs: Any,
    *,
    left: float,
    bottom: float,
    width: float,
    height: float,
    margin: float = 5.0,
) -> MapFrame:
    """Lay a frame over an extent at the largest round scale, the extent in its middle.

    Parameters
    ----------
    bounds
        ``(x_min, y_min, x_max, y_max)`` in metres.
    crs
        What the bounds are in.
    left, bottom, width, height
        The frame on the sheet, in millimetres.
    margin
        Kept free on all sides, in millimetres.

    Returns
    -------
    MapFrame
        With an exact scale.

    Raises
    ------
    CrsError
        When the CRS is not in metres.
    DataError
        When the extent is empty.
    """
    check_metric(crs, "map")
    if not np.all(np.isfinite(bounds)):
        raise DataError(
            "map-empty",
            N_("There is nothing to show on the map; give a layer with features for its extent."),
        )
    x_min, y_min, x_max, y_max = (float(value) for value in bounds)
    room = (width - 2 * margin, height - 2 * margin)
    scale = scale_denominator(
        (max(x_max - x_min, _LEAST_EXTENT_M), max(y_max - y_min, _LEAST_EXTENT_M)), room
    )
    half_x, half_y = width * scale / 2000, height * scale / 2000
    x, y = (x_min + x_max) / 2 - half_x, (y_min + y_max) / 2 - half_y
    return MapFrame(left, bottom, width, height, scale, x, y)


def _meridian(crs: Any, language: Language) -> str:
    for parameter in crs.coordinate_operation.params if crs.coordinate_operation else ():
        if parameter.name == "Longitude of natural origin":
            side = "E" if parameter.value >= 0 else "W"
            return word("meridian", language, degrees=f"{abs(parameter.value):g}", side=side)
    return ""


def _projection(crs: Any, language: Language) -> str:
    if crs.utm_zone:
        return f"UTM {crs.utm_zone}"
    name = crs.name.casefold()
    if "gauss" in name:
        return word("gauss_kruger", language, width=3 if "3-degree" in name else 6)
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
    return word("transverse_mercator", language) if method == "Transverse Mercator" else method


def crs_note(crs: Any, language: Language) -> str:
    """Describe a coordinate system as a map's margin does.

    Parameters
    ----------
    crs
        A projected CRS.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        Datum, projection and central meridian, and the EPSG code where it has one.
    """
    parsed = parse_crs(crs)
    datum = parsed.geodetic_crs.datum if parsed.geodetic_crs else None
    parts = [word("crs", language, datum=datum_name(datum.name if datum else "", language))]
    comma = "，" if language == "zh" else ", "
    about = [text for text in (_projection(parsed, language), _meridian(parsed, language)) if text]
    parts.append(word("projection", language, projection=comma.join(about)))
    if code := parsed.to_epsg():
        parts.append(f"EPSG:{code}")
    return "　".join(parts) if language == "zh" else "; ".join(parts)
