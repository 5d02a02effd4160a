"""The proof that an erasure is in the log, and the certificate as it is handed out with it: a page, its words, a receipt."""

from pathlib import Path

from sulah.actions.erasure_certificate import certificate_page
from sulah.actions.evidence.erased import ACT, SUBJECT
from sulah.actions.log.make_receipts import receipt_of, standing_log
from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import Lender
from sulah.kernel.canonical import canonical
from sulah.kernel.refusal import Refusal
from sulah.records.audit import AuditEntry
from sulah.records.erasure import Erasure
from sulah.records.log_entry import LogEntry
from sulah.records.logged import AUDIT
from sulah.transparency.receipt import Receipt


def proof_of(lender: Lender, row: Erasure) -> Receipt:
    """The receipt of the entry that an erasure was done, with its words, which name the certificate by its SHA-256.

    Refusal where the lender has no log, or where the entry waits for the next checkpoint.
    """
    done = AuditEntry.objects.filter(act=ACT, subject=f"{SUBJECT}{row.person}", after__erasure=row.pk).first()
    entry = LogEntry.objects.filter(of=AUDIT, row=done.pk).first() if done else None
    if entry is None:
        raise Refusal(f"Request {row.pk} is not done, so the log says nothing of it.")
    return receipt_of(standing_log(lender), entry, with_words=True)


def proof_or_why_not(lender: Lender, row: Erasure) -> tuple[Receipt | None, str]:
    """The same for a page: the receipt, else the words that say why there is none."""
    try:
        return proof_of(lender, row), ""
    except Refusal as refusal:
        return None, str(refusal)


def hand_out(lender: Lender, row: Erasure, page: Path) -> list[Path]:
    """Write the certificate as a page, its words as canonical JSON beside it (.json) and the receipt (.receipt.json); what was written.

    Whoever has the two small files needs nobody of the lender: the outside verifier checks the receipt, whose words name the SHA-256 of
    the JSON.
    """
    proof, why_not = proof_or_why_not(lender, row)
    written = {page: certificate_page(row, proof, why_not).encode(), page.with_suffix(".json"): canonical(row.certificate)}
    if proof:
        written[page.with_suffix(".receipt.json")] = proof.to_json()
    for path, content in written.items():
        with durable(path) as part:
            part.write_bytes(content)
    return list(written)
