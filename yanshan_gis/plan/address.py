"""A place written in one run, such as 稼依镇补佐村委会新朵甲, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yanshan_gis.plan.gazetteer import Gazetteer

_COMMITTEE = re.compile(r"^(.{2,10}?(?:村民委员会|村委会|社区居委会|居委会|社区|行政村))(.*)$")

# Words for the seat of a township, which add no place of their own.
_SEAT = re.compile(r"^(?:村委会|集镇区?|镇区|乡政府|镇政府|政府|政府所在地|政府驻地|驻地|街上)$")
_AROUND = re.compile(r"(?:境内|辖区内?|范围内|片区|一带|等地|等)$")


@dataclass(frozen=True)
class Address:
    """The parts of a written place; an empty one is not stated.

    Parameters
    ----------
    township
        Canonical name.
    committee
        As written; known by its generic ending (村委会, 社区).
    rest
        What stands behind, such as a natural village, or the whole where nothing else is stated.
    """

    township: str = ""
    committee: str = ""
    rest: str = ""


def read_address(text: str, gazetteer: Gazetteer) -> Address:
    """Take a written place apart.

    Parameters
    ----------
    text
        As written.
    gazetteer
        Knows the county's townships.

    Returns
    -------
    Address
        Township first, then the committee, then the rest.
    """
    plain = re.sub(r"\s+", "", text)
    before, county, after = plain.partition(gazetteer.county) if gazetteer.county else ("", "", "")
    if county and (not before or before[-1] in "省州市区"):
        plain = after
    township, plain = _cut_township(plain, gazetteer)
    match = _COMMITTEE.match(plain)
    committee, rest = match.groups() if match else ("", plain)
    rest = _AROUND.sub("", rest)
    return Address(township, committee, "" if _SEAT.match(rest) else rest)


def _cut_township(text: str, gazetteer: Gazetteer) -> tuple[str, str]:
    """Cut off the longest beginning that names a township with its generic ending."""
    for end in range(min(len(text), 12), 1, -1):
        if text[end - 1] not in "镇乡道":
            continue
        found = gazetteer.township(text[:end]).id
        if found is not None:
            return found, text[end:]
    return "", text
