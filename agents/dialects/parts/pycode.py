"""Programs of plain calls, as models write them: parsed, never executed."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Mapping

from ....errors import ActionError, did_you_mean
from .call import Call

__all__ = ["Signatures", "parse_calls", "write_call"]

Signatures = Mapping[str, tuple[str, ...]]
"""Dotted name of a function -> its parameters in order; "*name" takes all the rest, "/name" is never named."""


def parse_calls(
    code: str, signatures: Signatures, *, words: Collection[str] = (), imports: Collection[str] = ()
) -> list[Call]:
    """Read a program: calls of known functions with literal arguments, one after another, and nothing else.

    Args:
        code: the program.
        signatures: the known functions.
        words: names that stand alone, such as DONE.
        imports: modules whose import is passed over.

    Raises:
        ActionError: it is anything else; the sentence says what, and why.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a stray backslash is itself, and none of our reader's business
            program = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ActionError(f"this is no program of plain calls: {code[:80]!r} ({str(error)[:80]})") from error
    calls = []
    for statement in program.body:
        call = _read(statement, signatures, words, imports)
        if call is not None:
            calls.append(call)
    return calls


def write_call(call: Call, signatures: Signatures) -> str:
    """The source of a call: arguments by name wherever they have one."""
    arguments = []
    for name, value in call.words.items():
        if f"*{name}" in signatures[call.name] and isinstance(value, list | tuple):
            arguments += [_literal(each) for each in value]
        elif f"/{name}" in signatures[call.name]:
            arguments.append(_literal(value))
        else:
            arguments.append(f"{name}={_literal(value)}")
    return f"{call.name}({', '.join(arguments)})"


def _read(statement: ast.stmt, signatures: Signatures, words: Collection[str], imports: Collection[str]) -> Call | None:
    match statement:
        case ast.Import(names) if all(alias.name in imports for alias in names):
            return None
        case ast.Expr(ast.Constant(str())):
            return None  # text that stands alone is a comment
        case ast.Expr(ast.Name(name)) if name in words:
            return Call(name)
        case ast.Expr(ast.Call() as call):
            return _bind(call, signatures)
    source = ast.unparse(statement).splitlines()[0][:80]
    raise ActionError(f"line {statement.lineno}: only plain calls are understood, one after another, not {source!r}")


def _bind(node: ast.Call, signatures: Signatures) -> Call:
    name = ast.unparse(node.func)[:80]
    if name not in signatures:
        raise ActionError(f"line {node.lineno}: unknown call {name!r}{did_you_mean(name, signatures)}")
    parameters = signatures[name]
    values = [_value(each, name) for each in node.args]
    words: dict[str, object] = {}
    for parameter in parameters:
        if parameter.startswith("*"):
            if values:
                words[parameter[1:]] = values
            values = []
        elif values:
            words[parameter.lstrip("/")] = values.pop(0)
    if values:
        raise ActionError(f"line {node.lineno}: {name} takes at most {len(parameters)} arguments")
    known = [parameter.lstrip("*") for parameter in parameters if not parameter.startswith("/")]
    for keyword in node.keywords:
        if keyword.arg not in known:
            word = keyword.arg or "**"
            raise ActionError(f"line {node.lineno}: {name} has no argument {word!r}{did_you_mean(word, known)}")
        if keyword.arg in words:
            raise ActionError(f"line {node.lineno}: {name}: {keyword.arg} is given twice")
        words[keyword.arg] = _value(keyword.value, name)
    return Call(name, words)


def _value(node: ast.expr, name: str) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        source = ast.unparse(node)[:60]
        wanted = f"{name} takes literal numbers, text and lists only, not {source!r}"
        raise ActionError(f"line {node.lineno}: {wanted}") from error


def _literal(value: object) -> str:
    if not isinstance(value, str):
        return repr(value)
    body = repr(value)
    # Single quotes always: the readers of some vendors know no others.
    return body if body.startswith("'") else "'" + body[1:-1].replace("'", "\\'") + "'"
