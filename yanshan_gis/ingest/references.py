"""Columns that name features of another layer: found by id, by code of a year, by name.

Official codes are not stable: a fifth of them may change hands between two lists. A code is
therefore one of today, or of a stated year, for which the name table says who had it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.names import NameMatch, PlaceIndex
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from yanshan_gis.content import FieldDef
    from yanshan_gis.layer import NameRecord


def codes_of_year(
    candidates: pd.DataFrame, records: Sequence[NameRecord], year: int | None
) -> dict[str, set[str]]:
    """List which features a code means, in a year or now: codes are not stable.

    Parameters
    ----------
    candidates
        With ``id`` and, where there is one, ``code`` of today.
    records
        The name table with the years in which codes held.
    year
        The year whose codes are meant; None for those of today.

    Returns
    -------
    dict
        Code to ids; several ids where the tables contradict each other.
    """
    ids = [str(i) for i in candidates["id"]]
    codes = defaultdict[str, set[str]](set)
    dated: set[str] = set()
    for record in records if year is not None else ():
        if not record.code or record.id not in set(ids):
            continue
        dated.add(record.id)
        begin = int(record.valid_from[:4] or 0)
        end = int(record.valid_to[:4] or 9999)
        if year is not None and begin <= year <= end:
            codes[record.code].add(record.id)
    if "code" in candidates:
        for feature, code in zip(ids, candidates["code"], strict=True):
            if feature not in dated and plain_text(code):
                codes[plain_text(code)].add(feature)
    return dict(codes)


def resolve_references(
    written: Sequence[str | None],
    townships: Sequence[str | None] | None,
    field: FieldDef,
    target: pd.DataFrame,
    *,
    records: Sequence[NameRecord] = (),
    county: str = "",
    township_aliases: dict[str, str] | None = None,
    year: int | None = None,
) -> list[NameMatch]:
    """Find the features that a column names: by id, by code, by name within the township.

    Parameters
    ----------
    written
        As in the file; None for a missing one.
    townships
        The rows' townships; None when the file has none.
    field
        Of type reference; its ``only`` says which rows of the target may be meant.
    target
        The rows of the layer that is referred to.
    records
        The name table.
    county
        The county's own name, cut off in front of names.
    township_aliases
        Other and former names of townships to the canonical ones.
    year
        The year whose codes are meant; None for those of today.

    Returns
    -------
    list of NameMatch
        One per row; a missing value has neither id nor notice.
    """
    for column, wanted in field.only.items():
        if column in target:
            target = target[target[column].isin([wanted] if isinstance(wanted, str) else wanted)]
    ids = set(target["id"])
    codes = codes_of_year(target, records, year)
    if field.key and field.key in target:
        keys = [plain_text(cell) for cell in target[field.key]]
        holders = zip(keys, target["id"], strict=True)
        codes = {**codes, **{k: {i} for k, i in holders if k and keys.count(k) == 1}}
    index = PlaceIndex(target, records, county, township_aliases) if "name" in target else None
    found: dict[tuple[str, str | None], NameMatch] = {}
    matches: list[NameMatch] = []
    for value, town in zip(written, townships or [None] * len(written), strict=True):
        if not value:
            matches.append(NameMatch(None))
            continue
        if (value, town) not in found:
            found[value, town] = _one_reference(value, town or None, ids, codes, index)
        matches.append(found[value, town])
    return matches


def _one_reference(
    value: str,
    town: str | None,
    ids: set[Any],
    codes: Mapping[str, set[str]],
    index: PlaceIndex | None,
) -> NameMatch:
    if value in ids:
        return NameMatch(value, "id")
    if len(codes.get(value, ())) == 1:
        return NameMatch(next(iter(codes[value])), "code")
    if index is None or value.isdigit():
        notice = Notice(
            "code-not-known",
            N_("No feature has id or code {value!r}; say of which year the codes are."),
            {"value": value},
        )
        return NameMatch(None, notice=notice)
    return index.find(value, town)
