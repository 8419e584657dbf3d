"""What is asked of new sites: fewest, most, nearest, farthest, twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.optimisation.backup import backup_cover
from yanshan_gis.optimisation.capacities import capacitated_cover
from yanshan_gis.optimisation.centers import p_center
from yanshan_gis.optimisation.coverage import maximal_cover, partial_cover
from yanshan_gis.optimisation.medians import p_median
from yanshan_gis.optimisation.siting import opened, uncosted

if TYPE_CHECKING:
    from yanshan_gis.methods.site_question import SiteQuestion
    from yanshan_gis.optimisation.program import Listener
    from yanshan_gis.optimisation.sites import Sites
    from yanshan_gis.optimisation.siting import Siting

OBJECTIVES = ("fewest", "most", "nearest", "farthest", "twice")


@dataclass(frozen=True)
class Objective:
    """What is asked.

    Parameters
    ----------
    name
        ``fewest`` sites for the target share (partial cover; of a share of 1 the set cover),
        ``most`` weight within the limit by a number of sites or by money (maximal cover, with
        capacities where they are known), ``nearest`` on average (p-median), ``farthest`` as near
        as can be (p-center), ``twice`` as much as can be (backup cover).
    target_share
        Of the weight, for ``fewest``.
    count
        New sites, for all but ``fewest``.
    money_wan
        What they may cost together, in 10,000 yuan, for ``most``; 0 where the number counts.
    time_limit_s
        For each solve.
    """

    name: str
    target_share: float
    count: int
    money_wan: float
    time_limit_s: float

    @classmethod
    def of(
        cls, name: str, target_share: float, sites: float, money_wan: float, time_limit_min: float
    ) -> Objective:
        """Check what is asked.

        Parameters
        ----------
        name, target_share, money_wan
            As above.
        sites
            A whole number.
        time_limit_min
            For each solve.

        Returns
        -------
        Objective
            The same, checked.

        Raises
        ------
        UsageError
            When something is none of what is possible.
        """
        whole = sites >= 0 and sites == int(sites)
        if name not in OBJECTIVES or not whole or money_wan < 0 or not 0 <= target_share <= 1:
            text = N_(
                "objective is one of {objectives}; sites is a whole number, money is not below 0, "
                "and target is a share."
            )
            raise UsageError("site-objective", text, objectives=", ".join(OBJECTIVES))
        return cls(name, target_share, int(sites), money_wan, 60 * time_limit_min)

    @property
    def by_money(self) -> bool:
        """True where money and not a number of sites limits the choice."""
        return self.name == "most" and self.money_wan > 0

    @property
    def everywhere(self) -> bool:
        """True where sites serve however far they are."""
        return self.name in {"nearest", "farthest"}

    @property
    def for_all(self) -> bool:
        """True where every village has to be served."""
        return self.everywhere or self.name == "twice"

    def solve(self, question: SiteQuestion, listener: Listener | None = None) -> Sites:
        """Choose sites.

        Parameters
        ----------
        question
            Who asks, and who may serve.
        listener
            Told the best choice and its bound now and then.

        Returns
        -------
        Sites
            The choice, with its proof.
        """
        siting, seconds = self.siting(question), self.time_limit_s
        if self.name == "fewest":
            return partial_cover(
                uncosted(siting), self.target_share, time_limit_s=seconds, listener=listener
            )
        if self.name == "nearest":
            return p_median(siting, self.count, time_limit_s=seconds, listener=listener)
        if self.name == "farthest":
            return p_center(siting, self.count, time_limit_s=seconds, listener=listener)
        if self.name == "twice":
            return backup_cover(siting, self.count, time_limit_s=seconds, listener=listener)
        count = None if self.by_money else self.count
        budget = self.money_wan if self.by_money else np.inf
        if question.capacities is None:
            return maximal_cover(
                siting, count, budget=budget, time_limit_s=seconds, listener=listener
            )
        found = capacitated_cover(
            siting, count, budget=budget, least_minutes=False, time_limit_s=seconds,
            listener=listener,
        )  # fmt: skip
        return nearer_rooms(siting, found, seconds)

    def asking(self, question: SiteQuestion) -> Siting:
        """Take every pair between which a road leads, and the villages that must be served.

        Parameters
        ----------
        question
            Who asks, and who may serve.

        Returns
        -------
        Siting
            ``nearest``, ``farthest`` and ``twice`` serve every village: without the demand of
            those from which no road leads to any site, as `left_aside` says.
        """
        siting = question.all
        if not self.for_all:
            return siting
        reached = siting.reached(siting.existing | siting.free)
        return replace(siting, weights=np.where(reached, siting.weights, 0.0))

    def siting(self, question: SiteQuestion) -> Siting:
        """Take the pairs that count.

        Parameters
        ----------
        question
            Who asks, and who may serve.

        Returns
        -------
        Siting
            Those within the limit; for ``nearest`` and ``farthest`` all.
        """
        if self.everywhere:
            return self.asking(question)
        if self.for_all:
            return replace(question.near, weights=self.asking(question).weights)
        return question.near

    def left_aside(self, question: SiteQuestion) -> list[Notice]:
        """Say how many villages an objective that must serve every village leaves aside.

        Parameters
        ----------
        question
            Who asks, and who may serve.

        Returns
        -------
        list of Notice
            Empty where a road leads from every village to some site.
        """
        if not self.for_all:
            return []
        count = int((question.weights > 0).sum() - (self.asking(question).weights > 0).sum())
        if not count:
            return []
        text = N_(
            "{count} villages have no road to any site or candidate: the choice leaves them aside, "
            "the shares count them."
        )
        return [Notice("villages-unreachable", text, {"count": count})]


def nearer_rooms(siting: Siting, found: Sites, time_limit_s: float) -> Sites:
    """Deal the rooms of a choice out anew to the same villages, in the least weighted minutes.

    The least minutes of *all* choices that serve as much would be a sum of weights to hit exactly,
    which is hard and tells a planner little more.

    Parameters
    ----------
    siting
        The question.
    found
        A choice that heeds capacities.
    time_limit_s
        After which the choice stays as it is.

    Returns
    -------
    Sites
        The same villages served, in no more weighted minutes; sites that serve nobody left out.
    """
    if found.status == "infeasible":
        return found
    same = replace(
        siting,
        weights=np.where(found.covered, siting.weights, 0.0),
        existing=opened(siting, found.chosen),
    )
    again = capacitated_cover(same, 0, time_limit_s=time_limit_s)
    whole = bool(again.covered[same.demand].all())
    if not whole or again.weighted_minutes > found.weighted_minutes:
        return found
    chosen = np.intersect1d(found.chosen, again.assignment)
    return replace(found, chosen=chosen, assignment=again.assignment, minutes=again.minutes)
