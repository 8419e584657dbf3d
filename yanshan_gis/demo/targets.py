"""The plan's targets and programmes as the plan states them, and modelled figures beside them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.catalogue import bundled_content
from yanshan_gis.demo import sources
from yanshan_gis.demo.seeding import numbers
from yanshan_gis.demo.tables import make_table

if TYPE_CHECKING:
    from pathlib import Path

    from yanshan_gis.catalogue import Catalogue
    from yanshan_gis.content import LayerDef
    from yanshan_gis.layer import Layer

# Modelled figures by indicator: value, unit, date. Absent on purpose: 7 and 16; two statements of
# 13 contradict each other; 5, 6 and 12 have no baseline in the plan.
_REPORTED: dict[int, tuple[tuple[float, str, str], ...]] = {
    1: ((0.42, "%", "2024-12-31"), (0.35, "%", "2025-12-31")),
    2: ((17_960.0, "元", "2024"), (19_430.0, "元", "2025")),
    3: ((14_120.0, "元", "2025"),),
    4: ((9.6, "%", "2025-12-31"),),
    5: ((5_760.0, "元", "2025"),),
    6: ((3_420.0, "元", "2025"),),
    8: ((98.7, "%", "2024-12-31"), (99.2, "%", "2025-12-31")),
    9: ((88.4, "%", "2025-12-31"),),
    10: ((100.0, "%", "2025-12-31"),),
    11: ((97.3, "%", "2025-12-31"),),
    12: ((1_896.0, "元", "2025"),),
    13: ((96.5, "%", "2025-09-01"), (98.1, "%", "2025-09-01")),
    14: ((100.0, "%", "2025-09-01"),),
    15: ((100.2, "%", "2025-09-01"),),
}
_BY_TOWNSHIP = 8
_REPORTER = "示例模型（非实测）"


def _rows(name: str, folder: Path | None) -> list[dict[str, str]]:
    folder = folder or bundled_content() / "layers" / "yanshan"
    with (folder / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def read_targets_table(folder: Path | None = None) -> pd.DataFrame:
    """Read the plan's indicators as rows of the layer ``indicators``.

    Parameters
    ----------
    folder
        With ``indicators.csv``; the bundled one when not given.

    Returns
    -------
    pandas.DataFrame
        By number; what the plan does not say is None.
    """
    columns = {
        "number": "number", "title_zh": "name", "title_en": "name_en", "target": "target",
        "operator": "operator", "unit": "unit", "kind": "kind", "baseline": "baseline",
        "baseline_year": "baseline_year", "baseline_source": "baseline_source", "note": "note",
    }  # fmt: skip
    return _table(_rows("indicators.csv", folder), columns).assign(source="规划表2-1")


def read_programmes_table(folder: Path | None = None) -> pd.DataFrame:
    """Read the plan's programmes as rows of the layer ``programmes``.

    Parameters
    ----------
    folder
        With ``programmes.csv``; the bundled one when not given.

    Returns
    -------
    pandas.DataFrame
        In the order of the plan.
    """
    columns = {
        "key": "key", "title_zh": "name", "title_en": "name_en", "project": "project",
        "value": "value", "unit": "unit", "layer": "layer", "scope": "scope", "note": "note",
    }  # fmt: skip
    return _table(_rows("programmes.csv", folder), columns)


def _table(rows: list[dict[str, str]], columns: dict[str, str]) -> pd.DataFrame:
    wanted = {field: [row.get(column) or None for row in rows] for column, field in columns.items()}
    table = pd.DataFrame(wanted, dtype=object)
    for name in {"number", "target", "baseline", "baseline_year", "value"} & set(table):
        table[name] = pd.to_numeric(table[name])
    return table


def plan_tables(
    catalogue: Catalogue[LayerDef], townships: list[str], run: tuple[int, float]
) -> dict[str, Layer]:
    """Build the tables of targets, reported figures and programmes.

    Parameters
    ----------
    catalogue
        Layer definitions by name.
    townships
        Names, for figures reported by township.
    run
        Seed and scale of the model.

    Returns
    -------
    dict
        ``indicators`` and ``programmes`` as the plan states them; ``statistics`` modelled.
    """
    plan = (sources.stated(),)
    indicators = make_table(catalogue["indicators"], read_targets_table(), sources.STATED, plan)
    ids = dict(zip(indicators.frame["number"], indicators.frame["id"], strict=True))
    programmes = read_programmes_table()
    reported = _reported(ids, townships, numbers(run[0], "statistics"))
    return {
        "indicators": indicators,
        "statistics": make_table(
            catalogue["statistics"], reported, sources.MODEL, (sources.modelled(*run),)
        ),
        "programmes": make_table(catalogue["programmes"], programmes, sources.STATED, plan),
    }


def _reported(ids: dict[int, str], townships: list[str], rng: np.random.Generator) -> pd.DataFrame:
    rows: list[tuple[object, ...]] = [
        (ids[number], value, unit, int(as_of[:4]), as_of, None)
        for number, figures in _REPORTED.items()
        for value, unit, as_of in figures
    ]
    shares = np.round(rng.uniform(97.6, 100.0, len(townships)), 1)
    rows += [
        (ids[_BY_TOWNSHIP], float(share), "%", 2025, "2025-12-31", name)
        for name, share in zip(townships, shares, strict=True)
    ]
    columns = ["indicator", "value", "unit", "year", "as_of", "township"]
    return pd.DataFrame(rows, columns=columns, dtype=object).assign(source=_REPORTER)
