"""Tell whether another program holds a GeoPackage open.

Replacing a file that QGIS holds open would leave QGIS showing the old rows without an error, and
an edit saved there would vanish. Three signs are read: the journal files SQLite keeps while a
connection is open in WAL mode (as QGIS does), a lock taken by a reader or writer, and, on Linux,
the file handles of other processes. On Windows the replacement itself fails, which says the same.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from yanshan_gis.errors import FileInUseError
from yanshan_gis.messages import N_


def in_use(path: Path) -> FileInUseError:
    """Build the one line that says a file is open elsewhere.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    FileInUseError
        To be raised.
    """
    return FileInUseError(
        "file-in-use",
        N_("{file} is open in another program (QGIS, Excel?); close it there and try again."),
        file=path.name,
    )


def check_not_in_use(path: Path) -> None:
    """Refuse to go on while another program holds a GeoPackage open.

    Parameters
    ----------
    path
        The GeoPackage; a file that does not exist is not in use.

    Raises
    ------
    FileInUseError
        When another connection is open.
    """
    if not path.exists():
        return
    if _has_wal(path) and not _settles_wal(path):
        raise in_use(path)
    if not _grants_lock(path) or _open_elsewhere(path):
        raise in_use(path)


def _has_wal(path: Path) -> bool:
    return any(path.with_name(path.name + tail).exists() for tail in ("-wal", "-shm"))


def _settles_wal(path: Path) -> bool:
    """Fold a journal left behind by a crash into its file; False while somebody uses it."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError:
        return False
    return bool(mode == "delete") and not _has_wal(path)


def _grants_lock(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True  # no database at all: nobody reads it as one
    return True


def _open_elsewhere(path: Path) -> bool:
    """Look through the file handles of other processes, where the system shows them."""
    if not sys.platform.startswith("linux"):
        return False
    wanted = path.stat()
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            handles = list((process / "fd").iterdir())
        except OSError:  # ended meanwhile, or not ours to look at
            continue
        for handle in handles:
            try:
                found = handle.stat()
            except OSError:
                continue
            if (found.st_ino, found.st_dev) == (wanted.st_ino, wanted.st_dev):
                return True
    return False
