"""Where new sites may be put, and which sites are kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.positions import positions
from yanshan_gis.methods.townships import township_of
from yanshan_gis.methods.trips import names_of

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer
    from yanshan_gis.methods.site_masks import Masks

EXISTING = "existing"
SOURCES = ("committees", "villages", "planned")
CANDIDATE = "candidate"


@dataclass(frozen=True, eq=False)
class SitePool:
    """Sites that are kept, and candidates behind them.

    Parameters
    ----------
    frame
        Points with ``id``, ``name``, ``township``, ``state`` (the status of a kept site,
        ``candidate`` for others), ``cost_wan`` and ``volume_m3`` (NaN where unknown), and what
        `Masks.barred` says of candidates.
    notices
        What a reader must know of them.
    """

    frame: gpd.GeoDataFrame
    notices: tuple[Notice, ...]

    @classmethod
    def of(
        cls,
        villages: gpd.GeoDataFrame,
        facilities: Layer | None,
        townships: Layer | None,
        masks: Masks,
        *,
        source: str,
        statuses: tuple[str, ...],
        cost_wan: float,
    ) -> SitePool:
        """Gather sites.

        Parameters
        ----------
        villages
            Committees and natural villages.
        facilities
            With ``status``; one that states none exists. None for none.
        townships
            Polygons, for places that do not name their township.
        masks
            What forbids a candidate.
        source
            Where candidates come from: one of `SOURCES`; ``planned`` are the planned facilities.
        statuses
            Facilities that are kept.
        cost_wan
            Of a candidate without a cost of its own, in 10,000 yuan; 0 where none is stated.

        Returns
        -------
        SitePool
            Kept sites first, in the order of their layer.

        Raises
        ------
        UsageError
            When the source is none of those possible.
        """
        kept, planned, left = _facilities(facilities, statuses, villages)
        if source == "planned":
            offered = planned
        elif source in SOURCES:
            wanted = "committee" if source == "committees" else "natural"
            offered = positions(villages[(villages["level"] == wanted).to_numpy(dtype=bool)])
        else:
            text = N_("Candidates are {sources}, not {source!r}.")
            raise UsageError(
                "candidates-unknown", text, source=source, sources=", ".join(SOURCES)
            )  # fmt: skip
        committees = villages[(villages["level"] == "committee").to_numpy(dtype=bool)]
        barred = masks.barred(offered)
        known = amount(offered, "cost_wan")
        costs = known.fillna(cost_wan if cost_wan > 0 else np.nan).to_numpy()
        parts = [(kept, np.zeros(len(kept))), (offered, costs)]
        described = [_describe(part, committees, townships) for part, _ in parts]
        columns = {
            name: np.concatenate([d[name].to_numpy(dtype=object) for d in described])
            for name in ("id", "name", "township")
        }
        rows = pd.DataFrame(columns)
        status = kept["status"].to_numpy(dtype=object)
        rows["state"] = np.concatenate([status, np.full(len(offered), CANDIDATE, dtype=object)])
        rows["cost_wan"] = np.concatenate([cost for _, cost in parts])
        rows["volume_m3"] = np.concatenate([amount(p, "volume_m3").to_numpy() for p, _ in parts])
        for name in barred:
            blank = np.full(len(kept), np.nan if name == "slope_deg" else None)
            rows[name] = np.concatenate([blank, barred[name].to_numpy()])
        points = np.concatenate([p.geometry.to_numpy() for p, _ in parts])
        frame = gpd.GeoDataFrame(rows, geometry=points, crs=villages.crs)
        return cls(frame, (*_left_out(left), *masks.notices(barred)))

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """True for the sites that are kept."""
        return (self.frame["state"] != CANDIDATE).to_numpy(dtype=bool)  # type: ignore[no-any-return]

    @cached_property
    def forbidden(self) -> NDArray[np.bool_]:
        """True for candidates that may not be chosen."""
        return self.frame["reason"].notna().to_numpy(dtype=bool)  # type: ignore[no-any-return]


def _facilities(
    facilities: Layer | None, statuses: tuple[str, ...], villages: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, int]:
    """Return facilities that are kept, planned ones that are not, and how many are neither."""
    if facilities is None:
        none = villages.iloc[:0][["id", "name", "geometry"]].assign(status=None)
        return none, none, 0
    frame = positions(facilities.frame)
    status = frame.get("status", pd.Series(None, frame.index, dtype=object)).astype(object)
    frame["status"] = status.where(status.notna(), EXISTING)
    kept = frame["status"].isin(statuses).to_numpy(dtype=bool)
    planned = ~kept & (frame["status"] == "planned").to_numpy(dtype=bool)
    parts = [frame[flags].reset_index(drop=True) for flags in (kept, planned)]
    return parts[0], parts[1], int((~kept).sum())


def _describe(
    places: gpd.GeoDataFrame, committees: gpd.GeoDataFrame, townships: Layer | None
) -> pd.DataFrame:
    # A facility's committee tells its township as a village's parent does.
    known = places.assign(parent=places["committee"]) if "committee" in places else places
    rows = pd.DataFrame({"id": places["id"], "name": names_of(places)})
    rows["township"] = township_of(known, committees, townships)
    return rows


def _left_out(count: int) -> list[Notice]:
    if not count:
        return []
    text = N_("{count} facilities of another status do not count as kept.")
    return [Notice("facilities-left-out", text, {"count": count})]
