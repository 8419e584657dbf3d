"""What a question of siting is answered: figures, tables and layers, or why there is no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.road_gains import GAIN_UNITS
from yanshan_gis.methods.site_catchments import draw
from yanshan_gis.methods.site_service import Service, SitePlan
from yanshan_gis.methods.site_shortfall import no_answer
from yanshan_gis.methods.townships import add_county_row, count_by_township
from yanshan_gis.optimisation.backup import times_reached
from yanshan_gis.optimisation.capacities import capacitated_cover
from yanshan_gis.optimisation.siting import opened
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    import geopandas as gpd

    from yanshan_gis.layer import Layer
    from yanshan_gis.methods.site_objectives import Objective
    from yanshan_gis.methods.site_question import SiteQuestion
    from yanshan_gis.optimisation.sites import Sites
    from yanshan_gis.progress import Progress

_MISSED = ["far", "no_room", "unreachable", "unattached", "no_position"]
# Gap of the least minutes below which a choice is called proven, as the solver's own.
_PROVEN = 1e-4


def answer(
    question: SiteQuestion,
    objective: Objective,
    *,
    target_share: float | None,
    townships: Layer | None,
    ground: Layer | None,
    attach_limit_m: float,
    spacing_m: float,
    progress: Progress,
) -> Result:
    """Choose sites and tell of them.

    Parameters
    ----------
    question
        Who asks, and who may serve.
    objective
        What is asked.
    target_share
        What the plan asks for; None for nothing.
    townships
        Polygons with ``code``, for the order of the townships.
    ground
        The county's polygon, which the catchments divide.
    attach_limit_m
        How far from the roads the ground of catchments goes without it.
    spacing_m
        Between the points along the roads whose cells the catchments are made of.
    progress
        Told bounds of the search.

    Returns
    -------
    Result
        Layers ``sites``, ``villages``, ``catchments``, ``barred``; tables ``steps``,
        ``by_township``, ``missed``, ``forbidden``; with status ``infeasible`` a table
        ``shortfall``, too.
    """
    notices = question.notices()
    if objective.by_money and (unpriced := _unpriced(question)):
        return Result("not_computable", missing=("site_cost",), warnings=(*notices, *unpriced))
    progress.start(N_("Sites"), None)
    found = objective.solve(question, progress.bounds)
    progress.finish()
    if found.status == "time_limit" and np.isnan(found.objective):
        text = N_("Time ran out before any choice was found; a longer time_limit may find one.")
        notice = Notice("nothing-found", text, {})
        return Result("not_computable", missing=("time_limit",), warnings=(*notices, notice))
    plan = _plan(question, objective, found)
    infeasible = found.status == "infeasible"
    tables = {
        "steps": plan.steps,
        "by_township": _by_township(plan, townships),
        "missed": _missed(plan),
        "forbidden": _forbidden(question),
    }
    reasons: list[Notice] = []
    if infeasible:
        reasons, tables["shortfall"] = no_answer(question, objective)
    layers = {"sites": plan.sites, "villages": plan.villages, "barred": _barred(question)}
    if plan.after.sites.any():
        layers["catchments"] = draw(plan, ground, walk_m=attach_limit_m, spacing_m=spacing_m)
    return Result(
        "infeasible" if infeasible else "ok",
        indicators=tuple(_indicators(plan, objective, found, target_share)),
        layers=layers,
        tables=tables,
        warnings=(
            *reasons,
            *_proof(found, objective),
            *objective.left_aside(question),
            *_given_way(plan),
            *notices,
        ),
    )


def _plan(question: SiteQuestion, objective: Objective, found: Sites) -> SitePlan:
    """Count what is served before and after; with capacities, before by the kept sites alone."""
    kept = question.near.existing
    before = Service.of(question, kept)
    if question.capacities is None:
        after = Service.of(question, opened(question.near, found.chosen))
        return SitePlan.of(before, after, found.chosen)
    alone = capacitated_cover(
        question.near, 0, least_minutes=False, time_limit_s=objective.time_limit_s
    )
    before = Service.of(question, kept, alone)
    if objective.name != "most":
        return SitePlan.of(before, before, found.chosen)
    after = Service.of(question, opened(question.near, found.chosen), found)
    return SitePlan.of(before, after, found.chosen)


def _unpriced(question: SiteQuestion) -> list[Notice]:
    free = question.near.free
    count = int(question.pool.frame["cost_wan"].isna().to_numpy()[free].sum())
    if not count:
        return []
    text = N_("Money is limited, but {count} candidates have no cost.")
    return [Notice("cost-unknown", text, {"count": count})]


def _indicators(
    plan: SitePlan, objective: Objective, found: Sites, target: float | None
) -> list[Indicator]:
    question, before, after = plan.question, plan.before, plan.after
    total = float(question.weights.sum())
    told = [
        Indicator.share("share_after", after.weight, total, target=target, headline=True),
        Indicator.share("share_before", before.weight, total),
        Indicator(
            "sites", None if found.status == "infeasible" else float(len(found.chosen)), "个"
        ),
        *_bounds(question, objective, found),
        Indicator("mean_min", after.mean_min, "min"),
        Indicator("longest_min", after.longest_min, "min"),
    ]
    told += _served(plan)
    told.append(Indicator("mean_min_before", before.mean_min, "min"))
    if objective.name == "twice":
        twice = times_reached(question.near, after.sites) >= 2
        told.append(Indicator.share("twice", float(question.weights[twice].sum()), total))
    cost = question.pool.frame["cost_wan"].to_numpy()[plan.chosen]
    if len(cost) and not np.isnan(cost).any():
        told.append(Indicator("cost", float(cost.sum()), "万元"))
    return told


def _served(plan: SitePlan) -> list[Indicator]:
    """Tell what is served beside what was weighed, each in its own unit."""
    told, villages = [], plan.question.villages
    for name in ("villages", "households", "population"):
        ones = pd.Series(1.0, villages.index)
        numbers = (ones if name == "villages" else villages[name].fillna(0.0)).to_numpy()
        if name != plan.question.weigh_by and numbers.sum() > 0:
            reached = float(numbers[plan.after.served].sum())
            told.append(Indicator.share(f"{name}_after", reached, float(numbers.sum())))
    return told


def _bounds(question: SiteQuestion, objective: Objective, found: Sites) -> list[Indicator]:
    """Tell what no choice can be better than, in the unit of what was asked for."""
    if found.status == "infeasible":
        return []
    unit, bound = GAIN_UNITS[question.weigh_by], found.bound
    if objective.name == "fewest":
        unit = "个"
    elif objective.everywhere:
        unit = "min"
    if objective.name == "nearest":
        weights = float(objective.siting(question).total)
        bound = bound / weights if weights > 0 else 0.0
    return [Indicator("bound", float(bound), unit), Indicator("gap", float(found.gap), "share")]


def _by_township(plan: SitePlan, townships: Layer | None) -> pd.DataFrame:
    before, after = plan.before.served, plan.after.served
    rows = count_by_township(
        plan.question.villages["township"],
        {"denominator": np.ones(len(before)), "before": before, "newly": after & ~before,
         "after": after},
    )  # fmt: skip
    sites = plan.question.pool.frame.iloc[plan.chosen]
    new = count_by_township(sites["township"], {"new_sites": np.ones(len(sites))})
    weights = plan.question.weights
    people = count_by_township(
        plan.question.villages["township"],
        {"weight": weights, "weight_after": weights * after},
        whole=False,
    )
    joined = rows.join(people).join(new, how="outer")
    whole = [*rows.columns, "new_sites"]
    joined[whole] = joined[whole].fillna(0).astype("Int64")
    joined = joined.fillna({"weight": 0.0, "weight_after": 0.0})
    table = add_county_row(joined.reset_index(), townships)
    total = table["weight"].astype(float)
    table["share"] = table["weight_after"].astype(float) / total.where(total > 0)
    order = ["township", "denominator", "before", "newly", "after", "share", "new_sites",
             "weight", "weight_after"]  # fmt: skip
    return table[order]


def _missed(plan: SitePlan) -> pd.DataFrame:
    rows = pd.DataFrame(plan.villages.drop(columns="geometry"))
    rows = rows[rows["state"].isin(_MISSED) & (plan.question.weights > 0)]
    rows = rows.sort_values(["weight", "id"], ascending=[False, True], kind="stable")
    columns = ["id", "name", "township", "population", "households", "state", "site", "minutes",
               "walk_m"]  # fmt: skip
    return rows[columns].reset_index(drop=True)


def _forbidden(question: SiteQuestion) -> pd.DataFrame:
    return pd.DataFrame(_barred(question).drop(columns="geometry"))


def _barred(question: SiteQuestion) -> gpd.GeoDataFrame:
    """Return the candidates that may not be chosen, with the reason."""
    frame = question.pool.frame
    columns = ["id", "name", "township", "reason", "line", "grade", "slope_deg", "geometry"]
    return frame.loc[question.pool.forbidden, columns].reset_index(drop=True)


def _proof(found: Sites, objective: Objective) -> list[Notice]:
    """Say what is not proven, and what was not needed."""
    if found.status == "not_needed":
        text = N_("No new site is needed: those that are kept are enough.")
        return [Notice("sites-not-needed", text, {})]
    told = []
    if found.status == "time_limit":
        text = N_(
            "Time ran out before the choice was proven: it stands at {value:.10g}, none can be "
            "better than {bound:.10g} (gap {gap:.2%})."
        )
        values = {"value": found.objective, "bound": found.bound, "gap": found.gap}
        told.append(Notice("choice-not-proven", text, values))
    if found.minutes_gap > _PROVEN and objective.name != "nearest":
        text = N_("Among equally good choices the least minutes are not proven: gap {gap:.2%}.")
        told.append(Notice("minutes-not-proven", text, {"gap": found.minutes_gap}))
    return told


def _given_way(plan: SitePlan) -> list[Notice]:
    """Say where room that is dealt out anew takes a village's place away."""
    count = int((plan.before.served & ~plan.after.served).sum())
    if not count:
        return []
    text = N_("{count} villages served today give way to others: rooms are dealt out anew.")
    return [Notice("villages-give-way", text, {"count": count})]
