"""GeoPackages that QGIS opens styled: ``out/results.gpkg``, and the workspace's own layers.

QGIS up to 3.22 does not read Chinese field titles from the GeoPackage's schema extension; the
default style carries them as aliases too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

from yanshan_gis.errors import FileInUseError
from yanshan_gis.publish.default_styles import write_default_styles
from yanshan_gis.publish.fields import shown_fields
from yanshan_gis.publish.publication import Written
from yanshan_gis.publish.qml import layer_qml
from yanshan_gis.publish.style import resolve_style
from yanshan_gis.store.geopackage import edit
from yanshan_gis.store.in_use import check_not_in_use
from yanshan_gis.store.results import described_by

if TYPE_CHECKING:
    from yanshan_gis.content import LayerDef
    from yanshan_gis.publish.publication import Publication
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace


def publish_package(publication: Publication) -> Written:
    """Write ``out/results.gpkg``.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    Written
        No file where no result has layers or tables; a notice where another program holds the
        old one open.
    """
    workspace = publication.workspace
    path = workspace.out / "results.gpkg"
    try:
        write_results(path, publication.outcomes, workspace.layer_catalogue, stamp=workspace.stamp)
    except FileInUseError as error:
        return Written(notices=[error.notice])
    return Written([path] if path.exists() else [])


def write_results(
    path: Path, outcomes: Iterable[Outcome], layers: Mapping[str, LayerDef], *, stamp: date
) -> None:
    """Write all results into one GeoPackage that QGIS opens styled.

    Parameters
    ----------
    path
        ``out/results.gpkg``; replaced as one step, and removed where there is nothing to write.
    outcomes
        Finished recipes; those not computable have no tables.
    layers
        The layer catalogue, for titles of columns that come from inputs.
    stamp
        The data's date.

    Raises
    ------
    FileInUseError
        When another program holds the file open.
    """
    shown = [o for o in outcomes if o.result.layers or o.result.tables]
    if not shown:
        check_not_in_use(path)
        path.unlink(missing_ok=True)
        return
    styles: dict[str, str] = {}
    with edit(path, stamp=stamp, fresh=True) as draft:
        for outcome in shown:
            recipe, result = outcome.recipe, outcome.result
            for name, frame in {**result.layers, **result.tables}.items():
                described = recipe.results.get(name)
                fields = shown_fields(recipe, name, frame.columns, layers)
                table = f"{recipe.name}__{name}"
                title = described.title if described else None
                told = described_by(result)
                draft.write(table, frame, title=title, description=told, fields=fields)
                if described and isinstance(frame, gpd.GeoDataFrame) and len(frame):
                    resolved = resolve_style(described.style, fields, frame, language="zh")
                    styles[table] = layer_qml(resolved, _columns(frame))
        if styles:
            write_default_styles(draft.path, styles, update_time=stamp)


def _columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [name for name in frame.columns if name != "geometry"]


def dress_layers(workspace: Workspace) -> None:
    """Give the layers of a workspace their default styles and Chinese field names.

    Parameters
    ----------
    workspace
        The county; its ``layers.gpkg`` is changed as one step.

    Raises
    ------
    FileInUseError
        When another program holds the file open.
    """
    styles: dict[str, str] = {}
    for name, record in workspace.records().items():
        layer = None if record.raster else workspace.read(name)
        if layer is None or not len(layer) or not isinstance(layer.frame, gpd.GeoDataFrame):
            continue
        definition = layer.definition
        title = definition.title.zh
        resolved = resolve_style(definition.style, definition.fields, layer.frame, title=title)
        styles[name] = layer_qml(resolved, _columns(layer.frame))
    if styles:
        with edit(workspace.geopackage, stamp=workspace.stamp) as draft:
            write_default_styles(draft.path, styles, update_time=workspace.stamp)
