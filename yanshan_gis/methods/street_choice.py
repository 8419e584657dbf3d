"""In which villages to harden streets first: the purse of indicator 18.

A chosen village has its streets hardened up to a share of their length, by default all of them; it
counts when that lifts it to the threshold from which the indicator calls a village done. Streets of
one village do not need those of another, so the choice is a knapsack, solved exactly, and the order
is that of falling gain per kilometre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.control_lines import first_within, unchecked
from yanshan_gis.methods.ledger import amount, yes_no
from yanshan_gis.methods.ledger_streets import LEDGER_KM
from yanshan_gis.methods.road_prices import price_per_km
from yanshan_gis.methods.street_gains import STREET_UNITS, StreetGains
from yanshan_gis.methods.street_stock import StreetStock
from yanshan_gis.methods.townships import UNKNOWN, township_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.optimisation.budget import ROUNDING, Budget
from yanshan_gis.optimisation.in_village import Streets, choose_streets, missing_km
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer

_LEDGER_TELLS = tuple(f"villages.{column}" for column in LEDGER_KM)


@needs(
    villages=Need(fields=("name",)),
    committees=Need(optional=True, rows=False),
    townships=Need(optional=True, rows=False),
    control_lines=Need(optional=True, rows=False),
    network=Need(fields=("hardened",), unless=_LEDGER_TELLS),
)
def first(
    *,
    villages: Layer,
    committees: Layer | None,
    townships: Layer | None,
    control_lines: Layer | None,
    network: Layer | None,
    budget_km: float,
    money_wan: float,
    cost_per_km: Mapping[str, float | Mapping[str, float]],
    weigh_by: str,
    years: float,
    floor_share: float,
    village_threshold_share: float,
    bring_to_share: float,
    committed_programmes: tuple[str, ...],
    forbidden_kinds: tuple[str, ...],
    in_village_limit_m: float,
    target_share: float,
    gap: float,
    time_limit_min: float,
    progress: Progress = SILENT,
) -> Result:
    """Choose villages whose streets are hardened, and say in which order and why.

    Parameters
    ----------
    villages
        Natural villages; ``exempt`` ones are shown and not counted.
    committees
        For their names, and for villages that do not name their township.
    townships
        Polygons, for places that do not name theirs.
    control_lines
        Polygons with ``kind``; without them a notice says that nothing was checked.
    network
        Links of the recipe ``road-network``; where none says that it lies in a village, the
        ledger's kilometres are taken.
    budget_km
        Of in-village road.
    money_wan
        In 10,000 yuan; 0 for no limit.
    cost_per_km
        10,000 yuan per kilometre by administrative class and surface, for roads without
        ``cost_per_km_wan``.
    weigh_by
        What is gained: ``villages``, ``households``, ``population`` or ``km``.
    years
        Number of equal yearly budgets.
    floor_share
        Least share of what each township misses that is to be gained; 0 for none.
    village_threshold_share
        Hardened share from which a village counts as done.
    bring_to_share
        Hardened share to which a chosen village is brought; not below the threshold.
    committed_programmes
        Soft in-village roads whose ``programme`` is one of these are hardened whatever is chosen,
        and paid for first.
    forbidden_kinds
        Kinds of control lines in which no road is chosen.
    in_village_limit_m
        Farthest an in-village road may lie from the village it counts for.
    target_share
        What the plan asks of the hardened share of all kilometres.
    gap
        Relative distance between gain and bound that is good enough.
    time_limit_min
        After which the best choice found is kept.
    progress
        Told gain and bound.

    Returns
    -------
    Result
        Layers ``villages`` and, where the map tells, ``streets``; tables ``steps``, ``by_year``,
        ``by_township`` and ``missed``; ``infeasible`` with reasons and today's state when no
        choice meets the floors.

    Raises
    ------
    UsageError
        When `weigh_by`, `years` or `bring_to_share` is none of those possible.
    """
    _check(weigh_by, years, village_threshold_share, bring_to_share)
    frame = villages.frame
    township = township_of(frame, None if committees is None else committees.frame, townships)
    exempt = yes_no(frame, "exempt").fillna(False).to_numpy(dtype=bool)
    inside = _links(network, control_lines, forbidden_kinds, committed_programmes, cost_per_km)
    stock = _stock(frame, inside, township, townships, exempt, in_village_limit_m, cost_per_km)
    if not stock.with_streets.any():
        return Result("not_computable", missing=("network.scope = in_village", *_LEDGER_TELLS[:1]))
    need = missing_km(
        np.nan_to_num(stock.all_km), np.nan_to_num(stock.will_km), bring_to_share
    )  # fmt: skip
    below = stock.with_streets & ~stock.reaches(stock.will_km, village_threshold_share)
    weight = _weight(frame, weigh_by, need)
    if weight[below].isna().all() and below.any():
        return Result("not_computable", missing=(f"villages.{weigh_by}",))
    wanted = below if weigh_by != "km" else stock.with_streets
    barred = wanted & (need > stock.open_km + ROUNDING)
    gain = weight.fillna(0.0).to_numpy() * wanted
    cost = np.where(gain > 0, np.nan_to_num(need) * stock.price_wan, 0.0)
    unknown = (gain > 0) & (need > 0) & ~barred & np.isnan(cost)
    notices = _notices(control_lines, stock, inside, weight[wanted])
    committed = stock.committed()
    if money_wan > 0 and (unknown.any() or np.isnan(committed[1])):
        text = N_("Money is limited, but {km:.2f} km of soft road have no cost per kilometre.")
        short = Notice("cost-unknown", text, {"km": float(need[unknown].sum()) + committed[0]})
        missing = ("network.cost_per_km_wan",)
        return Result("not_computable", missing=missing, warnings=(*notices, short))
    names = sorted(set(township) - {UNKNOWN})
    number = {name: i for i, name in enumerate(names)}
    label = np.array([number.get(name, -1) for name in township], dtype=np.int32)
    streets = Streets(
        np.where(barred | ~wanted, np.nan, need), gain, None if unknown.any() else cost, label
    )
    known = (label >= 0) & (need > 0)
    floors = floor_share * np.bincount(label[known], gain[known], minlength=len(names))
    whole = Budget(budget_km, money_wan if money_wan > 0 else np.inf)
    progress.start(N_("Streets to harden first"), None)
    found = choose_streets(
        streets, whole.without(committed[0], np.nan_to_num(committed[1])), floors=floors,
        names=names, gap=gap, time_limit_s=60 * time_limit_min, listener=progress.bounds,
    )  # fmt: skip
    progress.finish()
    told = StreetGains(
        villages, committees, township, stock, streets, found, whole, int(years),
        village_threshold_share, barred,
    )  # fmt: skip
    return told.result(townships, notices, weigh_by, target_share)


def _check(weigh_by: str, years: float, threshold: float, bring_to: float) -> None:
    if weigh_by not in STREET_UNITS or years < 1 or years != int(years):
        text = N_("weigh_by is villages, households, population or km, and years a whole number.")
        raise UsageError("street-choice-parameters", text)
    if not 0 < threshold <= bring_to <= 1:
        text = N_(
            "A chosen village is brought to {bring_to:g} hardened; that must be at least the "
            "threshold {threshold:g} and at most 1."
        )
        raise UsageError("street-choice-share", text, bring_to=bring_to, threshold=threshold)


def _links(
    network: Layer | None,
    lines: Layer | None,
    kinds: tuple[str, ...],
    programmes: tuple[str, ...],
    prices: Mapping[str, float | Mapping[str, float]],
) -> gpd.GeoDataFrame | None:
    """Return the in-village links with what the choice asks of them; None where there are none."""
    if network is None or "scope" not in network.frame:
        return None
    mine = (network.frame["scope"] == "in_village").to_numpy(dtype=bool, na_value=False)
    edges = network.frame[mine].reset_index(drop=True)
    if not len(edges):
        return None
    programme = edges["programme"] if "programme" in edges else pd.Series(None, edges.index, object)
    return edges.assign(
        committed=programme.isin(programmes).to_numpy(dtype=bool),
        barred=pd.notna(first_within(edges, lines, "kind", kinds)),
        wan_per_km=price_per_km(edges, prices),
    )


def _stock(
    frame: gpd.GeoDataFrame,
    inside: gpd.GeoDataFrame | None,
    township: pd.Series,
    townships: Layer | None,
    exempt: NDArray[np.bool_],
    limit_m: float,
    prices: Mapping[str, float | Mapping[str, float]],
) -> StreetStock:
    if inside is not None:
        return StreetStock.of_map(inside, frame, township, townships, exempt, limit_m)
    price = price_per_km(pd.DataFrame(index=[0]), prices)
    return StreetStock.of_ledger(frame, exempt, float(price[0]))


def _weight(frame: pd.DataFrame, weigh_by: str, need: NDArray[np.float64]) -> pd.Series:
    if weigh_by in ("villages", "km"):
        values = 1.0 if weigh_by == "villages" else np.nan_to_num(need)
        return pd.Series(values, frame.index, dtype=float)
    return amount(frame, weigh_by)


def _notices(
    lines: Layer | None,
    stock: StreetStock,
    inside: gpd.GeoDataFrame | None,
    weight: pd.Series,
) -> list[Notice]:
    found = unchecked(lines)
    if stock.links is None or inside is None:
        text = N_("No road on the map lies in a village: the ledger's kilometres are taken.")
        found.append(Notice("streets-by-ledger", text, {}))
    else:
        km, soft = stock.links["in_village_km"], ~inside["hardened"].to_numpy(dtype=bool)
        barred = float(km[stock.links["barred"]].sum())
        if barred > 0:
            text = N_("{km:.2f} km of soft road run through control lines and are not chosen.")
            found.append(Notice("control-lines-crossed", text, {"km": barred}))
        stray = float(km[(stock.links["village"] < 0).to_numpy() & soft].sum())
        if stray > 0:
            text = N_("{km:.2f} km of soft in-village road lie near no village; none is chosen.")
            found.append(Notice("streets-near-no-village", text, {"km": stray}))
    unknown = int((np.isnan(stock.all_km) & ~stock.exempt).sum())
    if unknown:
        text = N_("{count} villages have no entry in the ledger and are not counted.")
        found.append(Notice("ledger-silent", text, {"count": unknown}))
    if weight.isna().any():
        text = N_("{count} villages have no number to weigh them by and count as 0.")
        found.append(Notice("weight-unknown", text, {"count": int(weight.isna().sum())}))
    return found
