"""A full day with two gateways that fail, and WhatsApp for what they could not deliver: every message is accounted for, and the sums are
those of the providers' own books.

Usual depth: 500 messages; whole: 50,000.  Three workers as processes; hours of simulated time lie between the parts of the day.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

import pytest

from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.sms import Kept
from sulah.kernel.dates import IST, system_clock
from tests.depth import so_many
from tests.outbox.day_gateways import Day, Messenger, Operator, messenger, operators
from tests.outbox.place import Place

pytestmark = pytest.mark.slow
MESSAGES = so_many(50_000, 500)
EACH, MOST, WORKERS, FAULTS = 4, 2, 3, 4
"""Messages a person (three reminders and a receipt), reminders that a day allows, workers, requests of a hundred that meet a fault."""

LASTS, HOUR, MORNING = 5 * 3600, 3600, 8
CHUNK, PARTS, NOBODY = 5_000, 6, 5
"""Messages a call, parts of the day, messages that both gateways refuse."""

LIMITS = {"held_seconds": 2, "attempts": 8, "batch": 20}
_ROWS = (
    "SELECT o.reference, o.state, o.provider, o.provider_reference, o.words, o.purpose, o.person, c.state, c.at "
    "FROM records_outbox o LEFT JOIN records_contact c ON c.id = o.contact_id"
)
ENDS = {"delivered", "undelivered", "failed", "withdrawn", "ambiguous"}


def messages() -> list[list[str]]:
    """Reference, person, loan and purpose of all of them."""
    people = MESSAGES // EACH
    kinds = ("recovery", "recovery", "recovery", "receipt")
    return [[f"d{person}.{n}", f"p{person}", f"LN/{person}/{n}", kinds[n]] for n in range(EACH) for person in range(people)]


@dataclass(slots=True)
class Hours:
    """The day goes on, a part at a time: workers and callbacks side by side."""

    place: Place
    day: Day
    both: tuple[Operator, Operator]
    third: Messenger
    draw: Random
    fell: set[str] = field(default_factory=set)

    def queue(self, some: list[list[str]]) -> None:
        """Put some of the day's messages into the outbox; every tenth telephone is switched off."""
        for digit in (0, 1):
            mine = [each for each in some if (int(each[1][1:]) % 10 == 0) is (digit == 0)]
            for first in range(0, len(mine), CHUNK):
                chunk = mine[first : first + CHUNK]
                made = self.place.run("prepare", messages=chunk, last_digit=digit, lasts=LASTS, offset=self.day.offset)
                assert made == {"made": len(chunk)}

    def work(self, some: Sequence[list[str]] = (), *, all_reports: bool = False) -> None:
        """Queue some messages, and work until nothing is left to do now; meanwhile the reports of what went before come in."""
        self.queue(list(some))
        asked: dict[str, Any] = {"offset": self.day.offset, "limits": LIMITS, "rules": {"most": MOST}}
        told = [(each.name, each.reports(self.draw, all_of_them=all_reports)) for each in self.both]
        theirs = self.third.webhooks(self.draw)
        hands = [self.place.start("work", **asked) for _ in range(WORKERS)]
        for name, bodies in told:
            for first in range(0, len(bodies), CHUNK):
                some = bodies[first : first + CHUNK]
                hands.append(self.place.start("callbacks", bodies=some, threads=4, provider=name, offset=self.day.offset))
        for first in range(0, len(theirs), CHUNK):
            brought = {"bodies": theirs[first : first + CHUNK], "section": "whatsapp", "provider": "meta"}
            hands.append(self.place.start("callbacks", threads=4, offset=self.day.offset, **brought))
        for hand in hands:
            hand.answer()
        self.falls_over()

    def falls_over(self) -> None:
        """Reminders that did not arrive by SMS go once more by WhatsApp, as the next step of a sequence does."""
        which = "channel = 'sms' AND purpose = 'recovery' AND state IN ('undelivered', 'failed')"
        lost = self.place.rows(f"SELECT reference, person FROM records_outbox WHERE {which}")
        fresh = sorted((reference, person) for reference, person in lost if reference not in self.fell)
        self.fell |= {reference for reference, _ in fresh}
        again = [[f"w{reference}", person, f"LN/{reference}", "recovery"] for reference, person in fresh]
        for digit in (5, 0):  # who switched a telephone off has WhatsApp on another, but for a few
            mine = [each for each in again if (int(each[1][1:]) % 50 == 0) is (digit == 0)]
            if mine:
                asked = {"messages": mine, "channel": "whatsapp", "last_digit": digit, "lasts": LASTS, "offset": self.day.offset}
                assert self.place.run("prepare", **asked) == {"made": len(mine)}

    def passes(self, seconds: int = HOUR) -> None:
        """Let time pass; nobody may put it back."""
        self.day.offset += seconds

    @property
    def waiting(self) -> int:
        """Messages that are not at an end."""
        return sum(count for state, count in self.place.states().items() if state not in ENDS)


def test_every_message_of_a_full_day_is_accounted_for(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    day = Day(until_morning())
    with operators(place, day, FAULTS) as (one, two), messenger(place, day, FAULTS) as third:
        hours = Hours(place, day, (one, two), third, Random(1))
        live(hours, one, two)
        with capsys.disabled():
            sys.stderr.write(told(place, one, two, third))
        assert set(place.states()) == ENDS  # each end came about
        assert_accounted_for(place, one, two, third, len(hours.fell))
        assert_caps_hold(place)


def until_morning() -> int:
    """Seconds until the next morning in India, so that the day has the same hours whenever the test is run."""
    now = system_clock().astimezone(IST)
    return int((datetime.combine(now.date() + timedelta(1), time(MORNING), IST) - now).total_seconds())


def live(hours: Hours, one: Operator, two: Operator) -> None:
    """Morning; some that nobody takes; an hour without the first gateway; an account refused, then the other's; the second falls silent
    and is gone for good; evening."""
    parts = [messages()[place::PARTS] for place in range(PARTS)]
    hours.work(parts[0])
    for each in (one, two):
        each.sandbox.faults = Faults(percent=0)
        each.sandbox.faults.ask("refuse", 2 * NOBODY)
    hours.work(parts[1][:NOBODY])
    for seed, each in enumerate((one, two), 2):
        each.sandbox.faults = Faults(seed, FAULTS)
    hours.work(parts[1][NOBODY:])
    one.down()
    hours.work(parts[2])
    hours.passes()
    one.up()
    two.account(good=False)
    hours.work(parts[3])
    hours.passes()
    two.account(good=True)
    one.account(good=False)
    hours.work(parts[4])
    hours.passes(2 * HOUR)
    hours.work(all_reports=True)
    hours.passes()
    two.account(good=False)  # its log does not answer us either, so nobody can tell what became of these three
    two.sandbox.faults.ask("hang", 3)
    hours.work(parts[5], all_reports=True)  # what is lost of the second from here on nobody could look up
    two.down()
    one.account(good=True)
    for _ in range(14):
        hours.passes()
        hours.work(all_reports=True)
        if not hours.waiting:
            break


def told(place: Place, one: Operator, two: Operator, third: Messenger) -> str:
    """The table of the day."""
    lines = ["", f"full day, simulated: {MESSAGES} messages, {WORKERS} workers, two gateways and WhatsApp"]
    lines += [f"  {state:12} {count:6}" for state, count in sorted(place.states().items())]
    lines += [f"  gateway {each.name}: took {len(each.kept)}, reports {dict(sorted(each.troubles.items()))}" for each in (one, two)]
    ends = dict(place.rows("SELECT state, count(*) FROM records_outbox WHERE channel = 'whatsapp' GROUP BY state"))
    lines += [f"  by WhatsApp instead: {dict(sorted(ends.items()))}, platform took {len(third.kept)}, webhooks {dict(third.troubles)}"]
    attempts = place.rows("SELECT sum(attempts), max(attempts) FROM records_outbox")[0]
    outcomes = dict(place.rows("SELECT outcome, count(*) FROM records_inbox GROUP BY outcome"))
    refused = place.rows("SELECT why, sum(count) FROM records_inboxrefused GROUP BY why")
    contacts = dict(sorted(place.contacts().items()))
    lines += [
        f"  hand-overs {attempts[0]}, most for one message {attempts[1]}; contacts {contacts}",
        f"  inbox {outcomes}, turned away {refused}",
    ]
    return "\n".join(lines) + "\n"


def assert_accounted_for(place: Place, one: Operator, two: Operator, third: Messenger, fell: int) -> None:
    """Each message has an end, and the providers' books say the same of it; nobody got one twice."""
    rows = {row[0]: row[1:] for row in place.rows(_ROWS)}
    assert len(rows) == len(messages()) + fell
    assert fell > 0
    books = [(each.name, kept) for each in (one, two) for kept in each.kept]
    books += [("meta", Kept(kept.id, kept.asked.reference, kept.asked.to, "", "", kept.at)) for kept in third.kept]
    twice = {reference for reference, count in Counter(kept.reference for _, kept in books).items() if count > 1}
    assert {rows[reference][0] for reference in twice} <= {"ambiguous"}
    took = {kept.reference: (name, kept) for name, kept in books}
    for reference, (state, provider, theirs, words, _, _, contact, _) in rows.items():
        if state in ("delivered", "undelivered"):
            name, kept = took[reference]
            assert (provider, theirs, state == "delivered") == (name, kept.request_id, kept.delivered), reference
            assert contact == ("delivered" if kept.delivered else contact)
        elif state == "ambiguous":
            assert (contact, bool(words)) == ("ambiguous", True), reference
        else:
            assert reference not in took, (reference, state)
            assert words, reference
    assert set(took) == {reference for reference, row in rows.items() if row[0] in ("delivered", "undelivered")} | (
        {reference for reference, row in rows.items() if row[0] == "ambiguous"} & set(took)
    )
    assert place.rows("SELECT count(*) FROM records_inbox WHERE processed_at IS NULL") == [(0,)]


def assert_caps_hold(place: Place) -> None:
    """No person was asked more often on a day than the cap allows, whatever was counted; and one contact stands for each message."""
    counted: Counter[tuple[str, str]] = Counter()
    for person, purpose, at in place.rows("SELECT person, purpose, at FROM records_contact WHERE state NOT IN ('failed', 'withdrawn')"):
        if purpose == "recovery":
            counted[person, str(datetime.fromisoformat(f"{at}+00:00").astimezone(IST).date())] += 1
    assert counted
    assert max(counted.values()) <= MOST
    standing = place.rows(
        "SELECT intent, count(*) FROM records_contact WHERE state NOT IN ('failed', 'withdrawn') GROUP BY intent HAVING count(*) > 1"
    )
    assert standing == []
