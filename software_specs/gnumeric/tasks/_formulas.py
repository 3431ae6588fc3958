"""What a formula gives for given cells: .gnumeric files keep no results, and a right one follows its inputs.

Enough of the language for a bookkeeper's formulas; anything else has no value and fails its check.
"""

import ast
import math
import operator
import re

from deskgym.verifiers.checks.area import cell_name, parse_area
from deskgym.verifiers.checks.formula import normal_formula

__all__ = ["value_of"]

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"]|"")*")
    | (?P<area>(?:'[^']+'!)?(?:[A-Z]{1,3}[0-9]+(?::[A-Z]{1,3}[0-9]+)?|[A-Z]{1,3}:[A-Z]{1,3})(?![\w(]))
    | (?P<number>[0-9.]+(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[A-Z_][A-Z0-9_.]*)
    | (?P<sign><=|>=|<>|[-+*/^(),<>=])""",
    re.VERBOSE,
)
_SIGNS = {"<>": "!=", "=": "==", "^": "**"}
_LAST_ROW = 200  # as far as a reference to a whole column is read


def value_of(formula, cells, sheet):
    """The number, text or truth a formula gives, or None where this does not understand it.

    Args:
        formula: as a cell holds it, or None.
        cells: "Sheet!B7" -> plain value.
        sheet: the sheet the formula stands in.
    """
    values = {key.upper(): value for key, value in cells.items()}

    def area(text):
        found = parse_area(text)
        own = found.sheet or sheet.upper()
        rows = range(found.top - 1, min(found.bottom, _LAST_ROW))
        return [
            values.get(f"{own}!{cell_name(row, column)}")
            for row in rows
            for column in range(found.left - 1, found.right)
        ]

    try:
        return _single(_evaluate(ast.parse(_python(formula or ""), mode="eval").body, area))
    except (ValueError, TypeError, KeyError, SyntaxError, ArithmeticError, RecursionError, AttributeError):
        return None


def _python(formula):
    """The formula spelled as a Python expression, which Python's own parser takes apart; nothing is executed."""
    text, words = normal_formula(formula)[1:], []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"not understood: {text[position:]!r}")
        kind, word = match.lastgroup, match.group()
        if kind == "area":
            word = f"area({word!r})"
        elif kind == "string":
            word = repr(word[1:-1].replace('""', '"'))
        words.append(_SIGNS.get(word, word))
        position = match.end()
    return " ".join(words)


def _evaluate(node, area):
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id="TRUE" | "FALSE" as name):
            return name == "TRUE"
        case ast.Call(func=ast.Name(id="area"), args=[ast.Constant(value=text)]):
            return area(text)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _FUNCTIONS[name](*(_evaluate(argument, area) for argument in arguments))
        case ast.UnaryOp(op=sign, operand=operand):
            return _each(_OPERATORS[type(sign)], _evaluate(operand, area))
        case ast.BinOp(left=left, op=sign, right=right) | ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _each(_OPERATORS[type(sign)], _evaluate(left, area), _evaluate(right, area))
    raise ValueError(f"not understood: {ast.dump(node)}")


def _power(base, exponent):
    return math.pow(base, exponent)


_OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: _power, ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def _each(function, *values):
    """Applied to single values, or cell by cell where one is an area."""
    sizes = {len(value) for value in values if isinstance(value, list) and len(value) != 1}
    if not sizes:
        return function(*(_operand(_single(value)) for value in values))
    (size,) = sizes
    columns = [value if isinstance(value, list) and len(value) != 1 else [_single(value)] * size for value in values]
    return [function(*map(_operand, row)) for row in zip(*columns, strict=True)]


def _operand(value):
    if value is None:
        return 0
    return value.casefold() if isinstance(value, str) else value


def _single(value):
    if isinstance(value, list):
        (value,) = value
    return value


def _numbers(*values):
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return [item for item in flat if isinstance(item, int | float) and not isinstance(item, bool)]


def _fits(criterion, value):
    criterion = _single(criterion)
    sign, wanted = re.fullmatch(r"(<=|>=|<>|=|<|>)?(.*)", str(criterion), re.DOTALL).groups()
    compare = {None: operator.eq, "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt,
               "<=": operator.le, ">=": operator.ge}[sign]  # fmt: skip
    try:
        wanted = float(wanted)
    except ValueError:
        value, wanted = str(value or "").casefold(), wanted.casefold()
    return isinstance(value, type(wanted) | int) and compare(value, wanted)


def _count_ifs(*pairs):
    return len(_rows(pairs))


def _sum_ifs(area, *pairs):
    return sum(_numbers([area[row] for row in _rows(pairs)]))


def _rows(pairs):
    tests = list(zip(pairs[::2], pairs[1::2], strict=True))
    return [row for row in range(len(tests[0][0])) if all(_fits(wanted, area[row]) for area, wanted in tests)]


_FUNCTIONS = {
    "SUM": lambda *values: math.fsum(_numbers(*values)),
    "PRODUCT": lambda *values: math.prod(_numbers(*values)),
    "COUNT": lambda *values: len(_numbers(*values)),
    "AVERAGE": lambda *values: math.fsum(_numbers(*values)) / len(_numbers(*values)),
    "MIN": lambda *values: min(_numbers(*values)),
    "MAX": lambda *values: max(_numbers(*values)),
    "ROUND": lambda value, digits=0: round(_single(value), int(_single(digits))),
    "SUMPRODUCT": lambda *areas: math.fsum(_numbers(_each(lambda *row: math.prod(row), *areas, [1] * len(areas[0])))),
    "COUNTIF": _count_ifs,
    "COUNTIFS": _count_ifs,
    "SUMIF": lambda area, wanted, summed=None: _sum_ifs(summed or area, area, wanted),
    "SUMIFS": _sum_ifs,
}
