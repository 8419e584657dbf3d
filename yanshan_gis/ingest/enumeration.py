"""Several names in one cell or phrase: 江那镇、平远镇和稼依镇."""

from __future__ import annotations

import re
from collections.abc import Callable

_SEPARATORS = re.compile(r"[、,，/／;；\s]+")
_AND = re.compile(r"[和及与]")


def split_names(text: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """Split a cell or phrase that lists names.

    Parameters
    ----------
    text
        Names joined by 、 , / or 和; empty for none.
    known
        Tells whether a part is a known name: 和侨社区 is one name, 江那镇和平远镇 are two. At 和 a
        part is split only where it is not known itself and both sides are.

    Returns
    -------
    tuple of str
        The names, in order.
    """
    names: list[str] = []
    for part in (p for p in _SEPARATORS.split(text.strip()) if p):
        names += _split_at_and(part, known)
    return tuple(names)


def _split_at_and(part: str, known: Callable[[str], bool]) -> list[str]:
    if known(part):
        return [part]
    for match in _AND.finditer(part):
        before, after = part[: match.start()], part[match.end() :]
        if before and after and known(before):
            rest = _split_at_and(after, known)
            if len(rest) > 1 or known(after):
                return [before, *rest]
    return [part]
