"""Searches, tables, bridges and attaching, ours beside its peers on the same networks.

A row holds medians of seconds in one thread; ``ratio`` is a peer's median over ours in the same
run. What is timed, and how, say `benchmarks.timing` and `benchmarks.network_engine`.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import network_libraries, network_peers, workloads
from benchmarks.machine import machine
from benchmarks.network_checks import Checks
from benchmarks.network_engine import TASKS, NetworkEngine
from benchmarks.network_ours import OursTwice
from benchmarks.network_page import table, write_docs
from benchmarks.timing import Contender, ContenderError, Timed, take_turns
from benchmarks.workloads import SIZES, Workload

__all__ = ["SIZES", "TASKS", "absent", "measure", "table", "write_docs"]

OURS = "benchmarks.network_ours:Ours"
_TWICE, _FIRST, _LIMIT = (f"benchmarks.network_ours:{name}"
                          for name in ("OursTwice", "FirstUse", "Gather"))  # fmt: skip
PEERS: dict[str, type[NetworkEngine]] = {
    "scipy": network_peers.Scipy,
    "networkit": network_libraries.Networkit,
    "igraph": network_libraries.Igraph,
    "rustworkx": network_libraries.Rustworkx,
    "networkx": network_peers.Networkx,
    "pandana": network_libraries.Pandana,
    "shapely": network_peers.Shapely,
}
_MB = 1e6


def absent() -> str:
    """Say that there is nothing to measure on."""
    return "None of the networks asked for can be had."


def measure(sizes: Sequence[str] = SIZES, tasks: Sequence[str] = TASKS) -> dict[str, Any] | None:
    """Measure; None where none of the networks is there."""
    peers = _installed()
    found: dict[str, Any] = {"name": "network", "machine": machine(), "workloads": {}, "rows": []}
    for size in sizes:
        if why := workloads.absent(size):
            _say(why)
            continue
        path = workloads.kept(size)
        found["workloads"][size] = _describe(size, path)
        found["rows"] += measure_workload(size, path, tasks, peers)
        if "nearest" in tasks:
            found["rows"] += measure_shuffled(size, path, peers) + measure_uses(size, path)
    found["versions"] = {name: importlib.metadata.version(name) for name in sorted(peers)}
    return found if found["rows"] else None


def measure_workload(
    size: str, path: Path, tasks: Sequence[str], peers: Sequence[str], *, ours: str = OURS
) -> list[dict[str, Any]]:
    """Measure the tasks on one network.

    Parameters
    ----------
    size
        Its name.
    path
        Its file.
    tasks
        Of `TASKS`.
    peers
        Of `PEERS`, those that are installed.
    ours
        What is measured against them, as ``module:Class``.

    Returns
    -------
    list of dict
        Rows; a task that ours has no answer to is left out, and a line says so.
    """
    classes = {name: f"{PEERS[name].__module__}:{PEERS[name].__name__}" for name in peers}
    made_by = {"ours": ours} | classes
    made_by["limit"] = _LIMIT
    field = {name: Contender(made, path) for name, made in made_by.items()}
    if (os.cpu_count() or 1) > 1:
        field["ours-2"] = Contender(_TWICE, path, threads=2)
    else:
        _say("Two threads are left out: there is one processor.")
    checks = Checks(path)
    rows = []
    try:
        for task in tasks:
            called = [name for name in field if _takes_part(name, task)]
            row = _measure_task({name: field[name] for name in called}, task, checks)
            if row is not None:
                memory = _memory(ours, path, task)
                rows.append({"task": task, "size": size, **row, **memory})
                _say(_one_line(rows[-1]))
    finally:
        for one in field.values():
            one.close()
    return rows + _limit(rows)


def _takes_part(name: str, task: str) -> bool:
    if name == "ours-2":
        return task in OursTwice.tasks
    if name == "limit":
        return task == "nearest"
    return name == "ours" or task in PEERS[name].tasks


def _measure_task(
    field: Mapping[str, Contender], task: str, checks: Checks
) -> dict[str, Any] | None:
    timed = take_turns(field, task, uncapped=("ours", "ours-2"))
    ours = timed.pop("ours")
    for name, one in {"ours": ours, **timed}.items():
        if one.why:
            _say(f"  {task}: {name} is left out: {one.why}")
    if ours.median is None:
        return None
    row: dict[str, Any] = {"ours_s": ours.median, "runs": len(ours.seconds)}
    row |= checks.compare(task, field["ours"].call("answer", task))
    if seconds := field["ours"].call("prepared", task):
        row["ours_prepare_s"] = seconds
    two = timed.pop("ours-2", Timed())
    if two.median is not None:
        row["threads_2"] = ours.median / two.median
    row["peers"] = {
        name: _peer(field[name], task, one, ours.median, checks)
        for name, one in timed.items()
        if one.median is not None
    }
    return row


def _peer(
    peer: Contender, task: str, timed: Timed, ours_s: float, checks: Checks
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "s": timed.median,
        "ratio": (timed.median or 0.0) / ours_s,
        "runs": len(timed.seconds),
    }
    if timed.lower_bound:
        return said | {"lower_bound": True}
    try:
        if seconds := peer.call("prepared", task):
            said["prepare_s"] = seconds
        answer = peer.call("answer", task)
    except ContenderError as error:
        _say(f"  {task}: {error}")
        return said
    compared = {} if answer is None else checks.compare(task, answer)
    return said | {name: compared[name] for name in ("error", "different") if name in compared}


def _memory(ours: str, path: Path, task: str) -> dict[str, Any]:
    """Run ours once more in a fresh process, and see how far its memory rises."""
    one = Contender(ours, path)
    try:
        peak = one.call("peak_bytes", task)
        graph = one.call("graph_bytes")
        links = one.call("n_links")
    finally:
        one.close()
    if peak is None:
        _say(f"  {task}: memory is left out, this system does not tell its peak")
        return {"ours_mb": None}
    said = {"ours_mb": round(peak / _MB, 2)}
    return said | ({"bytes_per_link": (peak + graph) / links} if task == "nearest" else {})


def _limit(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say how many times as long as one reading of all links the nearest search takes."""
    return [
        {
            **{name: row[name] for name in ("size", "ours_s", "ours_mb", "exact")},
            "task": "limit",
            "passes": row["ours_s"] / row["peers"]["limit"]["s"],
            "peers": {"limit": row["peers"]["limit"]},
        }
        for row in rows
        if row["task"] == "nearest" and "limit" in row["peers"]
    ]


def measure_shuffled(size: str, path: Path, peers: Sequence[str]) -> list[dict[str, Any]]:
    """Measure the nearest search on the same network without the order that road lines have."""
    with tempfile.TemporaryDirectory() as folder:
        shuffled = Path(folder) / "shuffled.npz"
        Workload.read(path).shuffled().write(shuffled)
        chosen = [name for name in ("scipy", "networkit") if name in peers]
        _say("  numbered at random:")
        rows = measure_workload(size, shuffled, ["nearest"], chosen)
    return [row | {"task": "shuffled"} for row in rows if row["task"] == "nearest"]


def measure_uses(size: str, path: Path) -> list[dict[str, Any]]:
    """Time the first answers of processes that find no compiled code, and that find it."""
    rows, checks = [], Checks(path)
    with tempfile.TemporaryDirectory() as folder:
        for task in ("first-use", "later-use"):
            one = Contender(_FIRST, path, {"NUMBA_CACHE_DIR": folder})
            try:
                first, again = one.call("seconds")
                peak = one.call("peak_mb")
                exact = checks.compare("nearest", one.call("answer", "nearest"))["exact"]
            except ContenderError as error:
                _say(f"  {task}: left out: {error}")
                continue
            finally:
                one.close()
            row = {"task": task, "size": size, "ours_s": first, "ours_mb": peak, "peers": {}}
            row |= {"search_s": again, "overhead_s": first - again, "exact": exact}
            rows.append(row)
            _say(_one_line(row))
    return rows


def _describe(size: str, path: Path) -> dict[str, Any]:
    work = Workload.read(path)
    said = {
        "nodes": work.n,
        "links": work.n_links,
        "degree_2": round(work.share_of_degree_2, 4),
        "edges": len(work.edge_u),
    }
    _say(
        f"{size}: {work.n} nodes, {work.n_links} directed links, "
        f"{said['degree_2']:.1%} of the nodes of degree 2"
    )
    return said


def _installed() -> list[str]:
    found = [name for name in PEERS if importlib.util.find_spec(name)]
    for name in PEERS.keys() - set(found):
        _say(f"{name}: not installed, left out (pip install -r benchmarks/requirements.txt)")
    return found


def _one_line(row: Mapping[str, Any]) -> str:
    peers = ", ".join(
        f"{name} {'≥ ' if peer.get('lower_bound') else ''}{peer['ratio']:.1f}"
        for name, peer in row["peers"].items()
    )
    exact = "exact" if row["exact"] else "NOT EXACT"
    return f"  {row['task']}: {row['ours_s'] * 1000:.2f} ms, {exact}; {peers}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
