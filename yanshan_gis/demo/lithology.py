"""Modelled geology: polygons of rock, carbonate where the modelled ground is karstic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.demo import sources
from yanshan_gis.demo.noise import Waves
from yanshan_gis.demo.scene import CARBONATE
from yanshan_gis.demo.seeding import numbers
from yanshan_gis.demo.tables import make_layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.catalogue import Catalogue
    from yanshan_gis.content import LayerDef
    from yanshan_gis.demo.land import Land
    from yanshan_gis.layer import Layer

_ROCKS = ("limestone", "dolomite", "interbedded", "clastic", "quaternary")
_LEAST_M2 = 1.5e6  # smaller patches are not mapped, as on a 1:200,000 sheet


def build_lithology(catalogue: Catalogue[LayerDef], land: Land, run: tuple[int, float]) -> Layer:
    """Map the rock under a county.

    Parameters
    ----------
    catalogue
        Layer definitions by name.
    land
        Outline and ground.
    run
        Seed and scale of the model.

    Returns
    -------
    Layer
        Polygons without gaps or overlaps, clipped to the county.
    """
    from rasterio.features import shapes, sieve

    grid = land.terrain.grid
    codes = sieve(_rocks(land, run[0]), max(int(_LEAST_M2 / grid.cell[0] ** 2), 2), connectivity=4)
    found = [
        (shapely.geometry.shape(shape), int(code))
        for shape, code in shapes(codes, connectivity=4, transform=grid.transform)
    ]
    pieces = np.array([shape for shape, _ in found], dtype=object)
    # Corners at every cell first: neighbours then share all vertices, and smoothing keeps them so.
    edged = shapely.segmentize(pieces, grid.cell[0])
    areas = shapely.coverage_simplify(edged, 2.0 * grid.cell[0])
    areas = shapely.intersection(areas, land.outline)
    rocks = np.array(_ROCKS, dtype=object)[[code - 1 for _, code in found]]
    kept = shapely.area(areas) > 0
    table = pd.DataFrame({"rock": rocks[kept], "scale": "1:200000"}, dtype=object)
    shape = shapely.set_precision(areas[kept], 0.1)
    return make_layer(
        catalogue["lithology"], table, shape, sources.MODEL, (sources.modelled(*run),)
    )


def _rocks(land: Land, seed: int) -> NDArray[np.uint8]:
    """Tell the rock of each cell, counted from 1 in `_ROCKS`."""
    grid, ground = land.terrain.grid, land.terrain.ground
    karst = ground.karstification(grid)
    beds = Waves.draw(numbers(seed, "lithology"), 9_000, 30_000).on(grid)
    kinds = [
        (ground.valleys(grid) > 0.75) & (land.terrain.cones < 2.0) & (karst < 0.8),
        karst < CARBONATE,
        karst < CARBONATE + 0.12,
        beds > 0.7,
    ]
    return np.select(kinds, (5, 4, 3, 2), default=1).astype(np.uint8)
