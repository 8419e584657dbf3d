"""``yanshan init``: make a county's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import dry_run_option
from yanshan_gis.errors import UsageError, YanshanError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from yanshan_gis.county import County


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Make a county's folder (a workspace), empty or, with --demo, with the bundled county.\n\n"
        "Example: yanshan init demo --demo"
    ),
)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--demo",
    is_flag=True,
    help=N_("Fill it with the bundled county: real names and codes, a modelled rest."),
)
@click.option(
    "--scale",
    type=click.FloatRange(min=1, max=100),
    default=1.0,
    show_default=True,
    help=N_("With --demo: multiply villages and roads."),
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=2021,
    show_default=True,
    help=N_("With --demo: seed of the model."),
)
@click.option(
    "--cell",
    type=click.FloatRange(min=2, max=500),
    default=60.0,
    show_default=True,
    help=N_("With --demo: cell of the modelled imagery and land cover in metres."),
)
@click.option("--name", help=N_("The county's name; the folder's name when not given."))
@click.option("--code", help=N_("The county's six-digit code."))
@click.option("--crs", help=N_("The working CRS, such as EPSG:4544; else the first data's zone."))
@dry_run_option
@click.pass_obj
def command(
    console: Console,
    directory: Path,
    demo: bool,
    scale: float,
    seed: int,
    cell: float,
    name: str | None,
    code: str | None,
    crs: str | None,
    dry_run: bool,
) -> None:
    """Make a county's folder."""
    from yanshan_gis.workspace import create_workspace

    if demo and (name or code or crs):
        raise UsageError(
            "demo-is-named",
            N_("--demo brings its own name, code and CRS; leave out --name, --code and --crs."),
        )
    if dry_run:
        console.say(N_("Would make {folder}."), folder=directory)
        return
    if demo:
        from yanshan_gis.demo.filling import create_demo
        from yanshan_gis.publish.package import dress_layers

        workspace = create_demo(
            directory, scale=scale, seed=seed, cell=cell, progress=console.progress()
        )
        dress_layers(workspace)
    else:
        county = _county(name or directory.resolve().name, code, crs)
        create_workspace(directory, county)
    console.say(N_("{folder} is ready. Next: cd {folder} && yanshan run"), folder=directory)


def _county(name: str, code: str | None, crs: str | None) -> County:
    from pydantic import ValidationError

    from yanshan_gis.county import County
    from yanshan_gis.problems import reason_of

    try:
        return County.model_validate({"name": name, "code": code, "crs": crs})
    except ValidationError as error:
        first = error.errors()[0]
        own = first.get("ctx", {}).get("error")
        if isinstance(own, YanshanError):  # ours already says what to do
            raise own from error
        raise UsageError(
            "county-invalid",
            N_("The county's settings do not fit: {place}: {reason}"),
            place=str(first["loc"][0]),
            reason=reason_of(first),
        ) from error
