"""Positions set by hand: ``plan-locations.csv``, read at every run and never written over.

A row names a project and either a position (longitude and latitude, or x and y in the working CRS)
or the township and committee that is meant. Rows without any of these are a list of what is open.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from yanshan_gis.crs import WGS84, transform
from yanshan_gis.errors import DataError, YanshanError
from yanshan_gis.ingest.encoding import decode_text
from yanshan_gis.ingest.names import NameMatch
from yanshan_gis.messages import N_, Language, Notice
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from yanshan_gis.plan.gazetteer import Gazetteer
    from yanshan_gis.plan.locator import Location

FILE_NAME = "plan-locations.csv"
_TEMPLATE = (
    "id", "name", "reason", "candidates", "township", "committee", "lon", "lat", "note",
)  # fmt: skip
_COLUMNS = (*_TEMPLATE, "x", "y", "crs")


@dataclass(frozen=True)
class Correction:
    """Where a project is, as somebody who knows says.

    Parameters
    ----------
    point
        In the working CRS; None where names are given instead.
    townships, committees
        The one township, canonical, and the committee as written; empty beside a point.
    note
        For the reader.
    """

    point: shapely.Point | None = None
    townships: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Frame:
    """What corrections are checked against.

    Parameters
    ----------
    projects
        Ids of the layer.
    gazetteer
        The county's names.
    crs
        The working CRS; None where the workspace has none yet.
    county
        The county's outline or box in that CRS; None where nothing is known.
    """

    projects: frozenset[str]
    gazetteer: Gazetteer
    crs: str | None
    county: shapely.Geometry | None


def read_corrections(path: Path, frame: Frame) -> dict[str, Correction]:
    """Read the positions set by hand.

    Parameters
    ----------
    path
        ``plan-locations.csv``; none are read where it is not there.
    frame
        What they are checked against.

    Returns
    -------
    dict
        Corrections by project id; rows that say nothing are left out.

    Raises
    ------
    DataError
        With file, line and what to do: a column unknown or missing, a project that does not exist
        or stands there twice, half a position, a position outside the county, a township or
        committee that is not found.
    """
    found: dict[str, Correction] = {}
    seen: set[str] = set()
    for line, row in _read(path)[1]:
        project = row["id"]
        if project not in frame.projects or project in seen:
            text = N_("No project has the id {id!r}; correct or remove the row.")
            if project in seen:
                text = N_("Project {id!r} stands there twice; leave one row.")
            raise _wrong(path, line, Notice("correction-id", text, {"id": project}))
        seen.add(project)
        try:
            correction = _correction(row, frame)
        except YanshanError as error:
            raise _wrong(path, line, error.notice) from error
        if correction is not None:
            found[project] = correction
    return found


def _wrong(path: Path, line: int, reason: Notice) -> DataError:
    return DataError(
        reason.code,
        N_("{file}, line {line}: {reason}"),
        file=path.name,
        line=line,
        reason=reason,
    )


def _read(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the columns, and the rows with their line numbers."""
    if not path.exists():
        return [], []
    text, _, _ = decode_text(path.read_bytes(), path.name)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = [column.strip() for column in reader.fieldnames or ()]
    if "id" not in columns or set(columns) - set(_COLUMNS) or len(set(columns)) < len(columns):
        raise DataError(
            "corrections-columns",
            N_("{file}: the columns must be id and any of {known}; found {found}."),
            file=path.name,
            known=",".join(_COLUMNS[1:]),
            found=",".join(columns),
        )
    reader.fieldnames = columns
    rows = []
    for row in reader:
        line = reader.line_num
        if None in row:
            text = N_("The line has more cells than the head has columns.")
            raise _wrong(path, line, Notice("corrections-cells", text))
        plain = {column: (row.get(column) or "").strip() for column in columns}
        if any(plain.values()):
            rows.append((line, plain))
    return columns, rows


def _correction(row: Mapping[str, str], frame: Frame) -> Correction | None:
    degrees, metres = (
        [row.get(axis, "") for axis in axes] for axes in (("lon", "lat"), ("x", "y"))
    )
    named = bool(row.get("township") or row.get("committee"))
    given = [cells for cells in (degrees, metres) if any(cells)]
    if not given and not named:
        return None
    if given and not all(given[0]):
        raise DataError(
            "correction-half", N_("A position needs both lon and lat, or both x and y.")
        )
    if len(given) > 1:
        raise DataError(
            "correction-several", N_("Give lon and lat, or x and y, but not both of them.")
        )
    if given:
        crs = row.get("crs") or (WGS84 if given[0] is degrees else frame.crs)
        return Correction(point=_point(given[0], crs, frame), note=row.get("note", ""))
    return _by_name(row, frame)


def _point(cells: Sequence[str], crs: str | None, frame: Frame) -> shapely.Point:
    try:
        x, y = (float(cell) for cell in cells)
    except ValueError as error:
        text = N_("{x}, {y} is no position; write numbers.")
        raise DataError("correction-number", text, x=cells[0], y=cells[1]) from error
    if crs is None or frame.crs is None:
        text = N_(
            "The workspace has no coordinate system yet; import a layer with positions first."
        )
        raise DataError("correction-crs", text)
    east, north = transform(x, y, crs, frame.crs)
    point = shapely.Point(float(east), float(north))
    inside = frame.county is None or frame.county.covers(point)
    if not shapely.is_valid(point) or not inside:
        text = N_("{x}, {y} lies outside the county; check the order and the coordinate system.")
        raise DataError("correction-outside", text, x=cells[0], y=cells[1])
    return point


def _by_name(row: Mapping[str, str], frame: Frame) -> Correction:
    township, committee = row.get("township", ""), row.get("committee", "")
    match = frame.gazetteer.township(township) if township else NameMatch("")
    if match.notice is not None:
        raise DataError(match.notice.code, match.notice.text, **match.notice.values)
    committees: tuple[str, ...] = ()
    town = match.id or ""
    if committee:
        found = frame.gazetteer.find(committee, township or None, level="committee")
        if found.id is None and found.notice is not None:
            raise DataError(found.notice.code, found.notice.text, **found.notice.values)
        committees, town = (found.name,), found.township or town
    return Correction(
        townships=(town,) if town else (), committees=committees, note=row.get("note", "")
    )


def write_corrections(path: Path, locations: Iterable[Location], language: Language) -> Path:
    """Add what is open to the file; rows and columns that are there stay as they are.

    Parameters
    ----------
    path
        ``plan-locations.csv``.
    locations
        Projects that state something that was not found.
    language
        Of the reasons.

    Returns
    -------
    pathlib.Path
        What was written.

    Raises
    ------
    DataError
        When the file that is there has other columns.
    WriteError
        When it could not be written; the old one is unchanged.
    """
    columns, rows = _read(path)
    columns += [column for column in _TEMPLATE if column not in columns]
    lines: list[dict[str, Any]] = [row for _, row in rows]
    there = {row["id"] for row in lines}
    lines += [
        {
            "id": location.id,
            "name": location.name,
            "reason": location.note(language) or "",
            "candidates": "; ".join(str(candidate) for candidate in location.candidates),
        }
        for location in locations
        if location.id not in there
    ]

    def write(draft: Path) -> None:
        with draft.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="")
            writer.writeheader()
            writer.writerows(lines)

    return put(path, write)
