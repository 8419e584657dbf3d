"""A plan's projects on the map: located, joint over townships, county-wide or not located.

A joint figure is never divided: the townships it concerns are shaded and the one figure stands
beside. Totals take wholes or parts, each unit and basis by itself.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.methods.townships import in_official_order
from yanshan_gis.needs import Need, needs
from yanshan_gis.plan.registry import JOINER, Amount, Project, counted_amounts, from_layer, totals
from yanshan_gis.plan.spelling import amount_text, amounts_text
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

# A symbol's area shows one unit only, so every unit has a column of its own.
SIZE_FIELDS = {
    "m³": "volume_m3", "m²": "area_m2", "亩": "area_mu", "km": "length_km", "m": "length_m",
    "头": "head", "只": "animals", "羽": "birds", "个": "count",
}  # fmt: skip
_SHOWN = [
    "id", "mark", "name", "kind", "column", "status", "township", "place", "figure", "position",
    "at_seat",
]  # fmt: skip
_REST = ["townships", "item", "section", "part_of", "money", "beneficiaries", "source", "note"]
_NATURES = {"quantity": "数量", "money": "资金", "beneficiaries": "受益"}
_AT_SEAT = "seat"
_OUTSIDE = 0  # stands for the column of statements outside the special columns
_STANDS = {"located": "定位", "joint": "跨乡镇", "county_wide": "全县", "unlocated": "未定位"}


@needs(
    projects=Need(fields=("name",)),
    townships=Need(optional=True, rows=False),
)
def on_map(*, projects: Layer, townships: Layer | None, marked: str = "all") -> Result:
    """Sort a plan's projects by how they can be shown, and add up what may be added up.

    Parameters
    ----------
    projects
        The registry; geometry where a project has a place of its own.
    townships
        Polygons with ``name``; without them joint projects are listed and nothing is shaded.
    marked
        Which projects get a mark, and are listed on the sheet: ``all``, or ``outside`` for those
        outside the special columns. Numbers for the located, letters for the joint ones, ``–``
        for those without a symbol.

    Returns
    -------
    Result
        Layers ``located`` (a point each, numbered) and, where there are any, ``lines`` and
        ``areas`` (their true shapes) and ``shaded`` (townships with the letters of their joint
        projects); tables ``projects`` (each with how it stands on the map), ``totals``,
        ``by_column``, ``by_township``.
    """
    registry = from_layer(projects)
    frame = projects.frame.reset_index(drop=True)
    polygons = townships.frame if townships is not None and len(townships) else None
    stands = _stands(registry, frame)
    marks = _marks(registry, stands, marked)
    table = _describe(registry, frame, marks, _known(polygons))
    table.insert(2, "stands", np.array(stands, dtype=object))
    located = [row for row, how in enumerate(stands) if how == "located"]
    joint = [row for row, how in enumerate(stands) if how == "joint"]
    layers = _shapes(frame, table, located, registry)
    if polygons is not None:
        layers["shaded"] = _shade(polygons, registry, joint, marks)
    return Result(
        indicators=_indicators(registry, stands),
        layers={name: rows for name, rows in layers.items() if len(rows) or name == "located"},
        tables={
            "projects": table,
            "totals": _totals(registry),
            "by_column": _by_column(registry, stands),
            "by_township": in_official_order(_by_township(registry), townships),
        },
    )


def _stands(registry: Sequence[Project], frame: gpd.GeoDataFrame) -> list[str]:
    """Tell of every project how it stands on the map: a key of `_STANDS`."""
    shapes = frame.geometry.to_numpy() if "geometry" in frame else np.full(len(frame), None)
    placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    # A whole whose parts have symbols of the same figure stands over its township, like a joint
    # one: a third symbol would show the figure twice.
    keys = {project.id: {amount.key for amount in project.amounts} for project in registry}
    wholes = {
        part.part_of
        for part, shown in zip(registry, placed, strict=True)
        if shown and keys[part.id] & keys.get(part.part_of, set())
    }

    def stands(project: Project, shown: bool) -> str:
        if len(project.townships) > 1 or (project.townships and project.id in wholes):
            return "joint"
        if shown:
            return "located"
        return "unlocated" if project.townships or project.place else "county_wide"

    return [stands(p, bool(shown)) for p, shown in zip(registry, placed, strict=True)]


def _letter(number: int) -> str:
    """Count A … Z, AA, AB …."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = string.ascii_uppercase[rest] + letters
    return letters


def _marks(registry: Sequence[Project], stands: Sequence[str], marked: str) -> dict[int, str]:
    """Mark located projects by number and joint ones by letter, both in the plan's order."""
    marks: dict[int, str] = {}
    counts = dict.fromkeys(_STANDS, 0)
    for row, (project, how) in enumerate(zip(registry, stands, strict=True)):
        if marked == "outside" and project.column is not None:
            continue
        signs = {"located": str(counts[how] + 1), "joint": _letter(counts[how])}
        marks[row] = signs.get(how, "–")
        counts[how] += 1
    return marks


def _known(polygons: gpd.GeoDataFrame | None) -> frozenset[str]:
    return frozenset(polygons["name"]) if polygons is not None else frozenset()


def _describe(
    registry: Sequence[Project],
    frame: gpd.GeoDataFrame,
    marks: dict[int, str],
    known: frozenset[str],
) -> pd.DataFrame:
    """Write every project as a row of words."""
    rows = []
    for row, project in enumerate(registry):
        of = _by_nature(project.amounts)
        rows.append(
            {
                "id": project.id, "mark": marks.get(row), "name": project.name,
                "kind": project.kind or None, "status": project.status,
                "township": project.townships[0] if len(project.townships) == 1 else None,
                "townships": _spell_townships(project.townships, known),
                "place": _spell_place(project), "figure": amounts_text(project.amounts) or None,
                "column": project.column, "item": project.item or None,
                "section": project.section or None, "part_of": project.part_of or None,
                "money": of.get("money"), "beneficiaries": of.get("beneficiaries"),
                "source": project.source or None, "note": project.note or None,
            }
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=[*_SHOWN, *_REST], dtype=object)
    if "location_quality" in frame:
        table["position"] = frame["location_quality"].astype(object)
        # A place that the plan leaves at its township stands at the seat, and says so.
        at = [_AT_SEAT if text == "township" else None for text in table["position"]]
        table["at_seat"] = pd.Series(at, table.index, dtype=object)
    return table.astype({"column": "Int64"})


def _by_nature(amounts: Sequence[Amount]) -> dict[str, str]:
    natures = dict.fromkeys(amount.nature for amount in amounts)
    return {n: amounts_text(a for a in amounts if a.nature == n) for n in natures}


def _spell_townships(names: Sequence[str], known: frozenset[str]) -> str | None:
    """Name townships; of a long list say rather which ones are left out."""
    absent = sorted(known - set(names))
    if len(names) > 1 and known and set(names) <= known:
        if not absent:
            return f"全部{len(known)}个乡镇"
        if len(absent) * 3 <= len(known):
            return f"{len(names)}个乡镇（除{JOINER.join(absent)}）"
    return JOINER.join(names) or None


def _spell_place(project: Project) -> str | None:
    parts = [*(c.rpartition("/")[2] for c in project.committees)]
    text = JOINER.join(parts)
    for more in (project.group, project.place if not project.group else ""):
        if more and more not in text:
            text = f"{text} {more}".strip()
    return text or (project.townships[0] if len(project.townships) == 1 else None)


def _shapes(
    frame: gpd.GeoDataFrame, table: pd.DataFrame, located: list[int], registry: Sequence[Project]
) -> dict[str, gpd.GeoDataFrame]:
    """Give every located project a point, and keep the lines and areas that some have."""
    shapes = np.asarray(frame.geometry.array, dtype=object)[located]
    rows = table.loc[located, _SHOWN].reset_index(drop=True)
    for column in SIZE_FIELDS.values():
        rows[column] = np.nan
    measures = []
    for at, row in enumerate(located):
        sizes = _first_totals(registry[row].amounts)
        for unit, value in sizes.items():
            rows.loc[at, SIZE_FIELDS[unit]] = value
        other = "other" if registry[row].amounts else "none"
        measures.append(SIZE_FIELDS[next(iter(sizes))] if sizes else other)
    rows["measure"] = np.array(measures, dtype=object)
    codes = [str(registry[row].column or "outside") for row in located]
    rows["of_column"] = np.array(codes, dtype=object)
    dimension = shapely.get_dimensions(shapes)
    points = np.where(dimension == 0, shapely.centroid(shapes), shapely.point_on_surface(shapes))
    every = gpd.GeoDataFrame(rows, geometry=points, crs=frame.crs)
    found = {"located": every}
    for name, wanted in (("lines", 1), ("areas", 2)):
        chosen = dimension == wanted
        found[name] = gpd.GeoDataFrame(
            rows[_SHOWN][chosen].reset_index(drop=True), geometry=shapes[chosen], crs=frame.crs
        )
    return found


def _first_totals(amounts: Sequence[Amount]) -> dict[str, float]:
    """Return the first total quantity of each unit that symbols can show."""
    found: dict[str, float] = {}
    for amount in amounts:
        if amount.nature == "quantity" and amount.basis == "total" and amount.unit in SIZE_FIELDS:
            found.setdefault(amount.unit, amount.value)
    return found


def _shade(
    polygons: gpd.GeoDataFrame,
    registry: Sequence[Project],
    joint: list[int],
    marks: dict[int, str],
) -> gpd.GeoDataFrame:
    """Letter the townships that joint projects concern."""
    of: dict[str, list[int]] = {}
    for row in joint:
        for name in registry[row].townships:
            of.setdefault(name, []).append(row)
    letters = {
        name: " ".join(marks[row] for row in rows if row in marks) for name, rows in of.items()
    }
    shown = polygons[polygons["name"].isin(list(of))].sort_values("id")
    names = [str(name) for name in shown["name"]]
    return gpd.GeoDataFrame(
        {
            "id": shown["id"].to_numpy(dtype=object),
            "name": np.array(names, dtype=object),
            "joint": np.array([len(of[name]) for name in names], dtype=np.int64),
            "marks": np.array([letters[name] or None for name in names], dtype=object),
        },
        geometry=shown.geometry.to_numpy(),
        crs=polygons.crs,
    )


def _totals(registry: Sequence[Project]) -> pd.DataFrame:
    """Sum every nature, subject, unit and basis by itself, and say over how many projects."""
    counts: dict[tuple[str, str, str, str], int] = {}
    for _, amount in counted_amounts(registry):
        counts[amount.key] = counts.get(amount.key, 0) + 1
    rows = [
        (
            *key,
            value,
            counts[key],
            _NATURES[key[0]] + (f"（{key[1]}）" if key[1] else ""),
            amount_text(Amount(key[0], value, key[2], key[3]), lead=False),
        )
        for key, value in totals(registry).items()
    ]
    columns = ["nature", "what", "unit", "basis", "value", "amounts", "name", "figure"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"value": float, "amounts": "Int64"})


def _by_column(registry: Sequence[Project], stands: Sequence[str]) -> pd.DataFrame:
    """Count by special column how the projects stand on the map; outside ones come last."""
    columns = [p.column or _OUTSIDE for p in registry]
    rows = []
    for column in sorted(set(columns), key=lambda c: (c == _OUTSIDE, c)):
        mine = [how for how, c in zip(stands, columns, strict=True) if c == column]
        counts = {how: mine.count(how) for how in _STANDS}
        name = "专栏以外" if column == _OUTSIDE else f"专栏{column}"
        words = JOINER.join(f"{word}{counts[how]}" for how, word in _STANDS.items() if counts[how])
        figure = f"{len(mine)} 项：{words}"
        rows.append({"name": name, "projects": len(mine), **counts, "figure": figure})
    return pd.DataFrame(rows, columns=["name", "projects", *_STANDS, "figure"])


def _by_township(registry: Sequence[Project]) -> pd.DataFrame:
    """Sum what belongs to one township alone; joint figures belong to none."""
    sums: dict[tuple[str, ...], list[float]] = {}
    counts: dict[str, int] = {}
    own = [p for p in registry if len(p.townships) == 1]
    for project in own:
        counts[project.townships[0]] = counts.get(project.townships[0], 0) + 1
    # A part of a joint whole counts here: the whole belongs to no single township.
    for project, amount in counted_amounts(own):
        if amount.basis != "per_unit":
            sums.setdefault((project.townships[0], *amount.key), []).append(amount.value)
    rows = [
        (township, counts[township], *key, round(sum(values), 6))
        for (township, *key), values in sums.items()
    ]
    silent = sorted(set(counts) - {row[0] for row in rows})
    rows += [(name, counts[name], None, None, None, None, None) for name in silent]
    columns = ["township", "projects", "nature", "what", "unit", "basis", "value"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"projects": "Int64", "value": float})


def _indicators(registry: Sequence[Project], stands: Sequence[str]) -> tuple[Indicator, ...]:
    counts = {"projects": len(registry), **{how: list(stands).count(how) for how in _STANDS}}
    counts["no_figure"] = sum(not project.amounts for project in registry)
    sums = [
        Indicator(f"{nature}_{basis}", value, unit, subject=what)
        for (nature, what, unit, basis), value in totals(registry).items()
    ]
    counted = [
        Indicator(key, float(count), "个", headline=key == "projects")
        for key, count in counts.items()
    ]
    return (*counted, *sums)
