"""Messages from the queue to the operator's report, answers read and texts filled in, a second: the talk with borrowers from end to end.

`python -m bench.talk [--messages N] [--workers N] [--texts N] [--answers N]` on lenders made for it, one on SQLite with synchronous=FULL
and, where SULAH_TEST_POSTGRES names a server (tools/postgres.py), one there.  The sandbox gateway takes each message over a socket and
reports it to a door of ours, over a socket too; a message counts when its report is applied.  It prints one JSON object.  Everything is
simulated.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psycopg
from psycopg import sql

from bench.outbox import KEYS, approve, gateway
from sulah.adapters.book.layout import Lender, open_lender
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.intent_lexicon import lexicon
from sulah.outreach.intents import read_intent
from sulah.outreach.template import VARIABLE, Template, Value, Variable, VariableKind
from sulah.policy.intent_rows import load_intent_rows

BATCH = 200
"""Messages queued in one transaction."""

STILL_SECONDS = 60
"""So long without a message settled, and the run has failed."""

_TEXT = "प्रिय {v}, ऋण {v} पर ₹{v} {v} तक बाकी है। भुगतान: {v}. KAVERI (simulated)".replace("{v}", VARIABLE)
_SAID = (
    ("hi", "5 tareekh ko 500 dunga"),
    ("hi", "मैंने कल ही भुगतान कर दिया है"),
    ("en", "I paid Rs 1,250 on Monday, UTR 432156789012, please check"),
    ("en", "stop sending me messages"),
    ("ta", "நாளை பணம் கட்டுகிறேன்"),
    ("mr", "मला फोन करा"),
    ("en", "my husband lost his job and we cannot pay anything this month, the shop is closed since the flood and nobody buys"),
    ("hi", "galat number hai bhai"),
)
"""Answers made up for the bench, in four languages and two scripts of one."""

_KINDS = {
    "name": VariableKind.NAME,
    "loan": VariableKind.REFERENCE,
    "amount": VariableKind.AMOUNT,
    "due_on": VariableKind.DATE,
    "way": VariableKind.URL,
}


class _Opened(BaseHTTPRequestHandler):
    """One report at our door."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take it, as web/hooks.py does."""
        from sulah.outreach.http import Call

        body, parts = self.rfile.read(int(self.headers.get("Content-Length") or "0")), urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, text = self.server.door.take("sms", "one", Call("POST", dict(parse_qsl(parts.query)), headers, body))  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def door(root: Path) -> Iterator[str]:
    """Our door on a free port of the loopback, and the gateway that reports to it; lender.toml points to the gateway."""
    from sulah.actions.take_callback import Door, InboxWriter
    from sulah.adapters.book.vault import Vault
    from sulah.kernel.dates import system_clock
    from sulah.outreach.configured import configured

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Opened)
    server.daemon_threads = True
    address = f"http://127.0.0.1:{server.server_address[1]}/hooks/sms/one"
    with gateway(root, address):
        lender = open_lender(root)
        server.door = Door(configured(lender.settings, KEYS), Vault(lender), InboxWriter(), system_clock)  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, daemon=True).start()
        yield address
        server.shutdown()
        server.server_close()


def queue(lender: Lender, count: int, prefix: str) -> float:
    """Queue receipts to as many persons in batches; seconds."""
    from sulah.actions.queue_message import Wanted, queue_messages
    from sulah.adapters.book.vault import Vault
    from sulah.guard.intent import Intent
    from sulah.outreach.configured import configured
    from sulah.records.contact.standing import Standing

    approve(lender)
    now, channels, vault = datetime.now(UTC), configured(lender.settings, KEYS), Vault(lender)
    names = [f"{prefix}{number}" for number in range(count)]
    Standing.objects.bulk_create([Standing(person=name, numbers={f"key-{name}": ["own", "good"]}, as_of=now.date()) for name in names])
    wanted = []
    for number, name in enumerate(names):
        loan = f"LN{number}"
        intent = Intent(f"{name}.r", name, now, Channel.SMS, Purpose.RECEIPT, (loan,), number_key=f"key-{name}", amount_paise=500_00)
        values: dict[str, Value] = {"amount": 500_00, "loan": loan}
        wanted.append(Wanted(intent, f"+9198{number:08d}", "receipt", values, now, now + timedelta(hours=12)))
    began = time.perf_counter()
    for first in range(0, count, BATCH):
        queue_messages(wanted[first : first + BATCH], channels=channels, vault=vault, actor="bench", clock=lambda: datetime.now(UTC))
    return time.perf_counter() - began


def end_to_end(lender: Lender, messages: int, workers: int) -> dict[str, Any]:
    """Messages a second: into the queue, from the first hand-over to the last, and from queueing to the last report applied."""
    from sulah.records.contact.outbox import Outbox

    prefix = f"t{workers}-"
    queued = queue(lender, messages, prefix)
    rows = Outbox.objects.filter(reference__startswith=prefix)
    words = [sys.executable, "-m", "sulah.cli.main", "--lender", str(lender.root), "work", "--workers", str(workers)]
    began = time.perf_counter()
    crew = subprocess.Popen(words, env={**os.environ, **KEYS}, stdout=subprocess.DEVNULL)  # noqa: S603
    settled, still = 0, began
    try:
        while settled < messages:
            time.sleep(0.2)
            now = rows.filter(state__in=("delivered", "undelivered")).count()
            still = time.perf_counter() if now > settled else still
            if time.perf_counter() - still > STILL_SECONDS:
                raise SystemExit(f"only {now} of {messages} messages were settled")
            settled = now
        seconds = time.perf_counter() - began
    finally:
        crew.terminate()
        crew.wait()
    handed = rows.order_by("handed_at").values_list("handed_at", flat=True)
    first, last = handed[0], handed.reverse()[0]
    sending = (last - first).total_seconds() if first and last else 0
    rates = {"queued": messages / queued, "handed_over": messages / sending if sending else 0, "end_to_end": messages / (queued + seconds)}
    return {"workers": workers, "messages": messages, **{f"{name}_a_second": round(rate, 1) for name, rate in rates.items()}}


def filled_in(count: int) -> dict[str, Any]:
    """Texts filled in a second: a Hindi text with five variables, each checked for its kind."""
    variables = tuple(Variable(name, kind) for name, kind in _KINDS.items())
    template = Template("due", "hi", _TEXT, variables, ("recovery",), "KAVERI", "1", {}, hosts=("pay.kaveri.example",))
    given: dict[str, Value] = {"name": "सीता देवी", "loan": "LN/1", "due_on": date(2026, 12, 5), "way": "https://pay.kaveri.example/a7x"}
    began = time.perf_counter()
    letters = sum(len(template.body(template.values({**given, "amount": 100 + number}))) for number in range(count))
    seconds = time.perf_counter() - began
    return {"texts": count, "a_second": round(count / seconds), "letters": letters}


def read(count: int) -> dict[str, Any]:
    """Answers read a second, with the rows of all languages; what they were read as, so that a reader of nothing shows."""
    on = date(2026, 11, 24)
    began = time.perf_counter()
    words = lexicon(load_intent_rows(on), on)
    ready = time.perf_counter() - began
    began = time.perf_counter()
    found = Counter(str(read_intent(text, language, on, words).intent) for _ in range(count // len(_SAID)) for language, text in _SAID)
    seconds = time.perf_counter() - began
    rate = round(sum(found.values()) / seconds)
    return {"answers": sum(found.values()), "a_second": rate, "rows_ready_seconds": round(ready, 2), "intents": dict(found)}


def measure(root: Path, messages: int, workers: int) -> list[dict[str, Any]]:
    """In a process of its own, because a process has one database: one worker, then several."""
    from sulah.records.connect import bring_up_to_date, connect_records

    connect_records(root, open_lender(root).database)
    bring_up_to_date()
    with door(root):
        lender = open_lender(root)
        return [end_to_end(lender, messages, each) for each in dict.fromkeys((1, workers))]


@contextmanager
def lenders(folder: Path) -> Iterator[dict[str, Path]]:
    """A new lender a database that is there: SQLite, and PostgreSQL where a server is named; a database made for it is dropped."""
    server, name = os.environ.get("SULAH_TEST_POSTGRES", ""), f"sulah_bench_{secrets.token_hex(4)}"
    made = {"sqlite": _made(folder / "sqlite", "")}
    if not server:
        yield made
        return
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield made | {"postgresql": _made(folder / "postgresql", f"{server.rsplit('/', 1)[0]}/{name}")}
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _made(root: Path, address: str) -> Path:
    words = [sys.executable, "-m", "sulah.cli.main", "init", str(root), "--simulated", "--name", "Kaveri"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    if address:
        path = root / "lender.toml"
        path.write_text(path.read_text("utf-8").replace('# url = ""', f'url = "{address}"'), "utf-8")
        (root / "sulah.sqlite3").unlink()
    return root


def main() -> int:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--texts", type=int, default=200_000)
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    os.environ.update(KEYS)
    if asked.root is not None:
        sys.stdout.write(json.dumps(measure(asked.root, asked.messages, asked.workers)) + "\n")
        return 0
    found: dict[str, Any] = {"filled_in": filled_in(asked.texts), "read": read(asked.answers)}
    with tempfile.TemporaryDirectory() as folder, lenders(Path(folder)) as made:
        for name, root in made.items():
            words = [
                sys.executable,
                "-m",
                "bench.talk",
                "--root",
                str(root),
                "--messages",
                str(asked.messages),
                "--workers",
                str(asked.workers),
            ]
            told = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
            found[name] = json.loads(told.stdout)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
