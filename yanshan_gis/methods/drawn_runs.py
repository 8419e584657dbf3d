"""One run of many: which features it chose, and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import shapely

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

    from yanshan_gis.result import Indicator, Result

_NOT_PROVEN = "not-proven"  # how codes of notices end that tell of an answer without a proof
_CARRIED = ("name", "township")


@dataclass(frozen=True)
class Pick:
    """Which features of a result are its choice.

    Parameters
    ----------
    layer
        Of the result.
    field, values
        A feature is chosen where the field has one of the values; all are where it is empty text.
    identity
        Field by which features of several results are the same.
    """

    layer: str
    field: str
    values: tuple[str, ...]
    identity: str

    def of(self, result: Result) -> gpd.GeoDataFrame | None:
        """Tell what a result chose.

        Parameters
        ----------
        result
            Of the recipe.

        Returns
        -------
        geopandas.GeoDataFrame or None
            The layer's features with ``chosen``, one row each; None without the layer.

        Raises
        ------
        DataError
            When the layer lacks a field.
        """
        frame = result.layers.get(self.layer)
        if frame is None:
            return None
        wanted = {self.identity, *([self.field] if self.field else [])}
        if absent := sorted(wanted - set(frame.columns)):
            text = N_("Layer {layer} of the other result has no field {field}.")
            raise DataError("robustness-field", text, layer=self.layer, field=", ".join(absent))
        flags = frame[self.field].isin(self.values) if self.field else True
        kept = [name for name in _CARRIED if name in frame and name != self.identity]
        rows = frame[[self.identity, *kept, "geometry"]].assign(chosen=flags)
        return self._one_each(rows[rows[self.identity].notna()])

    def _one_each(self, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Make one feature of the rows that share an identity: of the chosen ones, if any is."""
        some = rows.groupby(self.identity)["chosen"].transform("any").to_numpy(dtype=bool)
        rows = rows[rows["chosen"].to_numpy(dtype=bool) | ~some]
        single = rows.drop_duplicates(self.identity).copy()
        several = rows[rows.duplicated(self.identity, keep=False)]
        whole = {
            identity: shapely.union_all(part.geometry.to_numpy())
            for identity, part in several.groupby(self.identity)
        }
        single["geometry"] = [
            whole.get(identity, shape)
            for identity, shape in zip(single[self.identity], single.geometry, strict=True)
        ]
        return single.reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Run:
    """What one run answered.

    Parameters
    ----------
    status
        Of its result.
    figures
        Those that have a value, by key.
    features
        See `Pick.of`; the identity is the first column. None where there was no answer.
    point
        Factor of each parameter.
    proven
        False where the recipe says that a better answer may exist.
    """

    status: str
    figures: dict[str, Indicator]
    features: gpd.GeoDataFrame | None
    point: NDArray[np.float64]
    proven: bool

    @classmethod
    def of(cls, result: Result, pick: Pick, point: NDArray[np.float64]) -> Run:
        """Keep of a result what is told of it.

        Parameters
        ----------
        result
            Of the recipe.
        pick
            What counts as chosen.
        point
            Factor of each parameter.

        Returns
        -------
        Run
            Without tables and other layers.
        """
        told = {i.key: i for i in result.indicators if i.value is not None}
        proven = not any(notice.code.endswith(_NOT_PROVEN) for notice in result.warnings)
        features = pick.of(result) if result.status == "ok" else None
        return cls(result.status, told, features, point, proven)

    @cached_property
    def chosen(self) -> set[str]:
        """Identities of the features chosen."""
        if self.features is None:
            return set()
        return set(self.features.loc[self.features["chosen"], self.features.columns[0]])
