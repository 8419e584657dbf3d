"""Kernels of `yanshan_gis.optimisation.branching`: which k sites serve all rows at the least cost.

Row i stands at ``begin[i]:begin[i + 1]`` of ``site`` and ``cost``, cheapest first; ``cap[i]`` is
what it costs when none of its sites is open, and every one of its costs is below that.
"""

from __future__ import annotations

import numpy as np

from yanshan_gis.compiled import kernel

# A descent that gains less than this share is rounding, not progress.
_ROUNDING = 1e-12


@kernel
def nearest_two(begin, site, cost, cap, is_open, first, near, second):
    """Fill in each row's cheapest open site (-1 for none), its cost and the next, and sum them."""
    total = 0.0
    for i in range(len(cap)):
        first[i] = -1
        near[i] = second[i] = cap[i]
        for k in range(begin[i], begin[i + 1]):
            if is_open[site[k]]:
                if first[i] >= 0:
                    second[i] = cost[k]
                    break
                first[i] = site[k]
                near[i] = cost[k]
        total += near[i]
    return total


@kernel
def interchange(begin, site, cost, cap, is_open, count):
    """Open sites up to `count`, then swap one for another, while it helps; return the cost.

    The best of all swaps is taken each time. What a swap gains is put together from what opening
    gains, closing loses, and what a row gets back because the opened site is its next best
    (Whitaker 1983; Resende and Werneck 2004).
    """
    n, m = len(cap), len(is_open)
    first = np.empty(n, np.int64)
    near = np.empty(n)
    second = np.empty(n)
    place = np.full(m, -1)
    opened = np.empty(count, np.int64)
    n_open = 0
    for j in range(m):
        if is_open[j]:
            place[j] = n_open
            opened[n_open] = j
            n_open += 1
    gain = np.empty(m)
    loss = np.empty(count)
    back = np.empty((count, m))
    total = nearest_two(begin, site, cost, cap, is_open, first, near, second)
    while True:
        gain[:] = 0.0
        loss[:] = 0.0
        back[:] = 0.0
        for i in range(n):
            r = place[first[i]] if first[i] >= 0 else -1
            if r >= 0:
                loss[r] += second[i] - near[i]
            for k in range(begin[i], begin[i + 1]):
                if cost[k] >= second[i]:
                    break
                j = site[k]
                if cost[k] < near[i]:
                    gain[j] += near[i] - cost[k]
                if r >= 0:
                    back[r, j] += second[i] - max(near[i], cost[k])
        best = _ROUNDING * total
        comes = goes = -1
        if n_open < count:
            for j in range(m):
                if place[j] < 0 and gain[j] > best:
                    best, comes = gain[j], j
            if comes >= 0:
                goes = n_open
                n_open += 1
        else:
            for r in range(count):
                for j in range(m):
                    if place[j] < 0 and gain[j] - loss[r] + back[r, j] > best:
                        best, comes, goes = gain[j] - loss[r] + back[r, j], j, r
            if comes >= 0:
                is_open[opened[goes]] = False
                place[opened[goes]] = -1
        if comes < 0:
            return total
        opened[goes] = comes
        place[comes] = goes
        is_open[comes] = True
        total = nearest_two(begin, site, cost, cap, is_open, first, near, second)


@kernel
def reduced_costs(begin, site, cost, price, count, reduced, is_open):
    """Open the `count` sites that pay best at these prices, and return the bound they give.

    A site's reduced cost is what its rows save by it, as a number ≤ 0.
    """
    m = len(reduced)
    reduced[:] = 0.0
    bound = 0.0
    for i in range(len(price)):
        bound += price[i]
        for k in range(begin[i], begin[i + 1]):
            if cost[k] >= price[i]:
                break
            reduced[site[k]] += cost[k] - price[i]
    last = np.partition(reduced, count - 1)[count - 1] if count < m else 0.0
    left = count
    for j in range(m):
        is_open[j] = reduced[j] < last
        if is_open[j]:
            bound += reduced[j]
            left -= 1
    for j in range(m):
        if left > 0 and reduced[j] == last and last < 0.0:
            is_open[j] = True
            bound += last
            left -= 1
    return bound


@kernel
def ascend(begin, site, cost, cap, count, price, best_open, upper, settings):
    """Raise the bound by a subgradient of the prices; improve `price` and `best_open` in place.

    Relaxed is "each row is served once", at the price `price[i]`. Every so often the sites that pay
    best begin a descent by `interchange`. `settings` holds: iterations, tolerance, how many steps
    without progress halve the step, the first step, how much of the last direction is kept.
    Returns the bound, the upper bound and the reduced costs at the bound.
    """
    iterations, tolerance, patience, step, keep = settings
    n, m = len(cap), len(best_open)
    reduced = np.empty(m)
    best_reduced = np.zeros(m)
    best_price = price.copy()
    direction = np.zeros(n)
    is_open = np.zeros(m, np.bool_)
    tried = np.zeros(m, np.bool_)
    lower = -np.inf
    since = 0
    wait, due = 5, 0
    for iteration in range(int(iterations)):
        bound = reduced_costs(begin, site, cost, price, count, reduced, is_open)
        since += 1
        if bound > lower:
            lower = bound
            best_price[:] = price
            best_reduced[:] = reduced
            since = 0
        if iteration >= due and not np.array_equal(is_open, tried):
            tried[:] = is_open
            found = is_open.copy()
            total = interchange(begin, site, cost, cap, found, count)
            if total < upper - _ROUNDING * abs(upper):
                upper = total
                best_open[:] = found
                wait = 5
            else:
                wait = min(2 * wait, 80)
            due = iteration + wait
        if upper - lower <= tolerance:
            break
        if since >= patience:
            step *= 0.5
            since = 0
            price[:] = best_price
            direction[:] = 0.0
            if step < 0.005:
                break
            continue
        norm = 0.0
        for i in range(n):
            slope = 1.0
            for k in range(begin[i], begin[i + 1]):
                if cost[k] >= price[i]:
                    break
                if is_open[site[k]]:
                    slope -= 1.0
            if slope > 0.0 and price[i] >= cap[i]:
                slope = 0.0
            direction[i] = keep * direction[i] + slope
            norm += direction[i] * direction[i]
        if norm == 0.0:
            break
        length = step * (upper - bound) / norm
        for i in range(n):
            price[i] = max(0.0, min(cap[i], price[i] + length * direction[i]))
    price[:] = best_price
    return lower, upper, best_reduced


@kernel
def shrink(begin, site, cost, cap, fate, dearest, number):
    """Drop closed sites (fate -1); an open one (1) becomes the cap of its rows.

    Costs above `dearest` are dropped with them; sites that stay get the numbers `number`.
    """
    n = len(cap)
    new_begin = np.zeros(n + 1, np.int64)
    new_site = np.empty(len(site), np.int64)
    new_cost = np.empty(len(site))
    new_cap = cap.copy()
    size = 0
    for i in range(n):
        for k in range(begin[i], begin[i + 1]):
            if cost[k] > dearest[i]:
                break
            if fate[site[k]] > 0:
                new_cap[i] = cost[k]
                break
            if fate[site[k]] == 0:
                new_site[size] = number[site[k]]
                new_cost[size] = cost[k]
                size += 1
        new_begin[i + 1] = size
    return new_begin, new_site[:size].copy(), new_cost[:size].copy(), new_cap
