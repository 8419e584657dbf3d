"""A plan's text as paragraphs, each with the line it stands in, whatever file it came in.

Text and PDF break paragraphs at the foot of a page and repeat page numbers, running heads and a
table of contents; that furniture is taken out and counted, and a line that does not end a sentence
goes on in the next. Word keeps its paragraphs and is read as it is (`yanshan_gis.extraction.word`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.plan.writing import normalise

SUFFIXES = (".txt", ".md", ".docx", ".pdf")
_NUMBERED_PAGE = re.compile(
    r"[-—–\s]*(?:\d{1,4}[-—–\s]+|[-—–]\s*\d{1,4}|\d{1,3}|第\d{1,4}页(?:，?共\d{1,4}页)?)$"
)
_CONTENTS = re.compile(
    r".*(?:(?:\.{3,}|…+|·{3,})\s*[-—–]?\s*\d{1,4}\s*[-—–]?|\t\s*(?:[-—–]\s*\d{1,4}\s*[-—–]?|\d{1,4}\s*[-—–]))$"
)
_MARKER = re.compile(
    r"第[一二三四五六七八九十百\d]+[章节篇编]|[一二三四五六七八九十]+、|（[一二三四五六七八九十\d]+）|"
    r"专栏[\d一二三四五六七八九十]+|\d{1,2}[.、](?!\d)|[①-⑳]|附件|附表|[图表]\d+(?:[-—–.]\d+)*"
)
_SECTION = re.compile(r"第|[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）")
_COLUMN = re.compile(r"专栏[\d一二三四五六七八九十]+")
_STANDS_ALONE = re.compile(r"目录$|\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?$")
_ENDS = re.compile(r"[。！？；：…][”’」』）》]*$")
_LONGEST_HEADING, _LONG_LINE, _RUNNING_HEAD = 40, 30, 3


@dataclass(frozen=True)
class Paragraph:
    """One paragraph, mended.

    Parameters
    ----------
    number
        Counted from 1 over the document, without furniture.
    text
        Without spaces inside Chinese, digits half-width, punctuation full-width.
    lines
        Where each piece begins in `text`, and its line in the file (running over the pages of a
        PDF, over the paragraphs of a Word file), from 1.
    """

    number: int
    text: str
    lines: tuple[tuple[int, int], ...]

    def line_at(self, offset: int) -> int:
        """Tell in which line of the file a character stands.

        Parameters
        ----------
        offset
            Into `text`.

        Returns
        -------
        int
            From 1.
        """
        return self.lines[max(bisect_right(self.lines, (offset, 1 << 60)) - 1, 0)][1]

    @property
    def is_row(self) -> bool:
        """True for the row of a table: cells parted by tabs."""
        return "\t" in self.text


@dataclass(frozen=True)
class Document:
    """A plan's text.

    Parameters
    ----------
    file
        Name of the file.
    paragraphs
        In reading order.
    notices
        How the file was read.
    """

    file: str
    paragraphs: tuple[Paragraph, ...]
    notices: tuple[Notice, ...] = ()


@dataclass
class _Line:
    number: int
    text: str
    page: int = 1


@dataclass
class _Draft:
    pieces: list[str] = field(default_factory=list)
    lines: list[tuple[int, int]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def add(self, line: _Line) -> None:
        self.lines.append((len(self.text), line.number))
        self.pieces.append(line.text)


def is_heading(text: str) -> bool:
    """Tell a heading from the beginning of an item.

    Parameters
    ----------
    text
        Normalised.

    Returns
    -------
    bool
        True for 专栏 and for a short marked line without punctuation.
    """
    if _COLUMN.match(text):
        return True
    if len(text) > _LONGEST_HEADING or not _MARKER.match(text):
        return False
    # Only a heading of chapter or section may have two halves; an item with a comma goes on.
    return not re.search(r"[。；：]|，$" if _SECTION.match(text) else r"[，。；：]", text)


def read_document(path: Path, *, encoding: str | None = None) -> Document:
    """Read a plan's text.

    Parameters
    ----------
    path
        ``.txt``, ``.md``, ``.docx`` or ``.pdf`` with text.
    encoding
        Of a text file; judged by evidence when not given.

    Returns
    -------
    Document
        Paragraphs with their lines.

    Raises
    ------
    UsageError
        When there is no such file, or its kind is not known.
    DataError
        When the file cannot be read, or holds no text.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            "plan-file-kind",
            N_("{file}: a plan is read from {known}; save it as one of these."),
            file=path.name,
            known=" ".join(SUFFIXES),
        )
    if not path.is_file():
        raise UsageError(
            "file-missing", N_("{file} does not exist; check the path."), file=str(path)
        )
    if suffix == ".docx":
        from yanshan_gis.extraction.word import read_word

        texts = read_word(path)
        paragraphs: list[Paragraph] = []
        for number, text in enumerate(map(normalise, texts), 1):
            if text:
                paragraphs.append(Paragraph(len(paragraphs) + 1, text, ((0, number),)))
        notices: list[Notice] = []
    else:
        lines, notices = _pdf_lines(path) if suffix == ".pdf" else _text_lines(path, encoding)
        kept, left_out = drop_furniture(lines)
        paragraphs = mend(kept)
        if left_out:
            text = N_(
                "{file}: {count} lines are page numbers, running heads or contents; left out."
            )
            notices.append(Notice("plan-furniture", text, {"file": path.name, "count": left_out}))
    if not paragraphs:
        raise _no_text(path)
    return Document(path.name, tuple(paragraphs), tuple(notices))


def _no_text(path: Path) -> DataError:
    return DataError(
        "plan-no-text",
        N_(
            "{file} holds no text: it is empty, or its pages are pictures. Have a scan read by "
            "text recognition (OCR) first, or use the text version."
        ),
        file=path.name,
    )


def _text_lines(path: Path, encoding: str | None) -> tuple[list[_Line], list[Notice]]:
    from yanshan_gis.ingest.encoding import decode_text

    text, _, notices = decode_text(path.read_bytes(), path.name, encoding)
    lines, page = [], 1
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        page += line.count("\f")
        lines.append(_Line(number, normalise(line.replace("\f", " ")), page))
    return lines, notices


def _pdf_lines(path: Path) -> tuple[list[_Line], list[Notice]]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        pages = [page.extract_text() for page in PdfReader(path).pages]
    except (PyPdfError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            "plan-unreadable",
            N_("{file} cannot be read ({reason}); save it again, without a password."),
            file=path.name,
            reason=str(error) or type(error).__name__,
        ) from error
    lines: list[_Line] = []
    for page, text in enumerate(pages, 1):
        for line in text.splitlines():
            lines.append(_Line(len(lines) + 1, normalise(line), page))
    if not any(line.text for line in lines):
        raise _no_text(path)
    return lines, []


def drop_furniture(lines: Sequence[_Line]) -> tuple[list[_Line], int]:
    """Take out page numbers, running heads and the table of contents.

    Parameters
    ----------
    lines
        Normalised.

    Returns
    -------
    tuple
        The lines that are left, and how many were taken out.
    """
    running = _running_heads(lines)
    filled = [line for line in lines if line.text.strip()]
    kept = [
        line
        for line in filled
        if not _NUMBERED_PAGE.match(line.text)
        and not _CONTENTS.match(line.text)
        and _without_digits(line.text) not in running
    ]
    return kept, len(filled) - len(kept)


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _running_heads(lines: Sequence[_Line]) -> set[str]:
    """Find lines that stand first or last on at least three pages and end no sentence."""
    edges: dict[int, list[str]] = {}
    for line in lines:
        if line.text.strip() and not _NUMBERED_PAGE.match(line.text):
            edges.setdefault(line.page, []).append(_without_digits(line.text))
    counts: Counter[str] = Counter()
    for texts in edges.values():
        counts.update({texts[0], texts[-1]})
    often = {text for text, count in counts.items() if count >= _RUNNING_HEAD}
    return {text for text in often if not re.search(r"[，。；：、]$", text)}


def mend(lines: Iterable[_Line]) -> list[Paragraph]:
    """Join the lines of a paragraph that was broken across lines or pages.

    Parameters
    ----------
    lines
        Normalised, without furniture.

    Returns
    -------
    list of Paragraph
        A heading, a table row and a line that begins with a marker start one of their own.
    """
    drafts: list[_Draft] = []
    for line in lines:
        begins = _MARKER.match(line.text) or _STANDS_ALONE.match(line.text) or "\t" in line.text
        if not drafts or begins or _closed(drafts[-1].text):
            drafts.append(_Draft())
        drafts[-1].add(line)
    return [
        Paragraph(number, draft.text, tuple(draft.lines)) for number, draft in enumerate(drafts, 1)
    ]


def _closed(text: str) -> bool:
    if "\t" in text or _ENDS.search(text) or _STANDS_ALONE.match(text) or is_heading(text):
        return True
    # A title has no punctuation and is short; a broken sentence has some, or is long.
    return len(text) < _LONG_LINE and not re.search(r"[，。；：、]", text)
