"""The paper of a QGIS print layout: its page, fonts, colours and names of items."""

from __future__ import annotations

import uuid

from yanshan_gis.publish.page import SIZES_MM
from yanshan_gis.publish.paper import INK
from yanshan_gis.publish.qgis_xml import options, tag
from yanshan_gis.publish.qml import FONT
from yanshan_gis.publish.qml_renderer import rgba
from yanshan_gis.publish.style import WHITE

PAGE_WIDTH, PAGE_HEIGHT = SIZES_MM["A3"]
_PAGE = 65638  # the number by which QGIS knows pages
_NAMESPACE = uuid.UUID("6f0d5c1a-8a53-5c36-9f1e-2f5a4b7c9d10")  # any fixed one


def font(size_pt: float, *, bold: bool = False) -> str:
    """Describe a font as Qt does.

    Parameters
    ----------
    size_pt
        Font size.
    bold
        Heavier letters.

    Returns
    -------
    str
        The description.
    """
    return f"{FONT},{size_pt:g},-1,5,{75 if bold else 50},0,0,0,0,0"


def identity(layout: str, key: str) -> str:
    """Name an item so that the same layout gives the same bytes.

    Parameters
    ----------
    layout
        Title of the layout.
    key
        Of the item, within its layout.

    Returns
    -------
    str
        A UUID in braces.
    """
    return "{" + str(uuid.uuid5(_NAMESPACE, f"{layout}/{key}")) + "}"


def colour_element(name: str, colour: str) -> str:
    """Write a colour as an element.

    Parameters
    ----------
    name
        Of the element.
    colour
        ``#rrggbb``.

    Returns
    -------
    str
        The element.
    """
    red, green, blue = rgba(colour).split(",")[:3]
    return tag(name, {"red": red, "green": green, "blue": blue, "alpha": 255})


def text_style(size_pt: float) -> str:
    """Write how the text of a scale bar or a grid is set.

    Parameters
    ----------
    size_pt
        Font size.

    Returns
    -------
    str
        A ``text-style`` element.
    """
    return tag("text-style", {
        "fontFamily": FONT, "fontSize": size_pt, "fontSizeUnit": "Point", "fontWeight": 50,
        "textColor": rgba(INK), "textOpacity": 1, "namedStyle": "Regular", "multilineHeight": 1,
    })  # fmt: skip


def page_element(title: str) -> str:
    """Write a layout's page: A3, landscape.

    Parameters
    ----------
    title
        Of the layout.

    Returns
    -------
    str
        A ``PageCollection`` element.
    """
    mark = identity(title, "page")
    white = options({"color": rgba(WHITE), "style": "solid", "outline_style": "no"})
    fill = tag("layer", {"class": "SimpleFill", "enabled": 1, "pass": 0}, white)
    symbol = tag("symbol", {"type": "fill", "name": "", "alpha": 1, "clip_to_extent": 1}, fill)
    item = tag(
        "LayoutItem", {
            "type": _PAGE, "uuid": mark, "templateUuid": mark, "position": "0,0,mm",
            "positionOnPage": "0,0,mm", "size": f"{PAGE_WIDTH:g},{PAGE_HEIGHT:g},mm",
            "referencePoint": 0, "zValue": 0, "visibility": 1, "opacity": 1, "id": "",
            "background": "true", "frame": "false", "itemRotation": 0, "positionLock": "false",
        }, symbol,
    )  # fmt: skip
    return tag("PageCollection", None, symbol, item, tag("GuideCollection", {"visible": 1}))
