"""``yanshan map``: draw sheets again from stored results."""

from __future__ import annotations

from pathlib import Path

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import processors, scenario_option, workspace_option
from yanshan_gis.messages import N_
from yanshan_gis.publish.page import FORMATS, SIZES_MM, Print


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Draw the map sheets of finished analyses again; nothing is computed.\n\n"
        "Example: yanshan map road-hardening --paper A4 --portrait --format svg"
    ),
)
@click.argument("recipes", nargs=-1)
@click.option(
    "--paper",
    type=click.Choice(tuple(SIZES_MM)),
    default="A3",
    help=N_("Size of the paper; sheets with lists, and the board, are always A3 landscape."),
)
@click.option("--portrait", is_flag=True, help=N_("Upright instead of across."))
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help=N_("May be given several times; PNG and PDF when not given."),
)
@workspace_option
@scenario_option
@click.pass_obj
def command(
    console: Console, recipes: tuple[str, ...], paper: str, portrait: bool,
    formats: tuple[str, ...], folder: Path, scenario: str | None,
) -> None:  # fmt: skip
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
        printed=Print(paper, "portrait" if portrait else "landscape", formats or Print.formats),
    )
    for notice in notices:
        console.tell(notice)
    for path in written:
        click.echo(path)
