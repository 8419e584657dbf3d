"""The county a workspace is about: ``county.toml``, typed.

What differs between counties and is no layer stands here: name, code, working CRS, which surfaces
count as hardened, which definition of an indicator is the headline, targets, and what a sheet must
say about itself.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from yanshan_gis.content import Title
from yanshan_gis.crs import check_metric
from yanshan_gis.errors import ContentError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.problems import reason_of

HARDENED_SURFACES = ("asphalt", "cement")
FILE_NAME = "county.toml"


class County(BaseModel):
    """One county's settings.

    Attributes are the keys of ``county.toml``; every key but `name` has a default.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Title
    code: str | None = Field(default=None, pattern=r"^\d{6}$")
    crs: str | None = None  # chosen from the first layer's extent when absent
    hardened: tuple[str, ...] = HARDENED_SURFACES
    headlines: dict[str, str] = {}  # indicator number -> definition
    targets: dict[str, float] = {}  # indicator number -> share
    data_date: date | None = None  # cut-off date of the data, printed on every output
    compiled_by: str | None = None  # 编制单位
    map_approval: str | None = None  # 审图号; without one, sheets are marked as internal

    @field_validator("crs")
    @classmethod
    def _metric(cls, crs: str | None) -> str | None:
        if crs is not None:
            check_metric(crs, "county.toml: crs")
        return crs

    @field_validator("name", mode="before")
    @classmethod
    def _one_name(cls, name: Any) -> Any:
        return {"zh": name, "en": name} if isinstance(name, str) else name


def read_county(path: Path) -> County:
    """Read a ``county.toml``.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    County
        The settings.

    Raises
    ------
    ContentError
        With every problem of the file.
    """
    try:
        return County.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = Notice(
            "content-toml",
            N_("{file}: not valid TOML: {reason}"),
            {"file": path.name, "reason": str(error)},
        )
        raise ContentError([problem]) from error
    except ValidationError as error:
        raise ContentError(
            [
                Notice(
                    "county-value",
                    N_("{file}, {place}: {reason}"),
                    {
                        "file": path.name,
                        "place": ".".join(str(part) for part in item["loc"]),
                        "reason": reason_of(item),
                    },
                )
                for item in error.errors()
            ]
        ) from error


def _toml_value(value: object) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_toml_key(k)} = {_toml_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | date):
        return str(value)
    return _toml_text(str(value))


def _toml_key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").isalpha() else _toml_text(key)


def _toml_text(text: str) -> str:
    # A JSON string is a TOML string, but for one character that TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_county(path: Path, county: County) -> None:
    """Write a ``county.toml`` with its keys in order; settings left at nothing are left out.

    Parameters
    ----------
    path
        The file; replaced.
    county
        The settings.
    """
    lines = [
        f"{key} = {_toml_value(value)}"
        for key, value in county.model_dump(mode="python").items()
        if value not in (None, {})  # an empty list of hardened surfaces says something
    ]
    _write_whole(path, "\n".join(lines) + "\n")


def set_crs(path: Path, crs: str) -> None:
    """Set the working CRS in a ``county.toml`` and leave everything else, comments too, as it is.

    Parameters
    ----------
    path
        The file.
    crs
        An EPSG code.
    """
    text = path.read_text(encoding="utf-8-sig")
    line = f"crs = {_toml_value(crs)}"
    # Keys before the first table are the file's own; the first line is always one of them.
    head = re.split(r"(?m)^(?=\s*\[)", text, maxsplit=1)[0]
    rest = text[len(head) :]
    found = re.compile(r"(?m)^\s*crs\s*=.*$")
    head = found.sub(lambda _: line, head, count=1) if found.search(head) else f"{line}\n{head}"
    _write_whole(path, head + rest)


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)  # noqa: PTH105 - the one atomic step
