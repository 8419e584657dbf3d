"""Rasters on paper: classes of a value as colours, and the relief beneath everything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.colors import LightSource, to_rgba
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from yanshan_gis.publish.features import polygon_outlines
from yanshan_gis.publish.style import classify

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from yanshan_gis.publish.features import Group
    from yanshan_gis.publish.labels import LabelRequest
    from yanshan_gis.publish.mapframe import MapFrame
    from yanshan_gis.publish.paper import Surface
    from yanshan_gis.publish.style import ResolvedStyle

_PIXEL_MM = 0.25  # what the eye still tells apart at reading distance
_LEVEL = {"basis": 5.0, "theme": 8.0}
_RELIEF_LEVEL = 2.3
_LIGHT_FROM, _LIGHT_ABOVE = 315.0, 45.0  # degrees; what map readers are used to
_TONES = 24  # a picture of few tones is small, and no eye counts them
_DARKEST, _LIGHTEST = 0.79, 1.0
_EXAGGERATION = 2.0


def read_on_paper(
    path: Path, frame: MapFrame, crs: Any, *, smooth: bool
) -> np.ma.MaskedArray[Any, Any]:
    """Read a raster as it lies beneath a map's frame.

    Parameters
    ----------
    path
        The raster; its first band is read, from the overview that suits the scale.
    frame
        The map's frame.
    crs
        Of the map, in metres.
    smooth
        True blends neighbours, as suits heights; False keeps values, as suits classes.

    Returns
    -------
    numpy.ma.MaskedArray
        From the upper left corner, four pixels a millimetre; masked where there are no data.
    """
    import rasterio
    from affine import Affine
    from rasterio.enums import Resampling
    from rasterio.vrt import WarpedVRT

    width, height = (max(1, round(mm / _PIXEL_MM)) for mm in (frame.width, frame.height))
    west, south, east, north = frame.ground
    transform = Affine((east - west) / width, 0.0, west, 0.0, (south - north) / height, north)
    resampling = Resampling.bilinear if smooth else Resampling.nearest
    with (
        rasterio.open(path) as source,
        WarpedVRT(
            source, crs=crs.to_wkt(), resampling=resampling, width=width, height=height,
            transform=transform, add_alpha=False,
            **({"nodata": source.nodata} if source.nodata is not None else {}),
        ) as warped,
    ):  # fmt: skip
        values: np.ma.MaskedArray[Any, Any] = warped.read(1, masked=True)
    return values


@dataclass(frozen=True)
class DrawnPixels:
    """A raster of a sheet.

    Parameters
    ----------
    name
        Stable name.
    title
        What the legend says.
    path
        The file.
    crs
        Of the sheet.
    style
        Classes of its value.
    group
        ``theme``: what the sheet is about; ``basis``: what lies beneath.
    """

    name: str
    title: str
    path: Path
    crs: Any
    style: ResolvedStyle
    group: Group = "theme"
    counts: bool = False  # how many pixels a class has tells a reader nothing

    @property
    def bounds(self) -> tuple[float, ...]:
        """Where it lies, ``(x_min, y_min, x_max, y_max)`` in the sheet's CRS."""
        import rasterio
        from rasterio.warp import transform_bounds

        with rasterio.open(self.path) as source:
            return tuple(transform_bounds(source.crs, self.crs.to_wkt(), *source.bounds))


class PlacedPixels:
    """A raster carried to paper, with the class of every pixel.

    Parameters
    ----------
    layer
        The raster.
    frame
        The map's frame.
    """

    def __init__(self, layer: DrawnPixels, frame: MapFrame) -> None:
        self.layer, self.map, self.style = layer, frame, layer.style
        self.rows = pd.DataFrame()

    @cached_property
    def classes(self) -> NDArray[np.int64]:
        """Class of every pixel from the upper left corner, -1 for none."""
        values = read_on_paper(self.layer.path, self.map, self.layer.crs, smooth=False)
        known, where = np.unique(values.filled(values.min()), return_inverse=True)
        table = pd.DataFrame({self.style.by or "value": _plain(known)})
        found = classify(table, self.style)[where].reshape(values.shape)
        return np.where(np.ma.getmaskarray(values), -1, found)

    @cached_property
    def class_counts(self) -> NDArray[np.int64]:
        """How many pixels each class has on the map."""
        found = self.classes[self.classes >= 0]
        return np.bincount(found, minlength=len(self.style.classes))

    def draw(self, surface: Surface, lift: float) -> None:
        """Draw the raster.

        Parameters
        ----------
        surface
            The map.
        lift
            Between 0 and 1: height among layers of the same kind.
        """
        symbols = [item.symbol for item in self.style.classes]
        colours = np.array([*(to_rgba(s.colour, s.opacity) for s in symbols), (0.0, 0.0, 0.0, 0.0)])
        shown = (colours[self.classes] * 255).round().astype(np.uint8)
        _show(surface, shown, self.map, _LEVEL[self.layer.group] + lift)

    def obstacles(self) -> NDArray[np.float64]:
        """Return no boxes: labels may stand on areas."""
        return np.zeros((0, 4))

    def label_requests(self) -> list[LabelRequest]:
        """Return no labels."""
        return []


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Write whole numbers as such, so that a class of the value 30 is found."""
    whole = np.issubdtype(values.dtype, np.integer) or bool(np.all(values == np.round(values)))
    return values.astype(np.int64) if whole else values


def _show(surface: Surface, picture: NDArray[np.uint8], frame: MapFrame, level: float) -> Any:
    return surface.axes.imshow(
        picture, extent=(0, frame.width, 0, frame.height), origin="upper", aspect="auto",
        interpolation="none", zorder=level,
    )  # fmt: skip


def draw_relief(
    surface: Surface, path: Path, frame: MapFrame, crs: Any, areas: Iterable[Any]
) -> None:
    """Shade the ground by its relief, lit from the north-west.

    Parameters
    ----------
    surface
        The map.
    path
        Elevation in metres.
    frame
        The map's frame.
    crs
        Of the map, in metres.
    areas
        Polygons on paper within which the ground is shaded.
    """
    heights = read_on_paper(path, frame, crs, smooth=True)
    outlines = polygon_outlines(np.array(list(areas), dtype=object))
    unknown = np.ma.getmaskarray(heights)
    if unknown.all() or not outlines:
        return
    cell_m = _PIXEL_MM * frame.denominator / 1000
    filled = np.where(unknown, heights.mean(), heights.data).astype(np.float64)
    light = LightSource(azdeg=_LIGHT_FROM, altdeg=_LIGHT_ABOVE)
    lit = light.hillshade(filled, vert_exag=_EXAGGERATION, dx=cell_m, dy=cell_m, fraction=1.0)
    tone = _DARKEST + (_LIGHTEST - _DARKEST) * np.round(lit * _TONES) / _TONES
    tone[unknown] = _LIGHTEST
    grey = np.repeat((tone * 255).round().astype(np.uint8)[:, :, None], 4, axis=2)
    grey[..., 3] = 255
    picture = _show(surface, grey, frame, _RELIEF_LEVEL)
    edge = PathPatch(Outline.make_compound_path(*outlines), transform=surface.axes.transData)
    picture.set_clip_path(edge)
