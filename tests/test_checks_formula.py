"""Formulas of three dialects are equal when they say the same, and only then."""

import pytest
from deskgym.verifiers.checks.area import Area, column_name, covers, parse_area
from deskgym.verifiers.checks.basic import UnreadableFile
from deskgym.verifiers.checks.formula import (
    formula_refers_to,
    functions,
    normal_formula,
    references,
    same_formula,
)
from hypothesis import given
from hypothesis import strategies as st

SAME = [
    ("=SUM(B2:B9)", "of:=SUM([.B2:.B9])"),
    ("=SUM(B2:B9)", "=sum( $B$2:B9 )"),
    ("=SUM(B2:B9)", "=SUM(B9:B2)"),
    ("=SUM(B:B)", "of:=SUM([.B:.B])"),
    ("=SUM(B:B)", "of:=SUM([.B1:.B1048576])"),
    ("=SUM(2:3)", "of:=SUM([.2:.3])"),
    ("=SUM(2:3)", "of:=SUM([.A2:.XFD3])"),
    ('=IF(C2>1,AVERAGE(Sales!C2:C4),"x;y")', "of:=IF([.C2]>1;AVERAGE([$'Sales'.C2:.C4]);\"x;y\")"),
    ("=Sales!C2", "of:=[$Sales.C2]"),
    ("='My Sheet'!C2:C3", "of:=[$'My Sheet'.C2:$'My Sheet'.C3]"),
    ("=SUM({1,2;3,4})", "of:=SUM({1;2|3;4})"),
    ("=_xlfn.CONCAT(A1)", "of:=COM.MICROSOFT.CONCAT([.A1])"),
    ("=A1=TRUE", "of:=[.A1]=TRUE()"),
    ("=LOG10(A1)*1.50", "of:=LOG10([.A1])*1.5"),
    ("=A1:INDEX(B:B,3)", "= A1 : INDEX(B:B; 3)"),
]
DIFFERENT = [
    ("=SUM(B2:B9)", "=SUM(B2:B8)"),
    ("=SUM(B2:B9)", "=SUM(Other!B2:B9)"),
    ("=SUM(B2,B9)", "=SUM(B2:B9)"),
    ("=A1+A2", "=A2+A1"),
    ('="a b"', '="ab"'),
    ('="Yes"', '="YES"'),
    ('="TRUE()"', '="TRUE"'),
    ('="$A$1"', '="A1"'),
    ("=SUM({1,2;3,4})", "=SUM({1,2,3,4})"),
    ("=SUM(A1:A5 A3:C3)", "=SUM(A1:A5,A3:C3)"),
    ("=A1<=2", "=A1<2"),
    ("=1.5", "=15"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same_in_spite_of_dialect(one, other):
    assert normal_formula(one) == normal_formula(other)
    assert same_formula(one, other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_formulas_stay_different(one, other):
    assert not same_formula(one, other)


def test_a_cell_without_formula_equals_nothing():
    assert not same_formula(None, "=A1")
    assert not same_formula(None, None)


def test_own_sheet_and_dollars_count_only_when_asked():
    assert same_formula("=SUM(Sales!B2:B9)", "=SUM(B2:B9)", sheet="Sales")
    assert not same_formula("=SUM(Sales!B2:B9)", "=SUM(B2:B9)", sheet="Other")
    assert same_formula("=$B$2", "=B2")
    assert not same_formula("=$B$2", "=B2", dollars=True)
    assert same_formula("=B$2", "of:=[.B$2]", dollars=True)


@pytest.mark.parametrize(
    ("formula", "area", "sheet", "refers"),
    [
        ("=SUM(B2:B9)", "B2:B9", "", True),
        ("of:=SUM([.B1:.B10])", "B2:B9", "", True),
        ("=SUM(B2:B8)", "B2:B9", "", False),
        ("=B2+B3+B4", "B2:B4", "", True),
        ("=B2+B4", "B2:B4", "", False),
        ("=SUM(B:B)", "B2:B9", "", True),
        ("=SUM(A1:C3)-SUM(B4)", "B1:B4", "", True),
        ("=LOG10(5)", "LOG10", "", False),
        ('="B2:B9"', "B2:B9", "", False),
        ("=SUM(Sales!B2:B9)", "B2:B9", "Sales", True),
        ("=SUM(Sales!B2:B9)", "B2:B9", "Other", False),
        ("=SUM(B2:B9)", "Sales!B2:B9", "Other", False),
        ("=SUM(B2:B9)", "Sales!B2:B9", "Sales", True),
        ("=42", "B2", "", False),
        (None, "B2", "", False),
    ],
)
def test_refers_to(formula, area, sheet, refers):
    assert formula_refers_to(formula, area, sheet=sheet) is refers


def test_a_wrong_area_is_the_verifiers_fault():
    with pytest.raises(ValueError, match="not an area") as caught:
        formula_refers_to("=A1", "B2:")
    assert not isinstance(caught.value, UnreadableFile)


def test_an_endless_formula_is_the_players_fault():
    with pytest.raises(UnreadableFile):
        normal_formula("='" + "'" * 10_000)


def test_an_intersection_keeps_its_space_and_a_name_beyond_the_sheet_is_no_area():
    assert normal_formula("=SUM( A1:A5  A3:C3 )") == "=SUM(A1:A5 A3:C3)"
    assert references("=SUM(A1:A5 A3:C3)") == ["A1:A5", "A3:C3"]
    assert references("=XFD1048576+XFE1+ZZZ1+A1048577+A0") == ["XFD1048576"]


def test_references_and_functions():
    assert references("=SUM(b2:$B$9)+Sales!C1+LOG10(2)") == ["B2:B9", "'SALES'!C1"]
    assert functions('=sum(A1)&"MAX(1)"&LOG10( 2 )') == {"SUM", "LOG10"}
    assert functions(None) == set()


cells = st.tuples(st.integers(1, 16_384), st.integers(1, 1_048_576))


@st.composite
def formulas(draw, depth=2):
    """One formula as (xlsx, gnumeric, ods)."""
    kind = draw(st.sampled_from(["cell", "area", "number", "text"] + ["call", "sign"] * (depth > 0)))
    if kind == "number":
        text = draw(st.integers(0, 10**6).map(str))
        return text, f" {text}", text
    if kind == "text":
        text = '"' + draw(st.text('aB ;|,[]{}.$A1:"', max_size=8)).replace('"', '""') + '"'
        return text, text, text
    if kind in ("cell", "area"):
        corners = [f"{column_name(x)}{y}" for x, y in draw(st.lists(cells, min_size=1, max_size=2))]
        moved = [corner.lower() if draw(st.booleans()) else f"${corner}" for corner in reversed(corners)]
        return ":".join(corners), ":".join(moved), "[" + ":".join("." + corner for corner in corners) + "]"
    parts = draw(st.lists(formulas(depth - 1), min_size=1, max_size=3))
    if kind == "sign":
        sign = draw(st.sampled_from(["+", "<=", "&", "<>", "^"]))
        return tuple(sign.join(part[n] for part in parts) for n in range(3))
    name = draw(st.sampled_from(["SUM", "LOG10", "COUNTIF", "IF"]))
    first, second, third = ([part[n] for part in parts] for n in range(3))
    return (
        f"{name}({','.join(first)})",
        f"{name.lower()}( {' , '.join(second)} )",
        f"{name}({';'.join(third)})",
    )


@given(formulas())
def test_three_spellings_have_one_normal_form(spellings):
    excel, gnumeric, ods = spellings
    assert normal_formula(f"={excel}") == normal_formula(f"={gnumeric}") == normal_formula(f"of:={ods}")


@given(formulas())
def test_the_normal_form_is_its_own_normal_form(spellings):
    normal = normal_formula(f"={spellings[0]}")
    assert normal_formula(normal) == normal


boxes = st.tuples(*[st.integers(1, 6)] * 4).map(
    lambda b: Area(min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


@given(st.lists(boxes, max_size=4), boxes)
def test_covers_agrees_with_counting_cells(areas, wanted):
    def inside(area):
        return {(x, y) for x in range(area.left, area.right + 1) for y in range(area.top, area.bottom + 1)}

    assert covers(areas, wanted) is (inside(wanted) <= set().union(*map(inside, areas)))


@given(boxes)
def test_an_area_reads_back_what_it_writes(area):
    assert parse_area(area.written()) == area
