"""Rows on the map: from whatever positions a file has to clean geometry in the working CRS.

Declared or given coordinate system, displaced web-map coordinates put back, shapes mended, kinds of
geometry checked against the layer. A file whose coordinates contradict its coordinate system is
refused as a whole, because every row of it would be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from yanshan_gis.content import LayerDef
from yanshan_gis.crs import WGS84, parse_crs, reproject, transform, working_crs
from yanshan_gis.datum import Datum, to_wgs84
from yanshan_gis.errors import CrsError, DataError, UsageError
from yanshan_gis.ingest.coordinates import diagnose, find_coordinate_columns, points_from_columns
from yanshan_gis.ingest.problems import RowProblem, Severity
from yanshan_gis.ingest.repair import Kind, repair_geometry, repair_notices
from yanshan_gis.ingest.suspicion import suspect_layer
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.ingest.table import RawTable, RefusedRow
    from yanshan_gis.layer import Layer

Shapes = NDArray[np.object_]
Rows = NDArray[np.int64]
_KINDS: tuple[Kind, ...] = ("Point", "LineString", "Polygon")
_ROW_NOTICES = {
    notice.code: notice
    for notice in (
        Notice("geometry-missing", N_("The row has no position; give it one.")),
        Notice("geometry-wrong-kind", N_("The shape is of a kind this layer does not hold.")),
        Notice("geometry-collapsed", N_("The shape has no length or area left after repair.")),
        Notice("geometry-scattered", N_("The row has several points; give each a row of its own.")),
        Notice("position-zero", N_("The position (0, 0) stands for none; give the row one.")),
        Notice(
            "geometry-changed",
            N_("Repair changed the area or length by more than 1 %; compare with the original."),
        ),
    )
}
_ABSENT = frozenset({"geometry-missing", "coordinate-missing"})
# where no county is known yet; kept off the equator, where degrees taken for metres would land
_CHINA = (73.0, 18.0, 135.5, 54.0)
_ROWS_ONLY = frozenset({"points-at-zero", "outside-county"})  # told row by row


@dataclass(frozen=True, eq=False)
class Placed:
    """Where the rows of a table are.

    Parameters
    ----------
    geometry
        In the working CRS, shape (n,); None for a table without positions.
    working
        The working CRS; None for a table without positions.
    crs
        The CRS the file was taken to be in.
    problems
        Rows that cannot be placed, and repairs.
    notices
        What concerns the file as a whole.
    repaired
        Number of mended geometries.
    """

    geometry: Shapes | None = None
    working: str | None = None
    crs: str | None = None
    problems: tuple[RowProblem, ...] = ()
    notices: tuple[Notice, ...] = ()
    repaired: int = 0


def mend(
    shapes: Shapes, rows: Rows, definition: LayerDef
) -> tuple[Shapes, list[RowProblem], tuple[Notice, ...], int]:
    """Repair geometries and bring them to the kinds a layer holds.

    Beyond `repair_geometry`, lines of one feature that join end to end become one line, a
    place of several points is refused, and so is the position (0, 0).

    Parameters
    ----------
    shapes
        Shape (n,).
    rows
        Row numbers as the user counts.
    definition
        The layer.

    Returns
    -------
    tuple
        Geometries (None where refused); refused and changed rows; what was repaired, over the
        whole file; and the number of repaired rows.

    Raises
    ------
    DataError
        When no row has a kind of geometry the layer holds.
    """
    allowed: list[Kind] = [k for k in _KINDS if k in definition.geometry]
    found = sorted({str(shape.geom_type) for shape in shapes if shape is not None})
    frame = gpd.GeoDataFrame(geometry=shapes)
    sound, repairs = repair_geometry(frame, kinds=allowed, row_numbers=rows)
    wrong = repairs["code"] == "geometry-wrong-kind"
    if wrong.any() and not len(sound):
        raise DataError(
            "geometry-kind",
            N_("Layer {layer} holds {wanted}, but the file holds {found}. Is it another layer?"),
            layer=definition.name,
            wanted=", ".join(allowed),
            found=", ".join(found),
        )
    mended = np.full(len(shapes), None, dtype=object)
    mended[sound.index.to_numpy()] = sound.geometry.to_numpy()
    kinds = shapely.get_type_id(mended)
    chains = kinds == shapely.GeometryType.MULTILINESTRING.value
    mended[chains] = shapely.line_merge(mended[chains])
    problems = [
        RowProblem(
            int(row),
            "geometry",
            str(reason),
            _ROW_NOTICES[code],
            "warn" if code == "geometry-changed" else _unplaced(_ROW_NOTICES[code], definition),
        )
        for row, code, reason in zip(
            repairs["row"], repairs["code"], repairs["reason"], strict=True
        )
        if code in _ROW_NOTICES
    ]
    scattered = kinds == shapely.GeometryType.MULTIPOINT.value
    zero = np.abs(np.nan_to_num(shapely.bounds(mended), nan=1.0)).max(axis=1) == 0
    for mask, code in ((scattered, "geometry-scattered"), (zero, "position-zero")):
        problems += [
            RowProblem(int(rows[i]), "geometry", "", _ROW_NOTICES[code])
            for i in np.flatnonzero(mask)
        ]
    told = repairs[~repairs["code"].isin(list(_ROW_NOTICES))]
    repaired = told.loc[~told["code"].isin(["z-dropped", "ring-turned"]), "row"]
    return mended, problems, repair_notices(told), int(repaired.nunique())


def _unplaced(notice: Notice, definition: LayerDef) -> Severity:
    """Let rows without position in where the layer may be a mere table: they still count."""
    return "warn" if notice.code in _ABSENT and "Table" in definition.geometry else "refuse"


def to_working(
    shapes: Shapes, source: Any, datum: Datum | None, working: str | None
) -> tuple[Shapes, str]:
    """Carry geometries into the working CRS, undoing a web map's displacement on the way.

    Parameters
    ----------
    shapes
        Shape (n,), in the source CRS.
    source
        Anything `parse_crs` reads.
    datum
        ``gcj02`` or ``bd09`` when the coordinates are displaced.
    working
        The working CRS; None to choose the zone of the data's middle.

    Returns
    -------
    tuple of numpy.ndarray and str
        Geometries and the working CRS.

    Raises
    ------
    CrsError
        When no shift to the working CRS is known.
    """
    if datum is not None:
        displaced: Datum = datum
        shapes = shapely.transform(
            reproject(shapes, source, WGS84),
            lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], displaced)),
        )
        source = WGS84
    if working is None:
        middle = _middle(shapes, source)
        working = WGS84 if middle is None else working_crs(*middle)
    return reproject(shapes, source, working), working


def _middle(shapes: Shapes, source: Any) -> tuple[float, float] | None:
    """Return the middle of the data in degrees; None when every shape was refused."""
    bounds = shapely.bounds(shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return None
    x = np.median((bounds[:, 0] + bounds[:, 2]) / 2)
    y = np.median((bounds[:, 1] + bounds[:, 3]) / 2)
    lon, lat = transform(x, y, source, WGS84)
    return float(lon), float(lat)


def place_rows(
    raw: RawTable,
    definition: LayerDef,
    *,
    crs: str | None = None,
    datum: Datum | None = None,
    columns: Mapping[str, str] | None = None,
    working: str | None = None,
    expected: Sequence[float] | None = None,
    trusted: Layer | None = None,
) -> Placed:
    """Find where the rows of a table are.

    Parameters
    ----------
    raw
        The table, with geometry or with columns of coordinates, or neither.
    definition
        The layer.
    crs
        Given by the user; it wins over what the file declares.
    datum
        ``gcj02`` or ``bd09`` when the coordinates come from a Chinese web map; they are then in
        degrees where nothing else is said.
    columns
        The user's choice of columns; ``x`` and ``y`` stand for the coordinates.
    working
        The working CRS; None to choose the zone of the data's middle.
    expected
        Where the county lies, degrees: west, south, east, north.
    trusted
        The layer as it is there, to which displaced coordinates would give themselves away.

    Returns
    -------
    Placed
        Without geometry for a table without positions.

    Raises
    ------
    CrsError
        When the CRS is missing, unknown, or not what the coordinates say.
    DataError
        When no row has a kind of geometry the layer holds.
    """
    if definition.is_table:
        return Placed()
    read = _read_shapes(raw, crs, datum, columns or {})
    if read is None:
        return Placed()
    shapes, source, unread, notices = read
    problems = [
        RowProblem(row.row, "geometry", _value(row), row.notice, _unplaced(row.notice, definition))
        for row in unread
    ]
    if shapely.is_missing(shapes).all():
        return Placed(problems=tuple(p for p in problems if p.notice.code not in _ABSENT))
    _check_crs(shapes, source, expected)
    shapes, strange, repairs, repaired = mend(shapes, raw.row_numbers, definition)
    known = {problem.row for problem in problems}
    problems += [problem for problem in strange if problem.row not in known]
    notices += repairs
    shapes, target = to_working(shapes, source, datum, working)
    if datum is None:
        notices += suspect_layer(shapes, target, trusted)
    return Placed(shapes, target, _crs_name(source), tuple(problems), notices, repaired)


def _value(row: RefusedRow) -> str:
    return str(row.notice.values.get("value", ""))


def _read_shapes(
    raw: RawTable, crs: str | None, datum: Datum | None, given: Mapping[str, str]
) -> tuple[Shapes, Any, Sequence[RefusedRow], tuple[Notice, ...]] | None:
    """Take the geometry as it is, or build it from columns; None where there is neither."""
    source = crs or raw.crs or (WGS84 if datum else None)  # web maps are in degrees
    if isinstance(raw.frame, gpd.GeoDataFrame):
        return raw.frame.geometry.to_numpy().copy(), source, (), ()
    if "x" in given:
        x, y = given["x"], given.get("y")
        notices: tuple[Notice, ...] = ()
        _check_columns(raw, [x, *([y] if y else [])])
    else:
        found = find_coordinate_columns(raw.frame, datum=datum)
        if found is None:
            return None
        x, y = found.x, found.y
        notices = tuple(n for n in found.notices if n.code != "datum-named")
        named = next((n for n in found.notices if n.code == "datum-named"), None)
        if named is not None and datum is None:  # positions would be wrong by hundreds of metres
            raise CrsError(named.code, named.text, **named.values)
    rows = raw.row_numbers.tolist()
    geometry, refused = points_from_columns(raw.frame, rows, x, y, source)
    return np.asarray(geometry, dtype=object), source, refused, notices


def _check_columns(raw: RawTable, wanted: Sequence[str]) -> None:
    for column in wanted:
        if column not in raw.frame:
            raise UsageError(
                "column-unknown",
                N_("The table has no column {column!r}; its columns: {known}."),
                column=column,
                known=", ".join(str(name) for name in raw.frame.columns),
            )


def _check_crs(shapes: Shapes, source: Any, expected: Sequence[float] | None) -> None:
    """Refuse a file without a CRS, or whose coordinates contradict it."""
    bounds = shapely.bounds(shapes)
    middles = np.column_stack([bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1)])
    notice = diagnose(middles, source, expected or _CHINA)
    if notice is not None and notice.code not in _ROWS_ONLY:
        raise CrsError(notice.code, notice.text, **notice.values)


def _crs_name(source: Any) -> str:
    parsed = parse_crs(source)
    authority = parsed.to_authority()
    return ":".join(authority) if authority else str(parsed.name)
