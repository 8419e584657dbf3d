"""What the places of a phrase mean: township, committee, group, and what is to be noted.

A township stated directly before a name binds. One carried over along a list is only a candidate:
the name is looked up in it, else county-wide if it is the only one, with a note; else nothing is
chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

from yanshan_gis.extraction.mentions import Scanner
from yanshan_gis.extraction.phrases import Element
from yanshan_gis.ingest.names import fold_place
from yanshan_gis.messages import N_, Notice
from yanshan_gis.plan.gazetteer import Finding

NOTES = {
    "open": N_("{place}: not in the gazetteer; the list names {township} before it"),
    "unknown": N_("{place}: not in the gazetteer"),
    "several": N_("{place}: may be {candidates}; none was chosen"),
    "elsewhere": N_("{place}: not in {township}; {candidates} is elsewhere and was not taken"),
    "short": N_("{place}: read as a village committee; it may be the township"),
}


@dataclass
class Located:
    """The places of one phrase.

    Parameters
    ----------
    townships
        Canonical names; empty where the text does not settle it.
    committee
        Canonical name; as written where it has a tail but is not in the gazetteer.
    group
        Village group or hamlet, without tail.
    place
        As written, below the township.
    notes
        For the reader.
    elsewhere
        True where the name is that of a place outside the township carried along.
    settled
        True where the gazetteer knows the place below the township.
    """

    townships: tuple[str, ...] = ()
    committee: str = ""
    group: str = ""
    place: str = ""
    notes: tuple[Notice, ...] = ()
    elsewhere: bool = False
    settled: bool = False


def _note(key: str, place: str, **values: object) -> Notice:
    return Notice(f"place-{key}", NOTES[key], {"place": place, **values})


class Resolver:
    """Looks up the places of phrases.

    Parameters
    ----------
    scanner
        With the gazetteer.
    """

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._gazetteer = scanner.gazetteer
        self._township_of_short: dict[str, list[str]] = {}
        for spelling, canonical in self._gazetteer.township_spellings().items():
            found = self._township_of_short.setdefault(fold_place(spelling), [])
            if canonical not in found:
                found.append(canonical)

    def townships(self, element: Element) -> tuple[str, ...]:
        """Canonical names of the townships written in an element."""
        known = self._gazetteer.township_spellings()
        return tuple(dict.fromkeys(known[written] for written in element.townships))

    def knows(self, name: str, township: str) -> bool:
        """Tell whether a bare name is that of a place here or elsewhere.

        Parameters
        ----------
        name
            As written.
        township
            The township of the context, or empty.

        Returns
        -------
        bool
            True where a place is spelled so.
        """
        if name in self._scanner.short_names or name in self._township_of_short:
            return True
        return bool(self._scanner.short_prefix(name)) and bool(township)

    def locate(self, element: Element, bound: str = "", carried: str = "") -> Located:
        """Settle the places of an element.

        Parameters
        ----------
        element
            As read.
        bound
            Township of the context that binds: of the item's title.
        carried
            Township that stands before it along the list.

        Returns
        -------
        Located
            With notes on whatever is not plain.
        """
        stated = self.townships(element)
        if len(stated) > 1:
            return Located(stated, place=element.place)
        town = stated[0] if stated else bound
        if not element.place:
            return Located((town,) if town else ())
        if element.is_route:
            found = self._route(element, town, carried)
        elif element.committee:
            found = self._committee(element, town, carried)
        elif element.name or element.group:
            found = self._name(element, town, carried)
        found.place = element.place
        return found

    def _route(self, element: Element, town: str, carried: str) -> Located:
        """From one place to another: the townships of the ends that are known."""
        ends = [self._name(Element(element.tokens, name=end), town, carried)
                for end in element.name.split("至")]  # fmt: skip
        townships = tuple(dict.fromkeys(t for end in ends for t in end.townships))
        notes = tuple(note for end in ends for note in end.notes)
        return Located(townships, notes=notes, settled=True)

    def _committee(self, element: Element, town: str, carried: str) -> Located:
        group = _without_tail(element.group + element.name)
        written = element.committee
        finding = self._find(written, town, carried)
        if finding.id is None:
            notes, townships = self._open(finding, written, town, carried)
            # 永安村 is written like a committee; where no register has it, it is a hamlet.
            return Located(townships, "", _without_tail(written) + group, notes=notes,
                           elsewhere=_is_known(finding) and not town)  # fmt: skip
        notes = _carried_note(finding, carried if not town else "")
        elsewhere = bool(carried) and finding.township != carried
        return Located((finding.township,), finding.name, group, notes=notes,
                       elsewhere=elsewhere, settled=True)  # fmt: skip

    def _name(self, element: Element, town: str, carried: str) -> Located:
        name = _without_tail(element.group) if element.group else element.name
        rest = element.name if element.group else ""
        short = self._township_of_short.get(name, [])
        if short and not town and not carried:
            return Located((short[0],) if len(short) == 1 else ())
        finding = self._find(name, town, carried)
        prefix = ""
        if finding.id is None:
            prefix = self._scanner.short_prefix(name)
            finding_of_prefix = self._find(prefix, town, carried) if prefix else Finding()
            if prefix and prefix in self._township_of_short and not town and not carried:
                only = self._township_of_short[prefix]
                return Located(tuple(only[:1]), "", name[len(prefix) :])
            if finding_of_prefix.id is not None:
                finding, name = finding_of_prefix, name[len(prefix) :]
            else:
                prefix = ""
        if finding.id is not None:
            tail = name if prefix else (element.group and name) or ""
            group = _without_tail(tail + rest)
            notes = _carried_note(finding, carried if not town else "")
            if short and finding.township == (town or carried):
                notes += (_note("short", element.place),)
            elsewhere = bool(carried) and not town and finding.township != carried
            return Located((finding.township,), finding.name, group, notes=notes,
                           elsewhere=elsewhere, settled=True)  # fmt: skip
        notes, townships = self._open(finding, element.place, town, carried)
        return Located(townships, "", _without_tail(name + rest), notes=notes,
                       elsewhere=_is_known(finding) and not town)  # fmt: skip

    def _find(self, name: str, town: str, carried: str) -> Finding:
        if town:
            return self._gazetteer.find(name, town, level="committee")
        if carried:
            return self._gazetteer.find(name, carried, carried=True, level="committee")
        return self._gazetteer.find(name, level="committee")

    def _open(
        self, finding: Finding, place: str, town: str, carried: str
    ) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
        same = [c for c in finding.candidates if c.score == 1.0]
        shown = "、".join(f"{c.township}{c.name}" for c in same)
        if town:
            note = _note("elsewhere", place, township=town, candidates=shown) if same else None
            return (note,) if note else (), (town,)
        if same:
            return (_note("several", place, candidates=shown),), ()
        if carried:
            return (_note("open", place, township=carried),), ()
        return (_note("unknown", place),), ()


def _is_known(finding: Finding) -> bool:
    """Whether some place has the very name, though none was chosen."""
    return any(candidate.score == 1.0 for candidate in finding.candidates)


def _carried_note(finding: Finding, carried: str) -> tuple[Notice, ...]:
    return (finding.notice,) if carried and finding.notice is not None else ()


def _without_tail(text: str) -> str:
    for tail in ("村民小组", "村小组", "小组", "安置点", "村委会", "处"):
        if text.endswith(tail) and len(text) > len(tail):
            return text.removesuffix(tail)
    return text
