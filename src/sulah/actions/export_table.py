"""The act of taking a table out of the book: written for anyone's tools, safe to open in a spreadsheet, and audited."""

import csv
from datetime import date
from pathlib import Path

from django.db import transaction

from sulah.adapters.book.durable import altered, durable
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import LOAD_TABLES, Day
from sulah.adapters.book.vault import quarantined_rows
from sulah.adapters.engines.duck import connect, literal, view_of_files, write_parquet
from sulah.contracts.registry import EXTRACT, TABLES
from sulah.contracts.shape import Kind, Table
from sulah.kernel.dates import Clock, day_text
from sulah.kernel.refusal import Refusal
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun
from sulah.records.load import Load

_FORMULA = r"^[=+\-@\t\r]"


class ExportRefusedError(Refusal):
    """There is nothing to export; the words say what to do."""


def export_table(lender: Lender, table: str, as_of: date, out: Path, *, actor: str, clock: Clock) -> int:
    """Write a table of a committed day (or the quarantine of a load's date) to a CSV or Parquet file; the rows written.

    Texts that a spreadsheet would run as a formula get a leading quote in CSV.  Amounts are paise, as the contract says.
    """
    rows = _quarantine(lender, as_of, out) if table == "quarantine" else _table(lender, TABLES[table], as_of, out)
    with transaction.atomic():
        write_audit(at=clock(), actor=actor, act="table.export", subject=f"{table}:{as_of}", after={"file": out.name, "rows": rows})
    return rows


def _table(lender: Lender, table: Table, as_of: date, out: Path) -> int:
    run = DayRun.objects.filter(as_of=as_of).select_related("load").first()
    if run is None:
        raise ExportRefusedError(f"{day_text(as_of)} has not run. Run it first: sulah day --as-of {as_of}")
    if table.name in EXTRACT:
        files: tuple[Path, ...] = (lender.book / run.load.path / "accepted" / f"{table.name}.parquet",)
    else:
        files = Day(run, lender).files(table.name)
        if wrong := altered(lender.book / run.path, {entry["file"]: entry["sha256"] for entry in run.tables.get(table.name, [])}):
            again = f"rebuild it with: sulah replay --as-of {as_of} --out FOLDER"
            raise ExportRefusedError(
                f"{wrong[0]} of {day_text(as_of)} was changed after it was written. Restore it from the backup, or {again}"
            )
    columns = _columns(table, files, safe=out.suffix == ".csv")
    order = ", ".join(f'"{name}"' for name in table.order) if table.name in LOAD_TABLES else ""
    connection = connect()
    view_of_files(connection, "exported", files)
    query = f"SELECT {columns} FROM exported" + (f" ORDER BY {order}" if order else "")
    with durable(out) as path:
        if out.suffix == ".csv":
            return int(connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT csv, HEADER)").fetchall()[0][0])
        return write_parquet(connection, query, path)


def _columns(table: Table, files: tuple[Path, ...], *, safe: bool) -> str:
    """Every column that the table's files hold; personal ones lie in the vault and are not exported here."""
    listed = []
    for column in table.columns:
        if column.personal:
            continue
        name = f'"{column.name}"'
        guarded = f"CASE WHEN regexp_matches({name}, '{_FORMULA}') THEN '''' || {name} ELSE {name} END AS {name}"
        listed.append(guarded if safe and column.kind is Kind.TEXT else name)
    return ", ".join(listed)


def _quarantine(lender: Lender, as_of: date, out: Path) -> int:
    load = Load.objects.filter(as_of=as_of).order_by("-version").first()
    if load is None:
        dates = ", ".join(str(day) for day in Load.objects.order_by("-as_of").values_list("as_of", flat=True).distinct()[:5])
        raise ExportRefusedError(f"There is no load of {day_text(as_of)}. The latest loads are of: {dates or 'no date yet'}.")
    rows = list(quarantined_rows(lender, lender.book / load.path))
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["table", "file", "row", "code", "words"]
    with durable(out) as path, path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)
