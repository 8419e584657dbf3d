"""Draft a registry from a plan's text: typed records, and a list of what could not be typed.

Nothing is invented: every field is text of the plan, spelled by table, or what the gazetteer says
of a place. What is refused or left over stands in the residue with its paragraph and line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yanshan_gis.extraction.document import Document
from yanshan_gis.extraction.drafting import Item
from yanshan_gis.extraction.drafts import Draft
from yanshan_gis.extraction.mentions import Scanner, Token
from yanshan_gis.extraction.phrases import Element, Segment, split_sentences
from yanshan_gis.extraction.places import Located, Resolver
from yanshan_gis.extraction.structure import Passage, read_passages
from yanshan_gis.extraction.words import kind_of
from yanshan_gis.messages import N_, Language, Notice, translate
from yanshan_gis.plan.amounts import REASONS
from yanshan_gis.plan.gazetteer import Gazetteer
from yanshan_gis.plan.registry import Project

_SMALL = re.compile("[一二两三四五六七八九十]")
LEFT_OUT = REASONS | {
    "place-alone": N_("places without anything said of them"),
    "statement": N_("a figure outside the special columns that no project was found for"),
    "ground": N_("a figure of what there is already, on which the project rests"),
    "repeated": N_("the same figure again; it was taken once"),
    "row": N_("a row of a table; import it with yanshan import projects"),
    "words": N_("words without a place or a figure"),
    "place-statement": N_("a place outside the special columns that no project was found for"),
}


@dataclass(frozen=True)
class Residue:
    """A phrase that could not be typed.

    Parameters
    ----------
    paragraph, line
        Where it stands, from 1.
    column, item
        The special column and item; None and empty outside.
    text
        As written.
    reason
        A key of `LEFT_OUT`.
    """

    paragraph: int
    line: int
    column: int | None
    item: str
    text: str
    reason: str


@dataclass(frozen=True)
class Extraction:
    """A draft registry.

    Parameters
    ----------
    projects
        In the order of the text.
    residue
        What was not typed, in the order of the text.
    notices
        How the document was read, and what was left out as a whole.
    """

    projects: tuple[Project, ...]
    residue: tuple[Residue, ...]
    notices: tuple[Notice, ...] = ()


def extract(document: Document, gazetteer: Gazetteer, *, language: Language = "zh") -> Extraction:
    """Draft a registry.

    Parameters
    ----------
    document
        The plan.
    gazetteer
        The county's places.
    language
        Of the notes in the records.

    Returns
    -------
    Extraction
        Records, residue and notices.
    """
    reader = _Reader(gazetteer, language)
    for passage in read_passages(document.paragraphs):
        reader.read(passage)
    reader.close()
    notices = list(document.notices)
    if reader.plain:
        text = N_(
            "{count} sentences outside the special columns have neither a place nor a figure and "
            "were left out."
        )
        notices.append(Notice("plan-plain-sentences", text, {"count": reader.plain}))
    residue = sorted(reader.residue, key=lambda entry: (entry.paragraph, entry.line))
    return Extraction(tuple(reader.projects), tuple(residue), tuple(notices))


class _Reader:
    """Goes through the passages, item by item."""

    def __init__(self, gazetteer: Gazetteer, language: Language) -> None:
        self._scanner = Scanner(gazetteer)
        self._resolver = Resolver(self._scanner)
        self._language = language
        self._item: Item | None = None
        self._passages: list[Passage] = []
        self.projects: list[Project] = []
        self.residue: list[Residue] = []
        self.plain = 0
        self._outside = 0
        self._made: Counter[tuple[int, int]] = Counter()

    def read(self, passage: Passage) -> None:
        if passage.column is None:
            self.close()
            self._read_outside(passage)
            return
        if not self._passages or not _continues(self._passages[-1], passage):
            self.close()
            self._item = Item(passage.title, self._resolver)
            self._item.read_title(self._sentences(self._scanner.scan(passage.title)))
        self._passages.append(passage)
        tokens = self._scanner.scan(passage.text)
        self._refused(passage, tokens)
        if self._item is not None:
            for sentence in split_sentences(tokens):
                self._item.read_sentence(sentence)
            self._loose(passage, self._item)

    def _sentences(self, tokens: Sequence[Token]) -> list[Segment]:
        return [segment for sentence in split_sentences(tokens) for segment in sentence]

    def close(self) -> None:
        """Turn the item's drafts into records."""
        if self._item is None or not self._passages:
            self._item, self._passages = None, []
            return
        passage = self._passages[0]
        drafts = self._item.finish()
        if not drafts and self._item.title:
            drafts = [self._item.draft(self._item.title, Located(), 0)]
        self._write(self._item, drafts, passage)
        self._item, self._passages = None, []

    def _write(self, item: Item, drafts: Sequence[Draft], passage: Passage) -> None:
        column, number = passage.column or 0, int(passage.item or 0)
        names: dict[int, str] = {}
        for draft in drafts:
            if passage.column is None:
                self._outside += 1
                names[id(draft)] = f"P00{self._outside * 10:04d}"
            else:
                self._made[column, number] += 1
                names[id(draft)] = f"P{column:02d}{number:02d}{self._made[column, number]:02d}"
        for draft in drafts:
            self.projects.append(self._project(item, draft, passage, names))

    def _project(
        self, item: Item, draft: Draft, passage: Passage, names: dict[int, str]
    ) -> Project:
        for figure, reason in [
            *((figure, "unit-unknown") for figure in draft.untyped),
            *((figure, "repeated") for figure in draft.repeated),
        ]:
            self._residue(passage, figure.start, figure.end, reason)
        where = draft.where
        kind = item.kind(draft, passage.column_title)
        notes = "；".join(dict.fromkeys(note.render(self._language) for note in draft.notes))
        line = translate(
            N_("paragraph {paragraph}, line {line}"), self._language,
            paragraph=passage.paragraph.number, line=passage.line_at(draft.offset),
        )  # fmt: skip
        return Project(
            id=names[id(draft)], name=draft.name or item.title or passage.text[:20], kind=kind,
            column=passage.column, section=passage.section,
            item=passage.item if passage.column is not None else "",
            part_of=names.get(id(draft.whole), "") if draft.whole is not None else "",
            townships=where.townships,
            committees=tuple(c for c in where.committee.split("、") if c),
            group=where.group, place=where.place, source=line, note=notes,
            amounts=tuple(draft.amounts),
        )  # fmt: skip

    # --- outside the columns ---------------------------------------------------------------

    def _read_outside(self, passage: Passage) -> None:
        tokens = self._scanner.scan(passage.text)
        if passage.paragraph.is_row:
            if any(token.kind in {"figure", "refused"} for token in tokens):
                self._residue(passage, 0, len(passage.text), "row")
            return
        self._refused(passage, tokens)
        for sentence in split_sentences(tokens):
            self._outside_sentence(passage, sentence)

    def _outside_sentence(self, passage: Passage, sentence: list[Segment]) -> None:
        """Draft what is launched at a place; list other figures and places as statements."""
        elements = [element for segment in sentence for element in segment.elements]
        placed = any(self._is_known(element) for element in elements)
        # 四个意识 is a way of speaking: outside the columns only written figures count.
        figured = any(_SMALL.match(f.text) is None for f in _figures(elements))
        if not placed and not figured:
            self.plain += 1
            return
        launched = any(e.verb for e in elements if e.figures or self._is_known(e))
        if not launched or kind_of("".join(s.text for s in sentence)) == "":
            self._leave(passage, sentence, "statement" if figured else "place-statement")
            return
        item = Item("", self._resolver, outside=True)
        for segment in sentence:
            if any(self._is_known(e) or e.figures for e in segment.elements):
                item.read_segment(segment)
        drafts = [draft for draft in item.finish() if draft.name]
        self._loose(passage, item)
        if not drafts:
            self._leave(passage, sentence, "statement" if figured else "place-statement")
        self._write(item, drafts, passage)

    def _is_known(self, element: Element) -> bool:
        """Whether an element names a place of the register: outside, nothing else is one."""
        if element.townships:
            return True
        return bool(element.committee) and self._resolver.locate(element).settled

    # --- residue ---------------------------------------------------------------------------

    def _refused(self, passage: Passage, tokens: Iterable[Token]) -> None:
        for token in tokens:
            if token.kind == "refused":
                self._residue(passage, token.start, token.end, token.reason)

    def _loose(self, passage: Passage, item: Item) -> None:
        for start, end, reason in item.loose:
            self._residue(passage, start, end, reason)
        item.loose = []

    def _leave(self, passage: Passage, sentence: list[Segment], reason: str) -> None:
        if sentence:
            last = sentence[-1]
            self._residue(passage, sentence[0].start, last.start + len(last.text), reason)

    def _residue(self, passage: Passage, start: int, end: int, reason: str) -> None:
        self.residue.append(Residue(
            passage.paragraph.number, passage.line_at(start), passage.column,
            passage.item if passage.column is not None else "", passage.text[start:end], reason,
        ))  # fmt: skip


def _figures(elements: Iterable[Element]) -> list[Token]:
    return [token for element in elements for token in element.tokens if token.kind == "figure"]


def _continues(before: Passage, passage: Passage) -> bool:
    return (before.column, before.item, before.section) == (
        passage.column, passage.item, passage.section,
    ) and before.paragraph is not passage.paragraph and not _fresh(passage)  # fmt: skip


def _fresh(passage: Passage) -> bool:
    return passage.item == "" and passage.start == 0
