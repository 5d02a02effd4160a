"""What is past its period goes, with an entry; what a later day, a law or a lender still needs stays, with the reason said."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.adapters.book.layout import Lender
from sulah.adapters.book.retention import Kept, RetentionError, retention_of, shipped_rows
from sulah.kernel.terms import EntityType
from tests.backup.conftest import DAYS, Kit, book_of, rows_of

LATER = DAYS[1] + timedelta(4000)


def lender_with(**own: object) -> Lender:
    """A lender with [retention] of its own."""
    return Lender(Path("/nowhere"), "Paper", EntityType.NBFC_MFI, settings={"retention": own})


@given(st.sampled_from(list(Kept)), st.dates(date(2021, 1, 1), date(2040, 1, 1)), st.integers(0, 5000))
def test_a_period_ends_the_day_after_its_last(kind: Kept, dated: date, days: int) -> None:
    """Kept on its last day, gone on the next."""
    retention = retention_of(lender_with(), date(2041, 1, 1))
    limit = retention.periods[kind].keep_days
    assert retention.keeps(kind, dated, dated + timedelta(days)) == (days <= limit)


def test_every_kind_has_a_row_with_a_source_and_a_least() -> None:
    """No kind without a rule, no rule without its source, no period under its own least."""
    rows = shipped_rows()
    assert {row.kind for row in rows} == set(Kept)
    for row in rows:
        assert row.citation
        assert row.keep_days >= row.least_days >= 366


@pytest.mark.parametrize(("days", "fits"), [(365, False), (366, True), (367, True)])
def test_a_lender_may_keep_longer_and_never_shorter_than_the_least(days: int, fits: bool) -> None:
    """Before, at and after the limit."""
    lender = lender_with(personal_days=days)
    if fits:
        assert retention_of(lender, DAYS[0]).periods[Kept.PERSONAL].keep_days == days
    else:
        with pytest.raises(RetentionError, match="366 or more"):
            retention_of(lender, DAYS[0])


@pytest.mark.parametrize("own", [{"persnal_days": 400}, {"personal_days": "400"}, {"personal_days": True}, {"legal_hold": 1}])
def test_a_setting_that_means_nothing_is_refused(own: dict[str, object]) -> None:
    """A misspelt period would be a period forgotten."""
    with pytest.raises(RetentionError):
        retention_of(lender_with(**own), DAYS[0])


def test_listing_removes_nothing_and_doing_keeps_what_the_last_day_stands_on(kit: Kit) -> None:
    """Sealed names and refused rows of the older load go; loads and days that the last day needs stay; figures do not change."""
    lender = kit.lender()
    before = book_of(lender)
    listed = kit.done(lender, "retain", "--as-of", LATER)
    assert book_of(lender) == before
    gone = {one["path"] for one in listed["leaving"]}
    assert gone == {f"loads/{DAYS[0]}.1/{name}" for name in ("borrower_private.parquet", "contact_private.parquet", "quarantine.parquet")}
    assert any("it is the last one" in words for words in listed["kept_for"])
    assert kit.done(lender, "retain", "--as-of", LATER, "--do")["removed"]
    assert set(before) - set(book_of(lender)) == {f"book/{path}" for path in gone}
    entries = [row for row in rows_of(lender / "sulah.sqlite3")["records_auditentry"] if "retain" in row]
    assert len(entries) == 1
    assert kit.done(lender, "check")["done"]
    assert kit.done(lender, "replay", "--as-of", DAYS[1])["different"] == []
    assert kit.done(lender, "retain", "--as-of", LATER)["leaving"] == []
    kit.done(lender, "backup", "--to", kit.root / "store")
    assert book_of(kit.restored(lender, kit.root / "store")) == book_of(lender)


def test_within_its_period_nothing_goes(kit: Kit) -> None:
    """On the last day of the shortest period, and on the next."""
    lender = kit.lender()
    assert kit.done(lender, "retain", "--as-of", DAYS[0] + timedelta(366))["leaving"] == []
    assert kit.done(lender, "retain", "--as-of", DAYS[0] + timedelta(367))["leaving"] != []


def test_a_legal_hold_keeps_everything_with_its_reason(kit: Kit) -> None:
    """What would go is listed; nothing goes."""
    lender = kit.lender()
    settings = lender / "lender.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[retention]\n", '[retention]\nlegal_hold = "Writ 123/2026, High Court"\n'), "utf-8"
    )
    before = book_of(lender)
    words = kit.refused(lender, "retain", "--as-of", LATER, "--do")
    assert "Writ 123/2026" in words
    assert book_of(lender) == before
