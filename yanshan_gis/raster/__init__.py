"""Grids and what is computed on them; pixels stay arrays, x before y."""

from yanshan_gis.gdal_env import clear_foreign_gdal

clear_foreign_gdal()
