"""Run and publish as one piece of work for one county.

A job runs recipes, stores their results, and writes ``out/``: the manifest, the styled GeoPackage,
the workbook and the sheets. Everything but ``run.log`` depends on the inputs alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from yanshan_gis.errors import DataError
from yanshan_gis.freshness import current_hashes
from yanshan_gis.messages import N_, Language, Notice
from yanshan_gis.overlay import open_as
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.publish import publication
from yanshan_gis.publish.publication import Publication, locked, write
from yanshan_gis.recipes import order_recipes
from yanshan_gis.run import Outcome, asked_for, manifest, run
from yanshan_gis.store.output import put
from yanshan_gis.store.results import read_result, write_result

if TYPE_CHECKING:
    from yanshan_gis.publish.page import Print
    from yanshan_gis.result import Result
    from yanshan_gis.workspace import Workspace

SHEETS = "sheets"
KINDS = (SHEETS, *publication.KINDS)  # sheets first: reports show them
_LEAST_PARALLEL = 2


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
    workers: int = 1,
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
    workers
        How many sheets are drawn at a time, each in a process of its own.

    Returns
    -------
    Done
        Outcomes, files, notices.
    """
    began, names = time.perf_counter(), list(names)
    outcomes = run(workspace, names, progress=progress)
    for outcome in outcomes:
        folder = workspace.out / "results" / outcome.recipe.name
        write_result(folder, outcome.recipe, outcome.result, workspace.stamp)
    stored = stored_outcomes(workspace)
    text = json.dumps(manifest(stored, workspace), ensure_ascii=False, indent=1) + "\n"
    written = [put(workspace.out / "manifest.json", lambda p: p.write_text(text, encoding="utf-8"))]
    # What was run only for others' sake has its sheet with yanshan map.
    asked = asked_for(workspace, names)
    sheets = [o for o in outcomes if o.recipe.sheet and o.recipe.name in asked]
    with _drawing(workspace, sheets, language, workers) as drawn:  # meanwhile, in other processes
        files, notices = publish(workspace, stored, ("gpkg", "xlsx"), language=language)
        pictures, more = _collect(drawn, progress)
    _write_log(workspace, outcomes, time.perf_counter() - began)
    return Done(outcomes, written + files + pictures, notices + more)


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
    workers: int = 1,
    template: Path | None = None,
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
    workers
        How many sheets are drawn at a time.
    template
        A Word document whose look the report takes.

    Returns
    -------
    tuple
        Files written, and notices.

    Raises
    ------
    DataError
        When the template is no Word document; nothing is written.
    """
    written: list[Path] = []
    notices = _stale_notices(outcomes)
    published = Publication(workspace, outcomes, language, progress, template)
    wanted = [kind for kind in KINDS if kind in kinds]
    if template is not None:
        from yanshan_gis.publish.word_document import open_template

        open_template(template)  # said before sheets are drawn for nothing
    due = outcomes
    if SHEETS not in wanted and any(kind in publication.SHOW_SHEETS for kind in wanted):
        due = [outcome for outcome in outcomes if not _sheet_holds(workspace, outcome)]
        wanted = [SHEETS, *wanted] if due else wanted
    for kind in wanted:
        if kind == SHEETS:
            drawn, more = draw_sheets(
                workspace, due, language=language, progress=progress, workers=workers
            )
        else:
            done = write(kind, published)
            drawn, more = done.files, done.notices
        written += drawn
        notices += [notice for notice in more if notice not in notices]
    return written, notices


def _sheet_holds(workspace: Workspace, outcome: Outcome) -> bool:
    """Tell whether a sheet is there and no older than its result."""
    sheet = workspace.out / "sheets" / f"{outcome.recipe.name}.png"
    result = workspace.out / "results" / outcome.recipe.name / "result.json"
    times = [path.stat().st_mtime for path in (result, sheet) if path.is_file()]
    return len(times) == len((result, sheet)) and times[0] <= times[1]


def draw_sheets(
    workspace: Workspace,
    outcomes: Sequence[Outcome],
    *,
    language: Language = "zh",
    progress: Progress = SILENT,
    workers: int = 1,
    printed: Print | None = None,
) -> tuple[list[Path], list[Notice]]:
    """Draw the sheet of every finished recipe that has one.

    Parameters
    ----------
    workspace
        The county.
    outcomes
        Finished recipes, their results stored; those not computable are passed over.
    language
        Of the sheets.
    progress
        Who listens.
    workers
        How many are drawn at a time. With more than one each is drawn from its stored result in a
        process of its own, so the calling script must be importable (``if __name__ == …``).
    printed
        Paper and formats; A3 landscape as PNG and PDF when not given.

    Returns
    -------
    tuple
        Files written, and notices, in the order of the outcomes.
    """
    with _drawing(workspace, outcomes, language, workers, printed) as drawn:
        return _collect(drawn, progress)


@dataclass(frozen=True)
class _Drawn:
    """Sheets under way: the recipes they are of, and what comes of each, in the same order."""

    outcomes: list[Outcome]
    sheets: Iterator[tuple[list[Path], list[Notice]]]
    suffix: str


@contextmanager
def _drawing(
    workspace: Workspace,
    outcomes: Iterable[Outcome],
    language: Language,
    workers: int,
    printed: Print | None = None,
) -> Iterator[_Drawn]:
    """Draw sheets one by one as they are asked for, or several at a time from now on."""
    suffix = printed.suffix if printed else ""
    drawable = [o for o in outcomes if o.recipe.sheet and _can_be_drawn(o.result)]
    if min(workers, len(drawable)) < _LEAST_PARALLEL:
        from yanshan_gis.publish.result_sheet import USUAL, draw_result_sheet

        draw = partial(draw_result_sheet, workspace, language=language, printed=printed or USUAL)
        yield _Drawn(drawable, (draw(outcome) for outcome in drawable), suffix)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    scenario = workspace.scenario.name if workspace.scenario else None
    # A fresh process, not a fork: GDAL's and numba's threads do not survive one.
    with ProcessPoolExecutor(min(workers, len(drawable)), get_context("spawn")) as pool:
        waiting = [
            pool.submit(
                _draw_stored, workspace.root, scenario, outcome.recipe.name, language, printed
            )
            for outcome in drawable
        ]
        try:
            yield _Drawn(drawable, (future.result() for future in waiting), suffix)
        finally:
            pool.shutdown(cancel_futures=True)


def _can_be_drawn(result: Result) -> bool:
    """Tell whether there is a sheet: where no plan is feasible, one that shows why, if anything."""
    return result.status == "ok" or (result.status == "infeasible" and bool(result.layers))


def _collect(drawn: _Drawn, progress: Progress) -> tuple[list[Path], list[Notice]]:
    notices = _stale_notices(drawn.outcomes)
    written: list[Path] = []
    progress.start(N_("Map sheets"), len(drawn.outcomes))
    for outcome, (files, more) in zip(drawn.outcomes, drawn.sheets, strict=True):
        wanted = [file.with_stem(outcome.recipe.name + drawn.suffix) for file in files]
        written += files
        notices += [*more, *locked(wanted, files)]
        progress.advance()
    progress.finish()
    return written, notices


def _draw_stored(
    root: Path, scenario: str | None, name: str, language: Language, printed: Print | None
) -> tuple[list[Path], list[Notice]]:
    """Draw one sheet from its stored result, in a process of its own."""
    from yanshan_gis.publish.result_sheet import USUAL, draw_result_sheet

    workspace = open_as(root, scenario)
    (outcome,) = stored_outcomes(workspace, [name])
    return draw_result_sheet(workspace, outcome, language=language, printed=printed or USUAL)


def _write_log(workspace: Workspace, outcomes: Sequence[Outcome], seconds: float) -> None:
    """Write the one file with times; everything else depends on the inputs alone."""
    lines = [f"{o.recipe.name}: {o.result.status}, {o.seconds:.2f} s" for o in outcomes]
    lines.append(f"all: {seconds:.2f} s")
    (workspace.out / "run.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
