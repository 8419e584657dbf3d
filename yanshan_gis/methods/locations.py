"""Where things are: sites with their quantities by township, each quantity in its own unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    import geopandas as gpd

    from yanshan_gis.layer import Layer


@needs(
    sites=Need(),
    committees=Need(optional=True, rows=False),
    townships=Need(optional=True, rows=False),
)
def by_township(
    *,
    sites: Layer,
    committees: Layer | None,
    townships: Layer | None,
    quantities: tuple[str, ...],
) -> Result:
    """Count sites and add up their known quantities by township.

    Parameters
    ----------
    sites
        Points with the number fields named in `quantities`.
    committees
        To name the committee a site refers to.
    townships
        Townships without a site stand in the table with 0.
    quantities
        Number fields; each is summed by itself, a gap stays a gap.

    Returns
    -------
    Result
        Layer ``sites``; table ``by_township``.
    """
    frame = sites.frame.copy()
    fields = sites.definition.fields
    present = [name for name in quantities if name in frame]
    if committees is not None and "committee" in frame:
        names = dict(zip(committees.frame["id"], committees.frame["name"], strict=True))
        frame["committee_name"] = frame["committee"].map(names)
    frame["known"] = _first_known(frame, present)
    units = {name: fields[name].unit or "" for name in present}
    frame["figure"] = _figures(frame, units)
    table = _table(frame, townships, present)
    known = [
        Indicator(name, float(frame[name].sum()), units[name], denominator=int(frame[name].count()))
        for name in present
        if frame[name].notna().any()
    ]
    without = Indicator("no_figure", float((frame["known"] == "none").sum()), "个")
    count = Indicator("sites", float(len(frame)), "个", headline=True)
    return Result(
        indicators=(count, *known, without),
        layers={"sites": frame},
        tables={"by_township": table},
    )


def _first_known(frame: gpd.GeoDataFrame, quantities: list[str]) -> pd.Series:
    known = pd.Series("none", index=frame.index, dtype=object)
    for name in reversed(quantities):
        known = known.where(frame[name].isna(), name)
    return known


def _figures(frame: gpd.GeoDataFrame, units: dict[str, str]) -> list[str]:
    """Write a site's quantities as one text, each with its unit."""
    return [
        "；".join(f"{row[name]:g} {unit}" for name, unit in units.items() if pd.notna(row[name]))
        for _, row in frame[list(units)].iterrows()
    ]


def _table(frame: gpd.GeoDataFrame, townships: Layer | None, quantities: list[str]) -> pd.DataFrame:
    township = township_of(frame, townships=townships)
    counts = count_by_township(
        township, {"sites": np.ones(len(frame)), "no_figure": frame["known"] == "none"}
    )
    sums = count_by_township(township, {name: frame[name] for name in quantities}, whole=False)
    rows = counts.join(sums)
    if townships is not None and "name" in townships.frame:
        rows = rows.reindex(rows.index.union(townships.frame["name"]))
        rows[counts.columns] = rows[counts.columns].fillna(0)
    return add_county_row(rows.rename_axis("township").reset_index(), townships)
