"""Rocky desertification screened from imagery: grades by a named scheme, areas from the cells.

A screening tells where to look. It is not the survey that the national monitoring makes on the
ground, and grades of different schemes cannot be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.desertification_notices import notices_of
from yanshan_gis.methods.raster_input import file_of, in_metres, like
from yanshan_gis.methods.townships import add_county_row
from yanshan_gis.needs import Need, needs
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.raster.areas import Areas, tally
from yanshan_gis.raster.cog import CogDraft, Look, Output
from yanshan_gis.raster.grading import CODES, UNSEEN, Codes, EndMembers, Grader, end_members
from yanshan_gis.raster.scene import Header, values_of
from yanshan_gis.raster.windows import headers_of, scan
from yanshan_gis.raster.zones import outline, smooth
from yanshan_gis.result import Indicator, Result
from yanshan_gis.scheme import GRADES, FactorName, Scheme

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer
    from yanshan_gis.raster.grid import Grid
    from yanshan_gis.raster.scene import Band

    Window = tuple[int, int, int, int]
    Read = Mapping[str, NDArray[Any]]

_MU_PER_HA = 15.0
_LEAST_DESERTIFIED = GRADES.index("light") + 1
_LOOKS = {
    code: Look(title, colour)
    for code, (title, colour) in enumerate(
        (
            ("无石漠化", "#eef5e2"), ("潜在石漠化", "#d3e4b0"), ("轻度石漠化", "#f0d473"),
            ("中度石漠化", "#e8963e"), ("重度石漠化", "#c5452c"), ("极重度石漠化", "#6f1230"),
            ("未见（云、影、无影像）", "#bfc4cc"), ("非岩溶", "#f4f4f1"),
            ("建设用地和水域", "#dfe6ee"),
        ),
        1,
    )
}  # fmt: skip


@dataclass(frozen=True)
class _Scene:
    """Bands that lie cell on cell, and polygons over them."""

    bands: Mapping[str, Band]
    headers: Mapping[str, Header]
    grid: Grid
    townships: Areas
    karst: Areas | None

    def prepare(self, read: Read, window: Window) -> tuple[dict[str, Any], NDArray[np.uint16]]:
        """Return what the grader takes, and the township of each cell."""
        inside = self.townships.on(window)
        ready: dict[str, Any] = dict(read)
        land = inside > 0
        if self.karst is not None:
            ready["karst"] = (land & (self.karst.on(window) > 0)).astype(np.uint8)
        else:
            ready["karst"] = land.astype(np.uint8)
        if "cover" in read and read["cover"].dtype != np.uint8:
            cover = read["cover"]
            ready["cover"] = np.where((cover >= 0) & (cover < 256), cover, 0).astype(np.uint8)
        for name in ("slope", "soil_depth"):
            if name in read:
                ready[name] = values_of(read[name], self.headers[name])
        return ready, inside


@needs(
    imagery=Need(rows=False),
    townships=Need(fields=("name",)),
    lithology=Need(fields=("rock",), optional=True),
    land_cover=Need(rows=False, optional=True),
    soil_depth=Need(rows=False, optional=True),
    slope=Need(rows=False, optional=True),
)
def screen(
    *,
    imagery: Layer,
    townships: Layer,
    lithology: Layer | None,
    land_cover: Layer | None,
    soil_depth: Layer | None,
    slope: Layer | None,
    schemes: Mapping[str, Scheme],
    folder: Path,
    scheme: str,
    red_band: float,
    nir_band: float,
    swir_band: float,
    quality_band: float,
    dn_offset: float,
    clouds: Sequence[float],
    water: Sequence[float],
    cloud_bits: Sequence[float],
    water_bits: Sequence[float],
    cover_tree: Sequence[float],
    cover_shrub: Sequence[float],
    cover_grass: Sequence[float],
    cover_crop: Sequence[float],
    cover_terrace: Sequence[float],
    cover_bare: Sequence[float],
    cover_built: Sequence[float],
    cover_water: Sequence[float],
    carbonate: Sequence[str],
    end_percentile: float,
    fixed_ends: Sequence[float],
    smallest_zone_mu: float,
    simplify_cells: float,
    progress: Progress = SILENT,
) -> Result:
    """Grade a county's karst from imagery.

    Parameters
    ----------
    imagery
        Digital numbers or reflectance with red, near and short-wave infrared.
    townships
        Polygons with ``name``; cells count for the one that holds their centre.
    lithology
        Polygons with ``rock``; without it all land is graded.
    land_cover
        Classes; without it nothing is known of plants' kind, and built-up land looks like rock.
    soil_depth
        Centimetres.
    slope
        Degrees.
    schemes
        By name.
    folder
        Where the raster goes.
    scheme
        Whose limits count.
    red_band, nir_band, swir_band, quality_band
        Bands of the imagery, from 1; 0 where there is no quality band.
    dn_offset
        Digital number of reflectance 0, where the file does not say it itself.
    clouds, water, cloud_bits, water_bits
        What values and bits of the quality band mean.
    cover_tree, cover_shrub, cover_grass, cover_crop, cover_terrace, cover_bare
        Codes of land cover.
    cover_built, cover_water
        Codes of land cover that is not graded.
    carbonate
        Kinds of rock that are karst.
    end_percentile
        Of the low end members; the high ones lie as far below 100.
    fixed_ends
        NDVI of soil and of plants, NDRI without rock and of rock; the image's own where empty.
    smallest_zone_mu
        Smaller patches join a neighbour on the map.
    simplify_cells
        How much of the cells' stairs is taken off the zones, in cells.
    progress
        Who listens.

    Returns
    -------
    Result
        Raster ``grade``, layer ``zones``, tables ``by_township`` and ``by_grade``.

    Raises
    ------
    DataError
        When a raster is damaged, lacks a band, lies elsewhere, or nothing can be graded.
    UsageError
        When no scheme is called so.
    """
    chosen = _scheme(schemes, scheme)
    covers = {
        "tree": cover_tree, "shrub": cover_shrub, "grass": cover_grass, "crop": cover_crop,
        "terrace": cover_terrace, "bare": cover_bare, "built": cover_built, "water": cover_water,
    }  # fmt: skip
    codes = Codes(covers, clouds, water, cloud_bits, water_bits)
    numbers = {"red": red_band, "nir": nir_band, "swir": swir_band, "quality": quality_band}
    places = {name: int(index) for name, index in numbers.items() if index or name != "quality"}
    others = {"cover": land_cover, "slope": slope, "soil_depth": soil_depth}
    others = {n: x for n, x in others.items() if n == "cover" or n in chosen.factors}
    scene, warped = _open(imagery, places, others, townships, lithology, carbonate)
    offset, stated = _offset(scene.headers["red"], dn_offset)
    at_hand: list[FactorName] = ["rock", "vegetation"]
    at_hand += [n for n in ("cover", "slope", "soil_depth") if n in scene.bands]
    grader = Grader(chosen, at_hand, codes, offset, scene.headers)
    members = (
        EndMembers(*fixed_ends) if fixed_ends else _members(scene, grader, end_percentile, progress)
    )
    named = list(townships.frame["name"])
    raster, cells = _write(scene, grader, members, folder, len(named), progress)
    # What the image does not hold is as unseen as what clouds hide.
    cells[:, UNSEEN] += cells[:, 0]
    hectares = cells[1:, 1:] * (scene.grid.cell[0] * scene.grid.cell[1] / 10_000)
    zones = _zones(raster, scene.grid, townships.crs, chosen, smallest_zone_mu, simplify_cells)
    told = notices_of(
        chosen, grader.missing, members, float(hectares[:, UNSEEN - 1].sum()),
        lithology=lithology is not None, cover=land_cover is not None,
        quality="quality" in scene.bands, stated=stated,
    )  # fmt: skip
    return Result(
        rasters={"grade": raster},
        layers={"zones": zones},
        tables={
            "by_township": _by_township(named, hectares, townships),
            "by_grade": _by_grade(named, hectares),
        },
        indicators=tuple(_figures(hectares)),
        warnings=(*told, *warped),
    )


def _scheme(schemes: Mapping[str, Scheme], name: str) -> Scheme:
    if name not in schemes:
        text = N_("No grading scheme is called {name!r}; known: {known}.")
        raise UsageError("scheme-unknown", text, name=name, known=", ".join(schemes))
    return schemes[name]


def _open(
    imagery: Layer,
    places: Mapping[str, int],
    others: Mapping[str, Layer | None],
    townships: Layer,
    lithology: Layer | None,
    carbonate: Sequence[str],
) -> tuple[_Scene, tuple[Notice, ...]]:
    """Open everything on the imagery's grid, each thing warped onto it where it lies otherwise."""
    path = file_of(imagery)
    first, grid, warped = in_metres(path, townships, smooth=False, index=places["red"])
    bands = {name: replace(first, index=index) for name, index in places.items()}
    for name, layer in others.items():
        if layer is not None:
            bands[name] = like(file_of(layer), grid, townships, smooth=name != "cover")
    polygons = townships.frame.to_crs(grid.crs).geometry.to_numpy()
    karst = None
    if lithology is not None:
        chosen = lithology.frame[lithology.frame["rock"].isin(list(carbonate))]
        karst = Areas(chosen.to_crs(grid.crs).geometry.to_numpy(), grid)
    scene = _Scene(bands, headers_of(bands), grid, Areas(polygons, grid), karst)
    return scene, warped


def _offset(header: Header, given: float) -> tuple[float, bool]:
    """Return the digital number of reflectance 0, and whether the file says so itself."""
    if header.scale != 1 or header.offset != 0:
        return -header.offset / header.scale, True
    return given, False


def _members(scene: _Scene, grader: Grader, percentile: float, progress: Progress) -> EndMembers:
    """Find the end members in one pass over the whole scene."""
    needed = {n: b for n, b in scene.bands.items() if n not in ("slope", "soil_depth")}

    def work(read: Read, window: Window) -> NDArray[np.int64]:
        return grader.count(scene.prepare(read, window)[0])

    counts = sum(found for _, found in scan(needed, work, progress=progress))
    return end_members(np.asarray(counts), percentile)


def _write(
    scene: _Scene,
    grader: Grader,
    members: EndMembers,
    folder: Path,
    townships: int,
    progress: Progress,
) -> tuple[Path, NDArray[np.int64]]:
    """Grade all windows into a raster, and count cells by township and code."""
    shape = (townships + 1, len(CODES) + 1)

    def work(read: Read, window: Window) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        ready, inside = scene.prepare(read, window)
        codes = grader.grade(ready, members)
        codes[inside == 0] = 0
        return codes, tally(inside, codes, shape)

    scheme = grader.scheme
    tags = {"scheme": scheme.name, "scheme_title": scheme.title.zh, "source": scheme.source.zh,
            "kind": "遥感筛查，非调查监测结果"}  # fmt: skip
    cells = np.zeros(shape, np.int64)
    with CogDraft(folder, "grade", scene.grid, Output("uint8", _LOOKS, tags)) as draft:
        for window, (codes, counted) in scan(scene.bands, work, progress=progress):
            draft.write(window, codes)
            cells += counted
        return draft.finish()[0], cells


def _zones(
    raster: Path, grid: Grid, crs: Any, scheme: Scheme, smallest_mu: float, tolerance: float
) -> gpd.GeoDataFrame:
    """Draw zones of all grades, from a raster of one byte a cell held whole."""
    import rasterio

    with rasterio.open(raster) as source:
        pixels = source.read(1)
    smoothed = smooth(pixels, grid, len(GRADES), smallest_mu * 10_000 / _MU_PER_HA)
    zones = outline(smoothed, grid, len(GRADES), tolerance)
    frame = gpd.GeoDataFrame(
        {
            "id": [f"Z{n:06d}" for n in range(1, len(zones) + 1)],
            "grade": [GRADES[code - 1] for code in zones["code"]],
            "scheme": scheme.name,
            "area_ha": zones["area_m2"] / 10_000,
            "area_mu": zones["area_m2"] / 10_000 * _MU_PER_HA,
        },
        geometry=zones.geometry.to_numpy(),
        crs=zones.crs,
    )
    return frame.to_crs(crs)


def _by_township(
    named: list[str], hectares: NDArray[np.floating], townships: Layer
) -> pd.DataFrame:
    bad = hectares[:, _LEAST_DESERTIFIED - 1 : len(GRADES)].sum(axis=1)
    columns = {"desertified_ha": bad, "desertified_mu": bad * _MU_PER_HA}
    columns |= {f"{name}_mu": hectares[:, code] * _MU_PER_HA for code, name in enumerate(GRADES)}
    columns |= {
        "graded_ha": hectares[:, : len(GRADES)].sum(axis=1),
        "unseen_ha": hectares[:, UNSEEN - 1],
        "not_graded_ha": hectares[:, UNSEEN:].sum(axis=1),
    }
    rows = pd.DataFrame({"township": named, **columns})
    rows = add_county_row(rows.groupby("township", sort=False).sum().reset_index(), townships)
    share = rows["desertified_ha"] / rows["graded_ha"].where(rows["graded_ha"] > 0)
    rows.insert(3, "share", share)
    return rows


def _by_grade(named: list[str], hectares: NDArray[np.floating]) -> pd.DataFrame:
    rows = [
        {"township": name, "grade": grade, "area_ha": area, "area_mu": area * _MU_PER_HA}
        for name, line in zip(named, hectares, strict=True)
        for grade, area in zip(CODES, line, strict=True)
    ]
    return pd.DataFrame(rows, columns=["township", "grade", "area_ha", "area_mu"])


def _figures(hectares: NDArray[np.floating]) -> list[Indicator]:
    whole = hectares.sum(axis=0)
    graded = float(whole[: len(GRADES)].sum())
    bad = float(whole[_LEAST_DESERTIFIED - 1 : len(GRADES)].sum())
    unseen = float(whole[UNSEEN - 1])
    by_grade = [
        Indicator(f"{name}_area", float(whole[GRADES.index(name)]), "ha")
        for name in ("potential", "light", "moderate", "severe", "extreme")
    ]
    return [
        Indicator.share("desertified_share", bad, graded, headline=True),
        Indicator("desertified_area", bad, "ha"),
        *by_grade,
        Indicator.share("unseen_share", unseen, graded + unseen),
    ]
