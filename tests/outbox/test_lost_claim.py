"""A worker whose claim ran out while gateways hung goes on with its work: what another one sent meanwhile is lost to it, and no fault."""

from datetime import timedelta

import pytest

from sulah.actions.contact.reserve_contact import AlreadyReservedError
from sulah.actions.contact_borrower import contact_borrower
from sulah.adapters.book.layout import open_lender
from sulah.kernel.dates import system_clock
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.queue import claim
from tests.outbox import crew
from tests.outbox.place import SECRETS, Place, gateway

pytestmark = pytest.mark.django_db
ONE = [["m", "p1", "LN/1", "recovery"]]


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def test_a_message_that_another_worker_sent_meanwhile_is_lost_to_the_first_and_goes_once(place: Place) -> None:
    with gateway(place) as sandbox:
        lender = open_lender(place.root)
        crew.prepare(lender, {"messages": ONE})
        (row,) = claim("first", system_clock(), 5, 5)
        Outbox.objects.update(lease_until=system_clock() - timedelta(seconds=1))
        assert crew.work(lender, {})["outcomes"] == {"sent": 1}
        assert contact_borrower(crew._sender(lender, {}), row) == "lost"
        assert len(sandbox.kept()) == 1
    assert Outbox.objects.get().state == "sent"


def test_a_contact_that_stands_under_a_claim_that_holds_is_a_fault_and_is_said(place: Place) -> None:
    """That would be a message which goes twice: it must never pass for a claim that was lost."""
    with gateway(place) as sandbox:
        lender = open_lender(place.root)
        crew.prepare(lender, {"messages": ONE})
        crew.work(lender, {})
        Outbox.objects.update(state="queued")
        (row,) = claim("first", system_clock(), 5, 5)
        with pytest.raises(AlreadyReservedError):
            contact_borrower(crew._sender(lender, {}), row)
        assert len(sandbox.kept()) == 1
