"""``yanshan scenario``: what analyses chose, written as a scenario."""

from __future__ import annotations

from pathlib import Path

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import workspace_option
from yanshan_gis.messages import N_


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Write scenarios/NAME.toml in which what finished analyses chose is built: roads hardened "
        "as far as they were chosen, sites opened. Run it with --as NAME and compare it with "
        "base.\n\n"
        "Example: yanshan scenario harden-first --as 先修路 && yanshan run --as 先修路"
    ),
)
@click.argument("recipes", nargs=-1, required=True)
@click.option("--as", "name", metavar="NAME", required=True, help=N_("Name of the new scenario."))
@click.option(
    "--of",
    "source",
    metavar="SCENARIO",
    help=N_("Take the results of this scenario instead of the county's own."),
)
@workspace_option
@click.pass_obj
def command(
    console: Console, recipes: tuple[str, ...], name: str, source: str | None, folder: Path
) -> None:
    """Write what analyses chose as a scenario."""
    from yanshan_gis.choice_job import write_choice

    scenario, notices = write_choice(folder, recipes, name, source)
    for notice in notices:
        console.tell(notice)
    changes = scenario.notice.values["changes"]
    console.say(N_("Scenario {name} written: {settings}."), name=name, settings=changes)
