"""A draft registry as files: ``projects.csv``, ``quantities.csv``, ``residue.csv``, as one step.

The first two are what `yanshan_gis.plan.registry_csv.read_registry` reads; all open in Excel.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from yanshan_gis.errors import UsageError, WriteError
from yanshan_gis.extraction.extract import LEFT_OUT, Extraction, Residue
from yanshan_gis.messages import N_, Language, translate
from yanshan_gis.plan.registry import JOINER, Project
from yanshan_gis.plan.registry_csv import AMOUNTS, PROJECTS, columns_of

RESIDUE = "residue.csv"
_RESIDUE_COLUMNS = ("paragraph", "line", "column", "item", "text", "reason", "why")


def draft_folder(file: Path) -> Path:
    """Name the folder a plan's draft goes to when none is asked for.

    Parameters
    ----------
    file
        The plan's text.

    Returns
    -------
    pathlib.Path
        ``<stem>-draft`` beside it.
    """
    return file.with_name(f"{file.stem}-draft")


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Refuse to overwrite a draft, before any work is done.

    Parameters
    ----------
    folder
        Where the files are to go.
    force
        Whether overwriting was asked for.

    Raises
    ------
    UsageError
        When one of the files is there already, or the folder is a file.
    """
    there = [name for name in (PROJECTS, AMOUNTS, RESIDUE) if (folder / name).exists()]
    if folder.is_file() or (there and not force):
        raise UsageError(
            "draft-exists",
            N_(
                "{folder} holds {files} already; corrections made there would be lost. Name "
                "another folder with --to, or overwrite with --force."
            ),
            folder=str(folder),
            files=", ".join(there) or folder.name,
        )


def write_extraction(
    extraction: Extraction, folder: Path, *, force: bool = False, language: Language = "zh"
) -> tuple[Path, ...]:
    """Write a draft registry, all of it or nothing.

    Parameters
    ----------
    extraction
        What was drafted.
    folder
        Made when missing; other files in it are left alone.
    force
        Overwrite an older draft.
    language
        Of the reasons in ``residue.csv``.

    Returns
    -------
    tuple of pathlib.Path
        The three files.

    Raises
    ------
    UsageError
        When a draft is there and `force` is not given.
    WriteError
        When it could not be written; an older draft is unchanged.
    """
    check_folder(folder, force=force)
    tables = {
        PROJECTS: (columns_of(PROJECTS), _project_rows(extraction.projects)),
        AMOUNTS: (columns_of(AMOUNTS), _amount_rows(extraction.projects)),
        RESIDUE: (_RESIDUE_COLUMNS, _residue_rows(extraction.residue, language)),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".draft-", dir=folder) as room:
            for name, (heads, rows) in tables.items():
                with (Path(room) / name).open("w", encoding="utf-8-sig", newline="") as stream:
                    writer = csv.writer(stream, lineterminator="\r\n")
                    writer.writerow(heads)
                    writer.writerows(rows)
            _put_together(Path(room), folder, list(tables))
    except OSError as error:
        raise WriteError(
            "file-not-written",
            N_("{file} could not be written ({reason}); the old one is unchanged."),
            file=str(folder),
            reason=str(error),
        ) from error
    return tuple(folder / name for name in tables)


def _put_together(room: Path, folder: Path, names: Sequence[str]) -> None:
    """Put all files in place, or put the old ones back."""
    for name in names:
        if (folder / name).exists():
            shutil.copy2(folder / name, room / f"old-{name}")
    placed: list[str] = []
    try:
        for name in names:
            (room / name).replace(folder / name)
            placed.append(name)
    except OSError:
        for name in placed:
            old = room / f"old-{name}"
            if old.exists():
                old.replace(folder / name)
            else:
                (folder / name).unlink()
        raise


def _project_rows(projects: Sequence[Project]) -> Iterable[list[str]]:
    for project in projects:
        yield [
            project.id,
            "" if project.column is None else str(project.column),
            project.section,
            project.item,
            project.part_of,
            project.name,
            project.kind,
            JOINER.join(project.townships),
            JOINER.join(project.committees),
            project.group,
            project.place,
            project.status,
            project.source,
            project.note,
        ]


def _amount_rows(projects: Sequence[Project]) -> Iterable[list[str]]:
    for project in projects:
        for amount in project.amounts:
            yield [
                project.id,
                amount.nature,
                f"{amount.value:.12g}",
                amount.unit,
                amount.basis,
                amount.what,
                amount.note,
            ]


def _residue_rows(residue: Sequence[Residue], language: Language) -> Iterable[list[str]]:
    for entry in residue:
        yield [
            str(entry.paragraph),
            str(entry.line),
            "" if entry.column is None else str(entry.column),
            entry.item,
            entry.text,
            entry.reason,
            translate(LEFT_OUT[entry.reason], language),
        ]
