"""Ground on which no new site is put: control lines, rocky desertification, steep slopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.control_lines import first_within, unchecked

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

# Why a place is forbidden; of several reasons the first is told.
REASONS = ("control_line", "desertification", "slope")


@dataclass(frozen=True, eq=False)
class Masks:
    """What forbids a site. A layer that is absent forbids nothing, and a notice says so.

    Parameters
    ----------
    control_lines
        Polygons with ``kind``.
    forbidden_kinds
        Kinds of control lines within which no site is put.
    desertification
        Polygons with ``grade``.
    forbidden_grades
        Grades on which no site is put.
    elevation
        A raster in metres.
    slope_limit_deg
        Steepest ground a site is put on.
    """

    control_lines: Layer | None
    forbidden_kinds: tuple[str, ...]
    desertification: Layer | None
    forbidden_grades: tuple[str, ...]
    elevation: Layer | None
    slope_limit_deg: float

    def barred(self, places: gpd.GeoDataFrame) -> pd.DataFrame:
        """Tell which places may not be chosen, and why.

        Parameters
        ----------
        places
            Points in a projected CRS in metres; one without a position lies in no mask.

        Returns
        -------
        pandas.DataFrame
            On their index: ``reason`` (``control_line``, ``desertification``, ``slope``, the first
            that holds; None for a place that may be chosen), and what was found, whether or not it
            forbids: ``line`` and ``grade`` of the areas that forbid, ``slope_deg`` (NaN unknown).
        """
        rows = pd.DataFrame(index=places.index)
        rows["line"] = first_within(places, self.control_lines, "kind", self.forbidden_kinds)
        rows["grade"] = first_within(places, self.desertification, "grade", self.forbidden_grades)
        rows["slope_deg"] = self._slope(places)
        steep = rows["slope_deg"] > self.slope_limit_deg
        found = [rows["line"].notna(), rows["grade"].notna(), steep]
        reason = np.full(len(rows), None, dtype=object)
        for code, flags in reversed(list(zip(REASONS, found, strict=True))):
            reason[flags.to_numpy(dtype=bool)] = code
        rows.insert(0, "reason", reason)
        return rows

    def notices(self, barred: pd.DataFrame) -> list[Notice]:
        """Say what was not checked, and how many places are forbidden.

        Parameters
        ----------
        barred
            As of `barred`.

        Returns
        -------
        list of Notice
            Empty where all was checked and nothing is forbidden.
        """
        found = unchecked(self.control_lines)
        if self.desertification is None or not len(self.desertification):
            text = N_("Not checked against rocky desertification.")
            found.append(Notice("desertification-unchecked", text, {}))
        unknown = int(barred["slope_deg"].isna().sum())
        if self.elevation is None or self.elevation.raster is None:
            text = N_("Slope not checked: there is no elevation.")
            found.append(Notice("slope-unchecked", text, {}))
        elif unknown:
            text = N_("The slope at {count} candidates is not known; they may be chosen.")
            found.append(Notice("slope-unknown", text, {"count": unknown}))
        count = int(barred["reason"].notna().sum())
        if count:
            text = N_("{count} of {total} candidates are forbidden, with reasons in the table.")
            values = {"count": count, "total": len(barred)}
            found.append(Notice("candidates-forbidden", text, values))
        return found

    def _slope(self, places: gpd.GeoDataFrame) -> NDArray[np.float64]:
        slope = np.full(len(places), np.nan)
        if self.elevation is None or self.elevation.raster is None:
            return slope
        from yanshan_gis.raster.point_slope import slope_at

        x, y = places.geometry.x.to_numpy(), places.geometry.y.to_numpy()
        placed = np.isfinite(x) & np.isfinite(y)
        slope[placed] = slope_at(self.elevation.raster, x[placed], y[placed], places.crs)
        return slope
