"""A heap of four children on two arrays: the least key first, entries never changed in place."""

from __future__ import annotations

import numpy as np

from yanshan_gis.network.kernels import kernel


@kernel
def push(keys, items, size, key, item):
    """Add an entry to a heap that has room, and return its new size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 2
        if keys[parent] <= key:
            break
        keys[i], items[i] = keys[parent], items[parent]
        i = parent
    keys[i], items[i] = key, item
    return size + 1


@kernel
def pop(keys, items, size):
    """Remove the first entry, which the caller has read, and return the new size."""
    size -= 1
    key, item = keys[size], items[size]
    i = 0
    while True:
        child = 4 * i + 1
        if child >= size:
            break
        least = child
        for other in range(child + 1, min(child + 4, size)):
            if keys[other] < keys[least]:
                least = other
        if keys[least] >= key:
            break
        keys[i], items[i] = keys[least], items[least]
        i = least
    keys[i], items[i] = key, item
    return size


@kernel
def begin_at(j, d, k, again, cutoff, dist, touched, keys, items):
    """Enter the one junction or two at which a search begins; return how many entered."""
    size, n = 0, 0
    for _ in range(2):
        if j >= 0 and d < dist[j] and d <= cutoff:
            if dist[j] == np.inf:
                touched[n] = j
                n += 1
            dist[j] = d
            size = push(keys, items, size, d, j)
        j, d = k, again
    return size, n
