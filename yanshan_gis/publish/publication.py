"""Kinds of output: each is made alone from a finished run, and computes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from yanshan_gis.messages import N_, Notice
from yanshan_gis.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from yanshan_gis.messages import Language
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace

# What is written, and the function of this room that writes it. Those that draw upon others'
# files come after them.
_WRITERS = {
    "gpkg": "package.publish_package",
    "xlsx": "tables.publish_tables",
    "atlas": "atlas.publish_atlas",
    "qgis": "qgis_folder.publish_qgis",
}
KINDS = tuple(_WRITERS)


@dataclass(frozen=True)
class Publication:
    """What is published, and for whom.

    Parameters
    ----------
    workspace
        The county.
    outcomes
        Finished recipes, with their layers and tables.
    language
        Of titles, words and figures.
    progress
        Who listens.
    """

    workspace: Workspace
    outcomes: Sequence[Outcome]
    language: Language = "zh"
    progress: Progress = SILENT

    @property
    def folder(self) -> Path:
        """Where what is handed on to others goes, ``out/publish``."""
        return self.workspace.out / "publish"


@dataclass(frozen=True)
class Written:
    """What was published.

    Parameters
    ----------
    files
        In the order written.
    notices
        What a reader must know of them.
    """

    files: list[Path] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def write(kind: str, publication: Publication) -> Written:
    """Write one kind of output.

    Parameters
    ----------
    kind
        Of `KINDS`.
    publication
        What is published.

    Returns
    -------
    Written
        Files and notices.
    """
    module, _, name = _WRITERS[kind].partition(".")
    writer: Callable[[Publication], Written] = getattr(
        import_module(f"yanshan_gis.publish.{module}"), name
    )
    return writer(publication)


def locked(wanted: Sequence[Path], written: Sequence[Path]) -> list[Notice]:
    """Say which files are open elsewhere, and where the new ones are.

    Parameters
    ----------
    wanted, written
        Where each file was to go, and where it went.

    Returns
    -------
    list of Notice
        One per file that went elsewhere.
    """
    text = N_("{file} is open in another program; the new one is {copy}.")
    return [
        Notice("output-locked", text, {"file": path.name, "copy": copy.name})
        for path, copy in zip(wanted, written, strict=True)
        if path != copy
    ]
