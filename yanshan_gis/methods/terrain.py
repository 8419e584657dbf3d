"""Slope, slope classes, hillshade and relief of a county, and how much land is steep where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.raster_input import file_of, in_metres
from yanshan_gis.methods.townships import add_county_row
from yanshan_gis.needs import Need, needs
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.raster.areas import Areas, tally
from yanshan_gis.raster.cog import CogDraft, Look, Output
from yanshan_gis.raster.scene import read_header, values_of
from yanshan_gis.raster.terrain import relief, surface
from yanshan_gis.raster.windows import inner, scan
from yanshan_gis.result import Indicator, Result
from yanshan_gis.units import Quantity

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer

# From level to steep, as the survey of arable land draws them; as many as there may be classes.
_COLOURS = ("#f1f6e5", "#d2e3a0", "#f2cf7a", "#e18a4a", "#a8322f", "#6a1b3a", "#3d0f26")
_MOST_BREAKS = len(_COLOURS) - 1


@needs(elevation=Need(rows=False), townships=Need(fields=("name",)))
def measure(
    *,
    elevation: Layer,
    townships: Layer,
    folder: Path,
    breaks_deg: Sequence[float],
    relief_side_m: float,
    light_from_deg: float,
    light_height_deg: float,
    progress: Progress = SILENT,
) -> Result:
    """Measure the ground from elevation.

    Parameters
    ----------
    elevation
        Raster in metres; in degrees, or in another CRS than the county's, it is warped bilinear.
    townships
        Polygons with ``name``.
    folder
        Where the rasters go.
    breaks_deg
        Where slope classes end; the last is also from where land counts as steep.
    relief_side_m
        Side of the square in which the relief is taken, rounded to an odd number of cells.
    light_from_deg, light_height_deg
        Of the hillshade: clockwise from north, and above the horizon.
    progress
        Who listens.

    Returns
    -------
    Result
        Rasters ``slope`` (°), ``slope_class``, ``hillshade``, ``relief`` (m); tables
        ``by_township`` and ``by_class``, areas counted in cells.

    Raises
    ------
    DataError
        When the raster is damaged, does not meet the county, or holds no height.
    """
    band, grid, notices = in_metres(file_of(elevation), townships, smooth=True)
    header = read_header(band)
    breaks = tuple(sorted(breaks_deg))[:_MOST_BREAKS]
    radius = max(round(relief_side_m / grid.cell[0] / 2 - 0.5), 1)
    named = list(townships.frame["name"])
    areas = Areas(townships.frame.geometry.to_numpy(), grid)
    shape = (len(named) + 1, len(breaks) + 2)

    def work(
        read: Mapping[str, NDArray[Any]], window: tuple[int, int, int, int]
    ) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64]]:
        z = values_of(read["z"], header)
        part = inner(z, window, radius)
        found = surface(
            z, grid, ("slope", "classes", "shade"), part=part, breaks_deg=breaks,
            azimuth_deg=light_from_deg, altitude_deg=light_height_deg,
        )  # fmt: skip
        found["relief"] = relief(z, radius, part)
        return found, tally(areas.on(window), found["classes"], shape)

    looks = {k: Look(title, _COLOURS[k - 1]) for k, title in enumerate(class_titles(breaks), 1)}
    outputs = {
        "slope": ("slope", Output(tags={"unit": "degree"})),
        "slope_class": ("classes", Output("uint8", looks)),
        "hillshade": ("shade", Output("uint8")),
        "relief": ("relief", Output(tags={"unit": "m", "side": f"{2 * radius + 1} cells"})),
    }
    cells = np.zeros(shape, np.int64)
    with ExitStack() as stack:
        drafts = {
            name: stack.enter_context(CogDraft(folder, name, grid, output))
            for name, (_, output) in outputs.items()
        }
        for window, (found, counted) in scan({"z": band}, work, halo=radius, progress=progress):
            cells += counted
            for name, (kind, _) in outputs.items():
                drafts[name].write(window, found[kind])
        rasters = {name: draft.finish()[0] for name, draft in drafts.items()}
    hectares = cells[1:] * (grid.cell[0] * grid.cell[1] / 10_000)
    tables = {
        "by_township": _by_township(named, hectares, townships),
        "by_class": _by_class(named, hectares, class_titles(breaks)),
    }
    return Result(
        rasters=rasters,
        tables=tables,
        indicators=tuple(_figures(hectares)),
        warnings=(*notices, *_unknown(hectares)),
    )


def class_titles(breaks: Sequence[float]) -> list[str]:
    """Name classes by their limits.

    Parameters
    ----------
    breaks
        Degrees, ascending.

    Returns
    -------
    list of str
        Such as ``≤2°``, ``2–6°``, ``>25°``.
    """
    if not breaks:
        return [">0°"]
    between = [f"{a:g}–{b:g}°" for a, b in pairwise(breaks)]
    return [f"≤{breaks[0]:g}°", *between, f">{breaks[-1]:g}°"]


def _by_township(
    named: list[str], hectares: NDArray[np.floating], townships: Layer
) -> pd.DataFrame:
    known = hectares[:, 1:]
    rows = pd.DataFrame({"township": named, "land_ha": known.sum(axis=1), "steep_ha": known[:, -1]})
    rows["steep_mu"] = rows["steep_ha"] * Quantity(1.0, "ha").to("亩")
    rows = add_county_row(rows.groupby("township", sort=False).sum().reset_index(), townships)
    return rows.assign(steep_share=rows["steep_ha"] / rows["land_ha"].where(rows["land_ha"] > 0))


def _by_class(named: list[str], hectares: NDArray[np.floating], titles: list[str]) -> pd.DataFrame:
    rows = [
        {"township": name, "slope_range": title, "area_ha": area, "area_mu": area * 15.0}
        for name, line in zip(named, hectares[:, 1:], strict=True)
        for title, area in zip(titles, line, strict=True)
    ]
    columns = ["township", "slope_range", "area_ha", "area_mu"]
    return pd.DataFrame(rows, columns=columns)


def _figures(hectares: NDArray[np.floating]) -> list[Indicator]:
    known = hectares[:, 1:]
    return [
        Indicator.share("steep_share", known[:, -1].sum(), known.sum(), headline=True),
        Indicator("steep_area", float(known[:, -1].sum()), "ha"),
    ]


def _unknown(hectares: NDArray[np.floating]) -> list[Notice]:
    missing = float(hectares[:, 0].sum())
    if not missing:
        return []
    text = N_("{area:.1f} ha of the townships have no known height; they are in no class.")
    return [Notice("height-unknown", text, {"area": missing})]
