"""The act of taking statements of written-off loans out: CSV that a spreadsheet opens safely, or Parquet, written down."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from sulah.actions.export_rows import cell
from sulah.actions.written_off_account import PostingRefusedError
from sulah.adapters.book.durable import durable
from sulah.adapters.book.written_off import COLUMNS, statement_of
from sulah.kernel.dates import Clock
from sulah.records.audit import write_audit
from sulah.records.written_off import WrittenOffLoan

ALL_COLUMNS = ("loan_id", "borrower_id", "product", "branch_id", "written_off_on", "taken_over_on", *COLUMNS)
"""The columns of the statements of all loans together."""
_TYPES = {"entry": pa.int64(), "reverses": pa.int64()}


def kept_loan(loan_id: str) -> WrittenOffLoan:
    """The account of a loan; PostingRefusedError when Sulah does not keep it."""
    loan = WrittenOffLoan.objects.filter(loan_id=loan_id).first()
    if loan is None:
        raise PostingRefusedError(f"Sulah does not keep the account of loan {loan_id}. What it keeps: sulah writeoff balance")
    return loan


def all_lines() -> list[dict[str, Any]]:
    """The statements of all kept loans, loan by loan."""
    loans = WrittenOffLoan.objects.order_by("loan_id")
    return [{**{name: getattr(loan, name) for name in ALL_COLUMNS[:6]}, **line} for loan in loans for line in statement_of(loan)]


def export_lines(subject: str, columns: Sequence[str], lines: Sequence[Mapping[str, Any]], out: Path, *, actor: str, clock: Clock) -> None:
    """Write lines to a CSV or Parquet file, with one audit entry; amounts are paise, as the columns say.

    Texts that a spreadsheet would run as a formula get a leading quote in CSV.
    """
    with transaction.atomic():
        after = {"file": out.name, "rows": len(lines)}
        write_audit(at=clock(), actor=actor, act="written_off.export", subject=subject, after=after)
        with durable(out) as path:
            if out.suffix == ".csv":
                with path.open("w", encoding="utf-8-sig", newline="") as handle:
                    writer = csv.writer(handle)
                    writer.writerow(columns)
                    writer.writerows([cell(line[name]) for name in columns] for line in lines)
            else:
                arrays = {name: pa.array([line[name] for line in lines], type=_type_of(name)) for name in columns}
                pq.write_table(pa.table(arrays), path)


def _type_of(name: str) -> pa.DataType:
    if name.endswith("_on"):
        return pa.date32()
    return pa.int64() if name.endswith("_paise") else _TYPES.get(name, pa.string())
