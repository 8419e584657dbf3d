"""``out/results.gpkg``: every result layer and table, styled, with Chinese field titles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

from yanshan_gis.publish.default_styles import write_default_styles
from yanshan_gis.publish.fields import shown_fields
from yanshan_gis.publish.qml import layer_qml
from yanshan_gis.publish.style import resolve_style
from yanshan_gis.store.geopackage import edit

if TYPE_CHECKING:
    from yanshan_gis.content import LayerDef
    from yanshan_gis.run import Outcome


def write_results(
    path: Path, outcomes: Iterable[Outcome], layers: Mapping[str, LayerDef], *, stamp: date
) -> None:
    """Write all results into one GeoPackage that QGIS opens styled.

    Parameters
    ----------
    path
        ``out/results.gpkg``; replaced as one step.
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
    styles: dict[str, str] = {}
    with edit(path, stamp=stamp, fresh=True) as draft:
        for outcome in outcomes:
            recipe, result = outcome.recipe, outcome.result
            for name, frame in {**result.layers, **result.tables}.items():
                described = recipe.results.get(name)
                fields = shown_fields(recipe, name, frame.columns, layers)
                table = f"{recipe.name}__{name}"
                title = described.title if described else None
                draft.write(table, frame, title=title, fields=fields)
                if described and isinstance(frame, gpd.GeoDataFrame) and len(frame):
                    resolved = resolve_style(described.style, fields, frame, language="zh")
                    styles[table] = layer_qml(resolved, [c for c in frame.columns if c != "geometry"])
        if styles:
            write_default_styles(draft.path, styles, update_time=stamp)
