"""``yanshan check``: what does not fit together in the road network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import json_option, workspace_option
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    import pandas as pd

_RECIPE = "network-audit"
_SHOWN = 15


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Audit the road network: islands with the villages on them, loose ends near another road "
        "with the people closing it would connect, villages not attached, missing surfaces.\n\n"
        "Example: yanshan check"
    ),
)
@workspace_option
@json_option
@click.pass_obj
def command(console: Console, folder: Path, as_json: bool) -> None:
    """Audit the road network."""
    from yanshan_gis.job import run_job
    from yanshan_gis.publish.fields import readable, shown_fields
    from yanshan_gis.publish.figures import value_text
    from yanshan_gis.workspace import open_workspace

    workspace = open_workspace(folder)
    language, bars = console.document_language, console.progress()
    outcome = run_job(workspace, [_RECIPE], language=language, progress=bars).outcomes[-1]
    result, recipe = outcome.result, outcome.recipe
    tables = {**result.tables, **{n: f for n, f in result.layers.items() if n != "links"}}
    if console.wants_json(as_json):
        plain = {name: _plain_rows(frame) for name, frame in tables.items()}
        console.data({**outcome.to_json(), "tables": plain})
        return
    if result.status == "not_computable":
        console.say(N_("not computable: missing {what}"), what=", ".join(result.missing))
        return
    figures = [
        [recipe.figures[i.key].get(console.language), value_text(i, console.language)]
        for i in result.indicators
    ]
    console.table("", [console.text(N_("Finding")), console.text(N_("Value"))], figures)
    for name, frame in tables.items():
        if not len(frame):
            continue
        fields = shown_fields(recipe, name, frame.columns, workspace.layer_catalogue)
        rows = readable(frame.head(_SHOWN), fields, console.language)
        heads = [
            fields[c].title.get(console.language) if c in fields else c for c in map(str, rows)
        ]
        shown = [[_cell(v) for v in row] for row in rows.to_numpy()]
        title = f"{recipe.results[name].title.get(console.language)} ({len(frame)})"
        console.table(title, heads, shown)


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    columns = [column for column in frame.columns if column != "geometry"]
    return [
        {name: _plain(value) for name, value in zip(columns, row, strict=True)}
        for row in frame[columns].to_numpy()
    ]


def _plain(value: object) -> object:
    import pandas as pd

    if pd.isna(value):  # type: ignore[call-overload]
        return None
    return value.item() if hasattr(value, "item") else value


def _cell(value: object) -> str:
    plain = _plain(value)
    if plain is None:
        return "—"
    if isinstance(plain, float):
        return f"{plain:,.0f}" if plain.is_integer() else f"{plain:,.1f}"
    return str(plain)
