"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from yanshan_gis.messages import N_

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

workspace_option: Decorator = click.option(
    "-w",
    "--workspace",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(),
    show_default=False,
    help=N_("The workspace's folder; this one when not given."),
)

json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, help=N_("Write data as JSON on stdout.")
)

dry_run_option: Decorator = click.option(
    "--dry-run", is_flag=True, help=N_("Say what would be done, and do nothing.")
)


scenario_option: Decorator = click.option(
    "--as",
    "scenario",
    metavar="NAME",
    help=N_("Take the county as the scenario of this name has it (scenarios/NAME.toml)."),
)


def processors() -> int:
    """Tell how many processors this process may use.

    Returns
    -------
    int
        At least 1, at most 4: a sheet takes some hundred megabytes.
    """
    available = getattr(os, "sched_getaffinity", None)
    count = len(available(0)) if available else os.cpu_count() or 1
    return max(1, min(count, 4))
