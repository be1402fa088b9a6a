"""A report as a Word file in the layout of GB/T 9704-2012: page, type sizes, line spacing, page numbers.

A4, margins 37 / 35 / 28 / 26 mm (top, bottom, left, right) around 156 × 225 mm; title 2 号 (22 pt) 小标宋, body 3 号
(16 pt) 仿宋 in lines of 28.95 pt, 22 on a page, first line indented by two characters; headings 黑体 and 楷体; page
numbers 4 号 between dashes, right on odd pages and left on even ones. Fonts are named, not carried.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from kg.errors import RefusedError
from visualizations.reports import Heading, Paragraph, Report, Table

if TYPE_CHECKING:
    from docx.document import Document as Doc

_LATIN: Final = "Times New Roman"
_SONG, _FANG, _HEI, _KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
LINE: Final = 28.95
"""Line spacing in points: 22 lines on 225 mm."""
_LONGEST: Final = 255
"""Characters of a property of a Word file."""
_BODY, _TITLE, _CELL, _PAGE_NUMBER = 16, 22, 10.5, 14


def word_report(report: Report) -> bytes:
    """Return the file; RefusedError without the extra `office`."""
    try:
        from docx import Document
    except ImportError as error:
        text = "没有安装 Word 报告所需的组件：请用 pip install 'jiangtu[office]' 安装，或导出网页"
        raise RefusedError(text, code="missing-extra") from error
    document = Document()
    _set_up(document, report)
    _line(document, report.title, font=_SONG, size=_TITLE, centred=True, bold=False)
    _line(document, report.meta, size=_CELL, centred=True)
    for block in report.blocks:
        if isinstance(block, Heading):
            _line(document, block.text, font=_HEI if block.level == 1 else _KAI, indent=True, keep=True)
        elif isinstance(block, Paragraph):
            _line(document, block.text, size=_CELL if block.small else _BODY, indent=True)
        else:
            _table(document, block)
    _line(document, "　　".join(report.signatures))
    _line(document, report.fine, size=_CELL)
    if not report.language.startswith("zh"):
        _latin(document)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _set_up(document: "Doc", report: Report) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    document.settings.odd_and_even_pages_header_footer = True
    normal = document.styles["Normal"]
    normal.font.size = Pt(_BODY)
    _name_font(normal, _FANG)
    properties = document.core_properties
    properties.title, properties.author = report.title[:_LONGEST], report.stamp.viewer[:_LONGEST]
    properties.created = properties.modified = report.stamp.at.replace(tzinfo=None)
    properties.comments, properties.language = report.about[:_LONGEST], report.language
    sides = (
        (section.footer, section.header, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, section.even_page_header, WD_ALIGN_PARAGRAPH.LEFT),
    )
    for footer, header, side in sides:
        _page_number(footer.paragraphs[0], side)
        _watermark(header.paragraphs[0], report)


def _name_font(style: Any, font: str) -> None:
    """Name a font of a style or a run for all scripts: python-docx alone names only the western one."""
    from docx.oxml.ns import qn

    style.font.name = font
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), font)


def _latin(document: "Doc") -> None:
    """Let what is not Chinese be set in a Latin font, in the whole file."""
    from docx.oxml.ns import qn

    section = document.sections[0]
    for part in (
        document,
        section.header,
        section.footer,
        section.even_page_header,
        section.even_page_footer,
    ):
        for fonts in part._element.iter(qn("w:rFonts")):
            for script in ("w:ascii", "w:hAnsi", "w:cs"):
                fonts.set(qn(script), _LATIN)


def _line(
    document: "Doc",
    text: str,
    *,
    font: str = _FANG,
    size: float = _BODY,
    centred: bool = False,
    indent: bool = False,
    keep: bool = False,
    bold: bool = False,
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE)
    shape.keep_with_next = keep
    if indent:
        shape.first_line_indent = Pt(2 * size)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(paragraph, text, font, size, bold=bold)


def _write(paragraph: Any, text: str, font: str, size: float, *, bold: bool = False) -> None:
    from docx.shared import Pt

    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold
    _name_font(run, font)


def _table(document: "Doc", block: Table) -> None:
    """Add a table in 5 号 with rules of half a point; its first row repeats, no row splits."""
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    table = document.add_table(rows=0, cols=len(block.head), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for number, cells in enumerate((block.head, *block.rows), start=-1):
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number < 0:
            repeated = OxmlElement("w:tblHeader")
            repeated.set(qn("w:val"), "true")
            properties.append(repeated)
        for column, text in enumerate(cells):
            paragraph = row.cells[column].paragraphs[0]
            if number < 0 or column in block.numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            strong = number in block.bold
            _write(paragraph, text, _HEI if number < 0 else _FANG, _CELL, bold=strong)


def _page_number(paragraph: Any, side: Any) -> None:
    """Write — n — with the field that counts pages."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.alignment = side
    _write(paragraph, "— ", "宋体", _PAGE_NUMBER)
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)
    _write(paragraph, " —", "宋体", _PAGE_NUMBER)


def _watermark(paragraph: Any, report: Report) -> None:
    """Write on every page who took the report out, and when."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import RGBColor

    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _write(paragraph, report.mark, _FANG, 9)
    paragraph.runs[0].font.color.rgb = RGBColor(0x80, 0x80, 0x80)
