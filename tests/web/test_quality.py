"""How good the files are: counts, moves and trends that equal the loads and days behind them."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.intake.load_report import CodeCount
from sulah.kernel.terms import LoadState, Role
from sulah.records.load import Load
from sulah.web.supervise.quality import code_moves, day_lines, latest_by_day, load_lines
from sulah.web.words import grouped
from tests.web import cast
from tests.web.conftest import Written
from tests.web.small_book import DAYS, LOAD_ID, TIES

SignIn = Callable[..., Client]


def another_load(as_of: date, version: int, state: LoadState, *codes: CodeCount) -> Load:
    """A later load with codes."""
    first = Load.objects.get(pk=LOAD_ID)
    return Load.objects.create(
        id=f"{as_of}.{version}",
        as_of=as_of,
        version=version,
        state=state,
        content_sha256="6" * 64,
        code_version="test",
        path=f"loads/{as_of}.{version}",
        report={"codes": [asdict(code) for code in codes]},
        loaded_at=first.loaded_at,
        loaded_by="loader",
    )


def test_the_sums_of_a_load_are_those_of_its_files(lender: Lender) -> None:
    """Rows, refused rows and rupees, and whether they tie."""
    line = load_lines()[0]
    assert line["rows"] == sum(tie.rows for tie in TIES)
    assert line["quarantined"] == sum(tie.quarantined for tie in TIES)
    assert line["paise_quarantined"] == sum(tie.paise_quarantined for tie in TIES)
    assert line["ties"]


def test_a_trend_takes_one_standing_load_a_day(lender: Lender) -> None:
    """The latest version that was not rejected; a rejected or undone one says nothing."""
    another_load(cast.LAST, 1, LoadState.ACCEPTED)
    another_load(cast.LAST, 2, LoadState.ACCEPTED)
    another_load(cast.LAST, 3, LoadState.REJECTED)
    assert [line["load"] for line in latest_by_day(load_lines())] == [LOAD_ID, "2026-03-31.2"]


def test_codes_are_told_against_the_load_before(lender: Lender) -> None:
    """More, fewer, new and gone ones; without a load before nothing is compared."""
    old = (CodeCount("loan", "orphan_borrower", "row", 4, "w"), CodeCount("loan", "gone", "row", 2, "w"))
    another_load(date(2026, 4, 1), 1, LoadState.ACCEPTED, *old)
    new = (CodeCount("loan", "orphan_borrower", "row", 7, "w"), CodeCount("loan", "fresh", "note", 1, "w"))
    another_load(date(2026, 4, 2), 1, LoadState.HELD, *new)
    moves, latest, before = code_moves()
    assert (latest, before) == ("2026-04-02.1", "2026-04-01.1")
    assert {move.code: move.more for move in moves} == {"orphan_borrower": 3, "fresh": 1, "gone": -2}
    Load.objects.exclude(pk="2026-04-02.1").filter(pk="2026-04-01.1").delete()
    Load.objects.filter(pk=LOAD_ID).update(state=LoadState.REJECTED)
    assert {move.more for move in code_moves()[0]} == {None}


@pytest.mark.parametrize("branches", [(), ("BR-SALEM",), ("BR-SALEM", "BR-GAYA")])
def test_differences_by_day_keep_to_the_reader(lender: Lender, signed_in: SignIn, written: Written, branches: tuple[str, ...]) -> None:
    """Counted within the branches, with the loans they are of."""
    from sulah.records.person import Person
    from sulah.web.reach import reach_of

    signed_in(Role.SUPERVISOR, *branches)
    lines = day_lines(reach_of(Person.objects.get()))
    assert [line["as_of"] for line in lines] == list(DAYS)
    stories = [story for story in written.told if not branches or story.branch in branches]
    differ = sum(
        story.lms_dpd is not None and story.lms_dpd != cast.state_and_position(story, cast.LAST)[1]["dpd_elapsed"] for story in stories
    )
    assert lines[-1]["differences"] == differ > 0
    assert lines[-1]["loans"] == len(stories)


def test_the_page_shows_both_trends_with_their_tables(lender: Lender, signed_in: SignIn) -> None:
    """A named image each, the same figures behind."""
    text = signed_in(Role.SUPERVISOR).get("/quality").content.decode()
    assert text.count('role="img"') == 2
    assert text.count("The same as a table") == 2
    assert grouped(sum(tie.rows for tie in TIES)) in text
    assert "Nothing was refused or noted" in text


def test_a_held_load_is_named_first(lender: Lender, signed_in: SignIn) -> None:
    """It waits for somebody."""
    another_load(cast.LAST, 1, LoadState.HELD, CodeCount("loan", "rows_fall", "hold", 1, "Rows of loan fell."))
    text = signed_in(Role.COMPLIANCE).get("/quality").content.decode()
    assert "is held and waits for a decision" in text
    assert "Rows of loan fell." in text


def test_words_of_a_code_are_for_those_who_see_every_branch(lender: Lender, signed_in: SignIn) -> None:
    """They may quote a row."""
    another_load(cast.LAST, 1, LoadState.ACCEPTED, CodeCount("loan", "orphan_borrower", "row", 4, "No borrower K7."))
    assert "No borrower K7." in signed_in(Role.SUPERVISOR).get("/quality").content.decode()
    part = signed_in(Role.SUPERVISOR, "BR-GAYA").get("/quality").content.decode()
    assert "No borrower K7." not in part
    assert "orphan_borrower" in part


def test_before_the_first_load_the_page_says_what_comes_next(empty_lender: Lender, signed_in: SignIn) -> None:
    """No empty table."""
    assert "sulah load PATH" in signed_in(Role.SUPERVISOR).get("/quality").content.decode()
