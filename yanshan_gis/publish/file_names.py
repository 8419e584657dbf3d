"""Names of files that every system can hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?", re.IGNORECASE)
_MOST = 80  # with the folders above it a path still fits into Windows' 260 characters
_MOST_OF_MANY = 60
# File systems take 255 bytes: two names with a scenario between them, or one with a number, and
# beside either what a draft's name adds.
_MOST_BYTES, _MOST_BYTES_OF_MANY = 110, 180


def _cut(text: str, characters: int, size: int) -> str:
    """Keep so many characters and bytes of a text, never half a character."""
    return text[:characters].encode()[:size].decode(errors="ignore")


def safe_name(text: str) -> str:
    """Turn a title into the name of a file.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        Without characters and names that Windows refuses, at most 80 characters and 110 bytes;
        ``_`` where nothing is left.
    """
    return _safe(_cut(text, _MOST, _MOST_BYTES))


def _safe(text: str) -> str:
    name = _FORBIDDEN.sub("_", text).strip(" .")
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


def file_names(wished: Sequence[str]) -> list[str]:
    """Turn titles into names of files that lie side by side.

    Parameters
    ----------
    wished
        Any texts.

    Returns
    -------
    list of str
        At most 60 characters and 180 bytes each, as `safe_name` and without blanks, different
        even where case does not count.
    """
    taken: set[str] = set()
    names = []
    for text in wished:
        plain = re.sub(r"\s+", "_", unicodedata.normalize("NFC", text).strip())
        name, number = _safe(_cut(plain, _MOST_OF_MANY, _MOST_BYTES_OF_MANY)), 1
        while name.casefold() in taken:
            number += 1
            tail = f"_{number}"
            shorter = _cut(plain, _MOST_OF_MANY - len(tail), _MOST_BYTES_OF_MANY - len(tail))
            name = _safe(shorter) + tail
        taken.add(name.casefold())
        names.append(name)
    return names
