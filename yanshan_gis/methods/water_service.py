"""Whom a water project serves: by its area, by the villages it lists, or by its radius."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.methods.ledger import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

_BETWEEN_NAMES = re.compile(r"[、，,；;/\s]+")
_HOW = np.array(["area", "list", "radius", None], dtype=object)
_UNRESOLVED = ["id", "name", "village_name"]


@dataclass(frozen=True)
class WaterService:
    """Which project serves each village, and how that is known.

    What a project says of itself comes first: a polygon is a service area; a list of villages is
    one too. A radius counts only for a project that has neither.

    Parameters
    ----------
    project, how
        Name of the project and ``area``, ``list`` or ``radius``, per village; None where no
        project serves it.
    areas
        Polygons and circles, for the map.
    unresolved
        Names in lists that are no village, or several: ``id`` and ``name`` of the project,
        ``village_name``.
    imputed
        Number of projects whose radius is the recipe's.
    idle
        Number of projects that have neither position nor list.
    """

    project: NDArray[np.object_]
    how: NDArray[np.object_]
    areas: gpd.GeoDataFrame
    unresolved: pd.DataFrame
    imputed: int
    idle: int

    @classmethod
    def measure(
        cls, projects: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, radius_m: float
    ) -> WaterService:
        """Find the villages of every project.

        Parameters
        ----------
        projects
            Points, lines or polygons; ``villages_served``, ``service_radius_m``, ``committee``
            and ``township`` where known.
        villages
            With ``name``, ``township``, ``parent`` and ``parent_name`` (of the committee).
        radius_m
            Of projects that state neither area, villages nor a radius.

        Returns
        -------
        WaterService
            Of several projects that serve a village, the one that is surest of it, then the first.
        """
        shapes = projects.geometry.to_numpy()
        placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        own = amount(projects, "service_radius_m").to_numpy()
        texts = projects.get("villages_served", pd.Series(None, projects.index, dtype=object))
        listed = texts.notna().to_numpy() & (texts.astype(str).str.strip() != "").to_numpy()
        polygon = placed & (shapely.get_dimensions(shapes) == 2)
        round_ = placed & ~polygon & ~listed
        reach = np.where(np.isnan(own), radius_m, own)
        places = villages.geometry.to_numpy()
        by_list, unresolved = _by_list(projects[listed], texts[listed], villages)
        served = [
            _within(shapes, np.flatnonzero(polygon), places, np.zeros(len(shapes))),
            np.column_stack([np.flatnonzero(listed)[by_list[:, 0]], by_list[:, 1]]),
            _within(shapes, np.flatnonzero(round_), places, reach),
        ]
        project, how = _surest(served, len(villages))
        names = projects.get("name", projects["id"]).fillna(projects["id"])
        labels = np.array([*names, None], dtype=object)
        circles = shapely.buffer(shapes[round_], reach[round_])
        drawn = projects.loc[polygon | round_, ["id"]].assign(name=names[polygon | round_])
        geometry = np.empty(len(shapes), dtype=object)
        geometry[polygon], geometry[round_] = shapes[polygon], circles
        return cls(
            labels[project],
            _HOW[how],
            gpd.GeoDataFrame(drawn, geometry=geometry[polygon | round_], crs=projects.crs),
            unresolved,
            int((round_ & np.isnan(own)).sum()),
            int((~placed & ~listed).sum()),
        )


def _within(
    shapes: NDArray[np.object_],
    rows: NDArray[np.int64],
    places: NDArray[np.object_],
    reach_m: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Pair shapes with the places that lie within reach of them."""
    tree = shapely.STRtree(places)
    if not len(rows) or not len(tree):
        return np.empty((0, 2), dtype=np.int64)
    shape, place = tree.query(shapes[rows], predicate="dwithin", distance=reach_m[rows])
    return np.column_stack([rows[shape], place])


def _surest(
    served: Iterable[NDArray[np.int64]], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give each village the first project of the surest kind; -1 for none."""
    project = np.full(count, -1, dtype=np.int64)
    how = np.full(count, -1, dtype=np.int64)
    for kind, pairs in enumerate(served):
        first = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(first, pairs[:, 1], pairs[:, 0])
        new = (project < 0) & (first < np.iinfo(np.int64).max)
        project[new], how[new] = first[new], kind
    return project, how


def _by_list(
    projects: gpd.GeoDataFrame, texts: pd.Series, villages: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Pair projects with the villages their lists name, and list the names that fit none."""
    index = _Names.of(villages)
    committee, township = (
        projects.get(column, pd.Series(None, projects.index, dtype=object))
        for column in ("committee", "township")
    )
    pairs: list[tuple[int, int]] = []
    lost: list[tuple[Any, Any, str]] = []
    rows = zip(projects["id"], projects.get("name", projects["id"]), texts, strict=True)
    for number, (identifier, title, text) in enumerate(rows):
        where = (committee.iloc[number], township.iloc[number])
        for name in filter(None, _BETWEEN_NAMES.split(str(text))):
            found = index.find(name, *where)
            pairs += [(number, row) for row in found]
            if not found:
                lost.append((identifier, title, name))
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table, pd.DataFrame(lost, columns=_UNRESOLVED, dtype=object)


@dataclass(frozen=True)
class _Names:
    """Villages by name, within their committee, their township, and the county."""

    rows: Mapping[tuple[str, Any, str], list[int]]

    @classmethod
    def of(cls, villages: gpd.GeoDataFrame) -> _Names:
        """Index every village by its own name and by its committee's."""
        rows: dict[tuple[str, Any, str], list[int]] = {}
        keys = ("parent", "township")
        columns = [villages[key] for key in (*keys, "name", "parent_name")]
        for row, (parent, township, name, home) in enumerate(zip(*columns, strict=True)):
            for kind, word in (("own", name), ("all", home)):
                for place in (("parent", parent), ("township", township), ("county", None)):
                    rows.setdefault((f"{kind} {place[0]}", place[1], word), []).append(row)
        return cls(rows)

    def find(self, name: str, committee: Any, township: Any) -> list[int]:
        """Return the village of a name, or all villages of a committee of that name."""
        for place, kind in self._places(committee, township):
            mine = self.rows.get((f"own {place}", kind, name), [])
            if mine:
                return mine if len(mine) == 1 else []  # several of one name: nobody knows which
            everybody = self.rows.get((f"all {place}", kind, name), [])
            if everybody:
                return everybody
        return []

    @staticmethod
    def _places(committee: Any, township: Any) -> Iterator[tuple[str, Any]]:
        """Narrowest first; a project that names its township serves nobody in another."""
        if pd.notna(committee):
            yield "parent", committee
        if pd.notna(township):
            yield "township", township
        elif pd.isna(committee):
            yield "county", None
