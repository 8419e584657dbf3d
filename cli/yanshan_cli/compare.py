"""``yanshan compare``: before and after."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import json_option, workspace_option
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    import pandas as pd

    from yanshan_gis.compare import Comparison

_SHARE = "share"


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Compare two sides by their stored results: figures, features gained and lost, townships, "
        "and what was not computed alike. Written to out/compare/.\n\n"
        "A side is base (the county as it is), the name of a scenario, or the folder of another "
        "workspace, such as last quarter's.\n\n"
        "Example: yanshan compare base 二十分钟"
    ),
)
@click.argument("before")
@click.argument("after")
@click.option(
    "--recipes",
    multiple=True,
    metavar="NAME[,NAME...]",
    help=N_("Only these analyses; all that both sides have run when not given."),
)
@workspace_option
@json_option
@click.pass_obj
def command(
    console: Console,
    before: str,
    after: str,
    recipes: tuple[str, ...],
    folder: Path,
    as_json: bool,
) -> None:
    """Compare two sides."""
    from yanshan_gis.compare import compare
    from yanshan_gis.compare_job import sides_text, write_comparison
    from yanshan_gis.sides import comparison_folder

    names = [name.strip() for text in recipes for name in re.split("[,，、]", text) if name.strip()]
    found = compare(folder, before, after, names)
    out = comparison_folder(folder, found.before, found.after)
    _, notices = write_comparison(
        found, out, language=console.document_language, progress=console.progress()
    )
    if console.wants_json(as_json):
        console.data(found.to_json())
    else:
        _show(console, found, sides_text(found, console.language))
    for notice in (*found.notices, *notices):
        console.tell(notice)
    console.say(N_("Written to {folder}."), folder=out)


def _show(console: Console, found: Comparison, title: str) -> None:
    """Show the plan's indicators that moved, the headlines, and the features that changed."""
    recipe = found.tables.recipe
    names = recipe.results["figures"].fields
    _show_board(console, found.table("board"), title)
    figures = found.table("figures")
    shown = figures[figures["headline"] | figures["difference"].fillna(0).ne(0)]
    heads = [N_("Analysis"), N_("Figure"), N_("Before"), N_("After"), N_("Difference"),
             N_("Target"), N_("Alike")]  # fmt: skip
    rows = [
        [
            _coded(console, names["recipe"], row["recipe"]),
            _coded(console, names["figure"], row["figure"])
            + (f" ({row['subject']})" if row["subject"] else ""),
            *_numbers(console, row),
            _target(console, row),
            "≠" if row["unlike"] else "",
        ]
        for row in _rows(shown)
    ]
    console.table(title, [console.text(head) for head in heads], rows)
    layers = found.table("layers")
    kinds = ["gained", "lost", "changed", "only_after", "only_before", "unchanged"]
    described = recipe.results["layers"].fields
    rows = [
        [
            _coded(console, names["recipe"], row["recipe"]),
            _coded(console, described["layer"], row["layer"]),
            *(f"{row[kind]:,}" for kind in kinds),
        ]
        for row in _rows(layers)
    ]
    heads = [console.text(N_("Analysis")), console.text(N_("Layer"))]
    heads += [described[kind].title.get(console.language) for kind in kinds]
    console.table("", heads, rows)


def _show_board(console: Console, board: pd.DataFrame, title: str) -> None:
    if not len(board):
        return
    moved = board[board["difference"].fillna(0).ne(0) | board["unlike"].notna()
                  | board["state_before"].ne(board["state_after"])]  # fmt: skip
    name = "name" if console.language == "zh" else "name_en"
    heads = [N_("No."), N_("Indicator"), N_("Before"), N_("After"), N_("Difference"), N_("State"),
             N_("Alike")]  # fmt: skip
    rows = [
        [
            str(row["number"]), str(row[name]), *_numbers(console, row),
            _state(console, row["state_before"], row["state_after"]),
            "≠" if row["unlike"] else "",
        ]
        for row in _rows(moved)
    ]  # fmt: skip
    if rows:
        console.table(title, [console.text(head) for head in heads], rows)
    else:
        console.say(N_("No indicator of the plan differs."))


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object)
    return [
        {str(key): cell for key, cell in row.items()}
        for row in plain.where(plain.notna(), None).to_dict("records")
    ]


def _numbers(console: Console, row: dict[str, Any]) -> list[str]:
    from yanshan_gis.publish.change_sheet import difference_text
    from yanshan_gis.publish.figures import number_text

    unit = row["unit"] or ""
    return [
        number_text(row["before"], unit, console.language),
        number_text(row["after"], unit, console.language),
        difference_text(row["difference"], unit, console.language),
    ]


def _target(console: Console, row: dict[str, Any]) -> str:
    from yanshan_gis.publish.figures import number_text

    goals = [row["target_before"], row["target_after"]]
    if goals == [None, None]:
        return ""
    texts = [number_text(goal, row["unit"] or "", console.language) for goal in goals]
    verdicts = [_verdict(console, row[f"met_{side}"]) for side in ("before", "after")]
    shown = " → ".join(dict.fromkeys(texts))
    return f"{shown} {' → '.join(dict.fromkeys(verdicts))}".rstrip()


def _verdict(console: Console, met: bool | None) -> str:
    if met is None:
        return "–"
    return console.text(N_("met") if met else N_("not met"))


_STATES = {
    "met": N_("met"),
    "not_met": N_("not met"),
    "not_computable": N_("not computable"),
    None: "–",
}


def _state(console: Console, before: str | None, after: str | None) -> str:
    texts = [console.text(_STATES[state]) for state in (before, after)]
    return " → ".join(dict.fromkeys(texts))


def _coded(console: Console, field: Any, value: str) -> str:
    code = field.codes.get(value)
    return code.get(console.language) if code else value.partition(".")[2] or value
