"""Names of files made from titles: legal on Windows too, and different for every system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_LONGEST = 60  # with three bytes a character and an ending, within what file systems take


def file_names(wished: Sequence[str]) -> list[str]:
    r"""Turn titles into names of files, without their endings.

    Parameters
    ----------
    wished
        Any texts.

    Returns
    -------
    list of str
        At most 60 characters each, without ``< > : " / \ | ? *`` and blanks, different even where
        case does not count, none that Windows keeps for itself.
    """
    taken: set[str] = set()
    names = []
    for text in wished:
        plain = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", text))
        plain = re.sub(r"\s+", "_", plain.strip()).strip(".") or "_"
        if _RESERVED.match(plain):
            plain = f"_{plain}"
        name, number = plain[:_LONGEST].rstrip("."), 1
        while name.casefold() in taken:
            number += 1
            tail = f"_{number}"
            name = plain[: _LONGEST - len(tail)].rstrip(".") + tail
        taken.add(name.casefold())
        names.append(name)
    return names
