"""What lies beyond an atlas page's township steps back behind a veil."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.publish.qgis_layers import DEFAULT, ProjectLayer
from yanshan_gis.publish.qgis_xml import options, tag, words
from yanshan_gis.publish.qml_renderer import rgba
from yanshan_gis.publish.style import WHITE
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from yanshan_gis.messages import Language

MASK = "townships__surroundings"
_LEVEL = 100.0  # above everything
_VEIL = 0.6
_EDGE, _EDGE_MM = "#7a2f6b", 0.7


def page_mask(townships: ProjectLayer, language: Language) -> ProjectLayer:
    """Draw the townships so that all but the one of an atlas page lies behind a veil.

    Parameters
    ----------
    townships
        The layer the atlas goes through.
    language
        Of the title.

    Returns
    -------
    ProjectLayer
        Of the same rows.
    """
    style = _inverted() + words("layerGeometryType", 2)
    title = word("atlas_surroundings", language)
    return ProjectLayer(MASK, title, townships.layer, _LEVEL, {DEFAULT: style})


def _inverted() -> str:
    """Fill what is not the page's township; outside an atlas, everything."""
    veil = {"color": rgba(WHITE, _VEIL), "style": "solid", "outline_style": "no"}
    edge = {
        "line_color": rgba(_EDGE), "line_width": str(_EDGE_MM), "line_width_unit": "MM",
        "line_style": "solid", "joinstyle": "round",
    }  # fmt: skip
    symbol = tag(
        "symbol", {"type": "fill", "name": "0", "alpha": 1, "clip_to_extent": 1},
        tag("layer", {"class": "SimpleFill", "enabled": 1, "pass": 0}, options(veil)),
        tag("layer", {"class": "SimpleLine", "enabled": 1, "pass": 0}, options(edge)),
    )  # fmt: skip
    rule = tag("rule", {"key": "{page-0}", "symbol": "0", "filter": "$id = @atlas_featureid"})
    common: dict[str, object] = {"symbollevels": 0, "enableorderby": 0, "forceraster": 0}
    rules = tag(
        "renderer-v2", {"type": "RuleRenderer", **common},
        tag("rules", {"key": "{page}"}, rule), tag("symbols", None, symbol),
    )  # fmt: skip
    inverted = {"type": "invertedPolygonRenderer", "preprocessing": 0, **common}
    return tag("renderer-v2", inverted, rules)
