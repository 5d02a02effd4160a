"""The returned debits of a loan in plain words, with whether each may be presented again."""

from typing import Any

from sulah.adapters.book.bounces import bounces_of_loan
from sulah.adapters.book.reader import Day
from sulah.intake.bounce_reason import reason_of
from sulah.web.rulebook import Rulebook

AGAIN = {
    "yes": "may be presented again as it is",
    "after_change": "may be presented again when that is put right",
    "no": "must not be presented again",
}


def bounces_for(day: Day, loan_id: str, rules: Rulebook) -> list[dict[str, Any]]:
    """Each returned debit: its row, the words of its code, what may follow, and the rule."""
    lines = []
    for row in bounces_of_loan(day.lender, day.load, loan_id, day.run.as_of):
        reason = reason_of(rules.rows("bounce_reason"), row["kind"], row["reason_code"])
        rule = {**reason, "table": "bounce_reason"} if reason else None
        again = AGAIN[str(reason["again"])] if reason else "the day recorded no rules about returns"
        lines.append({"row": row, "words": reason["words"] if reason else "", "again": again, "rule": rule})
    return lines
