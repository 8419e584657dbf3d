"""How a plan's text is written: one width for digits and letters, one for punctuation."""

from __future__ import annotations

import re

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Full-width punctuation stays: it tells a sentence from a number.
_FULL_WIDTH = {c: a for c, a in _FULL_WIDTH.items() if chr(a).isalnum() or chr(a) in "%.+-/"}
_HALF_WIDTH = {"(": "（", ")": "）", ";": "；", ":": "：", ",": "，", "!": "！", "?": "？"}
_HALF = re.compile(r"[();!?]|(?<!\d)[:,]|[:,](?!\d)")
_SPACE = re.compile(
    r"(?<![A-Za-z0-9])[^\S\t]+|[^\S\t]+(?![A-Za-z0-9])|(?<=\d)[^\S\t]+(?=[A-Za-z])"  # 660 M³
)


def normalise(text: str) -> str:
    """Write a text the one way patterns are looked for in it.

    Parameters
    ----------
    text
        A line or paragraph.

    Returns
    -------
    str
        Digits and letters half-width, punctuation full-width, no space inside Chinese, no ``**``.
    """
    plain = text.translate(_FULL_WIDTH).replace("**", "").replace("\u00ad", "").strip(" \r\n\u3000")
    plain = _HALF.sub(lambda match: _HALF_WIDTH[match[0]], plain)
    return _SPACE.sub("", plain)
