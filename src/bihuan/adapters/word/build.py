"""Building a document from plain blocks, every run with its East Asian font named."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from . import standard as std

ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A paragraph: the name of its style in `standard.STYLES` and its text, tags and all. `rule` draws a red line below."""

    style: str
    text: str
    rule: bool = False
    lead: str = ""
    """Words before the text in 黑体, such as 出席:"""


@dataclass(frozen=True)
class Column:
    """A column of a table: head, width in mm, what its cells say, and how they stand."""

    head: str
    width: float
    text: str
    align: str = "left"


@dataclass(frozen=True)
class Rows:
    """A table with one row for `each`, such as `task in tasks`; without it one row alone."""

    columns: Sequence[Column]
    each: str = ""


@dataclass(frozen=True)
class Form:
    """A table of two columns: what it asks, and the answer."""

    pairs: Sequence[tuple[str, str]]


def build(blocks: Sequence[Line | Rows | Form]) -> bytes:
    """A .docx with these blocks. KeyError for a style that the standard does not name."""
    document = Document()
    _page(document)
    _styles(document)
    for block in blocks:
        if isinstance(block, Line):
            _line(document.add_paragraph(), block)
        elif isinstance(block, Form):
            _form(document, block)
        else:
            _table(document, block)
    out = io.BytesIO()
    document.core_properties.author = document.core_properties.title = ""
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(std.PAGE[0]), Mm(std.PAGE[1])
    for side, width in std.MARGINS.items():
        setattr(section, f"{side}_margin", Mm(width))
    section.footer_distance, section.header_distance = Mm(std.FOOTER), Mm(15)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(std.PITCH * 20)))
    document.settings.odd_and_even_pages_header_footer = True
    _number(section.footer.paragraphs[0], "right")
    _number(section.even_page_footer.paragraphs[0], "left")


def _number(paragraph: Any, side: str) -> None:
    """The page number between dashes, 四号半角宋体, outside: one character from the edge."""
    paragraph.alignment = ALIGN[side]
    setattr(paragraph.paragraph_format, f"{side}_indent", Pt(14))
    _set(paragraph.add_run("— "), std.SONGTI, 14)
    run = paragraph.add_run()
    _set(run, std.SONGTI, 14)
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
    _set(paragraph.add_run(" —"), std.SONGTI, 14)


def _fonts(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)


def _set(run: Any, font: str, size: float, red: bool = False) -> None:
    run.font.size = Pt(size)
    if red:
        run.font.color.rgb = RGBColor(0xE6, 0, 0)
    _fonts(run._r.get_or_add_rPr(), font)


def _styles(document: Any) -> None:
    normal = document.styles["Normal"]
    normal.font.size = Pt(16)
    _fonts(normal.element.get_or_add_rPr(), std.FANGSONG)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    for style in std.STYLES.values():
        made = document.styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = normal
        made.font.size = Pt(style.size)
        _fonts(made.element.get_or_add_rPr(), style.font)
        form = made.paragraph_format
        form.alignment = ALIGN[style.align]
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(style.pitch)
        form.widow_control = False
        if style.indent or style.right:
            ind = made.element.get_or_add_pPr().get_or_add_ind()
            if style.indent:
                ind.set(qn("w:firstLineChars"), str(style.indent * 100))
                ind.set(qn("w:firstLine"), str(round(style.indent * style.size * 20)))
            if style.right:
                ind.set(qn("w:rightChars"), str(style.right * 100))
                ind.set(qn("w:right"), str(round(style.right * style.size * 20)))


def _line(paragraph: Any, line: Line) -> None:
    style = std.STYLES[line.style]
    paragraph.style = style.name
    if line.lead:
        _set(paragraph.add_run(line.lead), std.HEITI, style.size)
    if line.text:
        _set(paragraph.add_run(line.text), style.font, style.size, style.red)
    if line.rule:
        _rule(paragraph)


def _rule(paragraph: Any) -> None:
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "E60000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _grid(document: Any, widths: Sequence[float], rows: Sequence[Sequence[tuple[str, str, str]]]) -> Any:
    """A table of these cells, each (style, text, alignment; empty: the style's); no row is cut by a page."""
    table = document.add_table(len(rows), len(widths))
    table.style, table.autofit = "Table Grid", False
    for row, cells in zip(table.rows, rows, strict=True):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width, (style, text, align) in zip(row.cells, widths, cells, strict=True):
            cell.width = Mm(width)
            _line(cell.paragraphs[0], Line(style, text))
            if align:
                cell.paragraphs[0].alignment = ALIGN[align]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    return table


def _table(document: Any, rows: Rows) -> None:
    columns = rows.columns
    body = [[("公文表格", c.text, c.align) for c in columns]]
    if rows.each:
        blank = [("公文表格", "", "")] * (len(columns) - 1)
        tags = [f"{{%tr for {rows.each} %}}", "{%tr endfor %}"]
        body = [[("公文表格", tags[0], ""), *blank], *body, [("公文表格", tags[1], ""), *blank]]
    table = _grid(document, [c.width for c in columns], [[("公文表头", c.head, "") for c in columns], *body])
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _form(document: Any, form: Form) -> None:
    _grid(document, (32, 124), [[("公文表头", label, ""), ("公文表格", text, "")] for label, text in form.pairs])
