"""Taking tables out of pages: the rows of the page, within role and branch, written down, safe in a spreadsheet."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from sulah.actions.export_rows import export_rows
from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.person import Person
from sulah.web import take_out
from tests.web import cast
from tests.web.small_book import LOADED_AT

SignIn = Callable[..., Client]
TABLES = (
    *("/?csv=buckets", "/?csv=branches", "/?csv=products", "/loans?csv=loans", "/worklist?csv=worklist", "/trend?csv=trend"),
    *(
        "/differences?csv=differences",
        "/payments?csv=payments",
        "/returns?csv=returns",
        "/quarantine?csv=quarantine",
        "/quality?csv=loads",
        "/quality?csv=codes",
        "/quality?csv=days",
    ),
    *("/runs?csv=runs", "/rules?csv=rules", "/trend?csv=efficiency", "/compare?csv=compare", "/rolls?csv=rolls", "/places?csv=places"),
    *("/alerts?csv=alerts", "/vintages?csv=vintages", "/vintages?csv=cohorts", "/quality?csv=ledger"),
)


def table_of(client: Client, address: str) -> list[dict[str, str]]:
    """The rows of a CSV answer."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", TABLES)
def test_every_table_is_taken_out_as_csv_and_written_down(lender: Lender, signed_in: SignIn, address: str) -> None:
    """Once each: who, which table, how many rows, what was asked."""
    client = signed_in(Role.SUPERVISOR)
    page = client.get(address.split("?")[0]).content.decode()
    name = address.partition("csv=")[2]
    assert f"csv={name}" in page or name == "codes"
    rows = table_of(client, address)
    entry = AuditEntry.objects.get(act="page.export")
    assert (entry.actor, entry.after["rows"], entry.after["role"]) == ("supervisor0", len(rows), "supervisor")
    assert entry.after["asked"] == f"csv={name}"
    assert "no-store" in client.get(address).headers["Cache-Control"]


def test_all_rows_of_a_list_are_taken_out_and_not_its_first_page(lender: Lender, signed_in: SignIn) -> None:
    """With the filter of the page; amounts are paise."""
    client = signed_in(Role.INSPECTOR)
    rows = table_of(client, "/loans?csv=loans&page=2&sort=loan_id")
    assert [row["loan_id"] for row in rows] == sorted(story.loan_id for story in cast.stories())
    first = next(story for story in cast.stories() if story.loan_id == rows[0]["loan_id"])
    assert int(rows[0]["outstanding_principal_paise"]) == cast.state_and_position(first, cast.LAST)[1]["outstanding_principal_paise"]
    assert {row["bucket"] for row in table_of(client, "/loans?csv=loans&bucket=31-60")} == {"31-60"}


@pytest.mark.parametrize(
    "address",
    [
        *("/loans?csv=loans", "/worklist?csv=worklist", "/differences?csv=differences", "/payments?csv=payments"),
        *("/?csv=branches", "/compare?csv=compare&by=officer", "/alerts?csv=alerts"),
    ],
)
def test_what_is_taken_out_keeps_to_the_branches_of_the_reader(lender: Lender, signed_in: SignIn, address: str) -> None:
    """Also where the address asks for another branch."""
    client = signed_in(Role.SUPERVISOR, "BR-SALEM")
    rows = table_of(client, address)
    assert rows
    assert not any("BR-GAYA" in row.values() or "BR-NASHIK" in row.values() for row in rows)
    narrowed = table_of(client, f"{address}&branch=BR-GAYA&branch_id=BR-GAYA")
    of_loans = ("/loans?csv=loans", "/worklist?csv=worklist", "/differences?csv=differences", "/payments?csv=payments")
    assert narrowed == ([] if address in of_loans else rows)
    assert AuditEntry.objects.filter(act="page.export").first().after["branches"] == ["BR-SALEM"]  # type: ignore[union-attr]


@pytest.mark.parametrize("address", TABLES)
def test_a_table_is_as_closed_as_its_page(lender: Lender, signed_in: SignIn, address: str) -> None:
    """An agency's person and a stranger take nothing, and nothing is written down."""
    client = signed_in(Role.AGENCY)
    answer = client.get(address)
    assert answer.status_code == 403 or (address.startswith("/?") and b"No work is given" in answer.content)
    assert Client().get(address).status_code == 302
    assert not AuditEntry.objects.filter(act="page.export").exists()


def test_nothing_personal_is_taken_out(lender: Lender, signed_in: SignIn) -> None:
    """Pseudonyms only, also for a role that sees names on pages."""
    client = signed_in(Role.COMPLIANCE)
    for address in TABLES:
        text = client.get(address).content.decode("utf-8-sig")
        assert not any(name.split()[0] in text for name in ("Asha Pawar", "Salma Bano", "Kavitha Raj"))
        assert "98200" not in text
    assert not AuditEntry.objects.filter(act="read_personal").exists()


@pytest.mark.parametrize("text", ['=HYPERLINK("http://example.org")', "+1", "-2+3", "@SUM(1)", "\tx", "\rx", "'=1"])
def test_a_text_that_a_spreadsheet_would_run_gets_a_quote(db: None, text: str) -> None:
    """In every cell; a plain negative number stays a number."""
    person = Person.objects.create_user("usha", password=None, role=Role.SUPERVISOR.value)
    rows = [{"branch_id": text, "amount_paise": -500}]
    content = export_rows("t", None, ("branch_id", "amount_paise"), rows, person=person, asked="", clock=fixed_clock(LOADED_AT))
    found = next(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert found == {"branch_id": "'" + text, "amount_paise": "-500"}


def test_indic_names_open_in_a_spreadsheet(db: None) -> None:
    """The file begins with the byte-order mark by which spreadsheets know UTF-8."""
    person = Person.objects.create_user("usha", password=None, role=Role.SUPERVISOR.value)
    content = export_rows("t", None, ("place",), [{"place": "नाशिक"}], person=person, asked="", clock=fixed_clock(LOADED_AT))
    assert content.startswith(b"\xef\xbb\xbf")
    assert "नाशिक" in content.decode("utf-8-sig")


@pytest.mark.parametrize(("most", "status"), [(159, 400), (160, 200), (161, 200)])
def test_a_list_longer_than_a_page_may_give_is_refused_with_what_to_do(
    lender: Lender, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, most: int, status: int
) -> None:
    """Before, at and after the limit; a refusal writes nothing down."""
    monkeypatch.setattr(take_out, "MOST_ROWS", most)
    answer = signed_in(Role.INSPECTOR).get("/loans?csv=loans")
    assert answer.status_code == status
    assert ("sulah export position --as-of 2026-03-31" in answer.content.decode()) == (status == 400)
    assert AuditEntry.objects.filter(act="page.export").count() == (status == 200)
