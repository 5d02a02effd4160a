"""Keep a payment link that somebody made for a loan, so that messages can name it; and end it when it can be paid by no more."""

import re
from datetime import datetime

from django.db import transaction

from sulah.actions.contact.actor import OFFICE, Actor, hold_role, hold_whole_lender
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.records.audit import write_audit
from sulah.records.contact.link import PaymentLink

_ADDRESS = re.compile(r"https://[a-z0-9.-]+(/[A-Za-z0-9._~/?=&%-]*)?")


class LinkRefusedError(Refusal):
    """The link cannot be kept or ended so; the words say why."""


def keep_link(loan_id: str, reference: str, address: str, *, until: datetime, by: Actor, clock: Clock) -> PaymentLink:
    """Keep the link of that reference (the id of whoever made it); the same again changes nothing, another under its id is refused.

    until: when it ends.  A message names it where it lasts as long as the message may go.
    """
    _hold(by, "keep a payment link")
    if not _ADDRESS.fullmatch(address) or len(address) > 500 or not reference.strip() or not loan_id.strip():
        raise LinkRefusedError("A payment link has a loan, an id of whoever made it, and an address that begins with https://.")
    with transaction.atomic():
        now = clock()
        known = PaymentLink.objects.select_for_update().filter(reference=reference).first()
        if known is not None:
            if (known.loan_id, known.address, known.until) != (loan_id, address, until):
                raise LinkRefusedError(f"The payment link {reference} leads elsewhere already. Give the new one an id of its own.")
            return known
        if until <= now:
            raise LinkRefusedError("The payment link is over already.")
        made = PaymentLink.objects.create(loan_id=loan_id, reference=reference, address=address, until=until, kept_at=now, kept_by=by.name)
        after = {"reference": reference, "host": address.split("/")[2], "until": until.isoformat()}
        write_audit(at=now, actor=by.name, act="link.keep", subject=f"loan:{loan_id}", after=after)
    return made


def end_link(reference: str, *, by: Actor, clock: Clock) -> PaymentLink:
    """End a link: it was paid by, or taken back; its short addresses say so from now on.  LinkRefusedError where there is none."""
    _hold(by, "end a payment link")
    with transaction.atomic():
        known = PaymentLink.objects.select_for_update().filter(reference=reference).first()
        if known is None:
            raise LinkRefusedError(f"There is no payment link {reference}.")
        if known.ended_at is None:
            known.ended_at = clock()
            known.save()
            write_audit(at=known.ended_at, actor=by.name, act="link.end", subject=f"loan:{known.loan_id}", after={"reference": reference})
    return known


def _hold(by: Actor, doing: str) -> None:
    """The lender's own systems, by the machine, and those who keep what holds for the whole lender."""
    hold_role(by, OFFICE, doing)
    hold_whole_lender(by, doing)
