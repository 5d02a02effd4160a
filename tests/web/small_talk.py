"""What the small lender's people said and were told, for the pages of the talk: heard, read and acted on by the acts themselves.

The reader is told what each text means, and the channels are made by hand: the pages ask for nothing else of either.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from sulah.actions.contact.actor import machine
from sulah.actions.contact.number_owners import put_numbers
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.put_heard import put_heard
from sulah.actions.queue_message import Wanted, queue_message
from sulah.actions.talk.answer_heard import answer_heard
from sulah.actions.talk.doing import Listener
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.phones import one_way
from sulah.guard.intent import Intent
from sulah.kernel.dates import fixed_clock, system_clock
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.channel import Heard, HeardKind
from sulah.outreach.configured import Channels, Configured
from sulah.outreach.template import Template, Variable, VariableKind
from sulah.records.contact.heard import Heard as HeardRow
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing
from tests.web import small_contacts as small
from tests.web.cast import Story

WORKER = machine("worker")
MONDAY = "पहले ही भर दिया है"
UNSURE = "kal dekhenge bhai"
HELP = "ab jeene ka man nahi"
"""Texts of the cast, each read as it stands in READ."""

_DUE = "प्रिय ग्राहक, {#var#} की किस्त {#var#} बाकी है। सह्याद्री"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader was told to read."""

    intent: str = "other"
    confidence: str = "sure"
    also: tuple[str, ...] = ()
    amount_paise: int | None = None
    due_on: date | None = None
    wanted_language: str = ""
    about: str = ""
    words: str = ""
    suspected: tuple[str, ...] = ()
    strongly: tuple[str, ...] = ()

    def told(self) -> dict[str, object]:
        """As plain values."""
        return {name: str(value) for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Button:
    """One button of a form."""

    payload: str
    label: str


@dataclass(frozen=True, slots=True)
class Form:
    """A registered text with buttons."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a channel that has forms."""

    forms: Mapping[str, Form]


def channels() -> Channels:
    """SMS with one text, and WhatsApp with the same and a button."""
    kinds = (Variable("loan", VariableKind.REFERENCE), Variable("amount", VariableKind.AMOUNT))
    due = Template("due_hi", "hi", _DUE, kinds, ("recovery",), "KAVERI", "1" * 19, {})
    forms = Settings({"due_hi": Form((Button("paid", "भर दिया"), Button("call_me", "मुझे फ़ोन करें")))})
    return {
        Channel.SMS: Configured("sms", None, {"due_hi": due}, _mobile, {}),
        Channel.WHATSAPP: Configured("whatsapp", forms, {"due_hi": due}, _mobile, {}),
    }


def _mobile(number: str) -> bool:
    return number.startswith("+91")


def number_of(borrower: int) -> str:
    """The number of a borrower as providers write it."""
    return one_way(small.phone_of(borrower))


def readings() -> dict[str, Reading]:
    """What each text is read as."""
    due = small.today() + timedelta(days=5)
    return {
        MONDAY: Reading("paid", words="भर दिया"),
        UNSURE: Reading("promise", "likely", due_on=small.today() + timedelta(days=1), words="kal"),
        HELP: Reading("self_harm", words="jeene ka man nahi"),
        "5 tareekh ko dunga": Reading("promise", due_on=due, words="5 tareekh ko dunga"),
        "rude call": Reading("complaint", words="rude"),
        "who is this": Reading("other"),
        "band karo": Reading("stop", words="band karo"),
    }


def listener(lender: Lender) -> Listener:
    """Who acts on what is heard."""

    def read(text: str, choice: str, language: str, said_on: date) -> Reading:
        return Reading(choice) if choice else readings()[text]

    return Listener(Vault(lender), lambda: rulebook_of(lender), {}, read, lambda: {"en", "hi", "mr"}, WORKER, system_clock)


def said(lender: Lender, text: str, borrower: int, *, channel: str = "sms", at: datetime | None = None, number: str = "") -> HeardRow:
    """Somebody says something, and it is acted on; the row."""
    name = f"e{HeardRow.objects.count()}"
    when = at or datetime.now(UTC) - timedelta(minutes=10)
    event = Inbox(channel=channel, provider="one", event_id=name, received_at=when)
    heard = Heard(name, number or number_of(borrower), when.isoformat(), HeardKind.TEXT, text)
    put_heard(Vault(lender), event, heard, when)
    answer_heard(listener(lender))
    return HeardRow.objects.get(event_id=name)


def reminded(lender: Lender, borrower: int, channel: Channel = Channel.SMS, state: str = "delivered", **changed: object) -> Outbox:
    """A reminder that went to a borrower, as the outbox has it."""
    person = f"B-{borrower:04d}"
    loan = Standing.objects.get(pk=person).loans[0]["loan_id"]
    at = datetime.now(UTC) - timedelta(minutes=30)
    reference = f"m-{person}-{channel}-{Outbox.objects.count()}"
    key = small.key_of(lender, borrower)
    intent = Intent(reference, person, at, channel, Purpose.RECOVERY, loan_ids=(loan,), number_key=key, amount_paise=450_00)
    values = {"loan": loan, "amount": 450_00}
    wanted = Wanted(intent, number_of(borrower), "due_hi", values, at, at + timedelta(hours=5))
    row, _ = queue_message(wanted, channels=channels(), vault=Vault(lender), actor="plan", clock=fixed_clock(at))
    Outbox.objects.filter(pk=row.pk).update(state=state, **{"provider": "one", "handed_at": at, "attempts": 1, **changed})
    return Outbox.objects.get(pk=row.pk)


def put_talkers(lender: Lender, told: list[Story]) -> None:
    """The people of the small book, each known by their number."""
    if not Standing.objects.exists():
        small.put_people(lender, told)
    put_numbers([(key, row.person) for row in Standing.objects.all() for key in row.numbers])


def fill_talk(lender: Lender, told: list[Story]) -> None:
    """A day of talk: reminders, answers, a promise, a complaint, a threat to oneself, something unsure, a stranger."""
    put_talkers(lender, told)
    reminded(lender, 3, Channel.WHATSAPP)
    reminded(lender, 5)
    reminded(lender, 5, state="withdrawn", ended_by=["FRQ-DAY", "HRS-PUSH"], handed_at=None, words="Refused when it was to be sent.")
    said(lender, UNSURE, 3, channel="whatsapp")
    said(lender, MONDAY, 5)
    said(lender, "5 tareekh ko dunga", 6)
    said(lender, "rude call", 7)
    said(lender, HELP, 9)
    said(lender, "who is this", 0, number="+919899999999")
