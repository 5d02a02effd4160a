"""Throughput of the outbox with 1, 2 and 4 workers, the inbox writer against a commit for each event, and how fast a stop works.

`python -m bench.outbox [--messages N] [--events N] [--queued N] [--stops N]` on a lender made for it, with the sandbox gateway over a
socket; SQLite with synchronous=FULL.  It prints one JSON object.  Everything is simulated.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.inbox import intake
from sulah.adapters.book.layout import Lender, open_lender
from sulah.kernel.terms import EntityType

KEYS = {"SULAH_BENCH_KEY": "a-simulated-key", "SULAH_BENCH_HOOK": "a-simulated-secret-of-callbacks"}
INBOX_RATIO, STOP_SECONDS = 30, 60
"""Bounds: the shared commits against one for each event, and the p99 of a stop while workers send."""

_SMS = """
[sms]
entity_id = "1101160000000000001"

[[sms.provider]]
name = "one"
address = "http://127.0.0.1:{port}"
key_from = "SULAH_BENCH_KEY"
hook_secret_from = "SULAH_BENCH_HOOK"

[[sms.template]]
name = "receipt"
language = "en"
category = "transactional"
purposes = ["receipt"]
header = "KAVERI"
legal_words = false
dlt_template_id = "1107160000000000002"
text = "Received Rs {{#var#}} on loan {{#var#}}. Kaveri (simulated)"
variables = ["amount:amount", "loan:reference"]
provider_ids = {{ one = "T-2" }}
"""


@contextmanager
def gateway(root: Path, hook: str = "") -> Iterator[None]:
    """The sandbox gateway as a process of its own; lender.toml points to it; hook: where it reports to, nowhere if empty."""
    path = root / "lender.toml"
    bare = path.read_text("utf-8")
    path.write_text(bare + _SMS.format(port=1), "utf-8")
    words = [sys.executable, "-m", "sulah.cli.main", "--lender", str(root), "--json", "sandbox", "sms", "--port", "0", "--hook", hook]
    process = subprocess.Popen(words, env={**os.environ, **KEYS}, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        told = process.stdout.readline() if process.stdout else ""
        path.write_text(bare + _SMS.format(port=json.loads(told)["port"]), "utf-8")
        yield
    finally:
        process.kill()
        process.communicate()


def approve(lender: Lender) -> None:
    """The texts of lender.toml, submitted and approved by two people, once."""
    from sulah.actions.contact.actor import Actor
    from sulah.actions.contact.approve_text import Linted, approve_text
    from sulah.actions.contact.own_text import submit_own_text
    from sulah.kernel.terms import Channel, Role
    from sulah.outreach.configured import configured
    from sulah.records.contact.text import TextVersion

    channels, writer, second = configured(lender.settings, KEYS), Actor("bench-1", Role.LEGAL), Actor("bench-2", Role.COMPLIANCE)
    if TextVersion.objects.exists():
        return
    for name in channels[Channel.SMS].templates:
        given = {"lint": lambda _: Linted(blocked=False), "by": writer, "clock": lambda: datetime.now(UTC)}
        waits = submit_own_text(channels, Channel.SMS, name, **given)  # type: ignore[arg-type]
        approve_text(waits.pk, waits.sha256, by=second, clock=lambda: datetime.now(UTC))


def queue(lender: Lender, count: int, prefix: str) -> None:
    """Queue receipts to as many persons, each with a number on file."""
    from sulah.actions.queue_message import Wanted, queue_message
    from sulah.adapters.book.vault import Vault
    from sulah.guard.intent import Intent
    from sulah.kernel.terms import Channel, Purpose
    from sulah.outreach.configured import configured
    from sulah.records.contact.standing import Standing

    approve(lender)
    now = datetime.now(UTC)
    channels, vault = configured(lender.settings, KEYS), Vault(lender)
    names = [f"{prefix}{number}" for number in range(count)]
    Standing.objects.bulk_create(
        [Standing(person=name, numbers={f"key-{name}": ["own", "good"]}, as_of=now.date()) for name in names], ignore_conflicts=True
    )
    for number, name in enumerate(names):
        intent = Intent(
            f"{name}.r", name, now, Channel.SMS, Purpose.RECEIPT, (f"LN{number}",), number_key=f"key-{name}", amount_paise=500_00
        )
        values: dict[str, int | date | str] = {"amount": 500_00, "loan": f"LN{number}"}
        wanted = Wanted(intent, f"+9198{number:08d}", "receipt", values, now, now + timedelta(hours=12))
        queue_message(wanted, channels=channels, vault=vault, actor="bench", clock=lambda: datetime.now(UTC))


def throughput(lender: Lender, messages: int, workers: int) -> dict[str, Any]:
    """Messages a second, from the start of the processes to the last answer written down."""
    from sulah.records.contact.outbox import Outbox

    prefix = f"w{workers}-"
    queue(lender, messages, prefix)
    words = [sys.executable, "-m", "sulah.cli.main", "--lender", str(lender.root), "work", "--once"]
    began = time.perf_counter()
    crew = [subprocess.Popen(words, env={**os.environ, **KEYS}, stdout=subprocess.DEVNULL) for _ in range(workers)]  # noqa: S603
    for process in crew:
        process.wait()
    seconds = time.perf_counter() - began
    sent = Outbox.objects.filter(reference__startswith=prefix, attempts__gt=0).count()
    first, last = (
        Outbox.objects.filter(reference__startswith=prefix).order_by(order).values_list("changed_at", flat=True)[0]
        for order in ("changed_at", "-changed_at")
    )
    span = (last - first).total_seconds()
    return {"workers": workers, "handed_over": sent, "seconds": round(seconds, 2), "a_second": round(sent / span, 1) if span else None}


def fill(lender: Lender, queued: int, prefix: str) -> None:
    """So many messages that wait for tomorrow, beside nothing else."""
    from sulah.records.contact.outbox import Outbox

    Outbox.objects.update(state="delivered")
    queue(lender, 1, prefix)
    pattern = Outbox.objects.get(reference=f"{prefix}0.r")
    made: list[Outbox] = []
    for number in range(queued):
        row = copy(pattern)
        row.pk, row.reference, row.purpose, row.not_before = None, f"{prefix}.{number}", "recovery", row.not_before + timedelta(hours=6)
        made.append(row)
    Outbox.objects.bulk_create(made, batch_size=2000)


def under_way(lender: Lender, queued: int, stops: int, workers: int) -> dict[str, Any]:
    """Stops of single numbers while workers send: seconds from the event's arrival to its commit, or to the last send if that is later."""
    from sulah.actions.contact.actor import machine
    from sulah.actions.contact.raise_stop import Struck, raise_stop
    from sulah.actions.contact.rulebook import rulebook_of
    from sulah.kernel.terms import StopEvent
    from sulah.records.contact.outbox import Outbox

    people = stops * 10
    fill(lender, queued - people, "f")
    queue(lender, people, "u")
    book = rulebook_of(lender)
    words = [sys.executable, "-m", "sulah.cli.main", "--lender", str(lender.root), "work", "--once"]
    crew = [subprocess.Popen(words, env={**os.environ, **KEYS}, stdout=subprocess.DEVNULL) for _ in range(workers)]  # noqa: S603
    while not Outbox.objects.filter(reference__startswith="u", attempts__gt=0).exists():
        time.sleep(0.05)
    taken: dict[str, tuple[datetime, datetime]] = {}
    for number in range(stops):  # each about one who is in a worker's hand or next in the queue, spread over the whole sending
        waiting = Outbox.objects.filter(reference__startswith="u", state__in=("claimed", "queued")).exclude(person__in=taken)
        name = waiting.order_by("id").values_list("person", flat=True)[number % 5 : number % 5 + 1].first()
        if name is None:
            break
        time.sleep(0.1)
        began, struck = datetime.now(UTC), Struck(name, number_key=f"key-{name}")
        raise_stop(StopEvent.WRONG_NUMBER, struck, reason="bench", book=book, by=machine("bench"), clock=lambda: datetime.now(UTC))
        taken[name] = began, datetime.now(UTC)
    for process in crew:
        process.wait()
    handed = dict(Outbox.objects.filter(person__in=taken, attempts__gt=0).values_list("person", "handed_at"))
    seconds = sorted((max(done, handed.get(name) or done) - began).total_seconds() for name, (began, done) in taken.items())
    late = sum(at > taken[name][1] for name, at in handed.items() if at is not None)
    p99 = statistics.quantiles(seconds, n=100)[98]
    figures = {"median_seconds": round(statistics.median(seconds), 3), "p99_seconds": round(p99, 3), "worst_seconds": round(seconds[-1], 3)}
    return {"queued": queued, "stops": len(taken), "workers": workers, **figures, "sent_before": len(handed) - late, "sent_after": late}


def stopping(lender: Lender, queued: int, stops: int) -> dict[str, Any]:
    """Seconds from raising a stop of the whole lender to its commit, with so many messages queued; median and worst."""
    from sulah.actions.contact.actor import machine
    from sulah.actions.contact.raise_stop import Struck, raise_stop
    from sulah.actions.contact.rulebook import rulebook_of
    from sulah.kernel.terms import StopEvent
    from sulah.records.contact.outbox import Outbox

    fill(lender, queued, "s")
    book, taken = rulebook_of(lender), []
    for turn in range(stops):
        began = time.perf_counter()
        raise_stop(
            StopEvent.LENDER_STOPPED, Struck(), reason=f"bench {turn}", book=book, by=machine("bench"), clock=lambda: datetime.now(UTC)
        )
        taken.append(time.perf_counter() - began)
        if Outbox.objects.filter(state="queued", purpose="recovery").exists():
            raise SystemExit("a stop left something in the queue")
        Outbox.objects.filter(state="withdrawn").update(state="queued", stop=None)
    return {"queued": queued, "stops": stops, "median_seconds": round(statistics.median(taken), 3), "worst_seconds": round(max(taken), 3)}


def main() -> int:
    """Measure, and print one JSON object; 1 when a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=256)
    parser.add_argument("--queued", type=int, default=100_000)
    parser.add_argument("--stops", type=int, default=5)
    parser.add_argument("--strikes", type=int, default=200, help="stops of single numbers while four workers send")
    asked = parser.parse_args()
    from sulah.cli.init import make_lender

    os.environ.update(KEYS)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "kaveri"
        make_lender(root, name="Kaveri", entity=EntityType.NBFC_MFI, simulated=True)
        with gateway(root):
            lender = open_lender(root)
            found: dict[str, Any] = {"throughput": [throughput(lender, asked.messages, workers) for workers in (1, 2, 4)]}
            found["stop_while_sending"] = under_way(lender, asked.queued, asked.strikes, 4)
        found["inbox"] = intake(lender, asked.events, asked.threads)
        found["stop"] = stopping(lender, asked.queued, asked.stops)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    held = found["inbox"]["ratio"] >= INBOX_RATIO and found["stop_while_sending"]["p99_seconds"] < STOP_SECONDS
    return 0 if held and found["stop_while_sending"]["sent_after"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
