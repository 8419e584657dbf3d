"""Kernels of `yanshan_gis.raster.terrain`: everything from one reading of nine heights."""

from __future__ import annotations

import math

import numpy as np

from yanshan_gis.compiled import kernel


@kernel
def _known(z, row, column, down, right):
    """Return a neighbour's height.

    Where it is unknown, as far above the cell as the one opposite lies below it; NaN where both
    are.
    """
    rows, columns = z.shape
    r, c = row + down, column + right
    if 0 <= r < rows and 0 <= c < columns and not np.isnan(z[r, c]):
        return float(z[r, c])
    r, c = row - down, column - right
    if 0 <= r < rows and 0 <= c < columns:
        return 2.0 * z[row, column] - z[r, c]
    return np.nan


@kernel
def surface(z, top, left, width, height, sun, breaks, slope, aspect, shade, classes, percent):
    """Fill slope, aspect, hillshade and slope class of a window; arrays without rows are left out.

    The window begins at (top, left) of the heights. Gradients are Horn's (1981), on cells of
    width × height; `sun` is the unit vector towards the light (east, north, up). Classes are the
    number of breaks below the slope in degrees, plus 1.
    """
    rows = max(slope.shape[0], aspect.shape[0], shade.shape[0], classes.shape[0])
    columns = max(slope.shape[1], aspect.shape[1], shade.shape[1], classes.shape[1])
    steep = np.tan(np.radians(breaks))
    eight_x, eight_y = 8.0 * width, 8.0 * height
    last_row, last_column = z.shape[0] - 1, z.shape[1] - 1
    for i in range(rows):
        row = top + i
        for j in range(columns):
            column = left + j
            east = np.nan
            south = np.nan
            if 0 < row < last_row and 0 < column < last_column:
                nw, n, ne = z[row - 1, column - 1], z[row - 1, column], z[row - 1, column + 1]
                w, e = z[row, column - 1], z[row, column + 1]
                sw, s, se = z[row + 1, column - 1], z[row + 1, column], z[row + 1, column + 1]
                east = ((ne - nw) + 2.0 * (e - w) + (se - sw)) / eight_x
                south = ((sw - nw) + 2.0 * (s - n) + (se - ne)) / eight_y
            centre = z[row, column]
            if (np.isnan(east) or np.isnan(south)) and not np.isnan(centre):
                n, s = _known(z, row, column, -1, 0), _known(z, row, column, 1, 0)
                w, e = _known(z, row, column, 0, -1), _known(z, row, column, 0, 1)
                nw, ne = _known(z, row, column, -1, -1), _known(z, row, column, -1, 1)
                sw, se = _known(z, row, column, 1, -1), _known(z, row, column, 1, 1)
                # Where both ends of a diagonal are unknown, as in a corner of the raster.
                nw = n + w - centre if np.isnan(nw) else nw
                ne = n + e - centre if np.isnan(ne) else ne
                sw = s + w - centre if np.isnan(sw) else sw
                se = s + e - centre if np.isnan(se) else se
                east = ((ne - nw) + 2.0 * (e - w) + (se - sw)) / eight_x
                south = ((sw - nw) + 2.0 * (s - n) + (se - ne)) / eight_y
            unknown = np.isnan(centre) or np.isnan(east) or np.isnan(south)
            squared = east * east + south * south
            rise = math.sqrt(squared)
            if slope.shape[0]:
                if unknown:
                    slope[i, j] = np.nan
                elif percent:
                    slope[i, j] = 100.0 * rise
                else:
                    slope[i, j] = math.degrees(math.atan(rise))
            if aspect.shape[0]:
                if unknown or squared == 0.0:
                    aspect[i, j] = np.nan
                else:
                    aspect[i, j] = math.degrees(math.atan2(-east, south)) % 360.0
            if shade.shape[0]:
                lit = (sun[2] - east * sun[0] + south * sun[1]) / math.sqrt(1.0 + squared)
                shade[i, j] = 0 if unknown else np.uint8(1.5 + 254.0 * max(lit, 0.0))
            if classes.shape[0]:
                found = 1
                for limit in steep:
                    found += rise > limit
                classes[i, j] = 0 if unknown else found


@kernel
def _highest(line, length):
    """Put at each place the highest of it and the next length − 1; unknown are −∞."""
    reach = 1
    n = len(line)
    while 2 * reach <= length:
        for k in range(n - reach):
            line[k] = max(line[k], line[k + reach])
        reach *= 2
    more = length - reach
    for k in range(n - more):
        line[k] = max(line[k], line[k + more])


@kernel
def relief(z, top, left, radius, out):
    """Fill the greatest less the least height within a square of 2 · radius + 1 cells.

    Unknown cells, and those beyond the heights, do not count; a cell that is itself unknown is NaN.
    """
    rows, columns = z.shape
    side = 2 * radius + 1
    for sign in (1.0, -1.0):
        wide = np.full((rows, columns), -np.inf, np.float32)
        line = np.empty(columns + side, np.float32)
        for r in range(rows):
            line[:] = -np.inf
            for c in range(columns):
                if not np.isnan(z[r, c]):
                    line[c + radius] = sign * z[r, c]
            _highest(line, side)
            wide[r] = line[:columns]
        column = np.empty(rows + side, np.float32)
        for j in range(out.shape[1]):
            column[:] = -np.inf
            for r in range(rows):
                column[r + radius] = wide[r, left + j]
            _highest(column, side)
            for i in range(out.shape[0]):
                if np.isnan(z[top + i, left + j]):
                    out[i, j] = np.nan
                elif sign > 0:
                    out[i, j] = column[top + i]
                else:
                    out[i, j] += column[top + i]
