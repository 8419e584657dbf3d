"""Kernels of rasters: loops over cells that numpy cannot fuse. Imported only when used."""
