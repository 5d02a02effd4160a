"""sulah work: send what waits in the outbox, read what providers reported, ask for what nobody reported; as many processes as wanted."""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any

from rich.console import Console

from sulah.adapters.book.layout import Lender
from sulah.cli.speak import answer, opened
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit

if TYPE_CHECKING:
    from sulah.actions.contact_borrower import Sender
    from sulah.actions.talk.doing import Listener
    from sulah.actions.work_outbox import Round

LOOK_SECONDS = 0.5
MOST_WORKERS = 64
_AGAIN_SECONDS = 5.0
"""How long an idle worker waits before it looks again, and the pause before a worker that ended by a fault is started again."""


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("work", help="send what waits in the outbox, lawfully, and follow what becomes of it")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that work side by side (default 1)")
    parser.add_argument("--once", action="store_true", help="end when nothing is left to do now: for cron or a systemd timer")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Work until stopped or, with --once, until nothing is left; REFUSED when nothing may be sent because the clock is not right."""
    if not 1 <= args.workers <= MOST_WORKERS:
        answer(args, {"done": False, "words": f"--workers must be between 1 and {MOST_WORKERS}."})
        console.print(f"--workers must be between 1 and {MOST_WORKERS}.", style="red")
        return Exit.USAGE
    lender = opened(args)
    from sulah.actions.contact.texts_in_force import channels_of
    from sulah.actions.sentences import settings_of

    channels_of(lender, os.environ)  # half a setting refuses before any process is started
    settings_of(lender)
    over = _ended_by_signals()
    return _many(args, lender, over) if args.workers > 1 else _one(args, console, lender, over)


def _ended_by_signals() -> Event:
    """Set when somebody asks us to end: the message under way is finished first."""
    over = Event()

    def end(number: int, frame: FrameType | None) -> None:
        over.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, end)
    return over


def _one(args: argparse.Namespace, console: Console, lender: Lender, over: Event) -> Exit:
    from sulah.actions.work_outbox import work

    held: list[str] = []

    def tell(done: "Round") -> None:
        """Say why nothing is sent, once; held is what the last round said."""
        fresh = bool(done.held) and held != [done.held[:60]]
        held[:] = [done.held[:60]] if done.held else []
        if fresh and not args.json:
            console.print(done.held, style="yellow", markup=False)

    from sulah.actions.log.log_turns import LogTurns

    def trouble(words: str) -> None:
        """Say why the log does not go on."""
        if not args.json:
            console.print(words, style="yellow", markup=False)

    turns = LogTurns(lender, system_clock, time.monotonic, trouble)

    def between(done: "Round") -> None:
        """After each round: why nothing is sent, and the log's turn when it is time."""
        tell(done)
        turns()

    total = work(
        worker_of(lender), listener_of(lender), once=args.once, over=over.is_set, wait=lambda: _wait(over, LOOK_SECONDS), tell=between
    )
    turns.last()
    _say(args, console, total, bool(held))
    return Exit.REFUSED if held and args.once else Exit.DONE


def worker_of(lender: Lender) -> "Sender":
    """One worker of a lender: its name is its own, and its seed is drawn here."""
    from sulah.actions.contact.actor import machine
    from sulah.actions.contact.texts_in_force import channels_of
    from sulah.actions.contact_borrower import Sender, open_channels
    from sulah.actions.guarded_ledger import GuardedLedger, RulesOfNow
    from sulah.actions.receive_messages import Keeper
    from sulah.actions.sentences import settings_of
    from sulah.actions.take_callback import InboxWriter
    from sulah.adapters.book.vault import Vault

    name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    channels = channels_of(lender, os.environ)
    ledger = GuardedLedger(lender, RulesOfNow(lender), machine("worker"))
    vault = Vault(lender)
    opened = open_channels(channels, Keeper(vault, InboxWriter(), system_clock).keep_for)
    return Sender(name, secrets.token_hex(8), vault, opened, channels, ledger, system_clock, texts=settings_of(lender))


def listener_of(lender: Lender) -> "Listener":
    """Who acts on what people send, with the lender's rules and the languages that a native reader has signed off."""
    from sulah.actions.contact.actor import machine
    from sulah.actions.contact.review_language import reviewed_languages
    from sulah.actions.contact.rulebook import rulebook_of
    from sulah.actions.contact.texts_in_force import channels_of
    from sulah.actions.talk.doing import Listener
    from sulah.actions.talk.reading import read_answer
    from sulah.adapters.book.vault import Vault

    channels = channels_of(lender, os.environ)
    book = lambda: rulebook_of(lender)  # noqa: E731  (asked anew for each thing heard: a rule may have changed)
    return Listener(Vault(lender), book, channels, read_answer, reviewed_languages, machine("worker"), system_clock)


def _wait(over: Event, seconds: float) -> None:
    over.wait(seconds)


def _say(args: argparse.Namespace, console: Console, total: Counter[str], held: bool) -> None:
    answer(args, {"done": not held, "outcomes": dict(sorted(total.items()))})
    if not args.json:
        told = ", ".join(f"{count:,} {name}" for name, count in sorted(total.items())) or "nothing was due"
        console.print(f"Worked: {told}.", markup=False)


def _many(args: argparse.Namespace, lender: Lender, over: Event) -> Exit:
    """Start the processes, start again what ends by a fault, and end them all when asked to."""
    words = [sys.executable, "-m", "sulah.cli.main", "--lender", str(lender.root), "--by", args.by, "work"]
    words += [*(["--once"] if args.once else []), *(["--json"] if args.json else [])]
    crew = [subprocess.Popen(words) for _ in range(args.workers)]  # noqa: S603  (our own command)
    codes: list[int] = []
    again: list[float] = []
    while crew or again:
        if over.is_set():
            again.clear()
            for process in crew:
                process.send_signal(signal.SIGTERM)
        ended = [process for process in crew if process.poll() is not None]
        crew = [process for process in crew if process not in ended]
        codes += [process.returncode for process in ended]
        if not args.once and not over.is_set():
            again += [time.monotonic() + _AGAIN_SECONDS for process in ended if process.returncode not in (Exit.DONE, Exit.USAGE)]
        due = [moment for moment in again if time.monotonic() >= moment]
        again = [moment for moment in again if moment not in due]
        crew += [subprocess.Popen(words) for _ in due]  # noqa: S603
        time.sleep(0.1)
    well = (Exit.DONE, -signal.SIGTERM) if over.is_set() else (Exit.DONE,)  # asked to end before it had begun: nothing was in its hands
    return Exit.DONE if all(code in well for code in codes) else Exit.REFUSED
