"""Which column of a file goes into which field of a layer.

A heading is compared with the field's name, its titles and its aliases; width, case, spaces and
punctuation do not count, a unit in brackets (库容（m³）, 里程(公里)) is read and converted, and
names that a shapefile cut to ten bytes are recognised. What fits no field is kept as a text column
under its own name: nothing is lost.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yanshan_gis.errors import UnitError, UsageError
from yanshan_gis.ingest.cells import fold_heading, unit_factor
from yanshan_gis.ingest.headings import Heading, How, last_part, rank, spellings
from yanshan_gis.messages import N_, Language, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from yanshan_gis.content import LayerDef

_RANKS: tuple[How, ...] = ("exact", "title", "alias", "cut")

# SQLite compares column names without case, and a GeoPackage has these of its own.
RESERVED = ("id", "source_id", "geometry", "geom", "fid")
_ID_HEADINGS = frozenset({"id", "编号", "永久编号"})


@dataclass(frozen=True)
class ColumnMatch:
    """One column that goes into one field.

    Parameters
    ----------
    field
        The layer's field.
    column
        The file's heading.
    how
        ``given`` by the user, or by name (``exact``), ``title``, ``alias``, a ``cut`` name, or
        ``part`` of a nested head.
    unit
        The unit that stands in the heading; None without one.
    factor
        What a bare number is multiplied by to be in the field's unit.
    """

    field: str
    column: str
    how: How
    unit: str | None = None
    factor: float = 1.0


@dataclass(frozen=True)
class FieldMapping:
    """Where every column of a file goes.

    Parameters
    ----------
    definition
        The layer.
    matches
        Columns that go into fields, in the order of the layer's fields.
    extra
        The other columns and the names under which they are kept, in file order.
    id_column
        The column that holds the workspace's own permanent ids, if any.
    notices
        What the user should know about the choice.
    """

    definition: LayerDef
    matches: tuple[ColumnMatch, ...]
    extra: tuple[tuple[str, str], ...] = ()
    id_column: str | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def share(self) -> float:
        """Share of the file's columns that found a field; 0 for a file without columns."""
        every = len(self.matches) + len(self.extra)
        return len(self.matches) / every if every else 0.0

    def match_of(self, field: str) -> ColumnMatch | None:
        """Return how a field was filled.

        Parameters
        ----------
        field
            The layer's field.

        Returns
        -------
        ColumnMatch or None
            None for a field without a column.
        """
        return next((match for match in self.matches if match.field == field), None)

    def to_rows(self, language: Language = "en") -> list[dict[str, Any]]:
        """Return the mapping as a table to print.

        Parameters
        ----------
        language
            Of the field titles.

        Returns
        -------
        list of dict
            ``column``, ``field``, ``title``, ``how``, ``unit``, ``factor``; extra columns last.
        """
        rows: list[dict[str, Any]] = [
            {
                "column": match.column,
                "field": match.field,
                "title": self.definition.fields[match.field].title.get(language),
                "how": match.how,
                "unit": match.unit,
                "factor": match.factor,
            }
            for match in self.matches
        ]
        blank = {"title": "", "unit": None, "factor": 1.0}
        if self.id_column is not None:
            rows.insert(0, {"column": self.id_column, "field": "id", "how": "exact", **blank})
        rows.extend(
            {"column": column, "field": name, "how": "extra", **blank}
            for column, name in self.extra
        )
        return rows


class _Chooser:
    """Distributes columns over fields, the best kind of match first."""

    def __init__(self, columns: Sequence[str], definition: LayerDef) -> None:
        self.definition = definition
        self.headings = {column: Heading.parse(column) for column in columns}
        self.matches: dict[str, ColumnMatch] = {}
        self.taken: set[str] = set()
        self.notices: list[Notice] = []

    def take_given(self, given: Mapping[str, str]) -> None:
        by_fold = {fold_heading(column): column for column in self.headings}
        for field, wanted in given.items():
            if field not in self.definition.fields:
                raise UsageError(
                    "field-unknown",
                    N_("Layer {layer} has no field {field!r}; its fields: {known}."),
                    layer=self.definition.name,
                    field=field,
                    known=", ".join(self.definition.fields),
                )
            column = wanted if wanted in self.headings else by_fold.get(fold_heading(wanted))
            if column is None:
                raise UsageError(
                    "column-unknown",
                    N_("The table has no column {column!r}; its columns: {known}."),
                    column=wanted,
                    known=", ".join(self.headings),
                )
            definition, unit = self.definition.fields[field], self.headings[column].unit
            measured = unit is not None and definition.type in {"number", "integer"}
            factor = unit_factor(unit, definition.unit) if unit and measured else 1.0
            self._take(field, column, "given", unit, factor)

    def take_by_name(self) -> None:
        ranked: dict[How, list[tuple[str, str, Heading]]] = defaultdict(list)
        for field, definition in self.definition.fields.items():
            known = spellings(field, definition)
            for column, heading in self.headings.items():
                found = rank(heading, known)
                if found is not None:
                    ranked[found[0]].append((field, column, found[1]))
        for how in _RANKS:
            self._take_rank(how, ranked[how])
        self._take_parts({c: part for c in self.headings if (part := last_part(c)) is not None})

    def _take_parts(self, parts: Mapping[str, Heading]) -> None:
        """Take nested heads whose last part is a field's name; what is not clear stays extra."""
        options = defaultdict[str, list[str]](list)
        for field, definition in self.definition.fields.items():
            known = spellings(field, definition)
            for column, heading in parts.items():
                found = rank(heading, known)
                if column not in self.taken and found is not None and found[0] != "cut":
                    options[field].append(column)
        wanted = Counter(column for columns in options.values() for column in columns)
        for field, columns in options.items():
            if field in self.matches or any(wanted[column] > 1 for column in columns):
                continue
            if len(columns) > 1:
                self._tell(
                    "column-parts",
                    N_(
                        "Columns {columns} could each be field {field}; they are kept as they "
                        "are. Say which it is (--column FIELD=COLUMN)."
                    ),
                    columns=", ".join(columns),
                    field=field,
                )
                continue
            unit = parts[columns[0]].unit
            factor = self._factor(field, unit)
            if factor is not None:
                self._take(field, columns[0], "part", unit, factor)

    def _take_rank(self, how: How, pairs: list[tuple[str, str, Heading]]) -> None:
        free = [pair for pair in pairs if pair[1] not in self.taken]
        self._tell_beaten([pair for pair in free if pair[0] in self.matches])
        free = [pair for pair in free if pair[0] not in self.matches]
        wanted = defaultdict[str, list[str]](list)
        for field, column, _ in free:
            wanted[column].append(field)
        torn = {column: fields for column, fields in wanted.items() if len(fields) > 1}
        for column, fields in torn.items():
            self._tell(
                "column-torn",
                N_(
                    "Column {column!r} could be any of {fields}; it is kept as it is. "
                    "Say which field it is (--column FIELD=COLUMN)."
                ),
                column=column,
                fields=", ".join(fields),
            )
        options = defaultdict[str, list[tuple[str, Heading]]](list)
        for field, column, spelling in free:
            if column not in torn:
                options[field].append((column, spelling))
        self._refuse_ambiguous(options)
        for field, [(column, spelling)] in options.items():
            unit = spelling.unit if how == "cut" else self.headings[column].unit
            factor = self._factor(field, unit)
            if factor is not None:
                self._take(field, column, how, unit, factor)

    def _refuse_ambiguous(self, options: Mapping[str, list[tuple[str, Heading]]]) -> None:
        several = {f: [c for c, _ in found] for f, found in options.items() if len(found) > 1}
        if several:
            raise UsageError(
                "field-ambiguous",
                N_(
                    "Several columns fit one field: {candidates}. Say which is meant "
                    "(--column FIELD=COLUMN)."
                ),
                candidates="; ".join(f"{f}: {', '.join(c)}" for f, c in several.items()),
            )

    def _tell_beaten(self, pairs: list[tuple[str, str, Heading]]) -> None:
        for field, column, _ in pairs:
            self._tell(
                "field-several",
                N_(
                    "Column {column!r} also fits field {field}, which is filled from {used!r}; "
                    "it is kept as an extra column."
                ),
                column=column,
                field=field,
                used=self.matches[field].column,
            )

    def _factor(self, field: str, unit: tuple[str, float] | None) -> float | None:
        definition = self.definition.fields[field]
        if unit is None or definition.type not in {"number", "integer"}:
            return 1.0
        try:
            return unit_factor(unit, definition.unit)
        except UnitError:
            self._tell(
                "heading-unit",
                N_(
                    "A column is headed in {unit}, but field {field} is measured in {target}; it "
                    "was not taken for that field."
                ),
                unit=unit[0],
                field=field,
                target=definition.unit,
            )
            return None

    def _take(
        self, field: str, column: str, how: How, unit: tuple[str, float] | None, factor: float
    ) -> None:
        shown = None if unit is None else unit[0]
        self.matches[field] = ColumnMatch(field, column, how, shown, factor)
        self.taken.add(column)

    def _tell(self, code: str, text: str, **values: Any) -> None:
        self.notices.append(Notice(code, text, values))


def _id_column(frame: pd.DataFrame, columns: Sequence[str], prefix: str) -> str | None:
    """Find the column of permanent ids: all its values have the layer's own form."""
    form = re.compile(rf"^{prefix}\d{{6,}}$")
    for column in columns:
        if fold_heading(column) in _ID_HEADINGS:
            values = frame[column].dropna()
            if len(values) and all(form.match(str(value).strip()) for value in values):
                return column
    return None


def _extra_names(columns: Sequence[str], definition: LayerDef) -> tuple[tuple[str, str], ...]:
    """Name the columns that are kept: as in the file, unless that name is taken."""
    used = {name.casefold() for name in (*RESERVED, *definition.fields)}
    theirs = {column.strip().casefold() for column in columns}
    named: list[tuple[str, str]] = []
    for number, column in enumerate(columns, 1):
        plain = column.strip() or f"column_{number}"
        name, tail = plain, 1
        while name.casefold() in used or (name != column.strip() and name.casefold() in theirs):
            name = f"file_{plain}" if tail == 1 else f"file_{plain}_{tail}"
            tail += 1
        used.add(name.casefold())
        named.append((column, name))
    return tuple(named)


def map_fields(
    frame: pd.DataFrame,
    definition: LayerDef,
    given: Mapping[str, str] | None = None,
    *,
    id_column: str | None = None,
) -> FieldMapping:
    """Decide which column of a file goes into which field.

    Parameters
    ----------
    frame
        Columns as in the file; a column ``geometry`` is left out of account.
    definition
        The layer.
    given
        The user's own choice, field to column; it wins.
    id_column
        The column of permanent ids where that is known; else a column named so whose values all
        have the form of the layer's ids.

    Returns
    -------
    FieldMapping
        Every column once: in a field, as id, or as an extra column.

    Raises
    ------
    UsageError
        When a given field or column does not exist, or several columns fit a field equally well.
    UnitError
        When a given column is headed in a unit of another kind than the field's.
    """
    columns = [str(column) for column in frame.columns if column != "geometry"]
    if id_column is None and "id" not in definition.fields:
        id_column = _id_column(frame, columns, definition.id_prefix)
    own = {id_column, "source_id"} if id_column is not None else set()
    offered = [column for column in columns if column not in own]
    chooser = _Chooser(offered, definition)
    chooser.take_given(given or {})
    chooser.take_by_name()
    matches = tuple(chooser.matches[f] for f in definition.fields if f in chooser.matches)
    extra = _extra_names([c for c in offered if c not in chooser.taken], definition)
    return FieldMapping(definition, matches, extra, id_column, tuple(chooser.notices))
