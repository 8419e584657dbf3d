"""A folder of bureau files: layers proposed, asked, remembered, then imported one by one."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yanshan_cli.console import Console
from yanshan_cli.import_one import can_ask, import_one, request_of
from yanshan_gis.errors import DataError, UsageError, YanshanError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from yanshan_gis.ingest.folder import Proposal
    from yanshan_gis.ingest.pipeline import ImportRequest
    from yanshan_gis.workspace import Workspace


def import_folder(
    console: Console, workspace: Workspace, folder: Path, options: dict[str, Any]
) -> None:
    """Import the files of a folder.

    Parameters
    ----------
    console
        The reader's.
    workspace
        The county.
    folder
        Searched with its subfolders.
    options
        Of the command.
    """
    from yanshan_gis.ingest.folder import propose_folder, remember
    from yanshan_gis.intake import read_memory, write_memory

    memory = read_memory(workspace)
    proposals = propose_folder(
        folder, workspace.layer_catalogue, memory, encoding=options["encoding"]
    )
    chosen: list[tuple[Proposal, str]] = []
    for proposal in proposals:
        layer = _answer(console, workspace, proposal, options)
        if layer or can_ask(options):  # what nobody could be asked is asked the next time
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
    from yanshan_gis.ingest.folder import import_order

    stored: list[tuple[Proposal, ImportRequest]] = []
    failed: list[YanshanError] = []
    missed = set[str]()
    for proposal, layer in import_order(chosen):
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
            import_one(console, replace(workspace), request, {**options, "yes": True})
            stored.append((proposal, request))
        except YanshanError as error:
            _fail_for(console, proposal.path.name, error)
            failed.append(error)
            missed.add(layer)
    return stored, failed


def _request_for(proposal: Proposal, layer: str, options: dict[str, Any]) -> ImportRequest:
    """Fill in what the folder's options and earlier answers say; a file's own CRS holds."""
    request = request_of(layer, proposal.path, options)
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
    if proposal.remembered or not can_ask(options):
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
