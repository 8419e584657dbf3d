"""Where the county's places are, each with how well that is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import shapely

from yanshan_gis.ingest.linking import townships_of
from yanshan_gis.ingest.merge import name_both
from yanshan_gis.layer import Quality, Source

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

_KNOWN = {
    "surveyed": Quality.SURVEYED,
    "reported": Quality.REPORTED,
    "modelled": Quality.MODELLED,
}
_MARK = "⇒"  # between the source of a row and the source of its position


@dataclass(frozen=True)
class Spot:
    """The position of a place.

    Parameters
    ----------
    point
        In the working CRS.
    source
        Of the place, its position as good as it is known for this place.
    """

    point: shapely.Point
    source: Source

    @property
    def modelled(self) -> bool:
        """True when the position comes from a model."""
        return self.source.position is Quality.MODELLED


class Spots:
    """Positions of villages and townships.

    Parameters
    ----------
    villages, townships, seats
        The layers, in one CRS; None for one that is not there.
    """

    def __init__(
        self, villages: Layer | None, townships: Layer | None, seats: Layer | None
    ) -> None:
        self._places = _spots_of(villages)
        self._seats: dict[str, Spot] = {}
        for layer in (seats, townships):
            spots, names = _spots_of(layer), townships_of(layer)
            for feature, name in names.items():
                if feature in spots:
                    self._seats.setdefault(name, spots[feature])
        layers = [layer for layer in (villages, townships, seats) if layer is not None]
        self.crs = next((layer.crs for layer in layers if layer.crs is not None), None)

    def of(self, feature: str) -> Spot | None:
        """Tell where a village is.

        Parameters
        ----------
        feature
            Its id.

        Returns
        -------
        Spot or None
            None for one without position.
        """
        return self._places.get(feature)

    def seat(self, township: str) -> Spot | None:
        """Tell where a township's seat is.

        Parameters
        ----------
        township
            Canonical name.

        Returns
        -------
        Spot or None
            Without a seat, a point inside the township's outline; None where there is neither.
        """
        return self._seats.get(township)


def _spots_of(layer: Layer | None) -> dict[str, Spot]:
    if layer is None or "geometry" not in layer.frame:
        return {}
    sources = {source.id: source for source in layer.sources}
    frame = layer.frame
    said = frame["position_quality"] if "position_quality" in frame else [None] * len(frame)
    found: dict[str, Spot] = {}
    rows = zip(frame["id"], frame["source_id"], said, frame.geometry, strict=True)
    for feature, source_id, code, shape in rows:
        if shape is None or shape.is_empty or code == "unlocated":
            continue
        source = sources.get(source_id, Source(str(source_id), layer.name))
        position = max(source.position, _quality(code))
        point = shape if shape.geom_type == "Point" else shape.representative_point()
        found[feature] = Spot(point, replace(source, position=position))
    return found


def _quality(code: Any) -> Quality:
    if not isinstance(code, str) or not code:
        return Quality.SURVEYED  # nothing said of this row: the source alone tells
    return _KNOWN.get(code, Quality.DERIVED)  # at its township's seat, say


def base_source(source_id: str) -> str:
    """Return the id of the source that a row had before it was placed.

    Parameters
    ----------
    source_id
        Of a row.

    Returns
    -------
    str
        The same id for a row that was not placed by name.
    """
    return source_id.split(_MARK)[0]


def placed_source(row: Source, spot: Spot) -> Source:
    """Describe a row that was put at a place.

    Parameters
    ----------
    row
        Where the row comes from.
    spot
        Where it was put.

    Returns
    -------
    Source
        Both origins and licences; the position is derived at best, since the place stands for the
        project, and modelled where the place's is.
    """
    position = max(Quality.DERIVED, spot.source.position)
    return replace(
        row,
        id=f"{row.id}{_MARK}{spot.source.id}-{position.label}",
        origin=name_both(row.origin, spot.source.origin),
        licence=name_both(row.licence, spot.source.licence),
        position=position,
    )
