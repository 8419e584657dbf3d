"""Irrigation of contiguous farm bases: indicator 22, irrigated mu over mu.

One row of the layer is one base: what the bureau lists as contiguous is taken as contiguous, and
neighbouring rows are not joined. A base's area is the stated one; where none is stated it is
measured from its polygon. A base whose irrigated area is not known leaves both sums and is listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount, choose_headline, shares
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.result import Result
from yanshan_gis.units import Quantity

if TYPE_CHECKING:
    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer

_COLUMNS = ["id", "name", "township", "area_mu", "area_from", "irrigated_mu", "share"]


@needs(
    bases=Need(fields=("irrigated_mu",), any_of=(("area_mu", "geometry"),)),
    committees=Need(optional=True, rows=False),
    townships=Need(optional=True, rows=False),
    works=Need(optional=True, rows=False),
)
def coverage(
    *,
    bases: Layer,
    committees: Layer | None,
    townships: Layer | None,
    works: Layer | None,
    county: County,
    kinds: tuple[str, ...],
    statuses: tuple[str, ...],
    minimum_area_mu: float,
    irrigated_share: float,
    difference_share: float,
    target_share: float,
) -> Result:
    """Measure the irrigated share of the farm bases that are large enough.

    Parameters
    ----------
    bases
        With ``irrigated_mu``, and ``area_mu`` or polygons.
    committees
        For bases that name their committee and not their township.
    townships
        Polygons, for bases that name neither.
    works
        Reservoirs, canals and pumps, for the map only: which base they water is not known.
    county
        Names the headline definition of indicator 22.
    kinds, statuses
        What is counted; a base that does not say is counted too.
    minimum_area_mu
        A smaller base is left out.
    irrigated_share
        From which share of its area a base counts as irrigated.
    difference_share
        A stated area that differs from the polygon's by more is listed.
    target_share
        What the plan asks for.

    Returns
    -------
    Result
        Layers ``bases`` (one point each), ``outlines`` (polygons), ``works`` (one point each) and
        ``canals`` (lines); tables ``by_township``, ``missed``, ``unknown``, ``left_out``,
        ``flagged``.
    """
    rows = _describe(bases.frame, committees, townships)
    rows["left_out"] = _left_out(rows, bases.frame, kinds, statuses, minimum_area_mu)
    rows["state"] = _state(rows, irrigated_share)
    large = rows[rows["left_out"].isna()]
    known = large[large["irrigated_mu"].notna()]
    if rows["area_mu"].isna().all():
        return Result(status="not_computable", missing=("bases.area_mu",))
    figures = _figures(large, known, irrigated_share)
    headline, notices = choose_headline(county, "22", figures, *["irrigated_mu"] * 2)
    flagged = _flagged(large, difference_share)
    return Result(
        indicators=tuple(shares(figures, headline, target_share)),
        layers=_layers(large, bases.frame) | _works(works),
        tables={
            "by_township": _by_township(large, known, irrigated_share, townships),
            "missed": _missed(known, irrigated_share),
            "unknown": large.loc[large["irrigated_mu"].isna(), _COLUMNS].reset_index(drop=True),
            "left_out": rows.loc[
                rows["left_out"].notna(), [*_COLUMNS, "left_out"]
            ].reset_index(drop=True),
            "flagged": flagged,
        },
        warnings=(*notices, *_warnings(rows, large, flagged, bases.frame)),
    )  # fmt: skip


def _describe(
    bases: gpd.GeoDataFrame, committees: Layer | None, townships: Layer | None
) -> pd.DataFrame:
    homes = None if committees is None else committees.frame
    # `township_of` follows a village's parent; a base's is its committee.
    placed = bases.assign(parent=bases.get("committee")) if "committee" in bases else bases
    rows = pd.DataFrame({"id": bases["id"]})
    rows["name"] = _told(bases, "name")
    rows["township"] = township_of(_with_points(placed), homes, townships)
    stated = amount(bases, "area_mu")
    polygon = bases.geom_type.isin(["Polygon", "MultiPolygon"])
    square_metres = bases.geometry.area.where(polygon)
    rows["measured_mu"] = square_metres / Quantity(1.0, "亩").to("m²")
    rows["area_mu"] = stated.where(stated.notna(), rows["measured_mu"])
    rows["area_from"] = np.select(
        [stated.notna(), polygon], ["stated", "measured"], default=""
    ).astype(object)
    rows["area_from"] = rows["area_from"].where(rows["area_mu"].notna(), None)
    rows["irrigated_mu"] = amount(bases, "irrigated_mu")
    rows["share"] = rows["irrigated_mu"] / rows["area_mu"].where(rows["area_mu"] > 0)
    return rows


def _with_points(bases: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Let a base on a border belong where its middle lies."""
    middle = bases.geometry.representative_point()
    return bases.set_geometry(middle.where(bases.geom_type != "Point", bases.geometry))


def _left_out(
    rows: pd.DataFrame,
    bases: gpd.GeoDataFrame,
    kinds: tuple[str, ...],
    statuses: tuple[str, ...],
    minimum_mu: float,
) -> pd.Series:
    """Say why a base is not counted; None for those that are."""
    kind, status = _told(bases, "kind"), _told(bases, "status")
    reason = np.select(
        [
            kind.notna() & ~kind.isin(kinds),
            status.notna() & ~status.isin(statuses),
            rows["area_mu"] < minimum_mu,
            rows["area_mu"].isna(),
        ],
        ["kind", "status", "small", "area_unknown"],
        default="",
    ).astype(object)
    found = pd.Series(reason, index=rows.index)
    return found.where(found != "", None)


def _told(bases: gpd.GeoDataFrame, column: str) -> pd.Series:
    values: pd.Series = bases.get(column, pd.Series(None, bases.index, dtype=object))
    return values


def _state(rows: pd.DataFrame, irrigated: float) -> pd.Series:
    share = rows["share"]
    state = np.select(
        [
            rows["irrigated_mu"].isna(),
            rows["irrigated_mu"] > rows["area_mu"],
            share >= irrigated,
            share > 0,
        ],
        ["unknown", "above", "irrigated", "partly"],
        default="none",
    ).astype(object)
    return pd.Series(state, index=rows.index)


def _figures(
    large: pd.DataFrame, known: pd.DataFrame, irrigated: float
) -> dict[str, tuple[float, float]]:
    done = known["share"] >= irrigated
    return {
        "irrigated_mu": (known["irrigated_mu"].sum(), known["area_mu"].sum()),
        "irrigated_mu_least": (known["irrigated_mu"].sum(), large["area_mu"].sum()),
        "irrigated_bases": (int(done.sum()), len(known)),
        "bases_known": (len(known), len(large)),
    }


def _layers(large: pd.DataFrame, bases: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    shapes = bases.geometry.loc[large.index]
    shown = gpd.GeoDataFrame(large.drop(columns="left_out"), geometry=shapes, crs=bases.crs)
    polygon = shown.geom_type.isin(["Polygon", "MultiPolygon"])
    return {
        "bases": _with_points(shown).reset_index(drop=True),
        "outlines": shown[polygon][["id", "name", "state", "geometry"]].reset_index(drop=True),
    }


def _works(works: Layer | None) -> dict[str, gpd.GeoDataFrame]:
    if works is None:
        return {}
    canal = works.frame.geom_type.isin(["LineString", "MultiLineString"])
    return {
        "works": _with_points(works.frame[~canal]).reset_index(drop=True),
        "canals": works.frame[canal].reset_index(drop=True),
    }


def _missed(known: pd.DataFrame, irrigated: float) -> pd.DataFrame:
    missed = known[known["share"] < irrigated]
    dry = (missed["area_mu"] - missed["irrigated_mu"]).rename("dry_mu")
    ordered = missed.assign(dry_mu=dry).sort_values(
        ["dry_mu", "id"], ascending=[False, True], kind="stable"
    )
    return ordered[[*_COLUMNS, "dry_mu"]].reset_index(drop=True)


def _flagged(large: pd.DataFrame, difference: float) -> pd.DataFrame:
    """List bases whose figures cannot both be right; they are counted as stated."""
    columns = [*_COLUMNS, "measured_mu"]
    above = large[large["irrigated_mu"] > large["area_mu"]]
    off = (large["measured_mu"] - large["area_mu"]).abs() > difference * large["area_mu"]
    found = [above[columns].assign(reason="above"), large.loc[off, columns].assign(reason="area")]
    return pd.concat(found, ignore_index=True)


def _by_township(
    large: pd.DataFrame, known: pd.DataFrame, irrigated: float, townships: Layer | None
) -> pd.DataFrame:
    counts = count_by_township(
        large["township"],
        {"bases": np.ones(len(large)), "unknown_bases": large["irrigated_mu"].isna()},
    )
    done = count_by_township(known["township"], {"irrigated_bases": known["share"] >= irrigated})
    sums = count_by_township(
        known["township"], {name: known[name] for name in ("area_mu", "irrigated_mu")}, whole=False
    )
    table = counts.join(done).join(sums)
    table["irrigated_bases"] = table["irrigated_bases"].fillna(0).astype("Int64")
    table = add_county_row(table.reset_index(), townships)
    table["share"] = table["irrigated_mu"] / table["area_mu"].where(table["area_mu"] > 0)
    order = ["township", "bases", "area_mu", "irrigated_mu", "share", "irrigated_bases",
             "unknown_bases"]  # fmt: skip
    return table[order]


def _warnings(
    rows: pd.DataFrame, large: pd.DataFrame, flagged: pd.DataFrame, bases: gpd.GeoDataFrame
) -> list[Notice]:
    mute = _told(bases, "kind").isna() | _told(bases, "status").isna()
    counts = {
        "irrigation-unknown": int(large["irrigated_mu"].isna().sum()),
        "area-unknown": int((rows["left_out"] == "area_unknown").sum()),
        "area-measured": int((large["area_from"] == "measured").sum()),
        "irrigated-above-area": int((flagged["reason"] == "above").sum()),
        "area-differs": int((flagged["reason"] == "area").sum()),
        "bases-silent": int(mute[large.index].sum()),
    }
    texts = {
        "irrigation-unknown": N_(
            "The irrigated area of {count} bases is not known; they are left out and listed."
        ),
        "area-unknown": N_("The area of {count} bases is not known; they are left out and listed."),
        "area-measured": N_("{count} bases state no area; it is measured from their polygon."),
        "irrigated-above-area": N_(
            "{count} bases have more irrigated area than area; they are counted as reported."
        ),
        "area-differs": N_("The stated area of {count} bases differs much from their polygon."),
        "bases-silent": N_("{count} bases do not say their kind or status and are counted."),
    }
    return [Notice(code, texts[code], {"count": n}) for code, n in counts.items() if n]
