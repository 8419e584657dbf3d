"""The items of a QGIS print layout, in millimetres from the sheet's lower left corner."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yanshan_gis.publish.map_grid import grid_step_m
from yanshan_gis.publish.page import Box
from yanshan_gis.publish.paper import INK
from yanshan_gis.publish.qgis_paper import (
    PAGE_HEIGHT,
    colour_element,
    font,
    identity,
    text_style,
)
from yanshan_gis.publish.qgis_xml import defined_properties, options, tag
from yanshan_gis.publish.qml_renderer import rgba
from yanshan_gis.publish.style import WHITE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yanshan_gis.publish.mapframe import MapFrame

# Numbers by which QGIS knows the kinds of items.
_MAP, _PICTURE, _LABEL, _LEGEND, _SCALE_BAR = 65639, 65640, 65641, 65642, 65646
_HALIGN = {"left": 1, "center": 4, "right": 2}
_TOP, _MIDDLE = 32, 128  # vertical alignment
_CROSS, _OWN_TEXT, _OUTSIDE = 1, 8, 1  # of a map's grid
_GRID_COLOUR = "#4a7fa5"
_ARROW = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 130"><path d="M36 0 L0 130 L36 100 Z" '
    'fill="#1a1a1a" stroke="#1a1a1a" stroke-width="2"/><path d="M36 0 L72 130 L36 100 Z" '
    'fill="#ffffff" stroke="#1a1a1a" stroke-width="2"/></svg>'
)


@dataclass
class Items:
    """Items of one layout, gathered from top to bottom.

    Parameters
    ----------
    layout
        Title of the layout.
    """

    layout: str

    def __post_init__(self) -> None:
        self._elements: list[str] = []

    @property
    def elements(self) -> str:
        """All items, as QGIS keeps them: the top one first."""
        return "".join(self._elements)

    def _add(
        self, kind: int, key: str, box: Box, attributes: Mapping[str, object], *inside: str,
        frame_mm: float = 0.0, frame: str = INK, fill: str | None = None,
        defined: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        mark = identity(self.layout, key)
        place = f"{box.left:g},{PAGE_HEIGHT - box.top:.10g},mm"
        common = {
            "type": kind, "id": key, "uuid": mark, "templateUuid": mark, "position": place,
            "positionOnPage": place, "size": f"{box.width:.10g},{box.height:.10g},mm",
            "referencePoint": 0, "zValue": 100 - len(self._elements), "visibility": 1,
            "opacity": 1, "itemRotation": 0, "positionLock": "false",
            "frame": "true" if frame_mm else "false", "outlineWidthM": f"{frame_mm or 0.3:g},mm",
            "frameJoinStyle": "miter", "background": "true" if fill else "false",
        }  # fmt: skip
        about = tag(
            "LayoutObject", None, defined_properties("dataDefinedProperties", defined or {})
        )
        colours = (
            colour_element("FrameColor", frame),
            colour_element("BackgroundColor", fill or WHITE),
        )
        self._elements.append(tag("LayoutItem", {**common, **attributes}, *colours, about, *inside))

    def label(
        self, key: str, box: Box, text: str, size_pt: float, *, align: str = "left",
        colour: str = INK, bold: bool = False, middle: bool = False, frame_mm: float = 0.0,
        frame: str = INK, fill: str | None = None, margin_mm: float = 0.0,
    ) -> None:  # fmt: skip
        """Set a text.

        Parameters
        ----------
        key
            Of the item.
        box
            Where it stands.
        text
            Lines apart by line breaks; ``[% … %]`` is an expression.
        size_pt
            Font size.
        align
            ``left``, ``center`` or ``right``.
        colour
            Of the letters.
        bold
            Heavier letters.
        middle
            In the middle of the box's height rather than at its top.
        frame_mm, frame
            Width and colour of a frame; 0 for none.
        fill
            Ground of the box.
        margin_mm
            Kept free on all sides.
        """
        attributes = {
            "labelText": text, "htmlState": 0, "halign": _HALIGN[align],
            "valign": _MIDDLE if middle else _TOP, "marginX": margin_mm, "marginY": margin_mm,
        }  # fmt: skip
        face = tag("LabelFont", {"description": font(size_pt, bold=bold), "style": ""})
        self._add(
            _LABEL, key, box, attributes, face, colour_element("FontColor", colour),
            frame_mm=frame_mm, frame=frame, fill=fill,
        )  # fmt: skip

    def rectangle(self, key: str, box: Box, *, frame_mm: float) -> None:
        """Draw a frame.

        Parameters
        ----------
        key
            Of the item.
        box
            Where it stands.
        frame_mm
            Width of its line.
        """
        self.label(key, box, "", 8, frame_mm=frame_mm)

    def north_arrow(self, key: str, box: Box, map_key: str) -> None:
        """Draw a north arrow that turns with the map.

        Parameters
        ----------
        key
            Of the item.
        box
            Where it stands.
        map_key
            Of the map.
        """
        drawing = base64.b64encode(_ARROW.encode()).decode()
        attributes = {
            "file": f"base64:{drawing}", "mode": 0, "resizeMode": 0, "anchorPoint": 4,
            "northMode": 0, "northOffset": 0, "mapUuid": identity(self.layout, map_key),
            "pictureRotation": 0, "svgFillColor": "255,255,255,255",
            "svgBorderColor": "0,0,0,255", "svgBorderWidth": 0.2,
        }  # fmt: skip
        self._add(_PICTURE, key, box, attributes)

    def map(self, key: str, frame: MapFrame, theme: str, *, scale: str | None = None) -> None:
        """Lay a map of a theme.

        Parameters
        ----------
        key
            Of the item.
        frame
            Place on paper, ground and scale.
        theme
            Its title.
        scale
            An expression that gives N of the scale 1:N on every page of an atlas, whose feature
            the map then follows; None for a map that stands still.
        """
        x_min, y_min, x_max, y_max = frame.ground
        attributes = {
            "followPreset": "true", "followPresetName": theme, "keepLayerSet": "false",
            "drawCanvasItems": "false", "mapRotation": 0, "mapFlags": 0, "labelMargin": "1,mm",
            "isTemporal": 0,
        }  # fmt: skip
        extent = {"xmin": x_min, "ymin": y_min, "xmax": x_max, "ymax": y_max}
        driven = {"atlasDriven": scale is not None, "scalingMode": 2, "margin": 0.05}
        self._add(
            _MAP, key, Box(frame.left, frame.bottom, frame.width, frame.height), attributes,
            tag("Extent", extent), tag("LayerSet"), self._grid(frame),
            self._free_of_labels(), tag("AtlasMap", driven),
            frame_mm=0.3, fill=WHITE, defined={"dataDefinedMapScale": scale} if scale else None,
        )  # fmt: skip

    def _free_of_labels(self) -> str:
        """Keep labels away from the north arrow."""
        keys = ("north", "north-arrow")
        items = (tag("item", {"uuid": identity(self.layout, key)}) for key in keys)
        return tag("labelBlockingItems", None, *items)

    def _grid(self, frame: MapFrame) -> str:
        """Draw crosses at round kilometres, with their numbers between the map's two frames."""
        step = grid_step_m(frame)
        sides = {
            f"{side}Annotation{what}": value
            for side in ("left", "right", "top", "bottom")
            for what, value in (("Display", 0), ("Position", _OUTSIDE),
                                ("Direction", 1 if side in {"left", "right"} else 0))
        }  # fmt: skip
        attributes: dict[str, object] = {
            "uuid": identity(self.layout, "grid"), "name": "grid", "show": 1, "unit": 0,
            "gridStyle": _CROSS, "crossLength": 1.2, "intervalX": step, "intervalY": step,
            "offsetX": 0, "offsetY": 0, "position": 3, "gridFrameStyle": 0, "showAnnotation": 1,
            "annotationFormat": _OWN_TEXT, "annotationPrecision": 0, "frameAnnotationDistance": 1,
            "annotationExpression": "to_string(@grid_number / 1000)", "blendMode": 0, **sides,
        }  # fmt: skip
        pen = {"line_color": rgba(_GRID_COLOUR), "line_width": "0.1", "line_width_unit": "MM"}
        line = tag(
            "symbol", {"type": "line", "name": "", "alpha": 1, "clip_to_extent": 1},
            tag("layer", {"class": "SimpleLine", "enabled": 1, "pass": 0}, options(pen)),
        )  # fmt: skip
        return tag(
            "ComposerMapGrid", attributes, tag("lineStyle", None, line), text_style(6.5),
            tag("LayoutObject", None, defined_properties("dataDefinedProperties", {})),
        )  # fmt: skip

    def scale_bar(self, key: str, box: Box, map_key: str, step_m: float | None, unit: str) -> None:
        """Draw a scale bar of four parts.

        Parameters
        ----------
        key
            Of the item.
        box
            Where it stands.
        map_key
            Of the map.
        step_m
            Length of a part; None lets QGIS choose round kilometres.
        unit
            What the reader calls a kilometre, or a metre where a part is shorter.
        """
        metres = step_m is not None and step_m < 1000
        part = 1.0 if step_m is None else step_m if metres else step_m / 1000
        attributes = {
            "style": "Single Box", "mapUuid": identity(self.layout, map_key), "unitLabel": unit,
            "unitType": "meters" if metres else "km", "numMapUnitsPerScaleBarUnit": 1,
            "numUnitsPerSegment": part, "numSegments": 4,
            "numSegmentsLeft": 0, "numSubdivisions": 1, "subdivisionsHeight": 1, "height": 1.5,
            "segmentSizeMode": int(step_m is None), "minBarWidth": 40, "maxBarWidth": 68,
            "labelBarSpace": 1, "boxContentSpace": 0, "labelVerticalPlacement": 0,
            "labelHorizontalPlacement": 0,
            "alignment": 1, "outlineWidth": 0.18, "lineJoinStyle": "miter",
            "lineCapStyle": "square",
        }  # fmt: skip
        self._add(
            _SCALE_BAR, key, box, attributes, text_style(7), colour_element("fillColor", INK),
            colour_element("fillColor2", WHITE), colour_element("strokeColor", INK),
        )  # fmt: skip

    def legend(
        self, key: str, box: Box, map_key: str, tree: str, *, row_mm: float, columns: int
    ) -> None:
        """Set a legend.

        Parameters
        ----------
        key
            Of the item.
        box
            Where it stands.
        map_key
            Of the map, whose theme says how the layers are drawn.
        tree
            The layers it explains, as a layer tree.
        row_mm
            Height of a row.
        columns
            How many it is set in.
        """
        attributes = {
            "map_uuid": identity(self.layout, map_key), "title": "", "columnCount": columns,
            "splitLayer": 0, "equalColumnWidth": 1, "columnSpace": 4, "boxSpace": 0,
            "symbolWidth": 8, "symbolHeight": row_mm * 0.7, "lineSpacing": 0.2,
            "resizeToContents": 1, "symbolAlignment": 1, "titleAlignment": 1, "fontColor": INK,
            "legendFilterByAtlas": 0, "wrapChar": "", "rasterBorder": 0, "minSymbolSize": 0,
            "maxSymbolSize": 0, "wmsLegendWidth": 50, "wmsLegendHeight": 25,
        }  # fmt: skip
        size = min(9.0, row_mm / 0.5)
        faces = {
            "title": (size + 1, 1.0), "group": (size + 1, row_mm * 0.35),
            "subgroup": (size, row_mm * 0.22), "symbol": (size, row_mm * 0.22),
            "symbolLabel": (size, row_mm * 0.2),
        }  # fmt: skip
        styles = (
            tag(
                "style", {"name": name, "marginTop": gap, "marginLeft": 1.5, "alignment": 1,
                          "indent": 0},
                tag("styleFont", {"description": font(pt, bold="group" in name), "style": ""}),
            )
            for name, (pt, gap) in faces.items()
        )  # fmt: skip
        self._add(_LEGEND, key, box, attributes, tag("styles", None, *styles), tree)
