"""What a QGIS project shows at a time: the sheets of finished recipes, and the base map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yanshan_gis.errors import DataError
from yanshan_gis.publish.emphasis import behind_theme
from yanshan_gis.publish.features import DrawnLayer
from yanshan_gis.publish.page import Page
from yanshan_gis.publish.qgis_layers import (
    DEFAULT,
    GROUND,
    HILLSHADE,
    QUIET,
    SILENT,
    WITHOUT_LEGEND,
)
from yanshan_gis.publish.result_sheet import compose, origins
from yanshan_gis.publish.sheet import lay_out
from yanshan_gis.publish.sheet_content import SheetContent
from yanshan_gis.publish.words import scenario_marks, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.layer_tree import TreeGroup, TreeLayer
    from yanshan_gis.publish.mapframe import MapFrame
    from yanshan_gis.publish.page import Layout
    from yanshan_gis.publish.publication import Publication
    from yanshan_gis.publish.style import ResolvedStyle
    from yanshan_gis.run import Outcome


@dataclass(frozen=True)
class Shown:
    """One layer of a theme.

    Parameters
    ----------
    table
        As the tree names it.
    style
        Which of its styles is drawn.
    """

    table: str
    style: str = DEFAULT


@dataclass(frozen=True)
class Theme:
    """Layers shown together.

    Parameters
    ----------
    title
        Unlike that of any other theme.
    layers
        Top first.
    """

    title: str
    layers: tuple[Shown, ...]


@dataclass(frozen=True)
class SheetTheme(Theme):
    """The layers of a recipe's sheet, and what else the sheet says.

    Parameters
    ----------
    recipe
        Its name.
    content
        What the sheet shows.
    frame
        The sheet's map: place on paper, ground and scale.
    layout
        Where everything else stands.
    """

    recipe: str
    content: SheetContent
    frame: MapFrame
    layout: Layout


def base_theme(tree: Sequence[TreeGroup], language: Language) -> Theme:
    """Name the layers of the base map.

    Parameters
    ----------
    tree
        All layers.
    language
        Of the title.

    Returns
    -------
    Theme
        The basis layers that a reader sees at once.
    """
    basis = [x for group in tree if group.key == "basis" for x in group.walk() if x.visible]
    texts = {layer.table: _texts(layer.frame, layer.style) for layer in basis}
    shown = (
        Shown(layer.table, SILENT if _said(layer.table, layer.style, texts) else DEFAULT)
        for layer in basis
    )
    ground = [Shown(GROUND)] if any(_is_area(x) for x in basis if x.table == "county") else []
    return Theme(word("basis", language), (*shown, *ground))


def _is_area(layer: TreeLayer) -> bool:
    return layer.style is not None and layer.style.kind == "polygon"


def _texts(frame: Any, style: ResolvedStyle | None) -> set[str]:
    """List the labels a layer asks for."""
    if style is None or style.label is None or style.label.field not in frame:
        return set()
    return {str(text) for text in frame[style.label.field].dropna()}


def _said(name: str, style: ResolvedStyle | None, texts: Mapping[str, set[str]]) -> bool:
    """Tell whether other layers say all that the label of an area says."""
    others = (text for other, found in texts.items() if other != name for text in found)
    return style is not None and style.kind == "polygon" and texts[name] <= set(others)


def sheet_themes(publication: Publication, tables: set[str]) -> list[SheetTheme]:
    """Name the layers of each sheet that has a map.

    Parameters
    ----------
    publication
        What is published.
    tables
        What the tree holds.

    Returns
    -------
    list of SheetTheme
        In the order of the outcomes.
    """
    themes: list[SheetTheme] = []
    for outcome in publication.outcomes:
        theme = _sheet_theme(publication, outcome, tables, {theme.title for theme in themes})
        if theme is not None:
            themes.append(theme)
    return themes


def _sheet_theme(
    publication: Publication, outcome: Outcome, tables: set[str], taken: set[str]
) -> SheetTheme | None:
    sheet, language = outcome.recipe.sheet, publication.language
    if sheet is None or sheet.board or outcome.result.status == "not_computable":
        return None
    try:
        content = compose(publication.workspace, outcome, language)
    except DataError:  # nothing on the map
        return None
    layers = tuple(shown for shown in _shown(outcome.recipe.name, content) if shown.table in tables)
    if all(shown.table in WITHOUT_LEGEND for shown in layers):
        return None
    title = sheet.title.get(language)
    if title in taken:
        title += word("bracket", language, text=outcome.recipe.name)
    frame, _, layout = lay_out(content, Page.of(), language)
    return SheetTheme(title, layers, outcome.recipe.name, content, frame, layout)


def _shown(recipe: str, content: SheetContent) -> Iterator[Shown]:
    basis = [
        layer for layer in content.layers
        if isinstance(layer, DrawnLayer) and layer.group == "basis"
    ]  # fmt: skip
    styles = {layer.name: behind_theme(layer.style, len(layer.frame)) for layer in basis}
    texts = {layer.name: _texts(layer.frame, styles[layer.name]) for layer in basis}
    for layer in content.layers:
        if layer.name not in texts:
            yield Shown(f"{recipe}__{layer.name}")
        else:
            said = _said(layer.name, layer.style, texts)
            yield Shown(layer.name, SILENT if said else QUIET)
    yield Shown(GROUND)
    if content.relief is not None:
        yield Shown(HILLSHADE)


def base_content(publication: Publication, tree: Sequence[TreeGroup], theme: Theme) -> SheetContent:
    """Gather what stands around a map of the base map.

    Parameters
    ----------
    publication
        What is published.
    tree
        All layers.
    theme
        The base map.

    Returns
    -------
    SheetContent
        Without layers, figures and notes.
    """
    workspace, language = publication.workspace, publication.language
    tables = [shown.table for shown in theme.layers]
    layers = [x for group in tree for x in group.walk() if x.table in tables]
    extent = extent_of(tree)
    return SheetContent(
        title=word("project_title", language, county=workspace.county.name.get(language)),
        layers=(), county=workspace.county, crs=extent.crs, extent=extent, stamp=workspace.stamp,
        data_date=workspace.data_date, sources=tuple(origins(workspace, tables)),
        modelled=tuple(layer.title for layer in layers if layer.modelled),
        scenarios=scenario_marks((o.result for o in publication.outcomes), language),
    )  # fmt: skip


def extent_of(tree: Sequence[TreeGroup]) -> Any:
    """Find the features that show how far the county reaches.

    Parameters
    ----------
    tree
        All layers, with at least one that has rows.

    Returns
    -------
    geopandas.GeoDataFrame
        County, townships, or the layer that reaches furthest.
    """
    frames = {x.table: x.frame for group in tree for x in group.walk() if x.frame is not None}
    for name in ("county", "townships"):
        if name in frames:
            return frames[name]

    def reach(frame: Any) -> float:
        x_min, y_min, x_max, y_max = frame.total_bounds
        return float((x_max - x_min) * (y_max - y_min))

    return max(frames.values(), key=reach)
