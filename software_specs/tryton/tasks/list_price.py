"""Correct the list price of one product among similar ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from deskgym.verifiers.checks.basic import close, equal
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
        equal("the product has one list price", 1, len(prices)),
        close("its list price", float(evidence.params["price"]), prices[0] if prices else None, 1e-9),
        others_untouched(evidence, but=[f"product_list_price:{id}" for id, _ in found]),
    )


def _play(
    hands: Any, params: dict[str, Any], *, name: str, field: str = "list_price", nth: int = 0, save: bool = True
) -> Any:
    client = Client(hands)
    yield from client.open_menu("Products", "Products")
    yield from client.search(f"I look for {params['product']}.", params["product"])
    yield from client.open_row(f"I open {name}.", client.row(name))
    yield from client.fill(
        "the new list price" if field == "list_price" else "the price", client.field(field, nth), str(params["price"])
    )
    if save:
        yield from client.save()


def solve(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> Any:
    """Find the product, open it, replace its list price, save."""
    yield from _play(hands, params, name=params["product"])
    yield hands.finish("The list price is saved; the product is done.")


def near_misses(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """Forgotten to save, the sibling's price, the cost price."""

    def ending(play: Any) -> Any:
        yield from play
        yield hands.finish("The price stands there, I am done.")

    sibling = params["product"] + truth["siblings"][0][0]
    return {
        "not_saved": ending(_play(hands, params, name=params["product"], save=False)),
        "sibling": ending(_play(hands, params, name=sibling)),
        "cost_price": ending(_play(hands, params, name=params["product"], field="cost_price", nth=1)),
    }
