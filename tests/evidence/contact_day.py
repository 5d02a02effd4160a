"""One whole day of contacts with the village, from six in the morning to nine in the evening, by every channel and all who may contact."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.assign_agent import assign_agent, give_notice
from sulah.actions.contact.engage_agent import engage_agency, engage_agent, file_paper
from sulah.actions.contact.give_override import give_override
from sulah.actions.contact.raise_stop import Struck, raise_stop
from sulah.actions.contact.record_consent import give_consent
from sulah.actions.contact.record_preference import ask_preference
from sulah.actions.contact.reserve_contact import AlreadyReservedError, live_contact, reserve_contact
from sulah.actions.contact.rulebook import digest_of, rulebook_of
from sulah.actions.contact.settle_contact import settle_contact
from sulah.actions.contact.sign_rule import switch_rule
from sulah.actions.contact.take_log import take_log
from sulah.adapters.book.layout import Lender
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import Channel, Place, Purpose, Role, StopEvent
from sulah.kernel.terms import ContactState as S
from sulah.records.contact.standing import Standing
from tests.contact.people import BY
from tests.village.cast import LAST_DAY

DAY = LAST_DAY + timedelta(days=1)
ASHA, USHA = Actor("asha", Role.COMPLIANCE), Actor("usha", Role.SUPERVISOR)
SWITCHED = "PLC-GEN"
"""A draft rule that is switched off at eleven."""
_WAYS = ((S.SENT, S.DELIVERED), (S.AMBIGUOUS,), (S.FAILED,), (S.WITHDRAWN,), (S.CONNECTED,), (S.RINGING, S.NOT_CONNECTED), (S.SENT,), ())
_CHANNELS = (Channel.SMS, Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.CALL, Channel.BOT_CALL, Channel.VISIT, Channel.LETTER)
_PURPOSES = (Purpose.RECOVERY, Purpose.RECOVERY, Purpose.RECOVERY, Purpose.PRE_DUE, Purpose.RECEIPT, Purpose.HARDSHIP_OFFER)


def instant(hour: int, minute: int = 0, days: int = 0) -> datetime:
    """An instant of the day in India."""
    return datetime.combine(DAY + timedelta(days=days), time(hour, minute), IST)


@dataclass
class ContactDay:
    """The lender, the day's people, and chance."""

    lender: Lender
    people: list[Standing]
    chance: Random
    rules: ContactRules

    def live(self) -> None:
        """Two days before it, then the day: every quarter of an hour somebody tries somebody."""
        self.prepare()
        number = 0
        for days in (-2, -1, 0):
            for quarter in range(6 * 4, 21 * 4 + 1):
                at = instant(quarter // 4, quarter % 4 * 15, days)
                if days == 0 and self.happens(quarter, at):
                    self.rules = rulebook_of(self.lender).rules
                for _ in range(3 if days == 0 else 1):
                    number += 1
                    at += timedelta(seconds=self.chance.randrange(1, 200))
                    self.tries(number, at)

    def prepare(self) -> None:
        """An agency with an agent, given to two people; consents and a wish."""
        clock, first = fixed_clock(instant(9, days=-20)), DAY - timedelta(days=90)
        engage_agency("A1", "Vishwas Recovery Services", by=BY, clock=clock)
        engage_agent("A1-7", "Sanjay More", agency_id="A1", by=BY, clock=clock)
        file_paper("A1-7", "certificate", first, last=DAY + timedelta(days=200), reference="IIBF 7", by=BY, clock=clock)
        file_paper("A1-7", "antecedents", first, reference="Police 7", by=BY, clock=clock)
        for standing in self.people[:3]:
            assign_agent(standing.person, agent_id="A1-7", by=BY, clock=clock)
            give_notice(
                standing.person, agent_id="A1-7", channel=Channel.SMS, reference="N", by=BY, clock=fixed_clock(instant(10, days=-20))
            )
        for standing in self.people:
            for channel in (Channel.SMS, Channel.EMAIL, Channel.WHATSAPP):
                give_consent(standing.person, channel, source="form", by=BY, clock=clock)
        ask_preference(self.people[-1].person, first=39_600, last=54_000, by=BY, clock=clock)

    def happens(self, quarter: int, at: datetime) -> bool:
        """What else a day brings: a rule switched off, a complaint, an agency's log that comes in late, a rule lifted."""
        if quarter not in (11 * 4, 13 * 4, 14 * 4, 19 * 4):
            return False
        book, clock = rulebook_of(self.lender), fixed_clock(at)
        if quarter == 11 * 4:
            row = next(row for row in book.whole.tables["contact_rule"] if row.rule_id == SWITCHED)
            switch_rule(row.rule_id, digest_of(row), on=False, reason="The board waits for the text", book=book, by=ASHA, clock=clock)
        elif quarter == 13 * 4:
            raise_stop(StopEvent.COMPLAINT, Struck(person=self.people[1].person), reason="a letter", book=book, by=BY, clock=clock)
        elif quarter == 14 * 4:
            take_log(self.lender, self.log_file(), "A1", by=BY, clock=clock)
        elif quarter == 19 * 4:
            rule = next(rule for rule in book.rules.on(DAY).rules if rule.override_by is Role.SUPERVISOR)
            give_override("lifted-1", self.people[0].person, rule.rule_id, reason="asked for it", rules=book.rules, by=USHA, clock=clock)
            self.asks("lifted-1", self.people[0], Channel.SMS, Purpose.RECOVERY, at + timedelta(seconds=5))
        return True

    def log_file(self) -> Path:
        """Calls that the agency made of its own accord, known only in the afternoon."""
        called = [(instant(12, 20), self.people[0].person), (instant(13, 5), self.people[2].person), (instant(17, days=-1), "V10")]
        rows = [f"C{number},{who},{at:%Y-%m-%d %H:%M:%S},call,out,connected" for number, (at, who) in enumerate(called)]
        path = self.lender.root / "inbox" / "contact.csv"
        path.write_text("\n".join(["contact_id,borrower_id,at,channel,direction,outcome", *rows]) + "\n", "utf-8")
        return path

    def tries(self, number: int, at: datetime) -> None:
        """One try by chance."""
        standing = self.chance.choice(self.people)
        self.asks(f"i-{number}", standing, self.chance.choice(_CHANNELS), self.chance.choice(_PURPOSES), at)

    def asks(self, intent_id: str, standing: Standing, channel: Channel, purpose: Purpose, at: datetime) -> None:
        """Ask the guard, and say afterwards what became of a contact that was permitted."""
        visit = channel is Channel.VISIT
        said: dict[str, Any] = {"loan_ids": tuple(loan["loan_id"] for loan in standing.loans), "offers": False, "legal_words": False}
        said["number_key"] = None if visit or channel is Channel.LETTER else next(iter(standing.numbers), None)
        said |= {"place": Place.BRANCH} if visit else {}
        said |= {"by_hand": True} if channel is Channel.CALL else {}
        said |= {"agent_id": "A1-7", "agency_id": "A1"} if self.chance.random() < 0.3 else {}
        rules = rulebook_of(self.lender).rules
        try:
            reserve_contact(
                Intent(intent_id, standing.person, at, channel, purpose, **said), rules, by=BY, clock=fixed_clock(at), template=True
            )
        except AlreadyReservedError:
            return
        contact = live_contact(intent_id)
        for step, state in enumerate(self.chance.choice(_WAYS) if contact else (), start=1):
            assert contact is not None
            settle_contact(contact.pk, state, evidence="look_up", by=BY, clock=fixed_clock(at + timedelta(seconds=70 * step)))


def live_contacts(lender: Lender, seed: int = 7) -> None:
    """Live the day."""
    ContactDay(lender, list(Standing.objects.order_by("pk")), Random(seed), rulebook_of(lender).rules).live()
