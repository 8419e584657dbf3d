"""The plan's projects in the bundled county: real records, put where the model has their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import geopandas as gpd

from yanshan_gis.demo import sources
from yanshan_gis.demo.land import CRS
from yanshan_gis.layer import Layer
from yanshan_gis.plan.gazetteer import Gazetteer
from yanshan_gis.plan.locate import locate_projects
from yanshan_gis.plan.registry import to_frame
from yanshan_gis.plan.spots import Spots

if TYPE_CHECKING:
    from yanshan_gis.content import LayerDef
    from yanshan_gis.demo.facts import Facts
    from yanshan_gis.layer import NameRecord


def build_projects(
    definition: LayerDef, facts: Facts, layers: Mapping[str, Layer], names: Sequence[NameRecord]
) -> Layer:
    """Locate the plan's projects by the names they state, as ``yanshan plan locate`` does.

    Parameters
    ----------
    definition
        Of the layer ``projects``.
    facts
        With the registry.
    layers
        With ``villages``, ``townships`` and ``seats``.
    names
        Official, former and other names.

    Returns
    -------
    Layer
        A position of the model is marked as modelled; joint and county-wide projects have none.
    """
    frame = to_frame(facts.projects).assign(source_id=sources.REGISTRY)
    nowhere = gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=CRS)
    projects = Layer(definition, nowhere, (sources.registry(),))
    places = layers["villages"], layers["townships"], layers["seats"]
    gazetteer = Gazetteer.from_layers(*places, names=names, county=facts.county.name)
    return locate_projects(projects, gazetteer, Spots(*places)).layer
