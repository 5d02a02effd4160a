"""Take in a file of payment links from whoever makes them: good rows are kept or ended one by one, the others told with code and words.

The same file twice changes nothing.  Rows = kept + known + ended + refused, always.
"""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sulah.actions.contact.actor import OFFICE, Actor, hold_role, hold_whole_lender
from sulah.actions.keep_link import LinkRefusedError, end_link, keep_link
from sulah.adapters.book.durable import sha256_of
from sulah.intake.codes import words_of
from sulah.kernel.dates import IST, Clock
from sulah.kernel.refusal import Refusal
from sulah.records.audit import write_audit
from sulah.records.contact.link import PaymentLink
from sulah.records.contact.standing import Standing

COLUMNS = ("loan_id", "reference", "address", "until")
STATE = "state"
"""The fifth column, which may be left out: `open`, or `ended` for a link that was paid by or taken back."""

MOST_BYTES = 200 << 20
_STATES = ("", "open", "ended")
Finding = tuple[str, str, str]
"""Field, code and words."""


class LinksRefusedError(Refusal):
    """The file cannot be read whole; nothing of it was taken in, and the words say what to do."""


@dataclass(slots=True)
class LinksTaken:
    """What became of the rows of one file; a finding is (row, field, code, words), the first row after the header being 1."""

    rows: int = 0
    kept: int = 0
    known: int = 0
    ended: int = 0
    findings: list[tuple[int, str, str, str]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """Rows that were not taken; each has one finding, its first."""
        return len(self.findings)


def take_links(path: Path, *, by: Actor, clock: Clock) -> LinksTaken:
    """Take in a UTF-8 CSV file with the columns loan_id, reference, address, until and perhaps state.

    until: a date, which lasts to its end in India, or an ISO instant with its zone.  LinksRefusedError for a file that is none.
    """
    hold_role(by, OFFICE, "bring payment links")
    hold_whole_lender(by, "bring payment links")
    rows = _rows(path)
    loans = {loan["loan_id"] for loans in Standing.objects.values_list("loans", flat=True).iterator() for loan in loans}
    taken = LinksTaken(rows=len(rows))
    for number, row in enumerate(rows, start=1):
        finding = _finding(row, loans) or _done(row, taken, by, clock)
        if finding is not None:
            taken.findings.append((number, *finding))
    if taken.rows != taken.kept + taken.known + taken.ended + taken.refused:
        raise ArithmeticError(f"{path.name} does not tie out: {taken}")
    counts = {name: getattr(taken, name) for name in ("rows", "kept", "known", "ended", "refused")}
    after = {"name": path.name[:300], "content_sha256": sha256_of(path), **counts}
    write_audit(at=clock(), actor=by.name, act="links.take", subject="lender", after=after)
    return taken


def _rows(path: Path) -> list[dict[str, str]]:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise LinksRefusedError(f"{path.name} is no file of payment links: name a CSV file of at most {MOST_BYTES >> 20} MB.")
    try:
        lines = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise LinksRefusedError(f"{path.name} cannot be read ({error}). Save it as CSV in UTF-8. Nothing of it was taken in.") from error
    head = [name.strip().lower() for name in lines[0]] if lines else []
    if sorted(head) not in (sorted(COLUMNS), sorted((*COLUMNS, STATE))):
        raise LinksRefusedError(f"{path.name} needs a first line that names {', '.join(COLUMNS)}, and {STATE} where links end.")
    return [dict(zip(head, map(str.strip, line), strict=True)) if len(line) == len(head) else {} for line in lines[1:] if line]


def _finding(row: Mapping[str, str], loans: Collection[str]) -> Finding | None:
    """What a row says that cannot be, before anything is asked of the links that are kept."""
    if not row:
        return "", "csv_malformed_row", words_of("csv_malformed_row")
    if missing := next((name for name in COLUMNS if not row[name]), ""):
        return missing, "required_missing", words_of("required_missing", missing)
    if row.get(STATE, "") not in _STATES:
        return STATE, "term_unknown", f"{STATE} is open or ended, not {row[STATE][:40]}. Correct it and bring the row again."
    if row["loan_id"] not in loans:
        return "loan_id", "orphan_loan", "The last published day knows no such loan. Bring the link again once the loan is loaded."
    if _until(row["until"]) is None:
        return "until", "date_unreadable", "until is no date like 2026-12-31 and no instant with its zone like 2026-12-31T18:00:00+05:30."
    return None


def _done(row: Mapping[str, str], taken: LinksTaken, by: Actor, clock: Clock) -> Finding | None:
    """Keep or end the link of a row and count it; the finding where the act refuses."""
    known = PaymentLink.objects.filter(reference=row["reference"]).first()
    until = _until(row["until"])
    try:
        if row.get(STATE) == "ended":
            if known is not None and known.loan_id != row["loan_id"]:
                raise LinkRefusedError(f"The payment link {row['reference']} is of another loan. Correct the row.")
            end_link(row["reference"], by=by, clock=clock)
            new = known is not None and known.ended_at is None
            taken.ended += new
        elif until is not None:
            keep_link(row["loan_id"], row["reference"], row["address"], until=until, by=by, clock=clock)
            new = known is None
            taken.kept += new
    except LinkRefusedError as error:
        return "reference", "link_refused", str(error)
    taken.known += not new
    return None


def _until(text: str) -> datetime | None:
    """The instant at which a link ends; None where the text says none.

    >>> str(_until("2026-12-31")), str(_until("2026-12-31T18:00:00+05:30")), _until("31/12/2026")
    ('2026-12-31 18:30:00+00:00', '2026-12-31 12:30:00+00:00', None)
    """
    try:
        if len(text) == len("2026-12-31"):
            return datetime.combine(date.fromisoformat(text) + timedelta(1), time(), IST).astimezone(UTC)
        instant = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return instant.astimezone(UTC) if instant.tzinfo else None
