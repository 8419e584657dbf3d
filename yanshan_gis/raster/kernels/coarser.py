"""Kernels of `yanshan_gis.raster.cog`: a window at half its resolution."""

from __future__ import annotations

import numpy as np

from yanshan_gis.compiled import kernel


@kernel
def mode(pixels):
    """Return the commonest class of every 2 × 2 cells.

    0 means nothing and counts only where there is nothing else; of classes equally common the
    lowest is taken. The last row and column may stand alone.
    """
    rows, columns = pixels.shape
    coarse = np.empty(((rows + 1) // 2, (columns + 1) // 2), pixels.dtype)
    for i in range(coarse.shape[0]):
        top, low = 2 * i, min(2 * i + 1, rows - 1)
        for j in range(coarse.shape[1]):
            left, right = 2 * j, min(2 * j + 1, columns - 1)
            four = pixels[top, left], pixels[top, right], pixels[low, left], pixels[low, right]
            if four[0] == four[1] and four[0] == four[2] and four[0] == four[3]:
                coarse[i, j] = four[0]
                continue
            best, most = four[0], 0
            for one in four:
                votes = 0
                for other in four:
                    votes += one == other
                if one != 0 and (votes > most or (votes == most and one < best)):
                    best, most = one, votes
            coarse[i, j] = best
    return coarse


@kernel
def mean(pixels, nothing):
    """Return the mean of every 2 × 2 cells, of those that are known.

    Unknown are NaN and the value `nothing`; whole numbers are rounded by adding a half.
    """
    rows, columns = pixels.shape
    coarse = np.empty(((rows + 1) // 2, (columns + 1) // 2), pixels.dtype)
    half = 0.0 if np.isnan(nothing) else 0.5
    for i in range(coarse.shape[0]):
        top, low = 2 * i, min(2 * i + 1, rows - 1)
        for j in range(coarse.shape[1]):
            left, right = 2 * j, min(2 * j + 1, columns - 1)
            total, known = 0.0, 0
            for r in range(top, low + 1):
                for c in range(left, right + 1):
                    value = float(pixels[r, c])
                    if value == value and value != nothing:
                        total += value
                        known += 1
            coarse[i, j] = total / known + half if known else nothing
    return coarse
