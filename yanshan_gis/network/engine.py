"""The search engine of the toolkit: one interface, a compiled one and scipy's behind it.

Both give the same answers. Costs are sums in float64 taken link by link along a way, so that the
least cost of a node is the same number whichever engine finds it; ties are settled by rules that
know costs only, not the order of a search.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from yanshan_gis.network.links import Links

# Costs that differ by less than this, relative to their size (or to 1), differ by rounding only.
ROUNDING = 1e-9
# Links visited, over all searches, from which on compiled code is worth loading: scipy then takes
# over a second, loading half of one.
_WORTH_LOADING = 10_000_000


@dataclass(frozen=True, eq=False)
class Reached:
    """The nodes each of several searches reaches.

    Parameters
    ----------
    begin
        int64 of length searches + 1: the nodes of search i are ``begin[i]`` to
        ``begin[i + 1] - 1``.
    node
        int32, in no promised order within a search.
    cost
        From the search's source.
    """

    begin: NDArray[np.int64]
    node: NDArray[np.int32]
    cost: NDArray[np.float64]


class Engine(Protocol):
    """What the network's questions ask of a search engine.

    Sources are nodes, any of them more than once; offsets are costs of 0 or more already spent
    there; cut-offs are inclusive. Callers check their input.
    """

    def nearest(
        self,
        links: Links,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        cutoff: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Find the nearest source of every node.

        Parameters
        ----------
        links
            The links.
        sources, offsets
            One per source.
        cutoff
            Largest cost of interest.

        Returns
        -------
        tuple of numpy.ndarray
            Cost (inf where none reaches) and source as an index (int32, -1 where none reaches);
            of sources whose costs differ by rounding only, the lowest.
        """

    def nearest_k(
        self,
        links: Links,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        k: int,
        cutoff: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Find the k nearest sources of every node.

        Parameters
        ----------
        links, sources, offsets, cutoff
            As for `nearest`.
        k
            How many.

        Returns
        -------
        tuple of numpy.ndarray
            Costs (inf) and sources (int32, -1) of shape (nodes, k), ordered by cost; of equal
            costs the lower source comes first.
        """

    def table(
        self,
        links: Links,
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        cutoff: float,
    ) -> NDArray[np.float64]:
        """Search from each source alone.

        Parameters
        ----------
        links, cutoff
            As for `nearest`.
        sources, targets
            Nodes.

        Returns
        -------
        numpy.ndarray
            Costs of shape (sources, targets), inf where there is no way.
        """

    def reach(
        self,
        links: Links,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        cutoff: float,
    ) -> Reached:
        """Find what lies within reach of each source alone.

        Parameters
        ----------
        links, sources, offsets, cutoff
            As for `nearest`.

        Returns
        -------
        Reached
            One search per source.
        """


class Cache(Protocol):
    """Keeps what an engine prepares from one run to the next."""

    def read(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Return arrays kept earlier.

        Parameters
        ----------
        key
            Names what they were prepared from.

        Returns
        -------
        dict or None
            Arrays by name; None where there are none.
        """

    def write(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays.

        Parameters
        ----------
        key
            As for `read`.
        arrays
            By name.
        """


def choose_engine(links: Links, searches: int, cache: Cache | None = None) -> Engine:
    """Choose the engine that answers sooner, loading included.

    The choice knows sizes only, so that the same input takes the same way on every machine.

    Parameters
    ----------
    links
        What is searched.
    searches
        How often about all of it is visited.
    cache
        Where the compiled engine keeps what it prepares; nowhere when None.

    Returns
    -------
    Engine
        scipy's for little work, else the compiled one; scipy's where numba does not load.
    """
    if links.n_links * searches < _WORTH_LOADING or not numba_loads():
        from yanshan_gis.network.scipy_engine import SCIPY

        return SCIPY
    from yanshan_gis.network.compiled_engine import CompiledEngine

    return CompiledEngine(cache=cache)


@cache
def numba_loads() -> bool:
    """Tell whether compiled code can be had on this machine; everything has an answer without.

    Returns
    -------
    bool
        False where numba is absent or broken.
    """
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True
