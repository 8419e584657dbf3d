"""Veils: over what lies beyond an atlas page's township, and over the ground beyond the county."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.publish.qgis_layers import DEFAULT, GROUND, MASK, ProjectLayer
from yanshan_gis.publish.qgis_xml import options, tag, words
from yanshan_gis.publish.qml_renderer import rgba
from yanshan_gis.publish.sheet import OUTSIDE_COLOUR
from yanshan_gis.publish.style import WHITE
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yanshan_gis.messages import Language

_LEVEL = 100.0  # above everything
_GROUND_LEVEL = 0.5  # just above the rasters
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
    veil = {"color": rgba(WHITE, _VEIL), "style": "solid", "outline_style": "no"}
    edge = {
        "line_color": rgba(_EDGE), "line_width": str(_EDGE_MM), "line_width_unit": "MM",
        "line_style": "solid", "joinstyle": "round",
    }  # fmt: skip
    # Outside an atlas no township is the page's, and the veil lies over everything.
    style = _inverted("$id = @atlas_featureid", SimpleFill=veil, SimpleLine=edge)
    title = word("atlas_surroundings", language)
    return ProjectLayer(MASK, title, townships.layer, _LEVEL, {DEFAULT: style})


def ground_mask(county: ProjectLayer, language: Language) -> ProjectLayer:
    """Cover the ground beyond the county, as the sheets do, above rasters and beneath all else.

    Parameters
    ----------
    county
        The county's area.
    language
        Of the title.

    Returns
    -------
    ProjectLayer
        Of the same rows.
    """
    ground = {"color": rgba(OUTSIDE_COLOUR), "style": "solid", "outline_style": "no"}
    style = _inverted("", SimpleFill=ground)
    title = word("ground", language)
    return ProjectLayer(GROUND, title, county.layer, _GROUND_LEVEL, {DEFAULT: style})


def _inverted(test: str, **layers: Mapping[str, str]) -> str:
    """Fill what is not covered by the areas that pass a test."""
    symbol = tag(
        "symbol", {"type": "fill", "name": "0", "alpha": 1, "clip_to_extent": 1},
        *(tag("layer", {"class": kind, "enabled": 1, "pass": 0}, options(values))
          for kind, values in layers.items()),
    )  # fmt: skip
    rule = tag("rule", {"key": "{rule-0}", "symbol": "0", "filter": test})
    common: dict[str, object] = {"symbollevels": 0, "enableorderby": 0, "forceraster": 0}
    rules = tag(
        "renderer-v2", {"type": "RuleRenderer", **common},
        tag("rules", {"key": "{rules}"}, rule), tag("symbols", None, symbol),
    )  # fmt: skip
    inverted = {"type": "invertedPolygonRenderer", "preprocessing": 1, **common}
    return tag("renderer-v2", inverted, rules) + words("layerGeometryType", 2)
