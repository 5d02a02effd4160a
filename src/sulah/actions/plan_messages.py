"""Plan the messages of the last published day: propose, ask the guard's set-based twin, and put what it permits into the outbox.

Nothing is sent here.  What was refused is not queued; what was queued is decided by the guard again when a worker sends it.  It goes in
slices: one that was killed leaves whole batches in the outbox, and the next run goes on, because a day proposes the same ids.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sulah.actions.contact.actor import CONDUCT, Actor, hold_role, hold_whole_lender
from sulah.actions.contact.plan_contacts import next_opening, plan_contacts
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.contact.snapshot import PEOPLE_AT_ONCE
from sulah.actions.propose_messages import Lack, Proposer
from sulah.actions.queue_message import Wanted, queue_messages
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.message_lists import MessageList, overdue_people, people_due_soon
from sulah.adapters.book.reader import Day
from sulah.adapters.book.vault import Vault
from sulah.guard.case import ist_instant, ist_ordinal
from sulah.guard.rule import Predicate
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Purpose, Role
from sulah.outreach.configured import Channels
from sulah.records.audit import write_audit
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import StandingBook
from sulah.records.dayrun import DayRun

SLICE = 10_000
"""People whose messages are planned together, so that memory does not grow with the book."""

BATCH = 200
"""Messages that one transaction queues."""

Tell = Callable[[str, int, int], None]


class PlanRefusedError(Refusal):
    """No day can be planned; the words say what to do first."""


@dataclass(slots=True)
class Tally:
    """What became of the people of one purpose: people = lacks + queued_before + refused + permitted.

    queued_before: their message stands in the outbox already, whatever became of it.  queued: of those permitted now.
    """

    people: int = 0
    lacks: Counter[Lack] = field(default_factory=Counter)
    queued_before: int = 0
    refused: int = 0
    permitted: int = 0
    queued: int = 0

    @property
    def proposed(self) -> int:
        """Messages that could be written."""
        return self.people - self.lacks.total()


@dataclass(slots=True)
class DayPlan:
    """The plan of a day: for which instant it asked, until when its messages may go, and how it ended by purpose and by refusing rule."""

    as_of: date
    at: datetime
    until: datetime
    tallies: dict[Purpose, Tally] = field(default_factory=dict)
    refused_by: Counter[str] = field(default_factory=Counter)


def plan_messages(
    lender: Lender, channels: Channels, book: Rulebook, *, queue: bool, by: Actor, clock: Clock, tell: Tell = lambda *_: None
) -> DayPlan:
    """Plan the last published day's messages and, if asked, queue those permitted; PlanRefusedError where no day is published.

    One SMS for recovery to everybody on the worklist whose stage row says `digital`, over the loan that leads; one reminder to who has a
    due date in the days that the rule of `due_soon` gives, where a template for it is registered.  Asked is what would be lawful at the
    next opening of the hours for all, or now.  The numbers are opened to do this, so one entry of the audit trail names the plan.
    """
    hold_role(by, CONDUCT | {Role.ADMINISTRATOR}, "plan a day's messages")
    hold_whole_lender(by, "plan a day's messages")
    run = _published()
    now = clock()
    at = next_opening(book.rules, now, [(Channel.SMS, Purpose.RECOVERY), (Channel.SMS, Purpose.PRE_DUE)])
    proposer = Proposer(channels, Vault(lender), run.as_of, at, ist_instant(ist_ordinal(at) + 1))
    plan = DayPlan(run.as_of, at, proposer.until)
    with Day(run, lender) as day:
        for purpose, listed in _lists(day, book, proposer):
            tally = plan.tallies[purpose] = Tally(people=listed.count)
            for wanted in _slices(proposer, purpose, listed, tally, tell):
                permitted = _permitted(book, plan, tally, wanted)
                if queue:
                    _queue(permitted, channels, proposer.vault, tally, by, clock)
    after = {"queue": queue, "at": at.isoformat(), "refused_by": dict(sorted(plan.refused_by.items())), **_counts(plan)}
    write_audit(at=clock(), actor=by.name, act="message.plan", subject=f"day:{run.as_of}", after=after)
    return plan


def _published() -> DayRun:
    last = StandingBook.objects.order_by("-id").first()
    if last is None:
        raise PlanRefusedError("No day is published yet. Run a day (sulah day --as-of DATE); `sulah work` publishes it.")
    run = DayRun.objects.filter(as_of=last.as_of, path=last.run_path).select_related("load").first()
    if run is None:
        raise PlanRefusedError(f"The day of {day_text(last.as_of)} was run again since it was published. `sulah work` publishes it.")
    return run


def _lists(day: Day, book: Rulebook, proposer: Proposer) -> Iterator[tuple[Purpose, MessageList]]:
    """Who is to be written to, by purpose; reminders only where a template for them is registered and a rule says how far ahead."""
    yield Purpose.RECOVERY, overdue_people(day)
    today = proposer.at.astimezone(IST).date()
    rules = book.rules.on(today).about(Channel.SMS, Purpose.PRE_DUE)
    ahead = min((rule.days for rule in rules if rule.predicate is Predicate.DUE_SOON), default=0)
    if ahead and proposer.templates(Purpose.PRE_DUE):
        yield Purpose.PRE_DUE, people_due_soon(day, today, today + timedelta(days=ahead))


def _slices(proposer: Proposer, purpose: Purpose, listed: MessageList, tally: Tally, tell: Tell) -> Iterator[list[Wanted]]:
    """The messages of some thousands of people at a time; those that lack something are counted."""
    wanted: list[Wanted] = []
    done = 0
    for people in listed.batches(PEOPLE_AT_ONCE):
        tell(f"planning {purpose.value}", done, listed.count)
        some, lacking = proposer.propose(purpose, people)
        wanted += some
        tally.lacks.update(lacking)
        done += len(people)
        if len(wanted) >= SLICE:
            yield wanted
            wanted = []
    yield wanted
    tell(f"planning {purpose.value}", listed.count, listed.count)


def _permitted(book: Rulebook, plan: DayPlan, tally: Tally, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Those that are not in the outbox yet and that the guard would permit; all others are counted."""
    known: set[str] = set()
    for start in range(0, len(wanted), PEOPLE_AT_ONCE):
        some = [one.intent.intent_id for one in wanted[start : start + PEOPLE_AT_ONCE]]
        known |= set(Outbox.objects.filter(reference__in=some).values_list("reference", flat=True))
    fresh = [one for one in wanted if one.intent.intent_id not in known]
    planned = plan_contacts(book, plan.at, [one.intent for one in fresh], template=True)
    permitted = [one for one, said in zip(fresh, planned, strict=True) if said.permitted]
    plan.refused_by.update(rule_id for said in planned for rule_id in said.refusing)
    tally.queued_before += len(wanted) - len(fresh)
    tally.permitted += len(permitted)
    tally.refused += len(fresh) - len(permitted)
    return permitted


def _queue(permitted: Sequence[Wanted], channels: Channels, vault: Vault, tally: Tally, by: Actor, clock: Clock) -> None:
    for start in range(0, len(permitted), BATCH):
        rows = queue_messages(permitted[start : start + BATCH], channels=channels, vault=vault, actor=by.name, clock=clock)
        tally.queued += sum(new for _, new in rows)


def _counts(plan: DayPlan) -> dict[str, dict[str, int]]:
    return {purpose.value: told(tally) for purpose, tally in plan.tallies.items()}


def told(tally: Tally) -> dict[str, int]:
    """A tally as plain numbers."""
    return {
        "people": tally.people,
        **{lack.value: tally.lacks[lack] for lack in Lack},
        "proposed": tally.proposed,
        "queued_before": tally.queued_before,
        "refused": tally.refused,
        "permitted": tally.permitted,
        "queued": tally.queued,
    }
