"""One look at the inbox: fetch what is new, load what has arrived whole as the command line would, file it away, raise alarms.

Killed anywhere, the next look goes on: a load that was recorded is found again by its content, a filing that was noted is ended.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import NoReturn

from django.db import close_old_connections

from sulah.actions.fetch_extract import fetch_extracts
from sulah.actions.load_book import latest_accepted
from sulah.actions.load_extract import LoadOutcome, load_extract
from sulah.actions.load_supplement import is_supplement, load_supplement
from sulah.actions.record_alarm import raise_missing, words_of_alarm
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import held
from sulah.adapters.lms.inbox import Batch, Seen, Snapshot, batches_of, clear_laid_out, laid_out, unchanged, waits_for, watch_folder
from sulah.adapters.lms.inbox_filing import file_away, file_on, finish_filing, held_in, numbered
from sulah.adapters.lms.inbox_settings import InboxSource, Watch
from sulah.adapters.lms.mapping_file import mapping_for
from sulah.intake.mapping import MappingError
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import LoadState
from sulah.records.dayrun import DayRun
from sulah.records.load import Load

register("watch.look", "watch.whole", "watch.loaded", "watch.before_day")

_FILED = {LoadState.ACCEPTED: "done", LoadState.HELD: "held", LoadState.REJECTED: "refused", LoadState.UNDONE: "refused"}


class ChangedMeanwhileError(Refusal):
    """A file changed while it was read: it had not arrived whole, so nothing of it is loaded."""


@dataclass(frozen=True, slots=True)
class Event:
    """What one look did or found: waiting, stranger, loaded, held, refused, again, not_now, fetched, day, alarm; in words.

    ok: False where something was refused, could not be fetched or run, or is missing.
    """

    kind: str
    words: str
    source: str = ""
    as_of: date | None = None
    load: str = ""
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who looks, for which lender, with which settings; run_day runs the day of an accepted load and says how it went."""

    lender: Lender
    watch: Watch
    actor: str
    clock: Clock
    code_version: str
    run_day: Callable[[Load], str] | None = None


@contextmanager
def sole_watcher(lender: Lender) -> Iterator[None]:
    """One watcher a lender; BusyError when another one watches.  The lock ends with its process."""
    with held(watch_folder(lender) / ".lock", "Another sulah watch runs on this lender. One is enough; end that one first."):
        yield


def look(watcher: Watcher) -> list[Event]:
    """Look once; the events, in order.  Call it under sole_watcher."""
    reach("watch.look")
    finish_filing(watcher.lender)
    events = [event for source in watcher.watch.sources for event in _fetched(watcher, source)]
    seen = Seen.of(watcher.lender)
    found: list[Batch] = []
    for source in watcher.watch.sources:
        events += _decided(source)
        batches, strangers = batches_of(source)
        found += batches
        events += [Event("stranger", _stranger(name, source), source.name) for name in strangers]
    for batch in sorted(found, key=lambda batch: batch.as_of):
        events.append(_taken(watcher, batch, seen))
    seen.keep({batch.key for batch in found})
    late = raise_missing(watcher.watch.expectation, actor=watcher.actor, clock=watcher.clock)
    events += [Event("alarm", words_of_alarm(alarm), as_of=alarm.as_of, ok=False) for alarm in late]
    return [*events, *_day(watcher)]


def _fetched(watcher: Watcher, source: InboxSource) -> list[Event]:
    if source.server is None:
        return []
    try:
        done = fetch_extracts(watcher.lender, source, actor=watcher.actor, clock=watcher.clock)
    except Refusal as refusal:
        return [Event("not_fetched", str(refusal), source.name, ok=False)]
    return [Event("fetched", words, source.name, day) for day, words in done]


def _taken(watcher: Watcher, batch: Batch, seen: Seen) -> Event:
    """Load and file one batch, or say what it waits for."""
    about = Event("waiting", "", batch.source.name, batch.as_of)
    today = watcher.clock().astimezone(IST).date()
    if batch.as_of > today:
        words = f"The name says {day_text(batch.as_of)}, and today is {day_text(today)}. Correct the date in the name; it is not loaded."
        return replace(about, kind="not_now", words=words, ok=False)
    if waits := waits_for(batch, seen, watcher.clock()):
        return replace(about, words=f"The extract of {day_text(batch.as_of)} is not loaded yet: {waits}.")
    snapshot = batch.snapshot()
    reach("watch.whole")
    latest = latest_accepted()
    if latest is not None and batch.as_of < latest.as_of:
        words = f"The last accepted load is of {day_text(latest.as_of)}; this one of {day_text(batch.as_of)} is older and is not loaded."
        return _filed(watcher, batch, snapshot, replace(about, kind="refused", words=words, ok=False), "refused")
    try:
        outcome = _loaded(watcher, batch, snapshot)
    except (Refusal, MappingError) as refusal:
        return replace(about, kind="not_now", words=f"The extract of {day_text(batch.as_of)} stays in the inbox: {refusal}", ok=False)
    finally:
        clear_laid_out(batch.source)
    reach("watch.loaded")
    return _told(watcher, batch, snapshot, about, outcome)


def _loaded(watcher: Watcher, batch: Batch, snapshot: Snapshot) -> LoadOutcome:
    path = laid_out(batch)
    mapping = mapping_for(watcher.lender, path, batch.source.mapping)
    act = load_supplement if is_supplement(path, mapping, batch.as_of) else load_extract

    def still_whole(_: str) -> None:
        if not unchanged(snapshot, batch.folder):
            raise ChangedMeanwhileError("a file changed while it was read. It is loaded when it has lain still.")

    return act(
        watcher.lender,
        path,
        batch.as_of,
        mapping=mapping,
        actor=watcher.actor,
        clock=watcher.clock,
        code_version=watcher.code_version,
        progress=still_whole,
    )


def _told(watcher: Watcher, batch: Batch, snapshot: Snapshot, about: Event, outcome: LoadOutcome) -> Event:
    """File the batch by what came of it."""
    report = outcome.report
    if outcome.load is None:
        words = " ".join(report.reasons)
        event = replace(about, kind="refused", words=f"The extract of {day_text(batch.as_of)} is refused: {words}", ok=False)
        return _filed(watcher, batch, snapshot, event, "refused", reasons=report.reasons)
    state = _FILED[LoadState(report.state)]
    if outcome.repeated:
        event = replace(about, kind="again", words=f"The same content was loaded before as {report.load}: nothing to do.", load=report.load)
    elif state == "held":
        words = f"Held as {report.load}: {' '.join(report.reasons)} Decide with: sulah approve {report.load}"
        event = replace(about, kind="held", words=words, load=report.load)
    else:
        words = f"Accepted as {report.load}: {report.rows:,} rows, {report.quarantined:,} refused."
        event = replace(about, kind="loaded", words=words, load=report.load)
    return _filed(watcher, batch, snapshot, event, state, report.load, report.reasons)


def _filed(
    watcher: Watcher, batch: Batch, snapshot: Snapshot, event: Event, state: str, name: str = "", reasons: tuple[str, ...] = ()
) -> Event:
    name = name or numbered(batch.source.folder / state, batch.as_of)
    place = file_away(watcher.lender, batch, snapshot, state, name, reasons or ((event.words,) if state == "refused" else ()))
    where = f"{state}/{place.name}" if place.is_dir() else "the inbox: it changed after it was read"
    return replace(event, words=f"{event.words} The files lie in {where}.")


def _decided(source: InboxSource) -> list[Event]:
    """Move on what was held and is decided now."""
    events: list[Event] = []
    for name in held_in(source.folder):
        load = Load.objects.filter(id=name.partition(".again")[0]).first()
        state = _FILED[LoadState(load.state)] if load else "held"
        if load and state != "held":
            place = file_on(source.folder, name, state)
            events.append(Event("decided", f"{load.pk} was decided; its files lie in {state}/{place.name}.", source.name, load=load.pk))
    return events


def _day(watcher: Watcher) -> list[Event]:
    """Run the day of the latest accepted load where it has not run on it; a past day is never run again."""
    load = latest_accepted()
    if watcher.run_day is None or not watcher.watch.run_day or load is None:
        return []
    last = DayRun.objects.order_by("-as_of").first()
    if last is not None and (last.as_of > load.as_of or last.load_id == load.pk):
        return []
    reach("watch.before_day")
    try:
        return [Event("day", watcher.run_day(load), as_of=load.as_of, load=load.pk)]
    except Refusal as refusal:
        return [Event("day", f"The day {load.as_of} did not run: {refusal}", as_of=load.as_of, load=load.pk, ok=False)]


def _stranger(name: str, source: InboxSource) -> str:
    patterns = " or ".join(source.patterns)
    return f"{name} says no business date, so it is left alone. Names should look like {patterns} (lender.toml, [watch])."


def keep_looking(watcher: Watcher, tell: Callable[[list[Event]], None], sleep: Callable[[int], None]) -> NoReturn:
    """Look for ever, telling each event once as long as it says the same; sleep is given the seconds between two looks."""
    told: set[Event] = set()
    while True:
        close_old_connections()  # a database that let go of an idle connection is asked on a new one
        events = look(watcher)
        if fresh := [event for event in events if event not in told]:
            tell(fresh)
        told = set(events)
        sleep(watcher.watch.every_seconds)
