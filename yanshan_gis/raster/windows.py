"""Work on rasters window by window: readers side by side, results in order, memory bounded.

Every thread has handles of its own. At most two windows more than there are threads are in work or
wait to be taken, so memory does not grow with the scene.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

from yanshan_gis.messages import N_
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.raster.scene import (
    Band,
    Header,
    common_grid,
    damaged,
    open_band,
    read_header,
    read_window,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from yanshan_gis.raster.grid import Grid

    Window = tuple[int, int, int, int]
    Source = tuple[Path, Grid | None, bool]

T = TypeVar("T")
SIDE = 2048
# Windows begin at whole multiples of this, so that coarser views can be made of each by itself.
STEP = 64
_MOST_THREADS = 8


def windows_of(grid: Grid, block: tuple[int, int], side: int = SIDE) -> list[Window]:
    """Cut a grid into windows that suit how a file is stored.

    Parameters
    ----------
    grid
        The grid.
    block
        Rows and columns of a stored block; blocks as wide as the raster give windows that are.
    side
        Of a square window, in cells, a multiple of `STEP`.

    Returns
    -------
    list of tuple
        First row, first column, rows, columns; from north to south and west to east.
    """
    rows, columns = grid.shape
    high, wide = side, side
    if block[1] >= columns > side:
        high, wide = max(side * side // columns // STEP, 1) * STEP, columns
    return [
        (row, column, min(high, rows - row), min(wide, columns - column))
        for row in range(0, rows, high)
        for column in range(0, columns, wide)
    ]


class _Reader:
    """Handles on the files, one set per thread; bands of one file are read together."""

    def __init__(self, bands: Mapping[str, Band], halo: int) -> None:
        self._grid = common_grid(bands)
        self._halo = halo
        self._named: dict[Source, dict[str, Band]] = {}
        for name, band in bands.items():
            self._named.setdefault(band.source, {})[name] = band
        self._own = threading.local()
        self._stack, self._lock = ExitStack(), threading.Lock()

    def read(self, window: Window) -> dict[str, NDArray[Any]]:
        from rasterio.errors import RasterioError

        if not hasattr(self._own, "handles"):
            self._own.handles = {s: self._open(bands) for s, bands in self._named.items()}
        found: dict[str, NDArray[Any]] = {}
        for source, bands in self._named.items():
            indexes = list(dict.fromkeys(band.index for band in bands.values()))
            handle = self._own.handles[source]
            try:
                pixels = read_window(handle, self._grid, indexes, window, self._halo)
            except RasterioError as error:
                raise damaged(source[0], error) from error
            found |= {name: pixels[indexes.index(band.index)] for name, band in bands.items()}
        return found

    def _open(self, bands: Mapping[str, Band]) -> Any:
        handle, _ = open_band(next(iter(bands.values())))
        with self._lock:
            self._stack.callback(handle.close)
        return handle

    def close(self) -> None:
        self._stack.close()


def scan(
    bands: Mapping[str, Band],
    work: Callable[[Mapping[str, NDArray[Any]], Window], T],
    *,
    halo: int = 0,
    side: int = SIDE,
    threads: int | None = None,
    progress: Progress = SILENT,
) -> Iterator[tuple[Window, T]]:
    """Do something with every window of rasters that lie cell on cell.

    Parameters
    ----------
    bands
        By the name under which the work gets their numbers, as they are stored.
    work
        Called with the numbers by name and the window, in several threads at once.
    halo
        Cells read beyond the window on every side, fewer at the raster's edge.
    side
        Of a square window, in cells.
    threads
        How many; as many as processors, but not above eight, where None.
    progress
        Who listens.

    Yields
    ------
    tuple
        The window (first row, first column, rows, columns) and what the work returned, from north
        to south and west to east, whoever was done first.

    Raises
    ------
    DataError
        When the rasters do not lie cell on cell, or one is damaged.
    """
    threads = threads or min(os.cpu_count() or 1, _MOST_THREADS)
    reader = _Reader(bands, halo)
    first = read_header(next(iter(bands.values())))
    parts = windows_of(first.grid, first.block, side)
    waiting: deque[tuple[Window, Future[T]]] = deque()
    progress.start(N_("Windows"), len(parts))
    pool = ThreadPoolExecutor(threads)
    try:
        for window in parts:
            waiting.append((window, pool.submit(_one, reader, work, window)))
            if len(waiting) > threads + 1:
                yield _next(waiting, progress)
        while waiting:
            yield _next(waiting, progress)
    finally:
        pool.shutdown(cancel_futures=True)
        reader.close()
        progress.finish()


def _one(
    reader: _Reader, work: Callable[[Mapping[str, NDArray[Any]], Window], T], window: Window
) -> T:
    return work(reader.read(window), window)


def _next(waiting: deque[tuple[Window, Future[T]]], progress: Progress) -> tuple[Window, T]:
    window, job = waiting.popleft()
    found = job.result()
    progress.advance()
    return window, found


def headers_of(bands: Mapping[str, Band]) -> dict[str, Header]:
    """Read what files say of their bands.

    Parameters
    ----------
    bands
        By name.

    Returns
    -------
    dict
        Headers by the same names.
    """
    return {name: read_header(band) for name, band in bands.items()}


def inner(pixels: NDArray[Any], window: Window, halo: int) -> tuple[slice, slice]:
    """Tell where a window lies within what was read with a halo.

    Parameters
    ----------
    pixels
        What was read.
    window
        First row, first column, rows, columns.
    halo
        Cells asked for on every side; fewer were there at the raster's edge.

    Returns
    -------
    tuple of slice
        Rows and columns of the window.
    """
    row, column, rows, columns = window
    top, left = min(row, halo), min(column, halo)
    return slice(top, top + rows), slice(left, left + columns)
