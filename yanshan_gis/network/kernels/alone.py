"""Searches from one source at a time: tables, and what lies within reach."""

from __future__ import annotations

import numpy as np

from yanshan_gis.network.kernels import kernel
from yanshan_gis.network.kernels.chains import chain_of, seeds, travel
from yanshan_gis.network.kernels.heap import pop, push


@kernel
def search(
    j, d, k, again, from_u, from_v, first, begin, to, along, total, cutoff,
    dist, touched, keys, items,
):  # fmt: skip
    """Find the costs of junctions; return how many were touched.

    `dist` comes as inf; its touched places are to be set back. A junction settles once, so `keys`
    and `items` need room for every link and two more.
    """
    size, n = 0, 0
    for _ in range(2):
        if j >= 0 and d < dist[j] and d <= cutoff:
            if dist[j] == np.inf:
                touched[n] = j
                n += 1
            dist[j] = d
            size = push(keys, items, size, d, j)
        j, d = k, again
    while size > 0:
        d, j = keys[0], items[0]
        size = pop(keys, items, size)
        if d > dist[j]:
            continue
        for link in range(begin[j], begin[j + 1]):
            k = to[link]
            if not d + total[link] <= dist[k] * (1.0 + 1e-12):
                continue
            there = travel(d, along[link], first, from_u, from_v)
            if there < dist[k] and there <= cutoff:
                if dist[k] == np.inf:
                    touched[n] = k
                    n += 1
                dist[k] = there
                size = push(keys, items, size, there, k)
    return n


@kernel
def arrive(dist, node, source, u, v, from_u, from_v, place, first):
    """Return the cost of a node, inside a chain too, after a search from a source."""
    at = place[node]
    if node == source:
        return 0.0
    if at >= 0:
        return dist[at]
    c = chain_of(~at, first)
    there, again = dist[place[u[first[c]]]], dist[place[v[first[c + 1] - 1]]]
    for e in range(first[c], ~at + 1):
        there += from_u[e]
    for e in range(first[c + 1] - 1, ~at, -1):
        again += from_v[e]
    best = np.inf
    if there < best:
        best = there
    if again < best:
        best = again
    # Both inside one chain: straight along it.
    start = place[source]
    if start < 0 and first[c] <= ~start < first[c + 1]:
        straight = 0.0
        for e in range(~start + 1, ~at + 1):
            straight += from_u[e]
        for e in range(~start, ~at, -1):
            straight += from_v[e]
        if straight < best:
            best = straight
    return best


@kernel
def table(
    u, v, from_u, from_v, place, junction, first, begin, to, along, total,
    sources, targets, cutoff, dist, touched, keys, items, costs,
):  # fmt: skip
    """Write the costs from every source to every target."""
    for s in range(len(sources)):
        j, d, k, again = seeds(sources[s], 0.0, u, v, from_u, from_v, place, first)
        n = search(
            j, d, k, again, from_u, from_v, first, begin, to, along, total, cutoff,
            dist, touched, keys, items,
        )  # fmt: skip
        for t in range(len(targets)):
            cost = arrive(dist, targets[t], sources[s], u, v, from_u, from_v, place, first)
            costs[s, t] = cost if cost <= cutoff else np.inf
        for i in range(n):
            dist[touched[i]] = np.inf


@kernel
def _through(
    c, there, again, start, spent, u, from_u, from_v, first, cutoff, inside, node, cost, count
):
    """List the nodes inside a chain that are in reach from its ends, or from one of them."""
    begin, end = first[c], first[c + 1] - 1
    for e in range(begin, end):
        there += from_u[e]
        if e == start and not there <= spent:
            there = spent
        if not there <= cutoff:
            there = np.inf
        inside[e - begin] = there
    for e in range(end, begin, -1):
        again += from_v[e]
        if not again < inside[e - 1 - begin]:
            again = inside[e - 1 - begin]
        if again <= cutoff and again < np.inf:
            node[count], cost[count] = u[e], again
            count += 1
        else:
            again = np.inf
    return count


@kernel
def reach(
    u, v, from_u, from_v, place, junction, first, begin, to, along, total,
    source, spent, cutoff, dist, touched, keys, items, inside, node, cost,
):  # fmt: skip
    """Write the nodes within the cut-off of a source, and their costs; return how many.

    `inside` needs room for the longest chain, `node` and `cost` for every node.
    """
    j, d, k, again = seeds(source, spent, u, v, from_u, from_v, place, first)
    n = search(
        j, d, k, again, from_u, from_v, first, begin, to, along, total, cutoff,
        dist, touched, keys, items,
    )  # fmt: skip
    count = 0
    start = place[source]
    own = -1
    if start < 0:
        own = chain_of(~start, first)
        count = _through(
            own, dist[place[u[first[own]]]], dist[place[v[first[own + 1] - 1]]], ~start, spent,
            u, from_u, from_v, first, cutoff, inside, node, cost, count,
        )  # fmt: skip
    for i in range(n):
        j = touched[i]
        node[count], cost[count] = junction[j], dist[j]
        count += 1
        for link in range(begin[j], begin[j + 1]):
            # A chain is taken at its first end, or at its last where only that is reached.
            c, there, again = along[link], dist[j], dist[to[link]]
            if c < 0:
                if again < np.inf:
                    continue
                c, there, again = ~c, again, there
            if c != own and first[c + 1] - first[c] > 1:
                count = _through(
                    c, there, again, -1, np.inf, u, from_u, from_v, first, cutoff,
                    inside, node, cost, count,
                )  # fmt: skip
    for i in range(n):
        dist[touched[i]] = np.inf
    return count
