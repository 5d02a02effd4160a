"""Whatever is reserved and settled in whatever order, no cap of any rule is exceeded: counted anew from the ledger."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sulah.actions.contact.reserve_contact import live_contact, reserve_contact
from sulah.actions.contact.settle_contact import settle_contact
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import Channel, ContactState, Place
from sulah.records.contact.contact import FORWARD, Contact
from tests.contact.people import BY, NOON, RULES, loan_of, put_person, sms
from tests.contact.test_crowd import over_the_caps
from tests.depth import so_many

STEPS = st.tuples(
    st.sampled_from([Channel.SMS, Channel.CALL, Channel.VISIT]),
    st.sampled_from(["L1", "L2"]),
    st.integers(0, 60 * 24 * 8),
    st.lists(st.sampled_from([state for state in ContactState if state is not ContactState.RESERVED]), max_size=3),
)


def contact(number: int, step: tuple[Channel, str, int, list[ContactState]]) -> None:
    """Reserve one contact and settle it as the step says; a step that does not lead on changes nothing."""
    channel, loan, minutes, states = step
    said: dict[str, Any] = {"place": Place.BRANCH, "number_key": None} if channel is Channel.VISIT else {"by_hand": True}
    clock = fixed_clock(NOON + timedelta(minutes=minutes))
    intent = sms(f"i-{number}", channel=channel, loan_ids=(loan,), **said)
    if not reserve_contact(intent, RULES, by=BY, clock=clock, template=True).permitted:
        return
    for state in states:
        made = live_contact(intent.intent_id)
        if made is not None:
            before = made.state
            moved = settle_contact(made.pk, state, evidence="worker", by=BY, clock=clock)
            assert not moved or state.value in FORWARD[before]


@pytest.mark.django_db
@settings(max_examples=so_many(200, 8), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=6, max_size=24))
def test_no_order_of_contacts_and_outcomes_exceeds_a_cap(steps: list[tuple[Channel, str, int, list[ContactState]]]) -> None:
    """Clocks that go back too: contacts of a later day count as today's."""
    with transaction.atomic():
        put_person("P1", loan_of("L1", "P1"), loan_of("L2", "P1", loan_type="other"))
        for number, step in enumerate(steps):
            contact(number, step)
        told = [
            [row.person, row.contact_class, row.purpose, row.state, row.at.astimezone(IST).date().toordinal(), row.intent]
            for row in Contact.objects.all()
        ]
        transaction.set_rollback(True)
    assert over_the_caps(told) == []
