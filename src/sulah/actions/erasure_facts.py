"""What is known of people that can keep them from being erased: loans, holds, complaints, contacts."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Max, Q

from sulah.actions.load_book import latest_accepted
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import RowSource, one_of
from sulah.adapters.book.retention import retention_of
from sulah.kernel.dates import IST
from sulah.kernel.sending import SendState
from sulah.policy.erasure import Keeps
from sulah.records.contact.contact import Contact, Inbound
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.task import Complaint
from sulah.records.erasure import LegalHold

Known = dict[Keeps, list[date | None]]

_AT_ONCE = 500


def facts_about(lender: Lender, people: Sequence[str], on: date) -> dict[str, Known]:
    """Person -> fact -> the days on which it ended, None for what stands; every person asked for has an entry."""
    found: dict[str, Known] = {person: defaultdict(list) for person in people}
    held = [None] if retention_of(lender, on).legal_hold else []
    for hold in LegalHold.objects.filter(lifted_at=None).filter(Q(person="") | Q(person__in=people)):
        for person in [hold.person] if hold.person else people:
            found[person][Keeps.LEGAL_HOLD].append(None)
    for known in found.values():
        known[Keeps.LEGAL_HOLD] += held
    for start in range(0, len(people), _AT_ONCE):
        some = list(people[start : start + _AT_ONCE])
        _of_loans(lender, some, found)
        _of_records(some, found)
    return found


def _of_loans(lender: Lender, people: list[str], found: dict[str, Known]) -> None:
    """Loans that they owe, and those on which they stand surety, in the latest accepted load."""
    load = latest_accepted()
    if load is None:
        for person in people:
            found[person][Keeps.NO_LOAN].append(None)
        return
    with RowSource(lender, load) as source:
        loans: dict[str, list[str]] = defaultdict(list)
        if load.report.get("accepted", {}).get("guarantor"):
            for row in source.rows("guarantor", where=(one_of("borrower_id", people),)):
                loans[row["loan_id"]].append(row["borrower_id"])
        mine = source.rows("account", where=(one_of("borrower_id", people),))
        others = source.rows("account", where=(one_of("loan_id", sorted(loans)),)) if loans else []
    whose = [(row["borrower_id"], row) for row in mine] + [(person, row) for row in others for person in loans[row["loan_id"]]]
    for person, row in whose:
        if row["missing_since"] is not None:
            found[person][Keeps.LOST_LOAN].append(None)
        elif row["ended_on"] is None:
            found[person][Keeps.OPEN_LOAN].append(None)
        else:
            found[person][Keeps.ENDED_LOAN].append(row["ended_on"])
    for person in set(people) - {person for person, _ in whose}:
        found[person][Keeps.NO_LOAN].append(None)


def _of_records(people: list[str], found: dict[str, Known]) -> None:
    """Complaints, messages under way, and the last contact either way."""
    for person, state, closed_at in Complaint.objects.filter(person__in=people).values_list("person", "state", "closed_at"):
        if state == "open" or closed_at is None:
            found[person][Keeps.OPEN_COMPLAINT].append(None)
        else:
            found[person][Keeps.CLOSED_COMPLAINT].append(_day(closed_at))
    under_way = Outbox.objects.filter(person__in=people, state__in=(SendState.CLAIMED, SendState.SENDING))
    for person in under_way.values_list("person", flat=True):
        found[person][Keeps.MESSAGE_UNDER_WAY].append(None)
    for rows, at in ((Contact.objects, "at"), (Inbound.objects, "at"), (Heard.objects, "said_at")):
        last = rows.filter(person__in=people).order_by().values_list("person").annotate(last=Max(at))
        for person, moment in last:
            found[person][Keeps.LAST_CONTACT].append(_day(moment))


def _day(moment: datetime) -> date:
    return moment.astimezone(IST).date()
