"""Rocky desertification graded from digital numbers by a scheme: a screening, not a survey.

Vegetation is NDVI between bare soil and plants (dimidiate pixel model), bare rock is NDRI between
none and all; both ends are percentiles over the clear carbonate land of the whole scene. Built-up
land and water look like rock or nothing and are left out, clouds are unseen, other rock is no
karst. Per cents are cut off to tenths, and bands hold their lower limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.scheme import COVERS, GRADES, FactorName, Scheme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.raster.scene import Header

UNSEEN, NO_KARST, OTHER = 7, 8, 9  # codes after those of the grades, which begin at 1
CODES: tuple[str, ...] = (*GRADES, "unseen", "no_karst", "other")
_CODES = np.array([UNSEEN, NO_KARST, OTHER], np.uint8)
_BUILT, _WATER = len(COVERS) + 1, len(COVERS) + 2
_BINS = 8_000
_TENTHS = 1_001
_NEVER = 10_000
_LEAST_CELLS = 100
NOTHING: NDArray[Any] = np.empty((0, 0), np.uint8)
_NO_VALUES: NDArray[Any] = np.empty((0, 0), np.float32)


@dataclass(frozen=True)
class EndMembers:
    """Indices of pure surfaces.

    Parameters
    ----------
    soil, plants
        NDVI without and with nothing but plants.
    low, high
        NDRI without rock and of bare rock.
    """

    soil: float
    plants: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (self.soil < self.plants and self.low < self.high):
            raise DataError(
                "end-members",
                N_("End members do not ascend: NDVI {soil:.3f}–{plants:.3f}, NDRI "
                   "{low:.3f}–{high:.3f}; the imagery shows one kind of surface only, or its "
                   "bands are mixed up."),
                soil=self.soil, plants=self.plants, low=self.low, high=self.high,
            )  # fmt: skip


@dataclass(frozen=True)
class Codes:
    """What the codes of land cover and of the scene's quality mean.

    Parameters
    ----------
    cover
        Codes by kind: those of `yanshan_gis.scheme.COVERS`, ``built`` and ``water``.
    clouds, water
        Values of the quality band that mean clouds (or shadow, snow, faults) and water.
    cloud_bits, water_bits
        Bits of the quality band, from 0, that mean the same: Landsat has those.
    """

    cover: Mapping[str, Sequence[float]] = field(default_factory=dict)
    clouds: Sequence[float] = ()
    water: Sequence[float] = ()
    cloud_bits: Sequence[float] = ()
    water_bits: Sequence[float] = ()

    def kinds(self) -> NDArray[np.uint8]:
        """Return the kind of cover by code: 1 to 6 as in the scheme, 7 built, 8 water, 0 other.

        Returns
        -------
        numpy.ndarray
            256 kinds.
        """
        table = np.zeros(256, np.uint8)
        for kind, name in enumerate((*COVERS, "built", "water"), 1):
            table[[int(code) for code in self.cover.get(name, ())]] = kind
        return table

    def clear(self) -> NDArray[np.uint8]:
        """Return by the quality's value whether a cell is clear (0), clouded (1) or water (2).

        Returns
        -------
        numpy.ndarray
            65,536 states.
        """
        value = np.arange(65_536)
        table = np.zeros(len(value), np.uint8)
        for state, codes, bits in ((2, self.water, self.water_bits),
                                   (1, self.clouds, self.cloud_bits)):  # fmt: skip
            table[np.isin(value, codes)] = state
            for bit in bits:
                table[value >> int(bit) & 1 == 1] = state
        return table


class Grader:
    """A scheme made ready for the factors that are at hand.

    Parameters
    ----------
    scheme
        Whose limits count.
    at_hand
        Factors that can be seen: ``rock`` and ``vegetation`` always.
    codes
        Of land cover and quality.
    dn_offset
        The digital number of reflectance 0.
    headers
        Of ``red``, ``nir`` and ``swir``: their values for nothing.

    Notes
    -----
    Where a factor of a scheme of points is not at hand, the sums of the others are compared with
    limits that are smaller in proportion to the highest sum they can give.
    """

    def __init__(
        self,
        scheme: Scheme,
        at_hand: Sequence[FactorName],
        codes: Codes,
        dn_offset: float,
        headers: Mapping[str, Header],
    ) -> None:
        self.scheme = scheme
        self.used = tuple(name for name in scheme.factors if name in {*at_hand})
        self._kinds, self._clear = codes.kinds(), codes.clear()
        self._offset = float(dn_offset)
        unknown = (headers[name].nodata for name in ("red", "nir", "swir"))
        self._nothing = np.array([math.nan if v is None else v for v in unknown])
        self._summed = scheme.combine == "sum"
        self._tables = [
            self._table(name) for name in ("rock", "vegetation", "cover", "slope", "soil_depth")
        ]
        self._exposed = round(10 * scheme.exposed_from)
        self._potential = self._potential_of()
        self._grade_of = self._grades_of_sums()

    @property
    def missing(self) -> tuple[FactorName, ...]:
        """Factors of the scheme that are not at hand."""
        return tuple(name for name in self.scheme.factors if name not in self.used)

    def _table(self, name: Any) -> NDArray[np.int16]:
        """Return points or grades by tenths (of cover: by kind); of absent factors, none."""
        factor = self.scheme.factors[name] if name in self.used else None
        if factor is None:
            return np.full(_TENTHS, 0 if self._summed else len(GRADES), np.int16)
        if factor.points_of:
            points = [0, *(factor.points_of[kind] for kind in COVERS)]
            return np.array(points, np.int16)
        bands = factor.points or [GRADES.index(grade) + 1 for grade in factor.grades]
        limits = np.round(10 * np.array(factor.breaks)).astype(int)
        return np.array(bands, np.int16)[np.searchsorted(limits, np.arange(_TENTHS), "right")]

    def _potential_of(self) -> NDArray[np.int16]:
        """Return by kind of cover the vegetation from which land is only in danger."""
        limits = {kind: round(10 * value) for kind, value in self.scheme.potential.items()}
        # Of cover that nobody knows, the strictest limit of any: rather a grade too many.
        unknown = max(limits.values(), default=_NEVER)
        return np.array([unknown, *(limits.get(kind, _NEVER) for kind in COVERS)], np.int16)

    def _grades_of_sums(self) -> NDArray[np.uint8]:
        if not self._summed:
            return np.zeros(1, np.uint8)
        most = self.scheme.most_points(self.used)
        whole = self.scheme.most_points(tuple(self.scheme.factors))
        named = [grade for grade in GRADES if grade in self.scheme.grades]
        limits = np.array([self.scheme.grades[grade] for grade in named])
        # Whole numbers on both sides, so that nothing is rounded.
        above = np.searchsorted(limits * most, np.arange(most + 1) * whole, "left")
        codes = np.array([GRADES.index(grade) + 1 for grade in named], np.uint8)
        return codes[np.minimum(above, len(codes) - 1)]

    def count(self, read: Mapping[str, NDArray[Any]]) -> NDArray[np.int64]:
        """Count the indices of a window.

        Parameters
        ----------
        read
            ``red``, ``nir``, ``swir``, and where at hand ``karst``, ``cover``, ``quality``.

        Returns
        -------
        numpy.ndarray
            2 × bins: NDVI, NDRI.
        """
        from yanshan_gis.raster.kernels import grading

        counts = np.zeros((2, _BINS), np.int64)
        grading.histograms(
            *self._views(read), self._kinds, self._clear, self._nothing, self._offset, _CODES,
            counts,
        )  # fmt: skip
        return counts

    def grade(self, read: Mapping[str, NDArray[Any]], members: EndMembers) -> NDArray[np.uint8]:
        """Grade a window.

        Parameters
        ----------
        read
            As in `count`, and where at hand ``slope`` (°) and ``soil_depth`` (cm) as values.
        members
            Of the whole scene.

        Returns
        -------
        numpy.ndarray
            1 to 6 as in `yanshan_gis.scheme.GRADES`, 7 unseen, 8 no karst, 9 built-up or water;
            0 where the image has nothing.
        """
        from yanshan_gis.raster.kernels import grading

        out = np.empty(read["red"].shape, np.uint8)
        ends = np.array([members.soil, members.plants, members.low, members.high])
        factors = [
            read.get(name, _NO_VALUES) if name in self.used else _NO_VALUES
            for name in ("slope", "soil_depth")
        ]
        grading.grade(
            *self._views(read), *factors, self._kinds, self._clear, self._nothing, self._offset,
            ends, self._exposed, self._potential, *self._tables, self._grade_of, self._summed,
            _CODES, out,
        )  # fmt: skip
        return out

    @staticmethod
    def _views(read: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        views = [read[name] for name in ("red", "nir", "swir")]
        return [*views, *(read.get(name, NOTHING) for name in ("karst", "cover", "quality"))]


def end_members(counts: NDArray[np.int64], percentile: float = 5.0) -> EndMembers:
    """Find the end members of a scene.

    Parameters
    ----------
    counts
        2 × bins, summed over all windows.
    percentile
        Of the low ends; the high ends lie as far below 100.

    Returns
    -------
    EndMembers
        Interpolated within bins.

    Raises
    ------
    DataError
        When hardly a cell was seen, or the indices are all the same.
    """
    cells = int(counts[0].sum())
    if cells < _LEAST_CELLS:
        raise DataError(
            "nothing-to-grade",
            N_("Only {cells} cells of the imagery are clear carbonate land within the county; "
               "there is nothing to grade."),
            cells=cells,
        )  # fmt: skip
    shares = (percentile / 100, 1 - percentile / 100)
    soil, plants, low, high = (_quantile(line, share) for line in counts for share in shares)
    return EndMembers(soil, plants, low, high)


def _quantile(counts: NDArray[np.int64], share: float) -> float:
    reached = np.cumsum(counts)
    wanted = share * reached[-1]
    k = int(np.searchsorted(reached, wanted, "left"))
    within = (wanted - (reached[k] - counts[k])) / max(counts[k], 1)
    return float(-1 + 2 * (k + within) / len(counts))
