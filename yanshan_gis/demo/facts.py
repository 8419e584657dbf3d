"""What is really known of the county: the tables of ``layers/yanshan``, typed.

Empty cells are None. Positions stay in WGS 84 degrees; `county` carries them to the working CRS.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from yanshan_gis.catalogue import bundled_content
from yanshan_gis.plan.registry import Project
from yanshan_gis.plan.registry_csv import read_registry

_STORE_COLUMN = 4  # the special column that lists the cold stores
_UNITS = {"库容": "m³", "建筑面积": "m²", "占地面积": "亩"}


@dataclass(frozen=True)
class Place:
    """A township, committee or the county seat: its code, name and position where known.

    Parameters
    ----------
    code
        Of the division register; empty for modelled places.
    name
        Canonical.
    township
        Name of the township it belongs to (its own, for a township).
    kind
        ``county``, ``township``, ``village_committee``, ``rural_community``, ``urban_community``.
    urban_rural
        The register's three-digit urban-rural code, where it has one.
    lon, lat
        WGS 84 degrees.
    """

    code: str
    name: str
    township: str
    kind: str
    urban_rural: str = ""
    lon: float | None = None
    lat: float | None = None

    @property
    def is_central(self) -> bool:
        """True for committees in the middle of a town or township seat."""
        return self.urban_rural in {"111", "121", "210"}


@dataclass(frozen=True)
class ColdStore:
    """One cold store of the plan's fourth column; a quantity the plan leaves out is None.

    Parameters
    ----------
    project_id
        Of its record in the registry.
    township, committee, group
        Where; committee and group are empty where the plan does not say, or not clearly.
    written
        The place as the plan writes it.
    volume_m3, floor_area_m2, site_area_mu
        Three quantities that are never added up.
    status, products
        As in the catalogue.
    """

    project_id: str
    township: str
    committee: str
    group: str
    written: str
    volume_m3: float | None
    floor_area_m2: float | None
    site_area_mu: float | None
    status: str
    products: str


@dataclass(frozen=True)
class OtherName:
    """A name or code by which a township or committee is, or was, also known.

    Parameters
    ----------
    code
        Of the place, in the register of 2022.
    name, kind, other_code
        The other name, ``alias``, ``variant`` or ``former``, and the code that went with it.
    valid_from, valid_to
        Open where unknown.
    note
        Kind of difference and where it was found.
    """

    code: str
    name: str
    kind: str
    other_code: str
    valid_from: str
    valid_to: str
    note: str


@dataclass(frozen=True)
class Facts:
    """All tables.

    Parameters
    ----------
    county
        With the county seat's position.
    townships, committees, cold_stores, other_names
        In the order of their codes, or of the plan.
    projects
        The registry of the plan, of which the cold stores are a part.
    figures
        Figures of the plan by key, in the units of ``facts.csv``.
    """

    county: Place
    county_name_en: str
    townships: tuple[Place, ...]
    committees: tuple[Place, ...]
    cold_stores: tuple[ColdStore, ...]
    other_names: tuple[OtherName, ...]
    projects: tuple[Project, ...]
    figures: dict[str, float]


def read_facts(folder: Path | None = None) -> Facts:
    """Read the county's facts.

    Parameters
    ----------
    folder
        With the CSV files, the plan's registry among them; the bundled ones when not given.

    Returns
    -------
    Facts
        Typed.
    """
    folder = folder or bundled_content() / "layers" / "yanshan"
    county = _rows(folder / "county.csv")[0]
    name = county["name_zh"]
    projects = read_registry(folder)
    return Facts(
        county=Place(county["code"], name, "", "county", "", *_position(county)),
        county_name_en=county["name_en"],
        townships=tuple(
            Place(row["code"], row["name"], row["name"], "township", "", *_position(row))
            for row in _rows(folder / "townships.csv")
        ),
        committees=tuple(
            Place(
                row["code"],
                row["name"],
                row["township"],
                row["kind"],
                row["urban_rural_code"],
                *_position(row),
            )
            for row in _rows(folder / "committees.csv")
        ),
        cold_stores=tuple(_cold_store(p) for p in projects if p.column == _STORE_COLUMN),
        other_names=tuple(_other_name(row) for row in _rows(folder / "names.csv")),
        projects=projects,
        figures={row["key"]: float(row["value"]) for row in _rows(folder / "facts.csv")},
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _position(row: dict[str, str]) -> tuple[float | None, float | None]:
    return _number(row["lon"]), _number(row["lat"])


def _cold_store(project: Project) -> ColdStore:
    sizes = {amount.what: amount for amount in project.amounts if amount.nature == "quantity"}
    volume, floor, site = (
        sizes[what].value if what in sizes and sizes[what].unit == unit else None
        for what, unit in _UNITS.items()
    )
    return ColdStore(
        project_id=project.id,
        township=project.townships[0],
        committee=project.committees[0] if project.committees else "",
        group=project.group,
        written=project.place,
        volume_m3=volume,
        floor_area_m2=floor,
        site_area_mu=site,
        status=project.status,
        products="、".join(amount.note for amount in sizes.values() if amount.note),
    )


def _other_name(row: dict[str, str]) -> OtherName:
    note = "，".join(text for text in (row["note"], row["source"]) if text)
    return OtherName(
        code=row["code"],
        name=row["other_name"],
        kind=row["kind"],
        other_code=row["other_code"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        note=note,
    )
