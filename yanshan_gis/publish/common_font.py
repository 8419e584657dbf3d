"""The bundled font cut down to the characters that Chinese sheets use, kept in a cache.

Every PDF embeds a subset of the font, and cutting it out of thirty thousand glyphs takes longer
than drawing the sheet. A font with the seven thousand characters of GB 2312 gives the same letters
in a quarter of the time; rarer characters come from the whole font, which stands behind it.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

FAMILY = "Noto Sans SC Common"
_VERSION = 1  # of the cut; another one makes another file
_NAMES = {1, 4, 16}  # what a font calls its family and itself
# Latin, punctuation, super- and subscripts, arrows, signs, enclosed numbers, squared units, widths.
_RANGES = ((0x20, 0x17F), (0x2000, 0x22FF), (0x2460, 0x25FF), (0x3000, 0x30FF), (0x3300, 0x33FF),
           (0xFF00, 0xFFEF))  # fmt: skip


def common_characters() -> frozenset[int]:
    """List the characters of the common font.

    Returns
    -------
    frozenset of int
        Code points: those of GB 2312 and the signs that sheets print.
    """
    rows = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    chinese = "".join(pair.decode("gb2312", errors="ignore") for pair in rows)
    signs = (code for first, last in _RANGES for code in range(first, last + 1))
    return frozenset(map(ord, chinese)) | frozenset(signs)


@cache
def common_font(whole: Path) -> Path | None:
    """Return the cut font, made on first use.

    Parameters
    ----------
    whole
        The font with all its characters.

    Returns
    -------
    pathlib.Path or None
        In matplotlib's cache folder; None where that cannot be written.
    """
    import matplotlib as mpl

    digest = hashlib.sha256(whole.read_bytes()).hexdigest()[:12]
    made = Path(mpl.get_cachedir()) / f"yanshan-gis-{digest}-{_VERSION}.ttf"
    if made.is_file():
        return made
    draft = made.with_name(f".{made.stem}-{os.getpid()}.ttf")
    try:
        _cut(whole, draft)
        os.replace(draft, made)  # noqa: PTH105 - two processes may make it at once
    except OSError:
        return None
    finally:
        draft.unlink(missing_ok=True)
    return made


def _cut(whole: Path, target: Path) -> None:
    from fontTools import subset

    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True)
    options.name_IDs = ["*"]
    with subset.load_font(str(whole), options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=common_characters())
        cutter.subset(font)
        for record in font["name"].names:
            if record.nameID in _NAMES:
                record.string = FAMILY
        font.save(str(target))
