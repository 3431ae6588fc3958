"""Create a customer with an address and a payment term, beside an older one of a similar name."""

from __future__ import annotations

from typing import Any

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.privileged import Evidence, Machine
from deskgym.verifiers.verdict import Verdict

from ._client import Client
from ._records import added, others_untouched, rows
from ._seed import seed

SCRIPT = """
old = new("party.party", name=given["sibling"])
old.addresses[0].street, old.addresses[0].postal_code, old.addresses[0].city = given["street"], "04101", "Portland"
old.customer_payment_term = one("account.invoice.payment_term", name=given["term"])
old.save()
truth["term"] = {term.name: term.id for term in Model.get("account.invoice.payment_term").find([])}
"""
TABLES = ("party_party", "party_address", "party_contact_mechanism", "party_party_payment_term")


def setup(machine: Machine, params: dict[str, Any], rng: Any) -> dict[str, Any]:
    """Add a party whose name begins as the new one's does."""
    sibling = f"{params['name'].split()[0]} {rng.choice(['Holdings', 'Partners', 'Brothers', 'Trading'])}"
    street = f"{rng.randint(2, 99)} {rng.choice(['Dock Street', 'Canal Walk', 'Chapel Road'])}"
    term = rng.choice(["Due on receipt", "Net 10 days", "Net 45 days"])
    return seed(machine, SCRIPT, {"sibling": sibling, "street": street, "term": term})


def verify(evidence: Evidence) -> Verdict:
    """One new party, with that one address and that term."""
    wanted = evidence.params
    postal_code, _, city = wanted["place"].partition(" ")
    parties = added(evidence, "party_party")
    party = parties[-1] if parties else 0
    names = [name for (name,) in rows(evidence, "SELECT name FROM party_party WHERE id = ?", party)]
    addresses = rows(
        evidence, "SELECT street, postal_code, city FROM party_address WHERE party = ? AND active ORDER BY id", party
    )
    terms = rows(evidence, "SELECT customer_payment_term FROM party_party_payment_term WHERE party = ?", party)
    new = [f"{table}:{id}" for table in TABLES for id in added(evidence, table) if _of(evidence, table, id, party)]
    return Verdict.of(
        equal("one party was added", 1, len(parties)),
        equal("its name", [wanted["name"]], [_tidy(name) for name in names]),
        equal(
            "its address",
            [[wanted["street"], postal_code, city]],
            [[_tidy(t) for t in row] for row in addresses],
            weight=2,
        ),
        equal("its term", [evidence.truth["term"][wanted["term"]]], [term for (term,) in terms], weight=2),
        others_untouched(evidence, but=new),
    )


def _of(evidence: Evidence, table: str, id: int, party: int) -> bool:
    """Whether a new record belongs to the new party."""
    column = "id" if table == "party_party" else "party"
    return rows(evidence, f"SELECT {column} FROM {table} WHERE id = ?", id) == [(party,)]


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())


def _enter(client: Client, params: dict[str, Any], term: str) -> Any:
    postal_code, _, city = params["place"].partition(" ")
    yield from client.fill("the customer's name", client.field("name"), params["name"])
    yield from client.fill("the street", client.field("street"), params["street"])
    yield from client.fill("the postal code", client.field("postal_code"), postal_code)
    yield from client.fill("the city", client.field("city"), city)
    yield from client.click("Payment terms are on the page Accounting.", client.page_tab("Accounting"))
    yield from client.choose("the customer's payment term", client.field("customer_payment_term"), term)


def _create(client: Client, params: dict[str, Any], *, term: str = "", save: bool = True) -> Any:
    yield from client.open_menu("Parties", "Parties")
    yield from client.add_record("a new party", "name")
    yield from _enter(client, params, term or params["term"])
    if save:
        yield from client.save()


def solve(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> Any:
    """Create the party, with everything the goal names."""
    yield from _create(Client(hands), params)
    yield hands.finish("The customer is saved with address and payment term.")


def near_misses(hands: Any, params: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """Not saved, the neighbouring term, an older party overwritten, entered twice."""
    other = {"Net 30 days": "Net 30 days, end of month"}.get(params["term"], "Net 30 days")

    def ending(play: Any) -> Any:
        yield from play
        yield hands.finish("The customer is entered.")

    def overwritten() -> Any:
        client = Client(hands)
        yield from client.open_menu("Parties", "Parties")
        yield from client.search("I look whether the customer is there.", truth["sibling"])
        yield from client.open_row("There is one of nearly that name, I open it.", client.row(truth["sibling"]))
        yield from _enter(client, params, params["term"])
        yield from client.save()

    def twice() -> Any:
        client = Client(hands)
        yield from _create(client, params)
        yield from client.add_record("a new party", "name")
        yield from client.click("I go back to the first page.", client.page_tab("General"))
        yield from _enter(client, params, params["term"])
        yield from client.save()

    return {
        "not_saved": ending(_create(Client(hands), params, save=False)),
        "other_term": ending(_create(Client(hands), params, term=other)),
        "overwritten": ending(overwritten()),
        "twice": ending(twice()),
    }
