"""Talk in the demo: what some of its people said this morning, read as the demo says, with all that follows done by the acts themselves.

Nothing is sent: the demo has no gateway.  What was read comes from the table below, not from the reader of the product.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sulah.actions.contact.actor import machine
from sulah.actions.contact.number_owners import people_of
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.put_heard import put_heard
from sulah.actions.talk.answer_heard import answer_heard
from sulah.actions.talk.doing import Listener
from sulah.actions.talk.play_phone import PROVIDER, Spoken, speak
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import Day, one_of
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import IST, fixed_clock, system_clock
from sulah.kernel.terms import Channel
from sulah.outreach.channel import Heard, HeardKind
from sulah.records.contact.heard import Heard as HeardRow
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.standing import Standing
from sulah.records.dayrun import DayRun

WORKER, LANGUAGES = machine("demo"), ("en", "hi")
STRANGER, UNKNOWN = "+919000000001", "Galat number"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that somebody of the demo said, minutes ago, and what it is read as; days: those until the day promised."""

    minutes: int
    channel: Channel
    text: str
    intent: str
    confidence: str = "sure"
    days: int | None = None


SAID = (
    Said(190, Channel.SMS, "Paise bhar diye, UTR 0000 (simulated)", "paid"),
    Said(170, Channel.WHATSAPP, "5 din baad de dunga", "promise", days=5),
    Said(150, Channel.SMS, "kal dekhenge", "promise", "likely", 1),
    Said(120, Channel.WHATSAPP, "Aapke aadmi ne badtameezi se baat ki", "complaint"),
    Said(95, Channel.SMS, "Yeh number unka nahi hai", "wrong_number"),
    Said(70, Channel.WHATSAPP, "Fasal kharab ho gayi, is mahine nahi ho payega", "cannot_pay"),
    Said(40, Channel.WHATSAPP, "Mujhe phone kijiye", "call_me"),
    Said(25, Channel.SMS, "STOP", "stop"),
    Said(6, Channel.WHATSAPP, "Ab jeene ka man nahi karta", "self_harm"),
)


@dataclass(frozen=True, slots=True)
class _Read:
    """What the demo reads."""

    intent: str
    confidence: str
    due_on: date | None
    words: str
    amount_paise: int | None = None
    also: tuple[str, ...] = ()
    wanted_language: str = ""
    about: str = ""
    suspected: tuple[str, ...] = ()
    strongly: tuple[str, ...] = ()

    def told(self) -> dict[str, object]:
        """The reading as plain values, without the words, which lie sealed with the message."""
        return {name: str(value) for name, value in asdict(self).items() if value and name != "words"}


def fill_talk(lender: Lender, people: Sequence[str]) -> None:
    """What is in SAID, each by one of the people whose number is theirs alone; and a word from a stranger."""
    book, now = rulebook_of(lender), system_clock()
    able = _sealed(lender, list(islice((person for person in people if _alone(person)), len(SAID))))
    for (person, sealed), each in zip(able.items(), SAID, strict=False):
        spoken = Spoken(each.channel, HeardKind.TEXT, each.text)
        clock = fixed_clock(now - timedelta(minutes=each.minutes))
        speak(person, spoken, sealed, lender=lender, channels={}, by=WORKER, clock=clock)
    vault, at = Vault(lender), now - timedelta(minutes=55)
    event = Inbox(channel="sms", provider=PROVIDER, event_id="phone-stranger", received_at=at)
    put_heard(vault, event, Heard("phone-stranger", STRANGER, at.isoformat(), HeardKind.TEXT, UNKNOWN), at)
    reads = {each.text: _read(each, now) for each in SAID} | {UNKNOWN: _Read("other", "unsure", None, "")}
    for row in HeardRow.objects.filter(done_at=None).order_by("id"):
        clock = fixed_clock(row.received_at + timedelta(seconds=20))
        answer_heard(Listener(vault, lambda: book, {}, lambda text, *_: reads[text], lambda: LANGUAGES, WORKER, clock), most=1)


def _alone(person: str) -> bool:
    """Does the person read Hindi or English, with a number that nobody else has, and one open loan, which is overdue?"""
    row = Standing.objects.get(pk=person)
    loans = [loan for loan in row.loans if loan["open"]]
    due = len(loans) == 1 and (loans[0]["demand_paise"] or 0) > 0
    return due and row.language.lower() in LANGUAGES and any(list(people_of(key)) == [person] for key in row.numbers)


def _sealed(lender: Lender, people: Sequence[str]) -> dict[str, str]:
    """The sealed columns of people in the last day's book, in the order of the people."""
    run = DayRun.objects.select_related("load").order_by("-as_of")[0]
    with Day(run, lender) as day:
        rows = day.rows("borrower_private", where=(one_of("borrower_id", tuple(people)),))
    sealed = {str(row["borrower_id"]): str(row["sealed"] or "") for row in rows}
    return {person: sealed[person] for person in people if sealed.get(person)}


def _read(each: Said, now: datetime) -> _Read:
    due = now.astimezone(IST).date() + timedelta(days=each.days) if each.days is not None else None
    return _Read(each.intent, each.confidence, due, each.text)
