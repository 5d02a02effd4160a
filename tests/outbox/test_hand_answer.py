"""An officer's own words on their whole way: the person writes, the session is open, the worker sends them as a text without a template."""

import os

import pytest

from sulah.actions.contact.actor import machine
from sulah.actions.contact.number_owners import put_numbers
from sulah.actions.contact_borrower import Sender, open_channels
from sulah.actions.guarded_ledger import GuardedLedger
from sulah.actions.talk.answer_by_hand import AnswerRefusedError, Looked, answer_by_hand
from sulah.actions.talk.answer_heard import answer_heard
from sulah.actions.talk.doing import Listener
from sulah.actions.talk.read_thread import text_of
from sulah.actions.work_outbox import work_round
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Channel, EntityType
from sulah.outreach.configured import configured
from sulah.records.contact.outbox import Outbox
from tests.contact.people import BOOK, RULEBOOK
from tests.outbox.test_whatsapp import Played, ours, played
from tests.outreach.whatsapp_place import TO
from tests.talk.said import Reading

__all__ = ["ours", "played"]

pytestmark = pytest.mark.django_db


def answer(played: Played, text: str) -> Outbox:
    """Somebody of the desk answers p1."""
    lender = open_lender(played.ours.place.root)
    channels, vault = configured(lender.settings, os.environ), Vault(lender)
    return answer_by_hand(
        "p1",
        Channel.WHATSAPP,
        text,
        lint=lambda *_: Looked(legal_words=False, offers=False),
        channels=channels,
        vault=vault,
        by=machine("desk"),
        clock=system_clock,
    )


def listen(played: Played) -> int:
    """Act on what was heard: it asks for a call."""
    lender = open_lender(played.ours.place.root)
    by = machine("worker")
    return answer_heard(
        Listener(Vault(lender), lambda: RULEBOOK, {}, lambda *_: Reading("call_me", "unsure"), lambda: {"en"}, by, system_clock)
    )


def sent(played: Played) -> dict[str, int]:
    """What a worker does under the shipped rules of sessions, templates and stops."""
    lender, rows = open_lender(played.ours.place.root), BOOK.rows("contact_rule")
    asked = ("session", "template", "permit_life")
    rules = ContactRules(
        EntityType.NBFC_MFI,
        {**dict.fromkeys(BOOK.tables, ()), "contact_stop": BOOK.rows("contact_stop")}
        | {"contact_rule": [row for row in rows if row["predicate"] in asked]},
    )
    channels, by = configured(lender.settings, os.environ), machine("worker")
    ledger = GuardedLedger(lender, lambda: rules, by)
    sender = Sender("w1", "1", Vault(lender), open_channels(channels), channels, ledger, system_clock)
    return dict(work_round(sender).outcomes)


def test_an_answer_by_hand_reaches_the_phone_as_it_was_written_and_not_without_a_session(played: Played) -> None:
    lender = open_lender(played.ours.place.root)
    put_numbers([(Vault(lender).number_key(f"+{TO}"), "p1")])
    with pytest.raises(AnswerRefusedError, match="No session is open"):
        answer(played, "We call you at four.")
    assert played.sandbox.say({"from": TO, "text": "call me"}).status == 200
    played.webhooks()
    played.work()
    assert listen(played) == 1
    row = answer(played, "हम आपको चार बजे फ़ोन करेंगे।")
    assert sent(played) == {"sent": 1}
    (kept,) = played.sandbox.platform.kept
    assert (kept.asked.to, kept.asked.form, kept.asked.text) == (TO, None, "हम आपको चार बजे फ़ोन करेंगे।")
    played.webhooks()
    played.work()
    row.refresh_from_db()
    assert row.state == "delivered"
    assert text_of(row, configured(lender.settings, os.environ), Vault(lender)) == "हम आपको चार बजे फ़ोन करेंगे।"
