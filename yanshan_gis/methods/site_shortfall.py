"""Why there is no answer to a question of siting, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.allocation import distinct_names
from yanshan_gis.optimisation.siting_shortfall import Shortfall, shortfall

if TYPE_CHECKING:
    from yanshan_gis.methods.site_objectives import Objective
    from yanshan_gis.methods.site_question import SiteQuestion

_NAMED = 8  # villages named one by one; the table has all
_TOO_FEW = {
    "villages": N_(
        "No choice of candidates brings {share:.1%} of the villages within {limit:g} min of a site."
    ),
    "households": N_(
        "No choice of candidates brings {share:.1%} of the households within {limit:g} min of a "
        "site."
    ),
    "population": N_(
        "No choice of candidates brings {share:.1%} of the people within {limit:g} min of a site."
    ),
}
_WHY = {
    "most": N_("No candidate brings any further village within {limit:g} min of a site."),
    "nearest": N_("With {count} new sites no choice serves every village by road."),
    "farthest": N_("With {count} new sites no choice serves every village by road."),
    "twice": N_("With {count} new sites no choice brings every village within {limit:g} min."),
}


def no_answer(question: SiteQuestion, objective: Objective) -> tuple[list[Notice], pd.DataFrame]:
    """Tell which villages stand in the way, and what would be enough.

    Parameters
    ----------
    question
        Who asks, and who may serve.
    objective
        What was asked and has no answer.

    Returns
    -------
    tuple
        Notices, the reason first; and the villages that no site can reach, heaviest first, with
        the nearest site or candidate.
    """
    share = objective.target_share if objective.name == "fewest" else 1.0
    limit = np.inf if objective.everywhere else question.limit_min
    count = None if objective.name == "fewest" or objective.by_money else objective.count
    lacking = shortfall(
        objective.asking(question),
        limit,
        share=share,
        count=count,
        budget=objective.money_wan if objective.by_money else np.inf,
        time_limit_s=objective.time_limit_s,
    )
    values = {"share": share, "limit": question.limit_min, "count": objective.count}
    text = _TOO_FEW[question.weigh_by] if objective.name == "fewest" else _WHY[objective.name]
    if question.capacities is not None and _too_small(question):
        text = N_("Every village within {limit:g} min of a site needs more than the site can hold.")
    table = _table(question, lacking)
    notices = [
        Notice("sites-infeasible", text, values),
        *_villages(table),
        *_enough(lacking, objective, share, question.limit_min),
    ]
    return notices, table


def _too_small(question: SiteQuestion) -> bool:
    """Tell whether villages are in reach that no site has room for."""
    near = question.near
    row, site, _ = near.pairs(near.existing | near.free)
    asking = near.demand[row]
    fits = near.weights[row] <= near.capacities[site]
    return bool(asking.any() and not (asking & fits).any())


def _table(question: SiteQuestion, lacking: Shortfall) -> pd.DataFrame:
    names = np.array([*distinct_names(question.pool.frame), None], dtype=object)
    columns = ["id", "name", "township", "population", "households"]
    rows = pd.DataFrame(question.villages.iloc[lacking.rows][columns])
    rows["nearest"] = names[lacking.nearest]
    rows["minutes"] = lacking.minutes
    off = question.off_road[lacking.rows]
    state = np.where(np.isnan(lacking.minutes), "unreachable", "far").astype(object)
    rows["state"] = np.where([code is None for code in off], state, off)
    weight = question.weights[lacking.rows]
    return rows.iloc[np.argsort(-weight, kind="stable")].reset_index(drop=True)


def _villages(table: pd.DataFrame) -> list[Notice]:
    """Name villages that no site can reach within the limit."""
    texts = {
        "far": N_(
            "{name} ({township}): the nearest site or candidate, {nearest}, is {minutes:.1f} min "
            "away."
        ),
        "unreachable": N_("{name} ({township}): no road leads to any site or candidate."),
        "unattached": N_("{name} ({township}): no road within the attach limit."),
        "no_position": N_("{name} ({township}): its position is not known."),
    }
    told = []
    for row in table.head(_NAMED).to_dict("records"):
        values = {"name": row["name"], "township": row["township"]}
        if row["state"] == "far":
            values |= {"nearest": row["nearest"], "minutes": row["minutes"]}
        told.append(Notice("village-without-site", texts[row["state"]], values))
    if len(table) > _NAMED:
        text = N_("{count} villages in all have no site in reach; the table lists them.")
        told.append(Notice("villages-without-site", text, {"count": len(table)}))
    return told


def _enough(
    lacking: Shortfall, objective: Objective, share: float, limit_min: float
) -> list[Notice]:
    """Say which limit, number, money or share would do."""
    told = []
    if not objective.everywhere:
        if np.isnan(lacking.radius):
            text = N_("No limit would be enough for {share:.1%}.")
            told.append(Notice("no-limit-enough", text, {"share": share}))
        elif lacking.radius > limit_min:
            text = N_("A limit of {radius:.1f} min would be enough.")
            told.append(Notice("limit-enough", text, {"radius": _rounded_up(lacking.radius)}))
    if not np.isnan(lacking.needed) and objective.name != "fewest":
        text = N_("{needed:.0f} new sites would be enough.")
        if objective.by_money:
            text = N_("Sites for {needed:.10g} 万元 would be enough.")
        told.append(Notice("number-enough", text, {"needed": lacking.needed}))
    if not np.isnan(lacking.share):
        text = N_("{share:.1%} can be served as asked.")
        told.append(Notice("share-possible", text, {"share": _rounded_down(lacking.share)}))
    return told


def _rounded_up(minutes: float) -> float:
    """Return a limit of one digit that is really enough."""
    rounded = round(minutes, 1)
    return rounded if rounded >= minutes else math.ceil(minutes * 10) / 10


def _rounded_down(share: float) -> float:
    """Return a share of three digits that is really possible."""
    rounded = round(share, 3)
    return rounded if rounded <= share else math.floor(share * 1000) / 1000
