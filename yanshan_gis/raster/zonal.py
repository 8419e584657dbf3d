"""Statistics of zones, exact at their edges: every cell counts by the share that lies inside.

The overlap of cells and zones is worked out by exactextract (Baston), which reads big rasters part
by part. Zones may overlap each other. Areas are horizontal, in the plane of the raster's CRS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.crs import check_metric
from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.raster.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A file of one band, or a grid with an array on it.
Cells = Path | tuple[Grid, "NDArray[Any]"]
Statistic = Literal["mean", "min", "max", "sum", "stdev", "median"]
M2_PER_MU = 10_000 / 15
_WHOLE = 1 - 1e-6


@dataclass(frozen=True, eq=False)
class Zones:
    """How much of each zone a raster speaks of.

    Parameters
    ----------
    area_m2
        Of the zones themselves, NaN for one without an area.
    inside
        Share of each zone that lies on the raster; NaN without an area.
    known
        Share of each zone whose cells hold data.
    """

    area_m2: NDArray[np.float64]
    inside: NDArray[np.float64]
    known: NDArray[np.float64]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a reader must know: zones off the raster, and zones covered in part."""
        off = int((self.inside == 0).sum())
        part = int(((self.inside > 0) & (self.known < _WHOLE)).sum())
        texts = {
            "zones-off-raster": (off, N_("{count} zones lie off the raster and have no figures.")),
            "zones-covered-in-part": (
                part,
                N_("Of {count} zones the raster knows only a part; their share is in the table."),
            ),
        }
        return tuple(Notice(k, text, {"count": n}) for k, (n, text) in texts.items() if n)


@dataclass(frozen=True, eq=False)
class ClassAreas:
    """Areas of classes by zone.

    Parameters
    ----------
    zones
        How much of each zone is known.
    rows
        ``zone`` (position), ``class``, ``area_m2``, ``area_ha``, ``area_mu``, ``share`` of the
        zone's known area; zones in order, classes ascending. For a change ``before`` and ``after``
        instead of ``class``.
    """

    zones: Zones
    rows: pd.DataFrame

    def wide(self, column: str = "area_m2") -> pd.DataFrame:
        """Lay classes side by side.

        Parameters
        ----------
        column
            Which number.

        Returns
        -------
        pandas.DataFrame
            One row per zone, one column per class found; 0 where a known zone has none of it,
            NaN where nothing of the zone is known.
        """
        laid = self.rows.pivot_table(index="zone", columns="class", values=column, aggfunc="sum")
        laid = laid.reindex(range(len(self.zones.area_m2)))
        known = (self.zones.known > 0)[:, None]
        return laid.where(laid.notna() | ~known, 0.0)


def class_areas(cells: Cells, zones: gpd.GeoDataFrame) -> ClassAreas:
    """Measure how much of every class each zone holds.

    Parameters
    ----------
    cells
        Whole numbers; in a projected CRS in metres.
    zones
        Polygons in any CRS.

    Returns
    -------
    ClassAreas
        Only classes that are there have rows.

    Raises
    ------
    CrsError
        When the raster is not in a projected CRS in metres.
    """
    with ExitStack() as stack:
        from yanshan_gis.raster.zone_sources import open_cells

        source = open_cells(stack, cells)
        found, shares = _extract(source, zones, ["count", "unique", "frac"])
    rows = _long(found, shares, source.grid)
    return ClassAreas(shares, rows.rename(columns={"code": "class"})[["zone", "class", *_AREAS]])


def change_areas(before: Cells, after: Cells, zones: gpd.GeoDataFrame) -> ClassAreas:
    """Measure what each zone's land was and has become: a from–to matrix per zone.

    Parameters
    ----------
    before, after
        Classes from 0 to 65535 at two dates, on one grid.
    zones
        Polygons in any CRS.

    Returns
    -------
    ClassAreas
        Rows with ``before`` and ``after``, what stayed the same included; land not known at both
        dates counts as not known.

    Raises
    ------
    DataError
        When the rasters do not lie on one grid.
    CrsError
        When they are not in a projected CRS in metres.
    """
    with ExitStack() as stack:
        from yanshan_gis.raster.zone_sources import APART, ChangeSource, open_cells

        first, second = (open_cells(stack, cells) for cells in (before, after))
        if first.grid != second.grid:
            raise DataError(
                "change-grids",
                N_("The rasters of the two dates do not lie on one grid; warp one onto the other."),
            )
        found, shares = _extract(ChangeSource(first, second), zones, ["count", "unique", "frac"])
    rows = _long(found, shares, first.grid)
    rows = rows.assign(before=rows["code"] // APART, after=rows["code"] % APART)
    return ClassAreas(shares, rows[["zone", "before", "after", *_AREAS]])


def zone_values(
    cells: Cells, zones: gpd.GeoDataFrame, statistics: Sequence[Statistic] = ("mean",)
) -> tuple[pd.DataFrame, Zones]:
    """Summarise the values of each zone, cells weighted by the share that lies inside.

    Parameters
    ----------
    cells
        Values; in a projected CRS in metres.
    zones
        Polygons in any CRS.
    statistics
        Which.

    Returns
    -------
    tuple
        One column per statistic on the zones' index, NaN where nothing is known; and how much of
        each zone is known.

    Raises
    ------
    CrsError
        When the raster is not in a projected CRS in metres.
    """
    with ExitStack() as stack:
        from yanshan_gis.raster.zone_sources import open_cells

        source = open_cells(stack, cells)
        found, shares = _extract(source, zones, ["count", *statistics])
    values = {name: np.asarray(found[name], dtype=float) for name in statistics}
    frame = pd.DataFrame(values, index=zones.index)
    frame.loc[~(shares.known > 0)] = np.nan
    return frame, shares


def matrix(rows: pd.DataFrame, titles: Mapping[int, str]) -> pd.DataFrame:
    """Sum a change over zones that do not overlap, as a square table.

    Parameters
    ----------
    rows
        Of `change_areas`.
    titles
        Of the classes, in the order of the table.

    Returns
    -------
    pandas.DataFrame
        Hectares; rows are what land was, columns what it has become.
    """
    laid = rows.pivot_table(index="before", columns="after", values="area_ha", aggfunc="sum")
    laid = laid.reindex(index=list(titles), columns=list(titles))
    laid = laid.where(laid.notna(), 0.0)
    return laid.set_axis(list(titles.values()), axis=0).set_axis(list(titles.values()), axis=1)


_AREAS = ["area_m2", "area_ha", "area_mu", "share"]


def _extract(
    source: Any, zones: gpd.GeoDataFrame, operations: list[str]
) -> tuple[dict[str, Any], Zones]:
    """Return one entry per zone and operation, and how much of each zone is known."""
    from exactextract import exact_extract

    grid: Grid = source.grid
    check_metric(grid.crs, "zonal")
    shapes = gpd.GeoSeries(zones.geometry.array, crs=zones.crs).to_crs(grid.crs.to_wkt())
    area = shapely.area(shapes.to_numpy())
    on_raster = shapely.area(shapely.clip_by_rect(shapes.to_numpy(), *grid.bounds))
    some = np.flatnonzero(area > 0)
    found: dict[str, Any] = {name: np.full(len(zones), None, dtype=object) for name in operations}
    count = np.zeros(len(zones))
    touched = some[on_raster[some] > 0]
    if len(touched):
        frame = gpd.GeoDataFrame(geometry=shapes.iloc[touched].to_numpy(), crs=shapes.crs)
        given = exact_extract(source, frame, operations, output="pandas")
        for name in operations:
            column = np.empty(len(touched), dtype=object)
            column[:] = list(given[name])
            found[name][touched] = column
        count[touched] = given["count"].to_numpy(dtype=float)
    area = np.where(area > 0, area, np.nan)
    known = np.minimum(count * grid.cell[0] * grid.cell[1] / area, 1.0)
    return found, Zones(area, np.minimum(on_raster / area, 1.0), known)


def _long(found: Mapping[str, Any], shares: Zones, grid: Grid) -> pd.DataFrame:
    """Lay classes below each other, with their areas."""
    zones = [i for i, codes in enumerate(found["unique"]) if codes is not None and len(codes)]
    lengths = [len(found["unique"][i]) for i in zones]
    cell_m2 = grid.cell[0] * grid.cell[1]
    count = np.repeat([float(found["count"][i]) for i in zones], lengths)
    codes = np.concatenate([np.empty(0), *(found["unique"][i] for i in zones)])
    share = np.concatenate([np.empty(0), *(found["frac"][i] for i in zones)])
    area = count * share * cell_m2
    rows = pd.DataFrame(
        {
            "zone": np.repeat(np.array(zones, dtype=np.int64), lengths),
            "code": codes.astype(np.int64),
            "area_m2": area,
            "area_ha": area / 10_000,
            "area_mu": area / M2_PER_MU,
            "share": share,
        }
    )
    return rows.sort_values(["zone", "code"], ignore_index=True)
