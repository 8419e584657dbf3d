"""What OpenStreetMap's tags mean in our layers: the tables, and how single values are read."""

from __future__ import annotations

import re
from collections.abc import Mapping

# highway -> administrative class, technical grade, scope. A Chinese route number (G323, X012, also
# with the county's code behind it) is better evidence of the class and wins.
ROAD_CLASSES: dict[str, tuple[str | None, str | None, str]] = {
    "motorway": ("national", "expressway", "access"),
    "motorway_link": ("national", "expressway", "access"),
    "trunk": ("national", "class2", "access"),
    "trunk_link": ("national", "class2", "access"),
    "primary": ("provincial", "class2", "access"),
    "primary_link": ("provincial", "class2", "access"),
    "secondary": ("county", "class3", "access"),
    "secondary_link": ("county", "class3", "access"),
    "tertiary": ("township", "class4", "access"),
    "tertiary_link": ("township", "class4", "access"),
    "unclassified": ("village", "class4", "access"),
    "residential": ("group", None, "in_village"),
    "living_street": ("group", None, "in_village"),
    "service": ("group", None, "access"),
    "track": ("group", "substandard", "access"),
    "road": (None, None, "access"),
}
IN_VILLAGE_SERVICES = frozenset({"alley", "driveway", "parking_aisle"})
NOT_BUILT = frozenset({"construction", "proposed", "planned", "abandoned", "razed", "disused"})
ROUTE_CLASSES = {"G": "national", "S": "provincial", "X": "county", "Y": "township",
                  "C": "village"}  # fmt: skip
ROUTE_CODE = re.compile(r"^([GS](?=\d{1,4}$)|[XYC](?=\d{3}(?:\d{6})?$))\d+$")

# surface -> ours, and the order from best to worst for a road tagged with several.
SURFACES = {
    "asphalt": "asphalt", "chipseal": "asphalt", "bitmac": "asphalt", "tarmac": "asphalt",
    "concrete": "cement", "concrete:plates": "cement", "concrete:lanes": "cement",
    "cement": "cement", "paving_stones": "cement",
    "sett": "stone", "cobblestone": "stone", "cobblestone:flattened": "stone",
    "unhewn_cobblestone": "stone", "stone": "stone", "rock": "stone", "bricks": "stone",
    "gravel": "gravel", "fine_gravel": "gravel", "compacted": "gravel", "pebblestone": "gravel",
    "chippings": "gravel", "crushed_limestone": "gravel", "rocks": "gravel",
    "dirt": "earth", "earth": "earth", "ground": "earth", "soil": "earth", "mud": "earth",
    "sand": "earth", "clay": "earth", "grass": "earth", "woodchips": "earth",
}  # fmt: skip
_WORST_LAST = ("asphalt", "cement", "stone", "gravel", "earth")
# Weaker evidence, used where no surface is named: hardened or not is sure, the material is not.
INFERRED_SURFACES = {"paved": "asphalt", "unpaved": "gravel"}
INFERRED_FROM_TRACK = {"grade1": "asphalt", "grade2": "gravel", "grade3": "gravel",
                       "grade4": "earth", "grade5": "earth"}  # fmt: skip

# Access of motor vehicles, the most particular tag first.
_ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
_CLOSED = frozenset({"no", "private"})

_KM_PER_UNIT = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
_SPEED = re.compile(r"^(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots|)$")
WALKING_KMH = 5.0  # maxspeed=walk
UNLIMITED_KMH = 130.0  # maxspeed=none, which exists on motorways only
_WIDTH = re.compile(r"^(\d+(?:\.\d+)?)\s*(m|cm|ft|'|)$")
_METRES_PER_UNIT = {"": 1.0, "m": 1.0, "cm": 0.01, "ft": 0.3048, "'": 0.3048}

ROAD_KEYS = ("highway", "name", "name:zh", "ref", "surface", "tracktype", "service", "oneway",
             "junction", "bridge", "tunnel", "layer", "maxspeed", "width", "seasonal",
             "ice_road")  # fmt: skip

# place -> level in the hierarchy of villages. Localities have no inhabitants and are left out.
PLACES = {"city": "committee", "town": "committee", "village": "committee", "suburb": "committee",
          "quarter": "committee", "hamlet": "natural", "isolated_dwelling": "natural",
          "farm": "natural", "neighbourhood": "natural"}  # fmt: skip

OUTLET_TAGS = (
    ("amenity", "post_office"), ("amenity", "post_depot"), ("amenity", "parcel_locker"),
    ("office", "courier"), ("office", "logistics"), ("shop", "outpost"),
    ("post_office", "post_partner"), ("post_office", "post_annex"),
    ("vending", "parcel_pickup"), ("vending", "parcel_mail_in"),
    ("vending", "parcel_pickup;parcel_mail_in"), ("vending", "parcel_mail_in;parcel_pickup"),
)  # fmt: skip
SERVICE_KINDS = {
    "school": "school", "college": "school", "kindergarten": "kindergarten", "clinic": "clinic",
    "doctors": "clinic", "hospital": "hospital", "community_centre": "culture",
    "arts_centre": "culture", "library": "culture", "nursing_home": "elderly_care",
    "marketplace": "market", "waste_transfer_station": "waste", "toilets": "toilet",
}  # fmt: skip


def read_speed(text: str) -> float | None:
    """Read a speed limit.

    Parameters
    ----------
    text
        Value of ``maxspeed``: a number (km/h unless it says mph or knots), ``walk``, ``none``; of
        several, the lowest counts.

    Returns
    -------
    float or None
        km/h; None for country codes, signals and anything else.
    """
    words = {"walk": WALKING_KMH, "none": UNLIMITED_KMH}
    found: list[float] = []
    for part in text.lower().split(";"):
        match = _SPEED.match(part.strip())
        if match and float(match[1]) > 0:
            found.append(float(match[1]) * _KM_PER_UNIT[match[2]])
        elif part.strip() in words:
            found.append(words[part.strip()])
        else:
            return None
    return min(found)


def read_width(text: str) -> float | None:
    """Read a width.

    Parameters
    ----------
    text
        Value of ``width``: metres unless it says cm or ft.

    Returns
    -------
    float or None
        Metres; None for nothing readable or nothing above zero.
    """
    match = _WIDTH.match(text.strip().lower().replace(",", "."))
    width = float(match[1]) * _METRES_PER_UNIT[match[2]] if match else 0.0
    return width if 0 < width <= 100 else None


def read_population(text: str) -> float | None:
    """Read a number of inhabitants.

    Parameters
    ----------
    text
        Value of ``population``; separators of thousands are allowed, estimates in words are not.

    Returns
    -------
    float or None
        People.
    """
    plain = re.sub(r"(?<=\d)[ ,'](?=\d{3}\b)", "", text.strip())
    return float(plain) if plain.isdecimal() else None


def read_surface(text: str) -> str | None:
    """Read a surface.

    Parameters
    ----------
    text
        Value of ``surface``; of several, the worst counts.

    Returns
    -------
    str or None
        Code of the field; None when any part is none of ours.
    """
    parts = [SURFACES.get(part.strip()) for part in text.lower().split(";")]
    known = [part for part in parts if part is not None]
    return max(known, key=_WORST_LAST.index) if len(known) == len(parts) else None


def why_left_out(tags: Mapping[str, str]) -> str | None:
    """Tell why a way is no road of the network.

    Parameters
    ----------
    tags
        Of one way with ``highway`` or ``route``.

    Returns
    -------
    str or None
        ``ferry``, ``unbuilt``, ``foot``, ``area``, ``closed``; empty for what was never a road;
        None for a road. Of the access tags the most particular one decides.
    """
    highway = tags.get("highway", "")
    access = next((tags[key] for key in _ACCESS_KEYS if key in tags), "")
    if tags.get("route") == "ferry":
        return "ferry"
    if highway in NOT_BUILT:
        return "unbuilt"
    if highway not in ROAD_CLASSES:
        return "foot" if highway else ""
    if tags.get("area") == "yes":
        return "area"
    return "closed" if access in _CLOSED else None
