"""Modelled people: who lives where, who has tap water, which villages are exempt, the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.committees import Committees

LEDGER = "砚山县示例台账（模拟）"
LEDGER_DATE = "2025-12-31"
_TOWN_SHARE = 0.34  # of the county's people, in towns' communities and outside natural villages
_PER_HOUSEHOLD = 3.9
_POORLY_SERVED = 0.19  # of the villages; makes 87 % of the county's households with tap water
_WRONG = 0.045  # share of ledger entries that disagree with the model
_MOVED, _FEW = 5, 4  # exempt villages per 1,100


@dataclass(frozen=True)
class People:
    """Numbers per committee (natural villages included) and per natural village.

    Parameters
    ----------
    population, households, piped
        Committees first, then natural villages. A committee's figures hold those of its natural
        villages; what they do not hold lives in the community itself.
    exempt_reason
        Per natural village; None where the village is not exempt.
    """

    population: NDArray[np.int64]
    households: NDArray[np.int64]
    piped: NDArray[np.int64]
    exempt_reason: NDArray[np.object_]


def settle_people(
    rng: np.random.Generator, committees: Committees, parent: NDArray[np.int64], total: int
) -> People:
    """Spread the county's people over communities and natural villages.

    Parameters
    ----------
    rng
        Where the numbers come from.
    committees
        All committees.
    parent
        Committee of each natural village.
    total
        The county's people.

    Returns
    -------
    People
        The committees' populations add up to the total exactly.
    """
    kind = np.array([place.kind for place in committees.places])
    central = np.array([place.is_central for place in committees.places])
    weight = np.select([kind == "urban_community", kind == "rural_community"], [9.0, 3.5], 0.0)
    empty = np.bincount(parent, minlength=len(kind)) == 0
    weight = np.where((weight == 0) & (empty | central), 2.0, weight)
    weight *= np.exp(rng.normal(0, 0.35, len(weight)))
    town = round(total * _TOWN_SHARE)
    own = _whole(weight, town)
    mates = np.bincount(parent, minlength=len(kind))[parent]
    size = np.exp(rng.normal(0.0, 0.62, len(parent))) * mates**-0.6
    exempt = _exempt(rng, len(parent))
    size[exempt != None] *= 0.12  # noqa: E711 - elementwise
    villages = _whole(size, total - town)
    homes = np.maximum(np.round(villages / rng.normal(_PER_HOUSEHOLD, 0.25, len(villages))), 1)
    homes_own = np.round(own / (_PER_HOUSEHOLD - 0.5))
    piped = rng.binomial(homes.astype(int), _served(rng, len(homes)))
    piped_own = np.round(homes_own * rng.uniform(0.93, 0.995, len(homes_own)))
    return People(
        population=_with_parts(own, villages, parent),
        households=_with_parts(homes_own, homes, parent),
        piped=_with_parts(piped_own, piped, parent),
        exempt_reason=exempt,
    )


def _served(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return the share of households with tap water: nearly all, or few, seldom between."""
    poor = rng.uniform(size=count) < _POORLY_SERVED
    return np.where(poor, rng.beta(2.0, 3.0, count), rng.beta(20.0, 1.4, count))


def _exempt(rng: np.random.Generator, count: int) -> NDArray[np.object_]:
    reason = np.full(count, None, dtype=object)
    moved, few = round(_MOVED * count / 1100), round(_FEW * count / 1100)
    chosen = rng.permutation(count)[: moved + few]
    reason[chosen[:moved]] = "整村搬迁"
    reason[chosen[moved:]] = "户数不足"
    return reason


def _whole(weight: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Share a whole number out in proportion, exactly, by largest remainders."""
    exact = weight / weight.sum() * total
    low: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    rest = np.argsort(low - exact, kind="stable")[: total - int(low.sum())]
    low[rest] += 1
    return low


def _with_parts(
    own: NDArray[Any], parts: NDArray[Any], parent: NDArray[np.int64]
) -> NDArray[np.int64]:
    whole = own + np.bincount(parent, weights=parts, minlength=len(own))
    return np.concatenate([whole, parts]).astype(np.int64)


def keep_ledger(
    rng: np.random.Generator,
    committee: NDArray[np.bool_],
    joined: NDArray[np.bool_],
    streets_m: NDArray[np.float64],
    hardened_m: NDArray[np.float64],
    outlet: NDArray[np.bool_],
    covered: NDArray[np.bool_],
) -> pd.DataFrame:
    """Write the bureau's ledger: mostly what the model holds, and a few per cent otherwise.

    Parameters
    ----------
    rng
        Where the numbers come from.
    committee
        True for committees; only they have an outlet in the ledger.
    joined
        True for settlements on the hardened network.
    streets_m, hardened_m
        Metres of streets, and of hardened ones.
    outlet
        True for committees with an outlet.
    covered
        True for settlements that a 5G station covers.

    Returns
    -------
    pandas.DataFrame
        The ledger's columns, one row per settlement.
    """
    count = len(committee)
    wrong = rng.uniform(size=(3, count)) < _WRONG
    wrong[0] &= ~committee
    factor = np.where(wrong[1], rng.uniform(0.6, 1.4, count), rng.normal(1.0, 0.012, count))
    km = np.round(streets_m / 1000.0 * factor, 2)
    hard = np.round(np.minimum(hardened_m / 1000.0 * factor, km), 2)
    gap = ((rng.uniform(size=count) < 0.008) & ~committee) | (streets_m == 0)
    mistaken = rng.uniform(size=count) < _WRONG
    table = pd.DataFrame(
        {
            "ledger_hardened_access": pd.array(joined ^ wrong[0], dtype="boolean"),
            "ledger_in_village_km": km,
            "ledger_in_village_hardened_km": hard,
            "ledger_5g": pd.array(covered ^ mistaken, dtype="boolean"),
            "ledger_outlet": pd.array(outlet ^ wrong[2], dtype="boolean"),
            "ledger_source": np.full(count, LEDGER, dtype=object),
            "ledger_date": pd.Series([pd.Timestamp(LEDGER_DATE)] * count).astype("datetime64[ms]"),
        }
    )
    table.loc[~committee, "ledger_outlet"] = pd.NA
    table.loc[gap, ["ledger_in_village_km", "ledger_in_village_hardened_km"]] = np.nan
    return table
