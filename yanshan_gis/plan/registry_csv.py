"""A registry kept as two CSV files: one row a project, one row an amount."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from yanshan_gis.errors import DataError, UnitError
from yanshan_gis.messages import N_
from yanshan_gis.plan.registry import BASES, NATURES, Amount, Project, split_places
from yanshan_gis.units import canonical_unit

PROJECTS, AMOUNTS = "projects.csv", "quantities.csv"
_COLUMNS = {
    PROJECTS: (
        "id", "column", "section", "item", "part_of", "name", "kind", "townships", "committees",
        "group", "place", "status", "source", "note",
    ),
    AMOUNTS: ("project", "nature", "value", "unit", "basis", "what", "note"),
}  # fmt: skip


def columns_of(file: str) -> tuple[str, ...]:
    """Tell the columns of a registry's file.

    Parameters
    ----------
    file
        ``projects.csv`` or ``quantities.csv``.

    Returns
    -------
    tuple of str
        In order.
    """
    return _COLUMNS[file]


def read_registry(folder: Path) -> tuple[Project, ...]:
    """Read a registry kept as CSV.

    Parameters
    ----------
    folder
        With ``projects.csv`` and ``quantities.csv``, UTF-8.

    Returns
    -------
    tuple of Project
        In the order of the file.

    Raises
    ------
    DataError
        With file, line and what to do: a file absent or not in UTF-8, a column missing or unknown,
        an id twice, an amount of no project, a value that is no number or is negative, a part of
        nothing or of itself.
    UnitError
        When a unit is not known.
    """
    amounts: dict[str, list[Amount]] = {}
    first: dict[str, int] = {}
    for line, row in _rows(folder / AMOUNTS):
        first.setdefault(row["project"], line)
        amounts.setdefault(row["project"], []).append(_amount(row, AMOUNTS, line))
    projects: dict[str, Project] = {}
    lines: dict[str, int] = {}
    for line, row in _rows(folder / PROJECTS):
        if row["id"] in projects or not row["id"]:
            raise _wrong(PROJECTS, line, "id", row["id"])
        projects[row["id"]] = _project(row, line, tuple(amounts.pop(row["id"], ())))
        lines[row["id"]] = line
    for orphan in amounts:
        raise _wrong(AMOUNTS, first[orphan], "project", orphan)
    for project in projects.values():
        if project.part_of and not _is_sound_part(project, projects):
            raise _wrong(PROJECTS, lines[project.id], "part_of", project.part_of)
    return tuple(projects.values())


def _is_sound_part(project: Project, projects: Mapping[str, Project]) -> bool:
    """Tell whether the wholes above a part all exist and none is the part itself again."""
    seen = {project.id}
    above = project.part_of
    while above:
        if above in seen or above not in projects:
            return False
        seen.add(above)
        above = projects[above].part_of
    return True


def _rows(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    wanted = _COLUMNS[path.name]
    reader = csv.DictReader(io.StringIO(_text(path), newline=""))
    found = tuple(reader.fieldnames or ())
    if found != wanted:
        raise DataError(
            "registry-columns",
            N_("{file}: the columns must be {wanted}, in this order; found {found}."),
            file=path.name,
            wanted=",".join(wanted),
            found=",".join(found),
        )
    for row in reader:
        cells: Mapping[str | None, str | list[str] | None] = row
        if None in cells or None in cells.values():
            raise DataError(
                "registry-cells",
                N_("{file}, line {line}: {count} cells are wanted, one for each column."),
                file=path.name,
                line=reader.line_num,
                count=len(wanted),
            )
        yield reader.line_num, {key: text.strip() for key, text in row.items()}


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise DataError(
            "registry-absent", N_("{file} is absent; put it into {folder}."),
            file=path.name, folder=path.parent,
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise DataError(
            "registry-encoding",
            N_("{file} is not in UTF-8; save it as CSV UTF-8."),
            file=path.name,
        ) from error


def _wrong(file: str, line: int, column: str, value: str) -> DataError:
    return DataError(
        "registry-value",
        N_("{file}, line {line}: {column} {value!r} does not fit; correct it."),
        file=file,
        line=line or "—",
        column=column,
        value=value,
    )


def _project(row: Mapping[str, str], line: int, amounts: tuple[Amount, ...]) -> Project:
    if row["column"] and not row["column"].isdigit():
        raise _wrong(PROJECTS, line, "column", row["column"])
    return Project(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        column=int(row["column"]) if row["column"] else None,
        section=row["section"],
        item=row["item"],
        part_of=row["part_of"],
        townships=split_places(row["townships"]),
        committees=split_places(row["committees"]),
        group=row["group"],
        place=row["place"],
        status=row["status"] or "planned",
        source=row["source"],
        note=row["note"],
        amounts=amounts,
    )


def _amount(row: Mapping[str, str], file: str, line: int) -> Amount:
    try:
        value, unit = float(row["value"]), canonical_unit(row["unit"])
    except UnitError as error:
        raise UnitError(
            "registry-unit",
            N_("{file}, line {line}: {reason}"),
            file=file,
            line=line,
            reason=error.notice,
        ) from error
    except ValueError as error:
        raise _wrong(file, line, "value", row["value"]) from error
    if not (math.isfinite(value) and value >= 0):
        raise _wrong(file, line, "value", row["value"])
    nature = next((known for known in NATURES if known == row["nature"]), None)
    basis = next((known for known in BASES if known == (row["basis"] or "total")), None)
    if nature is None or basis is None:
        column = "nature" if nature is None else "basis"
        raise _wrong(file, line, column, row[column])
    return Amount(nature, value, unit, basis, row.get("what", ""), row.get("note", ""))
