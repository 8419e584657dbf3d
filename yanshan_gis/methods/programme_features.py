"""What counts towards a programme: features that name it, their state, and how much they are.

A feature is *done* when it was completed by the data's date, or says it is built; else it is what
its status says; one that says neither is *unknown*. A road that exists is not therefore hardened:
without a date its surface tells. The plan's own list of projects says how things stood when it was
written, so there only dates of completion count as news.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.methods.statistics import date_text, end_of
from yanshan_gis.plan.registry import from_layer
from yanshan_gis.units import Quantity, unit_kind

if TYPE_CHECKING:
    from datetime import date

    from yanshan_gis.layer import Layer

STATES = ("planned", "construction", "done", "unknown")
REGISTRY = "projects"
_STATUS = {"planned": "planned", "construction": "construction", "existing": "done"}
# Layers whose features are there already, and whose follow-up is what a programme tracks.
_FOLLOWED = {"relocation_sites": ("follow_up_status", "follow_up_on")}
# Fields that say how much of a kind of unit a feature is, the best first.
_FIELDS = {
    "length": ("ledger_length_km",),
    "area": ("area_mu",),
    "households": ("households_served", "households"),
    "population": ("people_served", "population"),
    "money": ("investment_wan",),
    "volume": ("volume_m3", "storage_m3"),
}
_MEASURED = {"length": ("LineString", "m"), "area": ("Polygon", "m²")}
_TEXTS = ("name", "township", "project_id")


@dataclass(frozen=True)
class Features:
    """The features of one layer that count towards programmes.

    Parameters
    ----------
    layer
        As it is.
    rows
        ``id`` ``name`` ``township`` ``project_id`` ``scope`` ``programme`` ``completed_on``
        ``state``, on the layer's own index, geometry included.
    missing
        Fields without which the layer tells nothing of progress.
    """

    layer: Layer
    rows: gpd.GeoDataFrame
    missing: tuple[str, ...] = ()

    def amounts(self, index: pd.Index, unit: str) -> tuple[pd.Series, str | None]:
        """Tell how much features are.

        Parameters
        ----------
        index
            Of the features.
        unit
            In which.

        Returns
        -------
        tuple
            Amounts, NaN where one is not known; and the field that is missing where none is.
        """
        rows = self.layer.frame.loc[index]
        if self.layer.name == REGISTRY:
            return self._registered(index, unit), None
        kind = unit_kind(unit)
        if kind not in _FIELDS:
            return pd.Series(1.0, index=index), None
        stated = self._stated(rows, kind, unit)
        measured = self._drawn(rows, kind, unit)
        first, second = (measured, stated) if kind == "length" else (stated, measured)
        known = first.fillna(second)
        lacking = None if known.notna().any() else f"{self.layer.name}.{_FIELDS[kind][0]}"
        return known, lacking

    def _stated(self, rows: gpd.GeoDataFrame, kind: str, unit: str) -> pd.Series:
        found = pd.Series(np.nan, index=rows.index)
        for name in _FIELDS[kind]:
            field = self.layer.definition.fields.get(name)
            if field is not None and field.unit and name in rows:
                found = found.fillna(rows[name].astype(float) * Quantity(1.0, field.unit).to(unit))
        return found

    def _drawn(self, rows: gpd.GeoDataFrame, kind: str, unit: str) -> pd.Series:
        found = pd.Series(np.nan, index=rows.index)
        if kind not in _MEASURED or "geometry" not in rows:
            return found
        shape, base = _MEASURED[kind]
        self.layer.check_metric()
        shapes = rows.geometry.to_numpy()
        size = shapely.length(shapes) if kind == "length" else shapely.area(shapes)
        fits = np.array([s is not None and s.geom_type.endswith(shape) for s in shapes], dtype=bool)
        return found.mask(fits, size * Quantity(1.0, base).to(unit))

    def _registered(self, index: pd.Index, unit: str) -> pd.Series:
        """Read the quantity of a registered project in a unit; none says none."""
        projects = dict(zip(self.layer.frame.index, from_layer(self.layer), strict=True))
        money = unit_kind(unit) == "money"
        nature = "money" if money else "quantity"
        values = [
            sum(
                Quantity(a.value, a.unit).to(unit)
                for a in projects[i].amounts
                if a.nature == nature
                and a.basis == "total"
                and unit_kind(a.unit) == unit_kind(unit)
            )
            for i in index
        ]
        return pd.Series(values, index=index, dtype=float)


def find_features(
    layer: Layer,
    projects: Mapping[str, str],
    keys: set[str],
    data_date: date | None,
    hardened: Collection[str],
) -> Features:
    """Find the features of a layer that count towards programmes.

    Parameters
    ----------
    layer
        Any with ``programme``, or the registry of projects, where parts count for their whole.
    projects
        Programme keys by the plan's project they are about.
    keys
        Of all programmes.
    data_date
        By when something must be completed to be done; None to take any date.
    hardened
        Surfaces that count as hardened.

    Returns
    -------
    Features
        Without rows where none counts.
    """
    frame = layer.frame
    programme = _column(frame, "programme")
    if layer.name == REGISTRY:
        whole = _column(frame, "part_of").map(dict(projects)).astype(object)
        programme = programme.where(programme.notna(), whole)
    mine = programme.isin(list(keys))
    rows = frame[mine].copy()
    status_in, date_in = _FOLLOWED.get(layer.name, ("status", "completed_on"))
    status, on = _column(rows, status_in), _days(_column(rows, date_in))
    if layer.name == REGISTRY:  # what the plan calls built was built before it, or is not dated
        status = status.where(on.notna() | status.ne("existing"), None)
    if "surface" in rows:  # existing says that there is a road, not that it was hardened
        surface, bare = _column(rows, "surface"), on.isna() & status.eq("existing")
        status = status.where(~bare | surface.isin(list(hardened)), "planned")
        status = status.where(~bare | surface.notna(), None)
    for name in (*_TEXTS, "scope"):
        rows[name] = _column(rows, name)
    rows["programme"], rows["completed_on"] = programme[mine], on
    states = [_state(s, o, data_date) for s, o in zip(status, on, strict=True)]
    rows["state"] = pd.Series(states, index=rows.index, dtype=object)
    rows["undated"] = on.isna() & rows["state"].eq("done")
    if not len(rows):
        lacking = () if layer.has("programme") else (f"{layer.name}.programme",)
        return Features(layer, rows, lacking)
    # Dates elsewhere in a bureau's layer show that it keeps them; the plan's list shows nothing.
    dated = on.notna().any() if layer.name == REGISTRY else layer.has(date_in)
    return Features(layer, rows, () if dated else (f"{layer.name}.{date_in}",))


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(None, index=frame.index, dtype=object)
    return frame[name].astype(object).where(frame[name].notna(), None)


def _days(dates: pd.Series) -> pd.Series:
    texts = [None if pd.isna(value) else date_text(value) for value in dates]
    return pd.Series(texts, index=dates.index, dtype=object)


def _state(status: object, completed_on: str | None, data_date: date | None) -> str:
    if completed_on is not None:
        if data_date is None or end_of(completed_on) <= data_date.isoformat():
            return "done"
        # It names a day to come: built by then, whatever its status says of today.
        return "construction" if status in {"construction", "existing"} else "planned"
    return _STATUS.get(str(status), "unknown")
