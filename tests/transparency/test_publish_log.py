"""What goes out of a lender's log: receipts, the daily checkpoint by folder and mail, witnesses' signatures; and what is held back."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from sulah.actions.log import witness_logs
from sulah.actions.log.log_turns import LogTurns
from sulah.actions.log.make_receipts import entries_about, newest_footer, receipt_of, standing_log
from sulah.actions.log.publish_log import Published, publish_log
from sulah.actions.log.resume_log import begin_anew, resume_log
from sulah.actions.log.sequence_log import LogHeldError, close_log, sequence_log
from sulah.actions.log.start_log import log_store, signing_key, start_log
from sulah.actions.log.tell_log import tell_log
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.log.against_records import wrong_log
from sulah.adapters.log.keys import read_signing_key
from sulah.adapters.log.settings import LogSettingsError, log_settings
from sulah.kernel.dates import fixed_clock
from sulah.kernel.refusal import Refusal
from sulah.records.audit import AuditEntry, write_audit
from sulah.records.log_entry import LogEntry, LogHead
from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.note import parse_note
from tests.channels.mail_place import EMAIL, SECRETS, mail_place
from tests.contact.people import NOON
from tests.transparency.made import ORIGIN, WITNESS_KEY, outside

pytestmark = pytest.mark.django_db
CLOCK = fixed_clock(NOON)


def written(lender: Lender, more: str = "") -> Lender:
    """The lender as its lender.toml says it is, with lines more."""
    path = lender.root / "lender.toml"
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    return open_lender(lender.root)


@pytest.fixture
def lender(tmp_path: Path, settings: object) -> Lender:
    """A lender whose log is begun, with three acts on two borrowers."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "lender.toml").write_text('[lender]\nname = "Kaveri"\nentity_type = "nbfc_mfi"\nsimulated = true\n', "utf-8")
    settings.LENDER = tmp_path  # type: ignore[attr-defined]
    made = open_lender(tmp_path)
    start_log(made, actor="init", clock=CLOCK, origin=ORIGIN)
    for number, person in enumerate(("P1", "P2", "P1")):
        write_audit(at=NOON, actor="asha", act="task.open", subject=f"borrower:{person}", after={"number": number})
    return made


def grown(lender: Lender, minutes: int = 0) -> int:
    """The log with all that waits in it; its size."""
    return sequence_log(lender, clock=fixed_clock(NOON + timedelta(minutes=minutes)), now=True).size


def key_of(lender: Lender) -> list[str]:
    """The key that an auditor was given."""
    return [signing_key(lender).verifier.text]


def test_a_borrower_gets_the_receipts_of_what_was_done_about_her_and_an_outsider_reads_them(lender: Lender, tmp_path: Path) -> None:
    grown(lender)
    standing = standing_log(lender)
    for asked in ("P1", "borrower:P1"):
        assert [entry.seq for entry in entries_about(asked)] == [3, 1]
    for entry in entries_about("P1"):
        path = tmp_path / f"{entry.seq}.json"
        path.write_bytes(receipt_of(standing, entry, with_words=True).to_json())
        code, words = outside("receipt", path, trusted=key_of(lender))
        assert code == 0, words
        assert '"subject":"borrower:P1"' in words
    bare = receipt_of(standing, entries_about("1")[0], with_words=False).to_json()
    assert b"P1" not in bare
    assert b"asha" not in bare


def test_an_act_is_in_no_receipt_before_its_checkpoint_and_comes_within_a_minute_of_the_last(lender: Lender) -> None:
    grown(lender)
    write_audit(at=NOON, actor="asha", act="task.close", subject="borrower:P9")
    soon, later = (fixed_clock(NOON + timedelta(seconds=seconds)) for seconds in (59, 60))
    assert sequence_log(lender, clock=soon).entries == 0
    assert entries_about("P9") == []
    assert sequence_log(lender, clock=later).entries == 1
    assert receipt_of(standing_log(lender), entries_about("P9")[0], with_words=True).index == 4


def test_a_salt_that_was_destroyed_leaves_a_receipt_without_words_and_a_log_that_holds(lender: Lender) -> None:
    grown(lender)
    LogEntry.objects.filter(seq=1).update(salt=None)
    AuditEntry.objects.filter(pk=LogEntry.objects.get(seq=1).row).delete()
    entry = LogEntry.objects.get(seq=1)
    assert receipt_of(standing_log(lender), entry, with_words=True).opening is None
    assert outside("log", log_store(lender).root, trusted=key_of(lender))[0] == 0


def published(lender: Lender, minutes: int = 0) -> Published:
    """Published once."""
    return publish_log(lender, environment=SECRETS, actor="cron", clock=fixed_clock(NOON + timedelta(minutes=minutes)))


def test_the_auditor_gets_the_checkpoint_by_mail_and_can_hold_it_against_the_log_later(lender: Lender, tmp_path: Path) -> None:
    with mail_place(tmp_path / "server") as place:
        port = place.settings.providers[0].port
        mailing = written(
            lender, EMAIL.format(port=port, security="none", host="127.0.0.1") + '\n[log]\nauditor = "auditor@firm.example"\n'
        )
        done = published(mailing)
        assert [done.mailed_to] == [taken.recipient for taken in place.server.taken] == ["auditor@firm.example"]
        assert done.file.read_text("utf-8").encode() in b"".join(_parts(place.server.taken[0].content))
    seen = tmp_path / "seen"
    shutil.copy(done.file, seen)
    write_audit(at=NOON, actor="x", act="x.y", subject="s")
    grown(lender, 5)
    assert outside("log", log_store(lender).root, "--seen", seen, trusted=key_of(lender))[0] == 0
    told = tell_log(mailing)
    assert (told.mailed_to, told.size, told.trouble) == ("auditor@firm.example", 6, "")


def _parts(mail: bytes) -> list[bytes]:
    from email import message_from_bytes

    return [bytes(part.get_payload(decode=True) or b"").replace(b"\r\n", b"\n") for part in message_from_bytes(mail).walk()]


def test_a_mail_server_that_is_away_is_told_of_and_the_file_is_out_all_the_same(lender: Lender) -> None:
    mailing = written(lender, EMAIL.format(port=1, security="none", host="127.0.0.1") + '\n[log]\nauditor = "auditor@firm.example"\n')
    done = published(mailing)
    assert (done.mailed_to, done.file.is_file()) == ("", True)
    assert any("The auditor was not mailed" in note for note in done.notes)


@pytest.fixture
def door(lender: Lender) -> Iterator[int]:
    """The web application on a free port."""

    class Silent(WSGIRequestHandler):
        """A handler that says nothing."""

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing is said."""

    import_module("sulah.web.urls")  # so that the first request need not
    server = make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_witness_asked_over_http_signs_what_goes_on_and_refuses_another_history(lender: Lender, door: int, tmp_path: Path) -> None:
    """The lender witnesses its own log here; a key's owner is no part of the protocol."""
    witness = witness_logs.own_witness_key(lender, "witness.kaveri.example", actor="x", clock=CLOCK)
    rows = f'\n[[log.witness]]\naddress = "http://127.0.0.1:{door}"\nkey = "{witness.verifier.text}"\n'
    both = written(lender, f'{rows}\n[[log.watched]]\nkey = "{key_of(lender)[0]}"\n')
    for minutes in (0, 2):
        write_audit(at=NOON, actor="x", act="x.y", subject=f"s{minutes}")
        grown(both, minutes)
        assert witness_logs.ask_witnesses(both) == witness_logs.Asked(("witness.kaveri.example",))
    keys = [*key_of(lender), witness.verifier.text]
    assert outside("log", log_store(lender).root, "--witnesses", 1, trusted=keys)[0] == 0
    assert [name for name, _ in tell_log(both).witnesses] == ["witness.kaveri.example"]
    write_audit(at=NOON, actor="x", act="x.y", subject="s4")
    grown(both, 4)
    (log_store(lender).root / "tile").rename(tmp_path / "gone")
    again = witness_logs.ask_witnesses(both)
    assert (again.signed, len(again.notes)) == ((), 1)


def test_a_witness_that_is_away_or_watches_nobody_is_told_of_and_the_log_goes_on(lender: Lender, door: int) -> None:
    key = WITNESS_KEY.verifier.text
    asking = written(lender, f'\n[[log.witness]]\naddress = "http://127.0.0.1:{door}"\nkey = "{key}"\n')
    done = published(asking)
    assert any("404" in note for note in done.notes)
    away = replace(asking, settings={"log": {"witness": [{"address": "http://127.0.0.1:1", "key": key}]}})
    assert any("cannot be reached" in note for note in published(away).notes)
    with pytest.raises(LogSettingsError, match="https"):
        log_settings(replace(asking, settings={"log": {"witness": [{"address": "http://witness.example", "key": key}]}}))


def test_a_log_is_begun_once_and_keeps_its_name_and_its_keys_are_its_owners_alone(lender: Lender) -> None:
    assert start_log(lender, actor="x", clock=CLOCK) == ORIGIN
    assert AuditEntry.objects.filter(act="log.start").count() == 1
    with pytest.raises(Refusal, match="stays it"):
        start_log(lender, actor="x", clock=CLOCK, origin="another")
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in lender.keys.iterdir()} == {"log.key": "0o600", "pseudonym.key": "0o600"}
    assert read_signing_key(lender.keys / "log.key").name == ORIGIN


def test_records_older_than_the_log_are_refused_in_clear_words(lender: Lender) -> None:
    grown(lender)
    LogEntry.objects.filter(seq__gte=2).update(seq=None)
    LogHead.objects.update(numbered=2)
    with pytest.raises(Refusal, match="the records are older than the log"):
        grown(lender)
    assert any("the records are older than the log" in words for words in wrong_log(lender))


def restored(lender: Lender, size: int) -> None:
    """The lender as a backup of that size brings it back: records and log of one moment, the log held."""
    known = LogEntry.objects.filter(seq__lt=size).order_by("-id").values_list("id", flat=True)[0]
    LogEntry.objects.filter(id__gt=known).delete()
    AuditEntry.objects.filter(id__gt=known).delete()
    LogHead.objects.update(numbered=size, published=size, held="2026-11-24T100000")


def test_a_restored_log_signs_nothing_until_the_newest_checkpoint_was_seen(lender: Lender, tmp_path: Path) -> None:
    size = grown(lender)
    here, log = log_store(lender).checkpoint() or "", log_store(lender).root
    shutil.copytree(log, tmp_path / "backup")
    write_audit(at=NOON, actor="x", act="x.y", subject="s")
    grown(lender, 2)
    later = log_store(lender).checkpoint() or ""
    shutil.rmtree(log)
    shutil.copytree(tmp_path / "backup", log)
    restored(lender, size)
    write_audit(at=NOON, actor="x", act="other.act", subject="s")
    with pytest.raises(LogHeldError, match="came back from the backup"):
        grown(lender, 4)
    assert LogEntry.objects.filter(seq=None).count() == 1
    with pytest.raises(Refusal, match="older than the log"):
        resume_log(lender, later, actor="x", clock=CLOCK)
    assert resume_log(lender, here, actor="x", clock=CLOCK) == size
    assert grown(lender, 6) == size + 2
    assert wrong_log(lender) == []


def test_a_log_that_cannot_go_on_begins_anew_under_another_name_with_the_same_entries(lender: Lender) -> None:
    size = grown(lender)
    old = (log_store(lender).root / "tile").rglob("*")
    assert any(path.is_file() for path in old)
    restored(lender, size)
    assert begin_anew(lender, "log2.kaveri.example", actor="x", clock=CLOCK) == "log2.kaveri.example"
    assert grown(lender, 2) == size + 1
    assert wrong_log(lender) == []
    assert parse_checkpoint(parse_note(log_store(lender).checkpoint() or "").text).origin == "log2.kaveri.example"
    aside = lender.root / "log-before-2026-11-24T100000"
    assert (aside / "tile/entries/000.p").exists()
    assert (log_store(lender).root / "tile/entries").exists()


CHANGES = {
    "an audit row was changed": ("UPDATE records_auditentry SET actor = 'ravi', seal = '' WHERE id = 2", "does not commit"),
    "an audit row was deleted": (
        "DELETE FROM records_auditentry WHERE id = (SELECT max(id) FROM records_auditentry)",
        "not in the records",
    ),
    "an entry was deleted": ("DELETE FROM records_logentry WHERE seq = 2", "has no entry"),
    "an entry was changed": ("UPDATE records_logentry SET subject = 'x' WHERE seq = 2", "other entries than the records"),
    "a salt was changed": ("UPDATE records_logentry SET commit = 'a' || substr(commit, 2) WHERE seq = 2", "of the two was changed"),
    "a row was written past the writer": (
        "INSERT INTO records_auditentry (at, actor, act, subject, before, after, seal) SELECT at, 'x', 'x.y', 's', before, after, '' "
        "FROM records_auditentry WHERE id = (SELECT min(id) FROM records_auditentry)",
        "has no entry of the log",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_check_finds_what_was_done_behind_the_log(lender: Lender, change: str) -> None:
    grown(lender)
    assert wrong_log(lender) == []
    statement, words = CHANGES[change]
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("WHERE id = 2", f"WHERE id = {LogEntry.objects.get(seq=1).row}").replace("commit", '"commit"'))
    assert any(words in found for found in wrong_log(lender)), wrong_log(lender)


def test_a_day_closes_with_everything_and_stays_closed(lender: Lender) -> None:
    on = NOON.date()
    assert close_log(lender, on, clock=CLOCK, wait=lambda: None).size == 4
    first = log_store(lender).closed(on)
    write_audit(at=NOON, actor="x", act="x.y", subject="s")
    assert close_log(lender, on, clock=CLOCK, wait=lambda: None).size == 5
    assert log_store(lender).closed(on) == first
    with log_store(lender).writing():
        write_audit(at=NOON, actor="x", act="x.y", subject="s")
        assert "Another process" in close_log(lender, on, clock=CLOCK, wait=lambda: None).words


def test_a_worker_takes_turns_and_says_a_trouble_once(lender: Lender) -> None:
    said: list[str] = []
    seconds = iter(range(0, 1000, 100))
    turns = LogTurns(lender, CLOCK, lambda: float(next(seconds)), said.append)
    turns()
    assert LogHead.objects.get().published == 4
    LogHead.objects.update(held="2026-11-24T100000", checkpoint_at=None)
    write_audit(at=NOON, actor="x", act="x.y", subject="s")
    turns()
    turns()
    turns.last()
    assert len(said) == 1


def test_the_code_for_the_foot_of_a_message_is_the_newest_checkpoints(lender: Lender) -> None:
    assert newest_footer(lender).startswith("0-")
    grown(lender)
    assert outside("footer", newest_footer(lender), "--log", log_store(lender).root, trusted=key_of(lender))[0] == 0
    assert json.loads(json.dumps(tell_log(lender).plain(), default=str))["footer"] == newest_footer(lender)
