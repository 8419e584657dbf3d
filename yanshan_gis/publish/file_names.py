"""Names of files that every system can hold."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?", re.IGNORECASE)
_MOST = 80  # with the folders above it a path still fits into Windows' 260 characters


def safe_name(text: str) -> str:
    """Turn a title into the name of a file.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        Without characters and names that Windows refuses; ``_`` where nothing is left.
    """
    name = _FORBIDDEN.sub("_", text)[:_MOST].strip(" .")
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name
