"""What the columns of a result are called: the recipe's own, then those of its input layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from yanshan_gis.content import FieldDef, LayerInput, Title
from yanshan_gis.methods.townships import COUNTY_ROW, UNKNOWN
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from yanshan_gis.content import AnalysisDef, LayerDef
    from yanshan_gis.messages import Language

# Columns that methods and the store add, under one name everywhere.
COMMON_FIELDS = {
    "id": FieldDef(type="text", title=Title(zh="编号", en="Id")),
    "source_id": FieldDef(type="text", title=Title(zh="来源编号", en="Source")),
    "township": FieldDef(type="text", title=Title(zh="乡镇", en="Township")),
    "road_id": FieldDef(type="text", title=Title(zh="道路编号", en="Road id")),
    "committee_id": FieldDef(type="text", title=Title(zh="村委会编号", en="Committee id")),
    "name": FieldDef(type="text", title=Title(zh="名称", en="Name")),
}


def shown_fields(
    recipe: AnalysisDef, result: str, columns: Iterable[str], layers: Mapping[str, LayerDef]
) -> dict[str, FieldDef]:
    """Find the definition of every column of a result.

    Parameters
    ----------
    recipe
        Whose result it is.
    result
        Name of the layer or table.
    columns
        Its columns.
    layers
        The layer catalogue.

    Returns
    -------
    dict
        Definitions by column; columns nobody describes are left out.
    """
    described = recipe.results[result].fields if result in recipe.results else {}
    siblings = [other.fields for other in recipe.results.values()]
    taken = [i.layer for i in recipe.inputs.values() if isinstance(i, LayerInput)]
    # "roads" too: links of the network carry the road's own columns through every recipe.
    inputs = [layers[name].fields for name in (*taken, "roads") if name in layers]
    sources = [described, *siblings, *inputs, COMMON_FIELDS]
    found: dict[str, FieldDef] = {}
    for column in columns:
        match = next((fields[column] for fields in sources if column in fields), None)
        if match is not None:
            found[column] = match
    return found


def readable(
    frame: pd.DataFrame, fields: Mapping[str, FieldDef], language: Language
) -> pd.DataFrame:
    """Replace codes and yes/no by their words, for readers of tables.

    Parameters
    ----------
    frame
        A table; not changed.
    fields
        Definitions by column.
    language
        ``zh`` or ``en``.

    Returns
    -------
    pandas.DataFrame
        Without geometry; numbers stay numbers, gaps stay gaps.
    """
    shown = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    for column in shown.columns:
        field = fields.get(column)
        if field is not None and field.codes:
            words = {code: title.get(language) for code, title in field.codes.items()}
            values = shown[column].astype(object)
            shown[column] = values.map(words).where(values.isin(list(words)), values)
        elif pd.api.types.is_bool_dtype(shown[column]):
            spoken = {True: word("yes", language), False: word("no", language)}
            shown[column] = shown[column].astype(object).map(spoken)
    if "township" in shown:
        rows = {COUNTY_ROW: "whole_county", UNKNOWN: "unknown_township"}
        names = {row: word(key, language) for row, key in rows.items()}
        shown["township"] = shown["township"].astype(object).replace(names)
    return shown
