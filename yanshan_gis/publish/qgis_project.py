"""A QGIS project: layers in groups, map themes, print layouts, what it is about.

QGIS itself is not needed to write it. Everything in it follows from the layers and results, so the
same ones give the same text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from yanshan_gis.publish.imprint import imprint_lines, note_lines
from yanshan_gis.publish.qgis_layers import (
    DEFAULT,
    GROUND,
    HILLSHADE,
    MASK,
    ProjectLayer,
    drawing_order,
    layer_element,
    project_layers,
)
from yanshan_gis.publish.qgis_layout import atlas_layout, sheet_layout
from yanshan_gis.publish.qgis_mask import ground_mask, page_mask
from yanshan_gis.publish.qgis_themes import (
    SheetTheme,
    Shown,
    Theme,
    base_content,
    base_theme,
    extent_of,
    sheet_themes,
)
from yanshan_gis.publish.qgis_xml import spatial_reference, tag, words
from yanshan_gis.publish.words import listed, word
from yanshan_gis.store.results import described_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.layer_tree import TreeGroup
    from yanshan_gis.publish.publication import Publication
    from yanshan_gis.publish.sheet_content import SheetContent

_VERSION = "3.22.0"
_AROUND = 0.04  # of the county's extent, kept free when the project opens
_COMPANIONS = {"townships": MASK, "county": GROUND, "elevation": HILLSHADE}
_ABOVE_SHEET = 1.01  # so that a sheet's own scale is never just beyond a limit


@dataclass(frozen=True)
class Project:
    """All parts of a project, before they are written.

    Parameters
    ----------
    publication
        What is published.
    tree
        All layers in groups.
    layers
        How they are drawn, by table.
    base
        The base map.
    sheets
        The sheets.
    content
        What stands around a map of the base map.
    crs
        The project's.
    """

    publication: Publication
    tree: Sequence[TreeGroup]
    layers: dict[str, ProjectLayer]
    base: Theme
    sheets: Sequence[SheetTheme]
    content: SheetContent
    crs: Any

    @property
    def language(self) -> Language:
        """Of all words."""
        return self.publication.language

    @property
    def atlas(self) -> Theme | None:
        """What the atlas shows; None without areas of townships."""
        if MASK not in self.layers:
            return None
        return Theme(word("atlas", self.language), (Shown(MASK), *self.base.layers))


def plan_project(publication: Publication, tree: Sequence[TreeGroup]) -> Project:
    """Decide what a project holds.

    Parameters
    ----------
    publication
        What is published.
    tree
        All layers in groups, at least one.

    Returns
    -------
    Project
        To be written by `project_text`.
    """
    language = publication.language
    found = [layer for group in tree for layer in group.walk()]
    tables = {layer.table for layer in found}
    sheets = sheet_themes(publication, tables | {_COMPANIONS[t] for t in tables & {*_COMPANIONS}})
    base = base_theme(tree, language)
    content = base_content(publication, tree, base)
    scales: dict[str, int] = {}
    for sheet in sheets:
        for shown in sheet.layers:
            scale = round(sheet.frame.denominator * _ABOVE_SHEET)
            if shown.style == DEFAULT:
                scales[shown.table] = max(scale, scales.get(shown.table, 0))
    layers = project_layers(found, float(extent_of(tree).area.sum()), scales, language)
    for name, mask in (("townships", page_mask), ("county", ground_mask)):
        found_layer = layers.get(name)
        if found_layer and found_layer.layer.style and found_layer.layer.style.kind == "polygon":
            covering = mask(found_layer, language)
            layers[covering.table] = covering
    return Project(publication, tree, layers, base, sheets, content, content.crs)


def project_text(project: Project) -> str:
    """Write a project.

    Parameters
    ----------
    project
        Its parts.

    Returns
    -------
    str
        A ``.qgs`` document.
    """
    workspace = project.publication.workspace
    saved = datetime.combine(workspace.stamp, time()).isoformat()
    title = project.content.title
    about = {"projectname": title, "version": _VERSION, "saveDateTime": saved, "saveUser": "",
             "saveUserFull": ""}  # fmt: skip
    document = tag(
        "qgis", about,
        tag("homePath", {"path": ""}), words("title", title),
        tag("projectCrs", None, spatial_reference(project.crs)),
        _tree(project), _view(project), _layer_elements(project), _themes(project),
        _properties(), _metadata(project, saved), _layouts(project),
    )  # fmt: skip
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{document}\n"


def _tree(project: Project) -> str:
    groups = [_group(project, group) for group in project.tree]
    order = (words("item", key) for key in drawing_order(list(project.layers.values())))
    custom = tag("custom-order", {"enabled": 1}, *order)
    return tag("layer-tree-group", None, *groups, custom)


def _group(project: Project, group: TreeGroup, *, expanded: bool = True) -> str:
    inside = [_group(project, inner, expanded=False) for inner in group.groups]
    for layer in group.layers:
        inside.append(_leaf(project.layers[layer.table], visible=layer.visible))
        companion = project.layers.get(_COMPANIONS.get(layer.table, ""))
        if companion is not None:
            inside.append(_leaf(companion, visible=False))
    about = {"name": group.title, "expanded": expanded, "checked": "Qt::Checked"}
    return tag("layer-tree-group", about, *inside)


def _leaf(layer: ProjectLayer, *, visible: bool) -> str:
    return tag("layer-tree-layer", {
        "id": layer.key, "name": layer.title, "source": layer.source, "providerKey": layer.provider,
        "checked": "Qt::Checked" if visible else "Qt::Unchecked", "expanded": 0,
        "legend_exp": "", "patch_size": "-1,-1", "legend_split_behavior": 0,
    })  # fmt: skip


def _view(project: Project) -> str:
    """Open on the whole county."""
    x_min, y_min, x_max, y_max = (float(value) for value in project.content.extent.total_bounds)
    x_free, y_free = (x_max - x_min) * _AROUND, (y_max - y_min) * _AROUND
    box = {"xmin": x_min - x_free, "ymin": y_min - y_free,
           "xmax": x_max + x_free, "ymax": y_max + y_free}  # fmt: skip
    reference = spatial_reference(project.crs)
    canvas = tag(
        "mapcanvas", {"name": "theMapCanvas", "annotationsVisible": 1},
        words("units", "meters"), tag("extent", None, *(words(k, v) for k, v in box.items())),
        words("rotation", 0), tag("destinationsrs", None, reference),
    )  # fmt: skip
    default = tag("DefaultViewExtent", box, reference)
    return canvas + tag("ProjectViewSettings", {"UseProjectScales": 0}, tag("Scales"), default)


def _layer_elements(project: Project) -> str:
    told = _abstracts(project)
    written = []
    for layer in project.layers.values():
        crs = _raster_crs(layer) or project.crs
        written.append(layer_element(layer, crs, told.get(layer.layer.table, "")))
    return tag("projectlayers", None, *written)


def _raster_crs(layer: ProjectLayer) -> Any:
    import rasterio

    if layer.layer.raster is None:
        return None
    with rasterio.open(layer.layer.raster) as source:
        return source.crs.to_wkt() if source.crs else None


def _abstracts(project: Project) -> dict[str, str]:
    """Say of each layer where it comes from, or what a reader must know of its result."""
    publication, told = project.publication, {}
    for name, sources in publication.workspace.sources().items():
        parts = listed([source.origin for source in sources], project.language)
        told[name] = word("sources", project.language, sources=parts)
    for outcome in publication.outcomes:
        text = described_by(outcome.result)
        for name in (*outcome.result.layers, *outcome.result.rasters):
            told[f"{outcome.recipe.name}__{name}"] = text
    return told


def _themes(project: Project) -> str:
    """Write which layers are on, and in which of their styles."""
    groups = [
        words("checked-group-node", "", {"id": path})
        for group in project.tree for path in _paths(group, "")
    ]  # fmt: skip
    wanted = [project.base, *project.sheets, *([project.atlas] if project.atlas else [])]
    presets = []
    for theme in wanted:
        layers = [
            tag("layer", {"id": project.layers[shown.table].key, "visible": 1, "expanded": 0,
                          "style": shown.style})
            for shown in theme.layers
        ]  # fmt: skip
        about = {"name": theme.title, "has-checked-group-info": 1, "has-expanded-info": 0}
        checked = tag("checked-group-nodes", None, *groups)
        presets.append(tag("visibility-preset", about, *layers, checked))
    return tag("visibility-presets", None, *presets)


def _paths(group: TreeGroup, above: str) -> list[str]:
    own = f"{above}{group.title}"
    return [own, *(path for inner in group.groups for path in _paths(inner, f"{own}/"))]


def _properties() -> str:
    relative = words("Absolute", "false", {"type": "bool"})
    projected = words("ProjectionsEnabled", 1, {"type": "int"})  # else QGIS passes over projectCrs
    return tag(
        "properties", None, tag("Paths", None, relative), tag("SpatialRefSys", None, projected)
    )


def _metadata(project: Project, saved: str) -> str:
    content, language = project.content, project.language
    titles = [outcome.recipe.title.get(language) for outcome in project.publication.outcomes]
    lines = [*content.scenarios, *note_lines(content, language, with_map=True)]
    lines += imprint_lines(content, language)
    if titles:
        lines.append(word("project_analyses", language, titles=listed(titles, language)))
    if content.modelled:
        layers = listed(content.modelled, language)
        lines.append(word("modelled", language, layers=layers))
    if not content.county.map_approval:
        lines.append(word("internal", language))
    dated = [words("creation", saved)] if content.data_date else []
    return tag(
        "projectMetadata", None,
        words("identifier", content.county.code or ""), words("language", language),
        words("type", "dataset"), words("title", content.title),
        words("abstract", "\n".join(lines)), words("author", content.county.compiled_by or ""),
        *dated,
    )  # fmt: skip


def _layouts(project: Project) -> str:
    layers, language = project.layers, project.language
    written = [sheet_layout(sheet, layers, language) for sheet in project.sheets]
    if project.atlas is not None:
        written.append(_atlas(project, layers["townships"]))
    return tag("Layouts", None, *written)


def _atlas(project: Project, townships: ProjectLayer) -> str:
    columns = townships.layer.frame.columns
    sort_by = next(name for name in ("code", "id", "name") if name in columns)
    return atlas_layout(
        Theme(word("atlas", project.language), project.base.layers), project.content,
        project.layers, project.language, coverage=townships, sort_by=sort_by,
    )  # fmt: skip
