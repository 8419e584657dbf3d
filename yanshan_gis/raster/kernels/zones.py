"""Kernels of `yanshan_gis.raster.zones`."""

from __future__ import annotations

import numpy as np

from yanshan_gis.compiled import kernel


@kernel
def majority(pixels, highest):
    """Return the commonest class of the 3 × 3 cells around each cell that has a class.

    Classes are 1 to `highest`; other cells stay as they are and have no vote. A cell keeps its own
    class where none is commoner; of others equally common the lowest is taken.
    """
    rows, columns = pixels.shape
    smooth = pixels.copy()
    votes = np.zeros(highest + 1, np.int64)
    for i in range(rows):
        for j in range(columns):
            own = pixels[i, j]
            if own == 0 or own > highest:
                continue
            votes[:] = 0
            for r in range(max(i - 1, 0), min(i + 2, rows)):
                for c in range(max(j - 1, 0), min(j + 2, columns)):
                    if pixels[r, c] <= highest:
                        votes[pixels[r, c]] += 1
            best = own
            for k in range(1, highest + 1):
                if votes[k] > votes[best]:
                    best = k
            smooth[i, j] = best
    return smooth
