"""Reading Tryton's SQLite database: rows for a verifier, and what changed since setup."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from deskgym.verifiers.checks.basic import fingerprint, unchanged
from deskgym.verifiers.checks.database import query
from deskgym.verifiers.privileged import Evidence
from deskgym.verifiers.verdict import Check

__all__ = ["DATABASE", "added", "others_untouched", "rows", "snapshot"]

DATABASE = "/srv/tryton/demo.sqlite"

_GUARDED = (
    "party_party", "party_address", "party_contact_mechanism", "party_party_payment_term",
    "product_template", "product_product", "product_list_price", "product_cost_price",
    "sale_sale", "sale_line", "purchase_purchase", "purchase_line",
    "stock_shipment_in", "stock_shipment_out", "stock_move", "stock_inventory", "account_invoice",
    "account_invoice_payment_term",
)  # fmt: skip
"""The tables that hold a trader's business; the rest is the client's housekeeping."""


def rows(evidence: Evidence, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows that a SELECT gives on the database as it was at the end."""
    return query(evidence.read(DATABASE), sql, values, wal=evidence.files.get(f"{DATABASE}-wal", b""))


def snapshot(files: Mapping[str, bytes]) -> dict[str, str]:
    """ "table:id" -> fingerprint of every business record, its time stamps apart."""
    data, wal = files[DATABASE], files.get(f"{DATABASE}-wal", b"")
    found: dict[str, str] = {}
    for table in _GUARDED:
        names = [name for (name,) in query(data, "SELECT name FROM pragma_table_info(?)", [table], wal=wal)]
        kept = [f'"{name}"' for name in names if not name.startswith(("create_", "write_"))]
        for row in query(data, f'SELECT id, {", ".join(kept)} FROM "{table}"', wal=wal):
            found[f"{table}:{row[0]}"] = fingerprint(row[1:])
    return found


def added(evidence: Evidence, table: str) -> list[int]:
    """The ids of the rows of a table that were not there after setup."""
    before = evidence.truth["before"]
    return [id for (id,) in rows(evidence, f'SELECT id FROM "{table}" ORDER BY id') if f"{table}:{id}" not in before]


def others_untouched(evidence: Evidence, but: Collection[str] = (), growing: Collection[str] = ()) -> Check:
    """Pass when no business record was added, removed or changed.

    Args:
        evidence: of the episode.
        but: "table:id" of the records that the task is about.
        growing: tables to which the program itself adds rows as a consequence of the task; what was there must stay.
    """
    before, after = evidence.truth["before"], snapshot(evidence.files)
    grown = {key for key in after if key not in before and key.partition(":")[0] in growing}
    return unchanged("nothing else was touched", before, after, but={*but, *grown})
