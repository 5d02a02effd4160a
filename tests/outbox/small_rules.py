"""A small book of contact rules for these tests: hours, a cap, stops; the shipped rows have tests of their own."""

from datetime import date
from typing import Any

from sulah.guard.rules import ContactRules
from sulah.kernel.terms import EntityType

_ANY: dict[str, Any] = dict.fromkeys(("channels", "purposes", "loan_types", "states", "products", "weekdays"), "*")
_ALWAYS: dict[str, Any] = {
    "effective_from": date(2020, 1, 1),
    "effective_to": date(9999, 12, 31),
    "when_unknown": "block",
    "severity": "block",
    "status": "policy",
    "citation": "a test",
}
_STOPS = ("paid", "loan"), ("complaint", "person"), ("death", "person"), ("opt_out", "channel"), ("lender_stopped", "lender")


def small_rules(first: int = 0, last: int = 86_400, most: int = 2) -> ContactRules:
    """Hours for recovery from first to last second of the IST day, so many messages a day, one of each stop."""
    hours = {"rule_id": "T-HRS", "predicate": "hours", "first": first, "last": last, "purposes": "recovery"}
    cap = {"rule_id": "T-CAP", "predicate": "cap", "most": most, "days": 1, "counts": "attempts", "purposes": "recovery"}
    template = {"rule_id": "T-TPL", "predicate": "template"}
    life = {"rule_id": "T-LIFE", "predicate": "permit_life", "most": 60}
    stops = [
        {
            **_ALWAYS,
            "rule_id": f"T-STOP-{event}",
            "event": event,
            "scope": scope,
            "allowed": "receipt otp complaint_reply statutory_notice",
            "classes": "*",
            "lifted_by": "supervisor",
        }
        for event, scope in _STOPS
    ]
    rows = [_ANY | _ALWAYS | row for row in (hours, cap | {"channels": "sms whatsapp email"}, template, life)]
    return ContactRules(EntityType.NBFC_MFI, {"contact_rule": rows, "contact_stop": stops})
