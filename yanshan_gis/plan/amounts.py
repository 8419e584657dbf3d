"""Figures in a plan's text: number, unit, basis; what cannot be typed is refused with a reason.

Units are spelled by `yanshan_gis.units`; 万 and 亿 are multiplied out, money is in 万元. Ranges,
bounds (10 万元以上) and dimensions (直径 60 厘米) are no amounts. Dates and ordinals are no figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from yanshan_gis.errors import UnitError
from yanshan_gis.messages import N_
from yanshan_gis.plan.numerals import read_numeral
from yanshan_gis.plan.registry import Basis, Nature
from yanshan_gis.units import canonical_unit, unit_spellings

_MULTIPLIERS = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_MONEY = {"元": Decimal("0.0001")}
_PEOPLE = {"人", "人次", "户"}
# Words that count things one by one; a unit may be unknown to the library and is then refused.
COUNTERS = "个座处条项家所口台套辆间栋幢片株棵尾箱盏块件名支部眼根组"
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_SMALL = r"[一二两三四五六七八九十]{1,3}"
_DASH = r"(?:[—–~～]{1,2}|-|至|到)"
_NO_FIGURE = re.compile(
    r"\d{4}年?(?:[—–\-~至到]+\d{2,4})?年(?:末|底|初)?(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月(?:\d{1,2}日|份)?|"
    r"第(?:\d+|[一二三四五六七八九十]+)|\d[AG](?![A-Za-z])|“[^”]{0,12}”|《[^》]*》|[A-Za-z]\d+[A-Za-z]|"
    r"一[个批种系方][^，。；、]{0,1}(?=[面项])|一[是批系方定些]|\d+[.、]?\+|\+\d+|\d{4}[—–\-]\d{4}"
)
_PER = {
    "每年": "per_year", "年均": "per_year", "全年": "per_year", "年出栏": "per_year",
    "年产": "per_year", "年处理": "per_year", "年加工": "per_year", "年存栏": "per_year",
    "年接待": "per_year", "每月": "monthly", "月均": "monthly", "户均": "per_unit",
    "人均": "per_unit", "亩均": "per_unit",
}  # fmt: skip
_EACH = re.compile(r"每(?:个|座|处|羽|头|只|户|人|亩|公里|千米|平方米|立方米|村|乡镇|名|条|项|所)")
_SUFFIX = re.compile(r"[/／](年|月|人|户|亩|头|只|羽|个|座|公里|km|平方米|立方米)")
_BOUND_BEFORE = re.compile(r"(?:不低于|不少于|不超过|不高于|至少|最多|低于|高于|超过|大于|小于)$")
_BOUND_AFTER = re.compile(r"(?:以上|以下|以内|及以上)")
_DIMENSION = re.compile(
    r"(?:直径|管径|半径|口径|宽度?|厚度?|深度?|高度?|间距|距离)[约为达：]{0,2}$"
)
_TOLD = {
    "库容": "库容", "容积": "库容", "容量": "库容", "占地面积": "占地面积", "占地": "占地面积",
    "建筑面积": "建筑面积", "种植面积": "种植面积", "养殖面积": "养殖面积", "面积": "面积",
}  # fmt: skip
_BREAK = re.compile(r"[，。；：、（）]")
_SCOPE = re.compile(
    r"(?:乡镇|乡（镇）|镇|乡|街道|村（社区）|行政村|自然村|村委会|社区|村民小组|村小组|小组|"
    r"安置点|贫困村|单位|方面|层次|阶段)"
)
_LAUNCH = re.compile(r"(?:建设|新建|建成|打造|建|创建|完成|实施|扩建|改造|设立|设置|安置)[约达共]?$")


@dataclass(frozen=True)
class Figure:
    """A number with its unit, typed.

    Parameters
    ----------
    start, end
        In the text, unit and suffix included.
    nature, value, unit, basis, what
        As in `yanshan_gis.plan.registry.Amount`.
    note
        Such as 约, or of what a figure per unit is.
    each
        True where a word says that every thing named has it (均为, 各, 每座).
    respective
        True where a list gives one figure for each thing, in order (分别为).
    counter
        True for a count of things (1个, 3座), which a size may follow.
    """

    start: int
    end: int
    nature: Nature
    value: float
    unit: str
    basis: Basis = "total"
    what: str = ""
    note: str = ""
    each: bool = False
    respective: bool = False
    counter: bool = False


@dataclass(frozen=True)
class Refusal:
    """A number that was not typed.

    Parameters
    ----------
    start, end
        In the text.
    reason
        One of `REASONS`.
    """

    start: int
    end: int
    reason: str


REASONS = {
    "range": N_("a range, not an amount"),
    "bound": N_("a bound (at least, at most), not an amount"),
    "dimension": N_("a dimension of a thing, not an amount of it"),
    "unit-unknown": N_("the unit is not known"),
    "unit-missing": N_("a number without a unit"),
    "scope": N_("counts the places concerned, not what is built"),
}


def find_figures(text: str) -> tuple[list[Figure], list[Refusal]]:
    """Find the figures of a text.

    Parameters
    ----------
    text
        Normalised as by `yanshan_gis.plan.document.normalise`.

    Returns
    -------
    tuple
        Figures and refusals, each in the order of the text. A number is in one of the two unless
        it is part of a date, an ordinal or a quoted name.
    """
    taken = [match.span() for match in _NO_FIGURE.finditer(text) if _is_no_figure(match[0])]
    figures: list[Figure] = []
    refusals: list[Refusal] = []
    for match in _range_pattern().finditer(text):
        if _free(match.span(), taken):
            refusals.append(Refusal(*match.span(), "range"))
            taken.append(match.span())
    for match in _pattern().finditer(text):
        span = match.start("number"), match.end()
        if not _free(span, taken):
            continue
        found = _typed(text, match)
        (figures if isinstance(found, Figure) else refusals).append(found)  # type: ignore[arg-type]
        taken.append((found.start, found.end))
    figures += _bare(text, figures, taken)
    refusals += _left(text, taken + [(f.start, f.end) for f in figures])
    figures.sort(key=lambda figure: figure.start)
    return _respective(text, figures), sorted(refusals, key=lambda refusal: refusal.start)


def _is_no_figure(found: str) -> bool:
    # A quoted text is no figure where it is short: “5321”, “两不愁三保障”.
    return True if found[0] != "“" else not re.search(r"\d[\d.]*[^\d”+]", found)


def _free(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return all(span[1] <= start or span[0] >= end for start, end in taken)


@cache
def _units() -> str:
    known = set(unit_spellings()) | _PEOPLE | {"元"} | set(COUNTERS) | {"CM", "cm", "厘米", "毫米"}
    known -= {"share", "h", "s", "min", "°", "度", "分", "秒", "年", "m", "t"}
    # Latin letters must not run on: 5G, 3A.
    words = [re.escape(unit) + ("(?![A-Za-z])" if unit[-1].isascii() else "") for unit in known]
    words += [r"m(?![A-Za-z0-9²³])", r"t(?![A-Za-z])"]
    return "|".join(sorted(words, key=len, reverse=True))


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<about>约|近)?(?:(?P<number>{_NUMBER})(?P<times>[十百千]?[万亿]?)(?P<odd>[余多]?)个??"
        rf"(?P<unit>{_units()})|(?<![一二三四五六七八九十])(?P<small>{_SMALL})(?P<counter>[{COUNTERS}]))"
        .replace("(?P<number>", "(?P<number>", 1)
    )


@cache
def _range_pattern() -> re.Pattern[str]:
    tail = rf"[十百千]?[万亿]?(?:{_units()}|%)?"
    return re.compile(rf"{_NUMBER}{tail}{_DASH}{_NUMBER}[十百千]?[万亿]?(?:{_units()}|%)")
