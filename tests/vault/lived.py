"""A lender's life in a process of its own, with a canary for each erased person in every class of data: `lived.py STAGE ROOT PEOPLE`."""

import base64
import json
import sys
import tempfile
import zlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sulah.adapters.book.layout import Lender, open_lender
from tests.vault.lived_doors import send_pictures, take_out

BEGUN = datetime(2026, 11, 23, 6, tzinfo=UTC)
ASKED = datetime(2032, 6, 1, 6, tzinfo=UTC)
LATER = ASKED + timedelta(days=30)
END = LATER.date() + timedelta(days=366 + 31)
CLASSES = ("name", "phone", "file", "refused", "reply", "matched", "raw", "mixed", "nobody", "sent", "api", "dialler", "code", "note")
CLASSES += ("photo",)
"""Where a canary is planted for each person: extract (name, number, file as sent, refused row), message heard, the words that matched,
raw body of one and of many people, a message of nobody, a message of ours, a record of the API, a refused row of an agency, a code, a
reason that staff wrote, name, caption and digest of a picture."""

OF_MONTHS = ("file", "name", "phone", "refused", "mixed", "nobody", "api", "dialler", "photo")
"""Kinds under a key of their month, which outlive an erasure until it ends: in files, records and webhooks as they were sent, and from
numbers that were nobody's on the book."""


def person(number: int) -> str:
    """The lender's id of a person."""
    return f"B-{number:05d}"


def canary(kind: str, number: int) -> str:
    """A string that stands nowhere else."""
    digits = f"{number:05d}"
    return f"98{CLASSES.index(kind):02d}7{digits}" if kind == "phone" else f"Canary{kind.title()}Q{digits}Z"


def extract(folder: Path, people: int, *, named: bool) -> Path:
    """Closed loans of these people, and one who stays; without their names and numbers where they are erased at the lender too."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(person(n), canary("name", n) if named else "", f"+91 {canary('phone', n)}" if named else "") for n in range(people)]
    rows.append(("STAYS", "Stays Kumar", "+91 9820099999"))
    with (folder / "borrower.csv").open("w", encoding="utf-8") as handle:
        handle.write("borrower_id,name,phone,address,pincode\n")
        handle.writelines(f"{who},{name},{phone},{name} Road,560001\n" for who, name, phone in rows)
        if named:
            handle.writelines(f",{canary('refused', n)},,,\n" for n in range(people))
            (folder / "remarks.txt").write_text("\n".join(canary("file", n) for n in range(people)))
    with (folder / "loan.csv").open("w", encoding="utf-8") as handle:
        handle.write("loan_id,borrower_id,product,disbursed_on,principal,status\n")
        handle.writelines(f"L-{who},{who},JLG,2024-01-01,10000,{'active' if who == 'STAYS' else 'closed'}\n" for who, _, _ in rows)
    with (folder / "instalment.csv").open("w", encoding="utf-8") as handle:
        handle.write("loan_id,number,due_on,principal_due,interest_due\n")
        handle.writelines(f"L-{who},1,2024-06-01,10000,0\n" for who, _, _ in rows)
    return folder


def live(lender: Lender, people: int) -> None:
    """The extract, a day, and what people and machines said."""
    from sulah.actions.load_extract import load_extract
    from sulah.adapters.book.vault import API, HEARD, RAW, Vault
    from sulah.daycycle.run import run_day
    from sulah.kernel.dates import fixed_clock
    from sulah.records.api_client import ApiBatch, ApiClient
    from sulah.records.contact.dialler import DiallerLog
    from sulah.records.contact.inbox import Inbox
    from sulah.records.load import Load

    folder = extract(lender.inbox / "done" / "2026-11-22", people, named=True)
    load_extract(lender, folder, date(2026, 11, 22), actor="asha", clock=fixed_clock(BEGUN), code_version="test")
    load = Load.objects.get()
    run_day(lender, load.as_of, actor="asha", clock=fixed_clock(BEGUN), code="test", load=load)
    vault, day = Vault(lender), BEGUN.date()
    for number in range(people):
        _said(vault, number, RAW, HEARD)
    send_pictures(lender, {canary("phone", number): canary("photo", number) for number in range(people)}, BEGUN)
    mixed = vault.seal_until(RAW, day, "inbox|one|mixed", json.dumps([canary("mixed", n) for n in range(people)]))
    at: dict[str, Any] = {"received_at": BEGUN, "processed_at": BEGUN}
    Inbox.objects.create(channel="sms", provider="one", event_id="mixed", sealed=mixed, **at)
    client = ApiClient.objects.create(name="m", token_sha256="0" * 64, expires_at=BEGUN, made_at=BEGUN, made_by="x")
    packed = base64.b64encode(zlib.compress(json.dumps([canary("api", n) for n in range(people)]).encode())).decode()
    ApiBatch.objects.create(
        name="b", client=client, key="k", body_sha256="0" * 64, table="borrower", mode="append", as_of=day, received_at=BEGUN, received=1,
        accepted=1, rejected=0, duplicate=0, status=200, answer="", sealed=vault.seal_until(API, day, "api|b", packed), turned_down_by="x",
    )  # fmt: skip
    refused = {str(n): vault.seal_until(RAW, day, f"quarantine|contact|x|{n}", canary("dialler", n)) for n in range(people)}
    DiallerLog.objects.create(
        agency="A", name="log.csv", content_sha256="x", rows=people, taken=0, repeated=0, refused=people, sealed=refused, taken_at=BEGUN,
        taken_by="x",
    )  # fmt: skip


def _said(vault: Any, number: int, raw: str, heard: str) -> None:
    """One reply of a person with its raw body, one of nobody, one message of ours, one officer's code."""
    from sulah.actions.contact.officer_code import code_subject
    from sulah.actions.contact_borrower import subject_of
    from sulah.actions.put_heard import hang_on_person
    from sulah.actions.put_heard import subject_of as heard_subject
    from sulah.records.contact.agent import Agent
    from sulah.records.contact.heard import Heard
    from sulah.records.contact.inbox import Inbox
    from sulah.records.contact.officer_code import OfficerCode
    from sulah.records.contact.outbox import Outbox

    who, day = person(number), BEGUN.date()
    for event, words, whose in ((f"e{number}", canary("reply", number), who), (f"n{number}", canary("nobody", number), "")):
        body = vault.seal_until(raw, day, f"inbox|one|{event}", canary("raw", number) if whose else "")
        Inbox.objects.create(channel="sms", provider="one", event_id=event, sealed=body, received_at=BEGUN, processed_at=BEGUN)
        row = Heard(
            channel="sms", provider="one", event_id=event, kind="text", number_key=f"k{number}", person=whose, said_at=BEGUN, done_at=BEGUN,
            sealed=vault.seal_until(heard, day, heard_subject("one", event), json.dumps({"from": "", "text": words})), received_at=BEGUN,
            reading={"intent": "other"},
        )  # fmt: skip
        hang_on_person(vault, row, {"matched": canary("matched", number)} if whose else {})
        row.save()
    sent = json.dumps({"to": "", "values": [], "text": canary("sent", number)})
    Outbox.objects.create(
        reference=f"m{number}", person=who, channel="sms", purpose="recovery", template="", state="delivered", not_before=BEGUN,
        sealed=vault.seal_about(who, subject_of(f"m{number}"), sent), not_after=BEGUN, queued_at=BEGUN, queued_by="x",
        changed_at=BEGUN,
    )  # fmt: skip
    agent, _ = Agent.objects.get_or_create(id="O1", defaults={"name": "Officer", "engaged_on": day})
    OfficerCode.objects.create(
        agent=agent, person=who, code_key=f"{number:032d}", token_key=f"{number:032d}", made_at=BEGUN, until=BEGUN, made_by="x",
        sealed=vault.seal_about(who, code_subject("O1", who), canary("code", number)),
    )  # fmt: skip

    _noted(vault, number)


def _noted(vault: Any, number: int) -> None:
    """What staff wrote about a person: kept, and its place in a complaint, a stop, and the trail."""
    from sulah.actions.contact.actor import machine
    from sulah.actions.keep_words import keep_words
    from sulah.kernel.dates import fixed_clock
    from sulah.records.audit import write_audit
    from sulah.records.contact.stop import StopEvent
    from sulah.records.contact.task import Complaint

    who = person(number)
    place = keep_words(vault, who, f"Her son {canary('note', number)} came", by=machine("asha"), clock=fixed_clock(BEGUN))
    closed = {"state": "answered", "closed_at": BEGUN, "closed_by": "x", "words": place}
    about = {"number": f"C{number}", "kind": "complaint", "person": who, "channel": "sms"}
    Complaint.objects.create(**about, opened_at=BEGUN, opened_by="x", reply_by=BEGUN.date(), **closed)
    StopEvent.objects.create(
        event="promise", scope="person", key=who, person=who, since=BEGUN, until=BEGUN, reason=place, taken_at=BEGUN, raised_by="x"
    )
    write_audit(at=BEGUN, actor="asha", act="stop.raise", subject=f"borrower:{who}", after={"reason": place})


def erase(lender: Lender, people: int) -> None:
    """Everybody but the one who stays, asked for by one and approved by another; and the lender's files sealed by then."""
    from sulah.actions.contact.actor import machine
    from sulah.actions.erase_person import ask_erasures, decide_erasures
    from sulah.actions.seal_filed import seal_filed
    from sulah.kernel.dates import fixed_clock

    clock = fixed_clock(ASKED)
    back_up(lender, lender.root.parent / "elsewhere", ASKED - timedelta(days=1))
    seal_filed(lender, actor="asha", clock=clock)
    rows = ask_erasures(lender, [person(n) for n in range(people)], reason="asked for in writing", by=machine("asha"), clock=clock)
    done = decide_erasures(lender, [row.pk for row in rows], approve=True, by=machine("ravi"), clock=clock)
    if {row.state for row in done} != {"done"}:
        raise SystemExit(str([row.kept_for for row in done][:3]))


def finish(lender: Lender, people: int) -> None:
    """What a killed erasure left, ended: asked for and approved where it was not, done where it was."""
    from sulah.actions.contact.actor import machine
    from sulah.actions.erase_person import ask_erasures, decide_erasures, end_erasures
    from sulah.actions.seal_filed import seal_filed
    from sulah.kernel.dates import fixed_clock
    from sulah.records.erasure import Erasure

    clock = fixed_clock(ASKED)
    seal_filed(lender, actor="asha", clock=clock)
    if not Erasure.objects.exists():
        ask_erasures(lender, [person(n) for n in range(people)], reason="asked for in writing", by=machine("asha"), clock=clock)
    if waiting := list(Erasure.objects.filter(state="asked").values_list("pk", flat=True)):
        decide_erasures(lender, waiting, approve=True, by=machine("ravi"), clock=clock)
    end_erasures(lender, by=machine("ravi"), clock=clock)


def retain(lender: Lender, people: int) -> None:
    """A later extract without them, then the stated days pass; the past day is rebuilt to the same bytes."""
    from sulah.actions.load_extract import load_extract
    from sulah.kernel.dates import fixed_clock

    clock = fixed_clock(LATER)
    folder = extract(lender.root / "sent", people, named=False)
    load_extract(lender, folder, LATER.date(), actor="asha", clock=clock, code_version="test")
    go(lender, people)


def go(lender: Lender, _people: int) -> None:
    """What `sulah retain --do` does when the stated days are over."""
    from sulah.actions.erase_person import finish_wiping
    from sulah.actions.forget_batches import forget_batches
    from sulah.actions.retain_book import let_go
    from sulah.actions.retain_keys import destroy_keys
    from sulah.kernel.dates import fixed_clock

    who: dict[str, Any] = {"actor": "asha", "clock": fixed_clock(datetime(END.year, END.month, END.day, 6, tzinfo=UTC))}
    let_go(lender, END, **who)
    forget_batches(lender, END, **who)
    finish_wiping(**who)
    destroy_keys(lender, END, **who)


def proven(lender: Lender) -> dict[str, Any]:
    """What the past day rebuilds to, who is erased, and what a check finds wrong."""
    from sulah.daycycle.audit import wrong_with
    from sulah.daycycle.run import replay_day
    from sulah.records.erasure import Erasure

    with tempfile.TemporaryDirectory(dir=lender.book) as folder:
        replay = replay_day(lender, date(2026, 11, 22), code="test", folder=Path(folder))
    wrong = [words for found in wrong_with(lender).values() for words in found]
    return {"different": list(replay.different), "erased": Erasure.objects.filter(state="done").count(), "checked": wrong}


def back_up(lender: Lender, where: Path, at: datetime) -> None:
    """The book and records into one folder, the keys into another."""
    from sulah.actions.backup_book import backup_book
    from sulah.actions.keep_keys import back_up_keys
    from sulah.kernel.dates import fixed_clock

    backup_book(lender, where / "store", actor="asha", clock=fixed_clock(at), code="test")
    back_up_keys(lender, where / "keys", actor="asha", clock=fixed_clock(at))


def main() -> None:
    """One stage."""
    stage, root, people = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if stage == "live":
        from sulah.cli.init import make_lender
        from sulah.kernel.terms import EntityType

        make_lender(root / "lender", name="Canary", entity=EntityType.NBFC_MFI)
        settings = root / "lender" / "lender.toml"
        settings.write_text(settings.read_text().replace("[load]", "[load]\nquarantine_percent = 100\nrows_fall_bps = 10000", 1))
    lender = open_lender(root / "lender")
    from sulah.records.connect import bring_up_to_date, connect_records

    connect_records(lender.root, lender.database)
    bring_up_to_date()
    {"live": live, "erase": erase, "finish": finish, "retain": retain, "let_go": go}[stage](lender, people)
    told = proven(lender) if stage in ("retain", "finish") else {}
    if stage in ("live", "erase"):
        at = {"live": BEGUN, "erase": ASKED}[stage]
        take_out(open_lender(root / "lender"), date(2026, 11, 22), person(0), root / f"taken-out-{stage}", at)
    if stage not in ("finish", "let_go"):
        back_up(lender, root / "elsewhere", {"live": BEGUN, "erase": ASKED, "retain": LATER}[stage])
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
