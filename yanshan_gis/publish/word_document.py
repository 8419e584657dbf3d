"""A Word document as it grows: headings, marked sentences, tables, sheets, contents.

The same calls give the same bytes: no clock goes into properties or into the archive.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.publish.evidence import row_anchor, split_marks
from yanshan_gis.publish.typography import (
    BODY,
    CAPTION,
    PAGE_MM,
    TABLE,
    set_font,
    set_orientation,
    set_page,
    set_styles,
)
from yanshan_gis.publish.word_table import column_widths, frame_table, is_number
from yanshan_gis.publish.xml_text import xml_text

if TYPE_CHECKING:
    from docx.document import Document as DocumentObject

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_PAGE_FONT_PT = 14
_SHADE = "E9EDF1"
_CAPTION_MM = 26.0  # of a page's height, for a heading and a caption
_TALL = 200  # characters of a row that may break over pages


class WordDocument:
    """A document under way.

    Parameters
    ----------
    template
        A reader's own document, whose styles, header and footer it takes; None for the look of an
        official document.

    Raises
    ------
    DataError
        When the template is no Word document.
    """

    def __init__(self, template: Path | None = None) -> None:
        self._own = template is not None
        self._document = docx.Document() if template is None else open_template(template)
        self._bookmarks = 0
        self._headings: list[tuple[int, str, str]] = []
        self._contents: Any = None
        set_styles(self._document, own=self._own)
        self._table_style = self._document.styles[TABLE].style_id
        self._wide = False
        if not self._own:
            set_page(self._document.sections[0], wide=False)
            self._number_pages()

    @property
    def width_mm(self) -> float:
        """Width of the text on the present page."""
        section = self._document.sections[-1]
        margins = (section.left_margin or 0) + (section.right_margin or 0)
        return float(Emu((section.page_width or Mm(PAGE_MM[0])) - margins).mm)

    @property
    def height_mm(self) -> float:
        """Height of the text on the present page."""
        section = self._document.sections[-1]
        margins = (section.top_margin or 0) + (section.bottom_margin or 0)
        return float(Emu((section.page_height or Mm(PAGE_MM[1])) - margins).mm)

    def title(self, text: str) -> None:
        """Write the title.

        Parameters
        ----------
        text
            Of the document.
        """
        self._document.add_paragraph(xml_text(text), style="Title")

    def heading(self, text: str, level: int = 1, *, new_page: bool = False) -> None:
        """Write a heading, which the contents list.

        Parameters
        ----------
        text
            With its number.
        level
            1 or 2.
        new_page
            True where it begins a page.
        """
        anchor = f"heading_{len(self._headings) + 1}"
        paragraph = self._document.add_paragraph(style=f"Heading {level}")
        paragraph.paragraph_format.page_break_before = new_page or None
        self._bookmark(paragraph, anchor, text)
        self._headings.append((level, text, anchor))

    def paragraph(self, text: str, style: str = BODY, *, bold: bool = False) -> None:
        """Write a paragraph; the marks in it lead to their rows.

        Parameters
        ----------
        text
            With marks of `Evidence`.
        style
            Of the paragraph.
        bold
            True for what must be seen.
        """
        paragraph = self._document.add_paragraph(style=style)
        self._write(paragraph, text, bold=bold)

    def contents(self, title: str) -> None:
        """Leave room for the contents, filled when the document is saved.

        Parameters
        ----------
        title
            Over them.
        """
        self._document.add_paragraph(title, style=CAPTION)
        self._contents = self._document.add_paragraph(style="TOC 1")

    def turn(self, *, wide: bool) -> None:
        """Begin a page that lies the other way, unless it does already.

        Parameters
        ----------
        wide
            True for a page on its side.
        """
        if wide == self._wide:
            return
        self._wide = wide
        before = self._document.sections[-1]
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        if self._own:
            section.page_width, section.page_height = before.page_height, before.page_width
            set_orientation(section, wide=wide)
        else:
            set_page(section, wide=wide)

    def table(
        self,
        caption: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        anchors: Sequence[int | None] = (),
    ) -> None:
        """Write a table whose head stands on every page it runs over.

        Parameters
        ----------
        caption
            Above it; empty for none.
        heads
            Of the columns.
        rows
            Cells as text, with marks; a row of one cell goes across.
        anchors
            Number of the mark that leads to each row.
        """
        if caption:
            self.paragraph(caption, CAPTION)
        table = self._document.add_table(1 + len(rows), len(heads))
        table.autofit = False
        frame_table(table)
        widths = column_widths(heads, rows, self.width_mm)
        numeric = [all(is_number(r[i]) for r in rows if len(r) > 1) for i in range(len(heads))]
        marked = [*anchors, *[None] * (len(rows) - len(anchors))]
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for number, row in enumerate(table.rows):
            cells, properties = row.cells, row._tr.get_or_add_trPr()
            if number == 0 or all(len(text) < _TALL for text in rows[number - 1]):
                properties.append(OxmlElement("w:cantSplit"))
            if number == 0:
                properties.append(OxmlElement("w:tblHeader"))
                for cell, text, width in zip(cells, heads, widths, strict=True):
                    self._cell(cell, text, width, centre=True, shade=True, bold=True)
                continue
            texts = rows[number - 1]
            if len(texts) == 1:
                cell = cells[0].merge(cells[-1])
                self._cell(cell, texts[0], sum(widths), shade=True)
                continue
            for index, (cell, text) in enumerate(zip(cells, texts, strict=True)):
                anchor = marked[number - 1] if index == 0 else None
                self._cell(cell, text, widths[index], right=numeric[index], anchor=anchor)
        self._document.add_paragraph(style=TABLE)

    def picture(self, image: bytes, caption: str, description: str) -> None:
        """Place a picture as large as the page allows, with its caption below.

        Parameters
        ----------
        image
            A PNG, wider than high.
        caption
            Below it.
        description
            For those who do not see it.
        """
        paragraph = self._document.add_paragraph(style=TABLE)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(io.BytesIO(image), width=Mm(self.width_mm))
        room = Mm(self.height_mm - _CAPTION_MM)
        if shape.height > room:
            shape.width, shape.height = round(shape.width * room / shape.height), room
        properties = shape._inline.docPr
        properties.set("descr", description)
        properties.set("title", caption)
        below = self._document.add_paragraph(style=CAPTION)
        below.paragraph_format.keep_with_next = False
        self._write(below, caption)

    def save(self, path: Path, *, title: str, author: str, created: date) -> None:
        """Write the document.

        Parameters
        ----------
        path
            The ``.docx`` file.
        title, author
            For its properties.
        created
            The data's date, which stands for the clock.
        """
        self._fill_contents()
        about = self._document.core_properties
        about.title = xml_text(title)
        about.author = about.last_modified_by = xml_text(author)
        about.created = about.modified = datetime.combine(created, time())
        about.comments, about.revision = "", 1
        raw = io.BytesIO()
        self._document.save(raw)
        with zipfile.ZipFile(raw) as told, zipfile.ZipFile(path, "w") as kept:
            for name in told.namelist():
                info = zipfile.ZipInfo(name, _ZIP_DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                kept.writestr(info, told.read(name))

    def _write(self, paragraph: Any, text: str, *, bold: bool = False) -> None:
        for piece, mark in split_marks(xml_text(text)):
            if mark is None:
                paragraph.add_run(piece).bold = bold or None
                continue
            link = OxmlElement("w:hyperlink")
            link.set(qn("w:anchor"), row_anchor(mark))
            run = paragraph.add_run(piece)
            run.font.superscript = True
            link.append(run._r)
            paragraph._p.append(link)

    def _bookmark(self, paragraph: Any, name: str, text: str) -> None:
        self._bookmarks += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for element in (start, end):
            element.set(qn("w:id"), str(self._bookmarks))
        start.set(qn("w:name"), name)
        paragraph._p.append(start)
        self._write(paragraph, text)
        paragraph._p.append(end)

    def _cell(
        self, cell: Any, text: str, width_mm: float, *, centre: bool = False, right: bool = False,
        shade: bool = False, bold: bool = False, anchor: int | None = None,
    ) -> None:  # fmt: skip
        cell.width = Mm(width_mm)
        paragraph = cell.paragraphs[0]
        # By name, python-docx looks through all styles again for every cell.
        paragraph._p.style = self._table_style
        if centre or right:
            side = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT
            paragraph.alignment = side
        if shade:
            filled = OxmlElement("w:shd")
            for key, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
                filled.set(qn(f"w:{key}"), value)
            cell._tc.get_or_add_tcPr().append(filled)
        if anchor is None:
            self._write(paragraph, text, bold=bold)
        else:
            self._bookmark(paragraph, row_anchor(anchor), text)

    def _number_pages(self) -> None:
        """Set page numbers as the standard does: outside, between dashes."""
        self._document.settings.odd_and_even_pages_header_footer = True
        section = self._document.sections[0]
        for footer, side in (
            (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
            (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        ):
            paragraph = footer.paragraphs[0]
            paragraph.alignment = side
            paragraph.paragraph_format.line_spacing = 1.0
            run = paragraph.add_run("— ")
            for part in _field("PAGE", "1"):
                run._r.append(part)
            run.add_text(" —")
            set_font(run._r.get_or_add_rPr(), "宋体", "宋体")
            run.font.size = docx.shared.Pt(_PAGE_FONT_PT)

    def _fill_contents(self) -> None:
        """Write the contents as a field that Word brings up to date, and that reads at once.

        Which page a heading falls on, only who sets the pages knows: until then no number stands.
        """
        if self._contents is None:
            return
        place = self._contents
        begin, instruction, separate, _, end = _field('TOC \\o "1-2" \\h \\z \\u', "")
        begin.set(qn("w:dirty"), "true")
        first = place.add_run()._r
        for part in (begin, instruction, separate):
            first.append(part)
        last = place
        for number, (level, text, anchor) in enumerate(self._headings):
            paragraph = place
            if number:
                paragraph = self._document.add_paragraph(style=f"TOC {level}")
                last._p.addnext(paragraph._p)
            link = OxmlElement("w:hyperlink")
            link.set(qn("w:anchor"), anchor)
            run = paragraph.add_run(("　" if level > 1 else "") + xml_text(text))
            link.append(run._r)
            paragraph._p.append(link)
            last = paragraph
        last.add_run()._r.append(end)


def open_template(template: Path) -> DocumentObject:
    """Open a reader's template and take its text out; pages, styles and furniture stay.

    Parameters
    ----------
    template
        A ``.docx`` file.

    Returns
    -------
    docx.document.Document
        Without text.

    Raises
    ------
    DataError
        When it is no Word document.
    """
    try:
        document = docx.Document(str(template))
        body = document.element.body
        for element in list(body):
            if element.tag != qn("w:sectPr"):
                body.remove(element)
        if not document.sections:
            document.add_section(WD_SECTION.NEW_PAGE)
    # The library lets errors of archives, of XML and of missing parts through as they come.
    except Exception as error:
        text = N_(
            "{file} cannot be used as a template: it is no Word document (.docx); open it in Word "
            "and save it as one."
        )
        raise DataError("template-unreadable", text, file=template.name) from error
    return document


def _field(instruction: str, shown: str) -> tuple[Any, Any, Any, Any, Any]:
    parts = []
    for kind in ("begin", "separate", "end"):
        part = OxmlElement("w:fldChar")
        part.set(qn("w:fldCharType"), kind)
        parts.append(part)
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    text = OxmlElement("w:t")
    text.text = shown
    return parts[0], code, parts[1], text, parts[2]
