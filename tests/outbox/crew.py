"""Real processes on a lender's outbox: prepare, work, bring callbacks, raise a stop; what each shall do is one line of JSON.

The clock is the machine's, put on by `offset` seconds where a test wants a wrong one.
"""

import importlib
import json
import os
import sys
import traceback
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from sulah.adapters.book.layout import Lender, open_lender
from sulah.kernel.dates import IST
from sulah.records.connect import bring_up_to_date, connect_records


def _clock(offset: float, put_back: Path | None = None) -> Callable[[], datetime]:
    """The machine's clock, so many seconds off; two hours behind that as long as there is a file of that name."""

    def clock() -> datetime:
        back = timedelta(hours=2 if put_back is not None and put_back.exists() else 0)
        return datetime.now(UTC) + timedelta(seconds=offset) - back

    return clock


def _midnight(now: datetime) -> datetime:
    """The end of the IST day."""
    return now.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _sender(lender: Lender, asked: Mapping[str, Any]) -> Any:
    from sulah.actions.contact.actor import machine
    from sulah.actions.contact_borrower import Limits, Sender, open_channels
    from sulah.actions.guarded_ledger import GuardedLedger
    from sulah.adapters.book.vault import Vault
    from sulah.outreach.configured import configured
    from tests.outbox.small_rules import small_rules

    rules = small_rules(**asked.get("rules", {}))
    channels = configured(lender.settings, os.environ)
    limits = replace(Limits(held_seconds=2, spare_seconds=1, lease_seconds=5, attempts=50), **asked.get("limits", {}))
    return Sender(
        worker=f"w{os.getpid()}",
        seed=str(asked.get("seed", 1)),
        vault=Vault(lender),
        channels=open_channels(channels),
        configured=channels,
        ledger=GuardedLedger(lender, lambda: rules, machine("worker")),
        clock=_clock(asked.get("offset", 0), lender.root / "put-back"),
        limits=limits,
    )


def prepare(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """Queue messages by SMS, or by the channel that is asked for: ids, each [reference, person, loan, purpose].

    Unless a test says how long they last, two hours and not past midnight: one that a cap of the day refuses shall not wait for tomorrow.
    """
    from sulah.actions.queue_message import Wanted, queue_message
    from sulah.adapters.book.vault import Vault
    from sulah.guard.intent import Intent
    from sulah.kernel.terms import Channel, Purpose
    from sulah.outreach.configured import configured

    clock = _clock(asked.get("offset", 0))
    now, channels, vault = clock(), configured(lender.settings, os.environ), Vault(lender)
    made, channel = 0, Channel(asked.get("channel", "sms"))
    for reference, person, loan, purpose in asked["messages"]:
        number = int("".join(filter(str.isdigit, person)) or "0")
        intent = Intent(
            intent_id=reference,
            person_id=person,
            at=now,
            channel=channel,
            purpose=Purpose(purpose),
            loan_ids=(loan,),
            number_key=f"key-{person}",
            amount_paise=1_234_50,
        )
        template = "due_hi" if channel is Channel.WHATSAPP else "due" if purpose == "recovery" else "receipt"
        values = {"amount": 1_234_50, "loan": loan}
        to = f"+9198{number:07d}{asked.get('last_digit', 1)}"
        until = now + timedelta(seconds=asked["lasts"]) if "lasts" in asked else min(now + timedelta(hours=2), _midnight(now))
        wanted = Wanted(intent, to, template, values, now - timedelta(seconds=1), until)
        made += queue_message(wanted, channels=channels, vault=vault, actor="planner", clock=clock)[1]
    return {"made": made}


def work(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """Work until nothing is left, or for so many seconds."""
    import time

    from sulah.actions.work_outbox import work

    until = time.monotonic() + asked.get("seconds", 0)
    held: list[str] = []
    total = work(
        _sender(lender, asked),
        once=not asked.get("seconds"),
        over=lambda: bool(asked.get("seconds")) and time.monotonic() > until,
        wait=lambda: time.sleep(0.05),
        tell=lambda done: held.append(done.held) if done.held else None,
    )
    return {"outcomes": dict(total), "held": held[:1]}


def approve(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """Every text of lender.toml, submitted and approved by two people."""
    from sulah.outreach.configured import configured
    from tests.contact.approved import approve_own

    return {"approved": len(approve_own(configured(lender.settings, os.environ), _clock(asked.get("offset", 0))))}


def stop(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """Raise a stop and withdraw what it covers, in one transaction."""
    from django.db import transaction

    from sulah.actions.read_stops import barred_by
    from sulah.actions.withdraw_covered import stop_times, withdraw_covered
    from sulah.records.contact.stop import StopEvent
    from tests.outbox.small_rules import small_rules

    now = _clock(asked.get("offset", 0))()
    with transaction.atomic():
        made = StopEvent.objects.create(
            event=asked["event"],
            scope=asked["scope"],
            key=asked.get("key", ""),
            person=asked.get("person", ""),
            since=now,
            reason="a test",
            taken_at=now,
            raised_by="asha",
        )
        barred = barred_by(small_rules(), made, now)
        withdrawn = withdraw_covered(made, barred, now)
    return {"stop": made.pk, "withdrawn": withdrawn, "accepted_before": stop_times(made, barred).accepted_before}


def callbacks(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """Bring callbacks to the door: [key, body] each, of WhatsApp [signature, body]; the statuses, counted."""
    from collections import Counter

    from sulah.actions.take_callback import Door, InboxWriter
    from sulah.adapters.book.vault import Vault
    from sulah.outreach.configured import configured
    from sulah.outreach.http import Call

    door = Door(configured(lender.settings, os.environ), Vault(lender), InboxWriter(), _clock(asked.get("offset", 0)))

    def take(given: list[str]) -> int:
        body, section = given[1].encode("latin-1"), asked.get("section", "sms")
        call = Call("POST", {"key": given[0]}, {}, body) if section == "sms" else Call("POST", {}, {"x-hub-signature-256": given[0]}, body)
        return door.take(section, asked.get("provider", "one"), call)[0]

    with ThreadPoolExecutor(asked.get("threads", 1)) as crew:
        counts = Counter(crew.map(take, asked["bodies"]))
    return {"statuses": {str(status): count for status, count in counts.items()}}


def report(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """Bring a delivery report of each of our messages that the gateway took to the door, as it would."""
    from sulah.adapters.sandbox.sms import Kept, report_of
    from tests.outbox.place import HOOK

    bodies = []
    for port in asked["ports"]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/taken", timeout=10) as answer:
            for row in json.loads(answer.read())["kept"]:
                at = datetime.fromisoformat(row["at"])
                kept = Kept(row["request_id"], row["reference"], row["mobile"], row["text"], "KAVERI", at)
                if row["reference"].startswith(asked["prefix"]):
                    bodies.append([HOOK, report_of(kept).decode()])
    return callbacks(lender, {"bodies": bodies})


def as_sent(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """So many messages as they stand when the gateway has them and has reported nothing."""
    from hashlib import sha256

    from sulah.records.contact.contact import Contact
    from sulah.records.contact.outbox import Outbox

    now = _clock(0)()
    names = [f"m{number:05d}" for number in range(asked["count"])]
    theirs = {name: sha256(name.encode()).hexdigest()[:24] for name in names}
    alike: dict[str, Any] = {"channel": "sms", "purpose": "receipt"}
    state: dict[str, Any] = {"contact_class": "message", "at": now, "source": "ours", "state": "sent", "state_at": now, "provider": "one"}
    Contact.objects.bulk_create([Contact(intent=name, person=name, provider_ref=theirs[name], **alike, **state) for name in names])
    contacts = dict(Contact.objects.values_list("intent", "pk"))
    row: dict[str, Any] = {"template": "receipt", "sealed": "", "not_before": now, "not_after": now, "state": "sent", "attempts": 1}
    row |= {"provider": "one", "handed_at": now, "look_at": now + timedelta(1), "queued_at": now, "queued_by": "planner", "changed_at": now}
    Outbox.objects.bulk_create(
        [Outbox(reference=n, person=n, provider_reference=theirs[n], contact_id=contacts[n], **alike, **row) for n in names]
    )
    return {"made": len(names)}


def steps(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """Several modes one after another."""
    return [_mode(mode)(lender, {**asked, **more}) for mode, more in asked["steps"]]


MODES = {
    "prepare": prepare,
    "approve": approve,
    "work": work,
    "stop": stop,
    "callbacks": callbacks,
    "report": report,
    "as_sent": as_sent,
    "steps": steps,
}


def _mode(name: str) -> Callable[[Lender, Mapping[str, Any]], Any]:
    """A mode of this file, or of another one of the tests, written as tests.outbox.MODULE:NAME."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function) if function else MODES[name]  # type: ignore[no-any-return]


def main() -> None:
    """Fork a process for each `start` that stdin asks for, and say how it ended to each `wait`.

    Everything is imported once and no database is opened before the fork, so a child is a process of its own in a tenth of the time.
    """
    connect_records(Path("nowhere"))
    _imported()
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "start":
            pid = os.fork()
            if pid == 0:
                _child(asked)
            told = {"pid": pid}
        else:
            told = {"code": os.waitstatus_to_exitcode(os.waitpid(asked["pid"], 0)[1])}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _imported() -> None:
    """What a child would import otherwise."""
    from sulah.actions import guarded_ledger, queue_message, read_stops, take_callback, withdraw_covered, work_outbox
    from sulah.adapters.sandbox import sms

    assert all((guarded_ledger, queue_message, read_stops, take_callback, withdraw_covered, work_outbox, sms))


def _child(asked: Mapping[str, Any]) -> NoReturn:
    """One process: its own lender, environment and answer; complaints go where the answer would."""
    from django.db import connections

    os.environ.update(asked["environment"])
    place = Path(asked["answer"])
    try:
        lender = open_lender(Path(asked["lender"]))
        os.environ["SULAH_DATABASE"] = lender.database
        web = importlib.import_module("sulah.web.settings")
        web.LENDER = lender.root  # type: ignore[attr-defined]
        connections.databases["default"] = connections.configure_settings({"default": web._database()})["default"]
        with suppress(AttributeError):  # made while modules were imported; never opened
            del connections["default"]
        if lender.database:
            bring_up_to_date()
        place.write_text(json.dumps(_mode(asked["mode"])(lender, asked)))
        code = 0
    except Exception:  # noqa: BLE001  (whatever it was is told to the test)
        place.write_text(traceback.format_exc())
        code = 1
    os._exit(code)


if __name__ == "__main__":
    main()
