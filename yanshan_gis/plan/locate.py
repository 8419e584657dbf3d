"""Projects on the map, each position with its quality.

A position that came with a project stays, one set by hand wins, and the others are looked up by
name (see `locator`). Running it again on its own result changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.layer import Quality
from yanshan_gis.messages import N_, Language, Notice
from yanshan_gis.plan.locator import Location, Locator
from yanshan_gis.plan.registry import from_layer
from yanshan_gis.plan.spots import Spot, base_source, placed_source

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer, Source
    from yanshan_gis.plan.corrections import Correction
    from yanshan_gis.plan.gazetteer import Gazetteer
    from yanshan_gis.plan.registry import Project
    from yanshan_gis.plan.spots import Spots

_BY_HAND = "plan-locations.csv"
# Qualities that a run writes itself; a position of another quality came with the project.
WRITTEN = ("group", "committee", "township", "corrected", "joint", "county_wide", "unlocated")
_OWN = {
    Quality.SURVEYED: "surveyed",
    Quality.REPORTED: "reported",
    Quality.MODELLED: "modelled",
}


@dataclass(frozen=True)
class Located:
    """The layer with its positions, and how each came about.

    Parameters
    ----------
    layer
        To be stored.
    locations
        One per project, in row order.
    """

    layer: Layer
    locations: tuple[Location, ...]

    def counts(self) -> dict[str, int]:
        """Count projects by the quality of their position.

        Returns
        -------
        dict
            In the order of the catalogue's codes; a position whose quality nobody told is ``""``.
        """
        codes = [*self.layer.definition.fields["location_quality"].codes, ""]
        found = [location.quality or "" for location in self.locations]
        return {code: found.count(code) for code in codes if code in found}

    @property
    def open(self) -> tuple[Location, ...]:
        """Projects that state something that was not found."""
        return tuple(location for location in self.locations if location.is_open)


def locate_projects(
    layer: Layer,
    gazetteer: Gazetteer,
    spots: Spots,
    corrections: Mapping[str, Correction] | None = None,
    *,
    language: Language = "zh",
) -> Located:
    """Give every project a position with its quality.

    Parameters
    ----------
    layer
        The layer ``projects``, with or without geometry.
    gazetteer
        The county's names.
    spots
        Where its places are; their CRS is that of the result.
    corrections
        Set by hand, by project id; they win.
    language
        Of the field ``location_note``.

    Returns
    -------
    Located
        Nothing is changed in place; running it again on its own result changes nothing.
    """
    locator, fixed = Locator(gazetteer, spots), corrections or {}
    locations = []
    for project, row in zip(from_layer(layer), _rows(layer), strict=True):
        correction = fixed.get(project.id)
        if correction is not None and correction.point is not None:
            locations.append(_by_hand(project, correction))
        elif correction is not None:
            meant = replace(
                project, townships=correction.townships, committees=correction.committees,
                group="", place="",
            )  # fmt: skip
            locations.append(locator.locate(meant))
        elif _keeps_own(row):
            locations.append(_own(project, row, layer.sources))
        else:
            locations.append(locator.locate(project))
    return Located(_write(layer, locations, spots.crs, language), tuple(locations))


def _rows(layer: Layer) -> Sequence[Mapping[Any, Any]]:
    frame = pd.DataFrame(layer.frame).astype(object)
    rows: Sequence[Mapping[Any, Any]] = frame.where(frame.notna(), None).to_dict("records")
    return rows


def _keeps_own(row: Mapping[Any, Any]) -> bool:
    """Tell whether a position came with the project rather than from an earlier run."""
    return row.get("geometry") is not None and row.get("location_quality") not in WRITTEN


def _own(project: Project, row: Mapping[Any, Any], sources: Sequence[Source]) -> Location:
    source = next((s for s in sources if s.id == row.get("source_id")), None)
    told = row.get("location_quality") or (_OWN.get(source.position) if source else None)
    return Location(project.id, project.name, told)


def _by_hand(project: Project, correction: Correction) -> Location:
    text = N_("Set by hand.") if not correction.note else N_("Set by hand: {note}")
    notice = Notice("set-by-hand", text, {"note": correction.note})
    return Location(
        project.id, project.name, "corrected", point=correction.point, notices=(notice,)
    )


def _write(layer: Layer, locations: Sequence[Location], crs: Any, language: Language) -> Layer:
    """Lay positions, qualities, notes and sources over the rows."""
    frame = pd.DataFrame(layer.frame).copy()
    own = frame["geometry"].tolist() if "geometry" in frame else [None] * len(frame)
    known = {source.id: source for source in layer.sources}
    shapes = np.full(len(frame), None, dtype=object)
    ids = []
    for i, (location, source_id) in enumerate(zip(locations, frame["source_id"], strict=True)):
        kept = not location.notices and location.quality not in WRITTEN
        base = known.get(source_id if kept else base_source(source_id), known.get(source_id))
        spot = location.spot
        if location.point is not None and base is not None:
            hand = replace(base, id="set-by-hand", position=Quality.REPORTED)
            spot = Spot(location.point, replace(hand, origin=_BY_HAND, licence=""))
        shapes[i] = own[i] if kept else None if spot is None else spot.point
        if base is not None and spot is not None:
            base = placed_source(base, spot)
            known.setdefault(base.id, base)
        ids.append(source_id if base is None else base.id)
    frame["source_id"] = pd.Series(ids, index=frame.index, dtype=object)
    for name, values in (
        ("location_quality", [location.quality for location in locations]),
        ("location_note", [location.note(language) for location in locations]),
    ):
        frame[name] = pd.Series(values, index=frame.index, dtype=object)
    crs = getattr(layer.frame, "crs", None) or crs
    if crs is not None:
        frame = gpd.GeoDataFrame(frame.drop(columns="geometry", errors="ignore"),
                                 geometry=shapes, crs=crs)  # fmt: skip
    used, bases = set(ids), {base_source(i) for i in ids}
    sources = tuple(known[i] for i in sorted(known) if i in used | bases)
    return replace(layer, frame=frame, sources=sources)
