"""Cells with lists of amounts: typed, canonical, or refused with what to write."""

from __future__ import annotations

import json

import pytest

from yanshan_gis.catalogue import read_layers
from yanshan_gis.content import FieldDef
from yanshan_gis.ingest.amounts import read_amounts


def test_units_become_canonical_and_every_basis_is_named() -> None:
    reading = read_amounts('[{"value": 3000, "unit": "立方米", "what": "库容"}]')
    assert reading.notice is None
    assert json.loads(reading.value) == [
        {"value": 3000, "unit": "m³", "basis": "total", "what": "库容"}
    ]


def test_a_field_with_a_unit_converts_to_it() -> None:
    # 45,000 元 are 4.5 万元; without a unit the field's own is meant; 0.2 亿元 are 2,000 万元
    text = '[{"value": 45000, "unit": "元"}, {"value": 12}, {"value": 0.2, "unit": "亿元"}]'
    assert [a["value"] for a in json.loads(read_amounts(text, "万元").value)] == [4.5, 12, 2000]


@pytest.mark.parametrize("cell", [None, "", "—", "[]"])
def test_nothing_stays_nothing(cell: str | None) -> None:
    reading = read_amounts(cell)
    assert (reading.value, reading.notice) == (None, None)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("3000立方米", "amounts-unreadable"),
        ('{"value": 1, "unit": "m³"}', "amounts-unreadable"),
        ('[{"value": "3000", "unit": "m³"}]', "amounts-unreadable"),
        ('[{"value": true, "unit": "m³"}]', "amounts-unreadable"),
        ('[{"value": NaN, "unit": "m³"}]', "amounts-unreadable"),
        ('[{"value": 1, "unit": "m³", "basis": "weekly"}]', "amounts-unreadable"),
        ('[{"value": 1, "unit": "m³", "size": 2}]', "amounts-unreadable"),
        ('[{"value": 1}]', "amounts-unreadable"),
        ('[{"value": 1, "unit": "斗"}]', "unit-unknown"),
    ],
)
def test_anything_else_is_refused(cell: str, code: str) -> None:
    reading = read_amounts(cell)
    assert reading.value is None
    assert reading.severity == "refuse"
    assert reading.notice is not None
    assert reading.notice.code == code


def test_another_kind_of_unit_is_no_money() -> None:
    reading = read_amounts('[{"value": 1, "unit": "亩"}]', "万元")
    assert reading.notice is not None
    assert reading.notice.code == "unit-kind"


def test_the_catalogue_says_which_fields_hold_amounts_and_lists() -> None:
    fields = read_layers()["projects"].fields
    assert [n for n, f in fields.items() if f.type == "amounts"] == [
        "quantities", "money", "beneficiaries"
    ]  # fmt: skip
    assert fields["money"].unit == "万元"
    assert {f.lists: n for n, f in fields.items() if f.lists} == {
        "townships": "townships", "committees": "committees"
    }  # fmt: skip
    title = {"zh": "甲", "en": "A"}
    for wrong in ({"type": "text", "unit": "m"}, {"type": "number", "lists": "townships"}):
        with pytest.raises(ValueError, match=r"unit|lists"):
            FieldDef.model_validate({"title": title, **wrong})
