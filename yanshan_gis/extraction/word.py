"""Paragraphs of a Word file in reading order, with tables and the numbers Word draws itself.

An item that Word numbers has no ``1.`` in its text; the number is worked out here from the
numbering definitions. A table of one column is a box (专栏框) and gives its paragraphs; any other
row gives one line with its cells parted by tabs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.plan.numerals import write_numeral

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_CHINESE = {
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "ideographTraditional",
}


def read_word(path: Path) -> list[str]:
    """Read the paragraphs of a ``.docx`` file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    list of str
        One per paragraph or table row, empty ones included.

    Raises
    ------
    DataError
        When it is no Word file of this kind.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise DataError(
            "plan-unreadable",
            N_("{file} cannot be read ({reason}); save it again, without a password."),
            file=path.name,
            reason=str(error) or type(error).__name__,
        ) from error
    numbering = _Numbering(document)
    return [text for block in document.iter_inner_content() for text in _texts(block, numbering)]


def _texts(block: Any, numbering: _Numbering) -> Iterator[str]:
    if not hasattr(block, "rows"):
        yield numbering.label(block) + block.text.replace("\n", "")
        return
    for row in block.rows:
        cells = list({id(cell._tc): cell for cell in row.cells}.values())  # merged ones once
        if len(cells) == 1:
            for inner in cells[0].iter_inner_content():
                yield from _texts(inner, numbering)
        else:
            yield "\t".join(cell.text.replace("\n", "").replace("\t", " ") for cell in cells)


class _Numbering:
    """Counts the numbered paragraphs as Word does."""

    def __init__(self, document: WordDocument) -> None:
        from docx.oxml.ns import qn

        self._qn = qn
        self._counts: dict[tuple[str, int], int] = {}
        self._levels: dict[str, dict[int, tuple[str, str]]] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        abstract = {
            item.get(qn("w:abstractNumId")): self._read_levels(item)
            for item in root.findall(qn("w:abstractNum"))
        }
        for num in root.findall(qn("w:num")):
            pointer = num.find(qn("w:abstractNumId"))
            levels = {} if pointer is None else abstract.get(pointer.get(qn("w:val")), {})
            self._levels[num.get(qn("w:numId"))] = levels

    def _read_levels(self, abstract: Any) -> dict[int, tuple[str, str]]:
        qn = self._qn
        found = {}
        for level in abstract.findall(qn("w:lvl")):
            kind, text = level.find(qn("w:numFmt")), level.find(qn("w:lvlText"))
            if kind is not None and text is not None:
                number = int(level.get(qn("w:ilvl")))
                found[number] = (kind.get(qn("w:val")) or "", text.get(qn("w:val")) or "")
        return found

    def label(self, paragraph: Any) -> str:
        """Write what Word draws before a paragraph: ``1.``, ``（一）``; empty for none."""
        place = self._place(paragraph)
        if place is None:
            return ""
        number, level = place
        kind, text = self._levels.get(number, {}).get(level, ("", ""))
        if kind in {"", "bullet", "none"}:
            return ""
        self._counts[place] = self._counts.get(place, 0) + 1
        for deeper in [key for key in self._counts if key[0] == number and key[1] > level]:
            del self._counts[deeper]
        count = self._counts[place]
        return text.replace(
            f"%{level + 1}", write_numeral(count) if kind in _CHINESE else str(count)
        )

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        qn = self._qn
        for owner in (paragraph._p.pPr, *self._styles(paragraph)):
            numbered = None if owner is None else owner.find(qn("w:numPr"))
            if numbered is None:
                continue
            number, level = numbered.find(qn("w:numId")), numbered.find(qn("w:ilvl"))
            if number is not None and number.get(qn("w:val")) != "0":
                depth = 0 if level is None else int(level.get(qn("w:val")))
                return number.get(qn("w:val")), depth
            return None
        return None

    def _styles(self, paragraph: Any) -> Iterator[Any]:
        style = paragraph.style
        while style is not None:
            yield style.element.find(self._qn("w:pPr"))
            style = style.base_style
