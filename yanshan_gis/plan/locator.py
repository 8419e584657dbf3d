"""One project's place: by the names it states, as exactly as these can be found, never guessed.

Its group, else its committee, else the seat of its only township; a project of several townships
or of the whole county has no point. What is stated and not found is said, with candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from yanshan_gis.ingest.enumeration import is_county_wide, split_names
from yanshan_gis.ingest.names import fold_place
from yanshan_gis.messages import N_, Language, Notice
from yanshan_gis.plan.address import read_address

if TYPE_CHECKING:
    import shapely

    from yanshan_gis.plan.gazetteer import Candidate, Finding, Gazetteer
    from yanshan_gis.plan.registry import Project
    from yanshan_gis.plan.spots import Spot, Spots


@dataclass(frozen=True)
class Location:
    """Where a project was put, and what is to be said of that.

    Parameters
    ----------
    id, name
        Of the project.
    quality
        A code of the field ``location_quality``; None where a position came without one.
    spot
        The place it stands at; None where it has no point, or keeps its own.
    point
        Set by hand.
    notices
        Where it was put; what was stated and not found.
    candidates
        What may have been meant.
    is_open
        True where something stated was not found.
    """

    id: str
    name: str
    quality: str | None
    spot: Spot | None = None
    point: shapely.Point | None = None
    notices: tuple[Notice, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    is_open: bool = False

    def note(self, language: Language) -> str | None:
        """Say where it was put, why it was not found, and what may be meant.

        Parameters
        ----------
        language
            ``zh`` or ``en``.

        Returns
        -------
        str or None
            None where there is nothing to say.
        """
        return " ".join(notice.render(language) for notice in self.notices) or None


@dataclass
class _Search:
    """What looking for one project's names has brought so far."""

    towns: list[str] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    stated: bool = False

    def miss(self, finding: Finding) -> None:
        if finding.notice is not None and finding.notice.code == "name-unknown":
            values = finding.notice.values  # without the nearest names: candidates follow
            self.notices.append(
                Notice("place-unknown", N_("{value!r} was not found{where}."), values)
            )
        elif finding.notice is not None:
            self.notices.append(finding.notice)
        self.candidates += finding.candidates
        if finding.candidates:
            shown = ", ".join(str(candidate) for candidate in finding.candidates)
            self.notices.append(
                Notice("candidates", N_("Candidates: {candidates}."), {"candidates": shown})
            )


class Locator:
    """Finds where projects are.

    Parameters
    ----------
    gazetteer
        The county's names.
    spots
        Where its places are.
    """

    def __init__(self, gazetteer: Gazetteer, spots: Spots) -> None:
        self._gazetteer, self._spots = gazetteer, spots

    def locate(self, project: Project) -> Location:
        """Find where a project is by the names it states.

        Parameters
        ----------
        project
            Any.

        Returns
        -------
        Location
            At its group, committee or township, or without a point.
        """
        search = self._names(project)
        made = self._exact(search) or self._township(search)
        return replace(
            made,
            id=project.id,
            name=project.name,
            notices=(*made.notices, *search.notices),
            candidates=tuple(search.candidates),
            is_open=bool(search.notices) or made.quality == "unlocated",
        )

    def _names(self, project: Project) -> _Search:
        """Look up everything a project states."""
        search = _Search(stated=bool(project.townships or project.committees or project.group))
        for text in project.townships:
            match = self._gazetteer.township(text)
            if match.id is not None:
                search.towns.append(match.id)
            elif not self._gazetteer.township_names:  # nothing to compare it with
                search.towns.append(text)
            elif match.notice is not None:
                search.notices.append(match.notice)
        committees, group = project.committees, project.group
        if project.place and not committees and not group:
            committees, group = self._place(project, search)
        for name in committees:
            self._committee(name, search)
        if group:
            self._group(group, search, len(committees))
        return search

    def _place(self, project: Project, search: _Search) -> tuple[tuple[str, ...], str]:
        """Take the written place apart, where the project names nothing else."""
        if is_county_wide(project.place, self._gazetteer.county):
            return (), ""
        address = read_address(project.place, self._gazetteer)
        search.stated = True
        if address.township and not search.towns:
            search.towns.append(address.township)
        elif address.township not in {"", *search.towns}:
            search.notices.append(_contradicts(project, address.township))
            return (), ""
        if address.committee:
            return (address.committee,), address.rest
        # the words around a list of townships are no place
        return (), address.rest if len(search.towns) < 2 else ""

    def _committee(self, written: str, search: _Search) -> None:
        town, _, name = written.rpartition("/")
        towns: Sequence[str | None] = [town] if town else search.towns or [None]
        tries = [self._gazetteer.find(name, t, level="committee") for t in towns]
        hits = {finding.id: finding for finding in tries if finding.id is not None}
        if len(hits) == 1:
            search.found.append(next(iter(hits.values())))
        elif hits:
            several = self._gazetteer.find(name, level="committee")
            search.miss(several)
        else:
            search.miss(max(tries, key=lambda finding: finding.score))

    def _group(self, name: str, search: _Search, committees: int) -> None:
        """Find a natural village or group, within its committee where one is stated."""
        if committees > 1 or (committees and not search.found):
            return  # of which committee it is, is not known
        town = search.towns[0] if len(search.towns) == 1 else None
        committee = search.found[0] if search.found else None
        names = split_names(name, lambda part: False)
        for part in names:
            if committee and fold_place(part) == fold_place(committee.name):
                continue  # named after its committee, and stated with it
            within = committee.id if committee else None
            finding = self._gazetteer.find(part, None if committee else town, committee=within)
            if finding.id is None:
                search.miss(finding)
            elif len(names) == 1:
                search.found = [finding]

    def _exact(self, search: _Search) -> Location | None:
        """Put a project at its one group or committee; None where it has none, or several."""
        if len(search.found) != 1:
            return None
        place = search.found[0]
        spot = self._spots.of(place.id or "")
        where = f"{place.township}{place.name}"
        if spot is None:
            search.notices.append(
                Notice("place-no-position", N_("{place} has no position."), {"place": where})
            )
            search.towns = search.towns or [place.township]
            return None
        quality = "committee" if place.level == "committee" else "group"
        return Location("", "", quality, spot, notices=_placed(where, spot))

    def _township(self, search: _Search) -> Location:
        """Put a project at the seat of its one township, or say that it has no point."""
        towns = dict.fromkeys([*search.towns, *(f.township for f in search.found if f.township)])
        names = "、".join(towns)
        if len(towns) > 1:
            text = N_("A project of {count} townships ({townships}) has no point of its own.")
            notice = Notice("several-townships", text, {"count": len(towns), "townships": names})
            return Location("", "", "joint", notices=(notice,))
        spot = self._spots.seat(names) if towns else None
        if spot is not None:
            return Location("", "", "township", spot, notices=_placed(names, spot, seat=True))
        if towns:
            text = N_("The workspace holds neither the seat nor the outline of {township}.")
            notice = Notice("township-no-position", text, {"township": names})
            return Location("", "", "unlocated", notices=(notice,))
        if search.stated:
            return Location("", "", "unlocated")
        whole = Notice("county-wide", N_("No place is stated: a project of the whole county."))
        return Location("", "", "county_wide", notices=(whole,))


def _contradicts(project: Project, township: str) -> Notice:
    text = N_("The place {place!r} lies in {township}, but the project states {stated}.")
    stated = "、".join(project.townships)
    values = {"place": project.place, "township": township, "stated": stated}
    return Notice("place-other-township", text, values)


def _placed(place: str, spot: Spot, *, seat: bool = False) -> tuple[Notice, ...]:
    text = N_("Put at the seat of {place}.") if seat else N_("Put at {place}.")
    if spot.modelled and seat:
        text = N_("Put at the seat of {place}, whose position is modelled.")
    elif spot.modelled:
        text = N_("Put at {place}, whose position is modelled.")
    return (Notice("placed", text, {"place": place}),)
