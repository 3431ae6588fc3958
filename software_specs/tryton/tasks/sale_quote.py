"""Draw up a sale of two lines, one with a discount, and leave it as a quotation."""

from __future__ import annotations

from typing import Any

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.privileged import Evidence, Machine
from deskgym.verifiers.verdict import Verdict

from ._client import Client
from ._records import added, others_untouched, rows
from ._seed import seed

SCRIPT = """
for party, reference, lines, date, quoted in given["orders"]:
    sale = order("sale.sale", party, reference, lines, date)
    if quoted:
        sale.click("quote")
truth["party"] = one("party.party", name=given["customer"]).id
truth["product"] = {name: product(name).id for name in given["products"]}
"""
NEIGHBOURS = {
    "Bluebird Bakery": "Bluebird Bistro", "Bluebird Bistro": "Bluebird Bakery",
    "Cedar Grove Clinic": "Cedar Hill School", "Cedar Hill School": "Cedar Grove Clinic",
    "Harbor Light Hotel": "Harbor View Hostel", "Harbor View Hostel": "Harbor Light Hotel",
}  # fmt: skip


def setup(machine: Machine, params: dict[str, Any], rng: Any) -> dict[str, Any]:
    """Leave older sales of the customer and of a neighbour of similar name in the list."""
    customer, products = params["customer"], [params["first"], params["second"]]
    orders = [
        [customer, f"PO-{rng.randint(1000, 9999)}", [[products[0], rng.randint(30, 60)]], "2026-04-14", False],
        [NEIGHBOURS[customer], f"PO-{rng.randint(1000, 9999)}", [[products[1], rng.randint(2, 9)]], "2026-05-20", True],
    ]
    return seed(machine, SCRIPT, {"customer": customer, "products": products, "orders": orders})


def verify(evidence: Evidence) -> Verdict:
    """One new sale, a quotation to the customer, with those two lines and that discount on the second."""
    truth, wanted = evidence.truth, evidence.params
    sales = added(evidence, "sale_sale")
    sale = sales[-1] if sales else 0
    head = rows(evidence, "SELECT party, state FROM sale_sale WHERE id = ?", sale)
    party, state = head[0] if head else (None, None)
    found = rows(evidence, "SELECT product, quantity, base_price, unit_price, id FROM sale_line WHERE sale = ?", sale)
    lines = sorted([product, quantity, _discount(base, unit)] for product, quantity, base, unit, _ in found)
    expected = sorted([
        [truth["product"][wanted["first"]], float(wanted["first_quantity"]), 0.0],
        [truth["product"][wanted["second"]], float(wanted["second_quantity"]), float(wanted["discount"])],
    ])  # fmt: skip
    return Verdict.of(
        equal("one sale was added", 1, len(sales)),
        equal("it is to the customer", truth["party"], party),
        equal("its lines: product, quantity, discount in per cent", expected, lines, weight=2),
        equal("it is a quotation", "quotation", state),
        others_untouched(evidence, but=[f"sale_sale:{sale}", *(f"sale_line:{row[-1]}" for row in found)]),
    )


def _discount(base: float | None, unit: float | None) -> float:
    """Per cent off the base price, to the tenth: prices are kept to four decimals."""
    return round(100 * (1 - float(unit or 0) / float(base)), 1) if base else 0.0


def _play(
    hands: Any, params: dict[str, Any], *, customer: str = "", discounted: str = "second", end: str = "Quote"
) -> Any:
    client = Client(hands)
    yield from client.open_menu("Sales", "Sales")
    yield from client.add_record("a new sale", "party")
    yield from client.choose("the customer", client.field("party"), customer or params["customer"])
    for which in ("first", "second"):
        yield from client.click(f"I add the {which} line.", client.group_tool("Lines", "New"))
        yield from client.choose("the product", client.field("product"), params[which])
        yield from client.fill("the quantity", client.field("quantity"), str(params[f"{which}_quantity"]))
        if which == discounted:
            yield from client.fill("the discount in per cent", client.field("discount_rate"), str(params["discount"]))
        yield from client.click("The line is complete, I add it.", client.button("Add"))
    for label in filter(None, end.split(",")):
        if label == "Save":
            yield from client.save()
        else:
            yield from client.press_button(label)


def solve(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> Any:
    """New sale, party, two lines, Quote."""
    yield from _play(hands, params)
    yield hands.finish("The quotation stands as asked.")


def near_misses(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """A draft, a neighbour's quotation, the discount on the other line, one step too far."""

    def ending(play: Any) -> Any:
        yield from play
        yield hands.finish("The quotation is done.")

    return {
        "draft": ending(_play(hands, params, end="Save")),
        "neighbour": ending(_play(hands, params, customer=NEIGHBOURS[params["customer"]])),
        "other_line": ending(_play(hands, params, discounted="first")),
        "confirmed": ending(_play(hands, params, end="Quote,Confirm")),
    }
