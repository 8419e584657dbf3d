"""Siting on invented counties: ours beside spopt, and HiGHS on the whole model at once.

A county has villages around its townships and candidate sites in some of them; minutes are 1.3
times the straight line at 40 km/h. Villages spread evenly make covers much harder: tasks ``-even``,
and every other instance of ``p-median``. Everybody gets the same table of minutes and is
timed from there to the chosen sites, building the model included; nobody else looks for least
minutes among equals, so ours does not either. Instances take turns; medians are over instances. A
peer's ratio is the median of the ratios. HiGHS, alone or inside spopt, is given 60 s per instance:
where it takes them all, its time is a lower bound.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.machine import machine, peak_mb
from yanshan_gis.optimisation.coverage import maximal_cover, set_cover
from yanshan_gis.optimisation.medians import p_median
from yanshan_gis.optimisation.program import Program, solve
from yanshan_gis.optimisation.siting import Siting

TASKS = ("lscp", "lscp-even", "mclp", "mclp-even", "mclp-10000", "p-median")
INSTANCES = 20
CAP_S = 60.0
LIMIT_MIN = 10.0
# Sites of the MCLP: at 1,000 and at 10,000 villages. Of p-median: these take turns.
SITES, MANY_SITES, MEDIANS = 10, 60, (5, 10, 20, 40)
SIZES = {"mclp-10000": "10,000 × 2,000"}
TARGETS = {
    ("lscp", "spopt"): "≥ 40×",
    ("mclp", "spopt"): "≥ 15×",
    ("mclp-10000", "ours"): "≤ 10 s, proven",
    ("p-median", "highs"): "≥ 50×, gap ≤ 1e-5",
}
PAGE = Path(__file__).resolve().parent.parent / "docs" / "site-choice.md"


@dataclass(frozen=True)
class Instance:
    """A county's table of minutes, and what is asked."""

    minutes: NDArray[np.float64]
    weights: NDArray[np.float64]
    limit_min: float
    count: int

    @classmethod
    def made(cls, seed: int, task: str) -> Instance:
        villages, sites = (10_000, 2_000) if task == "mclp-10000" else (1_000, 300)
        random = np.random.default_rng(seed)
        side_km = 60 * np.sqrt(villages / 1_000)
        points = random.random((villages, 2)) * side_km
        even = task.endswith("-even") or (task == "p-median" and seed % 2 == 0)
        if not even:
            seats = random.random((villages // 40, 2)) * side_km
            points = seats[random.integers(0, len(seats), villages)]
            points = points + random.normal(0, 4, (villages, 2))
        candidates = points[random.choice(villages, sites, replace=False)]
        km = np.hypot(*np.moveaxis(points[:, None] - candidates[None], 2, 0))
        minutes = km * 1.3 / 40 * 60
        weights = random.integers(10, 400, villages).astype(float)
        if task.startswith("lscp"):  # all can be reached, or there would be nothing to solve
            near = minutes.min(axis=1) <= LIMIT_MIN
            minutes, weights = minutes[near], weights[near]
        count = {"mclp-10000": MANY_SITES, "p-median": MEDIANS[seed // 2 % len(MEDIANS)]}
        return cls(minutes, weights, LIMIT_MIN, count.get(task, SITES))


@dataclass(frozen=True)
class Found:
    objective: float
    proven: bool
    gap: float = 0.0


def absent() -> str:
    return "Nothing was asked for."


def measure(tasks: Sequence[str] = TASKS, instances: int = INSTANCES) -> dict[str, Any] | None:
    rows = [measure_task(task, instances) for task in tasks]
    return {"name": "siting", "machine": machine(), "rows": rows} if rows else None


def measure_task(task: str, instances: int) -> dict[str, Any]:
    """Measure one task on so many instances."""
    peers = {name: run for name, run in PEERS[task].items() if _there(name)}
    for warming in ("p-median", task):  # all compiled code is loaded
        OURS[warming](Instance.made(instances, warming))
    seconds: dict[str, list[float]] = {name: [] for name in ("ours", *peers)}
    capped: dict[str, int] = dict.fromkeys(peers, 0)
    found, exact, proven = [], True, True
    for seed in range(instances):
        one = Instance.made(seed, task)
        ours = _timed(OURS[task], one, seconds["ours"])
        found.append(ours)
        proven &= ours.proven
        for name, run in peers.items():
            theirs = _timed(run, one, seconds[name])
            capped[name] += not theirs.proven
            exact &= _agree(ours, theirs, least=not task.startswith("mclp"))
        _say(f"  {task} {seed}: " + ", ".join(f"{k} {v[-1]:.3f} s" for k, v in seconds.items()))
    row = {
        "task": task,
        "size": SIZES.get(task, "1,000 × 300"),
        "instances": instances,
        "ours_s": statistics.median(seconds["ours"]),
        "ours_max_s": max(seconds["ours"]),
        "ours_mb": peak_mb(),
        "proven": proven,
        "gap": max(one.gap for one in found),
        "exact": exact,
    }
    return row | {"peers": {name: _peer(seconds, name, capped[name]) for name in peers}}


def _peer(seconds: Mapping[str, list[float]], name: str, capped: int) -> dict[str, Any]:
    ratios = [theirs / ours for theirs, ours in zip(seconds[name], seconds["ours"], strict=True)]
    said = {
        "s": statistics.median(seconds[name]),
        "ratio": statistics.median(ratios),
        "least_ratio": min(ratios),
    }
    return said | ({"lower_bound": True, "timeouts": capped} if capped else {})


def _timed(run: Callable[[Instance], Found], one: Instance, seconds: list[float]) -> Found:
    began = time.perf_counter()
    found = run(one)
    seconds.append(time.perf_counter() - began)
    return found


def _agree(ours: Found, theirs: Found, *, least: bool) -> bool:
    """Tell whether both found the same optimum; one out of time may not be better than ours."""
    slack = max(ours.gap, 1e-6) * abs(ours.objective)
    if theirs.proven:
        return abs(ours.objective - theirs.objective) <= slack
    worse = theirs.objective - ours.objective if least else ours.objective - theirs.objective
    return np.isnan(worse) or worse >= -slack


def _ours_lscp(one: Instance) -> Found:
    siting = Siting.of(one.minutes, limit_min=one.limit_min)
    found = set_cover(siting, least_minutes=False, time_limit_s=CAP_S)
    return Found(found.objective, found.status == "optimal", found.gap)


def _ours_mclp(one: Instance) -> Found:
    siting = Siting.of(one.minutes, one.weights, limit_min=one.limit_min)
    found = maximal_cover(siting, one.count, least_minutes=False, time_limit_s=CAP_S)
    return Found(found.objective, found.status == "optimal", found.gap)


def _ours_median(one: Instance) -> Found:
    found = p_median(Siting.of(one.minutes, one.weights), one.count, time_limit_s=CAP_S)
    return Found(found.objective, found.status == "optimal", found.gap)


def _silently(run: Callable[[Any], Any]) -> Any:
    """Solve with HiGHS, whose first words would land in what --json prints."""
    import pulp

    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        return run(pulp.HiGHS(msg=False, timeLimit=CAP_S, threads=1))
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _spopt_lscp(one: Instance) -> Found:
    from spopt.locate import LSCP

    model = LSCP.from_cost_matrix(one.minutes, one.limit_min)
    model = _silently(model.solve)
    return Found(model.problem.objective.value(), model.problem.sol_status == 1)


def _spopt_mclp(one: Instance) -> Found:
    from spopt.locate import MCLP

    model = MCLP.from_cost_matrix(one.minutes, one.weights, one.limit_min, one.count)
    model = _silently(model.solve)
    return Found(model.problem.objective.value(), model.problem.sol_status == 1)


def _highs_lscp(one: Instance) -> Found:
    reach = sp.csr_array((one.minutes <= one.limit_min).astype(float))
    rows, sites = reach.shape
    program = Program(np.ones(sites), reach, np.ones(rows), np.full(rows, np.inf))
    return _solved(program)


def _highs_mclp(one: Instance) -> Found:
    reach = sp.csr_array((one.minutes <= one.limit_min).astype(float))
    rows, sites = reach.shape
    few = sp.csr_array(np.r_[-np.ones(sites), np.zeros(rows)][None, :])
    matrix = sp.vstack([sp.hstack([reach, -sp.eye_array(rows)]), few], format="csr")
    lower = np.r_[np.zeros(rows), -float(one.count)]
    cost = np.r_[np.zeros(sites), one.weights]
    return _solved(Program(cost, matrix, lower, np.full(rows + 1, np.inf), maximise=True))


def _highs_median(one: Instance) -> Found:
    """Σ_j y_ij = 1, y_ij ≤ x_j, Σ_j x_j = p."""
    rows, sites = one.minutes.shape
    pairs = rows * sites
    once = sp.kron(sp.eye_array(rows), np.ones((1, sites)))
    opened = sp.hstack([sp.kron(np.ones((rows, 1)), -sp.eye_array(sites)), sp.eye_array(pairs)])
    matrix = sp.vstack(
        [
            sp.hstack([sp.csr_array((rows, sites)), once]),
            opened,
            sp.csr_array(np.r_[np.ones(sites), np.zeros(pairs)][None, :]),
        ],
        format="csr",
    )
    exact = np.r_[np.ones(rows), np.zeros(pairs), one.count]
    lower = np.r_[np.ones(rows), np.full(pairs, -np.inf), one.count]
    cost = np.r_[np.zeros(sites), (one.minutes * one.weights[:, None]).ravel()]
    whole = np.r_[np.ones(sites, bool), np.zeros(pairs, bool)]
    return _solved(Program(cost, matrix, lower, exact, integer=whole))


def _solved(program: Program) -> Found:
    answer = solve(program, time_limit_s=CAP_S)
    return Found(answer.objective, answer.status == "optimal", answer.gap)


OURS = {
    "lscp": _ours_lscp,
    "lscp-even": _ours_lscp,
    "mclp": _ours_mclp,
    "mclp-even": _ours_mclp,
    "mclp-10000": _ours_mclp,
    "p-median": _ours_median,
}
_COVERS: dict[str, Callable[[Instance], Found]] = {"spopt": _spopt_lscp, "highs": _highs_lscp}
_MOST: dict[str, Callable[[Instance], Found]] = {"spopt": _spopt_mclp, "highs": _highs_mclp}
PEERS: dict[str, dict[str, Callable[[Instance], Found]]] = {
    "lscp": _COVERS,
    "lscp-even": _COVERS,
    "mclp": _MOST,
    "mclp-even": _MOST,
    "mclp-10000": {"highs": _highs_mclp},
    "p-median": {"highs": _highs_median},
}


def _there(peer: str) -> bool:
    try:
        if peer == "spopt":
            import spopt.locate  # noqa: F401
    except ImportError:
        _say(f"{peer}: not installed, left out (pip install -r benchmarks/requirements.txt)")
        return False
    return True


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def table(found: Mapping[str, Any]) -> str:
    """Draw the figures as Markdown."""
    heads = ["task", "size", "instances", "ours, s", "slowest, s", "worst gap", "same optimum"]
    heads += ["spopt", "highs", "to reach"]
    lines = [heads, ["---"] * len(heads)]
    for row in found["rows"]:
        cells = [row["task"], row["size"], str(row["instances"])]
        cells += [f"{row['ours_s']:.3f}", f"{row['ours_max_s']:.3f}", f"{row['gap']:.1e}"]
        cells.append("yes" if row["exact"] else "NO")
        cells += [_cell(row["peers"].get(name)) for name in ("spopt", "highs")]
        wanted = [
            f"{peer}: {text}" for (task, peer), text in TARGETS.items() if task == row["task"]
        ]
        lines.append([*cells, "; ".join(wanted)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(peer: Mapping[str, Any] | None) -> str:
    if peer is None:
        return "—"
    least = "≥ " if peer.get("lower_bound") else ""
    late = f", {peer['timeouts']} timeouts" if peer.get("timeouts") else ""
    return (
        f"{peer['s']:.2f} s, {least}{peer['ratio']:.0f}× (least {peer['least_ratio']:.0f}×{late})"
    )


def write_docs(found: Mapping[str, Any]) -> Path:
    """Write ``docs/site-choice.md``."""
    rule = " ".join((__doc__ or "").split("\n\n", 1)[1].split("\n"))
    PAGE.write_text(
        "<!-- Written by python -m benchmarks siting --write-docs; do not edit. -->\n\n"
        f"# Siting, measured\n\n{rule.strip()}\n\n{table(found)}\n\nOn {found['machine']}.\n",
        encoding="utf-8",
    )
    return PAGE
