"""Every act and every decision has its entry of the log, written with it or not at all."""

import ast
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from django.db import connection, transaction

import sulah
from sulah.actions.contact.reserve_contact import reserve_contact
from sulah.kernel.dates import IST
from sulah.records import logged
from sulah.records.audit import AuditEntry, audit_words, write_audit, write_audits
from sulah.records.contact.decision import Decision, decision_words
from sulah.records.log_entry import LogEntry
from sulah.records.logged import AUDIT, DECISION, check_of, opened, pseudonym, words_of
from tests.contact.people import BY, CLOCK, NOON, RULES, put_person, sms

pytestmark = pytest.mark.django_db
KEY = bytes(range(32))
ODD = {"share": 0.1, "huge": 2**70, "small": 1e-7, "list": (1, [None, True]), "deep": {"é": "अ", "b": ""}, 5: "five", "half": "\ud800"}


@pytest.fixture
def keyed(tmp_path: Path, settings: object) -> Path:
    """A lender with a key of pseudonyms."""
    settings.LENDER = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / logged.PSEUDONYM_KEY).write_text(f"{KEY.hex()}\n{check_of(KEY)}\n", "ascii")
    return tmp_path


def one_to_one() -> bool:
    """Are rows and entries one to one, and does each entry open to the words of its row?"""
    rows = {(AUDIT, row.pk): audit_words(row) for row in AuditEntry.objects.all()}
    rows |= {(DECISION, row.pk): decision_words(row) for row in Decision.objects.all()}
    entries = {(entry.of, entry.row): entry for entry in LogEntry.objects.all()}
    return set(rows) == set(entries) and all(opened(entries[place], words) for place, words in rows.items())


class GaveUpError(Exception):
    """An act that does not come to its end."""


def test_acts_and_entries_are_one_to_one_after_any_mix_of_acts_and_rollbacks(keyed: Path) -> None:
    chance = Random(20261123)
    for number in range(120):
        person = f"P{number}"
        try:
            with transaction.atomic():
                what = chance.randrange(4)
                if what == 0:
                    put_person(person)
                    reserve_contact(sms(f"i-{number}", person), RULES, by=BY, clock=CLOCK)
                elif what == 1:
                    write_audit(at=NOON, actor="asha", act="task.open", subject=f"borrower:{person}", after={"number": number})
                elif what == 2:
                    write_audits(
                        AuditEntry(at=NOON, actor="run", act="message.queue", subject=f"message:{number}.{each}")
                        for each in range(chance.randrange(4))
                    )
                else:
                    with transaction.atomic():
                        write_audit(at=NOON, actor="ravi", act="stop.raise", subject="x")
                    if chance.random() < 0.5:
                        transaction.set_rollback(True)
                if chance.random() < 0.3:
                    raise GaveUpError
        except GaveUpError:
            pass
    assert LogEntry.objects.filter(of=DECISION).count() > 10
    assert LogEntry.objects.filter(of=AUDIT).count() > 30
    assert one_to_one()


def test_an_entry_carries_pseudonyms_and_says_nothing_in_the_clear(keyed: Path) -> None:
    write_audit(
        at=NOON + timedelta(microseconds=7), actor="asha", act="task.open", subject="borrower:P-917", after={"number": "98450 12345"}
    )
    entry = LogEntry.objects.get()
    assert (entry.actor, entry.subject) == (pseudonym(KEY, "asha"), pseudonym(KEY, "borrower:P-917"))
    assert (entry.type, entry.at, entry.on) == ("task.open", NOON, NOON.astimezone(IST).date())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM records_logentry")
        held = str(cursor.fetchall())
    assert not any(words in held for words in ("asha", "P-917", "98450"))


def test_a_lender_without_the_key_keeps_entries_waiting_for_their_pseudonyms(tmp_path: Path, settings: object) -> None:
    settings.LENDER = tmp_path  # type: ignore[attr-defined]
    write_audit(at=NOON, actor="asha", act="task.open", subject="borrower:P1")
    assert (LogEntry.objects.get().actor, LogEntry.objects.get().subject) == ("", "")


def test_a_decision_names_the_rules_that_decided_and_is_about_the_borrower(keyed: Path) -> None:
    put_person()
    answer = reserve_contact(sms(), RULES, by=BY, clock=CLOCK)
    entry = LogEntry.objects.get(of=DECISION)
    assert entry.policy == answer.rules_version
    assert entry.subject == pseudonym(KEY, "borrower:P1")
    assert entry.type == ("decision.permit" if answer.permitted else "decision.refuse")


@pytest.mark.parametrize("without", [None, *ODD])
def test_the_words_of_an_act_are_the_same_when_they_come_back_from_the_database(keyed: Path, without: object) -> None:
    after = {name: value for name, value in ODD.items() if name != without and (name != "half" or connection.vendor == "sqlite")}
    write_audit(at=NOON, actor="a", act="x.y", subject="s", after=after)  # type: ignore[arg-type]
    assert one_to_one()


def test_words_have_one_way_to_be_written() -> None:
    assert words_of({"b": 1, "a": [2.5, 2**53 - 1, 2**53]}) == b'{"a":["2.5",9007199254740991,"9007199254740992"],"b":1}'
    assert words_of({"b": {3: 1.0}}) == words_of({"b": {"3": 1.0}})


def test_no_code_but_the_two_writers_makes_an_audit_entry_or_a_decision() -> None:
    """Whoever wrote a row past its writer would write an act without an entry."""
    root, made = Path(sulah.__path__[0]), set()
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            words = ast.unparse(node.func)
            if words in ("AuditEntry", "Decision") or (
                words.startswith(("AuditEntry.objects.", "Decision.objects.")) and "create" in words
            ):
                made.add((words, path.relative_to(root).as_posix()))
    drafts = {("AuditEntry", f"actions/{name}.py") for name in ("queue_message", "contact/withdraw_steps")}
    assert made - drafts == {
        ("AuditEntry", "records/audit.py"),
        ("AuditEntry.objects.bulk_create", "records/audit.py"),
        ("Decision", "records/contact/decision.py"),
    }
