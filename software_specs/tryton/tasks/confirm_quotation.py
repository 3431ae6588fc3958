"""Confirm the one quotation that a customer accepted, among several of the same customer."""

from __future__ import annotations

from typing import Any

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.privileged import Evidence, Machine
from deskgym.verifiers.verdict import Check, Verdict

from ._client import Client
from ._records import others_untouched, rows
from ._seed import seed

SCRIPT = """
truth["sales"] = {}
for party, reference, lines, date in given["quotations"]:
    sale = order("sale.sale", party, reference, lines, date)
    sale.click("quote")
    truth["sales"][f"{party}/{reference}"] = {"id": sale.id}
    if f"{party}/{reference}" == given["target"]:
        truth["party"] = sale.party.id
        ordered = sorted(sale.lines, key=lambda line: line.id)
        truth["lines"] = [[line.product.id, line.quantity, float(line.unit_price)] for line in ordered]
"""
GOODS = ["Desk lamp, chrome", "Office chair, blue", "Office chair, black", "Copy paper A4", "Gel pen, black",
         "Archive box, large", "Standing desk 120 cm", "Fountain pen, fine"]  # fmt: skip
OTHERS = ["Cedar Hill School", "Fairview Dental", "Kestrel Analytics", "Oakfield Museum"]


def setup(machine: Machine, params: dict[str, Any], rng: Any) -> dict[str, Any]:
    """Quote three times to the customer and twice to others, in a drawn order."""
    customer, reference = params["customer"], params["reference"]
    head, digits = reference.rsplit("-", 1)
    swapped = f"{head}-{digits[0]}{digits[2]}{digits[1]}{digits[3:]}"
    later = f"{head}-{int(digits) + rng.randint(2, 9)}"
    whose = [(customer, reference), (customer, swapped), (customer, later)]
    whose += [(other, f"{head}-{rng.randint(1000, 9999)}") for other in rng.sample(OTHERS, 2)]
    rng.shuffle(whose)
    quotations = [
        [
            party,
            text,
            [[name, rng.randint(2, 12)] for name in rng.sample(GOODS, rng.randint(1, 3))],
            f"2026-0{rng.randint(1, 9)}-{rng.randint(10, 28)}",
        ]
        for party, text in whose
    ]
    given = {"quotations": quotations, "target": f"{customer}/{reference}", "sibling": f"{customer}/{swapped}"}
    return seed(machine, SCRIPT, given)


def verify(evidence: Evidence) -> Verdict:
    """That sale is confirmed (Tryton then processes it at once), and no other record changed."""
    truth = evidence.truth
    target = truth["sales"][truth["target"]]["id"]
    found = rows(evidence, "SELECT state, party FROM sale_sale WHERE id = ?", target)
    state, party = found[0] if found else ("gone", None)
    states = ("confirmed", "processing", "done")
    lines = rows(evidence, "SELECT product, quantity, unit_price, id FROM sale_line WHERE sale = ? ORDER BY id", target)
    known = {f"sale_line:{id}" for *_, id in lines} & set(truth["before"])
    return Verdict.of(
        Check("the accepted quotation is confirmed", state in states, states, state, weight=4),
        equal(
            "its customer and lines: product, quantity, price",
            [truth["party"], *truth["lines"]],
            [party, *([product, quantity, float(price or 0)] for product, quantity, price, _ in lines)],
        ),
        others_untouched(
            evidence,
            but=[f"sale_sale:{target}", *known],
            growing=("stock_shipment_out", "stock_move", "account_invoice"),
        ),
    )


def _open(client: Client, customer: str, reference: str) -> Any:
    yield from client.open_menu("Sales", "Sales")
    yield from client.show_list()
    yield from client.click("The offers that wait for an answer are under Quotation.", client.list_tab("Quotation"))
    yield from client.search("I look for the customer's reference.", reference)
    yield from client.open_row(f"I open the quotation to {customer}.", client.row(customer))


def solve(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> Any:
    """Find it by reference, open it, confirm it."""
    client = Client(hands)
    yield from _open(client, params["customer"], params["reference"])
    yield from client.press_button("Confirm")
    yield hands.finish("The quotation is confirmed.")


def near_misses(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """The neighbour, the neighbour as well, back to draft, only looked at."""
    customer, neighbour = truth["sibling"].split("/")

    def play(*moves: tuple[str, str]) -> Any:
        client = Client(hands)
        for reference, label in moves:
            yield from _open(client, customer, reference)
            if label:
                yield from client.press_button(label)
        yield hands.finish("Done.")

    return {
        "neighbour": play((neighbour, "Confirm")),
        "neighbour_too": play((neighbour, "Confirm"), (params["reference"], "Confirm")),
        "draft": play((params["reference"], "Draft")),
        "only_opened": play((params["reference"], "")),
    }
