"""Run a benchmark: ``python -m benchmarks NAME [--size N] [--task T] [--json] [--write-docs]``."""

from __future__ import annotations

import argparse
import importlib
import json
import sys

NAMES = ("extract", "network", "publish", "raster", "siting", "upgrading")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--size", action="append", help="of the workload; all when left out")
    parser.add_argument("--task", action="append", help="of the benchmark; all when left out")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write-docs", action="store_true", help="write the page in docs/")
    asked = parser.parse_args()
    module = importlib.import_module(f"benchmarks.{asked.name}")
    chosen = {}
    for option, wanted, known in (
        ("sizes", asked.size, getattr(module, "SIZES", ())),
        ("tasks", asked.task, getattr(module, "TASKS", ())),
    ):
        if wanted and not set(wanted) <= set(known):
            parser.error(f"{asked.name} knows the {option} {', '.join(known) or '(none)'}")
        if wanted:
            chosen[option] = wanted
    found = module.measure(**chosen)
    if found is None:
        print(module.absent(), file=sys.stderr)
        return
    if asked.write_docs:
        print(module.write_docs(found), file=sys.stderr)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(module.table(found))


if __name__ == "__main__":
    main()
