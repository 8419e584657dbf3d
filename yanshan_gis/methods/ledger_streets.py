"""Indicator 18 where no road is known: in-village kilometres by the bureau's ledger alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount, yes_no
from yanshan_gis.methods.streets import KM_COLUMNS, in_village_indicators
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.result import Result

if TYPE_CHECKING:
    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer

LEDGER_KM = [f"ledger_{column}" for column in KM_COLUMNS]
_COLUMNS = ["id", "name", "township", "population", "households"]


def ledger_alone(
    villages: Layer,
    committees: Layer | None,
    townships: Layer | None,
    county: County,
    target: float,
    threshold: float,
    missing: tuple[str, ...],
) -> Result:
    """Measure in-village hardening from what the ledger says of every village.

    Parameters
    ----------
    villages
        Natural villages with the ledger's kilometres; ``exempt`` ones leave the denominator.
    committees
        For villages that name their committee and not their township.
    townships
        Polygons, for villages that name neither.
    county
        Names the headline definition of indicator 18.
    target
        What the plan asks for.
    threshold
        Hardened share from which a village counts as done.
    missing
        Inputs that indicator 17 would need.

    Returns
    -------
    Result
        Layer ``villages``; tables ``by_township`` and ``exempt``; `missing` as given.
    """
    frame = villages.frame
    homes = None if committees is None else committees.frame
    rows = pd.DataFrame({"id": frame["id"], "name": frame["name"]})
    rows["township"] = township_of(frame, homes, townships)
    for column in ("population", "households", *LEDGER_KM):
        rows[column] = amount(frame, column)
    exempt = yes_no(frame, "exempt").fillna(False).astype(bool)
    rows["exempt_reason"] = frame.get("exempt_reason")
    all_km, hard_km = (rows[column] for column in LEDGER_KM)
    known = all_km.notna() & hard_km.notna()
    rows["state"] = np.select(
        [exempt, ~known, hard_km >= threshold * all_km],
        ["exempt", "ledger_silent", "ledger_done"],
        default="ledger_short",
    ).astype(object)
    counted = rows[~exempt]
    nothing = pd.DataFrame(columns=KM_COLUMNS, dtype=float)
    indicators, notices = in_village_indicators(counted, nothing, county, target, threshold)
    text = N_("Without roads and committees, indicator 17 is not computable.")
    warnings = [*notices, Notice("paths-unknown", text)]
    silent = int((counted["state"] == "ledger_silent").sum())
    if silent:
        text = N_("{count} villages have no entry in the ledger and are not counted.")
        warnings.append(Notice("ledger-silent", text, {"count": silent}))
    points = gpd.GeoDataFrame(rows, geometry=frame.geometry.array, crs=villages.crs)
    return Result(
        indicators=tuple(indicators),
        layers={"villages": points},
        tables={
            "by_township": _by_township(rows, counted, exempt, townships),
            "exempt": rows.loc[exempt, [*_COLUMNS, "exempt_reason"]].reset_index(drop=True),
        },
        warnings=tuple(warnings),
        missing=missing,
    )


def _by_township(
    rows: pd.DataFrame, counted: pd.DataFrame, exempt: pd.Series, townships: Layer | None
) -> pd.DataFrame:
    known = counted[counted[LEDGER_KM].notna().all(axis=1)]
    counts = count_by_township(
        rows["township"], {"villages": np.ones(len(rows)), "exempt": exempt, "denominator": ~exempt}
    )
    km = count_by_township(
        known["township"],
        {name: known[f"ledger_{name}"] for name in KM_COLUMNS},
        whole=False,
    )
    table = add_county_row(counts.join(km).reset_index(), townships)
    all_km = table["in_village_km"].where(table["in_village_km"] > 0)
    table["in_village_share"] = table["in_village_hardened_km"] / all_km
    return table
