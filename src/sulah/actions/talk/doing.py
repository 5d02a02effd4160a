"""One thing heard while it is acted on: who said it, what was read, and each act that may follow, with its trace."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypedDict

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.mark_number import mark_number
from sulah.actions.contact.note_occasion import note_occasion
from sulah.actions.contact.raise_stop import StopRefusedError, Struck, raise_stop
from sulah.actions.contact.record_consent import withdraw_consent
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.talk.consequences import BEREAVED, CONSEQUENCES, SUSPICIONS, Consequence
from sulah.actions.talk.hear_person import Speaker
from sulah.actions.talk.open_complaint import open_complaint
from sulah.actions.talk.open_task import open_task
from sulah.actions.talk.restore import restore
from sulah.actions.talk.send_answer import Answering, send_answer
from sulah.actions.talk.take_promise import PromiseRefusedError, take_promise
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import IST, Clock
from sulah.kernel.terms import Channel, StopEvent
from sulah.outreach.configured import Channels
from sulah.records.contact.heard import Heard
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.contact.task import Complaint, LanguageWish
from sulah.resolution.promise import Offered, PromiseState

SURE = "sure"


class Read(Protocol):
    """What was read, as outreach/intents says it."""

    @property
    def intent(self) -> str:
        """The intent; of several the most protective."""

    @property
    def also(self) -> Sequence[str]:
        """The others."""

    @property
    def confidence(self) -> str:
        """sure, likely or unsure."""

    @property
    def amount_paise(self) -> int | None:
        """The amount named."""

    @property
    def due_on(self) -> date | None:
        """The day named."""

    @property
    def wanted_language(self) -> str:
        """The language asked for."""

    @property
    def about(self) -> str:
        """Of a death: borrower, family, or empty where it is not said."""

    @property
    def suspected(self) -> Sequence[str]:
        """Protective intents that nothing says and weights suspect; the most protective first."""

    @property
    def strongly(self) -> Sequence[str]:
        """Those of them that are suspected strongly."""

    def told(self) -> dict[str, object]:
        """The reading as plain values: what matched and what it was taken for."""


Reader = Callable[[str, str, str, date], Read]
"""Text, choice, language of the person, IST date on which it was said."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens: vault, rules, channels, the reader and the languages that a native reader has signed off."""

    vault: Vault
    book: Callable[[], Rulebook]
    channels: Channels
    read: Reader
    reviewed: Callable[[], Collection[str]]
    by: Actor
    clock: Clock


@dataclass(slots=True)
class Doing:
    """One thing heard; done: what was done, in order."""

    listener: Listener
    row: Heard
    speaker: Speaker
    read: Read
    done: list[str] = field(default_factory=list)

    @property
    def certain(self) -> bool:
        """Is the reading sure?"""
        return str(self.read.confidence) == SURE

    @property
    def cause(self) -> str:
        """The id under which stops and tasks name what was heard."""
        return f"heard:{self.row.pk}"

    @property
    def number_key(self) -> str:
        """Blind index of the number that spoke."""
        return self.speaker.number_key(self.row)

    @property
    def loans(self) -> tuple[str, ...]:
        """The loans that the answered message named; else the person's only open loan."""
        if self.speaker.answered is not None:
            return tuple(self.speaker.answered.intent["loan_ids"])
        standing = Standing.objects.filter(pk=self.row.person).first()
        open_ones = [loan["loan_id"] for loan in (standing.loans if standing else []) if loan["open"]]
        return tuple(open_ones) if len(open_ones) == 1 else ()

    def rule(self, intent: str) -> Consequence:
        """What follows from an intent; a death in the family is another thing than the borrower's."""
        return BEREAVED if intent == "death" and self.read.about == "family" else CONSEQUENCES[intent]

    def follow(self, intent: str) -> None:
        """Do what follows from one intent of a known person."""
        rule, values = self.rule(intent), dict[str, object]()
        if intent in ("promise", "part"):
            promise = self.promise()
            if promise is None or promise.state == PromiseState.REPLACED:
                return  # one said later stands: a note on this one would say something that holds no more
            values |= {"amount": promise.amount_paise, "due_on": promise.due_on, "loan": promise.loan_id}
        if rule.stop is not None:
            self.stop(rule.stop, self.row.person, intent)
        self._write_down(intent, rule)
        if rule.complaint:
            complaint = self.complaint(rule.complaint)
            values |= {"complaint": complaint.number, "reply_by": complaint.reply_by}
        if rule.task:
            self.task(rule.task, self.number_key if intent == "wrong_number" else self.cause)
        if rule.reply:
            self.reply(rule, values)

    def _write_down(self, intent: str, rule: Consequence) -> None:
        """What is to be known of the person from now on."""
        if intent == "stop" and self.row.channel == Channel.WHATSAPP:
            withdraw_consent(self.row.person, Channel.WHATSAPP, source="reply", at=self.row.said_at, **self._by())
        if intent == "wrong_number":
            self.wrong_number()
        if rule.restores:
            self.start()
        if intent == "language" and self.read.wanted_language:
            self.language(self.read.wanted_language)
        if rule.occasion:
            first = self.row.said_at.astimezone(IST).date()
            note_occasion(rule.occasion, first, person=self.row.person, note="said in a message", book=self.listener.book(), **self._by())
            self.done.append(f"occasion:{rule.occasion}")

    def stop(self, event: StopEvent, person: str, intent: str) -> None:
        """Stop contact; what was heard stops once, however often it is acted on."""
        struck = Struck(person=person, loan_ids=self.loans, number_key=self.number_key, channel=Channel(self.row.channel))
        try:
            reason, book, came = f"said so ({intent})", self.listener.book(), self.row.received_at
            raise_stop(event, struck, reason=reason, book=book, taken_in=came, cause=self.cause, **self._by())
        except StopRefusedError:  # about a loan, and nobody knows which: a person asks
            self.task("read")
            return
        self.done.append(f"stop:{event}")

    def suspect(self, intent: str, *, hold: bool) -> None:
        """Call a person to what the weights suspect; hold: nobody asks for money until that person has looked."""
        rule = SUSPICIONS[intent]
        if hold and rule.stop is not None:
            self.stop(rule.stop, self.row.person, f"{intent} suspected")
        self.task(rule.strong_task if intent in self.read.strongly else rule.task)

    def task(self, kind: str, about: str = "") -> None:
        """Open a task for a person to do."""
        open_task(kind, self.row.person, heard=self.row, about=about or self.cause, **self._by())
        self.done.append(f"task:{kind}")

    def promise(self) -> Promise | None:
        """Take the promise; where it cannot be taken as it is, a person agrees it."""
        row, loans = self.row, self.loans
        try:
            if len(loans) != 1:
                raise PromiseRefusedError("It is not known which loan is meant.")
            offered = Offered(self.read.due_on, self.read.amount_paise)
            promise = take_promise(
                row.person, loans[0], offered, channel=Channel(row.channel), book=self.listener.book(), heard=row, **self._by()
            )
        except PromiseRefusedError as error:
            row.words = str(error)[:300]
            self.task("agree_plan")
            return None
        self.done.append(f"promise:{promise.pk}")
        return promise

    def wrong_number(self) -> None:
        """Mark the number as somebody else's, for every person who has it on file."""
        for person in {self.row.person, *self.speaker.people} - {""}:
            mark_number(person, self.number_key, whose="other", standing="wrong", source="reply", **self._by())
        self.done.append("number:wrong")

    def start(self) -> None:
        """Take back the person's own STOP; where there is none, a person reads what was meant."""
        if restore(self.row, book=self.listener.book(), **self._by()):
            self.done.append(f"restored:{self.row.channel}")
        else:
            self.task("read")

    def language(self, language: str) -> None:
        """Write down the language that the person asked for."""
        LanguageWish.objects.create(person=self.row.person, language=language, at=self.row.said_at, recorded_by=self.listener.by.name)
        self.done.append(f"language:{language}")

    def complaint(self, kind: str) -> Complaint:
        """Open the complaint or dispute."""
        made = open_complaint(kind, self.row.person, Channel(self.row.channel), heard=self.row, **self._by())
        self.done.append(f"complaint:{made.number}")
        return made

    def reply(self, rule: Consequence, values: Mapping[str, object]) -> None:
        """Answer on the same channel, to the same number, where a registered text for it is set up."""
        asked = Answering(self.row, self.row.person, self.loans, rule.reply, rule.purpose, values)
        if send_answer(asked, channels=self.listener.channels, vault=self.listener.vault, **self._by()):
            self.done.append(f"reply:{rule.reply}")

    def _by(self) -> "_By":
        return {"by": self.listener.by, "clock": self.listener.clock}


class _By(TypedDict):
    """Who acts, and when."""

    by: Actor
    clock: Clock
