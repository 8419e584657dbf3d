"""Roads to harden first on the bundled county: exact choice, greedy, and the plain flow model.

Villages that are not exempt count for the hardened road they touch, or else for the nearest soft
access road within the touch limit; in-village roads are another purse's. What is gained is a
village, or its people. *Ours* is the exact choice with every cut it needs and of equally good
choices the shortest; *greedy* takes whole ways by weight per kilometre; *highs* is the flow model
without cuts (Σ_in y = z, Σ_in f − Σ_out f = z, y ≤ f ≤ K·y, y ≤ z_tail, Σ km·y ≤ B) on the same
contracted graph. A choice is exact when its gain is the flow model's, as far as both are proven,
and when the chosen roads, hardened on the map, connect as many villages by the indicator's own
count (`recount`; a village that comes to touch another hardened road too may add to it).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from benchmarks.machine import machine, peak_mb
from yanshan_gis.catalogue import read_analyses
from yanshan_gis.demo import build_demo
from yanshan_gis.methods.road_network import build
from yanshan_gis.methods.soft_roads import SoftRoads
from yanshan_gis.optimisation.budget import Budget
from yanshan_gis.optimisation.path_greedy import connect_by_paths
from yanshan_gis.optimisation.program import Program, solve
from yanshan_gis.optimisation.soft_graph import SoftGraph
from yanshan_gis.optimisation.upgrading import upgrade
from yanshan_gis.recipes import bind_parameters, find_method

PAGE = Path(__file__).resolve().parent.parent / "docs" / "road-choice.md"
BUDGETS = {"upgrade-200": 200.0, "upgrade-500": 500.0, "upgrade-1017": 1017.84}
TASKS = tuple(BUDGETS)
CAP_S, GAP, TOUCH_M = 60.0, 1e-4, 200.0
_ROUNDS = 3


@cache
def town() -> SoftRoads:
    """Prepare the bundled county as the recipe does, without exempt villages."""
    demo = build_demo()
    recipe = read_analyses()["road-network"]
    parameters = bind_parameters(recipe, find_method(recipe))
    found = build(roads=demo.layers["roads"], elevation=None, county=demo.county, **parameters)
    layer = demo.layers["villages"]
    exempt = layer.frame["exempt"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    natural = (layer.frame["level"] == "natural").to_numpy(dtype=bool) & ~exempt
    villages = replace(layer, frame=layer.frame[natural].reset_index(drop=True))
    committees = layer.where(level="committee")
    return SoftRoads.prepare(found.layers["edges"], villages, committees, touch_limit_m=TOUCH_M)


def flow_program(graph: SoftGraph, km: float) -> Program:
    """Write the flow model: z of nodes 1 … n-1, y of the arcs, f of the arcs."""
    n = graph.n_nodes
    tail, head = np.concatenate([graph.u, graph.v]), np.concatenate([graph.v, graph.u])
    length = np.tile(graph.length_km, 2)
    away = head != 0
    tail, head, length = tail[away], head[away], length[away]
    m, most = len(tail), float(n - 1)
    into = sp.csr_array((np.ones(m), (head, np.arange(m))), shape=(n, m))[1:]
    out = sp.csr_array((np.ones(m), (tail, np.arange(m))), shape=(n, m))[1:]
    z, y, f = sp.eye_array(n - 1), sp.eye_array(m), sp.eye_array(m)
    inner = np.flatnonzero(tail != 0)
    at_tail = sp.csr_array(
        (np.ones(len(inner)), (np.arange(len(inner)), tail[inner] - 1)), shape=(len(inner), n - 1)
    )
    matrix = sp.block_array(
        [
            [-z, into, None],
            [-z, None, into - out],
            [None, -y, f],
            [None, -most * y, f],
            [-at_tail, sp.csr_array(y)[inner], None],
            [None, sp.csr_array(length[None, :]), None],
        ]
    )
    counts = (n - 1, n - 1, m, m, len(inner), 1)
    lows, highs = (0, 0, 0, -np.inf, -np.inf, -np.inf), (0, 0, np.inf, 0, 0, km)
    return Program(
        cost=np.concatenate([graph.node_weight[1:], np.zeros(2 * m)]),
        matrix=sp.csr_array(matrix),
        row_lower=np.repeat(np.array(lows, float), counts),
        row_upper=np.repeat(np.array(highs, float), counts),
        upper=np.concatenate([np.ones(n - 1 + m), np.full(m, most)]),
        integer=np.concatenate([np.ones(n - 1 + m, bool), np.zeros(m, bool)]),
        maximise=True,
    )


def _timed(work: Callable[[], Any], rounds: int = _ROUNDS) -> tuple[float, Any]:
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), found


def absent() -> str:
    """Say why nothing was measured; the bundled county is always there."""
    return "Nothing to measure."


def measure(tasks: Sequence[str] = TASKS) -> dict[str, Any]:
    """Choose roads for every budget, by villages and by people."""
    county = town()
    people = county.villages.frame["population"].to_numpy(dtype=float, na_value=0.0)
    weights = {"villages": np.ones(len(county.node)), "people": people}
    rows = []
    for name, weight in weights.items():
        contracting_s, graph = _timed(lambda weight=weight: county.graph(weight))
        upgrade(graph, Budget(BUDGETS[TASKS[0]]))  # warm-up
        for task in tasks:
            row = _row(county, graph, BUDGETS[task])
            rows.append({"task": task, "weight": name, "contract_s": contracting_s, **row})
    return {"name": "upgrading", "machine": machine(), "rows": rows}


def _row(county: SoftRoads, graph: SoftGraph, km: float) -> dict[str, Any]:
    ours_s, found = _timed(lambda: upgrade(graph, Budget(km), gap=GAP, time_limit_s=CAP_S))
    greedy_s, greedy = _timed(lambda: connect_by_paths(graph, Budget(km)))
    program = flow_program(graph, km)
    flow_s, flow = _timed(lambda: solve(program, gap=GAP, time_limit_s=CAP_S), rounds=1)
    timed_out = flow.status != "optimal"
    lost = found.gain - greedy.gain
    edges = graph.edges_of(found.tree.links)
    recount = int(county.connected(edges).sum())
    gained = int(graph.gained(found.tree.reached).sum())
    before = int(county.connected([]).sum())
    agree = found.gain <= flow.bound * (1 + 1e-9) and (
        timed_out or flow.objective <= found.bound * (1 + 1e-9)
    )
    return {
        "size": len(county.node),
        "ours_s": round(ours_s, 3),
        "ours_mb": peak_mb(),
        "peers": {
            "greedy": {
                "s": round(greedy_s, 4), "ratio": round(greedy_s / ours_s, 3),
                "lost": lost, "lost_share": round(lost / max(found.gain, 1.0), 5),
            },
            "highs": {
                "s": round(flow_s, 3), "ratio": round(flow_s / ours_s, 2),
                "gain": flow.objective, "lower_bound": timed_out,
            },
        },
        "exact": bool(agree and recount >= before + gained),
        "status": found.status, "gain": found.gain, "bound": found.bound, "gap": found.gap,
        "km": round(found.tree.km, 3), "least_km": round(found.least, 3),
        "links": graph.n_links, "nodes": graph.n_nodes,
        "villages": gained, "before": before, "recount": recount,
    }  # fmt: skip


_HEADS = [
    "task", "gained", "bound", "gap", "km", "ours, s", "greedy, s", "greedy loses",
    "flow model, s", "flow model gains", "recount", "exact",
]  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """Draw the figures as Markdown."""
    lines = [_HEADS, ["---"] * len(_HEADS)]
    for row in found["rows"]:
        greedy, flow = row["peers"]["greedy"], row["peers"]["highs"]
        lines.append([
            f"{row['task']}, {row['weight']}", f"{row['gain']:,.0f}", f"{row['bound']:,.0f}",
            f"{row['gap']:.1e}", f"{row['km']:.2f}", f"{row['ours_s']:.2f}", f"{greedy['s']:.2f}",
            f"{greedy['lost']:,.0f} ({greedy['lost_share']:.2%})",
            f"{'> ' if flow['lower_bound'] else ''}{flow['s']:.1f}", f"{flow['gain']:,.0f}",
            f"{row['before']} + {row['villages']} → {row['recount']}",
            "yes" if row["exact"] else "**no**",
        ])  # fmt: skip
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write_docs(found: dict[str, Any]) -> Path:
    """Write ``docs/road-choice.md``."""
    rule = (__doc__ or "").split("\n\n", 1)[1].strip().replace("\n", " ")
    first = found["rows"][0]
    text = _PAGE.format(
        machine=found["machine"], table=table(found), rule=rule, size=first["size"],
        nodes=first["nodes"], links=first["links"], contract=first["contract_s"],
    )  # fmt: skip
    PAGE.write_text(text, encoding="utf-8")
    return PAGE


_PAGE = """<!-- Written by python -m benchmarks upgrading --write-docs; do not edit. -->

# How well roads to harden are chosen

{rule}

{size:,} villages of the bundled county, contracted in {contract:.2f} s to {nodes:,} nodes and
{links:,} soft links. Target: a gap of at most 1e-4 within 60 s.

{table}

*recount*: villages connected before + gained → connected by the indicator's count afterwards.

Measured on {machine}; medians of three runs, the flow model once, capped at 60 s.
"""
