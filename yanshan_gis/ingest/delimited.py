"""CSV, TSV and other delimited text: encoding and delimiter by evidence."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

from yanshan_gis.errors import DataError
from yanshan_gis.ingest.damage import empty
from yanshan_gis.ingest.encoding import decode_text
from yanshan_gis.ingest.heads import tabulate
from yanshan_gis.ingest.spreadsheet import Sheet
from yanshan_gis.ingest.table import RawTable, RefusedRow, spell_rows
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DELIMITERS = (",", "\t", ";", "|", "，")
_SAMPLED_LINES = 200
_LONGEST_CELL = 2**31 - 1  # a polygon as WKT in one cell
_BOUNDARY_MARK = "[地块坐标]"

Record = tuple[int, list[str]]


def read_delimited(path: Path, *, encoding: str | None = None) -> RawTable:
    """Read a delimited text file; every value stays text.

    Parameters
    ----------
    path
        The file.
    encoding
        Given by the user; None judges by the bytes.

    Returns
    -------
    RawTable
        Row numbers are line numbers. Rows with too many cells, and a last line that breaks off,
        are refused.

    Raises
    ------
    DataError
        When the file is empty or of a kind that only looks like text.
    """
    text, codec, notices = decode_text(path.read_bytes(), path.name, encoding)
    if not text.strip():
        raise empty(path)
    if _BOUNDARY_MARK in text[:2000]:
        raise DataError(
            "format-boundary-points",
            N_(
                "{file} is a boundary-point file (界址点); turn it into a shapefile with the "
                "cadastral tool that wrote it."
            ),
            file=path.name,
        )
    delimiter = find_delimiter(text)
    records = list(_records(text, delimiter))
    records, refused, more = _check_lengths(path, records, ends=text.endswith(("\n", "\r")))
    sheet = Sheet(path.stem, [[cell or None for cell in cells] for _, cells in records],
                  numbers=[line for line, _ in records])  # fmt: skip
    table = tabulate(sheet)
    if table is None:
        raise empty(path)
    rows = sorted((*refused, *table.refused), key=lambda row: row.row)
    return RawTable(
        path, path.stem, table.frame, table.row_numbers, None, codec,
        (*notices, *more, *table.notices), tuple(rows), headings=table.headings,
        units=table.units,
    )  # fmt: skip


def find_delimiter(text: str) -> str:
    """Find the delimiter by which the most lines split into the same number of cells.

    Parameters
    ----------
    text
        The whole text.

    Returns
    -------
    str
        A comma where nothing else splits the lines.
    """
    sample = "\n".join(text.splitlines()[:_SAMPLED_LINES])
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        lengths = Counter(len(cells) for _, cells in _records(sample, delimiter) if any(cells))
        if not lengths:
            continue
        cells, lines = max(lengths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        score = lines / lengths.total() + cells / 1000 if cells > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _records(text: str, delimiter: str) -> Iterator[Record]:
    """Yield records with the line each begins in."""
    previous = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        line = 1
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    finally:
        csv.field_size_limit(previous)


def _check_lengths(
    path: Path, records: list[Record], *, ends: bool
) -> tuple[list[Record], list[RefusedRow], list[Notice]]:
    """Refuse rows with more cells than the others, and a last row that breaks off."""
    lengths = Counter(len(cells) for _, cells in records if len(cells) > 1)
    if not lengths:
        return records, [], []
    width, lines = max(lengths.items(), key=lambda item: (item[1], item[0]))
    if lines * 2 < lengths.total():
        return records, [], []
    kept: list[Record] = []
    refused: list[RefusedRow] = []
    for line, cells in records:
        extra = [cell for cell in cells[width:] if cell]
        if extra:
            notice = Notice(
                "row-too-long",
                N_(
                    "Line {row} of {file} has {cells} cells where the others have {width}; a "
                    "delimiter inside a value must stand in quotes."
                ),
                {"row": line, "file": path.name, "cells": len(cells), "width": width},
            )
            refused.append(RefusedRow(line, notice, _content(cells)))
        else:
            kept.append((line, cells[:width]))
    notices = _refuse_broken_end(path, kept, refused, width) if not ends else []
    short = [line for line, cells in kept if 1 < len(cells) < width]
    if short:
        text = N_("{file} has fewer cells than elsewhere in line {rows}; the rest is empty.")
        notices.append(Notice("row-short", text, {"rows": spell_rows(short), "file": path.name}))
    return kept, refused, notices


def _refuse_broken_end(
    path: Path, kept: list[Record], refused: list[RefusedRow], width: int
) -> list[Notice]:
    if not kept or len(kept[-1][1]) >= width or len(kept) < 3:
        return []
    line, cells = kept.pop()
    notice = Notice(
        "file-truncated",
        N_("{file} breaks off in line {row}; what follows is lost. Ask for a fresh copy."),
        {"file": path.name, "row": line},
    )
    refused.append(RefusedRow(line, notice, _content(cells)))
    return [notice]


def _content(cells: list[str]) -> dict[str, str]:
    return {str(number): cell for number, cell in enumerate(cells, 1) if cell}
