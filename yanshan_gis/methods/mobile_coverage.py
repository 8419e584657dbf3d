"""5G coverage of natural villages: indicator 19, by the stations' radius and by the ledger.

A village is covered when an existing 5G station lies within that station's radius of it, as the
crow flies: hills in between are not looked at. The bureau's ledger stands beside, with the villages
on which the two disagree; where no station is known the ledger alone gives the figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount, choose_headline, shares, yes_no
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.result import Result

if TYPE_CHECKING:
    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer

_COLUMNS = ["id", "name", "township", "population", "households"]


@needs(
    villages=Need(fields=("name",)),
    stations=Need(rows=False, unless=("villages.ledger_5g",)),
    committees=Need(optional=True, rows=False),
    townships=Need(optional=True, rows=False),
)
def coverage(
    *,
    villages: Layer,
    stations: Layer | None,
    committees: Layer | None,
    townships: Layer | None,
    county: County,
    radius_m: float,
    target_share: float,
) -> Result:
    """Measure how many natural villages lie within the radius of a 5G station.

    Parameters
    ----------
    villages
        Natural villages; ``ledger_5g`` stands beside, ``population`` weighs.
    stations
        Existing 5G stations; ``radius_m`` of a station's own comes before the recipe's. Without
        them the ledger alone counts.
    committees
        For villages that name their committee and not their township.
    townships
        Polygons, for villages that name neither.
    county
        Names the headline definition of indicator 19.
    radius_m
        Of stations that have none of their own.
    target_share
        What the plan asks for.

    Returns
    -------
    Result
        Layers ``villages``, ``stations``, ``areas``; tables ``by_township``, ``missed``,
        ``disagreements``, ``silent``.
    """
    masts = None if stations is None else _Masts.stand(stations.frame, radius_m)
    homes = None if committees is None else committees.frame
    rows = _describe(villages.frame, township_of(villages.frame, homes, townships), masts)
    figures = _figures(rows, stations is not None)
    headline, notices = choose_headline(county, "19", figures, "covered", "ledger_5g")
    from_ledger = masts is None or (headline in figures and headline.startswith("ledger_5g"))
    counted = "ledger_5g" if from_ledger else "covered"
    points = gpd.GeoDataFrame(rows, geometry=villages.frame.geometry.array, crs=villages.crs)
    unplaced = int((points.geometry.isna() | points.geometry.is_empty).sum()) if masts else 0
    layers = {"villages": points}
    if stations is not None and masts is not None:
        drawn = stations.frame.assign(radius_m=masts.radius_m).reset_index(drop=True)
        layers |= {"stations": drawn, "areas": masts.areas(villages.crs)}
    return Result(
        indicators=tuple(shares(figures, headline, target_share)),
        layers=layers,
        tables={
            "by_township": _by_township(rows, counted, townships),
            "missed": _missed(rows, counted),
            "disagreements": _disagreements(rows),
            "silent": rows.loc[rows["ledger_5g"].isna(), _COLUMNS].reset_index(drop=True),
        },
        warnings=(*notices, *_warnings(rows, counted, masts, radius_m, unplaced)),
    )


@dataclass(frozen=True)
class _Masts:
    """Stations with a position, and how far each reaches."""

    points: NDArray[np.object_]
    radius_m: NDArray[np.float64]  # of all stations
    imputed: int  # stations whose radius is the recipe's
    placed: NDArray[np.bool_]

    @classmethod
    def stand(cls, stations: gpd.GeoDataFrame, radius_m: float) -> _Masts:
        """Give every station a radius."""
        own = amount(stations, "radius_m").to_numpy()
        geometry = stations.geometry.to_numpy()
        placed = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
        return cls(
            geometry, np.where(np.isnan(own), radius_m, own), int(np.isnan(own).sum()), placed
        )

    def nearest_km(self, places: NDArray[np.object_]) -> NDArray[np.float64]:
        """Measure to the nearest station; NaN without a position or a station."""
        found = np.full(len(places), np.nan)
        known = np.flatnonzero(~(shapely.is_missing(places) | shapely.is_empty(places)))
        masts = self.points[self.placed]
        if len(masts) and len(known):
            (at, _), away = shapely.STRtree(masts).query_nearest(
                places[known], return_distance=True, all_matches=False
            )
            found[known[at]] = away / 1000
        return found

    def cover(self, places: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Tell which places lie within the radius of any station."""
        found = np.zeros(len(places), dtype=bool)
        tree = shapely.STRtree(places)
        if len(tree) and self.placed.any():
            _, near = tree.query(
                self.points[self.placed], predicate="dwithin", distance=self.radius_m[self.placed]
            )
            found[near] = True
        return found

    def areas(self, crs: object) -> gpd.GeoDataFrame:
        """Unite the circles into the area covered, for the map."""
        circles = shapely.buffer(self.points[self.placed], self.radius_m[self.placed])
        whole = shapely.union_all(circles)
        shapes = [part for part in shapely.get_parts(whole) if not part.is_empty]
        ids = [f"A{number:06d}" for number in range(1, len(shapes) + 1)]
        frame = pd.DataFrame({"id": np.array(ids, dtype=object)})
        return gpd.GeoDataFrame(frame, geometry=np.array(shapes, dtype=object), crs=crs)


def _describe(
    villages: gpd.GeoDataFrame, township: pd.Series, masts: _Masts | None
) -> pd.DataFrame:
    rows = pd.DataFrame({"id": villages["id"], "name": villages["name"]})
    rows["township"] = township
    for column in ("population", "households"):
        rows[column] = amount(villages, column)
    ledger = yes_no(villages, "ledger_5g")
    covered = pd.Series(pd.NA, index=rows.index, dtype="boolean")
    rows["nearest_km"] = np.nan
    if masts is not None:
        places = villages.geometry.to_numpy()
        covered[:] = masts.cover(places)
        rows["nearest_km"] = masts.nearest_km(places)
    rows["covered"], rows["ledger_5g"] = covered, ledger
    rows["ledger_differs"] = ledger != covered
    computed, stated = covered.fillna(False), ledger.fillna(False)
    differs = rows["ledger_differs"].fillna(False)
    rows["state"] = np.select(
        [
            (differs & computed).to_numpy(dtype=bool),
            (differs & stated).to_numpy(dtype=bool),
            (computed | (covered.isna() & stated)).to_numpy(dtype=bool),
            (covered.isna() & ledger.isna()).to_numpy(dtype=bool),
        ],
        ["map_only", "ledger_only", "covered", "unknown"],
        default="uncovered",
    ).astype(object)
    return rows


def _figures(rows: pd.DataFrame, computed: bool) -> dict[str, tuple[float, float]]:
    figures: dict[str, tuple[float, float]] = {}
    columns = (["covered"] if computed else []) + ["ledger_5g"]
    for column in columns:
        known = rows[rows[column].notna()]
        if not len(known):
            continue
        yes = known[column].to_numpy(dtype=bool)
        figures[column] = (int(yes.sum()), len(known))
        people = known["population"]
        if people.notna().any():
            figures[f"{column}_population"] = (people[yes].sum(), people.sum())
    return figures


def _missed(rows: pd.DataFrame, counted: str) -> pd.DataFrame:
    missed = rows[~rows[counted].fillna(True).astype(bool)].sort_values(
        ["nearest_km", "id"], ascending=[False, True], kind="stable", na_position="first"
    )
    return missed[[*_COLUMNS, "nearest_km", "ledger_5g"]].reset_index(drop=True)


def _disagreements(rows: pd.DataFrame) -> pd.DataFrame:
    differ = rows[rows["ledger_differs"].fillna(False).astype(bool)]
    columns = [*_COLUMNS, "covered", "ledger_5g", "nearest_km"]
    return differ[columns].reset_index(drop=True)


def _by_township(rows: pd.DataFrame, counted: str, townships: Layer | None) -> pd.DataFrame:
    """Count the headline's villages and people; those of which it knows nothing stand apart."""
    known = rows[counted].notna()
    yes = rows[counted].fillna(False).astype(bool)
    counts = count_by_township(
        rows["township"],
        {
            "denominator": known,
            "covered_villages": yes,
            "ledger_villages": rows["ledger_5g"].fillna(False).astype(bool),
        },
    )
    people = rows["population"].where(known)
    sums = count_by_township(
        rows["township"], {"people": people, "people_covered": people.where(yes, people * 0.0)},
        whole=False,
    )  # fmt: skip
    table = add_county_row(counts.join(sums).reset_index(), townships)
    denominator = table["denominator"].astype(float)
    share = table["covered_villages"].astype(float) / denominator.where(denominator > 0)
    table["share"] = share
    table["people_share"] = table["people_covered"] / table["people"].where(table["people"] > 0)
    order = ["township", "denominator", "covered_villages", "share", "people_covered",
             "people_share", "ledger_villages", "people"]  # fmt: skip
    return table[order]


def _warnings(
    rows: pd.DataFrame, counted: str, masts: _Masts | None, radius_m: float, unplaced: int
) -> list[Notice]:
    counts = {
        "ledger-differs": int(rows["ledger_differs"].fillna(False).sum()),
        "ledger-silent": int(rows["ledger_5g"].isna().sum()) if counted == "ledger_5g" else 0,
        "villages-unplaced": unplaced,
        "radius-imputed": masts.imputed if masts else 0,
        "stations-unplaced": int((~masts.placed).sum()) if masts else 0,
    }
    texts = {
        "ledger-differs": N_("The ledger and the map disagree on {count} villages."),
        "ledger-silent": N_("{count} villages have no entry in the ledger and are not counted."),
        "villages-unplaced": N_("{count} villages have no position and count as not covered."),
        "radius-imputed": N_("{count} stations have no radius of their own and get {radius:g} m."),
        "stations-unplaced": N_("{count} stations have no position and cover nothing."),
    }
    return [
        Notice(code, texts[code], {"count": count, "radius": radius_m})
        for code, count in counts.items()
        if count
    ]
