"""How a plan is laid out: chapters and sections, special columns (专栏), numbered items.

A special column begins at its heading; its items are numbered in one style, in sequence. It ends
at a heading of the text, at a number that starts anew, or at a paragraph that belongs to no item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from yanshan_gis.extraction.document import Paragraph, is_heading
from yanshan_gis.plan.numerals import NUMERAL, read_numeral

_CHAPTER = re.compile(rf"(第(?:{NUMERAL}|\d+)[章篇编])(.*)")
_COLUMN = re.compile(rf"专栏({NUMERAL}|\d+)[：:、.]?(.*)")
# Styles of numbers, outermost first.
_STYLES = (
    ("一、", re.compile(rf"({NUMERAL})、")),
    ("（一）", re.compile(rf"（({NUMERAL})）")),
    ("1.", re.compile(r"(\d{1,2})[.、](?!\d)")),
    ("（1）", re.compile(r"（(\d{1,2})）")),
    ("①", re.compile(r"([①-⑳])")),
)
_CAPTION = re.compile(r"[图表]\d+(?:[-—–.]\d+)*|附件|附表")
_INLINE = re.compile(r"(?<=[。；])(\d{1,2})[.、](?!\d)")
_TITLE = re.compile(r"([^，。；：]{2,40})：")


@dataclass(frozen=True)
class Passage:
    """A paragraph, or one numbered item in it, and where it stands in the plan.

    Parameters
    ----------
    paragraph
        The paragraph.
    start, end
        The passage's text within the paragraph, without its number and title.
    section
        Such as 第三章 一（二）.
    column, column_title
        The special column; None and empty outside.
    item
        Number of the item within the column, or of the heading outside; empty for none.
    title
        What stands before the colon at the beginning of the item.
    """

    paragraph: Paragraph
    start: int
    end: int
    section: str
    column: int | None = None
    column_title: str = ""
    item: str = ""
    title: str = ""

    @property
    def text(self) -> str:
        """The text to be typed."""
        return self.paragraph.text[self.start : self.end]

    def line_at(self, offset: int) -> int:
        """Tell in which line of the file a character of `text` stands.

        Parameters
        ----------
        offset
            Into `text`.

        Returns
        -------
        int
            From 1.
        """
        return self.paragraph.line_at(self.start + offset)


@dataclass
class _Place:
    """Where the reader is."""

    chapter: str = ""
    numbers: dict[str, str] = field(default_factory=dict)
    column: int | None = None
    column_title: str = ""
    style: str = ""
    item: int = 0
    title: str = ""

    @property
    def section(self) -> str:
        parts = [self.numbers.get(style, "") for style, _ in _STYLES[:3]]
        return f"{self.chapter} {''.join(parts)}".strip()

    def enter(self, style: str, written: str) -> None:
        depth = [name for name, _ in _STYLES].index(style)
        for deeper, _ in _STYLES[depth:]:
            self.numbers.pop(deeper, None)
        self.numbers[style] = written.rstrip("、.")

    def leave_column(self) -> None:
        self.column, self.column_title, self.style, self.item, self.title = None, "", "", 0, ""


def read_passages(paragraphs: Sequence[Paragraph]) -> list[Passage]:
    """Lay a plan out.

    Parameters
    ----------
    paragraphs
        In reading order.

    Returns
    -------
    list of Passage
        Everything but headings and captions; the rows of tables stand outside the columns.
    """
    place = _Place()
    found: list[Passage] = []
    for paragraph in paragraphs:
        found.extend(_read(paragraph, place))
    return found


def _read(paragraph: Paragraph, place: _Place) -> Iterator[Passage]:
    text = paragraph.text
    if paragraph.is_row:
        yield Passage(paragraph, 0, len(text), place.section)
        return
    if _CAPTION.match(text) and is_heading(text):
        return
    if (chapter := _CHAPTER.match(text)) and is_heading(text):
        place.leave_column()
        place.chapter, place.numbers = chapter[1], {}
        return
    if column := _COLUMN.match(text):
        place.leave_column()
        place.column, place.column_title = read_numeral(column[1]), column[2]
        return
    style, number, length = _marker(text)
    if place.column is not None and _within_column(place, style, number, text):
        yield from _column_passages(paragraph, place, number if style == place.style else 0, length)
        return
    place.leave_column()
    if style and is_heading(text):
        place.enter(style, text[:length])
        return
    yield from _plain_passages(paragraph, place)


def _plain_passages(paragraph: Paragraph, place: _Place) -> Iterator[Passage]:
    yield Passage(paragraph, 0, len(paragraph.text), place.section)


def _marker(text: str) -> tuple[str, int, int]:
    """Style, number and length of the number a paragraph begins with."""
    for style, pattern in _STYLES:
        if match := pattern.match(text):
            if style == "①":
                return style, ord(match[1]) - ord("①") + 1, match.end()
            return style, read_numeral(match[1]) or 0, match.end()
    return "", 0, 0


def _within_column(place: _Place, style: str, number: int, text: str) -> bool:
    """Whether a paragraph belongs to the column the reader is in."""
    if not place.style:  # the first paragraph after the heading settles the style
        if style == "一、" or (style and number != 1):
            return False
        place.style = style or "none"
        return True
    if place.style == "none":
        return not style and not is_heading(text)
    if style == place.style:
        return number == place.item + 1
    names = [name for name, _ in _STYLES]
    return bool(style) and names.index(style) > names.index(place.style)


def _column_passages(
    paragraph: Paragraph, place: _Place, number: int, length: int
) -> Iterator[Passage]:
    text = paragraph.text
    starts = [(number, length if number else 0)]
    for match in _INLINE.finditer(text):
        if starts[-1][0] and int(match[1]) == starts[-1][0] + 1 and place.style == "1.":
            starts.append((int(match[1]), match.end()))
    for index, (item, start) in enumerate(starts):
        if item:
            place.item, place.title = item, ""
        end = len(text)
        if index + 1 < len(starts):
            end = text.rindex(str(starts[index + 1][0]), start, starts[index + 1][1])
        yield _with_title(Passage(
            paragraph, start, end, place.section, place.column, place.column_title,
            str(place.item) if place.item else "", place.title,
        ), place, new=bool(item))  # fmt: skip


def _with_title(passage: Passage, place: _Place, *, new: bool) -> Passage:
    title = _TITLE.match(passage.text) if new else None
    if title is None:
        return passage
    place.title = title[1]
    return replace(passage, start=passage.start + title.end(), title=title[1])
