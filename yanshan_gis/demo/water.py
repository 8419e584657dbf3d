"""Modelled drinking-water works: whom they serve agrees with who has tap water, but for a few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.demo.facilities import beside
from yanshan_gis.demo.settlements import draw_dates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.committees import Seats
    from yanshan_gis.demo.settlements import Settlements

PROGRAMME = "water_works"
_PROGRAMME_WORKS = 48  # of the plan, with what they cost
_PROGRAMME_WAN = 32_927.95
_TO_COME = 18 / 48  # of these planned or being built, for villages without tap water
_MOST_VILLAGES = 6  # that one work serves
_SUPPLIED = 0.6  # share of households from which a village is on a work
_WRONG = 0.025  # share of villages that are on a work and have no tap water, or the other way
_LITRES = 0.09  # m³ a day and person
_TOWN_M = (700.0, 1_300.0)  # how far a town's waterworks reach


@dataclass(frozen=True)
class _Work:
    """One work and the natural villages it serves (positions from 0)."""

    villages: tuple[int, ...]
    status: str = "existing"
    programme: bool = False


def build_water(
    rng: np.random.Generator, seats: Seats, places: Settlements, scale: float
) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Put up the drinking-water works of towns and villages.

    A work that serves one village states its radius, one that serves several lists them, a town's
    waterworks are drawn as the area they serve.

    Parameters
    ----------
    rng
        Where the numbers come from.
    seats
        Towns.
    places
        Villages, and how many of their households have tap water.
    scale
        Of the model.

    Returns
    -------
    tuple
        The table and one geometry per work: town waterworks first, then villages'.
    """
    towns, areas = _town_works(rng, seats)
    people = places.people
    share = people.piped[places.count :] / np.maximum(people.households[places.count :], 1)
    supplied = (share >= _SUPPLIED) ^ (rng.uniform(size=len(share)) < _WRONG)
    works = _with_programme(
        rng,
        _group(places, np.flatnonzero(supplied)),
        _group(places, np.flatnonzero(~supplied)),
        round(_PROGRAMME_WORKS * scale),
    )
    table = _table(rng, works, places, _PROGRAMME_WAN * scale)
    first = np.array([work.villages[0] for work in works])
    points = shapely.points(beside(rng, places.villages[first], 60.0, 140.0))
    return pd.concat([towns, table], ignore_index=True), np.concatenate([areas, points])


def _town_works(rng: np.random.Generator, seats: Seats) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Draw the area of the waterworks of every seat."""
    count, corners = len(seats.places), 24
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    wave = sum(
        rng.uniform(0.03, 0.12, (count, 1)) * np.cos(k * angle + rng.uniform(0, 6.3, (count, 1)))
        for k in (2, 3, 5)
    )
    reach = rng.uniform(*_TOWN_M, (count, 1))
    reach[0] *= 2.0  # the county seat
    away = reach * (1.0 + wave)
    ring = np.stack([np.cos(angle) * away, np.sin(angle) * away], axis=-1)
    shapes = shapely.polygons(np.round(seats.xy[:, None, :] + ring, 2))
    names = [
        f"{place.name}集镇供水厂" if index else f"{place.name}城区自来水厂"
        for index, place in enumerate(seats.places)
    ]
    table = pd.DataFrame(
        {
            "name": np.array(names, dtype=object),
            "kind": np.full(count, "drinking_supply", dtype=object),
            "township": np.array([p.township or None for p in seats.places], dtype=object),
            "status": np.full(count, "existing", dtype=object),
            "supply_m3_d": np.round(shapely.area(shapes) / 1e6 * 500.0, -1),
            "completed_on": draw_dates(rng, count, 1998, 2020),
        }
    )
    return table, np.asarray(shapes)


def _group(places: Settlements, villages: NDArray[np.int64]) -> list[tuple[int, ...]]:
    """Join villages of one committee that lie side by side around it, up to six."""
    offset = places.villages - places.committees.xy[places.parent]
    angle = np.arctan2(offset[:, 1], offset[:, 0])
    order = villages[np.lexsort((angle[villages], places.parent[villages]))]
    starts = np.flatnonzero(np.diff(places.parent[order], prepend=-1))
    groups: list[tuple[int, ...]] = []
    for members in np.split(order, starts[1:]):
        parts = int(np.ceil(len(members) / _MOST_VILLAGES))
        groups += [tuple(part.tolist()) for part in np.array_split(members, max(parts, 1))]
    return [group for group in groups if group]


def _with_programme(
    rng: np.random.Generator,
    served: list[tuple[int, ...]],
    waiting: list[tuple[int, ...]],
    count: int,
) -> list[_Work]:
    """Make works of the groups, and choose which the plan's programme builds."""
    size = np.array([len(group) for group in waiting]) + rng.uniform(size=len(waiting))
    coming = np.argsort(-size, kind="stable")[: round(_TO_COME * count)]
    done = set(rng.permutation(len(served))[: count - len(coming)].tolist())
    half = len(coming) // 2
    works = [_Work(group, programme=index in done) for index, group in enumerate(served)]
    works += [
        _Work(waiting[index], "construction" if place < half else "planned", True)
        for place, index in enumerate(coming.tolist())
    ]
    return works


def _table(
    rng: np.random.Generator, works: list[_Work], places: Settlements, money_wan: float
) -> pd.DataFrame:
    head = np.array([work.villages[0] for work in works]) + places.count
    single = np.array([len(work.villages) == 1 for work in works])
    programme = np.array([work.programme for work in works])
    status = np.array([work.status for work in works], dtype=object)
    households, people = (
        np.array([numbers[places.count :][list(work.villages)].sum() for work in works])
        for numbers in (places.people.households, places.people.population)
    )
    new, old = draw_dates(rng, len(works), 2021, 2025), draw_dates(rng, len(works), 2005, 2020)
    dates = new.where(pd.Series(programme), old).where(pd.Series(status == "existing"))
    served = ["、".join(places.names[v] for v in work.villages) for work in works]
    serial = np.cumsum(programme)
    project = [f"YS{n:04d}" if p else None for n, p in zip(serial, programme, strict=True)]
    return pd.DataFrame(
        {
            "name": np.array([f"{n}供水工程" for n in places.short[head]], dtype=object),
            "kind": np.full(len(works), "drinking_supply", dtype=object),
            "township": places.township[head],
            "committee": places.committee[head],
            "status": status,
            "supply_m3_d": np.maximum(np.round(people * _LITRES, -1), 10.0),
            "households_served": pd.array(households, dtype="Int64"),
            "people_served": pd.array(people, dtype="Int64"),
            "villages_served": _only(np.array(served, dtype=object), ~single),
            "service_radius_m": np.where(single, 250.0, np.nan),
            "investment_wan": _share_out(rng, households * programme, money_wan),
            "programme": _only(np.full(len(works), PROGRAMME, dtype=object), programme),
            "project_id": np.array(project, dtype=object),
            "completed_on": dates,
        }
    )


def _only(texts: NDArray[np.object_], which: NDArray[np.bool_]) -> NDArray[np.object_]:
    found = np.full(len(texts), None, dtype=object)
    found[which] = texts[which]
    return found


def _share_out(
    rng: np.random.Generator, weight: NDArray[Any], total_wan: float
) -> NDArray[np.float64]:
    """Share money out to 0.01, exactly; works that get nothing have no figure."""
    cost = weight * np.exp(rng.normal(0, 0.2, len(weight)))
    parts = np.round(cost / cost.sum() * total_wan, 2)
    parts[np.argmax(parts)] += round(total_wan - parts.sum(), 2)
    return np.where(weight > 0, np.round(parts, 2), np.nan)
