"""Searches by compiled kernels."""

from __future__ import annotations

from yanshan_gis.network.scipy_engine import ScipyEngine


class CompiledEngine(ScipyEngine):
    """A stand-in until the kernels are there."""


COMPILED = CompiledEngine()
