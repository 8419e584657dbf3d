"""The DBF table of a shapefile, read without GDAL.

GDAL reads sound tables faster and is asked first. This reader samples the bytes from which the
encoding is judged, and reads what GDAL refuses: field names and cells cut in the middle of a
character, and files that end before their last record.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from yanshan_gis.errors import DataError
from yanshan_gis.ingest.encoding import decode_cut
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# Language byte -> encoding; only those that occur with Chinese text are believed.
_LANGUAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
_SAMPLED_RECORDS = 2000
_MEMO = frozenset("MBGPO")


@dataclass(frozen=True)
class DbfField:
    """One field of a DBF table.

    Parameters
    ----------
    name
        As bytes, at most ten.
    kind
        ``C`` text, ``N`` or ``F`` number, ``L`` true/false, ``D`` date, others.
    start, width
        Where in the record its bytes stand.
    decimals
        Digits after the point.
    """

    name: bytes
    kind: str
    start: int
    width: int
    decimals: int


@dataclass(frozen=True)
class DbfTable:
    """What a DBF file's head says, and how much of the file is there.

    Parameters
    ----------
    path
        The file.
    declared_records
        As the head says.
    records
        How many are there in full.
    head_size, record_size
        In bytes.
    language
        The encoding its language byte names; None where it names none that is believed.
    fields
        In file order.
    """

    path: Path
    declared_records: int
    records: int
    head_size: int
    record_size: int
    language: str | None
    fields: tuple[DbfField, ...]


def open_dbf(path: Path) -> DbfTable:
    """Read the head of a DBF file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    DbfTable
        Its fields and sizes.

    Raises
    ------
    DataError
        When it is no DBF file.
    """
    with path.open("rb") as stream:
        head = stream.read(32)
        if len(head) == 32:
            declared, head_size, record_size = struct.unpack("<IHH", head[4:12])
            head += stream.read(max(head_size - 32, 0))
    if len(head) < 65 or record_size < 2 or len(head) < head_size:
        raise DataError(
            "dbf-unreadable",
            N_("{file} is not a readable attribute table (.dbf); ask for a fresh copy."),
            file=path.name,
        )
    fields, start = [], 1
    for at in range(32, head_size - 31, 32):
        entry = head[at : at + 32]
        if entry[0] == 0x0D:
            break
        width = entry[16] + (entry[17] << 8 if entry[11:12] == b"C" else 0)
        decimals = 0 if entry[11:12] == b"C" else entry[17]
        name = entry[:11].split(b"\0")[0]
        fields.append(DbfField(name, chr(entry[11]), start, width, decimals))
        start += width
    there = max(path.stat().st_size - head_size, 0) // record_size
    return DbfTable(
        path, declared, min(declared, there), head_size, record_size,
        _LANGUAGES.get(head[29]), tuple(fields),
    )  # fmt: skip


def sample_text(table: DbfTable) -> list[bytes]:
    """Collect the bytes from which the table's encoding can be judged.

    Parameters
    ----------
    table
        From `open_dbf`.

    Returns
    -------
    list of bytes
        Field names and text cells beyond ASCII, without repetition, from evenly spread records.
    """
    samples = {field.name for field in table.fields}
    records = _records(table)[:: max(1, table.records // _SAMPLED_RECORDS)]
    for number, field in enumerate(table.fields):
        if field.kind == "C":
            samples.update(cell.rstrip(b" ") for cell in records[f"f{number}"].tolist())
    return sorted(sample for sample in samples if not sample.isascii())


def read_dbf(table: DbfTable, encoding: str) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Read the records that are there in full.

    Parameters
    ----------
    table
        From `open_dbf`.
    encoding
        Of names and text.

    Returns
    -------
    tuple
        The frame (all records, deleted ones included), and a mask of the deleted ones.
    """
    records = _records(table)
    columns: dict[str, Any] = {}
    for number, field in enumerate(table.fields):
        name = decode_cut(field.name, encoding) or f"field_{number + 1}"
        while name in columns:
            name += "_"
        cells = np.char.strip(records[f"f{number}"], b" \0")
        columns[name] = _typed(cells, field, encoding)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(table.records))
    return frame, records["deleted"] == b"*"


def _records(table: DbfTable) -> NDArray[Any]:
    layout = np.dtype(
        {
            "names": ["deleted", *(f"f{number}" for number in range(len(table.fields)))],
            "formats": ["S1", *(f"S{max(field.width, 1)}" for field in table.fields)],
            "offsets": [0, *(field.start for field in table.fields)],
            "itemsize": table.record_size,
        }
    )
    return np.fromfile(table.path, layout, count=table.records, offset=table.head_size)


def _typed(cells: NDArray[np.bytes_], field: DbfField, encoding: str) -> Any:
    if field.kind in "NFD":
        # what is no ASCII is no number either
        texts = pd.Series(np.char.decode(cells, "ascii", "replace"), dtype=object)
    if field.kind in "NF":
        numbers = pd.to_numeric(texts, errors="coerce")
        whole = field.decimals == 0 and field.width < 19
        return numbers.astype("Float64").astype("Int64") if whole and _all_whole(numbers) else (
            numbers.astype(float)
        )  # fmt: skip
    if field.kind == "L":
        truth = {b"T": True, b"t": True, b"Y": True, b"y": True,
                 b"F": False, b"f": False, b"N": False, b"n": False}  # fmt: skip
        return pd.array([truth.get(cell) for cell in cells.tolist()], dtype="boolean")
    if field.kind == "D":
        return pd.to_datetime(texts, format="%Y%m%d", errors="coerce")
    if field.kind in _MEMO:
        return np.full(len(cells), None, dtype=object)
    distinct, position = np.unique(cells, return_inverse=True)
    decoded = [decode_cut(cell, encoding).strip() or None for cell in distinct.tolist()]
    return np.array([*decoded, None], dtype=object)[position.reshape(-1)]


def _all_whole(numbers: pd.Series[float]) -> bool:
    known = numbers.dropna().astype(float)
    return bool((known == known.round()).all())
