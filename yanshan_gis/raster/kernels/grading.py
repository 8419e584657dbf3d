"""Kernels of `yanshan_gis.raster.grading`: from digital numbers to grades in one reading."""

from __future__ import annotations

import numpy as np

from yanshan_gis.compiled import kernel


@kernel
def state(i, j, karst, cover, quality, kinds, clear, unseen, no_karst, other):
    """Return why a cell is not graded, or 0; arrays without rows are not looked at.

    `kinds` gives the kind of cover by code (above 6 it is not graded), `clear` by quality 0 clear,
    1 clouded, 2 water.
    """
    if karst.shape[0] and karst[i, j] == 0:
        return no_karst
    if cover.shape[0] and kinds[cover[i, j]] > 6:
        return other
    if quality.shape[0]:
        seen = clear[min(max(int(quality[i, j]), 0), len(clear) - 1)]
        if seen:
            return other if seen == 2 else unseen
    return 0


@kernel
def histograms(red, nir, swir, karst, cover, quality, kinds, clear, nothing, offset, codes, counts):
    """Count NDVI and NDRI of the cells that will be graded, in bins over −1 … 1."""
    bins = counts.shape[1]
    for i in range(red.shape[0]):
        for j in range(red.shape[1]):
            why = state(i, j, karst, cover, quality, kinds, clear, codes[0], codes[1], codes[2])
            if why:
                continue
            r, n, s = red[i, j], nir[i, j], swir[i, j]
            if r == nothing[0] or n == nothing[1] or s == nothing[2]:
                continue
            r, n, s = r - offset, n - offset, s - offset
            if n + r > 0.0 and s + n > 0.0:
                ndvi, ndri = (n - r) / (n + r), (s - n) / (s + n)
                counts[0, min(max(int((ndvi + 1.0) * 0.5 * bins), 0), bins - 1)] += 1
                counts[1, min(max(int((ndri + 1.0) * 0.5 * bins), 0), bins - 1)] += 1


@kernel
def _tenths(value):
    """Return a value's place in a table of tenths from 0 to 100."""
    return min(max(int(10.0 * value), 0), 1000)


@kernel
def grade(
    red, nir, swir, karst, cover, quality, slope, depth, kinds, clear, nothing, offset, members,
    exposed, potential, rock_of, vegetation_of, cover_of, slope_of, depth_of, grade_of, summed,
    codes, out,
):  # fmt: skip
    """Grade every cell.

    Tables give points (or grades, where the lowest counts) by tenths of a per cent, degree or
    centimetre, and grades by the sum of points; `members` are NDVI of soil and of plants, NDRI
    without rock and of rock. Arrays without rows are factors or masks that are not at hand.
    """
    soil, plants, low, high = members[0], members[1], members[2], members[3]
    unseen, no_karst, other = codes[0], codes[1], codes[2]
    for i in range(red.shape[0]):
        for j in range(red.shape[1]):
            why = state(i, j, karst, cover, quality, kinds, clear, unseen, no_karst, other)
            if why:
                out[i, j] = why
                continue
            r, n, s = red[i, j], nir[i, j], swir[i, j]
            if r == nothing[0] or n == nothing[1] or s == nothing[2]:
                out[i, j] = 0
                continue
            r, n, s = r - offset, n - offset, s - offset
            if not (n + r > 0.0 and s + n > 0.0):
                out[i, j] = unseen
                continue
            bare = _tenths(100.0 * (((s - n) / (s + n) - low) / (high - low)))
            if bare < exposed:
                out[i, j] = 1
                continue
            kind = kinds[cover[i, j]] if cover.shape[0] else 0
            if cover.shape[0] and kind == 0:
                out[i, j] = unseen
                continue
            green = _tenths(100.0 * (((n - r) / (n + r) - soil) / (plants - soil)))
            if green >= potential[kind]:
                out[i, j] = 2
                continue
            steep, deep = 0, 0
            if slope.shape[0]:
                if np.isnan(slope[i, j]):
                    out[i, j] = unseen
                    continue
                steep = _tenths(slope[i, j])
            if depth.shape[0]:
                if np.isnan(depth[i, j]):
                    out[i, j] = unseen
                    continue
                deep = _tenths(depth[i, j])
            if summed:
                points = rock_of[bare] + vegetation_of[green] + cover_of[kind]
                out[i, j] = grade_of[points + slope_of[steep] + depth_of[deep]]
            else:
                found = min(rock_of[bare], vegetation_of[green], slope_of[steep])
                out[i, j] = min(found, depth_of[deep])
