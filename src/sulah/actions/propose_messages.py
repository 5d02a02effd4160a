"""The message that a day proposes to each of some people: the next step of their sequence, by channels and at an hour that suit them.

Texts are registered templates only; one that asks for what planning cannot fill (pick_template.FILLS), or that speaks of law, is not used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from sulah.actions.contact.read_past import pasts_of
from sulah.actions.contact.read_people import numbers_of, standings_of
from sulah.actions.matter import BROKEN, DaysOff, Known, Matter, matters
from sulah.actions.pick_template import in_language, templates_for, values_for
from sulah.actions.queue_message import Wanted
from sulah.actions.reachable_numbers import reachable
from sulah.actions.read_timing import Learned, group_of
from sulah.adapters.book.message_lists import Addressee
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Channels
from sulah.outreach.sequence import Step, next_step
from sulah.outreach.template import Template, TemplateError, Value
from sulah.outreach.timing import Timing, begin_of
from sulah.policy.talk.steps import StepRow, step_rows

WRITTEN = (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL)
"""The channels that planning may use; calls are placed by people and by campaigns of their own."""

_BROKEN_FIRST = 40
_USUAL = 50


class Lack(StrEnum):
    """Why a person gets no message: no step is due, no own number that takes one, no template, values that the template cannot take."""

    NUMBER = "no_number"
    TEMPLATE = "no_template"
    VALUES = "values_do_not_fit"
    STEP = "no_step_due"


@dataclass(frozen=True, slots=True)
class Proposed:
    """One message to one person by the channels that it may go by, first choice first; each says why this step now, and why so."""

    choices: tuple[Wanted, ...]


@dataclass(slots=True)
class Proposals:
    """What some people get: messages, what those lack who get none, and for how many the day's message stands in the outbox already."""

    messages: list[Proposed] = field(default_factory=list)
    lacking: list[Lack] = field(default_factory=list)
    before: int = 0


@dataclass(frozen=True, slots=True)
class Proposer:
    """What the messages of one day are made with.

    as_of: the day of the book.  at, until: from when and before when they make sense; closes: when the hours for all end on that day.
    learned: hours, channels and days of cash.  days_off: by state.  reviewed: languages that a native reader has signed off.
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
    picked: dict[tuple[Channel, str], dict[str, Template]] = field(default_factory=dict)

    @property
    def usable(self) -> tuple[Channel, ...]:
        """The channels that are set up and that planning may use."""
        return tuple(channel for channel in WRITTEN if channel in self.channels)

    def templates(self, channel: Channel, row: StepRow) -> dict[str, Template]:
        """The template of each language for a step on a channel."""
        if (channel, row.rule_id) not in self.picked:
            self.picked[channel, row.rule_id] = templates_for(self.channels[channel], row, self.reviewed)
        return self.picked[channel, row.rule_id]

    def writes(self, sequence: str) -> bool:
        """Is there a template for any step of a sequence?"""
        return any(self.templates(channel, row) for channel in self.usable for row in step_rows().get(sequence, ()))

    def propose(self, purpose: Purpose, people: Sequence[Addressee]) -> Proposals:
        """A message to each of some hundreds of people, and of those who get none what is lacking."""
        ids = [one.person for one in people]
        standings, pasts = standings_of(ids), pasts_of(ids, self.at)
        numbers = numbers_of(standings)
        found = Proposals()
        for one in people:
            said = self._one(purpose, one, Known(standings[one.person], numbers[one.person], pasts[one.person]))
            if isinstance(said, Lack):
                found.lacking.append(said)
            elif said is None:
                found.before += 1
            else:
                found.messages.append(said)
        return found

    def _one(self, purpose: Purpose, one: Addressee, known: Known) -> Proposed | Lack | None:
        """The message, what is lacking, or None where the day's message to the person stands in the outbox."""
        group = group_of(one.product, known.standing.pincode)
        timing = self.learned.timing(one.person, group, known.past.tries(), self.usable, self.at, self.closes)
        for matter in matters(purpose, one, known, timing.channels, today=self.today, as_of=self.as_of, days_off=self.days_off):
            step = next_step(matter.rows, matter.history, self.at)
            if step is not None and step.on == self.today and not self.waits(one, matter, step):
                return self._written(purpose, one, known, matter, step, timing)
            if step is not None:
                break  # what comes first waits for its day: what comes after it does not overtake it
        beginning = self._beginning(purpose, one)
        return None if any(message.reference.startswith(beginning) for message in known.past.written) else Lack.STEP

    @property
    def today(self) -> date:
        """The day in India that is planned."""
        return self.at.astimezone(IST).date()

    def waits(self, one: Addressee, matter: Matter, step: Step) -> str:
        """Why a step that is due waits for a day of cash; empty where it does not.  The first message about a matter never waits."""
        return self.learned.waits(one.product, one.paid_days, step, weekly=one.weekly) if matter.history.sent else ""

    def _written(self, purpose: Purpose, one: Addressee, known: Known, matter: Matter, step: Step, timing: Timing) -> Proposed | Lack:
        """The message by every channel that has a template in the person's language and a number of theirs."""
        lack, choices = Lack.TEMPLATE, list[Wanted]()
        given = self.vault.open(one.person, one.sealed) if one.sealed else {}
        for channel in step.channels:
            languages = (language.lower() for language in (known.past.wish, known.standing.language) if language)
            template = in_language(self.templates(channel, step.row), languages)
            if template is None:
                continue
            number = reachable(self.channels[channel], channel, given, known.numbers, known.past, self.vault, self.today)
            if number is None:
                lack = Lack.NUMBER if lack is Lack.TEMPLATE else lack
                continue
            try:
                values = values_for(template, matter.loan_id, matter.known)
            except TemplateError:
                lack = Lack.VALUES
                continue
            made = self._wanted(purpose, one, matter, step, (template, values), number, timing.bands.get(channel))
            choices.append(replace(made, because=f"{step.because}; {timing.because}"))
        return Proposed(tuple(choices)) if choices else lack

    def _wanted(
        self,
        purpose: Purpose,
        one: Addressee,
        matter: Matter,
        step: Step,
        text: tuple[Template, dict[str, Value]],
        number: tuple[Channel, str, str],
        band: int | None,
    ) -> Wanted:
        template, values = text
        channel, key, to = number
        amount = values.get("amount")
        intent = Intent(
            intent_id=f"{self._beginning(purpose, one)}{step.row.step}{step.attempt if step.attempt > 1 else ''}-{self._key(purpose, one)}",
            person_id=one.person,
            at=self.at,
            channel=channel,
            purpose=purpose,
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

    def _beginning(self, purpose: Purpose, one: Addressee) -> str:
        """How the ids of a day's messages to a person begin: the day of the book, or the due date of a reminder, and the purpose."""
        return f"{one.due_on or self.as_of:%Y%m%d}-{purpose}-"

    def _key(self, purpose: Purpose, one: Addressee) -> str:
        """The person by a blind index: gateways are given the id, so it names nobody."""
        return self.vault.number_key(f"message|{purpose}|{one.person}")
