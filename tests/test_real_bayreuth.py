"""Hilly roads with real heights: slope lowers the speed where it is steep, and only there."""

import zipfile

import numpy as np
import pytest
import rasterio
import shapely

from yanshan_cli.main import main
from yanshan_gis.crs import transform
from yanshan_gis.network.impedance import vehicle_slope_factor
from yanshan_gis.raster.heights import read_heights
from yanshan_gis.run import run
from yanshan_gis.workspace import open_workspace

pytestmark = [pytest.mark.real, pytest.mark.slow]
TILE = "N49E011"


def yanshan(*arguments):
    with pytest.raises(SystemExit) as leaving:
        main(["--lang", "en", *map(str, arguments)])
    return leaving.value.code


@pytest.fixture(scope="module")
def tile(real_data, tmp_path_factory):
    """The SRTM tile, unzipped; its place on earth is in its name alone."""
    packed = real_data / "bayreuth" / f"{TILE}.hgt.zip"
    if not packed.exists():
        pytest.skip(f"real data absent: {packed}")
    folder = tmp_path_factory.mktemp("srtm")
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    return folder / f"{TILE}.hgt"


@pytest.fixture(scope="module")
def edges(real_data, tile, tmp_path_factory):
    """The links of the network without and with heights."""
    folder = tmp_path_factory.mktemp("real") / "bayreuth"
    roads = real_data / "bayreuth" / "north-bayreuth.osm.gz"
    assert yanshan("init", folder, "--name", "Bayreuth") == 0
    assert yanshan("import", "roads", roads, "-w", folder) == 0
    (level,) = run(open_workspace(folder), ["road-network"])
    assert yanshan("import", "elevation", tile, "-w", folder) == 0
    workspace = open_workspace(folder)
    (sloped,) = run(workspace, ["road-network"])
    return workspace, level.result.layers["edges"], sloped.result.layers["edges"]


def test_the_tile_is_stored_as_it_is(edges, tile):
    stored = edges[0].read("elevation").raster
    with rasterio.open(tile) as before, rasterio.open(stored) as after:
        assert (after.crs, after.transform, after.nodata) == (
            before.crs, before.transform, before.nodata,
        )  # fmt: skip
        assert (after.read(1) == before.read(1)).all()


def test_heights_equal_those_that_rasterio_samples(edges, tile):
    frame = edges[2]
    ends = shapely.get_point(frame.geometry.to_numpy(), 0)[::7]
    x, y = transform(shapely.get_x(ends), shapely.get_y(ends), frame.crs, "EPSG:4326")
    with rasterio.open(tile) as source:
        t, pixels = source.transform, source.read(1, masked=True).astype(float).filled(np.nan)
        column, row = np.floor((x - t.c) / t.a), np.floor((y - t.f) / t.e)
        middle = t.c + (column + 0.5) * t.a, t.f + (row + 0.5) * t.e
        sampled = np.array([float(value[0]) for value in source.sample(zip(*middle, strict=True))])
        sampled[sampled == source.nodata] = np.nan
    # In the middle of a cell the height is the cell's; elsewhere it lies between its neighbours'.
    on = (row >= 0) & (row < len(pixels))
    assert on.sum() > 100
    heights = read_heights(tile, *middle, "EPSG:4326")
    assert heights[on] == pytest.approx(sampled[on], nan_ok=True)
    assert np.isnan(heights[~on]).all()
    between = read_heights(edges[0].read("elevation").raster, x, y, "EPSG:4326")
    for found, r, c in zip(between, row.astype(int), column.astype(int), strict=True):
        around = pixels[max(r - 1, 0) : r + 2, c - 1 : c + 2]
        if not np.isnan(found):
            assert around.min() <= found <= around.max()


def test_steep_links_are_slower_and_flat_ones_are_not(edges):
    _, level, sloped = edges
    grade = sloped["grade"].to_numpy()
    ratio = (sloped["minutes"] / level["minutes"]).to_numpy()
    assert level["length_m"].tolist() == sloped["length_m"].tolist()
    on_level = np.isnan(grade) | (grade == 0)
    assert ratio[on_level] == pytest.approx(1.0)
    assert (ratio[grade > 0.001] > 1.0).all()
    known = ~np.isnan(grade)
    assert ratio[known] == pytest.approx(1 / vehicle_slope_factor(grade[known]))
    # These are hills, not alps: most roads stay below 10 %, but some do not.
    assert 0.01 < np.nanmedian(grade) < 0.1
    assert np.nanmax(grade) > 0.15
    order = np.argsort(grade[known])
    assert (np.diff(ratio[known][order]) >= -1e-12).all()


def test_links_off_the_tile_keep_their_speed(edges):
    _, level, sloped = edges
    unknown = sloped["grade"].isna()
    assert (sloped["minutes"][unknown] == level["minutes"][unknown]).all()


def test_a_tile_cut_in_the_middle_is_refused(edges, tile, tmp_path, capsys):
    workspace = edges[0]
    before = workspace.geopackage.read_bytes(), sorted((workspace.root / "rasters").iterdir())
    whole = before[1][0].read_bytes()
    for name, content in {
        f"{TILE}.hgt": tile.read_bytes()[:9999],
        "cut.tif": whole[:60000],
    }.items():
        damaged = tmp_path / name
        damaged.write_bytes(content)
        assert yanshan("import", "elevation", damaged, "-w", workspace.root) == 3
        err = capsys.readouterr().err
        assert name in err
        assert "Traceback" not in err
    after = workspace.geopackage.read_bytes(), sorted((workspace.root / "rasters").iterdir())
    assert after == before


def test_people_walk_over_real_hills_on_a_grid_in_metres(edges, tile, tmp_path):
    from towns import layer, parameters, points

    from yanshan_gis.methods.walking_access import measure

    workspace, level, _ = edges
    with rasterio.open(tile) as file:
        corners = np.array(file.bounds)
    x, y = transform(corners[[0, 2]], corners[[1, 3]], "EPSG:4326", level.crs)
    west, east = np.clip(level.total_bounds[[0, 2]], x[0] + 3000, x[1] - 3000)
    south, north = np.clip(level.total_bounds[[1, 3]], y[0] + 3000, y[1] - 3000)
    x, y = np.meshgrid(np.linspace(west, east, 9)[1:-1], np.linspace(south, north, 7)[1:-1])
    rows = [(f"V{i}", a, b, {"level": "natural", "population": 10.0})
            for i, (a, b) in enumerate(zip(x.ravel(), y.ravel(), strict=True))]  # fmt: skip
    homes = points("villages", *rows)
    homes.frame.set_crs(level.crs, allow_override=True, inplace=True)
    site = points("outlets", ("F", (west + east) / 2, (south + north) / 2))
    site.frame.set_crs(level.crs, allow_override=True, inplace=True)
    box = layer("townships", [{"name": "Bayreuth"}], [shapely.box(west, south, east, north)])
    box.frame.set_crs(level.crs, allow_override=True, inplace=True)
    ways = {
        way: measure(
            villages=homes, facilities=site, townships=box, elevation=workspace.read("elevation"),
            land_cover=None, network=None, folder=tmp_path,
            **parameters("walking-access", cell_m=100.0, direction=way, off_path_share=1.0),
        )
        for way in ("to", "from")
    }  # fmt: skip
    assert "raster-warped" in {w.code for w in ways["to"].warnings}
    there, back = (ways[way].layers["villages"]["minutes"].to_numpy() for way in ("to", "from"))
    straight_km = homes.frame.distance(site.frame.geometry.iloc[0]).to_numpy() / 1000
    known = there > 0  # neither without a way nor at the facility itself
    assert known.mean() > 0.5
    # Nobody is faster than Tobler's 6 km/h, from centre to centre of cells of 100 m.
    assert (there[known] >= (straight_km[known] - 0.15) / 6 * 60).all()
    # Hills make the ways there and back differ, but not by much in the middle.
    assert np.abs(there - back)[known].max() > 0.5
    assert np.median(there[known] / back[known]) == pytest.approx(1.0, abs=0.15)
