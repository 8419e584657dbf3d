"""Logistics outlets (modelled) and the plan's cold stores (reported, their positions modelled)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.committees import Committees, Seats
    from yanshan_gis.demo.facts import Facts

_HAVE = 64 / 108  # share of committees with an outlet
_PLANNED = 20 / 108
_NOT_SAID = 4  # outlets whose committee the data leave out
_OPERATORS = ("邮政", "供销", "快递联盟", "电商服务站")


def build_outlets(
    rng: np.random.Generator, seats: Seats, committees: Committees, ids: list[str]
) -> tuple[pd.DataFrame, NDArray[np.float64], NDArray[np.bool_]]:
    """Place the county's, the townships' and the villages' outlets.

    Parameters
    ----------
    rng
        Where the numbers come from.
    seats, committees
        Where they may be.
    ids
        Of the committees.

    Returns
    -------
    tuple
        The table, points × 2, and which committees have an existing outlet.
    """
    count = len(committees.places)
    order = rng.permutation(count)
    have, planned = round(_HAVE * count), round(_PLANNED * count)
    existing, coming = np.sort(order[:have]), np.sort(order[have : have + planned])
    chosen = np.concatenate([existing, coming])
    silent = set(rng.permutation(existing)[:_NOT_SAID].tolist())
    rows = [
        (f"{place.name}物流配送中心" if not index else f"{place.name}物流服务站",
         "township" if index else "county", "existing", place.township or None, None)
        for index, place in enumerate(seats.places)
    ]  # fmt: skip
    rows += [
        (f"{_short(committees.places[index].name)}村级物流网点", "village", status,
         committees.places[index].township, None if index in silent else ids[index])
        for status, part in (("existing", existing), ("planned", coming))
        for index in part.tolist()
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["name", "level", "status", "township", "committee"])
    operator = np.array(_OPERATORS, dtype=object)[rng.integers(0, len(_OPERATORS), len(table))]
    table.insert(2, "operator", operator)
    xy = beside(rng, np.concatenate([seats.xy, committees.xy[chosen]]), 40.0, 160.0)
    served = np.zeros(count, dtype=bool)
    served[existing] = True
    return table.astype(object), xy, served


def build_cold_stores(
    rng: np.random.Generator, facts: Facts, seats: Seats, committees: Committees, ids: list[str]
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Place the plan's cold stores beside their committees, or their township's seat.

    Parameters
    ----------
    rng
        Where the numbers come from.
    facts
        With the stores.
    seats, committees
        Where they are said to be.
    ids
        Of the committees.

    Returns
    -------
    tuple
        The table and points × 2, in the order of the plan.
    """
    committee = {(p.township, p.name): i for i, p in enumerate(committees.places)}
    seat = {place.name: index for index, place in enumerate(seats.places)}
    rows, xy = [], []
    for name, store in zip(_store_names(facts), facts.cold_stores, strict=True):
        index = committee.get((store.township, store.committee))
        place = seats.xy[seat[store.township]] if index is None else committees.xy[index]
        xy.append(place)
        owner = None if index is None else ids[index]
        rows.append((name, store.township, owner,
                     store.status, store.volume_m3, store.floor_area_m2, store.site_area_mu,
                     store.products or None, store.project_id))  # fmt: skip
    table = pd.DataFrame(rows, columns=["name", "township", "committee", "status", "volume_m3",
                                        "floor_area_m2", "site_area_mu", "products",
                                        "project_id"])  # fmt: skip
    numbers = ["volume_m3", "floor_area_m2", "site_area_mu"]
    texts = [column for column in table if column not in numbers]
    table = table.astype({**dict.fromkeys(numbers, float), **dict.fromkeys(texts, object)})
    return table, beside(rng, np.array(xy), 120.0, 380.0)


def beside(
    rng: np.random.Generator, xy: NDArray[np.float64], least: float, most: float
) -> NDArray[np.float64]:
    """Move points a little, each in a direction of its own, those of one place well apart.

    Parameters
    ----------
    rng
        Where the numbers come from.
    xy
        Points × 2.
    least, most
        How far, in metres.

    Returns
    -------
    numpy.ndarray
        Points × 2 on whole centimetres.
    """
    golden = np.pi * (3.0 - np.sqrt(5.0))
    angle = rng.uniform(0, 2 * np.pi) + golden * np.arange(len(xy))
    away = rng.uniform(least, most, len(xy))
    offset = away[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.asarray(np.round(xy + offset, 2))


def _store_names(facts: Facts) -> list[str]:
    """Name stores by their place, with a number where several share one."""
    places = []
    for store in facts.cold_stores:
        place = _short(store.committee) or f"{store.township}{store.written}"
        places.append(place if store.group == place else f"{place}{store.group}")
    return [
        f"{place}冷库{places[: number + 1].count(place)}"
        if places.count(place) > 1
        else f"{place}冷库"
        for number, place in enumerate(places)
    ]


def _short(name: str) -> str:
    return name.removesuffix("村委会").removesuffix("社区")
