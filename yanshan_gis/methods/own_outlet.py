"""Whose each outlet is, and indicator 20 where no road or no outlet is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount, choose_headline, shares, yes_no
from yanshan_gis.methods.nearby import nearest_within
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.result import Result

if TYPE_CHECKING:
    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer


@dataclass(frozen=True)
class Assignment:
    """Whose each outlet is: by its own word, by position, or nobody's.

    Parameters
    ----------
    committee
        Id of the committee per outlet, None for nobody's.
    by_position
        True where the outlet names none and the nearest committee was taken.
    limit_m
        Farthest that one may lie.
    """

    committee: NDArray[np.object_]
    by_position: NDArray[np.bool_]
    limit_m: float

    @classmethod
    def of(
        cls, facilities: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, limit_m: float
    ) -> Assignment:
        """Give outlets to committees.

        Parameters
        ----------
        facilities
            Outlets; ``committee`` says whose they are.
        villages
            Committees.
        limit_m
            Farthest an outlet that names no committee may lie from the one it counts for.

        Returns
        -------
        Assignment
            One entry per outlet.
        """
        stated = facilities.get("committee")
        committee = np.full(len(facilities), None, dtype=object)
        if stated is not None:
            known = stated.isin(villages["id"]).to_numpy(dtype=bool)
            committee[known] = stated[known].to_numpy(dtype=object)
        silent = np.array([value is None for value in committee], dtype=bool)
        rows = nearest_within(facilities.geometry.to_numpy(), villages.geometry.to_numpy(), limit_m)
        near = silent & (rows >= 0)
        committee[near] = villages["id"].to_numpy(dtype=object)[rows[near]]
        return cls(committee, near, limit_m)

    def notices(self) -> list[Notice]:
        """Say how many outlets count for a committee by position, and how many for none.

        Returns
        -------
        list of Notice
            Empty where every outlet names its committee.
        """
        nobodys = int(sum(committee is None for committee in self.committee))
        found = []
        if self.by_position.any():
            text = N_("{count} outlets name no committee and count for the nearest one.")
            count = int(self.by_position.sum())
            found.append(Notice("outlets-by-position", text, {"count": count}))
        if nobodys:
            text = N_(
                "{count} outlets name no committee and lie more than {limit:g} m from any; they "
                "are nobody's own."
            )
            values = {"count": nobodys, "limit": self.limit_m}
            found.append(Notice("outlets-nobodys", text, values))
        return found


def describe(
    villages: gpd.GeoDataFrame, township: pd.Series, assigned: Assignment | None
) -> pd.DataFrame:
    """Tell of every committee whether it has an outlet, by the map and by the ledger.

    Parameters
    ----------
    villages
        Committees.
    township
        Name per committee.
    assigned
        Whose the outlets are; None where none is known.

    Returns
    -------
    pandas.DataFrame
        ``id`` ``name`` ``township`` ``population`` ``households`` ``own_outlet``
        ``ledger_outlet`` ``ledger_differs``.
    """
    rows = pd.DataFrame({"id": villages["id"], "name": villages["name"]})
    rows["township"] = township
    for column in ("population", "households"):
        rows[column] = amount(villages, column)
    own = pd.Series(pd.NA, index=rows.index, dtype="boolean")
    if assigned is not None:
        own = rows["id"].isin([c for c in assigned.committee if c is not None])
    rows["own_outlet"] = own
    rows["ledger_outlet"] = yes_no(villages, "ledger_outlet")
    rows["ledger_differs"] = rows["ledger_outlet"] != own
    return rows


def without_roads(
    villages: Layer,
    facilities: Layer | None,
    assigned: Assignment | None,
    townships: Layer | None,
    county: County,
    target: float,
) -> Result:
    """Count committees with an outlet where nothing can be told of distances.

    Parameters
    ----------
    villages
        Committees with ``ledger_outlet``.
    facilities, assigned
        Existing outlets, and whose they are; None where none is known, and the ledger alone counts.
    townships
        Polygons, for committees that do not name their township.
    county
        Names the headline definition of indicator 20.
    target
        What the plan asks for.

    Returns
    -------
    Result
        As of `reach.coverage`, without minutes, kilometres and proposals.
    """
    rows = describe(villages.frame, township_of(villages.frame, townships=townships), assigned)
    counted = "ledger_outlet" if assigned is None else "own_outlet"
    figures = {
        key: (int(rows[key].sum()), int(rows[key].notna().sum()))
        for key in ("own_outlet", "ledger_outlet")
        if rows[key].notna().any()
    }
    headline, notices = choose_headline(county, "20", figures, "own_outlet", "ledger_outlet")
    have, known = rows[counted].fillna(False).astype(bool), rows[counted].notna()
    rows["state"] = np.select([have, known], ["own", "no_outlet"], default="unknown").astype(object)
    text = N_("Roads or outlets are missing: nothing is told of distances to an outlet.")
    warnings = [*notices, Notice("reach-unknown", text)]
    if not known.all():
        text = N_("{count} committees have no entry in the ledger and are not counted.")
        warnings.append(Notice("ledger-silent", text, {"count": int((~known).sum())}))
    differ = rows["ledger_differs"].fillna(False).astype(bool)
    if differ.any():
        text = N_("The ledger and the map disagree on {count} committees.")
        warnings.append(Notice("ledger-differs", text, {"count": int(differ.sum())}))
    table = count_by_township(rows["township"], {"denominator": known, "own": have})
    table = add_county_row(table.reset_index(), townships)
    denominator = table["denominator"].astype(float)
    table["share"] = table["own"].astype(float) / denominator.where(denominator > 0)
    shown = ["id", "name", "township", "population", "households", "state"]
    points = gpd.GeoDataFrame(rows, geometry=villages.frame.geometry.array, crs=villages.crs)
    outlets = {} if facilities is None else {"facilities": facilities.frame.reset_index(drop=True)}
    return Result(
        indicators=tuple(shares(figures, headline, target)),
        layers={"committees": points, **outlets},
        tables={
            "by_township": table,
            "missed": rows.loc[known & ~have, shown].reset_index(drop=True),
            "disagreements": rows.loc[
                differ, ["id", "name", "township", "own_outlet", "ledger_outlet"]
            ].reset_index(drop=True),
        },
        warnings=(*warnings, *(assigned.notices() if assigned else [])),
    )
