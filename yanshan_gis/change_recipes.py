"""A comparison described like a recipe, so that it is published like any result.

Titles of columns and the look of changes stand in ``analyses/_comparison.toml``; the names of
recipes, figures and layers come from the recipes that are compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import geopandas as gpd
import pandas as pd

from yanshan_gis.catalogue import bundled_content, read_definition
from yanshan_gis.content import AnalysisDef, Code, FieldDef, LayerDef, ResultDef, Title
from yanshan_gis.methods.changes import CHANGES, count_changes
from yanshan_gis.methods.comparison import shown_figure, shown_layer
from yanshan_gis.publish.fields import shown_fields
from yanshan_gis.run import Outcome

NAME = "comparison"
TOWNSHIPS = "townships"  # the small table beside a map of changes
_LISTED = ("recipe", "layer", "id", "name", "township", "change", "before", "after", "matched")
_CHANGES = "changes"  # the pattern of a layer of changes


@cache
def pattern() -> AnalysisDef:
    """Read what a comparison is called and looks like.

    Returns
    -------
    AnalysisDef
        Named ``comparison``.

    Raises
    ------
    ContentError
        When the file has problems.
    """
    path = bundled_content() / "analyses" / "_comparison.toml"
    return read_definition(path, AnalysisDef).model_copy(update={"name": NAME})


def _coded(title: Title, codes: Mapping[str, Title]) -> FieldDef:
    spelled = {key: Code(zh=found.zh, en=found.en) for key, found in codes.items()}
    if not spelled:
        return FieldDef(type="text", title=title)
    return FieldDef(type="code", title=title, codes=spelled)


def tables_recipe(recipes: Sequence[AnalysisDef]) -> AnalysisDef:
    """Describe the tables of a comparison.

    Parameters
    ----------
    recipes
        Those compared, and those beneath them.

    Returns
    -------
    AnalysisDef
        Its columns ``recipe``, ``figure`` and ``layer`` speak in the recipes' titles.
    """
    common = {
        "recipe": _coded(
            Title(zh="分析", en="Analysis"), {recipe.name: recipe.title for recipe in recipes}
        ),
        "figure": _coded(
            Title(zh="指标", en="Figure"),
            {shown_figure(r.name, key): f for r in recipes for key, f in r.figures.items()},
        ),
        "layer": _coded(
            Title(zh="图层", en="Layer"),
            {shown_layer(r.name, key): d.title for r in recipes for key, d in r.results.items()},
        ),
    }
    base = pattern()
    shared = {**base.results["figures"].fields, **base.results[_CHANGES].fields}
    results = {
        name: described.model_copy(update={"fields": {**shared, **described.fields, **common}})
        for name, described in base.results.items()
    }
    return base.model_copy(update={"results": results})


def change_recipe(
    recipe: AnalysisDef, layers: Mapping[str, gpd.GeoDataFrame], catalogue: Mapping[str, LayerDef]
) -> AnalysisDef:
    """Describe the layers of changes of a recipe, and the sheet on which they are drawn.

    Parameters
    ----------
    recipe
        The recipe that is compared.
    layers
        Changes by layer.
    catalogue
        The layer catalogue, for titles of columns that come from inputs.

    Returns
    -------
    AnalysisDef
        Without a sheet where the recipe has none, or none of its layers is on it.
    """
    base = pattern()
    results = {
        name: _change_result(recipe, name, frame, catalogue) for name, frame in layers.items()
    }
    results[TOWNSHIPS] = base.results[TOWNSHIPS]
    sheet = None
    drawn = [name for name in recipe.sheet.results if name in layers] if recipe.sheet else []
    if recipe.sheet is not None and drawn:
        title = recipe.sheet.title
        sheet = recipe.sheet.model_copy(
            update={
                "title": Title(zh=f"{title.zh.removesuffix('图')}变化图", en=f"{title.en}: change"),
                "results": tuple(drawn),
                "table": TOWNSHIPS,
                "lists": (),
                "board": None,
            }
        )
    return recipe.model_copy(
        update={
            "title": Title(zh=f"{recipe.title.zh}：变化", en=f"{recipe.title.en}: change"),
            "results": results,
            "lists": {},
            "parameters": {},
            "sheet": sheet,
        }
    )


def _change_result(
    recipe: AnalysisDef, name: str, frame: pd.DataFrame, catalogue: Mapping[str, LayerDef]
) -> ResultDef:
    """Describe one layer of changes: its two columns of state mean what the recipe's does."""
    like = pattern().results[_CHANGES]
    own = recipe.results.get(name)
    fields = dict(like.fields)
    by = own.style.by if own else None
    found = shown_fields(recipe, name, [by], catalogue).get(by) if by else None
    if found is not None and "before" in frame:
        for side, zh, en in (("before", "（前）", " before"), ("after", "（后）", " after")):
            title = Title(zh=found.title.zh + zh, en=found.title.en + en)
            fields[side] = found.model_copy(update={"title": title})
    title = own.title if own else Title(zh=name, en=name)
    return ResultDef(
        title=Title(zh=f"{title.zh}：变化", en=f"{title.en}: change"),
        fields=fields,
        style=like.style,
    )


def layer_table(changes: Sequence[Outcome]) -> pd.DataFrame:
    """Count the features of every layer by what became of them.

    Parameters
    ----------
    changes
        Layers of changes, by recipe.

    Returns
    -------
    pandas.DataFrame
        ``recipe``, ``layer`` and one column per kind of change.
    """
    rows = [
        {
            "recipe": outcome.recipe.name,
            "layer": shown_layer(outcome.recipe.name, name),
            **count_changes(frame),
        }
        for outcome in changes
        for name, frame in outcome.result.layers.items()
    ]
    order = ["gained", "lost", "changed", "only_after", "only_before", "unchanged"]
    table = pd.DataFrame(rows, columns=["recipe", "layer", *order])
    return table.astype(dict.fromkeys(CHANGES, "Int64"))


def feature_table(changes: Sequence[Outcome]) -> pd.DataFrame:
    """List every feature that changed.

    Parameters
    ----------
    changes
        Layers of changes, by recipe.

    Returns
    -------
    pandas.DataFrame
        ``recipe`` ``layer`` ``id`` ``name`` ``township`` ``change`` ``before`` ``after``
        ``matched``.
    """
    rows = [
        {"recipe": outcome.recipe.name, "layer": shown_layer(outcome.recipe.name, name), **row}
        for outcome in changes
        for name, frame in outcome.result.layers.items()
        for row in frame[frame["change"] != "unchanged"].drop(columns="geometry").to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(_LISTED)).astype(object)
