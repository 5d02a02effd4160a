"""What the return code of a debit says, from the rows of policy table bounce_reason."""

from collections.abc import Iterable, Mapping
from typing import Any

SYSTEMS = {"nach": "nach", "upi_autopay": "upi", "card": "upi"}
"""Kind of mandate -> the system whose codes its returns carry."""


def reason_of(rows: Iterable[Mapping[str, Any]], kind: str, code: str | None) -> Mapping[str, Any] | None:
    """The row that says what a code means; the system's row for other codes where it has none; None without any.

    A code of one digit is read with its zero.

    >>> rows = [{"system": "nach", "code": "04", "words": "no money"}, {"system": "nach", "code": "*", "words": "ask"}]
    >>> [reason_of(rows, "nach", code)["words"] for code in ("04", "4", "99", None)]
    ['no money', 'no money', 'ask', 'ask']
    """
    system = SYSTEMS.get(kind, "nach")
    asked = (code or "").strip().upper().zfill(2)
    known = {str(row["code"]): row for row in rows if row["system"] == system}
    return known.get(asked) or known.get("*")
