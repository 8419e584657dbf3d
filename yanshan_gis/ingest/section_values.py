"""What the rows below a group heading have in common: the township or the kind it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from yanshan_gis.ingest.cells import CodeList, plain_text
from yanshan_gis.ingest.fields import map_fields
from yanshan_gis.ingest.listed_places import official_townships
from yanshan_gis.ingest.names import match_townships
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.content import FieldDef, LayerDef
    from yanshan_gis.ingest.matching import Gazetteer
    from yanshan_gis.ingest.table import RawTable
    from yanshan_gis.layer import Layer

_TOWNSHIP = re.compile(r"^.{1,10}(?:镇|乡|街道|街道办事处)$")


def take_headings(
    raw: RawTable,
    definition: LayerDef,
    given: Mapping[str, str],
    current: Mapping[str, Layer],
    known: Gazetteer,
) -> tuple[RawTable, list[Notice]]:
    """Turn group headings into columns of their own, for fields that have none.

    Parameters
    ----------
    raw
        The table.
    definition
        The layer.
    given
        The user's own choice, field to column.
    current
        The layers that are there; their townships are known.
    known
        Other and former names.

    Returns
    -------
    tuple of RawTable and list of Notice
        With a column for the township and for each code that headings name.
    """
    if not any(raw.headings):
        return raw, []
    columns = {field: column for field, column in given.items() if field in definition.fields}
    mapping = map_fields(raw.frame, definition, columns)
    notices = []
    for name, field in definition.fields.items():
        read = _reader(name, field, current, known)
        if read is None or mapping.match_of(name) is not None:
            continue
        values = [_inner(texts, read) for texts in raw.headings]
        count = sum(value is not None for value in values)
        if count:
            columns_of: dict[str, Any] = {name: values}
            raw = replace(raw, frame=raw.frame.assign(**columns_of))
            text = N_("Field {field} has no column; {count} rows take it from the headings above.")
            notices.append(Notice("value-from-section", text, {"field": name, "count": count}))
    return raw, notices


def _inner(texts: Sequence[str], read: Callable[[str], str | None]) -> str | None:
    return next((value for text in reversed(texts) if (value := read(text))), None)


def _reader(
    name: str, field: FieldDef, current: Mapping[str, Layer], known: Gazetteer
) -> Callable[[str], str | None] | None:
    """Return what reads a heading as a value of a field; None where headings do not tell it."""
    if field.codes:
        codes = CodeList(field.codes)
        return lambda text: plain_text(codes.read(text).value) or None
    if field.lists != "townships" and name != "township":
        return None
    official = official_townships(current)
    if not official:
        return lambda text: text if _TOWNSHIP.match(text) else None
    aliases = dict(known.townships)
    return lambda text: match_townships([text], official, aliases, known.county)[0].id
