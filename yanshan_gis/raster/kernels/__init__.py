"""Kernels of rasters: loops over cells that numpy cannot say. Imported only when used."""

from yanshan_gis.compiled import kernel

__all__ = ["kernel"]
