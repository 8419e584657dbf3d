"""Project lists on their way into the layer ``projects``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from yanshan_gis.ingest.table import RawTable
from yanshan_gis.plan.registry import AMOUNTS, PROJECTS, read_registry, to_frame


def is_registry(path: Path) -> bool:
    """Tell whether a path is a registry: projects in one file, their amounts in another.

    Parameters
    ----------
    path
        A folder, or a file.

    Returns
    -------
    bool
        True for a folder with ``projects.csv`` and ``quantities.csv``, and for either
        ``projects.csv`` with the other file beside it.
    """
    folder = path if path.is_dir() else path.parent
    named = path.is_dir() or path.name == PROJECTS
    return named and all((folder / name).is_file() for name in (PROJECTS, AMOUNTS))


def registry_table(path: Path) -> RawTable:
    """Read a registry as one table, amounts beside their projects.

    Parameters
    ----------
    path
        For which `is_registry` is true.

    Returns
    -------
    RawTable
        One row per project, with the registry's own permanent ids.

    Raises
    ------
    DataError
        When a column is missing or unknown, or a value does not fit; see `read_registry`.
    UnitError
        When a unit is not known.
    """
    folder = path if path.is_dir() else path.parent
    frame = to_frame(read_registry(folder))
    lines = np.arange(2, len(frame) + 2, dtype=np.int64)  # below the head
    parts = (folder / PROJECTS, folder / AMOUNTS)
    return RawTable(path, "", frame, lines, encoding="UTF-8", parts=parts, own_ids=True)
