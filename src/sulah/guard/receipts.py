"""What the lender's log was told of a decision, held against the decision as a bundle carries it.

Whether the log's key signed the checkpoint of a receipt, and whether the log has decisions that the bundle lacks, is another tool's to say
(`verifier/sulah_bundle.py`): that needs a library for signatures, and the key from somebody else.
"""

import json
from collections.abc import Mapping
from typing import Any

from sulah.guard.stored import Stored
from sulah.kernel.commitment import commitment


def told_of(stored: Stored) -> dict[str, object]:
    """What the log's entry of a decision commits to, by the names of its words."""
    digests = {"content": stored.content_sha256, "facts": stored.facts_sha256, "rules": stored.rules_version}
    return {**digests, "intent": stored.intent.get("intent_id"), "permitted": stored.outcome["permitted"], "person": stored.person}


def receipt_differs(receipt: Any, told: Mapping[str, object]) -> str:
    """Why a receipt is none of this decision, in words; empty when its entry commits to words that say what the decision says."""
    try:
        entry, opening = json.loads(receipt["entry"]), receipt["opening"]
        payload = str(opening["payload"])
        committed = commitment(bytes.fromhex(opening["salt"]), payload.encode()) == entry["commit"]
        said = dict(json.loads(payload))
    except (KeyError, TypeError, ValueError) as error:
        return f"the receipt cannot be read: {error!r}"
    if not committed:
        return "the words of the receipt are not those that the log's entry commits to"
    apart = sorted(name for name, value in told.items() if said.get(name) != value)
    return f"the log was told otherwise: {', '.join(apart)}" if apart else ""
