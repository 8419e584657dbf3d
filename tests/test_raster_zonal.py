"""Areas and values of zones, worked out by hand, and exactextract asked directly."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import CrsError, DataError
from yanshan_gis.raster.grid import Grid
from yanshan_gis.raster.zonal import change_areas, class_areas, matrix, zone_values

CRS = "EPSG:4544"
#    y 200 +-----+-----+-----+      classes: 1 forest, 2 dry land, 3 rock, 0 nothing known
#          |  1  |  1  |  2  |      cells of 100 m: 1 ha, 15 mu each
#      100 +-----+-----+-----+
#          |  3  |  0  |  2  |
#        0 +-----+-----+-----+
#     x    0    100   200   300
GRID = Grid((2, 3), Affine(100, 0, 0, 0, -100, 200), CRS)
CLASSES = np.array([[1, 1, 2], [3, 0, 2]], dtype=np.uint8)
ZONES = [
    shapely.box(0, 0, 300, 200),  # all of it: 6 ha, 5 known
    shapely.box(50, 150, 150, 200),  # a quarter of two cells: 0.5 ha of class 1
    shapely.box(200, 0, 500, 200),  # 2 ha of class 2, 4 ha off the raster
    shapely.box(900, 900, 950, 950),  # off the raster
    shapely.Polygon([(0, 0), (100, 0), (0, 100)]),  # half of a cell of class 3
]


def zones(shapes=ZONES, crs=CRS):
    return gpd.GeoDataFrame({"id": range(len(shapes))}, geometry=list(shapes), crs=crs)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "classes.tif"
    write(path, CLASSES)
    return path


def write(path, pixels, **changes):
    profile = {"driver": "GTiff", "height": 2, "width": 3, "count": 1, "dtype": pixels.dtype,
               "crs": CRS, "transform": GRID.transform, "nodata": 0, **changes}  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(pixels, 1)


def test_areas_count_cells_by_the_share_inside(file):
    found = class_areas(file, zones())
    rows = found.rows
    expected = [[0, 1, 2.0], [0, 2, 2.0], [0, 3, 1.0], [1, 1, 0.5], [2, 2, 2.0], [4, 3, 0.5]]
    np.testing.assert_allclose(rows[["zone", "class", "area_ha"]].to_numpy(), expected)
    assert rows["area_mu"].to_numpy() == pytest.approx(rows["area_ha"].to_numpy() * 15)
    assert rows["share"].to_numpy() == pytest.approx([0.4, 0.4, 0.2, 1.0, 1.0, 1.0])
    assert found.zones.inside == pytest.approx([1, 1, 1 / 3, 0, 1])
    assert found.zones.known == pytest.approx([5 / 6, 1, 1 / 3, 0, 1])
    assert [n.code for n in found.zones.notices] == ["zones-off-raster", "zones-covered-in-part"]
    assert [n.values["count"] for n in found.zones.notices] == [1, 2]


def test_classes_side_by_side_tell_none_from_not_known(file):
    laid = class_areas(file, zones()).wide("area_ha")
    assert laid.columns.tolist() == [1, 2, 3]
    assert laid.iloc[1].tolist() == pytest.approx([0.5, 0.0, 0.0])
    assert laid.iloc[3].isna().all()


def test_an_array_on_a_grid_and_a_file_say_the_same(file):
    masked = np.where(CLASSES == 0, np.nan, CLASSES)
    pd.testing.assert_frame_equal(
        class_areas(file, zones()).rows, class_areas((GRID, masked), zones()).rows
    )


def test_zones_come_in_any_crs(file):
    far = zones(ZONES[:1]).to_crs(4490)
    assert class_areas(file, far).rows["area_ha"].to_numpy() == pytest.approx([2, 2, 1], abs=1e-4)


def test_zones_without_an_area_have_no_figures(file):
    found = class_areas(file, zones([None, shapely.Point(1, 1), shapely.Polygon(), ZONES[1]]))
    assert found.rows["zone"].tolist() == [3]
    assert np.isnan(found.zones.area_m2[:3]).all()
    empty = class_areas(file, zones([]))
    assert empty.rows.empty
    assert len(empty.wide()) == 0


def test_values_are_weighted_by_area(file):
    heights = np.array([[100.0, 200.0, 300.0], [400.0, np.nan, 600.0]])
    found, shares = zone_values((GRID, heights), zones(), ("mean", "min", "max", "sum"))
    # Zone 0: (100 + 200 + 300 + 400 + 600) / 5; zone 1: a quarter of two cells.
    assert found["mean"].tolist() == pytest.approx([320, 150, 450, np.nan, 400], nan_ok=True)
    assert found["sum"].iloc[1] == pytest.approx(75)
    assert found["min"].iloc[0] == 100
    assert shares.known[0] == pytest.approx(5 / 6)


def test_a_change_says_from_what_to_what(file, tmp_path):
    later = tmp_path / "later.tif"
    write(later, np.array([[1, 2, 2], [2, 1, 0]], dtype=np.uint8))
    found = change_areas(file, later, zones(ZONES[:2]))
    told = found.rows[["zone", "before", "after", "area_ha"]].to_numpy().tolist()
    # Known at both dates: the upper row and the cell of rock.
    assert told[:4] == [[0, 1, 1, 1.0], [0, 1, 2, 1.0], [0, 2, 2, 1.0], [0, 3, 2, 1.0]]
    assert told[4:] == [[1, 1, 1, 0.25], [1, 1, 2, 0.25]]
    assert found.zones.known[0] == pytest.approx(4 / 6)
    square = matrix(found.rows[found.rows["zone"] == 0], {1: "forest", 2: "dry", 3: "rock"})
    assert square.loc["forest"].tolist() == [1.0, 1.0, 0.0]
    assert square.loc["rock", "dry"] == 1.0


def test_wrong_input_is_refused(file, tmp_path):
    moved = Grid((2, 3), Affine(100, 0, 5, 0, -100, 200), CRS)
    with pytest.raises(DataError, match="one grid"):
        change_areas(file, (moved, CLASSES), zones())
    with pytest.raises(DataError, match="2 × 2"):
        class_areas((GRID, CLASSES[:, :2]), zones())
    degrees = Grid((2, 3), Affine(0.1, 0, 104, 0, -0.1, 24), "EPSG:4490")
    with pytest.raises(CrsError):
        class_areas((degrees, CLASSES), zones())
    scaled = tmp_path / "scaled.tif"
    write(scaled, CLASSES)
    with rasterio.open(scaled, "r+") as target:
        target.scales = (0.1,)
    with pytest.raises(DataError, match="scaled"):
        zone_values(scaled, zones())


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_parts_add_up_to_the_whole(seed):
    random = np.random.default_rng(seed)
    grid = Grid((20, 30), Affine(10, 0, 0, 0, -10, 200), CRS)
    cells = random.integers(0, 4, grid.shape).astype(np.int32)
    cuts = np.sort(random.random(3) * 300)
    edges = [0.0, *cuts, 300.0]
    parts = [shapely.box(a, 0, b, 200) for a, b in pairwise(edges) if b > a]
    found = class_areas((grid, cells), zones(parts)).rows
    assert found.groupby("class")["area_m2"].sum().to_dict() == pytest.approx(
        {code: 100.0 * n for code, n in zip(*np.unique(cells, return_counts=True), strict=True)},
        rel=1e-6,
    )


@pytest.mark.oracle
def test_cells_are_weighted_as_shapely_weighs_them():
    random = np.random.default_rng(1)
    grid = Grid((12, 9), Affine(7, 0, 100, 0, -7, 300), CRS)
    values = random.random(grid.shape)
    west, south, east, north = grid.bounds
    for _ in range(20):
        points = random.random((6, 2)) * (east - west + 20, north - south + 20)
        hull = shapely.convex_hull(shapely.MultiPoint(points + np.array([west - 10, south - 10])))
        rows, columns = np.indices(grid.shape)
        x, y = grid.x[columns], grid.y[rows]
        inside = shapely.area(
            shapely.intersection(hull, shapely.box(x - 3.5, y - 3.5, x + 3.5, y + 3.5))
        )
        found, shares = zone_values((grid, values), zones([hull]))
        assert found["mean"].iloc[0] == pytest.approx((inside * values).sum() / inside.sum())
        assert shares.known[0] == pytest.approx(inside.sum() / hull.area)
