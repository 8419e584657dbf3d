"""The nearest of many sources for every node, in one search."""

from __future__ import annotations

from yanshan_gis.network.kernels import kernel
from yanshan_gis.network.kernels.chains import fill, seeds, travel
from yanshan_gis.network.kernels.heap import pop, push


@kernel
def nearest(
    u, v, from_u, from_v, place, junction, first, begin, to, along, total,
    sources, offsets, cutoff, rounding, keys, items, dist, owner, cost, label,
):  # fmt: skip
    """Write cost and label of every node; tell whether owners at equal costs met anywhere.

    `dist` and `owner` (of junctions), `cost` and `label` come as inf and -1. A junction settles
    once, so `keys` and `items` need room for every link and twice the sources.
    """
    size = 0
    tie = False

    for s in range(len(sources)):
        j, d, k, again = seeds(sources[s], offsets[s], u, v, from_u, from_v, place, first)
        for _ in range(2):
            if j >= 0 and d < dist[j] and d <= cutoff:
                tie |= dist[j] - d <= rounding * max(1.0, d)
                dist[j], owner[j] = d, s
                size = push(keys, items, size, d, j)
            j, d = k, again

    while size > 0:
        d, j = keys[0], items[0]
        size = pop(keys, items, size)
        if d > dist[j]:
            continue
        who = owner[j]
        for link in range(begin[j], begin[j + 1]):
            k = to[link]
            # The total is a sum in another order: near enough to tell what is out of the question.
            if not d + total[link] <= dist[k] * (1.0 + 4.0 * rounding) + 4.0 * rounding:
                continue
            there = travel(d, along[link], first, from_u, from_v)
            if there < dist[k]:
                if there <= cutoff:
                    tie |= dist[k] - there <= rounding * max(1.0, there) and owner[k] != who
                    dist[k], owner[k] = there, who
                    size = push(keys, items, size, there, k)
            else:
                tie |= there - dist[k] <= rounding * max(1.0, there) and owner[k] != who

    for j in range(len(junction)):
        cost[junction[j]], label[junction[j]] = dist[j], owner[j]
    for s in range(len(sources)):
        if offsets[s] < cost[sources[s]] and offsets[s] <= cutoff:
            tie |= cost[sources[s]] - offsets[s] <= rounding * max(1.0, offsets[s])
            cost[sources[s]], label[sources[s]] = offsets[s], s
    return fill(cost, label, u, v, from_u, from_v, first, cutoff, rounding) or tie
