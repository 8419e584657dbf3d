"""From the phrases of one numbered item to draft records.

Every named place below the townships makes a record of its own; a list of townships with one
thing makes a joint record, whose figures are never divided. A phrase without a place goes on with
the record before it. What follows 其中 is part of the record before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from yanshan_gis.messages import N_, Notice
from yanshan_gis.plan.amounts import Figure
from yanshan_gis.plan.phrases import Element, Segment, as_place
from yanshan_gis.plan.places import Located, Resolver
from yanshan_gis.plan.registry import Amount
from yanshan_gis.plan.words import LAUNCH, SETTLED_BY_TITLE, is_thing, kind_of, stands_alone

NOTES = {
    "joint": N_("one figure for several places; not divided"),
    "same-sentence": N_("the township is that of the same sentence or list"),
    "multiplied": N_("{each} each for {count} townships"),
}
_SIZE = {"m³", "m²", "亩"}


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
    county
        True where the text names the county as its place.
    dropped
        True for a mere heading of its parts.
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
    counts: list[Figure] = field(default_factory=list)
    notes: list[Notice] = field(default_factory=list)
    county: bool = False
    dropped: bool = False
    launched: bool = False
    listed: int = 0

    def add(self, amount: Amount) -> None:
        if amount not in self.amounts:
            self.amounts.append(amount)


@dataclass
class Item:
    """One numbered item of a column, or one sentence outside, while it is read.

    Parameters
    ----------
    title
        What stands before the colon.
    resolver
        Settles places.
    """

    title: str
    resolver: Resolver
    township: str = ""
    titled: bool = False
    in_title: bool = False
    ground: Element | None = None
    outside: bool = False
    drafts: list[Draft] = field(default_factory=list)
    group: list[Draft] = field(default_factory=list)
    whole: Draft | None = None
    loose: list[tuple[int, int, str]] = field(default_factory=list)
    sentence_township: str = ""

    # --- reading ---------------------------------------------------------------------------

    def read_title(self, segments: Sequence[Segment]) -> None:
        """Read the item's title: a township that binds, or the project itself."""
        elements = [e for segment in segments for e in segment.elements]
        if len(elements) == 1 and elements[0].is_place_only and not elements[0].place:
            found = self.resolver.townships(elements[0])
            self.township = found[0] if len(found) == 1 else ""
            return
        if any(element.has_place for element in elements):
            self.in_title = True
            for segment in segments:
                self._read_list(segment)
            self.in_title, self.titled = False, bool(self.drafts)

    def read_sentence(self, segments: Sequence[Segment]) -> None:
        """Read one sentence of the item."""
        self.whole, self.sentence_township, self.ground = None, "", None
        if not self.titled:
            self.group = []
        for segment in segments:
            self.read_segment(segment)

    def read_segment(self, segment: Segment) -> None:
        """Read what stands between two commas."""
        # 其中 after a list of places speaks of these again; after one record, of its parts.
        if segment.part and self.whole is None and len(self.group) == 1:
            self.whole = self.group[0]
        if self.titled:
            self._read_detail(segment)
        elif segment.support:
            self._read_support(segment)
        elif segment.links:
            self._link(segment)
        else:
            self._read_list(segment)

    def _read_support(self, segment: Segment) -> None:
        """依托 … tells a ground; 以 A、B 为重点 tells the townships of the item."""
        townships = self._townships_of(segment)
        self.ground = next((e for e in segment.elements if e.has_place), self.ground)
        if len(townships) > 1 and not any(element.place for element in segment.elements):
            self._start([self.draft(self.title or segment.text, Located(townships), segment.start)])
        self._attach([f for e in segment.elements for f in e.figures])

    def _townships_of(self, segment: Segment) -> tuple[str, ...]:
        found = [t for e in segment.elements for t in self.resolver.townships(e)]
        return tuple(dict.fromkeys(found))

    def _link(self, segment: Segment) -> None:
        townships = self._townships_of(segment)
        if townships:
            self._current(segment.start)
            for draft in self.group:
                draft.where.townships = tuple(dict.fromkeys((*draft.where.townships, *townships)))
        self._attach([f for e in segment.elements for f in e.figures])

    def _read_detail(self, segment: Segment) -> None:
        """Read the body of an item whose title is the project: figures and village names."""
        for element in segment.elements:
            group = _committee_like(element)
            if group and len(self.group) == 1 and not self.group[0].where.settled:
                self.group[0].where.group = self.group[0].where.group or group
            figures = element.figures
            if not figures:
                continue
            named = [d for d in self.drafts if _names(element.text, d.where.place or d.content)]
            before, self.group = self.group, named or self.group
            self._attach(figures, element)
            self.group = before

    # --- lists -----------------------------------------------------------------------------

    def _read_list(self, segment: Segment) -> None:
        pending: list[Element] = []
        made: list[Draft] = []
        carried = ""
        launching = False
        elements = segment.elements
        last = len(elements) - 1
        for index, element in enumerate(elements):
            in_list = segment.place_list and index < last
            if in_list or (element.is_place_only and (element.has_place or pending)):
                pending.append(as_place(element) if in_list else element)
                continue
            if self._is_placed(element, pending, segment):
                made += self._place(pending, element, carried, segment, first=not made)
                pending = []
            else:
                launching = self._unplaced(element, segment, made, carried, launching)
            written = self.resolver.townships(element)
            carried = written[-1] if written else carried
        if pending:
            self._leftover(pending, segment, made)

    def _is_placed(self, element: Element, pending: list[Element], segment: Segment) -> bool:
        if element.has_place or pending:
            return True
        if not element.name:
            return False
        if element.at or element.is_route:
            return True
        township = self.township or self.sentence_township
        known = self.resolver.knows(element.name, township)
        stands = segment.part or bool(self.township) or bool(element.verb) or not element.prefix
        return known and stands

    def _place(
        self,
        pending: list[Element],
        element: Element,
        carried: str,
        segment: Segment,
        *,
        first: bool,
    ) -> list[Draft]:
        """Make the records of a list of places that share one content, or find them again."""
        elements = [*pending, element]
        if all(not e.place for e in elements):
            drafts = [self._joint(elements, element)]
        else:
            drafts = self._each(elements, element, carried)
        single = len(drafts) == 1 and (first or segment.part)
        again = self._again(drafts, element, segment) if single else None
        if again is not None:
            self.group = [again]
        else:
            for draft in drafts:
                draft.whole = self.whole if segment.part else draft.whole
                if segment.part and self.whole is not None and not draft.content:
                    draft.content = self.whole.content
            self._start(drafts, add=not first)
        townships = self.group[-1].where.townships if self.group else ()
        self.sentence_township = townships[0] if len(townships) == 1 else self.sentence_township
        figures = [f for e in elements for f in e.figures]
        self._attach(figures, element, drafts=None if again else drafts)
        return [again] if again is not None else drafts

    def _joint(self, elements: list[Element], last: Element) -> Draft:
        townships = [t for e in elements for t in self.resolver.townships(e)]
        where = Located(tuple(dict.fromkeys(townships)))
        name = f"{last.prefix}{last.content}" or self.title
        if len(where.townships) == 1:
            name = f"{last.townships[0] if last.townships else ''}{name}"
        draft = self.draft(name, where, elements[0].start)
        draft.content = f"{last.prefix}{last.content}"
        return draft

    def _each(self, elements: list[Element], last: Element, carried: str) -> list[Draft]:
        drafts: list[Draft] = []
        committee = ""
        open_names: list[Draft] = []
        elsewhere = False
        stated = carried or (self.sentence_township if not self.township else "")
        for element in elements:
            if element.townships:
                stated, committee = "", element.committee
            elif element.committee:
                committee = element.committee
            elif committee and not element.group:
                element.committee = committee  # 三合村法土龙、响水龙: still of 三合村
            committee = committee if element.name else ""
            context = self.township if not element.townships else ""
            where = self.resolver.locate(element, context, stated)
            draft = self.draft(_name(element, last), where, element.start)
            draft.content = f"{last.prefix}{last.content}"
            if stated and not where.townships:
                open_names.append(draft)
            elsewhere = elsewhere or where.elsewhere
            if element.townships and len(where.townships) == 1:
                stated = where.townships[0]
            drafts.append(draft)
        if not elsewhere:
            self._carry(open_names, drafts, carried)
        return drafts

    def _carry(self, open_names: list[Draft], drafts: list[Draft], carried: str) -> None:
        """Let a township hold along a list of names that nothing contradicts."""
        for draft in open_names:
            stated = next(
                (d.where.townships[0] for d in drafts if d.where.townships), self.sentence_township
            )
            if stated and (len(drafts) > 1 or not carried):
                draft.where.townships = (stated,)
                draft.notes.append(Notice("draft-same-sentence", NOTES["same-sentence"], {}))

    def _again(self, drafts: list[Draft], element: Element, segment: Segment) -> Draft | None:
        """Find the record that a phrase speaks of again."""
        where = drafts[0].where
        for old in reversed(self.drafts):
            if old.whole is not None and segment.part and old not in self.group:
                continue
            if _same_place(old, where, element) and not self._new_thing(old, element):
                if _builds_more(old, element):
                    drafts[0].whole, drafts[0].launched = old.whole or old, True
                    return None
                old.where.group = old.where.group or where.group
                return old
        current = self.group[-1] if self.group else None
        refines = element.at and not element.townships and not element.committee
        if current is not None and refines and current.where.committee and not segment.part:
            current.where.group = current.where.group or where.group
            return current
        return None

    def _new_thing(self, old: Draft, element: Element) -> bool:
        """Whether a phrase builds something else at the place of an earlier record."""
        if not element.content or not old.content:
            return False
        if element.figures or old.where.place:
            return False
        return not _share(old.content, element.content, 2)

    # --- phrases without a place -----------------------------------------------------------

    def _unplaced(
        self,
        element: Element,
        segment: Segment,
        made: list[Draft],
        carried: str,
        launching: bool,
    ) -> bool:
        """Read a phrase without a known place; tell whether it launches something."""
        if element.figures:
            if self.outside and self._is_another(element):
                self.group = []
                self._start([self.draft(f"{element.name}{element.content}", Located(),
                                        element.start)])  # fmt: skip
            self._attach(element.figures, element)
            return False
        if self.in_title and made and element.name:
            self._titled_name(element, made, carried)
            return False
        if segment.part or not element.is_thing:
            return False
        if made and not element.led and not launching:
            self._coordinate(element, made, carried)
        elif self.group and (element.launches or (launching and not element.led)):
            self._launched(element)
            return True
        elif stands_alone(element.content) and (element.led or made):
            self._county_wide(element, made)
        return False

    def _is_another(self, element: Element) -> bool:
        """Outside the columns, a second amount of one unit is that of another thing."""
        if not self.group or not element.content or not kind_of(element.content):
            return False
        units = {a.unit for a in self.group[-1].amounts if a.nature == "quantity"}
        return any(f.nature == "quantity" and f.unit in units for f in element.figures)

    def _titled_name(self, element: Element, made: list[Draft], carried: str) -> None:
        """A second place of a title: the township of the title holds for it."""
        townships = (carried,) if carried else ()
        where = Located(townships, "", element.name, element.name)
        draft = self.draft(f"{element.name}{element.content}", where, element.start)
        draft.content = element.content
        self._start([draft], add=True)
        made.append(draft)

    def _coordinate(self, element: Element, made: list[Draft], carried: str) -> None:
        """A member of a list of projects that has no known place: 哪哈文化旅游项目."""
        before = made[-1]
        alike = kind_of(before.content) == kind_of(element.content)
        if alike and not is_thing(before.content) and not before.amounts:
            before.name = f"{before.name}、{element.name}{element.content}"  # 茶叶、辣椒间作项目
            before.content = f"{before.content}、{element.name}{element.content}"
            return
        where = Located()
        if element.name:
            where = self.resolver.locate(element, self.township, carried)
            where = replace(where, group="") if not where.settled else where
        draft = self.draft(f"{element.name}{element.content}", where, element.start)
        if not element.name and carried:
            where.townships = (carried,)
            draft.notes.append(Notice("draft-same-sentence", NOTES["same-sentence"], {}))
        draft.content = element.content
        self._start([draft], add=True)
        made.append(draft)

    def _launched(self, element: Element) -> None:
        """A thing built as part of the record before it: 新建游客服务中心."""
        before = self.group[-1]
        if _share(before.name, element.content, 4):
            return
        draft = self.draft(element.content, replace(before.where), element.start)
        draft.whole, draft.content = before.whole or before, element.content
        draft.launched = True
        self.drafts.append(draft)

    def _county_wide(self, element: Element, made: list[Draft]) -> None:
        if any(_share(d.name, element.content, 5) for d in self.drafts):
            return
        name = f"{element.name}{element.content}"
        townships = (self.township,) if self.township else ()
        where = Located(townships, place=element.name)
        if self.ground is not None and _share(self.ground.content, element.content, 4):
            where = self.resolver.locate(self.ground, self.township)
        if not self.drafts and _share(self.title, element.content, 2):
            name = self.title or name
        draft = self.draft(name, where, element.start)
        draft.content, draft.county = element.content, element.county
        self._start([draft])
        made.append(draft)

    def _leftover(self, pending: list[Element], segment: Segment, made: list[Draft]) -> None:
        if segment.part or self.group:
            self._link(segment)
            return
        self.loose.append((segment.start, segment.start + len(segment.text), "place-alone"))

    # --- records and figures ---------------------------------------------------------------

    def draft(self, name: str, where: Located, offset: int) -> Draft:
        """Make a record; it is not yet one of the item's."""
        draft = Draft(name, where, offset=offset)
        draft.notes.extend(where.notes)
        return draft

    def _start(self, drafts: list[Draft], *, add: bool = False) -> None:
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

    def _current(self, offset: int) -> None:
        if not self.group:
            townships = (self.township,) if self.township else ()
            if self.drafts and not self.drafts[0].where.townships:
                self.group = [self.drafts[0]]
                return
            self._start([self.draft(self.title, Located(townships), offset)])

    def _attach(
        self,
        figures: Sequence[Figure],
        element: Element | None = None,
        drafts: list[Draft] | None = None,
    ) -> None:
        if not figures:
            return
        if not self.group:
            self._current(figures[0].start)
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
        self._plain(rest, targets)

    def _respective(self, row: list[Figure], targets: list[Draft]) -> None:
        if len(row) == len(targets):
            for draft, figure in zip(targets, row, strict=True):
                draft.add(figure.amount)
            return
        model = targets[-1]
        model.counts = [count for count in model.counts if count.value != len(row)]
        model.amounts = [a for a in model.amounts if not (a.unit == "个" and a.value == len(row))]
        for number, figure in enumerate(row, model.listed):
            draft = model if number == 0 else self._copy(model)
            draft.add(figure.amount)
            draft.name = f"{model.name}（{figure.value:g}{figure.unit}）" if number else draft.name
        model.listed += len(row)

    def _copy(self, model: Draft) -> Draft:
        draft = Draft(model.name, replace(model.where), model.content, model.offset, model.whole)
        draft.notes = list(model.notes)
        self.drafts.append(draft)
        return draft

    def _plain(self, figures: list[Figure], targets: list[Draft]) -> None:
        for figure in figures:
            if figure.each and figure.counter and len(targets[-1].where.townships) > 1:
                self._distribute(figure, targets[-1])
            elif figure.each:
                for draft in targets:
                    _give(draft, figure)
            elif len(targets) > 1 and not figure.counter and targets is self.group:
                self._join(targets)
                targets = self.group
                _give(self.group[0], figure)
            else:
                _give(targets[-1], figure)

    def _join(self, targets: list[Draft]) -> None:
        """Make one record of several that share one figure."""
        first = targets[0]
        places = [d.where for d in targets]
        first.where = Located(
            tuple(dict.fromkeys(t for where in places for t in where.townships)),
            "、".join(dict.fromkeys(where.committee for where in places if where.committee)),
            "、".join(dict.fromkeys(where.group for where in places if where.group)),
            "、".join(dict.fromkeys(where.place for where in places if where.place)),
        )
        first.notes.append(Notice("draft-joint", NOTES["joint"], {}))
        self.drafts = [d for d in self.drafts if d is first or d not in targets]
        self.group = [first]

    def _distribute(self, figure: Figure, whole: Draft) -> None:
        """各建 1 个: the whole has as many as there are townships, and each its own."""
        townships = whole.where.townships
        amount = figure.amount
        values = {"each": f"{amount.value:g} {amount.unit}", "count": len(townships)}
        whole.add(replace(amount, value=amount.value * len(townships)))
        whole.notes.append(Notice("draft-multiplied", NOTES["multiplied"], values))
        for township in townships:
            part = self.draft(f"{township}{amount.what or whole.content}", Located((township,)),
                             whole.offset)  # fmt: skip
            part.whole, part.content = whole, whole.content
            part.add(amount)
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
        for draft in self.drafts:
            parts = [d for d in self.drafts if d.whole is draft]
            counts = [a for a in draft.amounts if a.unit == "个"]
            sized = all(any(a.unit in _SIZE for a in d.amounts) for d in parts)
            if (
                parts
                and sized
                and counts == draft.amounts
                and [a.value for a in counts] == [len(parts)]
            ):
                draft.dropped = True
                for part in parts:
                    part.whole = draft.whole
        return [draft for draft in self.drafts if not draft.dropped]

    def kind(self, draft: Draft, column_title: str) -> str:
        """Tell a record's kind by its title, its own words, the column's."""
        by_title = kind_of(self.title)
        if by_title in SETTLED_BY_TITLE:
            return by_title
        own = kind_of(draft.name) or kind_of(draft.content)
        if draft.launched and own:
            return own
        if by_title and not re.match(r"其他", self.title):
            return by_title
        return own or kind_of(column_title) or "other"


def _without_count_of_one(figures: list[Figure]) -> list[Figure]:
    """1个1000平方米: the size says all that the count of one does."""
    sized = any(figure.unit in _SIZE for figure in figures)
    return [f for f in figures if not (sized and f.counter and f.value == 1)]


def _give(draft: Draft, figure: Figure) -> None:
    if figure.known:
        draft.add(figure.amount)
    else:
        draft.counts.append(figure)


def _builds_more(old: Draft, element: Element) -> bool:
    """Whether a phrase about a known place builds something of its own there."""
    builds = element.verb in LAUNCH and element.is_thing and not element.figures
    return builds and bool(old.content) and not _share(old.name, element.content, 3)


def _told(figure: Figure, element: Element | None) -> Figure:
    """Say of what a figure is, where its own words do not."""
    if element is None or figure.what or figure.nature == "beneficiaries":
        return figure
    if figure.nature == "money":
        return replace(figure, what="投资")
    return replace(figure, what=element.content or element.name)


def _name(element: Element, last: Element) -> str:
    place = element.group or element.name or element.committee
    return f"{place if element is not last else element.place}{last.content}" or place


def _committee_like(element: Element) -> str:
    """The hamlet a detail names: 永安村."""
    return element.committee if element.committee and not element.townships else ""


def _names(text: str, name: str) -> bool:
    """Whether a phrase begins with a name, or with the first two characters of one."""
    return bool(name) and (text.startswith(name[:2]) or name[:3] in text)


def _share(one: str, other: str, length: int) -> bool:
    """Whether two texts have as many characters in common, in a row."""
    return any(one[i : i + length] in other for i in range(len(one) - length + 1))


def _same_place(old: Draft, where: Located, element: Element) -> bool:
    mine = old.where
    if where.townships and mine.townships and set(where.townships) != set(mine.townships):
        return False
    if not element.place:
        return bool(where.townships) and not mine.place and mine.townships == where.townships
    if where.committee and mine.committee and where.committee != mine.committee:
        return False
    if where.committee and where.committee == mine.committee and not where.group:
        return True
    name = where.group or element.name
    return bool(name) and (_share(mine.place, name, min(len(name), 3)) if mine.place else False)
