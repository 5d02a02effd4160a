"""The short address in a message: who goes on by it is noted once, led on, and brought the one step that follows; over is over."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client

from sulah.actions.contact.review_language import digest_of, sign_off_language
from sulah.actions.follow_link import follow_link, leads_to
from sulah.actions.keep_link import end_link, keep_link
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import fixed_clock, system_clock
from sulah.outreach.configured import Channels
from sulah.policy.languages import LANGUAGES
from sulah.policy.languages.check_words import check_words
from sulah.records.audit import AuditEntry
from sulah.records.contact.link import PaymentLink, ShortLink
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing
from sulah.records.seal import sealed_models
from tests.contact.approved import SECOND, approve, row_of
from tests.contact.test_plan_texts import BY, CLOCK, GATEWAY, MORNING, channels, lender, lived, plan

__all__ = ["lender", "lived"]
pytestmark = pytest.mark.django_db
OPENED = MORNING + timedelta(hours=1)


@pytest.fixture
def sent(lender: Lender) -> ShortLink:
    """A message with a payment link that went to V04."""
    (loan,) = Standing.objects.get(pk="V04").loans
    keep_link(loan["loan_id"], "plink-1", GATEWAY, until=system_clock() + timedelta(days=3_000), by=BY, clock=CLOCK)
    for place, with_ in enumerate(((), ("link",))):
        approve(row_of("overdue_early"), 51 + place, CLOCK, with_)
    approve(row_of("link"), 59, CLOCK)
    sign_off_language("en", digest_of("en"), reader="A. Reader", read_on=date(2026, 11, 1), by=SECOND, clock=CLOCK)
    plan(lender)
    Outbox.objects.filter(person="V04").update(state="delivered", handed_at=MORNING, changed_at=MORNING, attempts=1)
    return ShortLink.objects.get()


def follow(lender: Lender, token: str, minutes: int = 0, held: Channels | None = None) -> str:
    clock = fixed_clock(OPENED + timedelta(minutes=minutes))
    own = f"https://kaveri.example/p/{token}"
    return follow_link(token, own, channels=channels(lender) if held is None else held, vault=Vault(lender), by=BY, clock=clock)


def test_going_on_by_a_link_is_noted_and_brings_one_nudge_two_hours_later(lender: Lender, sent: ShortLink) -> None:
    """However often it is opened; the nudge carries the same short address."""
    assert (follow(lender, sent.token), follow(lender, sent.token, 5)) == (GATEWAY, GATEWAY)
    sent.refresh_from_db()
    assert (sent.opened_at, sent.last_at, sent.times) == (OPENED, OPENED + timedelta(minutes=5), 2)
    nudge = Outbox.objects.get(step="link_opened/nudge")
    assert (nudge.person, nudge.template, nudge.not_before) == ("V04", "link_sms_en_1", OPENED + timedelta(hours=2))
    assert AuditEntry.objects.filter(act="link.opened", subject="borrower:V04").count() == 1


def test_without_an_approved_text_for_the_nudge_the_opening_is_noted_all_the_same(lender: Lender, sent: ShortLink) -> None:
    assert follow(lender, sent.token, held={}) == GATEWAY
    sent.refresh_from_db()
    assert (sent.times, Outbox.objects.filter(step="link_opened/nudge").count()) == (1, 0)


def test_a_link_that_is_over_leads_nowhere_and_is_not_noted(lender: Lender, sent: ShortLink) -> None:
    end_link("plink-1", by=BY, clock=CLOCK)
    assert (follow(lender, sent.token), follow(lender, "0" * 16), leads_to("0" * 16, CLOCK)) == ("", "", "")
    sent.refresh_from_db()
    assert sent.times == 0


def test_links_and_short_addresses_carry_a_seal() -> None:
    assert {PaymentLink, ShortLink} <= set(sealed_models())


@pytest.fixture
def anybody(lender: Lender) -> Client:
    """Somebody with the message in hand, signed in nowhere."""
    assert lender.root == settings.LENDER
    return Client(headers={"accept-language": "hi-IN"})


def test_looking_at_the_page_notes_nothing_and_says_where_the_way_on_leads(anybody: Client, sent: ShortLink) -> None:
    """Programs that look at links for people do the same; what the page tells is the lender and the host, and no loan."""
    said = anybody.get(f"/p/{sent.token}").content.decode()
    assert check_words("hi")["pay_title"] in said
    assert "rzp.example" in said
    assert f'href="/p/{sent.token}/on"' in said
    assert "VIL-04" not in said
    anybody.head(f"/p/{sent.token}/on")
    sent.refresh_from_db()
    assert sent.times == 0


def test_going_on_leads_to_the_payment_page_and_is_noted(anybody: Client, sent: ShortLink) -> None:
    answer = anybody.get(f"/p/{sent.token}/on")
    assert (answer.status_code, answer.headers["Location"], answer.headers["Referrer-Policy"]) == (302, GATEWAY, "no-referrer")
    sent.refresh_from_db()
    assert sent.times == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_that_is_over_says_so_in_each_language(anybody: Client, sent: ShortLink, language: str) -> None:
    """The same for one that never was."""
    end_link("plink-1", by=BY, clock=CLOCK)
    for token in (sent.token, "0" * 16):
        answer = anybody.get(f"/p/{token}?language={language}")
        assert answer.status_code == 404
        assert check_words(language)["pay_over"] in answer.content.decode()
        assert anybody.get(f"/p/{token}/on").headers["Location"] == f"/p/{token}"
