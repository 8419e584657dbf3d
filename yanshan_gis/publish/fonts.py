"""The Chinese font: found, registered, asked for widths, outlines and missing characters.

`zhplot` carries Noto Sans SC under the OFL; only its file is used, because importing the package
changes matplotlib's global settings. Where it is missing, a system font stands in. Widths come
from the font's own metrics, so a thousand labels are measured without drawing one.
"""

from __future__ import annotations

import importlib.util
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path as Outline
from matplotlib.textpath import text_to_path

from yanshan_gis.publish.common_font import common_font

if TYPE_CHECKING:
    from collections.abc import Iterable

MM_PER_PT = 25.4 / 72
_BREAKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
SUBSTITUTE = "□"  # what Chinese typesetting puts for a character the font lacks
_SYSTEM_FONTS = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei",
    "PingFang SC", "WenQuanYi Micro Hei",
)  # fmt: skip
_LATIN_FONT = "DejaVu Sans"  # comes with matplotlib
_EM = 1000  # units per em in which outlines are read
_FIRST_SQUARE = 0x2E80  # from here on characters are as wide as high, and nothing is kerned


@cache
def bundled_font() -> Path | None:
    """Find the font file that zhplot carries, without importing zhplot.

    Returns
    -------
    pathlib.Path or None
        None when the package is not installed.
    """
    found = importlib.util.find_spec("zhplot")
    folders = list(found.submodule_search_locations or ()) if found else []
    files = [path for folder in folders for path in sorted(Path(folder).glob("fonts/*.tt[fc]"))]
    return files[0] if files else None


@cache
def font_family() -> tuple[str, ...]:
    """Register the Chinese font with matplotlib and name the fonts to draw with.

    Returns
    -------
    tuple of str
        Family names, the Chinese one first; characters are taken from the first that has them.
    """
    bundled = bundled_font()
    if bundled is not None:
        common = common_font(bundled)
        files = [path for path in (common, bundled) if path is not None]
        for path in files:
            font_manager.fontManager.addfont(str(path))
        return (*(str(FT2Font(str(path)).family_name) for path in files), _LATIN_FONT)
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return (*[name for name in _SYSTEM_FONTS if name in known][:1], _LATIN_FONT)


@cache
def _faces() -> tuple[Any, ...]:
    faces = []
    for family in font_family():
        path = font_manager.findfont(font_manager.FontProperties(family=[family]))
        face = FT2Font(path)
        face.set_size(_EM, 72)
        faces.append(face)
    return tuple(faces)


@cache
def _face_of(char: str) -> Any | None:
    return next((face for face in _faces() if face.get_char_index(ord(char))), None)


@cache
def _glyph(char: str) -> tuple[Outline, float]:
    """Return a character's outline and advance, both in em; the substitute's where it has none."""
    face = _face_of(char)
    if face is None:
        return _glyph(SUBSTITUTE)
    glyph = face.load_char(ord(char), flags=LoadFlags.NO_HINTING)
    vertices, codes = face.get_path()
    advance = glyph.linearHoriAdvance / 2**16 / _EM  # the other advances differ by version
    return Outline(np.asarray(vertices, dtype=float).reshape(-1, 2) / _EM, codes), advance


@lru_cache(maxsize=20_000)
def _laid_out(text: str) -> tuple[Outline, float]:
    """Return the outline and the width of a line of text, both in em."""
    if all(ord(char) >= _FIRST_SQUARE for char in text):
        return _square_text(text)
    properties = font_manager.FontProperties(family=list(font_family()))
    plain = drawable(text)
    width, _, _ = text_to_path.get_text_width_height_descent(plain, properties, ismath=False)
    vertices, codes = text_to_path.get_text_path(properties, plain, ismath=False)
    size = text_to_path.FONT_SCALE
    outline = Outline(np.asarray(vertices, dtype=float).reshape(-1, 2) / size, codes)
    return outline, float(width) / properties.get_size_in_points()


def _square_text(text: str) -> tuple[Outline, float]:
    """Set Chinese characters side by side, much faster than by general layout."""
    vertices: list[Any] = [np.zeros((0, 2))]
    codes: list[Any] = [np.zeros(0, dtype=np.uint8)]
    pen = 0.0
    for char in text:
        outline, advance = _glyph(char)
        vertices.append(np.asarray(outline.vertices) + np.array([pen, 0.0]))
        codes.append(outline.codes)
        pen += advance
    return Outline(np.concatenate(vertices), np.concatenate(codes)), pen


def missing_glyphs(texts: Iterable[str]) -> list[str]:
    """Name the characters that no font at hand can draw.

    Parameters
    ----------
    texts
        What is about to be drawn.

    Returns
    -------
    list of str
        Single characters in code order, each once.
    """
    characters = sorted({char for text in texts for char in text if not char.isspace()})
    return [char for char in characters if _face_of(char) is None]


def drawable(text: str) -> str:
    """Put a substitute for every character that no font can draw.

    Parameters
    ----------
    text
        What is about to be drawn.

    Returns
    -------
    str
        The same text where nothing is missing; tabs and line breaks are spaces.
    """
    text = "".join(" " if char in _BREAKS else char for char in text)
    missing = missing_glyphs([text])
    return "".join(SUBSTITUTE if char in missing else char for char in text) if missing else text


def text_width_mm(text: str, size_pt: float) -> float:
    """Measure a line of text by its characters' advances.

    Kerning, which only Latin letters have, would make it a trifle narrower; see `set_width_mm`.

    Parameters
    ----------
    text
        One line.
    size_pt
        Font size in points.

    Returns
    -------
    float
        Width in millimetres.
    """
    return sum(_glyph(char)[1] for char in text) * size_pt * MM_PER_PT


def set_width_mm(text: str, size_pt: float) -> float:
    """Measure a line of text exactly as it will be set.

    Parameters
    ----------
    text
        One line.
    size_pt
        Font size in points.

    Returns
    -------
    float
        Width in millimetres, kerning included.
    """
    return _laid_out(text)[1] * size_pt * MM_PER_PT


def fit_size(text: str, size_pt: float, width_mm: float, *, least: float = 0.7) -> float:
    """Choose a font size at which a line of text fits.

    Parameters
    ----------
    text
        One line.
    size_pt
        The size wished for, in points.
    width_mm
        The room, in millimetres.
    least
        The smallest share of the wished size that is still legible.

    Returns
    -------
    float
        Points; at `least` the text may still be too wide.
    """
    width = text_width_mm(text, size_pt)
    return size_pt if width <= width_mm else size_pt * max(least, width_mm / width)


def shorten(text: str, size_pt: float, width_mm: float) -> str:
    """Cut a line of text so that it fits, with an ellipsis.

    Parameters
    ----------
    text
        One line.
    size_pt
        Font size in points.
    width_mm
        The room, in millimetres.

    Returns
    -------
    str
        The text itself where it fits.
    """
    if text_width_mm(text, size_pt) <= width_mm:
        return text
    while text and text_width_mm(text + "…", size_pt) > width_mm:
        text = text[:-1]
    return text + "…"


def _joins(before: str, char: str) -> bool:
    """Tell whether no line may break between two characters."""
    if char in "，。；：、！？）」》%％…":
        return True
    return before.isascii() and char.isascii() and not before.isspace() and not char.isspace()


def _pieces(text: str) -> list[str]:
    """Split a text where a line may break: Latin words stay whole, Chinese breaks anywhere."""
    pieces: list[str] = []
    for char in text:
        if pieces and _joins(pieces[-1][-1], char):
            while len(pieces) > 1 and pieces[-1].isspace():  # a mark after a space goes along too
                pieces[-2:] = [pieces[-2] + pieces[-1]]
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def wrap(text: str, size_pt: float, width_mm: float) -> list[str]:
    """Break a text into lines that fit; no line begins with a closing mark.

    Parameters
    ----------
    text
        One paragraph.
    size_pt
        Font size in points.
    width_mm
        The room, in millimetres.

    Returns
    -------
    list of str
        At least one line.
    """
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and text_width_mm(lines[-1] + piece, size_pt) > width_mm:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines]


def text_outline(text: str, size_pt: float) -> Outline:
    """Build the outline of a line of text, for halos and for bold by stroke.

    Parameters
    ----------
    text
        One line.
    size_pt
        Font size in points.

    Returns
    -------
    matplotlib.path.Path
        In millimetres, the baseline's left end at the origin.
    """
    outline, _ = _laid_out(text)
    return Outline(np.asarray(outline.vertices) * size_pt * MM_PER_PT, outline.codes)
