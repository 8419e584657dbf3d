"""Modelled irrigation works: reservoirs above the larger irrigated bases, canals, and pumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from yanshan_gis.demo.facilities import beside
from yanshan_gis.demo.scatter import thin
from yanshan_gis.demo.settlements import draw_dates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.land import Land

_RESERVOIRS, _PUMPS = 9, 14
_APART = 5_000.0  # metres between reservoirs
_CANALS = 2  # of each reservoir
_LONGEST = 6_500.0
_AWAY = 1_400.0  # from a reservoir to the base below it
_PUMP_M = (550.0, 800.0)
_LAKE_M = (140.0, 330.0)
_STEP = 80.0  # metres between a canal's vertices
_DEPTH = 6.0  # metres of water, on average
_WET_MU = 50.0  # irrigated mu that are worth a canal or a pump


def build_irrigation(
    rng: np.random.Generator,
    land: Land,
    bases: tuple[pd.DataFrame, NDArray[np.object_]],
    scale: float,
) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Put reservoirs above large irrigated bases, and lead canals from them to bases around.

    Parameters
    ----------
    rng
        Where the numbers come from.
    land
        Ground and outline.
    bases
        Table and polygons of the farm bases.
    scale
        Of the model.

    Returns
    -------
    tuple
        The table and geometries: reservoirs (polygons), canals (lines), pumps (points).
    """
    table, shapes = bases
    irrigated = table["irrigated_mu"].fillna(0.0).to_numpy()
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    wet = np.flatnonzero((irrigated > _WET_MU) & (table["status"] == "existing").to_numpy())
    kept = wet[thin(xy[wet], irrigated[wet], _APART)]
    heads = kept[np.argsort(-irrigated[kept], kind="stable")][: round(_RESERVOIRS * scale)]
    middle = _above(land, xy[heads])
    lakes = _draw_lakes(rng, middle)
    lake, fed = _feed(middle, xy, wet)
    canals = _draw_canals(rng, middle[lake], xy[fed])
    canals = shapely.difference(canals, lakes[lake])
    pumps = np.sort(rng.permutation(np.setdiff1d(wet, fed))[: round(_PUMPS * scale)])
    places = shapely.points(beside(rng, xy[pumps], *_PUMP_M))
    rows = [
        _rows(rng, table, heads, "reservoir", "水库").assign(
            storage_m3=np.round(shapely.area(lakes) * _DEPTH, -3)
        ),
        _rows(rng, table, fed, "irrigation_canal", "灌溉渠").assign(irrigated_mu=irrigated[fed]),
        _rows(rng, table, pumps, "pump", "提灌站").assign(irrigated_mu=irrigated[pumps]),
    ]
    return pd.concat(rows, ignore_index=True), np.concatenate([lakes, canals, places])


def _above(land: Land, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move each place to the highest ground around it, so that water would run down."""
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    tries = xy[:, None, :] + _AWAY * np.column_stack([np.cos(angle), np.sin(angle)])
    flat = tries.reshape(-1, 2)
    height = land.terrain.heights(flat)
    inside = shapely.contains_xy(land.outline, flat[:, 0], flat[:, 1])
    height = np.where(inside, height, -np.inf).reshape(tries.shape[:2])
    best = np.argmax(height, axis=1)
    return np.asarray(np.round(tries[np.arange(len(xy)), best], 2))


def _draw_lakes(rng: np.random.Generator, middle: NDArray[np.float64]) -> NDArray[np.object_]:
    """Draw one lake with a winding shore around each place."""
    count, corners = len(middle), 32
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    wave = np.zeros((count, corners))
    for bends in (2, 3, 5):
        phase = rng.uniform(0, 2 * np.pi, (count, 1))
        wave += rng.uniform(0.05, 0.16, (count, 1)) * np.cos(bends * angle + phase)
    away = rng.uniform(*_LAKE_M, (count, 1)) * (1.0 + wave)
    shore = np.stack([np.cos(angle) * away, np.sin(angle) * away], axis=-1)
    return np.asarray(shapely.polygons(np.round(middle[:, None, :] + shore, 2)))


def _feed(
    lakes: NDArray[np.float64], xy: NDArray[np.float64], wet: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair each lake with the bases nearest to it; a base is fed by one lake, the nearest."""
    if not len(lakes):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    away, lake = cKDTree(lakes).query(xy[wet], distance_upper_bound=_LONGEST)
    order = np.lexsort((away, lake))
    order = order[np.isfinite(away[order])]
    place = np.arange(len(order)) - np.searchsorted(lake[order], lake[order])
    chosen = order[place < _CANALS]
    return lake[chosen].astype(np.int64), wet[chosen]


def _draw_canals(
    rng: np.random.Generator, start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Draw one winding line from each lake to its base."""
    lines = []
    for one, other in zip(start, end, strict=True):
        along = other - one
        length = float(np.hypot(*along))
        share = np.linspace(0.0, 1.0, max(int(length / _STEP), 2))
        swing = sum(
            rng.uniform(0.3, 1.0) * np.sin(np.pi * bends * share + rng.uniform(0, 6.3))
            for bends in (3, 5, 9)
        )
        push = 0.03 * length * swing * np.sin(np.pi * share)
        across = np.array([-along[1], along[0]]) / length
        xy = one + along * share[:, None] + across * push[:, None]
        lines.append(shapely.LineString(np.round(xy, 2)))
    return np.array(lines, dtype=object)


def _rows(
    rng: np.random.Generator,
    bases: pd.DataFrame,
    which: NDArray[np.int64],
    kind: str,
    word: str,
) -> pd.DataFrame:
    """Name works after the bases they water."""
    near = bases.iloc[which]
    names = [f"{name.removesuffix('基地')}{word}" for name in near["name"]]
    return pd.DataFrame(
        {
            "name": np.array(names, dtype=object),
            "kind": np.full(len(which), kind, dtype=object),
            "township": near["township"].to_numpy(dtype=object),
            "committee": near["committee"].to_numpy(dtype=object),
            "status": np.full(len(which), "existing", dtype=object),
            "completed_on": draw_dates(rng, len(which), 1975, 2020),
        }
    )
