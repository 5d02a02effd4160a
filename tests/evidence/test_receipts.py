"""A bundle carries the log's receipt of each decision: outsiders see that the log was told the same, and that nothing is left out."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from sulah.actions.evidence.bundle_day import bundle_day
from sulah.actions.log.sequence_log import close_log, sequence_log
from sulah.actions.log.start_log import log_store, signing_key, start_log
from sulah.adapters.book.layout import Lender
from sulah.guard.replay_says import replay_words
from sulah.kernel.dates import fixed_clock
from sulah.records.audit import write_audit
from tests.contact.people import BY
from tests.contact.small_day import lived_once
from tests.evidence.contact_day import DAY, instant, live_contacts
from tests.evidence.test_bundle import lines_of, replay_of, rewritten, written
from tests.transparency.made import KEYS, VERIFIER

pytestmark = pytest.mark.django_db
NIGHT = fixed_clock(instant(23, 50))
LATER = fixed_clock(instant(9, days=1))
Lines = list[dict[str, Any]]


def told_outside(bundle: Path, *words: object) -> tuple[int, str]:
    """Exit code and words of the program as somebody outside runs it, who knows nothing of the project."""
    program = VERIFIER.with_name("sulah_bundle.py")
    ended = subprocess.run([sys.executable, program, bundle, *map(str, words)], capture_output=True, text=True, check=False, env={})
    return ended.returncode, (ended.stdout + ended.stderr).strip()


@dataclass(frozen=True)
class Day:
    """Bundles of one day, made before the log was closed for it and twice after; the log's key and folder."""

    open: Path
    closed: Path
    later: Path
    key: str
    log: Path

    def said(self, bundle: Path, *words: object) -> tuple[int, str]:
        """What the outside verifier says of a bundle, with the key that somebody trusts."""
        return told_outside(bundle, *words, "--key", self.key)


@contextmanager
def contacted(root: Path, unblocked: Any) -> Iterator[Lender]:
    """A lender with three days of contacts behind it, and a log that was begun since."""
    lived = lived_once(root / "lender", unblocked.unblock())
    with pytest.MonkeyPatch.context() as patch, unblocked.unblock(), transaction.atomic():
        lender = lived.published(patch)
        live_contacts(lender)
        start_log(lender, actor="init", clock=NIGHT, origin="kaveri.example/log")
        yield lender
        transaction.set_rollback(True)


def bundled(lender: Lender, root: Path, name: str) -> Path:
    """The bundle of the day, as it is made by now."""
    bundle_day(lender, DAY, root / f"{name}.zip", by=BY, clock=LATER)
    return root / f"{name}.zip"


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Day]:
    root = tmp_path_factory.mktemp("receipts")
    with contacted(root, django_db_blocker) as lender:
        sequence_log(lender, clock=NIGHT, now=True)
        first = bundled(lender, root, "open")
        close_log(lender, DAY, clock=NIGHT, wait=lambda: None)
        closed = bundled(lender, root, "closed")
        grown(lender)
        later = bundled(lender, root, "later")
        shutil.copytree(log_store(lender).root, root / "mirror")
        yield Day(first, closed, later, signing_key(lender).verifier.text, root / "mirror")


def grown(lender: Lender) -> None:
    write_audit(at=LATER(), actor="asha", act="task.close", subject="borrower:P9")
    sequence_log(lender, clock=LATER, now=True)


def test_every_decision_of_the_day_has_a_receipt_that_says_the_same(day: Day) -> None:
    for bundle in (day.open, day.closed):
        found = replay_of(bundle)
        assert (found.holds, found.receipts) == (True, found.decisions)
        assert found.decisions > 100
        assert f"Of {found.decisions:,} the log's receipt says the same." in "\n".join(replay_words(found, digest_known=True))


def test_an_outsider_sees_that_they_stand_in_the_log_and_that_it_has_no_other(day: Day) -> None:
    code, words = day.said(day.closed)
    assert code == 0, words
    assert "has no other" not in words
    code, words = day.said(day.closed, "--log", day.log)
    assert (code, words.endswith("by now, has no other decision of that day.")) == (0, True), words


def test_a_bundle_made_after_the_close_has_the_same_bytes_for_ever(day: Day) -> None:
    """The log has grown since; before the close each bundle stood under the checkpoint of its hour."""
    assert day.later.read_bytes() == day.closed.read_bytes()


def test_a_decision_that_was_left_out_is_missed_by_whoever_has_the_log(day: Day, tmp_path: Path) -> None:
    """A refusal, so that no contact of the ledger misses its permit: the bundle holds in itself."""
    decisions, receipts = lines_of(day.closed, "decisions.jsonl"), lines_of(day.closed, "receipts.jsonl")
    gone = next(one["id"] for one in decisions if not one["outcome"]["permitted"])
    rewritten(day.closed, tmp_path / "a.zip", "decisions.jsonl", written([one for one in decisions if one["id"] != gone]))
    less = [one for one in receipts if one["decision"] != gone]
    rewritten(tmp_path / "a.zip", tmp_path / "b.zip", "receipts.jsonl", written(less))
    assert replay_of(tmp_path / "b.zip").holds
    assert day.said(tmp_path / "b.zip")[0] == 0
    code, words = day.said(tmp_path / "b.zip", "--log", day.log)
    (entry,) = (json.loads(one["receipt"]["entry"])["seq"] for one in receipts if one["decision"] == gone)
    assert code == 1
    assert f"LEFT OUT: the log has 1 more decisions of {DAY}, the first in entry [{entry}]" in words


def another_entry(receipts: Lines) -> None:
    receipts[0]["receipt"], receipts[1]["receipt"] = receipts[1]["receipt"], receipts[0]["receipt"]


def another_answer(receipts: Lines) -> None:
    opening = receipts[0]["receipt"]["opening"]
    said = json.loads(opening["payload"])
    opening["payload"] = json.dumps({**said, "permitted": not said["permitted"]})


def another_salt(receipts: Lines) -> None:
    receipts[0]["receipt"]["opening"]["salt"] = "0" * 64


def twice(receipts: Lines) -> None:
    receipts[1] = receipts[0]


def no_words(receipts: Lines) -> None:
    del receipts[0]["receipt"]["opening"]


def no_decision(receipts: Lines) -> None:
    receipts[0]["decision"] = 10**9


def no_number(receipts: Lines) -> None:
    receipts[0]["decision"] = "1"


@pytest.mark.parametrize("change", [another_entry, another_answer, another_salt, twice, no_words, no_decision, no_number])
def test_a_changed_receipt_is_told_by_the_replay_and_by_the_verifier(day: Day, tmp_path: Path, change: Callable[[Lines], None]) -> None:
    receipts = lines_of(day.closed, "receipts.jsonl")
    change(receipts)
    rewritten(day.closed, tmp_path / "b.zip", "receipts.jsonl", written(receipts))
    found = replay_of(tmp_path / "b.zip")
    assert {one.file for one in found.differences} == {"receipts.jsonl"}
    assert found.receipts == found.decisions - (2 if change is another_entry else 1)
    assert day.said(tmp_path / "b.zip")[0] == 1


@pytest.mark.parametrize("column", ["content_sha256", "facts_sha256", "rules_version"])
def test_a_decision_that_says_otherwise_than_the_log_was_told_is_named(day: Day, tmp_path: Path, column: str) -> None:
    decisions = lines_of(day.closed, "decisions.jsonl")
    decisions[3][column] = "0" * 64
    rewritten(day.closed, tmp_path / "b.zip", "decisions.jsonl", written(decisions))
    words = {one.words for one in replay_of(tmp_path / "b.zip").differences if one.file == "receipts.jsonl"}
    name = {"content_sha256": "content", "facts_sha256": "facts", "rules_version": "rules"}[column]
    assert words == {f"the log was told otherwise: {name}"}
    code, said = day.said(tmp_path / "b.zip")
    assert (code, f"the log was told otherwise of decision {decisions[3]['id']}" in said) == (1, True)


def test_a_missing_receipt_and_a_log_of_another_key_do_not_hold(day: Day, tmp_path: Path) -> None:
    rewritten(day.closed, tmp_path / "b.zip", "receipts.jsonl", written(lines_of(day.closed, "receipts.jsonl")[1:]))
    found = replay_of(tmp_path / "b.zip")
    assert (found.holds, found.receipts) == (True, found.decisions - 1)
    assert f"1 of {found.decisions:,} decisions have no receipt" in day.said(tmp_path / "b.zip")[1]
    assert told_outside(day.closed, "--key", KEYS[0].text)[0] == 1  # with the key of another log
    assert told_outside(day.closed)[0] == 2
    assert told_outside(tmp_path / "none.zip", "--key", day.key)[0] == 2


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_does_not_hold(day: Day, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    assert day.said(tmp_path / "b.zip")[0] == 1


def changed(bundle: Path, out: Path, **lists: Lines) -> Path:
    """The bundle with some lists in place of its own, sealed anew."""
    for name, some in lists.items():
        made = out.with_suffix(f".{name}")
        rewritten(bundle, made, f"{name}.jsonl", written(some))
        bundle = made
    return bundle


def hides(one: dict[str, Any]) -> dict[str, Any]:
    """The decision as it would leave of somebody who was erased."""
    bare = {name: one["intent"][name] for name in ("intent_id", "person_id", "at", "channel", "purpose")}
    return {**one, "facts": None, "intent": bare}


def test_an_invented_erasure_is_told_by_the_replay_and_by_the_verifier(day: Day, tmp_path: Path) -> None:
    """The facts of one refusal are blanked, a line says that the person was erased, and the manifest is sealed anew."""
    decisions = lines_of(day.closed, "decisions.jsonl")
    place = next(place for place, one in enumerate(decisions) if not one["outcome"]["permitted"])
    decisions[place] = hides(decisions[place])
    person, number = decisions[place]["intent"]["person_id"], decisions[place]["id"]
    line = {"person": person, "at": "2026-12-01T05:00:00.000000+00:00", "certificate": "e" * 64}
    for receipt in ({}, {"receipt": None}):
        forged = changed(day.closed, tmp_path / "b", decisions=decisions, erasures=[{**line, **receipt}])
        (told,) = replay_of(forged).differences
        assert (told.decision, told.words) == (number, "its facts are gone, and no receipt of the log proves the erasure")
        code, words = day.said(forged)
        hidden = f"HIDDEN: 1 decisions are without facts, and no receipt of the log names an erasure since, the first [{number}]"
        assert (code, hidden in words) == (1, True), words
    silent = changed(forged, tmp_path / "c", receipts=[])
    assert "1 are hidden by erasures that nothing proves" in "\n".join(replay_words(replay_of(silent), digest_known=True))
    assert day.said(silent)[0] == 1, "who takes the receipts away too has none to show"


def test_a_day_without_decisions_holds_where_a_log_that_goes_on_has_none_of_it(day: Day, tmp_path: Path) -> None:
    """Without the log, or with a copy of it that ends before, it was not checked."""

    def said(name: str, on: date, *words: object) -> tuple[int, str]:
        bare = changed(day.closed, tmp_path / name, decisions=[], receipts=[])
        rewritten(bare, tmp_path / f"{name}.zip", "contacts.jsonl", [], day=str(on))
        return day.said(tmp_path / f"{name}.zip", *words)

    quiet = DAY - timedelta(days=30)
    code, words = said("a", quiet)
    assert code == 2
    assert words == f"NOT CHECKED: the bundle has no decision of {quiet}, and only the log can say that there was none: give --log."
    code, words = said("b", quiet, "--log", day.log)
    assert (code, f"HOLDS: the bundle of {quiet} has no decision, and there is none of that day in the log" in words) == (0, True), words
    code, words = said("c", DAY + timedelta(days=9), "--log", day.log)
    assert (code, "has no entry of a later day: take a newer copy of the log" in words) == (2, True), words
    code, words = said("d", DAY, "--log", day.log)
    assert (code, "DOES NOT HOLD: LEFT OUT: the log has " in words) == (1, True), words
