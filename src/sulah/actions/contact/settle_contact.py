"""What became of a contact: its state moves forward, one step at a time, and never back; each step is an entry of its own."""

from django.db import IntegrityError, transaction

from sulah.actions.contact.actor import Actor, hold_reach, hold_role
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import ContactState, Role
from sulah.records.contact.contact import FORWARD, Contact, ContactEvent
from sulah.records.turn import turn

register("contact.settle_before_commit", "contact.settle_after_commit")

EVIDENCE = ("worker", "callback", "look_up", "person")
"""How a step was learnt: our own worker saw it, the provider called back, we asked the provider, or a person tells it."""

_BY_LOOK_UP = (ContactState.SENT, ContactState.FAILED)
"""What an ambiguous contact becomes only when the provider was asked."""


class ContactRefusedError(Refusal):
    """The step cannot be written down; the words say why."""


def settle_contact(
    contact_id: int,
    state: ContactState,
    *,
    evidence: str,
    by: Actor,
    clock: Clock,
    provider: str = "",
    provider_ref: str = "",
    note: str = "",
) -> bool:
    """Move a contact to a state; False when it does not lead on from where the contact is, which a late or repeated callback does not.

    An ambiguous contact becomes sent or failed only by look_up, never by a worker's guess: it counts until the provider says otherwise.
    ContactRefusedError for an unknown contact, and for a provider's reference that stands for another contact.
    """
    hold_role(by, {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.AGENCY}, "say what became of a contact")
    if evidence not in EVIDENCE:
        raise ValueError(f"evidence is one of {EVIDENCE}")
    with turn(), transaction.atomic():
        contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
        if contact is None:
            raise ContactRefusedError(f"There is no contact {contact_id}.")
        hold_reach(by, contact.person)
        before = ContactState(contact.state)
        if state.value not in FORWARD.get(before.value, ()):
            return False
        if before is ContactState.AMBIGUOUS and (evidence == "worker" or (state in _BY_LOOK_UP and evidence != "look_up")):
            return False
        _move(contact, state, evidence, by, clock, (provider, provider_ref), note)
        reach("contact.settle_before_commit")
    reach("contact.settle_after_commit")
    return True


def _move(contact: Contact, state: ContactState, evidence: str, by: Actor, clock: Clock, told: tuple[str, str], note: str) -> None:
    before, contact.state, contact.state_at = contact.state, state.value, clock()
    if told[1] and not contact.provider_ref:
        contact.provider, contact.provider_ref = told
    try:
        with transaction.atomic():
            contact.save(update_fields=["state", "state_at", "provider", "provider_ref"])
    except IntegrityError as error:
        raise ContactRefusedError(f"The reference {told[1]} of {told[0]} stands for another contact. Nothing was changed.") from error
    ContactEvent.objects.create(
        contact=contact, at=contact.state_at, before=before, state=state.value, evidence=evidence, actor=by.name, note=note[:200]
    )
