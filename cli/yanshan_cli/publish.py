"""``yanshan publish``: outputs again from stored results."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import processors, scenario_option, workspace_option
from yanshan_gis.messages import N_
from yanshan_gis.publish.publication import KINDS as WRITTEN

KINDS = ("all", "sheets", *WRITTEN)
_LISTED = 6  # of more files in one folder a person is told their number


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Write outputs again from stored results, without computing anything.\n\n"
        "Kinds: all; sheets (map sheets), atlas (by township), gpkg (styled GeoPackage), "
        "qgis (QGIS project), web (web map), docx (Word report), xlsx (workbook), "
        "shp (Shapefile in GBK), geojson, geoparquet, kml.\n\n"
        "Example: yanshan publish docx"
    ),
)
@click.argument("kind", type=click.Choice(KINDS), default="all", metavar=N_("[KIND]"))
@click.option(
    "--template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=N_("A Word document (.docx) whose styles, header and footer the report takes."),
)
@workspace_option
@scenario_option
@click.pass_obj
def command(
    console: Console, kind: str, template: Path | None, folder: Path, scenario: str | None
) -> None:
    """Write outputs again from stored results."""
    from yanshan_gis.job import publish, stored_outcomes
    from yanshan_gis.overlay import open_as

    began = time.perf_counter()
    workspace = open_as(folder, scenario)
    kinds = KINDS[1:] if kind == "all" else (kind,)
    written, notices = publish(
        workspace,
        stored_outcomes(workspace),
        kinds,
        language=console.document_language,
        progress=console.progress(),
        workers=processors(),
        template=template,
    )
    for notice in notices:
        console.tell(notice)
    for line in _folders(console, written) if sys.stdout.isatty() else written:
        click.echo(line)
    seconds = time.perf_counter() - began
    console.say(
        N_("{count} files written in {seconds} s."), count=len(written), seconds=f"{seconds:.0f}"
    )


def _folders(console: Console, files: Sequence[Path]) -> Iterator[str]:
    """List files for a person: those of full folders together."""
    for folder, found in groupby(files, key=lambda path: path.parent):
        names = [path.name for path in found]
        if len(names) <= _LISTED:
            yield from (str(folder / name) for name in names)
        else:
            yield console.text(N_("{folder}: {count} files"), folder=folder, count=len(names))
