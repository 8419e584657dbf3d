"""``yanshan info``: what the workspace holds and where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import json_option, scenario_option, workspace_option
from yanshan_gis.messages import N_

_KNOWN_AS = {
    "surveyed": N_("surveyed"),
    "reported": N_("reported"),
    "derived": N_("derived"),
    "modelled": N_("modelled"),
}


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Tell what the workspace holds: layers, rows, where they come from, and the analyses.\n\n"
        "Example: yanshan info -w demo"
    ),
)
@workspace_option
@scenario_option
@json_option
@click.pass_obj
def command(console: Console, folder: Path, scenario: str | None, as_json: bool) -> None:
    """Tell what the workspace holds."""
    from yanshan_gis.overlay import open_as
    from yanshan_gis.scenario import list_scenarios

    workspace = open_as(folder, scenario)
    layers = _layers(workspace)
    analyses = [
        {"name": recipe.name, "title": recipe.title.get(console.language), "main": recipe.main}
        for recipe in workspace.analyses.values()
    ]
    if console.wants_json(as_json):
        county = workspace.county.model_dump(mode="json", exclude_none=True)
        told = {"scenario": workspace.scenario.name} if workspace.scenario else {}
        found = {"layers": layers, "analyses": analyses, "scenarios": list_scenarios(folder)}
        console.data({"county": county, **told, **found})
        return
    headings = [N_("Layer"), N_("Name"), N_("Rows"), N_("Known as"), N_("Origin")]
    rows = [
        [
            workspace.layer_catalogue[layer["name"]].title.get(console.language),
            layer["name"],
            f"{layer['rows']:,}",
            console.text(_KNOWN_AS[layer["quality"]]),
            "; ".join(source["origin"] for source in layer["sources"]),
        ]
        for layer in layers
    ]
    title = workspace.county.name.get(console.language)
    console.table(title, [console.text(heading) for heading in headings], rows)
    titles = ", ".join(f"{a['name']} ({a['title']})" for a in analyses)
    click.echo(console.text(N_("Analyses: {titles}"), titles=titles))
    if names := list_scenarios(folder):
        click.echo(console.text(N_("Scenarios: {names}"), names=", ".join(names)))
    if workspace.scenario is not None:
        console.tell(workspace.scenario.notice)


def _layers(workspace: Any) -> list[dict[str, Any]]:
    found = []
    for name, record in workspace.records().items():
        layer = workspace.read(name)
        sources = [
            {
                "origin": source.origin,
                "as_of": source.as_of.isoformat() if source.as_of else None,
                "licence": source.licence,
                "attributes": source.attributes.label,
                "position": source.position.label,
            }
            for source in layer.sources
        ]
        found.append(
            {
                "name": name,
                "rows": record.rows,
                "quality": layer.quality.label,
                "sha256": record.sha256,
                "sources": sources,
            }
        )
    return found
