"""One import: a bureau's file in, a validated layer out, all or nothing.

Read, choose the table, map the columns, place the rows, type the values, recognise what is there,
link references, plan the merge. A row that does not validate keeps the whole file out, unless the
user accepts to go on without such rows; they are then listed, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.catalogue import Catalogue
from yanshan_gis.content import LayerDef
from yanshan_gis.county import County
from yanshan_gis.crs import WGS84, reproject
from yanshan_gis.errors import DataError
from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.fields import FieldMapping
from yanshan_gis.ingest.ledger import join_ledger, stamp_ledger
from yanshan_gis.ingest.linking import (
    Batch,
    canonical_townships,
    gazetteer_of,
    give_ids,
    keep_spelling,
    link_references,
)
from yanshan_gis.ingest.listed_places import canonical_lists
from yanshan_gis.ingest.matching import Gazetteer, Key, RowMatch
from yanshan_gis.ingest.measures import check_units
from yanshan_gis.ingest.merge import MergePlan, Mode, plan_merge
from yanshan_gis.ingest.placement import Placed, place_rows
from yanshan_gis.ingest.position_quality import (
    mark_located,
    mark_unlocated,
    positions_given_up,
)
from yanshan_gis.ingest.problems import RejectedRow, RowProblem
from yanshan_gis.ingest.report import ImportReport
from yanshan_gis.ingest.request import (
    ImportRequest,
    definition_of,
    map_request,
    read_request,
    source_of,
)
from yanshan_gis.ingest.section_values import take_headings
from yanshan_gis.ingest.shared_numbers import count_once
from yanshan_gis.ingest.suspicion import suspect_references
from yanshan_gis.ingest.table import RawTable
from yanshan_gis.ingest.validate import (
    Box,
    check_duplicates,
    check_inside,
    in_order,
    validate_values,
)
from yanshan_gis.layer import Layer, NameRecord, Source
from yanshan_gis.messages import N_, Notice

__all__ = ["ImportOutcome", "ImportRequest", "county_box", "import_file"]


_JOINED = Notice(
    "ledger-joined",
    N_("The file has no positions; its rows were joined to the features that are there."),
)


@dataclass(frozen=True, eq=False)
class ImportOutcome:
    """What came of an import; nothing is stored yet.

    Parameters
    ----------
    layer
        To be stored; None when rows were refused and that was not accepted.
    plan
        What would change, for the rows that validate.
    report
        Counts and problems.
    names
        The whole name table as it would be; unchanged without a layer.
    crs
        The working CRS the geometries are in; None for a table.
    without_row
        For a ledger: the features no row speaks of.
    """

    layer: Layer | None
    plan: MergePlan
    report: ImportReport
    names: tuple[NameRecord, ...]
    crs: str | None = None
    without_row: pd.DataFrame | None = None

    @property
    def refused(self) -> tuple[RejectedRow, ...]:
        """The rows kept out, each once."""
        return self.report.rejected


def import_file(
    request: ImportRequest,
    *,
    catalogue: Catalogue[LayerDef],
    county: County,
    current: Mapping[str, Layer],
    names: Sequence[NameRecord] = (),
    raw: RawTable | None = None,
) -> ImportOutcome:
    """Turn a file into a layer, and say what that changes.

    Parameters
    ----------
    request
        What and how.
    catalogue
        Layer definitions.
    county
        Name and working CRS.
    current
        The layers that are there, by name; they are not changed.
    names
        The name table.
    raw
        The table, where it was read already; else it is read from the request's file.

    Returns
    -------
    ImportOutcome
        Layer, plan and report; nothing is stored.

    Raises
    ------
    UsageError
        When the layer, table, column or value does not exist or is not clear.
    CrsError
        When the coordinate system is missing, unknown, or not what the coordinates say.
    DataError
        When the file as a whole does not fit the layer.
    """
    definition = definition_of(request, catalogue)
    raw = raw or read_request(request, definition)
    own = current.get(definition.name)
    known = gazetteer_of(current, definition, names, county.name.zh, request.code_year)
    raw, concluded = take_headings(raw, definition, request.columns, current, known)
    frame, mapping, notices = map_request(raw, definition, request)
    source = source_of(request, raw)
    placed = place_rows(
        raw, definition, crs=request.crs, datum=request.datum, columns=request.columns,
        working=county.crs or _crs_of(own), expected=county_box(current, WGS84), trusted=own,
    )  # fmt: skip
    joins = _joins(placed, own, definition, request)
    mode: Mode = "update" if joins else request.mode
    box = county_box(current, placed.working)
    batch = _typed(frame, raw, mapping, placed, mode, box, request)
    if joins:
        batch.notices.append(_JOINED)
    if definition.placed_by_name and mode == "replace" and placed.geometry is None:
        batch.notices += positions_given_up(own)
    batch.notices += [*raw.notices, *concluded, *notices, *mapping.notices, *placed.notices]
    canonical_townships(batch, current, known)
    canonical_lists(batch, current, known)
    without = _identify(batch, own, mode, known, request.by, joins)
    if joins:
        batch.values = stamp_ledger(batch.values, definition, source)
    link_references(batch, current, mode, known)
    check_units(batch, current)
    told = {notice.code for notice in batch.notices}
    if placed.geometry is not None and request.datum is None and "datum-suspected" not in told:
        batch.notices += suspect_references(batch.values, definition, placed.working, current)
    plan = plan_merge(
        own, batch.accepted(), mode,
        definition=definition, source=source, names=names, crs=placed.working,
    )  # fmt: skip
    report = _report(request, raw, batch, placed, mapping, plan, source)
    fine = bool(batch.kept.any()) and (request.accept_refused or not report.rejected)
    return ImportOutcome(
        layer=plan.apply(definition) if fine else None,
        plan=plan,
        report=report,
        names=plan.names if fine else tuple(names),
        crs=placed.working,
        without_row=without,
    )


def _report(
    request: ImportRequest,
    raw: RawTable,
    batch: Batch,
    placed: Placed,
    mapping: FieldMapping,
    plan: MergePlan,
    source: Source,
) -> ImportReport:
    return ImportReport(
        layer=batch.definition.name,
        file=request.path.name,
        table=raw.name,
        sha256=source.sha256,
        read=len(raw.frame) + sum(row.is_data for row in raw.refused),
        repaired=placed.repaired,
        encoding=raw.encoding,
        crs=placed.crs,
        datum=request.datum,
        mapping=mapping,
        counts=plan.counts(),
        problems=_problems(batch, raw),
        rejected=_rejected(batch, raw),
        notices=tuple(batch.notices),
    )


def _crs_of(layer: Layer | None) -> str | None:
    return None if layer is None or layer.crs is None else str(layer.crs.to_string())


def _joins(placed: Placed, own: Layer | None, definition: LayerDef, request: ImportRequest) -> bool:
    """Tell whether the file is a ledger about features that are there."""
    if placed.geometry is not None or definition.is_table:
        return False
    if definition.placed_by_name:
        return False  # its positions are looked up again after the import
    located = own is not None and _crs_of(own) is not None and len(own) > 0
    if not located and "Table" not in definition.geometry:
        raise DataError(
            "positions-missing",
            N_(
                "{file} has no positions, and layer {layer} is not there yet. Import a file with "
                "coordinates first, then this one as a ledger."
            ),
            file=request.path.name,
            layer=definition.name,
        )
    return located and request.mode != "append"


def _typed(
    frame: pd.DataFrame,
    raw: RawTable,
    mapping: FieldMapping,
    placed: Placed,
    mode: Mode,
    box: Box | None,
    request: ImportRequest,
) -> Batch:
    rows = np.asarray(raw.row_numbers, dtype=np.int64)
    values, problems = validate_values(frame, rows, mapping, complete=mode != "update")
    problems = [*placed.problems, *problems, *count_once(values, raw, mapping)]
    if placed.geometry is not None and box is not None:
        problems += check_inside(placed.geometry, rows, box)
    problems += check_duplicates(values, rows, mapping.definition, placed.geometry)
    if placed.geometry is not None:
        if mode != "update":
            mark_unlocated(values, mapping.definition, placed.geometry)
        mark_located(values, mapping.definition, placed.geometry, request.position)
        values = gpd.GeoDataFrame(values, geometry=placed.geometry, crs=placed.working)
    return Batch(mapping.definition, values, rows, problems)


def county_box(current: Mapping[str, Layer], working: str | None) -> Box | None:
    """Return the box of the county, from its outline or its townships.

    Parameters
    ----------
    current
        The layers that are there.
    working
        The CRS in which the box is wanted.

    Returns
    -------
    tuple of float or None
        Least x, least y, greatest x, greatest y in that CRS; None when nothing is known.
    """
    for name in ("county", "townships"):
        layer = current.get(name)
        if layer is not None and len(layer) and layer.crs is not None and working is not None:
            shapes = reproject(layer.frame.geometry.to_numpy(), layer.crs, working)
            west, south, east, north = shapely.total_bounds(shapes)
            return float(west), float(south), float(east), float(north)
    return None


def _identify(
    batch: Batch, own: Layer | None, mode: Mode, known: Gazetteer, by: Key | None, joins: bool
) -> pd.DataFrame | None:
    """Give ids; for a ledger, return the features that no row speaks of."""
    if not joins or own is None:
        give_ids(batch, own, mode, known, by)
        return None
    kept = batch.kept
    join = join_ledger(own, batch.values[kept], batch.rows[kept], known, by)
    batch.problems += join.problems
    matches = [RowMatch()] * len(batch.values)
    for i, match in zip(np.flatnonzero(kept), join.matches, strict=True):
        matches[int(i)] = match
    ids = [match.id for match in matches]
    batch.values["id"] = pd.Series(ids, index=batch.values.index, dtype=object)
    keep_spelling(batch, own, matches)
    return join.without_row


def _problems(batch: Batch, raw: RawTable) -> tuple[RowProblem, ...]:
    unread = [
        RowProblem(row.row, "", "", row.notice, "refuse" if row.is_data else "note")
        for row in raw.refused
    ]
    return tuple(in_order([*unread, *batch.problems]))


def _rejected(batch: Batch, raw: RawTable) -> tuple[RejectedRow, ...]:
    reasons: dict[int, list[Notice]] = {}
    for problem in batch.problems:
        if problem.severity == "refuse":
            reasons.setdefault(problem.row, []).append(problem.notice)
    rows = [RejectedRow(row.row, (row.notice,), row.content) for row in raw.refused if row.is_data]
    for position in np.flatnonzero(~batch.kept):
        number = int(batch.rows[position])
        content = {
            str(column): _written(raw.frame[column].iloc[position]) for column in raw.frame.columns
        }
        rows.append(RejectedRow(number, tuple(reasons[number]), content))
    return tuple(sorted(rows, key=lambda row: row.row))


def _written(cell: Any) -> str:
    return str(cell.wkt) if hasattr(cell, "wkt") else plain_text(cell)
