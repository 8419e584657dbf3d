"""XML text of a QGIS project, put together from small elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from yanshan_gis.crs import parse_crs
from yanshan_gis.publish.xml_text import xml_text

if TYPE_CHECKING:
    from collections.abc import Mapping


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.17g}" if isinstance(value, float) else xml_text(str(value))


def tag(name: str, attributes: Mapping[str, object] | None = None, *inside: str) -> str:
    """Write an element.

    Parameters
    ----------
    name
        Its name.
    attributes
        True and false become 1 and 0; numbers keep all their digits.
    *inside
        Elements and escaped text within.

    Returns
    -------
    str
        The element.
    """
    written = "".join(f" {k}={quoteattr(_text(v))}" for k, v in (attributes or {}).items())
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"


def words(name: str, text: object, attributes: Mapping[str, object] | None = None) -> str:
    """Write an element that holds text.

    Parameters
    ----------
    name
        Its name.
    text
        Not escaped yet.
    attributes
        Of the element.

    Returns
    -------
    str
        The element.
    """
    return tag(name, attributes, escape(_text(text)))


def options(values: Mapping[str, str]) -> str:
    """Write a map of QGIS options.

    Parameters
    ----------
    values
        Texts by name.

    Returns
    -------
    str
        An ``Option`` element.
    """
    inside = (
        tag("Option", {"type": "QString", "name": name, "value": value})
        for name, value in values.items()
    )
    return tag("Option", {"type": "Map"}, *inside)


def defined_properties(name: str, expressions: Mapping[str, str]) -> str:
    """Write properties that follow from expressions.

    Parameters
    ----------
    name
        The element's name, which differs from place to place.
    expressions
        By the property they set.

    Returns
    -------
    str
        The element.
    """
    properties = (
        tag(
            "Option", {"type": "Map", "name": key},
            tag("Option", {"type": "bool", "name": "active", "value": "true"}),
            tag("Option", {"type": "QString", "name": "expression", "value": expression}),
            tag("Option", {"type": "int", "name": "type", "value": "3"}),
        )
        for key, expression in expressions.items()
    )  # fmt: skip
    inside = tag(
        "Option", {"type": "Map"},
        tag("Option", {"type": "QString", "name": "name", "value": ""}),
        tag("Option", {"type": "Map", "name": "properties"}, *properties),
        tag("Option", {"type": "QString", "name": "type", "value": "collection"}),
    )  # fmt: skip
    return tag(name, None, inside)


def spatial_reference(crs: Any) -> str:
    """Write a coordinate system so that QGIS takes it for valid.

    Parameters
    ----------
    crs
        Anything pyproj knows.

    Returns
    -------
    str
        A ``spatialrefsys`` element. By its authority's code alone QGIS would find it invalid.
    """
    parsed = parse_crs(crs)
    authority = parsed.to_authority(min_confidence=100)
    return tag(
        "spatialrefsys", {"nativeFormat": "Wkt"},
        words("wkt", parsed.to_wkt("WKT2_2019")),
        words("authid", ":".join(authority) if authority else ""),
        words("description", parsed.name),
        words("geographicflag", "true" if parsed.is_geographic else "false"),
    )  # fmt: skip
