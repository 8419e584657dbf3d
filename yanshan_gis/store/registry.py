"""The workspace's own records inside ``layers.gpkg``: what is there and where it comes from.

Three attribute tables: ``yanshan_layers`` (one row per layer: rows, content hash, raster file),
``yanshan_sources`` (one row per source of a layer) and ``yanshan_names`` (official names and codes
of features, with the years they held). A raster exists for the workspace only once its row stands
in ``yanshan_layers``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from yanshan_gis.layer import Layer, NameRecord, Quality, Source
from yanshan_gis.store.geopackage import Draft, content_hash, read_rows

LAYERS, SOURCES, NAMES = "yanshan_layers", "yanshan_sources", "yanshan_names"
_SOURCE_COLUMNS = ["layer", "id", "origin", "sha256", "as_of", "licence", "attributes", "position"]
_NAME_COLUMNS = ["id", "name", "code", "kind", "valid_from", "valid_to", "note"]


@dataclass(frozen=True)
class LayerRecord:
    """What the registry says of one layer.

    Parameters
    ----------
    layer
        Name in the catalogue.
    rows
        Number of features; 0 for a raster.
    sha256
        Content hash: of the rows, or of the raster file.
    raster
        Path relative to the workspace; empty for a vector layer.
    """

    layer: str
    rows: int
    sha256: str
    raster: str = ""


def record_of(layer: Layer, root: Path, raster_sha256: str = "") -> LayerRecord:
    """Describe a layer for the registry.

    Parameters
    ----------
    layer
        About to be stored.
    root
        The workspace's folder.
    raster_sha256
        Hash of the raster file, for a raster layer.

    Returns
    -------
    LayerRecord
        Its row.
    """
    if layer.raster is not None:
        where = layer.raster.relative_to(root).as_posix()
        return LayerRecord(layer.name, 0, raster_sha256, where)
    return LayerRecord(layer.name, len(layer), content_hash(layer.frame))


def read_records(path: Path) -> dict[str, LayerRecord]:
    """Read which layers are there.

    Parameters
    ----------
    path
        ``layers.gpkg``.

    Returns
    -------
    dict
        Records by layer name, alphabetical.
    """
    return {row["layer"]: LayerRecord(**row) for row in read_rows(path, LAYERS)}


def read_sources(path: Path) -> dict[str, tuple[Source, ...]]:
    """Read where the layers come from.

    Parameters
    ----------
    path
        ``layers.gpkg``.

    Returns
    -------
    dict
        Sources by layer name.
    """
    found: dict[str, list[Source]] = {}
    for row in read_rows(path, SOURCES):
        name = row.pop("layer")
        found.setdefault(name, []).append(
            Source(
                id=row["id"],
                origin=row["origin"],
                sha256=row["sha256"] or "",
                as_of=date.fromisoformat(row["as_of"]) if row["as_of"] else None,
                licence=row["licence"] or "",
                attributes=Quality[row["attributes"].upper()],
                position=Quality[row["position"].upper()],
            )
        )
    return {name: tuple(sources) for name, sources in found.items()}


def read_names(path: Path) -> list[NameRecord]:
    """Read the name table.

    Parameters
    ----------
    path
        ``layers.gpkg``.

    Returns
    -------
    list of NameRecord
        In stored order.
    """
    return [
        NameRecord(**{key: value or "" for key, value in row.items()})
        for row in read_rows(path, NAMES)
    ]


def write_registry(
    draft: Draft,
    records: dict[str, LayerRecord],
    sources: dict[str, tuple[Source, ...]],
    names: Sequence[NameRecord],
) -> None:
    """Write all three tables, replacing what stood there.

    Parameters
    ----------
    draft
        The GeoPackage being written.
    records
        Layers by name.
    sources
        Sources by layer name.
    names
        The name table.
    """
    layer_rows = [asdict(records[name]) for name in sorted(records)]
    source_rows = [_source_row(name, s) for name in sorted(sources) for s in sources[name]]
    name_rows = [asdict(record) for record in names]
    draft.write(LAYERS, pd.DataFrame(layer_rows, columns=["layer", "rows", "sha256", "raster"]))
    draft.write(SOURCES, pd.DataFrame(source_rows, columns=_SOURCE_COLUMNS))
    draft.write(NAMES, pd.DataFrame(name_rows, columns=_NAME_COLUMNS))


def _source_row(layer: str, source: Source) -> dict[str, Any]:
    return {
        "layer": layer,
        "id": source.id,
        "origin": source.origin,
        "sha256": source.sha256,
        "as_of": source.as_of.isoformat() if source.as_of else None,
        "licence": source.licence,
        "attributes": source.attributes.label,
        "position": source.position.label,
    }
