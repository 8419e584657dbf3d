"""OpenStreetMap tags as columns of our layers, with what was inferred and what was not read.

A tag that is absent stays absent: nothing is filled in by default but the direction of travel,
for which OpenStreetMap itself states the default. What is inferred (a surface from a track type, a
class from a road type) is counted in a notice. Every distinct value is read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from yanshan_gis.ingest.osm_tags import (
    IN_VILLAGE_SERVICES,
    INFERRED_FROM_TRACK,
    INFERRED_SURFACES,
    PLACES,
    ROAD_CLASSES,
    ROUTE_CLASSES,
    ROUTE_CODE,
    SERVICE_KINDS,
    read_population,
    read_speed,
    read_surface,
    read_width,
)
from yanshan_gis.messages import N_, Notice


def _by_value(column: pd.Series[str], read: Callable[[str], str | float | None]) -> pd.Series[str]:
    """Read each distinct value once; what cannot be read becomes None."""
    table = {value: read(value) for value in column.dropna().unique()}
    found = column.map(table).astype(object)
    return found.where(found.notna(), None)


def _numbers(column: pd.Series[str], read: Callable[[str], float | None]) -> pd.Series[float]:
    return pd.to_numeric(_by_value(column, read), errors="coerce").astype("float64")


def _first(*columns: pd.Series[str]) -> pd.Series[str]:
    """Take the first column that holds something, row by row."""
    found = columns[0]
    for column in columns[1:]:
        found = found.where(found.notna(), column)
    return found


def _tally(column: pd.Series[str]) -> str:
    """Spell how often each value occurs, the most frequent first."""
    counts = column.value_counts()
    order = sorted(counts.index, key=lambda value: (-counts[value], value))
    return ", ".join(f"{value} {counts[value]}" for value in order)


def names(tags: pd.DataFrame) -> pd.Series[str]:
    """Tell the names of features.

    Parameters
    ----------
    tags
        Columns ``name`` and ``name:zh``.

    Returns
    -------
    pandas.Series
        The name in the local language, else the Chinese one, else None.
    """
    return _first(tags["name"], tags["name:zh"])


def surfaces(tags: pd.DataFrame) -> tuple[pd.Series[str], list[Notice]]:
    """Tell the surface of roads, and on what evidence.

    Parameters
    ----------
    tags
        Columns ``surface`` and ``tracktype``.

    Returns
    -------
    tuple of pandas.Series and list of Notice
        Codes of the field, None where nothing is known; what was inferred and what not read.
    """
    found = _by_value(tags["surface"], read_surface)
    evidence = tags["surface"].where(tags["surface"].isin(list(INFERRED_SURFACES)))
    evidence = _first(evidence, tags["tracktype"]).where(found.isna())
    inferred = evidence.map(INFERRED_SURFACES | INFERRED_FROM_TRACK)
    unread = tags["surface"].where(found.isna() & inferred.isna()).dropna()
    found = found.where(inferred.isna(), inferred).astype(object)
    used = evidence[inferred.notna()]
    notices = []
    if len(used):
        notices.append(
            Notice(
                "osm-surface-inferred",
                N_(
                    "The surface of {count} roads is inferred from their track type or from "
                    "paved/unpaved, not named: {evidence}."
                ),
                {"count": len(used), "evidence": _tally(used)},
            )
        )
    if len(unread):
        notices.append(
            Notice(
                "osm-surface-unread",
                N_("The surface of {count} roads is none of ours and stays empty: {values}."),
                {"count": len(unread), "values": _tally(unread)},
            )
        )
    return found.where(found.notna(), None), notices


def classes(tags: pd.DataFrame) -> tuple[pd.DataFrame, list[Notice]]:
    """Tell the administrative class, technical grade and scope of roads.

    Parameters
    ----------
    tags
        Columns ``highway`` (keys of `ROAD_CLASSES` only), ``ref`` and ``service``.

    Returns
    -------
    tuple of pandas.DataFrame and list of Notice
        Columns ``admin_class``, ``technical_grade``, ``scope``, ``route_code``.
    """
    rows = [ROAD_CLASSES[highway] for highway in tags["highway"]]
    found = pd.DataFrame(
        rows, columns=["admin_class", "technical_grade", "scope"], index=tags.index, dtype=object
    )
    inside = tags["service"].isin(list(IN_VILLAGE_SERVICES)) & (tags["highway"] == "service")
    found.loc[inside, "scope"] = "in_village"
    code = _by_value(tags["ref"], lambda ref: ref.split(";")[0].replace(" ", "") or None)
    numbered = _by_value(code, lambda ref: ROUTE_CLASSES[ref[0]] if ROUTE_CODE.match(ref) else None)
    found["admin_class"] = found["admin_class"].where(numbered.isna(), numbered)
    found["route_code"] = code
    notice = Notice(
        "osm-class-inferred",
        N_(
            "The class of {numbered} roads follows their route number, that of {typed} roads the "
            "OpenStreetMap road type, as does the technical grade; neither is official."
        ),
        {"numbered": int(numbered.notna().sum()), "typed": int(numbered.isna().sum())},
    )
    return found, [notice] if len(tags) else []


def directions(tags: pd.DataFrame) -> pd.Series[str]:
    """Tell the direction of travel.

    Parameters
    ----------
    tags
        Columns ``oneway``, ``junction``, ``highway``.

    Returns
    -------
    pandas.Series
        ``both``, ``forward`` or ``backward``; roundabouts and motorways are one-way unless tagged
        otherwise, everything else is not.
    """
    values = {"yes": "forward", "true": "forward", "1": "forward", "-1": "backward",
              "reverse": "backward"}  # fmt: skip
    implied = tags["junction"].isin(["roundabout", "circular"]) | (tags["highway"] == "motorway")
    found = pd.Series("both", index=tags.index, dtype=object).where(~implied, "forward")
    tagged = tags["oneway"].map(values).astype(object)
    explicit = tags["oneway"].notna()
    return found.where(~explicit, tagged.where(tagged.notna(), "both"))


def levels(tags: pd.DataFrame) -> pd.Series[int]:
    """Tell on which level a road runs.

    Parameters
    ----------
    tags
        Columns ``layer``, ``bridge``, ``tunnel``.

    Returns
    -------
    pandas.Series
        0 on the ground; the tagged layer, else 1 on a bridge and -1 in a tunnel. A passage through
        a building is on the ground.
    """
    layer = _numbers(tags["layer"], lambda t: float(t) if re.match(r"^[-+]?\d$", t) else None)
    bridge = tags["bridge"].notna() & (tags["bridge"] != "no")
    tunnel = tags["tunnel"].notna() & ~tags["tunnel"].isin(["no", "building_passage"])
    implied = bridge.astype("float64") - (tunnel & ~bridge).astype("float64")
    return layer.where(layer.notna(), implied).clip(-5, 5).astype("int64")


def road_fields(tags: pd.DataFrame) -> tuple[pd.DataFrame, list[Notice]]:
    """Turn the tags of roads into the fields of the layer.

    Parameters
    ----------
    tags
        One row per road, columns `ROAD_KEYS`, None where a tag is absent.

    Returns
    -------
    tuple of pandas.DataFrame and list of Notice
        Fields of the layer ``roads`` and ``osm_type``, the road type as tagged.
    """
    found, notices = classes(tags)
    surface, more = surfaces(tags)
    speed = _numbers(tags["maxspeed"], read_speed)
    unread = tags["maxspeed"].where(speed.isna()).dropna()
    if len(unread):
        notices.append(
            Notice(
                "osm-speed-unread",
                N_("The speed limit of {count} roads is no number and stays empty: {values}."),
                {"count": len(unread), "values": _tally(unread)},
            )
        )
    closes = (tags["seasonal"].notna() & (tags["seasonal"] != "no")) | (tags["ice_road"] == "yes")
    all_season = pd.Series(pd.NA, index=tags.index, dtype="boolean")
    all_season[closes] = False
    fields = {
        "name": names(tags),
        **{column: found[column] for column in ("route_code", "admin_class", "technical_grade")},
        "surface": surface,
        "width_m": _numbers(tags["width"], read_width),
        "scope": found["scope"],
        "status": pd.Series("existing", index=tags.index, dtype=object),
        "speed_kmh": speed.where(speed.isna(), (speed * 10).round() / 10),
        "all_season": all_season,
        "one_way": directions(tags),
        "level": levels(tags),
        "osm_type": tags["highway"],
    }
    return pd.DataFrame(fields, index=tags.index), [*notices, *more]


def village_fields(tags: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Turn the tags of places into fields of the layer ``villages``.

    Parameters
    ----------
    tags
        Columns ``place`` (keys of `PLACES` only) and ``population``.

    Returns
    -------
    dict of pandas.Series
        By field.
    """
    return {
        "level": tags["place"].map(PLACES).astype(object),
        "population": _numbers(tags["population"], read_population).astype("Int64"),
        "position_quality": pd.Series("reported", index=tags.index, dtype=object),
        "osm_type": tags["place"],
    }


def outlet_fields(tags: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Turn the tags of post offices and parcel points into fields of the layer ``outlets``.

    Parameters
    ----------
    tags
        Columns ``operator``, ``brand`` and those of `OUTLET_TAGS`.

    Returns
    -------
    dict of pandas.Series
        By field; the level of an outlet is not known to OpenStreetMap.
    """
    return {
        "operator": _first(tags["operator"], tags["brand"]),
        "status": pd.Series("existing", index=tags.index, dtype=object),
        "osm_type": _first(*(tags[key] for key in ("post_office", "amenity", "office", "shop"))),
    }


def service_fields(tags: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Turn the tags of amenities into fields of the layer ``public_services``.

    Parameters
    ----------
    tags
        Column ``amenity`` (keys of `SERVICE_KINDS` only).

    Returns
    -------
    dict of pandas.Series
        By field.
    """
    return {
        "kind": tags["amenity"].map(SERVICE_KINDS).astype(object),
        "status": pd.Series("existing", index=tags.index, dtype=object),
        "osm_type": tags["amenity"],
    }
