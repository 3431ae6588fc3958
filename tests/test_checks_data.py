"""Text, CSV, JSON, XML, SQLite and PDF: read rightly when whole, unreadable when broken."""

import io
import sqlite3

import pytest
from deskgym.verifiers.checks import UnreadableFile
from deskgym.verifiers.checks.database import query, read_tables
from deskgym.verifiers.checks.json_ import lookup, read_json
from deskgym.verifiers.checks.pdf import read_pdf
from deskgym.verifiers.checks.table import read_records, read_table
from deskgym.verifiers.checks.text import line_diff, read_lines, read_text, same_text
from deskgym.verifiers.checks.xml import read_xml, text_of


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\r\nb\r\n\r\n", ["a", "b", ""]),
        ("\ufeffü\n".encode(), ["ü"]),
        ("ü\n".encode("utf-16"), ["ü"]),
    ],
)
def test_lines(data, lines):
    assert read_lines(data) == lines


def test_text_in_another_encoding_is_unreadable():
    with pytest.raises(UnreadableFile, match="as text"):
        read_text("ü".encode("latin-1"))


def test_same_text_forgives_only_newlines_at_the_end():
    assert same_text("t", "a\nb", "a\r\nb\n\n").passed
    assert not same_text("t", "a\nb", "a\n b").passed
    assert not same_text("t", "a", "a ").passed
    assert same_text("t", "a\nb", "a \nb\t", spaces=False).passed


def test_a_difference_is_shown_line_by_line_and_briefly():
    check = same_text("t", "one\ntwo\nthree", "one\n2\nthree")
    assert check.found == "-two\n+2"
    assert line_diff("", "\n".join(map(str, range(100)))).endswith("... and 89 more lines")


def test_csv_with_quotes_newlines_and_other_delimiters():
    assert read_table(b'a,b\r\n"1,5","x\ny"\r\n\r\n') == [["a", "b"], ["1,5", "x\ny"]]
    assert read_table(b"a;b;c\n1,5;2;3\n") == [["a", "b", "c"], ["1,5", "2", "3"]]
    assert read_table(b"a\tb\n1\t2") == [["a", "b"], ["1", "2"]]
    assert read_table(b"a,b\n", delimiter=";") == [["a,b"]]
    assert read_table(b"") == []


def test_records_by_column():
    rows = read_records(b"name,age\nAda,36\n")
    assert rows == [{"name": "Ada", "age": "36"}]
    with pytest.raises(UnreadableFile, match="no column 'Age'"):
        rows[0]["Age"]


@pytest.mark.parametrize("data", [b"", b"a,b\n1\n", b'a,b\n"1,2\n', b"\xff\xfe\x00"])
def test_broken_csv(data):
    with pytest.raises(UnreadableFile):
        read_records(data)


def test_json_pointer():
    document = read_json(b'{"a": [{"b/c": 1, "": null}], "~": 2}')
    assert lookup(document, "/a/0/b~1c") == 1
    assert lookup(document, "/~0") == 2
    assert lookup(document, "/a/0/", "absent") is None
    assert lookup(document, "") is document
    for pointer in ("/a/1", "/a/-1", "/a/x", "/b", "/a/0/b~1c/d"):
        assert lookup(document, pointer, "absent") == "absent"
    with pytest.raises(ValueError, match="starts with"):
        lookup(document, "a")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000])
def test_broken_json(data):
    with pytest.raises(UnreadableFile, match="as JSON"):
        read_json(data)


def test_xml_text_leaves_comments_out():
    assert text_of(read_xml(b"<a>x<!-- c --><b>y</b>z<?p q?></a>")) == "xyz"


def test_xml_entities_are_refused_and_no_file_is_read(tmp_path):
    secret = tmp_path / "truth"
    secret.write_text("42")
    for declared in (f'<!ENTITY e SYSTEM "{secret.as_uri()}">', '<!ENTITY e "x">', '<!ENTITY % e "x">'):
        with pytest.raises(UnreadableFile, match="entities"):
            read_xml(f"<!DOCTYPE a [{declared}]><a/>".encode())


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a>&undefined;</a>", b"<a>" * 300 + b"</a>" * 300])
def test_broken_xml(data):
    with pytest.raises(UnreadableFile, match="as SVG"):
        read_xml(data, "SVG")


@pytest.fixture
def database(tmp_path):
    """A database in WAL mode whose second row lies in the log alone, as with an application that still runs."""
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE people (name TEXT, age INTEGER)")
    connection.execute("INSERT INTO people VALUES ('Ada', 36)")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("INSERT INTO people VALUES ('Bob', 4)")
    connection.commit()
    yield (tmp_path / "a.db").read_bytes(), (tmp_path / "a.db-wal").read_bytes()
    connection.close()


def test_query_with_and_without_the_log(database):
    data, wal = database
    assert query(data, "SELECT age FROM people") == [(36,)]
    assert query(data, "SELECT age FROM people WHERE name = ?", ["Bob"], wal=wal) == [(4,)]
    assert read_tables(data, wal=wal) == {"people": [("Ada", 36), ("Bob", 4)]}


def test_a_dropped_table_is_the_players_and_bad_sql_the_verifiers(database):
    data, _ = database
    for sql in ("SELECT 1 FROM gone", "SELECT gone FROM people"):
        with pytest.raises(UnreadableFile, match="no such"):
            query(data, sql)
    for sql in ("SELEC 1", "DELETE FROM people"):
        with pytest.raises(sqlite3.OperationalError):
            query(data, sql)
    with pytest.raises(sqlite3.ProgrammingError):
        query(data, "SELECT ?", [1, 2])


def test_broken_databases(database):
    data, _ = database
    for broken in (b"", b"junk", data[:600], data[:100] + b"\xff" * (len(data) - 100)):
        with pytest.raises(UnreadableFile):
            query(broken, "SELECT * FROM people")


def test_a_text_that_is_no_utf8_can_be_read(tmp_path):
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE t AS SELECT CAST(x'ff41' AS TEXT) AS c")
    connection.commit()
    connection.close()
    assert query((tmp_path / "a.db").read_bytes(), "SELECT c FROM t") == [("\ufffdA",)]


def pdf(*pages: str) -> bytes:
    """A small PDF with a line of text on each page, written by pypdf."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
    for text in pages:
        page = writer.add_blank_page(200, 100)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 10 50 Td ({text}) Tj ET".encode())
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(stream)
    writer.add_metadata({"/Title": "Report", "/Producer": "test"})
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_pdf():
    document = read_pdf(pdf("first page", "second page"))
    assert document.pages == ("first page", "second page")
    assert (document.title, document.producer) == ("Report", "test")
    assert document.sizes == ((200, 100), (200, 100))
    assert "second" in document.text


@pytest.mark.parametrize("data", [b"", b"junk", b"%PDF-1.4\n%%EOF"])
def test_broken_pdf(data):
    with pytest.raises(UnreadableFile, match="as PDF"):
        read_pdf(data)
