"""``yanshan plan``: the plan's projects, read from a text, shown, and located."""

from __future__ import annotations

import click

from yanshan_cli.main import LazyGroup
from yanshan_gis.messages import N_

COMMANDS = {
    "extract": (
        "plan_extract",
        N_("Draft a registry from a plan's text, with a list of what could not be typed."),
    ),
    "show": (
        "plan_show",
        N_("Show the plan: its projects with their amounts, and where they are."),
    ),
    "locate": (
        "plan_locate",
        N_("Give every project a position by the names it states, with its quality."),
    ),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    help=N_(
        "The plan's projects: read, show and locate them.\n\n"
        "Example: yanshan plan show --column 4 --township 阿猛镇"
    ),
)
def command() -> None:
    """Group the commands about the plan; it does nothing by itself."""
