"""Keep other programs' GDAL and PROJ data away from ours.

pyogrio, rasterio and fiona each bring a GDAL with its own data files. A ``PROJ_LIB``,
``PROJ_DATA`` or ``GDAL_DATA`` left in the environment by QGIS, PostGIS or another Python points
them to files of a different version, and rasterio then knows no coordinate system at all.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

FOREIGN_VARIABLES = ("GDAL_DATA", "GDAL_DRIVER_PATH", "PROJ_DATA", "PROJ_LIB")


def clear_foreign_gdal(environ: MutableMapping[str, str] = os.environ) -> tuple[str, ...]:
    """Remove the variables that point GDAL and PROJ to foreign data files.

    Call it before the first import of pyogrio, rasterio or fiona; calling it again does no harm.
    Child processes started later do not see the variables either.

    Parameters
    ----------
    environ
        The environment to change.

    Returns
    -------
    tuple of str
        Names of the variables that were removed, in alphabetical order.
    """
    return tuple(name for name in FOREIGN_VARIABLES if environ.pop(name, None) is not None)
