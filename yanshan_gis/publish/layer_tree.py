"""The layers of a county and of its results in the groups in which a reader looks for them.

A QGIS project, a web map and a file for a globe show the same layers under the same titles and in
the same order: this one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd

from yanshan_gis.content import Title
from yanshan_gis.publish.fields import shown_fields
from yanshan_gis.publish.style import resolve_style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from yanshan_gis.content import FieldDef, LayerDef, Style
    from yanshan_gis.layer import Layer
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.style import ResolvedStyle
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace

Store = Literal["layers", "results"]

_COLUMN = re.compile(r"column-\d+$")
_GROUPS = {
    "analyses": Title(zh="分析成果", en="Analyses"),
    "columns": Title(zh="规划专栏", en="Special columns"),
    "theme": Title(zh="专题要素", en="Themes"),
    "basis": Title(zh="底图要素", en="Base map"),
    "raster": Title(zh="栅格", en="Rasters"),
}
_LAYER_GROUPS = {"theme": "theme", "plan": "theme", "basis": "basis", "raster": "raster"}


@dataclass(frozen=True)
class TreeLayer:
    """One layer of the tree.

    Parameters
    ----------
    table
        Its table: ``villages`` of the workspace's layers, ``<recipe>__<layer>`` of the results.
        For a raster, a name of the same form.
    store
        Which GeoPackage holds it: the workspace's ``layers.gpkg`` or ``out/results.gpkg``.
    title
        In the wanted language.
    frame
        The rows, in the workspace's CRS; None for a raster.
    style
        How they are drawn; for a raster, its definition is in `raster_style`.
    fields
        Definitions of the columns that have one.
    raster
        The file of a raster.
    raster_style
        Classes of a raster's value as the content file has them.
    modelled
        True where it rests on modelled data.
    visible
        Whether a reader sees it at once: what is not, is switched on.
    """

    table: str
    store: Store
    title: str
    frame: Any = None
    style: ResolvedStyle | None = None
    fields: Mapping[str, FieldDef] = field(default_factory=dict)
    raster: Path | None = None
    raster_style: Style | None = None
    modelled: bool = False
    visible: bool = False


@dataclass(frozen=True)
class TreeGroup:
    """Layers under one heading.

    Parameters
    ----------
    key
        ``analyses``, ``columns``, ``theme``, ``basis``, ``raster``, or the name of a recipe.
    title
        In the wanted language.
    layers
        Top first.
    groups
        Groups within, top first.
    """

    key: str
    title: str
    layers: tuple[TreeLayer, ...] = ()
    groups: tuple[TreeGroup, ...] = ()

    def walk(self) -> Iterator[TreeLayer]:
        """Go through all layers, top first.

        Yields
        ------
        TreeLayer
            Its own and those of the groups within.
        """
        yield from self.layers
        for group in self.groups:
            yield from group.walk()


def build_tree(
    workspace: Workspace, outcomes: Sequence[Outcome], language: Language
) -> tuple[TreeGroup, ...]:
    """Gather all layers that can be shown on a map.

    Parameters
    ----------
    workspace
        The county.
    outcomes
        Finished recipes, with their layers.
    language
        Of titles and words.

    Returns
    -------
    tuple of TreeGroup
        Top first; groups without layers are left out, as are layers without rows.
    """
    found: dict[str, tuple[list[TreeLayer], list[TreeGroup]]] = {k: ([], []) for k in _GROUPS}
    for outcome in outcomes:
        if group := _result_group(outcome, workspace, language):
            column = _COLUMN.match(outcome.recipe.name)
            found["columns" if column else "analyses"][1].append(group)
    for layer in _in_drawing_order(workspace):
        kind = _LAYER_GROUPS[layer.definition.group]
        found[kind][0].append(_workspace_layer(layer, language))
    return tuple(
        TreeGroup(key, title.get(language), tuple(found[key][0]), tuple(found[key][1]))
        for key, title in _GROUPS.items()
        if any(found[key])
    )


def _in_drawing_order(workspace: Workspace) -> list[Layer]:
    """Put points above lines above areas, as a reader expects."""
    order = {"point": 0, "line": 1, "polygon": 2}

    def rank(layer: Layer) -> tuple[int, str]:
        geometry = layer.definition.geometry[0].casefold()
        kind = next((k for k in order if k in geometry), "polygon")
        filled = kind == "polygon" and layer.definition.style.symbol.fill
        return (order[kind] + filled, layer.name)

    read = (workspace.read(name) for name in workspace.records())
    shown = [layer for layer in read if layer is not None and _can_be_drawn(layer)]
    return sorted(shown, key=rank)


def _can_be_drawn(layer: Layer) -> bool:
    return layer.raster is not None or _has_places(layer.frame)


def _has_places(frame: Any) -> bool:
    return isinstance(frame, gpd.GeoDataFrame) and bool(
        (~(frame.geometry.isna() | frame.geometry.is_empty)).any()
    )


def _workspace_layer(layer: Layer, language: Language) -> TreeLayer:
    definition = layer.definition
    title = definition.title.get(language)
    base = TreeLayer(
        layer.name, "layers", title, fields=definition.fields, modelled=layer.modelled,
        visible=definition.group == "basis" and not _covers(definition),
    )  # fmt: skip
    return _with_content(base, layer.frame, layer.raster, definition.style, language)


def _covers(definition: LayerDef) -> bool:
    """Tell whether a layer hides what lies beneath: filled areas do, borders do not."""
    return "Polygon" in definition.geometry and definition.style.symbol.fill


def _with_content(
    base: TreeLayer, frame: Any, raster: Path | None, style: Style, language: Language
) -> TreeLayer:
    if raster is not None:
        return replace(base, raster=raster, raster_style=style)
    resolved = resolve_style(style, base.fields, frame, title=base.title, language=language)
    return replace(base, frame=frame, style=resolved)


def _result_group(outcome: Outcome, workspace: Workspace, language: Language) -> TreeGroup | None:
    recipe, result = outcome.recipe, outcome.result
    layers = []
    for name, content in _ordered(recipe.sheet.results if recipe.sheet else (), result):
        described = recipe.results.get(name)
        raster = content if isinstance(content, Path) else None
        if described is None or (raster is None and not _has_places(content)):
            continue
        columns = () if raster else content.columns
        base = TreeLayer(
            f"{recipe.name}__{name}", "results", described.title.get(language),
            fields=shown_fields(recipe, name, columns, workspace.layer_catalogue)
            if raster is None else described.fields,
            modelled=bool(result.modelled),
        )  # fmt: skip
        layers.append(
            _with_content(base, None if raster else content, raster, described.style, language)
        )
    return TreeGroup(recipe.name, recipe.title.get(language), tuple(layers)) if layers else None


def _ordered(first: Iterable[str], result: Any) -> Iterator[tuple[str, Any]]:
    """Go through a result's layers and rasters, those of its sheet first and in its order."""
    everything: dict[str, Any] = {**result.layers, **result.rasters}
    order = dict.fromkeys([*(n for n in first if n in everything), *everything])
    yield from ((name, everything[name]) for name in order)
