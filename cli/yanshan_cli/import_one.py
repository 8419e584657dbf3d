"""One file into one layer: what was understood, what is wrong, what would change, then stored."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yanshan_cli.console import Console
from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from yanshan_gis.ingest.pipeline import ImportOutcome, ImportRequest
    from yanshan_gis.workspace import Workspace

_HEADS = {
    "column": N_("column"),
    "field": N_("field"),
    "title": N_("title"),
    "how": N_("taken by"),
    "unit": N_("unit"),
    "factor": N_("factor"),
}
_HOW = {
    "given": N_("given"),
    "exact": N_("exact"),
    "title": N_("title"),
    "alias": N_("alias"),
    "cut": N_("cut name"),
    "part": N_("part of the head"),
    "extra": N_("extra column"),
}


def request_of(layer: str, file: Path, options: dict[str, Any]) -> ImportRequest:
    """Turn the command's options into a request.

    Parameters
    ----------
    layer
        Name or title.
    file
        The file.
    options
        Of the command.

    Returns
    -------
    ImportRequest
        What and how.
    """
    from yanshan_gis.ingest.pipeline import ImportRequest
    from yanshan_gis.layer import Quality

    as_of: datetime | None = options["as_of"]
    return ImportRequest(
        layer=layer,
        path=file,
        table=options["table"],
        crs=options["crs"],
        datum=options["datum"],
        encoding=options["encoding"],
        mode=options["mode"],
        columns=_pairs(options["columns"]),
        values=_pairs(options["values"]),
        by=options["by"],
        code_year=options["code_year"],
        accept_refused=options["accept_refused"],
        as_of=as_of.date() if as_of else None,
        licence=options["licence"],
        position=Quality[options["quality"].upper()],
    )


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals or not field:
            raise UsageError(
                "pair-unreadable", N_("{text!r} is not written as FIELD=VALUE."), text=text
            )
        pairs[field] = value
    return pairs


def import_one(
    console: Console, workspace: Workspace, request: ImportRequest, options: dict[str, Any]
) -> None:
    """Import one file; a folder's reports are gathered in ``options["reports"]``.

    Parameters
    ----------
    console
        The reader's.
    workspace
        The county.
    request
        What and how.
    options
        Of the command.
    """
    from yanshan_gis.intake import accept, propose
    from yanshan_gis.publish.package import dress_layers

    outcome = propose(workspace, request)
    if console.wants_json(options["as_json"]):
        if "reports" in options:
            options["reports"].append(outcome.report.to_json())
        else:
            console.data(outcome.report.to_json())
    else:
        _show(console, outcome)
    for notice in outcome.report.notices:
        console.tell(notice)
    if options["dry_run"]:
        console.say(N_("Nothing was stored (--dry-run)."))
        return
    if outcome.layer is not None and not _agreed(console, outcome, options):
        console.say(N_("Nothing was stored."))
        return
    written = accept(workspace, outcome, language=console.document_language)
    dress_layers(workspace)
    console.say(
        N_("Stored {layer}: {accepted} of {read} rows. Report: {report}"),
        layer=outcome.report.layer,
        accepted=outcome.report.accepted,
        read=outcome.report.read,
        report=written[0],
    )


def _agreed(console: Console, outcome: ImportOutcome, options: dict[str, Any]) -> bool:
    """Ask before features go or change, when there is somebody to ask."""
    counts = outcome.report.counts
    if not can_ask(options) or not counts["removed"] + counts["changed"]:
        return True
    text = N_("{changed} features change and {removed} go. Store?")
    return click.confirm(console.text(text, **counts), default=True, err=True)


def can_ask(options: dict[str, Any]) -> bool:
    """Tell whether there is somebody to ask, who wants to be asked.

    Parameters
    ----------
    options
        Of the command.

    Returns
    -------
    bool
        False in scripts and with ``--yes``.
    """
    return sys.stdin.isatty() and not options["yes"]


def _show(console: Console, outcome: ImportOutcome) -> None:
    """Show how columns were understood, what is wrong, and what would change."""
    report = outcome.report
    if report.mapping is not None:
        rows = [_mapping_cells(console, row) for row in report.mapping.to_rows(console.language)]
        if rows:
            heads = [console.text(head) for head in _HEADS.values()]
            console.table(console.text(N_("Columns")), heads, rows)
    problems = [p for p in report.to_rows(console.language) if p["severity"] != "note"]
    if problems:
        heads = [console.text(h) for h in (N_("row"), N_("field"), N_("value"), N_("message"))]
        shown = [[str(p[k]) for k in ("row", "field", "value", "message")] for p in problems[:20]]
        console.table(console.text(N_("Problems")), heads, shown)
        if len(problems) > len(shown):
            console.say(N_("… and {count} more, all in the report."), count=len(problems) - 20)
    text = N_("{added} added, {changed} changed, {removed} removed, {unchanged} unchanged.")
    click.echo(console.text(text, **report.counts))


def _mapping_cells(console: Console, row: dict[str, Any]) -> list[str]:
    cells = {**row, "how": console.text(_HOW[row["how"]])}
    return ["" if cells[key] is None else str(cells[key]) for key in _HEADS]
