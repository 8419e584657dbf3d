"""Run a benchmark: ``python -m benchmarks NAME [--json] [--write-docs]``."""

from __future__ import annotations

import argparse
import importlib
import json
import sys

NAMES = ("extract", "siting")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write-docs", action="store_true", help="write the page in docs/")
    asked = parser.parse_args()
    module = importlib.import_module(f"benchmarks.{asked.name}")
    found = module.measure()
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
