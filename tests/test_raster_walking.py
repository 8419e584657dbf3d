"""Walking times: worked out by hand, against scipy and scikit-image, and properties."""

import numpy as np
import pytest
import scipy.sparse as sp
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from yanshan_gis.errors import CrsError, DataError, UsageError
from yanshan_gis.raster.grid import Grid
from yanshan_gis.raster.walking import walk
from yanshan_gis.raster.walking_surface import (
    LEVEL_KMH,
    WalkingSurface,
    speed_factors,
    tobler_kmh,
)

CRS = "EPSG:4544"
# Cells of 84 m: a level path at 5.04 km/h (84 m per minute) takes one minute a cell, nearly.
CELL = LEVEL_KMH / 0.06


def grid(rows, columns, cell=CELL):
    return Grid((rows, columns), Affine(cell, 0, 0, 0, -cell, rows * cell), CRS)


def centre(on, row, column):
    return on.x[column], on.y[row]


def drawn(*rows):
    """Read a map of cells: ``.`` open, ``#`` barrier, ``?`` without data."""
    return np.array([list(row) for row in rows])


def surface(cells, elevation=None, speed=1.0):
    on = grid(*cells.shape)
    speeds = np.where(cells == "?", np.nan, speed)
    return WalkingSurface.of(on, elevation=elevation, speed=speeds, barriers=cells == "#")


def minutes(of, start, **options):
    return walk(of, *centre(of.grid, *start), **options).minutes


def test_tobler_is_fastest_a_little_downhill():
    assert tobler_kmh(-0.05) == 6.0
    assert tobler_kmh(0.0) == pytest.approx(6 * np.exp(-0.175))
    # 10 % up: exp(-3.5 · 0.15) · 6; 20 % down is as fast as 10 % up.
    assert tobler_kmh([0.1, -0.2]) == pytest.approx(6 * np.exp([-0.525, -0.525]))


def test_on_the_level_a_cell_takes_a_minute():
    level = surface(drawn(*["......."] * 7))
    found = minutes(level, (3, 3))
    # Straight 1, diagonal √2, knight's move √5; two knight's moves and a straight one to the side.
    assert found[3, 4] == pytest.approx(1.0)
    assert found[2, 2] == pytest.approx(np.sqrt(2))
    assert found[1, 4] == pytest.approx(np.sqrt(5))
    assert found[0, 6] == pytest.approx(3 * np.sqrt(2))
    eight = minutes(level, (3, 3), neighbours=8)
    assert eight[1, 4] == pytest.approx(1 + np.sqrt(2))


@pytest.mark.parametrize(("neighbours", "worst", "mean"), [(8, 1.083, 1.055), (16, 1.028, 1.014)])
def test_distances_on_the_level_are_too_long_by_what_is_said(neighbours, worst, mean):
    level = surface(np.full((201, 201), "."))
    found = minutes(level, (100, 100), neighbours=neighbours)
    rows, columns = np.indices(found.shape) - 100
    straight = np.hypot(rows, columns)
    ratio = found[straight > 0] / straight[straight > 0]
    assert ratio.min() > 1 - 1e-12
    assert ratio.max() < worst
    assert ratio.mean() < mean


def test_half_the_speed_takes_twice_the_time_by_the_length_in_each_cell():
    level = surface(drawn("...."), speed=np.array([[1.0, 1.0, 0.5, 0.5]]))
    # Cell 1 to 2: half a cell at one minute, half a cell at two.
    assert minutes(level, (0, 0))[0] == pytest.approx([0, 1, 2.5, 4.5])


def test_up_is_not_down():
    # Ten per cent up to the east: 0.1 · CELL a cell.
    slope = surface(drawn("..."), elevation=0.1 * CELL * np.arange(3.0)[None, :])
    level = 60 * CELL / 1000 / 2
    up, down = 2 * level * 2 / tobler_kmh(0.1), 2 * level * 2 / tobler_kmh(-0.1)
    assert up > down
    # From the western end people walk up; to it they come down.
    assert minutes(slope, (0, 0), direction="from")[0, 2] == pytest.approx(float(up))
    assert minutes(slope, (0, 0), direction="to")[0, 2] == pytest.approx(float(down))
    assert minutes(slope, (0, 2), direction="to")[0, 0] == pytest.approx(float(up))


RIVER = drawn(
    "...#...",
    "...#...",
    "..##...",
    "..#....",
    "..#....",
    "###....",
    ".......",
)  # fmt: skip


@pytest.mark.parametrize("neighbours", [8, 16])
def test_a_river_is_not_jumped(neighbours):
    found = minutes(surface(RIVER), (0, 0), neighbours=neighbours)
    west = np.isfinite(found)
    assert west[:5, :2].all()
    assert not west[:, 4:].any()
    assert not west[RIVER == "#"].any()


@pytest.mark.parametrize("neighbours", [8, 16])
def test_nobody_slips_between_cells_that_touch_at_a_corner(neighbours):
    staircase = np.where(np.eye(9, dtype=bool), "#", ".")
    found = minutes(surface(staircase), (0, 8), neighbours=neighbours)
    assert np.isfinite(found[np.triu_indices(9, 1)]).all()
    assert np.isnan(found[np.tril_indices(9)]).all()


def test_what_is_not_known_is_not_entered():
    cells = drawn("..?..", "..?..", "....."), drawn("..?..", "..?..", "..?..")
    around, shut = (minutes(surface(c), (0, 0)) for c in cells)
    # Round the gap: (0,0) → (1,1) → (2,2) → (1,3) → (0,4), never through it.
    assert around[0, 4] == pytest.approx(4 * np.sqrt(2))
    assert np.isnan(shut[:, 2:]).all()
    height = np.zeros((3, 5))
    height[:, 2] = np.nan
    assert np.isnan(minutes(surface(cells[0], height), (0, 0))[:, 2:]).all()


def test_a_bridge_is_the_one_way_across():
    cells = RIVER.copy()
    cells[4, 2] = "."
    found = minutes(surface(cells), (4, 0))
    assert found[4, 4] == pytest.approx(4.0)


def test_starts_have_a_time_behind_them_and_the_first_of_equals_counts():
    level = surface(drawn("....."))
    x, y = centre(level.grid, [0, 0], [0, 4])
    both = walk(level, x, y)
    assert both.minutes[0] == pytest.approx([0, 1, 2, 1, 0])
    assert both.source[0].tolist() == [0, 0, 0, 1, 1]
    late = walk(level, x, y, minutes=[1.5, 0.0], source=[7, 3])
    assert late.minutes[0] == pytest.approx([1.5, 2.5, 2, 1, 0])
    assert late.source[0].tolist() == [7, 7, 3, 3, 3]


def test_starts_that_count_for_nothing_are_named():
    level = surface(drawn("..#"))
    x, y = centre(level.grid, [0, 0, 0], [0, 2, 1])
    x[2] = -1e6
    found = walk(level, [*x, x[0]], [*y, y[0]], minutes=[0, 0, 0, np.nan])
    assert found.shut_out.tolist() == [1, 2, 3]
    assert found.minutes[0, :2] == pytest.approx([0, 1])


def test_a_cutoff_is_inclusive():
    found = minutes(surface(drawn(".....")), (0, 0), cutoff_min=2.0 + 1e-9)
    assert np.isfinite(found[0]).tolist() == [True, True, True, False, False]


def test_points_take_the_time_of_their_cell():
    level = surface(drawn("..#"))
    found = walk(level, *centre(level.grid, 0, 0))
    time, source = found.at([1.6 * CELL, 2.5 * CELL, 9 * CELL], [0.2 * CELL] * 3)
    assert time[0] == pytest.approx(1.0)
    assert np.isnan(time[1:]).all()
    assert source.tolist() == [0, -1, -1]


_STRAIGHT = [(0, 1), (1, 0), (0, -1), (-1, 0)]
_ALL = {
    8: [*_STRAIGHT, *[(a, b) for a in (1, -1) for b in (1, -1)]],
    16: [*_STRAIGHT, *[(a, b) for a in (1, -1) for b in (1, -1)],
         *[(a, b) for a in (1, -1, 2, -2) for b in (1, -1, 2, -2) if abs(a) != abs(b)]],
}  # fmt: skip


def by_scipy(of, start, neighbours, direction):
    """Build the graph of all moves, one by one, and search it with scipy."""
    rows, columns = of.grid.shape
    cell = of.grid.cell[0]
    heads, tails, costs = [], [], []
    for r in range(rows):
        for c in range(columns):
            for down, right in _ALL[neighbours]:
                to = (r + down, c + right)
                if not (0 <= to[0] < rows and 0 <= to[1] < columns):
                    continue
                cost = _one_move(of, (r, c), to, cell)
                if np.isfinite(cost):
                    tails.append(r * columns + c)
                    heads.append(to[0] * columns + to[1])
                    costs.append(cost)
    size = rows * columns
    graph = sp.csr_array((costs, (tails, heads)), shape=(size, size))
    graph = graph.T.tocsr() if direction == "to" else graph
    found = dijkstra(graph, indices=start[0] * columns + start[1])
    shut = ~np.isfinite(of.pace).ravel()
    found[shut] = np.inf
    return np.where(np.isinf(found), np.nan, found).reshape(rows, columns)


def _one_move(of, here, there, cell):
    down, right = there[0] - here[0], there[1] - here[1]
    length = cell * np.hypot(down, right)
    pace, height = of.pace, of.height
    if max(abs(down), abs(right)) == 2:
        if abs(right) == 2:
            way = [here, (here[0], here[1] + right // 2), (there[0], here[1] + right // 2), there]
        else:
            way = [here, (here[0] + down // 2, here[1]), (here[0] + down // 2, there[1]), there]
        middle = 0.5 * (height[way[1]] + height[way[2]])
        parts = [(way[:2], height[here], middle), (way[2:], middle, height[there])]
        return sum(
            0.5 * length * np.mean([pace[c] for c in cells]) * _slower(high - low, 0.5 * length)
            for cells, low, high in parts
        )
    if down and right and np.isinf(pace[there[0], here[1]]) and np.isinf(pace[here[0], there[1]]):
        return np.inf
    level = length * 0.5 * (pace[here] + pace[there])
    return level * _slower(height[there] - height[here], length)


def _slower(rise, run):
    return tobler_kmh(0.0) / tobler_kmh(rise / run)


@pytest.mark.oracle
@pytest.mark.parametrize("neighbours", [8, 16])
@pytest.mark.parametrize("direction", ["to", "from"])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_times_are_those_scipy_finds(neighbours, direction, seed):
    random = np.random.default_rng(seed)
    shape = (int(random.integers(1, 9)), int(random.integers(1, 9)))
    on = grid(*shape)
    of = WalkingSurface.of(
        on,
        elevation=random.normal(0, 40, shape),
        speed=random.choice([0.3, 0.6, 1.0], shape),
        barriers=random.random(shape) < 0.25,
    )
    start = int(random.integers(shape[0])), int(random.integers(shape[1]))
    found = minutes(of, start, neighbours=neighbours, direction=direction)
    expected = by_scipy(of, start, neighbours, direction)
    if np.isinf(of.pace[start]):
        assert np.isnan(found).all()
        return
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.oracle
def test_isotropic_times_are_those_of_scikit_image():
    graph = pytest.importorskip("skimage.graph", reason="scikit-image is not installed")
    random = np.random.default_rng(3)
    shape = (160, 120)
    of = WalkingSurface.of(grid(*shape), speed=random.choice([0.3, 0.6, 1.0], shape))
    starts = random.integers(0, 120, (5, 2))
    found = walk(of, *centre(of.grid, *starts.T), neighbours=8)
    costs, _ = graph.MCP_Geometric(of.pace * CELL).find_costs(starts.tolist())
    np.testing.assert_allclose(found.minutes, costs, rtol=1e-4)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_more_starts_never_take_longer_and_the_queue_changes_nothing(seed):
    from yanshan_gis.raster import walking

    random = np.random.default_rng(seed)
    shape = (20, 25)
    of = WalkingSurface.of(
        grid(*shape), elevation=random.normal(0, 30, shape), barriers=random.random(shape) < 0.2
    )
    rows, columns = random.integers(0, 20, 4), random.integers(0, 25, 4)
    x, y = centre(of.grid, rows, columns)
    few, many = walk(of, x[:2], y[:2]), walk(of, x, y)
    reached = np.isfinite(few.minutes)
    assert (many.minutes[reached] <= few.minutes[reached]).all()
    before = walking._LISTS, walking._WIDTH
    try:
        walking._LISTS, walking._WIDTH = 3, 0.01
        other = walk(of, x, y)
    finally:
        walking._LISTS, walking._WIDTH = before
    np.testing.assert_array_equal(many.minutes, other.minutes)
    np.testing.assert_array_equal(many.source, other.source)


def test_land_cover_becomes_shares_of_speed_and_nothing_is_guessed():
    classes = np.array([[10, 20], [255, 10]])
    found = speed_factors(classes, {10: 1.0, 20: 0.5}, nodata=255)
    np.testing.assert_array_equal(found, [[1.0, 0.5], [np.nan, 1.0]])
    with pytest.raises(DataError, match="60, 255"):
        speed_factors(np.array([[10, 60, 255]]), {10: 1.0})


def test_wrong_input_is_refused():
    on = grid(2, 3)
    with pytest.raises(CrsError):
        WalkingSurface.of(Grid((2, 3), on.transform, "EPSG:4490"))
    with pytest.raises(DataError, match="square"):
        WalkingSurface.of(Grid((2, 3), Affine(1, 0, 0, 0, -2, 4), CRS))
    with pytest.raises(DataError, match="elevation"):
        WalkingSurface.of(on, elevation=np.zeros((3, 3)))
    with pytest.raises(DataError, match="below 0"):
        WalkingSurface.of(on, speed=-1.0)
    with pytest.raises(DataError, match="more than 0"):
        WalkingSurface.of(on, level_kmh=0.0)
    of = WalkingSurface.of(on)
    with pytest.raises(UsageError, match="8 or 16"):
        walk(of, 1.0, 1.0, neighbours=4)
    with pytest.raises(UsageError, match="sideways"):
        walk(of, 1.0, 1.0, direction="sideways")
    with pytest.raises(DataError, match="0 or more"):
        walk(of, 1.0, 1.0, minutes=[-1.0])
