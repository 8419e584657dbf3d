"""What hardening a kilometre costs: the road's own figure, else by class and surface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.methods.ledger import amount

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_DEFAULT = "default"


def price_per_km(
    edges: pd.DataFrame, table: Mapping[str, float | Mapping[str, float]]
) -> NDArray[np.float64]:
    """Price edges.

    Parameters
    ----------
    edges
        With ``cost_per_km_wan``, ``admin_class`` and ``surface`` as far as they are known.
    table
        10,000 yuan per kilometre by class, or by class and surface, such as ``{"group": {"earth":
        45, "default": 40}, "default": 50}``.

    Returns
    -------
    numpy.ndarray
        10,000 yuan per kilometre; NaN where neither the road nor the table tells.
    """
    own = amount(edges, "cost_per_km_wan").to_numpy()
    names = [
        edges[column].astype(object) if column in edges else [None] * len(edges)
        for column in ("admin_class", "surface")
    ]
    looked_up = np.array([_price(table, *pair) for pair in zip(*names, strict=True)], dtype=float)
    return np.where(np.isnan(own), looked_up, own)


def _price(
    table: Mapping[str, float | Mapping[str, float]], kind: object, surface: object
) -> float:
    found = table.get(str(kind), table.get(_DEFAULT, np.nan))
    if isinstance(found, Mapping):
        found = found.get(str(surface), found.get(_DEFAULT, np.nan))
    return float(found)
