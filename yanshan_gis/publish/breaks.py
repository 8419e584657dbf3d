"""Round numbers: class limits that read well, and round maxima."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.content import StyleClass, Symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

_NICE = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def round_up(value: float) -> float:
    """Round a positive number up to a round one.

    Parameters
    ----------
    value
        Greater than 0.

    Returns
    -------
    float
        1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 or 10 times a power of ten.
    """
    power = 10.0 ** math.floor(math.log10(value))
    step = next(nice for nice in _NICE if nice * power >= value * (1 - 1e-12))
    return float(f"{step * power:.10g}")


def rounded_breaks(values: ArrayLike, count: int = 5) -> list[float]:
    """Choose class limits that read well: near the quantiles, on round numbers.

    Parameters
    ----------
    values
        The numbers to be classed; NaN does not count.
    count
        Number of classes wished for.

    Returns
    -------
    list of float
        Ascending inner limits, at most ``count - 1``; classes are ``[limit, next limit)``.
    """
    numbers = np.asarray(values, dtype=float)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers) or numbers.min() == numbers.max():
        return []
    spread = float(np.subtract(*np.quantile(numbers, [0.9, 0.1]))) or float(np.ptp(numbers))
    step = 10.0 ** math.floor(math.log10(spread / count))
    step *= next(nice for nice in (5.0, 2.0, 1.0) if step * nice <= spread / count * 1.0001)
    wished = np.quantile(numbers, np.linspace(0, 1, count + 1)[1:-1])
    rounded = sorted({float(f"{round(q / step) * step:.10g}") for q in wished})
    return [limit for limit in rounded if numbers.min() < limit <= numbers.max()]


def graduated_classes(
    limits: Sequence[float], colours: Sequence[str], symbol: Symbol
) -> tuple[StyleClass, ...]:
    """Build classes of numbers from limits and a colour ramp.

    Parameters
    ----------
    limits
        Ascending inner limits, as `rounded_breaks` gives them.
    colours
        From low to high; taken evenly where there are more than classes.
    symbol
        What the classes share.

    Returns
    -------
    tuple of StyleClass
        From low to high; the lowest and the highest are open.
    """
    edges = [None, *limits, None]
    picks = np.linspace(0, len(colours) - 1, len(edges) - 1).round().astype(int)
    return tuple(
        StyleClass(minimum=low, maximum=high, symbol=symbol.model_copy(update={"colour": colour}))
        for low, high, colour in zip(
            edges[:-1], edges[1:], [colours[pick] for pick in picks], strict=True
        )
    )
