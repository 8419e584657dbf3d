"""Rows on the map: from whatever positions a file has to clean geometry in the working CRS.

Declared or given coordinate system, displaced web-map coordinates put back, shapes mended, kinds of
geometry checked against the layer. A file whose coordinates contradict its coordinate system is
refused as a whole, because every row of it would be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from yanshan_gis.content import LayerDef
from yanshan_gis.crs import WGS84, parse_crs, reproject, transform, working_crs
from yanshan_gis.datum import Datum, suspect_gcj02, to_wgs84
from yanshan_gis.errors import CrsError, DataError
from yanshan_gis.ingest.coordinates import diagnose, find_coordinate_columns, points_from_columns
from yanshan_gis.ingest.report import RowProblem
from yanshan_gis.layer import Layer
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.ingest.table import RawTable, RefusedRow

Shapes = NDArray[np.object_]
Rows = NDArray[np.int64]
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


def fit_kinds(shapes: Shapes, rows: Rows, definition: LayerDef) -> tuple[Shapes, list[RowProblem]]:
    """Bring geometries to the kinds a layer holds, without changing where they are.

    Heights are dropped, multi-part shapes of one part become single, chained lines are joined.

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
    tuple of numpy.ndarray and list of RowProblem
        Geometries, and the rows that have none or one of another kind.

    Raises
    ------
    DataError
        When no row has a kind of geometry the layer holds.
    """
    shapes = shapely.force_2d(shapes)
    multi = shapely.get_type_id(shapes) == shapely.GeometryType.MULTILINESTRING.value
    shapes[multi] = shapely.line_merge(shapes[multi])
    single = (shapely.get_type_id(shapes) >= 4) & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    kinds = np.array([str(shape.geom_type) if shape is not None else "" for shape in shapes])
    allowed: set[str] = {kind for kind in definition.geometry if kind not in {"Table", "Raster"}}
    allowed |= {f"Multi{kind}" for kind in allowed - {"Point"}}
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    strange = ~missing & ~np.isin(kinds, sorted(allowed))
    if strange.any() and not (~missing & ~strange).any():
        raise DataError(
            "geometry-kind",
            N_("Layer {layer} holds {wanted}, but the file holds {found}. Is it another layer?"),
            layer=definition.name,
            wanted=", ".join(sorted(allowed)),
            found=", ".join(sorted(set(kinds[strange]))),
        )
    zero = ~missing & (np.abs(np.nan_to_num(shapely.bounds(shapes))).max(axis=1) == 0)
    at_zero = Notice("position-zero", N_("The position (0, 0) stands for none; give the row one."))
    nothing = Notice("geometry-missing", N_("The row has no position; give it one."))
    problems = [RowProblem(int(rows[i]), "geometry", "", nothing) for i in np.flatnonzero(missing)]
    problems += [
        RowProblem(int(rows[i]), "geometry", "0, 0", at_zero) for i in np.flatnonzero(zero)
    ]
    for i in np.flatnonzero(strange):
        notice = Notice(
            "geometry-kind-row",
            N_("{kind} does not belong into layer {layer}, which holds {wanted}."),
            {"kind": kinds[i], "layer": definition.name, "wanted": ", ".join(sorted(allowed))},
        )
        problems.append(RowProblem(int(rows[i]), "geometry", kinds[i], notice))
    return shapes, problems


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
        working = working_crs(*_middle(shapes, source))
    return reproject(shapes, source, working), working


def _middle(shapes: Shapes, source: Any) -> tuple[float, float]:
    bounds = shapely.bounds(shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
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
        ``gcj02`` or ``bd09`` when the coordinates come from a Chinese web map.
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
    read = _read_shapes(raw, crs)
    if read is None:
        return Placed()
    shapes, source, unread, notices = read
    problems = [RowProblem(row.row, "geometry", _value(row), row.notice) for row in unread]
    _check_crs(shapes, source, expected, raw)
    shapes, strange = fit_kinds(shapes, raw.row_numbers, definition)
    known = {problem.row for problem in problems}
    problems += [problem for problem in strange if problem.row not in known]
    shapes, target = to_working(shapes, source, datum, working)
    if datum is None:
        notices += _suspicion(shapes, target, trusted)
    return Placed(shapes, target, _crs_name(source), tuple(problems), notices, 0)


def _value(row: RefusedRow) -> str:
    return str(row.notice.values.get("value", ""))


def _read_shapes(
    raw: RawTable, crs: str | None
) -> tuple[Shapes, Any, Sequence[RefusedRow], tuple[Notice, ...]] | None:
    """Take the geometry as it is, or build it from columns; None where there is neither."""
    if isinstance(raw.frame, gpd.GeoDataFrame):
        shapes = raw.frame.geometry.to_numpy().copy()
        return shapes, crs or raw.crs, (), ()
    columns = find_coordinate_columns(raw.frame)
    if columns is None:
        return None
    source = crs or raw.crs
    rows = raw.row_numbers.tolist()
    geometry, refused = points_from_columns(raw.frame, rows, columns.x, columns.y, source)
    return np.asarray(geometry, dtype=object), source, refused, columns.notices


def _check_crs(
    shapes: Shapes, source: Any, expected: Sequence[float] | None, raw: RawTable
) -> None:
    """Refuse a file without a CRS, or whose coordinates contradict it."""
    bounds = shapely.bounds(shapes)
    middles = np.column_stack([bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1)])
    notice = diagnose(middles, source, expected)
    if source is None and notice is None:
        raise CrsError(
            "crs-missing-empty",
            N_("{file} declares no coordinate system; say which one it is (crs)."),
            file=raw.path.name,
        )
    if notice is not None and notice.code not in _ROWS_ONLY:
        raise CrsError(notice.code, notice.text, **notice.values)


def _crs_name(source: Any) -> str:
    parsed = parse_crs(source)
    authority = parsed.to_authority()
    return ":".join(authority) if authority else str(parsed.name)


def _suspicion(shapes: Shapes, working: str, trusted: Layer | None) -> tuple[Notice, ...]:
    """Compare with the layer that is there, unless that is itself modelled."""
    if trusted is None or trusted.modelled or trusted.crs is None or not len(trusted):
        return ()
    mine = shapely.get_coordinates(shapes)
    theirs = shapely.get_coordinates(trusted.frame.geometry.to_numpy())
    here = transform(mine[:, 0], mine[:, 1], working, WGS84)
    there = transform(theirs[:, 0], theirs[:, 1], trusted.crs, WGS84)
    notice = suspect_gcj02(*here, *there)
    return (notice,) if notice is not None else ()
