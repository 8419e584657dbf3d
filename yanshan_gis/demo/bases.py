"""Modelled farm bases: fields on level ground beside villages, from 10 to 800 mu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from yanshan_gis.demo.hamlets import suitability
from yanshan_gis.demo.scatter import choose, scatter, thin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.land import Land
    from yanshan_gis.demo.settlements import Settlements

_BASES = 170
_MU = 10_000.0 / 15.0  # square metres
_MEDIAN_MU, _SPREAD = 85.0, 0.95  # of the areas: median and standard deviation of the logarithm
_LEAST_MU, _MOST_MU = 10.0, 800.0
_APART = 1_150.0  # two of the largest bases do not touch
_CORNERS = 11
_OFF, _ABOVE = 4, 1  # larger bases whose stated area, or irrigated area, is wrong
_UNKNOWN = 6  # larger bases whose irrigated area nobody states
_KINDS = ("planting", "livestock", "aquaculture")
_PRODUCTS = {
    "planting": ("辣椒", "三七", "烤烟", "蔬菜", "万寿菊", "马铃薯", "生姜", "玫瑰"),
    "livestock": ("肉牛", "生猪", "山羊", "肉鸡"),
    "aquaculture": ("淡水鱼",),
}
_UNIT = {"肉牛": "头", "生猪": "头", "山羊": "只", "肉鸡": "羽"}
_HEADS_PER_MU = {"肉牛": 4.0, "生猪": 20.0, "山羊": 9.0, "肉鸡": 300.0}


def build_bases(
    rng: np.random.Generator, land: Land, places: Settlements, scale: float
) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Lay out farm bases.

    Parameters
    ----------
    rng
        Where the numbers come from.
    land
        Ground and outline.
    places
        Where people live.
    scale
        Of the model.

    Returns
    -------
    tuple
        The table and one polygon per base.
    """
    xy, near = _sites(rng, land, places, round(_BASES * scale))
    count = len(xy)
    kind = np.array(_KINDS, dtype=object)[rng.choice(3, count, p=[0.84, 0.12, 0.04])]
    mu = np.exp(rng.normal(np.log(_MEDIAN_MU), _SPREAD, count))
    mu = np.clip(np.where(kind == "planting", mu, mu * 0.35), _LEAST_MU, _MOST_MU)
    shapes = _fields(rng, xy, mu)
    drawn = shapely.area(shapes) / _MU
    stated = np.round(drawn * rng.normal(1.0, 0.02, count), 1)
    planting = np.flatnonzero(kind == "planting")
    odd = rng.permutation(planting[drawn[planting] > 80.0])
    off, above, silent = np.split(odd[: _OFF + _ABOVE + _UNKNOWN], [_OFF, _OFF + _ABOVE])
    stated[off] = np.round(drawn[off] * rng.uniform(1.3, 1.6, len(off)), 1)
    irrigated = np.round(stated * _irrigated_share(rng, count), 1)
    irrigated[above] = np.round(stated[above] * 1.15, 1)
    irrigated[silent] = np.nan
    irrigated[kind != "planting"] = np.nan
    product = [_PRODUCTS[k][i % len(_PRODUCTS[k])] for k, i in
               zip(kind, rng.integers(0, 840, count).tolist(), strict=True)]  # fmt: skip
    heads = np.array([_HEADS_PER_MU.get(p, np.nan) for p in product]) * stated
    status = rng.choice(3, count, p=[0.91, 0.04, 0.05])
    status[odd[: _OFF + _ABOVE + _UNKNOWN]] = 0
    table = pd.DataFrame(
        {
            "name": _names(places.short[near], product),
            "kind": kind,
            "product": np.array(product, dtype=object),
            "township": places.township[near],
            "committee": places.committee[near],
            "status": np.array(["existing", "construction", "planned"], dtype=object)[status],
            "area_mu": stated,
            "irrigated_mu": irrigated,
            "heads": np.round(heads),
            "heads_unit": np.array([_UNIT.get(p) for p in product], dtype=object),
            "operator": np.array([f"{n}专业合作社" for n in places.short[near]], dtype=object),
        }
    )
    return table, shapes


def _sites(
    rng: np.random.Generator, land: Land, places: Settlements, count: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Choose level places near a village but not in it, and tell that village."""
    xy = scatter(rng, shapely.buffer(land.outline, -700.0), 450.0)
    away, near = cKDTree(places.xy).query(xy)
    fit = suitability(land.terrain, xy)
    ready = (fit > 0.7) & (away > 480.0) & (away < 2_000.0)
    xy, near, fit = xy[ready], near[ready], fit[ready]
    keep = thin(xy, fit + rng.uniform(0, 0.5, len(xy)), _APART)
    xy, near, fit = xy[keep], near[keep], fit[keep]
    chosen = choose(rng, fit, count)
    return np.round(xy[chosen], 2), near[chosen]


def _fields(
    rng: np.random.Generator, xy: NDArray[np.float64], mu: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Draw one polygon per base, longer than wide, whose area is the wanted one."""
    count = len(xy)
    angle = 2 * np.pi * (np.arange(_CORNERS) + rng.uniform(-0.3, 0.3, (count, _CORNERS))) / _CORNERS
    away = rng.uniform(0.82, 1.15, (count, _CORNERS))
    shape = np.stack([np.cos(angle) * away, np.sin(angle) * away], axis=-1)
    stretch = np.sqrt(rng.uniform(1.0, 1.7, count))
    shape *= np.column_stack([stretch, 1.0 / stretch])[:, None, :]
    turn = rng.uniform(0, np.pi, count)
    spin = np.stack([np.cos(turn), -np.sin(turn), np.sin(turn), np.cos(turn)], axis=-1)
    shape = shape @ spin.reshape(-1, 2, 2)
    grow = np.sqrt(mu * _MU / shapely.area(shapely.polygons(shape)))
    corners = np.round(xy[:, None, :] + shape * grow[:, None, None], 2)
    return np.asarray(shapely.polygons(corners))


def _irrigated_share(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return irrigated shares: most bases wholly, some in part, some not at all."""
    draw = rng.uniform(size=count)
    most, part = rng.beta(30.0, 1.5, count), rng.beta(2.0, 2.0, count)
    return np.select([draw < 0.66, draw < 0.88], [most, part], 0.0)


def _names(villages: NDArray[np.object_], products: list[str]) -> NDArray[np.object_]:
    """Name bases by village and product, with a number where several share both."""
    plain = [f"{village}{product}基地" for village, product in zip(villages, products, strict=True)]
    seen: dict[str, int] = {}
    names = []
    for name in plain:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}{seen[name]}")
    return np.array(names, dtype=object)
