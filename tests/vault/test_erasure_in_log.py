"""An erasure leaves the log true, its certificate is proven by it to outsiders, and the log never held a word about anybody."""

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from sulah.actions.erasure_proof import hand_out, proof_of
from sulah.actions.log.make_receipts import entries_about, receipt_of, standing_log
from sulah.actions.log.sequence_log import sequence_log
from sulah.actions.log.start_log import log_store, signing_key, start_log
from sulah.adapters.book.layout import Lender
from sulah.adapters.log.against_records import wrong_log
from sulah.kernel.dates import fixed_clock
from sulah.kernel.refusal import Refusal
from tests.intake.extract import good
from tests.transparency.made import ORIGIN, outside
from tests.vault.test_erasure import ASHA, CLOCK, THEN, ask_erasures, closed_lender, erased, heard_from, loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """B1 and B2 with closed loans, and a log that was begun before anything was written."""
    made = closed_lender(tmp_path / "lender", monkeypatch)
    start_log(made, actor="init", clock=fixed_clock(THEN), origin=ORIGIN)
    return made


def keys(lender: Lender) -> list[str]:
    """What an outsider was given."""
    return [signing_key(lender).verifier.text]


def test_an_outsider_holds_the_certificate_against_the_log_without_the_lender(lender: Lender, tmp_path: Path) -> None:
    [row] = erased(lender, "B1")
    page, words, receipt = hand_out(lender, row, tmp_path / "certificate.html")
    code, told = outside("receipt", receipt, trusted=keys(lender))
    assert code == 0, told
    assert sha256(words.read_bytes()).hexdigest() in told
    assert '"subject":"person:B1"' in told
    assert json.loads(words.read_bytes())["person"] == "B1"
    assert proof_of(lender, row).checkpoint.footer in page.read_text("utf-8")


def test_a_changed_certificate_is_not_the_one_that_the_log_names(lender: Lender, tmp_path: Path) -> None:
    [row] = erased(lender, "B1")
    row.certificate["person"] = "B2"
    _, words, receipt = hand_out(lender, row, tmp_path / "certificate.html")
    assert sha256(words.read_bytes()).hexdigest() not in outside("receipt", receipt, trusted=keys(lender))[1]


def test_the_log_holds_after_an_erasure_and_so_do_receipts_from_before(lender: Lender, tmp_path: Path) -> None:
    ask_erasures(lender, ["B2"], reason="asked for", by=ASHA, clock=CLOCK)
    sequence_log(lender, clock=CLOCK, now=True)
    [entry] = entries_about("B2")
    before = tmp_path / "before.json"
    before.write_bytes(receipt_of(standing_log(lender), entry, with_words=True).to_json())
    erased(lender, "B1")
    assert wrong_log(lender) == []
    assert outside("log", log_store(lender).root, trusted=keys(lender))[0] == 0
    assert outside("receipt", before, trusted=keys(lender))[0] == 0
    assert [entry.type for entry in entries_about("B1")] == ["person.erase", "erasure.approved", "erasure.asked"]


def test_no_name_number_id_or_word_of_anybody_is_in_the_files_of_the_log(lender: Lender) -> None:
    heard_from(lender, "B1", "Canaryword")
    loaded(lender, {**good(), "loan": [{**row, "status": "closed"} for row in good()["loan"]]}, date(2026, 4, 1))
    erased(lender, "B1")
    files = [path for path in log_store(lender).root.rglob("*") if path.is_file()]
    known = [value for row in good()["borrower"] for name, value in row.items() if name in ("borrower_id", "name", "phone") and value]
    assert len(known) > 2
    for path in files:
        content = path.read_bytes()
        assert [word for word in (*known, "Canaryword", "asha", "ravi", "in writing") if f'"{word}"'.encode() in content] == []


def test_without_a_log_the_certificate_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lender = closed_lender(tmp_path / "lender", monkeypatch)
    [row] = erased(lender, "B1")
    written = hand_out(lender, row, tmp_path / "certificate.html")
    assert [path.name for path in written] == ["certificate.html", "certificate.json"]
    assert "There is no log yet" in written[0].read_text("utf-8")


def test_a_request_that_is_not_done_has_no_proof(lender: Lender) -> None:
    [row] = ask_erasures(lender, ["B1"], reason="asked for", by=ASHA, clock=CLOCK)
    with pytest.raises(Refusal, match="not done"):
        proof_of(lender, row)
