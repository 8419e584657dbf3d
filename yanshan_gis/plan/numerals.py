"""Chinese numerals up to 9,999, as items and small counts are written: 三, 十二, 两百."""

from __future__ import annotations

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_STEPS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = "[零〇一二两三四五六七八九十百千]+"


def read_numeral(text: str) -> int | None:
    """Read a Chinese or Arabic whole number.

    Parameters
    ----------
    text
        Such as ``十二``, ``两百`` or ``12``.

    Returns
    -------
    int or None
        None where it is no number.
    """
    if text.isascii():
        return int(text) if text.isdigit() else None
    total, digit = 0, None
    for sign in text:
        if sign in _DIGITS:
            if digit:  # 一二 is a list of figures, not a number
                return None
            digit = _DIGITS[sign]
        elif sign in _STEPS:
            total += (1 if digit is None else digit) * _STEPS[sign]
            digit = None
        else:
            return None
    return total + (digit or 0) if text else None


def write_numeral(number: int) -> str:
    """Write a number from 1 to 99 in Chinese.

    Parameters
    ----------
    number
        From 1 to 99.

    Returns
    -------
    str
        ``十二`` for 12.
    """
    tens, ones = divmod(number, 10)
    signs = "零一二三四五六七八九"
    if not tens:
        return signs[ones]
    return ("" if tens == 1 else signs[tens]) + "十" + (signs[ones] if ones else "")
