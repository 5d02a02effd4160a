"""What answers a person is an approved text in a language that she reads, and where none may go a person answers."""

import tomllib
from dataclasses import replace
from datetime import date

import pytest

from sulah.actions.contact.approve_text import retire_text
from sulah.actions.contact.review_language import digest_of, sign_off_language
from sulah.actions.contact.texts_in_force import in_force
from sulah.outreach.configured import configured
from sulah.records.contact.outbox import Outbox
from tests.contact.approved import SECOND, approve, row_of
from tests.contact.people import CLOCK
from tests.outbox.place import SECRETS, settings
from tests.talk.said import Desk, Reading

pytestmark = pytest.mark.django_db
PAID = "bhar diya"


@pytest.fixture
def able(desk: Desk) -> Desk:
    """Somebody who listens, with SMS set up, and P1, who reads Hindi."""
    desk.channels = in_force(configured(tomllib.loads(settings([1])), SECRETS))
    desk.readings = {PAID: Reading("paid")}
    desk.person()
    return desk


def signed(language: str) -> None:
    """A native reader signed the language off."""
    sign_off_language(language, digest_of(language), reader="A. Reader", read_on=date(2026, 11, 20), by=SECOND, clock=CLOCK)


def answers() -> list[str]:
    return list(Outbox.objects.order_by("id").values_list("template", flat=True))


def test_an_answer_is_the_approved_text_of_her_language_once_it_is_signed_off(able: Desk) -> None:
    """It is no plain reminder: approved and not signed off it does not go."""
    approve(row_of("paid_reply", "hi"), 1, CLOCK)
    able.said(PAID)
    assert answers() == []
    signed("hi")
    able.said(PAID)
    assert answers() == ["paid_reply_sms_hi_1"]


def test_an_answer_goes_in_english_where_hers_is_not_there_and_by_the_latest_version(able: Desk) -> None:
    signed("en")
    approve(row_of("paid_reply"), 1, CLOCK)
    row = row_of("paid_reply")
    approve(replace(row, text=f"Hello. {row.text}", author="asha"), 2, CLOCK)
    able.said(PAID)
    assert answers() == ["paid_reply_sms_en_2"]


def test_a_retired_answer_is_sent_no_more(able: Desk) -> None:
    signed("en")
    version = approve(row_of("paid_reply"), 1, CLOCK)
    retire_text(version.pk, reason="a wrong word", by=SECOND, clock=CLOCK)
    able.said(PAID)
    assert answers() == []
