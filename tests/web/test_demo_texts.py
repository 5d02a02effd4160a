"""The demo's text bench: what goes there was approved by the acts, by somebody else than who wrote it."""

from sulah.adapters.book.layout import Lender, open_lender
from sulah.cli.demo_texts import CODES, WAITING, fill_texts
from sulah.kernel.dates import system_clock
from sulah.policy.text_rows import text_kinds
from sulah.records.contact.text import TextVersion
from tests.web import small_texts


def test_the_plain_texts_are_approved_by_a_second_person_and_one_rich_text_waits(lender: Lender) -> None:
    with small_texts.with_texts(lender):
        fill_texts(open_lender(lender.root), system_clock)
    plain = {name for name, kind in text_kinds().items() if kind.plain_reminder and "sms" in kind.channels}
    found = {state: set(TextVersion.objects.filter(state=state).values_list("name", "language")) for state in ("approved", "submitted")}
    assert found == {"approved": {(name, code) for name in plain for code in CODES}, "submitted": {(WAITING, code) for code in CODES}}
    assert all(one.approved_by not in ("", one.drafted_by, one.submitted_by) for one in TextVersion.objects.filter(state="approved"))


def test_a_lender_without_texts_of_its_own_gets_none(lender: Lender) -> None:
    fill_texts(lender, system_clock)
    assert not TextVersion.objects.exists()
