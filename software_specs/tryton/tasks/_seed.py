"""Seeding: a copy of the template database, filled by a proteus script that exists only while it runs."""

from __future__ import annotations

import json
from typing import Any

from deskgym.verifiers.privileged import Machine

from ._records import DATABASE, snapshot

__all__ = ["seed"]

_PRELUDE = """
import datetime, json, os, shutil, sys
from decimal import Decimal
os.makedirs("/srv/tryton", exist_ok=True)
shutil.copyfile("/opt/tryton/demo.sqlite", "/srv/tryton/demo.sqlite")
from proteus import Model, config
config.set_trytond("demo", user="anna", config_file="/opt/tryton/trytond.conf")
given = json.loads({given!r})

def one(model, **values):
    (record,) = Model.get(model).find([(name, "=", value) for name, value in values.items()])
    return record

def new(model, **values):
    record = Model.get(model)()
    for name, value in values.items():
        setattr(record, name, value)
    return record

def product(name):
    (record,) = Model.get("product.product").find([("template.name", "=", name)])
    return record

def order(model, party, reference, lines, date):
    record = new(model, party=one("party.party", name=party), reference=reference)
    setattr(record, model.partition(".")[0] + "_date", datetime.date.fromisoformat(date))
    for name, quantity in lines:
        line = record.lines.new()
        line.product, line.quantity = product(name), quantity
        if model.startswith("purchase"):
            line.unit_price = line.product.cost_price
    record.save()
    return record

truth = {{}}
"""
_END = '\nprint("\\n" + json.dumps(truth))\n'


def seed(machine: Machine, script: str, given: dict[str, Any]) -> dict[str, Any]:
    """Fill a fresh database as the desk's own user would have, and note what it holds.

    Args:
        machine: to work in.
        script: Python over proteus; finds `given`, `one`, `new`, `product`, `order`, and adds ids to `truth`.
        given: what it is told, JSON.

    Returns:
        The script's truth and, under "before", a snapshot of the business records.
    """
    program = _PRELUDE.format(given=json.dumps(given)) + script + _END
    ran = machine.run(["python3", "-I", "-W", "ignore", "-"], stdin=program.encode(), timeout=60)
    truth = json.loads(ran.text.splitlines()[-1])
    return {**given, **truth, "before": snapshot({DATABASE: machine.read(DATABASE)})}
