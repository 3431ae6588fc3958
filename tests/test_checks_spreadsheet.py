"""One face for .xlsx, .gnumeric and .ods, proved on files that openpyxl, odfpy and Gnumeric itself write."""

import datetime
import gzip
import io
import shutil
import subprocess
import zipfile

import pytest
from deskgym.verifiers.checks import UnreadableFile, unchanged
from deskgym.verifiers.checks.spreadsheet import Cell, read_workbook, same_formula
from openpyxl import Workbook as NewBook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font

SUFFIXES = [".xlsx", ".gnumeric", ".ods"]

needs_gnumeric = pytest.mark.skipif(
    shutil.which("ssconvert") is None, reason="ssconvert is absent: apt-get install gnumeric"
)


def sales() -> bytes:
    """A workbook with one of everything, by openpyxl."""
    book = NewBook()
    sheet = book.active
    sheet.title = "Sales"
    for row in (["Region", "Jan", "When"], ["North", 1, datetime.date(2024, 3, 5)], ["South", 2.5, None]):
        sheet.append(row)
    sheet["B4"] = "=SUM(B2:B3)"
    sheet["C4"] = '=IF(B2>=1,"x;y",Other!A1)'
    sheet["D2"], sheet["E2"], sheet["F2"], sheet["G2"] = True, "12", "two\nlines  here", 0.5
    sheet["A1"].font = Font(bold=True)
    sheet["B2"].number_format = "#,##0.00"
    sheet["G2"].number_format = "0.0%"
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = "A1:C3"
    book.create_sheet("Other")["A1"] = "hi"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
    sheet.add_chart(chart, "I2")
    return saved(book)


def saved(book) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def converted(data: bytes, source: str, target: str, folder) -> bytes:
    """The same spreadsheet as Gnumeric itself saves it."""
    (folder / f"in{source}").write_bytes(data)
    command = ["ssconvert", str(folder / f"in{source}"), str(folder / f"out{target}")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return (folder / f"out{target}").read_bytes()


def gnumeric(cells: str, styles: str = "", before: str = "") -> bytes:
    """A hand-written file as Gnumeric 1.12 writes it."""
    return gzip.compress(
        f"""<?xml version="1.0" encoding="UTF-8"?>{before}
        <gnm:Workbook xmlns:gnm="http://www.gnumeric.org/v10.dtd">
        <gnm:Version Epoch="1" Major="12" Minor="57" Full="1.12.57"/>
        <gnm:SheetNameIndex><gnm:SheetName gnm:Cols="256" gnm:Rows="65536">S</gnm:SheetName></gnm:SheetNameIndex>
        <gnm:Sheets><gnm:Sheet><gnm:Name>S</gnm:Name><gnm:Styles>{styles}</gnm:Styles>
        <gnm:Cells>{cells}</gnm:Cells></gnm:Sheet></gnm:Sheets></gnm:Workbook>""".encode()
    )


def ods(rows: str, **parts: str) -> bytes:
    """A hand-written OpenDocument spreadsheet with one sheet."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped({"content.xml": content, **parts})


def zipped(parts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


@needs_gnumeric
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_gnumeric_saves_reads_alike_in_every_format(suffix, tmp_path):
    book = read_workbook(converted(sales(), ".xlsx", suffix, tmp_path), suffix)
    sheet = book.sheets["Sales"]
    assert book.generator.lower().startswith("gnumeric/1.")
    assert list(book.sheets) == ["Sales", "Other"]
    assert (sheet.frozen, sheet.autofilter) == ("B2", "A1:C3")
    assert (sheet["A1"].bold, sheet["A2"].bold) == (True, False)
    assert [sheet[name].number_format for name in ("A1", "B2", "G2")] == ["General", "#,##0.00", "0.0%"]
    assert [sheet[name].value for name in ("B2", "B3", "D2", "E2", "F2")] == [
        1,
        2.5,
        True,
        "12",
        "two\nlines  here",
    ]
    assert sheet["C2"].value == datetime.datetime(2024, 3, 5)
    assert same_formula(sheet["B4"].formula, "=SUM(B2:B3)")
    assert same_formula(sheet["C4"].formula, '=IF(B2>=1,"x;y",Other!A1)')
    assert sheet["B4"].value == (None if suffix == ".gnumeric" else 3.5)
    assert sheet["C4"].value == (None if suffix == ".gnumeric" else "x;y")
    assert sheet["Z99"] == Cell()


@needs_gnumeric
def test_contents_survive_a_change_of_format_and_show_damage(tmp_path):
    before = read_workbook(sales(), ".xlsx").contents()
    after = read_workbook(converted(sales(), ".xlsx", ".gnumeric", tmp_path), ".gnumeric").contents()
    assert before["Sales!B4"] == "=SUM(B2:B3)"
    assert unchanged("cells", before, after).passed
    assert unchanged("cells", before, after | {"Sales!B2": 7}).found == "'Sales!B2': 1 -> 7"


def test_openpyxl_file():
    book = read_workbook(sales(), ".xlsx")
    assert book.charts == 1
    assert book.sheets["Sales"]["B4"].formula == "=SUM(B2:B3)"
    assert book.sheets["Sales"]["b4"].value is None
    assert book.sheets["Sales"].rows()[1][:2] == ["North", 1]
    assert len(book.sheets["Sales"].rows()) == 4


def test_a_text_that_looks_like_a_formula_is_none():
    book = NewBook()
    book.active["A1"] = "=A2"
    book.active["A1"].data_type = "s"
    assert read_workbook(saved(book), ".xlsx").sheets["Sheet"]["A1"] == Cell("=A2", None, False, "General")
    cells = '<gnm:Cell Row="0" Col="0" ValueType="60">=A2</gnm:Cell>'
    assert read_workbook(gnumeric(cells), ".gnumeric").sheets["S"]["A1"].formula is None


def test_hand_written_gnumeric_with_shared_formulas_and_plain_xml():
    cells = """<gnm:Cell Row="0" Col="0" ValueType="60">text</gnm:Cell>
        <gnm:Cell Row="1" Col="1" ExprID="1">=sum(A1:$A$9)</gnm:Cell><gnm:Cell Row="2" Col="1" ExprID="1"/>
        <gnm:Cell Row="3" Col="1" ValueType="40" ValueFormat="yyyy-mm-dd">45356</gnm:Cell>
        <gnm:Cell Row="4" Col="27" ValueType="40">7</gnm:Cell>"""
    styles = """<gnm:StyleRegion startCol="0" startRow="0" endCol="0" endRow="9"><gnm:Style Format="0.00">
        <gnm:Font Bold="1">Sans</gnm:Font></gnm:Style></gnm:StyleRegion>"""
    for data in (gnumeric(cells, styles), gzip.decompress(gnumeric(cells, styles)).lstrip()):
        book = read_workbook(data, ".gnumeric")
        sheet = book.sheets["S"]
        assert book.generator == "gnumeric/1.12.57"
        assert sheet["A1"] == Cell("text", None, True, "0.00")
        assert sheet["B2"] == Cell(None, "=sum(A1:$A$9)", None, None)
        assert same_formula(sheet["B3"].formula, "=SUM(A2:A9)")
        assert sheet["B4"].value == datetime.datetime(2024, 3, 5)
        assert sheet["AB5"].value == 7


@needs_gnumeric
def test_shared_formulas_move_as_gnumeric_moves_them(tmp_path):
    cells = """<gnm:Cell Row="4" Col="4" ExprID="1">=sum($A$1:A2)+B$1*C3-countif(D:D,1)</gnm:Cell>
        <gnm:Cell Row="9" Col="6" ExprID="1"/>"""
    ours = read_workbook(gnumeric(cells), ".gnumeric").sheets["S"]["G10"].formula
    theirs = converted(gnumeric(cells), ".gnumeric", ".xlsx", tmp_path)
    assert same_formula(ours, "=SUM($A$1:C7)+D$1*E8-COUNTIF(F:F,1)", dollars=True)
    assert same_formula(ours, read_workbook(theirs, ".xlsx").sheets["S"]["G10"].formula, dollars=True)


def test_repeated_cells_and_rows_of_ods():
    rows = """<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="3"/>
        </table:table-row><table:table-row table:number-rows-repeated="2">
        <table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="5"/>
        <table:covered-table-cell/><table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b</text:p>
        <text:p>c</text:p></table:table-cell></table:table-row>
        <table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>"""
    sheet = read_workbook(ods(rows), ".ods").sheets["S"]
    assert sheet.rows() == [[None] * 4] * 2 + [[5, 5, None, "a  b\nc"]] * 2


def test_a_cell_without_style_takes_its_rows_and_then_its_columns():
    styles = """<s:styles xmlns:s="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
        xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0">
        <s:style s:name="Bold" s:family="table-cell"><s:text-properties fo:font-weight="bold"/></s:style>
        <s:style s:name="Plain" s:family="table-cell"/></s:styles>"""
    cell = '<table:table-cell office:value-type="float" office:value="1"/>'
    rows = f"""<table:table-column/><table:table-column table:default-cell-style-name="Bold"/>
        <table:table-row>{cell * 2}</table:table-row>
        <table:table-row table:default-cell-style-name="Bold">{cell * 2}</table:table-row>
        <table:table-row table:default-cell-style-name="Plain">{cell * 2}</table:table-row>"""
    sheet = read_workbook(ods(rows, **{"styles.xml": styles}), ".ods").sheets["S"]
    found = [[sheet[f"{column}{row}"].bold for column in "AB"] for row in (1, 2, 3)]
    assert found == [[False, True], [True, True], [False, False]]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("time", "PT12H30M05S", datetime.time(12, 30, 5)),
        ("time", "PT36H00M00S", datetime.timedelta(hours=36)),
        ("date", "2024-03-05T01:02:03", datetime.datetime(2024, 3, 5, 1, 2, 3)),
        ("boolean", "false", False),
    ],
)
def test_value_types_of_ods(kind, value, expected):
    cell = f'<table:table-cell office:value-type="{kind}" office:{kind}-value="{value}"/>'
    assert read_workbook(ods(f"<table:table-row>{cell}</table:table-row>"), ".ods").sheets["S"]["A1"].value == expected


def test_odfpy_file_with_styles():
    from odf.number import CurrencyStyle, CurrencySymbol, Number
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.style import Style, TextProperties
    from odf.table import Table, TableCell, TableColumn, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    money = CurrencyStyle(name="N1")
    money.addElement(CurrencySymbol(text="$"))
    money.addElement(Number(decimalplaces=2, minintegerdigits=1, grouping="true"))
    bold = Style(name="Strong", family="table-cell")
    bold.addElement(TextProperties(fontweight="bold"))
    child = Style(name="Price", family="table-cell", parentstylename="Strong", datastylename="N1")
    document.styles.addElement(bold)
    for style in (money, child):
        document.automaticstyles.addElement(style)
    table = Table(name="Prices")
    table.addElement(TableColumn(defaultcellstylename="Price"))
    table.addElement(TableColumn())
    row = TableRow()
    row.addElement(TableCell(valuetype="currency", value=1234.5, currency="USD"))
    cell = TableCell(valuetype="float", value=2469, formula="of:=[.A1]*2")
    cell.addElement(P(text="2469"))
    row.addElement(cell)
    table.addElement(row)
    document.spreadsheet.addElement(table)
    stream = io.BytesIO()
    document.write(stream)

    book = read_workbook(stream.getvalue(), ".ods")
    assert book.generator.startswith("ODFPY")
    assert book.sheets["Prices"]["A1"] == Cell(1234.5, None, True, "$#,##0.00")
    assert book.sheets["Prices"]["B1"] == Cell(2469, "of:=[.A1]*2", False, "General")


BILLION = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
HUGE = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float"' + (
    ' office:value="1" table:number-columns-repeated="16384"/></table:table-row>'
)


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"", ".xlsx"),
        (b"", ".gnumeric"),
        (b"", ".ods"),
        (sales()[:-600], ".xlsx"),
        (sales(), ".ods"),
        (sales(), ".gnumeric"),
        (zipped({"content.xml": "<x/>"}), ".xlsx"),
        (zipped({"content.xml": "<x/>"}), ".ods"),
        (zipped({"content.xml": "<x>"}), ".ods"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}), ".ods"),
        (ods('<table:table-row><table:table-cell office:value-type="date"/></table:table-row>'), ".ods"),
        (gnumeric('<gnm:Cell Row="x" Col="0"/>'), ".gnumeric"),
        (gnumeric('<gnm:Cell Row="0" Col="0" ValueType="40">seven</gnm:Cell>'), ".gnumeric"),
        (gzip.compress(b"<html/>"), ".gnumeric"),
    ],
)
def test_a_broken_file_is_unreadable(data, suffix):
    with pytest.raises(UnreadableFile):
        read_workbook(data, suffix)


@pytest.mark.parametrize(
    ("make", "suffix", "reason"),
    [
        (lambda: gnumeric(" " * (65 << 20)), ".gnumeric", "more than 64 MiB"),
        (lambda: ods("", **{"Pictures/1.png": " " * (65 << 20)}), ".ods", "more than 64 MiB"),
        (lambda: gnumeric("")[:-9], ".gnumeric", "cut short"),
        (lambda: gnumeric("", before=BILLION), ".gnumeric", "entities"),
        (lambda: zipped({"content.xml": BILLION + "<x>&b;</x>"}), ".ods", r"entities in content\.xml"),
        (lambda: ods(HUGE), ".ods", "repeats a cell too often"),
        (lambda: zipped({"xl/worksheets/sheet1.xml": "<c/>" * 500_001}), ".xlsx", "more than 500000 cells"),
        (lambda: gnumeric('<gnm:Cell Row="0" Col="0"/>' * 500_001), ".gnumeric", "more than 500000 cells"),
    ],
)
def test_a_hostile_file_is_refused_for_what_it_is(make, suffix, reason):
    with pytest.raises(UnreadableFile, match=reason):
        read_workbook(make(), suffix)


def test_cells_too_far_apart_make_no_table():
    book = NewBook()
    book.active["XFD1048576"] = 1
    sheet = read_workbook(saved(book), ".xlsx").sheets["Sheet"]
    assert sheet["XFD1048576"].value == 1
    with pytest.raises(UnreadableFile, match="too far"):
        sheet.rows()


def test_wrong_questions_are_the_verifiers_fault_and_missing_sheets_the_players():
    book = read_workbook(sales(), ".xlsx")
    with pytest.raises(UnreadableFile, match="no sheet 'Gone'; there is: 'Sales', 'Other'"):
        book.sheets["Gone"]
    for ask in (lambda: book.sheets["Sales"]["B"], lambda: read_workbook(b"", ".xls")):
        with pytest.raises(ValueError, match=r"not a cell|no such") as caught:
            ask()
        assert not isinstance(caught.value, UnreadableFile)
