"""The plan as plain records, one per quantity: what is shown and handed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yanshan_gis.plan.registry import Amount, Project, from_layer, totals

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer


@dataclass(frozen=True)
class Selection:
    """Which projects and amounts are wanted; what is None is not asked for.

    Parameters
    ----------
    column
        The special column.
    township
        Canonical name.
    kind
        Code of the kind of project.
    unit
        Canonical unit of the amounts; projects without such an amount are then left out.
    id
        The project's.
    """

    column: int | None = None
    township: str | None = None
    kind: str | None = None
    unit: str | None = None
    id: str | None = None

    def choose(self, projects: Sequence[Project]) -> tuple[Project, ...]:
        """Keep the projects that are wanted.

        Parameters
        ----------
        projects
            Of one registry.

        Returns
        -------
        tuple of Project
            In order. A joint project counts for each of its townships, whole.
        """
        return tuple(project for project in projects if self._wants(project))

    def _wants(self, project: Project) -> bool:
        wanted = (
            (self.column, project.column),
            (self.kind, project.kind),
            (self.id, project.id),
        )
        return (
            all(asked is None or asked == found for asked, found in wanted)
            and (self.township is None or self.township in project.townships)
            and (self.unit is None or bool(self.amounts(project)))
        )

    def amounts(self, project: Project) -> tuple[Amount, ...]:
        """Keep the amounts of a project that are wanted.

        Parameters
        ----------
        project
            Any.

        Returns
        -------
        tuple of Amount
            In order.
        """
        return tuple(a for a in project.amounts if self.unit in {None, a.unit})


def to_records(layer: Layer, selection: Selection) -> list[dict[str, Any]]:
    """List projects as plain records, one per amount.

    Parameters
    ----------
    layer
        The layer ``projects``.
    selection
        Which are wanted.

    Returns
    -------
    list of dict
        ``id``, ``column``, ``townships``, ``committees`` (lists), ``quantity``, ``unit`` and what
        else is known; a project without a figure is one record whose ``quantity`` is None.
    """
    frame = layer.frame
    texts = {
        field: dict(zip(frame["id"], frame[field], strict=True))
        for field in ("location_quality", "location_note")
        if field in frame
    }
    records: list[dict[str, Any]] = []
    for project in selection.choose(from_layer(layer)):
        where = {field: _plain(values.get(project.id)) for field, values in texts.items()}
        amounts: Sequence[Amount | None] = selection.amounts(project) or (None,)
        records += [_record(project, amount, where) for amount in amounts]
    return records


def _plain(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _record(
    project: Project, amount: Amount | None, where: Mapping[str, str | None]
) -> dict[str, Any]:
    notes = [project.note, amount.note if amount else ""]
    return {
        "id": project.id,
        "column": project.column,
        "section": project.section or None,
        "item": project.item or None,
        "part_of": project.part_of or None,
        "name": project.name,
        "kind": project.kind or None,
        "townships": list(project.townships),
        "committees": list(project.committees),
        "group": project.group or None,
        "place": project.place or None,
        "status": project.status,
        "nature": amount.nature if amount else None,
        "quantity": _number(amount.value) if amount else None,
        "unit": amount.unit if amount else None,
        "basis": amount.basis if amount else None,
        "what": (amount.what or None) if amount else None,
        "source": project.source or None,
        "location_quality": where.get("location_quality"),
        "location_note": where.get("location_note"),
        "note": "；".join(note for note in notes if note) or None,
    }


def _number(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def to_totals(layer: Layer, selection: Selection) -> list[dict[str, Any]]:
    """Add up the amounts of projects, wholes or parts but never both.

    Parameters
    ----------
    layer
        The layer ``projects``.
    selection
        Which are wanted.

    Returns
    -------
    list of dict
        ``nature``, ``what``, ``unit``, ``basis``, ``total``: one per combination, since no other
        amounts may be added up.
    """
    sums = totals(selection.choose(from_layer(layer)))
    return [
        {
            "nature": nature,
            "what": what or None,
            "unit": unit,
            "basis": basis,
            "total": _number(total),
        }
        for (nature, what, unit, basis), total in sums.items()
        if selection.unit in {None, unit}
    ]
