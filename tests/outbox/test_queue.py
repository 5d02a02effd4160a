"""What may enter the outbox, and how claims are held: in a real database, with the queue's own statements."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from sulah.actions.contact.actor import machine
from sulah.actions.contact.raise_stop import Struck, raise_stop
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.contact_borrower import sealed_message
from sulah.actions.queue_message import MessageError, Wanted, queue_message, queue_messages
from sulah.actions.read_stops import read_stops
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import fixed_clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, Purpose, StopEvent
from sulah.outreach.configured import Channels, configured
from sulah.outreach.template import TemplateError
from sulah.records.audit import AuditEntry
from sulah.records.contact.agent import Agency, Agent
from sulah.records.contact.outbox import Outbox, OutboxLoan
from sulah.records.contact.queue import attest, claim, end, expired, hand_over, not_known, put_back, seen
from sulah.records.contact.standing import Standing
from tests.outbox.place import SECRETS, Place

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
INTENT = Intent(
    intent_id="m-1",
    person_id="p1",
    at=NOW,
    channel=Channel.SMS,
    purpose=Purpose.RECOVERY,
    loan_ids=("LN/1", "LN/2"),
    number_key="key",
    amount_paise=500_00,
)
WANTED = Wanted(INTENT, "+919812345678", "due", {"amount": 500_00, "loan": "LN/1"}, NOW, NOW + HOUR)


@pytest.fixture
def desk(place: Place) -> tuple[Channels, Vault]:
    """Settings and vault of a lender."""
    place.ports.append(1)
    place.set_up()
    lender = open_lender(place.root)
    return configured(lender.settings, SECRETS), Vault(lender)


def queued(desk: tuple[Channels, Vault], wanted: Wanted = WANTED) -> tuple[Outbox, bool]:
    """Queue a message at NOW."""
    return queue_message(wanted, channels=desk[0], vault=desk[1], actor="planner", clock=fixed_clock(NOW))


def test_a_queued_message_is_sealed_and_audited_and_names_its_loans(desk: tuple[Channels, Vault]) -> None:
    row, new = queued(desk)
    assert new
    assert "9812345678" not in json.dumps([row.intent, row.sealed])
    assert sealed_message(desk[1], row).values == ("500", "LN/1")
    assert sorted(OutboxLoan.objects.values_list("loan_id", flat=True)) == ["LN/1", "LN/2"]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.act, entry.subject) == ("planner", "message.queue", "message:m-1")


def test_the_same_intent_again_changes_nothing_and_another_under_its_id_is_refused(desk: tuple[Channels, Vault]) -> None:
    first, _ = queued(desk)
    again, new = queued(desk)
    assert (again.pk, new) == (first.pk, False)
    with pytest.raises(MessageError, match="queued before with other content"):
        queued(desk, replace(WANTED, to="+919812345679"))
    assert Outbox.objects.count() == AuditEntry.objects.count() == 1


def batch(desk: tuple[Channels, Vault], *wanted: Wanted) -> list[bool]:
    """Queue some at once; which are new."""
    rows = queue_messages(wanted, channels=desk[0], vault=desk[1], actor="planner", clock=fixed_clock(NOW))
    assert [row.reference for row, _ in rows] == [one.intent.intent_id for one in wanted]
    return [new for _, new in rows]


def named(reference: str, **changes: Any) -> Wanted:
    """The message under another id."""
    return replace(WANTED, intent=replace(INTENT, intent_id=reference), **changes)


def test_many_at_once_are_queued_like_each_alone(desk: tuple[Channels, Vault]) -> None:
    queued(desk)
    assert batch(desk, named("m-2"), WANTED, named("m-3", to="+919812345670")) == [True, False, True]
    assert batch(desk, named("m-2"), named("m-3", to="+919812345670")) == [False, False]
    assert sorted(OutboxLoan.objects.values_list("message__reference", "loan_id")) == sorted(
        (reference, loan) for reference in ("m-1", "m-2", "m-3") for loan in ("LN/1", "LN/2")
    )
    entries = AuditEntry.objects.order_by("id")
    assert [entry.subject for entry in entries] == ["message:m-1", "message:m-2", "message:m-3"]
    assert entries[0].after == entries[1].after


def test_of_many_at_once_none_is_queued_where_one_cannot_be(desk: tuple[Channels, Vault]) -> None:
    queued(desk)
    with pytest.raises(MessageError, match="written as"):
        batch(desk, named("m-2"), named("m-3", to="12"))
    with pytest.raises(MessageError, match="queued before with other content"):
        batch(desk, named("m-2"), named("m-1", to="+919812345679"))
    assert Outbox.objects.count() == AuditEntry.objects.count() == 1


def test_one_that_stands_twice_in_a_batch_is_queued_once(desk: tuple[Channels, Vault]) -> None:
    assert batch(desk, named("m-2"), named("m-3"), named("m-2")) == [True, True, False]
    assert Outbox.objects.count() == AuditEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"to": "9812345678"}, "written as"),
        ({"not_after": NOW}, "after the last time"),
        ({"intent": replace(INTENT, channel=Channel.EMAIL)}, "email is not set up"),
        ({"intent": replace(INTENT, free_text=True)}, "registered templates"),
        ({"intent": replace(INTENT, purpose=Purpose.OTP)}, "is registered for recovery, not for otp"),
        ({"intent": replace(INTENT, number_key=None)}, "number_key"),
        ({"intent": replace(INTENT, amount_paise=500_01)}, "not the one that the intent names"),
        ({"intent": replace(INTENT, amount_paise=None)}, "not the one that the intent names"),
    ],
)
def test_what_does_not_fit_together_is_not_queued(desk: tuple[Channels, Vault], changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        queued(desk, replace(WANTED, **changes))
    assert Outbox.objects.count() == 0


def test_a_text_that_is_not_registered_is_not_queued(desk: tuple[Channels, Vault]) -> None:
    with pytest.raises(TemplateError, match="must be of the kind reference"):
        queued(desk, replace(WANTED, values={"amount": 500_00, "loan": "pay now or else"}))


def claimed(by: str, now: datetime = NOW, most: int = 10) -> list[str]:
    """Claim, and say what was claimed."""
    return [row.reference for row in claim(by, now, most, 60)]


def several(desk: tuple[Channels, Vault], **priorities: int) -> None:
    """Queue messages by reference and priority."""
    for reference, priority in priorities.items():
        queued(desk, replace(WANTED, intent=replace(INTENT, intent_id=reference), priority=priority))


def test_claims_come_in_order_of_priority_and_nothing_is_claimed_twice(desk: tuple[Channels, Vault]) -> None:
    several(desk, reminder=50, receipt=10, notice=50)
    assert claimed("a", most=2) == ["receipt", "reminder"]
    assert claimed("b", most=2) == ["notice"]
    assert claimed("c") == []


def test_nothing_is_claimed_before_its_time(desk: tuple[Channels, Vault]) -> None:
    queued(desk)
    assert claimed("a", NOW - timedelta(microseconds=1)) == []
    assert claimed("a", NOW) == ["m-1"]


def test_who_lost_a_claim_can_write_nothing(desk: tuple[Channels, Vault]) -> None:
    """The lease of a runs out; b has the message; a wakes up."""
    queued(desk)
    (stale,) = claim("a", NOW, 1, 60)
    assert expired(NOW + timedelta(seconds=60)) == (0, [])  # at the very end it still holds
    assert expired(NOW + timedelta(seconds=61)) == (1, [])
    (fresh,) = claim("b", NOW + timedelta(seconds=61), 1, 60)
    for written in (
        hand_over(stale, provider="one", contact_id=None, now=NOW, lease_seconds=1),
        put_back(stale, NOW, NOW, ""),
        end(stale, SendState.FAILED, NOW, ""),
        not_known(stale, NOW, NOW, ""),
        attest(stale, SendState.DELIVERED, "r", NOW, None),  # nothing was ever handed over
    ):
        assert written is False
    assert hand_over(fresh, provider="one", contact_id=None, now=NOW, lease_seconds=1)
    assert Outbox.objects.get().claimed_by == "b"


def test_what_a_provider_attests_replaces_everything_weaker_and_nothing_stronger(desk: tuple[Channels, Vault]) -> None:
    row, _ = queued(desk)
    Outbox.objects.update(attempts=1)
    for state in SendState:
        Outbox.objects.update(state=state)
        moved = attest(row, SendState.UNDELIVERED, "r", NOW, None)
        assert moved == (state not in (SendState.UNDELIVERED, SendState.DELIVERED))


@pytest.mark.parametrize("told", list(permutations(("", "read", "played"))))
def test_that_a_person_saw_a_message_is_kept_in_whatever_order_it_is_told(desk: tuple[Channels, Vault], told: tuple[str, ...]) -> None:
    """`delivered` alone, `read` and `played` in any order and twice end in the strongest; before it is delivered it says nothing."""
    row, _ = queued(desk)
    claimed("w")
    row.refresh_from_db()
    assert hand_over(row, provider="one", contact_id=None, now=NOW, lease_seconds=60)
    assert not seen(row, "read", NOW)
    for words in (*told, *told):
        if not attest(row, SendState.DELIVERED, "T", NOW, None, words):
            seen(row, words, NOW)
    row.refresh_from_db()
    assert (row.state, row.words) == ("delivered", "played")


def test_a_stop_that_is_raised_takes_its_messages_off_the_list_in_the_same_transaction(desk: tuple[Channels, Vault], place: Place) -> None:
    """The act of raising, with the shipped table of stops: paid covers the loan, and still lets the receipt go."""
    book = rulebook_of(open_lender(place.root))
    queued(desk)
    receipt = replace(INTENT, intent_id="m-2", purpose=Purpose.RECEIPT)
    queued(desk, replace(WANTED, intent=receipt, template="receipt"))
    struck = Struck(person="p1", loan_ids=("LN/1",))
    (stop,) = raise_stop(StopEvent.PAID, struck, reason="paid in full", book=book, by=machine("callback"), clock=fixed_clock(NOW))
    assert dict(Outbox.objects.values_list("reference", "state")) == {"m-1": "withdrawn", "m-2": "queued"}
    assert Outbox.objects.get(reference="m-1").stop_id == stop.pk
    (times,) = read_stops(book.rules, NOW)
    assert (times.stop.pk, times.withdrawn, times.last_send_at) == (stop.pk, 1, None)


@pytest.mark.parametrize(
    ("event", "struck", "withdrawn"),
    [
        (StopEvent.CALAMITY, Struck(pincode="560001"), {"there", "somewhere", "unknown"}),
        (StopEvent.AGENCY_STOPPED, Struck(agency_id="A1"), {"unfiled", "of-A1"}),
    ],
)
def test_a_stop_withdraws_what_may_lie_in_its_scope(
    desk: tuple[Channels, Vault], place: Place, event: StopEvent, struck: Struck, withdrawn: set[str]
) -> None:
    """Who lives nobody knows where, and an agent whose agency nobody knows; not who is known to live or work elsewhere."""
    for person, pincode in (("there", "560001"), ("elsewhere", "560002"), ("somewhere", "")):
        Standing.objects.create(person=person, pincode=pincode)
    for agency in ("A1", "A2"):
        Agency.objects.create(id=agency, name=agency, engaged_on=NOW.date())
        Agent.objects.create(id=f"of-{agency}", name=agency, agency_id=agency, engaged_on=NOW.date())
    Agent.objects.create(id="of-lender", name="own", engaged_on=NOW.date())
    for person in ("there", "elsewhere", "somewhere", "unknown"):
        queued(desk, replace(WANTED, intent=replace(INTENT, intent_id=person, person_id=person)))
    for agent in ("of-A1", "of-A2", "of-lender", "unfiled"):
        queued(desk, replace(WANTED, intent=replace(INTENT, intent_id=agent, person_id="elsewhere", agent_id=agent)))
    book = rulebook_of(open_lender(place.root))
    raise_stop(event, struck, reason="flood", book=book, by=machine("callback"), clock=fixed_clock(NOW))
    assert set(Outbox.objects.filter(state="withdrawn").values_list("reference", flat=True)) == withdrawn
