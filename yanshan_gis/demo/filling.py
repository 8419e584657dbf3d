"""A workspace filled with the bundled county."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd

from yanshan_gis.demo import sources
from yanshan_gis.demo.county import DemoCounty, build_demo
from yanshan_gis.demo.pixels import CELL, write_pixels
from yanshan_gis.layer import Layer
from yanshan_gis.messages import N_
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.workspace import Workspace, check_free, create_workspace, discard_workspace

if TYPE_CHECKING:
    from pathlib import Path


def create_demo(
    root: Path,
    *,
    scale: float = 1.0,
    seed: int = 2021,
    cell: float = CELL,
    progress: Progress = SILENT,
) -> Workspace:
    """Make a workspace of the bundled county: real names and codes, a modelled rest.

    Parameters
    ----------
    root
        A folder that does not exist yet, or is empty.
    scale
        Multiplies villages and roads, and the area with them; see `build_demo`.
    seed
        Of the model; the same seed gives the same county.
    cell
        Of imagery and land cover in metres; the elevation's is two and a half times that.
    progress
        Who listens.

    Returns
    -------
    Workspace
        Filled.

    Raises
    ------
    UsageError
        When something is there already.
    WriteError
        When it could not be written; nothing is left behind.
    """
    check_free(root)
    progress.start(N_("Bundled county"), 2)
    try:
        demo = build_demo(scale=scale, seed=seed)
        progress.advance()
        workspace = create_workspace(root, demo.county)
        try:
            _fill(workspace, demo, (seed, scale), cell)
        except BaseException:  # an interrupt too must not leave half a county behind
            discard_workspace(root)
            raise
        progress.advance()
    finally:
        progress.finish()
    return workspace


def _fill(workspace: Workspace, demo: DemoCounty, run: tuple[int, float], cell: float) -> None:
    outline = demo.layers["county"].frame.geometry.union_all()
    written = write_pixels(workspace.root / "rasters", demo.scene, outline, cell)
    empty = gpd.GeoDataFrame(geometry=[], crs=demo.county.crs)
    source = (sources.modelled(*run),)
    pixels = [
        Layer(workspace.layer_catalogue[name], empty, source, path)
        for name, (path, _) in written.items()
    ]
    hashes = {name: digest for name, (_, digest) in written.items()}
    workspace.store([*demo.layers.values(), *pixels], names=demo.names, raster_hashes=hashes)
