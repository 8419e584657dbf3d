"""The labels of a web map as MapLibre layers.

The library draws every letter itself, with the page's own font: no glyphs are fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yanshan_gis.publish.style import WHITE
from yanshan_gis.publish.web_font import FAMILY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yanshan_gis.content import Label
    from yanshan_gis.publish.style import ResolvedStyle

LABEL, TEXT_OFFSET = "label", "text-offset"  # properties of features that expressions read
PX_PER_MM = 96 / 25.4
SPREAD_FACTOR = 1.25  # symbols side by side keep their size, so that they keep their distance
_PX_PER_PT = 1.6  # larger than on paper: a screen is read from further away
_SMALLEST_TEXT_PX = 11.0
_HALO_PX = 1.6
_NEAR = 11.0  # zoom from which a county's thousand villages have room for their names
_LEAST_AROUND_EM = 0.9  # a symbol this wide has room for a number in its middle
_WIDE_EM, _NARROW_EM, _LATIN = 1.05, 0.7, 0x2E80  # widths of letters, a little room included
# A family named Bold makes the browser draw the others in bold.
_FAMILIES = (FAMILY, "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "SimHei")
_POINT_ANCHORS = ("left", "right", "top", "bottom", "top-left", "bottom-left")


def label_layer(
    label: Label, style: ResolvedStyle, drawn: Sequence[list[Any]], *, many: bool
) -> dict[str, Any]:
    """Write the layer of a scheme's labels.

    Parameters
    ----------
    label
        What is written, and how.
    style
        The scheme.
    drawn
        Further conditions on what is labelled.
    many
        True where labels wait until one looks closer.

    Returns
    -------
    dict
        A layer of the MapLibre style specification without ``id`` and ``source``.
    """
    size = _text_px(label)
    families = [f"{_FAMILIES[0]} Bold", *_FAMILIES] if label.bold else list(_FAMILIES)
    layout: dict[str, Any] = {
        "text-field": ["get", LABEL],
        "text-font": families,
        "text-size": size,
        "symbol-sort-key": -label.priority,
        "text-max-width": 9,
        **_placement(style, size),
    }
    paint = {
        "text-color": label.colour,
        "text-halo-color": WHITE,
        "text-halo-width": _HALO_PX,
    }
    return {
        "type": "symbol",
        **({"minzoom": _NEAR} if many else {}),
        "filter": ["all", ["has", LABEL], *drawn],
        "layout": layout,
        "paint": paint,
        "metadata": {
            "role": "label",
            "priority": label.priority,
            **({"own": "anchors"} if style.kind == "polygon" else {}),
        },
    }


def _text_px(label: Label) -> float:
    return max(_SMALLEST_TEXT_PX, round(label.size_pt * _PX_PER_PT, 1))


def _placement(style: ResolvedStyle, size: float) -> dict[str, Any]:
    if style.kind == "line":
        return {"symbol-placement": "line", "text-max-angle": 30, "symbol-spacing": 320}
    if style.kind == "polygon":
        return {"text-padding": 4}
    if style.spread:
        # In ems: the symbols' offset is in pixels of a picture drawn at SPREAD_FACTOR.
        return {"text-offset": ["array", "number", 2, ["get", TEXT_OFFSET]],
                "text-allow-overlap": True, "text-ignore-placement": True}  # fmt: skip
    symbols = [item.symbol for item in style.classes]
    away = max(symbol.size_mm for symbol in symbols) * PX_PER_MM * 0.7 / size + 0.25
    return {"text-variable-anchor": list(_POINT_ANCHORS), "text-radial-offset": round(away, 2)}


def text_offset(
    offset_px: tuple[float, float], diameter_px: float, text: str, label: Label
) -> list[float]:
    """Set a label with its symbol: in its middle, or beside it where the symbol is too small.

    Parameters
    ----------
    offset_px
        Of the symbol from its place, before it is drawn larger.
    diameter_px
        Of the symbol, before it is drawn larger.
    text
        What is written.
    label
        Of the layer.

    Returns
    -------
    list of float
        To the right and down, in ems of the label.
    """
    size = _text_px(label)
    x, y = (part * SPREAD_FACTOR / size for part in offset_px)
    across = diameter_px * SPREAD_FACTOR / size
    if not label.inside or across < _LEAST_AROUND_EM:
        x += across / 2 + sum(_WIDE_EM if ord(char) > _LATIN else _NARROW_EM for char in text) / 2
    return [round(x, 2), round(y, 2)]
