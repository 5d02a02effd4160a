"""sulah watch: load extracts as they arrive in the inbox or on the lender's server, and say when one is missing."""

import argparse
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console

from sulah.cli.speak import answer, opened, who_acts
from sulah.kernel.dates import day_text, system_clock
from sulah.kernel.terms import Exit
from sulah.kernel.version import code_version

if TYPE_CHECKING:
    from sulah.actions.watch_inbox import Event, Watcher
    from sulah.adapters.book.layout import Lender
    from sulah.adapters.lms.inbox_settings import Watch
    from sulah.records.load import Load


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("watch", help="load extracts as they arrive, and say when one is missing")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--once", action="store_true", help="look once and end: for cron or a systemd timer")
    way.add_argument("--status", action="store_true", help="load nothing: say what waits and what is missing; ends with 1 when one is")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Watch until stopped, or look once; REFUSED when something was refused, could not be fetched or is missing."""
    lender = opened(args)
    from sulah.actions.watch_inbox import Watcher, keep_looking, look, sole_watcher
    from sulah.adapters.lms.inbox_settings import watch_of

    watch = watch_of(lender)
    if args.status:
        return _status(args, console, lender, watch)
    actor = who_acts(args, lender)
    watcher = Watcher(lender, watch, actor, system_clock, code_version(), _day_of(lender, actor) if watch.run_day else None)

    def tell(events: "list[Event]") -> None:
        """Say what is new."""
        answer(args, {"done": all(event.ok for event in events), "events": [asdict(event) for event in events]})
        for event in events if not args.json else ():
            console.print(f"{event.source or lender.name}: {event.words}", style="" if event.ok else "yellow", markup=False)

    with sole_watcher(lender):
        if args.once:
            events = look(watcher)
            tell(events)
            return Exit.DONE if all(event.ok for event in events) and not _missing() else Exit.REFUSED
        if not args.json:
            console.print(_begun(watcher), markup=False)
        try:
            keep_looking(watcher, tell, time.sleep)
        except KeyboardInterrupt:
            return Exit.DONE


def _day_of(lender: "Lender", actor: str) -> Any:
    """The day cycle as the watcher calls it."""
    from sulah.cli.day import closed_log
    from sulah.daycycle.run import run_day

    def run_it(load: "Load") -> str:
        outcome = run_day(lender, load.as_of, actor=actor, clock=system_clock, code=code_version(), load=load)
        told = [*outcome.notes, *closed_log(lender, load.as_of)]
        notes = f" {' '.join(told)}" if told else ""
        return f"The day {day_text(load.as_of)} ran on {load.pk}.{notes}"

    return run_it


def _status(args: argparse.Namespace, console: Console, lender: "Lender", watch: "Watch") -> Exit:
    """What waits, what is held, what is missing; alarms that are due are raised here too."""
    from sulah.actions.load_book import latest_accepted
    from sulah.actions.record_alarm import open_alarms, raise_missing, words_of_alarm
    from sulah.adapters.lms.inbox import Seen, batches_of, waits_for
    from sulah.adapters.lms.inbox_filing import held_in

    raise_missing(watch.expectation, actor=args.by, clock=system_clock)
    missing = [words_of_alarm(alarm) for alarm in open_alarms()]
    seen, waiting = Seen.of(lender), []
    for source in watch.sources:
        batches, strangers = batches_of(source)
        for batch in batches:
            why = waits_for(batch, seen, system_clock()) or "it is loaded at the next look"
            waiting.append(f"{source.name}: the extract of {day_text(batch.as_of)}: {why}.")
        waiting += [f"{source.name}: {name} says no business date, so it is left alone." for name in strangers]
        waiting += [
            f"{source.name}: {name} is held; decide with: sulah approve {name.partition('.again')[0]}" for name in held_in(source.folder)
        ]
    load = latest_accepted()
    told = {"done": not missing, "last_accepted": load.pk if load else None, "missing": missing, "waiting": waiting}
    answer(args, told)
    if not args.json:
        console.print(f"Last accepted: {load.pk if load else 'no load yet'}.", markup=False)
        if watch.expectation is None:
            console.print("No extract is expected by any time: set expected_by under [watch] in lender.toml to be told when one is late.")
        for words in (*missing, *waiting):
            console.print(words, markup=False)
    return Exit.REFUSED if missing else Exit.DONE


def _missing() -> bool:
    from sulah.actions.record_alarm import open_alarms

    return bool(open_alarms())


def _begun(watcher: "Watcher") -> str:
    places = ", ".join(f"{s.server.host} ({s.name})" if s.server else f"{s.folder.name}/ ({s.name})" for s in watcher.watch.sources)
    return f"Watching {places} every {watcher.watch.every_seconds} seconds. Stop with Ctrl+C: nothing is lost."
