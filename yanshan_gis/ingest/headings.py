"""A heading of a file taken apart and compared with the spellings of a field.

Width, case, spaces and punctuation do not count; a unit in brackets is read; a name that a
shapefile cut to ten bytes is still known; of a nested head (基本情况/人口) the last part may tell.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from yanshan_gis.ingest.cells import fold_heading, read_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yanshan_gis.content import FieldDef

How = Literal["given", "exact", "title", "alias", "cut", "part"]

_BRACKET = re.compile(r"^(.+?)[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]\s*$")
_NEUTRAL = re.compile(r"^(必填|选填|可选|填写.*|是[/、]?否|有[/、]?无|\d{4}年?.*)$")
_LEVEL = re.compile(r"/(?![^(（\[【]*[)）\]】])")  # not the stroke of a unit (km/h)
_CUT_BYTES = 10


@dataclass(frozen=True)
class Heading:
    """A heading taken apart.

    Parameters
    ----------
    text
        As in the file.
    folded
        For comparison: the whole, and what stands before a bracket.
    unit
        The unit in the bracket and its factor, see `read_unit`.
    """

    text: str
    folded: tuple[str, ...]
    unit: tuple[str, float] | None

    @classmethod
    def parse(cls, text: str) -> Heading:
        """Take a heading apart.

        Parameters
        ----------
        text
            As in the file.

        Returns
        -------
        Heading
            A bracket that holds neither unit nor instruction belongs to the name.
        """
        whole = fold_heading(text)
        found = _BRACKET.match(unicodedata.normalize("NFKC", text).strip())
        if found is None:
            return cls(text, (whole,), None)
        unit = read_unit(found[2])
        if unit is None and not _NEUTRAL.match(found[2].strip()):
            return cls(text, (whole,), None)
        return cls(text, (whole, fold_heading(found[1])), unit)

    def may_be_cut(self) -> bool:
        """Tell whether the heading is as long as a shapefile lets it be, in GBK or in UTF-8.

        Returns
        -------
        bool
            True for 9 or 10 bytes.
        """
        lengths = (len(self.text.encode(code, "replace")) for code in ("gbk", "utf-8"))
        return any(_CUT_BYTES - 2 < length <= _CUT_BYTES for length in lengths)


def last_part(column: str) -> Heading | None:
    """Return the last part of a nested head; all parts together are compared as a whole.

    Parameters
    ----------
    column
        Group and column joined by ``/``.

    Returns
    -------
    Heading or None
        None for a head that is not nested.
    """
    parts = _LEVEL.split(column)
    return Heading.parse(parts[-1]) if len(parts) > 1 else None


def spellings(name: str, field: FieldDef) -> dict[How, list[Heading]]:
    """List how a field may be headed, the best first.

    Parameters
    ----------
    name
        The field's name.
    field
        Its definition.

    Returns
    -------
    dict
        Headings by how they would be recognised.
    """
    return {
        "exact": [Heading.parse(name)],
        "title": [Heading.parse(field.title.zh), Heading.parse(field.title.en)],
        "alias": [Heading.parse(alias) for alias in field.aliases],
    }


def rank(heading: Heading, known: Mapping[How, list[Heading]]) -> tuple[How, Heading] | None:
    """Say how a heading fits a field.

    Parameters
    ----------
    heading
        Of the file.
    known
        From `spellings`.

    Returns
    -------
    tuple of str and Heading, or None
        How, and the spelling it fits; None for another field's heading.
    """
    for how, headings in known.items():
        for spelling in headings:
            if set(heading.folded) & {spelling.folded[0]}:
                return how, spelling
    if heading.may_be_cut() and heading.folded[0]:
        for headings in known.values():
            for spelling in headings:
                whole = spelling.folded[0]
                if whole.startswith(heading.folded[0]) and whole != heading.folded[0]:
                    return "cut", spelling
    return None
