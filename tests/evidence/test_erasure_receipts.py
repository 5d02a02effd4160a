"""A bundle carries the log's receipt of each erasure: nobody hides a decision behind an erasure that the log was not told of."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sulah.actions.evidence.erased import ACT, SUBJECT
from sulah.actions.log.sequence_log import close_log
from sulah.actions.log.start_log import log_store, signing_key
from sulah.kernel.commitment import commitment
from sulah.records.audit import write_audit
from tests.evidence.contact_day import DAY, instant
from tests.evidence.test_bundle import lines_of, replay_of
from tests.evidence.test_receipts import LATER, NIGHT, bundled, changed, contacted, grown, hides, told_outside

pytestmark = pytest.mark.django_db
GONE, ERASED_AT = "V10", instant(15)
Line = dict[str, Any]


@dataclass(frozen=True)
class Day:
    """Bundles of one day: closed before anybody was erased, while the erasure waits for its place, after the next close, and once more."""

    closed: Path
    waiting: Path
    erased: Path
    anew: Path
    key: str
    log: Path

    def said(self, bundle: Path, *words: object) -> tuple[int, str]:
        """What the outside verifier says of a bundle, with the key that somebody trusts."""
        return told_outside(bundle, *words, "--key", self.key)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Day]:
    root = tmp_path_factory.mktemp("erasures")
    with contacted(root, django_db_blocker) as lender:
        close_log(lender, DAY, clock=NIGHT, wait=lambda: None)
        closed = bundled(lender, root, "closed")
        write_audit(at=ERASED_AT, actor="asha", act=ACT, subject=f"{SUBJECT}{GONE}", after={"erasure": 1, "certificate": "e" * 64})
        waiting = bundled(lender, root, "waiting")
        close_log(lender, DAY + timedelta(days=1), clock=LATER, wait=lambda: None)
        erased = bundled(lender, root, "erased")
        grown(lender)
        anew = bundled(lender, root, "anew")
        shutil.copytree(log_store(lender).root, root / "mirror")
        yield Day(closed, waiting, erased, anew, signing_key(lender).verifier.text, root / "mirror")


def test_an_erasure_comes_with_the_receipt_that_names_person_and_instant(day: Day) -> None:
    (line,) = lines_of(day.erased, "erasures.jsonl")
    said = json.loads(line["receipt"]["opening"]["payload"])
    assert (said["act"], said["subject"], said["at"]) == ("person.erase", f"person:{GONE}", line["at"])
    found = replay_of(day.erased)
    hidden = sum(one["facts"] is None for one in lines_of(day.erased, "decisions.jsonl"))
    assert (found.holds, found.erased, found.proven, found.unproven) == (True, hidden, hidden, 0)
    assert hidden > 0
    code, words = day.said(day.erased, "--log", day.log)
    assert code == 0, words


def test_after_an_erasure_too_a_bundle_has_the_same_bytes_for_ever(day: Day) -> None:
    """All its receipts are under the first close that has the erasure; before that one, under the checkpoint of its hour."""
    assert day.anew.read_bytes() == day.erased.read_bytes() != day.closed.read_bytes()


def test_an_erasure_that_waits_for_its_place_in_the_log_hides_nothing_yet(day: Day) -> None:
    assert [one["receipt"] for one in lines_of(day.waiting, "erasures.jsonl")] == [None]
    found = replay_of(day.waiting)
    assert {one.words for one in found.differences} == {"its facts are gone, and no receipt of the log proves the erasure"}
    assert len(found.differences) == found.unproven > 0
    code, words = day.said(day.waiting)
    assert (code, f"HIDDEN: {found.unproven} decisions are without facts" in words) == (1, True), words


def another_person(line: Line) -> None:
    line["person"] = "V03"


def later_instant(line: Line) -> None:
    line["at"] = "2027-01-01T00:00:00.000000+00:00"


def another_certificate(line: Line) -> None:
    line["certificate"] = "0" * 64


def words_of_its_own(line: Line) -> None:
    """Entry, words and salt fit each other, and stand in no log."""
    receipt = line["receipt"]
    receipt["opening"] = {"salt": "0" * 64, "payload": receipt["opening"]["payload"]}
    entry = json.loads(receipt["entry"])
    entry["commit"] = commitment(bytes(32), receipt["opening"]["payload"].encode())
    receipt["entry"] = json.dumps(entry, separators=(",", ":"))


@pytest.mark.parametrize("change", [another_person, later_instant, another_certificate, words_of_its_own])
def test_the_receipt_of_another_erasure_or_of_no_log_proves_none(day: Day, tmp_path: Path, change: Callable[[Line], None]) -> None:
    (line,) = lines_of(day.erased, "erasures.jsonl")
    change(line)
    forged = changed(day.erased, tmp_path / "b", erasures=[line])
    assert day.said(forged)[0] == 1
    assert replay_of(forged).holds is (change is words_of_its_own), "the replay reads the words; proofs are for who has the key"


def test_a_true_erasure_hides_nothing_of_what_was_decided_after_it(day: Day, tmp_path: Path) -> None:
    """Not even under another instant: the log has the second of each decision."""
    decisions = lines_of(day.erased, "decisions.jsonl")
    after = next(
        place
        for place, one in enumerate(decisions)
        if one["intent"]["person_id"] == GONE and one["facts"] and not one["outcome"]["permitted"]
    )
    assert datetime.fromisoformat(decisions[after]["intent"]["at"]) > ERASED_AT
    decisions[after] = hides(decisions[after])
    forged = changed(day.erased, tmp_path / "b", decisions=decisions)
    (told,) = replay_of(forged).differences
    assert told.words == "its facts are gone, and nothing says that the person was erased since"
    assert "HIDDEN: 1 decisions" in day.said(forged)[1]
    decisions[after]["intent"]["at"] = "2026-11-24T00:00:00.000000+00:00"
    assert "HIDDEN: 1 decisions" in day.said(changed(day.erased, tmp_path / "c", decisions=decisions))[1]
