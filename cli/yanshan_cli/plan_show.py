"""``yanshan plan show``: the plan's projects and their amounts, as a table or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import json_option, workspace_option
from yanshan_gis.errors import UnitError, UsageError, WorkspaceError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer
    from yanshan_gis.plan.gazetteer import Gazetteer
    from yanshan_gis.plan.records import Selection
    from yanshan_gis.workspace import Workspace

BASES = {
    "total": N_("total"),
    "per_year": N_("per year"),
    "per_unit": N_("per unit"),
    "monthly": N_("monthly"),
}
NATURES = {
    "quantity": N_("quantity"),
    "money": N_("money"),
    "beneficiaries": N_("beneficiaries"),
}


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Show the plan's projects with their amounts, one line each.\n\n"
        "Example: yanshan plan show --column 4 --township 阿猛镇 --totals"
    ),
)
@click.option("--column", type=int, help=N_("Only this special column, such as 4."))
@click.option("--township", help=N_("Only this township; short names will do."))
@click.option("--kind", help=N_("Only this kind of project, such as cold_storage or 冷库."))
@click.option("--unit", help=N_("Only amounts in this unit, such as m³ or 亩."))
@click.option("--id", "project_id", help=N_("Only the project with this id."))
@click.option("--totals", is_flag=True, help=N_("Add up, by unit: wholes or parts, never both."))
@json_option
@workspace_option
@click.pass_obj
def command(console: Console, /, folder: Path, as_json: bool, totals: bool, **asked: Any) -> None:
    """Show the plan's projects."""
    from yanshan_gis.plan.records import to_records, to_totals
    from yanshan_gis.workspace import open_workspace

    workspace = open_workspace(folder)
    layer = read_projects(workspace)
    selection = _selection(workspace, layer, asked)
    rows = to_totals(layer, selection) if totals else to_records(layer, selection)
    if console.wants_json(as_json):
        console.data(rows)
    elif not rows:
        console.say(N_("No project fits."))
    elif totals:
        _show_totals(console, rows)
    else:
        _show_records(console, layer, rows)


def read_projects(workspace: Workspace) -> Layer:
    """Read the layer of the plan's projects.

    Parameters
    ----------
    workspace
        The county.

    Returns
    -------
    Layer
        Of the plan's projects.

    Raises
    ------
    WorkspaceError
        When there is none, with what to do.
    """
    layer = workspace.read("projects")
    if layer is None:
        raise WorkspaceError(
            "projects-missing",
            N_(
                "The workspace has no plan projects yet. Import a project list (yanshan import "
                "projects 项目表.xlsx), or draft one from the plan's text (yanshan plan extract)."
            ),
        )
    return layer


def read_gazetteer(workspace: Workspace) -> Gazetteer:
    """Gather the county's places.

    Parameters
    ----------
    workspace
        The county.

    Returns
    -------
    Gazetteer
        From villages, townships, seats and the name table.
    """
    from yanshan_gis.plan.gazetteer import Gazetteer

    read = workspace.read
    layers = read("villages"), read("townships"), read("seats")
    return Gazetteer.from_layers(*layers, workspace.names(), workspace.county.name.zh)


def _selection(workspace: Workspace, layer: Layer, asked: dict[str, Any]) -> Selection:
    from yanshan_gis.plan.records import Selection
    from yanshan_gis.units import canonical_unit

    try:
        unit = canonical_unit(asked["unit"]) if asked["unit"] else None
    except UnitError as error:  # typed by the reader here, no data
        raise UsageError(error.code, error.notice.text, **error.notice.values) from error
    wanted = asked["project_id"]
    if wanted and wanted not in set(layer.frame["id"]):
        raise UsageError("project-unknown", N_("No project has the id {id!r}."), id=wanted)
    return Selection(
        column=asked["column"],
        township=_township(workspace, layer, asked["township"]),
        kind=_kind(layer, asked["kind"]),
        unit=unit,
        id=wanted,
    )


def _township(workspace: Workspace, layer: Layer, text: str | None) -> str | None:
    if not text:
        return None
    from yanshan_gis.ingest.names import match_townships
    from yanshan_gis.plan.registry import from_layer

    gazetteer = read_gazetteer(workspace)
    match = gazetteer.township(text)
    if match.id is None and not gazetteer.township_names:  # nothing but the projects themselves
        named = {town for project in from_layer(layer) for town in project.townships}
        match = match_townships([text], named)[0]
    if match.notice is not None:
        raise UsageError(match.notice.code, match.notice.text, **match.notice.values)
    return match.id


def _kind(layer: Layer, text: str | None) -> str | None:
    if not text:
        return None
    from yanshan_gis.ingest.cells import CodeList

    codes = layer.definition.fields["kind"].codes
    found = CodeList(codes).read(text).value
    if found is None:
        raise UsageError(
            "value-unknown",
            N_("{value!r} is no value of field {field}; known values: {known}."),
            value=text,
            field="kind",
            known=", ".join(f"{code} ({title.zh})" for code, title in codes.items()),
        )
    return str(found)


def _show_records(console: Console, layer: Layer, rows: list[dict[str, Any]]) -> None:
    fields = layer.definition.fields
    heads = ["id", *(fields[name].title.get(console.language) for name in _SHOWN)]
    heads.append(console.text(N_("amount")))
    heads += [fields[name].title.get(console.language) for name in _MINOR]
    lines = [
        [
            row["id"],
            *(_code(console, layer, name, row[name]) for name in _SHOWN),
            " ".join(p for p in (row["what"], _amount(row["quantity"]), _unit(console, row)) if p),
            *(_code(console, layer, name, row[name]) for name in _MINOR),
        ]
        for row in rows
    ]
    title = console.text(
        N_("{projects} projects, {lines} lines"),
        projects=len({row["id"] for row in rows}),
        lines=len(rows),
    )
    first = 2 + len(_SHOWN)
    console.table(title, heads, lines, minor=range(first, first + len(_MINOR)))


_SHOWN = ("name", "townships", "committees")
_MINOR = ("column", "kind", "group", "status", "location_quality")


def _code(console: Console, layer: Layer, field: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(value)
    code = layer.definition.fields[field].codes.get(str(value))
    return code.get(console.language) if code else str(value)


def _amount(value: float | None) -> str:
    return "—" if value is None else f"{value:,.10g}"


def _unit(console: Console, row: dict[str, Any]) -> str:
    if row["unit"] is None:
        return ""
    basis = "" if row["basis"] == "total" else f" ({console.text(BASES[row['basis']])})"
    return f"{row['unit']}{basis}"


def _show_totals(console: Console, rows: list[dict[str, Any]]) -> None:
    heads = [N_("nature"), N_("of what"), N_("total"), N_("unit")]
    lines = [
        [
            console.text(NATURES[row["nature"]]),
            row["what"] or "",
            _amount(row["total"]),
            _unit(console, row),
        ]
        for row in rows
    ]
    console.table("", [console.text(head) for head in heads], lines)
