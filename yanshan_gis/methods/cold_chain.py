"""Cold-chain reach: the nearest store by road, and how much volume falls to each place.

Three questions stand side by side: how far the nearest store is; how many cubic metres per 1,000
people the stores within the catchment offer, shared with everyone else who reaches them; and which
farm bases have no store in reach. Only known volumes are a supply, see `cold_stores`.

A place without a store in its catchment has an accessibility of 0, which is measured: no supply is
in reach. A place on no road, or without any way to a store, has none, because it may be the map
that misses the road.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.cold_sharing import PER, Sharing
from yanshan_gis.methods.cold_stores import ColdStores
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.places import place
from yanshan_gis.methods.positions import positions
from yanshan_gis.methods.townships import add_county_row, count_by_township, township_of
from yanshan_gis.methods.trips import Trips, names_of
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

_BASE_COLUMNS = ("kind", "product", "status", "area_mu")


@needs(
    villages=Need(fields=("name", "geometry")),
    stores=Need(fields=("geometry", "volume_m3")),
    bases=Need(optional=True, rows=False),
    townships=Need(optional=True, rows=False),
    network=Need(fields=("minutes",)),
)
def reach(
    *,
    villages: Layer,
    stores: Layer,
    bases: Layer | None,
    townships: Layer | None,
    network: Layer,
    statuses: tuple[str, ...],
    demand: str,
    catchment_min: float,
    zones: Mapping[str, float],
    attach_limit_m: float,
    walk_speed_kmh: float,
) -> Result:
    """Measure how far cold stores are, and what their volume is to the places around them.

    Parameters
    ----------
    villages
        Places of one level, with people or households.
    stores
        Cold stores; ``volume_m3`` empty where unknown.
    bases
        Farm bases, points or areas; without them nothing is told of them.
    townships
        Polygons, for places that do not name their township.
    network
        Links of the recipe ``road-network``.
    statuses
        Which stores are counted; one that states no status is counted too.
    demand
        Field of `villages` that says how much a place asks for.
    catchment_min
        Farthest a store may be to be in reach.
    zones
        Weights of time zones of equal width within the catchment, near to far (E2SFCA).
    attach_limit_m
        Farthest a place may lie from the road it is attached to.
    walk_speed_kmh
        For the way between a place and its road.

    Returns
    -------
    Result
        Layers ``committees``, ``stores``, ``farm_bases``; tables ``by_township``, ``by_store``,
        ``unknown_volume``, ``bases_without_store``. Not computable where no store is counted or no
        volume known.

    Raises
    ------
    DataError
        When a volume or a demand is negative, or the zones' weights rise.
    """
    counted = ColdStores.of(stores.frame, statuses)
    missing = _missing(villages, counted, demand)
    if missing:
        return Result(status="not_computable", missing=missing, warnings=tuple(counted.notices()))
    homes = positions(villages.frame)
    farms = homes.iloc[:0] if bases is None else _placed(bases.frame, villages)
    split, (at_home, at_store, at_farm) = place(
        RoadNetwork.from_edges(network.frame),
        [homes, counted.frame, farms],
        attach_limit_m=attach_limit_m,
        walk_speed_kmh=walk_speed_kmh,
    )
    people = amount(homes, demand)
    shared = Sharing.measure(
        split, at_home, at_store, people, counted, catchment_min, tuple(zones.values())
    )
    standing = replace(at_store, node=np.where(counted.existing, at_store.node, np.int32(-1)))

    rows = _describe(homes, Trips.every(split, at_home, at_store, nearest_only=1), counted)
    rows["township"] = township_of(homes, townships=townships)
    rows["demand"] = people
    rows["existing_min"] = at_home.nearest(split, standing).cost
    rows = shared.tell_places(rows)
    sites = shared.tell_stores(counted, at_store, _township(counted.frame, homes, townships))
    base_rows = _bases(
        farms, Trips.every(split, at_farm, at_store, nearest_only=1), counted, catchment_min
    )
    base_rows["township"] = _township(farms, homes, townships)
    layers = {"committees": rows, "stores": sites}
    tables = {
        "by_township": _by_township(rows, sites, townships),
        "by_store": pd.DataFrame(sites.drop(columns="geometry")),
        "unknown_volume": counted.unknown_volume(sites["township"]),
    }
    if bases is not None:
        layers["farm_bases"] = base_rows
        tables["bases_without_store"] = _without_store(base_rows)
    return Result(
        indicators=tuple(_indicators(rows, sites, base_rows)),
        layers=layers,
        tables=tables,
        warnings=(*counted.notices(), *_warnings(rows, sites, base_rows)),
    )


def _missing(villages: Layer, counted: ColdStores, demand: str) -> tuple[str, ...]:
    """Name what no figure can do without."""
    if not len(counted):
        return ("stores (0)",)
    missing = () if counted.known.any() else ("stores.volume_m3",)
    return missing if villages.has(demand) else (*missing, f"villages.{demand}")


def _placed(bases: gpd.GeoDataFrame, villages: Layer) -> gpd.GeoDataFrame:
    """Give bases points; those of a ledger have none."""
    if "geometry" not in bases:
        nowhere = gpd.GeoSeries([None] * len(bases), index=bases.index, crs=villages.crs)
        bases = gpd.GeoDataFrame(bases, geometry=nowhere)
    return positions(bases)


def _township(
    places: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, townships: Layer | None
) -> pd.Series:
    """Tell the township of places that may name a committee."""
    # `township_of` follows a village's parent; a store's and a base's is its committee.
    known = places.assign(parent=places["committee"]) if "committee" in places else places
    return township_of(known, homes, townships)


def _describe(places: gpd.GeoDataFrame, trips: Trips, counted: ColdStores) -> gpd.GeoDataFrame:
    """Tell the nearest store of every place, with minutes and kilometres of the quickest way."""
    trip = trips.nearest
    rows = places[["id", "geometry"]].copy()
    rows.insert(1, "name", names_of(places))
    rows["state"] = np.select(
        [~trips.origins.attached, trip < 0], ["unattached", "no_way"], default="reached"
    ).astype(object)
    # -1, no trip, takes the last.
    stores = np.array([*names_of(counted.frame), None], dtype=object)
    rows["store"] = stores[np.append(trips.destination, -1)[trip]]
    rows["minutes"] = np.append(trips.minutes, np.nan)[trip]
    rows["km"] = np.append(trips.km, np.nan)[trip]
    rows["walk_m"] = trips.origins.stops.walk_m
    return rows


def _bases(
    farms: gpd.GeoDataFrame, trips: Trips, counted: ColdStores, catchment_min: float
) -> gpd.GeoDataFrame:
    rows = _describe(farms, trips, counted)
    for column in _BASE_COLUMNS:
        if column in farms:
            rows[column] = farms[column]
    # Rounding shall put no base beyond a limit that a place at the same spot keeps.
    near = np.round(rows["minutes"], 9) <= catchment_min
    reached = rows["state"] == "reached"
    rows["state"] = rows["state"].where(~reached, near.map({True: "near", False: "far"}))
    return rows


def _without_store(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    lacking = rows[rows["state"] != "near"].sort_values(
        ["minutes", "id"], ascending=[False, True], kind="stable", na_position="first"
    )
    columns = ["id", "name", "township", *_BASE_COLUMNS, "state", "store", "minutes", "km"]
    return pd.DataFrame(lacking)[[c for c in columns if c in lacking]].reset_index(drop=True)


def _by_township(
    rows: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, townships: Layer | None
) -> pd.DataFrame:
    """Count by township; accessibility is the mean over the people it is known for."""
    people, near = rows["demand"].fillna(0.0), rows["stores_in_reach"] > 0
    told = rows["access_low"].notna()
    counts = count_by_township(
        rows["township"], {"denominator": np.ones(len(rows)), "within": near}
    )
    sums = count_by_township(
        rows["township"],
        {
            "demand": people,
            "demand_within": people * near,
            "_told": people * told,
            "_low": people * rows["access_low"].fillna(0.0),
            "_high": people * rows["access_high"].fillna(0.0),
        },
        whole=False,
    )
    here = count_by_township(
        sites["township"],
        {"stores": np.ones(len(sites)), "unknown_stores": sites["volume"] == "unknown"},
    )
    volume = count_by_township(sites["township"], {"volume_m3": sites["volume_m3"]}, whole=False)
    table = pd.concat([counts, sums, here, volume], axis=1).sort_index()
    whole = [*counts, *here]
    table[whole] = table[whole].fillna(0)
    table = add_county_row(table.rename_axis("township").reset_index(), townships)
    denominator = table["denominator"].astype(float)
    table["within_share"] = table["within"].astype(float) / denominator.where(denominator > 0)
    told_people = table["_told"].where(table["_told"] > 0)
    for bound in ("low", "high"):
        table[f"access_{bound}"] = table[f"_{bound}"] / told_people
    order = ["township", "denominator", "within", "within_share", "volume_m3", "access_low",
             "access_high", "demand", "demand_within", "stores", "unknown_stores"]  # fmt: skip
    return table[order]


def _indicators(
    rows: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, bases: gpd.GeoDataFrame
) -> list[Indicator]:
    near, people = rows["stores_in_reach"] > 0, rows["demand"].fillna(0.0)
    volume = float(sites["volume_m3"].sum())
    figures = [
        Indicator.share("within", int(near.sum()), len(rows), headline=True),
        Indicator.share("within_demand", float(people[near].sum()), float(people.sum())),
    ]
    if len(bases):
        reached = int((bases["state"] == "near").sum())
        figures.append(Indicator.share("bases_within", reached, len(bases)))
    figures.append(Indicator("volume", volume, "m³"))
    if people.sum() > 0:
        bounds = {"low": volume, "high": float(sites["high_m3"].sum())}
        figures += [
            Indicator(f"per_thousand_{bound}", total / float(people.sum()) * PER, "m³")
            for bound, total in bounds.items()
        ]
    unknown = int((sites["volume"] == "unknown").sum())
    return [*figures, Indicator("unknown_stores", float(unknown), "个")]


def _warnings(
    rows: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, bases: gpd.GeoDataFrame
) -> list[Notice]:
    counts = {
        "demand-unknown": rows["demand"].isna().sum(),
        "places-unattached": (rows["state"] == "unattached").sum(),
        "places-no-way": (rows["state"] == "no_way").sum(),
        "stores-unattached": (sites["state"] == "unattached").sum(),
        "stores-no-demand": (sites["state"] == "no_demand").sum(),
        "bases-unattached": (bases["state"] == "unattached").sum(),
        "bases-no-way": (bases["state"] == "no_way").sum(),
    }
    texts = {
        "demand-unknown": N_("{count} places do not say how many people; they count as nobody."),
        "places-unattached": N_("{count} places are on no road; no accessibility is told."),
        "places-no-way": N_("{count} places have no road to any store; no accessibility is told."),
        "stores-unattached": N_("{count} stores are on no road and serve nobody."),
        "stores-no-demand": N_("{count} stores have nobody in reach and no ratio."),
        "bases-unattached": N_("{count} farm bases are on no road; no store is in reach."),
        "bases-no-way": N_("{count} farm bases have no road to any store."),
    }
    return [
        Notice(code, texts[code], {"count": int(count)}) for code, count in counts.items() if count
    ]
