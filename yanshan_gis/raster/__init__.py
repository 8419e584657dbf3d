"""Grids and what is computed on them; pixels stay arrays, x before y."""
