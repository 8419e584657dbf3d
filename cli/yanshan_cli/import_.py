"""``yanshan import``: a bureau's file, or a folder of them, into the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.import_folder import import_folder
from yanshan_cli.import_one import import_one, request_of
from yanshan_cli.options import dry_run_option, json_option, workspace_option
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    pass

_QUALITIES = ("surveyed", "reported", "derived", "modelled")


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
        import_folder(console, workspace, Path(target), options)
        return
    request = request_of(target, file, options)
    definition = workspace.layer_catalogue.find(target)
    if definition.is_raster:
        from yanshan_gis.intake import import_raster

        if options["dry_run"]:
            console.say(N_("Nothing was stored (--dry-run)."))
            return
        layer = import_raster(workspace, definition, request)
        console.say(N_("Stored {layer}: {file}."), layer=layer.name, file=layer.raster)
        return
    import_one(console, workspace, request, options)
