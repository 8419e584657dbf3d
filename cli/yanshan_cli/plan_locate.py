"""``yanshan plan locate``: positions for the plan's projects, each with its quality."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import dry_run_option, json_option, workspace_option
from yanshan_cli.plan_show import read_gazetteer, read_projects
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from yanshan_gis.plan.locate import Located

_SHOWN = 40


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Give every project a position by the names it states: its group, committee or township, "
        "with the quality of that. Positions that came with a project stay. What was not found is "
        "listed with candidates and never guessed.\n\n"
        "Rows of plan-locations.csv in the workspace's folder win; they are read at every run.\n\n"
        "Example: yanshan plan locate --write-corrections"
    ),
)
@click.option(
    "--write-corrections",
    is_flag=True,
    help=N_("Add what is open to plan-locations.csv, to be filled in; rows there are kept."),
)
@dry_run_option
@json_option
@workspace_option
@click.pass_obj
def command(
    console: Console, folder: Path, as_json: bool, dry_run: bool, write_corrections: bool
) -> None:
    """Locate the plan's projects."""
    from yanshan_gis.plan import corrections, locate
    from yanshan_gis.plan.outline import county_outline
    from yanshan_gis.plan.spots import Spots
    from yanshan_gis.publish.package import dress_layers
    from yanshan_gis.workspace import open_workspace

    workspace = open_workspace(folder)
    layer, gazetteer = read_projects(workspace), read_gazetteer(workspace)
    read = workspace.read
    spots = Spots(read("villages"), read("townships"), read("seats"))
    crs = workspace.county.crs
    path = workspace.root / corrections.FILE_NAME
    outline = county_outline(read("county"), read("townships"))
    frame = corrections.Frame(frozenset(layer.frame["id"]), gazetteer, crs, outline)
    fixed = corrections.read_corrections(path, frame)
    language = console.document_language
    located = locate.locate_projects(layer, gazetteer, spots, fixed, language=language)
    if console.wants_json(as_json):
        console.data(_plain(located))
    else:
        _show(console, located)
    if dry_run:
        console.say(N_("Nothing was stored (--dry-run)."))
        return
    workspace.store([located.layer])
    dress_layers(workspace)
    if write_corrections:
        written = corrections.write_corrections(path, located.open, language)
        console.say(N_("To be filled in: {file}"), file=written)


def _plain(located: Located) -> dict[str, object]:
    return {
        "counts": {quality or "unknown": n for quality, n in located.counts().items()},
        "open": [
            {
                "id": location.id,
                "name": location.name,
                "location_quality": location.quality,
                "reasons": [notice.to_json() for notice in location.notices],
                "candidates": [
                    {
                        "id": candidate.id,
                        "name": candidate.name,
                        "township": candidate.township,
                        "level": candidate.level,
                        "score": candidate.score,
                    }
                    for candidate in location.candidates
                ],
            }
            for location in located.open
        ],
    }


def _show(console: Console, located: Located) -> None:
    codes = located.layer.definition.fields["location_quality"].codes
    rows = [
        [codes[q].get(console.language) if q else console.text(N_("not told")), str(n)]
        for q, n in located.counts().items()
    ]
    title = located.layer.definition.fields["location_quality"].title.get(console.language)
    console.table(title, [title, console.text(N_("Projects"))], rows)
    opened = located.open
    if not opened:
        return
    heads = [N_("id"), N_("project"), N_("what is open")]
    lines = [[o.id, o.name, o.note(console.language) or ""] for o in opened[:_SHOWN]]
    title = console.text(N_("States something that was not found: {count}"), count=len(opened))
    console.table(title, [console.text(head) for head in heads], lines)
    if len(opened) > _SHOWN:
        console.say(N_("… and {count} more, all with --json."), count=len(opened) - _SHOWN)
