"""The commands that make outputs, timed as a planner waits for them.

Every command runs on the bundled county as a process of its own, from its start to its end.
`run-demo` is `yanshan run` in a workspace that holds layers only: compute the main job, store its
results, write GeoPackage and workbook, draw its sheets at 300 dpi. `sheets` draws the whole set
again from stored results, as PNG and PDF; `publish-all` writes every kind of output once more.
Nothing is kept between rounds but what users keep, too: compiled code and the cut font. A first
round that is not counted makes them. *Processor* is the time of all cores together; where other
work shares the machine the median is longer than it would be alone.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import machine

TASKS = ("run-demo", "sheets", "publish-all")
ROUNDS = 3
TARGETS_S = {"sheets": 60.0}
PAGE = Path(__file__).resolve().parent.parent / "docs" / "publish-speed.md"
_COMMANDS = {"run-demo": ("run",), "sheets": ("map",), "publish-all": ("publish", "all")}
_ONCE = ("publish-all",)  # minutes long: one round, no warm-up
_CALL = "from yanshan_cli.main import main; main()"


def absent() -> str:
    return "Nothing was asked for."


def measure(tasks: Sequence[str] = TASKS, rounds: int = ROUNDS) -> dict[str, Any] | None:
    with tempfile.TemporaryDirectory() as folder:
        county = Path(folder) / "demo"
        _yanshan("init", str(county), "--demo")
        _yanshan("run", "-w", str(county))  # the round that is not counted
        rows = [_measure(task, county, 1 if task in _ONCE else rounds) for task in tasks]
    return {"name": "publish", "machine": machine(), "rows": rows} if rows else None


def _measure(task: str, county: Path, rounds: int) -> dict[str, Any]:
    seconds, processor, files = [], [], []
    for _ in range(rounds):
        if task == "run-demo":
            shutil.rmtree(county / "out", ignore_errors=True)
            shutil.rmtree(county / ".cache", ignore_errors=True)
        began, used = time.perf_counter(), _processor_s()
        files = _yanshan(*_COMMANDS[task], "-w", str(county))
        seconds.append(time.perf_counter() - began)
        processor.append(_processor_s() - used)
        print(f"  {task}: {seconds[-1]:.1f} s", file=sys.stderr, flush=True)
    out = county / "out"
    written = [p for p in out.rglob("*") if p.is_file()] if task == "run-demo" else map(Path, files)
    sizes = [path.stat().st_size for path in written]
    return {
        "task": task,
        "size": "the bundled county",
        "ours_s": statistics.median(seconds),
        "slowest_s": max(seconds),
        "processor_s": statistics.median(processor),
        "rounds": rounds,
        "files": len(sizes),
        "files_mb": sum(sizes) / 1e6,
        "sheets": len(list((out / "sheets").glob("*.png"))),
        "target_s": TARGETS_S.get(task),
        "peers": {},
    }


def _processor_s() -> float:
    """Processor time of all commands so far, on all cores."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _yanshan(*words: str) -> list[str]:
    """Run a command to its end and return the lines it printed."""
    done = subprocess.run(
        [sys.executable, "-c", _CALL, *words],
        check=False, capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "YANSHAN_LANG": "zh"},
    )  # fmt: skip
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    return done.stdout.splitlines()


def table(found: Mapping[str, Any]) -> str:
    """Draw the figures as Markdown."""
    heads = [
        "task",
        "median, s",
        "slowest, s",
        "processor, s",
        "rounds",
        "map sheets",
        "files",
        "MB",
        "to reach",
    ]
    lines = [heads, ["---", *["---:"] * (len(heads) - 2), "---"]]
    for row in found["rows"]:
        wanted, reached = row["target_s"], row["target_s"] and row["ours_s"] <= row["target_s"]
        target = f"≤ {wanted:.0f} s: {'reached' if reached else '**missed**'}" if wanted else ""
        numbers = (f"{row['ours_s']:.1f}", f"{row['slowest_s']:.1f}",
                   f"{row['processor_s']:.1f}", row["rounds"], row["sheets"], row["files"],
                   f"{row['files_mb']:.0f}")  # fmt: skip
        lines.append([row["task"], *map(str, numbers), target])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write_docs(found: Mapping[str, Any]) -> Path:
    """Write ``docs/publish-speed.md``."""
    rule = (__doc__ or "").split("\n\n", 1)[1].strip()
    PAGE.write_text(
        "<!-- Written by python -m benchmarks publish --write-docs; do not edit. -->\n\n"
        f"# How long outputs take\n\n{rule}\n\n{table(found)}\n\n"
        f"On {found['machine']}.\n",
        encoding="utf-8",
    )
    return PAGE
