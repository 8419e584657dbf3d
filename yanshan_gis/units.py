"""Quantities with units, as planners write them: ``30 min``, ``1.5 km``, ``80 亩``.

Units of different kinds are never mixed; a conversion across kinds is an error, not a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from yanshan_gis.errors import UnitError
from yanshan_gis.messages import N_

# What a figure is for: the whole, each year, each of something, each month. Never added together.
Basis = Literal["total", "per_year", "per_unit", "monthly"]
BASES: tuple[Basis, ...] = get_args(Basis)

# kind -> unit -> how many base units it holds. One 亩 is 1/15 hectare by definition.
_KINDS: dict[str, dict[str, float]] = {
    "length": {"m": 1.0, "km": 1000.0},
    "time": {"min": 1.0, "h": 60.0, "s": 1 / 60},
    "speed": {"km/h": 1.0},
    "area": {"m²": 1.0, "亩": 10_000 / 15, "万亩": 1e8 / 15, "ha": 10_000.0, "km²": 1_000_000.0},
    "volume": {"m³": 1.0, "万m³": 10_000.0},
    "share": {"share": 1.0, "%": 0.01, "‰": 0.001},
    "money": {"万元": 1.0, "元": 0.0001, "亿元": 10_000.0},
    "cost": {"万元/km": 1.0},
    "population": {"人": 1.0, "万人": 10_000.0},
    "trips": {"人次": 1.0},
    "households": {"户": 1.0},
    "heads": {"头": 1.0, "万头": 10_000.0},
    "animals": {"只": 1.0, "万只": 10_000.0},
    "birds": {"羽": 1.0, "万羽": 10_000.0},
    # Things counted by their own word are never added to things counted by another.
    "villages": {"个": 1.0},
    "works": {"项": 1.0},
    "facilities": {"件": 1.0},
    "lamps": {"盏": 1.0},
    "slabs": {"块": 1.0},
    "years": {"年": 1.0},
    "angle": {"°": 1.0},
    "mass": {"t": 1.0, "kg": 0.001},
    "flow": {"m³/d": 1.0},
}
_ALIASES = {
    "米": "m", "公里": "km", "千米": "km", "分钟": "min", "分": "min", "小时": "h", "秒": "s",
    "mu": "亩", "公顷": "ha", "平方米": "m²", "m2": "m²", "㎡": "m²", "平方公里": "km²",
    "平方千米": "km²", "km2": "km²", "立方米": "m³", "m3": "m³", "立方": "m³", "㎥": "m³",
    "M³": "m³", "M3": "m³", "吨": "t", "公斤": "kg", "kmh": "km/h", "公里/小时": "km/h",
    "立方米/日": "m³/d", "万元/公里": "万元/km", "度": "°", "平方": "m²", "万立方米": "万m³",
    "百分比": "%", "比例": "share",
}  # fmt: skip
_UNIT_KIND = {unit: kind for kind, units in _KINDS.items() for unit in units}
_QUANTITY = re.compile(r"^\s*([-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(\S*)\s*$")

# How a keyword argument's name ends, and the unit it therefore expects.
SUFFIXES = {
    "min": "min", "m": "m", "km": "km", "kmh": "km/h", "share": "share", "mu": "亩",
    "ha": "ha", "m2": "m²", "m3": "m³", "wan": "万元", "deg": "°",
}  # fmt: skip


def canonical_unit(unit: str) -> str:
    """Spell a unit the one way the library does.

    Parameters
    ----------
    unit
        As written, Chinese or Latin: ``立方米``, ``M³``, ``m3``.

    Returns
    -------
    str
        The canonical spelling, ``m³``.

    Raises
    ------
    UnitError
        When the unit is not known.
    """
    found = _ALIASES.get(unit.strip(), unit.strip())
    if found not in _UNIT_KIND:
        raise UnitError(
            "unit-unknown",
            N_("Unit {unit!r} is not known; known units: {known}."),
            unit=unit,
            known=" ".join(_UNIT_KIND),
        )
    return found


def unit_spellings() -> tuple[str, ...]:
    """List every way a unit may be written.

    Returns
    -------
    tuple of str
        Canonical spellings and aliases.
    """
    return (*_UNIT_KIND, *_ALIASES)


def unit_kind(unit: str) -> str:
    """Tell what a unit measures.

    Parameters
    ----------
    unit
        As written.

    Returns
    -------
    str
        Such as ``length``, ``area``, ``share``, ``money``.

    Raises
    ------
    UnitError
        When the unit is not known.
    """
    return _UNIT_KIND[canonical_unit(unit)]


def base_unit(unit: str) -> str:
    """Tell the unit of which a multiple such as 万头 or 万m³ is made.

    Parameters
    ----------
    unit
        As written.

    Returns
    -------
    str
        The unit without 万 or 亿; the canonical spelling itself for any other.

    Raises
    ------
    UnitError
        When the unit is not known.
    """
    found = canonical_unit(unit)
    plain = found.lstrip("万亿")
    return plain if plain in _UNIT_KIND else found


@dataclass(frozen=True)
class Quantity:
    """A number and its unit.

    Parameters
    ----------
    value
        The number.
    unit
        Canonical spelling, see `canonical_unit`.
    """

    value: float
    unit: str

    @classmethod
    def parse(cls, text: str, default_unit: str | None = None) -> Quantity:
        """Read a quantity such as ``45 min``, ``1,017.84 km`` or, with a default unit, ``45``.

        Parameters
        ----------
        text
            Number and unit.
        default_unit
            Taken when the text has none.

        Returns
        -------
        Quantity
            With canonical unit.

        Raises
        ------
        UnitError
            When there is no number, or no known unit.
        """
        match = _QUANTITY.match(text)
        unit = (match[2] or default_unit) if match else None
        if match is None or unit is None:
            raise UnitError(
                "quantity-unreadable",
                N_("{text!r} is not a quantity; write a number and a unit, such as 30 min."),
                text=text,
            )
        return cls(float(match[1].replace(",", "")), canonical_unit(unit))

    def to(self, unit: str) -> float:
        """Convert to a unit of the same kind.

        Parameters
        ----------
        unit
            Target unit.

        Returns
        -------
        float
            The number in that unit.

        Raises
        ------
        UnitError
            When the units are of different kinds.
        """
        source, target = canonical_unit(self.unit), canonical_unit(unit)
        if _UNIT_KIND[source] != _UNIT_KIND[target]:
            raise UnitError(
                "unit-kind",
                N_("{source} cannot be turned into {target}: they measure different things."),
                source=source,
                target=target,
            )
        if source == target:
            return self.value
        kind = _KINDS[_UNIT_KIND[source]]
        return self.value * kind[source] / kind[target]

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"
