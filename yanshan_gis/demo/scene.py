"""Modelled land cover and a satellite's view of it: spectra of what covers a cell, mixed.

The bands stand for blue, green, red, near and short-wave infrared of Sentinel-2, and a sixth
holds its scene classification. Built-up land looks like rock there, as it does in earnest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.ndimage import map_coordinates

from yanshan_gis.demo.noise import Waves
from yanshan_gis.demo.seeding import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.terrain import Terrain
    from yanshan_gis.raster.grid import Grid

BANDS = ("B02 blue", "B03 green", "B04 red", "B08 nir", "B11 swir1", "SCL")
# Codes of ESA WorldCover.
TREE, SHRUB, GRASS, CROP, BUILT, BARE, WATER = 10, 20, 30, 40, 50, 60, 80
CARBONATE = 0.25  # least karstification of carbonate rock
# Reflectance of plants, bare limestone, red soil, water and roofs in the five bands.
_SPECTRA = np.array([
    [0.035, 0.065, 0.040, 0.390, 0.170],
    [0.170, 0.210, 0.240, 0.290, 0.430],
    [0.060, 0.095, 0.160, 0.250, 0.275],
    [0.060, 0.050, 0.030, 0.018, 0.010],
    [0.140, 0.165, 0.185, 0.240, 0.335],
])  # fmt: skip
_CLOUD = 0.62  # reflectance of clouds in every band
_QUANTIFY, _OFFSET = 10_000.0, 1_000.0  # digital number = 10,000 · reflectance + 1,000
_PLANT, _BARE_SOIL, _WATER, _CLOUDED = 4, 5, 6, 9  # of the scene classification
_GREEN = {TREE: 0.85, SHRUB: 0.66, GRASS: 0.55, CROP: 0.5, BUILT: 0.12, BARE: 0.16, WATER: 0.0}


@dataclass(frozen=True)
class Scene:
    """The model of what covers the land; any grid within the ground may be read from it.

    Parameters
    ----------
    terrain
        What it lies on.
    seed
        Of the model.
    degraded, wooded, tilled, lakes, clouds
        Smooth fields: where soil was lost, where trees stand, where land is farmed, and so on.
    built
        Circles of settlements.
    """

    terrain: Terrain
    seed: int
    degraded: Waves
    wooded: Waves
    tilled: Waves
    lakes: Waves
    clouds: Waves
    built: shapely.STRtree

    @classmethod
    def draw(cls, seed: int, terrain: Terrain, built: NDArray[np.object_]) -> Scene:
        """Draw a scene.

        Parameters
        ----------
        seed
            Of the model.
        terrain
            What it lies on.
        built
            Polygons of settlements.

        Returns
        -------
        Scene
            One of many.
        """
        rng = numbers(seed, "scene")
        scales = ((700, 9_000), (500, 7_000), (900, 12_000), (2_500, 14_000), (6_000, 30_000))
        degraded, wooded, tilled, lakes, clouds = (Waves.draw(rng, *ends) for ends in scales)
        found = shapely.STRtree(built)
        return cls(terrain, seed, degraded, wooded, tilled, lakes, clouds, found)

    def view(self, grid: Grid, number: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """See the land as a satellite does.

        Parameters
        ----------
        grid
            Where.
        number
            Of the block, from which the sensor's noise is drawn.

        Returns
        -------
        tuple of numpy.ndarray
            What covers each cell (codes of ESA WorldCover), and 6 × rows × columns: digital
            numbers of five bands, 10,000 for each unit of reflectance plus 1,000, and the scene
            classification.
        """
        steep, cones = self._relief(grid)
        rock, wooded = self._rock(grid, steep), self.wooded.on(grid)
        cover = self._cover(grid, steep, cones, rock, wooded)
        shares = _shares(cover, rock, wooded)
        rng = numbers(self.seed, f"pixels {number}")
        reflected = np.tensordot(_SPECTRA.T, shares, axes=1)
        light = 1.0 - 0.25 * np.clip(steep, 0.0, 0.8)  # slopes are darker, in all bands alike
        reflected *= light * (1.0 + 0.015 * rng.standard_normal(grid.shape))
        reflected *= 1.0 + 0.01 * rng.standard_normal(reflected.shape)
        clouded = self.clouds.on(grid) > 2.3
        reflected[:, clouded] = _CLOUD
        seen = np.empty((len(BANDS), *grid.shape), dtype=np.uint16)
        seen[:-1] = np.clip(np.rint(reflected * _QUANTIFY + _OFFSET), 1, 65_535)
        kinds = [clouded, cover == WATER, shares[0] > 0.35]
        seen[-1] = np.select(kinds, (_CLOUDED, _WATER, _PLANT), default=_BARE_SOIL)
        return cover, seen

    def _cover(
        self,
        grid: Grid,
        steep: NDArray[np.float64],
        cones: NDArray[np.float64],
        rock: NDArray[np.float64],
        wooded: NDArray[np.float64],
    ) -> NDArray[np.uint8]:
        flat = (cones < 14.0) & (steep < 0.18)
        kinds = [
            self._built(grid),
            (self.lakes.on(grid) > 2.0) & (cones < 4.0) & (steep < 0.08),
            flat & (self.tilled.on(grid) > -0.55),
            (rock > 0.55) & (wooded < 0.6),
            wooded > 0.35,
            wooded > -0.6,
        ]
        codes = (BUILT, WATER, CROP, BARE, TREE, SHRUB)
        return np.select(kinds, codes, default=GRASS).astype(np.uint8)

    def _rock(self, grid: Grid, steep: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell how much of each cell is bare rock: degraded slopes of carbonate."""
        lost = 0.10 + 0.21 * self.degraded.on(grid) + 0.62 * np.minimum(steep, 0.7)
        carbonate = self.terrain.ground.karstification(grid) >= CARBONATE
        return np.where(carbonate, np.clip(lost, 0.0, 0.92), 0.0)

    def _relief(self, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return rise over run and the height of cones, between the cells of the terrain."""
        t = self.terrain.grid.transform
        row = np.clip((grid.y - t.f) / t.e - 0.5, 0, None)
        column = np.clip((grid.x - t.c) / t.a - 0.5, 0, None)
        places = np.meshgrid(row, column, indexing="ij")
        steep, cones = (
            map_coordinates(field, places, order=1, mode="nearest")
            for field in (self.terrain.steepness, self.terrain.cones)
        )
        return steep, cones

    def _built(self, grid: Grid) -> NDArray[np.bool_]:
        from rasterio.features import rasterize

        near = self.built.geometries[self.built.query(shapely.box(*grid.bounds))]
        if not len(near):
            return np.zeros(grid.shape, dtype=bool)
        burnt = rasterize(near, out_shape=grid.shape, transform=grid.transform, dtype=np.uint8)
        return np.asarray(burnt, dtype=bool)


def _shares(
    cover: NDArray[np.uint8], rock: NDArray[np.float64], wooded: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Divide each cell among plants, rock, soil, water and roofs; the shares add up to 1."""
    rock = np.where(np.isin(cover, (CROP, BUILT, WATER)), 0.0, rock)
    green = np.zeros(256)
    green[list(_GREEN)] = list(_GREEN.values())
    plant = np.clip(green[cover] + 0.09 * wooded, 0.0, 0.97) * (1.0 - 0.8 * rock)
    shares = np.zeros((len(_SPECTRA), *cover.shape))
    shares[0], shares[1] = plant, np.minimum(rock, 1.0 - plant)
    shares[2] = 1.0 - shares[0] - shares[1]
    for kind, code in ((3, WATER), (4, BUILT)):
        only = cover == code
        shares[2][only] = 0.0
        shares[kind][only] = 1.0 - shares[0][only]
    return shares
