"""How a Chinese official document is set: fonts, sizes, spacing and page of GB/T 9704-2012.

Fonts are named, never shipped; where one is missing, Word and WPS take another. A reader's own
template keeps what it says; only styles it lacks are added, in its own fonts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import (
    WD_ALIGN_PARAGRAPH,
    WD_LINE_SPACING,
    WD_TAB_ALIGNMENT,
    WD_TAB_LEADER,
)
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document as DocumentObject

LINE_PT = 28.95  # 22 lines on a page
MARGINS_MM = {"top": 37, "bottom": 35, "left": 28, "right": 26}
WIDE_MARGINS_MM = {"top": 24, "bottom": 20, "left": 20, "right": 20}
PAGE_MM = (210, 297)
_WESTERN = "Times New Roman"
_CENTRE, _BOTH, _LEFT = (
    WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY, WD_ALIGN_PARAGRAPH.LEFT,
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How one style is set.

    Parameters
    ----------
    font
        Of Chinese characters.
    size_pt
        Of the font.
    align
        Of the paragraph.
    line_pt
        Exact distance of lines; None for single.
    indent_chars
        Of the first line, in characters.
    before_pt, after_pt
        Above and below.
    outline
        Level in the table of contents, from 0; None for none.
    keep
        True where it stays with what follows.
    bold
        Never for the national fonts, which are bold by nature.
    """

    font: str
    size_pt: float
    align: Any = _BOTH
    line_pt: float | None = LINE_PT
    indent_chars: int = 0
    before_pt: float = 0.0
    after_pt: float = 0.0
    outline: int | None = None
    keep: bool = False
    bold: bool = False


BODY, TABLE, CAPTION, NOTE = "报告正文", "报告表格", "报告题注", "报告附注"
LOOKS = {
    "Normal": Look("仿宋_GB2312", 16),
    "Title": Look("方正小标宋简体", 22, _CENTRE, 35.0, after_pt=LINE_PT),
    "Heading 1": Look("黑体", 16, _LEFT, indent_chars=2, outline=0, keep=True),
    "Heading 2": Look("楷体_GB2312", 16, _LEFT, indent_chars=2, outline=1, keep=True),
    BODY: Look("仿宋_GB2312", 16, indent_chars=2),
    TABLE: Look("仿宋_GB2312", 10.5, _LEFT, None),
    CAPTION: Look("黑体", 12, _CENTRE, None, before_pt=6, after_pt=4, keep=True),
    NOTE: Look("楷体_GB2312", 14, _CENTRE),
    "TOC 1": Look("仿宋_GB2312", 14, _LEFT, 20.0),
    "TOC 2": Look("仿宋_GB2312", 14, _LEFT, 20.0),
}


def set_styles(document: DocumentObject, *, own: bool) -> None:
    """Give a document the styles that a report uses.

    Parameters
    ----------
    document
        A new document, or a reader's template.
    own
        True for a template: its styles stay, and only those it lacks are added.
    """
    known = {style.name for style in document.styles}
    for name, look in LOOKS.items():
        if name in known and own:
            continue
        if name not in known:
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = document.styles["Normal"] if "Normal" in known else None
        _set_style(document.styles[name], look, fonts=not own)


def _set_style(style: Any, look: Look, *, fonts: bool) -> None:
    if fonts:
        set_font(style.element.get_or_add_rPr(), look.font)
        style.font.color.rgb = RGBColor(0, 0, 0)
    style.font.size = Pt(look.size_pt)
    style.font.bold = look.bold
    style.font.italic = False
    layout = style.paragraph_format
    layout.alignment = look.align
    layout.space_before, layout.space_after = Pt(look.before_pt), Pt(look.after_pt)
    layout.keep_with_next = look.keep
    layout.widow_control = False  # twenty-two lines on every page
    if look.line_pt is None:
        layout.line_spacing_rule = WD_LINE_SPACING.SINGLE
    else:
        layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        layout.line_spacing = Pt(look.line_pt)
    if style.name.startswith("TOC"):
        layout.tab_stops.add_tab_stop(_text_width(), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    properties = style.element.get_or_add_pPr()
    for strange in ("w:numPr", "w:pBdr"):  # lines and numbers of the model that Word ships
        for element in properties.findall(qn(strange)):
            properties.remove(element)
    if look.line_pt != LINE_PT:
        _add(properties, "w:snapToGrid", val="0")
    if look.indent_chars:
        indent = properties.get_or_add_ind()
        indent.set(qn("w:firstLineChars"), str(look.indent_chars * 100))
        indent.set(qn("w:firstLine"), str(round(look.indent_chars * look.size_pt * 20)))
    if look.outline is not None:
        for element in properties.findall(qn("w:outlineLvl")):
            properties.remove(element)
        _add(properties, "w:outlineLvl", val=str(look.outline))


def _text_width() -> Mm:
    return Mm(PAGE_MM[0] - MARGINS_MM["left"] - MARGINS_MM["right"])


def _add(properties: Any, tag: str, **attributes: str) -> None:
    """Add an element where the schema wants it."""
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    after = {
        "w:snapToGrid": ("w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:jc",
                         "w:outlineLvl", "w:rPr"),
        "w:outlineLvl": ("w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange"),
    }[tag]  # fmt: skip
    properties.insert_element_before(element, *after)


def set_font(properties: Any, chinese: str, western: str = _WESTERN) -> None:
    """Name the fonts of a run or style.

    Parameters
    ----------
    properties
        Its ``w:rPr``.
    chinese, western
        Fonts of Chinese and of Latin characters.
    """
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for name, font in (("ascii", western), ("hAnsi", western), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{name}"), font)


def set_page(section: Any, *, wide: bool) -> None:
    """Give a section the page of an official document.

    Parameters
    ----------
    section
        Of the document.
    wide
        True for a page on its side, for wide tables and map sheets.
    """
    width, height = PAGE_MM[::-1] if wide else PAGE_MM
    section.page_width, section.page_height = Mm(width), Mm(height)
    margins = WIDE_MARGINS_MM if wide else MARGINS_MM
    for side, size in margins.items():
        setattr(section, f"{side}_margin", Mm(size))
    section.header_distance = Mm(15)
    section.footer_distance = Mm(10 if wide else 22)  # the number lies 7 mm below the text
    set_orientation(section, wide=wide)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(LINE_PT * 20)))
    section._sectPr.append(grid)


def set_orientation(section: Any, *, wide: bool) -> None:
    """Say which way a section's page lies.

    Parameters
    ----------
    section
        Of the document.
    wide
        True for a page on its side.
    """
    size = section._sectPr.get_or_add_pgSz()
    if wide:
        size.set(qn("w:orient"), "landscape")
    else:
        size.attrib.pop(qn("w:orient"), None)
