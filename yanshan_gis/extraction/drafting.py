"""From the phrases of one numbered item to draft records.

Every named place below the townships makes a record of its own; a list of townships with one
thing makes a joint record. A phrase without a place goes on with the record before it. What
follows 其中 is part of the record before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from yanshan_gis.extraction.drafts import Draft, Drafts, merge_places
from yanshan_gis.extraction.phrases import Element, Segment, as_place
from yanshan_gis.extraction.places import Located
from yanshan_gis.extraction.words import LAUNCH, is_thing, kind_of, stands_alone


@dataclass
class Item(Drafts):
    """One numbered item of a column, or one sentence outside, while it is read.

    Parameters
    ----------
    outside
        True outside the columns.
    titled
        True where the title is the project itself.
    in_title
        While the title is read.
    ground
        What a sentence rests on (依托 …).
    whole
        The record that 其中 takes apart.
    sentence_township
        Named last in the sentence.
    """

    outside: bool = False
    titled: bool = False
    in_title: bool = False
    ground: Element | None = None
    whole: Draft | None = None
    sentence_township: str = ""

    # --- reading ---------------------------------------------------------------------------

    def read_title(self, segments: Sequence[Segment]) -> None:
        """Read the item's title: a township that binds, or the project itself.

        Parameters
        ----------
        segments
            Of the title.
        """
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
        """Read one sentence of the item.

        Parameters
        ----------
        segments
            What stands between its commas.
        """
        self.whole, self.sentence_township, self.ground = None, "", None
        if not self.titled:
            self.group = []
        for segment in segments:
            before = self._state()
            self.read_segment(segment)
            if self._state() == before:
                end = segment.start + len(segment.text)
                self.loose.append((segment.start, end, "words"))

    def _state(self) -> tuple[object, ...]:
        """Sum up what changes when a phrase is typed."""
        return (
            len(self.loose),
            [
                (d.name, d.where.townships, d.where.committee, d.where.group, len(d.amounts),
                 len(d.untyped), len(d.repeated))
                for d in self.drafts
            ],
        )  # fmt: skip

    def read_segment(self, segment: Segment) -> None:
        """Read what stands between two commas.

        Parameters
        ----------
        segment
            With its elements.
        """
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
            self.start([self.draft(self.title or segment.text, Located(townships), segment.start)])
        for figure in (f for e in segment.elements for f in e.figures):
            self.loose.append((figure.start, figure.end, "ground"))

    def _townships_of(self, segment: Segment) -> tuple[str, ...]:
        found = [t for e in segment.elements for t in self.resolver.townships(e)]
        return tuple(dict.fromkeys(found))

    def _link(self, segment: Segment) -> None:
        """涉及 …: tell the places of the records before."""
        places, stated = [], ""
        for element in segment.elements:
            if element.has_place or element.is_place_only:
                written = self.resolver.townships(element)
                places.append(self.resolver.locate(element, self.township, stated))
                stated = written[-1] if written else stated
        if places:
            self.current(segment.start)
            for draft in self.group:
                draft.where = merge_places([draft.where, *places])
        self.attach([f for e in segment.elements for f in e.figures])

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
            self.attach(figures, element)
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
                launching = self._unplaced(element, segment, made, carried, launching=launching)
            written = self.resolver.townships(element)
            carried = written[-1] if written else carried
        if pending:
            self._leftover(segment)

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
            self.start(drafts, add=not first)
        townships = self.group[-1].where.townships if self.group else ()
        self.sentence_township = townships[0] if len(townships) == 1 else self.sentence_township
        figures = [f for e in elements for f in e.figures]
        self.attach(figures, element, drafts=None if again else drafts)
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
            if stated and not where.townships and not where.elsewhere:
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
                draft.note("same-sentence")

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
        *,
        launching: bool,
    ) -> bool:
        """Read a phrase without a known place; tell whether it launches something."""
        if element.figures:
            if segment.part and self.whole is not None and self.group == [self.whole]:
                # 其中新植1.2万亩: a part without a place of its own.
                part = self.draft(f"{element.name}{element.content}", replace(self.whole.where),
                                  element.start)  # fmt: skip
                part.whole, part.content = self.whole, element.content or self.whole.content
                self.start([part])
            if self.outside and self._is_another(element):
                self.group = []
                self.start([self.draft(f"{element.name}{element.content}", Located(),
                                        element.start)])  # fmt: skip
            self.attach(element.figures, element)
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
        """Take a second place of a title; the township of the title holds for it."""
        townships = (carried,) if carried else ()
        where = Located(townships, "", element.name, element.name)
        draft = self.draft(f"{element.name}{element.content}", where, element.start)
        draft.content = element.content
        self.start([draft], add=True)
        made.append(draft)

    def _coordinate(self, element: Element, made: list[Draft], carried: str) -> None:
        """Take a member of a list of projects that has no known place."""
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
            draft.note("same-sentence")
        draft.content = element.content
        self.start([draft], add=True)
        made.append(draft)

    def _launched(self, element: Element) -> None:
        """Take a thing built as part of the record before it: 新建游客服务中心."""
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
        self.start([draft])
        made.append(draft)

    def _leftover(self, segment: Segment) -> None:
        if segment.part or self.group:
            self._link(segment)
            return
        self.loose.append((segment.start, segment.start + len(segment.text), "place-alone"))


def _builds_more(old: Draft, element: Element) -> bool:
    """Whether a phrase about a known place builds something of its own there."""
    builds = element.verb in LAUNCH and element.is_thing and not element.figures
    return builds and bool(old.content) and not _share(old.name, element.content, 3)


def _name(element: Element, last: Element) -> str:
    place = element.group or element.name or element.committee
    return f"{place if element is not last else element.place}{last.content}" or place


def _committee_like(element: Element) -> str:
    """Tell the hamlet a detail names: 永安村."""
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
