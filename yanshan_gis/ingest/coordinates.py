"""Points from columns: which columns hold them, which axis is which, and what is wrong with rows.

Bureau tables name their columns 经度 and 纬度, X and Y, or 横坐标 and 纵坐标. In China's
Gauss-Krüger practice X runs north and Y runs east, but many files mean it the other way round:
the magnitudes decide. Inside China a northing has seven digits (2 to 6 million), an easting six
(or eight with the zone number in front), and latitudes (3 to 54) never reach longitudes (73 to
136).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely
from geopandas.array import GeometryArray, from_shapely, points_from_xy

from yanshan_gis.crs import parse_crs
from yanshan_gis.ingest.angles import parse_numbers
from yanshan_gis.ingest.diagnosis import diagnose, zone_crs
from yanshan_gis.ingest.table import RefusedRow
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from yanshan_gis.datum import Datum

    Floats = NDArray[np.float64]

__all__ = ["CoordinateColumns", "diagnose", "find_coordinate_columns", "points_from_columns"]

# What a column's name may hold for the first (east) and second (north) axis. Latin words stand
# alone or between separators, so that "belong" is no longitude.
_EAST = re.compile(
    r"经度|东经|横坐标y?|东坐标|(?<![a-z])(?:longitude|long|lng|lon|easting|x坐标|坐标x|[x])(?![a-z])"
)
_NORTH = re.compile(
    r"纬度|北纬|纵坐标x?|北坐标|(?<![a-z])(?:latitude|lat|northing|y坐标|坐标y|[y])(?![a-z])"
)
_SURE = re.compile(r"[经纬]度|东经|北纬|坐标|lon|lng|lat|easting|northing")
_TOGETHER = re.compile(
    r".*(坐标|经纬度|经纬|位置|wkt|geom(etry)?|the_geom|shape|location|lonlat|lnglat|latlon|"
    r"coordinates?|coords?)"
)
_WKT = re.compile(r"\s*(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\b", re.IGNORECASE)
_PAIR = re.compile(r"^[\s(（\[]*(.+?)\s*[,，;；|\s]\s*(\S.*?)[\s)）\]]*$")
_DISPLACED = re.compile(r"(?P<gcj02>gcj|火星|高德|腾讯|amap)|(?P<bd09>bd_?09|百度|baidu)")
_MAJORITY = 0.9


@dataclass(frozen=True)
class CoordinateColumns:
    """Where a table keeps its coordinates.

    Parameters
    ----------
    kind
        ``degrees``, ``metres``, or ``wkt`` for whole geometries as text.
    x
        Column of longitudes or eastings, or the one column that holds all.
    y
        Column of latitudes or northings; None where `x` holds both.
    zone
        The zone number in front of the eastings, if there is one.
    notices
        How the axes were decided.
    """

    kind: Literal["degrees", "metres", "wkt"]
    x: str
    y: str | None
    zone: int | None = None
    notices: tuple[Notice, ...] = ()


def find_coordinate_columns(
    frame: pd.DataFrame, *, datum: Datum | None = None
) -> CoordinateColumns | None:
    """Find the columns that hold coordinates, by name and by magnitude.

    Parameters
    ----------
    frame
        A raw table.
    datum
        The displaced system the user says the coordinates are in; columns named after it come
        first. None prefers columns that are not named after a displaced system.

    Returns
    -------
    CoordinateColumns or None
        None where no columns qualify. Of several pairs (start and end of a road) the first.
    """
    pair = _named_pair([str(name) for name in frame.columns], datum)
    if pair is not None:
        found = _judge_pair(frame, *pair)
        if found is not None:
            return found
    for name in frame.columns:
        folded = _fold(str(name))
        if name != "geometry" and _TOGETHER.fullmatch(folded):
            found = _judge_together(frame, name)
            if found is not None:
                return found
    return None


def points_from_columns(
    frame: pd.DataFrame, row_numbers: Sequence[int], x: str, y: str | None, crs: Any
) -> tuple[GeometryArray, tuple[RefusedRow, ...]]:
    """Build the geometry of a table from its coordinate columns.

    Parameters
    ----------
    frame
        The table.
    row_numbers
        As the user counts, one per row.
    x, y
        The columns, as `find_coordinate_columns` gives them; y is None where x holds both.
    crs
        What the coordinates are in; None where nobody knows yet.

    Returns
    -------
    tuple
        One geometry per row in that CRS, None for refused rows; and the refused rows with one of
        the codes ``coordinate-missing``, ``coordinate-unreadable``, ``coordinate-zero``,
        ``coordinate-swapped``, ``coordinate-out-of-range``.

    Raises
    ------
    CrsError
        When the CRS is not known.
    """
    known = None if crs is None else parse_crs(crs)
    if y is None and _is_wkt(frame[x]):
        shapes, reasons = _shapes(frame[x])
        geometry = from_shapely(shapes, crs=known)
    else:
        texts = (frame[x], frame[y]) if y is not None else _split(frame[x])
        (xs, x_says), (ys, y_says) = (parse_numbers(part.tolist()) for part in texts)
        if y is None and _is_swapped(xs, ys):
            xs, ys, x_says, y_says = ys, xs, y_says, x_says
        missing = texts[0].isna().to_numpy() | texts[1].isna().to_numpy()
        reasons = _reasons(xs, ys, missing, known is not None and bool(known.is_geographic))
        reasons[(x_says == "y") & (y_says == "x") & ~missing] = "coordinate-swapped"
        bad = reasons != ""
        xs, ys = np.where(bad, np.nan, xs), np.where(bad, np.nan, ys)
        geometry = points_from_xy(xs, ys, crs=known)
        geometry[bad] = None
    columns = x if y is None else f"{x}, {y}"
    return geometry, _refused(frame, row_numbers, reasons, columns)


def _fold(name: str) -> str:
    """Reduce a column's name to what tells its meaning: no spaces, no units in brackets."""
    text = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"\((?!x\)|y\)).*?\)|\[.*?\]|[\s()]", "", text)


def _named_pair(names: list[str], datum: Datum | None) -> tuple[str, str] | None:
    """Match the first column of eastings with one of northings whose name differs in that only."""
    names = sorted(names, key=lambda name: _label(name) != datum)
    north: dict[str, str] = {}
    for name in names:
        match = _NORTH.search(_fold(name))
        if match is not None:
            north.setdefault(_remainder(name, match), name)
    for name in names:
        match = _EAST.search(_fold(name))
        if match is not None and _remainder(name, match) in north:
            other = north[_remainder(name, match)]
            if other != name:
                return name, other
    return None


def _label(name: str) -> str | None:
    """Return the displaced system a column is named after."""
    match = _DISPLACED.search(_fold(name))
    return match.lastgroup if match else None


def _remainder(name: str, match: re.Match[str]) -> str:
    folded = _fold(name)
    return folded[: match.start()] + "*" + folded[match.end() :]


def _judge_pair(frame: pd.DataFrame, first: str, second: str) -> CoordinateColumns | None:
    xs, x_says = parse_numbers(frame[first].tolist())
    ys, y_says = parse_numbers(frame[second].tolist())
    both = np.isfinite(xs) & np.isfinite(ys)
    if not both.any():
        sure = bool(_SURE.search(_fold(first)))
        return CoordinateColumns("degrees", first, second) if sure else None
    if both.sum() * 2 < (frame[first].notna() & frame[second].notna()).sum():
        return None
    letters = (x_says == "y").sum() > (x_says == "x").sum() and (y_says == "x").any()
    if letters or _is_swapped(xs, ys):
        first, second, xs, ys = second, first, ys, xs
        swapped = True
    else:
        swapped = False
    return _described(first, second, xs, ys, swapped=swapped)


def _described(
    x: str, y: str | None, xs: Floats, ys: Floats, *, swapped: bool
) -> CoordinateColumns:
    degrees = float(np.nanmedian(np.abs(xs))) <= 180 and float(np.nanmedian(np.abs(ys))) <= 180
    values = {"x": x, "y": y or x, "east": _example(xs), "north": _example(ys)}
    notices = []
    if degrees and swapped:
        text = N_(
            "{x} holds longitudes and {y} latitudes, whatever they are called (such as {east} "
            "and {north}); they were read as such."
        )
        notices.append(Notice("axes-swapped", text, values))
    elif not degrees and y is not None:
        text = N_(
            "{x} was read as easting and {y} as northing, by their magnitudes (such as {east} "
            "and {north}); in surveying X often runs north and Y east."
        )
        notices.append(Notice("axes-decided", text, values))
    if _label(x) is not None:
        text = N_(
            "The names of {x} and {y} say that the coordinates are {datum}, displaced by some "
            "hundred metres; import them with datum {datum}."
        )
        notices.append(Notice("datum-named", text, values | {"datum": _label(x)}))
    zone = None if degrees else _zone(xs)
    if zone is not None:
        text = N_(
            "The eastings in {x} begin with zone number {zone} (such as {east}); on CGCS2000 that "
            "is {crs}."
        )
        more = {"x": x, "zone": zone, "east": _example(xs), "crs": zone_crs(zone)}
        notices.append(Notice("zone-number", text, more))
    return CoordinateColumns("degrees" if degrees else "metres", x, y, zone, tuple(notices))


def _judge_together(frame: pd.DataFrame, name: Any) -> CoordinateColumns | None:
    cells = frame[name]
    if _is_wkt(cells):
        return CoordinateColumns("wkt", str(name), None)
    first, second = _split(cells)
    xs, ys = parse_numbers(first.tolist())[0], parse_numbers(second.tolist())[0]
    both = np.isfinite(xs) & np.isfinite(ys)
    if not both.any() or both.sum() * 2 < cells.notna().sum():
        return None
    swapped = _is_swapped(xs, ys)
    if swapped:
        xs, ys = ys, xs
    return _described(str(name), None, xs, ys, swapped=swapped)


def _split(cells: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Split cells that hold both coordinates."""
    texts = cells.map(str, na_action="ignore").astype(object)
    texts = texts.where(texts.notna(), None)
    matches = [None if text is None else _PAIR.match(text) for text in texts]
    parts = [[None if match is None else match[group] for match in matches] for group in (1, 2)]
    # a text that does not split is unreadable, not missing
    for part in parts:
        part[:] = [text if value is None else value
                   for value, text in zip(part, texts, strict=True)]  # fmt: skip
    first, second = (texts._constructor(part, index=cells.index, dtype=object) for part in parts)
    return first, second


def _is_wkt(cells: pd.Series[Any]) -> bool:
    known = [cell for cell in cells.tolist() if isinstance(cell, str)]
    return bool(known) and sum(bool(_WKT.match(cell)) for cell in known) * 2 > len(known)


def _looks_swapped(xs: Floats, ys: Floats) -> NDArray[np.bool_]:
    """Tell by magnitude, for each row, that x is a latitude or northing inside China."""
    degrees = (xs >= 3) & (xs <= 54) & (ys >= 73) & (ys <= 136)
    eastings = ((ys >= 1e5) & (ys < 1e6)) | ((ys >= 13e6) & (ys < 46e6))
    return degrees | ((xs >= 1.9e6) & (xs <= 6.1e6) & eastings)


def _is_swapped(xs: Floats, ys: Floats) -> bool:
    both = np.isfinite(xs) & np.isfinite(ys) & ((xs != 0) | (ys != 0))
    return bool(both.any() and _looks_swapped(xs[both], ys[both]).mean() >= _MAJORITY)


def _zone(xs: Floats) -> int | None:
    known = xs[np.isfinite(xs)]
    zoned = (known >= 13e6) & (known < 46e6)
    return int(np.median(known[zoned]) // 1e6) if zoned.mean() >= _MAJORITY else None


def _example(values: Floats) -> str:
    return f"{values[np.isfinite(values)][0]:.10g}"


def _reasons(
    xs: Floats, ys: Floats, missing: NDArray[np.bool_], geographic: bool
) -> NDArray[np.str_]:
    """Say for each row why it is refused; empty where it is not."""
    reasons = np.full(len(xs), "", dtype="<U24")
    swapped = _looks_swapped(xs, ys)
    if not geographic and swapped.mean() * 2 > 1:
        swapped[:] = False  # all alike: the columns were chosen so, `diagnose` speaks of it
    if geographic:
        reasons[(np.abs(xs) > 180) | (np.abs(ys) > 90)] = "coordinate-out-of-range"
    reasons[swapped] = "coordinate-swapped"
    reasons[(xs == 0) & (ys == 0)] = "coordinate-zero"
    reasons[np.isnan(xs) | np.isnan(ys)] = "coordinate-unreadable"
    reasons[missing] = "coordinate-missing"
    return reasons


def _shapes(cells: pd.Series[Any]) -> tuple[NDArray[Any], NDArray[np.str_]]:
    texts = [re.sub(r"^\s*SRID=\d+;", "", cell, flags=re.IGNORECASE)
             if isinstance(cell, str) else None for cell in cells.tolist()]  # fmt: skip
    shapes = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    reasons = np.full(len(texts), "", dtype="<U24")
    reasons[shapely.is_missing(shapes)] = "coordinate-unreadable"
    reasons[cells.isna().to_numpy()] = "coordinate-missing"
    return shapes, reasons


_WHY = {
    "coordinate-missing": N_("Row {row} has no coordinates in {columns}."),
    "coordinate-unreadable": N_("Row {row}: {value!r} in {columns} is no coordinate."),
    "coordinate-zero": N_("Row {row} lies at (0, 0): its coordinates in {columns} are missing."),
    "coordinate-swapped": N_(
        "Row {row}: longitude and latitude (or X and Y) seem exchanged in {columns}: {value!r}."
    ),
    "coordinate-out-of-range": N_("Row {row}: {value!r} in {columns} is no place in degrees."),
}  # fmt: skip


def _refused(
    frame: pd.DataFrame, row_numbers: Sequence[int], reasons: NDArray[np.str_], columns: str
) -> tuple[RefusedRow, ...]:
    rows = []
    named = columns.split(", ") if columns not in frame else [columns]
    for at in np.flatnonzero(reasons != ""):
        code, row = str(reasons[at]), int(row_numbers[int(at)])
        value = ", ".join(str(frame[name].iloc[at]) for name in named)
        notice = Notice(code, _WHY[code], {"row": row, "columns": columns, "value": value})
        content = {str(name): cell for name, cell in frame.iloc[at].dropna().items()}
        rows.append(RefusedRow(row, notice, content))
    return tuple(rows)
