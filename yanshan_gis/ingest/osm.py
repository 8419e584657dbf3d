"""OpenStreetMap extracts (.osm, .osm.gz, .osm.bz2, .osm.pbf) as raw tables of our layers.

Coordinates are those of the nodes, to the last digit: two ways that share a node share a vertex,
and a bridge that crosses a road shares none. Data are © OpenStreetMap contributors, ODbL 1.0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from yanshan_gis.crs import WGS84, parse_crs
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.ingest import osm_fields, osm_tags
from yanshan_gis.ingest.table import RawTable, RefusedRow
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from numpy.typing import NDArray

OsmLayer = Literal["roads", "villages", "outlets", "public_services", "townships", "county"]

LICENCE = "© OpenStreetMap contributors, ODbL 1.0"
# file name ending -> what osmium calls the format
FORMATS = {".osm": "osm", ".osm.gz": "osm.gz", ".osm.bz2": "osm.bz2", ".osm.pbf": "pbf",
           ".pbf": "pbf"}  # fmt: skip
_FEATURE_KEYS = ("name", "name:zh", "place", "population", "operator", "brand", "amenity", "office",
                 "shop", "post_office", "vending")  # fmt: skip


def osm_format(path: Path) -> str | None:
    """Tell the format of an OpenStreetMap file by its name.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str or None
        As osmium calls it; None when the name does not end like that of such a file.
    """
    name = path.name.lower()
    return next((known for ending, known in FORMATS.items() if name.endswith(ending)), None)


def _source(path: Path) -> Any:
    known = osm_format(path)
    if known is None:
        raise DataError(
            "osm-format",
            N_("{file} is no OpenStreetMap extract; its name should end in one of {endings}."),
            file=path.name,
            endings=" ".join(FORMATS),
        )
    if str(path).isascii():
        return osmium.io.File(str(path), known)
    # on Windows osmium opens files by their name in the system's code page
    return osmium.io.FileBuffer(path.read_bytes(), known)


@dataclass
class _Found:
    """Features as they are read: id, geometry as hexadecimal WKB, tags."""

    keys: tuple[str, ...]
    ids: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    wkb: list[str] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)

    def add(self, kind: str, osm_id: int, wkb: str, tags: dict[str, str]) -> None:
        self.ids.append(osm_id)
        self.kinds.append(kind)
        self.wkb.append(wkb)
        self.rows.append([tags.get(key) for key in self.keys])

    def tags(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=list(self.keys), dtype=object)

    def geometry(self) -> Any:
        return shapely.from_wkb(np.array(self.wkb, dtype=object))

    def osm_ids(self) -> list[str]:
        return [f"{kind}/{osm_id}" for kind, osm_id in zip(self.kinds, self.ids, strict=True)]


def _table(
    path: Path, what: str, found: _Found, fields: pd.DataFrame, geometry: Any,
    notices: list[Notice], keep: Any = None,
) -> RawTable:  # fmt: skip
    """Put the raw table together, in the order of kind and id."""
    frame = gpd.GeoDataFrame(
        fields.assign(osm_id=found.osm_ids()), geometry=geometry, crs=parse_crs(WGS84)
    )
    ids = np.array(found.ids, dtype=np.int64)
    order = np.lexsort((np.arange(len(ids)), ids, np.array(found.kinds, dtype="U8")))
    if keep is not None:
        order = order[np.asarray(keep)[order]]
    if not len(order):
        notices.append(
            Notice(
                "osm-nothing",
                N_("{file} holds nothing for layer {layer}."),
                {"file": path.name, "layer": what},
            )
        )
    return RawTable(
        path=path,
        name=what,
        frame=frame.iloc[order].reset_index(drop=True),
        row_numbers=ids[order],
        crs=parse_crs(WGS84),
        notices=tuple(notices),
        refused=tuple(sorted(found.refused, key=lambda row: row.row)),
    )


def _count(code: str, text: str, count: int, **values: Any) -> list[Notice]:
    return [Notice(code, text, {"count": count, **values})] if count else []


_LEFT_OUT = {
    "ferry": ("osm-ferry", N_("{count} ferry lines are left out; they are no roads.")),
    "unbuilt": (
        "osm-unbuilt",
        N_("{count} ways under construction, proposed or abandoned are left out."),
    ),
    "foot": (
        "osm-not-motor",
        N_("{count} ways for walking, cycling or riding, and rest areas, are left out."),
    ),
    "area": ("osm-area", N_("{count} squares and yards mapped as areas are left out.")),
    "closed": (
        "osm-closed",
        N_("{count} roads closed to public motor traffic (access no or private) are left out."),
    ),
}


def _located_runs(way: Any) -> list[list[tuple[float, float]]]:
    """Split a clipped way where nodes are missing; a gap is never bridged."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if not node.location.valid():
            runs.append([])
        elif not runs[-1] or runs[-1][-1] != (node.lon, node.lat):
            runs[-1].append((node.lon, node.lat))
    return [run for run in runs if len(run) > 1]


def _add_clipped(found: _Found, way: Any, tags: dict[str, str]) -> bool:
    """Keep what lies inside the extract; refuse a way of which no stretch is left."""
    runs = _located_runs(way)
    for run in runs:
        found.add("way", way.id, shapely.to_wkb(shapely.LineString(run), hex=True), tags)
    if not runs:
        notice = Notice(
            "osm-way-lost",
            N_("Way {id} has no two neighbouring nodes in this extract."),
            {"id": way.id},
        )
        found.refused.append(RefusedRow(way.id, notice, tags))
    return bool(runs)


def _located_ways(source: Any) -> Any:
    """Read ways with the places of their nodes, in whatever order the file holds them."""
    places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
    places.ignore_errors()
    osmium.apply(osmium.io.Reader(source, osmium.osm.NODE), places)
    ways = osmium.FileProcessor(source, osmium.osm.WAY)
    return ways.with_filter(osmium.filter.KeyFilter("highway", "route")).with_filter(places)


def _read_roads(path: Path, source: Any) -> RawTable:
    found = _Found(osm_tags.ROAD_KEYS)
    counts: Counter[str] = Counter()
    factory = osmium.geom.WKBFactory()
    for way in _located_ways(source):
        tags = dict(way.tags)
        reason = osm_tags.why_left_out(tags)
        if reason is not None:
            counts[reason] += 1
            continue
        try:
            found.add("way", way.id, factory.create_linestring(way), tags)
        except (osmium.InvalidLocationError, RuntimeError):  # nodes missing, or all in one place
            counts["clipped"] += _add_clipped(found, way, tags)
    fields, notices = osm_fields.road_fields(found.tags())
    for reason, (code, text) in _LEFT_OUT.items():
        notices += _count(code, text, counts[reason])
    notices += _count(
        "osm-clipped",
        N_("{count} roads reach beyond the extract; only what lies inside is kept."),
        counts["clipped"],
    )
    return _table(path, "roads", found, fields, found.geometry(), notices)


def _read_features(source: Any, *filters: Any, nodes: bool) -> tuple[_Found, list[Notice]]:
    """Read areas that pass all filters, and nodes if wanted.

    Where nodes are wanted, closed ways are features; elsewhere they are parts of relations.
    """
    found = _Found(_FEATURE_KEYS)
    factory = osmium.geom.WKBFactory()
    outlines, closed = set[tuple[bool, int]](), set[tuple[bool, int]]()
    processor = osmium.FileProcessor(source).with_areas(*filters)
    for one in filters:
        processor = processor.with_filter(one)
    for item in processor:
        tags = dict(item.tags)
        if item.is_area():
            kind = "way" if item.from_way() else "relation"
            closed.add((item.from_way(), item.orig_id()))
            found.add(kind, item.orig_id(), factory.create_multipolygon(item), tags)
        elif item.is_node() and nodes:
            found.add("node", item.id, factory.create_point(item), tags)
        elif item.is_relation() and tags.get("type") in {"multipolygon", "boundary"}:
            outlines.add((False, item.id))
        elif item.is_way() and nodes and item.is_closed():
            outlines.add((True, item.id))
    return found, _count(
        "osm-area-broken",
        N_(
            "{count} outlines are not closed inside the extract and are left out; take an extract "
            "that reaches beyond the county."
        ),
        len(outlines - closed),
    )


def _drop_labelled(geometry: Any, names: pd.Series[str]) -> NDArray[np.bool_]:
    """Mark what to keep: an area that holds a node of its own name is there twice."""
    keep = np.ones(len(names), dtype=bool)
    is_node = shapely.get_type_id(geometry) == 0
    nodes, areas = np.flatnonzero(is_node), np.flatnonzero(~is_node)
    if len(nodes) and len(areas):
        tree = shapely.STRtree(geometry[nodes])
        area, node = tree.query(geometry[areas], predicate="contains")
        named = names.fillna("").to_numpy(dtype=object)
        same = (named[areas[area]] == named[nodes[node]]) & (named[areas[area]] != "")
        keep[areas[area[same]]] = False
    return keep


def _read_points(path: Path, source: Any, what: str, wanted: Any) -> RawTable:
    found, notices = _read_features(source, wanted, nodes=True)
    tags, geometry = found.tags(), found.geometry()
    names = osm_fields.names(tags)
    keep = _drop_labelled(geometry, names)
    notices += _count(
        "osm-twice",
        N_("{count} areas that also have a point of their name are taken from the point."),
        int((~keep).sum()),
    )
    fields = pd.DataFrame({"name": names}).assign(**_POINT_FIELDS[what](tags))
    return _table(path, what, found, fields, shapely.point_on_surface(geometry), notices, keep)


def _read_boundaries(path: Path, source: Any, what: str, admin_level: str) -> RawTable:
    found, notices = _read_features(
        source,
        osmium.filter.TagFilter(("boundary", "administrative")),
        osmium.filter.TagFilter(("admin_level", admin_level)),
        nodes=False,
    )
    if what == "county" and len(found.ids) > 1:
        text = N_(
            "{file} holds {count} outlines of administrative level {level}, not one county: "
            "{names}. Import a file with the outline of the county alone."
        )
        names = ", ".join(sorted(set(osm_fields.names(found.tags()).dropna())))
        values = {"file": path.name, "count": len(found.ids), "level": admin_level, "names": names}
        notices.append(Notice("osm-several-counties", text, values))
    fields = pd.DataFrame({"name": osm_fields.names(found.tags())})
    return _table(path, what, found, fields, found.geometry(), notices)


_POINT_FIELDS: dict[str, Callable[[pd.DataFrame], dict[str, Any]]] = {
    "villages": osm_fields.village_fields,
    "outlets": osm_fields.outlet_fields,
    "public_services": osm_fields.service_fields,
}
_POINT_TAGS: dict[str, tuple[tuple[str, str], ...]] = {
    "villages": tuple(("place", place) for place in osm_tags.PLACES),
    "outlets": osm_tags.OUTLET_TAGS,
    "public_services": tuple(("amenity", kind) for kind in osm_tags.SERVICE_KINDS),
}
# In China, level 6 is the county and level 8 the township.
_ADMIN_LEVELS = {"townships": "8", "county": "6"}


def _date_of(source: Any) -> date | None:
    """Return the day up to which an extract holds what was mapped, where it says so."""
    header = osmium.io.Reader(source, osmium.osm.NOTHING).header()
    text = header.get("osmosis_replication_timestamp") or header.get("timestamp") or ""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _date_notice(path: Path, day: date | None) -> list[Notice]:
    text = N_("{file} holds OpenStreetMap as of {date} (© contributors, ODbL 1.0).")
    values = {"file": path.name, "date": str(day)}
    return [] if day is None else [Notice("osm-date", text, values)]


def read_osm(path: Path, *, what: OsmLayer) -> RawTable:
    """Read one of our layers out of an OpenStreetMap extract.

    Parameters
    ----------
    path
        ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.osm.pbf``.
    what
        Name of the layer.

    Returns
    -------
    RawTable
        A GeoDataFrame in WGS 84 degrees whose columns are the layer's fields, with ``osm_id``
        (``way/123``) and, where types matter, ``osm_type``; rows by kind and id. The row numbers
        are OpenStreetMap ids. A way clipped into several stretches has a row for each. Date and
        licence are those of the extract.

    Raises
    ------
    UsageError
        When the layer cannot be read from OpenStreetMap.
    DataError
        When the file is no such extract, or damaged.
    """
    try:
        source = _source(path)
        if what == "roads":
            table = _read_roads(path, source)
        elif what in _POINT_TAGS:
            wanted = osmium.filter.TagFilter(*_POINT_TAGS[what])
            table = _read_points(path, source, what, wanted)
        elif what in _ADMIN_LEVELS:
            table = _read_boundaries(path, source, what, _ADMIN_LEVELS[what])
        else:
            raise UsageError(
                "osm-layer",
                N_("Layer {layer} cannot be read from OpenStreetMap; these can: {known}."),
                layer=what,
                known=", ".join(get_args(OsmLayer)),
            )
        day = _date_of(source)
        notices = (*_date_notice(path, day), *table.notices)
        return replace(table, notices=notices, as_of=day, licence=LICENCE)
    except (RuntimeError, OSError, UnicodeDecodeError) as error:
        raise DataError(
            "osm-unreadable",
            N_("{file} cannot be read: {reason}. Download the extract again."),
            file=path.name,
            reason=str(error).rstrip("."),
        ) from error
