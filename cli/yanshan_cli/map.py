"""``yanshan map``: draw sheets again from stored results."""

from __future__ import annotations

from pathlib import Path

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import processors, scenario_option, workspace_option
from yanshan_gis.messages import N_


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Draw the map sheets of finished analyses again; nothing is computed.\n\n"
        "Example: yanshan map column-4"
    ),
)
@click.argument("recipes", nargs=-1)
@workspace_option
@scenario_option
@click.pass_obj
def command(console: Console, recipes: tuple[str, ...], folder: Path, scenario: str | None) -> None:
    """Draw the map sheets of finished analyses again."""
    from yanshan_gis.job import draw_sheets, stored_outcomes
    from yanshan_gis.overlay import open_as

    workspace = open_as(folder, scenario)
    outcomes = stored_outcomes(workspace, recipes)
    written, notices = draw_sheets(
        workspace,
        outcomes,
        language=console.document_language,
        progress=console.progress(),
        workers=processors(),
    )
    for notice in notices:
        console.tell(notice)
    for path in written:
        click.echo(path)
