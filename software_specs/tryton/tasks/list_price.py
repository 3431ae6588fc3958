"""Correct the list price of one product among similar ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.privileged import Evidence, Machine
from deskgym.verifiers.verdict import Verdict

from ._client import Client
from ._records import others_untouched, rows
from ._seed import seed

SCRIPT = """
target = product(given["product"]).template
for suffix, code, factor in given["siblings"]:
    template = new("product.template", name=target.name + suffix, code=target.code + code, type="goods",
                   default_uom=target.default_uom, salable=True, purchasable=True)
    template.list_price = (target.list_price * Decimal(factor)).quantize(Decimal("0.01"))
    template.account_category = target.account_category
    template.save()
    variant = template.products[0]
    variant.cost_price = (target.cost_price * Decimal(factor)).quantize(Decimal("0.01"))
    variant.save()
target.list_price = Decimal(given["wrong"])
target.save()
truth["template"] = target.id
truth["cost"] = str(target.cost_price)
"""


def setup(machine: Machine, params: dict[str, Any], rng: Any) -> dict[str, Any]:
    """Give the product a wrong price and two siblings of similar names."""
    factor = rng.choice(["0.1", "10", "1.27", "0.73"])
    siblings = [
        [rng.choice([", refurbished", ", second choice"]), "-R", "0.6"],
        [rng.choice([", set of two", ", gift box"]), "-S", "1.9"],
    ]
    wrong = str((Decimal(params["price"]) * Decimal(factor)).quantize(Decimal("0.01")))
    return seed(machine, SCRIPT, {"product": params["product"], "wrong": wrong, "siblings": siblings})


def verify(evidence: Evidence) -> Verdict:
    """The one price is right, and it is the only record that changed."""
    truth = evidence.truth
    found = rows(evidence, "SELECT id, list_price FROM product_list_price WHERE template = ?", truth["template"])
    prices = [float(price) for _, price in found if price is not None]
    return Verdict.of(
        equal("the product's list price", [float(evidence.params["price"])], prices, weight=3),
        others_untouched(evidence, but=[f"product_list_price:{id}" for id, _ in found]),
    )


def _play(hands: Any, params: dict[str, Any], names: list[str], *, save: bool = True) -> Any:
    client = Client(hands)
    for name in names:
        yield from client.open_menu("Products", "Products")
        yield from client.search(f"I look for {params['product']}.", params["product"])
        yield from client.open_row(f"I open {name}.", client.row(name))
        yield from client.fill("the new list price", client.field("list_price"), str(params["price"]))
        if save:
            yield from client.save()
    yield hands.finish("The list price stands as asked.")


def solve(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> Any:
    """Find the product, open it, replace its list price, save."""
    return _play(hands, params, [params["product"]])


def near_misses(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """Forgotten to save, the sibling's price, the sibling's price as well."""
    sibling = params["product"] + truth["siblings"][0][0]
    return {
        "not_saved": _play(hands, params, [params["product"]], save=False),
        "sibling": _play(hands, params, [sibling]),
        "sibling_too": _play(hands, params, [params["product"], sibling]),
    }
