"""The road table: lines with class, surface, width, codes, programme and the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.demo.hierarchy import CLASSES
from yanshan_gis.demo.surfaces import choose_surfaces
from yanshan_gis.demo.winding import linestrings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.chains import Chain
    from yanshan_gis.demo.crossings import Bridge
    from yanshan_gis.demo.layout import Layout
    from yanshan_gis.demo.streets import Street

_LETTER = "GSXYC"
_PROGRAMME = {"access": "access_roads", "in_village": "in_village_roads"}
_DONE = {"access": 0.55, "in_village": 0.3}  # share of hardened minor roads that it built
_TO_DO = {"access": 0.64, "in_village": 0.555}  # share of the others that it still has to harden
_GRADES = {
    0: (("class2", 12.0, 60.0),),
    1: (("class3", 8.5, 50.0),),
    2: (("class3", 7.5, 40.0), ("class4", 6.5, 40.0)),
    3: (("class4", 6.0, np.nan), ("class4", 5.5, np.nan), ("class4", 5.0, np.nan)),
    4: (("class4", 4.5, np.nan), ("substandard", 4.0, np.nan), ("substandard", 3.5, np.nan)),
    5: (("substandard", 3.5, np.nan), ("substandard", 3.0, np.nan)),
}


@dataclass
class RoadDraft:
    """Road lines while they are put together; `faults` changes them last.

    Parameters
    ----------
    xy
        Vertices × 2 of each line.
    rows
        One row per line; columns as in the catalogue, and `rank`, `hard`, `route`, `goal`.
    """

    xy: list[NDArray[np.float64]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, xy: NDArray[np.float64], **values: Any) -> None:
        """Append a line.

        Parameters
        ----------
        xy
            Vertices × 2.
        **values
            Its row.
        """
        self.xy.append(xy)
        self.rows.append(values)

    def lengths(self) -> NDArray[np.float64]:
        """Return the lines' lengths.

        Returns
        -------
        numpy.ndarray
            Metres.
        """
        return np.asarray(shapely.length(linestrings(self.xy)))


def add_access(
    draft: RoadDraft, chains: list[Chain], layout: Layout, hard: NDArray[np.bool_], names: list[str]
) -> None:
    """Append the access roads, the highest class first.

    Parameters
    ----------
    draft
        Added to.
    chains
        The lines.
    layout
        The roads.
    hard
        Which edges are hardened.
    names
        Of the nodes that roads are laid for.
    """
    rank, route = layout.roads.rank, layout.roads.route
    degree = np.bincount(layout.mesh.edges[layout.roads.used].ravel())
    serial: dict[int, tuple[int, int]] = {}
    counts = [0] * len(CLASSES)
    for chain in sorted(chains, key=lambda c: (rank[c.edges[0]], route[c.edges[0]])):
        level, number = int(rank[chain.edges[0]]), int(route[chain.edges[0]])
        if number not in serial:
            counts[level] += 1
            serial[number] = (level, counts[level])
        goal = layout.roads.goals[number]
        draft.add(
            chain.xy,
            rank=level,
            hard=bool(hard[chain.edges[0]]),
            route=number,
            goal=goal,
            ring=bool((degree[[chain.nodes[0], chain.nodes[-1]]] > 1).all()),
            scope="access",
            name=_name(level, names[goal] if goal >= 0 else ""),
            route_code=_code(level, serial[number][1]),
        )


def _name(level: int, goal: str) -> str | None:
    if level == 0 or not goal:
        return None
    return f"{goal}公路" if level < 4 else f"{goal}进村路"


def _code(level: int, number: int) -> str | None:
    """Return a route code of the register's form; the numbers themselves are modelled."""
    if level >= len(_LETTER):
        return None
    if level < 2:
        return f"{_LETTER[level]}{900 + (number if level else 1)}"  # one national road
    return f"{_LETTER[level]}{number:03d}532622"


def add_streets(
    draft: RoadDraft, streets: list[Street], hard: NDArray[np.bool_], names: list[str]
) -> None:
    """Append the streets inside villages.

    Parameters
    ----------
    draft
        Added to.
    streets, hard
        The streets, and which are hardened.
    names
        Of the settlements.
    """
    for street, hardened in zip(streets, hard.tolist(), strict=True):
        name = f"{names[street.village]}村内道路"
        draft.add(street.xy, rank=5, hard=hardened, route=-1, goal=street.village,
                  scope="in_village", name=name, route_code=None)  # fmt: skip


def add_bridges(draft: RoadDraft, bridges: list[Bridge]) -> None:
    """Append roads that cross others on bridges.

    Parameters
    ----------
    draft
        Added to.
    bridges
        Three lines each; the middle one is at level 1.
    """
    for bridge in bridges:
        for level, xy in zip((0, 1, 0), bridge.pieces, strict=True):
            draft.add(xy, rank=5, hard=False, route=-1, goal=-1, scope="access", name=None,
                      route_code=None, level=level)  # fmt: skip


def add_dual(draft: RoadDraft, xy: NDArray[np.float64]) -> None:
    """Append the second carriageway of the national road.

    Parameters
    ----------
    draft
        Added to; the first carriageway, with the same ends, becomes one-way.
    xy
        In the direction of travel.
    """
    first = next(
        index
        for index, line in enumerate(draft.xy)
        if np.array_equal(line[[0, -1]], xy[[-1, 0]]) or np.array_equal(line[[0, -1]], xy[[0, -1]])
    )
    row = draft.rows[first]
    same = bool(np.array_equal(draft.xy[first][0], xy[0]))
    row.update(one_way="backward" if same else "forward", technical_grade="class1", width_m=11.0)
    draft.add(xy, **{**row, "one_way": "forward"})


def finish_roads(rng: np.random.Generator, draft: RoadDraft) -> pd.DataFrame:
    """Fill the remaining columns.

    Parameters
    ----------
    rng
        Where the numbers come from.
    draft
        All lines.

    Returns
    -------
    pandas.DataFrame
        One row per line, in the draft's order, with the catalogue's columns (but id, township and
        source).
    """
    rows = pd.DataFrame(draft.rows)
    rank, hard = rows["rank"].to_numpy(), rows["hard"].to_numpy(dtype=bool)
    count = len(rows)
    grade, width, speed = _grades(rng, rank)
    surface = choose_surfaces(rng, rank, hard)
    given = rows.reindex(columns=["one_way", "level", "technical_grade", "width_m"])
    access = (rows["scope"] == "access").to_numpy()
    dearer = np.where(access, 62.0, 48.0) * np.exp(rng.normal(0, 0.15, count))
    dry = (surface == "earth") | ((surface == "gravel") & (rng.uniform(size=count) < 0.4))
    table = pd.DataFrame(
        {
            "name": rows["name"].astype(object).where(rows["name"].notna(), None),
            "route_code": rows["route_code"].astype(object).where(rows["route_code"].notna(), None),
            "admin_class": np.array(CLASSES, dtype=object)[rank],
            "technical_grade": given["technical_grade"].astype(object).fillna(pd.Series(grade)),
            "surface": surface,
            "width_m": given["width_m"].astype(float).fillna(pd.Series(width)),
            "scope": rows["scope"].astype(object),
            "status": np.full(count, "existing", dtype=object),
            "speed_kmh": speed,
            "cost_per_km_wan": np.where(hard, np.nan, np.round(dearer, 1)),
            "all_season": pd.array(~dry, dtype="boolean"),
            "one_way": given["one_way"].astype(object).fillna("both"),
            "level": given["level"].fillna(0).astype("Int64"),
        }
    )
    return table.assign(**_programme(rng, rows, hard))


def _grades(
    rng: np.random.Generator, rank: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.float64]]:
    draw = rng.uniform(size=len(rank))
    grade = np.empty(len(rank), dtype=object)
    width, speed = np.empty(len(rank)), np.empty(len(rank))
    for level, choices in _GRADES.items():
        for number, (name, metres, kmh) in enumerate(choices):
            here = (rank == level) & ((draw * len(choices)).astype(int) == number)
            grade[here], width[here], speed[here] = name, metres, kmh
    return grade, width, speed


def _programme(
    rng: np.random.Generator, rows: pd.DataFrame, hard: NDArray[np.bool_]
) -> dict[str, pd.Series]:
    """Say which minor roads the plan's programme hardened, and when, and which it still will."""
    scope = rows["scope"].to_numpy()
    minor = hard & (rows["rank"].to_numpy() >= 4)
    built = minor & (rng.uniform(size=len(rows)) < np.vectorize(_DONE.get)(scope))
    year = rng.integers(2021, 2026, len(rows))
    day = rng.integers(60, 360, len(rows))
    letter = {"access": "JC", "in_village": "CN"}
    soft = ~hard & (rows["rank"].to_numpy() >= 4) & (rows["goal"].to_numpy() >= 0)
    listed = built | (soft & (rng.uniform(size=len(rows)) < np.vectorize(_TO_DO.get)(scope)))
    number = np.cumsum(listed)
    name = [_PROGRAMME[s] if b else None for s, b in zip(scope, listed, strict=True)]
    project = [
        f"{letter[s]}-{n:04d}" if b else None for s, b, n in zip(scope, listed, number, strict=True)
    ]
    date = pd.to_datetime([f"{y}-01-01" for y in year]) + pd.to_timedelta(day, unit="D")
    return {
        "programme": pd.Series(name, dtype=object),
        "project_id": pd.Series(project, dtype=object),
        "completed_on": pd.Series(date).where(pd.Series(built)).astype("datetime64[ms]"),
    }
