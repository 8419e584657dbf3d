"""How QGIS draws rasters: classes of values and ranges, bands as colours, a hillshade."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.publish.qgis_xml import tag, words
from yanshan_gis.publish.style import resolve_style

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.layer_tree import TreeLayer
    from yanshan_gis.publish.style import ResolvedClass

_LOOK = 512  # cells per side that are read to see what a raster holds
_MOST_VALUES = 40  # more are no codes
_CUT = (2.0, 98.0)  # percentiles between which brightness is stretched
_COLOURS = ("red", "green", "blue")
# Told apart by most readers, also by those who see colours differently; pale enough to lie beneath.
_PALETTE = (
    "#8dd3c7", "#bebada", "#fdb462", "#80b1d3", "#b3de69", "#fccde5", "#fb8072", "#d9d9d9",
    "#ccebc5", "#bc80bd", "#ffed6f", "#a6cee3",
)  # fmt: skip
_SHADE = 0.25  # opacity of a hillshade, beneath what else a map shows
_MULTIPLY = 6  # blend mode: a hillshade beneath stays seen


def raster_pipe(layer: TreeLayer, language: Language) -> str:
    """Write how a raster is drawn.

    Parameters
    ----------
    layer
        With file and classes; without classes, what the file holds decides.
    language
        Of the legend.

    Returns
    -------
    str
        The elements ``pipe`` and ``blendMode``.
    """
    classes: tuple[ResolvedClass, ...] = ()
    if layer.raster_style is not None and layer.raster_style.classes:
        classes = resolve_style(
            layer.raster_style, layer.fields, title=layer.title, kind="polygon", language=language
        ).classes
    if not classes:
        return _pipe(_by_content(layer.raster))
    shaded = any(item.holds_range for item in classes)
    drawn = _shader(classes) if shaded else _palette(_coded(classes))
    return _pipe(drawn, blend=_MULTIPLY if shaded else 0)


def hillshade_pipe() -> str:
    """Write the hillshade of an elevation raster, lit from the north-west.

    Returns
    -------
    str
        The elements ``pipe`` and ``blendMode``.
    """
    return _pipe(
        _renderer("hillshade", {"band": 1, "azimuth": 315, "angle": 45, "zfactor": 1,
                                "multidirection": 1, "opacity": _SHADE})
    )  # fmt: skip


def _pipe(drawn: str, blend: int = 0) -> str:
    return tag(
        "pipe", None, drawn,
        tag("brightnesscontrast", {"brightness": 0, "contrast": 0, "gamma": 1}),
        tag("huesaturation", {"saturation": 0, "grayscaleMode": 0, "colorizeOn": 0}),
        tag("rasterresampler", {"maxOversampling": 2}),
    ) + words("blendMode", blend)  # fmt: skip


def _renderer(kind: str, attributes: dict[str, object], *inside: str) -> str:
    common = {"type": kind, "opacity": 1, "alphaBand": -1, "nodataColor": ""}
    return tag("rasterrenderer", {**common, **attributes}, tag("rasterTransparency"), *inside)


def _coded(classes: Sequence[ResolvedClass]) -> list[tuple[float, str, str]]:
    known = (item for item in classes if item.value is not None)
    return [(float(str(item.value)), item.symbol.colour, item.title) for item in known]


def _palette(entries: Sequence[tuple[float, str, str]]) -> str:
    colours = (
        tag("paletteEntry", {"value": f"{value:g}", "color": colour, "label": label, "alpha": 255})
        for value, colour, label in entries
    )
    return _renderer("paletted", {"band": 1}, tag("colorPalette", None, *colours))


def _shader(classes: Sequence[ResolvedClass]) -> str:
    """Colour ranges: an item of QGIS ends at its value and takes it in, ours leave it out."""
    ranges = [item for item in classes if item.holds_range]
    items = []
    for item in sorted(ranges, key=lambda item: item.maximum or math.inf):
        end = "inf" if item.maximum is None else repr(math.nextafter(item.maximum, -math.inf))
        colour = item.symbol.colour
        entry = {"value": end, "color": colour, "label": item.title, "alpha": 255}
        items.append(tag("item", entry))
    lows = [item.minimum for item in ranges if item.minimum is not None]
    highs = [item.maximum for item in ranges if item.maximum is not None]
    least, most = min([*lows, *highs]), max([*lows, *highs])
    ramp = {
        "colorRampType": "DISCRETE", "classificationMode": 1, "clip": 0,
        "minimumValue": least, "maximumValue": most,
    }  # fmt: skip
    shader = tag("rastershader", None, tag("colorrampshader", ramp, *items))
    return _renderer("singlebandpseudocolor", {"band": 1}, shader)


def _by_content(path: Path | None) -> str:
    """Draw three bands as colours, few whole numbers as codes, and anything else in greys."""
    import rasterio

    with rasterio.open(path) as source:
        size = (min(source.height, _LOOK), min(source.width, _LOOK))
        if source.count >= len(_COLOURS):
            bands = _colour_bands(source.descriptions)
            looks = [_seen(source, band, size) for band in bands]
            return _coloured(bands, looks)
        seen = _seen(source, 1, size)
        whole = np.issubdtype(np.dtype(source.dtypes[0]), np.integer)
    values = np.unique(seen)
    if whole and 0 < len(values) <= _MOST_VALUES:
        return _palette(
            [
                (float(value), _PALETTE[index % len(_PALETTE)], f"{value:g}")
                for index, value in enumerate(values)
            ]
        )
    return _renderer(
        "singlebandgray", {"grayBand": 1, "gradient": "BlackToWhite"}, _stretch("contrast", seen)
    )


def _seen(source: Any, band: int, size: tuple[int, int]) -> NDArray[Any]:
    cells = source.read(band, out_shape=size, masked=True).compressed()
    found: NDArray[Any] = cells[np.isfinite(cells)]
    return found


def _colour_bands(descriptions: Sequence[str | None]) -> list[int]:
    """Find red, green and blue by what the bands are called; the first three where none says so."""
    named = [(text or "").casefold() for text in descriptions]
    found = [
        next((number for number, text in enumerate(named, 1) if colour in text.split()), None)
        for colour in _COLOURS
    ]
    return [number or at for at, number in enumerate(found, 1)] if all(found) else [1, 2, 3]


def _stretch(name: str, seen: NDArray[Any]) -> str:
    low, high = np.percentile(seen, _CUT) if len(seen) else (0.0, 1.0)
    return tag(
        f"{name}Enhancement", None,
        words("minValue", f"{low:.6g}"), words("maxValue", f"{max(high, low + 1e-9):.6g}"),
        words("algorithm", "StretchToMinimumMaximum"),
    )  # fmt: skip


def _coloured(bands: Sequence[int], looks: Sequence[NDArray[Any]]) -> str:
    attributes: dict[str, object] = {
        f"{colour}Band": band for colour, band in zip(_COLOURS, bands, strict=True)
    }
    stretches = (
        _stretch(f"{colour}Contrast", seen) for colour, seen in zip(_COLOURS, looks, strict=True)
    )
    return _renderer("multibandcolor", attributes, *stretches)
