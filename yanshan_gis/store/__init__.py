"""Layers and results at rest: GeoPackages written whole or not at all."""

from yanshan_gis.gdal_env import clear_foreign_gdal

clear_foreign_gdal()
