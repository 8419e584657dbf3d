"""Chains: runs of edges, one after another in the table, through nodes of degree two.

Most vertices of a road line have two neighbours and no choice to offer. A search therefore walks
between the *junctions* at the ends of chains, and the nodes inside are filled in afterwards in the
order of memory. Where edges do not follow one another in the table, they are arranged so first.

``place`` says where a node is: its junction (0 or more), or ``~e`` for a node inside a chain that
edge ``e`` leads to and edge ``e + 1`` leaves.
"""

from __future__ import annotations

import numpy as np

from yanshan_gis.network.kernels import kernel

_NOWHERE = 2**31 - 1


@kernel
def find(u, v, degree, place, first, junction):
    """Find chains and junctions; return how many there are of each, and of nodes of degree two.

    `degree` comes as zeros; `place`, `first` and `junction` are written.
    """
    m = len(u)
    for i in range(m):
        if degree[u[i]] < 3:
            degree[u[i]] += 1
        if degree[v[i]] < 3:
            degree[v[i]] += 1
    for x in range(len(place)):
        place[x] = _NOWHERE
    n_chains, n_junctions, n_passed = 0, 0, 0
    for i in range(m):
        if i and u[i] == v[i - 1] and degree[u[i]] == 2:
            place[u[i]] = ~(i - 1)
        else:
            first[n_chains] = i
            n_chains += 1
    first[n_chains] = m
    for x in range(len(place)):
        if degree[x] == 2:
            n_passed += 1
        if place[x] == _NOWHERE:
            place[x] = n_junctions
            junction[n_junctions] = x
            n_junctions += 1
    return n_chains, n_junctions, n_passed


@kernel
def arrange(u, v, degree, beside, seen, order, turned):
    """Order edges so that chains follow one another, each edge turned the way its chain runs.

    `degree` is that of `find`; `beside` (two per node) is written with the edges of nodes of
    degree two; `seen` comes as zeros; `order` and `turned` are written.
    """
    m = len(u)
    for x in range(len(degree)):
        beside[x, 0] = -1
        beside[x, 1] = -1
    for e in range(m):
        for side in range(2):
            x = u[e] if side == 0 else v[e]
            if degree[x] == 2:
                if beside[x, 0] < 0:
                    beside[x, 0] = e
                else:
                    beside[x, 1] = e
    n = 0
    for ring in range(2):  # first the chains that begin at a junction, then rings without one
        for begin in range(m):
            if seen[begin]:
                continue
            e, back = begin, degree[u[begin]] == 2
            if back and degree[v[begin]] == 2 and ring == 0:
                continue
            back = back and degree[v[begin]] != 2
            while not seen[e]:
                seen[e] = True
                order[n], turned[n] = e, back
                n += 1
                x = u[e] if back else v[e]
                if degree[x] != 2:
                    break
                e = beside[x, 1] if beside[x, 0] == e else beside[x, 0]
                back = v[e] == x


@kernel
def link(u, v, from_u, from_v, place, first, begin, free, to, along, total):
    """Link the junctions at the ends of chains in both directions, ordered by junction.

    `begin` and `free` come as zeros, one longer than there are junctions; the rest is written. A
    total is NaN where an edge of the chain is closed in that direction.
    """
    for c in range(len(first) - 1):
        begin[place[u[first[c]]] + 1] += 1
        begin[place[v[first[c + 1] - 1]] + 1] += 1
    for j in range(len(begin) - 1):
        begin[j + 1] += begin[j]
        free[j + 1] = begin[j + 1]
    for c in range(len(first) - 1):
        a, b = place[u[first[c]]], place[v[first[c + 1] - 1]]
        there, again = 0.0, 0.0
        for e in range(first[c], first[c + 1]):
            there += from_u[e]
            again += from_v[e]
        i = free[a]
        free[a] += 1
        to[i], along[i], total[i] = b, c, there
        i = free[b]
        free[b] += 1
        to[i], along[i], total[i] = a, ~c, again


@kernel
def travel(d, along, first, from_u, from_v):
    """Add the costs along a chain, link by link as the oracle does: the same to the last bit."""
    if along >= 0:
        for e in range(first[along], first[along + 1]):
            d += from_u[e]
    else:
        for e in range(first[~along + 1] - 1, first[~along] - 1, -1):
            d += from_v[e]
    return d


@kernel
def chain_of(edge, first):
    """Find the chain of an edge."""
    low, high = 0, len(first) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if first[middle] <= edge:
            low = middle
        else:
            high = middle
    return low


@kernel
def seeds(node, spent, u, v, from_u, from_v, place, first):
    """Return the junctions at which a search from a node begins, and what is spent there.

    From inside a chain these are its two ends; a second junction of -1 means there is none.
    """
    at = place[node]
    if at >= 0:
        return at, spent, -1, np.inf
    c = chain_of(~at, first)
    there, again = spent, spent
    for e in range(~at + 1, first[c + 1]):
        there += from_u[e]
    for e in range(~at, first[c] - 1, -1):
        again += from_v[e]
    return place[v[first[c + 1] - 1]], there, place[u[first[c]]], again


@kernel
def fill(dist, owner, u, v, from_u, from_v, first, cutoff, rounding):
    """Carry costs and owners from the junctions into the chains; tell whether any tie arose."""
    tie = False
    for c in range(len(first) - 1):
        begin, end = first[c], first[c + 1] - 1
        if begin == end:
            continue
        d, who = dist[u[begin]], owner[u[begin]]
        for e in range(begin, end):
            d += from_u[e]
            x = v[e]
            if d < dist[x] and d <= cutoff:
                tie |= dist[x] - d <= rounding * max(1.0, d) and owner[x] != who
                dist[x], owner[x] = d, who
            else:
                tie |= d - dist[x] <= rounding * max(1.0, d) and owner[x] != who
                d, who = dist[x], owner[x]
        d, who = dist[v[end]], owner[v[end]]
        for e in range(end, begin, -1):
            d += from_v[e]
            x = u[e]
            if d < dist[x] and d <= cutoff:
                tie |= dist[x] - d <= rounding * max(1.0, d) and owner[x] != who
                dist[x], owner[x] = d, who
            else:
                tie |= d - dist[x] <= rounding * max(1.0, d) and owner[x] != who
                d, who = dist[x], owner[x]
    return tie
