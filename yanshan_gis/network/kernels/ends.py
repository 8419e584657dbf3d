"""Places inside chains, seen from the junctions at the ends of these."""

from __future__ import annotations

import numpy as np

from yanshan_gis.network.kernels import kernel
from yanshan_gis.network.kernels.chains import chain_of, seeds


@kernel
def leave(nodes, u, v, from_u, from_v, place, first, ends, spent, chain):
    """Write the junctions to which nodes lead, the costs to them, and the chain around a node.

    A node that is a junction has one end at no cost; its chain is -1, as is the second end.
    """
    for i in range(len(nodes)):
        ends[i, 0], spent[i, 0], ends[i, 1], spent[i, 1] = seeds(
            nodes[i], 0.0, u, v, from_u, from_v, place, first
        )
        at = place[nodes[i]]
        chain[i] = chain_of(~at, first) if at < 0 else -1


@kernel
def arrive(nodes, u, v, from_u, from_v, place, first, ends, spent, chain):
    """Write the junctions from which nodes are reached, and the rest, as `leave` does."""
    for i in range(len(nodes)):
        at = place[nodes[i]]
        if at >= 0:
            ends[i, 0], spent[i, 0], ends[i, 1], spent[i, 1], chain[i] = at, 0.0, -1, np.inf, -1
            continue
        c = chain_of(~at, first)
        there, again = 0.0, 0.0
        for e in range(first[c], ~at + 1):
            there += from_u[e]
        for e in range(first[c + 1] - 1, ~at, -1):
            again += from_v[e]
        ends[i, 0], spent[i, 0] = place[u[first[c]]], there
        ends[i, 1], spent[i, 1] = place[v[first[c + 1] - 1]], again
        chain[i] = c


@kernel
def straight(sources, targets, leaving, arriving, from_u, from_v, place, cutoff, costs):
    """Lower the costs between nodes of one chain to those straight along it."""
    for s in range(len(sources)):
        if leaving[s] < 0:
            continue
        for t in range(len(targets)):
            if arriving[t] != leaving[s]:
                continue
            begin, end, cost = ~place[sources[s]], ~place[targets[t]], 0.0
            for e in range(begin + 1, end + 1):
                cost += from_u[e]
            for e in range(begin, end, -1):
                cost += from_v[e]
            if cost < costs[s, t] and cost <= cutoff:
                costs[s, t] = cost
