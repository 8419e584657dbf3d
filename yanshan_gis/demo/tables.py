"""The county's layers: tables with geometry, permanent ids and the source of every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.demo import sources
from yanshan_gis.demo.hamlets import within
from yanshan_gis.demo.land import CRS
from yanshan_gis.demo.winding import linestrings
from yanshan_gis.layer import Layer, NameRecord, Quality, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.content import LayerDef
    from yanshan_gis.demo.committees import Committees, Seats
    from yanshan_gis.demo.facts import Facts
    from yanshan_gis.demo.land import Land
    from yanshan_gis.demo.people import People


def number_ids(prefix: str, count: int) -> list[str]:
    """Return permanent ids.

    Parameters
    ----------
    prefix
        Of the layer.
    count
        How many.

    Returns
    -------
    list of str
        Prefix and six digits, from 1.
    """
    return [f"{prefix}{number:06d}" for number in range(1, count + 1)]


def make_layer(
    definition: LayerDef,
    table: pd.DataFrame,
    geometry: Any,
    source: NDArray[np.object_] | str,
    described: tuple[Source, ...],
) -> Layer:
    """Put a table and its geometry together.

    Parameters
    ----------
    definition
        From the catalogue.
    table
        Fields of the catalogue, one row per feature.
    geometry
        One shapely geometry per row, in EPSG:4544.
    source
        Source of every row, or one for all.
    described
        All sources that rows name.

    Returns
    -------
    Layer
        With ids.
    """
    frame = table.reset_index(drop=True)
    frame.insert(0, "id", np.array(number_ids(definition.id_prefix, len(frame)), dtype=object))
    frame.insert(1, "source_id", np.asarray(source, dtype=object) if len(frame) else "")
    spatial = gpd.GeoDataFrame(frame, geometry=np.asarray(geometry, dtype=object), crs=CRS)
    used = set(frame["source_id"])
    return Layer(definition, spatial, tuple(s for s in described if s.id in used))


def make_table(
    definition: LayerDef, table: pd.DataFrame, source: str, described: tuple[Source, ...]
) -> Layer:
    """Build a layer without geometry.

    Parameters
    ----------
    definition
        From the catalogue.
    table
        Fields of the catalogue, one row per feature.
    source
        Of all rows.
    described
        All sources, this one among them.

    Returns
    -------
    Layer
        With ids; columns in the types of their fields.
    """
    kinds = {"integer": "Int64", "number": "float64", "boolean": "boolean"}
    fields = definition.fields
    frame = table.reset_index(drop=True)
    frame = frame.astype({name: kinds.get(fields[str(name)].type, "object") for name in frame})
    frame.insert(0, "id", np.array(number_ids(definition.id_prefix, len(frame)), dtype=object))
    frame.insert(1, "source_id", pd.Series(source, index=frame.index, dtype=object))
    return Layer(definition, frame, tuple(s for s in described if s.id == source))


def basis_layers(
    catalogue: Any, facts: Facts, land: Land, seed: int, scale: float
) -> dict[str, Layer]:
    """Build county, townships and seats.

    Parameters
    ----------
    catalogue
        Layer definitions by name.
    facts
        Names and codes.
    land
        Polygons and places.
    seed, scale
        Of the model.

    Returns
    -------
    dict
        Layers by name.
    """
    described = (
        sources.modelled(seed, scale), sources.named(seed, scale), sources.located()
    )  # fmt: skip
    whole = shapely.coverage_union_all(land.townships)
    county = pd.DataFrame({"name": [facts.county.name], "code": [facts.county.code]}, dtype=object)
    places = land.seats.places[1:]
    real = np.array([bool(place.code) for place in places])
    townships = pd.DataFrame(
        {
            "name": [place.name for place in places],
            "code": [place.code or None for place in places],
        },
        dtype=object,
    )
    return {
        "county": make_layer(catalogue["county"], county, [whole], sources.CODES, described),
        "townships": make_layer(
            catalogue["townships"],
            townships,
            land.townships,
            np.where(real, sources.CODES, sources.MODEL),
            described,
        ),
        "seats": make_layer(
            catalogue["seats"],
            _seat_table(land.seats),
            shapely.points(land.seats.xy),
            _source_of(land.seats),
            described,
        ),
    }


def _seat_table(seats: Seats) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [place.name for place in seats.places],
            "level": [place.kind for place in seats.places],
            "township": [place.township or None for place in seats.places],
            "code": [place.code or None for place in seats.places],
        },
        dtype=object,
    )


def _source_of(places: Seats | Committees) -> NDArray[np.object_]:
    real = np.array([bool(place.code) for place in places.places])
    return np.select([places.known, real], [sources.ADCODE, sources.CODES], sources.MODEL)


def village_layer(
    definition: LayerDef,
    land: Land,
    hamlets: tuple[NDArray[np.float64], NDArray[np.int64], list[str]],
    people: People,
    ledger: pd.DataFrame,
    run: tuple[int, float],
) -> Layer:
    """Build committees and natural villages.

    Parameters
    ----------
    definition
        From the catalogue.
    land
        With the committees.
    hamlets
        Natural villages × 2, the committee of each, its name.
    people
        Who lives where.
    ledger
        The bureau's figures.
    run
        Seed and scale of the model.

    Returns
    -------
    Layer
        Committees first, in the order of their codes.
    """
    committees = land.committees
    xy, parent, names = hamlets
    count, more = len(committees.places), len(xy)
    ids = np.array(number_ids(definition.id_prefix, count), dtype=object)
    township = np.array([place.township for place in committees.places], dtype=object)
    nothing = np.full(more, None, dtype=object)
    reason = np.concatenate([np.full(count, None, dtype=object), people.exempt_reason])
    table = pd.DataFrame(
        {
            "name": np.array([p.name for p in committees.places] + names, dtype=object),
            "code": np.append([p.code or None for p in committees.places], nothing),
            "level": np.array(["committee"] * count + ["natural"] * more, dtype=object),
            "kind": np.append(np.array([p.kind for p in committees.places], dtype=object), nothing),
            "parent": np.append(np.full(count, None, dtype=object), ids[parent]),
            "township": np.append(township, township[parent]),
            "population": pd.array(people.population, dtype="Int64"),
            "households": pd.array(people.households, dtype="Int64"),
            "households_piped": pd.array(people.piped, dtype="Int64"),
            "exempt": pd.array([text is not None for text in reason], dtype="boolean"),
            "exempt_reason": reason,
            **{column: ledger[column] for column in ledger},
            "position_quality": np.append(
                np.where(committees.known, "reported", "modelled"), np.full(more, "modelled")
            ).astype(object),
        }
    )
    source = np.append(_source_of(committees), np.full(more, sources.MODEL))
    described = (
        sources.modelled(*run),
        sources.named(*run, attributes=Quality.MODELLED),
        sources.located(Quality.MODELLED, sources.model_origin(*run)),
    )
    points = shapely.points(np.concatenate([committees.xy, xy]))
    return make_layer(definition, table, points, source, described)


def road_layer(
    definition: LayerDef,
    land: Land,
    roads: tuple[list[NDArray[np.float64]], pd.DataFrame, NDArray[np.int64]],
    villages: Layer,
    run: tuple[int, float],
) -> Layer:
    """Build the roads.

    Parameters
    ----------
    definition
        From the catalogue.
    land
        With the townships' polygons.
    roads
        Lines, table, and the settlement that each line was built for.
    villages
        The settlements.
    run
        Seed and scale of the model.

    Returns
    -------
    Layer
        Access roads by class, then the streets inside villages.
    """
    xy, table, goal = roads
    lines = linestrings(xy)
    middle = np.array([line[len(line) // 2] for line in xy])
    named = np.array([place.name for place in land.seats.places[1:]], dtype=object)
    ids = np.array([*villages.frame["id"], None], dtype=object)
    parents = villages.frame["parent"].to_numpy(dtype=object)
    committee = np.array([*np.where(pd.isna(parents), ids[:-1], parents), None], dtype=object)
    minor = np.where((table["scope"] == "in_village").to_numpy(), goal, -1)
    table = table.assign(
        township=named[within(land.townships, middle)],
        committee=committee[minor],
        village=ids[minor],
    )
    return make_layer(definition, table, lines, sources.MODEL, (sources.modelled(*run),))


def name_records(facts: Facts, layers: dict[str, Layer]) -> list[NameRecord]:
    """List the names and codes that townships and committees have, or had.

    Parameters
    ----------
    facts
        With other names.
    layers
        With the permanent ids.

    Returns
    -------
    list of NameRecord
        Official ones first.
    """
    records, ids = [], {}
    for layer in ("county", "townships", "villages"):
        frame = layers[layer].frame
        for identity, name, code in frame[["id", "name", "code"]].itertuples(index=False):
            if isinstance(code, str):
                ids[code] = identity
                records.append(NameRecord(identity, name, code, valid_from="2022"))
    return records + [
        NameRecord(
            ids[other.code],
            other.name,
            other.other_code,
            other.kind,
            other.valid_from,
            other.valid_to,
            other.note,
        )
        for other in facts.other_names
    ]
