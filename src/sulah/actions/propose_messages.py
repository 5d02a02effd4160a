"""The message that a day proposes to each of some people: the next step of their sequence, by channels and at an hour that suit them.

Texts are approved ones only; one that asks for what planning cannot fill (pick_template.FILLS), or that speaks of law, is not used.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from sulah.actions.contact.read_past import pasts_of
from sulah.actions.contact.read_people import numbers_of, standings_of
from sulah.actions.matter import BROKEN, DaysOff, Known, Matter, loan_named, matters
from sulah.actions.pick_template import MissingText, chosen, missing_text, texts_for, values_for
from sulah.actions.queue_message import Wanted
from sulah.actions.reachable_numbers import reachable, shared_addresses
from sulah.actions.read_timing import Learned, group_of
from sulah.actions.sentences import ChargeNotNamedError, Sentences, links_of, officers_of
from sulah.adapters.book.message_lists import Addressee
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Channels
from sulah.outreach.house import TextSettings
from sulah.outreach.sequence import Step, next_step
from sulah.outreach.template import Template, TemplateError, Value
from sulah.outreach.timing import Timing, begin_of
from sulah.policy.talk.steps import StepRow, step_rows

WRITTEN = (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL)
"""The channels that planning may use; calls are placed by people and by campaigns of their own."""

_BROKEN_FIRST = 40
_USUAL = 50


class Lack(StrEnum):
    """Why a person gets no message: no step is due, no own number that takes one, no approved text, values that the text cannot take.

    charge: something overdue is a charge, and lender.toml does not say whether charges are penal charges.
    """

    NUMBER = "no_number"
    TEMPLATE = "no_template"
    CHARGE = "charge_not_named"
    VALUES = "values_do_not_fit"
    STEP = "no_step_due"


@dataclass(frozen=True, slots=True)
class Proposed:
    """One message to one person by the channels that it may go by, first choice first; each says why this step now, and why so."""

    choices: tuple[Wanted, ...]


@dataclass(slots=True)
class Proposals:
    """What some people get: messages, what those lack who get none, and for how many the day's message stands in the outbox already.

    missing: the texts that would have gone to those for whom none is approved, by how many people.  shared: addresses of too many people.
    """

    messages: list[Proposed] = field(default_factory=list)
    lacking: list[Lack] = field(default_factory=list)
    missing: Counter[MissingText] = field(default_factory=Counter)
    shared: frozenset[str] = frozenset()
    before: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """One person and what the records say of her, the step that is due, and what sentences say to those to whom they apply."""

    purpose: Purpose
    one: Addressee
    known: Known
    matter: Matter
    step: Step
    reference: str
    said: Mapping[str, Value]

    @property
    def languages(self) -> tuple[str, ...]:
        """The language that was asked for, then that of the book."""
        return tuple(each.lower() for each in (self.known.past.wish, self.known.standing.language) if each)


@dataclass(frozen=True, slots=True)
class Proposer:
    """What the messages of one day are made with.

    as_of: the day of the book.  at, until: from when and before when they make sense; closes: when the hours for all end on that day.
    learned: hours, channels and days of cash.  days_off: by state.  reviewed: languages that a native reader has signed off.
    settings: [texts] of lender.toml, None where there is none.  log_code: the short form of the log's newest checkpoint, '' without a log.
    """

    channels: Channels
    vault: Vault
    as_of: date
    at: datetime
    until: datetime
    closes: datetime
    learned: Learned
    days_off: DaysOff
    reviewed: frozenset[str]
    settings: TextSettings | None = None
    log_code: str = ""
    picked: dict[tuple[Channel, str], tuple[Template, ...]] = field(default_factory=dict)

    @property
    def usable(self) -> tuple[Channel, ...]:
        """The channels that are set up and that planning may use."""
        return tuple(channel for channel in WRITTEN if channel in self.channels)

    def texts(self, channel: Channel, row: StepRow) -> tuple[Template, ...]:
        """The approved texts that may go for a step on a channel."""
        if (channel, row.rule_id) not in self.picked:
            self.picked[channel, row.rule_id] = texts_for(self.channels[channel], row, self.reviewed)
        return self.picked[channel, row.rule_id]

    def writes(self, sequence: str) -> bool:
        """Is there a text for any step of a sequence?"""
        return any(self.texts(channel, row) for channel in self.usable for row in step_rows().get(sequence, ()))

    def propose(self, purpose: Purpose, people: Sequence[Addressee]) -> Proposals:
        """A message to each of some hundreds of people, and of those who get none what is lacking."""
        ids = [one.person for one in people]
        standings, pasts = standings_of(ids), pasts_of(ids, self.at)
        numbers = numbers_of(standings)
        links = links_of((loan["loan_id"] for row in standings.values() for loan in row.loans), self.until)
        sentences, found = Sentences(self.settings, self.vault, officers_of(ids), links), Proposals()
        found.shared = shared_addresses(ids) if Channel.EMAIL in self.usable else frozenset()
        for one in people:
            said = self._one(purpose, one, Known(standings[one.person], numbers[one.person], pasts[one.person]), sentences, found)
            if isinstance(said, Lack):
                found.lacking.append(said)
            elif said is None:
                found.before += 1
            else:
                found.messages.append(said)
        return found

    def _one(self, purpose: Purpose, one: Addressee, known: Known, sentences: Sentences, found: Proposals) -> Proposed | Lack | None:
        """The message, what is lacking, or None where the day's message to the person stands in the outbox."""
        group = group_of(one.product, known.standing.pincode)
        timing = self.learned.timing(one.person, group, known.past.tries(), self.usable, self.at, self.closes)
        for matter in matters(purpose, one, known, timing.channels, today=self.today, as_of=self.as_of, days_off=self.days_off):
            step = next_step(matter.rows, matter.history, self.at)
            if step is None:
                continue
            if step.on != self.today or self.waits(one, matter, step):
                break  # what comes first waits for its day: what comes after it does not overtake it
            reference, loan = self._reference(purpose, one, step), loan_named(known.standing.loans, matter.loan_id)
            try:
                said = sentences.of(purpose, one.person, loan, reference)
            except ChargeNotNamedError:
                return Lack.CHARGE
            return self._written(_Asked(purpose, one, known, matter, step, reference, said), timing, sentences, found)
        beginning = self._beginning(purpose, one)
        return None if any(message.reference.startswith(beginning) for message in known.past.written) else Lack.STEP

    @property
    def today(self) -> date:
        """The day in India that is planned."""
        return self.at.astimezone(IST).date()

    def waits(self, one: Addressee, matter: Matter, step: Step) -> str:
        """Why a step that is due waits for a day of cash; empty where it does not.  The first message about a matter never waits."""
        return self.learned.waits(one.product, one.paid_days, step, weekly=one.weekly) if matter.history.sent else ""

    def _written(self, asked: _Asked, timing: Timing, sentences: Sentences, found: Proposals) -> Proposed | Lack:
        """The message by every channel that has an approved text in a language of the person and a number of theirs."""
        lack, choices = Lack.TEMPLATE, list[Wanted]()
        given = self.vault.open(asked.one.person, asked.one.sealed) if asked.one.sealed else {}
        languages, missing = self._languages(asked), list[MissingText]()
        for channel in asked.step.channels:
            template = chosen(self.texts(channel, asked.step.row), languages, asked.said)
            if template is None:
                text = missing_text(channel, asked.step.row, languages, asked.said, self.reviewed)
                missing += [text] if text is not None else []
                continue
            known = asked.known
            shared = found.shared if channel is Channel.EMAIL else ()
            number = reachable(self.channels[channel], channel, given, known.numbers, known.past, self.vault, self.today, shared)
            if number is None:
                lack = Lack.NUMBER if lack is Lack.TEMPLATE else lack
                continue
            try:
                known_here = {**asked.matter.known, **asked.said, "log_code": self.log_code or None}
                values = values_for(template, asked.matter.loan_id, known_here)
            except TemplateError:
                lack = Lack.VALUES
                continue
            made = self._wanted(asked, (template, values), number, timing.bands.get(channel))
            short = sentences.short(asked.matter.loan_id, values, asked.reference)
            choices.append(replace(made, because=f"{asked.step.because}; {timing.because}", short=short))
        if not choices and lack is Lack.TEMPLATE:
            found.missing.update(missing)
        return Proposed(tuple(choices)) if choices else lack

    def _languages(self, asked: _Asked) -> tuple[str, ...]:
        """Those of the person, then the lender's second one; English comes last by itself."""
        return (*asked.languages, *([self.settings.second_language] if self.settings is not None else []))

    def _wanted(self, asked: _Asked, text: tuple[Template, dict[str, Value]], number: tuple[Channel, str, str], band: int | None) -> Wanted:
        template, values = text
        channel, key, to = number
        amount, matter, step = values.get("amount"), asked.matter, asked.step
        intent = Intent(
            intent_id=asked.reference,
            person_id=asked.one.person,
            at=self.at,
            channel=channel,
            purpose=asked.purpose,
            loan_ids=(matter.loan_id,),
            number_key=key,
            offers=False,
            legal_words=template.legal_words,
            amount_paise=amount if isinstance(amount, int) else None,
        )
        # The band is where it begins; late in the day is better than not at all, and the guard holds the hours.
        not_before = self.at if band is None else max(self.at, begin_of(band, self.at))
        priority = _BROKEN_FIRST if matter.sequence == BROKEN else _USUAL
        return Wanted(intent, to, template.name, values, not_before, self.until, priority, f"{matter.sequence}/{step.row.step}")

    def _reference(self, purpose: Purpose, one: Addressee, step: Step) -> str:
        return f"{self._beginning(purpose, one)}{step.row.step}{step.attempt if step.attempt > 1 else ''}-{self._key(purpose, one)}"

    def _beginning(self, purpose: Purpose, one: Addressee) -> str:
        """How the ids of a day's messages to a person begin: the day of the book, or the due date of a reminder, and the purpose."""
        return f"{one.due_on or self.as_of:%Y%m%d}-{purpose}-"

    def _key(self, purpose: Purpose, one: Addressee) -> str:
        """The person by a blind index: gateways are given the id, so it names nobody."""
        return self.vault.number_key(f"message|{purpose}|{one.person}")
