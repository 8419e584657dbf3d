"""The words that a web map's own controls show, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.content import Title

if TYPE_CHECKING:
    from yanshan_gis.messages import Language

_WORDS: dict[str, Title] = {
    "map": Title(zh="地图", en="Map"),
    "search": Title(zh="查找村庄、乡镇", en="Find a village or township"),
    "search_hint": Title(zh="名称、拼音或拼音首字母", en="Name, pinyin or its initials"),
    "search_none": Title(zh="没有找到", en="Nothing found"),
    "search_found": Title(zh="找到 {count} 个", en="{count} found"),
    "indicator": Title(zh="分乡镇指标", en="Figures by township"),
    "no_indicator": Title(zh="不显示", en="None"),
    "whole_county": Title(zh="全县", en="County"),
    "table": Title(zh="数据表", en="Table"),
    "township": Title(zh="乡镇", en="Township"),
    "numerator": Title(zh="分子", en="Counted"),
    "denominator": Title(zh="分母", en="Out of"),
    "value": Title(zh="数值", en="Value"),
    "layers": Title(zh="图层", en="Layers"),
    "modelled_tag": Title(zh="模拟", en="modelled"),
    "legend": Title(zh="图例", en="Legend"),
    "legend_empty": Title(zh="没有打开的图层", en="No layer is switched on"),
    "distance": Title(zh="测距离", en="Distance"),
    "area": Title(zh="测面积", en="Area"),
    "measure_hint": Title(
        zh="点击地图（或按 Enter 取地图中心）加点，Backspace 退一步，Esc 结束",
        en="Click the map (or press Enter for its centre) to add points, Backspace takes one "
        "back, Esc ends",
    ),
    "length_is": Title(zh="长度 {value}", en="Length {value}"),
    "area_is": Title(zh="面积 {value}，周长 {around}", en="Area {value}, perimeter {around}"),
    "m": Title(zh="米", en="m"),
    "km": Title(zh="千米", en="km"),
    "m2": Title(zh="平方米", en="m²"),
    "km2": Title(zh="平方千米", en="km²"),
    "mu": Title(zh="亩", en="mu"),
    "print": Title(zh="打印", en="Print"),
    "close": Title(zh="关闭", en="Close"),
    "previous": Title(zh="上一个", en="Previous"),
    "next": Title(zh="下一个", en="Next"),
    "of": Title(zh="第 {number} 个，共 {count} 个", en="{number} of {count}"),
    "nothing_here": Title(zh="此处没有要素", en="Nothing here"),
    "nothing_known": Title(zh="没有其他信息", en="Nothing else is known"),
    "whole": Title(zh="全县范围", en="Whole county"),
    "zoom_in": Title(zh="放大", en="Zoom in"),
    "zoom_out": Title(zh="缩小", en="Zoom out"),
    "panel": Title(zh="图层与查找", en="Layers and search"),
    "skip": Title(zh="跳到地图", en="Skip to the map"),
    "keys": Title(
        zh="方向键移动，+ − 缩放，Enter 查看中心处的要素",
        en="Arrow keys move, + and − zoom, Enter shows what lies at the centre",
    ),
    "no_webgl": Title(
        zh="此浏览器不支持 WebGL 2，无法显示地图；指标与数据表仍可查看。",
        en="This browser lacks WebGL 2, so no map can be drawn; figures and tables are still here.",
    ),
    "modelled_short": Title(
        zh="含模拟数据，不可用于决策：{count} 个图层",
        en="Contains modelled data, not for decisions: {count} layers",
    ),
    "stale": Title(
        zh="以下成果之后数据有变：{recipes}", en="Data have changed since: {recipes}"
    ),
    "title": Title(zh="{county}乡村振兴规划一张图", en="{county}: rural revitalisation plan"),
}  # fmt: skip


def web_words(language: Language) -> dict[str, str]:
    """Return all words of the controls.

    Parameters
    ----------
    language
        ``zh`` or ``en``.

    Returns
    -------
    dict
        Texts by name; those with gaps keep them.
    """
    return {name: title.get(language) for name, title in _WORDS.items()}
