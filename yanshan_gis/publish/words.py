"""The words a sheet, a style and a table print of their own, in both languages.

They are the fixed vocabulary of a Chinese map (图例, 比例尺, 审图号), not messages, and stand side
by side as titles do in the content files. Texts about the county come from the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.content import Title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yanshan_gis.messages import Language
    from yanshan_gis.result import Result

LANGUAGE_SEPARATORS: dict[Language, str] = {"zh": "、", "en": ", "}

_WORDS: dict[str, Title] = {
    "legend": Title(zh="图　例", en="Legend"),
    "theme": Title(zh="专题要素", en="Theme"),
    "basis": Title(zh="底图要素", en="Base map"),
    "inset": Title(zh="位置示意图", en="Location"),
    "scale": Title(zh="比例尺", en="Scale"),
    "kilometres": Title(zh="千米", en="km"),
    "metres": Title(zh="米", en="m"),
    "north": Title(zh="北", en="N"),
    "figures": Title(zh="主要指标", en="Key figures"),
    "table": Title(zh="分乡镇统计", en="By township"),
    "modelled": Title(
        zh="含模拟数据，不可用于决策：{layers}",
        en="Contains modelled data, not for decisions: {layers}",
    ),
    "scenario": Title(zh="情景：{name}，非现状", en="Scenario: {name} – not the county as it is"),
    "points": Title(zh="{value} 个百分点", en="{value} pp"),
    "became": Title(zh="{before} → {after}", en="{before} → {after}"),
    "gained_lost": Title(zh="新达到 {gained}，失去 {lost}", en="{gained} gained, {lost} lost"),
    "internal": Title(zh="内部用图　不得公开", en="Internal use only"),
    "approval": Title(zh="审图号：{number}", en="Map approval no.: {number}"),
    "compiled_by": Title(zh="编制单位：{name}", en="Compiled by: {name}"),
    "data_date": Title(zh="数据截止日期：{date}", en="Data as of: {date}"),
    "no_data_date": Title(zh="数据截止日期：未注明", en="Data as of: not stated"),
    "sources": Title(zh="资料来源：{sources}", en="Sources: {sources}"),
    "crs": Title(zh="坐标系：{datum}", en="Coordinate system: {datum}"),
    "projection": Title(zh="投影：{projection}", en="Projection: {projection}"),
    "grid": Title(zh="方里网间距 {step} 千米", en="Grid spacing {step} km"),
    "gauss_kruger": Title(zh="高斯-克吕格 {width}°分带", en="Gauss-Krüger, {width}° zones"),
    "transverse_mercator": Title(zh="横轴墨卡托", en="transverse Mercator"),
    "meridian": Title(zh="中央经线 {degrees}°{side}", en="central meridian {degrees}° {side}"),
    "other": Title(zh="其他", en="Other"),
    "no_data": Title(zh="无数据", en="No data"),
    "other_or_no_data": Title(zh="其他或无数据", en="Other or no data"),
    "yes": Title(zh="是", en="Yes"),
    "no": Title(zh="否", en="No"),
    "year_number": Title(zh="第{number}年", en="Year {number}"),
    "chart_bound": Title(zh="上界 {value}", en="Bound {value}"),
    "chart_target": Title(zh="目标 {value}", en="Target {value}"),
    "infeasible": Title(zh="无可行方案，原因见注", en="No feasible plan: reasons in the note"),
    "not_all_rows": Title(zh="……其余 {count} 行见统计表", en="… {count} more rows in the tables"),
    "whole_county": Title(zh="全县", en="County"),
    "unknown_township": Title(zh="（乡镇不明）", en="(township unknown)"),
    "bracket": Title(zh="（{text}）", en=" ({text})"),
    "denominator": Title(zh="分母：{text}", en="denominator: {text}"),
    "stated": Title(zh="参数：{text}", en="parameters: {text}"),
    "target_met": Title(zh="目标 {target}，已达到", en="target {target}, met"),
    "target_not_met": Title(zh="目标 {target}，未达到", en="target {target}, not met"),
    "note": Title(zh="注：{notes}", en="Note: {notes}"),
    "contents": Title(zh="目录", en="Contents"),
    "number": Title(zh="序号", en="No."),
    "sheet": Title(zh="工作表", en="Sheet"),
    "title": Title(zh="标题", en="Title"),
    "rows": Title(zh="行数", en="Rows"),
    "remark": Title(zh="说明", en="Remark"),
    "dictionary": Title(zh="字段说明", en="Fields"),
    "parameters": Title(zh="参数", en="Parameters"),
    "missing": Title(zh="缺少", en="Missing"),
    "at_least": Title(zh="≥ {value}", en="≥ {value}"),
    "at_most": Title(zh="≤ {value}", en="≤ {value}"),
    "grow": Title(zh="提高 ≥ {value}", en="growth ≥ {value}"),
    "disagree": Title(zh="（{count} 处不一致）", en=" ({count} disagree)"),
    "baseline": Title(zh="基期 {value}", en="baseline {value}"),
    "target_below": Title(zh="目标低于基期", en="target below baseline"),
    "board_number": Title(zh="序号", en="No."),
    "board_name": Title(zh="指标", en="Indicator"),
    "board_kind": Title(zh="性质", en="Kind"),
    "board_target": Title(zh="目标", en="Target"),
    "board_actual": Title(zh="现状", en="Actual"),
    "board_bar": Title(zh="现状与目标（竖线）", en="Actual and target (tick)"),
    "board_state": Title(zh="状态", en="State"),
    "board_counted": Title(zh="分子 / 分母", en="Counted"),
    "board_ledger": Title(zh="部门台账", en="Ledger"),
    "board_basis": Title(zh="依据与说明", en="Source and remarks"),
    "back": Title(zh="返回目录", en="Back to contents"),
    "modelled_layer": Title(zh="{title}（模拟数据）", en="{title} (modelled)"),
    "hillshade": Title(zh="山体阴影", en="Hillshade"),
    "atlas": Title(zh="分乡镇图册", en="Atlas by township"),
    "atlas_page": Title(zh="{county}　{page}", en="{county}: {page}"),
    "atlas_number": Title(zh="第 {number} 幅，共 {count} 幅", en="Page {number} of {count}"),
    "atlas_surroundings": Title(zh="图幅外淡化（图册用）", en="Beyond the page (for the atlas)"),
    "ground": Title(zh="县外底色", en="Ground beyond the county"),
    "project_title": Title(zh="{county}乡村振兴规划图", en="{county}: rural plan"),
    "project_analyses": Title(zh="分析成果：{titles}", en="Analyses: {titles}"),
    "kml_note": Title(
        zh="坐标为 WGS 84（与 CGCS2000 一致），未加 GCJ-02 偏移；"
        "叠加国内互联网底图时会错开数百米。",
        en="Coordinates are WGS 84 (as CGCS2000); GCJ-02 is not applied, so Chinese street maps "
        "lie some hundred metres off.",
    ),
    "kml_modelled": Title(
        zh="含模拟数据，不可用于决策。", en="Contains modelled data, not for decisions."
    ),
    "shape_points": Title(zh="点", en="points"),
    "shape_lines": Title(zh="线", en="lines"),
    "shape_areas": Title(zh="面", en="areas"),
    "not_in_gbk": Title(zh="GBK 没有的字：{characters}", en="not in GBK: {characters}"),
    "cut_to_bytes": Title(zh="截短到 {count} 字节", en="cut to {count} bytes"),
}

_DATUMS: dict[str, Title] = {
    "China 2000": Title(zh="2000国家大地坐标系（CGCS2000）", en="CGCS2000"),
    "Xian 1980": Title(zh="1980西安坐标系", en="Xian 1980"),
    "Beijing 1954": Title(zh="1954年北京坐标系", en="Beijing 1954"),
    "World Geodetic System 1984": Title(zh="WGS 84 坐标系", en="WGS 84"),
    "World Geodetic System 1984 ensemble": Title(zh="WGS 84 坐标系", en="WGS 84"),
}


def word(key: str, language: Language, **values: object) -> str:
    """Return a fixed word or phrase.

    Parameters
    ----------
    key
        Its name in the vocabulary.
    language
        ``zh`` or ``en``.
    **values
        What stands in its gaps.

    Returns
    -------
    str
        The phrase with its gaps filled.
    """
    return _WORDS[key].get(language).format(**values)


_UNITS = {
    "个": "", "人": "people", "户": "households", "亩": "mu", "万元": "10,000 yuan", "元": "yuan",
    "头": "head", "羽": "birds", "人次": "visits", "万元/km": "10,000 yuan/km",
}  # fmt: skip


def unit_text(unit: str, language: Language) -> str:
    """Return a unit as a reader knows it.

    Parameters
    ----------
    unit
        Canonical spelling.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        Chinese units in English words; counted things have none in English.
    """
    return unit if language == "zh" else _UNITS.get(unit, unit)


def datum_name(datum: str, language: Language) -> str:
    """Name a geodetic datum as Chinese maps do.

    Parameters
    ----------
    datum
        Its name in the EPSG registry.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        The name; the registry's own where none is known.
    """
    title = _DATUMS.get(datum)
    return title.get(language) if title else datum


def colon(label: str, text: str, language: Language) -> str:
    """Join a label and what it says.

    Parameters
    ----------
    label, text
        The two sides.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        With the colon of the language.
    """
    return f"{label}：{text}" if language == "zh" else f"{label}: {text}"


def listed(items: tuple[str, ...] | list[str], language: Language) -> str:
    """Join names to a list.

    Parameters
    ----------
    items
        The names.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        With the separator of the language.
    """
    return LANGUAGE_SEPARATORS[language].join(items)


def scenario_marks(results: Iterable[Result], language: Language) -> tuple[str, ...]:
    """Say of which scenarios results speak, as it stands on the face of every output.

    Parameters
    ----------
    results
        Any.
    language
        ``zh`` or ``en``.

    Returns
    -------
    tuple of str
        Each scenario once; nothing for the county as it is.
    """
    named: dict[str, None] = {}
    for result in results:
        for notice in result.scenarios:
            title, name = str(notice.values[language]), str(notice.values["name"])
            text = title if title == name else title + word("bracket", language, text=name)
            named[word("scenario", language, name=text)] = None
    return tuple(named)
