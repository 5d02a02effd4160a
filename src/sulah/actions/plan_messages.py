"""Plan the messages of the last published day: propose, ask the guard's set-based twin, and put what it permits into the outbox.

Nothing is sent here.  What was refused is not queued; what was queued is decided by the guard again when a worker sends it.  It goes in
slices: one that was killed leaves whole batches in the outbox, and the next run goes on, because a day proposes the same ids.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sulah.actions.contact.actor import CONDUCT, Actor, hold_role, hold_whole_lender
from sulah.actions.contact.plan_contacts import closing, next_opening, plan_contacts
from sulah.actions.contact.review_language import reviewed_languages
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.contact.snapshot import PEOPLE_AT_ONCE
from sulah.actions.log.make_receipts import newest_footer
from sulah.actions.matter import BROKEN, days_off
from sulah.actions.pick_template import MissingText
from sulah.actions.propose_messages import WRITTEN, Lack, Proposed, Proposer
from sulah.actions.queue_message import Wanted, queue_messages
from sulah.actions.read_timing import learned_of
from sulah.actions.sentences import settings_of
from sulah.actions.stopped_texts import StoppedText, stopped_texts, without_stopped
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.message_lists import Asked, MessageList, overdue_people, people_due_soon, people_who_promised
from sulah.adapters.book.reader import Day
from sulah.adapters.book.vault import Vault
from sulah.guard.case import ist_instant, ist_ordinal
from sulah.guard.rule import Predicate
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Purpose, Role
from sulah.outreach.configured import Channels
from sulah.policy.talk.steps import step_rows
from sulah.records.audit import write_audit
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import StandingBook
from sulah.records.dayrun import DayRun

SLICE = 10_000
"""People whose messages are planned together, so that memory does not grow with the book."""

BATCH = 200
"""Messages that one transaction queues."""

REMINDERS = ("pre_due", "promise")
"""Sequences that are planned only where some text of theirs may go: a lender need not remind."""

_WEEKEND = 7

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
    """The plan of a day: for which instant it asked, until when its messages may go, and how it ended by purpose and by refusing rule.

    silent = tuple(name for name in REMINDERS if not proposer.writes(name))
    plan = DayPlan(run.as_of, at, until, stopped=tuple(stopped), silent=silent)
    """

    as_of: date
    at: datetime
    until: datetime
    tallies: dict[Purpose, Tally] = field(default_factory=dict)
    refused_by: Counter[str] = field(default_factory=Counter)
    stopped: tuple[StoppedText, ...] = ()
    missing: Counter[MissingText] = field(default_factory=Counter)
    silent: tuple[str, ...] = ()


def plan_messages(
    lender: Lender, channels: Channels, book: Rulebook, *, queue: bool, by: Actor, clock: Clock, tell: Tell = lambda *_: None
) -> DayPlan:
    """Plan the last published day's messages and, if asked, queue those permitted; PlanRefusedError where no day is published.

    To everybody on the worklist whose stage row says `digital` the next step of their sequence over the loan that leads, and to who did
    not keep a promise what follows from that; a reminder to who has a due date in the days that the rule of `due_soon` gives, and to who
    promised to pay tomorrow, where a template for it is registered.  Asked is what would be lawful at the next opening of the hours for
    all, or now, by the first channel that the guard permits.  The numbers are opened to do this, so an audit entry names the plan.
    """
    hold_role(by, CONDUCT | {Role.ADMINISTRATOR}, "plan a day's messages")
    hold_whole_lender(by, "plan a day's messages")
    run = _published()
    stopped = stopped_texts(channels)
    channels = without_stopped(channels, stopped)
    asked = [(channel, purpose) for channel in WRITTEN if channel in channels for purpose in (Purpose.RECOVERY, Purpose.PRE_DUE)]
    at = next_opening(book.rules, clock(), asked)
    until = ist_instant(ist_ordinal(at) + 1)
    with Day(run, lender) as day:
        today = at.astimezone(IST).date()
        learned, closes = learned_of(channels, today, day), closing(book.rules, at, asked)
        reviewed, settings = reviewed_languages(), settings_of(lender)
        known = (learned, days_off(today), reviewed, settings, newest_footer(lender))
        proposer = Proposer(channels, Vault(lender), run.as_of, at, until, closes, *known)
        silent = tuple(name for name in REMINDERS if not proposer.writes(name))
        plan = DayPlan(run.as_of, at, until, stopped=tuple(stopped), silent=silent)
        for purpose, listed in _lists(day, book, proposer):
            tally = plan.tallies[purpose] = Tally(people=listed.count)
            for proposed in _slices(proposer, purpose, listed, tally, plan.missing, tell):
                permitted = _permitted(book, plan, tally, proposed)
                if queue:
                    _queue(permitted, channels, proposer.vault, tally, by, clock)
    lacking = {f"{one.text} {one.channel} {one.language} {' '.join(one.sentences)}".strip(): n for one, n in plan.missing.items()}
    refused = dict(sorted(plan.refused_by.items()))
    after = {"queue": queue, "at": at.isoformat(), "refused_by": refused, "texts_missing": dict(sorted(lacking.items())), **_counts(plan)}
    after |= {"stopped": sorted(one.template for one in stopped)} if stopped else {}
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
    today = proposer.today
    yield Purpose.RECOVERY, overdue_people(day, _broken(today))
    rules = [rule for channel in proposer.usable for rule in book.rules.on(today).about(channel, Purpose.PRE_DUE)]
    ahead = min((rule.days for rule in rules if rule.predicate is Predicate.DUE_SOON), default=0)
    if ahead and proposer.writes("pre_due"):
        yield Purpose.PRE_DUE, people_due_soon(day, today, today + timedelta(days=ahead))
    if proposer.writes("promise") and (promised := _promised(today)):
        yield Purpose.PROMISE_NOTE, people_who_promised(day, promised)


def _broken(today: date) -> list[Asked]:
    """Who did not keep a promise as long ago as its steps last, and has not promised again."""
    lasts = max(row.days + row.lasts_days for row in step_rows()[BROKEN]) + _WEEKEND
    since = today - timedelta(days=lasts)
    rows = Promise.objects.filter(due_on__gte=since, due_on__lt=today, state__in=("broken", "part_kept")).order_by("person")
    return [Asked(person) for person in rows.values_list("person", flat=True).distinct()]


def _promised(today: date) -> list[Asked]:
    """The open promises whose eve is today."""
    eves = [today - timedelta(days=row.days) for row in step_rows()["promise"]]
    rows = Promise.objects.filter(state="open", due_on__in=eves).order_by("person", "id")
    return [Asked(*row) for row in rows.values_list("person", "loan_id", "due_on", "amount_paise")]


def _slices(
    proposer: Proposer, purpose: Purpose, listed: MessageList, tally: Tally, missing: Counter[MissingText], tell: Tell
) -> Iterator[list[Proposed]]:
    """The messages of some thousands of people at a time; those that lack something are counted."""
    proposed: list[Proposed] = []
    done = 0
    for people in listed.batches(PEOPLE_AT_ONCE):
        tell(f"planning {purpose.value}", done, listed.count)
        found = proposer.propose(purpose, people)
        proposed += found.messages
        tally.lacks.update(found.lacking)
        tally.queued_before += found.before
        missing.update(found.missing)
        done += len(people)
        if len(proposed) >= SLICE:
            yield proposed
            proposed = []
    yield proposed
    tell(f"planning {purpose.value}", listed.count, listed.count)


def _permitted(book: Rulebook, plan: DayPlan, tally: Tally, proposed: Sequence[Proposed]) -> list[Wanted]:
    """Those not in the outbox yet that the guard would permit, each by the first channel that it permits; all others are counted.

    Where it permits none, the rules that refuse the first choice are named.
    """
    known: set[str] = set()
    for start in range(0, len(proposed), PEOPLE_AT_ONCE):
        some = [one.choices[0].intent.intent_id for one in proposed[start : start + PEOPLE_AT_ONCE]]
        known |= set(Outbox.objects.filter(reference__in=some).values_list("reference", flat=True))
    fresh = [one for one in proposed if one.choices[0].intent.intent_id not in known]
    chosen: dict[int, Wanted] = {}
    refusing: dict[int, tuple[str, ...]] = {}
    left, choice = list(range(len(fresh))), 0
    while left:
        asked = [fresh[place].choices[choice] for place in left]
        said = plan_contacts(book, plan.at, [one.intent for one in asked], template=True)
        for place, wanted, answer in zip(left, asked, said, strict=True):
            if answer.permitted:
                chosen[place] = wanted
            refusing.setdefault(place, answer.refusing)
        choice += 1
        left = [place for place in left if place not in chosen and len(fresh[place].choices) > choice]
    plan.refused_by.update(rule_id for place, rules in refusing.items() if place not in chosen for rule_id in rules)
    tally.queued_before += len(proposed) - len(fresh)
    tally.permitted += len(chosen)
    tally.refused += len(fresh) - len(chosen)
    return [chosen[place] for place in sorted(chosen)]


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
