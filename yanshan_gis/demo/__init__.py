"""The bundled county: real facts of Yanshan County and a seeded model of what is not public."""

from yanshan_gis.demo.county import DemoCounty, build_demo

__all__ = ["DemoCounty", "build_demo"]
