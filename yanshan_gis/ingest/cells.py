"""How single cells are read: numbers, yes and no, dates, codes and text as bureaus write them.

A reading gives a value, or says why there is none. Marks for "nothing" (—, ／, 无, empty) stay
missing and are never turned into zero.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.errors import UnitError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.units import Quantity, canonical_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yanshan_gis.content import Code
    from yanshan_gis.ingest.problems import Severity

_DASHES = frozenset({"", "-", "--", "—", "——", "–", "―", "/", "\\", "nan", "none", "null", "n/a"})
_NOTHING = _DASHES | frozenset(
    ["无", "空", "暂无", "不详", "未知", "不明", "待定", "待核实", "未统计"]
)
_DONE = (
    "通",
    "建",
    "建成",
    "硬化",
    "完成",
    "覆盖",
    "达标",
    "实施",
    "接入",
    "开通",
    "通车",
    "通路",
    "通达",
)
_YES = frozenset({"是", "有", "对", "√", "✓", "✔", "☑", "1", "1.0", "y", "yes", "t", "true", "已",
                  *_DONE, *(f"已{word}" for word in _DONE)})  # fmt: skip
_NO = frozenset({"否", "无", "没有", "错", "×", "✗", "✘", "x", "0", "0.0", "n", "no", "f", "false",
                 "未", "不通", "不达标", *(f"未{word}" for word in _DONE)})  # fmt: skip
_NUMBER = re.compile(
    r"^(?P<about>约为?|大约|近|≈|~)?\s*(?P<digits>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)"
    r"\s*(?P<rest>.*?)\s*(?P<more>左右|余)?$"
)
_DATES = (
    re.compile(r"^(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})[日号])?)?(?:底|初|末)?$"),
    re.compile(r"^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T\s]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"),
    re.compile(r"^(\d{4})(\d{2})(\d{2})?$"),
    re.compile(r"^(\d{4})$"),
)  # fmt: skip
_MULTIPLIERS = {"百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_EXCEL_DAYS = range(20_000, 80_000)  # 1954 to 2119, so that no year or 202305 is taken for one
_EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class Reading:
    """What a cell says.

    Parameters
    ----------
    value
        Of the field's type; None when missing or unreadable.
    notice
        What is wrong with it, if anything.
    severity
        Of the notice.
    """

    value: Any = None
    notice: Notice | None = None
    severity: Severity = "refuse"


def plain_text(cell: Any) -> str:
    """Return a cell as text: half width, no outer spaces, whole numbers without ``.0``.

    Parameters
    ----------
    cell
        Any value of a table.

    Returns
    -------
    str
        Empty for a missing cell.
    """
    if isinstance(cell, str):
        return cell.strip()
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else str(cell)
    if isinstance(cell, float) or type(cell).__name__.startswith("float"):
        number = float(cell)
        if math.isnan(number):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e17 else str(number)
    return str(cell).strip()


def _folded(cell: Any) -> str:
    return unicodedata.normalize("NFKC", plain_text(cell)).strip().casefold()


def read_unit(text: str) -> tuple[str, float] | None:
    """Read a unit as headings and cells spell it, with a leading 百, 千, 万 or 亿.

    Parameters
    ----------
    text
        Such as ``立方米``, ``万亩``, ``单位：km``.

    Returns
    -------
    tuple of str and float, or None
        Canonical unit and multiplier; None when it is no known unit.
    """
    plain = re.sub(r"^单位[::]?", "", unicodedata.normalize("NFKC", text)).strip()
    for multiplier in ("", *_MULTIPLIERS):
        rest = plain.removeprefix(multiplier)
        if not rest or (multiplier and rest == plain):
            continue
        for spelling in (rest, rest.replace("m3", "m³").replace("m2", "m²")):
            try:
                unit = canonical_unit(spelling)
            except UnitError:
                continue
            base = unit if unit.startswith("万元") else unit.removeprefix("万")
            return base, _MULTIPLIERS.get(multiplier, 1.0) * (1.0 if base == unit else 1e4)
    return None


def unit_factor(unit: tuple[str, float], target: str | None) -> float:
    """Tell what a number in a unit is multiplied by to be in a field's unit.

    Parameters
    ----------
    unit
        From `read_unit`.
    target
        The field's unit; None when the field has none.

    Returns
    -------
    float
        The factor.

    Raises
    ------
    UnitError
        When the units measure different things.
    """
    name, multiplier = unit
    return multiplier * (Quantity(1.0, name).to(target) if target else 1.0)


def fold_heading(text: str) -> str:
    """Fold a heading for comparison: letters and digits only, without width and case.

    Parameters
    ----------
    text
        A heading, title or alias.

    Returns
    -------
    str
        The folded form.
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def read_text(cell: Any) -> Reading:
    """Read a text; dashes and slashes stay missing.

    Parameters
    ----------
    cell
        Any value.

    Returns
    -------
    Reading
        The text without outer spaces.
    """
    text = plain_text(cell)
    return Reading(None if _folded(cell) in _DASHES else text)


def _rest_factor(rest: str, unit: str | None, factor: float) -> float:
    if not rest:
        return factor
    if rest in _MULTIPLIERS:
        return factor * _MULTIPLIERS[rest]
    found = read_unit(rest)
    if found is None:
        raise ValueError(rest)
    return unit_factor(found, unit)


def read_number(cell: Any, unit: str | None = None, factor: float = 1.0) -> Reading:
    """Read a number: ``1,234``, ``约500``, ``2万``, full-width digits, ``3.5米``.

    Parameters
    ----------
    cell
        Any value.
    unit
        The field's unit; a unit inside the cell is converted to it.
    factor
        What a bare number is multiplied by, from the unit in the heading.

    Returns
    -------
    Reading
        A float; an approximate one comes with a warning.
    """
    text = _folded(cell)
    if text in _NOTHING:
        return Reading()
    match = _NUMBER.match(re.sub(r"(?<=\d)[,\s](?=\d{3}(?:\D|$))", "", text))
    unreadable = Notice(
        "number-unreadable",
        N_("{value!r} is not a number; write digits only, such as 1234.5, or leave it empty."),
        {"value": plain_text(cell)},
    )
    if match is None:
        return Reading(notice=unreadable)
    try:
        value = float(match["digits"]) * _rest_factor(match["rest"], unit, factor)
    except UnitError as error:
        return Reading(notice=error.notice)
    except ValueError:
        return Reading(notice=unreadable)
    if not math.isfinite(value):
        return Reading(notice=unreadable)
    if not (match["about"] or match["more"]):
        return Reading(value)
    about = Notice(
        "number-approximate",
        N_("{value!r} is approximate; it was taken as {number:g}."),
        {"value": plain_text(cell), "number": value},
    )
    return Reading(value, about, "warn")


def read_integer(cell: Any, unit: str | None = None, factor: float = 1.0) -> Reading:
    """Read a whole number, as `read_number` does.

    Parameters
    ----------
    cell
        Any value.
    unit, factor
        As for `read_number`.

    Returns
    -------
    Reading
        An int; a broken number is refused.
    """
    reading = read_number(cell, unit, factor)
    if reading.value is None:
        return reading
    whole = round(reading.value)
    if abs(reading.value - whole) > 1e-6:
        return Reading(
            notice=Notice(
                "number-not-whole",
                N_("{value!r} is not a whole number."),
                {"value": plain_text(cell)},
            )
        )
    return Reading(whole, reading.notice, reading.severity)


def read_boolean(cell: Any) -> Reading:
    """Read yes or no: 是/否, 有/无, √/×, 1/0, 已通/未通, Y/N.

    Parameters
    ----------
    cell
        Any value.

    Returns
    -------
    Reading
        A bool; 无 is no, a dash is missing.
    """
    text = _folded(cell)
    if text in _YES:
        return Reading(value=True)
    if text in _NO:
        return Reading(value=False)
    if text in _NOTHING:
        return Reading()
    return Reading(
        notice=Notice(
            "boolean-unknown",
            N_("{value!r} is neither yes nor no; write 是 or 否, or leave it empty."),
            {"value": plain_text(cell)},
        )
    )


def read_date(cell: Any) -> Reading:
    """Read a date, no more exact than it is written: ``2023年5月`` becomes ``2023-05``.

    Parameters
    ----------
    cell
        Text, a date, or an Excel serial number.

    Returns
    -------
    Reading
        ISO text: ``2023``, ``2023-05`` or ``2023-05-12``.
    """
    if isinstance(cell, date) and cell is not pd.NaT:
        return Reading(cell.date().isoformat() if isinstance(cell, datetime) else cell.isoformat())
    text = re.sub(r"(?<=\d)\.0$", "", _folded(cell))
    if text in _NOTHING:
        return Reading()
    if text.isdigit() and int(text) in _EXCEL_DAYS:
        return Reading((_EXCEL_EPOCH + timedelta(days=int(text))).isoformat())
    value = next((_iso(match) for form in _DATES if (match := form.match(text))), None)
    if value is not None:
        return Reading(value)
    return Reading(
        notice=Notice(
            "date-unreadable",
            N_("{value!r} is not a date; write 2023-05-12, 2023-05 or 2023."),
            {"value": plain_text(cell)},
        )
    )


def _iso(match: re.Match[str]) -> str | None:
    year, month, day = ([int(part) for part in match.groups() if part] + [0, 0])[:3]
    try:
        full = date(year, month or 1, day or 1).isoformat()
    except ValueError:
        return None
    return full[: 10 if day else 7 if month else 4]


class CodeList:
    """The spellings of a code list, folded once.

    Parameters
    ----------
    codes
        The field's codes.
    """

    def __init__(self, codes: Mapping[str, Code]) -> None:
        self._codes = codes
        self._by_spelling: dict[str, str] = {}
        for name, code in codes.items():
            for spelling in (name, code.zh, code.en, *code.aliases):
                self._by_spelling.setdefault(fold_heading(spelling) or spelling, name)

    def read(self, cell: Any) -> Reading:
        """Read a code by name, title or alias.

        Parameters
        ----------
        cell
            Any value.

        Returns
        -------
        Reading
            The code's name; an unknown spelling is refused with the list of known ones.
        """
        text = plain_text(cell)
        found = self._by_spelling.get(fold_heading(text) or text)
        if found is not None:
            return Reading(found)
        if _folded(cell) in _NOTHING:
            return Reading()
        known = " ".join(code.zh for code in self._codes.values())
        unknown = N_("{value!r} is not in the list; known values: {known}.")
        return Reading(notice=Notice("code-unknown", unknown, {"value": text, "known": known}))
