"""Learn what numbers are good for from what happened on them, find those that are nobody's own, and ask people to find new ones.

A mark is written only where the standing changes.  What a person said of a number (wrong, somebody else's) the machine never takes back.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Count

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.actions.contact.mark_number import mark_number
from sulah.actions.contact.read_past import Past, pasts_of
from sulah.actions.contact.read_people import numbers_of, standings_of
from sulah.actions.reachable_numbers import usable
from sulah.actions.talk.open_task import open_task
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.standings import EMAIL
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.phones import one_way
from sulah.guard.facts import Number, Standing, Whose
from sulah.kernel.dates import IST, Clock
from sulah.kernel.terms import Role
from sulah.outreach.numbers import view_of
from sulah.policy.talk.steps import learned_by
from sulah.records.audit import write_audit
from sulah.records.contact.contact import Contact
from sulah.records.contact.heard import Heard
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing as Person
from sulah.records.contact.task import PersonNumber, Task
from sulah.records.workitem import WorkItem

SOURCE = "learned"
STAFF = "staff_number"
FIND = "find_number"
NO_NUMBER = "no_usable_number"
_AT_ONCE = 500


class NumberFinding(StrEnum):
    """What was found: a number of staff on a borrower, one of several people, a standing that changed, a person without any number."""

    STAFF = "staff_number"
    SHARED = "shared_number"
    CHANGED = "standing_changed"
    NO_NUMBER = "no_usable_number"


def learn_numbers(lender: Lender, *, since: datetime | None, by: Actor, clock: Clock) -> Counter[NumberFinding]:
    """Learn from what happened since an instant (None: the whole window); how much of each was found.  Again, it writes nothing new.

    Staff numbers are those of [load] staff_phones in lender.toml, by which the quality of the extract is judged, too.
    """
    hold_role(by, {Role.ADMINISTRATOR}, "learn from what happened on numbers")
    hold_whole_lender(by, "learn from what happened on numbers")
    now = clock()
    found: Counter[NumberFinding] = Counter()
    found[NumberFinding.STAFF] = _staff(staff_keys(lender), by, clock)
    found[NumberFinding.SHARED] = len(shared_keys())
    first = now - timedelta(days=learned_by("window_days"))
    for people in _batches(_touched(max(since, first) if since else first)):
        found[NumberFinding.CHANGED] += _standings(people, now, by, clock)
    for people in _batches(_to_be_reached()):
        found[NumberFinding.NO_NUMBER] += _without(people, by, clock)
    write_audit(at=now, actor=by.name, act="numbers.learn", subject="numbers", after={kind.value: found[kind] for kind in NumberFinding})
    return found


def staff_keys(lender: Lender) -> frozenset[str]:
    """The blind indexes of the numbers of the lender's own people, as lender.toml lists them."""
    load = lender.settings.get("load", {})
    listed = load.get("staff_phones", ()) if isinstance(load, Mapping) else ()
    if not listed:
        return frozenset()
    vault = Vault(lender)
    return frozenset(vault.number_key(one_way(str(number))) for number in listed)


def shared_keys() -> dict[str, int]:
    """The numbers that several people have on file, with how many."""
    rows = PersonNumber.objects.values("number_key").annotate(people=Count("person")).filter(people__gt=1).order_by("number_key")
    return {row["number_key"]: row["people"] for row in rows}


def _staff(keys: Collection[str], by: Actor, clock: Clock) -> int:
    """Mark a staff member's number on a borrower as what it is, once: nobody is written to there."""
    pairs = list(PersonNumber.objects.filter(number_key__in=list(keys)).order_by("person").values_list("person", "number_key"))
    known = numbers_of(standings_of([person for person, _ in pairs]))
    fresh = [(person, key) for person, key in pairs if (number := known[person].get(key)) is None or number.whose is not Whose.STAFF]
    for person, key in fresh:
        mark_number(person, key, whose="staff", source=STAFF, by=by, clock=clock)
    return len(fresh)


def _touched(since: datetime) -> Iterator[str]:
    """The people with whom something happened since then, in order."""
    written = Outbox.objects.filter(changed_at__gte=since, handed_at__isnull=False).order_by().values_list("person")
    heard = Heard.objects.filter(received_at__gte=since).exclude(person="").order_by().values_list("person")
    called = Contact.objects.filter(state_at__gte=since).order_by().values_list("person")
    marked = NumberStanding.objects.filter(recorded_at__gte=since).exclude(source=SOURCE).order_by().values_list("person")
    for (person,) in written.union(heard, called, marked).order_by("person").iterator(2_000):
        yield person


def _standings(people: Sequence[str], now: datetime, by: Actor, clock: Clock) -> int:
    """Mark the numbers of some people whose standing is another than is known; how many."""
    today, known, pasts = now.astimezone(IST).date(), numbers_of(standings_of(people)), pasts_of(people, now)
    changed = 0
    for person in people:
        for key, number in sorted(known[person].items()):
            learned = _learned(number, key, pasts[person], today)
            if learned:
                mark_number(person, key, standing=learned, source=SOURCE, by=by, clock=clock)
                changed += 1
    return changed


def _learned(number: Number, key: str, past: Past, today: date) -> str:
    """The standing to be marked; empty where nothing happened on the number, nothing changes, or a person has said otherwise."""
    seen = past.seen(key)
    if not seen or number.standing is Standing.WRONG or number.whose not in (Whose.OWN, None):
        return ""
    learned = view_of(seen, today, number.standing.value).standing
    return "" if learned in ("wrong", number.standing.value) else learned


def _to_be_reached() -> Iterator[str]:
    """The people of the open worklist whom nothing holds, in order."""
    rows = WorkItem.objects.filter(closed_on=None, hold_reason="").order_by("borrower_id").values_list("borrower_id", flat=True)
    yield from rows.iterator(2_000)


def _without(people: Sequence[str], by: Actor, clock: Clock) -> int:
    """Open a task to find a number for those of some people who have none that can be used; how many are without one."""
    standings = standings_of(people)
    known = numbers_of(standings)
    without = [one for one in people if not any(usable(known[one][key]) for key in known[one] if not _is_address(standings[one], key))]
    asked = set(Task.objects.filter(kind=FIND, person__in=without, closed_at=None).values_list("person", flat=True))
    for person in without:
        if person not in asked:
            open_task(FIND, person, about=NO_NUMBER, by=by, clock=clock)
    return len(without)


def _is_address(standing: Person, key: str) -> bool:
    """Is it an e-mail address, by which nobody can be called?"""
    return EMAIL in standing.numbers.get(key, [])[2:]


def _batches(people: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for person in people:
        batch.append(person)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
