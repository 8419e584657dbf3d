"""Progress of the plan's programmes: how much is planned, under construction and done.

Programmes are the county's own rows; a feature counts by naming one. Several programmes about one
project of the plan (works, households, money) are measures of the same features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.programme_features import STATES, Features, find_features
from yanshan_gis.methods.townships import UNKNOWN
from yanshan_gis.needs import Need, needs
from yanshan_gis.plan.targets import is_reached
from yanshan_gis.result import BETWEEN, Indicator, Result

if TYPE_CHECKING:
    from datetime import date

    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer

_TABLE = {
    "name": "object", "unit": "object", "target": "float64", "planned": "float64",
    "construction": "float64", "done": "float64", "share_done": "float64", "unknown": "float64",
    "not_listed": "float64", "undated": "float64", "features": "Int64", "no_amount": "Int64",
    "missing": "object", "layers": "object", "projects": "object", "key": "object",
    "name_en": "object",
}  # fmt: skip
_FEATURES = ["id", "name", "township", "programme", "project_id", "completed_on", "state"]
_KINDS = {"roads": "LineString", "points": "Point", "parcels": "Polygon"}


@dataclass(frozen=True)
class _Programme:
    """One row of the layer ``programmes``."""

    key: str
    name: str
    name_en: str
    unit: str
    target: float
    project: str | None
    layer: str | None
    scope: str | None


@needs(programmes=Need(fields=("key", "value", "unit")))
def progress(
    *, programmes: Layer, county: County, data_date: date | None, **layers: Layer | None
) -> Result:
    """Measure how far every programme has come.

    Parameters
    ----------
    programmes
        Key, target and unit; ``project`` is the plan's project, ``scope`` that of the roads meant.
    county
        Which surfaces count as hardened.
    data_date
        By when something must be completed to be done.
    **layers
        Layers whose features name their ``programme``, and the registry of projects.

    Returns
    -------
    Result
        Tables ``progress`` (one row per programme), ``by_township``, ``unknown`` (features that
        say neither status nor date) and ``other_scope`` (roads of another scope than their
        programme's); layers ``roads``, ``points`` and ``parcels`` with ``state``.
    """
    wanted = _programmes(programmes)
    keys = {programme.key for programme in wanted}
    projects = {p.project: p.key for p in reversed(wanted) if p.project}
    hard = county.hardened
    found = {
        name: None if layer is None else find_features(layer, projects, keys, data_date, hard)
        for name, layer in layers.items()
    }
    counted = [_Counted.of(programme, wanted, found) for programme in wanted]
    table = pd.DataFrame([c.row() for c in counted], columns=list(_TABLE)).astype(_TABLE)
    present = [features for features in found.values() if features is not None]
    features = _stack([_plain(f, f.rows) for f in present])
    shown = ["layer", *_FEATURES]
    unknown = features.loc[features["state"] == "unknown", shown]
    torn = _stack([c.torn for c in counted])[shown].drop_duplicates()
    return Result(
        indicators=_figures(table),
        tables={
            "progress": table,
            "by_township": _below([c.by_township() for c in counted]),
            "unknown": unknown.reset_index(drop=True),
            "other_scope": torn.reset_index(drop=True),
        },
        layers=_layers(present, programmes),
        warnings=tuple(_warnings(table, unknown, torn)),
    )


def _programmes(layer: Layer) -> list[_Programme]:
    columns = ["key", "name", "name_en", "unit", "value", "project", "layer", "scope"]
    rows = pd.DataFrame(layer.frame).reindex(columns=columns).astype(object)
    rows = rows.where(rows.notna(), None)
    return [
        _Programme(key, name or key, name_en or name or key, unit, float(value), *rest)
        for key, name, name_en, unit, value, *rest in rows.itertuples(index=False)
        if key and unit and value is not None
    ]


@dataclass(frozen=True)
class _Counted:
    """One programme with the amounts of its features."""

    programme: _Programme
    rows: pd.DataFrame
    missing: tuple[str, ...]
    torn: pd.DataFrame

    @classmethod
    def of(
        cls,
        programme: _Programme,
        others: Sequence[_Programme],
        found: Mapping[str, Features | None],
    ) -> _Counted:
        """Gather the features that name the programme, or another about the same project."""
        same = programme.project
        keys = [p.key for p in others if p.key == programme.key or (same and p.project == same)]
        names = [programme.layer] if programme.layer else list(found)
        parts, torn = [], []
        lacking: list[str] = []
        silent: list[tuple[str, ...]] = []
        for features in (found.get(name) for name in names):
            rows = features.rows[features.rows["programme"].isin(keys)] if features else None
            if features is None or rows is None or not len(rows):
                continue
            fits = _in_scope(rows, programme.scope)
            torn.append(_plain(features, rows[~fits]))
            amount, absent = features.amounts(rows.index[fits], programme.unit)
            lacking += [absent] if absent else []
            silent.append(features.missing)
            parts.append(_plain(features, rows[fits]).assign(amount=amount.to_numpy()))
        told = _stack(parts)
        missing = [] if parts else _missing(programme, names, found)
        if parts and not told["amount"].notna().any():
            missing = lacking
        elif parts and all(silent):  # none of its layers tells how things stand
            missing = [item for items in silent for item in items]
        return cls(programme, told, tuple(dict.fromkeys(missing)), _stack(torn))

    def row(self) -> dict[str, Any]:
        """Return the programme's row of the table; without amounts where it is not computable."""
        programme, rows = self.programme, self.rows
        ids = sorted(rows["project_id"].dropna().unique())
        named = {
            "key": programme.key, "name": programme.name, "name_en": programme.name_en,
            "unit": programme.unit, "target": programme.target, "features": len(rows),
            "no_amount": int(rows["amount"].isna().sum()), "projects": "、".join(ids) or None,
            "layers": "、".join(sorted(rows["layer"].unique())) or None,
            "missing": BETWEEN.join(self.missing) or None,
        }  # fmt: skip
        if self.missing:
            return named
        totals = rows.groupby("state")["amount"].sum()
        sums = {state: float(totals.get(state, 0.0)) for state in STATES}
        return {
            **named,
            **sums,
            "share_done": sums["done"] / programme.target if programme.target else None,
            "not_listed": programme.target - sum(sums.values()),
            "undated": float(rows.loc[rows["undated"].astype(bool), "amount"].sum()),
        }

    def by_township(self) -> pd.DataFrame:
        """Return amounts by township and state, townships by name."""
        columns = ["key", "name", "name_en", "township", "unit", *STATES]
        rows = self.rows[self.rows["amount"].notna()]
        if self.missing or not len(rows):
            return pd.DataFrame(columns=columns)
        rows = rows.assign(township=rows["township"].fillna(UNKNOWN))
        table = rows.pivot_table("amount", "township", "state", "sum", fill_value=0.0)
        table = table.reindex(columns=list(STATES), fill_value=0.0).reset_index()
        named = {"key": self.programme.key, "name": self.programme.name,
                 "name_en": self.programme.name_en, "unit": self.programme.unit}  # fmt: skip
        return table.assign(**named)[columns]


def _missing(
    programme: _Programme, names: Sequence[str], found: Mapping[str, Features | None]
) -> list[str]:
    """Say what keeps a programme without features from being computed."""
    if programme.layer and found.get(programme.layer) is None:
        return [programme.layer]
    lacking = [item for name in names if (f := found.get(name)) for item in f.missing]
    where = programme.layer or "*"
    return lacking if programme.layer and lacking else [f"{where}.programme = {programme.key}"]


def _in_scope(rows: pd.DataFrame, scope: str | None) -> pd.Series:
    """Tell which features a programme of roads of one scope may count; silent ones it may."""
    if scope is None:
        return pd.Series(data=True, index=rows.index)
    return rows["scope"].isna() | rows["scope"].eq(scope)


def _plain(features: Features, rows: pd.DataFrame) -> pd.DataFrame:
    plain = pd.DataFrame(rows[_FEATURES]).astype(object)
    plain.insert(0, "layer", features.layer.name)
    return plain.assign(undated=rows["undated"].to_numpy(dtype=bool)).reset_index(drop=True)


def _stack(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    empty = pd.DataFrame(columns=["layer", *_FEATURES, "amount", "undated"], dtype=object)
    # As objects: a column that one layer leaves empty must not decide the type of the whole.
    stacked = _below([empty, *(part.astype(object) for part in parts)])
    kinds = {"amount": "float64", "undated": "bool"}
    return stacked.astype({name: kind for name, kind in kinds.items() if name in stacked})


def _below(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables below one another; empty ones give their columns only when all are."""
    kept = [table for table in tables if len(table)]
    return pd.concat(kept, ignore_index=True) if kept else tables[0]


def _layers(found: Sequence[Features], programmes: Layer) -> dict[str, gpd.GeoDataFrame]:
    """Put the features on three layers by their kind of geometry, with the programme's name."""
    names = dict(zip(programmes.frame["key"], programmes.frame["name"], strict=True))
    layers = {}
    for name, kind in _KINDS.items():
        parts = []
        for features in (f for f in found if "geometry" in f.rows):
            shapes = features.rows.geometry.to_numpy()
            fits = [s is not None and s.geom_type.endswith(kind) for s in shapes]
            rows = features.rows[np.asarray(fits, dtype=bool)]
            parts.append(
                gpd.GeoDataFrame(
                    _plain(features, rows).drop(columns="undated"),
                    geometry=rows.geometry.to_numpy(),
                    crs=features.layer.crs,
                )
            )
        whole = [part for part in parts if len(part)]
        if whole:
            frame = gpd.GeoDataFrame(pd.concat(whole, ignore_index=True), crs=whole[0].crs)
            frame.insert(5, "programme_name", frame["programme"].map(names))
            layers[name] = frame
    return layers


def _figures(table: pd.DataFrame) -> tuple[Indicator, ...]:
    known = table[table["missing"].isna()]
    reached = sum(
        is_reached("at_least", done, goal)
        for done, goal in zip(known["done"], known["target"], strict=True)
    )
    count = float(len(table))
    return (
        Indicator("complete", float(reached), "项", float(reached), count, headline=True),
        Indicator("computable", float(len(known)), "项", float(len(known)), count),
    )


def _warnings(table: pd.DataFrame, unknown: pd.DataFrame, torn: pd.DataFrame) -> list[Notice]:
    texts = {
        "progress-unknown": N_(
            "{count} features name a programme, and neither a status nor a date of completion."
        ),
        "progress-other-scope": N_(
            "{count} roads name a programme for roads of another scope; they do not count."
        ),
        "progress-not-computable": N_("The progress of {count} programmes is not computable."),
        "progress-no-amount": N_("{count} features have no amount; they add nothing."),
        "progress-undated": N_("{count} programmes count features as done that have no date."),
    }
    counts = {
        "progress-unknown": len(unknown),
        "progress-other-scope": len(torn),
        "progress-not-computable": int(table["missing"].notna().sum()),
        "progress-no-amount": int(table.loc[table["missing"].isna(), "no_amount"].sum()),
        "progress-undated": int((table["undated"] > 0).sum()),
    }
    return [Notice(code, texts[code], {"count": n}) for code, n in counts.items() if n]
