"""The layers of a QGIS project: where their rows are, and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yanshan_gis.publish.emphasis import behind_theme
from yanshan_gis.publish.features import LONGEST_CODE
from yanshan_gis.publish.qgis_raster import hillshade_pipe, raster_pipe
from yanshan_gis.publish.qgis_scales import find_limits
from yanshan_gis.publish.qgis_xml import spatial_reference, tag, words
from yanshan_gis.publish.qml import field_titles, labeling
from yanshan_gis.publish.qml_renderer import quoted, renderer
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.layer_tree import TreeLayer
    from yanshan_gis.publish.style import ResolvedStyle

PACKAGES = {"layers": "layers.gpkg", "results": "results.gpkg"}
RASTERS = "rasters"
QUIET = "quiet"  # the style of a layer behind a theme
SILENT = "silent"  # the same without labels, where another layer says them
DEFAULT = "default"  # QGIS's own name of a layer's first style
HILLSHADE = "elevation__hillshade"
MASK = "townships__surroundings"  # veils what lies beyond an atlas page's township
GROUND = "county__ground"  # covers what lies beyond the county
WITHOUT_LEGEND = (HILLSHADE, MASK, GROUND)
_GEOMETRY_TYPE = {"point": 0, "line": 1, "polygon": 2}
_RASTER_LEVEL = 0.0
_LEVELS = {"polygon": 10.0, "line": 30.0, "point": 50.0}  # as on the sheets
_BORDERS, _RESULTS_ABOVE = 25.0, 5.0


@dataclass(frozen=True)
class ProjectLayer:
    """One layer of a QGIS project.

    Parameters
    ----------
    table
        As the tree names it.
    title
        In the tree; says so where it rests on modelled data.
    layer
        What the tree says of it.
    level
        Height in the drawing.
    styles
        By name, the one in use first: the elements that say how it is drawn.
    limit
        N of the smallest scale at which any of it is drawn; None for all.
    """

    table: str
    title: str
    layer: TreeLayer
    level: float
    styles: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None

    @property
    def key(self) -> str:
        """Its id in the project; QGIS replaces ids of ten characters and fewer."""
        return f"map_layer__{self.table}"

    @property
    def provider(self) -> str:
        """Which part of QGIS reads it."""
        return "ogr" if self.layer.raster is None else "gdal"

    @property
    def source(self) -> str:
        """Where it is, as seen from the project."""
        if self.layer.raster is not None:
            return f"./{RASTERS}/{self.layer.raster.name}"
        return f"./{PACKAGES[self.layer.store]}|layername={self.layer.table}"


def project_layers(
    layers: Iterable[TreeLayer],
    area_m2: float,
    scales: Mapping[str, int],
    language: Language,
) -> dict[str, ProjectLayer]:
    """Decide how each layer of the tree is drawn.

    Parameters
    ----------
    layers
        Top first.
    area_m2
        Of the county.
    scales
        By table, N of the smallest scale of a sheet that draws it whole.
    language
        Of titles and legends.

    Returns
    -------
    dict
        By table, in the order given; a hillshade follows the elevation.
    """
    found: dict[str, ProjectLayer] = {}
    for layer in layers:
        title = word("modelled_layer", language, title=layer.title)
        title = title if layer.modelled else layer.title
        if layer.style is not None:
            at_least = scales.get(layer.table, 0)
            found[layer.table] = _vector(layer, layer.style, title, area_m2, at_least)
            continue
        pipe = raster_pipe(layer, language)
        found[layer.table] = ProjectLayer(layer.table, title, layer, _RASTER_LEVEL, {DEFAULT: pipe})
        if layer.table == "elevation":
            shade = ProjectLayer(
                HILLSHADE, word("hillshade", language), layer, _RASTER_LEVEL - 1.0,
                {DEFAULT: hillshade_pipe()},
            )  # fmt: skip
            found[HILLSHADE] = shade
    return found


def _vector(
    layer: TreeLayer, style: ResolvedStyle, title: str, area_m2: float, at_least: int
) -> ProjectLayer:
    frame, basis = layer.frame, layer.store == "layers"
    limits = find_limits(frame, style, area_m2, ranked=basis, at_least=at_least)
    columns = [name for name in frame.columns if name != frame.geometry.name]
    titles = field_titles(style, columns)
    only = None
    if basis and style.kind == "line" and style.label:
        only = f"length({quoted(style.label.field)}) <= {LONGEST_CODE}"
    by_class = limits.classes if limits.layer is None or basis else ()
    kind = words("layerGeometryType", _GEOMETRY_TYPE[style.kind])
    label = labeling(style, limits.labels, only=only)
    styles = {DEFAULT: titles + renderer(style, by_class) + label + kind}
    if basis:
        quiet = behind_theme(style, len(frame))
        label = labeling(quiet, only=only)
        styles[QUIET] = titles + renderer(quiet) + label + kind
        styles[SILENT] = titles + renderer(quiet) + kind
    return ProjectLayer(layer.table, title, layer, _level(style, basis), styles, limits.layer)


def _level(style: ResolvedStyle, basis: bool) -> float:
    """Put points above lines above borders above areas, whatever group they are in."""
    symbols = [item.symbol for item in style.classes]
    if style.kind == "polygon" and not any(symbol.fill for symbol in symbols):
        return _BORDERS + max(symbol.outline_mm for symbol in symbols)
    return _LEVELS[style.kind] + (0.0 if basis else _RESULTS_ABOVE)


def drawing_order(layers: Sequence[ProjectLayer]) -> list[str]:
    """Order layers as they are drawn.

    Parameters
    ----------
    layers
        As in the tree, top first.

    Returns
    -------
    list of str
        Keys, top first.
    """
    return [layer.key for layer in sorted(layers, key=lambda layer: -layer.level)]


def layer_element(layer: ProjectLayer, crs: Any, abstract: str) -> str:
    """Write a layer of the project.

    Parameters
    ----------
    layer
        The layer.
    crs
        Of its rows or cells.
    abstract
        What a reader must know of it.

    Returns
    -------
    str
        A ``maplayer`` element.
    """
    vector = layer.layer.raster is None
    style = layer.styles[DEFAULT]
    attributes: dict[str, object] = {
        "type": "vector" if vector else "raster", "styleCategories": "AllStyleCategories",
        **_scale_visibility(layer.limit),
    }  # fmt: skip
    if vector and layer.layer.style is not None:
        attributes["geometry"] = layer.layer.style.kind.capitalize()
        attributes["labelsEnabled"] = "<labeling" in style
    return tag(
        "maplayer", attributes,
        words("id", layer.key), words("datasource", layer.source), words("layername", layer.title),
        tag("srs", None, spatial_reference(crs)),
        tag("resourceMetadata", None, words("title", layer.title), words("abstract", abstract)),
        words("provider", layer.provider, {"encoding": "UTF-8"} if vector else None),
        _style_manager(layer),
        style,
    )  # fmt: skip


def _scale_visibility(limit: int | None) -> dict[str, object]:
    if limit is None:
        return {"hasScaleBasedVisibilityFlag": 0}
    return {"hasScaleBasedVisibilityFlag": 1, "minScale": limit, "maxScale": 0}


def _style_manager(layer: ProjectLayer) -> str:
    """Write the styles that are not in use; QGIS swaps them when a theme asks for one."""
    others = (
        tag(
            "map-layer-style", {"name": name},
            tag("qgis", {"version": "3.22.0", "styleCategories": "AllStyleCategories",
                         "labelsEnabled": "<labeling" in style, **_scale_visibility(None)}, style),
        )
        for name, style in layer.styles.items() if name != DEFAULT
    )  # fmt: skip
    current = tag("map-layer-style", {"name": DEFAULT})
    return tag("map-layer-style-manager", {"current": DEFAULT}, current, *others)
