"""The bundled font cut down to the characters of one page, so that it shows them everywhere.

A reader's machine may have no Chinese font, or one without the rare characters of village names.
The font may be passed on, whole or in part, under the SIL Open Font License, which goes with it.
"""

from __future__ import annotations

import base64
import logging
from io import BytesIO
from typing import TYPE_CHECKING

from yanshan_gis.publish.fonts import bundled_font

if TYPE_CHECKING:
    from collections.abc import Iterable

FAMILY = "Yanshan Page"  # only within the page; the font keeps its own name inside


def font_face(characters: Iterable[str]) -> str:
    """Write the style rule that carries a font for these characters.

    Parameters
    ----------
    characters
        All that the page may show; those the font lacks come from the reader's own fonts.

    Returns
    -------
    str
        A ``@font-face`` rule; empty where the font is not installed.
    """
    whole = bundled_font()
    if whole is None:
        return ""
    from fontTools import subset

    # Names stay: they say whose font it is. No times, so that the same page has the same bytes.
    options = subset.Options(layout_features=[], hinting=False, recalc_timestamp=False)
    options.name_IDs, options.flavor = ["*"], "woff"
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    made = BytesIO()
    with subset.load_font(str(whole), options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes={ord(char) for char in characters})
        cutter.subset(font)
        subset.save_font(font, made, options)
    letters = base64.b64encode(made.getvalue()).decode("ascii")
    source = f"url(data:font/woff;base64,{letters}) format('woff')"
    return f"@font-face {{ font-family: '{FAMILY}'; src: {source}; }}\n"


def font_licence() -> str:
    """Return the licence that goes with the font.

    Returns
    -------
    str
        Its text; empty where the font is not installed.
    """
    whole = bundled_font()
    beside = whole.with_name("OFL.txt") if whole is not None else None
    return beside.read_text(encoding="utf-8") if beside is not None and beside.is_file() else ""
