"""The book and the lists: figures that equal the stories, doors that lead to as many rows as they say."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.money import indian
from sulah.kernel.terms import LoadState, Role
from sulah.records.audit import AuditEntry
from sulah.records.load import Load
from tests.web import cast
from tests.web.conftest import put_loads

SignIn = Callable[..., Client]


def rows_of(client: Client, address: str) -> int:
    """How many loans a list says it holds."""
    found = re.search(r'class="lead">([\d,]+) loan', client.get(address).content.decode())
    assert found, address
    return int(found[1].replace(",", ""))


def test_the_book_shows_the_sums_of_the_stories(lender: Lender, signed_in: SignIn) -> None:
    """Outstanding, overdue and PAR 30 worked out apart from the page, written-off loans left out."""
    live = [cast.state_and_position(s, cast.LAST)[1] for s in cast.stories() if not s.written_off_on]
    text = signed_in(Role.INSPECTOR).get("/").content.decode()
    outstanding = sum(p["outstanding_principal_paise"] for p in live)
    for paise in (
        outstanding,
        sum(p["overdue_paise"] for p in live),
        *(sum(p["outstanding_principal_paise"] for p in live if p["dpd"] > days) for days in (1, 30, 60, 90)),
    ):
        assert indian(paise) in text


@pytest.mark.parametrize("bucket", ["current", "1-30", "31-60", "61-90", "91-180", "181-365", "366+"])
def test_each_bucket_leads_to_as_many_loans_as_it_counts(lender: Lender, signed_in: SignIn, bucket: str) -> None:
    """The link of the row, followed."""
    client = signed_in(Role.INSPECTOR)
    expected = sum(
        cast.bucket_of(cast.state_and_position(s, cast.LAST)[1]["dpd"]) == bucket for s in cast.stories() if not s.written_off_on
    )
    address = f"/loans?bucket={bucket.replace('+', '%2B')}&written_off=no"
    assert address.replace("&", "&amp;") in client.get("/").content.decode()
    assert rows_of(client, address) == expected


@pytest.mark.parametrize(("days", "address"), [(30, "/loans?dpd_over=30"), (90, "/loans?dpd_over=90")])
def test_par_leads_to_loans_past_the_limit_and_not_at_it(lender: Lender, signed_in: SignIn, days: int, address: str) -> None:
    """More than the days, exactly."""
    expected = sum(cast.state_and_position(s, cast.LAST)[1]["dpd"] > days for s in cast.stories())
    assert rows_of(signed_in(Role.INSPECTOR), address) == expected


def test_a_past_day_can_be_read_and_links_stay_on_it(lender: Lender, signed_in: SignIn) -> None:
    """The day before, its own figures, and every door keeps the day."""
    text = signed_in(Role.INSPECTOR).get("/?day=2026-03-30").content.decode()
    assert "The book on 30 Mar 2026" in text
    assert "/loans?bucket=31-60&amp;written_off=no&amp;day=2026-03-30" in text


def test_lists_are_sorted_and_paged_at_the_server(lender: Lender, signed_in: SignIn) -> None:
    """160 loans make four pages; each loan is on exactly one; a page beyond the last is the last."""
    client = signed_in(Role.INSPECTOR)
    seen: list[str] = []
    for number in (1, 2, 3, 4):
        seen += re.findall(r'scope="row"><a href="/loan/([^"?]+)"', client.get(f"/loans?page={number}&sort=loan_id").content.decode())
    assert seen == sorted(story.loan_id for story in cast.stories())
    assert "151–160 of 160" in client.get("/loans?page=99").content.decode()
    assert client.get("/loans?page=-1&sort=;drop").status_code == 200


def test_the_worklist_pages_by_key_and_skips_nobody(lender: Lender, signed_in: SignIn) -> None:
    """Following Next from the first page sees each open item once, by branch in working order."""
    client = signed_in(Role.INSPECTOR)
    address, seen = "/worklist", []
    while address:
        text = client.get(address).content.decode()
        seen += re.findall(r"Borrower (B-\d+)", text)
        following = re.search(r'rel="next" href="(\?[^"]+)"', text)
        address = f"/worklist{following[1]}".replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 48
    assert client.get("/worklist?after=x~y~z").status_code == 200


def test_a_search_finds_a_loan_by_its_number_or_the_loans_of_a_borrower(lender: Lender, signed_in: SignIn) -> None:
    """Exact numbers, within the reach."""
    assert rows_of(signed_in(Role.INSPECTOR), "/loans?q=LN/10003") == 1
    borrower = cast.stories()[10].borrower_id
    expected = sum(story.borrower_id == borrower for story in cast.stories())
    assert expected > 1
    assert rows_of(signed_in(Role.VALIDATOR), f"/loans?q={borrower}") == expected


def test_every_rule_a_page_names_is_on_the_page_of_rules(lender: Lender, signed_in: SignIn) -> None:
    """The door of a rule leads to its row, with its citation and, where due, the mark for compliance."""
    client = signed_in(Role.COMPLIANCE)
    rules = client.get("/rules").content.decode()
    for address in ("/", "/loan/LN/10004"):
        named = set(re.findall(r'href="/rules#(BKT[^"]+|LIM[^"]+|WTF[^"]+|DAY[^"]+)"', client.get(address).content.decode()))
        assert named
        assert all(f'id="{rule}"' in rules for rule in named)
    assert "to be confirmed by compliance" in rules
    assert "RBI/2021-22/125" in rules


@pytest.mark.parametrize(("decision", "state"), [("approve", LoadState.ACCEPTED), ("reject", LoadState.REJECTED)])
def test_a_held_load_is_decided_on_its_page_with_a_note(lender: Lender, signed_in: SignIn, decision: str, state: LoadState) -> None:
    """By an administrator, once, with the note kept and the act in the audit trail."""
    first = Load.objects.get()
    held = Load.objects.create(
        id="2026-03-31.1",
        as_of=cast.LAST,
        version=1,
        parent=first,
        state=LoadState.HELD,
        reasons=["Rows of repayment fell by 32%."],
        content_sha256="5" * 64,
        code_version="test",
        path="loads/2026-03-31.1",
        loaded_at=first.loaded_at,
        loaded_by="loader",
    )
    client = signed_in(Role.ADMINISTRATOR)
    assert "Rows of repayment fell by 32%." in client.get("/loads").content.decode()
    client.post(f"/loads/{held.pk}/decide", {"decision": decision, "note": " "})
    held.refresh_from_db()
    assert held.state == LoadState.HELD
    client.post(f"/loads/{held.pk}/decide", {"decision": decision, "note": "Branch merged, checked by phone"})
    held.refresh_from_db()
    assert (held.state, held.decision_note) == (state, "Branch merged, checked by phone")
    assert AuditEntry.objects.filter(act=f"{decision}_load", actor="administrator0").count() == 1
    again = client.post(f"/loads/{held.pk}/decide", {"decision": decision, "note": "again"}, follow=True)
    assert 'role="alert"' in again.content.decode()


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.COMPLIANCE, Role.VALIDATOR, Role.LEGAL, Role.AGENT, Role.FIELD_OFFICER, Role.AGENCY])
def test_others_cannot_decide_a_load(lender: Lender, signed_in: SignIn, role: Role) -> None:
    """403, and the load stays."""
    put_loads(LoadState.HELD)
    answer = signed_in(role).post("/loads/2026-03-30.1/decide", {"decision": "approve", "note": "please"})
    assert answer.status_code == 403
    assert Load.objects.get().state == LoadState.HELD


def test_a_supervisor_of_one_branch_cannot_decide_a_load_of_the_whole_lender(lender: Lender, signed_in: SignIn) -> None:
    """A load is everybody's book."""
    put_loads(LoadState.HELD)
    answer = signed_in(Role.SUPERVISOR, "BR-GAYA").post("/loads/2026-03-30.1/decide", {"decision": "approve", "note": "please"})
    assert answer.status_code == 403
