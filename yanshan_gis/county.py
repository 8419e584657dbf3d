"""The county a workspace is about: ``county.toml``, typed.

What differs between counties and is no layer stands here: name, code, working CRS, which surfaces
count as hardened, which definition of an indicator is the headline, targets, and what a sheet must
say about itself.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from yanshan_gis.content import Title
from yanshan_gis.crs import check_metric
from yanshan_gis.toml_file import read_toml, toml_value, write_whole

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
    map_grid: Literal["km", "degree"] | None = None  # grid of map sheets; kilometres when absent

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
    return read_toml(path, County)


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
        f"{key} = {toml_value(value)}"
        for key, value in county.model_dump(mode="python").items()
        if value not in (None, {})  # an empty list of hardened surfaces says something
    ]
    write_whole(path, "\n".join(lines) + "\n")


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
    line = f"crs = {toml_value(crs)}"
    # Keys before the first table are the file's own; the first line is always one of them.
    head = re.split(r"(?m)^(?=\s*\[)", text, maxsplit=1)[0]
    rest = text[len(head) :]
    found = re.compile(r"(?m)^\s*crs\s*=.*$")
    head = found.sub(lambda _: line, head, count=1) if found.search(head) else f"{line}\n{head}"
    write_whole(path, head + rest)
