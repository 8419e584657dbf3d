"""Shapefiles, in whatever state they are handed over.

GDAL reads a sound shapefile. One whose ``.shx`` or ``.dbf`` is missing or cut, whose ``.shp``
ends in the middle, or whose field names are cut in the middle of a character is read in parts:
the geometry of every complete record through a rebuilt index, the attributes from the DBF file
directly. Records that are not complete in both are refused one by one. The user's files are
never touched; rebuilt parts live in a temporary folder.
"""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from yanshan_gis.ingest.damage import damaged, truncated
from yanshan_gis.ingest.dbf import DbfTable, open_dbf, read_dbf, sample_text
from yanshan_gis.ingest.encoding import (
    check_encoding,
    codec_of,
    guess_encoding,
    guess_notice,
)
from yanshan_gis.ingest.table import RawTable, RefusedRow
from yanshan_gis.ingest.vector import READ_ERRORS, crs_unreadable, read_frame
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

_NO_ATTRIBUTES = N_("Record {row} of {file} has no attributes: the .dbf file ends before it.")
_NO_SHAPE = N_("Record {row} of {file} has no shape: the .shp file ends before it.")
_MAGIC = b"\x00\x00\x27\x0a"
_HEAD = 100  # bytes before the first record, in .shp and .shx


@dataclass(frozen=True)
class _Parts:
    shp: Path
    shx: Path | None
    dbf: Path | None
    prj: Path | None
    cpg: Path | None


def read_shapefile(path: Path, *, encoding: str | None = None) -> RawTable:
    """Read a shapefile as far as it can be read.

    Parameters
    ----------
    path
        The ``.shp`` file; its companions are looked for beside it, in either case.
    encoding
        Given by the user; None judges by the DBF file's bytes.

    Returns
    -------
    RawTable
        Row numbers count records from 1.

    Raises
    ------
    DataError
        When nothing of it can be read.
    """
    parts = _Parts(path, *(_beside(path, suffix) for suffix in (".shx", ".dbf", ".prj", ".cpg")))
    _check_head(path)
    notices = _missing_parts(parts)
    dbf = open_dbf(parts.dbf) if parts.dbf else None
    codec = None
    if dbf is not None:
        codec, note = _settle_encoding(parts, dbf, encoding)
        notices += [note] if note else []
    offsets, lengths = _index(parts)
    table = None
    if dbf is not None and _is_sound(parts, dbf, offsets, lengths):
        table = _read_whole(path, codec)
    if table is None:
        table = _read_parts(parts, dbf, codec or "utf-8", offsets, lengths)
    return replace(table, encoding=codec, notices=(*notices, *table.notices))


def read_attributes(path: Path, *, encoding: str | None = None) -> RawTable:
    """Read a DBF file that stands alone as a table without geometry.

    Parameters
    ----------
    path
        The ``.dbf`` file.
    encoding
        Given by the user; None judges by the bytes.

    Returns
    -------
    RawTable
        Row numbers count records from 1.

    Raises
    ------
    DataError
        When it cannot be read.
    """
    dbf = open_dbf(path)
    parts = _Parts(path, None, path, None, _beside(path, ".cpg"))
    codec, note = _settle_encoding(parts, dbf, encoding)
    frame, deleted = read_dbf(dbf, codec)
    keep = np.flatnonzero(~deleted)
    notices: tuple[Notice, ...] = (note,) if note else ()
    if dbf.records < dbf.declared_records:
        notices += (truncated(path, dbf.records, dbf.declared_records),)
    return RawTable(
        path, path.stem, frame.iloc[keep].reset_index(drop=True), keep + 1, None, codec, notices
    )


def _beside(path: Path, suffix: str) -> Path | None:
    """Find a companion file whatever the case of its suffix."""
    wanted = (path.stem + suffix).lower()
    found = [other for other in sorted(path.parent.iterdir()) if other.name.lower() == wanted]
    exact = [other for other in found if other.stem == path.stem]
    return next(iter(exact or found), None)


def _check_head(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if len(head) < _HEAD or not head.startswith(_MAGIC):
        raise damaged(path, "no shapefile head")


def _missing_parts(parts: _Parts) -> list[Notice]:
    notices = []
    if parts.shx is None:
        notices.append(
            Notice(
                "shx-missing",
                N_("{file} came without its .shx index; it was rebuilt from the .shp file."),
                {"file": parts.shp.name},
            )
        )
    if parts.dbf is None:
        notices.append(
            Notice(
                "dbf-missing",
                N_("{file} came without its .dbf table: shapes only, no attributes; ask for it."),
                {"file": parts.shp.name},
            )
        )
    if parts.prj is None:
        notices.append(
            Notice(
                "prj-missing",
                N_("{file} came without its .prj file; say its coordinate system (crs)."),
                {"file": parts.shp.name},
            )
        )
    return notices


def _settle_encoding(parts: _Parts, dbf: DbfTable, given: str | None) -> tuple[str, Notice | None]:
    """Weigh the user's word, the .cpg label, the language byte and the bytes themselves."""
    if given is not None:
        return check_encoding(given), None
    label = None
    if parts.cpg is not None:
        label = codec_of(parts.cpg.read_text("ascii", "replace"))
    label = label or dbf.language
    guess = guess_encoding(sample_text(dbf))
    if guess.marked:
        return label or guess.encoding, None
    if label == guess.encoding or (label is not None and not guess.plausible):
        return label, None
    return guess.encoding, guess_notice(parts.shp.name, guess, label)


def _index(parts: _Parts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return offset and length in bytes of every record, by the .shx or by walking the .shp."""
    if parts.shx is not None and parts.shx.stat().st_size >= _HEAD:
        with parts.shx.open("rb") as stream:
            head = stream.read(_HEAD)
        declared = (struct.unpack(">i", head[24:28])[0] * 2 - _HEAD) // 8
        if head.startswith(_MAGIC) and 0 <= declared <= (parts.shx.stat().st_size - _HEAD) // 8:
            entries = np.fromfile(parts.shx, ">i4", declared * 2, offset=_HEAD).reshape(-1, 2)
            words = entries.astype(np.int64) * 2
            if _agrees(parts.shp, words[:, 0], words[:, 1]):
                return words[:, 0], words[:, 1]
    return _walk(parts.shp)


def _agrees(path: Path, offsets: NDArray[np.int64], lengths: NDArray[np.int64]) -> bool:
    """Tell whether every record that is there has the length the index gives it."""
    data = np.memmap(path, np.uint8, "r")
    if (offsets < _HEAD).any():
        return False
    there = offsets + 8 <= len(data)
    at = offsets[there, None] + np.arange(4, 8)
    words = data[at].astype(np.int64) @ np.array([1 << 24, 1 << 16, 1 << 8, 1])
    return bool((words * 2 == lengths[there]).all())


def _walk(path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    offsets, lengths, at = [], [], _HEAD
    size = path.stat().st_size
    with path.open("rb") as stream:
        while at + 8 <= size:
            stream.seek(at)
            _, words = struct.unpack(">ii", stream.read(8))
            if words < 2:
                break
            offsets.append(at)
            lengths.append(words * 2)
            at += 8 + words * 2
    return np.array(offsets, dtype=np.int64), np.array(lengths, dtype=np.int64)


def _is_sound(
    parts: _Parts, dbf: DbfTable, offsets: NDArray[np.int64], lengths: NDArray[np.int64]
) -> bool:
    return bool(
        parts.shx is not None
        and dbf.records == dbf.declared_records == len(offsets)
        and _complete(parts.shp, offsets, lengths).all()
        and parts.shx.stat().st_size >= _HEAD + 8 * len(offsets)
    )


def _complete(
    path: Path, offsets: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.bool_]:
    ends: NDArray[np.int64] = offsets + 8 + lengths
    return ends <= path.stat().st_size


def _read_whole(path: Path, codec: str | None) -> RawTable | None:
    """Read through GDAL; None where it refuses, such as for a name cut in mid-character."""
    try:
        frame, crs, notices = read_frame(path, None, encoding=codec)
    except READ_ERRORS:
        return None
    return RawTable(path, path.stem, frame, np.arange(1, len(frame) + 1), crs, codec, notices)


def _read_parts(
    parts: _Parts,
    dbf: DbfTable | None,
    codec: str,
    offsets: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> RawTable:
    complete = _complete(parts.shp, offsets, lengths)
    shapes, crs, notices = _shapes(parts, offsets[complete], lengths[complete])
    total = max(len(offsets), dbf.declared_records if dbf else 0)
    geometry = np.full(total, None, dtype=object)
    geometry[np.flatnonzero(complete)] = shapes
    has_shape = np.zeros(total, dtype=bool)
    has_shape[: len(complete)] = complete
    frame, has_row, deleted = _attributes(dbf, codec, total)
    keep = has_shape & has_row & ~deleted
    refused = _refuse(parts.shp.name, frame, ~keep & ~deleted, has_shape)
    if not keep.any():
        raise damaged(parts.shp, "no complete record")
    if refused:
        notices += (truncated(parts.shp, int(keep.sum()), total),)
    rows = np.flatnonzero(keep)
    kept = gpd.GeoDataFrame(
        frame.iloc[rows].reset_index(drop=True), geometry=geometry[rows], crs=crs
    )
    return RawTable(parts.shp, parts.shp.stem, kept, rows + 1, crs, codec, notices, refused)


def _shapes(
    parts: _Parts, offsets: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[Any], pyproj.CRS | None, tuple[Notice, ...]]:
    """Read the geometry of the given records through a rebuilt index in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="yanshan-") as folder:
        staged = Path(folder) / "part.shp"
        try:
            os.link(parts.shp, staged)  # no copy of a large file where a second name will do
        except OSError:
            shutil.copyfile(parts.shp, staged)
        if parts.prj is not None:
            shutil.copyfile(parts.prj, staged.with_suffix(".prj"))
        with parts.shp.open("rb") as stream:
            head = bytearray(stream.read(_HEAD))
        head[24:28] = struct.pack(">i", (_HEAD + 8 * len(offsets)) // 2)
        entries = np.column_stack([offsets, lengths]) // 2
        staged.with_suffix(".shx").write_bytes(bytes(head) + entries.astype(">i4").tobytes())
        try:
            frame, crs, notices = read_frame(staged, None)
        except pyogrio.errors.CRSError:
            staged.with_suffix(".prj").unlink()
            frame, crs, notices = read_frame(staged, None)
            notices = (*notices, crs_unreadable(parts.shp))
        except READ_ERRORS as error:
            raise damaged(parts.shp, error) from error
    return np.asarray(frame.geometry.array), crs, notices


def _attributes(
    dbf: DbfTable | None, codec: str, total: int
) -> tuple[pd.DataFrame, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return attributes for `total` records, which of them are there, which were deleted."""
    if dbf is None:
        return pd.DataFrame(index=range(total)), np.ones(total, bool), np.zeros(total, bool)
    frame, flags = read_dbf(dbf, codec)
    deleted = np.zeros(total, dtype=bool)
    deleted[: len(flags)] = flags
    return frame.reindex(range(total)), np.arange(total) < dbf.records, deleted


def _refuse(
    file: str, frame: pd.DataFrame, refused: NDArray[np.bool_], has_shape: NDArray[np.bool_]
) -> tuple[RefusedRow, ...]:
    rows = []
    positions = np.flatnonzero(refused)
    contents = frame.iloc[positions].to_dict("records")
    for position, content in zip(positions.tolist(), contents, strict=True):
        if has_shape[position]:
            code, text = "record-attributes-cut", _NO_ATTRIBUTES
        else:
            code, text = "record-shape-cut", _NO_SHAPE
        known = {str(name): cell for name, cell in content.items() if not pd.isna(cell)}
        notice = Notice(code, text, {"row": position + 1, "file": file})
        rows.append(RefusedRow(position + 1, notice, known))
    return tuple(rows)
