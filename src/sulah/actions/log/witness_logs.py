"""Witnesses both ways: asking others to sign our checkpoint, and signing those of the logs that lender.toml says we watch."""

from dataclasses import dataclass

from django.db import transaction

from sulah.actions.log.make_receipts import standing_log
from sulah.adapters.book.layout import Lender
from sulah.adapters.log.ask_witness import WitnessSilentError, ask
from sulah.adapters.log.keys import WITNESS_KEY, make_signing_key, read_signing_key
from sulah.adapters.log.settings import log_settings
from sulah.adapters.log.witness import Witness
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.records.audit import write_audit
from sulah.transparency.note import WITNESS, Signature, SigningKey, parse_note


@dataclass(frozen=True, slots=True)
class Asked:
    """Names of the witnesses who signed the newest checkpoint, and why others did not."""

    signed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def own_witness_key(lender: Lender, name: str, *, actor: str, clock: Clock) -> SigningKey:
    """The key with which this lender signs others' logs, made where there is none; Refusal where it has another name."""
    path = lender.keys / WITNESS_KEY
    if path.exists():
        key = read_signing_key(path)
        if key.name != name:
            raise Refusal(f"This lender witnesses as {key.name} already. Others know that key; move it away to begin another.")
        return key
    key = make_signing_key(path, name, WITNESS)
    with transaction.atomic():
        write_audit(at=clock(), actor=actor, act="log.witness", subject=f"log:{name}", after={"key": key.verifier.text})
    return key


def own_witness(lender: Lender) -> Witness | None:
    """The witness that this lender is to others; None where it has no key or watches nobody."""
    watched = log_settings(lender).watched
    if not watched or not (lender.keys / WITNESS_KEY).exists():
        return None
    return Witness(lender.root / "witness", read_signing_key(lender.keys / WITNESS_KEY), watched)


def ask_witnesses(lender: Lender) -> Asked:
    """Ask every witness of lender.toml to sign the newest checkpoint, and put their signatures below it.

    Nothing of the log waits for them: one that is away is told of, and asked again with the next checkpoint.
    """
    witnesses = log_settings(lender).witnesses
    if not witnesses:
        return Asked(notes=("No witness is named in lender.toml ([[log.witness]]): nobody else vouches for this log.",))
    standing, found, notes = standing_log(lender), list[Signature](), list[str]()
    for witness in witnesses:
        try:
            found += ask(witness, standing.store, standing.note)
        except WitnessSilentError as error:
            notes.append(str(error))
    if found:
        with standing.store.writing():
            newest = parse_note(standing.store.checkpoint() or "")
            if newest.text == standing.note.text:  # another may have gone out meanwhile: these signatures are not for it
                standing.store.publish(str(newest.with_signatures(found)))
            else:
                notes.append("A newer checkpoint went out while witnesses were asked; they sign it with the next asking.")
    return Asked(tuple(dict.fromkeys(one.name for one in found)), tuple(notes))
