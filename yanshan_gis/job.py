"""Run and publish as one piece of work for one county.

A job runs recipes, stores their results, and writes ``out/``: the manifest, the styled GeoPackage,
the workbook and the sheets. Everything but ``run.log`` depends on the inputs alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from yanshan_gis.errors import DataError, FileInUseError
from yanshan_gis.freshness import current_hashes
from yanshan_gis.messages import N_, Language, Notice
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.recipes import order_recipes
from yanshan_gis.run import Outcome, manifest, run
from yanshan_gis.store.output import put
from yanshan_gis.store.results import read_result, write_result

if TYPE_CHECKING:
    from yanshan_gis.workspace import Workspace

KINDS = ("gpkg", "xlsx", "sheets")


@dataclass(frozen=True)
class Done:
    """A finished job.

    Parameters
    ----------
    outcomes
        One per recipe.
    written
        Files, in the order written.
    notices
        What a reader must know about the files.
    """

    outcomes: list[Outcome]
    written: list[Path]
    notices: list[Notice]


def run_job(
    workspace: Workspace,
    names: Iterable[str] = (),
    *,
    language: Language = "zh",
    progress: Progress = SILENT,
) -> Done:
    """Run recipes, store their results and write ``out/``.

    Parameters
    ----------
    workspace
        The county.
    names
        Recipes by name or title; those marked main when empty.
    language
        Of sheets and workbook.
    progress
        Who listens.

    Returns
    -------
    Done
        Outcomes, files, notices.
    """
    began = time.perf_counter()
    outcomes = run(workspace, names, progress=progress)
    for outcome in outcomes:
        folder = workspace.out / "results" / outcome.recipe.name
        write_result(folder, outcome.recipe, outcome.result, workspace.stamp)
    stored = stored_outcomes(workspace)
    text = json.dumps(manifest(stored, workspace), ensure_ascii=False, indent=1) + "\n"
    written = [put(workspace.out / "manifest.json", lambda p: p.write_text(text, encoding="utf-8"))]
    sheets = [outcome for outcome in outcomes if outcome.recipe.sheet]
    files, notices = publish(workspace, stored, ("gpkg", "xlsx"), language=language)
    drawn, more = draw_sheets(workspace, sheets, language=language, progress=progress)
    _write_log(workspace, outcomes, time.perf_counter() - began)
    return Done(outcomes, written + files + drawn, notices + more)


def stored_outcomes(
    workspace: Workspace, names: Sequence[str] = (), *, frames: bool = True
) -> list[Outcome]:
    """Read finished recipes back.

    Parameters
    ----------
    workspace
        The county.
    names
        Recipes by name or title; all that were run when empty.
    frames
        Read layers and tables too.

    Returns
    -------
    list of Outcome
        In the order they run; *stale* where layers or the county's settings changed since.

    Raises
    ------
    DataError
        When nothing, or one of the named recipes, was not run yet.
    """
    folder = workspace.out / "results"
    analyses = workspace.analyses
    found = [p.parent.name for p in sorted(folder.glob("*/result.json"))]
    wanted = [analyses.find(name).name for name in names] or [n for n in found if n in analyses]
    if not wanted:
        raise DataError(
            "nothing-run", N_("{folder}: nothing was run yet; start with yanshan run."),
            folder=str(workspace.root),
        )  # fmt: skip
    ordered = [r for r in order_recipes(wanted, analyses) if r.name in wanted]
    current = {name: record.sha256 for name, record in workspace.records().items()}
    outcomes = []
    for recipe in ordered:
        result = read_result(folder / recipe.name, frames=frames)
        stale = dict(result.inputs) != current_hashes(workspace, recipe, current)
        outcomes.append(Outcome(recipe, result, stale=stale))
    return outcomes


def _stale_notices(outcomes: Sequence[Outcome]) -> list[Notice]:
    names = [outcome.recipe.name for outcome in outcomes if outcome.stale]
    text = N_(
        "The layers or settings of {recipes} have changed since; run yanshan run {recipes} again."
    )
    return [Notice("results-stale", text, {"recipes": " ".join(names)})] if names else []


def publish(
    workspace: Workspace,
    outcomes: Sequence[Outcome],
    kinds: Iterable[str] = KINDS,
    *,
    language: Language = "zh",
    progress: Progress = SILENT,
) -> tuple[list[Path], list[Notice]]:
    """Write outputs of finished recipes.

    Parameters
    ----------
    workspace
        The county.
    outcomes
        Finished recipes.
    kinds
        Of `KINDS`.
    language
        Of sheets and workbook.
    progress
        Who listens.

    Returns
    -------
    tuple
        Files written, and notices.
    """
    from yanshan_gis.publish.package import write_results
    from yanshan_gis.publish.tables import write_tables

    out, stamp = workspace.out, workspace.stamp
    written: list[Path] = []
    notices = _stale_notices(outcomes)
    layers = workspace.layer_catalogue
    if "gpkg" in kinds:
        try:
            write_results(out / "results.gpkg", outcomes, layers, stamp=stamp)
            written.append(out / "results.gpkg")
        except FileInUseError as error:
            notices.append(error.notice)
    if "xlsx" in kinds:
        path = out / "tables.xlsx"
        copy = write_tables(path, outcomes, layers, workspace.county, stamp, language)
        written.append(copy)
        notices += _locked([path], [copy])
    if "sheets" in kinds:
        drawn, more = draw_sheets(workspace, outcomes, language=language, progress=progress)
        written += drawn
        notices += [notice for notice in more if notice not in notices]
    return written, notices


def draw_sheets(
    workspace: Workspace,
    outcomes: Sequence[Outcome],
    *,
    language: Language = "zh",
    progress: Progress = SILENT,
) -> tuple[list[Path], list[Notice]]:
    """Draw the sheet of every finished recipe that has one.

    Parameters
    ----------
    workspace
        The county.
    outcomes
        Finished recipes; those not computable are passed over.
    language
        Of the sheets.
    progress
        Who listens.

    Returns
    -------
    tuple
        Files written, and notices.
    """
    from yanshan_gis.publish.result_sheet import draw_result_sheet

    drawable = [o for o in outcomes if o.recipe.sheet and o.result.status == "ok"]
    written: list[Path] = []
    notices = _stale_notices(drawable)
    progress.start(N_("Map sheets"), len(drawable))
    for outcome in drawable:
        files, more = draw_result_sheet(workspace, outcome, language=language)
        wanted = [file.with_stem(outcome.recipe.name) for file in files]
        written += files
        notices += [*more, *_locked(wanted, files)]
        progress.advance()
    progress.finish()
    return written, notices


def _locked(wanted: Sequence[Path], written: Sequence[Path]) -> list[Notice]:
    """Say which files are open elsewhere, and where the new ones are."""
    text = N_("{file} is open in another program; the new one is {copy}.")
    return [
        Notice("output-locked", text, {"file": path.name, "copy": copy.name})
        for path, copy in zip(wanted, written, strict=True)
        if path != copy
    ]


def _write_log(workspace: Workspace, outcomes: Sequence[Outcome], seconds: float) -> None:
    """Write the one file with times; everything else depends on the inputs alone."""
    lines = [f"{o.recipe.name}: {o.result.status}, {o.seconds:.2f} s" for o in outcomes]
    lines.append(f"all: {seconds:.2f} s")
    (workspace.out / "run.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
