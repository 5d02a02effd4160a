"""What staff writes about a borrower is kept under the borrower's key: records and trail carry its place, and an erasure reaches it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sulah.actions.contact.actor import machine
from sulah.actions.keep_words import GONE, keep_words, said, said_within
from sulah.adapters.book.keystore import Kind
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault, VaultError
from sulah.kernel.dates import fixed_clock
from sulah.kernel.refusal import Refusal
from sulah.records.said import Said
from tests.vault.test_erasure import closed_lender

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
ASHA, CLOCK = machine("asha"), fixed_clock(NOW)


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """B1 and B2."""
    return closed_lender(tmp_path / "lender", monkeypatch)


def kept(lender: Lender, person: str, text: str) -> str:
    return keep_words(Vault(lender), person, text, by=ASHA, clock=CLOCK)


def test_words_are_sealed_and_their_place_says_nothing(lender: Lender) -> None:
    place = kept(lender, "B1", "  Her husband Ramesh called  ")
    row = Said.objects.get()
    assert place == f"said:{row.pk}"
    assert "Ramesh" not in row.sealed
    assert said(Vault(lender), "B1", place) == "Her husband Ramesh called"


def test_no_words_have_no_place_and_long_ones_are_kept_to_500_letters(lender: Lender) -> None:
    assert (kept(lender, "B1", " "), Said.objects.count()) == ("", 0)
    for letters in (499, 500, 501):
        assert len(said(Vault(lender), "B1", kept(lender, "B1", "ल" * letters))) == min(letters, 500)


@pytest.mark.parametrize("text", ["", "paid at the branch", "said:", "said:0", "said:99", "Said:1", "unsaid:1", "said:1st", "said:01"])
def test_any_other_text_is_shown_as_it_is(lender: Lender, text: str) -> None:
    """Those of before, and machine's own; a place that is not exactly one is no place."""
    assert kept(lender, "B1", "secret").startswith("said:")
    assert said(Vault(lender), "B1", text) == text


def test_words_within_a_sentence_of_ours_are_read_where_they_stand(lender: Lender) -> None:
    """As the ledger writes them: who entered a receipt, and the note."""
    place = kept(lender, "B1", "handed over at the mill")
    assert (
        said(Vault(lender), "B1", f"By bank reference, entered by asha: {place}")
        == "By bank reference, entered by asha: handed over at the mill"
    )
    assert said(Vault(lender), "B2", f"entered: {place}") == f"entered: {place}"


def test_nobody_reads_about_another_person_by_writing_down_a_place(lender: Lender) -> None:
    place = kept(lender, "B1", "secret")
    assert said(Vault(lender), "B2", place) == place
    written = kept(lender, "B2", place)
    assert said(Vault(lender), "B2", written) == place
    assert said(Vault(lender), None, place) == "secret"  # for rows that were kept apart by their scope


def test_words_do_not_open_in_another_row(lender: Lender) -> None:
    """Bound to person, writer and instant."""
    first, later = kept(lender, "B1", "one"), fixed_clock(datetime(2026, 11, 23, 7, tzinfo=UTC))
    second = keep_words(Vault(lender), "B1", "two", by=ASHA, clock=later)
    Said.objects.filter(pk=int(second[5:])).update(sealed=Said.objects.get(pk=int(first[5:])).sealed)
    assert said(Vault(lender), "B1", first) == "one"
    with pytest.raises(VaultError, match="does not open"):
        said(Vault(lender), "B1", second)


def test_an_erasure_takes_the_words_and_nothing_more_is_written_down(lender: Lender) -> None:
    place, other = kept(lender, "B1", "secret"), kept(lender, "B2", "stays")
    Vault(lender).store.destroy(Kind.BORROWER, ["B1"], NOW)
    assert said(Vault(lender), "B1", place) == GONE
    assert said(Vault(lender), "B2", other) == "stays"
    with pytest.raises(Refusal, match="erased: nothing more is written down"):
        kept(lender, "B1", "more")
    assert Said.objects.count() == 2


def test_in_the_values_of_an_act_each_place_is_filled(lender: Lender) -> None:
    place = kept(lender, "B1", "secret")
    value = {"reason": place, "stop": 5, "since": None, "list": [place, "said:77", True], "deep": {"note": place}}
    assert said_within(Vault(lender), "B1", value) == {
        "reason": "secret",
        "stop": 5,
        "since": None,
        "list": ["secret", "said:77", True],
        "deep": {"note": "secret"},
    }
