"""The k nearest of many sources for every node, in one search that carries k labels."""

from __future__ import annotations

import numpy as np

from yanshan_gis.network.kernels import kernel
from yanshan_gis.network.kernels.chains import seeds, travel
from yanshan_gis.network.kernels.heap import pop, push


@kernel
def offer(dist, owner, x, d, who):
    """Enter a cost among the k best of a node, each source once; tell whether it was taken."""
    k = dist.shape[1]
    rank = k - 1
    for r in range(k):
        if owner[x, r] == who:
            if d >= dist[x, r]:
                return False
            rank = r
            break
    else:
        if d > dist[x, rank] or (d == dist[x, rank] and who > owner[x, rank] >= 0):
            return False
        if d == np.inf:
            return False
    while rank and (d < dist[x, rank - 1] or (d == dist[x, rank - 1] and who < owner[x, rank - 1])):
        dist[x, rank], owner[x, rank] = dist[x, rank - 1], owner[x, rank - 1]
        rank -= 1
    dist[x, rank], owner[x, rank] = d, who
    return True


@kernel
def _carry(cost, label, x, y, step, cutoff):
    for r in range(cost.shape[1]):
        d = cost[x, r] + step
        if d <= cutoff and d < np.inf:
            offer(cost, label, y, d, label[x, r])


@kernel
def nearest_k(
    u, v, from_u, from_v, place, junction, first, begin, to, along, total,
    sources, offsets, cutoff, keys, items, dist, owner, cost, label,
):  # fmt: skip
    """Write costs and labels of every node, nearest first.

    `dist` and `owner` (of junctions), `cost` and `label` have k columns and come as inf and -1.
    A label settles once at a junction, so `keys` and `items` need room for k times every link and
    twice the sources.
    """
    k = dist.shape[1]
    size = 0
    for s in range(len(sources)):
        j, d, other, again = seeds(sources[s], offsets[s], u, v, from_u, from_v, place, first)
        for _ in range(2):
            if j >= 0 and d <= cutoff and offer(dist, owner, j, d, s):
                size = push(keys, items, size, d, (np.int64(j) << 32) | s)
            j, d = other, again

    while size > 0:
        d, j, who = keys[0], items[0] >> 32, np.int32(items[0] & 0xFFFFFFFF)
        size = pop(keys, items, size)
        current = False
        for r in range(k):
            current |= owner[j, r] == who and dist[j, r] == d
        if not current:
            continue
        for link in range(begin[j], begin[j + 1]):
            if not d + total[link] <= dist[to[link], k - 1] * (1.0 + 1e-12):
                continue
            there = travel(d, along[link], first, from_u, from_v)
            if there <= cutoff and offer(dist, owner, to[link], there, who):
                size = push(keys, items, size, there, (np.int64(to[link]) << 32) | who)

    for j in range(len(junction)):
        for r in range(k):
            cost[junction[j], r], label[junction[j], r] = dist[j, r], owner[j, r]
    for s in range(len(sources)):
        if offsets[s] <= cutoff:
            offer(cost, label, sources[s], offsets[s], s)
    for c in range(len(first) - 1):
        for e in range(first[c], first[c + 1] - 1):
            _carry(cost, label, u[e], v[e], from_u[e], cutoff)
        for e in range(first[c + 1] - 1, first[c], -1):
            _carry(cost, label, v[e], u[e], from_v[e], cutoff)
