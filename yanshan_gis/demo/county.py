"""The bundled county, put together: real facts, and a seeded model of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.catalogue import read_layers
from yanshan_gis.content import Title
from yanshan_gis.county import County
from yanshan_gis.demo import sources, tables
from yanshan_gis.demo.bases import build_bases
from yanshan_gis.demo.facilities import build_cold_stores, build_outlets
from yanshan_gis.demo.facts import read_facts
from yanshan_gis.demo.follow_up import build_parcels, build_sites
from yanshan_gis.demo.hamlets import find_parents, within
from yanshan_gis.demo.irrigation import build_irrigation
from yanshan_gis.demo.land import CRS, build_land
from yanshan_gis.demo.lithology import build_lithology
from yanshan_gis.demo.naming import invent_names
from yanshan_gis.demo.people import keep_ledger, settle_people
from yanshan_gis.demo.projects import build_projects
from yanshan_gis.demo.roadworks import Roadworks, build_roads, place_remote, write_roads
from yanshan_gis.demo.scene import Scene
from yanshan_gis.demo.seeding import numbers
from yanshan_gis.demo.settlements import Settlements
from yanshan_gis.demo.stations import build_stations
from yanshan_gis.demo.streets import street_lengths
from yanshan_gis.demo.targets import plan_tables
from yanshan_gis.demo.water import build_water
from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from yanshan_gis.content import LayerDef
    from yanshan_gis.demo.facts import Facts
    from yanshan_gis.demo.land import Land
    from yanshan_gis.layer import Layer, NameRecord

TARGETS = {"17": 0.5, "18": 0.7, "19": 0.8, "20": 0.8, "21": 0.8, "22": 0.8}
_NATURAL, _REMOTE = 1100, 12  # natural villages, and those of them that no road reaches
_LARGEST = 100.0


@dataclass(frozen=True)
class DemoCounty:
    """The bundled county.

    Parameters
    ----------
    county
        Settings as ``county.toml`` would hold them.
    layers
        county, townships, seats, villages, roads, outlets, cold_storage, base_stations,
        farm_bases, water_projects, relocation_sites, greening_parcels, lithology, projects;
        without geometry: indicators, statistics, programmes.
    scene
        From which elevation, land cover and imagery are read.
    names
        Official, former and other names and codes of townships and committees.
    """

    county: County
    layers: dict[str, Layer]
    scene: Scene
    names: list[NameRecord]


def build_demo(scale: float = 1.0, seed: int = 2021) -> DemoCounty:
    """Build the bundled county.

    Names, codes, the positions of seats and nine committees, and the plan's cold stores are real;
    the rest is modelled and says so. A larger scale makes the county larger, not denser: its area,
    people, committees, villages and roads grow in proportion, the real places stay where they are
    and keep their number, and further townships and committees are modelled around them.

    Parameters
    ----------
    scale
        1 to 100; 3 gives some 200,000 polyline vertices, 16 about a million.
    seed
        The same seed gives the same bytes.

    Returns
    -------
    DemoCounty
        In EPSG:4544.

    Raises
    ------
    UsageError
        When the scale is out of its range.
    """
    if not 1.0 <= scale <= _LARGEST:
        raise UsageError(
            "demo-scale",
            N_("The scale must lie between 1 and {largest:g}, not {scale:g}."),
            scale=scale,
            largest=_LARGEST,
        )
    facts = read_facts()
    land = build_land(facts, scale, seed, round((_NATURAL - _REMOTE) * scale))
    works = build_roads(land, seed, scale, facts.figures["roads"] * 1000.0 * scale)
    remote = place_remote(numbers(seed, "remote"), land, works, round(_REMOTE * scale))
    layers = _build_layers(facts, land, works, remote, (seed, scale))
    county = County(
        name=Title(zh=facts.county.name, en=facts.county_name_en),
        code=facts.county.code,
        crs=CRS,
        targets=TARGETS,
        data_date=sources.DATA_DATE,
    )
    scene = Scene.draw(seed, land.terrain, _built(layers, land))
    names = tables.name_records(facts, layers)
    layers["projects"] = build_projects(read_layers()["projects"], facts, layers, names)
    return DemoCounty(county, layers, scene, names)


def _built(layers: Mapping[str, Layer], land: Land) -> NDArray[np.object_]:
    """Draw circles for settlements, larger ones for more households."""
    villages = layers["villages"].frame
    homes = villages["households"].fillna(0).to_numpy(dtype=float)
    around = shapely.buffer(villages.geometry.to_numpy(), 30.0 + 8.0 * np.sqrt(homes))
    towns = shapely.buffer(
        shapely.points(land.seats.xy), [1_100.0, *[420.0] * (len(land.seats.xy) - 1)]
    )
    return np.concatenate([around, towns])


def _build_layers(
    facts: Facts,
    land: Land,
    works: Roadworks,
    remote: NDArray[np.float64],
    run: tuple[int, float],
) -> dict[str, Layer]:
    seed, scale = run
    catalogue = read_layers()
    xy = np.concatenate([works.hamlets, remote])
    parent = find_parents(xy, within(land.townships, xy), land.committees)
    names = invent_names(numbers(seed, "names"), parent)
    total = round(facts.figures["population"] * scale)
    people = settle_people(numbers(seed, "people"), land.committees, parent, total)
    ids = tables.number_ids(catalogue["villages"].id_prefix, len(land.committees.places))
    outlets, outlet_xy, served = build_outlets(
        numbers(seed, "outlets"), land.seats, land.committees, ids
    )
    places = Settlements(land.committees, xy, parent, names, people, ids)
    stations, station_xy, covered = build_stations(numbers(seed, "stations"), places)
    ledger = keep_ledger(numbers(seed, "ledger"), *_computed(works, len(remote), served), covered)
    stores, store_xy = build_cold_stores(
        numbers(seed, "stores"), facts, land.seats, land.committees, ids
    )
    villages = tables.village_layer(
        catalogue["villages"], land, (xy, parent, names), people, ledger, run
    )
    seats = [place.name for place in land.seats.places]
    named = [place.name.removesuffix("村委会") for place in land.committees.places]
    goals = named + names[: len(land.hamlets)] + seats
    roads = write_roads(works, goals, seed, land.seats.xy[0])
    model, plan = sources.modelled(*run), sources.planned(*run)
    return {
        **tables.basis_layers(catalogue, facts, land, seed, scale),
        "villages": villages,
        "roads": tables.road_layer(catalogue["roads"], land, roads, villages, run),
        "outlets": tables.make_layer(
            catalogue["outlets"], outlets, shapely.points(outlet_xy), sources.MODEL, (model,)
        ),
        "cold_storage": tables.make_layer(
            catalogue["cold_storage"], stores, shapely.points(store_xy), sources.PLAN, (plan,)
        ),
        "base_stations": tables.make_layer(
            catalogue["base_stations"],
            stations,
            shapely.points(station_xy),
            sources.MODEL,
            (model,),
        ),
        **_build_water_and_bases(catalogue, land, places, run),
        "relocation_sites": build_sites(catalogue, land, ids, run),
        "greening_parcels": build_parcels(catalogue, land, run),
        "lithology": build_lithology(catalogue, land, run),
        **plan_tables(catalogue, [place.name for place in facts.townships], run),
    }


def _build_water_and_bases(
    catalogue: Mapping[str, LayerDef], land: Land, places: Settlements, run: tuple[int, float]
) -> dict[str, Layer]:
    seed, scale = run
    bases = build_bases(numbers(seed, "bases"), land, places, scale)
    works, shapes = build_water(numbers(seed, "water"), land.seats, places, scale)
    canals, lines = build_irrigation(numbers(seed, "irrigation"), land, bases, scale)
    table = pd.concat([works, canals], ignore_index=True)
    made: dict[str, tuple[pd.DataFrame, NDArray[np.object_]]] = {
        "farm_bases": bases,
        "water_projects": (table, np.concatenate([shapes, lines])),
    }
    return {
        name: tables.make_layer(
            catalogue[name], rows, geometry, sources.MODEL, (sources.modelled(*run),)
        )
        for name, (rows, geometry) in made.items()
    }


def _computed(
    works: Roadworks, remote: int, served: NDArray[np.bool_]
) -> tuple[
    NDArray[np.bool_],
    NDArray[np.bool_],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.bool_],
]:
    """Return what the ledger is written from, one value per settlement: see `keep_ledger`."""
    count = len(works.joined) + remote
    committee = np.arange(count) < len(served)
    joined, outlet = np.zeros((2, count), dtype=bool)
    joined[: len(works.joined)] = works.joined
    outlet[: len(served)] = served
    village = np.array([street.village for street in works.streets])
    length = street_lengths(works.streets)
    metres = np.bincount(village, weights=length, minlength=count).astype(float)
    paved = length * works.street_hard
    hardened = np.bincount(village, weights=paved, minlength=count).astype(float)
    return committee, joined, metres, hardened, outlet
