"""Make geometry sound, and tell what was done to every row.

Steps, in this order: missing and empty shapes are refused; Z is dropped; closed lines become
polygons where polygons are wanted; self-crossing shapes are made valid, of which a polygon keeps
only its polygonal part and a line only its linear one; repeated points go; shells are turned
counter-clockwise (as GeoJSON wants them); shapes of the wrong kind are refused; multi-part shapes
are kept, or split on request. A change of area or length beyond one per cent is a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.ingest.table import spell_rows
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Shapes = NDArray[Any]

Kind = Literal["Point", "LineString", "Polygon"]

CHANGE_LIMIT = 0.01
"""Share of area or length by which a repair may change a shape without a warning."""

_DIMENSION = {"Point": 0, "LineString": 1, "Polygon": 2}
_REPAIRS = {
    "z-dropped": N_("{count} shapes had heights, which were dropped (rows {rows})."),
    "line-closed": N_("{count} closed lines were taken as polygons (rows {rows})."),
    "made-valid": N_("{count} shapes crossed themselves and were made valid (rows {rows})."),
    "points-repeated": N_("{count} shapes had repeated points, now removed (rows {rows})."),
    "ring-turned": N_("{count} polygons had their rings turned around (rows {rows})."),
    "parts-split": N_("{count} multi-part shapes were split into their parts (rows {rows})."),
    "geometry-changed": N_(
        "Repair changed the area or length of {count} shapes by more than 1 % (rows {rows}); "
        "compare them with the original."
    ),
    "geometry-missing": N_("{count} rows have no shape and were refused (rows {rows})."),
    "geometry-wrong-kind": N_(
        "{count} shapes are of a kind this layer does not take and were refused (rows {rows}): "
        "{reason}."
    ),
    "geometry-collapsed": N_(
        "{count} shapes have no length or area left and were refused (rows {rows})."
    ),
}
_REFUSALS = frozenset({"geometry-missing", "geometry-wrong-kind", "geometry-collapsed"})
_COLUMNS = {"row": "int64", "code": "object", "reason": "object", "change_share": "float64",
            "refused": "bool"}  # fmt: skip


class _Log:
    """What was done, row by row."""

    def __init__(self, numbers: NDArray[np.int64]) -> None:
        self.numbers = numbers
        self.entries: list[tuple[int, str, str, float, bool]] = []
        self.refused = np.zeros(len(numbers), dtype=bool)

    def add(
        self,
        code: str,
        mask: NDArray[np.bool_],
        reasons: Sequence[str] | None = None,
        change: NDArray[np.float64] | None = None,
    ) -> None:
        """Note one thing for every row of a mask; a refused row is not repaired any further."""
        for at in np.flatnonzero(mask & ~self.refused):
            reason = "" if reasons is None else reasons[int(at)]
            share = np.nan if change is None else float(change[at])
            self.entries.append((int(self.numbers[at]), code, reason, share, code in _REFUSALS))
        if code in _REFUSALS:
            self.refused |= mask

    def table(self) -> pd.DataFrame:
        """Return all entries, by row and then in the order of the steps."""
        frame = pd.DataFrame(self.entries, columns=list(_COLUMNS)).astype(_COLUMNS)
        return frame.sort_values("row", kind="stable", ignore_index=True)


def repair_geometry(
    frame: gpd.GeoDataFrame,
    *,
    kinds: Collection[Kind] | None = None,
    row_numbers: Sequence[int] | NDArray[np.int64] | None = None,
    explode: bool = False,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Repair the geometry of a table.

    Parameters
    ----------
    frame
        The table; it is not changed. Any CRS.
    kinds
        Kinds of geometry the layer takes, multi-part ones included; None takes all.
    row_numbers
        As the user counts; None numbers the rows from 1.
    explode
        True splits multi-part shapes into rows of their own; they keep their index label.

    Returns
    -------
    tuple
        The sound rows, with their index labels as they were; and the table of repairs:
        ``row``, ``code``, ``reason``, ``change_share`` (of area or length, where measured) and
        ``refused`` (True for rows left out of the frame), ordered by row.
    """
    numbers = np.arange(1, len(frame) + 1) if row_numbers is None else np.asarray(row_numbers)
    log = _Log(numbers)
    shapes = np.asarray(frame.geometry.array, dtype=object).copy()
    log.add("geometry-missing", shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes = _flattened(shapes, log)
    if kinds is not None and "Polygon" in kinds and "LineString" not in kinds:
        shapes = _closed(shapes, log)
    before = _measure(shapes)
    was_valid = shapely.is_valid(shapes)
    shapes = _made_valid(shapes, was_valid, log)
    shapes = _without_repeats(shapes, log)
    shapes = _turned(shapes, was_valid, log)
    if kinds is not None:
        shapes = _of_kind(shapes, kinds, log)
    _warn_of_change(before, shapes, log)
    keep = ~log.refused
    repaired = frame.loc[keep].copy()
    repaired = repaired.set_geometry(_single(shapes[keep]), crs=frame.crs)
    if explode:
        several = (shapely.get_num_geometries(shapes) > 1) & keep
        log.add("parts-split", several)
        repaired = repaired.explode(index_parts=False)
    return repaired, log.table()


def repair_notices(repairs: pd.DataFrame) -> tuple[Notice, ...]:
    """Sum up a table of repairs.

    Parameters
    ----------
    repairs
        From `repair_geometry`.

    Returns
    -------
    tuple of Notice
        One per code, in the order of the steps; ``geometry-changed`` is the warning.
    """
    notices = []
    for code, text in _REPAIRS.items():
        found = repairs[repairs["code"] == code]
        if len(found):
            reasons = sorted(set(found["reason"]) - {""})
            values = {"count": len(found), "rows": spell_rows(found["row"].tolist())}
            notices.append(
                Notice(code, text, values | ({"reason": ", ".join(reasons)} if reasons else {}))
            )
    return tuple(notices)


def _flattened(shapes: Shapes, log: _Log) -> Shapes:
    high = shapely.has_z(shapes)
    log.add("z-dropped", high)
    return np.where(high, shapely.force_2d(shapes), shapes)


def _closed(shapes: Shapes, log: _Log) -> Shapes:
    """Take closed lines, as CAD draws parcels, for the polygons they enclose."""
    lines = shapely.get_type_id(shapes) == 1
    rings = lines & shapely.is_closed(shapes) & (shapely.get_num_points(shapes) > 3)
    log.add("line-closed", rings)
    closed = shapes.copy()
    closed[rings] = [shapely.Polygon(line.coords) for line in shapes[rings]]
    return closed


def _made_valid(shapes: Shapes, was_valid: NDArray[np.bool_], log: _Log) -> Shapes:
    invalid = ~was_valid & ~shapely.is_missing(shapes)
    reasons = np.full(len(shapes), "", dtype=object)
    reasons[invalid] = shapely.is_valid_reason(shapes[invalid])
    log.add("made-valid", invalid, reasons=reasons.tolist())
    valid = shapes.copy()
    dimension = shapely.get_dimensions(shapes)
    areas = invalid & (dimension == 2)
    valid[areas] = shapely.make_valid(shapes[areas], method="structure", keep_collapsed=False)
    others = invalid & (dimension < 2)
    valid[others] = shapely.make_valid(shapes[others])
    for at in np.flatnonzero(invalid):
        valid[at] = _part_of_dimension(valid[at], int(dimension[at]))
    log.add("geometry-collapsed", shapely.is_empty(valid))
    return valid


def _part_of_dimension(shape: Any, dimension: int) -> Any:
    """Keep of a mixed shape the parts of one dimension."""
    if shape.geom_type != "GeometryCollection" and shapely.get_dimensions(shape) == dimension:
        # GEOS may leave parts unmerged that share an edge, which is not valid either
        return shape if shape.is_valid else shapely.union_all(_flat_parts(shape))
    parts = _flat_parts(shape)
    kept = [part for part in parts if shapely.get_dimensions(part) == dimension]
    if dimension == 2:
        return shapely.union_all(kept)
    build = shapely.MultiLineString if dimension == 1 else shapely.MultiPoint
    return build(kept)


def _flat_parts(shape: Any) -> list[Any]:
    if not hasattr(shape, "geoms"):
        return [shape]
    return [part for inner in shape.geoms for part in _flat_parts(inner)]


def _without_repeats(shapes: Shapes, log: _Log) -> Shapes:
    lean = shapely.remove_repeated_points(shapes, 0.0)
    fewer = shapely.get_num_coordinates(lean) < shapely.get_num_coordinates(shapes)
    log.add("points-repeated", fewer)
    flat = (shapely.get_dimensions(lean) == 1) & (shapely.length(lean) == 0)
    log.add("geometry-collapsed", flat)
    return np.where(fewer, lean, shapes)


def _turned(shapes: Shapes, was_valid: NDArray[np.bool_], log: _Log) -> Shapes:
    areas = shapely.get_dimensions(shapes) == 2
    turned = shapes.copy()
    turned[areas] = shapely.orient_polygons(shapes[areas])
    changed = np.zeros(len(shapes), dtype=bool)
    changed[areas] = ~shapely.equals_exact(turned[areas], shapes[areas])
    # what make_valid built has no direction of its own that anybody chose
    log.add("ring-turned", changed & was_valid)
    return turned


def _of_kind(shapes: Shapes, kinds: Collection[Kind], log: _Log) -> Shapes:
    wanted = {_DIMENSION[kind] for kind in kinds}
    fitting = shapes.copy()
    mixed = shapely.get_type_id(shapes) == 7  # a collection keeps its highest wanted part
    for at in np.flatnonzero(mixed & ~log.refused):
        found = {int(shapely.get_dimensions(part)) for part in _flat_parts(shapes[at])} & wanted
        if found:
            fitting[at] = _part_of_dimension(shapes[at], max(found))
    collection = shapely.get_type_id(fitting) == 7
    wrong = collection | ~np.isin(shapely.get_dimensions(fitting), sorted(wanted))
    wrong &= ~log.refused
    names = np.full(len(shapes), "", dtype=object)
    names[wrong] = [shape.geom_type for shape in fitting[wrong]]
    log.add("geometry-wrong-kind", wrong, reasons=names.tolist())
    return fitting


def _measure(shapes: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return shapely.area(shapes), shapely.length(shapes)


def _warn_of_change(
    before: tuple[NDArray[np.float64], NDArray[np.float64]], shapes: Shapes, log: _Log
) -> None:
    """Compare areas of polygons and lengths of lines, in the units of the CRS."""
    after = _measure(shapes)
    which = 1 - (shapely.get_dimensions(shapes) == 2)
    old, new = np.choose(which, before), np.choose(which, after)
    largest = np.fmax(old, new)
    share = np.divide(np.abs(new - old), largest, out=np.zeros_like(largest), where=largest > 0)
    log.add("geometry-changed", share > CHANGE_LIMIT, change=share)


def _single(shapes: Shapes) -> Shapes:
    """Unwrap multi-part shapes of one part; nothing about the shape changes."""
    alone = (shapely.get_type_id(shapes) >= 4) & (shapely.get_num_geometries(shapes) == 1)
    return np.where(alone, shapely.get_geometry(shapes, 0), shapes)
