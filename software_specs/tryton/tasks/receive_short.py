"""Receive a supplier's delivery that came short of one article."""

from __future__ import annotations

from typing import Any

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.privileged import Evidence, Machine
from deskgym.verifiers.verdict import Verdict

from ._client import Client
from ._records import others_untouched, rows
from ._seed import seed

SCRIPT = """
Move = Model.get("stock.move")
truth["shipments"], truth["moves"] = {}, {}
for party, reference, lines in given["deliveries"]:
    purchase = order("purchase.purchase", party, "", lines, "2026-03-02")
    purchase.click("quote")
    purchase.click("confirm")
    shipment = new("stock.shipment.in", supplier=purchase.party, reference=reference,
                   planned_date=datetime.date(2026, 3, 16))
    for line in purchase.lines:
        for move in line.moves:
            shipment.incoming_moves.append(Move(move.id))
    shipment.save()
    truth["shipments"][f"{party}/{reference}"] = shipment.id
    moves = sorted(shipment.incoming_moves, key=lambda move: move.id)
    truth["moves"][f"{party}/{reference}"] = [[move.id, move.product.id, move.quantity] for move in moves]
    truth.setdefault("purchases", {})[f"{party}/{reference}"] = purchase.id
truth["product"] = product(given["product"]).id
"""
GOODS = ["Floor lamp, brass", "Visitor chair, oak", "Copy paper A3", "Gel pen, black", "Kraft envelope C5",
         "Archive box, small", "Clip lamp, white"]  # fmt: skip
SUPPLIERS = ["Brightwell Lighting", "Hartmann Office Furniture", "Paperworks Wholesale", "Quill & Nib Importers",
             "Stackwell Storage"]  # fmt: skip


def setup(machine: Machine, params: dict[str, Any], rng: Any) -> dict[str, Any]:
    """Announce three deliveries: two of the supplier, of which one is meant, and one of another."""
    supplier, reference, product = params["supplier"], params["delivery"], params["product"]
    head, digits = reference.rsplit("-", 1)
    swapped = f"{head}-{digits[0]}{digits[2]}{digits[1]}{digits[3:]}"
    short = [product, params["arrived"] + rng.randint(2, 9)]
    meant = [short, *([name, rng.randint(10, 40)] for name in rng.sample(GOODS, 2))]
    rng.shuffle(meant)
    deliveries = [
        [supplier, reference, meant],
        [supplier, swapped, [[product, rng.randint(15, 30)], [rng.choice(GOODS), rng.randint(10, 40)]]],
        [
            rng.choice([other for other in SUPPLIERS if other != supplier]),
            f"{head}-{rng.randint(1000, 9999)}",
            [[rng.choice(GOODS), rng.randint(10, 40)]],
        ],
    ]
    rng.shuffle(deliveries)
    given = {"deliveries": deliveries, "product": product, "target": f"{supplier}/{reference}"}
    return seed(machine, SCRIPT, {**given, "sibling": f"{supplier}/{swapped}"})


def verify(evidence: Evidence) -> Verdict:
    """That shipment is done, with what arrived; the rest stays on order, and nothing else moved."""
    truth = evidence.truth
    target = truth["target"]
    shipment, short = truth["shipments"][target], truth["product"]
    purchase = truth["purchases"][target]
    wanted = sorted(
        [product, float(evidence.params["arrived"]) if product == short else quantity]
        for _, product, quantity in truth["moves"][target]
    )
    head = rows(evidence, "SELECT state FROM stock_shipment_in WHERE id = ?", shipment)
    done = (
        "SELECT m.product, m.quantity FROM stock_move m JOIN stock_location f ON f.id = m.from_location "
        "WHERE m.shipment = ? AND f.type = ? AND m.state = 'done'"
    )
    arrived = sorted(map(list, rows(evidence, done, f"stock.shipment.in,{shipment}", "supplier")))
    shelved = sorted(map(list, rows(evidence, done, f"stock.shipment.in,{shipment}", "storage")))
    moves = [f"stock_move:{id}" for id, _, _ in truth["moves"][target]]
    return Verdict.of(
        equal("the delivery is done", "done", head[0][0] if head else "gone", weight=2),
        equal("what arrived: product, quantity", wanted, arrived, weight=3),
        equal("what was put away: product, quantity", wanted, shelved, weight=2),
        others_untouched(
            evidence,
            but=[f"stock_shipment_in:{shipment}", f"purchase_purchase:{purchase}", *moves],
            growing=("stock_move", "account_invoice"),
        ),
    )


def _play(
    hands: Any, params: dict[str, Any], *, reference: str = "", short: str = "", end: str = "Receive,Done"
) -> Any:
    client = Client(hands)
    supplier = params["supplier"]
    yield from client.open_menu("Inventory & Stock", "Shipments", "Supplier Shipments")
    yield from client.search("I look for the delivery by its reference.", reference or params["delivery"])
    yield from client.open_row(f"I open the delivery of {supplier}.", client.row(supplier))
    if short:
        yield from client.open_line("Incoming Moves", short)
        yield from client.fill("the quantity that arrived", client.field("quantity"), str(params["arrived"]))
        yield from client.click("The line is right now.", client.button("Apply Changes"))
    for label in filter(None, end.split(",")):
        yield from client.press_button(label)


def solve(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> Any:
    """Open the delivery, correct the one line, receive, done."""
    yield from _play(hands, params, short=params["product"])
    yield hands.finish("The delivery is received as it came.")


def near_misses(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """All as ordered, received only, the wrong line shortened, the wrong delivery."""

    def ending(play: Any) -> Any:
        yield from play
        yield hands.finish("The delivery is in.")

    (meant,) = (lines for party, text, lines in truth["deliveries"] if f"{party}/{text}" == truth["target"])
    other = next(name for name, _ in meant if name != params["product"])
    sibling = truth["sibling"].split("/")[1]
    return {
        "as_ordered": ending(_play(hands, params)),
        "received_only": ending(_play(hands, params, short=params["product"], end="Receive")),
        "other_line": ending(_play(hands, params, short=other)),
        "other_delivery": ending(_play(hands, params, short=params["product"], reference=sibling)),
    }
