"""The worklist of a past day is the list as published that day, not today's under another heading."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records.workitem import WorkItem
from tests.web import cast
from tests.web.conftest import Written
from tests.web.small_book import DAYS

SignIn = Callable[..., Client]
PAST = f"day={DAYS[0].isoformat()}"


@pytest.fixture(autouse=True)
def emptied(lender: Lender) -> None:
    """Nobody is to be worked today: whatever a past day shows comes from that day."""
    WorkItem.objects.update(closed_on=cast.LAST)


def pages(client: Client, address: str) -> list[str]:
    """The texts of all pages, following Next."""
    texts: list[str] = []
    while address:
        texts.append(client.get(address).content.decode())
        following = re.search(r'rel="next" href="(\?[^"]+)"', texts[-1])
        address = f"/worklist{following[1]}".replace("&amp;", "&") if following else ""
    return texts


def borrowers(texts: list[str]) -> list[str]:
    """The people on the pages, in order."""
    return [found for text in texts for found in re.findall(r"Borrower (B-\d+)", text)]


def published(written: Written, **where: str) -> list[str]:
    """The people of the past day's list in working order, from the files' own source."""
    rows = [row for row in written.days[DAYS[0]][2] if all(row[name] == value for name, value in where.items())]
    return [row["borrower_id"] for row in sorted(rows, key=lambda row: (row["branch_id"], row["rank"]))]


def test_a_past_day_lists_its_own_people_in_order_over_all_pages(lender: Lender, signed_in: SignIn, written: Written) -> None:
    """Each once, by branch and rank; the page says whose list it is."""
    texts = pages(signed_in(Role.INSPECTOR), f"/worklist?{PAST}")
    assert len(texts) > 1
    assert borrowers(texts) == published(written)
    assert all("as published with the day-end of 30 Mar 2026" in text for text in texts)


def test_the_latest_day_asked_by_its_date_is_the_list_of_now(lender: Lender, signed_in: SignIn) -> None:
    """Items closed since are gone from it."""
    text = signed_in(Role.INSPECTOR).get(f"/worklist?day={cast.LAST.isoformat()}").content.decode()
    assert "Nobody to work here" in text
    assert "as published with" not in text


@pytest.mark.parametrize(
    ("asked", "column", "value"), [("branch", "branch_id", "BR-GAYA"), ("stage", "stage", "npa"), ("worked_by", "worked_by", "agent")]
)
def test_a_past_day_is_filtered_as_today_is(
    lender: Lender, signed_in: SignIn, written: Written, asked: str, column: str, value: str
) -> None:
    """The same choices, and the form keeps the day."""
    texts = pages(signed_in(Role.INSPECTOR), f"/worklist?{PAST}&{asked}={value}")
    assert borrowers(texts) == published(written, **{column: value}) != []
    assert f'<option value="{value}" selected>' in texts[0]
    assert f'name="day" value="{DAYS[0].isoformat()}"' in texts[0]


def test_a_past_day_keeps_to_the_branches_of_the_reader(lender: Lender, signed_in: SignIn, written: Written) -> None:
    """No other branch in rows or choices, whatever the address asks."""
    client = signed_in(Role.VALIDATOR, "BR-SALEM")
    texts = pages(client, f"/worklist?{PAST}")
    assert borrowers(texts) == published(written, branch_id="BR-SALEM")
    assert not any("BR-GAYA" in text or "BR-NASHIK" in text for text in texts)
    assert "Nobody to work here" in client.get(f"/worklist?{PAST}&branch=BR-GAYA").content.decode()


def test_the_book_of_a_past_day_counts_that_days_people_and_leads_to_them(lender: Lender, signed_in: SignIn, written: Written) -> None:
    """For the whole lender and for one branch."""
    for branches, where in (((), {}), (("BR-SALEM",), {"branch_id": "BR-SALEM"})):
        text = signed_in(Role.INSPECTOR, *branches).get(f"/?{PAST}").content.decode()
        count = len(published(written, **where))
        assert f'<a href="/worklist?{PAST}"><span>People to work</span><b>{count}</b>' in text


def test_the_loan_of_a_past_day_shows_that_days_work(lender: Lender, signed_in: SignIn, written: Written) -> None:
    """Nothing of it on the latest day, where the item is closed."""
    client = signed_in(Role.INSPECTOR)
    first = written.days[DAYS[0]][2][0]
    address = f"/loan/{first['lead_loan_id']}"
    assert first["rule_id"] in client.get(f"{address}?{PAST}").content.decode()
    assert first["rule_id"] not in client.get(address).content.decode()


@pytest.mark.parametrize("after", ["x~y~z", "1~0", "99999999999~1~BR-GAYA", "%27~1~%27", "-1~0~BR"])
def test_a_cursor_that_nobody_wrote_starts_at_the_first_page(lender: Lender, signed_in: SignIn, written: Written, after: str) -> None:
    """No error, no row lost."""
    text = signed_in(Role.INSPECTOR).get(f"/worklist?{PAST}&after={after}").content.decode()
    assert borrowers([text])[:1] == published(written)[:1]
