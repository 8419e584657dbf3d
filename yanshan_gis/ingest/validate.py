"""Raw columns into typed fields, every problem of every row at once.

Values are read by the field's type (see `cells`), checked against required, minimum and maximum;
references become permanent ids; duplicates and places outside the county are reported. Nothing is
dropped here: a problem says whether its row must stay out, and the pipeline acts on it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.errors import DataError
from yanshan_gis.ingest.amounts import read_amounts
from yanshan_gis.ingest.cells import (
    CodeList,
    Reading,
    plain_text,
    read_boolean,
    read_date,
    read_integer,
    read_number,
    read_text,
)
from yanshan_gis.ingest.measures import fill_units, read_unit_name
from yanshan_gis.ingest.names import fold_place
from yanshan_gis.ingest.problems import RowProblem
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from yanshan_gis.content import FieldDef, LayerDef
    from yanshan_gis.ingest.fields import ColumnMatch, FieldMapping

Rows = NDArray[np.int64]
Box = tuple[float, float, float, float]

_DTYPES: dict[str, str] = {"number": "float64", "integer": "Int64", "boolean": "boolean"}
_FAR_SHARE = 0.5  # of the county's diagonal: beyond it a place is mistaken, not a neighbour


def _reader(field: FieldDef, match: ColumnMatch) -> Callable[[Any], Reading]:
    if field.type == "number":
        return lambda cell: read_number(cell, field.unit, match.factor)
    if field.type == "integer":
        return lambda cell: read_integer(cell, field.unit, match.factor)
    if field.type == "code":
        return CodeList(field.codes).read
    if field.type == "amounts":
        return lambda cell: read_amounts(cell, field.unit)
    readers = {"boolean": read_boolean, "date": read_date, "unit": read_unit_name}
    return readers.get(field.type, read_text)


def _read_cells(
    cells: Sequence[Any], read: Callable[[Any], Reading]
) -> tuple[list[Any], list[tuple[int, Reading]]]:
    """Read a column, each distinct cell once; readings with a notice come with their position."""
    known: dict[tuple[type, str], Reading] = {}
    values: list[Any] = []
    noted: list[tuple[int, Reading]] = []
    for position, cell in enumerate(cells):
        key = (type(cell), str(cell))
        reading = known.get(key)
        if reading is None:
            reading = known[key] = read(cell)
        values.append(reading.value)
        if reading.notice is not None:
            noted.append((position, reading))
    return values, noted


def validate_values(
    frame: pd.DataFrame, rows: Rows, mapping: FieldMapping, *, complete: bool = True
) -> tuple[pd.DataFrame, list[RowProblem]]:
    """Convert a file's columns into a layer's fields.

    Parameters
    ----------
    frame
        Columns as in the file.
    rows
        Row numbers as the user counts, shape (n,).
    mapping
        Which column goes where.
    complete
        Require a column and a value for every required field; False for tables that only bring
        some fields up to date.

    Returns
    -------
    tuple of pandas.DataFrame and list of RowProblem
        ``id`` (where the file has it), the fields in the layer's order (references still as
        written, dates as ISO text), then the extra columns as text; and all problems by row.

    Raises
    ------
    DataError
        When a required field has no column.
    """
    definition = mapping.definition
    columns: dict[str, Any] = {}
    problems: list[RowProblem] = []
    if mapping.id_column is not None:
        ids = [plain_text(cell) or None for cell in frame[mapping.id_column]]
        columns["id"] = pd.Series(ids, dtype=object)
    if complete:
        _check_columns(frame, mapping)
    for match in mapping.matches:
        field = definition.fields[match.field]
        cells = frame[match.column].tolist()
        values, noted = _read_cells(cells, _reader(field, match))
        problems += [
            RowProblem(
                int(rows[i]), match.field, plain_text(cells[i]), _noted(reading), reading.severity
            )
            for i, reading in noted
        ]
        columns[match.field] = pd.Series(values, dtype=_DTYPES.get(field.type, "object"))
        refused = {i for i, reading in noted if reading.severity == "refuse"}
        if match.field not in _unit_fields(definition):
            problems += _check_missing(match.field, field, values, rows, refused, complete)
        problems += _check_range(match.field, field, columns[match.field], cells, rows)
    for column, name in mapping.extra:
        texts, _ = _read_cells(frame[column].tolist(), lambda cell: Reading(plain_text(cell)))
        columns[name] = pd.Series([text or None for text in texts], dtype=object)
    typed = pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))
    problems += _check_units(typed, frame, rows, mapping, problems, complete)
    return typed, in_order(problems)


def _unit_fields(definition: LayerDef) -> dict[str, FieldDef]:
    """Return the fields that hold the unit of another field's numbers."""
    named = {field.unit_in for field in definition.fields.values() if field.unit_in}
    return {name: definition.fields[name] for name in definition.fields if name in named}


def _check_units(
    typed: pd.DataFrame,
    frame: pd.DataFrame,
    rows: Rows,
    mapping: FieldMapping,
    before: list[RowProblem],
    complete: bool,
) -> list[RowProblem]:
    """Complete the columns of units, then report numbers under two units, and units missing."""
    problems = []
    text = N_("The number stands under {stated}, but its own cell or heading says another unit.")
    for position, fields in enumerate(fill_units(typed, frame, mapping)):
        for name in fields:
            stated = typed[mapping.definition.fields[name].unit_in].iloc[position]
            match = mapping.match_of(name)
            cell = "" if match is None else plain_text(frame[match.column].iloc[position])
            notice = Notice("unit-contradicts", text, {"stated": stated})
            problems.append(RowProblem(int(rows[position]), name, cell, notice))
    for name, field in _unit_fields(mapping.definition).items():
        known = {int(p.row) for p in before if p.field == name}
        told = {i for i, row in enumerate(rows) if int(row) in known}
        units = typed.get(name, pd.Series(None, typed.index, dtype=object))
        values = [None if pd.isna(unit) else unit for unit in units]
        problems += _check_missing(name, field, values, rows, told, complete)
    return problems


def _noted(reading: Reading) -> Notice:
    return reading.notice or Notice("", "")


def in_order(problems: Iterable[RowProblem]) -> list[RowProblem]:
    """Sort problems by row; those of one row stay in the order found.

    Parameters
    ----------
    problems
        In any order.

    Returns
    -------
    list of RowProblem
        By row.
    """
    return sorted(problems, key=lambda problem: problem.row)


def _check_columns(frame: pd.DataFrame, mapping: FieldMapping) -> None:
    fields = mapping.definition.fields
    units = _unit_fields(mapping.definition)  # may stand in the numbers' cells or heading
    lacking = [n for n, f in fields.items()
               if f.required and n not in units and mapping.match_of(n) is None]  # fmt: skip
    if lacking:
        raise DataError(
            "field-no-column",
            N_(
                "Layer {layer} needs {fields}, and no column fits. Columns of the file: "
                "{columns}. Say which column it is (--column FIELD=COLUMN), or give one value for "
                "all rows (--value FIELD=VALUE)."
            ),
            layer=mapping.definition.name,
            fields=", ".join(f"{name} ({fields[name].title.zh})" for name in lacking),
            columns=", ".join(str(c) for c in frame.columns if c != "geometry") or "—",
        )


def _check_missing(
    name: str, field: FieldDef, values: list[Any], rows: Rows, known: set[int], complete: bool
) -> list[RowProblem]:
    if not (field.required and complete):
        return []
    shown = f"{name} ({field.title.zh})"
    notice = Notice("value-missing", N_("{field} must not be empty."), {"field": shown})
    return [
        RowProblem(int(rows[i]), name, "", notice)
        for i, value in enumerate(values)
        if value is None and i not in known
    ]


def _check_range(
    name: str, field: FieldDef, values: pd.Series[Any], cells: list[Any], rows: Rows
) -> list[RowProblem]:
    if field.minimum is None and field.maximum is None:
        return []
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    low = -np.inf if field.minimum is None else field.minimum
    high = np.inf if field.maximum is None else field.maximum
    with np.errstate(invalid="ignore"):
        outside = np.flatnonzero((numbers < low) | (numbers > high))
    bound = {
        "minimum": "" if field.minimum is None else f"{field.minimum:g}",
        "maximum": "" if field.maximum is None else f"{field.maximum:g}",
    }
    return [
        RowProblem(
            int(rows[i]),
            name,
            plain_text(cells[i]),
            Notice(
                "number-out-of-range",
                N_("{number:g} {unit} is outside the allowed range [{minimum}, {maximum}]."),
                {"number": float(numbers[i]), "unit": field.unit or "", **bound},
            ),
        )
        for i in outside
    ]


def check_duplicates(
    frame: pd.DataFrame, rows: Rows, definition: LayerDef, geometry: NDArray[np.object_] | None
) -> list[RowProblem]:
    """Find rows that stand in the file twice: by id, as a whole, or by name in a township.

    Parameters
    ----------
    frame
        From `validate_values`.
    rows
        Row numbers.
    definition
        The layer.
    geometry
        Shapely geometries, shape (n,); None for a table.

    Returns
    -------
    list of RowProblem
        Equal ids refuse all their rows, equal rows all but the first; equal codes or names are
        warnings. Names of lines may repeat.
    """
    problems: list[RowProblem] = []
    if "id" in frame:
        text = N_("{what} {value!r} stands in rows {rows}; each may stand there once.")
        problems += _repeated(_keys(frame["id"]), rows, "id", "id-duplicate", text, "refuse")
    problems += _equal_rows(frame, rows, geometry)
    if "code" in frame:
        text = N_("{what} {value!r} stands in rows {rows}.")
        problems += _repeated(_keys(frame["code"]), rows, "code", "code-duplicate", text, "warn")
    if "name" in frame and "LineString" not in definition.geometry:
        text = N_("The same {what} {value!r} stands in rows {rows} of one township.")
        problems += _repeated(name_keys(frame), rows, "name", "name-duplicate", text, "warn")
    return in_order(problems)


def _keys(values: pd.Series[Any]) -> list[tuple[str, ...] | None]:
    return [(value,) if (value := plain_text(cell)) else None for cell in values]


_PLACE_COLUMNS = ("township", "townships", "level", "committee", "committees", "parent", "name")


def name_keys(
    frame: pd.DataFrame,
    columns: Sequence[str] = _PLACE_COLUMNS,
    names: Mapping[str, str] | None = None,
) -> list[tuple[str, ...] | None]:
    """Say by what a row is known inside the county: township, level, superior, name.

    Parameters
    ----------
    frame
        With ``name`` and any of the columns.
    columns
        What makes up the key, ``name`` last; those the frame lacks are left out.
    names
        Names of features by id, for columns that may hold ids.

    Returns
    -------
    list of tuple or None
        Folded; the name stands last. None for a row without a name.
    """
    named = names or {}

    def folded(cell: Any) -> str:
        text = plain_text(cell)
        return fold_place(named.get(text, text))

    parts = [[folded(cell) for cell in frame[column]] for column in columns if column in frame]
    return [key if key[-1] else None for key in zip(*parts, strict=True)]


def _repeated(
    keys: Sequence[tuple[str, ...] | None],
    rows: Rows,
    field: str,
    code: str,
    text: str,
    severity: Literal["refuse", "warn"],
) -> list[RowProblem]:
    positions = defaultdict[tuple[str, ...], list[int]](list)
    for position, key in enumerate(keys):
        if key is not None:
            positions[key].append(position)
    problems: list[RowProblem] = []
    for key, found in positions.items():
        if len(found) > 1:
            where = ", ".join(str(rows[i]) for i in found[:12]) + (", …" * (len(found) > 12))
            notice = Notice(code, text, {"what": field, "value": key[-1], "rows": where})
            problems += [RowProblem(int(rows[i]), field, key[-1], notice, severity) for i in found]
    return problems


def _equal_rows(
    frame: pd.DataFrame, rows: Rows, geometry: NDArray[np.object_] | None
) -> list[RowProblem]:
    whole = frame.copy()
    if geometry is not None:
        whole["geometry"] = shapely.to_wkb(geometry)
    if not len(whole.columns):
        return []
    first: dict[str, int] = {}
    problems: list[RowProblem] = []
    repeated = np.flatnonzero(whole.duplicated(keep=False).to_numpy())
    for position in repeated:
        key = repr(whole.iloc[position].tolist())
        if key not in first:
            first[key] = int(rows[position])
            continue
        notice = Notice(
            "row-duplicate",
            N_("This row is equal to row {first} in everything; leave one of them out."),
            {"first": first[key]},
        )
        problems.append(RowProblem(int(rows[position]), "", "", notice))
    return problems


def check_inside(geometry: NDArray[np.object_], rows: Rows, box: Box) -> list[RowProblem]:
    """Find features outside the county's box, in the same metric CRS.

    Parameters
    ----------
    geometry
        Shapely geometries, shape (n,).
    rows
        Row numbers.
    box
        Least x, least y, greatest x, greatest y of the county, metres.

    Returns
    -------
    list of RowProblem
        A warning for a feature wholly outside; refused when it lies farther away than half the
        box's diagonal, where no neighbour is meant.
    """
    bounds = shapely.bounds(geometry)
    diagonal = float(np.hypot(box[2] - box[0], box[3] - box[1]))
    away_x = np.maximum(0.0, np.maximum(box[0] - bounds[:, 2], bounds[:, 0] - box[2]))
    away_y = np.maximum(0.0, np.maximum(box[1] - bounds[:, 3], bounds[:, 1] - box[3]))
    away = np.hypot(away_x, away_y)
    problems: list[RowProblem] = []
    for i in np.flatnonzero(away > 0):
        far = bool(away[i] > _FAR_SHARE * diagonal)
        notice = Notice(
            "place-far" if far else "place-outside",
            N_("The place lies {distance_km:.1f} km outside the county; check its coordinates."),
            {"distance_km": float(away[i]) / 1000},
        )
        where = f"{bounds[i, 0]:.1f}, {bounds[i, 1]:.1f}"
        problems.append(
            RowProblem(int(rows[i]), "geometry", where, notice, "refuse" if far else "warn")
        )
    return problems
