"""A folder of bureau files: what each table probably is, before anything is imported.

A table is proposed for a layer by its file and sheet name, its kind of geometry and the share of
its columns that fit. Nothing is asked and nothing is stored here: the caller shows the proposals,
and keeps the answers for next quarter's files of the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanshan_gis.content import LayerDef
from yanshan_gis.errors import UsageError, YanshanError
from yanshan_gis.ingest.cells import fold_heading
from yanshan_gis.ingest.coordinates import find_coordinate_columns
from yanshan_gis.ingest.fields import FieldMapping, map_fields
from yanshan_gis.ingest.read import is_readable, read_tables
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    import pandas as pd

    from yanshan_gis.datum import Datum
    from yanshan_gis.ingest.table import RawTable

SIDECARS = frozenset(
    {".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".xml", ".qml"}
    | {".qpj", ".fix", ".idx", ".ind", ".lock", ".gpkg-wal", ".gpkg-shm"}
)
_LEAST_SCORE = 0.35
_CLEAR_LEAD = 0.05
_COMMON = frozenset({"name", "code", "township", "level", "status"})
_FIRST = ("county", "townships", "seats", "villages")  # others refer to these
_ISSUE = re.compile(r"(第?[一二三四1-4]季度|\d+|[年月日]|q[1-4])", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Proposal:
    """What one table of a folder probably is.

    Parameters
    ----------
    path
        The file.
    table
        The sheet or layer inside it; empty for a file that could not be read.
    layer
        Name of the layer; None when it could not be told.
    score
        Between 0 and 1.
    kinds
        Kinds of geometry found; ``Table`` for a table without positions.
    mapping
        Which column would go where; None without a layer.
    reason
        Why there is no layer.
    remembered
        True when an earlier answer was taken.
    columns
        The remembered choice of columns, field to column.
    declares_crs
        True when the file says its coordinate system, which then holds.
    crs, datum
        As remembered; None where nothing is.
    """

    path: Path
    table: str = ""
    layer: str | None = None
    score: float = 0.0
    kinds: tuple[str, ...] = ()
    mapping: FieldMapping | None = None
    reason: Notice | None = None
    remembered: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    declares_crs: bool = False
    crs: str | None = None
    datum: Datum | None = None


def geometry_kinds(frame: pd.DataFrame) -> tuple[str, ...]:
    """Tell what kinds of geometry a table holds or can be given.

    Parameters
    ----------
    frame
        Columns as in the file.

    Returns
    -------
    tuple of str
        ``Point``, ``LineString``, ``Polygon`` in that order; ``Table`` when there is no position.
    """
    if "geometry" in frame:
        found = {str(k).removeprefix("Multi") for k in frame["geometry"].geom_type.dropna()}
        found = {"LineString" if k == "LinearRing" else k for k in found}
        return tuple(k for k in ("Point", "LineString", "Polygon") if k in found)
    return ("Point",) if find_coordinate_columns(frame) is not None else ("Table",)


def score_table(
    frame: pd.DataFrame, definition: LayerDef, words: Iterable[str] = ()
) -> tuple[float, FieldMapping | None]:
    """Say how well a table fits a layer.

    Parameters
    ----------
    frame
        Columns as in the file.
    definition
        The layer.
    words
        File and sheet name.

    Returns
    -------
    tuple of float and FieldMapping or None
        Between 0 and 1: half for the name, half for the columns; 0 for the wrong geometry.
    """
    kinds = geometry_kinds(frame)
    if kinds != ("Table",) and not set(kinds) <= set(definition.geometry):
        return 0.0, None
    try:
        mapping = map_fields(frame, definition)
    except UsageError:  # several columns for one field: the import will ask
        return _name_score(definition, words) / 2, None
    own = [m.field for m in mapping.matches if m.field not in _COMMON]
    columns = 0.6 * _share(frame, mapping) + 0.4 * min(1.0, len(own) / 3)
    return (_name_score(definition, words) + columns) / 2, mapping


def _share(frame: pd.DataFrame, mapping: FieldMapping) -> float:
    """Share of the columns that found a field; those that hold positions do not count."""
    places = None if "geometry" in frame else find_coordinate_columns(frame)
    positions = set() if places is None else {places.x, places.y}
    extra = [column for column, _ in mapping.extra if column not in positions]
    every = len(mapping.matches) + len(extra)
    return len(mapping.matches) / every if every else 0.0


def _name_score(definition: LayerDef, words: Iterable[str]) -> float:
    """Compare names: the whole name counts fully, a part of it by its length."""
    spellings = (definition.name, definition.title.zh, definition.title.en, *definition.aliases)
    best = 0.0
    for word in words:
        text = fold_heading(_ISSUE.sub("", word))
        for spelling in map(fold_heading, spellings):
            if text and text == spelling:
                best = 1.0
            elif spelling and spelling in text:
                best = max(best, 0.5 + 0.4 * len(spelling) / len(text))
    return best


def remember_key(path: Path, table: str) -> str:
    """Name a table so that next quarter's file of the same name is known again.

    Parameters
    ----------
    path
        The file.
    table
        The sheet or layer inside it.

    Returns
    -------
    str
        File and table name without years, dates and quarters.
    """
    return f"{fold_heading(_ISSUE.sub('', path.stem))}{path.suffix.lower()}/{_ISSUE.sub('', table)}"


def remember(
    remembered: Mapping[str, Mapping[str, Any]],
    proposal: Proposal,
    layer: str,
    columns: Mapping[str, str] | None = None,
    *,
    crs: str | None = None,
    datum: Datum | None = None,
) -> dict[str, Any]:
    """Add an answer to what is remembered.

    Parameters
    ----------
    remembered
        What was remembered so far.
    proposal
        The table it is about.
    layer
        The layer the user named; empty for "none, leave it out".
    columns
        The user's choice of columns, field to column.
    crs, datum
        With which the table was imported; None keeps what was remembered.

    Returns
    -------
    dict
        Plain values, key to ``layer``, ``columns`` and, where known, ``crs`` and ``datum``;
        alphabetical.
    """
    entry: dict[str, Any] = {"layer": layer, "columns": dict(sorted((columns or {}).items()))}
    given = {"crs": crs or proposal.crs, "datum": datum or proposal.datum}
    entry |= {key: value for key, value in given.items() if value}
    every = {**remembered, remember_key(proposal.path, proposal.table): entry}
    return {key: dict(every[key]) for key in sorted(every)}


def _undecided(ranked: list[tuple[float, str]], catalogue: Mapping[str, LayerDef]) -> Notice:
    candidates = [f"{name} ({catalogue[name].title.zh})" for score, name in ranked[:3] if score]
    return Notice(
        "layer-undecided",
        N_("It is not clear which layer this is; candidates: {candidates}. Name the layer."),
        {"candidates": ", ".join(candidates) or "—"},
    )


def _propose(
    raw: RawTable,
    catalogue: Mapping[str, LayerDef],
    remembered: Mapping[str, Mapping[str, Any]],
) -> Proposal:
    kinds = geometry_kinds(raw.frame)
    answer = remembered.get(remember_key(raw.path, raw.name))
    if answer is not None and (answer["layer"] in catalogue or not answer["layer"]):
        return _recalled(raw, kinds, answer, catalogue)
    words = (raw.path.stem, raw.name)
    vector = [d for d in catalogue.values() if not d.is_raster]
    scored = {d.name: score_table(raw.frame, d, words) for d in vector}
    ranked = sorted(((score, name) for name, (score, _) in scored.items()),
                    key=lambda pair: (-pair[0], pair[1]))  # fmt: skip
    best, name = ranked[0] if ranked else (0.0, "")
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    if best < _LEAST_SCORE or best - second < _CLEAR_LEAD:
        return Proposal(raw.path, raw.name, None, best, kinds, reason=_undecided(ranked, catalogue),
                        declares_crs=raw.crs is not None)  # fmt: skip
    return Proposal(raw.path, raw.name, name, best, kinds, scored[name][1],
                    declares_crs=raw.crs is not None)  # fmt: skip


def _recalled(
    raw: RawTable,
    kinds: tuple[str, ...],
    answer: Mapping[str, Any],
    catalogue: Mapping[str, LayerDef],
) -> Proposal:
    layer, columns = answer["layer"], dict(answer.get("columns", {}))
    if not layer:
        reason = Notice("table-left-out", N_("Left out, as answered before."))
        return Proposal(raw.path, raw.name, kinds=kinds, reason=reason, remembered=True)
    try:
        mapping = map_fields(raw.frame, catalogue[layer], columns)
    except YanshanError as error:
        return Proposal(raw.path, raw.name, None, 0.0, kinds, reason=error.notice)
    return Proposal(
        raw.path, raw.name, layer, 1.0, kinds, mapping, remembered=True, columns=columns,
        declares_crs=raw.crs is not None, crs=answer.get("crs"), datum=answer.get("datum"),
    )  # fmt: skip


def _files(folder: Path) -> list[Path]:
    """List what stands for itself: no hidden files, no companions of shapefiles and databases."""

    def wanted(path: Path) -> bool:
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        inside = any(parent.suffix.lower() == ".gdb" for parent in path.parents)
        suffix = path.suffix.lower()
        told = path.is_file() and suffix not in SIDECARS and suffix != ".dbf"
        return not (hidden or inside) and (told or is_readable(path))

    return sorted(path for path in folder.rglob("*") if wanted(path))


def propose_folder(
    folder: Path,
    catalogue: Mapping[str, LayerDef],
    remembered: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    encoding: str | None = None,
) -> list[Proposal]:
    """Propose a layer for every table of every file in a folder.

    Parameters
    ----------
    folder
        Searched with its subfolders; hidden files and a shapefile's companions are passed over.
    catalogue
        Layer definitions by name.
    remembered
        Earlier answers, see `remember`.
    encoding
        Of text, where the user knows it.

    Returns
    -------
    list of Proposal
        In the order in which they should be imported (what others refer to first), then by path;
        files that cannot be read or decided stand last with the reason.

    Raises
    ------
    UsageError
        When there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError("folder-missing", N_("There is no folder {folder}."), folder=str(folder))
    proposals: list[Proposal] = []
    for path in _files(folder):
        try:
            tables = read_tables(path, encoding=encoding)
        except YanshanError as error:
            proposals.append(Proposal(path, reason=error.notice))
            continue
        proposals += [_propose(raw, catalogue, remembered or {}) for raw in tables]

    def order(proposal: Proposal) -> tuple[int, str, str]:
        if proposal.layer is None:
            rank = len(_FIRST) + 1
        else:
            rank = _FIRST.index(proposal.layer) if proposal.layer in _FIRST else len(_FIRST)
        return rank, str(proposal.path), proposal.table

    return sorted(proposals, key=order)


def import_order(chosen: list[tuple[Proposal, str]]) -> list[tuple[Proposal, str]]:
    """Put files in the order in which each finds what it refers to.

    Parameters
    ----------
    chosen
        Tables and the layers they go into, layers in order.

    Returns
    -------
    list of tuple
        The order of layers kept; in each, committees before what names them, ledgers last.
    """
    layers = list(dict.fromkeys(layer for _, layer in chosen))

    def place(pair: tuple[Proposal, str]) -> tuple[int, bool, bool]:
        proposal, layer = pair
        return layers.index(layer), proposal.kinds == ("Table",), _names_parents(proposal)

    return sorted(chosen, key=place)


def _names_parents(proposal: Proposal) -> bool:
    """Tell whether the rows have names and name other features of their layer beside."""
    mapping = proposal.mapping
    if mapping is None or mapping.match_of("name") is None:
        return False
    own = mapping.definition
    return any(
        field.layer == own.name and mapping.match_of(name) is not None
        for name, field in own.fields.items()
    )
