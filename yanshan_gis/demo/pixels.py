"""The bundled county's rasters, written block by block: any cell size in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine

from yanshan_gis.demo.scene import BANDS, Scene
from yanshan_gis.raster.grid import Grid
from yanshan_gis.store.rasters import RasterDraft

if TYPE_CHECKING:
    from pathlib import Path

CELL = 60.0  # metres of imagery and land cover
_COARSER = 2.5  # elevation models have larger cells than imagery
_BLOCK = 512
_NO_HEIGHT = -32768.0
_MARGIN = 300.0


@dataclass(frozen=True)
class Block:
    """A part of a grid.

    Parameters
    ----------
    number
        Counted along rows from the north-west.
    row, column
        Of its first cell.
    grid
        Its own.
    """

    number: int
    row: int
    column: int
    grid: Grid


def blocks(grid: Grid) -> Iterator[Block]:
    """Divide a grid into blocks of 512 × 512 cells, smaller ones at its far edges.

    Parameters
    ----------
    grid
        The whole.

    Yields
    ------
    Block
        Row by row.
    """
    t, number = grid.transform, 0
    for row in range(0, grid.shape[0], _BLOCK):
        for column in range(0, grid.shape[1], _BLOCK):
            shape = (min(_BLOCK, grid.shape[0] - row), min(_BLOCK, grid.shape[1] - column))
            corner = Affine(t.a, 0.0, t.c + column * t.a, 0.0, t.e, t.f + row * t.e)
            yield Block(number, row, column, Grid(shape, corner, grid.crs))
            number += 1


def write_pixels(
    folder: Path, scene: Scene, outline: Any, cell: float = CELL
) -> dict[str, tuple[Path, str]]:
    """Write elevation, land cover and imagery of a county.

    Parameters
    ----------
    folder
        Where.
    scene
        The model.
    outline
        The county's polygon.
    cell
        Of imagery and land cover in metres; the elevation's is two and a half times that.

    Returns
    -------
    dict
        File and SHA-256 of ``elevation``, ``land_cover`` and ``imagery``.
    """
    crs = scene.terrain.grid.crs
    fine = Grid.covering(outline.bounds, cell, crs, margin=_MARGIN)
    coarse = scene.terrain.grid
    if cell != CELL:
        coarse = Grid.covering(coarse.bounds, _COARSER * cell, crs)
    return {"elevation": _write_heights(folder, scene, coarse), **_write_views(folder, scene, fine)}


def _write_heights(folder: Path, scene: Scene, grid: Grid) -> tuple[Path, str]:
    ground = scene.terrain.ground
    with RasterDraft(folder, "elevation", grid, dtype="float32", nodata=_NO_HEIGHT) as draft:
        for block in blocks(grid):
            height = np.round(ground.on(block.grid)[0], 1).astype(np.float32)
            draft.write(block.row, block.column, height[None])
        return draft.finish()


def _write_views(folder: Path, scene: Scene, grid: Grid) -> dict[str, tuple[Path, str]]:
    with (
        RasterDraft(folder, "land_cover", grid, dtype="uint8", nodata=0) as covers,
        RasterDraft(folder, "imagery", grid, dtype="uint16", nodata=0, bands=BANDS) as views,
    ):
        for block in blocks(grid):
            cover, seen = scene.view(block.grid, block.number)
            covers.write(block.row, block.column, cover[None])
            views.write(block.row, block.column, seen)
        return {"land_cover": covers.finish(), "imagery": views.finish()}
