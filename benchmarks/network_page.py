"""The figures of `benchmarks.network` as tables, and the page made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
# How many times as long a peer should take, on these networks; of tables also its preprocessing.
TARGETS = {
    ("build", "rustworkx"): 20.0,
    ("nearest", "scipy"): 3.0,
    ("nearest", "networkit"): 6.0,
    ("nearest", "networkx"): 60.0,
    ("nearest", "pandana"): 60.0,
    ("k-nearest", "pandana"): 5.0,
    ("service-areas", "scipy"): 2.0,
    ("service-areas", "networkx"): 60.0,
    ("table-107", "pandana"): 1.0,
    ("table-1000", "pandana"): 1.0,
    ("bridges", "rustworkx"): 5.0,
    ("attach", "shapely"): 4.0,
}
TARGET_SIZES = ("200k", "1M")
BYTES_PER_LINK, PASSES = 200.0, 5.0
_APART = ("limit", "shuffled", "first-use", "later-use")
_KIND = {
    "build": "build the graph",
    "nearest": "nearest of 200 facilities",
    "k-nearest": "three nearest of 200 facilities",
    "service-areas": "50 service areas of 90 min",
    "table-107": "107 × 107 table",
    "table-1000": "1000 × 1000 table",
    "bridges": "bridges",
    "attach": "100,000 points to the nearest road",
}


def table(found: Mapping[str, Any]) -> str:
    """Draw everything that was measured, size by size."""
    parts = []
    for size, work in found["workloads"].items():
        rows = [row for row in found["rows"] if row["size"] == size]
        parts.append(f"## {size}\n\n{_workload(work)}\n\n{_tasks(rows)}")
        parts += [f"### {title}\n\n{text}" for title, text in _notes(rows) if text]
    grown = growth(found)
    return "\n\n".join([*parts, f"## Growth with size\n\n{grown}"] if grown else parts)


def write_docs(found: Mapping[str, Any]) -> Path:
    """Write ``docs/performance.md``."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    text = _PAGE.format(machine=found["machine"], versions=versions, tables=table(found))
    PAGE.write_text(text, encoding="utf-8")
    return PAGE


def _workload(work: Mapping[str, Any]) -> str:
    return (
        f"{work['nodes']:,} nodes, {work['links']:,} directed links, "
        f"{work['degree_2']:.1%} of the nodes of degree 2, {work['edges']:,} edges between "
        "junctions."
    )


def _tasks(rows: Sequence[Row]) -> str:
    rows = [row for row in rows if row["task"] not in _APART]
    peers = list(dict.fromkeys(name for row in rows for name in row["peers"] if name != "limit"))
    lines = [["task", "ours", "exact", *peers, "two threads", "memory"]]
    lines.append(["---", *["---:"] * (len(lines[0]) - 1)])
    for row in rows:
        cells = [_ratio(row, name) for name in peers]
        lines.append(
            [_KIND[row["task"]], _seconds(row["ours_s"]), "yes" if row["exact"] else "**no**",
             *cells, f"{row['threads_2']:.2f} ×" if "threads_2" in row else "", _memory(row)]
        )  # fmt: skip
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _ratio(row: Row, name: str) -> str:
    if name not in row["peers"]:
        return ""
    peer = row["peers"][name]
    said = f"{'≥ ' if peer.get('lower_bound') else ''}{_short(peer['ratio'])}"
    target = TARGETS.get((row["task"], name))
    if target is None or row["size"] not in TARGET_SIZES:
        return said
    return f"{said} ({_verdict(peer['ratio'] >= target, f'≥ {target:g}')})"


def _verdict(met: bool, target: str) -> str:
    return f"target {target} met" if met else f"**target {target} missed**"


def _memory(row: Row) -> str:
    return "" if row["ours_mb"] is None else f"{row['ours_mb']:.1f} MB"


def _notes(rows: Sequence[Row]) -> list[tuple[str, str]]:
    by_task = {row["task"]: row for row in rows}
    return [
        ("Preprocessing that the times of tables leave out", _preprocessing(rows)),
        ("Memory, limit, order, first use", _apart(by_task)),
        ("How far peers are off", _errors(rows)),
    ]


def _preprocessing(rows: Sequence[Row]) -> str:
    lines = []
    for row in rows:
        peers = {n: p["prepare_s"] for n, p in row["peers"].items() if "prepare_s" in p}
        if "ours_prepare_s" not in row and not peers:
            continue
        said = [f"ours {_seconds(row.get('ours_prepare_s', 0.0))}"]
        said += [f"{name} {_seconds(seconds)}" for name, seconds in peers.items()]
        if "pandana" in peers and row["size"] in TARGET_SIZES:
            quicker = row.get("ours_prepare_s", 0.0) <= peers["pandana"]
            said.append(_verdict(quicker, "no slower than pandana"))
        lines.append(f"- {_KIND[row['task']]}: {', '.join(said)}.")
    return "\n".join(lines)


def _apart(rows: Mapping[str, Row]) -> str:
    lines = []
    wanted = "size" in rows.get("nearest", {}) and rows["nearest"]["size"] in TARGET_SIZES
    if (each := rows.get("nearest", {}).get("bytes_per_link")) is not None:
        verdict = f" ({_verdict(each <= BYTES_PER_LINK, f'≤ {BYTES_PER_LINK:g}')})"
        lines.append(
            f"- At its peak the nearest search holds {each:.0f} bytes per directed link, the graph "
            f"itself included{verdict if wanted else ''}."
        )
    if "limit" in rows:
        passes, gather = rows["limit"]["passes"], rows["limit"]["peers"]["limit"]["s"]
        stretch = f" (aim at 1M: {PASSES:g})" if rows["limit"]["size"] == "1M" else ""
        lines.append(
            f"- Limit: reading every link once at random takes {_seconds(gather)}; the nearest "
            f"search takes {passes:.1f} such passes{stretch}."
        )
    if "shuffled" in rows:
        row = rows["shuffled"]
        peers = [
            f"{name} {_short(peer['ratio'])} times as long"
            for name, peer in row["peers"].items()
            if name != "limit"
        ]
        lines.append(
            "- Order: with nodes and pieces numbered at random, as road lines never are, the "
            f"nearest search takes {_seconds(row['ours_s'])} ({', '.join(peers)})."
        )
    for task, text in (
        ("first-use", "First use, compiled code nowhere kept: {all} to the first answer, of which "
         "{over} are loading and compiling."),
        ("later-use", "Every later process: {all} to the first answer, of which {over} are "
         "loading; the search itself, building included, takes {search}."),
    ):  # fmt: skip
        if task in rows:
            row = rows[task]
            said = text.format(all=_seconds(row["ours_s"]), over=_seconds(row["overhead_s"]),
                               search=_seconds(row["search_s"]))  # fmt: skip
            lines.append(f"- {said}")
    return "\n".join(lines)


def _errors(rows: Sequence[Row]) -> str:
    lines = []
    for row in rows:
        if row["task"] in _APART:
            continue
        for name, peer in row["peers"].items():
            error, different = peer.get("error", 0.0), peer.get("different", 0)
            if error > 1e-6 or different:
                unit = "m" if row["task"] == "attach" else "min"
                said = f"up to {error:.2g} {unit}, {different:,} labels or nodes are others"
                lines.append(f"- {_KIND[row['task']]}, {name}: {said}.")
        if not row["exact"]:
            lines.append(
                f"- {_KIND[row['task']]}, **ours**: {row.get('error', 0.0):.2g}, "
                f"{row.get('different', 0):,} labels or nodes are others."
            )
    return "\n".join(lines)


def growth(found: Mapping[str, Any]) -> str:
    """Compare the times of ours on networks of different sizes."""
    works = found["workloads"]
    sizes = sorted((s for s in works if s[0].isdigit()), key=lambda size: works[size]["nodes"])
    times = {(row["size"], row["task"]): row["ours_s"] for row in found["rows"]}
    steps = list(pairwise(sizes))
    if not steps:
        return ""
    nodes = [works[after]["nodes"] / works[before]["nodes"] for before, after in steps]
    lines = [["task", *(f"{before} → {after}" for before, after in steps)]]
    lines.append(["---", *["---:"] * len(steps)])
    lines.append(["nodes", *(f"× {ratio:.1f}" for ratio in nodes)])
    for task, title in _KIND.items():
        ratios = [
            f"× {times[after, task] / times[before, task]:.1f}"
            if {(before, task), (after, task)} <= times.keys()
            else ""
            for before, after in steps
        ]
        lines.append([title, *ratios])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _seconds(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1.0:
        return f"{seconds * 1e3:.{0 if seconds >= 0.1 else 1}f} ms"
    return f"{seconds:.{0 if seconds >= 100 else 1}f} s"


def _short(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 20 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


_PAGE = """<!-- Written by python -m benchmarks network --write-docs; do not edit. -->

# How fast networks are searched

Our compiled searches beside other libraries on the same networks, in one thread: under *ours* the
median time, under each peer's name how many times as long it took. Targets hold for the bundled
county at 200k and 1M nodes; what misses one is said in bold. *Memory* is the peak of ours beyond
the graph.

Measured likewise: [siting](site-choice.md), [road choice](road-choice.md) and
[reading a plan](extraction.md).

- Machine: {machine}.
- Peers: {versions}.
  They are installed from `benchmarks/requirements.txt` and are no part of the package.
- Networks: the bundled county, scaled (`yanshan init --demo --scale`), and Liechtenstein from
  OpenStreetMap, both through the recipe `road-network`. Every vertex of a line is a node,
  consecutive ones are linked, an edge's minutes are shared out by length; one-ways and parallel
  links stay. Nodes are numbered as the lines come, ends of edges first, then inner vertices along
  each line. All engines get the same links in the same order.
- How measured: each engine in a process of its own, one thread, the interpreter's garbage
  collection off; one warm-up, then rounds in which each is called once in turn; medians of five
  rounds or more, of three where rounds take long. Where ours takes more than 20 s, or a peer more
  than 5 s, that is timed once; a peer is ended after 60 s, and then its ratio is a lower bound (≥).
- *Exact*: minutes equal scipy's to a relative 1e-9 and every node has the same facility, of equally
  near ones the lower; bridges equal networkx's, metres to the nearest road shapely's. Of tables
  twenty rows are compared.
- Building counts everything a search needs once: for ours the check of the links and the chains of
  nodes of degree 2, but not the contraction hierarchy that tables use. networkit, igraph and
  rustworkx tell minutes to the nearest facility but not which one it is; ours tells both. pandana
  rounds every link to a thousandth of a minute, which adds up along a way.

{tables}
"""
