"""Integer programs: answers, bounds and silence."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp

from yanshan_gis.optimisation.program import Program, solve


def knapsack(weights, values, room):
    """Take what is worth most and fits."""
    matrix = sp.csr_array(np.array(weights, float)[None, :])
    return Program(
        np.array(values, float), matrix, np.array([-np.inf]), np.array([float(room)]), maximise=True
    )


def test_a_knapsack_by_enumeration():
    weights, values, room = [4, 3, 5, 2], [7, 5, 9, 1], 9
    best = max(
        sum(v for v, take in zip(values, taken, strict=True) if take)
        for taken in itertools.product([0, 1], repeat=4)
        if sum(w for w, take in zip(weights, taken, strict=True) if take) <= room
    )
    answer = solve(knapsack(weights, values, room))
    assert (answer.status, answer.objective, answer.bound, answer.gap) == ("optimal", best, best, 0)
    assert answer.chosen(0, 4).tolist() == [0, 2]  # 4 + 5 kg, worth 16
    assert answer.chosen(1, 4).tolist() == [1]  # counted from the range's begin


def test_fractions_where_whole_numbers_are_not_asked_for():
    program = knapsack([4, 3, 5, 2], [7, 5, 9, 1], 9)
    relaxed = Program(
        program.cost, program.matrix, program.row_lower, program.row_upper,
        integer=np.zeros(4, bool), maximise=True,
    )  # fmt: skip
    answer = solve(relaxed)
    assert answer.objective == pytest.approx(9 + 7)
    assert answer.bound == answer.objective


def test_infeasible_is_no_answer():
    impossible = Program(
        np.ones(2), sp.csr_array(np.ones((1, 2))), np.array([3.0]), np.array([9.0])
    )
    answer = solve(impossible)
    assert answer.status == "infeasible"
    assert answer.values is None
    assert np.isnan(answer.objective)
    assert answer.chosen(0, 2).tolist() == []


def test_a_time_limit_keeps_the_start_and_says_how_good_it_is():
    rng = np.random.default_rng(2)
    matrix = sp.csr_array(rng.integers(5, 60, (30, 120)).astype(float))
    hard = Program(
        rng.integers(5, 60, 120).astype(float), matrix, np.full(30, -np.inf), np.full(30, 800.0),
        maximise=True,
    )  # fmt: skip
    answer = solve(hard, time_limit_s=0.5, start=np.zeros(120))
    assert answer.status == "time_limit"
    assert 0 <= answer.objective <= answer.bound
    assert (matrix @ answer.values <= 800 + 1e-6).all()


def test_a_listener_hears_objective_and_bound():
    rng = np.random.default_rng(2)
    matrix = sp.csr_array(rng.integers(5, 60, (10, 60)).astype(float))
    heard = []
    program = Program(
        rng.integers(5, 60, 60).astype(float), matrix, np.full(10, -np.inf), np.full(10, 500.0),
        maximise=True,
    )  # fmt: skip
    solve(program, time_limit_s=2, listener=lambda best, bound: heard.append((best, bound)))
    assert heard


def test_nothing_is_written_to_standard_output():
    code = (
        "import numpy as np, scipy.sparse as sp\n"
        "from yanshan_gis.optimisation.program import Program, solve\n"
        "solve(Program(np.ones(2), sp.csr_array(np.ones((1, 2))), np.ones(1), np.full(1, 9.0)),"
        " listener=lambda best, bound: None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_a_start_that_the_solver_mistakes_does_not_become_the_answer():
    # Set covers of points by discs: one in sixteen starts came back as "optimal" from HiGHS 1.16.
    for seed in range(60):
        rng = np.random.default_rng(seed)
        points, sites = rng.random((30, 1, 2)), rng.random((1, 25, 2))
        reach = np.hypot(*np.moveaxis(points - sites, 2, 0)) < 0.25
        reach = reach[reach.any(axis=1)]
        rows = len(reach)
        start, left = np.zeros(25), np.ones(rows, bool)
        while left.any():
            site = int(np.argmax(reach[left].sum(axis=0) + 1.5 * rng.random(25)))
            start[site] = 1
            left &= ~reach[:, site]
        cover = Program(
            np.ones(25), sp.csr_array(reach.astype(float)), np.ones(rows), np.full(rows, np.inf)
        )
        answer, alone = solve(cover, start=start), solve(cover)
        assert answer.objective == pytest.approx(alone.objective)
        assert answer.values.sum() == pytest.approx(alone.objective)
