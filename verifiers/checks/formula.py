"""Formulas in one normal form, so that the same one is equal whoever wrote it.

The dialects: A1 notation of Office Open XML and Gnumeric, and OpenFormula (ODF 1.3 part 4) in brackets:
`=SUM(B2:B9)`, `=sum($B$2:B9)` and `of:=SUM([.B2:.B9])`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from .area import ODF_AREA, PLAIN_AREA, Area, covers, parse_area
from .basic import UnreadableFile

__all__ = ["formula_refers_to", "functions", "normal_formula", "references", "same_formula"]

_TOKEN = re.compile(
    rf"""(?P<string>"(?:[^"]|"")*")
    | (?P<bracket>\[(?:'(?:[^']|'')*'|[^\]'])*\])
    | (?P<error>\#[A-Za-z0-9/]+[!?]?)
    | (?P<truth>(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])\s*\(\s*\))
    | (?P<area>{PLAIN_AREA})
    | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[^\W\d][\w.]*)
    | (?P<space>\s+)
    | (?P<sign><=|>=|<>|.)""",
    re.VERBOSE | re.DOTALL,
)
_MAX_LENGTH = 8192  # Excel's own limit
_DIALECT = re.compile(r"\s*(?:(of|oooc|msoxl):)?\s*=?")
# Spreadsheets write newer functions with a prefix for the sake of older programs.
_PREFIX = re.compile(r"^(?:_XLFN\.|_XLWS\.|COM\.MICROSOFT\.|ORG\.LIBREOFFICE\.)+")


def same_formula(one: str | None, other: str | None, *, sheet: str = "", dollars: bool = False) -> bool:
    """Whether two formulas say the same in spite of dialect, case, spaces and corner order.

    They are compared as written: `=A1+A2` is not `=A2+A1`, nor `=SUM(A1:A2)`.

    Args:
        one: a formula; None, a cell without one, equals nothing.
        other: another.
        sheet: the sheet both stand in: a reference that names it says nothing new.
        dollars: whether `$B$2` differs from `B2`.
    """
    if one is None or other is None:
        return False
    return normal_formula(one, sheet=sheet, dollars=dollars) == normal_formula(other, sheet=sheet, dollars=dollars)


def normal_formula(formula: str, *, sheet: str = "", dollars: bool = False) -> str:
    """The formula in the normal form that `same_formula` compares; it starts with `=`."""
    written = [part.written(sheet, dollars) if isinstance(part, Area) else part for _, part in _tokens(formula)]
    return "=" + "".join(written)


def references(formula: str, *, sheet: str = "") -> list[str]:
    """The areas a formula names, in order, in normal form such as `B2:B9` or `'SALES'!B2`."""
    return [part.written(sheet, False) for _, part in _tokens(formula) if isinstance(part, Area)]


def functions(formula: str | None) -> set[str]:
    """The names of the functions a formula calls, in capitals; none for a cell without a formula."""
    tokens = list(_tokens(formula or ""))
    pairs = itertools.pairwise(tokens)
    return {str(part) for (kind, part), (_, after) in pairs if kind == "name" and after == "("}


def formula_refers_to(formula: str | None, area: str, *, sheet: str = "") -> bool:
    """Whether the formula's references together cover every cell of `area`, which a typed-in number does not.

    Args:
        formula: a cell's formula, or None.
        area: such as "B2:B9", "B7", "B:B" or "Sales!B2:B9".
        sheet: the sheet the formula stands in; `area` means that sheet too unless it names one.

    Raises:
        ValueError: `area` is no area.
    """
    wanted = parse_area(area)
    if wanted is None:
        raise ValueError(f"not an area of cells: {area!r}; such as 'B2:B9'")
    named = [part for _, part in _tokens(formula or "") if isinstance(part, Area)]
    own = sheet.upper()
    return covers([part for part in named if (part.sheet or own) == (wanted.sheet or own)], wanted)


def _tokens(formula: str) -> Iterator[tuple[str, str | Area]]:
    """Kind and normal form of each token; spaces only where they mean an intersection of two areas."""
    if len(formula) > _MAX_LENGTH:
        raise UnreadableFile(f"a formula of {len(formula)} characters")
    prefix = _DIALECT.match(formula)
    assert prefix is not None  # every part of it is optional
    odf, depth, before, space = prefix[1] in ("of", "oooc"), 0, "", False
    for match in _TOKEN.finditer(formula, prefix.end()):
        kind, text = str(match.lastgroup), match.group()
        if kind == "space":
            space = True
            continue
        depth += (text == "{") - (text == "}")
        part = _normal(kind, text, odf, depth > 0)
        operand = isinstance(part, Area) or kind == "name"
        if space and before in ("area", ")") and (operand or text == "("):
            yield "space", " "
        before, space = ("area" if isinstance(part, Area) else text), False
        yield kind, part


def _normal(kind: str, text: str, odf: bool, in_array: bool) -> str | Area:
    if kind == "area":
        return parse_area(text) or text.upper()
    if kind == "bracket":
        # Not every bracket is a reference of ODF: Excel has [1]Book!A1 and Table[Column].
        return parse_area(text[1:-1], ODF_AREA) or text.upper()
    if kind == "number":
        return f"{float(text):.15g}"
    if kind == "string":
        return text
    if kind == "truth":
        return text.partition("(")[0].strip().upper()  # TRUE() is how OpenFormula writes TRUE
    if in_array and text in ";|":
        return {";": ",", "|": ";"}[text] if odf else text
    return "," if text == ";" else _PREFIX.sub("", text.upper())
