"""Logistics reach before and after chosen roads are hardened: roads and outlets looked at together.

The network is taken once as it is and once with the chosen roads hardened; reach is measured on
both by the very method of indicator 20, so that figures differ by the roads alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.built_roads import BUILT, build
from yanshan_gis.methods.reach import coverage
from yanshan_gis.methods.townships import add_county_row, count_by_township
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.impedance import SpeedTable
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer
    from yanshan_gis.network.engine import Cache

_FIGURES = ("within_minutes", "within_minutes_households", "within_minutes_population",
            "minutes_to_target", "further_outlets_reach")  # fmt: skip
_SAME_MIN = 1e-6  # a committee whose minutes differ by less is no nearer


@needs(
    villages=Need(fields=("name",)),
    facilities=Need(),
    townships=Need(optional=True, rows=False),
    network=Need(fields=("minutes", "hardened", "speed_source")),
    speeds=Need(fields=("speed_kmh",)),
    roads=Need(fields=("road_id",), rows=False),
)
def after_hardening(
    *,
    villages: Layer,
    facilities: Layer,
    townships: Layer | None,
    network: Layer,
    speeds: Layer,
    roads: Layer,
    county: County,
    cache: Cache | None = None,
    limit_min: float,
    distance_limit_km: float,
    attach_limit_m: float,
    own_limit_m: float,
    walk_speed_kmh: float,
    target_share: float,
    surface: str,
    states: tuple[str, ...],
) -> Result:
    """Measure what chosen roads do for the way to the nearest outlet.

    Parameters
    ----------
    villages
        Committees.
    facilities
        Existing outlets.
    townships
        Polygons, for committees that do not name their township.
    network
        Links of the recipe ``road-network``.
    speeds
        Its table of speeds.
    roads
        Roads of the recipe ``harden-first``.
    county
        Says which surfaces count as hardened.
    cache
        Where what a large table takes is kept.
    limit_min, distance_limit_km
        Within which an outlet counts as in reach.
    attach_limit_m
        Farthest a place may lie from the road it is attached to.
    own_limit_m
        Farthest an outlet that names no committee may lie from the one it counts for.
    walk_speed_kmh
        For the way between a place and its road.
    target_share
        What the plan asks for.
    surface
        Of the chosen roads when they are hardened.
    states
        Of `roads`: those that are hardened.

    Returns
    -------
    Result
        Layers ``committees``, ``roads``, ``proposed``; tables ``gained`` and ``by_township``.

    Raises
    ------
    UsageError
        When `surface` is none that counts as hardened.
    """
    if surface not in county.hardened:
        text = N_("Surface {surface} does not count as hardened here; those that do: {known}.")
        raise UsageError(
            "surface-not-hardened", text, surface=surface, known=", ".join(county.hardened)
        )
    chosen = roads.frame[roads.frame["state"].isin(states)].reset_index(drop=True)
    frame = build(network.frame, chosen, SpeedTable.from_frame(speeds.frame), surface)
    results = [
        coverage(
            villages=villages, facilities=facilities, townships=townships, network=links,
            county=county, cache=cache, limit_min=limit_min, distance_limit_km=distance_limit_km,
            attach_limit_m=attach_limit_m, own_limit_m=own_limit_m,
            walk_speed_kmh=walk_speed_kmh, target_share=target_share,
        )
        for links in (network, replace(network, frame=frame))
    ]  # fmt: skip
    before, after = results
    points = _committees(before, after, limit_min)
    gained = points[points["state"] == "gained"].sort_values(["minutes", "id"], kind="stable")
    told = ["id", "name", "township", "population", "households", "minutes_before", "minutes"]
    return Result(
        indicators=_figures(before, after, points, target_share),
        layers={
            "committees": points,
            "facilities": after.layers["facilities"],
            "roads": _drawn(frame),
            "proposed": after.layers["proposed"],
        },
        tables={
            "by_township": _by_township(points, townships),
            "gained": pd.DataFrame(gained[told]).reset_index(drop=True),
        },
        warnings=(*_spoken(frame, surface), *after.warnings),
    )


def _committees(before: Result, after: Result, limit_min: float) -> gpd.GeoDataFrame:
    old, new = before.layers["committees"], after.layers["committees"]
    kept = ["id", "name", "township", "population", "households"]
    points = old[[*kept, "geometry"]].copy()
    points["minutes_before"], points["minutes"] = old["minutes"], new["minutes"]
    points["saved_min"] = old["minutes"] - new["minutes"]
    points["outlet"] = new["outlet"]
    was, now = old["minutes"] <= limit_min, new["minutes"] <= limit_min
    points["state"] = np.select(
        [new["minutes"].isna(), was, now, points["saved_min"] > _SAME_MIN],
        ["none", "within", "gained", "nearer"],
        default="beyond",
    ).astype(object)
    return points


def _figures(
    before: Result, after: Result, points: gpd.GeoDataFrame, target: float
) -> tuple[Indicator, ...]:
    told: list[Indicator] = []
    for key in _FIGURES:
        for when, result in (("after", after), ("before", before)):
            found = next((i for i in result.indicators if i.key == key), None)
            if found is None:
                continue
            head = key == "within_minutes" and when == "after"
            told.append(
                replace(found, key=f"{key}_{when}", headline=head, target=target if head else None)
            )
    gained = float((points["state"] == "gained").sum())
    return (told[0], Indicator("committees_gained", gained, "个"), *told[1:])


def _drawn(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    names = ["road_id", "name", "surface", "speed_kmh", "length_m", "geometry"]
    built = frame[frame[BUILT]]
    drawn = built[[name for name in names if name in built]].reset_index(drop=True)
    drawn.insert(0, "id", [f"B{number:06d}" for number in range(1, len(drawn) + 1)])
    return drawn


def _by_township(points: gpd.GeoDataFrame, townships: Layer | None) -> pd.DataFrame:
    within = points["state"].isin(["within", "gained"])
    counts = count_by_township(
        points["township"],
        {
            "denominator": np.ones(len(points)),
            "before": points["state"] == "within",
            "gained": points["state"] == "gained",
            "after": within,
        },
    )
    table = add_county_row(counts.reset_index(), townships)
    whole = table["denominator"].astype(float)
    table["share"] = table["after"].astype(float) / whole.where(whole > 0)
    return table[["township", "denominator", "before", "gained", "after", "share"]]


def _spoken(frame: gpd.GeoDataFrame, surface: str) -> list[Notice]:
    built = frame[frame[BUILT]]
    km = round(float(built["length_m"].sum()) / 1000, 2)
    text = N_(
        "{km} km of chosen roads are taken as hardened ({surface}), at the speed of their class "
        "with that surface, or their own where that is higher."
    )
    return [Notice("roads-taken-as-hardened", text, {"km": km, "surface": surface})]
