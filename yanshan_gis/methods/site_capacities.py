"""What cold stores can hold beside what villages need.

No layer states how much cold storage a village needs. The need is taken to follow the people (or
households): so many cubic metres per 1,000, as stated, or else as many as all stores of the layer
with a known volume hold together. A store of unknown volume has no known room and counts as 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer
    from yanshan_gis.methods.site_question import SiteQuestion

PER = 1000.0
_SHARED_OUT = {
    "population": N_(
        "No layer states a need for cold storage; taken: {need:.1f} m³ per 1,000 people, as much "
        "as all stores of known volume hold."
    ),
    "households": N_(
        "No layer states a need for cold storage; taken: {need:.1f} m³ per 1,000 households, as "
        "much as all stores of known volume hold."
    ),
}
_STATED = {
    "population": N_(
        "No layer states a need for cold storage; taken: {need:.1f} m³ per 1,000 people, as the "
        "parameter says."
    ),
    "households": N_(
        "No layer states a need for cold storage; taken: {need:.1f} m³ per 1,000 households, as "
        "the parameter says."
    ),
}


def with_volumes(
    question: SiteQuestion, stores: Layer | None, need_m3: float, new_volume_m3: float
) -> tuple[SiteQuestion, list[Notice]]:
    """Let sites serve no more than they can hold.

    Parameters
    ----------
    question
        Who asks, and who may serve.
    stores
        Cold stores with ``volume_m3``, of any status.
    need_m3
        Cubic metres per 1,000 of what is weighed; 0 for as many as the known stores hold together.
    new_volume_m3
        Of a new store that is no store of the layer; 0 for the median of the known ones.

    Returns
    -------
    tuple
        The question with capacities, in the unit of its weights, and what a reader must know. Where
        villages are counted and not weighed, or no volume is known, capacities are not asked.
    """
    volumes = np.empty(0) if stores is None else amount(stores.frame, "volume_m3").to_numpy()
    known = volumes[~np.isnan(volumes)]
    total = float(question.weights.sum())
    need = need_m3 or (float(known.sum()) / total * PER if total > 0 else 0.0)
    volume = new_volume_m3 or (float(np.median(known)) if len(known) else 0.0)
    if question.weigh_by == "villages" or not need > 0 or not volume > 0:
        text = N_("Volumes are not compared with needs: nothing says how much a village needs.")
        return question, [Notice("capacities-unknown", text, {})]
    pool = question.pool
    room = pool.frame["volume_m3"].to_numpy()
    is_store = np.zeros(len(room), dtype=bool)
    if stores is not None:
        is_store = pool.frame["id"].isin(stores.frame["id"]).to_numpy(dtype=bool)
    room = np.where(is_store, np.nan_to_num(room), volume)
    frame = pool.frame.assign(volume_m3=pool.frame["volume_m3"].where(is_store, volume))
    unknown = int(pool.frame["volume_m3"].isna().to_numpy()[is_store].sum())
    capacities = room / need * PER
    asked = replace(question, pool=replace(pool, frame=frame), capacities=capacities)
    new = int((~is_store).sum())
    return asked, _notices(question.weigh_by, need, need_m3, volume, new_volume_m3, unknown, new)


def _notices(
    weigh_by: str,
    need: float,
    stated: float,
    volume: float,
    stated_volume: float,
    unknown: int,
    new: int,
) -> list[Notice]:
    text = (_STATED if stated > 0 else _SHARED_OUT)[weigh_by]
    told = [Notice("need-assumed", text, {"need": need})]
    if new:
        text = N_("A new store is taken to hold {volume:g} m³, the median of those known.")
        if stated_volume > 0:
            text = N_("A new store is taken to hold {volume:g} m³, as the parameter says.")
        told.append(Notice("volume-assumed", text, {"volume": volume}))
    if unknown:
        text = N_("{count} stores have no known volume and count with no room.")
        told.append(Notice("volumes-unknown", text, {"count": unknown}))
    return told
