"""Draft records of one item, and how figures come to them.

A figure goes to the record that is spoken of. One figure for several records makes them one joint
record, for it is never divided; 均, 各 and 每 give it to each; 分别 gives one to each in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from yanshan_gis.extraction.phrases import Element
from yanshan_gis.extraction.places import Located, Resolver
from yanshan_gis.extraction.words import SETTLED_BY_TITLE, kind_of
from yanshan_gis.messages import N_, Notice
from yanshan_gis.plan.amounts import Figure
from yanshan_gis.plan.registry import JOINER, Amount

NOTES = {
    "joint": N_("one figure for several places; not divided"),
    "same-sentence": N_("the township is that of the same sentence or list"),
    "multiplied": N_("{each} each for {count} townships"),
    "each": N_("each of the townships"),
    "part": N_("part of the county's figure by context"),
}
_SIZE = frozenset({"m³", "m²", "亩"})
_MOST_COPIES = 50


@dataclass
class Draft:
    """A record in the making.

    Parameters
    ----------
    name
        As far as the text gives one.
    where
        Its places.
    content
        What is done there.
    offset
        Of its first phrase in the passage.
    whole
        The record it is a part of.
    amounts, notes
        Collected along the text.
    untyped, repeated
        Counts by a word that is no unit, and figures that only say again what is there.
    county
        True where the text names the county as its place.
    launched
        True for a thing built as part of another project.
    listed
        How many figures of a list (分别为) it and its copies have taken.
    """

    name: str
    where: Located
    content: str = ""
    offset: int = 0
    whole: Draft | None = None
    amounts: list[Amount] = field(default_factory=list)
    untyped: list[Figure] = field(default_factory=list)
    repeated: list[Figure] = field(default_factory=list)
    notes: list[Notice] = field(default_factory=list)
    county: bool = False
    launched: bool = False
    listed: int = 0

    def give(self, figure: Figure) -> None:
        """Add a figure.

        Parameters
        ----------
        figure
            Of this record.
        """
        if not figure.known:
            self.untyped.append(figure)
        elif figure.amount in self.amounts:
            self.repeated.append(figure)
        else:
            self.amounts.append(figure.amount)

    def note(self, key: str, **values: object) -> None:
        """Add a note.

        Parameters
        ----------
        key
            Of `NOTES`.
        **values
            For its gaps.
        """
        self.notes.append(Notice(f"draft-{key}", NOTES[key], values))

    @property
    def count(self) -> int:
        """How many things the record counts (3 个, 2 座); 0 where it does not say."""
        found = [a.value for a in self.amounts if a.unit == "个" and a.nature == "quantity"]
        found += [figure.value for figure in self.untyped]
        return int(found[0]) if len(found) == 1 else 0

    def without_count(self) -> None:
        """Leave a count out, for the things are records of their own."""
        self.untyped = []
        self.amounts = [a for a in self.amounts if a.unit != "个" or a.nature != "quantity"]


@dataclass
class Drafts:
    """The records of one item.

    Parameters
    ----------
    title
        What stands before the colon.
    resolver
        Settles places.
    township
        Of the title, where the title is a township.
    drafts
        All records.
    group
        Those spoken of last.
    loose
        Phrases that were not typed: start, end, reason.
    """

    title: str
    resolver: Resolver
    township: str = ""
    drafts: list[Draft] = field(default_factory=list)
    group: list[Draft] = field(default_factory=list)
    loose: list[tuple[int, int, str]] = field(default_factory=list)

    def draft(self, name: str, where: Located, offset: int) -> Draft:
        """Make a record; it is not yet one of the item's.

        Parameters
        ----------
        name
            Of the project.
        where
            Its places.
        offset
            Into the passage.

        Returns
        -------
        Draft
            Without figures.
        """
        draft = Draft(name, where, offset=offset)
        draft.notes.extend(where.notes)
        return draft

    def start(self, drafts: list[Draft], *, add: bool = False) -> None:
        """Take records up; they are then the ones spoken of.

        Parameters
        ----------
        drafts
            New records.
        add
            Beside those spoken of already.
        """
        self.group = [*self.group, *drafts] if add else list(drafts)
        self.drafts.extend(drafts)
        self._parts_of_county(drafts)

    def _parts_of_county(self, drafts: list[Draft]) -> None:
        first = self.drafts[0]
        if not (first.county and any(a.nature == "quantity" for a in first.amounts)):
            return
        for draft in drafts:
            if draft is not first and draft.whole is None and draft.where.townships:
                draft.whole = first
                draft.note("part")

    def current(self, offset: int) -> None:
        """See that some record is spoken of: the county-wide one, or one of the item's title.

        Parameters
        ----------
        offset
            Into the passage.
        """
        if not self.group:
            townships = (self.township,) if self.township else ()
            if self.drafts and not self.drafts[0].where.townships:
                self.group = [self.drafts[0]]
                return
            self.start([self.draft(self.title, Located(townships), offset)])

    def attach(
        self,
        figures: Sequence[Figure],
        element: Element | None = None,
        drafts: list[Draft] | None = None,
    ) -> None:
        """Give figures to the records they are of.

        Parameters
        ----------
        figures
            Of one phrase.
        element
            The phrase.
        drafts
            The records; those spoken of last when not given.
        """
        if not figures:
            return
        if not self.group:
            self.current(figures[0].start)
            if element is not None and not self.group[0].name:
                self.group[0].name = f"{element.name}{element.content}"
            self.group[0].county = element.county if element is not None else False
            self.group[0].content = element.content if element is not None else ""
        targets = drafts or self.group
        figures = _without_count_of_one([_told(figure, element) for figure in figures])
        row = [figure for figure in figures if figure.respective]
        rest = [figure for figure in figures if not figure.respective]
        if row:
            self._respective(row, targets)
        self._one_by_one(rest, targets)

    def _respective(self, row: list[Figure], targets: list[Draft]) -> None:
        """Give a list of figures: one to each record, or one to each of new ones."""
        if len(row) == len(targets):
            for draft, figure in zip(targets, row, strict=True):
                draft.give(figure)
            return
        model = targets[-1]
        if model.count == len(row):
            model.without_count()
        name = model.name
        for number, figure in enumerate(row, model.listed):
            draft = model if number == 0 else self._copy(model)
            draft.give(figure)
            if number:
                draft.name = f"{name}（{figure.value:g}{figure.unit}）"
        model.listed += len(row)

    def _copy(self, model: Draft) -> Draft:
        draft = Draft(model.name, replace(model.where), model.content, model.offset, model.whole)
        draft.notes = list(model.notes)
        self.drafts.append(draft)
        return draft

    def _one_by_one(self, figures: Sequence[Figure], targets: list[Draft]) -> None:
        for figure in figures:
            if figure.each:
                self._to_each(figure, targets)
            elif len(targets) == 1 or (figure.counter and figure.value == 1):
                targets[-1].give(figure)
            elif not (figure.counter and figure.value == len(targets)):
                self._for_all(targets).give(figure)

    def _to_each(self, figure: Figure, targets: list[Draft]) -> None:
        """均, 各, 每: every thing spoken of has it."""
        only = targets[0] if len(targets) == 1 else None
        if only is None:
            for draft in targets:
                draft.give(_of_one(figure) if draft.count == 1 else figure)
        elif len(only.where.townships) > 1 and figure.counter and figure.known:
            self._distribute(figure, only)
        elif len(only.where.townships) > 1 and figure.basis == "total":
            only.give(replace(figure, basis="per_unit", note=figure.note))
            only.note("each")
        elif 1 < only.count <= _MOST_COPIES and figure.unit in _SIZE:
            copies = [self._copy(only) for _ in range(only.count - 1)]
            only.without_count()
            for draft in (only, *copies):
                draft.give(_of_one(figure))
        else:
            only.give(_of_one(figure) if only.count == 1 else figure)

    def _for_all(self, targets: list[Draft]) -> Draft:
        """Find the one record for a figure of several: joint, or their whole."""
        first = targets[0]
        if targets[-1] not in self.drafts:  # joined by the figure before
            return first
        if first.whole is not None and all(d.whole is first.whole for d in targets):
            return first.whole
        where = merge_places([draft.where for draft in targets])
        if not any(draft.amounts for draft in targets):
            first.where = where
            first.untyped += [figure for draft in targets[1:] for figure in draft.untyped]
            first.note("joint")
            self.drafts = [d for d in self.drafts if d is first or d not in targets]
            self.group = [d for d in self.group if d is first or d not in targets]
            return first
        # Each has figures of its own: what they share is that of a whole they are parts of.
        whole = self.draft(self.title or first.content, where, first.offset)
        whole.content, whole.whole = first.content, first.whole
        whole.note("joint")
        for draft in targets:
            draft.whole = whole
        self.drafts.insert(self.drafts.index(first), whole)
        return whole

    def _distribute(self, figure: Figure, whole: Draft) -> None:
        """各建 1 个: the whole has as many as there are townships, and each its own."""
        townships, amount = whole.where.townships, figure.amount
        values = {"each": f"{amount.value:g} {amount.unit}", "count": len(townships)}
        whole.give(replace(figure, value=amount.value * len(townships)))
        whole.note("multiplied", **values)
        for township in townships:
            name = f"{township}{amount.what or whole.content}"
            part = self.draft(name, Located((township,)), whole.offset)
            part.whole, part.content = whole, whole.content
            part.give(figure)
            self.drafts.append(part)

    def _name_townships(self) -> None:
        """示范乡镇: the townships listed are not where the things are, they are the things."""
        for whole in [d for d in self.drafts if d.whole is None and len(d.where.townships) > 1]:
            for township in whole.where.townships:
                part = self.draft(f"{township}{self.title}", Located((township,)), whole.offset)
                part.whole, part.content = whole, whole.content
                self.drafts.append(part)

    def finish(self) -> list[Draft]:
        """Close the item.

        Returns
        -------
        list of Draft
            Without those that are mere headings of their parts.
        """
        if kind_of(self.title) == "model_township":
            self._name_townships()
        headings = [draft for draft in self.drafts if self._is_heading(draft)]
        for draft in self.drafts:
            if draft.whole in headings:
                draft.whole = draft.whole.whole if draft.whole is not None else None
        return [draft for draft in self.drafts if draft not in headings]

    def _is_heading(self, draft: Draft) -> bool:
        """Whether a record says no more than how many parts with sizes of their own follow."""
        parts = [part for part in self.drafts if part.whole is draft]
        sized = all(any(a.unit in _SIZE for a in part.amounts) for part in parts)
        told = len(draft.amounts) + len(draft.untyped) == 1
        return bool(parts) and sized and told and draft.count == len(parts)

    def kind(self, draft: Draft, column_title: str) -> str:
        """Tell a record's kind by the item's title, its own words, the column's title.

        Parameters
        ----------
        draft
            The record.
        column_title
            Of the special column.

        Returns
        -------
        str
            A code of the layer ``projects``.
        """
        by_title = kind_of(self.title)
        if by_title in SETTLED_BY_TITLE:
            return by_title
        own = kind_of(draft.name) or kind_of(draft.content)
        if draft.launched and own:
            return own
        if by_title and not self.title.startswith("其他"):
            return by_title
        return own or kind_of(column_title) or "other"


def _without_count_of_one(figures: list[Figure]) -> list[Figure]:
    """1个1000平方米: the size says all that the count of one does."""
    sized = any(figure.unit in _SIZE for figure in figures)
    return [f for f in figures if not (sized and f.counter and f.value == 1)]


def _of_one(figure: Figure) -> Figure:
    """每座300立方米 of one thing is all it has."""
    return replace(figure, basis="total", note="") if figure.unit in _SIZE else figure


def _told(figure: Figure, element: Element | None) -> Figure:
    """Say of what a figure is, where its own words do not."""
    if element is None or figure.what or figure.nature == "beneficiaries":
        return figure
    if figure.nature == "money":
        return replace(figure, what="投资")
    return replace(figure, what=element.content or element.name)


def merge_places(places: Sequence[Located]) -> Located:
    """Put the places of several phrases together.

    Parameters
    ----------
    places
        In order.

    Returns
    -------
    Located
        A committee outside the first township is written township/committee.
    """
    townships = tuple(_unique(t for where in places for t in where.townships))
    committees = [
        where.committee
        if where.townships[:1] == townships[:1] or "/" in where.committee
        else "/".join([*where.townships[:1], where.committee])
        for where in places
        if where.committee
    ]
    return Located(
        townships,
        JOINER.join(_unique(committees)),
        JOINER.join(_unique(where.group for where in places if where.group)),
        JOINER.join(_unique(where.place for where in places if where.place)),
        settled=all(where.settled for where in places),
    )


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
