"""Measures on pages: figures that equal the stories, doors that lead to as many loans as they say, nothing invented without an anchor."""

import csv
import io
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.contracts.measure_day import DIMENSIONS
from sulah.insight.rates import share_bps
from sulah.kernel.money import indian
from sulah.kernel.terms import Role
from sulah.records.dayrun import DayRun
from sulah.web.members import LABELS, NOT_GIVEN, PLACES, worse_than
from sulah.web.words import grouped, percent
from tests.web import cast
from tests.web.small_book import DAYS
from tests.web.small_measures import loan_day

SignIn = Callable[..., Client]
STORIES = cast.stories()
LOANS = {story.loan_id: loan_day(story, cast.LAST) for story in STORIES}
LIVE = [row for row in LOANS.values() if row["place"] not in ("written_off", "closed")]
PAGES = ("/compare", "/rolls", "/vintages", "/places", "/alerts")


def text_of(client: Client, address: str) -> str:
    """A page's text; it must open."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def loans_at(client: Client, address: str) -> set[str]:
    """The loans that a list holds, taken out whole."""
    sign = "&" if "?" in address else "?"
    content = client.get(f"{address}{sign}csv=loans").content.decode("utf-8-sig")
    return {row["loan_id"] for row in csv.DictReader(io.StringIO(content))}


def hrefs(text: str, begins: str) -> list[str]:
    """The addresses on a page that begin so."""
    return [found.replace("&amp;", "&") for found in re.findall(rf'href="({re.escape(begins)}[^"]*)"', text)]


def member_of(row: cast.ROW, dimension: str) -> str:
    """A loan's member of a dimension, from its own row; states and districts by hand."""
    pin = row["pincode"]
    given = {"branch": row["branch_id"], "product": row["product"], "pincode": pin, "officer": row["officer_id"], "vintage": "2025-04"}
    given |= {"channel": row["acquisition_channel"] or "", "ticket_band": row["ticket_band"]}
    given["state"] = {"422000": "Maharashtra", "422001": "TAMIL NADU", "422002": "Maharashtra"}.get(pin, "")
    given["district"] = {"422000": "Nashik", "422001": "Salem", "422002": "Nashik"}.get(pin, "")
    return str(given[dimension])


def test_every_dimension_has_words() -> None:
    """A dimension added without words fails here."""
    assert set(LABELS) == set(DIMENSIONS)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_each_member_shows_its_own_par_and_leads_to_its_loans(lender: Lender, signed_in: SignIn, dimension: str) -> None:
    """PAR 30 of every member of every dimension, and behind its name exactly its loans in the book."""
    client = signed_in(Role.SUPERVISOR)
    text = text_of(client, f"/compare?by={dimension}")
    for member in {member_of(row, dimension) for row in LIVE}:
        own = [row for row in LIVE if member_of(row, dimension) == member]
        late = sum(row["principal_paise"] for row in own if row["dpd"] > 30)
        assert percent(share_bps(late, sum(row["principal_paise"] for row in own))) in text
        address = f"/loans?{dimension}={quote(member or NOT_GIVEN, safe='~').replace('%20', '+')}&written_off=no"
        assert address in hrefs(text, "/loans?")
        assert loans_at(client, address) == {row["loan_id"] for row in own}


def test_efficiency_of_the_book_equals_the_stories(lender: Lender, signed_in: SignIn) -> None:
    """Of dues, of arrears, and both; on the book's page, the trend and the comparison."""
    owed = [row for row in LOANS.values() if row["open_place"] != "written_off"]
    due, paid_due = (sum(row[name] for row in owed) for name in ("month_due_paise", "applied_due_paise"))
    arrears, paid_arrears = (sum(row[name] for row in owed) for name in ("open_overdue_paise", "applied_arrears_paise"))
    client = signed_in(Role.SUPERVISOR)
    both = percent(share_bps(paid_due + paid_arrears, due + arrears))
    for address in ("/", "/trend", "/compare"):
        assert both in text_of(client, address)
    for address in ("/trend", "/compare"):
        assert percent(share_bps(paid_due, due)) in text_of(client, address)
        assert percent(share_bps(paid_arrears, arrears)) in text_of(client, address)


@pytest.mark.parametrize("shown", ["paise", "loans"])
@pytest.mark.parametrize("period", ["month", "day"])
def test_every_cell_of_the_matrix_leads_to_as_many_loans_as_it_counts(lender: Lender, signed_in: SignIn, period: str, shown: str) -> None:
    """Each door followed: the loans that stood there and stand here, and no other; together all loans of the book."""
    client = signed_in(Role.INSPECTOR)
    text = text_of(client, f"/rolls?period={period}&show={shown}")
    column = {"month": "open_place", "day": "before_place"}[period]
    expected: dict[tuple[str, str], set[str]] = {}
    for row in LOANS.values():
        expected.setdefault((row[column], row["place"]), set()).add(row["loan_id"])
    cells = hrefs(text, "/loans?was=")
    assert len(cells) == len(expected)
    for address in cells:
        was, now = (re.search(rf"[?&]{name}=([^&]+)", address)[1].replace("%2B", "+") for name in ("was", "now"))  # type: ignore[index]
        assert loans_at(client, address) == expected[was, now]


def test_each_row_of_the_matrix_adds_up_to_its_opening_book(lender: Lender, signed_in: SignIn) -> None:
    """Principal at the opening, by bucket, beside the number of loans; shares of a row are of that sum."""
    text = text_of(signed_in(Role.SUPERVISOR), "/rolls")
    for place in {row["open_place"] for row in LOANS.values()}:
        own = [row for row in LOANS.values() if row["open_place"] == place]
        whole = sum(row["open_principal_paise"] for row in own)
        assert indian(whole) in text
        for now in {row["place"] for row in own}:
            rolled = sum(row["open_principal_paise"] for row in own if row["place"] == now)
            assert percent(share_bps(rolled, whole)) in text


def test_the_matrix_of_one_member_is_reached_from_the_comparison(lender: Lender, signed_in: SignIn) -> None:
    """By its Forward figure; it holds the member's loans alone."""
    client = signed_in(Role.SUPERVISOR)
    address = next(one for one in hrefs(text_of(client, "/compare?by=state"), "/rolls?") if "Maharashtra" in one)
    found = set().union(*(loans_at(client, cell) for cell in hrefs(text_of(client, address), "/loans?state=")))
    assert found == {row["loan_id"] for row in LOANS.values() if member_of(row, "state") == "Maharashtra"}


@pytest.mark.parametrize("days", [1, 30, 60, 90, 180])
def test_the_picture_of_india_holds_the_par_of_each_state(lender: Lender, signed_in: SignIn, days: int) -> None:
    """In the tile to a tenth of a percent, in the table to a hundredth; who has no state is told in words."""
    text = text_of(signed_in(Role.SUPERVISOR), f"/places?par={days}")
    for code, state in (("MH", "Maharashtra"), ("TN", "TAMIL NADU")):
        own = [row for row in LIVE if member_of(row, "state") == state]
        share = share_bps(sum(row["principal_paise"] for row in own if row["dpd"] > days), sum(row["principal_paise"] for row in own))
        assert share is not None
        assert f">{code}</text>" in text
        assert f">{share // 100}.{share % 100 // 10}</text>" in text
        assert percent(share) in text
    apart = sum(member_of(row, "state") == "" for row in LIVE)
    assert f"no state given ({grouped(apart)} loans)" in text


def test_a_state_opens_its_districts_and_a_district_its_pin_codes(lender: Lender, signed_in: SignIn) -> None:
    """Each by the link on the page; the last leads to the loans."""
    client = signed_in(Role.SUPERVISOR)
    address = next(one for one in hrefs(text_of(client, "/places"), "?state=") if "Maharashtra" in one)
    districts = text_of(client, f"/places{address}")
    assert "Districts of Maharashtra" in districts
    inner = next(one for one in hrefs(districts, "?state=") if "district=Nashik" in one)
    pins = text_of(client, f"/places{inner}")
    assert "422000" in pins
    assert "422001" not in pins
    found = set().union(*(loans_at(client, one) for one in hrefs(pins, "/loans?pincode=") if "dpd_over" not in one))
    assert found == {row["loan_id"] for row in LIVE if row["pincode"] in ("422000", "422002")}


def test_without_any_state_the_page_says_what_to_send(lender: Lender, signed_in: SignIn) -> None:
    """No empty picture: the reader of a branch in which nobody has a state is told."""
    text = text_of(signed_in(Role.SUPERVISOR, "BR-NOWHERE"), "/places")
    assert "No loan here" in text


def test_an_alert_says_since_when_it_stands_and_leads_to_the_loans_that_rolled(lender: Lender, signed_in: SignIn) -> None:
    """One that stood the day before too, one that is new; behind each the loans of the cohort in a worse place."""
    first = DayRun.objects.get(as_of=DAYS[0])
    first.tables = {**first.tables, "measure_day": first.tables["roll_alert"]}
    first.save()
    client = signed_in(Role.SUPERVISOR)
    text = text_of(client, "/alerts")
    lines = re.findall(r"<tr>.*?</tr>", text, re.DOTALL)
    old = next(line for line in lines if "Branch BR-GAYA" in line)
    new = next(line for line in lines if "Officer FO-SAL-1" in line)
    assert "30 Mar 2026" in old
    assert "31 Mar 2026" in new
    expected = {row["loan_id"] for row in LOANS.values() if row["branch_id"] == "BR-GAYA" and row["open_place"] == "1-30"}
    rolled = {loan for loan in expected if LOANS[loan]["place"] in worse_than("1-30")}
    assert loans_at(client, next(one for one in hrefs(old, "/loans?") if "now=worse" in one)) == rolled
    assert 'href="/rules#RBD-1-30"' in text


def test_alerts_keep_to_the_branches_of_the_reader(lender: Lender, signed_in: SignIn) -> None:
    """The whole lender's and other branches' are not shown."""
    text = text_of(signed_in(Role.SUPERVISOR, "BR-SALEM"), "/alerts")
    assert "Officer FO-SAL-1" in text
    assert "BR-GAYA" not in text
    assert "Whole book" not in text


def test_cuts_of_the_whole_lender_are_offered_to_those_who_see_all_of_it(lender: Lender, signed_in: SignIn) -> None:
    """Nobody else gets a vintage, a channel or a ticket band, whatever the address says."""
    client = signed_in(Role.SUPERVISOR, "BR-SALEM")
    assert "By branch" in text_of(client, "/compare?by=vintage")
    assert "Month of disbursal" not in text_of(client, "/compare")
    assert "shown to people who see every branch" in text_of(client, "/vintages")
    assert "Month of disbursal" in text_of(signed_in(Role.SUPERVISOR), "/compare")


def test_vintages_and_recovery_divide_what_the_tables_hold(lender: Lender, signed_in: SignIn) -> None:
    """Both products together and one alone; of what was overdue on entry."""
    client = signed_in(Role.VALIDATOR)
    both, one = text_of(client, "/vintages"), text_of(client, "/vintages?product=MSME")
    assert "2025-04" in both
    assert indian(2 * 9_000_000) in both
    assert indian(9_000_000) in one
    assert "25.00%" in both
    assert "already so when first seen" in both
    assert "No loan entered NPA" in text_of(client, "/vintages?mark=npa")


def test_the_ledger_stands_beside_ours(lender: Lender, signed_in: SignIn) -> None:
    """The whole lender's total for those who see all, a branch's for the branch."""
    assert "whole book" in text_of(signed_in(Role.SUPERVISOR), "/quality")
    part = text_of(signed_in(Role.SUPERVISOR, "BR-GAYA"), "/quality")
    assert "whole book" not in part
    assert indian(7) in part


@pytest.mark.parametrize("address", PAGES)
def test_a_day_from_before_the_measures_says_so(lender: Lender, signed_in: SignIn, address: str) -> None:
    """No error, no figure; a list of loans that only measures know is empty rather than everything."""
    client = signed_in(Role.SUPERVISOR)
    text = text_of(client, f"{address}?day={DAYS[0]}")
    assert "That day was run before measures were made" in text
    assert loans_at(client, f"/loans?was=current&day={DAYS[0]}") == set()


@pytest.mark.parametrize("address", [*PAGES, "/trend"])
def test_before_any_day_the_pages_say_what_comes_next(empty_lender: Lender, signed_in: SignIn, address: str) -> None:
    """The same steps as on the book's page."""
    assert "No day has run yet" in text_of(signed_in(Role.SUPERVISOR), address)


@pytest.mark.parametrize(
    "address",
    [
        *("/compare?by=x&sort=--par_30&page=-1", "/compare?by=%3Cscript%3E", "/rolls?period=x&show=y&by=x&member=%3Cscript%3E"),
        *("/rolls?by=branch&member=%3Cscript%3E", "/places?par=7&level=x&sort=;drop", "/places?state=%3Cscript%3E&district=%27"),
        *("/vintages?mark=x&product=%3Cscript%3E", "/alerts?day=2026-03-31&x=1", "/loans?was=%27&now=worse&since=x", "/trend?days=%27"),
    ],
)
def test_what_nobody_offered_is_answered_with_words(lender: Lender, signed_in: SignIn, address: str) -> None:
    """No error and no markup from an address."""
    assert "<script" not in text_of(signed_in(Role.SUPERVISOR), address)


@pytest.mark.parametrize("place", PLACES)
def test_worse_places_are_those_further_on(place: str) -> None:
    """Never the place itself, never better ones, never closed."""
    worse = worse_than(place)
    assert place not in worse
    assert "closed" not in worse
    assert all(PLACES.index(one) > PLACES.index(place) for one in worse)
