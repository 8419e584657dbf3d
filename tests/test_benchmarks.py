"""The harness that measures searches: what it measures on, what it finds wrong, what it prints."""

from __future__ import annotations

import os
import time

import geopandas as gpd
import numpy as np
import pytest
import shapely

from benchmarks import network, timing
from benchmarks.network_checks import Checks
from benchmarks.network_ours import Ours
from benchmarks.network_page import growth, table
from benchmarks.network_peers import Networkx, Scipy, Shapely
from benchmarks.timing import CapError, Contender, ContenderError, take_turns
from benchmarks.workloads import Workload
from yanshan_gis.network.graph import RoadNetwork

NAN = np.nan


def network_of(rows):
    """Edges as (u, v, minutes there, minutes back, line); node places from the lines."""
    edges = gpd.GeoDataFrame(
        {
            "u": [row[0] for row in rows],
            "v": [row[1] for row in rows],
            "minutes": [row[2] for row in rows],
            "minutes_back": [row[3] for row in rows],
            "road_id": [f"R{i}" for i in range(len(rows))],
        },
        geometry=[shapely.LineString(row[4]) for row in rows],
        crs="EPSG:4544",
    )
    return RoadNetwork.from_edges(edges.assign(length_m=edges.length))


def grid(side=6):
    """Blocks of 100 m with a bend in every street, three one-ways, a parallel way, a dead end."""
    rng = np.random.default_rng(7)
    rows = []
    for a in range(side):
        for b in range(side):
            for c, d in ((a + 1, b), (a, b + 1)):
                if c < side and d < side:
                    there, back = rng.integers(1, 5, 2).astype(float)
                    middle = ((a + c) * 50 + 7, (b + d) * 50 + 3)
                    line = [(a * 100, b * 100), middle, (c * 100, d * 100)]
                    rows.append([a * side + b, c * side + d, there, back, line])
    for row in rows[:3]:
        row[3] = NAN
    rows.append([*rows[5][:2], 9.0, 9.0, [rows[5][4][0], rows[5][4][-1]]])
    rows.append([0, side * side, 2.0, 2.0, [(0, 0), (-40, -30), (-80, -60)]])
    return network_of(rows)


@pytest.fixture(scope="module")
def workload(tmp_path_factory):
    path = tmp_path_factory.mktemp("benchmark") / "tiny.npz"
    Workload.of_network(grid()).write(path)
    return path


def test_every_vertex_becomes_a_node():
    #  0 --(30 m)-- 2 --(10 m)-- 1     4 min there, one-way;   1 --(20 m)-- 3'    3 min, 5 min back
    # The road network has nodes 0, 1, 2; the inner vertex of the first line becomes node 3.
    work = Workload.of_network(
        network_of(
            [
                (0, 1, 4.0, NAN, [(0, 0), (30, 0), (40, 0)]),
                (1, 2, 3.0, 5.0, [(40, 0), (40, 20)]),
            ]
        )
    )
    assert work.n == 4
    assert work.u.tolist() == [0, 3, 1]
    assert work.v.tolist() == [3, 1, 2]
    assert work.from_u.tolist() == [3.0, 1.0, 3.0]
    assert np.isnan(work.from_v[:2]).all()
    assert work.from_v[2] == 5.0
    assert (work.x[3], work.y[3]) == (30.0, 0.0)
    assert work.n_links == 4
    assert work.share_of_degree_2 == 0.5  # nodes 1 and 3
    # Searches run the other way, toward a place: 5 min from 1 to 2 are those from 2 to 1.
    tail, head, minutes = work.directed()
    assert tail.tolist() == [1, 3, 1, 2]
    assert head.tolist() == [2, 0, 3, 1]
    assert minutes.tolist() == [5.0, 3.0, 1.0, 3.0]


def test_the_grid_has_what_makes_searches_go_wrong(workload):
    work = Workload.read(workload)
    pairs = np.sort(np.stack([work.u, work.v], axis=1), axis=1)
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    ends = np.sort(np.stack([work.edge_u, work.edge_v], axis=1), axis=1)
    assert len(np.unique(ends, axis=0)) == len(ends) - 1  # the parallel way
    assert np.isnan(work.from_v).sum() == 6
    assert np.isfinite(work.from_u).all()


def test_shuffling_changes_numbers_only(workload):
    work = Workload.read(workload)
    other = work.shuffled()
    assert (other.u != work.u).any()
    rows = []
    for one in (work, other):  # a piece is still as long, and its minutes the same
        length = np.hypot(one.x[one.u] - one.x[one.v], one.y[one.u] - one.y[one.v])
        rows.append(sorted(zip(length.tolist(), one.from_u.tolist(), strict=True)))
    assert rows[0] == rows[1]
    assert [line.wkt for line in other.lines()] == [line.wkt for line in work.lines()]


# --- what is right, and what is found wrong ----------------------------------------------------

ORACLES = {
    "build": Ours,
    "nearest": Scipy,
    "k-nearest": Scipy,
    "service-areas": Scipy,
    "table-107": Scipy,
    "bridges": Networkx,
    "attach": Shapely,
}


def spoilt(task, answer):
    """The answer with one thing wrong in it."""
    if task == "bridges":
        return answer[:-1]
    if task == "service-areas":
        count, node, minutes = (part.copy() for part in answer)
        node[0] = len(node) + 1
        return count, node, minutes
    if task == "table-107":
        off = answer.copy()
        off[0, 1] += 1e-6
        return off
    parts = [part.copy() for part in answer]
    parts[1 if task in ("nearest", "k-nearest", "attach") else 2].flat[3] += 1
    return tuple(parts)


@pytest.mark.parametrize("task", ORACLES)
def test_a_wrong_answer_is_not_exact(workload, task):
    checks = Checks(workload)
    right = ORACLES[task](workload).answer_of(task)
    assert checks.compare(task, right)["exact"]
    assert not checks.compare(task, spoilt(task, right))["exact"]


@pytest.mark.parametrize("task", ["nearest", "k-nearest"])
def test_minutes_that_are_off_are_not_exact(workload, task):
    minutes, label = Scipy(workload).answer_of(task)
    off = minutes.copy()
    off.flat[4] += 1e-6
    said = Checks(workload).compare(task, (off, label))
    assert said["error"] == pytest.approx(1e-6, rel=1e-3)
    assert not said["exact"]
    off.flat[4] = np.inf
    assert Checks(workload).compare(task, (off, label))["different"] == 1


@pytest.mark.parametrize("task", Ours.tasks)
def test_ours_is_exact(workload, task):
    assert Checks(workload).compare(task, Ours(workload).answer_of(task))["exact"]


@pytest.mark.parametrize("peer", [Scipy, Networkx])
def test_peers_answer_the_same(workload, peer):
    checks, one = Checks(workload), peer(workload)
    for task in set(one.tasks) - {"build"}:
        assert checks.compare(task, one.answer_of(task))["exact"], task


# --- timing ------------------------------------------------------------------------------------


class Sleeper:
    """Takes the seconds it is asked for."""

    def __init__(self, path):
        self.answered = None

    def ready(self, task):
        pass

    def runner(self, task):
        return lambda: os._exit(3) if task == "crash" else time.sleep(float(task))


class Elsewhere(Sleeper):
    """Needs what nobody has installed."""

    def __init__(self, path):
        import a_library_that_nobody_has_installed  # noqa: F401


class Wrong(Ours):
    """Ours with the facility of one node wrong."""

    def nearest(self):
        minutes, label = super().nearest()
        label[5] += 1
        return minutes, label


@pytest.fixture
def sleeper(workload):
    one = Contender("test_benchmarks:Sleeper", workload)
    yield one
    one.close()


def test_who_is_not_done_in_time_is_ended_and_bounds_from_below(sleeper, monkeypatch):
    monkeypatch.setattr(timing, "CAP_S", 0.5)
    assert 0.01 < sleeper.time("0.01") < 0.4
    with pytest.raises(CapError):
        sleeper.time("30", 0.2)
    timed = take_turns({"sleeper": sleeper}, "30")["sleeper"]
    assert (timed.lower_bound, timed.median) == (True, 0.5)


def test_a_slow_one_is_timed_once_and_a_quick_one_often(sleeper, monkeypatch):
    monkeypatch.setattr(timing, "_BUDGET_S", 0.0)
    assert len(take_turns({"sleeper": sleeper}, "0.001")["sleeper"].seconds) == 5
    monkeypatch.setitem(timing._SLOW_S, False, 0.01)
    assert len(take_turns({"sleeper": sleeper}, "0.05")["sleeper"].seconds) == 1


def test_who_crashes_or_is_missing_says_so(sleeper, workload):
    assert "ended (3)" in take_turns({"sleeper": sleeper}, "crash")["sleeper"].why
    missing = Contender("test_benchmarks:Elsewhere", workload)
    with pytest.raises(ContenderError, match="a_library_that_nobody_has_installed"):
        missing.time("0")
    missing.close()


# --- the whole ---------------------------------------------------------------------------------


def measured(workload, monkeypatch, peers, ours=network.OURS):
    monkeypatch.setattr(timing, "_BUDGET_S", 0.0)
    return network.measure_workload("tiny", workload, ["nearest"], peers, ours=ours)


@pytest.mark.slow
def test_rows_have_the_promised_shape(workload, monkeypatch, capsys):
    nearest, limit = measured(workload, monkeypatch, ["scipy", "networkx"])
    assert nearest["task"] == "nearest"
    assert nearest["size"] == "tiny"
    assert nearest["exact"] is True
    assert nearest["ours_s"] > 0
    assert nearest["runs"] == 5
    assert nearest["peers"].keys() == {"scipy", "networkx", "limit"}
    for peer in nearest["peers"].values():
        assert peer["ratio"] == pytest.approx(peer["s"] / nearest["ours_s"])
    assert limit["task"] == "limit"
    assert limit["passes"] == pytest.approx(1 / nearest["peers"]["limit"]["ratio"])
    found = {"workloads": {}, "rows": [nearest, limit]}
    found["workloads"]["tiny"] = {"nodes": 97, "links": 200, "degree_2": 0.7, "edges": 62}
    assert "| nearest of 200 facilities |" in table(found)
    assert "| yes |" in table(found)
    assert "nearest: " in capsys.readouterr().err


@pytest.mark.slow
def test_a_wrong_engine_is_reported(workload, monkeypatch):
    nearest, _ = measured(workload, monkeypatch, [], "test_benchmarks:Wrong")
    assert nearest["exact"] is False
    assert nearest["different"] == 1
    work = {"nodes": 97, "links": 200, "degree_2": 0.7, "edges": 62}
    page = table({"workloads": {"tiny": work}, "rows": [nearest]})
    assert "**no**" in page
    assert "**ours**" in page


def row(size, seconds, **more):
    fields = {"task": "nearest", "size": size, "ours_s": seconds, "ours_mb": 1.0, "exact": True}
    return {**fields, "peers": {}, **more}


def test_targets_are_met_missed_or_not_asked_for():
    peers = {
        "scipy": {"s": 0.25, "ratio": 2.5},
        "networkx": {"s": 60, "ratio": 600, "lower_bound": True},
    }
    works = {
        size: {"nodes": nodes, "links": 2 * nodes, "degree_2": 0.9, "edges": 1}
        for size, nodes in (("10k", 10_000), ("200k", 200_000))
    }
    rows = [row("10k", 0.1, peers=peers), row("200k", 0.3, peers=peers, bytes_per_link=250.0)]
    page = table({"workloads": works, "rows": rows})
    assert page.count("2.5 (**target ≥ 3 missed**)") == 1  # not asked for at 10k
    assert "≥ 600 (target ≥ 60 met)" in page
    assert "**target ≤ 200 missed**" in page
    # 20 times as many nodes take 3 times as long.
    assert "| nodes | × 20.0 |" in growth({"workloads": works, "rows": rows})
    assert "| nearest of 200 facilities | × 3.0 |" in growth({"workloads": works, "rows": rows})
