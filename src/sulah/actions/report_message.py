"""What a provider says of a message, by callback or by look-up: the same steps for both, and only ever forward."""

from datetime import datetime, timedelta

from sulah.actions.contact.settle_contact import ContactRefusedError
from sulah.actions.contact_borrower import Ledger
from sulah.kernel.sending import SendState
from sulah.kernel.terms import ContactState
from sulah.outreach.channel import Report
from sulah.outreach.voice.calls import CallReport
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.queue import attest, charge, seen

_OF_CONTACT = {
    SendState.SENT: ContactState.SENT,
    SendState.UNDELIVERED: ContactState.SENT,
    SendState.DELIVERED: ContactState.DELIVERED,
}
"""The provider took what the operator could not deliver: it counts as sent.  A call says itself what its contact is."""


def report_message(
    ledger: Ledger, row: Outbox, provider: str, report: Report, *, evidence: str, now: datetime, ask_after: int = 900
) -> str:
    """Apply one report inside a transaction of the caller; the outcome: applied, repeated, mismatch or never_sent.

    A report of another provider than the one that has the message, or under another reference of it, changes nothing: it is kept to be
    looked at.  The caller holds the row.
    """
    if row.attempts == 0:
        return "never_sent"
    if provider != row.provider or (row.provider_reference and row.provider_reference != report.provider_reference):
        return "mismatch"
    if row.contact_id is not None:
        state = report.contact if isinstance(report, CallReport) else _OF_CONTACT[report.attested]
        try:
            ledger.settle(row.contact_id, state, evidence=evidence, at=now, provider=provider, reference=report.provider_reference)
        except ContactRefusedError:  # the reference stands for another contact
            return "mismatch"
    if report.cost is not None:
        charge(row, report.cost.billable, "/".join(filter(None, (report.cost.category, report.cost.tariff))))
    lost = report.attested is SendState.UNDELIVERED and evidence == "callback" and not isinstance(report, CallReport)
    again = report.attested is SendState.SENT or lost  # a better report may be lost; a call that nobody took stays one
    ask = now + timedelta(seconds=ask_after) if again else None
    row.provider_reference = report.provider_reference
    moved = attest(row, report.attested, report.provider_reference, now, ask, report.error)
    return "applied" if moved or seen(row, report.error, now) else "repeated"
