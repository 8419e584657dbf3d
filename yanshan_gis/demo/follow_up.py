"""Modelled works of two programmes: relocation sites with their follow-up, and greening parcels."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.catalogue import bundled_content
from yanshan_gis.demo import sources
from yanshan_gis.demo.facilities import beside
from yanshan_gis.demo.hamlets import within
from yanshan_gis.demo.scatter import scatter, thin
from yanshan_gis.demo.seeding import numbers
from yanshan_gis.demo.tables import make_layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.catalogue import Catalogue
    from yanshan_gis.content import LayerDef
    from yanshan_gis.demo.land import Land
    from yanshan_gis.layer import Layer

_SITES, _HOUSEHOLDS, _PEOPLE = 13, 789, 3625  # chapter 1 of the plan
_FOLLOW_UP = ("公益岗位", "产业发展补助", "基础设施维护", "人居环境提升")
_LISTED_MU = 27_600.0  # of the plan's 30,500: the rest has no parcel yet
_PARCEL_MU = 120.0
_SPACING_M = 1_400.0
_MU = 10_000 / 15
_CORNERS = 14


def build_sites(
    catalogue: Catalogue[LayerDef], land: Land, ids: list[str], run: tuple[int, float]
) -> Layer:
    """Place the built relocation sites: those the plan names, and modelled ones.

    Parameters
    ----------
    catalogue
        Layer definitions by name.
    land
        Seats and committees.
    ids
        Of the committees.
    run
        Seed and scale of the model.

    Returns
    -------
    Layer
        Thirteen sites with households, people, and how their follow-up stands.
    """
    rng = numbers(run[0], "relocation")
    with (bundled_content() / "layers" / "yanshan" / "relocation_sites.csv").open(
        encoding="utf-8-sig", newline=""
    ) as stream:
        named = list(csv.DictReader(stream))
    known = {(p.township, p.name): i for i, p in enumerate(land.committees.places)}
    seat = {place.name: index for index, place in enumerate(land.seats.places)}
    rows: list[dict[str, Any]] = []
    xy = []
    for row in named:
        at = known.get((row["township"], row["committee"]))
        xy.append(land.seats.xy[seat[row["township"]]] if at is None else land.committees.xy[at])
        rows.append(_site(row["name"], row["township"], None if at is None else ids[at],
                          row["projects"] or None))  # fmt: skip
    others = rng.permutation(len(land.committees.places))[: _SITES - len(named)]
    for number, at in enumerate(np.sort(others), 1):
        place = land.committees.places[at]
        xy.append(land.committees.xy[at])
        rows.append(_site(f"示例安置点{number}", place.township, ids[at], None))
    table = pd.DataFrame(rows, dtype=object)
    table["households"] = pd.array(_parts(rng, _HOUSEHOLDS), dtype="Int64")
    table["population"] = pd.array(_parts(rng, _PEOPLE, table["households"]), dtype="Int64")
    table = table.assign(**_progress(rng))
    source = np.where(np.arange(_SITES) < len(named), sources.RESETTLED, sources.MODEL)
    described = (sources.resettled(*run), sources.modelled(*run))
    points = shapely.points(beside(rng, np.array(xy), 250.0, 900.0))
    return make_layer(catalogue["relocation_sites"], table, points, source, described)


def _site(name: str, township: str, committee: str | None, projects: str | None) -> dict[str, Any]:
    return {
        "name": name, "township": township, "committee": committee, "status": "existing",
        "programme": "relocation_sites", "project_id": projects, "completed_on": "2019",
    }  # fmt: skip


def _parts(rng: np.random.Generator, total: int, weight: Any = None) -> NDArray[np.int64]:
    """Divide a total among the sites, nothing lost in rounding."""
    size = rng.uniform(0.4, 1.8, _SITES) if weight is None else np.asarray(weight, dtype=float)
    size = size * rng.uniform(0.95, 1.05, _SITES)
    ends = np.round(np.cumsum(size) / size.sum() * total).astype(np.int64)
    return np.asarray(np.diff(ends, prepend=0), dtype=np.int64)


def _progress(rng: np.random.Generator) -> dict[str, Any]:
    """Six follow-ups done, three under way, three to come, and one of which nothing is known."""
    status = np.array(["existing"] * 6 + ["construction"] * 3 + ["planned"] * 3 + [None], object)
    status = status[rng.permutation(_SITES)]
    day = [f"202{rng.integers(2, 6)}-{rng.integers(1, 13):02d}" for _ in range(_SITES)]
    kind = np.array(_FOLLOW_UP, dtype=object)[rng.integers(0, len(_FOLLOW_UP), _SITES)]
    return {
        "follow_up": _where(pd.notna(status), kind),
        "follow_up_status": status,
        "follow_up_on": _where(status == "existing", day),
    }


def _where(there: Any, values: Any) -> NDArray[np.object_]:
    """Keep values where they are known; None elsewhere."""
    return np.where(there, np.asarray(values, dtype=object), np.full(len(there), None, object))


def build_parcels(catalogue: Catalogue[LayerDef], land: Land, run: tuple[int, float]) -> Layer:
    """Draw parcels returned from farmland to forest and grass.

    Parameters
    ----------
    catalogue
        Layer definitions by name.
    land
        Outline and townships.
    run
        Seed and scale of the model.

    Returns
    -------
    Layer
        Most of the plan's 30,500 mu (times the scale): done, under way, to come, and a few parcels
        without status and date.
    """
    rng = numbers(run[0], "greening")
    spots = scatter(rng, land.outline.buffer(-800.0), _SPACING_M)
    spots = spots[thin(spots, rng.uniform(size=len(spots)), _SPACING_M)]
    mu = np.round(_PARCEL_MU * rng.lognormal(0.0, 0.45, len(spots)), 1)
    spots = spots[rng.permutation(len(spots))]
    count = int(np.searchsorted(np.cumsum(mu), _LISTED_MU * run[1])) + 1
    spots, mu = spots[:count], mu[:count]
    named = np.array([place.name for place in land.seats.places[1:]], dtype=object)
    state = rng.choice(4, len(spots), p=[0.56, 0.16, 0.25, 0.03])
    status = np.array(["existing", "construction", "planned", None], dtype=object)[state]
    year = rng.integers(2021, 2026, len(spots))
    day = [f"{y}-{m:02d}-15" for y, m in zip(year, rng.integers(5, 12, len(spots)), strict=True)]
    table = pd.DataFrame(
        {
            "name": [f"退耕地块{number:03d}" for number in range(1, len(spots) + 1)],
            "kind": np.array(["forest", "grass"], object)[rng.integers(0, 2, len(spots))],
            "area_mu": mu,
            "township": named[within(land.townships, spots)],
            "status": status,
            "programme": "greening",
            "project_id": "P000560",
            "completed_on": _where(status == "existing", day),
        }
    )
    texts = [name for name in table if name != "area_mu"]
    return make_layer(
        catalogue["greening_parcels"], table.astype(dict.fromkeys(texts, object)),
        _blobs(rng, spots, mu), sources.MODEL, (sources.modelled(*run),),
    )  # fmt: skip


def _blobs(
    rng: np.random.Generator, xy: NDArray[np.float64], mu: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Draw uneven round parcels of given areas, on whole decimetres."""
    angle = np.linspace(0.0, 2 * np.pi, _CORNERS, endpoint=False)
    reach = rng.uniform(0.75, 1.25, (len(xy), _CORNERS))
    ring = reach[:, :, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    size = np.sqrt(mu * _MU / shapely.area(shapely.polygons(ring)))
    return np.asarray(shapely.polygons(np.round(xy[:, None, :] + size[:, None, None] * ring, 1)))
