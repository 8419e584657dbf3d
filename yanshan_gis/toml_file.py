"""Settings files that people write in TOML: read typed, written so that they read back the same."""

from __future__ import annotations

import json
import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from yanshan_gis.errors import ContentError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.problems import reason_of

Model = TypeVar("Model", bound=BaseModel)


def read_toml(path: Path, model: type[Model], *, shown: str = "", **more: Any) -> Model:
    """Read a file into a model.

    Parameters
    ----------
    path
        The ``.toml`` file.
    model
        What it must fit.
    shown
        What the file is called in messages; its name when not given.
    **more
        Values of the model that do not stand in the file.

    Returns
    -------
    BaseModel
        Of the class asked for.

    Raises
    ------
    ContentError
        With every problem of the file.
    """
    file = shown or path.name
    try:
        return model.model_validate({**tomllib.loads(path.read_text(encoding="utf-8-sig")), **more})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        text = N_("{file}: not valid TOML: {reason}")
        problem = Notice("content-toml", text, {"file": file, "reason": str(error)})
        raise ContentError([problem]) from error
    except ValidationError as error:
        text = N_("{file}, {place}: {reason}")
        problems = [
            Notice(
                "settings-value",
                text,
                {
                    "file": file,
                    "place": ".".join(str(part) for part in item["loc"]),
                    "reason": reason_of(item),
                },
            )
            for item in error.errors()
        ]
        raise ContentError(problems) from error


def toml_value(value: object) -> str:
    """Write a value as TOML does, tables in braces.

    Parameters
    ----------
    value
        Text, number, truth value, date, list or dictionary.

    Returns
    -------
    str
        On one line.
    """
    if isinstance(value, dict):
        inside = ", ".join(f"{toml_key(k)} = {toml_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | date):
        return str(value)
    return _toml_text(str(value))


def toml_key(key: str) -> str:
    """Write a key, in quotes where TOML wants them.

    Parameters
    ----------
    key
        Any text.

    Returns
    -------
    str
        Such as ``surface`` or ``"logistics-reach.limit"``.
    """
    plain = key.isascii() and key.replace("_", "").isalnum() and not key.isdigit()
    return key if plain else _toml_text(key)


def _toml_text(text: str) -> str:
    # A JSON string is a TOML string, but for one character that TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_whole(path: Path, text: str) -> None:
    """Replace a text file as one step.

    Parameters
    ----------
    path
        The file.
    text
        Its whole content.
    """
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)  # noqa: PTH105 - the one atomic step
