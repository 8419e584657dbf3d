"""A heap of four children on two arrays: the least key first, entries never changed in place."""

from __future__ import annotations

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
