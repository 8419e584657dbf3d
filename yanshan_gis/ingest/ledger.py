"""Ledgers (台账): tables without positions, joined to features that are there.

A ledger row finds its feature by id, by the code of a stated year, or by name within the township.
Rows without a partner and features without a row are both listed: a gap on either side would
otherwise pass for a fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.content import LayerDef
from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.matching import Gazetteer, Key, RowMatch, nobody, recognise
from yanshan_gis.ingest.problems import RowProblem
from yanshan_gis.layer import Layer, Source


@dataclass(frozen=True, eq=False)
class LedgerJoin:
    """How the rows of a ledger met the features of a layer.

    Parameters
    ----------
    matches
        One per row.
    problems
        One per row without a partner.
    without_row
        ``id``, ``name``, ``township`` of the features that no row speaks of, by id.
    """

    matches: tuple[RowMatch, ...]
    problems: tuple[RowProblem, ...]
    without_row: pd.DataFrame

    @property
    def matched(self) -> int:
        """Number of rows with a partner."""
        return sum(match.id is not None for match in self.matches)


def join_ledger(
    current: Layer,
    incoming: pd.DataFrame,
    rows: NDArray[np.int64],
    known: Gazetteer,
    by: Key | None = None,
) -> LedgerJoin:
    """Find the feature that each row speaks of.

    Parameters
    ----------
    current
        The layer.
    incoming
        Typed rows, references as written.
    rows
        Row numbers as the user counts.
    known
        Names, former codes, and the year of the ledger's codes.
    by
        Use this key alone; None for all of them.

    Returns
    -------
    LedgerJoin
        Nothing is changed in place.
    """
    matches = recognise(incoming, current.frame, current.definition, known, by)
    problems = [
        RowProblem(
            int(rows[i]),
            "name",
            _named(incoming, i),
            match.notice or nobody(_named(incoming, i)),
        )
        for i, match in enumerate(matches)
        if match.id is None
    ]
    met = {match.id for match in matches}
    features = current.frame
    if "level" in incoming and "level" in features:
        features = features[features["level"].isin(set(incoming["level"].dropna()))]
    columns = [c for c in ("id", "name", "township") if c in features]
    without = pd.DataFrame(features.loc[~features["id"].isin(met), columns])
    without = without.sort_values("id").reset_index(drop=True)
    return LedgerJoin(tuple(matches), tuple(problems), without)


def _named(incoming: pd.DataFrame, position: int) -> str:
    for column in ("name", "code", "id"):
        if column in incoming and (text := plain_text(incoming[column].iloc[position])):
            return text
    return ""


def stamp_ledger(incoming: pd.DataFrame, definition: LayerDef, source: Source) -> pd.DataFrame:
    """Write source and date of a ledger into its rows, where the layer has fields for them.

    Parameters
    ----------
    incoming
        Typed rows.
    definition
        The layer; fields ``ledger_source`` and ``ledger_date`` are filled.
    source
        The file.

    Returns
    -------
    pandas.DataFrame
        A new frame; what the file itself says is kept.
    """
    stamps: dict[str, Any] = {
        "ledger_source": source.origin,
        "ledger_date": source.as_of.isoformat() if source.as_of else None,
    }
    result = incoming.copy()
    for column, value in stamps.items():
        if column not in definition.fields or value is None:
            continue
        said = [None] * len(result) if column not in result else result[column].tolist()
        filled = [value if pd.isna(cell) else cell for cell in said]
        result[column] = pd.Series(filled, index=result.index, dtype=object)
    return result
