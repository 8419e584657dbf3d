"""What is said of files that are damaged, cut or locked, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from pathlib import Path


def damaged(path: Path, reason: object) -> DataError:
    """Build the error for a file of which nothing can be read.

    Parameters
    ----------
    path
        The file.
    reason
        What the reading library said.

    Returns
    -------
    DataError
        Code ``file-damaged``.
    """
    return DataError(
        "file-damaged",
        N_("{file} is damaged and nothing of it can be read ({reason}); ask for a fresh copy."),
        file=path.name,
        reason=" ".join(str(reason).split())[:200] or type(reason).__name__,
    )


def empty(path: Path) -> DataError:
    """Build the error for a file without rows.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    DataError
        Code ``file-empty``.
    """
    return DataError("file-empty", N_("{file} holds no rows; check the export."), file=path.name)


def encrypted(path: Path) -> DataError:
    """Build the error for a file with a password.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    DataError
        Code ``file-encrypted``.
    """
    return DataError(
        "file-encrypted",
        N_("{file} is protected by a password; save it without one."),
        file=path.name,
    )


def truncated(path: Path, kept: int, total: int | None) -> Notice:
    """Build the notice for a file that breaks off in the middle.

    Parameters
    ----------
    path
        The file.
    kept
        How many records could be read.
    total
        How many there should be; None when the file does not say.

    Returns
    -------
    Notice
        Code ``file-truncated``.
    """
    if total is None:
        return Notice(
            "file-truncated",
            N_(
                "{file} breaks off in the middle: {kept} records could be read, what follows is "
                "lost; ask for a fresh copy."
            ),
            {"file": path.name, "kept": kept},
        )
    return Notice(
        "file-truncated",
        N_(
            "{file} breaks off in the middle: {kept} of {total} records could be read, the others "
            "are listed as refused; ask for a fresh copy."
        ),
        {"file": path.name, "kept": kept, "total": total},
    )


def lost_record(path: Path, row: int, reason: object) -> Notice:
    """Build the notice for a record that could not be read.

    Parameters
    ----------
    path
        The file.
    row
        Its number.
    reason
        Why.

    Returns
    -------
    Notice
        Code ``record-unreadable``.
    """
    return Notice(
        "record-unreadable",
        N_("Record {row} of {file} could not be read: {reason}."),
        {"file": path.name, "row": row, "reason": " ".join(str(reason).split())[:200]},
    )
