"""What the lender's log was told of a decision or an erasure, held against what a bundle carries of it.

Whether the log's key signed the checkpoint of a receipt, and whether the log has decisions that the bundle lacks, is another tool's to say
(`verifier/sulah_bundle.py`): that needs a library for signatures, and the key from somebody else.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sulah.guard.plain import instant_text
from sulah.guard.stored import Stored
from sulah.kernel.commitment import commitment

ERASE = "person.erase"
"""The act that the log was told of when a person was erased."""
ERASED = "person:"
"""What stands before the id of the person, who is the subject of that act."""


def told_of(stored: Stored) -> dict[str, object]:
    """What the log's entry of a decision commits to, by the names of its words."""
    digests = {"content": stored.content_sha256, "facts": stored.facts_sha256, "rules": stored.rules_version}
    return {**digests, "intent": stored.intent.get("intent_id"), "permitted": stored.outcome["permitted"], "person": stored.person}


def receipt_differs(receipt: Any, told: Mapping[str, object]) -> str:
    """Why a receipt is none of this decision, in words; empty when its entry commits to words that say what the decision says."""
    try:
        return _apart(_said(receipt), told)
    except ValueError as error:
        return str(error)


def erasure_differs(receipt: Any, person: str, at: datetime, certificate: object) -> str:
    """Why a receipt is none of this erasure, in words; empty when its entry commits to words that name the person, the instant and the
    SHA-256 of the certificate."""
    try:
        said = _said(receipt)
    except ValueError as error:
        return str(error)
    after = said.get("after")
    held = {**said, "certificate": after.get("certificate") if isinstance(after, dict) else None}
    return _apart(held, {"act": ERASE, "at": instant_text(at), "certificate": certificate, "subject": f"{ERASED}{person}"})


def _said(receipt: Any) -> dict[str, Any]:
    """The words of a receipt; ValueError, in words, where there are none or its entry commits to others."""
    try:
        entry, opening = json.loads(receipt["entry"]), receipt["opening"]
        payload = str(opening["payload"])
        committed = commitment(bytes.fromhex(opening["salt"]), payload.encode()) == entry["commit"]
        said = dict(json.loads(payload))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the receipt cannot be read: {error!r}") from error
    if not committed:
        raise ValueError("the words of the receipt are not those that the log's entry commits to")
    return said


def _apart(said: Mapping[str, Any], told: Mapping[str, object]) -> str:
    apart = sorted(name for name, value in told.items() if said.get(name) != value)
    return f"the log was told otherwise: {', '.join(apart)}" if apart else ""
