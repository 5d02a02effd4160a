"""Payments of other sources against the lender's postings, on their page."""

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from tests.web import cast
from tests.web.small_book import payments_of
from tests.web.test_permissions import SignIn

PAYMENTS = payments_of(list(cast.stories()), cast.LAST)


def shown(client: Client, asked: str = "") -> dict[str, dict[str, tuple[int, int, int]]]:
    """Payments, rupees and what was not matched, by part and value, as the page has them."""
    by = client.get(f"/payments{asked}").context["by"]
    return {part: {line["part"]: (line["payments"], line["paise"], line["rest_paise"]) for line in lines} for part, lines in by}


def expected(part: str, branch: str = "") -> dict[str, tuple[int, int, int]]:
    """The same, added up here."""
    sums: dict[str, tuple[int, int, int]] = {}
    for row in PAYMENTS:
        if branch and row.get("branch_id") != branch:
            continue
        payments, paise, rest = sums.get(row.get(part), (0, 0, 0))  # type: ignore[arg-type]
        amount = row["amount_paise"]
        sums[row.get(part)] = (payments + 1, paise + amount, rest + (0 if row["outcome"] == "matched" else amount))  # type: ignore[index]
    return sums


def test_payments_are_summed_by_outcome_branch_and_pin_code(lender: Lender, signed_in: SignIn) -> None:
    found = shown(signed_in(Role.SUPERVISOR))
    assert {row["outcome"] for row in PAYMENTS} == {"matched", "amount_differs", "orphan"}
    for part in ("outcome", "branch_id", "pincode"):
        assert found[part] == expected(part), part


def test_somebody_of_one_branch_sees_its_payments_and_none_of_unknown_loans(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR, "BR-SALEM")
    assert shown(client)["branch_id"] == expected("branch_id", "BR-SALEM") != {}
    assert b"LN/NOBODY" not in client.get("/payments?source=field").content
    assert b"LN/NOBODY" in signed_in(Role.SUPERVISOR).get("/payments?source=field").content


@pytest.mark.parametrize(("asked", "column", "value"), [("?outcome=orphan", "outcome", "orphan"), ("?source=field", "source", "field")])
def test_the_list_narrows_to_what_is_asked_for(lender: Lender, signed_in: SignIn, asked: str, column: str, value: str) -> None:
    rows = signed_in(Role.SUPERVISOR).get(f"/payments{asked}").context["rows"]
    wanted = sorted((row for row in PAYMENTS if row[column] == value), key=lambda row: (-row["amount_paise"], row["reference"]))
    assert [row["reference"] for row in rows] == [row["reference"] for row in wanted][: len(rows)] != []


def test_nothing_of_what_is_asked_for_is_said_in_words(lender: Lender, signed_in: SignIn) -> None:
    page = signed_in(Role.SUPERVISOR).get("/payments?source=agency")
    assert page.status_code == 200
    assert "No payments of other sources" in page.content.decode()
