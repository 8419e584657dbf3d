"""Kernels of choosing: loops over arrays that numpy cannot say. Imported only when used."""
