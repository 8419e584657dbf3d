"""Layers and results at rest: GeoPackages written whole or not at all."""
