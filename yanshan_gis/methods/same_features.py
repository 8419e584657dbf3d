"""Which features of two states of a county are the same.

Features are the same when their permanent id is; links of the road network when their road and
their line are. What only one side knows by its id is looked for by name, where the other side's
table of names says that one of its features was called so: villages are renamed and merged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

if TYPE_CHECKING:
    from yanshan_gis.layer import NameRecord

OTHER_NAMES = frozenset({"former", "alias", "variant"})  # kinds of the table of names


@dataclass(frozen=True)
class Known:
    """What is known of names beyond the features themselves.

    Parameters
    ----------
    before, after
        The name tables of the two sides.
    prefixes
        How permanent ids begin; others are numbers within one result.
    """

    before: Sequence[NameRecord] = ()
    after: Sequence[NameRecord] = ()
    prefixes: frozenset[str] = frozenset()


def permanent_keys(frame: pd.DataFrame, prefixes: frozenset[str]) -> list[str] | None:
    """Name every row so that the same feature has the same name on both sides.

    Parameters
    ----------
    frame
        A result layer.
    prefixes
        How permanent ids begin.

    Returns
    -------
    list of str or None
        One per row, all different; None where nothing in the layer is permanent.
    """
    if "road_id" in frame and isinstance(frame, gpd.GeoDataFrame):
        shapes = shapely.to_wkb(frame.geometry.to_numpy(), hex=True)
        keys = [f"{road} {shape}" for road, shape in zip(frame["road_id"], shapes, strict=True)]
    elif "id" in frame:
        keys = [str(identity) for identity in frame["id"]]
        if not all(_prefix(key) in prefixes for key in keys):
            return None
    else:
        return None
    seen = defaultdict[str, int](int)
    distinct = []
    for key in keys:
        seen[key] += 1
        distinct.append(key if seen[key] == 1 else f"{key} {seen[key]}")
    return distinct


def _prefix(key: str) -> str:
    return key.partition("@")[0].rstrip("0123456789")


def match_features(before: pd.DataFrame, after: pd.DataFrame, known: Known) -> pd.DataFrame | None:
    """Pair the features of two layers.

    Parameters
    ----------
    before, after
        The same layer of the two sides.
    known
        Name tables, and how permanent ids begin.

    Returns
    -------
    pandas.DataFrame or None
        ``before`` and ``after`` (row numbers, -1 for none) and ``matched`` (``id``, ``names`` or
        None); every row of either side at least once, in the order of `after`, then those only
        `before` has. None where the layer has no permanent ids.
    """
    keys = permanent_keys(before, known.prefixes), permanent_keys(after, known.prefixes)
    if keys[0] is None or keys[1] is None:
        return None
    at = {key: row for row, key in enumerate(keys[0])}
    rows: list[tuple[int, int, str | None]] = [
        (at.get(key, -1), row, "id" if key in at else None) for row, key in enumerate(keys[1])
    ]
    found = set(keys[1])
    alone_before = [row for row, key in enumerate(keys[0]) if key not in found]
    alone_after = [row for _, row, matched in rows if matched is None]
    renamed = _by_names(before, after, alone_before, alone_after, known)
    # Two villages that became one are compared each with what they became.
    settled = set(renamed.values())
    rows = [row for row in rows if row[2] is not None or row[1] not in settled]
    rows += [(row, renamed.get(row, -1), "names" if row in renamed else None)
             for row in alone_before]  # fmt: skip
    rows.sort(key=lambda row: (row[1] < 0, row[1], row[0]))
    kinds = {"before": "int64", "after": "int64", "matched": "object"}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def _by_names(
    before: pd.DataFrame, after: pd.DataFrame, lone_before: list[int], lone_after: list[int],
    known: Known,
) -> dict[int, int]:  # fmt: skip
    """Match features by names that the other side's table knows; a merged one may be meant twice.

    Forward, any feature of the later side may be what an earlier one became; backward, only one
    that is new there can be what the earlier table already calls by its later name.
    """
    if "name" not in before or "name" not in after or "id" not in before or "id" not in after:
        return {}
    forward = _named_in(before, lone_before, after, known.after)
    rest = [row for row in lone_before if row not in forward]
    backward = _named_in(after, lone_after, before, known.before)
    for row_after, row_before in backward.items():
        if row_before in rest:
            forward.setdefault(row_before, row_after)
    return forward


def _named_in(
    lone: pd.DataFrame, rows: list[int], there: pd.DataFrame, records: Sequence[NameRecord]
) -> dict[int, int]:
    """Find rows of another side whose table of names lists the names of lone rows."""
    row_of = {str(identity): row for row, identity in enumerate(there["id"])}
    by_name = defaultdict[str, set[int]](set)
    for record in records:
        if record.kind in OTHER_NAMES and record.name and record.id in row_of:
            by_name[record.name].add(row_of[record.id])
    found: dict[int, int] = {}
    for row in rows:
        candidates = by_name.get(str(lone["name"].iloc[row]), set())
        fitting = [c for c in candidates if _same_town(lone, row, there, c)]
        if len(fitting) == 1:
            found[row] = fitting[0]
    return found


def _same_town(one: pd.DataFrame, row: int, two: pd.DataFrame, other: int) -> bool:
    if "township" not in one or "township" not in two:
        return True
    a, b = one["township"].iloc[row], two["township"].iloc[other]
    return bool(pd.isna(a) or pd.isna(b) or a == b)
