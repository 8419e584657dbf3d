"""From a request to one table whose columns are mapped: what is imported, before it is judged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import cast

import pandas as pd

from yanshan_gis.catalogue import Catalogue
from yanshan_gis.content import Code, LayerDef
from yanshan_gis.datum import Datum
from yanshan_gis.errors import UnitError, UsageError
from yanshan_gis.ingest.cells import CodeList, unit_factor
from yanshan_gis.ingest.fields import FieldMapping, map_fields
from yanshan_gis.ingest.matching import Key
from yanshan_gis.ingest.merge import Mode
from yanshan_gis.ingest.osm import OsmLayer, osm_format, read_osm
from yanshan_gis.ingest.read import read_tables
from yanshan_gis.ingest.table import RawTable
from yanshan_gis.layer import Quality, Source
from yanshan_gis.messages import N_, Notice

POSITION = ("x", "y")  # what stands for the coordinates among the user's columns
_SHAPEFILE = (".cpg", ".dbf", ".prj", ".shp", ".shx")
_NAME_TAILS = ("名称", "名")


@dataclass(frozen=True)
class ImportRequest:
    """What is to be imported, and how.

    Parameters
    ----------
    layer
        Name, title or alias of the layer.
    path
        The file.
    table
        The sheet or layer inside it; None when there is only one that fits.
    crs
        Of the coordinates, where the file does not say or says it wrongly.
    datum
        ``gcj02`` or ``bd09`` when the coordinates come from a Chinese web map.
    encoding
        Of text, where the user knows better than the evidence.
    mode
        How the file meets the layer that is there.
    columns
        The user's own choice, field to column; ``x`` and ``y`` stand for the coordinates.
    values
        One value for all rows, field to value, such as ``{"level": "natural"}``.
    by
        Recognise features by this key alone.
    code_year
        The year whose official codes the file uses; None for those of today.
    accept_refused
        Go on without the rows that do not validate.
    as_of, licence
        What the source says of itself.
    attributes, position
        How attributes and positions came to be known.
    """

    layer: str
    path: Path
    table: str | None = None
    crs: str | None = None
    datum: Datum | None = None
    encoding: str | None = None
    mode: Mode = "replace"
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    by: Key | None = None
    code_year: int | None = None
    accept_refused: bool = False
    as_of: date | None = None
    licence: str = ""
    attributes: Quality = Quality.REPORTED
    position: Quality = Quality.REPORTED


def definition_of(request: ImportRequest, catalogue: Catalogue[LayerDef]) -> LayerDef:
    """Find the layer a request names.

    Parameters
    ----------
    request
        What is imported.
    catalogue
        Layer definitions.

    Returns
    -------
    LayerDef
        Of a vector layer or a table.

    Raises
    ------
    UsageError
        When there is no such layer, or it holds pixels.
    """
    definition = catalogue.find(request.layer)
    if definition.is_raster:
        raise UsageError(
            "layer-is-raster",
            N_("Layer {layer} holds pixels; {file} must be a raster file and is added as one."),
            layer=definition.name,
            file=request.path.name,
        )
    return definition


def read_request(request: ImportRequest, definition: LayerDef) -> RawTable:
    """Read the table a request means.

    Parameters
    ----------
    request
        What is imported.
    definition
        The layer; its columns choose among several tables.

    Returns
    -------
    RawTable
        Of a bureau file or an OpenStreetMap extract.

    Raises
    ------
    UsageError
        When it is not clear which table is meant.
    DataError
        When the file cannot be read.
    """
    if osm_format(request.path) is not None:
        return read_osm(request.path, what=cast("OsmLayer", definition.name))
    tables = read_tables(request.path, encoding=request.encoding, layer=request.table)
    return _choose(tables, definition, request)


def _choose(tables: list[RawTable], definition: LayerDef, request: ImportRequest) -> RawTable:
    """Take the only table, or the one whose columns clearly fit best."""
    if len(tables) == 1:
        return tables[0]

    def fit(raw: RawTable) -> float:
        try:
            return map_fields(raw.frame, definition).share
        except UsageError:  # several columns for one field: it may well be this table
            return 0.5

    scored = sorted(((fit(raw), -i) for i, raw in enumerate(tables)), reverse=True)
    if scored[0][0] > scored[1][0] and scored[0][0] > 0:
        return tables[-scored[0][1]]
    raise UsageError(
        "table-several",
        N_("{file} holds several tables: {tables}. Say which one is meant (--table NAME)."),
        file=request.path.name,
        tables=", ".join(raw.name for raw in tables),
    )


def map_request(
    raw: RawTable, definition: LayerDef, request: ImportRequest
) -> tuple[pd.DataFrame, FieldMapping, list[Notice]]:
    """Map the columns; values for all rows come in as columns named after their field.

    Parameters
    ----------
    raw
        The table.
    definition
        The layer.
    request
        The user's choice of columns and values.

    Returns
    -------
    tuple of pandas.DataFrame, FieldMapping and list of Notice
        The table with the values for all rows, where its columns go, and what was concluded.

    Raises
    ------
    UsageError
        When a field, column or value does not exist or is not clear.
    """
    for name, value in request.values.items():
        _check_value(name, value, definition)
    frame = pd.DataFrame(raw.frame).assign(**dict(request.values))
    given = {field: column for field, column in request.columns.items() if field not in POSITION}
    given |= {field: field for field in request.values}
    own_id = "id" if raw.own_ids else None
    mapping = map_fields(frame, definition, given, id_column=own_id)
    own_name = _own_name(mapping)
    if own_name:
        given |= own_name
        mapping = map_fields(frame, definition, given, id_column=own_id)
    implied, notices = _implied(mapping, (raw.name, request.path.stem))
    if implied:
        frame = frame.assign(**implied)
        given |= {field: field for field in implied}
        mapping = map_fields(frame, definition, given, id_column=own_id)
    mapping, more = _with_stated_units(mapping, raw)
    return frame, mapping, [*notices, *more]


def _with_stated_units(mapping: FieldMapping, raw: RawTable) -> tuple[FieldMapping, list[Notice]]:
    """Apply a unit stated for the whole sheet to number columns whose heading has none."""
    matches, notices = [], []
    for match in mapping.matches:
        field = mapping.definition.fields[match.field]
        if match.unit is None and field.unit and field.type in {"number", "integer"}:
            fitting = {unit: f for unit in raw.units if (f := _factor(unit, field.unit))}
            if len(fitting) == 1:
                [((unit, _), factor)] = fitting.items()
                match = replace(match, unit=unit, factor=factor)
                if factor != 1.0:
                    text = N_("Column {column!r} is taken in {unit}, as stated above the head.")
                    values = {"column": match.column, "unit": unit}
                    notices.append(Notice("unit-from-title", text, values))
        matches.append(match)
    return replace(mapping, matches=tuple(matches)), notices


def _factor(unit: tuple[str, float], target: str) -> float | None:
    try:
        return unit_factor(unit, target)
    except UnitError:
        return None


def _check_value(name: str, value: str, definition: LayerDef) -> None:
    if name not in definition.fields:
        raise UsageError(
            "field-unknown",
            N_("Layer {layer} has no field {field!r}; its fields: {known}."),
            layer=definition.name,
            field=name,
            known=", ".join(definition.fields),
        )
    codes = definition.fields[name].codes
    if codes and CodeList(codes).read(value).value is None:
        raise UsageError(
            "value-unknown",
            N_("{value!r} is no value of field {field}; known values: {known}."),
            value=value,
            field=name,
            known=", ".join(f"{code} ({title.zh})" for code, title in codes.items()),
        )


def _own_name(mapping: FieldMapping) -> dict[str, str]:
    """Take the only column of names for the rows' own.

    A list of committees has a column 村委会 and no other names: its rows are the committees, not
    villages that belong to one.
    """
    if "name" not in mapping.definition.fields or mapping.match_of("name") is not None:
        return {}
    for name, field_def in mapping.definition.fields.items():
        match = mapping.match_of(name)
        if field_def.layer == mapping.definition.name and match is not None:
            return {"name": match.column}
    return {}


def _implied(mapping: FieldMapping, names: tuple[str, ...]) -> tuple[dict[str, str], list[Notice]]:
    """Take a required code from the heading of the names (自然村名称), or the file's name."""
    named = mapping.match_of("name")
    found: dict[str, str] = {}
    notices: list[Notice] = []
    for name, definition in mapping.definition.fields.items():
        if not (definition.required and definition.codes) or mapping.match_of(name) is not None:
            continue
        heading = _without_tail(named.column) if named else ""
        code = CodeList(definition.codes).read(heading).value if heading else None
        if code is not None and named is not None:
            text = N_("Field {field} has no column; {value} was taken from heading {heading!r}.")
            values = {"field": name, "value": code, "heading": named.column}
            notices.append(Notice("value-from-heading", text, values))
        else:
            code = _code_in(definition.codes, names)
            if code is None:
                continue
            text = N_("Field {field} has no column; {value} was taken from the file's name.")
            notices.append(Notice("value-from-file-name", text, {"field": name, "value": code}))
        found[name] = code
    return found, notices


def _without_tail(heading: str) -> str:
    for tail in _NAME_TAILS:
        heading = heading.strip().removesuffix(tail)
    return heading


def _code_in(codes: Mapping[str, Code], names: tuple[str, ...]) -> str | None:
    """Find the one code a name speaks of (砚山县自然村点2025); None for none or several."""
    for name in names:
        spoken = {
            code
            for code, title in codes.items()
            if any(len(word) > 1 and word in name for word in (title.zh, *title.aliases))
        }
        if len(spoken) == 1:
            return spoken.pop()
    return None


def _parts_of(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file())
    if path.suffix.lower() == ".shp":
        return sorted(
            part for part in path.parent.glob(f"{path.stem}.*") if part.suffix.lower() in _SHAPEFILE
        )
    return [path]


def source_of(request: ImportRequest, raw: RawTable) -> Source:
    """Describe where the rows come from.

    Parameters
    ----------
    request
        What is imported; the date and licence it gives win.
    raw
        The table, and what it says of itself.

    Returns
    -------
    Source
        With the hash of the file; its id names file and hash.
    """
    digest, name = hash_file(request.path, raw.parts), request.path.name
    return Source(
        id=f"{request.path.stem}-{digest[:8]}",
        origin=name if raw.name in {"", request.path.stem} else f"{name}:{raw.name}",
        sha256=digest,
        as_of=request.as_of or raw.as_of,
        licence=request.licence or raw.licence,
        attributes=request.attributes,
        position=request.position,
    )


def hash_file(path: Path, parts: Sequence[Path] = ()) -> str:
    """Hash a file: of a shapefile, all its parts; of a database folder, all its files.

    Parameters
    ----------
    path
        The file or folder.
    parts
        The files it consists of, where that is known already.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    digest = hashlib.sha256()
    for part in parts or _parts_of(path):
        with part.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
