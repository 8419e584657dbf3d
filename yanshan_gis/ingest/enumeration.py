"""Several names in one cell or phrase: 江那镇、平远镇和稼依镇."""

from __future__ import annotations

import re
from collections.abc import Callable

_SEPARATORS = re.compile(r"[、,，/／;；\s]+")
_KEPT = "\ue000"  # private use: no text holds it
_AND = re.compile(r"[和及与]")
_WHOLE_COUNTY = frozenset(
    ["全县", "县域", "县域内", "全县域", "全县范围", "全县范围内", "县级", "县本级", "各乡镇",
     "全县各乡镇", "全县各乡（镇）", "各乡（镇）", "全县所有乡镇", "所有乡镇"]
)  # fmt: skip
_COUNTED = re.compile(r"^全县\d{1,2}个乡镇$")


def is_county_wide(text: str, county: str = "") -> bool:
    """Tell whether a text names the whole county instead of places.

    Parameters
    ----------
    text
        As written, such as 全县 or 各乡镇.
    county
        The county's own name.

    Returns
    -------
    bool
        False for an empty text.
    """
    plain = re.sub(r"\s+", "", text).replace("(", "（").replace(")", "）")
    named = bool(county) and plain in {county, f"{county}境内"}
    return plain in _WHOLE_COUNTY or named or bool(_COUNTED.match(plain))


def split_names(text: str, known: Callable[[str], bool], *, keep: str = "") -> tuple[str, ...]:
    """Split a cell or phrase that lists names.

    Parameters
    ----------
    text
        Names joined by 、 , / or 和; empty for none.
    known
        Tells whether a part is a known name: 和侨社区 is one name, 江那镇和平远镇 are two. At 和 a
        part is split only where it is not known itself and both sides are.
    keep
        A separator that joins rather than parts here.

    Returns
    -------
    tuple of str
        The names, in order.
    """
    names: list[str] = []
    for part in _SEPARATORS.split(text.strip().replace(keep, _KEPT) if keep else text.strip()):
        whole = part.replace(_KEPT, keep)
        names += _split_at_and(whole, known) if whole else []
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
