"""The pages of written-off loans: totals that tie, statements as known then, posting by those who may, nothing of other branches."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.money import indian
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.person import Person
from sulah.records.written_off import BankReceipt, WrittenOffEntry, WrittenOffLoan
from sulah.web.reach import PAGES
from tests.web import cast
from tests.web.kept_loans import LATE, keep

SignIn = Callable[..., Client]


@pytest.fixture
def kept(lender: Lender) -> dict[str, WrittenOffLoan]:
    """One kept loan of each branch."""
    return {branch: keep(story) for branch, story in LATE.items()}


def statement(loan: WrittenOffLoan, query: str = "") -> str:
    """The address of a statement."""
    return f"/written-off/loan/{loan.loan_id}{query}"


def said(response: object) -> str:
    """The text of a page."""
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_the_list_ties_to_the_postings_and_to_the_lender_s_figure(kept: dict[str, WrittenOffLoan], signed_in: SignIn) -> None:
    client = signed_in(Role.INSPECTOR)
    text = said(client.get("/written-off"))
    assert f"{len(kept)} loans at the end of 31 Mar 2026" in text
    assert "do not tie" not in text
    for paise in (95_000_00 - 250_00 + 500_00 - 5_000_00, len(kept) * 90_250_00, len(kept) * 94_750_00):
        assert indian(paise) in text
    rows = list(csv.DictReader(io.StringIO(client.get("/written-off?csv=written_off").content.decode("utf-8-sig"))))
    assert len(rows) == len(kept)
    for row in rows:
        moved = sum(int(row[f"{name}_paise"]) for name in ("opening", "interest", "fee", "receipt", "reversal"))
        assert moved == int(row["balance_paise"]) == 90_250_00
        story = next(one for one in cast.stories() if one.loan_id == row["loan_id"])
        position = cast.state_and_position(story, cast.LAST)[1]
        theirs = position["outstanding_principal_paise"] + position["overdue_interest_paise"] - position["unallocated_paise"]
        assert int(row["lender_paise"]) == theirs
        assert int(row["difference_paise"]) == 90_250_00 - theirs
    assert AuditEntry.objects.get(act="page.export").after["rows"] == len(kept)


def test_a_day_before_the_take_over_lists_nothing(lender: Lender, signed_in: SignIn) -> None:
    text = said(signed_in(Role.SUPERVISOR).get("/written-off"))
    assert "Sulah keeps no written-off loan" in text
    assert "sulah writeoff take-over --as-of 2026-03-31" in text


def test_a_statement_shows_each_entry_with_its_rule_and_the_balance_after_it(kept: dict[str, WrittenOffLoan], signed_in: SignIn) -> None:
    loan = kept["BR-GAYA"]
    text = said(signed_in(Role.LEGAL).get(statement(loan)))
    for words in ("₹94,750", "₹95,250", "₹90,250", "₹82,750", "WOW-INTEREST-PRINCIPAL-CHARGE", "As told by the bank", "Reversal"):
        assert words in text
    assert "The claim goes on unchanged" in text
    assert '<form class="decide"' not in text
    early = said(signed_in(Role.LEGAL, loan.branch_id).get(statement(loan, "?on=2026-03-05")))
    assert "₹95,250" in early
    assert "₹90,250" not in early
    assert "Nothing was posted or known by then" in said(signed_in(Role.INSPECTOR).get(statement(loan, "?known=2026-04-01")))


def test_a_statement_taken_out_is_safe_in_a_spreadsheet_and_written_down(kept: dict[str, WrittenOffLoan], signed_in: SignIn) -> None:
    loan = kept["BR-GAYA"]
    client = signed_in(Role.SUPERVISOR)
    WrittenOffEntry.objects.create(
        loan=loan,
        kind="fee",
        effective_on=cast.LAST,
        recorded_at=loan.taken_at,
        recorded_by="x",
        key="hostile",
        act="test",
        counter="fees_charged",
        charge_paise=1,
        counter_paise=-1,
        reason=cast.HOSTILE.split("> ")[1],
    )
    rows = list(csv.DictReader(io.StringIO(client.get(statement(loan, "?csv=statement")).content.decode("utf-8-sig"))))
    assert [row["kind"] for row in rows] == ["opening", "fee", "receipt", "receipt", "reversal", "fee"]
    assert rows[-1]["reason"].startswith("'=") or rows[-1]["reason"].startswith("</script")
    assert "<script>" not in said(client.get(statement(loan)))
    assert AuditEntry.objects.filter(act="page.export", subject="statement").count() == 1


@pytest.mark.parametrize("role", list(Role))
def test_role_and_branch_open_a_statement(kept: dict[str, WrittenOffLoan], signed_in: SignIn, role: Role) -> None:
    """403 for a role without the page, 404 for a loan of another branch and for one that is not kept."""
    allowed = role in PAGES["written_off_loan"]
    for branch, loan in kept.items():
        own, other = signed_in(role, branch), signed_in(role, "BR-NOWHERE", "BR-ELSEWHERE")
        assert own.get(statement(loan)).status_code == (200 if allowed else 403)
        assert other.get(statement(loan)).status_code == (404 if allowed else 403)
        Person.objects.all().delete()
    assert signed_in(role).get("/written-off/loan/NO-SUCH").status_code == (404 if allowed else 403)


@pytest.mark.parametrize("role", list(Role))
def test_only_a_supervisor_or_an_administrator_of_the_branch_posts(kept: dict[str, WrittenOffLoan], signed_in: SignIn, role: Role) -> None:
    loan = kept["BR-GAYA"]
    waiting = BankReceipt.objects.get(loan=loan)
    asked = {"what": "confirm", "receipt": waiting.pk, "note": "seen"}
    address = f"/written-off/post/{loan.loan_id}"
    allowed = role in PAGES["post_written_off"]
    assert signed_in(role, "BR-SALEM").post(address, asked).status_code == (404 if allowed else 403)
    assert signed_in(role, "BR-GAYA", "X").post(address, asked).status_code == (302 if allowed else 403)
    assert not hasattr(waiting, "decision")
    assert Client().post(address, asked).headers["Location"].startswith("/sign-in")
    assert signed_in(role).get(address).status_code == 405


def test_what_an_act_refuses_is_said_in_its_own_words(kept: dict[str, WrittenOffLoan], signed_in: SignIn) -> None:
    """By the shipped policy the lender keeps every product: nothing is posted, and the page says what to do."""
    loan = kept["BR-GAYA"]
    client = signed_in(Role.SUPERVISOR)
    address = f"/written-off/post/{loan.loan_id}"
    for asked, words in (
        ({"what": "receipt", "reference": "UTR777777", "on": "2026-03-20", "amount": "10"}, "the lender’s own system keeps"),
        ({"what": "receipt", "reference": "UTR777777", "on": "2026-03-20", "amount": "ten"}, "Something is missing"),
        ({"what": "fee", "fee": "legal_notice", "on": "2026-03-20", "amount": "10", "note": "x"}, "the lender’s own system keeps"),
        ({"what": "reverse", "entry": "999999", "on": "2026-03-20", "note": "x"}, "There is no entry 999999"),
        ({"what": "gift", "on": "2026-03-20", "amount": "1"}, "Something is missing"),
        ({}, "Something is missing"),
    ):
        before = WrittenOffEntry.objects.count()
        text = said(client.post(address, asked, follow=True)).replace("&#x27;", "’")
        assert words in text
        assert WrittenOffEntry.objects.count() == before


def test_the_page_of_the_loan_leads_to_the_statement(kept: dict[str, WrittenOffLoan], signed_in: SignIn) -> None:
    loan = kept["BR-GAYA"]
    assert f'href="{statement(loan)}"' in said(signed_in(Role.SUPERVISOR).get(f"/loan/{loan.loan_id}"))
    assert "Sulah keeps the account" not in said(signed_in(Role.AGENT).get(f"/loan/{loan.loan_id}"))
