"""May a person be erased on a day?  Value in, value out: the facts that are known and the rows in force give the reasons against it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sulah.policy.erasure import ErasureRow, Keeps

Facts = Mapping[Keeps, Sequence[date | None]]
"""Fact -> the days on which each of its kind ended or happened; None for one that stands without an end."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One reason against erasing: the rule, its words and citation, and the last day on which it holds (None: nobody knows yet)."""

    rule_id: str
    words: str
    citation: str
    verify: bool
    until: date | None

    def told(self) -> dict[str, object]:
        """As a record and a page hold it."""
        until = self.until.isoformat() if self.until else None
        return {"rule": self.rule_id, "words": self.words, "citation": self.citation, "verify": self.verify, "until": until}


def reasons_to_keep(facts: Facts, rows: Iterable[ErasureRow], on: date) -> tuple[Kept, ...]:
    """The reasons in force on a day, in the order of the rows; empty where the person may be erased.

    A loan that ended on 1 January 2020 is kept for 1,827 days, through 1 January 2025.

    >>> row = ErasureRow("P", Keeps.ENDED_LOAN, "kept", date(2020, 1, 1), "", "A", False, days=1827)
    >>> [len(reasons_to_keep({Keeps.ENDED_LOAN: [date(2020, 1, 1)]}, [row], day)) for day in (date(2025, 1, 1), date(2025, 1, 2))]
    [1, 0]
    """
    found = []
    for row in rows:
        known = facts.get(row.fact, ())
        if not known or not row.in_force(on):
            continue
        if row.days is None:
            found.append(Kept(row.rule_id, row.words, row.citation, row.verify, None))
            continue
        until = max(day + timedelta(days=row.days) for day in known if day is not None)
        if on <= until:
            found.append(Kept(row.rule_id, row.words, row.citation, row.verify, until))
    return tuple(found)
