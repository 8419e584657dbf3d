"""``yanshan publish``: outputs again from stored results."""

from __future__ import annotations

from pathlib import Path

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import processors, scenario_option, workspace_option
from yanshan_gis.messages import N_
from yanshan_gis.publish.publication import KINDS as WRITTEN

KINDS = ("all", "sheets", *WRITTEN)


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Write outputs again from stored results: styled GeoPackage, workbook, sheets.\n\n"
        "Example: yanshan publish xlsx"
    ),
)
@click.argument("kind", type=click.Choice(KINDS), default="all", metavar=f"[{'|'.join(KINDS)}]")
@workspace_option
@scenario_option
@click.pass_obj
def command(console: Console, kind: str, folder: Path, scenario: str | None) -> None:
    """Write outputs again from stored results."""
    from yanshan_gis.job import publish, stored_outcomes
    from yanshan_gis.overlay import open_as

    workspace = open_as(folder, scenario)
    kinds = KINDS[1:] if kind == "all" else (kind,)
    written, notices = publish(
        workspace,
        stored_outcomes(workspace),
        kinds,
        language=console.document_language,
        progress=console.progress(),
        workers=processors(),
    )
    for notice in notices:
        console.tell(notice)
    for path in written:
        click.echo(path)
