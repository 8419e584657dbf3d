"""Figures in a plan's text: number, unit, basis; what cannot be typed is refused with a reason.

Units are spelled by `yanshan_gis.units`; 万 and 亿 are multiplied out, money is in 万元. Ranges,
bounds (10 万元以上) and dimensions (直径 60 厘米) are no amounts; dates and ordinals no figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from yanshan_gis.errors import UnitError
from yanshan_gis.messages import N_
from yanshan_gis.plan.numerals import read_numeral
from yanshan_gis.plan.registry import Amount, Basis, Nature
from yanshan_gis.units import Quantity, base_unit, canonical_unit, unit_kind, unit_spellings

_TIMES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_PEOPLE = frozenset({"人", "人次", "户"})
_PERSONS = {"名": "人"}  # a classifier of people
# Words that count things one by one; one the library does not know is refused as a unit.
COUNTERS = "个座处条项家所口台套辆间栋幢片株棵尾箱盏块件支部眼根"
_SMALL_COUNTERS = "个座处条所栋间台口项"
_NOT_READ = ("share", "h", "s", "min", "°", "度", "分", "秒", "年", "分钟", "小时")
_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_DASH = r"(?:[—–]{1,2}|[-~～至到])"
_NO_FIGURE = re.compile(
    r"(?:19|20)\d{2}年?[—–\-~至到]+(?:\d{4}|\d{2})年?(?:末|底)?(?![\d.]|[^\W\d]*亩)|\d{4}年(?:末|底|初)?(?:\d{1,2}月(?:\d{1,2}日)?)?|"
    r"\d{1,2}月(?:\d{1,2}日|份)|第\d+|\d[AG](?![A-Za-z])|“[^”]{0,12}”|《[^》]*》|"
    r"[A-Za-z]\d+[A-Za-z]|\d+\+[A-Z]"
)
_BEFORE: dict[str, Basis] = {
    "每年": "per_year", "年均": "per_year", "全年": "per_year", "年出栏": "per_year",
    "年产": "per_year", "年处理": "per_year", "年加工": "per_year", "年存栏": "per_year",
    "年接待": "per_year", "每月": "monthly", "月均": "monthly", "户均": "per_unit",
    "人均": "per_unit", "亩均": "per_unit",
}  # fmt: skip
_EACH_UNIT = re.compile(
    r"每(?:个|座|处|羽|头|只|户|人|亩|公里|千米|平方米|立方米|村|乡镇|名|条|项|所)"
)
_EACH = re.compile(r"(?<![人户亩年月平])均|各[^类种项级地]{0,6}$|每[个座处村]")
_AFTER = re.compile(r"[/／](年|月|人|户|亩|头|只|羽|个|座|公里|平方米|立方米)")
_BOUND_BEFORE = re.compile(
    r"(?:不包含|不含|不低于|不少于|不超过|不高于|至少|最多|低于|高于|超过|大于|小于)$"
)
_BOUND_AFTER = re.compile(r"(?:及以上|以上|以下|以内)")
_DIMENSION = re.compile(
    r"(?:直径|管径|半径|口径|宽度?|厚度?|深度?|高度?|间距|距离)[约为达：]{0,2}$"
)
# Subject words and what they are called; the first that fits counts.
_SUBJECTS = {
    "库容": "库容", "容积": "库容", "容量": "库容", "占地": "占地面积", "建筑面积": "建筑面积",
    "种植面积": "种植面积", "养殖面积": "养殖面积", "面积": "面积", "补贴标准": "补贴标准",
}  # fmt: skip
_SCOPE = re.compile(
    r"(?:乡镇|乡（镇）|镇(?!级)|乡(?!村)|街道|村（社区）|行政村|自然村|村委会|社区|村民小组|村小组|小组|安置点|"
    r"贫困村|单位|方面)"
)
_LAUNCH = re.compile(
    r"(?:建设|新建|建成|打造|建|创建|完成|实施|扩建|改造|设立|设置|新增|投放|规划)[了约达共]?$"
)


@dataclass(frozen=True)
class Figure:
    """A number with its unit, typed.

    Parameters
    ----------
    start, end
        In the text, unit and suffix included.
    nature, value, unit, basis, what, note
        As in `yanshan_gis.plan.registry.Amount`.
    each
        True where a word says that every thing named has it (均为, 各, 每座).
    respective
        True where a list gives one figure for each thing, in order (分别为).
    counter
        True for a count of things (1个, 3座), which a size may follow.
    known
        False for a count by a word (座) that is no unit of the library; it cannot be an amount.
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
    known: bool = True

    @property
    def amount(self) -> Amount:
        """The figure as an amount of a project."""
        return Amount(self.nature, self.value, self.unit, self.basis, self.what, self.note)


@dataclass(frozen=True)
class Refusal:
    """A number that was not typed.

    Parameters
    ----------
    start, end
        In the text.
    reason
        A key of `REASONS`.
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
    "share": N_("a share of something, not an amount of it"),
    "round": N_("a round word (a thousand mu), not a figure"),
    "scope": N_("counts the places concerned, not what is built"),
}


def find_figures(text: str) -> tuple[list[Figure], list[Refusal]]:
    """Find the figures of a text.

    Parameters
    ----------
    text
        Normalised as by `yanshan_gis.plan.writing.normalise`.

    Returns
    -------
    tuple
        Figures and refusals, each in the order of the text. A number is in one of the two unless
        it is part of a date, an ordinal or a short quoted name.
    """
    taken = [match.span() for match in _NO_FIGURE.finditer(text)]
    refusals: list[Refusal] = []
    for match in _range_pattern().finditer(text):
        _refuse(refusals, taken, match.span(), "range")
    figures = []
    for match in _pattern().finditer(text):
        if not _free(match.span(), taken):
            continue
        reason = _refused(text, match)
        if reason:
            _refuse(refusals, taken, match.span(), reason)
            continue
        figure = _typed(text, match)
        figures.append(figure)
        taken.append((figure.start, figure.end))
    figures += _unitless(text, figures, taken)
    for match in re.finditer(_DIGITS, text):
        _refuse(refusals, taken, match.span(), "unit-missing")
    for match in re.finditer(r"(?<![\d一二两三四五六七八九十百千万亿余多])[百千万]+亩", text):
        _refuse(refusals, taken, match.span(), "round")
    figures.sort(key=lambda figure: figure.start)
    return _lists(text, figures), sorted(refusals, key=lambda refusal: refusal.start)


def _refuse(
    refusals: list[Refusal], taken: list[tuple[int, int]], span: tuple[int, int], reason: str
) -> None:
    if _free(span, taken):
        refusals.append(Refusal(*span, reason))
        taken.append(span)


def _free(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    return all(span[1] <= start or span[0] >= end for start, end in taken)


@cache
def _units() -> str:
    words = {*unit_spellings(), *_PEOPLE, *_PERSONS, *COUNTERS, "CM", "cm", "mm", "厘米", "毫米"}
    longest = sorted(words.difference(_NOT_READ), key=len, reverse=True)
    # Latin letters must not run on: m of m², km of km/h.
    return "|".join(
        re.escape(unit) + ("(?![A-Za-z²³])" if unit[-1].isascii() else "") for unit in longest
    )


@cache
def _pattern() -> re.Pattern[str]:
    units = _units()
    return re.compile(
        rf"(?P<about>约|近)?(?:(?P<digits>{_DIGITS})(?P<times>[十百千]?[万亿]|百|千(?![米瓦克]))?(?P<odd>[余多])?"
        rf"(?:个(?P<after>平方米|立方米|平方|立方)|(?P<unit>{units}))"
        rf"|(?<![一二两三四五六七八九十第])(?P<small>[一二两三四五六七八九十]{{1,3}})"
        rf"(?P<counter>[{_SMALL_COUNTERS}]))"
    )


@cache
def _range_pattern() -> re.Pattern[str]:
    tail = rf"[十百千]?[万亿]?(?:{_units()}|%)"
    return re.compile(rf"{_DIGITS}(?:{tail})?[万亿]?{_DASH}{_DIGITS}(?:{tail}|[万亿])?")


def _written_unit(match: re.Match[str]) -> str:
    found = match["unit"] or match["after"] or match["counter"]
    return _PERSONS.get(found, found)


def _refused(text: str, match: re.Match[str]) -> str:
    """Why a number is no amount; empty when it is one."""
    before, after = _clause_before(text, match.start()), text[match.end() :]
    unit = _written_unit(match)
    if _BOUND_BEFORE.search(before) or _BOUND_AFTER.match(after):
        return "bound"
    if _DIMENSION.search(before):
        return "dimension"
    if unit in COUNTERS and _SCOPE.match(after) and not _LAUNCH.search(before):
        return "scope"
    if not _is_known(unit):
        return "" if unit in COUNTERS else "unit-unknown"
    return "share" if unit_kind(unit) == "share" else ""


def _is_known(unit: str) -> bool:
    try:
        canonical_unit(unit)
    except UnitError:
        return False
    return True


def _clause_before(text: str, start: int) -> str:
    return re.split(r"[，。；：、（）]", text[:start])[-1]


def _typed(text: str, match: re.Match[str]) -> Figure:
    before, unit = _clause_before(text, match.start()), _written_unit(match)
    number = Decimal(match["digits"].replace(",", "")) if match["digits"] else Decimal(
        read_numeral(match["small"]) or 0
    )  # fmt: skip
    for sign in match["times"] or "":
        number *= _TIMES[sign]
    nature: Nature = "quantity"
    if not _is_known(unit):
        return Figure(
            match.start(), match.end(), nature, float(number), unit, counter=True, known=False,
            each=_each(before),
        )  # fmt: skip
    value, canonical = float(number), canonical_unit(unit)
    if (kind := unit_kind(canonical)) == "money":
        nature, value = "money", float(number * _factor(canonical, "万元"))
        canonical = "万元"
    elif unit in _PEOPLE or kind == "population":
        nature = "beneficiaries"
    base = base_unit(canonical)
    if nature == "quantity" and base and base != canonical:
        value, canonical = float(number * _factor(canonical, base)), base
    basis, note = _basis(before, text[match.end() :])
    end = match.end()
    if suffix := _AFTER.match(text, end):
        end = suffix.end()
    notes = ["约"] if match["about"] or match["odd"] else []
    return Figure(
        match.start(), end, nature, value, canonical, basis,
        what=_subject(before) if nature != "beneficiaries" else "",
        note="；".join([*notes, *([note] if note else [])]),
        each=_each(before),
        respective="分别" in before,
        counter=unit in COUNTERS,
    )  # fmt: skip


def _factor(unit: str, base: str) -> Decimal:
    return Decimal(repr(Quantity(1.0, unit).to(base)))


def _subject(before: str) -> str:
    found = [(before.rfind(word), len(word), name) for word, name in _SUBJECTS.items()]
    place, _, name = max(found)
    return name if place >= 0 else ""


def _each(before: str) -> bool:
    return _EACH.search(before) is not None


def _basis(before: str, after: str) -> tuple[Basis, str]:
    """Basis by the words around the number, and what is to be noted of it."""
    found: Basis = "total"
    note = ""
    for word, basis in _BEFORE.items():
        if word in before:
            found = basis
    if each := _EACH_UNIT.search(before):
        found, note = "per_unit", each[0]
    if suffix := _AFTER.match(after):
        unit = suffix[1]
        if found == "total":
            found = {"年": "per_year", "月": "monthly"}.get(unit, "per_unit")  # type: ignore[assignment]
        note = f"{note}每{unit}"
    return found, note


def _unitless(text: str, figures: list[Figure], taken: list[tuple[int, int]]) -> list[Figure]:
    """Numbers of a list whose last member alone has the unit: 510、500、100立方米."""
    starts = {figure.start: figure for figure in figures}
    found: list[Figure] = []
    for match in sorted(re.finditer(rf"({_DIGITS})(?=[、和])", text), key=lambda m: -m.start()):
        following = starts.get(match.end() + 1)
        if following is None or not _free(match.span(), taken) or following.note:
            continue
        # The number is in the unit as written, so that the factor is that of the neighbour.
        written = float(re.match(_DIGITS, text[following.start :])[0].replace(",", ""))  # type: ignore[index]
        factor = following.value / written if written else 1.0
        figure = replace(
            following, start=match.start(), end=match.end(),
            value=round(float(match[1].replace(",", "")) * factor, 9),
            respective="分别" in _clause_before(text, match.start()),
        )  # fmt: skip
        starts[figure.start] = figure
        taken.append(match.span())
        found.append(figure)
    return found


def _lists(text: str, figures: list[Figure]) -> list[Figure]:
    """Let 分别, subject and 均 hold along a list of figures of one unit."""
    told: list[Figure] = []
    for figure in figures:
        before = told[-1] if told else None
        if (
            before is not None
            and text[before.end : figure.start] in {"、", "和", "以及", "及"}
            and (before.nature, before.unit) == (figure.nature, figure.unit)
        ):
            figure = replace(
                figure, what=figure.what or before.what, basis=before.basis,
                respective=before.respective, each=figure.each or before.each,
            )  # fmt: skip
        told.append(figure)
    return told
