"""Which row of a file is which feature that is already there: permanent ids survive an import.

A row is recognised by its id, by name within the township (first with level and superior, then
without, then by alias or former name), by code, by route code or by equal geometry. Each key counts
only where it means one row and one feature; what stays open is said, never guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.content import LayerDef
from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.names import PlaceIndex
from yanshan_gis.ingest.references import codes_of_year
from yanshan_gis.ingest.validate import name_keys
from yanshan_gis.layer import NameRecord
from yanshan_gis.messages import N_, Notice

Key = Literal["id", "code", "name"]
_FULL = ("township", "townships", "level", "committee", "committees", "parent", "name")
_WHOLE = (*_FULL[:-1], "content", "name")  # projects of one name at one place differ in this
_SHORT = ("township", "level", "name")


@dataclass(frozen=True)
class Gazetteer:
    """What is known about names beyond the layers themselves.

    Parameters
    ----------
    records
        The name table.
    county
        The county's own name, cut off in front of names.
    townships
        Other and former names of townships to the canonical ones.
    names
        Names of all features by id, for references.
    year
        The year whose codes are meant; None for those of today.
    """

    records: tuple[NameRecord, ...] = ()
    county: str = ""
    townships: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None


@dataclass(frozen=True)
class RowMatch:
    """The feature that a row is.

    Parameters
    ----------
    id
        Its permanent id; None when the row is nobody known.
    how
        ``id``, ``name``, ``alias``, ``code``, ``route_code`` or ``geometry``; empty when unknown.
    notice
        Why it was not recognised, with candidates.
    """

    id: str | None = None
    how: str = ""
    notice: Notice | None = None


class _Recogniser:
    """Assigns features to rows, stage by stage, each feature once."""

    def __init__(self, incoming: pd.DataFrame, current: pd.DataFrame, known: Gazetteer) -> None:
        self.incoming, self.current, self.known = incoming, current, known
        self.ids = [str(i) for i in current["id"]]
        self.found: list[RowMatch] = [RowMatch()] * len(incoming)
        self.free = set(self.ids)

    def take(self, position: int, feature: str, how: str) -> None:
        self.found[position] = RowMatch(feature, how)
        self.free.discard(feature)

    def by_keys(self, rows: Sequence[Any], features: Sequence[Any], how: str) -> None:
        """Match equal keys that are unique among the rows and the features still free."""
        open_rows = [i for i, key in enumerate(rows) if key and self.found[i].id is None]
        counted = Counter(rows[i] for i in open_rows)
        holders: dict[Any, list[str]] = {}
        for feature, key in zip(self.ids, features, strict=True):
            if key and feature in self.free:
                holders.setdefault(key, []).append(feature)
        for i in open_rows:
            held = holders.get(rows[i], [])
            if counted[rows[i]] == 1 and len(held) == 1:
                self.take(i, held[0], how)

    def by_column(self, column: str) -> None:
        if column in self.incoming and column in self.current:
            rows = [plain_text(cell) for cell in self.incoming[column]]
            self.by_keys(rows, [plain_text(cell) for cell in self.current[column]], column)

    def by_id(self) -> None:
        self.by_column("id")

    def by_route(self) -> None:
        self.by_column("route_code")

    def by_code(self) -> None:
        if "code" not in self.incoming:
            return
        holders = codes_of_year(self.current, self.known.records, self.known.year)
        code_of = {next(iter(ids)): code for code, ids in holders.items() if len(ids) == 1}
        rows = [plain_text(cell) for cell in self.incoming["code"]]
        self.by_keys(rows, [code_of.get(feature, "") for feature in self.ids], "code")

    def by_name(self) -> None:
        if "name" not in self.incoming or "name" not in self.current:
            return
        for wanted in (_WHOLE, _FULL, _SHORT):
            columns = [c for c in wanted if c in self.incoming and c in self.current]
            rows = name_keys(self.incoming, columns, self.known.names)
            self.by_keys(rows, name_keys(self.current, columns, self.known.names), "name")
        self.by_alias()

    def by_alias(self) -> None:
        """Look up what no key settled, and keep the reason where that fails too."""
        columns = [c for c in ("id", "name", "township") if c in self.current]
        left = self.current.loc[self.current["id"].isin(list(self.free)), columns]
        index = PlaceIndex(
            left, self.known.records, self.known.county, dict(self.known.townships)
        )  # fmt: skip
        names, towns = self._texts("name"), self._texts("township")
        wanted = [
            index.find(name, town or None) if name and match.id is None else None
            for name, town, match in zip(names, towns, self.found, strict=True)
        ]
        counted = Counter(match.id for match in wanted if match is not None and match.id)
        levels = self._levels()
        for i, match in enumerate(wanted):
            if match is None:
                continue
            if match.id is None:
                self.found[i] = RowMatch(notice=match.notice)
            elif counted[match.id] > 1:
                self.found[i] = RowMatch(notice=_contested(names[i], match.id))
            elif levels is None or levels[1].get(match.id) == levels[0][i]:
                how = "alias" if match.how == "alias" else "name"
                self.take(i, match.id, how)

    def _levels(self) -> tuple[list[str], dict[str, str]] | None:
        if "level" not in self.incoming or "level" not in self.current:
            return None
        of_features = [plain_text(cell) for cell in self.current["level"]]
        return self._texts("level"), dict(zip(self.ids, of_features, strict=True))

    def _texts(self, column: str) -> list[str]:
        if column not in self.incoming:
            return [""] * len(self.incoming)
        return [plain_text(cell) for cell in self.incoming[column]]

    def by_geometry(self) -> None:
        if "geometry" not in self.incoming or "geometry" not in self.current:
            return
        self.by_keys(_shapes(self.incoming), _shapes(self.current), "geometry")


def _shapes(frame: pd.DataFrame) -> list[bytes | None]:
    """Return comparable bytes of geometries: to the centimetre, whichever way they were drawn."""
    shapes = np.asarray(frame["geometry"], dtype=object)
    rounded = shapely.set_precision(shapes, 0.01, mode="pointwise")
    return list(shapely.to_wkb(shapely.normalize(rounded)))


def _contested(name: str, feature: str) -> Notice:
    return Notice(
        "feature-contested",
        N_("Several rows mean {value!r} ({feature}); leave one, or give ids."),
        {"value": name, "feature": feature},
    )


def nobody(value: str) -> Notice:
    """Say that a row finds no feature.

    Parameters
    ----------
    value
        What the row calls it.

    Returns
    -------
    Notice
        With what to do.
    """
    return Notice(
        "row-without-feature",
        N_("{value!r} finds no feature by id, code or name; correct it, or append it first."),
        {"value": value},
    )


def _stages(definition: LayerDef, by: Key | None) -> Sequence[Callable[[_Recogniser], None]]:
    """Order the keys: lines are known by shape and route code, places by name and code."""
    own, named = _Recogniser.by_id, [_Recogniser.by_name, _Recogniser.by_code]
    if by is not None:
        return {"id": [own], "code": [own, named[1]], "name": [own, named[0]]}[by]
    if "LineString" in definition.geometry:
        return [own, _Recogniser.by_geometry, _Recogniser.by_route, *named]
    if "Polygon" in definition.geometry:
        return [own, *named, _Recogniser.by_geometry]
    return [own, *named]


def recognise(
    incoming: pd.DataFrame,
    current: pd.DataFrame | None,
    definition: LayerDef,
    known: Gazetteer,
    by: Key | None = None,
) -> list[RowMatch]:
    """Tell which feature each row is.

    Parameters
    ----------
    incoming
        Typed rows; references as written or as ids.
    current
        The features that are there; None when there are none.
    definition
        The layer; its lines are recognised by shape and route code before name.
    known
        Names and codes.
    by
        Use this key alone; None for all of them.

    Returns
    -------
    list of RowMatch
        One per row; a feature stands there once at most.
    """
    if current is None or not len(current):
        return [RowMatch()] * len(incoming)
    work = _Recogniser(incoming, current, known)
    for stage in _stages(definition, by):
        if work.free and any(match.id is None for match in work.found):
            stage(work)
    return work.found


def number_ids(
    incoming: pd.DataFrame, ids: Sequence[str | None], prefix: str, used: Sequence[str]
) -> list[str]:
    """Give every row without an id the next free one.

    Numbers follow township, name and content, not the order of the file, so that the same rows get
    the same ids however the file is sorted.

    Parameters
    ----------
    incoming
        Typed rows.
    ids
        What is settled already; None for a row that needs an id.
    prefix
        Of the layer's ids.
    used
        Ids that are or were taken.

    Returns
    -------
    list of str
        One per row: prefix and at least six digits.
    """
    form = re.compile(rf"^{re.escape(prefix)}(\d+)$")
    taken = [*used, *(i for i in ids if i)]
    highest = max((int(m[1]) for i in taken if (m := form.match(i))), default=0)
    open_rows = [i for i, known in enumerate(ids) if known is None]
    fresh = incoming.iloc[open_rows]
    front = [c for c in ("township", "committee", "parent", "name", "code") if c in fresh]
    rest = sorted(c for c in fresh.columns if c not in {*front, "geometry", "id", "source_id"})
    columns = [[plain_text(cell) for cell in fresh[c].tolist()] for c in (*front, *rest)]
    if "geometry" in fresh:
        shapes = np.asarray(fresh["geometry"], dtype=object)
        columns.append([blob.hex() if blob else "" for blob in shapely.to_wkb(shapes)])
    keys = list(zip(*columns, strict=True))
    order = sorted(range(len(open_rows)), key=keys.__getitem__)
    numbered = list(ids)
    for number, at in enumerate(order, highest + 1):
        numbered[open_rows[at]] = f"{prefix}{number:06d}"
    return [i or "" for i in numbered]
