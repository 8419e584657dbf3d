"""The text of a scenario's file, written anew or extended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yanshan_gis.toml_file import toml_key, toml_value

if TYPE_CHECKING:
    from yanshan_gis.scenario import Scenario


def scenario_text(scenario: Scenario) -> str:
    """Write a scenario as TOML.

    Parameters
    ----------
    scenario
        Any.

    Returns
    -------
    str
        The text of its file.
    """
    head = [f"title = {toml_value(scenario.title.model_dump())}"] if scenario.title else []
    parameters = [
        f"{toml_key(key)} = {toml_value(value)}" for key, value in scenario.parameters.items()
    ]
    blocks = ["\n".join(head)] if head else []
    blocks += ["\n".join(["[parameters]", *parameters])] if parameters else []
    return "\n\n".join([*blocks, *_row_blocks(scenario)]) + "\n"


def _row_blocks(scenario: Scenario) -> list[str]:
    """Write patches and new rows, a block each."""
    named = [
        (f"[rows.{toml_key(layer)}.{toml_key(identity)}]", patch)
        for layer, patches in scenario.rows.items()
        for identity, patch in patches.items()
    ]
    named += [
        (f"[[new.{toml_key(layer)}]]", row) for layer, added in scenario.new.items()
        for row in added
    ]  # fmt: skip
    return [
        "\n".join([head, *(f"{toml_key(key)} = {toml_value(cell)}" for key, cell in cells.items())])
        for head, cells in named
    ]


def extended_text(text: str, addition: Scenario) -> str:
    """Set parameters in a file's own table of them, and put rows at its end.

    Parameters
    ----------
    text
        Of the file, comments included.
    addition
        What comes in.

    Returns
    -------
    str
        A text to be read again before it is trusted: what the file says already in another way
        stands in it twice.
    """
    for key, value in addition.parameters.items():
        line = f"{toml_key(key)} = {toml_value(value)}"
        own = re.compile(rf"(?m)^[ \t]*\"?{re.escape(key)}\"?[ \t]*=.*$")
        table = re.search(r"(?m)^\[parameters\][^\n]*\n(?:(?!\[)[^\n]*(?:\n|$))*", text)
        if table is None:
            text = f"{text.rstrip()}\n\n[parameters]\n{line}\n".lstrip()
        elif own.search(table[0]):
            body = own.sub(lambda _, line=line: line, table[0], count=1)  # type: ignore[misc]
            text = text[: table.start()] + body + text[table.end() :]
        else:
            body = f"{table[0].rstrip()}\n{line}\n"
            gap = "\n" if text[table.end() :] else ""
            text = text[: table.start()] + body + gap + text[table.end() :]
    return "\n\n".join([text.rstrip(), *_row_blocks(addition)]).lstrip() + "\n"
