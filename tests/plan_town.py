"""A small county with a plan, for tests: names as bureaus write them, positions in metres.

::

    y
    9000  西乡 seat (2000, 9000)   V7 大寨 (3000, 9000) of 岭上社区 V3 (2500, 9000)
    8000  V4 新寨村委会 of 西乡 (0, 8000), modelled
    1000  东镇 seat (0, 1000)
     500                           V6 大寨 (5000, 500) of 河边村委会 V2 (5000, 0)
       0  V1 老街村委会 (0, 0)     V5 上坝 (1000, 0) of V1

北乡 has a seat without position and no villages; 无名村委会 of 东镇 has no position.
"""

from __future__ import annotations

from dataclasses import replace

import shapely
from towns import COUNTY, SOURCE, layer

from yanshan_gis.layer import Layer, NameRecord, Quality, Source
from yanshan_gis.plan.gazetteer import Gazetteer
from yanshan_gis.plan.spots import Spots

MODEL = Source("model", "a model", attributes=Quality.MODELLED, position=Quality.MODELLED)
_VILLAGES = [  # id, name, township, level, parent, x, y
    ("V000001", "老街村委会", "东镇", "committee", None, 0, 0),
    ("V000002", "河边村委会", "东镇", "committee", None, 5000, 0),
    ("V000003", "岭上社区", "西乡", "committee", None, 2500, 9000),
    ("V000004", "新寨村委会", "西乡", "committee", None, 0, 8000),
    ("V000005", "上坝", "东镇", "natural", "V000001", 1000, 0),
    ("V000006", "大寨", "东镇", "natural", "V000002", 5000, 500),
    ("V000007", "大寨", "西乡", "natural", "V000003", 3000, 9000),
    ("V000008", "无名村委会", "东镇", "committee", None, None, None),
]
_SEATS = [
    ("S000001", "东镇", 0, 1000),
    ("S000002", "西乡", 2000, 9000),
    ("S000003", "北乡", None, None),
]
NAMES = [
    NameRecord("V000002", "江边村委会", kind="former"),
    NameRecord("S000002", "西彝族乡", kind="alias"),
]


def _point(x: float | None, y: float | None) -> shapely.Point | None:
    return None if x is None or y is None else shapely.Point(x, y)


def villages() -> Layer:
    """Eight places; 新寨村委会 stands where a model put it."""
    keys = ("id", "name", "township", "level", "parent")
    rows = [dict(zip(keys, place, strict=False)) for place in _VILLAGES]
    made = layer("villages", rows, [_point(*place[5:]) for place in _VILLAGES])
    frame = made.frame.assign(source_id=[MODEL.id if i == 3 else SOURCE.id for i in range(8)])
    return replace(made, frame=frame, sources=(SOURCE, MODEL))


def seats() -> Layer:
    """Three townships, one of which nobody has put on the map."""
    rows = [{"id": i, "name": n, "level": "township", "township": n} for i, n, _, _ in _SEATS]
    return layer("seats", rows, [_point(x, y) for *_, x, y in _SEATS])


def county_layer() -> Layer:
    """A square of 12 km."""
    return layer("county", [{"name": "小县"}], [shapely.box(-1000, -1000, 11000, 11000)])


def gazetteer() -> Gazetteer:
    """Names of the county."""
    return Gazetteer.from_layers(villages(), None, seats(), NAMES, COUNTY.name.zh)


def spots() -> Spots:
    """Positions of the county."""
    return Spots(villages(), None, seats())
