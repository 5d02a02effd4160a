"""Returned debits and what becomes of them, on their page and as the list for the sponsor bank."""

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from tests.web import cast
from tests.web.small_book import bounces_of
from tests.web.test_permissions import SignIn
from tests.web.test_take_out import table_of

STORIES = {story.loan_id: story for story in cast.stories()}
DEBITS = {row["loan_id"]: row for row in bounces_of(list(STORIES.values()))}


def rows_on(client: Client, asked: str = "") -> list[cast.ROW]:
    """The rows of the list, as the page has them."""
    found: list[cast.ROW] = client.get(f"/returns{asked}").context["rows"]
    return found


def test_every_returned_debit_is_there_once_with_what_becomes_of_it(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    rows = {row["loan_id"]: row for row in rows_on(client)}
    assert set(rows) == set(DEBITS) != set()
    for loan_id, row in rows.items():
        assert row["because"] == ("funds" if DEBITS[loan_id]["reason_code"] == "04" else "account")
        assert (row["outcome"] == "planned") == (row["present_on"] is not None) == (row["present_paise"] is not None)
        assert row["outcome"] in ("planned", "paid_since", "never", "with_next_instalment"), row
        if row["outcome"] == "planned":
            assert 0 < row["present_paise"] <= min(row["overdue_paise"], row["amount_paise"])
    page = client.get("/returns").content.decode()
    assert "within 00:00-10:00 13:00-17:00 21:30-24:00" in page
    assert 'href="/rules?table=presentation' in page or "PRE-NACH" in page


def test_the_counts_tie_with_the_list(lender: Lender, signed_in: SignIn) -> None:
    response = signed_in(Role.SUPERVISOR).get("/returns")
    for part, lines in response.context["by"]:
        assert sum(line["debits"] for line in lines) == len(DEBITS), part
        assert sum(line["paise"] for line in lines) == sum(row["amount_paise"] for row in DEBITS.values()), part


@pytest.mark.parametrize(("asked", "column", "value"), [("?because=account", "because", "account"), ("?kind=nach", "kind", "nach")])
def test_the_list_narrows_to_what_is_asked_for(lender: Lender, signed_in: SignIn, asked: str, column: str, value: str) -> None:
    rows = rows_on(signed_in(Role.SUPERVISOR), asked)
    assert rows
    assert {row[column] for row in rows} == {value}


def test_somebody_of_one_branch_sees_and_takes_out_its_own_debits_only(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR, "BR-SALEM")
    own = {loan_id for loan_id in DEBITS if STORIES[loan_id].branch == "BR-SALEM"}
    assert {row["loan_id"] for row in rows_on(client)} == own
    assert {line["loan_id"] for line in table_of(client, "/returns?csv=returns")} == own
