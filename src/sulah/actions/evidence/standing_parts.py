"""What is on record of one person besides contacts, as parts of a document: what she said and wants, stops, payments, and who read it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.evidence.access_log import readings_of
from sulah.actions.evidence.contact_parts import MOST, Asked
from sulah.actions.read_stops import barred_by
from sulah.actions.withdraw_covered import stop_times
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import Day, DayFilesMissingError, one_of
from sulah.insight.dossier import Part
from sulah.records.contact.agent import AgentNotice, Assignment
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Complaint
from sulah.records.contact.wish import Consent, Preference
from sulah.records.dayrun import DayRun

_PAYMENTS = ("paid_on", "loan_id", "amount_paise", "entry", "mode", "repayment_id")


def standing_parts(lender: Lender, asked: Asked) -> Iterator[Part]:
    """The parts, in the order of the document."""
    yield complaints(asked)
    yield promises(asked)
    yield consents(asked)
    yield wishes(asked)
    yield stops(lender, asked)
    yield agents(asked)
    yield payments(lender, asked)
    yield readings(asked)


def _rows(found: Sequence[Any] | Any, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in columns} for row in found[:MOST]]


def complaints(asked: Asked) -> Part:
    """Complaints and disputes that were open at any time within the days."""
    open_then = Q(closed_at=None) | Q(closed_at__gte=asked.within("x")["x__gte"])
    rows = Complaint.objects.filter(open_then, person=asked.person, opened_at__lt=asked.within("x")["x__lt"]).order_by("opened_at", "id")
    columns = ("number", "kind", "channel", "opened_at", "reply_by", "state", "closed_at", "closed_by")
    told = [{**row, "answer": asked.said(words)} for row, words in zip(_rows(rows, columns), (one.words for one in rows), strict=False)]
    words = "Complaints and disputes with the last day for an answer, and how each was closed."
    return Part("complaints", "Complaints and disputes", words, (*columns, "answer"), told)


def promises(asked: Asked) -> Part:
    """What the person promised to pay, and whether it came."""
    rows = Promise.objects.filter(person=asked.person, **asked.within("made_at")).order_by("made_at", "id")
    columns = ("made_at", "loan_id", "due_on", "amount_paise", "overdue_paise", "channel", "taken_by", "state", "paid_paise", "ended_at")
    return Part(
        "promises", "Promises", "What was promised, by when, and what the book knows as paid until then.", columns, _rows(rows, columns)
    )


def consents(asked: Asked) -> Part:
    """Every entry of the register up to the last day."""
    rows = Consent.objects.filter(person=asked.person, at__lt=asked.within("x")["x__lt"]).order_by("at", "id")
    columns = ("at", "channel", "given", "source", "recorded_at", "recorded_by")
    words = "Consent to each channel, given and withdrawn, from the beginning; the last entry of a channel holds."
    return Part("consents", "Consents", words, columns, _rows(rows, columns))


def wishes(asked: Asked) -> Part:
    """Times and places at which the person wants no contact."""
    rows = Preference.objects.filter(person=asked.person, asked_at__lt=asked.within("x")["x__lt"]).order_by("asked_at", "id")
    columns = ("asked_at", "weekdays", "from_second", "to_second", "classes", "places", "ended_at", "recorded_by")
    told = [
        {**{name: getattr(row, name, None) for name in columns}, "from_second": row.first, "to_second": row.last} for row in rows[:MOST]
    ]
    words = "No contact at these times and places; weekdays from 0 for Monday, seconds of the day in India, empty for every one."
    return Part("wishes", "Wishes", words, columns, told)


def stops(lender: Lender, asked: Asked) -> Part:
    """Stops on the person that were in force within the days, with the time from intake to the last send."""
    held = Q(lifted_at=None) | Q(lifted_at__gte=asked.within("x")["x__gte"])
    rows = StopEvent.objects.filter(held, person=asked.person, taken_at__lt=asked.within("x")["x__lt"]).order_by("taken_at", "id")
    columns = ("event", "scope", "since", "until", "taken_at", "raised_by", "lifted_at", "lifted_by")
    rules = rulebook_of(lender).rules
    told = [
        {
            **row,
            "last_send_at": stop_times(one, barred_by(rules, one, one.taken_at)).last_send_at,
            "reason": asked.said(one.reason),
            "lift_reason": asked.said(one.lift_reason),
        }
        for row, one in zip(_rows(rows, columns), rows, strict=False)
    ]
    words = "What stopped contact, since when, the last send after it was taken in (empty: none), and who lifted it."
    return Part("stops", "Stops", words, (*columns[:6], "last_send_at", *columns[6:], "reason", "lift_reason"), told)


def agents(asked: Asked) -> Part:
    """To whom the person was given, and when the person was told of them."""
    told_of = list(AgentNotice.objects.filter(person=asked.person).order_by("at"))
    rows = (
        Assignment.objects.filter(person=asked.person, since__lt=asked.within("x")["x__lt"]).select_related("agent").order_by("since", "id")
    )
    told = []
    for row in rows[:MOST]:
        agency = row.agency_id or (row.agent.agency_id if row.agent else None) or ""
        notices = (one.at for one in told_of if one.at >= row.since and (one.agent == (row.agent_id or "-") or one.agency == agency))
        told.append({"since": row.since, "until": row.until, "agent": row.agent_id or "", "agency": agency, "told_at": next(notices, None)})
    words = "To whom the person was given to contact, and when the person was told of it."
    return Part("agents", "Agents and agencies", words, ("since", "until", "agent", "agency", "told_at"), told)


def payments(lender: Lender, asked: Asked) -> Part:
    """Payments on the person's loans, as the last committed day has them."""
    words = "Payments on the person’s loans with the lender’s own number of each, as the last committed day has them."
    run = DayRun.objects.select_related("load").order_by("-as_of").first()
    standing = Standing.objects.filter(pk=asked.person).first()
    loans = [loan["loan_id"] for loan in standing.loans] if standing is not None else []
    if run is None or not loans:
        return Part("payments", "Payments and their receipts", words, _PAYMENTS, [])
    try:
        with Day(run, lender) as day:
            accounts = {row["loan_key"]: row["loan_id"] for row in day.rows("account", where=(one_of("loan_id", loans),))}
            found = day.rows("receipt", where=(one_of("loan_key", list(accounts)),), order=("paid_on", "repayment_id"))
    except DayFilesMissingError as error:
        return Part("payments", "Payments and their receipts", f"{words} {error}", _PAYMENTS, [])
    within = [row for row in found if asked.first <= row["paid_on"] <= asked.last]
    told = [{**{name: row.get(name) for name in _PAYMENTS}, "loan_id": accounts[row["loan_key"]]} for row in within[:MOST]]
    return Part("payments", "Payments and their receipts", words, _PAYMENTS, told)


def readings(asked: Asked) -> Part:
    """Who read the person's personal data, when and on which page."""
    columns = ("at", "actor", "act", "what", "sight")
    rows = readings_of(asked.person, **asked.within("at"))
    return Part("readings", "Who read personal data", "Each opening of sealed data, who it was, and where.", columns, rows[:MOST])
