"""Minutes along edges: from a road's own speed, else from a table, and every guess is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

SlopeFactor = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]

DEFAULT = "default"
SOURCES = ("own", "class+surface", "class", "default")
IMPUTED_COLUMNS = ("admin_class", "surface", "speed_source", "speed_kmh", "edges", "km")
_M_PER_KM = 1000.0
_MIN_PER_H = 60.0


@dataclass(frozen=True)
class SpeedTable:
    """Speeds by administrative class and surface, for roads without one of their own.

    Parameters
    ----------
    by_surface
        km/h by class and surface.
    by_class
        km/h by class, where the surface is missing or not in the table.
    default
        km/h where the class is missing or not in the table.
    """

    by_surface: Mapping[tuple[str, str], float]
    by_class: Mapping[str, float]
    default: float

    @classmethod
    def from_dict(cls, table: Mapping[str, float | Mapping[str, float]]) -> SpeedTable:
        """Read a table as recipes write it.

        A class holds a number, or numbers by surface and perhaps a ``default``; without one, an
        unknown surface gets the lowest speed of the class, since a guess must not make a village
        look nearer. The table's own ``default`` is for unknown classes.

        Parameters
        ----------
        table
            ``{"county": {"asphalt": 50, "earth": 25}, "village": 20, "default": 15}``.

        Returns
        -------
        SpeedTable
            The same, typed.

        Raises
        ------
        DataError
            When there is no default, or a speed is not a positive number.
        """
        by_surface: dict[tuple[str, str], float] = {}
        by_class: dict[str, float] = {}
        for admin_class, speeds in table.items():
            if not isinstance(speeds, Mapping):
                by_class[admin_class] = _speed(speeds, admin_class)
                continue
            found = {name: _speed(kmh, f"{admin_class}.{name}") for name, kmh in speeds.items()}
            if found:
                by_class[admin_class] = found.get(DEFAULT, min(found.values()))
            by_surface |= {(admin_class, name): kmh for name, kmh in found.items()}
            by_surface.pop((admin_class, DEFAULT), None)
        if DEFAULT not in by_class:
            raise DataError(
                "speed-no-default",
                N_("The speed table has no default; add one, in km/h, for roads of unknown class."),
            )
        return cls(by_surface, by_class, by_class.pop(DEFAULT))

    def to_frame(self) -> pd.DataFrame:
        """Write the table as rows.

        Returns
        -------
        pandas.DataFrame
            ``admin_class``, ``surface`` and ``speed_kmh``; the surface is missing in the row of a
            class, and the class too in that of the default.
        """
        rows: list[tuple[str | None, str | None, float]] = [
            (*pair, kmh) for pair, kmh in self.by_surface.items()
        ]
        rows += [(name, None, kmh) for name, kmh in self.by_class.items()]
        rows.append((None, None, self.default))
        table = pd.DataFrame(rows, columns=["admin_class", "surface", "speed_kmh"])
        return table.astype({"admin_class": object, "surface": object, "speed_kmh": float})

    @classmethod
    def from_frame(cls, table: pd.DataFrame) -> SpeedTable:
        """Read rows written by `to_frame`.

        Parameters
        ----------
        table
            ``admin_class``, ``surface`` and ``speed_kmh``.

        Returns
        -------
        SpeedTable
            The same, typed.
        """
        by_surface: dict[tuple[str, str], float] = {}
        by_class: dict[str, float] = {}
        default = np.nan
        columns = (table[name] for name in ("admin_class", "surface", "speed_kmh"))
        for kind, surface, kmh in zip(*columns, strict=True):
            if pd.isna(kind):
                default = float(kmh)
            elif pd.isna(surface):
                by_class[str(kind)] = float(kmh)
            else:
                by_surface[str(kind), str(surface)] = float(kmh)
        return cls(by_surface, by_class, default)


def _speed(value: float, place: str) -> float:
    if not (isinstance(value, int | float) and 0 < value < np.inf):
        raise DataError(
            "speed-not-positive",
            N_("The speed table says {value!r} for {place}; write a positive number of km/h."),
            value=value,
            place=place,
        )
    return float(value)


def vehicle_slope_factor(grade: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slow vehicles on steep roads, uphill and downhill alike.

    A stated assumption, not a calibrated model: the speed falls by 3 % per per cent of grade and
    never below 40 % of that on the level, which keeps the order of design speeds that highway
    standards allow on steep mountain roads (a 10 % grade keeps 70 % of the speed).

    Parameters
    ----------
    grade
        Rise over run, signed.

    Returns
    -------
    numpy.ndarray
        Factor on the speed, 0.4 to 1.
    """
    return np.maximum(0.4, 1.0 - 3.0 * np.abs(grade))


def walking_slope_factor(grade: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slow or speed up walkers by grade, after Tobler's hiking function, 1 on the level.

    exp(-3.5 |g + 0.05|) / exp(-3.5 · 0.05); Tobler, W. (1993), Three presentations on
    geographical analysis and modeling, NCGIA Technical Report 93-1.

    Parameters
    ----------
    grade
        Rise over run, signed; negative is downhill.

    Returns
    -------
    numpy.ndarray
        Factor on the speed, largest (1.19) at -5 %.
    """
    return np.exp(-3.5 * (np.abs(grade + 0.05) - 0.05))


@dataclass(frozen=True, eq=False)
class Impedance:
    """What it takes to travel each edge.

    Parameters
    ----------
    minutes, minutes_back
        From ``u`` to ``v`` and from ``v`` to ``u``; NaN where one-way traffic forbids it.
    speed_kmh
        Speed on the level.
    speed_source
        ``own``, ``class+surface``, ``class`` or ``default``.
    imputed
        Edges and km that got a speed from the table, by class, surface and source.
    notices
        How much was imputed.
    """

    minutes: NDArray[np.float64]
    minutes_back: NDArray[np.float64]
    speed_kmh: NDArray[np.float64]
    speed_source: NDArray[np.object_]
    imputed: pd.DataFrame
    notices: tuple[Notice, ...] = ()

    def apply(self, edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return edges with their impedance; what they said of it before is replaced.

        Parameters
        ----------
        edges
            The edges this was computed for; not changed.

        Returns
        -------
        geopandas.GeoDataFrame
            With ``minutes``, ``minutes_back``, ``speed_kmh`` and ``speed_source``.
        """
        return edges.assign(
            minutes=self.minutes,
            minutes_back=self.minutes_back,
            speed_kmh=self.speed_kmh,
            speed_source=self.speed_source,
        )


def impede(
    edges: gpd.GeoDataFrame,
    *,
    speeds: SpeedTable,
    slope_factor: SlopeFactor | None = None,
    grade: ArrayLike | None = None,
) -> Impedance:
    """Give every edge its minutes.

    minutes = 60 · length_m / 1000 / (speed_kmh · factor(grade)). A road's own positive
    ``speed_kmh`` wins over the table. ``one_way`` ``forward`` forbids the way from ``v`` to ``u``,
    ``backward`` the other; a connector (``kind`` ``join``) is open both ways.

    Parameters
    ----------
    edges
        With ``length_m``; ``speed_kmh``, ``admin_class``, ``surface``, ``one_way`` and ``kind``
        where known.
    speeds
        For edges without a speed of their own.
    slope_factor
        Factor on the speed by signed grade; `vehicle_slope_factor` when only `grade` is given.
    grade
        Rise over run from ``u`` to ``v``, one per edge; where NaN, the edge counts as level.

    Returns
    -------
    Impedance
        One value per edge.

    Raises
    ------
    DataError
        When `grade` has another length than the edges.
    """
    length_km = edges["length_m"].to_numpy(dtype=float) / _M_PER_KM
    speed, source = _speeds(edges, speeds)
    ahead, back = _slope_factors(len(edges), grade, slope_factor or vehicle_slope_factor)
    on_level = _MIN_PER_H * length_km / speed
    minutes, minutes_back = on_level / ahead, on_level / back
    one_way = _text(edges, "one_way")
    connector = _text(edges, "kind") == "join"
    minutes[(one_way == "backward") & ~connector] = np.nan
    minutes_back[(one_way == "forward") & ~connector] = np.nan
    imputed = _imputed(edges, speed, source, length_km)
    return Impedance(minutes, minutes_back, speed, source, imputed, _notices(imputed, length_km))


def _text(edges: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Return a text column with empty text for what is missing."""
    if name not in edges:
        return np.full(len(edges), "", dtype=object)
    return edges[name].astype(object).where(edges[name].notna(), "").to_numpy(dtype=object)


def _speeds(
    edges: pd.DataFrame, speeds: SpeedTable
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    classes, surfaces = _text(edges, "admin_class"), _text(edges, "surface")
    class_code, class_names = pd.factorize(classes)
    surface_code, surface_names = pd.factorize(surfaces)
    pairs = np.array(
        [[speeds.by_surface.get((c, s), np.nan) for s in surface_names] for c in class_names]
    ).reshape(len(class_names), len(surface_names))
    alone = np.array([speeds.by_class.get(c, np.nan) for c in class_names], dtype=float)
    by_surface, by_class = pairs[class_code, surface_code], alone[class_code]

    own = np.full(len(edges), np.nan)
    if "speed_kmh" in edges:
        own = pd.to_numeric(edges["speed_kmh"], errors="coerce").to_numpy(float, na_value=np.nan)
    known = (own > 0) & np.isfinite(own)
    cases = [known, np.isfinite(by_surface), np.isfinite(by_class)]
    speed = np.select(cases, [own, by_surface, by_class], speeds.default)
    which = np.select(cases, [0, 1, 2], 3)
    return speed, np.array(SOURCES, dtype=object)[which]


def _slope_factors(
    n: int, grade: ArrayLike | None, slope_factor: SlopeFactor
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if grade is None:
        return np.ones(n), np.ones(n)
    slopes = np.nan_to_num(np.asarray(grade, dtype=float), nan=0.0)
    if slopes.shape != (n,):
        raise DataError(
            "grade-length",
            N_("There are {grades} grades for {edges} edges; give one per edge."),
            grades=slopes.size,
            edges=n,
        )
    return slope_factor(slopes), slope_factor(-slopes)


def _imputed(
    edges: pd.DataFrame,
    speed: NDArray[np.float64],
    source: NDArray[np.object_],
    length_km: NDArray[np.float64],
) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "admin_class": _text(edges, "admin_class"),
            "surface": _text(edges, "surface"),
            "speed_source": source,
            "speed_kmh": speed,
            "km": length_km,
        }
    )
    rows = rows[source != "own"]
    keys = ["admin_class", "surface", "speed_source", "speed_kmh"]
    counted: pd.DataFrame = rows.groupby(keys, sort=True, as_index=False).agg(
        edges=("km", "size"), km=("km", "sum")
    )
    return counted.reindex(columns=list(IMPUTED_COLUMNS))


def _notices(imputed: pd.DataFrame, length_km: NDArray[np.float64]) -> tuple[Notice, ...]:
    if not len(imputed):
        return ()
    values = {
        "edges": int(imputed["edges"].sum()),
        "km": round(float(imputed["km"].sum()), 3),
        "all_km": round(float(length_km.sum()), 3),
    }
    return (
        Notice(
            "speeds-imputed",
            N_("{edges} edges, {km} km of {all_km} km, have no speed; a table's speed was used."),
            values,
        ),
    )
