"""Where to put new outlets and cold stores: existing ones kept, forbidden ground left out.

Everything is by road, in minutes, with the walk to and from the road counted. Shares are counted by
weight (villages, households or people), and kept sites are there before anything is chosen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from yanshan_gis.methods.site_candidates import SitePool
from yanshan_gis.methods.site_capacities import with_volumes
from yanshan_gis.methods.site_masks import Masks
from yanshan_gis.methods.site_objectives import Objective
from yanshan_gis.methods.site_question import SiteQuestion
from yanshan_gis.methods.site_result import answer
from yanshan_gis.needs import Need, needs
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.result import Result

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer
    from yanshan_gis.messages import Notice


@needs(
    villages=Need(fields=("name", "level")),
    facilities=Need(optional=True, rows=False),
    townships=Need(optional=True, rows=False),
    ground=Need(optional=True, rows=False),
    control_lines=Need(optional=True, rows=False),
    desertification=Need(optional=True, rows=False),
    elevation=Need(optional=True, rows=False),
    network=Need(fields=("minutes",)),
)
def choose(
    *,
    villages: Layer,
    facilities: Layer | None,
    townships: Layer | None,
    ground: Layer | None,
    control_lines: Layer | None,
    desertification: Layer | None,
    elevation: Layer | None,
    network: Layer,
    objective: str,
    limit_min: float,
    target_share: float,
    sites: float,
    money_wan: float,
    site_cost_wan: float,
    level: str,
    weigh_by: str,
    candidates: str,
    statuses: tuple[str, ...],
    forbidden_kinds: tuple[str, ...],
    forbidden_grades: tuple[str, ...],
    slope_limit_deg: float,
    attach_limit_m: float,
    walk_speed_kmh: float,
    spacing_m: float,
    time_limit_min: float,
    need_m3: float | None = None,
    new_volume_m3: float = 0.0,
    progress: Progress = SILENT,
) -> Result:
    """Choose new sites, say what each brings, and where nothing does, why.

    Parameters
    ----------
    villages
        Committees and natural villages.
    facilities
        Sites of today and of plans, with ``status``; those without one exist.
    townships
        Polygons, for places that do not name their township.
    ground
        The county's polygon, which the catchments divide.
    control_lines, desertification, elevation
        What forbids a candidate; where one is absent a notice says that it was not checked.
    network
        Links of the recipe ``road-network``.
    objective
        See `Objective`: ``fewest``, ``most``, ``nearest``, ``farthest`` or ``twice``.
    limit_min
        Farthest a site may be to serve a village.
    target_share
        Of the weight, that ``fewest`` serves.
    sites
        New sites, for all other objectives.
    money_wan
        For ``most``: what they may cost instead, in 10,000 yuan; 0 where the number counts.
    site_cost_wan
        Of a candidate without a ``cost_wan`` of its own; 0 where none is stated.
    level
        Who asks: ``committee`` or ``natural``; a committee's people hold those of its villages.
    weigh_by
        ``villages``, ``households`` or ``population``.
    candidates
        ``committees``, ``villages`` (natural ones) or ``planned`` (facilities).
    statuses
        Facilities that are kept, forbidden ground or not.
    forbidden_kinds, forbidden_grades
        Of control lines and desertification on which no candidate is chosen.
    slope_limit_deg
        Steepest ground a candidate may stand on.
    attach_limit_m
        Farthest a place may lie from its road.
    walk_speed_kmh
        For the way between a place and its road.
    spacing_m
        Between the points along the roads whose cells the catchments are made of.
    time_limit_min
        After which the best choice found is kept, for each search.
    need_m3
        Cold storage needed per 1,000 people (households): villages are then served only by sites
        with room, for ``most``. 0 for what the known stores hold together; None where it is not
        asked.
    new_volume_m3
        Of a new store; 0 for the median of those known.
    progress
        Who listens.

    Returns
    -------
    Result
        See `answer`.

    Raises
    ------
    UsageError
        When a parameter is none of what is possible.
    """
    asked = Objective.of(objective, target_share, sites, money_wan, time_limit_min)
    masks = Masks(
        control_lines, forbidden_kinds, desertification, forbidden_grades, elevation,
        slope_limit_deg,
    )  # fmt: skip
    pool = SitePool.of(
        villages.frame,
        facilities,
        townships,
        masks,
        source=candidates,
        statuses=statuses,
        cost_wan=site_cost_wan,
    )
    question = SiteQuestion.ask(
        villages.frame,
        pool,
        townships,
        network.frame,
        level=level,
        weigh_by=weigh_by,
        limit_min=limit_min,
        attach_limit_m=attach_limit_m,
        walk_speed_kmh=walk_speed_kmh,
    )
    if question.villages["weight"].isna().all():
        missing = f"villages.{weigh_by}" if len(question.villages) else "villages (0)"
        return Result("not_computable", missing=(missing,))
    notices: list[Notice] = []
    if need_m3 is not None and objective == "most":
        question, notices = with_volumes(question, facilities, need_m3, new_volume_m3)
    found = answer(
        question,
        asked,
        target_share=target_share if need_m3 is None or objective == "fewest" else None,
        townships=townships,
        ground=ground,
        attach_limit_m=attach_limit_m,
        spacing_m=spacing_m,
        progress=progress,
    )
    return replace(found, warnings=(*found.warnings, *notices))
