"""The act of taking the rows of a page with one: CSV that a spreadsheet opens safely, written down before it leaves."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from sulah.adapters.lms.formula import guarded
from sulah.kernel.dates import Clock
from sulah.records.audit import write_audit
from sulah.records.person import Person

MOST_ROWS = 100_000
"""A page gives so many rows at most: more belongs into a file made on the lender's own machine with `sulah export`."""


def export_rows(
    name: str, as_of: date | None, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, person: Person, asked: str, clock: Clock
) -> bytes:
    """The rows as CSV in UTF-8 with a byte-order mark (spreadsheets need it for Indic names); one audit entry says who took what.

    The caller has cut the rows to the person's role and branches.  asked is the query of the page; amounts stay paise, as their
    columns say.  Texts that a spreadsheet would run as a formula get a leading quote.
    """
    handle = io.StringIO(newline="")
    writer = csv.writer(handle)
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    subject = f"{name}:{as_of}" if as_of else name
    reach = {"role": person.role, "branches": list(person.branches)}
    with transaction.atomic():
        after = {"rows": len(rows), "columns": list(columns), "asked": asked[:500], **reach}
        write_audit(at=clock(), actor=person.get_username(), act="page.export", subject=subject[:200], after=after)
    return handle.getvalue().encode("utf-8-sig")


def cell(value: object) -> str:
    """A cell as text: dates ISO, truths as true and false, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return guarded(str(value))
