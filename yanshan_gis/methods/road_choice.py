"""Which roads to harden first: most villages, households or people joined within a budget.

The model counts a village when hardened road leads without a break to some committee; the figures
are counted anew by the rule of indicator 17, a path to its *own* committee, with the chosen roads
hardened. Where both differ, a notice says by how many villages.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.control_lines import first_within, unchecked
from yanshan_gis.methods.hardened_access import with_parents
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.road_gains import GAIN_UNITS, RoadGains
from yanshan_gis.methods.road_prices import price_per_km
from yanshan_gis.methods.road_years import RoadYears
from yanshan_gis.methods.soft_roads import SoftRoads
from yanshan_gis.methods.townships import UNKNOWN, township_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.optimisation.budget import Budget
from yanshan_gis.optimisation.upgrading import Upgrade, upgrade
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yanshan_gis.layer import Layer
    from yanshan_gis.optimisation.program import Listener


@needs(
    villages=Need(fields=("name",)),
    committees=Need(fields=("name",)),
    townships=Need(optional=True, rows=False),
    control_lines=Need(optional=True, rows=False),
    network=Need(fields=("hardened",)),
)
def first(
    *,
    villages: Layer,
    committees: Layer,
    townships: Layer | None,
    control_lines: Layer | None,
    network: Layer,
    budget_km: float,
    money_wan: float,
    cost_per_km: Mapping[str, float | Mapping[str, float]],
    cost_factor: float,
    weigh_by: str,
    years: float,
    floor_share: float,
    committed_programmes: tuple[str, ...],
    forbidden_kinds: tuple[str, ...],
    touch_limit_m: float,
    parent_limit_m: float,
    target_share: float,
    gap: float,
    time_limit_min: float,
    progress: Progress = SILENT,
) -> Result:
    """Choose roads to harden, and say in which order and why.

    Parameters
    ----------
    villages
        Natural villages; ``exempt`` ones are shown and not counted.
    committees
        Committees, where a hardened path must lead.
    townships
        Polygons, for places that do not name their township.
    control_lines
        Polygons with ``kind``; without them a notice says that nothing was checked.
    network
        Links of the recipe ``road-network``; in-village ones are another purse's.
    budget_km
        Of hardened access road.
    money_wan
        In 10,000 yuan; 0 for no limit.
    cost_per_km
        10,000 yuan per kilometre by administrative class and surface, for roads without
        ``cost_per_km_wan``.
    cost_factor
        All prices, those of roads too, are taken times this.
    weigh_by
        What is gained: ``villages``, ``households`` or ``population``.
    years
        Number of equal yearly budgets.
    floor_share
        Least share of what each township misses that is to be gained; 0 for none.
    committed_programmes
        Soft roads whose ``programme`` is one of these are hardened whatever is chosen, and paid
        for first.
    forbidden_kinds
        Kinds of control lines in which no road is chosen.
    touch_limit_m
        Farthest a village may lie from a hardened road that it counts as touching.
    parent_limit_m
        A village that names no committee belongs to the nearest one within this distance.
    target_share
        What the plan asks for.
    gap
        Relative distance between gain and bound that is good enough.
    time_limit_min
        After which the best choice found is kept, for the choice and for the years each.
    progress
        Told gain and bound.

    Returns
    -------
    Result
        Layers ``roads`` and ``villages``; tables ``steps``, ``by_year``, ``by_township`` and
        ``missed``; ``infeasible`` with reasons and today's state when no choice does.

    Raises
    ------
    UsageError
        When `weigh_by` or `years` is none of those possible.
    """
    if weigh_by not in GAIN_UNITS or years < 1 or years != int(years):
        text = N_("weigh_by is villages, households or population, and years a whole number.")
        raise UsageError("road-choice-parameters", text)
    villages, guessed = with_parents(villages, committees, parent_limit_m)
    township = township_of(villages.frame, committees.frame, townships)
    exempt = _exempt(villages.frame)
    counted = replace(villages, frame=villages.frame[~exempt].reset_index(drop=True))
    names = township[~exempt].reset_index(drop=True)
    weight = _weight(counted.frame, weigh_by)
    if weight.isna().all():
        return Result("not_computable", missing=(f"villages.{weigh_by}",))
    inside = first_within(network.frame, control_lines, "kind", forbidden_kinds)
    crossing = pd.notna(inside)
    soft = SoftRoads.prepare(
        network.frame,
        counted,
        committees,
        touch_limit_m=touch_limit_m,
        forbidden=crossing,
        committed=_of_programme(network.frame, committed_programmes),
        price_wan=cost_factor * price_per_km(network.frame, cost_per_km),
    )
    notices = [*_checked(control_lines, crossing, network.frame), *_guesses(guessed, weight)]
    if money_wan > 0 and soft.without_cost.any():
        return _no_costs(soft, notices)
    if not len(soft.roots):
        text = N_("No committee touches a hardened road: there is nothing to connect villages to.")
        return Result("infeasible", warnings=(*notices, Notice("no-root", text, {})))
    budget = Budget(budget_km, money_wan if money_wan > 0 else np.inf)
    progress.start(N_("Roads to harden first"), None)
    found = _choose(
        soft, weight.fillna(0.0), names, floor_share, budget, gap, time_limit_min, progress.bounds
    )
    progress.finish()
    yearly = [Budget(budget.km / years, budget.cost / years)] * int(years)
    progress.start(N_("Years in which they are built"), None)
    order = RoadYears.of(soft, found.tree, yearly, 60 * time_limit_min, progress.bounds)
    progress.finish()
    choice = RoadGains(villages, township, exempt, soft, found, order, budget)
    return choice.result(townships, notices, weigh_by, target_share)


def _weight(frame: pd.DataFrame, weigh_by: str) -> pd.Series:
    return pd.Series(1.0, frame.index) if weigh_by == "villages" else amount(frame, weigh_by)


def _exempt(frame: pd.DataFrame) -> NDArray[np.bool_]:
    if "exempt" not in frame:
        return np.zeros(len(frame), dtype=bool)
    return frame["exempt"].astype("boolean").fillna(False).to_numpy(dtype=bool)


def _of_programme(edges: pd.DataFrame, programmes: tuple[str, ...]) -> NDArray[np.bool_]:
    if "programme" not in edges:
        return np.zeros(len(edges), dtype=bool)
    return edges["programme"].isin(programmes).to_numpy(dtype=bool)


def _checked(lines: Layer | None, crossing: NDArray[np.bool_], edges: pd.DataFrame) -> list[Notice]:
    barred = crossing & ~edges["hardened"].to_numpy(dtype=bool)
    if not barred.any():
        return unchecked(lines)
    text = N_("{km:.2f} km of soft road run through control lines and are not chosen.")
    km = float(edges["length_m"].to_numpy()[barred].sum() / 1000)
    return [Notice("control-lines-crossed", text, {"km": km})]


def _guesses(guessed: NDArray[np.bool_], weight: pd.Series) -> list[Notice]:
    found = []
    if guessed.any():
        text = N_("{count} villages name no committee and count for the nearest one.")
        found.append(Notice("parents-by-position", text, {"count": int(guessed.sum())}))
    if weight.isna().any():
        text = N_("{count} villages have no number to weigh them by and count as 0.")
        found.append(Notice("weight-unknown", text, {"count": int(weight.isna().sum())}))
    return found


def _no_costs(soft: SoftRoads, notices: list[Notice]) -> Result:
    unknown = soft.without_cost
    text = N_("Money is limited, but {km:.2f} km of soft road have no cost per kilometre.")
    km = float(soft.roads.length_m[unknown].sum() / 1000)
    return Result(
        "not_computable",
        missing=("network.cost_per_km_wan",),
        warnings=(*notices, Notice("cost-unknown", text, {"km": km})),
    )


def _choose(
    soft: SoftRoads,
    weight: pd.Series,
    township: pd.Series,
    floor_share: float,
    budget: Budget,
    gap: float,
    time_limit_min: float,
    listener: Listener,
) -> Upgrade:
    names = sorted(set(township) - {UNKNOWN})
    label = township.map({name: i for i, name in enumerate(names)}).fillna(-1)
    graph = soft.graph(weight.to_numpy(), label.to_numpy(dtype=np.int64))
    missed = (graph.node != 0) & (graph.label >= 0)
    sums = np.bincount(graph.label[missed], graph.weight[missed], minlength=len(names))
    return upgrade(
        graph, budget, floors=floor_share * sums, names=names, gap=gap,
        time_limit_s=60 * time_limit_min, listener=listener,
    )  # fmt: skip
