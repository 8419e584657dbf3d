"""What became of every feature of a result between two states of a county: gained, lost, changed.

A feature is gained when the recipe's figure counts it now and did not before; where no figure
counts features one by one, when it turned from no to yes in the column the layer is drawn by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.methods.same_features import OTHER_NAMES, Known, match_features

if TYPE_CHECKING:
    from yanshan_gis.content import AnalysisDef, Counted, Style
    from yanshan_gis.result import Result

# What may become of a feature; drawn in this order, the last on top.
CHANGES = ("unchanged", "only_before", "only_after", "changed", "lost", "gained")


def counted_by(recipe: AnalysisDef, result: Result, layer: str) -> Counted | None:
    """Tell which rows of a layer a figure counts: the headline, else the first that does.

    Parameters
    ----------
    recipe
        Describes its figures.
    result
        Of the recipe; says which figure is the headline.
    layer
        A result layer.

    Returns
    -------
    Counted or None
        None where no figure counts rows of the layer.
    """
    heads = [i.key for i in result.indicators if i.headline]
    for key in [*heads, *recipe.figures]:
        figure = recipe.figures.get(key)
        if figure is not None and figure.counts is not None and figure.counts.layer == layer:
            return figure.counts
    return None


def counted_rows(frame: pd.DataFrame, counted: Counted) -> NDArray[np.bool_]:
    """Tell which rows a figure counts.

    Parameters
    ----------
    frame
        The layer.
    counted
        The figure's conditions.

    Returns
    -------
    numpy.ndarray
        Shape (n,); none where a column is absent.
    """
    found = np.ones(len(frame), dtype=bool)
    for column, wanted in counted.only.items():
        if column not in frame:
            return np.zeros(len(frame), dtype=bool)
        values = [wanted] if isinstance(wanted, str | bool) else list(wanted)
        found &= frame[column].astype(object).isin(values).to_numpy()
    return found


def changed_features(
    recipe: AnalysisDef, layer: str, before: Result, after: Result, known: Known
) -> gpd.GeoDataFrame | None:
    """Tell what became of every feature of a layer.

    Parameters
    ----------
    recipe
        Says what its figures count and by which column the layer is drawn.
    layer
        A result layer that both sides have.
    before, after
        The two results.
    known
        Name tables, and how permanent ids begin.

    Returns
    -------
    geopandas.GeoDataFrame or None
        ``id`` (of the later side where it has one), ``name``, ``township``, ``change`` (of
        `CHANGES`), ``before`` and ``after`` (the column the layer is drawn by, where there is
        one), ``matched``, ``before_id`` (where the earlier side has another), ``label`` (the name
        of what changed), ``name_before`` (where it was another under the same id, and no table of
        names knows it); unchanged features first. None where nothing is permanent.
    """
    one, two = before.layers[layer], after.layers[layer]
    pairs = match_features(one, two, known)
    if pairs is None:
        return None
    style = recipe.results[layer].style if layer in recipe.results else None
    counted = counted_by(recipe, after, layer)
    table = pd.DataFrame({"id": _told("id", one, two, pairs, "road_id")})
    for column in ("name", "township"):
        if column in one or column in two:
            table[column] = _told(column, one, two, pairs)
    table["change"] = _change(one, two, pairs, style, counted)
    if style is not None and style.by is not None and style.by in one and style.by in two:
        table["before"] = _cells(one, style.by, pairs["before"])
        table["after"] = _cells(two, style.by, pairs["after"])
    table["matched"] = pairs["matched"]
    table["before_id"] = _before_id(one, two, pairs)
    if "name" in one and "name" in two:
        told = _told("name", one, two, pairs)
        still = table["change"] == "unchanged"
        table["label"] = [None if same else name for name, same in zip(told, still, strict=True)]
        table["name_before"] = _other_name(one, two, pairs, known)
    shapes = _told("geometry", one, two, pairs)
    frame = gpd.GeoDataFrame(table, geometry=np.asarray(shapes, dtype=object), crs=two.crs)
    rank = frame["change"].map({change: at for at, change in enumerate(CHANGES)})
    return frame.iloc[np.argsort(rank.to_numpy(), kind="stable")].reset_index(drop=True)


def _before_id(one: pd.DataFrame, two: pd.DataFrame, pairs: pd.DataFrame) -> list[Any]:
    if "id" not in one or "id" not in two or "road_id" in two:
        return [None] * len(pairs)
    ids = zip(_cells(one, "id", pairs["before"]), _cells(two, "id", pairs["after"]), strict=True)
    return [a if b is not None and a != b else None for a, b in ids]


def _other_name(
    one: pd.DataFrame, two: pd.DataFrame, pairs: pd.DataFrame, known: Known
) -> list[Any]:
    """Return earlier names of features that have another one now, unless a name table knows it."""
    if "id" not in two:
        return [None] * len(pairs)
    told = {(r.id, r.name) for r in (*known.before, *known.after) if r.kind in OTHER_NAMES}
    cells = zip(
        _cells(two, "id", pairs["after"]),
        _cells(one, "name", pairs["before"]),
        _cells(two, "name", pairs["after"]),
        pairs["matched"],
        strict=True,
    )
    return [
        a if matched == "id" and a and b and a != b and not {(i, a), (i, b)} & told else None
        for i, a, b, matched in cells
    ]


def _cells(frame: pd.DataFrame, column: str, rows: pd.Series) -> list[Any]:
    values = frame[column].astype(object).to_numpy()
    return [None if row < 0 or pd.isna(values[row]) else values[row] for row in rows]


def _told(
    column: str, one: pd.DataFrame, two: pd.DataFrame, pairs: pd.DataFrame, instead: str = ""
) -> list[Any]:
    """Return a column as the later side tells it, else the earlier."""
    sides = []
    for frame, rows in ((two, pairs["after"]), (one, pairs["before"])):
        name = instead if instead in frame else column
        sides.append(_cells(frame, name, rows) if name in frame else [None] * len(pairs))
    return [a if a is not None else b for a, b in zip(*sides, strict=True)]


def _change(
    one: pd.DataFrame,
    two: pd.DataFrame,
    pairs: pd.DataFrame,
    style: Style | None,
    counted: Counted | None,
) -> NDArray[np.object_]:
    rows_one, rows_two = pairs["before"].to_numpy(), pairs["after"].to_numpy()
    gone, new = rows_two < 0, rows_one < 0
    counts_one, counts_two = (_counts(frame, style, counted) for frame in (one, two))
    was, now = counts_one[rows_one] & ~new, counts_two[rows_two] & ~gone
    class_one, class_two = (_classes(frame, style) for frame in (one, two))
    differs = class_one[rows_one] != class_two[rows_two]
    return np.select(
        [gone, new, now & ~was, was & ~now, differs],
        ["only_before", "only_after", "gained", "lost", "changed"],
        default="unchanged",
    ).astype(object)


def _counts(frame: pd.DataFrame, style: Style | None, counted: Counted | None) -> NDArray[np.bool_]:
    """Tell which rows count: by a figure, else by the yes or no that the layer is drawn by.

    One row more than the frame has, for features it lacks.
    """
    none = np.zeros(len(frame) + 1, dtype=bool)
    if counted is not None:
        none[:-1] = counted_rows(frame, counted)
    elif (
        style is not None
        and style.by in frame
        and {True, False} & {item.value for item in style.classes if isinstance(item.value, bool)}
    ):
        none[:-1] = frame[style.by].astype(object).isin([True]).to_numpy()
    return none


def _classes(frame: pd.DataFrame, style: Style | None) -> NDArray[np.object_]:
    """Tell in which class of its style each row falls; one row more for features it lacks."""
    found = np.full(len(frame) + 1, "", dtype=object)
    if style is None or style.by is None or style.by not in frame:
        return found
    values = frame[style.by]
    for number, item in enumerate(style.classes, 1):
        if item.holds_range():
            numbers = values.to_numpy(dtype=float, na_value=np.nan)
            low = -np.inf if item.minimum is None else item.minimum
            high = np.inf if item.maximum is None else item.maximum
            found[:-1][(numbers >= low) & (numbers < high)] = str(number)
        else:
            found[:-1][values.astype(object).isin([item.value]).to_numpy()] = str(number)
    return found


def count_changes(frame: pd.DataFrame) -> Mapping[str, int]:
    """Count features by what became of them.

    Parameters
    ----------
    frame
        From `changed_features`.

    Returns
    -------
    dict
        By each of `CHANGES`.
    """
    counts = frame["change"].value_counts()
    return {change: int(counts.get(change, 0)) for change in CHANGES}
