"""A workspace filled with the bundled county."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from yanshan_gis.demo import sources
from yanshan_gis.demo.county import DemoCounty, build_demo
from yanshan_gis.layer import Layer
from yanshan_gis.messages import N_
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.store.rasters import write_raster
from yanshan_gis.workspace import Workspace, check_free, create_workspace, discard_workspace

if TYPE_CHECKING:
    from pathlib import Path

_NO_HEIGHT = -32768.0


def create_demo(
    root: Path, *, scale: float = 1.0, seed: int = 2021, progress: Progress = SILENT
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
            _fill(workspace, demo, scale, seed)
        except BaseException:  # an interrupt too must not leave half a county behind
            discard_workspace(root)
            raise
        progress.advance()
    finally:
        progress.finish()
    return workspace


def _fill(workspace: Workspace, demo: DemoCounty, scale: float, seed: int) -> None:
    grid, heights = demo.elevation
    pixels = np.where(np.isnan(heights), _NO_HEIGHT, heights).astype(np.float32)
    path, digest = write_raster(
        workspace.root / "rasters", "elevation", grid, pixels, nodata=_NO_HEIGHT
    )
    empty = gpd.GeoDataFrame(geometry=[], crs=demo.county.crs)
    definition = workspace.layer_catalogue["elevation"]
    elevation = Layer(definition, empty, (sources.modelled(seed, scale),), path)
    workspace.store(
        [*demo.layers.values(), elevation], names=demo.names, raster_hashes={"elevation": digest}
    )
