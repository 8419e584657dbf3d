"""The door: any bureau file becomes raw tables, with the evidence of how it was read.

What a file is, its content says before its name does: an ``.xls`` may hold HTML or text, an
``.xlsx`` may be a password-protected container. No meaning is given to columns here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.ingest.archive import opened_archive
from yanshan_gis.ingest.damage import damaged, empty, encrypted
from yanshan_gis.ingest.delimited import read_delimited
from yanshan_gis.ingest.encoding import check_encoding, decode_text
from yanshan_gis.ingest.heads import tabulate
from yanshan_gis.ingest.kml import read_kml
from yanshan_gis.ingest.salvage import salvage
from yanshan_gis.ingest.shapefile import read_attributes, read_shapefile
from yanshan_gis.ingest.spreadsheet import Sheet, read_xls, read_xlsx
from yanshan_gis.ingest.table import RawTable, RefusedRow
from yanshan_gis.ingest.vector import READ_ERRORS, list_layers, read_layer
from yanshan_gis.messages import N_, Notice

__all__ = ["RawTable", "RefusedRow", "formats", "is_readable", "read_tables"]

Reader = Callable[[Path, "str | None", "str | None"], list[RawTable]]

_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_SAVE_XLSX = N_("{file}: {format} files are not read; save it as .xlsx and import that.")
_UNREAD = {
    ".mdb": N_(
        "{file}: Access databases (.mdb, .accdb) are not read; export its layers to a "
        "GeoPackage or shapefile in ArcGIS or QGIS and import that."
    ),
    ".dwg": N_("{file}: {format} drawings are not read; save it as DXF (R2000 or later)."),
    ".rar": N_("{file}: {format} archives are not read; unpack it and import the folder."),
    ".ovobj": N_("{file}: {format} files are not read; export it as ovkml or kml from 奥维."),
    ".et": _SAVE_XLSX,
    ".ods": _SAVE_XLSX,
    ".doc": N_("{file}: {format} documents are not read; copy its table to Excel and import that."),
}  # fmt: skip
_UNREAD_LIKE = {".accdb": ".mdb", ".7z": ".rar", ".ovobjx": ".ovobj", ".docx": ".doc",
                ".pdf": ".doc", ".wps": ".doc"}  # fmt: skip


def formats() -> tuple[str, ...]:
    """List the suffixes of files that can be read.

    Returns
    -------
    tuple of str
        Lower-case, with the dot, in alphabetical order.
    """
    return tuple(sorted(_READERS))


def is_readable(path: Path) -> bool:
    """Tell, for the scan of a folder, whether a path is a file to be read on its own.

    Parameters
    ----------
    path
        A file or folder. Companions of shapefiles, lock files of Excel and hidden files are not
        read on their own; a ``.json`` counts only if it reads as GeoJSON.

    Returns
    -------
    bool
        True when `read_tables` would try it.
    """
    suffix = path.suffix.lower()
    if path.name.startswith((".", "~$")) or suffix not in _READERS:
        return False
    if suffix == ".gdb" or path.is_dir():
        return suffix == ".gdb" and path.is_dir()
    if suffix == ".dbf":
        return not any(path.with_suffix(end).exists() for end in (".shp", ".SHP", ".Shp"))
    return suffix != ".json" or _looks_like_geojson(path)


def read_tables(
    path: Path | str, *, encoding: str | None = None, layer: str | None = None
) -> list[RawTable]:
    """Read a file into raw tables, one per layer or sheet with rows.

    Parameters
    ----------
    path
        A file, or a ``.gdb`` folder.
    encoding
        Of its text, where the user knows better than the evidence.
    layer
        Only the layer or sheet of this name; hidden sheets are read only when named.

    Returns
    -------
    list of RawTable
        In file order; never empty.

    Raises
    ------
    UsageError
        When the path, the layer or the encoding does not exist.
    DataError
        When the file is empty, damaged, protected, or of a kind that is not read.
    """
    path = Path(path)
    suffix = _check_path(path)
    if encoding is not None:
        encoding = check_encoding(encoding)
    try:
        tables = _READERS[suffix](path, encoding, layer)
    except PermissionError as error:
        raise DataError(
            "file-unreadable",
            N_("{file} cannot be opened ({reason}); is it open in another program?"),
            file=path.name,
            reason=error.strerror,
        ) from error
    return _selected(path, tables, layer)


def _check_path(path: Path) -> str:
    suffix = path.suffix.lower()
    if not path.exists():
        raise UsageError(
            "file-missing", N_("{file} does not exist; check the path."), file=str(path)
        )
    if path.is_dir() and suffix != ".gdb":
        raise UsageError(
            "folder-not-file",
            N_("{file} is a folder, no file; import the folder, or name a file in it."),
            file=str(path),
        )
    unread = _UNREAD.get(_UNREAD_LIKE.get(suffix, suffix))
    if unread is not None:
        raise DataError("format-not-read", unread, file=path.name, format=suffix)
    if suffix not in _READERS:
        raise UsageError(
            "format-unknown",
            N_("{file}: files of type {format} are not known; readable are {known}."),
            file=path.name,
            format=suffix or "?",
            known=" ".join(formats()),
        )
    if path.is_file() and path.stat().st_size == 0:
        raise empty(path)
    return suffix


def _selected(path: Path, tables: list[RawTable], layer: str | None) -> list[RawTable]:
    """Take the named layer, or every table with rows or refused rows."""
    if layer is not None:
        found = [table for table in tables if table.name == layer]
        if not found:
            raise _layer_unknown(path, layer, [table.name for table in tables])
        return found
    full = [table for table in tables if len(table.frame) or table.refused]
    if not full:
        raise empty(path)
    names = ", ".join(table.name for table in tables if table not in full)
    if names:
        text = N_("Layers {layers} of {file} are empty.")
        notice = Notice("layer-empty", text, {"layers": names, "file": path.name})
        full[0] = replace(full[0], notices=(*full[0].notices, notice))
    return full


def _layer_unknown(path: Path, layer: str, names: list[str]) -> UsageError:
    return UsageError(
        "layer-unknown",
        N_("{file} has no layer or sheet {layer!r}; it has {known}."),
        file=path.name,
        layer=layer,
        known=", ".join(names),
    )


def _shapefile(path: Path, encoding: str | None, layer: str | None) -> list[RawTable]:
    del layer
    return [read_shapefile(path, encoding=encoding)]


def _dbf(path: Path, encoding: str | None, layer: str | None) -> list[RawTable]:
    del layer
    return [read_attributes(path, encoding=encoding)]


def _vector(path: Path, encoding: str | None, layer: str | None) -> list[RawTable]:
    del encoding
    try:
        names = list_layers(path)
        if layer is not None and layer not in names:
            raise _layer_unknown(path, layer, names)
        return [read_layer(path, name) for name in names if layer in {None, name}]
    except READ_ERRORS as error:
        return salvage(path, error)


def _geojson(path: Path, encoding: str | None, layer: str | None) -> list[RawTable]:
    """Read GeoJSON; text that is not UTF-8, as the format wants it, is converted first."""
    data = path.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text, codec, notices = decode_text(data, path.name, encoding)
        with tempfile.TemporaryDirectory(prefix="yanshan-") as folder:
            copy = Path(folder) / path.name
            copy.write_text(text, encoding="utf-8")
            tables = _vector(copy, None, layer)
        return [
            replace(table, path=path, encoding=codec, notices=(*notices, *table.notices))
            for table in tables
        ]
    return _vector(path, None, layer)


def _kml(path: Path, encoding: str | None, layer: str | None) -> list[RawTable]:
    del encoding, layer
    return read_kml(path, path.read_bytes())


def _text(path: Path, encoding: str | None, layer: str | None) -> list[RawTable]:
    del layer
    return [read_delimited(path, encoding=encoding)]


def _workbook(path: Path, encoding: str | None, layer: str | None) -> list[RawTable]:
    """Read a workbook by what it is, whatever its suffix says."""
    with path.open("rb") as stream:
        head = stream.read(2048)
    if head.startswith(_ZIP):
        return _sheets(path, read_xlsx(path), layer)
    if head.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise encrypted(path)
        return _sheets(path, read_xls(path), layer)
    lowered = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if lowered.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise DataError(
            "format-html",
            N_("{file} is a web page named as a workbook; open it in Excel, save it as .xlsx."),
            file=path.name,
        )
    if b"\0" in head:
        raise damaged(path, "not a workbook")
    return _text(path, encoding, layer)


def _sheets(path: Path, sheets: list[Sheet], layer: str | None) -> list[RawTable]:
    tables, hidden = [], []
    for sheet in sheets:
        if sheet.hidden and sheet.name != layer:
            hidden.append(sheet.name)
            continue
        table = tabulate(sheet)
        if table is not None:
            tables.append(
                RawTable(
                    path, sheet.name, table.frame, table.row_numbers,
                    notices=table.notices, refused=table.refused, headings=table.headings,
                    shared=table.shared, units=table.units,
                )
            )  # fmt: skip
    if hidden and tables:
        text = N_("Hidden sheets {sheets} of {file} were not read; name one to read it.")
        notice = Notice("sheet-hidden", text, {"sheets": ", ".join(hidden), "file": path.name})
        tables[0] = replace(tables[0], notices=(*tables[0].notices, notice))
    return tables


def _archive(path: Path, encoding: str | None, layer: str | None) -> list[RawTable]:
    """Read every readable file of a zip archive (a .kmz is one too)."""
    tables: list[RawTable] = []
    with opened_archive(path) as folder:
        inside = sorted(folder.rglob("*"))
        databases = [member for member in inside if member.suffix.lower() == ".gdb"]
        for member in inside:
            if not is_readable(member) or any(base in member.parents for base in databases):
                continue
            reader = _READERS[member.suffix.lower()]
            if reader is not _archive:
                tables += reader(member, encoding, None)
    return [replace(table, path=path) for table in tables]


def _looks_like_geojson(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(4096).replace(b" ", b"")
    return b'"type":"Feature' in head or (b'"coordinates":' in head and b'"type":' in head)


_READERS: dict[str, Reader] = {
    ".shp": _shapefile, ".dbf": _dbf,
    ".gpkg": _vector, ".gdb": _vector, ".dxf": _vector,
    ".geojson": _geojson, ".json": _geojson,
    ".kml": _kml, ".ovkml": _kml, ".kmz": _archive, ".ovkmz": _archive, ".zip": _archive,
    ".csv": _text, ".tsv": _text, ".txt": _text,
    ".xlsx": _workbook, ".xlsm": _workbook, ".xls": _workbook,
}  # fmt: skip
