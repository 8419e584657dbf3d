"""Rasters on paper: every pixel in its class and its place, the relief within the county only."""

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from PIL import Image
from rasterio.warp import transform_bounds

from yanshan_gis.content import FieldDef, Style, StyleClass, Symbol, Title
from yanshan_gis.county import County
from yanshan_gis.crs import parse_crs
from yanshan_gis.publish.legend import legend_entries
from yanshan_gis.publish.mapframe import fit_frame
from yanshan_gis.publish.pixels import DrawnPixels, PlacedPixels, read_on_paper
from yanshan_gis.publish.sheet import draw_sheet
from yanshan_gis.publish.sheet_content import SheetContent
from yanshan_gis.publish.style import resolve_style

CRS = parse_crs("EPSG:4544")
WEST, SOUTH, SIDE = 400_000.0, 2_600_000.0, 10_000.0
PLACE = {"left": 0, "bottom": 0, "width": 220, "height": 220, "margin": 10}


def title(words):
    return Title(zh=words, en=words)


STYLE = Style(
    by="value",
    classes=(
        StyleClass(value="1", title=title("低"), symbol=Symbol(colour="#ff0000")),
        StyleClass(value="2", title=title("高"), symbol=Symbol(colour="#0000ff")),
        StyleClass(value="3", title=title("无处"), symbol=Symbol(colour="#00ff00")),
    ),
)
VALUE = {"value": FieldDef(type="integer", title=title("等级"))}


def write(path, values, *, nodata=0, crs=CRS, bounds=None):
    rows, columns = values.shape
    west, south, east, north = bounds or (WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    transform = Affine((east - west) / columns, 0, west, 0, (south - north) / rows, north)
    profile = {
        "driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": values.dtype,
        "crs": crs.to_wkt(), "transform": transform, "nodata": nodata,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


def drawn(path):
    style = resolve_style(STYLE, VALUE, title="等级", kind="polygon")
    return DrawnPixels("grade", "等级", path, CRS, style)


@pytest.fixture
def frame():
    return fit_frame((WEST, SOUTH, WEST + SIDE, SOUTH + SIDE), CRS, **PLACE)


def test_pixels_stand_in_their_class_and_their_place(tmp_path, frame):
    """North-west 1, north-east 2, south without data; 10 km at 1:50 000 are 200 mm."""
    values = np.array([[1, 2], [0, 0]], dtype=np.uint8).repeat(50, 0).repeat(50, 1)
    placed = PlacedPixels(drawn(write(tmp_path / "g.tif", values)), frame)
    assert frame.denominator == 50_000
    assert placed.classes.shape == (880, 880)  # four pixels a millimetre
    assert placed.classes[240, 240] == 0
    assert placed.classes[240, 640] == 1
    assert placed.classes[640, 240] == -1
    assert placed.classes[20, 20] == -1  # beyond the raster
    assert placed.class_counts.tolist() == [160_000, 160_000, 0]


def test_a_raster_in_degrees_lies_where_it_belongs(tmp_path, frame):
    degrees = transform_bounds(
        CRS.to_wkt(), "EPSG:4490", WEST, SOUTH, WEST + SIDE, SOUTH + SIDE, densify_pts=21
    )
    values = np.tile(np.arange(1, 3, dtype=np.uint8).repeat(500), (1000, 1))
    path = write(tmp_path / "d.tif", values, crs=parse_crs("EPSG:4490"), bounds=degrees)
    placed = PlacedPixels(drawn(path), frame)
    assert placed.classes[440, 400] == 0
    assert placed.classes[440, 480] == 1


def test_the_legend_names_only_classes_on_the_map(tmp_path, frame):
    values = np.full((20, 20), 2, dtype=np.uint8)
    placed = PlacedPixels(drawn(write(tmp_path / "g.tif", values)), frame)
    titles = [entry.title for entry in legend_entries([placed], "zh")]
    assert "高" in titles
    assert "低" not in titles
    assert "无处" not in titles


def test_values_without_data_are_masked_whatever_they_are(tmp_path, frame):
    values = np.full((10, 10), 1500.0, dtype=np.float32)
    values[:5] = np.nan
    heights = read_on_paper(
        write(tmp_path / "e.tif", values, nodata=np.nan), frame, CRS, smooth=True
    )
    assert np.ma.getmaskarray(heights)[100:400].all()
    assert heights[500:800, 100:700].mean() == pytest.approx(1500.0)


def sheet(tmp_path, layers=(), relief=None):
    middle = shapely.box(WEST + 2500, SOUTH + 2500, WEST + 7500, SOUTH + 7500)
    extent = gpd.GeoDataFrame(geometry=[middle], crs=CRS)
    content = SheetContent(
        "试", layers, County(name="小县", code="530000"), CRS, extent, date(2025, 12, 31),
        relief=relief,
    )  # fmt: skip
    png = tmp_path / "sheet.png"
    report = draw_sheet(content, {"png": png}, dpi=100)
    picture = np.asarray(Image.open(png).convert("RGB")).astype(int)

    def at(x, y):
        (paper,) = report.frame.paper(np.array([[x, y]]))
        left, up = report.frame.left + paper[0], report.frame.bottom + paper[1]
        return picture[round((297 - up) / 25.4 * 100), round(left / 25.4 * 100)]

    return at


def test_a_sheet_shows_each_class_in_its_colour(tmp_path):
    values = np.array([[1, 2]], dtype=np.uint8).repeat(100, 0).repeat(50, 1)
    at = sheet(tmp_path, (drawn(write(tmp_path / "g.tif", values)),))
    assert at(WEST + 4300, SOUTH + 6300).tolist() == [255, 0, 0]
    assert at(WEST + 6300, SOUTH + 6300).tolist() == [0, 0, 255]


def test_slopes_away_from_the_light_are_darker_and_only_the_county_is_shaded(tmp_path):
    """A ridge from north to south: its east side lies in the shade of light from the west."""
    x = np.abs(np.linspace(-1, 1, 200))
    heights = np.tile(1000 - 800 * x, (200, 1)).astype(np.float32)
    path = write(tmp_path / "e.tif", heights, nodata=-9999)
    shaded, plain = sheet(tmp_path, relief=path), sheet(tmp_path)
    west, east = shaded(WEST + 4000, SOUTH + 5300), shaded(WEST + 6000, SOUTH + 5300)
    assert west.mean() > east.mean() + 10
    outside = WEST + 500, SOUTH + 5300
    assert shaded(*outside).tolist() == plain(*outside).tolist()


def test_elevation_without_data_shades_nothing(tmp_path):
    path = write(tmp_path / "e.tif", np.full((5, 5), -9999, dtype=np.int16), nodata=-9999)
    at = sheet(tmp_path, relief=path)
    assert at(WEST + 4000, SOUTH + 5300).tolist() == [255, 255, 255]
