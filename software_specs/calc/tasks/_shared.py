"""What the Calc tasks share: writing .ods files, finding cells on the screen, and checks."""

import io
import zipfile
from xml.sax.saxutils import escape

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in {
        "office": "office", "table": "table", "text": "text", "style": "style", "fo": "xsl-fo-compatible",
    }.items()
)  # fmt: skip
_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_STYLES = (
    '<style:style style:name="co1" style:family="table-column"><style:table-column-properties '
    'style:column-width="1in"/></style:style>'
    '<style:style style:name="bold" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
)


def ods_file(sheets):
    """The bytes of an .ods file that names no program as its maker.

    Args:
        sheets: name -> rows of values (None: empty); the first row is a bold header.
    """
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        '<table:table-column table:style-name="co1" table:number-columns-repeated="20"/>'
        + "".join(_row(row, 'table:style-name="bold"' if number == 0 else "") for number, row in enumerate(rows))
        + "</table:table>"
        for name, rows in sheets.items()
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.3">'
        f"<office:automatic-styles>{_STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in {"mimetype": _TYPE, "META-INF/manifest.xml": _MANIFEST, "content.xml": content}.items():
            archive.writestr(zipfile.ZipInfo(name), part)  # ZipInfo: no date of today
    return stream.getvalue()


def _row(row, style):
    return "<table:table-row>" + "".join(_cell(value, style) for value in row) + "</table:table-row>"


def _cell(value, style):
    if value is None:
        return "<table:table-cell/>"
    kind = 'office:value-type="string"'
    if not isinstance(value, str):
        kind = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {style} {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"
