"""Kernels of `yanshan_gis.raster.cog`: coarser views of a window."""

from __future__ import annotations

import numpy as np

from yanshan_gis.compiled import kernel


@kernel
def mode(pixels, factor):
    """Return the commonest class of every block of factor × factor cells.

    0 means nothing and counts only where a block holds nothing else; of classes equally common
    the lower one is taken. Blocks at the lower and right edge may be smaller.
    """
    rows, columns = pixels.shape
    high, wide = (rows + factor - 1) // factor, (columns + factor - 1) // factor
    coarse = np.zeros((high, wide), np.uint8)
    counts = np.zeros(256, np.int64)
    for i in range(high):
        bottom = min((i + 1) * factor, rows)
        for j in range(wide):
            right = min((j + 1) * factor, columns)
            first = pixels[i * factor, j * factor]
            alike = True
            for r in range(i * factor, bottom):
                for c in range(j * factor, right):
                    alike &= pixels[r, c] == first
            if alike:
                coarse[i, j] = first
                continue
            for r in range(i * factor, bottom):
                for c in range(j * factor, right):
                    counts[pixels[r, c]] += 1
            best = 0
            counts[0] = 0
            for r in range(i * factor, bottom):
                for c in range(j * factor, right):
                    k = pixels[r, c]
                    if counts[k] > counts[best] or (counts[k] == counts[best] and 0 < k < best):
                        best = k
            coarse[i, j] = best
            for r in range(i * factor, bottom):
                for c in range(j * factor, right):
                    counts[pixels[r, c]] = 0
    return coarse


@kernel
def mean(pixels, factor):
    """Return the mean of every block of factor × factor cells, of those that are known."""
    rows, columns = pixels.shape
    high, wide = (rows + factor - 1) // factor, (columns + factor - 1) // factor
    coarse = np.empty((high, wide), np.float32)
    for i in range(high):
        for j in range(wide):
            total = 0.0
            known = 0
            for r in range(i * factor, min((i + 1) * factor, rows)):
                for c in range(j * factor, min((j + 1) * factor, columns)):
                    if not np.isnan(pixels[r, c]):
                        total += pixels[r, c]
                        known += 1
            coarse[i, j] = total / known if known else np.nan
    return coarse
