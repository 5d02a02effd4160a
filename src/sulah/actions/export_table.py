"""The act of taking a table out of the book: written for anyone's tools, safe to open in a spreadsheet, and audited."""

import csv
import os
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.db import transaction

from sulah.adapters.book.bounces import ReturnedDebits
from sulah.adapters.book.durable import durable
from sulah.adapters.book.layers import LoadRows, view_of_load
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import LOAD_TABLES, load_rows
from sulah.adapters.book.vault import quarantined_rows
from sulah.adapters.engines.duck import connect, literal, write_parquet
from sulah.adapters.lms.formula import guarded
from sulah.contracts.registry import EXTRACT, TABLES
from sulah.contracts.shape import Kind, Scope, Table
from sulah.kernel.dates import Clock, day_text
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import LoadState
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun
from sulah.records.load import Load

_FORMULA = r"^[=+\-@\t\r]"


class ExportRefusedError(Refusal):
    """There is nothing to export; the words say what to do."""


def export_table(lender: Lender, table: str, as_of: date, out: Path, *, actor: str, clock: Clock) -> int:
    """Write a table of a committed day (or the quarantine of a load's date) to a CSV or Parquet file; the rows written.

    The quarantine is that of the latest accepted or held load, in clear, in a file that only its owner reads.
    Texts that a spreadsheet would run as a formula get a leading quote in CSV.  Amounts are paise, as the contract says.
    """
    if table == "quarantine":
        return _quarantine(lender, as_of, out, actor, clock)
    rows = _table(lender, TABLES[table], as_of, out)
    with transaction.atomic():
        write_audit(at=clock(), actor=actor, act="table.export", subject=f"{table}:{as_of}", after={"file": out.name, "rows": rows})
    return rows


def _table(lender: Lender, table: Table, as_of: date, out: Path) -> int:
    run = DayRun.objects.filter(as_of=as_of).select_related("load").first()
    if run is None:
        raise ExportRefusedError(f"{day_text(as_of)} has not run. Run it first: sulah day --as-of {as_of}")
    return exported_rows(lender, run, table, out)


def exported_rows(lender: Lender, run: DayRun, table: Table, out: Path) -> int:
    """Write a table of a run, of the load that it stands on, or one worked out when it is read, as CSV or Parquet; the rows written."""
    kept = table.name in EXTRACT or table.name in LOAD_TABLES
    with ReturnedDebits(run, lender) as day:
        if table.scope is Scope.READING:
            connection, source = day.over(table.name), table.name
        else:
            connection, source = connect(), "exported"
            rows = load_rows(lender, run.load, table.name) if kept else LoadRows(table.name, day.files(table.name))
            view_of_load(connection, source, rows)
        order = ", ".join(f'"{name}"' for name in table.order) if kept or table.scope is Scope.READING else ""
        query = f"SELECT {_columns(table, safe=out.suffix == '.csv')} FROM {source}" + (f" ORDER BY {order}" if order else "")
        with durable(out) as path:
            if out.suffix == ".csv":
                return int(connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT csv, HEADER)").fetchall()[0][0])
            return write_parquet(connection, query, path)


def _columns(table: Table, *, safe: bool) -> str:
    """Every column that the table's files hold; personal ones lie in the vault and are not exported here."""
    listed = []
    for column in table.columns:
        if column.personal:
            continue
        name = f'"{column.name}"'
        guarded = f"CASE WHEN regexp_matches({name}, '{_FORMULA}') THEN '''' || {name} ELSE {name} END AS {name}"
        listed.append(guarded if safe and column.kind is Kind.TEXT else name)
    return ", ".join(listed)


def _quarantine(lender: Lender, as_of: date, out: Path, actor: str, clock: Clock) -> int:
    """Write the refused rows in clear; the entry stands before the file appears, so no opening goes unwritten."""
    standing = Load.objects.filter(state__in=[LoadState.ACCEPTED, LoadState.HELD])
    load = standing.filter(as_of=as_of).order_by("-version").first()
    if load is None:
        dates = ", ".join(str(day) for day in standing.order_by("-as_of").values_list("as_of", flat=True).distinct()[:5])
        raise ExportRefusedError(f"There is no accepted or held load of {day_text(as_of)}. The latest are of: {dates or 'no date yet'}.")
    load_rows(lender, load, "quarantine")  # is it the file that was written?
    rows = list(quarantined_rows(lender, lender.book / load.path))
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["table", "file", "row", "code", "words"]
    after = {"file": out.name, "rows": len(rows), "load": load.pk, "personal_data_opened": bool(rows), "opened": _places(rows)}
    with durable(out) as path:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, fieldnames=names, restval="")
            writer.writeheader()
            writer.writerows({name: guarded(value or "") for name, value in row.items()} for row in rows)
        with transaction.atomic():
            write_audit(at=clock(), actor=actor, act="table.export", subject=f"quarantine:{as_of}", after=after)
    return len(rows)


def _places(rows: Sequence[dict[str, str | None]]) -> list[list[object]]:
    """Which rows were opened: table, file and the rows' numbers, for each file in turn."""
    places: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for row in rows:
        places[row["table"], row["file"]].append(int(row["row"] or 0))
    return [[table, file, numbers] for (table, file), numbers in places.items()]
