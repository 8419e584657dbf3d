"""Quantities with units: read as planners write them, converted inside one kind only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis import units
from yanshan_gis.errors import UnitError
from yanshan_gis.units import SUFFIXES, Quantity, canonical_unit

KINDS = {kind: sorted(known) for kind, known in units._KINDS.items()}
ALL = sorted(unit for known in KINDS.values() for unit in known)
KIND_OF = {unit: kind for kind, known in KINDS.items() for unit in known}
numbers = st.floats(-1e9, 1e9, allow_nan=False)


@given(numbers, st.sampled_from(ALL), st.data())
def test_conversion_can_be_undone(value: float, unit: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from(KINDS[KIND_OF[unit]]))
    there = Quantity(value, unit).to(other)
    assert Quantity(there, other).to(unit) == pytest.approx(value, rel=1e-12, abs=1e-300)


@given(st.sampled_from(ALL), st.sampled_from(ALL))
def test_kinds_never_mix(source: str, target: str) -> None:
    if KIND_OF[source] == KIND_OF[target]:
        Quantity(1.0, source).to(target)
    else:
        with pytest.raises(UnitError) as caught:
            Quantity(1.0, source).to(target)
        assert caught.value.code == "unit-kind"


def test_people_trips_and_households_are_three_kinds() -> None:
    assert len({KIND_OF[unit] for unit in ("人", "人次", "户")}) == 3
    assert KIND_OF["头"] != KIND_OF["羽"]


@pytest.mark.parametrize(
    ("value", "unit", "target", "expected"),
    [
        (15, "亩", "ha", 1.0), (1, "km²", "亩", 1500.0), (0.152, "km²", "m²", 152_000.0),
        (90, "s", "min", 1.5), (2, "万m³", "m³", 20_000.0), (3.29279, "亿元", "万元", 32_927.9),
        (50, "%", "share", 0.5), (6.67, "万头", "头", 66_700.0), (1017.84, "km", "m", 1_017_840.0),
    ],
)  # fmt: skip
def test_known_conversions(value: float, unit: str, target: str, expected: float) -> None:
    assert Quantity(value, unit).to(target) == pytest.approx(expected, rel=1e-12)


def test_a_unit_to_itself_is_exact() -> None:
    assert Quantity(0.1 + 0.2, "亩").to("mu") == 0.1 + 0.2


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("30 min", 30.0, "min"), ("1,017.84 km", 1017.84, "km"), ("2000立方米", 2000.0, "m³"),
        ("660M³", 660.0, "m³"), (" -1.5e3 m ", -1500.0, "m"), ("80亩", 80.0, "亩"),
        ("80%", 80.0, "%"), ("10 万元/公里", 10.0, "万元/km"),
    ],
)  # fmt: skip
def test_quantities_are_read_as_written(text: str, value: float, unit: str) -> None:
    assert Quantity.parse(text) == Quantity(value, unit)


def test_a_default_unit_fills_in_and_never_overrides() -> None:
    assert Quantity.parse("45", "min") == Quantity(45.0, "min")
    assert Quantity.parse("2 h", "min") == Quantity(2.0, "h")


@pytest.mark.parametrize("text", ["", "km", "thirty min", "45", "1 2 km"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        Quantity.parse(text)
    assert caught.value.code == "quantity-unreadable"


def test_an_unknown_unit_lists_the_known_ones() -> None:
    with pytest.raises(UnitError) as caught:
        canonical_unit("furlong")
    assert caught.value.code == "unit-unknown"
    assert "亩" in caught.value.render("en")


@given(st.sampled_from([*units._ALIASES, *ALL]))
def test_canonical_spelling_is_final(spelling: str) -> None:
    assert canonical_unit(canonical_unit(spelling)) == canonical_unit(spelling)


@given(numbers, st.sampled_from(ALL))
def test_what_is_printed_can_be_read_again(value: float, unit: str) -> None:
    again = Quantity.parse(str(Quantity(value, unit)))
    assert again.unit == unit
    assert again.value == pytest.approx(value, rel=1e-5)


def test_every_argument_suffix_names_a_known_unit() -> None:
    assert {canonical_unit(unit) for unit in SUFFIXES.values()} <= set(ALL)
