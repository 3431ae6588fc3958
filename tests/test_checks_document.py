"""Written documents and slides, made by python-docx, odfpy and python-pptx."""

import io
import zipfile

import pytest
from deskgym.verifiers.checks import UnreadableFile
from deskgym.verifiers.checks.document import Paragraph, Run, read_document
from deskgym.verifiers.checks.slides import read_slides


def saved(document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def docx() -> bytes:
    import docx

    document = docx.Document()
    document.core_properties.title = "Minutes"
    document.add_heading("Agenda", 1)
    document.add_heading("Budget", 2)
    paragraph = document.add_paragraph("The total is ")
    paragraph.add_run("42").bold = True
    paragraph.add_run(" dollars")
    paragraph.runs[-1].italic = True
    document.add_paragraph("Said", style="List Bullet")
    document.styles["Quote"].font.underline = True
    plain = document.add_paragraph("A quote, ", style="Quote").add_run("plain")
    plain.underline = False
    table = document.add_table(2, 2)
    table.cell(1, 0).text = "x"
    return saved(document)


def odt() -> bytes:
    from odf.opendocument import OpenDocumentText
    from odf.style import Style, TextProperties
    from odf.table import Table, TableCell, TableRow
    from odf.text import H, LineBreak, List, ListItem, Note, NoteBody, P, S, Span, Tab

    document = OpenDocumentText()
    heading = Style(name="Heading_20_1", displayname="Heading 1", family="paragraph")
    heading.addElement(TextProperties(fontweight="bold"))
    document.styles.addElement(heading)
    direct = Style(name="P1", family="paragraph", parentstylename="Heading_20_1")
    direct.addElement(TextProperties(fontstyle="italic"))
    strong = Style(name="T1", family="text")
    strong.addElement(TextProperties(fontweight="bold"))
    light = Style(name="T2", family="text")
    light.addElement(TextProperties(fontweight="normal", textunderlinestyle="solid"))
    for style in (direct, strong, light):
        document.automaticstyles.addElement(style)
    document.text.addElement(H(outlinelevel=1, stylename="P1", text="Agenda"))
    paragraph = P(text="The total is ")
    span = Span(stylename="T1", text="4")
    span.addElement(Span(stylename="T2", text="2"))
    paragraph.addElement(span)
    for element in (S(c=2), Tab(), LineBreak()):
        paragraph.addElement(element)
    paragraph.addText("end")
    note = Note(noteclass="footnote")
    body = NoteBody()
    body.addElement(P(text="a footnote"))
    note.addElement(body)
    paragraph.addElement(note)
    document.text.addElement(paragraph)
    bullets, item = List(), ListItem()
    item.addElement(P(text="Said"))
    bullets.addElement(item)
    document.text.addElement(bullets)
    table, row, cell = Table(name="T"), TableRow(), TableCell()
    inner = P(text="x")
    inner_note, inner_body = Note(noteclass="footnote"), NoteBody()
    inner_body.addElement(P(text="another footnote"))
    inner_note.addElement(inner_body)
    inner.addElement(inner_note)
    cell.addElement(inner)
    row.addElement(cell)
    table.addElement(row)
    document.text.addElement(table)
    stream = io.BytesIO()
    document.write(stream)
    return stream.getvalue()


def test_docx():
    document = read_document(docx(), ".docx")
    assert document.headings() == [(1, "Agenda"), (2, "Budget")]
    assert document.title == "Minutes"
    total = document.paragraph("total")
    assert total == Paragraph((Run("The total is "), Run("42", bold=True), Run(" dollars", italic=True)), "Normal", 0)
    assert document.paragraph("Said").style == "List Bullet"
    quote = document.paragraph("quote")
    assert (quote.is_underlined("A quote"), quote.is_underlined("plain")) == (True, False)
    assert document.tables == ((("", ""), ("x", "")),)


def test_odt():
    document = read_document(odt(), ".odt")
    assert document.headings() == [(1, "Agenda")]
    assert document.generator.startswith("ODFPY")
    agenda, total, said = document.paragraphs
    assert agenda == Paragraph((Run("Agenda", bold=True, italic=True),), "Heading 1", 1)
    assert total.text == "The total is 42  \t\nend"
    assert (total.is_bold("4"), total.is_bold("42"), total.is_underlined("2")) == (True, False, True)
    assert said.text == "Said"
    assert document.tables == ((("x",),),)


def test_bold_means_bold_throughout():
    paragraph = Paragraph((Run("a", bold=True), Run("b", bold=True), Run("c")))
    assert paragraph.is_bold("ab")
    assert not paragraph.is_bold("abc")
    assert not paragraph.is_bold("z")
    assert not paragraph.is_bold("")


def test_a_paragraph_the_player_removed_is_unreadable():
    with pytest.raises(UnreadableFile, match="no paragraph"):
        read_document(docx(), ".docx").paragraph("gone")


def zipped(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("_", "."), part)
    return stream.getvalue()


@pytest.mark.parametrize("suffix", [".docx", ".odt"])
@pytest.mark.parametrize("make", [lambda: b"", lambda: docx()[:-100], lambda: zipped(content_xml="<x/>"), zipped])
def test_broken_documents(suffix, make):
    with pytest.raises(UnreadableFile):
        read_document(make(), suffix)


def test_entities_in_any_part_are_refused():
    with zipfile.ZipFile(io.BytesIO(docx())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        b"?>", b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    with pytest.raises(UnreadableFile, match=r"entities in word/document\.xml"):
        read_document(stream.getvalue(), ".docx")


def test_an_unknown_format_is_the_verifiers_fault():
    with pytest.raises(ValueError, match="no such document format") as caught:
        read_document(b"", ".doc")
    assert not isinstance(caught.value, UnreadableFile)


def test_slides():
    from PIL import Image
    from pptx import Presentation

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Results"
    slide.placeholders[1].text = "one\ntwo"
    slide.notes_slide.notes_text_frame.text = "say hello"
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    slide.shapes.add_picture(picture, 0, 0)
    slide.shapes.add_table(1, 1, 0, 0, 9, 9)
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "inside"
    deck.slides.add_slide(deck.slide_layouts[6])
    first, second = read_slides(saved(deck))
    assert (first.title, first.texts, first.notes) == ("Results", ("one\ntwo", "inside"), "say hello")
    assert (first.layout, first.pictures, first.tables, first.charts) == ("Title and Content", 1, 1, 0)
    assert (second.title, second.texts, second.pictures) == ("", (), 0)


@pytest.mark.parametrize("make", [lambda: b"", docx, zipped])
def test_broken_slides(make):
    with pytest.raises(UnreadableFile, match="as pptx"):
        read_slides(make())
