"""A contraction hierarchy (Geisberger et al. 2008) of junctions, and tables by its buckets.

Junctions are removed one by one, the least needed first; where the quickest way between two
neighbours led through the one removed, a shortcut takes its place. Afterwards every quickest way
goes up to some junction and down again, so that a search upward from either side meets it.
"""

from __future__ import annotations

import numpy as np

from yanshan_gis.network.kernels import kernel
from yanshan_gis.network.kernels.heap import begin_at, pop, push

# Junctions settled at most while a way round is looked for; missing one costs a shortcut, no more.
_SETTLED = 40


@kernel
def add(tail, head, cost, out_first, out_next, in_first, in_next, used, u, w, c):
    """Add a link, or make the one there cheaper; return how many there are."""
    e = out_first[u]
    while e >= 0:
        if head[e] == w:
            if c < cost[e]:
                cost[e] = c
            return used
        e = out_next[e]
    tail[used], head[used], cost[used] = u, w, c
    out_next[used], in_next[used] = out_first[u], in_first[w]
    out_first[u], in_first[w] = used, used
    return used + 1


@kernel
def unlink(first, following, x, e):
    """Take a link off the list of a node."""
    if first[x] == e:
        first[x] = following[e]
        return
    at = first[x]
    while following[at] != e:
        at = following[at]
    following[at] = following[e]


@kernel
def way_round(u, v, limit, head, cost, out_first, out_next, dist, touched, keys, items):
    """Search from a node without passing another; return how many nodes were touched."""
    size, n, settled = 0, 1, 0
    dist[u], touched[0] = 0.0, u
    size = push(keys, items, size, 0.0, u)
    while size > 0 and settled < _SETTLED:
        d, x = keys[0], items[0]
        size = pop(keys, items, size)
        if d > dist[x]:
            continue
        if d > limit:
            break
        settled += 1
        e = out_first[x]
        while e >= 0:
            y, there = head[e], d + cost[e]
            if y != v and there < dist[y] and there <= limit and size < len(keys):
                if dist[y] == np.inf:
                    touched[n] = y
                    n += 1
                dist[y] = there
                size = push(keys, items, size, there, y)
            e = out_next[e]
    return n


@kernel
def shortcuts(
    v, adding, tail, head, cost, out_first, out_next, in_first, in_next, used,
    dist, touched, keys, items,
):  # fmt: skip
    """Count the shortcuts that removing a junction takes, and add them if asked."""
    needed = 0
    i = in_first[v]
    while i >= 0:
        u, limit = tail[i], -1.0
        e = out_first[v]
        while e >= 0:
            if head[e] != u:
                limit = max(limit, cost[i] + cost[e])
            e = out_next[e]
        if limit >= 0.0:
            n = way_round(u, v, limit, head, cost, out_first, out_next, dist, touched, keys, items)
            e = out_first[v]
            while e >= 0:
                w, through = head[e], cost[i] + cost[e]
                if w != u and through < dist[w]:
                    needed += 1
                    if adding:
                        used = add(
                            tail, head, cost, out_first, out_next, in_first, in_next, used,
                            u, w, through,
                        )  # fmt: skip
                e = out_next[e]
            for t in range(n):
                dist[touched[t]] = np.inf
        i = in_next[i]
    return needed, used


@kernel
def priority(
    v, level, tail, head, cost, out_first, out_next, in_first, in_next, dist, touched, keys, items
):
    """Tell how late a junction should go: shortcuts added less links removed, and its level."""
    needed, _ = shortcuts(
        v, False, tail, head, cost, out_first, out_next, in_first, in_next, 0,
        dist, touched, keys, items,
    )  # fmt: skip
    links = 0
    e = out_first[v]
    while e >= 0:
        links += 1
        e = out_next[e]
    e = in_first[v]
    while e >= 0:
        links += 1
        e = in_next[e]
    return 2.0 * needed - links + level[v]


@kernel
def contract(
    begin, to, total, tail, head, cost, out_first, out_next, in_first, in_next, rank, level,
    order, nodes, dist, touched, keys, items,
):  # fmt: skip
    """Remove all junctions; return how many links there are then, -1 where they found no room.

    `out_first`, `in_first`, `rank` come as -1, `level` as zeros, `dist` as inf; `order` and
    `nodes` are a heap of the junctions.
    """
    used = 0
    n = len(begin) - 1
    for x in range(n):
        for link in range(begin[x], begin[x + 1]):
            if to[link] != x and total[link] >= 0.0:
                used = add(
                    tail, head, cost, out_first, out_next, in_first, in_next, used,
                    x, to[link], total[link],
                )  # fmt: skip
    size = 0
    for x in range(n):
        p = priority(
            x, level, tail, head, cost, out_first, out_next, in_first, in_next,
            dist, touched, keys, items,
        )  # fmt: skip
        size = push(order, nodes, size, p, x)
    removed = 0
    while size > 0:
        x = nodes[0]
        size = pop(order, nodes, size)
        p = priority(
            x, level, tail, head, cost, out_first, out_next, in_first, in_next,
            dist, touched, keys, items,
        )  # fmt: skip
        if size > 0 and p > order[0]:
            size = push(order, nodes, size, p, x)
            continue
        needed, _ = shortcuts(
            x, False, tail, head, cost, out_first, out_next, in_first, in_next, used,
            dist, touched, keys, items,
        )  # fmt: skip
        if used + needed > len(tail):
            return -1
        _, used = shortcuts(
            x, True, tail, head, cost, out_first, out_next, in_first, in_next, used,
            dist, touched, keys, items,
        )  # fmt: skip
        e = out_first[x]
        while e >= 0:
            unlink(in_first, in_next, head[e], e)
            level[head[e]] = max(level[head[e]], level[x] + 1)
            e = out_next[e]
        e = in_first[x]
        while e >= 0:
            unlink(out_first, out_next, tail[e], e)
            level[tail[e]] = max(level[tail[e]], level[x] + 1)
            e = in_next[e]
        rank[x] = removed
        removed += 1
    return used


@kernel
def upward(j, d, k, again, begin, to, cost, cutoff, dist, touched, keys, items):
    """Search upward from one junction or two; return how many were touched."""
    size, n = begin_at(j, d, k, again, cutoff, dist, touched, keys, items)
    while size > 0:
        d, j = keys[0], items[0]
        size = pop(keys, items, size)
        if d > dist[j]:
            continue
        for link in range(begin[j], begin[j + 1]):
            k = to[link]
            there = d + cost[link]
            if there < dist[k] and there <= cutoff:
                if dist[k] == np.inf:
                    touched[n] = k
                    n += 1
                dist[k] = there
                size = push(keys, items, size, there, k)
    return n


@kernel
def fill_buckets(
    ends, spent, begin, to, cost, cutoff, dist, touched, keys, items, junction, minutes, count
):
    """Search upward from every target; list what each touches, -1 where that found no room."""
    used = 0
    for t in range(len(ends)):
        n = upward(
            ends[t, 0], spent[t, 0], ends[t, 1], spent[t, 1], begin, to, cost, cutoff,
            dist, touched, keys, items,
        )  # fmt: skip
        if used + n > len(junction):
            return -1
        for i in range(n):
            junction[used], minutes[used] = touched[i], dist[touched[i]]
            dist[touched[i]] = np.inf
            used += 1
        count[t] = n
    return used


@kernel
def meet(
    ends, spent, begin, to, cost, cutoff, dist, touched, keys, items,
    bucket, target, minutes, costs,
):  # fmt: skip
    """Search upward from every source, and take the best meeting with every target."""
    for s in range(len(ends)):
        n = upward(
            ends[s, 0], spent[s, 0], ends[s, 1], spent[s, 1], begin, to, cost, cutoff,
            dist, touched, keys, items,
        )  # fmt: skip
        for i in range(n):
            d = dist[touched[i]]
            dist[touched[i]] = np.inf
            for b in range(bucket[touched[i]], bucket[touched[i] + 1]):
                there = d + minutes[b]
                if there < costs[s, target[b]]:
                    costs[s, target[b]] = there
