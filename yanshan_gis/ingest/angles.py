"""Coordinates as people write them: degrees, minutes, seconds in every spelling, or numbers."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SIGNS = str.maketrans(
    {"º": "°", "˚": "°", "度": "°", "分": "'", "秒": '"', "″": '"', "”": '"', "“": '"', "〃": '"',
     "′": "'", "’": "'", "‘": "'", "´": "'", "`": "'", "−": "-", "—": "-", "–": "-"}
)  # fmt: skip
_COMPASS = {"东经": "E", "西经": "W", "北纬": "N", "南纬": "S"}
_LABEL = re.compile(r"^(经°|纬°|lon(gitude)?|lat(itude)?|lng)\s*[:=]?\s*", re.IGNORECASE)
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_METRES = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(?:m|米)")
_ANGLE = re.compile(
    r"(?P<sign>[-+]?)\s*(?P<degrees>\d{1,3}(?:\.\d+)?)\s*"
    r"(?:[°:\-\s]\s*(?P<minutes>\d{1,2}(?:\.\d+)?)\s*"
    r"(?:[':\-\s]\s*(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:\"|'{1,2})?|')?|°)?"
)


def parse_numbers(values: Sequence[Any]) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Read coordinates as numbers: degrees from angles, or plain numbers as they stand.

    Understood are ``104.2005``, ``104°20′05.9″E``, ``104°20'5.9''``, ``104度20分5.9秒``,
    ``东经104°20.5′``, ``E104 20 5.9``, ``104:20:05.9``, ``104d20m5.9s``, full-width digits,
    ``2,612,000.5`` and ``432642.1米``.

    Parameters
    ----------
    values
        Texts or numbers; None and NaN for missing ones.

    Returns
    -------
    tuple of numpy.ndarray
        The numbers (NaN where missing or unreadable; south and west negative), and what the
        compass letters say of each: ``x`` for east or west, ``y`` for north or south, else empty.
    """
    texts = list(values)
    series = pd.Series(texts, dtype=object)
    numbers = np.array(
        pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    )
    axes = np.full(len(series), "", dtype="<U1")
    numbers[~np.isfinite(numbers)] = np.nan
    for at in np.flatnonzero(np.isnan(numbers) & series.notna().to_numpy()):
        numbers[at], axes[at] = _parse_text(str(texts[at]))
    return numbers, axes


def _parse_text(text: str) -> tuple[float, str]:
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).strip(" ,;、")
    for words, letter in _COMPASS.items():
        text = text.replace(words, letter)
    text = _LABEL.sub("", text).strip()
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", "")), ""
    metres = _METRES.fullmatch(text)
    if metres is not None:
        return float(metres[1]), ""
    if "d" in text.lower():
        text = text.translate(str.maketrans("dDmMs", "°°''\""))
    letters = [sign for sign in (text[:1].upper(), text[-1:].upper()) if sign and sign in "NSEW"]
    if len(letters) > 1:
        return np.nan, ""
    axis = ("y" if letters[0] in "NS" else "x") if letters else ""
    degrees = _degrees(text.strip("NSEWnsew :"))
    return (-degrees if letters and letters[0] in "SW" else degrees), axis


def _degrees(text: str) -> float:
    match = _ANGLE.fullmatch(text)
    if match is None:
        return np.nan
    whole, minutes, seconds = match["degrees"], match["minutes"], match["seconds"]
    # only the last part may have decimals: 104.5°20′ is a slip, not a place
    if ("." in whole and minutes) or (minutes and "." in minutes and seconds):
        return np.nan
    if float(minutes or 0) >= 60 or float(seconds or 0) >= 60:
        return np.nan
    degrees = float(whole) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    if degrees > 180:
        return np.nan
    return -degrees if match["sign"] == "-" else degrees
