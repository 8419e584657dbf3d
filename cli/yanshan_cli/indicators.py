"""``yanshan indicators``: target against actual for every indicator of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import json_option, scenario_option, workspace_option
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from yanshan_gis.content import LayerDef

_SIGNS = {"at_least": "≥ ", "at_most": "≤ ", "grow": "+"}


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Tell how far every indicator of the plan is from its target: met, not met, or not "
        "computable and what is missing.\n\n"
        "Stored results are read where they still hold; else the figures are computed, and "
        "nothing is stored.\n\n"
        "Example: yanshan indicators --township 阿猛镇"
    ),
)
@click.option("--number", type=int, help=N_("Only the indicator of this number."))
@click.option("--township", help=N_("The figures of this township instead of the county's."))
@workspace_option
@scenario_option
@json_option
@click.pass_obj
def command(
    console: Console,
    number: int | None,
    township: str | None,
    folder: Path,
    scenario: str | None,
    as_json: bool,
) -> None:
    """Tell how far every indicator is from its target."""
    from yanshan_gis.board import read_board
    from yanshan_gis.overlay import open_as

    workspace = open_as(folder, scenario)
    board = read_board(workspace, progress=console.progress())
    if township is None:
        rows = board.rows(number)
    else:
        rows = board.township_rows(workspace, township, number)
    result = board.outcome.result
    if console.wants_json(as_json):
        console.data(rows)
    elif result.status == "ok":
        _show(console, rows, township, workspace.layer_catalogue)
    if result.status != "ok":
        console.say(N_("not computable: missing {what}"), what=", ".join(result.missing))
    for notice in result.warnings:
        console.tell(notice)
    if board.stored:
        console.say(N_("Read from stored results; nothing they rest on has changed since."))
    else:
        console.say(N_("Computed now and not stored; yanshan run indicators keeps the result."))


_MINOR = (3, 5, 6)  # baseline, counted and ledger


def _show(
    console: Console,
    rows: list[dict[str, Any]],
    township: str | None,
    layers: Mapping[str, LayerDef],
) -> None:
    heads = [N_("No."), N_("Indicator"), N_("Target"), N_("Baseline"), N_("Actual"), N_("Counted"),
             N_("Ledger"), N_("State")]  # fmt: skip
    shown = [_cells(console, row, layers) for row in rows]
    title = rows[0]["township"] if township and rows else ""
    console.table(title, [console.text(head) for head in heads], shown, minor=_MINOR)


def _cells(console: Console, row: dict[str, Any], layers: Mapping[str, LayerDef]) -> list[str]:
    from yanshan_gis.publish.figures import number_text

    def written(value: Any, unit: str | None) -> str:
        return "—" if value is None else number_text(value, unit or "", console.language)

    counted = "—"
    if row.get("numerator") is not None and row.get("denominator") is not None:
        counted = f"{row['numerator']:,.6g} / {row['denominator']:,.6g}"
    elif row.get("value") is not None:
        counted = written(row["value"], row["value_unit"])
    ledger = written(row.get("ledger"), row["unit"])
    if row.get("disagree"):
        ledger += console.text(N_(" ({count} differ)"), count=row["disagree"])
    target = _SIGNS.get(row["operator"] or "", "") + written(row["target"], row["unit"])
    if row.get("target_below_baseline"):
        target += console.text(N_(" (below baseline)"))
    return [
        str(row["number"]), row["title"][console.language], target,
        written(row["baseline"], row.get("baseline_unit")), written(row["actual"], row["unit"]),
        counted, ledger, _state(console, row, layers),
    ]  # fmt: skip


def _state(console: Console, row: dict[str, Any], layers: Mapping[str, LayerDef]) -> str:
    from yanshan_gis.publish.missing import missing_text

    if row["state"] == "not_computable":
        what = missing_text("; ".join(row["missing"]), layers, console.language)
        return console.text(N_("not computable: missing {what}"), what=what)
    return console.text(N_("met") if row["state"] == "met" else N_("not met"))
