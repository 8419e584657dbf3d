"""Grading: cells by hand, an independent reading of the schemes, and what is left out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import ContentError, DataError
from yanshan_gis.raster.grading import (
    CODES,
    NO_KARST,
    OTHER,
    UNSEEN,
    Codes,
    EndMembers,
    Grader,
    end_members,
)
from yanshan_gis.raster.grid import Grid
from yanshan_gis.raster.scene import Header
from yanshan_gis.scheme import COVERS, GRADES, read_schemes

SCHEMES = read_schemes()
# Fractions can be read off: NDVI 0 to 1 is vegetation 0 to 100 %, NDRI 0 to 1 is rock.
PLAIN = EndMembers(0.0, 1.0, 0.0, 1.0)
COVER = {name: [10 * k] for k, name in enumerate((*COVERS, "built", "water"), 1)}
CODED = Codes(COVER, clouds=(3, 8, 9), water=(6,))
ALL = ("rock", "vegetation", "cover", "slope", "soil_depth")


def header(nodata=0.0, dtype="uint16"):
    from affine import Affine

    grid = Grid((1, 1), Affine(10, 0, 0, 0, -10, 0), "EPSG:4544")
    return Header(grid, dtype, nodata, 1.0, 0.0, (1, 1))


def grader(scheme="national", at_hand=ALL, offset=0.0, nodata=0.0):
    headers = dict.fromkeys(("red", "nir", "swir"), header(nodata))
    return Grader(SCHEMES[scheme], at_hand, CODED, offset, headers)


def seen(rock, vegetation, offset=0.0):
    """Digital numbers whose NDRI and NDVI are given fractions: near infrared is 0.3."""
    rock, vegetation = np.atleast_2d(rock).astype(float), np.atleast_2d(vegetation).astype(float)
    nir = np.full(rock.shape, 3_000.0)
    red = nir * (1 - vegetation) / (1 + vegetation)
    swir = nir * (1 + rock) / (1 - rock)
    return {k: v + offset for k, v in {"red": red, "nir": nir, "swir": swir}.items()}


def graded(rock, vegetation, scheme="national", at_hand=ALL, **factors):
    read = seen(rock, vegetation)
    shape = read["red"].shape
    codes = {name: COVER[name][0] for name in COVER}
    if "cover" in at_hand:
        kind = factors.pop("cover", "grass")
        read["cover"] = np.full(shape, codes[kind], np.uint8)
    for name, value in factors.items():
        read[name] = np.full(shape, value, np.float32)
    found = grader(scheme, at_hand).grade(read, PLAIN)
    return [CODES[code - 1] for code in found.ravel()]


# Points: rock + cover + vegetation + soil depth.
@pytest.mark.parametrize(
    ("rock", "green", "cover", "depth", "grade"),
    [
        (0.295, 0.05, "bare", 5, "none"),  # below 30 % of bare rock
        (0.305, 0.05, "bare", 45, "severe"),  # 20 + 20 + 26 + 1 = 67
        (0.305, 0.505, "shrub", 5, "potential"),  # from 50 % of shrubs
        (0.305, 0.695, "grass", 45, "light"),  # 20 + 12 + 5 + 1 = 38: grass needs 70 %
        (0.305, 0.705, "grass", 45, "potential"),
        (0.905, 0.005, "terrace", 5, "potential"),
        (0.455, 0.405, "shrub", 15, "moderate"),  # 26 + 8 + 8 + 6 = 48
        (0.405, 0.305, "grass", 45, "moderate"),  # 26 + 12 + 8 + 1 = 47
        (0.395, 0.405, "shrub", 5, "moderate"),  # 20 + 8 + 8 + 10 = 46
        (0.395, 0.405, "shrub", 35, "light"),  # 20 + 8 + 8 + 3 = 39
        (0.655, 0.255, "grass", 15, "severe"),  # 38 + 12 + 14 + 6 = 70
        (0.705, 0.155, "bare", 5, "extreme"),  # 44 + 20 + 20 + 10 = 94
        (0.555, 0.205, "crop", 25, "severe"),  # 32 + 16 + 14 + 3 = 65
    ],
)
def test_the_national_score_worked_out_by_hand(rock, green, cover, depth, grade):
    assert graded(rock, green, cover=cover, soil_depth=depth) == [grade]


def test_cuts_of_the_rock_share():
    cells = [0.05, 0.295, 0.305, 0.495, 0.505, 0.695, 0.705, 0.95]
    found = graded(cells, [0.9] * 8, "rock-share", ("rock", "vegetation"))
    assert found == ["none"] * 2 + ["light"] * 2 + ["moderate"] * 2 + ["severe"] * 2


@pytest.mark.parametrize(
    ("rock", "slope", "depth", "grade"),
    [
        (0.95, 31, 2, "extreme"),
        (0.95, 31, 6, "moderate"),  # soil of 6 cm is moderate
        (0.95, 16, 2, "potential"),
        (0.65, 31, 2, "light"),
        (0.95, 10, 2, "none"),
    ],
)
def test_xiong_takes_the_grade_that_all_factors_reach(rock, slope, depth, grade):
    assert graded(rock, 0.1, "xiong", slope=slope, soil_depth=depth) == [grade]


def test_a_factor_that_is_not_at_hand_has_no_say_in_the_lowest():
    assert graded(0.85, 0.1, "xiong", ("rock", "vegetation"), slope=1, soil_depth=90) == ["severe"]


def test_limits_shrink_in_proportion_where_a_factor_of_a_score_is_not_at_hand():
    # Without soil depth the most is 90: moderate from above 40.5, severe from above 54, extreme
    # from above 67.5. 20 + 12 + 8 = 40; 26 + 12 + 8 = 46; 44 + 12 + 14 = 70; 38 + 12 + 14 = 64.
    at_hand = ("rock", "vegetation", "cover")
    found = graded([0.35, 0.45, 0.75, 0.65], [0.35, 0.35, 0.25, 0.25], at_hand=at_hand)
    assert found == ["light", "moderate", "extreme", "severe"]
    assert grader(at_hand=at_hand).missing == ("soil_depth",)


def test_what_is_not_graded_and_why():
    read = seen([0.6] * 9, [0.2] * 9)
    read["karst"] = np.array([[0, 1, 1, 1, 1, 1, 1, 1, 1]], np.uint8)
    read["cover"] = np.array([[30, 70, 80, 30, 30, 30, 99, 30, 30]], np.uint8)
    read["quality"] = np.array([[9, 9, 4, 9, 6, 4, 4, 4, 4]], np.uint16)
    for band in ("red", "nir", "swir"):
        read[band][0, 5] = 0  # nothing
    read["red"][0, 7] = read["nir"][0, 7] = -1.0  # darker than black
    read["soil_depth"] = np.full((1, 9), 5, np.float32)
    read["soil_depth"][0, 8] = np.nan
    found = grader().grade(read, PLAIN).ravel()
    # Not karst though clouded; built-up and water; cloud; water seen; nothing; cover nobody knows;
    # no light; depth unknown.
    expected = [NO_KARST, OTHER, OTHER, UNSEEN, OTHER, 0, UNSEEN, UNSEEN, UNSEEN]
    np.testing.assert_array_equal(found, expected)


def test_bits_of_a_quality_band_are_read():
    # Landsat: bit 3 cloud, bit 4 shadow, bit 7 water; a clouded lake is unseen.
    clear = Codes(cloud_bits=(3, 4), water_bits=(7,)).clear()
    assert [clear[v] for v in (0, 1 << 3, 1 << 4, 1 << 7, 1 << 7 | 1 << 3, 1 << 6)] == [
        0, 1, 1, 2, 1, 0,
    ]  # fmt: skip


@pytest.mark.parametrize("offset", [0.0, 1_000.0, 7_272.7])
def test_the_offset_of_digital_numbers_is_taken_off(offset):
    rock, green = np.linspace(0.02, 0.97, 40), np.linspace(0.95, 0.02, 40)
    plain = grader(at_hand=("rock", "vegetation")).grade(seen(rock, green), PLAIN)
    shifted = grader(at_hand=("rock", "vegetation"), offset=offset)
    np.testing.assert_array_equal(shifted.grade(seen(rock, green, offset), PLAIN), plain)
    if offset:
        wrong = grader(at_hand=("rock", "vegetation")).grade(seen(rock, green, offset), PLAIN)
        assert (wrong != plain).any()


def expected_grade(scheme, rock, green, cover, slope, depth):
    """Read a scheme's tables as a person does; values in per cent, degrees, centimetres."""
    values = {"rock": rock, "vegetation": green, "slope": slope, "soil_depth": depth}
    if rock < scheme.exposed_from:
        return "none"
    if green >= scheme.potential.get(cover, math.inf):
        return "potential"
    found = []
    for name, factor in scheme.factors.items():
        if name == "cover":
            found.append(factor.points_of[cover])
            continue
        band = sum(values[name] >= limit for limit in factor.breaks)
        found.append(factor.points[band] if factor.points else GRADES.index(factor.grades[band]))
    if scheme.combine == "lowest":
        return GRADES[min(found)]
    return next(grade for grade, limit in scheme.grades.items() if sum(found) <= limit)


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_equals_the_tables_read_one_cell_at_a_time(name):
    rng = np.random.default_rng(3)
    shape = (30, 40)
    # Values between tenths, so that no rounding decides.
    rock, green = (rng.integers(1, 990, shape) / 1_000 + 0.0005 for _ in range(2))
    slope, depth = (rng.integers(0, 600, shape) / 10 + 0.05 for _ in range(2))
    cover = rng.integers(0, 6, shape)
    read = seen(rock, green) | {
        "cover": (10 * (cover + 1)).astype(np.uint8),
        "slope": slope.astype(np.float32),
        "soil_depth": depth.astype(np.float32),
    }
    found = grader(name).grade(read, PLAIN)
    cells = (a.ravel() for a in (rock, green, cover, slope, depth))
    expected = [
        GRADES.index(expected_grade(SCHEMES[name], 100 * r, 100 * g, COVERS[c], s, d)) + 1
        for r, g, c, s, d in zip(*cells, strict=True)
    ]
    np.testing.assert_array_equal(found.ravel(), expected)
    assert len(set(expected)) >= 4


@settings(deadline=None)
@given(
    st.sampled_from(sorted(SCHEMES)), st.sampled_from(COVERS), st.floats(0.01, 0.98),
    st.floats(0, 60), st.floats(0, 90),
)  # fmt: skip
def test_more_rock_is_never_a_lower_grade_and_more_plants_never_a_higher(
    scheme, cover, fixed, slope, depth
):
    # Of schemes in which plants are a gate, potential is not between none and light.
    at = np.linspace(0.01, 0.98, 50)
    factors = {"cover": cover, "slope": slope, "soil_depth": depth}
    rank = [GRADES.index(g) for g in graded(at, np.full(50, fixed), scheme, **factors)]
    assert rank == sorted(rank)
    rank = [GRADES.index(g) for g in graded(np.full(50, fixed), at, scheme, **factors)]
    assert rank == sorted(rank, reverse=True)


def test_end_members_are_percentiles_of_the_whole_scene_not_of_its_parts():
    # NDVI 0 … 1 evenly over the scene, ascending, so that each part has ends of its own.
    green = np.linspace(0, 0.999, 20_000).reshape(100, 200)
    read = seen(0.8 * green, green)
    one = grader(at_hand=("rock", "vegetation"))
    parts = [{k: v[i : i + 10] for k, v in read.items()} for i in range(0, 100, 10)]
    members = end_members(sum(one.count(part) for part in parts))
    exact = [*np.percentile(green, [5, 95]), *np.percentile(0.8 * green, [5, 95])]
    found = [members.soil, members.plants, members.low, members.high]
    np.testing.assert_allclose(found, exact, atol=3e-4)
    assert end_members(one.count(parts[0])).plants < 0.1


def test_end_members_come_from_clear_karst_alone():
    read = seen(np.full((20, 20), 0.2), np.linspace(0.1, 0.9, 400).reshape(20, 20))
    read["quality"] = np.full((20, 20), 4, np.uint16)
    read["quality"][10:] = 9
    read["karst"] = np.ones((20, 20), np.uint8)
    read["karst"][:, 10:] = 0
    counts = grader().count(read)
    assert counts.sum() == 2 * 10 * 10
    read["karst"][:] = 0
    with pytest.raises(DataError, match="Only 0 cells"):
        end_members(grader().count(read))


def test_end_members_that_do_not_ascend_are_refused():
    with pytest.raises(DataError, match="do not ascend"):
        EndMembers(0.5, 0.5, 0.1, 0.2)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("breaks = [40, 50, 60, 70]", "breaks = [40, 50, 60]"),
        ("breaks = [40, 50, 60, 70]", "breaks = [50, 40, 60, 70]"),
        ("breaks = [40, 50, 60, 70]", "breaks = [40, 50, 60, 70.55]"),
        ('combine = "sum"', 'combine = "lowest"'),
        ("extreme = 100", "extreme = 90"),
        ("[factors.rock]", "[factors.slope]"),
        ("bare = 20 }", "}"),
    ],
)
def test_schemes_that_do_not_fit_are_refused(tmp_path, change, told):
    from yanshan_gis.catalogue import bundled_content

    folder = bundled_content() / "analyses" / "schemes"
    text = (folder / "national.toml").read_text(encoding="utf-8")
    assert change in text
    (tmp_path / "own.toml").write_text(text.replace(change, told), encoding="utf-8")
    with pytest.raises(ContentError, match=r"schemes/own.toml"):
        read_schemes(tmp_path)


def test_schemes_of_the_workspace_stand_before_the_bundled_ones(tmp_path):
    from yanshan_gis.catalogue import bundled_content

    folder = bundled_content() / "analyses" / "schemes"
    text = (folder / "rock-share.toml").read_text(encoding="utf-8")
    (tmp_path / "rock-share.toml").write_text(text.replace("[30,", "[35,"), encoding="utf-8")
    assert read_schemes(tmp_path)["rock-share"].factors["rock"].breaks == (35, 50, 70)
    assert set(read_schemes(tmp_path)) == {"national", "rock-share", "xiong"}
