"""A process that acts on a lender's records and lets the log's sequencer take turns; it can be killed anywhere and started again.

    python -m tests.transparency.acting ROOT ROUNDS

The database is ROOT/sulah.sqlite3, or the one that SULAH_TEST_DATABASE names.  Each round is an act, a decision, an act that is rolled
back, and a turn of the sequencer; the last one closes the day.
"""

import os
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import EntityType
from sulah.records.connect import bring_up_to_date, connect_records


def lender_at(root: Path) -> Lender:
    """The lender of a folder, its database the one that the environment names."""
    return Lender(root, "Kaveri", EntityType.NBFC_MFI, database=os.environ.get("SULAH_TEST_DATABASE", ""))


class GaveUpError(Exception):
    """An act that does not come to its end."""


def act(round_number: int) -> None:
    """What one round writes."""
    from django.db import transaction

    from sulah.actions.contact.reserve_contact import AlreadyReservedError, reserve_contact
    from sulah.records.audit import AuditEntry, write_audit, write_audits
    from sulah.records.contact.standing import Standing
    from tests.contact.people import BY, CLOCK, NOON, RULES, put_person, sms

    person = f"P{round_number}"
    write_audit(at=NOON, actor="asha", act="task.open", subject=f"borrower:{person}", after={"round": round_number})
    with transaction.atomic():
        write_audits(AuditEntry(at=NOON, actor="run", act="message.queue", subject=f"message:{round_number}.{each}") for each in range(3))
    if not Standing.objects.filter(pk=person).exists():
        put_person(person)
    with suppress(AlreadyReservedError):
        reserve_contact(sms(f"i-{round_number}", person), RULES, by=BY, clock=CLOCK)
    with suppress(GaveUpError), transaction.atomic():
        write_audit(at=NOON, actor="ravi", act="stop.raise", subject=f"borrower:{person}")
        raise GaveUpError


def main(root: Path, rounds: int) -> None:
    """Begin the log where it is not, then act and sequence."""
    (root / "keys").mkdir(parents=True, exist_ok=True)
    connect_records(root, os.environ.get("SULAH_TEST_DATABASE", ""))
    bring_up_to_date()
    from sulah.actions.log.sequence_log import close_log, sequence_log
    from sulah.actions.log.start_log import start_log
    from sulah.kernel.dates import IST, fixed_clock
    from tests.contact.people import NOON

    lender = lender_at(root)
    start_log(lender, actor="init", clock=fixed_clock(NOON), origin="log.kaveri.example")
    for number in range(rounds):
        act(number)
        sequence_log(lender, clock=fixed_clock(NOON + timedelta(minutes=2 * number)), now=True)
    close_log(lender, NOON.astimezone(IST).date(), clock=fixed_clock(NOON), wait=lambda: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
