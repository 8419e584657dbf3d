"""Stored results: what a run found, so that publishing recomputes nothing.

Each recipe has a folder ``out/results/<recipe>/`` with ``result.json`` (status, figures, warnings,
parameters, hashes of inputs), ``result.gpkg`` (its layers and tables) and its rasters, which the
method left there under names that hold their hash: ``result.json`` says which of them count.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from yanshan_gis.content import AnalysisDef
from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.result import Indicator, Result
from yanshan_gis.store.geopackage import edit, read_table


def write_result(folder: Path, recipe: AnalysisDef, result: Result, stamp: date) -> None:
    """Store a result, replacing the one that was there.

    Parameters
    ----------
    folder
        ``out/results/<recipe>``.
    recipe
        Gives the titles of layers and columns.
    result
        What the method found.
    stamp
        The data's date.
    """
    folder.mkdir(parents=True, exist_ok=True)
    package = folder / "result.gpkg"
    with edit(package, stamp=stamp, fresh=True) as draft:
        for name, frame in {**result.layers, **result.tables}.items():
            described = recipe.results.get(name)
            draft.write(
                name,
                frame,
                title=described.title if described else None,
                description=described_by(result),
                fields=described.fields if described else None,
            )
    if not result.layers and not result.tables:
        package.unlink(missing_ok=True)
    (folder / "result.json").write_text(
        json.dumps(_plain(result), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    kept = {path.name for path in result.rasters.values()}
    for path in folder.glob("*.tif"):
        if path.name not in kept:
            path.unlink()
            path.with_name(f"{path.name}.aux.xml").unlink(missing_ok=True)


def described_by(result: Result) -> str:
    """Say in Chinese of which scenarios a result speaks, and whether there is a plan.

    Parameters
    ----------
    result
        Any.

    Returns
    -------
    str
        For the description of its tables; empty for the county as it is.
    """
    told = list(result.scenarios)
    if result.status == "infeasible":
        told.insert(0, Notice("infeasible", N_("No plan meets what was asked.")))
    return " ".join(notice.render("zh") for notice in told)


def _plain(result: Result) -> dict[str, Any]:
    return {
        "status": result.status,
        "indicators": [
            {
                "key": i.key, "value": i.value, "unit": i.unit, "numerator": i.numerator,
                "denominator": i.denominator, "target": i.target, "headline": i.headline,
                **({"subject": i.subject} if i.subject else {}),
            }
            for i in result.indicators
        ],
        "layers": list(result.layers),
        "tables": list(result.tables),
        **({"rasters": {n: p.name for n, p in result.rasters.items()}} if result.rasters else {}),
        "warnings": [
            {"code": n.code, "text": n.text, "values": dict(n.values)} for n in result.warnings
        ],
        "missing": list(result.missing),
        "parameters": dict(result.parameters),
        "inputs": dict(result.inputs),
        "modelled": list(result.modelled),
    }  # fmt: skip


def read_result(folder: Path, *, frames: bool = True) -> Result:
    """Read a stored result back.

    Parameters
    ----------
    folder
        ``out/results/<recipe>``.
    frames
        Read its layers and tables too; without them it is read in no time.

    Returns
    -------
    Result
        As it was stored.

    Raises
    ------
    DataError
        When there is none, or it is damaged.
    """
    try:
        plain = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError) as error:
        raise DataError(
            "result-missing",
            N_("There is no stored result of {recipe}; make it with yanshan run {recipe}."),
            recipe=folder.name,
        ) from error
    package = folder / "result.gpkg"
    layers, tables = (plain["layers"], plain["tables"]) if frames else ((), ())
    return Result(
        status=plain["status"],
        indicators=tuple(Indicator(**indicator) for indicator in plain["indicators"]),
        tables={name: read_table(package, name) for name in tables},
        layers={name: read_table(package, name) for name in layers},
        rasters={name: folder / file for name, file in plain.get("rasters", {}).items()},
        warnings=tuple(Notice(**notice) for notice in plain["warnings"]),
        missing=tuple(plain["missing"]),
        parameters=plain["parameters"],
        inputs=plain["inputs"],
        modelled=tuple(plain["modelled"]),
    )
