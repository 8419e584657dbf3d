"""Fields that list townships or committees: each name checked, spelled as the county does.

A township the county does not have keeps its row out. A committee that is not found does not: the
project exists all the same, and where it is can be settled later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.enumeration import is_county_wide, split_names
from yanshan_gis.ingest.linking import townships_of
from yanshan_gis.ingest.names import NameMatch, PlaceIndex, match_townships
from yanshan_gis.ingest.problems import RowProblem
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.ingest.linking import Batch
    from yanshan_gis.ingest.matching import Gazetteer
    from yanshan_gis.layer import Layer

JOINER = "、"


def official_townships(current: Mapping[str, Layer]) -> list[str]:
    """List the townships that the county is known to have.

    Parameters
    ----------
    current
        The layers that are there.

    Returns
    -------
    list of str
        From townships and seats, else those that villages name; empty where nothing is known.
    """
    names = [name for layer in ("townships", "seats")
             for name in townships_of(current.get(layer)).values()]  # fmt: skip
    villages = current.get("villages")
    if not names and villages is not None and "township" in villages.frame:
        names = [plain_text(cell) for cell in villages.frame["township"].dropna().tolist()]
    return list(dict.fromkeys(name for name in names if name))


def canonical_lists(batch: Batch, current: Mapping[str, Layer], known: Gazetteer) -> None:
    """Spell listed townships and committees as the county does; report those it does not have.

    Parameters
    ----------
    batch
        Its fields that list places, and its problems, are brought up to date.
    current
        The layers that are there; what they do not tell is left as written.
    known
        Other and former names.
    """
    fields = {f.lists: n for n, f in batch.definition.fields.items()
              if f.lists and n in batch.values}  # fmt: skip
    places = _Places(current, known)
    towns: list[list[str]] = [[] for _ in range(len(batch.values))]
    if "townships" in fields:
        towns = _townships(batch, fields["townships"], places)
    if "committees" in fields:
        _committees(batch, fields["committees"], towns, places)


class _Places:
    """The county's townships and committees by name."""

    def __init__(self, current: Mapping[str, Layer], known: Gazetteer) -> None:
        self.official = official_townships(current)
        self.county, self.aliases = known.county, dict(known.townships)
        villages = current.get("villages")
        self.committees: PlaceIndex | None = None
        self.named: dict[str, tuple[str, str]] = {}
        if villages is not None and len(villages) and "name" in villages.frame:
            frame = pd.DataFrame(villages.frame)
            frame = frame[frame["level"] == "committee"] if "level" in frame else frame
            self.committees = PlaceIndex(frame, known.records, known.county, self.aliases)
            towns = frame["township"] if "township" in frame else [None] * len(frame)
            self.named = {
                str(i): (plain_text(name), plain_text(town))
                for i, name, town in zip(frame["id"], frame["name"], towns, strict=True)
            }

    def township(self, text: str) -> NameMatch:
        return match_townships([text], self.official, self.aliases, self.county)[0]

    def is_township(self, text: str) -> bool:
        return self.township(text).id is not None

    def is_committee(self, text: str) -> bool:
        return self.committees is not None and bool(self.committees.spelled(text)[1])

    def committee(self, text: str, towns: Sequence[str]) -> NameMatch:
        """Find a committee in the one stated township that has it."""
        if self.committees is None:
            return NameMatch(None)
        tries = [self.committees.find(text, town) for town in towns or [None]]  # type: ignore[list-item]
        hits = {match.id: match for match in tries if match.id is not None}
        if len(hits) == 1:
            return next(iter(hits.values()))
        return tries[0] if not hits else self.committees.find(text)


def _townships(batch: Batch, field: str, places: _Places) -> list[list[str]]:
    """Spell the townships of each row; return those that are known, by row."""
    written = batch.column(field)
    texts: list[str | None] = list(written)
    found: list[list[str]] = []
    whole: list[int] = []
    for i, text in enumerate(written):
        names: list[str] = []
        if text and is_county_wide(text, places.county):
            texts[i] = None
            whole.append(int(batch.rows[i]))
        elif text:
            parts = split_names(text, places.is_township)
            matches = [places.township(part) for part in parts] if places.official else []
            names = [match.id for match in matches if match.id is not None]
            batch.problems += [
                RowProblem(int(batch.rows[i]), field, text, match.notice)
                for match in matches
                if match.notice is not None
            ]
            texts[i] = JOINER.join(dict.fromkeys(names if places.official else parts))
        found.append(list(dict.fromkeys(names)))
    batch.values[field] = pd.Series(texts, index=batch.values.index, dtype=object)
    if whole:
        text = N_("{count} rows are about the whole county; their {field} stays empty.")
        batch.notices.append(
            Notice("rows-county-wide", text, {"count": len(whole), "field": field})
        )
    return found


def _committees(batch: Batch, field: str, towns: Sequence[Sequence[str]], places: _Places) -> None:
    """Spell the committees of each row; one outside the first township names its own."""
    written = batch.column(field)
    texts: list[str | None] = list(written)
    for i, text in enumerate(written):
        if not text:
            continue
        spelled = []
        for part in _committee_parts(text, places):
            town, _, name = part.rpartition("/")
            match = places.committee(name, [town] if town else towns[i])
            spelled.append(_spelled(match, part, towns[i], places))
            if match.notice is not None:
                batch.problems.append(
                    RowProblem(int(batch.rows[i]), field, part, match.notice, "warn")
                )
        texts[i] = JOINER.join(dict.fromkeys(spelled))
    batch.values[field] = pd.Series(texts, index=batch.values.index, dtype=object)


def _committee_parts(text: str, places: _Places) -> list[str]:
    """Split a list of committees; ``township/committee`` stays together."""
    parts: list[str] = []
    for piece in split_names(text.replace("／", "/"), lambda part: "/" in part, keep="/"):
        town, slash, name = piece.partition("/")
        if slash and name and "/" not in name and places.is_township(town):
            parts.append(f"{places.township(town).id}/{name}")
        else:
            parts += split_names(piece, places.is_committee)
    return parts


def _spelled(match: NameMatch, part: str, towns: Sequence[str], places: _Places) -> str:
    if match.id is None:
        return part
    name, town = places.named[match.id]
    outside = bool(towns) and bool(town) and town != towns[0]
    return f"{town}/{name}" if outside else name
