"""The value that travels: features (or a raster) with their definition and provenance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanshan_gis.crs import check_metric
from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from yanshan_gis.content import LayerDef, Title


class Quality(IntEnum):
    """How something came to be known, the weakest last."""

    SURVEYED = 0
    REPORTED = 1
    DERIVED = 2
    MODELLED = 3

    @property
    def label(self) -> str:
        """Lower-case name, as stored."""
        return self.name.lower()


@dataclass(frozen=True)
class Source:
    """Where rows come from: one file, or one model run.

    Parameters
    ----------
    id
        What the rows' ``source_id`` holds.
    origin
        File name, bureau, or model with its seed.
    sha256
        Of the file's bytes; empty for modelled data.
    as_of
        The date the data speak for.
    licence
        Under which the data may be used.
    attributes, position
        How the attributes and the positions came to be known.
    """

    id: str
    origin: str
    sha256: str = ""
    as_of: date | None = None
    licence: str = ""
    attributes: Quality = Quality.REPORTED
    position: Quality = Quality.REPORTED

    @property
    def quality(self) -> Quality:
        """The weaker of the two aspects."""
        return max(self.attributes, self.position)


@dataclass(frozen=True)
class Layer:
    """Features of one kind.

    Parameters
    ----------
    definition
        What the catalogue says of the layer.
    frame
        One row per feature with ``id`` and ``source_id``; a GeoDataFrame in a projected CRS in
        metres, or without geometry for a layer of type Table. Never changed in place.
    sources
        One per ``source_id``.
    raster
        The file with the pixels, for a raster layer (the frame is then empty).
    """

    definition: LayerDef
    frame: gpd.GeoDataFrame
    sources: tuple[Source, ...] = ()
    raster: Path | None = None

    @property
    def name(self) -> str:
        """The layer's name in the catalogue."""
        return self.definition.name

    @property
    def title(self) -> Title:
        """The layer's title."""
        return self.definition.title

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def crs(self) -> Any:
        """The CRS of the features."""
        return getattr(self.frame, "crs", None)

    @cached_property
    def quality(self) -> Quality:
        """The weakest quality of any source that rows rest on."""
        used = set(self.frame["source_id"]) if "source_id" in self.frame else set()
        found = [s.quality for s in self.sources if s.id in used or self.raster is not None]
        return max(found, default=Quality.SURVEYED)

    @property
    def modelled(self) -> bool:
        """True when any row rests on modelled data."""
        return self.quality is Quality.MODELLED

    def where(self, **conditions: object) -> Layer:
        """Keep the rows whose fields have the given values.

        Parameters
        ----------
        **conditions
            Field name and value, or several allowed values.

        Returns
        -------
        Layer
            With fewer rows.

        Raises
        ------
        DataError
            When a field does not exist.
        """
        frame = self.frame
        for name, wanted in conditions.items():
            if name not in frame:
                raise DataError(
                    "field-missing",
                    N_("Layer {layer} has no field {field!r}."),
                    layer=self.name,
                    field=name,
                )
            several = isinstance(wanted, Sequence) and not isinstance(wanted, str)
            values = list(wanted) if several else [wanted]  # type: ignore[call-overload]
            frame = frame[frame[name].isin(values)]
        return replace(self, frame=frame)

    def has(self, field_name: str) -> bool:
        """Tell whether a field exists and holds at least one value.

        Parameters
        ----------
        field_name
            The field.

        Returns
        -------
        bool
            False for a field that is absent or empty throughout.
        """
        return field_name in self.frame and bool(self.frame[field_name].notna().any())

    def check_metric(self) -> None:
        """Refuse to measure in degrees.

        Raises
        ------
        CrsError
            When the features are not in a projected CRS in metres.
        """
        check_metric(self.crs, self.name)


@dataclass(frozen=True)
class NameRecord:
    """An official name or code that a feature has, or had.

    Parameters
    ----------
    id
        The feature's permanent id.
    name, code
        As in the official register of the time.
    kind
        ``official``, ``former``, ``alias`` or ``variant``.
    valid_from, valid_to
        The years or dates between which it held, open where unknown.
    """

    id: str
    name: str
    code: str = ""
    kind: str = "official"
    valid_from: str = ""
    valid_to: str = ""
    note: str = field(default="")
