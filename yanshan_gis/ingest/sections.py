"""Group headings of a sheet: which rows each of them is above.

Project lists put 一、产业发展 or （一）稼依镇 in a row of its own instead of a column. A heading
holds until the next one of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yanshan_gis.ingest.sheet_cells import SheetCells

_STYLES = (
    (
        "chinese",
        re.compile(r"^[一二三四五六七八九十]{1,3}\s*[、.．,，]?\s*(?![一二三四五六七八九十])"),
    ),
    ("bracket", re.compile(r"^[（(][一二三四五六七八九十]{1,3}[）)]\s*[、.．]?\s*")),
    ("arabic", re.compile(r"^\d{1,2}\s*[、.．)）]\s*")),
)
_TAIL = re.compile(r"[（(][^（）()]*[）)]$|[:：]$|(?:共|合计|小计)?\s*\d+\s*个(?:项目)?$")


def headings_of_rows(
    cells: SheetCells, kinds: Mapping[int, str | None]
) -> tuple[tuple[str, ...], ...]:
    """List the headings above each row of data, the widest first.

    Parameters
    ----------
    cells
        Of the sheet.
    kinds
        What each row is, see `row_kinds`.

    Returns
    -------
    tuple of tuple of str
        One per row of data; empty without headings.
    """
    held: list[tuple[str, str]] = []
    found = []
    for row, kind in kinds.items():
        if kind == "section-row":
            held = _with_heading(held, _text_of(cells, row))
        elif kind is None:
            found.append(tuple(text for _, text in held))
    return tuple(found)


def _text_of(cells: SheetCells, row: int) -> str:
    words = [value for value in cells.labels(row).values() if isinstance(value, str)]
    return "".join(words[:2])


def heading_style(text: str) -> str:
    """Tell how a heading is numbered.

    Parameters
    ----------
    text
        As in the sheet.

    Returns
    -------
    str
        ``chinese`` (一、), ``bracket`` (（一）), ``arabic`` (1.) or ``plain``.
    """
    return next((style for style, form in _STYLES if form.match(text)), "plain")


def _with_heading(held: list[tuple[str, str]], text: str) -> list[tuple[str, str]]:
    """Let a heading take the place of the last one of its style and all below that."""
    style = heading_style(text)
    styles = [known for known, _ in held]
    kept = held[: styles.index(style)] if style in styles else held
    return [*kept, (style, _plain(text, style))]


def _plain(text: str, style: str) -> str:
    form = dict(_STYLES).get(style)
    plain = form.sub("", text, count=1) if form else text
    while (shorter := _TAIL.sub("", plain.strip()).strip()) != plain:
        plain = shorter
    return plain
