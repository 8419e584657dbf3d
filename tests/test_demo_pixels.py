"""The bundled county's rasters: the same whatever blocks they are written in, and believable."""

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.features import rasterize

from yanshan_gis.demo.county import build_demo
from yanshan_gis.demo.pixels import blocks, write_pixels
from yanshan_gis.demo.scene import BANDS, BARE, CROP, TREE, WATER
from yanshan_gis.raster.grid import Grid


@pytest.fixture(scope="module")
def demo():
    return build_demo()


@pytest.fixture(scope="module")
def written(demo, tmp_path_factory):
    outline = demo.layers["county"].frame.geometry.union_all()
    return write_pixels(tmp_path_factory.mktemp("pixels"), demo.scene, outline, 120.0)


def read(written, name):
    with rasterio.open(written[name][0]) as source:
        return source.read()


def test_blocks_cover_a_grid_once():
    grid = Grid.covering((0.0, 0.0, 5_300.0, 10_400.0), 10.0, "EPSG:4544")
    seen = np.zeros(grid.shape, dtype=int)
    for block in blocks(grid):
        rows, columns = block.grid.shape
        seen[block.row : block.row + rows, block.column : block.column + columns] += 1
        assert block.grid.x[0] == grid.x[block.column]
        assert block.grid.y[0] == grid.y[block.row]
    assert (seen == 1).all()


def test_a_part_looks_as_it_does_within_the_whole(demo):
    # The same ground at a point, whatever grid it is read on.
    x, y = demo.scene.terrain.grid.x[300] // 60 * 60, demo.scene.terrain.grid.y[150] // 60 * 60
    whole = Grid.covering((x, y, x + 6_000, y + 6_000), 60.0, "EPSG:4544")
    part = Grid.covering((x, y + 3_000, x + 3_000, y + 6_000), 60.0, "EPSG:4544")
    rows, columns = part.shape
    large, small = demo.scene.view(whole, 0), demo.scene.view(part, 1)
    assert (large[0][:rows, :columns] == small[0]).all()
    ground = demo.scene.terrain.ground
    assert ground.on(whole)[0][:rows, :columns] == pytest.approx(ground.on(part)[0], abs=1e-6)


def test_same_seed_same_bytes(demo, written, tmp_path):
    outline = demo.layers["county"].frame.geometry.union_all()
    again = write_pixels(tmp_path, demo.scene, outline, 120.0)
    assert {n: d for n, (_, d) in again.items()} == {n: d for n, (_, d) in written.items()}
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        path.name for path, _ in written.values()
    )


def test_rasters_cover_the_county_and_say_what_bands_are(demo, written):
    outline = shapely.box(*demo.layers["county"].frame.total_bounds)
    for name, cell in (("elevation", 300.0), ("land_cover", 120.0), ("imagery", 120.0)):
        with rasterio.open(written[name][0]) as source:
            assert source.res == (cell, cell)
            assert shapely.box(*source.bounds).contains(outline)
            assert source.crs.to_epsg() == 4544
            if name == "imagery":
                assert source.descriptions == BANDS


def test_vegetation_and_rock_look_as_they_should(written):
    digital, cover = read(written, "imagery").astype(float), read(written, "land_cover")[0]
    clear = digital[5] != 9
    red, near, short = (digital[2:5] - 1_000.0) / 10_000.0
    green = (near - red) / (near + red)
    rocky = (short - near) / (short + near)
    assert green[clear & (cover == TREE)].mean() > 0.6
    assert green[clear & (cover == WATER)].mean() < 0.0
    assert rocky[clear & (cover == BARE)].mean() > rocky[clear & (cover == CROP)].mean() + 0.1
    assert 0.0 < 1.0 - clear.mean() < 0.05
    share = {code: float((cover == code).mean()) for code in np.unique(cover)}
    assert share[CROP] > 0.15
    assert 0.01 < share[BARE] < 0.2


def test_bare_rock_lies_on_carbonate(demo, written):
    frame = demo.layers["lithology"].frame
    assert frame.geometry.is_valid.all()
    assert {"limestone", "clastic"} <= set(frame["rock"])
    county = demo.layers["county"].frame.geometry.union_all()
    assert frame.geometry.area.sum() == pytest.approx(county.area, rel=1e-3)
    assert frame.geometry.union_all().area == pytest.approx(county.area, rel=1e-3)
    with rasterio.open(written["land_cover"][0]) as source:
        cover, transform = source.read(1), source.transform
    carbonate = frame[frame["rock"].isin(["limestone", "dolomite", "interbedded"])].geometry
    inside = rasterize(carbonate, out_shape=cover.shape, transform=transform).astype(bool)
    mapped = rasterize(frame.geometry, cover.shape, transform=transform).astype(bool)
    bare = (cover == BARE) & mapped
    assert inside[bare].mean() > 0.95
