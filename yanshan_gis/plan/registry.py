"""The plan's projects as typed records, carried in the layer ``projects``.

A record is one project, or one placed or quantified statement, with its amounts as a list. An
amount has a unit and a basis and is never added to one of another unit or basis. A part points to
its whole, so that a total counts wholes or parts, never both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from yanshan_gis.units import BASES as BASES
from yanshan_gis.units import Basis as Basis

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

Nature = Literal["quantity", "money", "beneficiaries"]
NATURES: tuple[Nature, ...] = get_args(Nature)
JOINER = "、"  # between several townships or committees
# The field of the layer ``projects`` that holds the amounts of each nature.
FIELD_OF: Mapping[Nature, str] = {
    "quantity": "quantities", "money": "money", "beneficiaries": "beneficiaries",
}  # fmt: skip

# Fields of the layer that hold one plain number, as project lists have it in a column.
_PLAIN: Mapping[str, tuple[Nature, str]] = {
    "investment_wan": ("money", "万元"),
    "beneficiary_households": ("beneficiaries", "户"),
    "beneficiary_people": ("beneficiaries", "人"),
}


@dataclass(frozen=True)
class Amount:
    """One figure of a project.

    Parameters
    ----------
    nature
        A quantity of something built, grown or served, money, or those who benefit.
    value
        In `unit`; what the plan leaves out has no amount at all.
    unit
        Canonical spelling; money is always in 万元.
    basis
        ``total`` for the whole project and period, ``per_year``, ``per_unit``, ``monthly``.
    what
        What is counted where the unit does not say: 库容, 建筑面积, 养殖规模.
    note
        For the reader.
    """

    nature: Nature
    value: float
    unit: str
    basis: Basis = "total"
    what: str = ""
    note: str = ""

    @property
    def key(self) -> tuple[Nature, str, str, Basis]:
        """What amounts must share to be added up."""
        return self.nature, self.what, self.unit, self.basis


@dataclass(frozen=True)
class Project:
    """One project, or one placed or quantified statement of a plan.

    Parameters
    ----------
    id
        Permanent, the registry's own.
    column
        The special column (专栏) it stands in; None outside the columns.
    section, source
        Chapter and section, and the paragraph, where a reader finds it.
    item
        Number of the item within the column.
    part_of
        The project this one is a part of; its amounts are then counted there.
    name, kind, status
        As in the layer catalogue.
    townships, committees
        Canonical names where they are known, else as written. A committee outside the first
        township is written ``township/committee``. Without townships it is county-wide.
    group
        Village group or place within the committee.
    place
        As the plan writes the place.
    note
        Contradictions and readings, for the reader.
    amounts
        Never divided among townships.
    """

    id: str
    name: str
    kind: str
    column: int | None = None
    section: str = ""
    item: str = ""
    part_of: str = ""
    townships: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    group: str = ""
    place: str = ""
    status: str = "planned"
    source: str = ""
    note: str = ""
    amounts: tuple[Amount, ...] = ()


def split_places(text: str) -> tuple[str, ...]:
    """Split a list of places.

    Parameters
    ----------
    text
        Places joined by 、; empty for none.

    Returns
    -------
    tuple of str
        The places.
    """
    return tuple(part for part in (p.strip() for p in text.split(JOINER)) if part)


def to_frame(projects: Sequence[Project]) -> pd.DataFrame:
    """Write projects as rows of the layer ``projects``: lists of amounts become JSON texts.

    Parameters
    ----------
    projects
        Of one registry.

    Returns
    -------
    pandas.DataFrame
        With ``id`` and the layer's fields; empty texts are None.
    """
    rows = []
    for project in projects:
        row: dict[str, Any] = {
            "id": project.id, "column": project.column, "section": project.section,
            "item": project.item, "part_of": project.part_of, "name": project.name,
            "kind": project.kind, "townships": JOINER.join(project.townships),
            "committees": JOINER.join(project.committees), "group": project.group,
            "place": project.place,
        }  # fmt: skip
        row |= {field: _dump(project, nature) for nature, field in FIELD_OF.items()}
        row |= {"status": project.status, "source": project.source, "note": project.note}
        rows.append({key: None if value == "" else value for key, value in row.items()})
    frame = pd.DataFrame(rows, dtype=object)
    return frame.astype({"column": "Int64"}) if len(frame) else frame


def _dump(project: Project, nature: Nature) -> str:
    plain = [
        {
            "value": amount.value,
            "unit": amount.unit,
            "basis": amount.basis,
            **({"what": amount.what} if amount.what else {}),
            **({"note": amount.note} if amount.note else {}),
        }
        for amount in project.amounts
        if amount.nature == nature
    ]
    return json.dumps(plain, ensure_ascii=False) if plain else ""


def from_layer(layer: Layer) -> tuple[Project, ...]:
    """Read projects back from the layer ``projects``.

    Parameters
    ----------
    layer
        With the fields of the catalogue; absent ones are taken as empty.

    Returns
    -------
    tuple of Project
        In row order.
    """
    frame = pd.DataFrame(layer.frame)
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return tuple(_from_row(record) for record in records)


def _from_row(row: Mapping[Any, Any]) -> Project:
    def text(field: str) -> str:
        return str(row.get(field) or "")

    amounts = [
        Amount(nature, float(item["value"]), item["unit"], item.get("basis", "total"),
               item.get("what", ""), item.get("note", ""))
        for nature, field in FIELD_OF.items()
        for item in json.loads(text(field) or "[]")
    ]  # fmt: skip
    amounts += _plain_figures(row, amounts)
    column = row.get("column")
    return Project(
        id=text("id"), name=text("name"), kind=text("kind"),
        column=None if column is None else int(column), section=text("section"),
        item=text("item"), part_of=text("part_of"), townships=split_places(text("townships")),
        committees=split_places(text("committees")), group=text("group"), place=text("place"),
        status=text("status") or "planned", source=text("source"), note=text("note"),
        amounts=tuple(amounts),
    )  # fmt: skip


def _plain_figures(row: Mapping[Any, Any], typed: Sequence[Amount]) -> list[Amount]:
    """Read the plain number columns of a project list, where no typed amount says the same."""
    told = {(amount.nature, amount.unit) for amount in typed}
    return [
        Amount(nature, float(row[field]), unit)
        for field, (nature, unit) in _PLAIN.items()
        if row.get(field) is not None and (nature, unit) not in told
    ]


def counted_amounts(projects: Iterable[Project]) -> list[tuple[Project, Amount]]:
    """List the amounts that a total counts: a part's own are left to its whole.

    Parameters
    ----------
    projects
        All of one registry, or some of it.

    Returns
    -------
    list of tuple
        Project and amount, in order. An amount of a part is left out where a project it is part
        of, itself among `projects`, has one of the same nature, subject, unit and basis.
    """
    known = {project.id: project for project in projects}

    def covered(project: Project, amount: Amount) -> bool:
        seen = {project.id}
        above = known.get(project.part_of)
        while above is not None and above.id not in seen:
            if any(other.key == amount.key for other in above.amounts):
                return True
            seen.add(above.id)
            above = known.get(above.part_of)
        return False

    return [
        (project, amount)
        for project in known.values()
        for amount in project.amounts
        if not covered(project, amount)
    ]


def totals(projects: Iterable[Project]) -> dict[tuple[Nature, str, str, Basis], float]:
    """Add up amounts by nature, subject, unit and basis.

    Parameters
    ----------
    projects
        What to add up.

    Returns
    -------
    dict
        Sums by (nature, what, unit, basis), in order of first appearance. What is per year or
        monthly is never added to totals, and rates per unit are never added at all.
    """
    sums: dict[tuple[Nature, str, str, Basis], float] = {}
    for _, amount in counted_amounts(projects):
        if amount.basis == "per_unit":  # rates add up to nothing
            continue
        sums[amount.key] = sums.get(amount.key, 0.0) + amount.value
    return {key: round(value, 6) for key, value in sums.items()}
