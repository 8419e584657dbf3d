"""The lines at the foot of a map: coordinate system, sources, notes, dates, compiler, approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.publish.mapframe import crs_note
from yanshan_gis.publish.words import listed, word

if TYPE_CHECKING:
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.sheet_content import SheetContent


def note_lines(content: SheetContent, language: Language, *, with_map: bool) -> list[str]:
    """Say what a reader must know of a sheet.

    Parameters
    ----------
    content
        What the sheet shows.
    language
        ``zh`` or ``en``.
    with_map
        False leaves the coordinate system out.

    Returns
    -------
    list of str
        Coordinate system, sources and notes, one paragraph each.
    """
    lines = [crs_note(content.crs, language)] if with_map else []
    if content.sources:
        lines.append(word("sources", language, sources=listed(content.sources, language)))
    if content.notes:
        joined = ("；" if language == "zh" else "; ").join(
            note.rstrip("。.；; ") for note in content.notes
        )
        lines.append(word("note", language, notes=joined))
    return lines


def imprint_lines(content: SheetContent, language: Language) -> list[str]:
    """Say who compiled a sheet, of which date its data are, and under which number it may be shown.

    Parameters
    ----------
    content
        What the sheet shows.
    language
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        A date always; compiler and approval where county.toml names them.
    """
    county = content.county
    dated = (
        word("data_date", language, date=content.data_date.isoformat())
        if content.data_date
        else word("no_data_date", language)
    )
    lines = [word("compiled_by", language, name=county.compiled_by)] if county.compiled_by else []
    lines.append(dated)
    if county.map_approval:
        lines.append(word("approval", language, number=county.map_approval))
    return lines
