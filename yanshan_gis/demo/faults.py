"""Faults as real road data has them, planted so that the audit has something to find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from yanshan_gis.demo.roads import RoadDraft

NEAR_GAPS, FAR_GAPS, ISLANDS = 6, 8, 3
_LEAST_M = 1_100.0  # length of a road that is cut
NO_SURFACE, NO_CLASS, ONE_WAYS = 15, 4, 5


def plant_gaps(rng: np.random.Generator, draft: RoadDraft) -> None:
    """Cut back roads to villages where they join others: by 1–4 m, 8–40 m, or some hundred metres.

    Parameters
    ----------
    rng
        Where the numbers come from.
    draft
        Lines cut in place. Only unhardened roads are cut whose villages have no other road, so
        hardened ways stay whole.
    """
    places = rng.permutation(_tails(draft))
    cuts = np.concatenate(
        [
            rng.uniform(1.2, 3.8, NEAR_GAPS),
            rng.uniform(8.5, 39.0, FAR_GAPS),
            rng.uniform(420.0, 640.0, ISLANDS),
        ]
    )
    for index, metres in zip(places.tolist(), cuts.tolist(), strict=False):
        draft.xy[index] = without_end(draft.xy[index], metres)


def _tails(draft: RoadDraft) -> NDArray[np.int64]:
    """Return roads to one village that end on another road, with nothing else along the way."""
    access = np.array([row["scope"] == "access" for row in draft.rows])
    soft = np.array([row["rank"] == 4 and not row["hard"] for row in draft.rows])
    size = np.array([len(xy) for xy in draft.xy])
    meets = _lines_at_vertices(draft, np.repeat(access, size))
    last = np.cumsum(size) - 1
    shared = np.add.reduceat((meets > 1).astype(np.int64), last - size + 1)
    long = draft.lengths() > _LEAST_M
    return np.flatnonzero(access & soft & long & (meets[last] > 1) & (shared == 1))


def _lines_at_vertices(draft: RoadDraft, counted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Tell for each vertex of all lines how many counted vertices have its place."""
    whole = np.round(np.concatenate(draft.xy) * 100.0).astype(np.int64)
    _, place = np.unique(whole[:, 0] * 10_000_000_000 + whole[:, 1], return_inverse=True)
    return np.bincount(place, weights=counted)[place].astype(np.int64)


def without_end(xy: NDArray[np.float64], metres: float) -> NDArray[np.float64]:
    """Cut metres off the end of a line.

    Parameters
    ----------
    xy
        Vertices × 2.
    metres
        Less than the line's length.

    Returns
    -------
    numpy.ndarray
        Vertices × 2, the last one new, on whole centimetres.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    stop = along[-1] - metres
    keep = int(np.searchsorted(along, stop))
    share = (stop - along[keep - 1]) / (along[keep] - along[keep - 1])
    end = np.round(xy[keep - 1] + (xy[keep] - xy[keep - 1]) * share, 2)
    return np.concatenate([xy[:keep], end[None]])


def plant_missing(
    rng: np.random.Generator, draft: RoadDraft, table: pd.DataFrame, town: NDArray[np.float64]
) -> pd.DataFrame:
    """Leave out some surfaces and classes, and make some roads of the county town one-way.

    Parameters
    ----------
    rng
        Where the numbers come from.
    draft
        The lines.
    table
        Their rows; not changed.
    town
        The county seat.

    Returns
    -------
    pandas.DataFrame
        With missing values among unhardened minor roads.
    """
    table = table.copy()
    rank = np.array([row["rank"] for row in draft.rows])
    hard = np.array([row["hard"] for row in draft.rows])
    access = (table["scope"] == "access").to_numpy()
    level = table["level"].to_numpy(dtype=int)
    minor = np.flatnonzero(access & ~hard & (rank >= 4) & (level == 0))
    chosen = rng.permutation(minor)[: NO_SURFACE + NO_CLASS]
    table.loc[chosen[:NO_SURFACE], "surface"] = None
    table.loc[chosen[NO_SURFACE:], "admin_class"] = None
    # A loop can be one-way without cutting anybody off: what it joins is joined without it.
    ring = np.array([row.get("ring", False) for row in draft.rows])
    loops = np.flatnonzero(ring & access & (rank == 5) & (level == 0))
    away = np.array([np.hypot(*(draft.xy[index].mean(axis=0) - town)) for index in loops])
    table.loc[loops[np.argsort(away, kind="stable")[:ONE_WAYS]], "one_way"] = "forward"
    return table
