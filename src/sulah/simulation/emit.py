"""Writes what a lender would send on a day: one CSV file a table, a manifest that ties out, and a label that all of it is simulated."""

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sulah.contracts.registry import EXTRACT
from sulah.kernel.money import rupees_of
from sulah.simulation.account import Account
from sulah.simulation.ledger import (
    Row,
    bounce_row,
    centre_rows,
    collection_rows,
    contact_row,
    due_rows,
    guarantor_rows,
    loan_row,
    mandate_rows,
    person_rows,
    pin_rows,
    promise_row,
    receipt_rows,
    relief_row,
)
from sulah.simulation.spoiled import spoiled_rows
from sulah.simulation.standing import Standings
from sulah.simulation.world import World

SENT = tuple(table for table in EXTRACT if table != "ledger_total")
"""The tables that the simulated lender sends: it keeps its general ledger to itself."""

WORKED_OUT = {"borrower": ("phone_standing", "phone_2_standing"), "loan": ("lender_code",)}
"""Columns that a lender leaves out: worked out on loading, or of use only where one system serves several lenders."""

GZIPPED = ("instalment",)
WITH_RUPEES = ("loan", "instalment", "repayment", "promise", "bounce", "collection")
LABEL = """SIMULATED

Everything in this folder is simulated: the lender "{lender}", its borrowers, loans, payments, calls and promises.
No row is about a real person. Names are invented; phone numbers begin with 5 and reach nobody.
World seed {seed}, day {as_of}.
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A world told once: rows by table, and the loans whose rows change from day to day."""

    rows: dict[str, list[Row]]
    loans: list[tuple[Account, Standings]]


def columns_of(table: str) -> tuple[str, ...]:
    """The columns of a table's file, by the names that they have in an extract."""
    return tuple(column.source for column in EXTRACT[table].columns if column.source not in WORKED_OUT.get(table, ()))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of an extract: its header and lines, how its rows are meant (full or changes), and its rupees as paise."""

    table: str
    mode: str
    lines: list[str]
    paise: int


@lru_cache(maxsize=2)
def told(world: World) -> Told:
    """Tell a world once, in order of keys; the world must not change afterwards."""
    accounts = sorted(world.accounts, key=lambda account: account.loan_id)
    people = sorted(world.people, key=lambda person: person.borrower_id)
    rows: dict[str, list[Row]] = {
        "borrower": [row for person in people for row in person_rows(person)],
        "loan": [],
        "instalment": [row for account in accounts for row in due_rows(account)],
        "repayment": [row for account in accounts for row in receipt_rows(account)],
        "contact": [contact_row(contact) for contact in sorted(world.contacts, key=lambda contact: (contact.at, contact.contact_id))],
        "promise": [promise_row(promise) for promise in sorted(world.promises, key=lambda promise: promise.promise_id)],
        "guarantor": [row for account in accounts for row in guarantor_rows(account)],
        "mandate": [row for account in accounts for row in mandate_rows(account)],
        "bounce": [bounce_row(bounce, a.mandate.kind) for a in accounts if a.mandate for bounce in a.bounces],
        "centre": [row for centre in sorted(world.centres, key=lambda centre: centre.centre_id) for row in centre_rows(centre)],
        "relief": [relief_row(relief) for relief in sorted(world.reliefs, key=lambda relief: (relief.from_on, relief.borrower_id))],
        "pin_directory": list(pin_rows(world.first_day)),
        "collection": list(collection_rows(sorted(world.collections, key=lambda seen: (seen.source, seen.reference)))),
    }
    if world.spoiled:
        for table, row in spoiled_rows(accounts[0].loan_id, world.last_day):
            rows[table].append(row)
    return Told(rows, [(account, Standings(account)) for account in accounts])


def _rows_on(told_world: Told, table: str, day: date) -> list[Row]:
    rows = [row for row in told_world.rows[table] if row.sent_from <= day < row.sent_until]
    if table == "loan":
        rows = [loan_row(account, standings, day) for account, standings in told_world.loans if account.disbursed_on <= day] + rows
    return rows


def _write(folder: Path, table: str, text: str) -> tuple[str, str]:
    """Write one file; returns its name and the SHA-256 of its bytes.  Gzip without name and time, so that bytes repeat."""
    content = text.encode()
    name = f"{table}.csv"
    if table in GZIPPED:
        name, content = f"{name}.gz", gzip.compress(content, compresslevel=4, mtime=0)
    (folder / name).write_bytes(content)
    return name, hashlib.sha256(content).hexdigest()


def emit(world: World, as_of: date, folder: Path) -> Path:
    """Write the complete extract of a day into a folder, and return the folder; the same world and day give the same bytes.

    Only what the lender knew by that day is in it: entries booked, loans disbursed, schedules agreed by then.
    ValueError for a day before the history begins or after the world's last day.
    """
    if not world.first_day <= as_of <= world.last_day:
        raise ValueError(f"the simulated world knows {world.first_day} to {world.last_day}; choose a day in between, not {as_of}")
    label(world, as_of, folder)
    sheets = []
    for table in SENT:
        rows = _rows_on(told(world), table, as_of)
        lines = [",".join(columns_of(table)), *(row.text for row in rows)]
        sheets.append(Sheet(table, "full", lines, sum(row.paise for row in rows)))
    return write_extract(folder, sheets, f'lender = "{world.lender}"\nas_of = {as_of.isoformat()}\nsimulated = true\n')


def label(world: World, as_of: date, folder: Path) -> None:
    """Make the folder of an extract, and say in it that everything is simulated."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "SIMULATED.txt").write_text(LABEL.format(lender=world.lender, seed=world.seed, as_of=as_of), "utf-8")


def write_extract(folder: Path, sheets: Iterable[Sheet], head: str) -> Path:
    """Write the files of an extract and a manifest that ties out, headed by these lines; the folder."""
    manifest = [head]
    for sheet in sheets:
        name, digest = _write(folder, sheet.table, "\n".join([*sheet.lines, ""]))
        entry = [f'[[file]]\nname = "{name}"\ntable = "{sheet.table}"\nmode = "{sheet.mode}"\nrows = {len(sheet.lines) - 1}']
        if sheet.table in WITH_RUPEES:
            entry.append(f'rupees = "{rupees_of(sheet.paise)}"')
        manifest.append("\n".join([*entry, f'sha256 = "{digest}"\n']))
    (folder / "manifest.toml").write_text("\n".join(manifest), "utf-8")
    return folder
