"""Cold stores as a supply: which are counted, and what of their volume is known.

Volume, floor area and site area are three quantities; only a known volume is a supply. A store
without one lies between two bounds: nothing, and the largest volume that is known of any.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.positions import positions
from yanshan_gis.methods.trips import names_of

EXISTING = "existing"


@dataclass(frozen=True, eq=False)
class ColdStores:
    """The stores that are counted.

    Parameters
    ----------
    frame
        One point each, ordered by id.
    low, high
        Volume in m³ at either bound; the same where it is known.
    left_out
        How many stores of other statuses there are.
    """

    frame: gpd.GeoDataFrame
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    left_out: int

    @classmethod
    def of(cls, stores: gpd.GeoDataFrame, statuses: tuple[str, ...]) -> ColdStores:
        """Take the stores of some statuses.

        Parameters
        ----------
        stores
            With ``id`` and ``volume_m3``, in m³, empty where unknown.
        statuses
            Which are counted; a store that states none is counted too.

        Returns
        -------
        ColdStores
            Possibly none.

        Raises
        ------
        DataError
            When a volume is negative or infinite.
        """
        status = _status(stores)
        counted = (status.isna() | status.isin(statuses)).to_numpy(dtype=bool)
        frame = positions(stores[counted].sort_values("id", kind="stable"))
        volume = amount(frame, "volume_m3").to_numpy()
        wrong = (volume < 0) | np.isinf(volume)
        if wrong.any():
            text = N_("Cold store {store} has a volume of {volume:g} m³; it must be 0 or more.")
            values = {"store": names_of(frame)[wrong].iloc[0], "volume": float(volume[wrong][0])}
            raise DataError("store-volume", text, **values)
        unknown = np.isnan(volume)
        largest = float(np.max(volume[~unknown], initial=0.0))
        low, high = (np.where(unknown, bound, volume) for bound in (0.0, largest))
        return cls(frame, low, high, int((~counted).sum()))

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def known(self) -> NDArray[np.bool_]:
        """True where the volume is known."""
        return amount(self.frame, "volume_m3").notna().to_numpy(dtype=bool)

    @property
    def existing(self) -> NDArray[np.bool_]:
        """True for the stores that stand; one that states no status is taken to stand."""
        status = _status(self.frame)
        return (status.isna() | (status == EXISTING)).to_numpy(dtype=bool)

    def unknown_volume(self, township: pd.Series) -> pd.DataFrame:
        """List the stores without a known volume, with what is known of them.

        Parameters
        ----------
        township
            Name per store.

        Returns
        -------
        pandas.DataFrame
            ``id`` ``name`` ``township`` ``status`` ``floor_area_m2`` ``site_area_mu`` and the
            volumes they count with, ``low_m3`` and ``high_m3``.
        """
        rows = pd.DataFrame(
            {"id": self.frame["id"], "name": names_of(self.frame), "township": township}
        )
        rows["status"] = _status(self.frame)
        for column in ("floor_area_m2", "site_area_mu"):
            rows[column] = amount(self.frame, column)
        rows["low_m3"], rows["high_m3"] = self.low, self.high
        return rows[~self.known].reset_index(drop=True)

    def notices(self) -> list[Notice]:
        """Say what a reader must know of the stores counted.

        Returns
        -------
        list of Notice
            Empty where all stand and all volumes are known.
        """
        found = []
        waiting, unknown = int((~self.existing).sum()), int((~self.known).sum())
        if waiting:
            text = N_("{count} of the {total} stores counted are not built yet.")
            found.append(Notice("stores-not-built", text, {"count": waiting, "total": len(self)}))
        if unknown:
            text = N_(
                "{count} stores have no known volume: low figures count them with 0 m³, high ones "
                "with {volume:g} m³ each, the largest known. Floor and site area are no volume."
            )
            values = {"count": unknown, "volume": float(self.high.max())}
            found.append(Notice("volumes-unknown", text, values))
        if self.left_out:
            text = N_("{count} stores of other statuses are left out.")
            found.append(Notice("stores-left-out", text, {"count": self.left_out}))
        return found


def _status(stores: gpd.GeoDataFrame) -> pd.Series:
    return pd.Series(stores.get("status"), index=stores.index, dtype=object)
