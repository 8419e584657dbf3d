"""Typed rows linked to what is there: canonical townships, permanent ids, references.

Rows of one file may refer to one another (a natural village to its committee), so references are
resolved after ids are given, and again whenever that keeps a row out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.content import LayerDef
from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.matching import Gazetteer, Key, RowMatch, nobody, number_ids, recognise
from yanshan_gis.ingest.merge import Mode, stack_rows
from yanshan_gis.ingest.names import fold_place, match_townships
from yanshan_gis.ingest.problems import RowProblem
from yanshan_gis.ingest.references import resolve_references
from yanshan_gis.layer import Layer, NameRecord
from yanshan_gis.messages import N_, Notice

_TOWNSHIP_LAYERS = ("townships", "seats")


@dataclass(eq=False)
class Batch:
    """Rows on their way in, and what was found about them.

    Parameters
    ----------
    definition
        The layer.
    values
        Typed rows, with ``geometry`` where there is one.
    rows
        Row numbers as the user counts, shape (n,); all different.
    problems
        Found so far.
    notices
        What concerns the file as a whole.
    """

    definition: LayerDef
    values: pd.DataFrame
    rows: NDArray[np.int64]
    problems: list[RowProblem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which rows nothing keeps out so far, shape (n,)."""
        refused = {p.row for p in self.problems if p.severity == "refuse"}
        return ~np.isin(self.rows, sorted(refused))

    def accepted(self) -> pd.DataFrame:
        """Return the rows that nothing keeps out.

        Returns
        -------
        pandas.DataFrame
            With the batch's own index.
        """
        return self.values[self.kept]

    def column(self, name: str) -> list[str | None]:
        """Return a column as text.

        Parameters
        ----------
        name
            The field.

        Returns
        -------
        list of str or None
            None for missing values, and throughout for a missing column.
        """
        if name not in self.values:
            return [None] * len(self.values)
        return [plain_text(cell) or None for cell in self.values[name].tolist()]


def gazetteer_of(
    current: Mapping[str, Layer],
    definition: LayerDef,
    names: Sequence[NameRecord],
    county: str,
    year: int | None,
) -> Gazetteer:
    """Gather what is known about names for one import.

    Parameters
    ----------
    current
        The layers that are there.
    definition
        The layer that is imported.
    names
        The name table.
    county
        The county's name.
    year
        The year whose codes are meant; None for those of today.

    Returns
    -------
    Gazetteer
        With other and former names of townships, and the names of features referred to.
    """
    aliases: dict[str, str] = {}
    for layer in _TOWNSHIP_LAYERS:
        canonical = townships_of(current.get(layer))
        for record in names:
            if record.id in canonical and record.name:
                aliases.setdefault(record.name, canonical[record.id])
    referred = {f.layer for f in definition.fields.values() if f.layer} | {definition.name}
    known: dict[str, str] = {}
    for name in sorted(referred):
        target = current.get(name)
        if target is not None and "name" in target.frame:
            texts = [plain_text(cell) for cell in target.frame["name"].tolist()]
            known |= dict(zip(target.frame["id"], texts, strict=True))
    return Gazetteer(tuple(names), county, aliases, known, year)


def townships_of(layer: Layer | None) -> dict[str, str]:
    """Tell the canonical township of each feature of a layer of townships or their seats.

    Parameters
    ----------
    layer
        None when it is not there.

    Returns
    -------
    dict
        Names of townships by feature id.
    """
    if layer is None or not len(layer):
        return {}
    frame = layer.frame
    if "level" in frame:
        frame = frame[frame["level"] == "township"]
    column = "township" if "township" in frame else "name"
    texts = [plain_text(cell) for cell in frame[column].tolist()]
    return {i: text for i, text in zip(frame["id"], texts, strict=True) if text}


def canonical_townships(batch: Batch, current: Mapping[str, Layer], known: Gazetteer) -> None:
    """Spell the rows' townships as the county does; report those it does not have.

    Parameters
    ----------
    batch
        Its field ``township`` and its problems are brought up to date.
    current
        The layers that are there; without townships and seats, the spellings of the layer itself
        are taken, and others are no problem.
    known
        Other and former names.
    """
    official = [name for layer in _TOWNSHIP_LAYERS
                for name in townships_of(current.get(layer)).values()]  # fmt: skip
    own = current.get(batch.definition.name)
    sure = bool(official)
    if not sure and own is not None and "township" in own.frame:
        official = [plain_text(cell) for cell in own.frame["township"].dropna().tolist()]
    if not official or "township" not in batch.values or "township" not in batch.definition.fields:
        return
    texts = batch.column("township")
    if batch.definition.is_table:  # figures of the whole county stand under no township
        whole = {"全县", known.county}
        texts = [None if text in whole else text for text in texts]
    found = match_townships(texts, official, dict(known.townships), known.county)
    batch.values["township"] = pd.Series(
        [match.id if match.id else text for match, text in zip(found, texts, strict=True)],
        index=batch.values.index,
        dtype=object,
    )
    batch.problems += [
        RowProblem(int(batch.rows[i]), "township", texts[i] or "", match.notice)
        for i, match in enumerate(found)
        if match.notice is not None and sure
    ]


def keep_spelling(batch: Batch, own: Layer, matches: Sequence[RowMatch]) -> None:
    """Leave official name and township of a feature recognised by another spelling of them.

    Parameters
    ----------
    batch
        Its fields ``name`` and ``township`` are brought up to date.
    own
        The layer that is there.
    matches
        One per row; a name that was not the key, and means another place, is a new name.
    """
    for column in ("name", "township"):
        if column not in batch.values or column not in own.frame:
            continue
        texts = [plain_text(cell) for cell in own.frame[column].tolist()]
        official = dict(zip(own.frame["id"], texts, strict=True))
        written = batch.column(column)
        for i, match in enumerate(matches):
            there, text = official.get(match.id or "", ""), written[i] or ""
            alike = fold_place(there) == fold_place(text)
            if there and (alike or (column == "name" and match.how in {"name", "alias"})):
                written[i] = there
        batch.values[column] = pd.Series(written, index=batch.values.index, dtype=object)


def give_ids(
    batch: Batch, own: Layer | None, mode: Mode, known: Gazetteer, by: Key | None
) -> list[RowMatch]:
    """Give every row its permanent id; rows that do not fit the mode become problems.

    Parameters
    ----------
    batch
        Its column ``id`` and its problems are brought up to date.
    own
        The layer that is there.
    mode
        How the file meets the layer: *append* refuses rows that are there already, *update* those
        that are not.
    known
        Names and codes.
    by
        Use this key alone to recognise features.

    Returns
    -------
    list of RowMatch
        One per row of the batch; nobody for rows that are kept out.
    """
    kept = np.flatnonzero(batch.kept)
    frame = batch.values.iloc[kept]
    found = recognise(frame, None if own is None else own.frame, batch.definition, known, by)
    matches = [RowMatch()] * len(batch.values)
    for i, match in zip(kept, found, strict=True):
        matches[i] = match
    lines, labels = "LineString" in batch.definition.geometry, _labels(batch)
    for i, match in zip(kept, found, strict=True):
        problem = _unfit(match, mode, lines, labels[int(i)] or "")
        if problem is not None:
            batch.problems.append(RowProblem(int(batch.rows[i]), *problem))
    ids: list[str | None] = [match.id for match in matches]
    if mode == "append":
        ids = [None] * len(ids)
    if "id" in batch.values:
        ids = [i or theirs for i, theirs in zip(ids, batch.column("id"), strict=True)]
    used = [*(own.frame["id"] if own is not None else ()), *(r.id for r in known.records)]
    wanted = [i if keep else "" for i, keep in zip(ids, batch.kept, strict=True)]
    numbered = number_ids(batch.values, wanted, batch.definition.id_prefix, used)
    batch.values["id"] = pd.Series(numbered, index=batch.values.index, dtype=object)
    if mode == "update" and own is not None:
        keep_spelling(batch, own, matches)
    return matches


def _labels(batch: Batch) -> list[str | None]:
    """Return what a row is called in messages: name, else code, else id."""
    found = next((c for c in ("name", "code", "id") if c in batch.values), "name")
    return batch.column(found)


def _unfit(match: RowMatch, mode: Mode, lines: bool, value: str) -> tuple[str, str, Notice] | None:
    """Say what keeps a row out of a mode: field, value, reason."""
    if mode == "update" and match.id is None:
        return "name", value, match.notice or nobody(value)
    same = match.how in {"id", "geometry"} if lines else bool(match.id)
    if mode == "append" and same:
        there = Notice(
            "feature-exists",
            N_("{value!r} is there already as {feature}; use update to change it."),
            {"value": value, "feature": match.id},
        )
        return "id" if match.how == "id" else "name", value, there
    return None


def link_references(
    batch: Batch, current: Mapping[str, Layer], mode: Mode, known: Gazetteer
) -> None:
    """Turn every reference into a permanent id; report those that cannot be resolved.

    A reference to a layer that is not there yet is kept as text beside the empty field.

    Parameters
    ----------
    batch
        With ids; its reference fields and its problems are brought up to date.
    current
        The layers that are there.
    mode
        How the file meets the layer.
    known
        Names and codes.
    """
    fields = {n: f for n, f in batch.definition.fields.items()
              if f.type == "reference" and n in batch.values}  # fmt: skip
    written = {name: batch.column(name) for name in fields}
    reported: set[tuple[int, str]] = set()
    for name, definition in fields.items():
        own = definition.layer == batch.definition.name
        if not own and definition.layer not in current:
            _keep_as_text(batch, name, str(definition.layer), written[name])
            continue
        while True:
            kept = batch.kept
            target = _targets(batch, current, str(definition.layer), mode)
            found = resolve_references(
                written[name], batch.column("township"), definition, target,
                records=known.records, county=known.county,
                township_aliases=dict(known.townships), year=known.year,
            )  # fmt: skip
            for i, match in enumerate(found):
                if match.notice is not None and (i, name) not in reported:
                    reported.add((i, name))
                    batch.problems.append(
                        RowProblem(int(batch.rows[i]), name, written[name][i] or "", match.notice)
                    )
            if not own or bool((batch.kept == kept).all()):
                break
        ids = [match.id for match in found]
        batch.values[name] = pd.Series(ids, index=batch.values.index, dtype=object)


def _targets(batch: Batch, current: Mapping[str, Layer], layer: str, mode: Mode) -> pd.DataFrame:
    """Return the features a reference may mean, those of the file itself included."""
    there = current[layer].frame if layer in current else None
    if there is not None and (layer != batch.definition.name or mode == "update"):
        return pd.DataFrame(there)
    mine = batch.accepted()
    if there is None or mode == "replace":
        return mine
    rest = there[~there["id"].isin(mine["id"])]
    columns = ["id", "name", "township", "level", "code"]
    parts = [part[[c for c in columns if c in part]] for part in (rest, mine)]
    return stack_rows([pd.DataFrame(part) for part in parts], batch.definition)


def _keep_as_text(batch: Batch, name: str, layer: str, written: list[str | None]) -> None:
    index = batch.values.index
    batch.values[f"{name}_name"] = pd.Series(written, index=index, dtype=object)
    batch.values[name] = pd.Series([None] * len(written), index=index, dtype=object)
    if any(written):
        batch.notices.append(
            Notice(
                "reference-no-layer",
                N_(
                    "Field {field} refers to layer {layer}, which is not there yet; the names are "
                    "kept in {column}. Import {layer} first, then this file again."
                ),
                {"field": name, "layer": layer, "column": f"{name}_name"},
            )
        )
