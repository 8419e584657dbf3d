"""What an import would change, before it does: added, changed, removed and unchanged features.

Three modes: *replace* puts the file in the place of the layer, *append* adds its rows, *update*
changes the fields and positions the file brings and leaves the rest. In every mode a feature that
is recognised keeps its permanent id, and a name or code that changed stays in the name table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.content import LayerDef
from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.layer import Layer, NameRecord, Source

Mode = Literal["replace", "append", "update"]
MODES: tuple[Mode, ...] = ("replace", "append", "update")

DTYPES = {"number": "float64", "integer": "Int64", "boolean": "boolean"}
_CHANGE_COLUMNS = ("id", "name", "field", "old", "new")
_STILL_M = 0.001  # coordinates that differ by less did not move


@dataclass(frozen=True, eq=False)
class MergePlan:
    """The layer as it would be, and how it differs from the one that is there.

    Parameters
    ----------
    mode
        How the file meets the layer.
    frame
        The rows that would be stored, by id.
    added, removed
        ``id``, ``name``, ``township`` of features, by id.
    changed
        ``id``, ``name``, ``field``, ``old``, ``new``: one row per changed field, by id.
    unchanged
        Ids of the others that both hold.
    sources
        Of all rows of `frame`.
    names
        The whole name table as it would be.
    """

    mode: Mode
    frame: pd.DataFrame
    added: pd.DataFrame
    removed: pd.DataFrame
    changed: pd.DataFrame
    unchanged: tuple[str, ...]
    sources: tuple[Source, ...]
    names: tuple[NameRecord, ...]

    def counts(self) -> dict[str, int]:
        """Count features by what happens to them.

        Returns
        -------
        dict
            ``added``, ``changed``, ``removed``, ``unchanged``.
        """
        return {
            "added": len(self.added),
            "changed": int(self.changed["id"].nunique()),
            "removed": len(self.removed),
            "unchanged": len(self.unchanged),
        }

    def apply(self, definition: LayerDef) -> Layer:
        """Return the layer as it would be.

        Parameters
        ----------
        definition
            What the catalogue says of the layer.

        Returns
        -------
        Layer
            Ready to be stored.
        """
        return Layer(definition, self.frame, self.sources)


def stack_rows(
    frames: Sequence[pd.DataFrame], definition: LayerDef, crs: Any = None
) -> pd.DataFrame:
    """Put rows below one another: the layer's types, its order of columns, sorted by id.

    Parameters
    ----------
    frames
        With ``id`` and ``source_id``; they may lack columns of each other.
    definition
        The layer.
    crs
        Of the geometries, if there are any.

    Returns
    -------
    geopandas.GeoDataFrame or pandas.DataFrame
        Without geometry when no frame has any.
    """
    every = dict.fromkeys(str(c) for frame in frames for c in frame.columns)
    front = ["id", "source_id", *definition.fields]
    order = [c for c in front if c in every]
    order += [c for c in every if c not in front and c != "geometry"]
    rows: dict[str, Any] = {}
    for column in order:
        field = definition.fields.get(column)
        dtype = DTYPES.get(field.type, "object") if field else "object"
        cells = [cell for frame in frames for cell in _cells(frame, column, dtype == "float64")]
        rows[column] = pd.Series(cells, dtype=dtype)
    whole = pd.DataFrame(rows)
    if "geometry" in every:
        shapes = [cell for frame in frames for cell in _cells(frame, "geometry", floats=False)]
        whole = gpd.GeoDataFrame(whole, geometry=np.asarray(shapes, dtype=object), crs=crs)
    return whole.sort_values("id", kind="stable").reset_index(drop=True)


def _cells(frame: pd.DataFrame, column: str, floats: bool) -> list[Any]:
    missing = np.nan if floats else None
    if column not in frame:
        return [missing] * len(frame)
    values = frame[column].astype(object)
    return list(values.where(values.notna(), missing))


def plan_merge(
    current: Layer | None,
    incoming: pd.DataFrame,
    mode: Mode,
    *,
    definition: LayerDef,
    source: Source,
    names: Sequence[NameRecord] = (),
    crs: Any = None,
) -> MergePlan:
    """Work out what an import would change.

    Parameters
    ----------
    current
        The layer that is there; None when there is none.
    incoming
        Typed rows with their permanent ``id``; in mode update, those of existing features.
    mode
        How the file meets the layer.
    definition
        The layer.
    source
        Where the incoming rows come from.
    names
        The name table.
    crs
        Of the geometries; that of `current` when there is one.

    Returns
    -------
    MergePlan
        Nothing is changed in place.
    """
    before = None if current is None else current.frame
    crs = getattr(before, "crs", None) or crs
    fresh = incoming.assign(source_id=source.id)
    if before is None or mode == "replace":
        after = stack_rows([fresh], definition, crs)
    elif mode == "append":
        after = stack_rows([before, fresh], definition, crs)
    else:
        after = stack_rows([_updated(before, fresh)], definition, crs)
    old = after.iloc[:0] if before is None else before
    changed = _changes(old, after, definition)
    known = {s.id: s for s in (current.sources if current else ())} | {source.id: source}
    if mode == "update":
        after, known = _with_sources(current, fresh, after, set(changed["id"]), source)
    gone = ~old["id"].isin(after["id"]) if len(old) else np.zeros(0, dtype=bool)
    both = set(old["id"]) & set(after["id"])
    removed = _listed(old[gone])
    return MergePlan(
        mode=mode,
        frame=after,
        added=_listed(after[~after["id"].isin(set(old["id"]))]),
        removed=removed,
        changed=changed,
        unchanged=tuple(sorted(both - set(changed["id"]))),
        sources=tuple(known[i] for i in sorted(known) if i in set(after["source_id"])),
        names=_name_table(names, old, after, definition, source.as_of),
    )


def _updated(before: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Lay the cells that the file fills over those that are there."""
    over = fresh.set_index("id")
    under = pd.DataFrame(before).set_index("id")
    result = under.copy()
    for column in over.columns:
        new = over[column].astype(object).reindex(under.index)
        old = under[column].astype(object) if column in under else new.where(new.isna(), None)
        result[column] = old.where(new.isna(), new)
    return result.reset_index()


def _with_sources(
    current: Layer | None,
    fresh: pd.DataFrame,
    after: pd.DataFrame,
    touched: set[str],
    source: Source,
) -> tuple[pd.DataFrame, dict[str, Source]]:
    """Name the source of each row after an update.

    Untouched rows keep theirs. A touched row rests on both: its attributes are as good as the
    weaker of the two, and its position is that of the old source unless the file brought one;
    origins and licences of both stay named.
    """  # fmt: skip
    known = {s.id: s for s in (current.sources if current else ())}
    if current is None:
        return after, known | {source.id: source}
    source_of = dict(zip(current.frame["id"], current.frame["source_id"], strict=True))
    moved = set(fresh["id"][~shapely.is_missing(_shapes_of(fresh))])
    mixed: dict[str, Source] = {}
    for feature in sorted(touched):
        old = known.get(source_of.get(feature, ""), source)
        mixed[feature] = replace(
            source,
            attributes=max(old.attributes, source.attributes),
            position=source.position if feature in moved else old.position,
            origin=name_both(old.origin, source.origin),
            licence=name_both(old.licence, source.licence),
        )
    kinds = sorted(set(mixed.values()) - {source},
                   key=lambda s: (s.attributes, s.position, s.origin, s.licence))  # fmt: skip
    named = _numbered(kinds, known)
    ids = [
        named.get(mixed[i], source).id if i in mixed else source_of.get(i, source.id)
        for i in after["id"]
    ]
    known |= {source.id: source} | {kind.id: kind for kind in named.values()}
    return after.assign(source_id=pd.Series(ids, dtype=object, index=after.index)), known


def _numbered(kinds: Sequence[Source], known: Mapping[str, Source]) -> dict[Source, Source]:
    """Give combined sources an id each; one that is there keeps its own."""
    named: dict[Source, Source] = {}
    for kind in kinds:
        alike = (s for s in known.values() if replace(s, id=kind.id) == kind and s.id != kind.id)
        taken = {*known, *(s.id for s in named.values())}
        free = (f"{kind.id}-{n}" for n in count(1) if f"{kind.id}-{n}" not in taken)
        named[kind] = next(alike, None) or replace(kind, id=next(free))
    return named


def name_both(old: str, new: str) -> str:
    """Name two origins or licences, each once, however often a row was brought up to date.

    Parameters
    ----------
    old, new
        Perhaps several already, joined by semicolons.

    Returns
    -------
    str
        Joined by semicolons.
    """
    return "; ".join(dict.fromkeys(x for x in (*old.split("; "), new) if x))


def _listed(frame: pd.DataFrame) -> pd.DataFrame:
    columns = [c for c in ("id", "name", "township") if c in frame]
    return pd.DataFrame(frame[columns]).sort_values("id").reset_index(drop=True)


def _changes(old: pd.DataFrame, after: pd.DataFrame, definition: LayerDef) -> pd.DataFrame:
    both = sorted(set(old["id"]) & set(after["id"])) if len(old) else []
    one = pd.DataFrame(old).set_index("id").reindex(both)
    two = pd.DataFrame(after).set_index("id").reindex(both)
    every = dict.fromkeys([*definition.fields, *one.columns, *two.columns])
    found: list[tuple[int, int, str, str, str]] = []
    for number, column in enumerate(c for c in every if c not in {"source_id", "geometry"}):
        differ = _differing(one, two, column)
        a, b = (_plain(frame.iloc[differ], column) for frame in (one, two))
        found += [(int(i), number, column, str(x), str(y))
                  for i, x, y in zip(differ, a, b, strict=True) if x != y]  # fmt: skip
    found += [
        (int(i), len(every), "geometry", old_shape, new_shape)
        for i, old_shape, new_shape in _moves(one, two)
    ]
    names = _plain(two, "name")
    rows = [(both[i], names[i], column, a, b) for i, _, column, a, b in sorted(found)]
    return pd.DataFrame(rows, columns=list(_CHANGE_COLUMNS))


def _differing(one: pd.DataFrame, two: pd.DataFrame, column: str) -> NDArray[np.intp]:
    """Find rows whose cells are not the same object or number; their texts may still agree."""
    if column not in one or column not in two:
        held = one if column in one else two
        return np.flatnonzero(held[column].notna()) if column in held else np.zeros(0, np.intp)
    a, b = one[column], two[column]
    if pd.api.types.is_numeric_dtype(a) and pd.api.types.is_numeric_dtype(b):
        x, y = (cells.to_numpy(dtype=float, na_value=np.nan) for cells in (a, b))
        return np.flatnonzero((x != y) & ~(np.isnan(x) & np.isnan(y)))
    missing_a, missing_b = a.isna().to_numpy(), b.isna().to_numpy()
    x, y = (cells.astype(object).to_numpy(copy=True) for cells in (a, b))
    x[missing_a], y[missing_b] = None, None
    return np.flatnonzero(x != y)


def _plain(frame: pd.DataFrame, column: str) -> NDArray[np.object_]:
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    texts = np.empty(len(frame), dtype=object)
    texts[:] = [plain_text(cell) for cell in frame[column].tolist()]
    return texts


def _moves(one: pd.DataFrame, two: pd.DataFrame) -> Iterable[tuple[int, str, str]]:
    if "geometry" not in one and "geometry" not in two:
        return []
    a, b = _shapes_of(one), _shapes_of(two)
    still = shapely.equals_exact(a, b, _STILL_M) | (shapely.is_missing(a) & shapely.is_missing(b))
    return [(int(i), _shown(a[i]), _shown(b[i])) for i in np.flatnonzero(~still)]


def _shapes_of(frame: pd.DataFrame) -> NDArray[np.object_]:
    if "geometry" not in frame:
        return np.full(len(frame), None, dtype=object)
    shapes = np.array(frame["geometry"], dtype=object)
    shapes[~shapely.is_geometry(shapes)] = None
    return shapes


def _shown(shape: Any) -> str:
    if shape is None:
        return ""
    if shape.geom_type == "Point":
        return f"{shape.x:.1f}, {shape.y:.1f}"
    return f"{shape.geom_type} {shape.length:.0f} m"


def _name_table(
    names: Sequence[NameRecord],
    old: pd.DataFrame,
    after: pd.DataFrame,
    definition: LayerDef,
    as_of: date | None,
) -> tuple[NameRecord, ...]:
    """Close the entries of names and codes that no longer hold, and open those that now do.

    Lines that go leave no entry, but for the one with the highest id.
    """
    day = as_of.isoformat() if as_of else ""
    was, now = _official(old), _official(after)
    highest = max(was.keys() - now.keys(), default=None)  # never to be given again
    places = "LineString" not in definition.geometry
    table = list(names)
    for feature, (name, code) in sorted(was.items()):
        gone = feature not in now
        forgotten = gone and feature != highest and not (name and places)
        if now.get(feature) == (name, code) or forgotten:
            continue
        _close(table, feature, name, code, day)
        if not gone:
            table.append(NameRecord(feature, *now[feature], "official", day))
    return tuple(table)


def _official(frame: pd.DataFrame) -> dict[str, tuple[str, str]]:
    if not len(frame):
        return {}
    pairs = zip(_plain(frame, "name"), _plain(frame, "code"), strict=True)
    return dict(zip(frame["id"], pairs, strict=True))


def _close(table: list[NameRecord], feature: str, name: str, code: str, day: str) -> None:
    for i, record in enumerate(table):
        if (record.id, record.name, record.code, record.kind) == (feature, name, code, "official"):
            table[i] = replace(record, kind="former", valid_to=record.valid_to or day)
            return
    table.append(NameRecord(feature, name, code, "former", "", day))
