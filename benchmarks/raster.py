"""Rasters: ours beside peers on the same invented scenes, from file to file.

Everybody reads the same deflated GeoTIFFs and writes a compressed one, with two threads where it
knows how to use them; ours writes a Cloud-Optimised GeoTIFF with overviews, peers a plain one.
Walking time alone is timed in memory, from shares of speed to the minutes of every cell.
Contenders take turns, each in a process of its own, after a warm-up; seconds are medians, and a
peer's ratio is its median over ours. Memory is the peak of the whole process. Answers are compared
cell by cell.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from benchmarks.raster_task import SIDES, Task
from benchmarks.timing import Contender, ContenderError, take_turns

# Each offers its own TASKS; one more line, and there are more of them.
MODULES = ("benchmarks.raster_grading", "benchmarks.raster_slope", "benchmarks.raster_walking")
SIZES = tuple(SIDES)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "raster-speed.md"


def _registry() -> dict[str, Task]:
    found: dict[str, Task] = {}
    for name in MODULES:
        found |= importlib.import_module(name).TASKS
    return found


REGISTRY = _registry()
TASKS = tuple(REGISTRY)


def absent() -> str:
    return "Nothing was asked for."


def measure(sizes: Sequence[str] = SIZES, tasks: Sequence[str] = TASKS) -> dict[str, Any] | None:
    """Measure; None where nothing was asked for."""
    rows = []
    for size in sizes:
        for task in tasks:
            if size not in REGISTRY[task].sizes:
                continue
            with tempfile.TemporaryDirectory(prefix="yanshan-raster-") as name:
                folder = Path(name)
                _say(f"{task}, {size}: writing the scene …")
                REGISTRY[task].make(folder, SIDES[size])
                rows.append(measure_task(task, size, folder))
    return {"name": "raster", "machine": machine(), "rows": rows} if rows else None


def measure_task(name: str, size: str, folder: Path) -> dict[str, Any]:
    """Measure one task on a scene that is there."""
    task = REGISTRY[name]
    made_by = {"ours": task.ours, **task.peers}
    field = {key: Contender(made, folder, threads=2) for key, made in made_by.items()}
    try:
        timed = take_turns(field, name, uncapped=("ours",))
        ours = timed.pop("ours")
        if ours.median is None:
            raise ContenderError(ours.why)
        row: dict[str, Any] = {"task": name, "size": size, "ours_s": ours.median}
        row |= {"runs": len(ours.seconds), "ours_mb": field["ours"].call("peak_mb")}
        answer, peers, exact = field["ours"].call("answer"), {}, True
        for key, one in timed.items():
            if one.median is None:
                _say(f"  {name}: {key} is left out: {one.why}")
                continue
            said: dict[str, Any] = {"s": one.median, "ratio": one.median / ours.median}
            if one.lower_bound:
                said["lower_bound"] = True
            else:
                said |= task.compare(answer, field[key].call("answer"))
                said["mb"] = field[key].call("peak_mb")
                exact &= said["exact"]
            peers[key] = said
    finally:
        for one in field.values():
            one.close()
    row |= {"exact": exact, "peers": peers}
    _say(f"  {_line(row)}")
    return row


def _line(row: Mapping[str, Any]) -> str:
    peers = ", ".join(f"{k} {v['s']:.2f} s ({v['ratio']:.2f}×)" for k, v in row["peers"].items())
    return f"{row['task']} {row['size']}: {row['ours_s']:.2f} s, {row['ours_mb']} MB; {peers}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def table(found: Mapping[str, Any]) -> str:
    """Draw the figures as Markdown."""
    heads = ["task", "size", "who", "s", "ratio", "MB", "same", "to reach"]
    lines = [heads, ["---"] * len(heads)]
    for row in found["rows"]:
        targets = REGISTRY[row["task"]].targets
        memory = f"≤ {targets['mb']:.0f} MB" if "mb" in targets else ""
        first = [row["task"], row["size"], "**ours**", f"{row['ours_s']:.2f}", "1"]
        lines.append([*first, f"{row['ours_mb']:.0f}", "", memory])
        for name, peer in row["peers"].items():
            wanted = f"≥ {targets[name]:g}×" if name in targets else ""
            lines.append(["", "", name, *_cells(peer, REGISTRY[row["task"]].unit), wanted])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(peer: Mapping[str, Any], unit: str) -> list[str]:
    if peer.get("lower_bound"):
        return [f"≥ {peer['s']:.0f}", f"≥ {peer['ratio']:.1f}×", "", ""]
    same = "yes" if peer["exact"] else "NO"
    if peer.get("different"):
        same = f"but for {peer['different']} cells"
    if "error" in peer:
        same += f" ({peer['error']:.0e}{unit})"
    return [f"{peer['s']:.2f}", f"{peer['ratio']:.2f}×", f"{peer['mb']:.0f}", same]


def write_docs(found: Mapping[str, Any]) -> Path:
    """Write ``docs/raster-speed.md``."""
    rule = " ".join((__doc__ or "").split("\n\n", 1)[1].split("\n")).strip()
    PAGE.write_text(
        "<!-- Written by python -m benchmarks raster --write-docs; do not edit. -->\n\n"
        f"# Rasters, measured\n\n{rule}\n\n{table(found)}\n\nOn {found['machine']}.\n",
        encoding="utf-8",
    )
    return PAGE
