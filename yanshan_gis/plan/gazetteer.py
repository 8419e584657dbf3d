"""The county's places by name, as a plan writes them: found, or shown as candidates.

A name is looked up in the stated township first, then county-wide. What a plan states is not
changed in silence: a place of that name in another township is only a candidate, unless the
township was merely carried over along a list. Names that look or sound alike are candidates with a
score and are never chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.enumeration import split_names
from yanshan_gis.ingest.linking import townships_of
from yanshan_gis.ingest.names import MatchHow, NameMatch, PlaceIndex, likeness, match_townships
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer, NameRecord

PlaceLevel = Literal["committee", "natural", "group"]
Scope = tuple[PlaceLevel | None, str | None]  # a level, and the committee's id, to look within
_COLUMNS = ("id", "name", "township", "level", "parent")
_ALIKE = 0.6  # below, two names of two or three characters share next to nothing
_ALIKE_ELSEWHERE = 0.75
_SHOWN = 5


@dataclass(frozen=True)
class Candidate:
    """A place that a name may mean.

    Parameters
    ----------
    id, name, township, level
        Of the place.
    score
        1 for the same name, less for one that looks or sounds alike.
    """

    id: str
    name: str
    township: str
    level: str
    score: float

    def __str__(self) -> str:
        """Show place and score in one word, for notes."""
        return f"{self.township}{self.name} ({self.score:.2f})"


@dataclass(frozen=True)
class Finding:
    """What a written name was found to mean.

    Parameters
    ----------
    id
        The place's permanent id; None when it was not found for certain.
    name, township, level
        Of the place; empty when not found.
    how
        By which spelling: ``exact``, ``folded``, ``alias``, ``county`` for a name found only
        county-wide; empty when not found.
    score
        Of the place, or of the best candidate; 0 without one.
    candidates
        The best first; empty when found.
    notice
        Why it was not found; or, beside a find, where it was found instead.
    """

    id: str | None = None
    name: str = ""
    township: str = ""
    level: str = ""
    how: MatchHow = ""
    score: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    notice: Notice | None = None


class Gazetteer:
    """Names of a county's townships, committees, natural villages and groups.

    Parameters
    ----------
    places
        With ``id``, ``name``, ``township`` and, where known, ``level`` (committee when absent) and
        ``parent`` (the committee's id).
    townships
        Canonical names of all townships, in the county's order.
    names
        The name table: aliases, variants and former names of places, by their ids.
    county
        The county's own name, cut off in front of names.
    township_aliases
        Other and former names of townships to the canonical ones.
    """

    def __init__(
        self,
        places: pd.DataFrame,
        townships: Sequence[str],
        names: Sequence[NameRecord] = (),
        county: str = "",
        township_aliases: dict[str, str] | None = None,
    ) -> None:
        self.township_names = tuple(dict.fromkeys(name for name in townships if name))
        self.county = county
        self._names = tuple(names)
        self._aliases = dict(township_aliases or {})
        self._places = _plain(places)
        self._row = {row["id"]: row for row in self._places.to_dict("records")}
        self._index = lru_cache(maxsize=256)(self._build_index)

    @classmethod
    def from_layers(
        cls,
        villages: Layer | None,
        townships: Layer | None,
        seats: Layer | None,
        names: Sequence[NameRecord] = (),
        county: str = "",
    ) -> Gazetteer:
        """Gather the places of a workspace.

        Parameters
        ----------
        villages, townships, seats
            The layers; None for one that is not there. Without townships and seats, the
            townships are those that villages name.
        names
            The name table.
        county
            The county's own name.

        Returns
        -------
        Gazetteer
            Of all levels.
        """
        places = pd.DataFrame(columns=_COLUMNS) if villages is None else villages.frame
        known = [townships_of(layer) for layer in (townships, seats)]
        official = [name for found in known for name in found.values()]
        if not official and "township" in places:
            official = [plain_text(cell) for cell in places["township"].dropna()]
        aliases: dict[str, str] = {}
        for canonical in known:
            for record in names:
                if record.id in canonical and record.name:
                    aliases.setdefault(record.name, canonical[record.id])
        return cls(pd.DataFrame(places), official, names, county, aliases)

    @classmethod
    def from_tables(
        cls,
        places: pd.DataFrame,
        townships: pd.DataFrame,
        other_names: pd.DataFrame | None = None,
        county: str = "",
    ) -> Gazetteer:
        """Gather places kept as tables, such as ``committees.csv`` of a folder of facts.

        Parameters
        ----------
        places
            With ``id`` or ``code``, ``name``, ``township`` and, where known, ``level``, ``parent``.
        townships
            With ``name`` and ``id`` or ``code``.
        other_names
            With ``code`` of a place or township, ``other_name`` and ``kind``.
        county
            The county's own name.

        Returns
        -------
        Gazetteer
            With the codes as ids where the tables have none.
        """
        from yanshan_gis.layer import NameRecord

        places, townships = _with_id(places), _with_id(townships)
        rows = [] if other_names is None else other_names.astype(object).to_dict("records")
        records = [
            NameRecord(plain_text(r["code"]), plain_text(r["other_name"]), kind=r["kind"])
            for r in rows
        ]
        canonical = dict(zip(townships["id"].astype(str), townships["name"], strict=True))
        aliases = {r.name: canonical[r.id] for r in records if r.id in canonical}
        return cls(places, list(townships["name"]), records, county, aliases)

    def township(self, text: str) -> NameMatch:
        """Find one township.

        Parameters
        ----------
        text
            As written, such as 阿舍乡.

        Returns
        -------
        NameMatch
            Whose ``id`` is the canonical name (阿舍彝族乡); else a notice with the nearest names.
        """
        return match_townships([text], self.township_names, self._aliases, self.county)[0]

    def townships(self, text: str) -> list[NameMatch]:
        """Find the townships of a text that lists them.

        Parameters
        ----------
        text
            One township or several, joined by 、 , / or 和.

        Returns
        -------
        list of NameMatch
            One per township, in order; see `township`.
        """
        parts = split_names(text, lambda part: self.township(part).id is not None)
        return [self.township(part) for part in parts]

    def township_spellings(self) -> dict[str, str]:
        """List how townships are written.

        Returns
        -------
        dict
            Canonical name by spelling, the canonical names themselves included.
        """
        return {name: name for name in self.township_names} | self._aliases

    def spellings(self, level: PlaceLevel = "committee") -> dict[str, set[str]]:
        """List how places are written, for a scan of running text.

        Parameters
        ----------
        level
            Only places of this level.

        Returns
        -------
        dict
            Ids by spelling: official names, and other names of the name table.
        """
        found: dict[str, set[str]] = {}
        wanted = {feature: row for feature, row in self._row.items() if row["level"] == level}
        for feature, row in wanted.items():
            found.setdefault(row["name"], set()).add(feature)
        for record in self._names:
            if record.id in wanted and record.name:
                found.setdefault(record.name, set()).add(record.id)
        return found

    def place(self, feature: str) -> Candidate | None:
        """Tell what a place is called.

        Parameters
        ----------
        feature
            Its id.

        Returns
        -------
        Candidate or None
            With score 1; None when there is no such place.
        """
        return self._candidate(feature, 1.0) if feature in self._row else None

    def find(
        self,
        name: str,
        township: str | None = None,
        *,
        carried: bool = False,
        level: PlaceLevel | None = None,
        committee: str | None = None,
    ) -> Finding:
        """Find the place a name means.

        Parameters
        ----------
        name
            As written.
        township
            As written; None when none is stated.
        carried
            The township is not stated with the name but carried over along a list: a name that
            only one other township has is then found there, and a notice says so.
        level
            Look only among places of this level; a bare short name that a committee and a natural
            village share then means the one asked for.
        committee
            Id of a stated committee: look only among its natural villages and groups.

        Returns
        -------
        Finding
            The place; or candidates and the reason why none was chosen.
        """
        town, scope = "", (level, committee)
        if township:
            match = self.township(township)
            if match.id is None:
                return self._open(name, "", scope, match.notice)
            town = match.id
        index = self._index(scope)
        found = index.find(name, town or None)
        if found.id is None and carried and town and not index.spelled(name, town)[1]:
            return self._carried(name, town, scope)
        if found.id is None:
            return self._open(name, town, scope, found.notice)
        return self._found(found.id, found.how)

    def _carried(self, name: str, town: str, scope: Scope) -> Finding:
        """Look county-wide for a name beside which the township does not stand."""
        found = self._index(scope).find(name)
        if found.id is None:
            return self._open(name, town, scope, found.notice)
        notice = Notice(
            "township-carried",
            N_(
                "{value!r} is not in {township}, which the list names before it; the only place "
                "of that name is {place}, and that was taken."
            ),
            {"value": name, "township": town, "place": self._show(found.id)},
        )
        return self._found(found.id, "county", notice)

    def _found(self, feature: str, how: MatchHow, notice: Notice | None = None) -> Finding:
        row = self._row[feature]
        place = row["name"], row["township"], row["level"]
        return Finding(feature, *place, how, 1.0, notice=notice)

    def _open(self, name: str, town: str, scope: Scope, notice: Notice | None) -> Finding:
        """Show the candidates of a name that was not found for certain."""
        index = self._index(scope)
        same = index.spelled(name, town)[1] or index.spelled(name)[1]
        if not same and scope[0] is not None:
            same = self._index((None, scope[1])).spelled(name, town)[1]
        shown = [self._candidate(feature, 1.0) for feature in same]
        shown = shown or self._alike(name, town, scope)
        shown.sort(key=lambda c: (-c.score, c.township != town, c.township, c.id))
        shown = shown if same else shown[:_SHOWN]
        best = shown[0].score if shown else 0.0
        return Finding(score=best, candidates=tuple(shown), notice=notice)

    def _alike(self, name: str, town: str, scope: Scope) -> list[Candidate]:
        rows = self._rows_of(scope)
        scores = likeness(name, rows["name"].tolist(), self.county).round(2)
        here = np.full(len(rows), not town) | (rows["township"] == town).to_numpy()
        alike = scores >= np.where(here, _ALIKE, _ALIKE_ELSEWHERE)
        return [
            self._candidate(feature, min(float(score), 0.99))
            for feature, score in zip(rows["id"][alike], scores[alike], strict=True)
        ]

    def _candidate(self, feature: str, score: float) -> Candidate:
        row = self._row[feature]
        return Candidate(feature, row["name"], row["township"], row["level"], score)

    def _show(self, feature: str) -> str:
        row = self._row[feature]
        return f"{row['township']}{row['name']} ({feature})"

    def _rows_of(self, scope: Scope) -> pd.DataFrame:
        rows, (level, committee) = self._places, scope
        if level is not None:
            rows = rows[rows["level"] == level]
        if committee is not None:
            rows = rows[rows["parent"] == committee]
        return rows

    def _build_index(self, scope: Scope) -> PlaceIndex:
        return PlaceIndex(self._rows_of(scope), self._names, self.county, self._aliases)


def _with_id(table: pd.DataFrame) -> pd.DataFrame:
    return table if "id" in table else table.assign(id=table["code"].map(plain_text))


def _plain(places: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that names need, as text; places without a level are committees."""
    table = pd.DataFrame(
        {
            column: [plain_text(cell) for cell in places[column]]
            if column in places
            else [""] * len(places)
            for column in _COLUMNS
        },
        dtype=object,
    )
    table.loc[table["level"] == "", "level"] = "committee"
    return table
