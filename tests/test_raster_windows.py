"""Windows and COGs: read side by side, written whole or not at all."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import rasterio
from affine import Affine

from yanshan_gis.errors import CrsError, DataError
from yanshan_gis.raster.alignment import check_meets, metric_grid, same_crs
from yanshan_gis.raster.cog import CogDraft, Look, Output
from yanshan_gis.raster.grid import Grid
from yanshan_gis.raster.scene import Band, common_grid, read_header, values_of
from yanshan_gis.raster.windows import STEP, inner, scan, windows_of

CRS = "EPSG:4544"
CORNER = Affine(10, 0, 400_000, 0, -10, 2_600_000)
LOOKS = {1: Look("无石漠化", "#eef5e2"), 2: Look("轻度 <", "#f0d473"), 4: Look("重度", "#c5452c")}


def write(path, pixels, *, transform=CORNER, crs=CRS, nodata=None, scale=1.0, offset=0.0, **more):
    pixels = pixels if pixels.ndim == 3 else pixels[None]
    profile = {"driver": "GTiff", "count": len(pixels), "dtype": pixels.dtype, "nodata": nodata,
               "height": pixels.shape[1], "width": pixels.shape[2], "transform": transform,
               "crs": crs, **more}  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(pixels)
        target.scales = [scale] * len(pixels)
        target.offsets = [offset] * len(pixels)
    return path


def numbers(rows, columns, bands=1, seed=0):
    return np.random.default_rng(seed).integers(1, 60_000, (bands, rows, columns), np.uint16)


def test_windows_cover_every_cell_once_and_begin_at_the_step():
    grid = Grid((700, 450), CORNER, CRS)
    for block in ((256, 256), (1, 450)):
        seen = np.zeros(grid.shape, int)
        for row, column, rows, columns in windows_of(grid, block, 128):
            seen[row : row + rows, column : column + columns] += 1
            assert row % STEP == 0
            assert column % STEP == 0
        assert (seen == 1).all()


def test_windows_of_rasters_stored_in_rows_are_as_wide_as_the_raster():
    grid = Grid((700, 450), CORNER, CRS)
    assert {w[3] for w in windows_of(grid, (1, 450), 128)} == {450}


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("halo", [0, 1, 3])
def test_scan_gives_every_window_in_order_with_its_halo(tmp_path, threads, halo):
    pixels = numbers(300, 260, bands=3)
    path = write(tmp_path / "a.tif", pixels, tiled=True, blockxsize=64, blockysize=64)
    bands = {"third": Band(path, 3), "first": Band(path, 1)}
    used = set()

    def work(read, window):
        used.add(threading.get_ident())
        part = inner(read["first"], window, halo)
        return read["third"].astype(int), read["first"][part]

    windows = []
    for window, (third, first) in scan(bands, work, halo=halo, side=128, threads=threads):
        row, column, rows, columns = window
        windows.append(window)
        np.testing.assert_array_equal(
            third, pixels[2, max(row - halo, 0) : row + rows + halo,
                          max(column - halo, 0) : column + columns + halo])  # fmt: skip
        np.testing.assert_array_equal(first, pixels[0, row : row + rows, column : column + columns])
    assert windows == sorted(windows)
    assert len(used) <= threads


def test_scan_never_has_more_than_two_windows_beyond_its_threads_in_hand(tmp_path):
    path = write(tmp_path / "a.tif", numbers(64 * 12, 64))
    begun, taken, most = [], 0, 0
    for _ in scan({"a": Band(path)}, lambda read, window: begun.append(window), side=64, threads=2):
        taken += 1
        most = max(most, len(begun) - taken)
    assert taken == 12
    assert most <= 4


def test_scale_offset_and_nodata_are_honoured(tmp_path):
    # 7 · 0.5 − 1 = 2.5; 9 is nothing.
    path = write(tmp_path / "a.tif", np.array([[7, 9]], np.int16), nodata=9, scale=0.5, offset=-1)
    header = read_header(Band(path))
    values = values_of(np.array([[7, 9]], np.int16), header)
    np.testing.assert_array_equal(values, np.array([[2.5, np.nan]], np.float32))


def test_rasters_that_do_not_lie_cell_on_cell_are_named_with_the_difference(tmp_path):
    one = write(tmp_path / "one.tif", numbers(4, 4))
    shifted = Affine(10, 0, 400_005, 0, -10, 2_600_000)
    half = write(tmp_path / "half.tif", numbers(4, 4), transform=shifted)
    with pytest.raises(DataError, match=r"half.tif does not lie cell on cell with one.tif: .*≠"):
        common_grid({"one": Band(one), "half": Band(half)})
    for name, other, told in (
        ("size", write(tmp_path / "s.tif", numbers(4, 5)), "4 × 5 ≠ 4 × 4"),
        ("crs", write(tmp_path / "c.tif", numbers(4, 4), crs="EPSG:4543"), "CM 102E"),
        ("cell", write(tmp_path / "w.tif", numbers(4, 4),
                       transform=Affine(20, 0, 400_000, 0, -20, 2_600_000)), "20 × 20 ≠ 10 × 10"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=told):
            common_grid({"one": Band(one), name: Band(other)})


def test_a_crs_is_the_same_in_whatever_order_it_names_its_axes(tmp_path):
    path = write(tmp_path / "a.tif", numbers(2, 2))
    assert same_crs(read_header(Band(path)).grid.crs, CRS)
    assert not same_crs(CRS, "EPSG:4543")


def test_bad_files_are_named_with_what_is_wrong(tmp_path):
    whole = write(tmp_path / "whole.tif", numbers(600, 600), compress="deflate")
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    bare = write(tmp_path / "bare.tif", numbers(4, 4), crs=None)
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    with pytest.raises(DataError, match=r"whole.tif has no band 2; it has 1"):
        read_header(Band(whole, 2))
    with pytest.raises(CrsError, match=r"bare.tif has no coordinate system"):
        read_header(Band(bare))
    with pytest.raises(DataError, match=r"text.tif cannot be read"):
        read_header(Band(text))
    with pytest.raises(DataError, match=r"cut.tif cannot be read; it is .*cut short"):
        list(scan({"a": Band(cut)}, lambda read, window: read["a"].sum(), side=128))


def test_a_raster_of_another_continent_does_not_meet_the_county(tmp_path):
    county = (400_000, 2_590_000, 500_000, 2_640_000)
    here = read_header(Band(write(tmp_path / "here.tif", numbers(4, 4)))).grid
    check_meets(tmp_path / "here.tif", here, county, CRS)
    degrees = Affine(0.01, 0, 11.0, 0, -0.01, 50.0)
    bayreuth = Grid((100, 100), degrees, "EPSG:4326")
    with pytest.raises(DataError, match=r"far.tif does not meet the county: it covers 11, 49, "):
        check_meets(tmp_path / "far.tif", bayreuth, county, CRS)


def test_degrees_become_square_cells_of_about_their_size_in_metres():
    # One arc second is 30.9 m of latitude and, at 23.6° north, 28.3 m of longitude.
    seconds = Grid((360, 360), Affine(1 / 3600, 0, 104.3, 0, -1 / 3600, 23.7), "EPSG:4326")
    found = metric_grid(seconds, CRS)
    assert same_crs(found.crs, CRS)
    assert 28 < found.cell[0] == found.cell[1] < 31
    own = Grid((4, 4), CORNER, CRS)
    assert metric_grid(own, CRS) == own
    with pytest.raises(CrsError, match="in metres"):
        metric_grid(own, "EPSG:4490")


def test_warped_bands_are_unknown_beyond_their_file(tmp_path):
    # A plane rising 1 m per cell eastwards, warped half a cell east: heights rise by half.
    plane = np.tile(np.arange(20, dtype=np.float32), (20, 1))
    path = write(tmp_path / "dem.tif", plane)
    onto = Grid((10, 30), Affine(10, 0, 400_005, 0, -10, 2_599_950), CRS)
    for smooth, expected in ((True, np.arange(18) + 0.5), (False, np.arange(18) + 1.0)):
        band = Band(path, 1, onto, smooth)
        ((_, got),) = scan({"z": band}, lambda read, window: read["z"])
        np.testing.assert_allclose(got[5, :18], expected, atol=1.0 if not smooth else 1e-5)
        unknown = np.isnan(got[:, 21:]) if smooth else got[:, 21:] == 0
        assert unknown.all()


def cog(folder, pixels, output, side=64):
    grid = Grid(pixels.shape, CORNER, CRS)
    with CogDraft(folder, "grade", grid, output) as draft:
        for row, column, rows, columns in windows_of(grid, (256, 256), side):
            part = pixels[row : row + rows, column : column + columns]
            draft.write((row, column, rows, columns), part)
        return draft.finish()[0]


def test_a_cog_carries_colours_names_and_the_commonest_class(tmp_path):
    pixels = np.zeros((600, 530), np.uint8)
    pixels[:, 100:] = 1
    pixels[0:2, 100:102] = [[2, 2], [1, 2]]  # the commonest is 2
    pixels[2:4, 100:102] = [[4, 4], [2, 2]]  # of equals the lowest
    pixels[4:6, 100:102] = [[0, 0], [0, 4]]  # nothing counts only by itself
    path = cog(tmp_path / "out", pixels, Output("uint8", LOOKS, {"scheme": "three"}))
    with rasterio.open(path) as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.nodata == 0
        assert source.overviews(1) == [2]
        assert source.colormap(1)[2] == (240, 212, 115, 255)
        assert source.tags()["scheme"] == "three"
        assert source.tags()["CLASS_2"] == "轻度 <"
        assert same_crs(source.crs.to_wkt(), CRS)
        assert source.transform == CORNER
        np.testing.assert_array_equal(source.read(1), pixels)
        half = source.read(1, out_shape=(300, 265))
    np.testing.assert_array_equal(half[:4, 50], [2, 2, 4, 1])
    names = path.with_name(f"{path.name}.aux.xml").read_text(encoding="utf-8")
    assert "<Category>轻度 &lt;</Category>" in names
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name, f"{path.name}.aux.xml"]


def test_values_have_overviews_of_means_over_what_is_known(tmp_path):
    values = np.full((600, 600), np.nan, np.float32)
    values[:2, :2] = [[1, 2], [np.nan, 6]]
    shades = np.zeros((600, 600), np.uint8)
    shades[:2, :2] = [[10, 20], [0, 31]]
    for pixels, output, expected in (
        (values, Output("float32"), 3.0),
        (shades, Output("uint8"), 20),  # 61 / 3 = 20.3
    ):
        with rasterio.open(cog(tmp_path, pixels, output)) as source:
            assert source.read(1, out_shape=(300, 300))[0, 0] == expected
            np.testing.assert_array_equal(source.read(1), pixels)


def test_the_same_pixels_give_the_same_file_however_they_are_cut(tmp_path):
    pixels = numbers(600, 530)[0].astype(np.uint8)
    pixels[:, 0] = 0
    one = cog(tmp_path / "a", pixels, Output("uint8"), side=64)
    other = cog(tmp_path / "b", pixels, Output("uint8"), side=512)
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()


def test_what_breaks_off_leaves_nothing(tmp_path):
    grid = Grid((100, 100), CORNER, CRS)
    with pytest.raises(KeyError), CogDraft(tmp_path, "g", grid, Output()) as draft:
        draft.write({}["what a worker raised"], np.ones((100, 100), np.float32))
    with pytest.raises(DataError, match="nothing is known"):
        cog(tmp_path, np.full((100, 100), np.nan, np.float32), Output())
    assert list(tmp_path.iterdir()) == []
