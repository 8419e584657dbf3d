"""``yanshan import``: a bureau's file, or a folder of them, into the workspace."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import dry_run_option, json_option, workspace_option
from yanshan_gis.errors import DataError, UsageError, YanshanError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from yanshan_gis.ingest.folder import Proposal
    from yanshan_gis.ingest.pipeline import ImportOutcome, ImportRequest
    from yanshan_gis.workspace import Workspace

_QUALITIES = ("surveyed", "reported", "derived", "modelled")
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


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Read a file into a layer (LAYER FILE), or a folder of files (FOLDER): layers and columns "
        "are then proposed, asked and remembered.\n\n"
        "All or nothing: any refused row means exit code 3 and nothing stored.\n\n"
        "Example: yanshan import roads 农村公路.shp"
    ),
)
@click.argument("target")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--crs", help=N_("Coordinate system of the file, such as EPSG:4490."))
@click.option(
    "--datum",
    type=click.Choice(["gcj02", "bd09"]),
    help=N_("The coordinates come from Amap/Tencent (gcj02) or Baidu (bd09)."),
)
@click.option("--encoding", help=N_("Encoding of the text, such as gbk; else by evidence."))
@click.option("--table", help=N_("Sheet or layer inside the file."))
@click.option(
    "--mode",
    type=click.Choice(["replace", "append", "update"]),
    default="replace",
    show_default=True,
    help=N_("How the file meets the layer that is there."),
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help=N_("The date the data speak for, such as 2025-12-31."),
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help=N_("Which column goes into a field, where the names do not tell; may be repeated."),
)
@click.option(
    "--value",
    "values",
    multiple=True,
    metavar="FIELD=VALUE",
    help=N_("One value for all rows, such as level=natural; may be repeated."),
)
@click.option(
    "--by", type=click.Choice(["id", "code", "name"]), help=N_("Recognise features by this alone.")
)
@click.option("--code-year", type=int, help=N_("The year whose official codes the file uses."))
@click.option("--licence", default="", help=N_("Under which the data may be used."))
@click.option(
    "--quality",
    type=click.Choice(_QUALITIES),
    default="reported",
    show_default=True,
    help=N_("How the positions came to be known."),
)
@click.option(
    "--accept-refused", is_flag=True, help=N_("Store the good rows; keep the others in a file.")
)
@click.option("-y", "--yes", is_flag=True, help=N_("Take the proposals without asking."))
@dry_run_option
@json_option
@workspace_option
@click.pass_obj
def command(
    console: Console, /, target: str, file: Path | None, folder: Path, **options: Any
) -> None:
    """Read a file, or a folder of files, into the workspace."""
    from yanshan_gis.workspace import open_workspace

    workspace = open_workspace(folder)
    if file is None:
        _import_folder(console, workspace, Path(target), options)
        return
    request = _request(target, file, options)
    definition = workspace.layer_catalogue.find(target)
    if definition.is_raster:
        from yanshan_gis.intake import import_raster

        if options["dry_run"]:
            console.say(N_("Nothing was stored (--dry-run)."))
            return
        layer = import_raster(workspace, definition, request)
        console.say(N_("Stored {layer}: {file}."), layer=layer.name, file=layer.raster)
        return
    _import_one(console, workspace, request, options)


def _request(layer: str, file: Path, options: dict[str, Any]) -> ImportRequest:
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


def _import_one(
    console: Console, workspace: Workspace, request: ImportRequest, options: dict[str, Any]
) -> None:
    """Import one file; a folder's reports are gathered in ``options["reports"]``."""
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
    if not _can_ask(options) or not counts["removed"] + counts["changed"]:
        return True
    text = N_("{changed} features change and {removed} go. Store?")
    return click.confirm(console.text(text, **counts), default=True, err=True)


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


def _import_folder(
    console: Console, workspace: Workspace, folder: Path, options: dict[str, Any]
) -> None:
    from yanshan_gis.ingest.folder import propose_folder, remember
    from yanshan_gis.intake import read_memory, write_memory

    memory = read_memory(workspace)
    proposals = propose_folder(
        folder, workspace.layer_catalogue, memory, encoding=options["encoding"]
    )
    chosen: list[tuple[Proposal, str]] = []
    for proposal in proposals:
        layer = _answer(console, workspace, proposal, options)
        if layer or _can_ask(options):  # what nobody could be asked is asked the next time
            memory = remember(memory, proposal, layer or "", proposal.columns)
        if layer:
            chosen.append((proposal, layer))
    reports: list[dict[str, Any]] = []
    failed: list[YanshanError] = []
    if options["dry_run"]:
        reports += [{"file": p.path.name, "table": p.table, "layer": name} for p, name in chosen]
        console.say(N_("Nothing was stored (--dry-run)."))
    else:
        options = {**options, "reports": reports}
        stored, failed = _import_chosen(console, workspace, chosen, options)
        for proposal, request in stored:
            crs = None if proposal.declares_crs else request.crs
            memory = remember(memory, proposal, request.layer, proposal.columns,
                              crs=crs, datum=request.datum)  # fmt: skip
        write_memory(workspace, memory)
    if console.wants_json(options["as_json"]):
        console.data({"files": reports})
    if failed:  # each has been told
        sys.exit(failed[0].exit_code)


def _can_ask(options: dict[str, Any]) -> bool:
    return sys.stdin.isatty() and not options["yes"]


def _import_chosen(
    console: Console,
    workspace: Workspace,
    chosen: list[tuple[Proposal, str]],
    options: dict[str, Any],
) -> tuple[list[tuple[Proposal, ImportRequest]], list[YanshanError]]:
    """Import file after file; one that does not validate does not keep the others out.

    A second file of a layer adds to the first. A ledger speaks of the features of another file of
    its layer: it comes after that one, and waits when that one was not stored.
    """
    stored: list[tuple[Proposal, ImportRequest]] = []
    failed: list[YanshanError] = []
    missed = set[str]()
    for proposal, layer in _in_order(chosen):
        is_ledger = proposal.kinds == ("Table",)
        request = _request_for(proposal, layer, options)
        if (
            any(layer == before.layer for _, before in stored)
            and not is_ledger
            and request.mode == "replace"
        ):
            request = replace(request, mode="append")
        try:
            if is_ledger and layer in missed:
                raise _ledger_waits(proposal, layer)
            _import_one(console, replace(workspace), request, {**options, "yes": True})
            stored.append((proposal, request))
        except YanshanError as error:
            _fail_for(console, proposal.path.name, error)
            failed.append(error)
            missed.add(layer)
    return stored, failed


def _request_for(proposal: Proposal, layer: str, options: dict[str, Any]) -> ImportRequest:
    """Fill in what the folder's options and earlier answers say; a file's own CRS holds."""
    request = _request(layer, proposal.path, options)
    return replace(
        request,
        table=proposal.table or None,
        columns={**proposal.columns, **request.columns},
        crs=None if proposal.declares_crs else request.crs or proposal.crs,
        datum=request.datum or proposal.datum,
    )


def _fail_for(console: Console, file: str, error: YanshanError) -> None:
    """Write an error with the file it is about, which not every error names."""
    message = error.render(console.language)
    if file not in message:
        message = console.text(N_("{what}: {reason}"), what=file, reason=message)
    console.say(N_("Error: {message}"), message=message)


def _in_order(chosen: list[tuple[Proposal, str]]) -> list[tuple[Proposal, str]]:
    """Keep the order of layers; in each, committees before what names them, ledgers last."""
    layers = list(dict.fromkeys(layer for _, layer in chosen))

    def place(pair: tuple[Proposal, str]) -> tuple[int, bool, bool]:
        proposal, layer = pair
        return layers.index(layer), proposal.kinds == ("Table",), _names_parents(proposal)

    return sorted(chosen, key=place)


def _names_parents(proposal: Proposal) -> bool:
    """Tell whether the rows have names and name other features of their layer beside."""
    mapping = proposal.mapping
    if mapping is None or mapping.match_of("name") is None:
        return False
    own = mapping.definition
    return any(
        field.layer == own.name and mapping.match_of(name) is not None
        for name, field in own.fields.items()
    )


def _ledger_waits(proposal: Proposal, layer: str) -> DataError:
    return DataError(
        "ledger-waits",
        N_(
            "{file} has no positions, and the file of layer {layer} before it was not stored; "
            "import that one first, then this one."
        ),
        file=proposal.path.name,
        layer=layer,
    )


def _answer(
    console: Console, workspace: Workspace, proposal: Proposal, options: dict[str, Any]
) -> str | None:
    """Ask which layer a table is; the proposal stands where nobody can be asked."""
    what = f"{proposal.path.name}{'/' + proposal.table if proposal.table else ''}"
    if proposal.reason is not None:
        console.say(
            N_("{what}: {reason}"), what=what, reason=proposal.reason.render(console.language)
        )
    elif proposal.layer is not None:
        title = workspace.layer_catalogue[proposal.layer].title.get(console.language)
        console.say(N_("{what}: {layer} ({title})"), what=what, layer=proposal.layer, title=title)
    if proposal.remembered or not _can_ask(options):
        return proposal.layer
    text = console.text(N_("Layer for {what} (empty: leave it out)"), what=what)
    while True:
        answer = click.prompt(text, default=proposal.layer or "", show_default=True, err=True)
        if not answer.strip():
            return None
        try:
            return workspace.layer_catalogue.find(answer).name
        except UsageError as error:
            console.fail(error)
