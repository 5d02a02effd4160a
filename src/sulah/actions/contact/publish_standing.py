"""Publish what a committed day says of each person, differences only, for the guard to ask; and lift the stops that the book lifts.

It goes in batches, each a transaction of its own: a send that is decided meanwhile sees a person as before or as after, never half.
The day counts as published only with the last transaction; a publication that was killed is taken up again by the next.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time

from django.db import transaction

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.actions.contact.number_owners import put_numbers
from sulah.actions.contact.raise_stop import subject_of_stop, told_of_stop
from sulah.actions.read_stops import barred_by
from sulah.actions.withdraw_covered import withdraw_covered
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import sole_publisher
from sulah.adapters.book.reader import Day
from sulah.adapters.book.standings import PersonOfBook, Standings, TypeOf
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.phones import one_way
from sulah.guard.rule import StopRow
from sulah.guard.rules import ContactRules, RulesInForce
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Party, Role, StopScope
from sulah.kernel.terms import StopEvent as StopKind
from sulah.records.audit import write_audit
from sulah.records.contact.standing import Standing, StandingBook
from sulah.records.contact.stop import StopEvent
from sulah.records.dayrun import DayRun

register("standing.begun", "standing.batch_written", "standing.before_commit", "standing.after_commit")

_FIELDS = (
    "household",
    "pincode",
    "state",
    "language",
    "centre_id",
    "deceased_on",
    "loans",
    "numbers",
    "branches",
    "digest",
    "as_of",
    "seal",
)
_KNOWN_AT_ONCE = 20_000
_GONE_AT_ONCE = 2_000
BOOK = "book"
"""lifted_by of a stop that the next book lifts."""


class StandingRefusedError(Refusal):
    """The day cannot be published; the words say why."""


@dataclass(frozen=True, slots=True)
class PublishedStandings:
    """What was published: people of the day, of whom something changed, gone since the last, and stops that the book lifted."""

    people: int
    changed: int
    gone: int
    lifted: int


def publish_standing(lender: Lender, run: DayRun, rules: ContactRules, *, by: Actor, clock: Clock) -> PublishedStandings:
    """Publish a committed day; the same day again changes nothing.  StandingRefusedError for a day before the last published one.

    A death that the book has stops contact as if somebody had told us of it, once for each date of death.
    """
    hold_role(by, {Role.ADMINISTRATOR}, "publish a day")
    hold_whole_lender(by, "publish a day")
    last = StandingBook.objects.order_by("-id").first()
    if last is not None and last.as_of > run.as_of:
        raise StandingRefusedError(
            f"People stand as on {day_text(last.as_of)}; {day_text(run.as_of)} lies before that and is not published."
        )
    reach("standing.begun")
    in_force = rules.on(run.as_of)
    died = [row.stop for row in in_force.rules if row.stop is not None and row.stop.event is StopKind.DEATH]
    with Day(run, lender) as day:
        found = Standings(day, _type_of(in_force), _known(), Vault(lender), one_way)
        for people in found.rows():
            _put(people, run.as_of, died, rules, by, clock)
        _take_away(found.gone(), run.as_of)
        done = _finish(found, run, in_force, by, clock)
    reach("standing.after_commit")
    return done


def publish_due(lender: Lender, rules: ContactRules, *, by: Actor, clock: Clock) -> PublishedStandings | None:
    """Publish the last committed day if it is not published yet; None when it is, or when there is none; BusyError while another does."""
    if unpublished() is None:
        return None
    with sole_publisher(lender):
        run = unpublished()  # the one that published meanwhile may have been another
        if run is None:
            return None
        return publish_standing(lender, run, rules, by=by, clock=clock)


def unpublished() -> DayRun | None:
    """The last committed day where people do not stand as it says."""
    run = DayRun.objects.order_by("-as_of").first()
    last = StandingBook.objects.order_by("-id").first()
    return None if run is None or (last is not None and (last.as_of, last.run_path) == (run.as_of, run.path)) else run


def _known() -> Iterator[list[tuple[str, str]]]:
    """The people published, with their digests, in batches."""
    rows = Standing.objects.exclude(digest="").order_by().values_list("person", "digest").iterator(_KNOWN_AT_ONCE)
    batch: list[tuple[str, str]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _KNOWN_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _type_of(in_force: RulesInForce) -> TypeOf:
    def type_of(product: str, secured: bool | None, income_paise: int | None) -> str | None:
        return in_force.loan_type_of(product, secured=secured, household_income_paise=income_paise)

    return type_of


def _put(people: list[PersonOfBook], as_of: date, died: list[StopRow], rules: ContactRules, by: Actor, clock: Clock) -> None:
    rows = [Standing(as_of=as_of, **{name: getattr(one, name) for name in PersonOfBook.__slots__}) for one in people]
    with transaction.atomic():
        Standing.objects.bulk_create(rows, update_conflicts=True, unique_fields=["person"], update_fields=_FIELDS, batch_size=500)
        now = clock()
        _raise([stop for one in people if one.deceased_on for row in died for stop in _stops_of_death(one, row, by, now)], rules, by, now)
        put_numbers([(key, one.person) for one in people for key in one.numbers])
        reach("standing.batch_written")


def _raise(stops: list[StopEvent], rules: ContactRules, by: Actor, now: datetime) -> None:
    """Put the stops that are not there yet for that cause, withdraw what waits, and write each down, as if somebody had told of it."""
    asked = {(stop.event, stop.scope, stop.key, stop.cause): stop for stop in stops}
    found = StopEvent.objects.filter(key__in={stop.key for stop in stops}, event__in={stop.event for stop in stops})
    for known in found.values_list("event", "scope", "key", "cause"):
        asked.pop(known, None)
    for stop in asked.values():
        stop.save()
        withdraw_covered(stop, barred_by(rules, stop, now), now)
        write_audit(at=now, actor=by.name, act="stop.raise", subject=subject_of_stop(stop), after=told_of_stop(stop))


def _stops_of_death(one: PersonOfBook, row: StopRow, by: Actor, now: datetime) -> Iterator[StopEvent]:
    """The stops of a death on the book: of the person, and of the loans that were theirs to pay, as a surety's are too."""
    parties = {loan["loan_id"]: loan["parties"].get(one.person) for loan in one.loans}
    own = [loan_id for loan_id, party in parties.items() if party and Party(party).owes]
    keys = {StopScope.PERSON: [one.person], StopScope.LOAN: own}.get(row.scope, [])
    since = datetime.combine(one.deceased_on or now.date(), time.min, IST)
    for key in keys:
        yield StopEvent(
            event=row.event.value,
            scope=row.scope.value,
            key=key,
            person=one.person,
            since=since,
            reason="death on the book",
            cause=f"book:{one.deceased_on}",
            taken_at=now,
            raised_by=by.name,
        )


def _take_away(gone: list[str], as_of: date) -> None:
    """Who is on the book no longer has no loan to be contacted about; the row stays, as the lock and for the history of contacts."""
    for start in range(0, len(gone), _GONE_AT_ONCE):
        rows = [Standing(person=person, as_of=as_of) for person in gone[start : start + _GONE_AT_ONCE]]
        with transaction.atomic():
            Standing.objects.bulk_create(rows, update_conflicts=True, unique_fields=["person"], update_fields=_FIELDS, batch_size=500)


def _finish(found: Standings, run: DayRun, in_force: RulesInForce, by: Actor, clock: Clock) -> PublishedStandings:
    with transaction.atomic():
        now = clock()
        lifted = _lift_by_book(run, in_force, by, now)
        done = PublishedStandings(found.people, found.changed, found.gone_count, lifted)
        StandingBook.objects.create(as_of=run.as_of, run_path=run.path, counts=asdict(done), published_at=now, published_by=by.name)
        write_audit(at=now, actor=by.name, act="standing.publish", subject=f"day:{run.as_of}", after={"path": run.path, **asdict(done)})
        reach("standing.before_commit")
    return done


def _lift_by_book(run: DayRun, in_force: RulesInForce, by: Actor, now: datetime) -> int:
    """Lift the stops that the book answers (a payment that it now has): raised before the end of the day that its extract speaks of.

    A day that stands on an older extract lifts nothing that the extract cannot know.
    """
    rows = [rule.stop for rule in in_force.rules if rule.stop is not None and rule.stop.lifted_by == BOOK]
    known_until = datetime.combine(min(run.as_of, run.load.as_of), time.max, IST)
    reason = f"the book of {day_text(run.as_of)}"
    lifted = 0
    for row in rows:
        stops = StopEvent.objects.select_for_update().filter(
            event=row.event.value, scope=row.scope.value, lifted_at=None, since__lte=known_until, taken_at__lte=known_until
        )
        for stop in stops:
            before = told_of_stop(stop)
            stop.lifted_at, stop.lifted_by, stop.lift_reason = now, BOOK, reason
            stop.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
            write_audit(at=now, actor=by.name, act="stop.lift", subject=subject_of_stop(stop), before=before, after={"reason": reason})
            lifted += 1
    return lifted
