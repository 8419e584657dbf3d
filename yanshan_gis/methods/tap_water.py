"""Tap water: indicator 21, households on piped or centralised supply.

The headline adds up what the bureau's ledger says of every committee; a committee's figures hold
those of its natural villages, so one level is counted and never two. A row that lacks one of the
two numbers leaves both sums and is listed; nothing is imputed. Beside it stand the villages within
the service area of a drinking-water project, and those on which ledger and projects disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount, choose_headline, shares
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.methods.water_service import WaterService
from yanshan_gis.needs import Need, needs
from yanshan_gis.result import Result

if TYPE_CHECKING:
    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer

_NUMBERS = ["households", "households_piped"]
_COLUMNS = ["id", "name", "level", "township", *_NUMBERS]


@needs(
    villages=Need(fields=("name", "level", "households", "households_piped")),
    projects=Need(optional=True, rows=False),
    townships=Need(optional=True, rows=False),
)
def coverage(
    *,
    villages: Layer,
    projects: Layer | None,
    townships: Layer | None,
    county: County,
    counted_levels: tuple[str, ...],
    shown_levels: tuple[str, ...],
    radius_m: float,
    low_share: float,
    target_share: float,
) -> Result:
    """Measure the share of households with tap water.

    Parameters
    ----------
    villages
        Committees, natural villages and groups with ``households`` and ``households_piped``.
    projects
        Existing drinking-water projects; without them no service area is known.
    townships
        Polygons, for villages that do not name their township.
    county
        Names the headline definition of indicator 21.
    counted_levels
        Households are added up at the first of these levels at which both numbers are known.
    shown_levels
        Villages are drawn and listed at the first of these levels at which both are known.
    radius_m
        Of projects that state neither area, villages served nor a radius.
    low_share
        Below this share a village counts as not supplied when it is compared with the projects.
    target_share
        What the plan asks for.

    Returns
    -------
    Result
        Layers ``villages``, ``projects``, ``areas``; tables ``by_township``, ``missed``,
        ``unserved``, ``excluded``, ``flagged``, ``disagreements``, ``unresolved``.
    """
    frame = villages.frame.assign(**{name: amount(villages.frame, name) for name in _NUMBERS})
    committees = frame[frame["level"] == "committee"]
    frame["township"] = township_of(frame, committees, townships)
    counted, shown = _level(frame, counted_levels), _level(frame, shown_levels)
    if counted is None or shown is None:
        return Result(status="not_computable", missing=("villages.households_piped",))
    areas = _service(projects, shown, committees, radius_m)
    rows = _describe(shown, areas, low_share, target_share)
    figures = _figures(counted, rows, areas, target_share)
    headline, notices = choose_headline(county, "21", figures, *["households_piped"] * 2)
    points = gpd.GeoDataFrame(rows, geometry=shown.geometry.array, crs=villages.crs)
    layers = {"villages": points}
    if projects is not None and areas is not None:
        layers |= {"projects": _as_points(projects.frame), "areas": areas.areas}
    tables = _tables(counted, rows, areas, target_share, townships)
    flagged = _flagged(frame, counted, shown)
    return Result(
        indicators=tuple(shares(figures, headline, target_share)),
        layers=layers,
        tables=tables | {"flagged": flagged},
        warnings=(
            *notices,
            *_level_notice(counted, counted_levels),
            *_warnings(tables, flagged, rows),
            *_service_notices(areas, radius_m),
        ),
    )


def _known(frame: pd.DataFrame) -> pd.Series:
    return frame[_NUMBERS].notna().all(axis=1)


def _level(frame: gpd.GeoDataFrame, levels: tuple[str, ...]) -> gpd.GeoDataFrame | None:
    """Return the villages of the first level at which both numbers are known somewhere."""
    for level in levels:
        rows = frame[frame["level"] == level]
        if _known(rows).any():
            return rows
    return None


def _service(
    projects: Layer | None,
    shown: gpd.GeoDataFrame,
    committees: gpd.GeoDataFrame,
    radius_m: float,
) -> WaterService | None:
    if projects is None or not len(projects):
        return None
    names = dict(zip(committees["id"], committees["name"], strict=True))
    itself = shown["level"] == "committee"
    parent = shown.get("parent", pd.Series(None, shown.index, dtype=object))
    parent = parent.where(~itself, shown["id"])
    known = shown.assign(parent=parent, parent_name=parent.where(~itself).map(names))
    return WaterService.measure(projects.frame, known, radius_m)


def _describe(
    shown: gpd.GeoDataFrame, areas: WaterService | None, low: float, target: float
) -> pd.DataFrame:
    rows = pd.DataFrame(shown[_COLUMNS])
    households, piped = rows["households"], rows["households_piped"]
    rows["share"] = piped / households.where(households > 0)
    rows["without"] = households - piped
    rows["project"] = None if areas is None else areas.project
    rows["how"] = None if areas is None else areas.how
    rows[["project", "how"]] = rows[["project", "how"]].astype(object)
    rows["state"] = np.select(
        [
            ~_known(rows),
            piped > households,
            households == 0,
            rows["share"] >= target,
            rows["share"] >= low,
            piped > 0,
        ],
        ["unknown", "above", "empty", "met", "partly", "low"],
        default="none",
    ).astype(object)
    served = rows["project"].notna()
    supplied = rows["share"] >= low
    compared = rows["share"].notna() & (areas is not None)
    rows["difference"] = np.select(
        [compared & served & ~supplied, compared & ~served & supplied],
        ["dry", "beyond"],
        default="",
    ).astype(object)
    rows["difference"] = rows["difference"].where(rows["difference"] != "", None)
    return rows


def _figures(
    counted: pd.DataFrame, rows: pd.DataFrame, areas: WaterService | None, target: float
) -> dict[str, tuple[float, float]]:
    both = counted[_known(counted)]
    figures: dict[str, tuple[float, float]] = {
        "households_piped": (both["households_piped"].sum(), both["households"].sum())
    }
    known = rows[_known(rows)]
    if not rows["id"].isin(counted["id"]).all():
        figures["village_households_piped"] = (
            known["households_piped"].sum(),
            known["households"].sum(),
        )
    inhabited = known["share"].dropna()
    figures["villages_at_target"] = (int((inhabited >= target).sum()), len(inhabited))
    if areas is not None:
        served = rows["project"].notna()
        figures["villages_served"] = (int(served.sum()), len(rows))
        households = rows["households"]
        figures["households_served"] = (households[served].sum(), households.sum())
    figures["rows_known"] = (len(both), len(counted))
    return figures


def _tables(
    counted: pd.DataFrame,
    rows: pd.DataFrame,
    areas: WaterService | None,
    target: float,
    townships: Layer | None,
) -> dict[str, pd.DataFrame]:
    columns = [*_COLUMNS, "share", "without", "state", "project", "how"]
    missed = rows[rows["share"] < target].sort_values(
        ["without", "id"], ascending=[False, True], kind="stable"
    )
    unserved = rows[rows["project"].isna()] if areas is not None else rows.iloc[:0]
    differ = rows[rows["difference"].notna()]
    lost = pd.DataFrame(columns=["id", "name", "village_name"], dtype=object)
    return {
        "by_township": _by_township(counted, rows, areas is not None, target, townships),
        "missed": missed[columns].reset_index(drop=True),
        "unserved": unserved[[*_COLUMNS, "share", "state"]].reset_index(drop=True),
        "excluded": counted.loc[~_known(counted), _COLUMNS].reset_index(drop=True),
        "disagreements": differ[[*_COLUMNS, "share", "difference", "project", "how"]].reset_index(
            drop=True
        ),
        "unresolved": lost if areas is None else areas.unresolved,
    }


def _by_township(
    counted: pd.DataFrame,
    rows: pd.DataFrame,
    compared: bool,
    target: float,
    townships: Layer | None,
) -> pd.DataFrame:
    both = counted[_known(counted)]
    homes = count_by_township(both["township"], {name: both[name] for name in _NUMBERS})
    more = count_by_township(
        rows["township"],
        {
            "villages": np.ones(len(rows)),
            "villages_at_target": rows["share"] >= target,
            "villages_served": rows["project"].notna(),
        },
    )
    table = homes.join(more, how="outer").fillna(0).astype("Int64")
    table["without"] = table["households"] - table["households_piped"]
    table = add_county_row(table.reset_index(), townships)
    households = table["households"].astype(float)
    table["share"] = table["households_piped"].astype(float) / households.where(households > 0)
    order = ["township", *_NUMBERS, "share", "villages", "villages_at_target", "villages_served",
             "without"]  # fmt: skip
    return table[order if compared else [name for name in order if name != "villages_served"]]


def _flagged(frame: pd.DataFrame, counted: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """List rows whose numbers cannot be right; they are counted as the ledger has them."""
    seen = frame[frame["id"].isin(counted["id"]) | frame["id"].isin(shown["id"])]
    above = seen[seen["households_piped"] > seen["households"]]
    found = [above[_COLUMNS].assign(reason="above")]
    if "parent" in frame and (counted["level"] == "committee").all():
        natural = frame[(frame["level"] == "natural") & frame["parent"].notna()]
        parts = natural.groupby("parent")[_NUMBERS].sum(min_count=1).reindex(counted["id"])
        less = (counted[_NUMBERS].to_numpy() < parts.to_numpy()).any(axis=1)
        found.append(counted[_COLUMNS][less].assign(reason="below_villages"))
    return pd.concat(found, ignore_index=True)


def _as_points(projects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give every project one symbol, whatever its shape."""
    middle = projects.geometry.representative_point()
    return projects.set_geometry(middle.where(projects.geom_type != "Point", projects.geometry))


def _level_notice(counted: pd.DataFrame, levels: tuple[str, ...]) -> list[Notice]:
    level = str(counted["level"].iloc[0])
    if level == levels[0]:
        return []
    text = N_(
        "At level {wanted} no row knows both households and households with tap water; counted at "
        "level {level}."
    )
    return [Notice("counted-at-level", text, {"wanted": levels[0], "level": level})]


def _warnings(
    tables: dict[str, pd.DataFrame], flagged: pd.DataFrame, rows: pd.DataFrame
) -> list[Notice]:
    counts = {
        "numbers-missing": len(tables["excluded"]),
        "village-numbers-missing": int((~_known(rows)).sum()),
        "piped-above-households": int((flagged["reason"] == "above").sum()),
        "committee-below-villages": int((flagged["reason"] == "below_villages").sum()),
        "service-differs": len(tables["disagreements"]),
    }
    texts = {
        "numbers-missing": N_(
            "{count} rows lack households or households with tap water; both numbers of them are "
            "left out and nothing is imputed."
        ),
        "village-numbers-missing": N_(
            "Of {count} villages drawn, one number or both are not known."
        ),
        "piped-above-households": N_(
            "{count} rows have more households with tap water than households; they are counted "
            "as reported."
        ),
        "committee-below-villages": N_(
            "{count} committees report fewer households than their natural villages together."
        ),
        "service-differs": N_("The ledger and the service areas disagree on {count} villages."),
    }
    return [Notice(code, texts[code], {"count": n}) for code, n in counts.items() if n]


def _service_notices(areas: WaterService | None, radius_m: float) -> list[Notice]:
    if areas is None:
        text = N_("No existing drinking-water project is known; service areas are not computed.")
        return [Notice("no-water-projects", text)]
    counts = {
        "service-radius-imputed": areas.imputed,
        "served-names-unresolved": len(areas.unresolved),
        "water-projects-idle": areas.idle,
    }
    texts = {
        "service-radius-imputed": N_(
            "{count} water projects state neither area, villages nor radius and get {radius:g} m."
        ),
        "served-names-unresolved": N_(
            "{count} names in lists of villages served are no village here, or several."
        ),
        "water-projects-idle": N_(
            "{count} water projects have neither position nor list and serve nobody."
        ),
    }
    return [
        Notice(code, texts[code], {"count": n, "radius": radius_m})
        for code, n in counts.items()
        if n
    ]
