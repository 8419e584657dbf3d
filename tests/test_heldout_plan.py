"""The held-out plan reads; what the extraction scores on it is measured, not asserted."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.extract import COUNTIES, measure_county
from yanshan_gis.catalogue import read_layers
from yanshan_gis.plan.registry import totals
from yanshan_gis.plan.registry_csv import read_registry

HELDOUT = Path(__file__).parent / "data" / "heldout_plan"


def rows(name: str) -> list[dict[str, str]]:
    with (HELDOUT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def registry():
    return read_registry(HELDOUT)


def test_the_registry_holds_every_column_of_the_text(registry):
    # Counted item by item: column 1 has 4 + 4 + 4 + 4 + 1, column 2 has 2 + 1 + 3 + 4, …
    assert Counter(p.column for p in registry) == {
        None: 14, 1: 17, 2: 10, 3: 11, 4: 11, 5: 3, 6: 4, 7: 6,
    }  # fmt: skip


def test_its_wholes_are_counted_once(registry):
    sums = totals(registry)
    # 12,000 mu of seed potatoes (their three parts are in it), 800 + 800 of herbs, 23,000 of
    # pepper, 500 + 420 of old orchards.
    assert sums["quantity", "种植面积", "亩", "total"] == 37_520
    assert sums["quantity", "危房改造", "户", "total"] == 8_470
    assert sums["quantity", "建筑面积", "m²", "total"] == 4_200
    # 30,000 + 2,000 + 1,500 + 800 + 400 m³.
    assert sums["quantity", "库容", "m³", "total"] == 34_700


def test_its_places_and_kinds_are_known(registry):
    townships = {row["name"] for row in rows("townships.csv")}
    committees = {(row["township"], row["name"]) for row in rows("committees.csv")}
    kinds = read_layers()["projects"].fields["kind"].codes
    for project in registry:
        assert set(project.townships) <= townships, project.id
        assert project.kind in kinds, project.id
        for name in project.committees:
            township, _, committee = name.rpartition("/")
            assert (township or project.townships[0], committee) in committees, project.id


def test_its_names_name_places_of_its_own():
    known = {row["code"]: row["name"] for row in rows("townships.csv") + rows("committees.csv")}
    for row in rows("names.csv"):
        assert known[row["code"]] == row["name"]


def test_its_places_are_written_in_the_text(registry):
    text = (HELDOUT / "plan.txt").read_text(encoding="utf-8")
    written = [(p.id, place) for p in registry for place in p.place.split("、")]
    assert [pair for pair in written if pair[1] not in text] == []


def test_the_extraction_finds_half_of_it():
    row = measure_county("held-out county", COUNTIES["held-out county"])
    assert COUNTIES["held-out county"] == HELDOUT
    assert row["size"] == 62
    assert row["recall"] >= 0.5
