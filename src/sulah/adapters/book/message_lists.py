"""Who of a day is to be sent a message, with the sealed row in which their numbers lie: overdue people, and people with a due date ahead.

A reminder of a due date is for people to whom nothing is overdue on any loan; nobody is reminded where a death, a window of relief, a
loan missing from the extract or an unreliable schedule says that the due date is not to be relied on, as the treatments have it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sulah.adapters.book.reader import Day

DIGITAL = "digital"
"""The channel of the stage rows whose people are written to."""

_OVERDUE = f"""
SELECT w.borrower_id AS person, w.lead_loan_id AS loan_id, CAST(NULL AS DATE) AS due_on
FROM worklist AS w
WHERE w.channel = '{DIGITAL}' AND w.hold_reason IS NULL
"""
_DUE_SOON = """
SELECT p.borrower_id AS person, p.loan_id, p.next_due_on AS due_on
FROM position AS p
INNER JOIN account AS a ON a.loan_id = p.loan_id
WHERE p.overdue_paise = 0 AND p.next_due_on > $today AND p.next_due_on <= $last
  AND (a.ended_on IS NULL OR a.ended_on > $as_of) AND a.missing_since IS NULL AND NOT coalesce(a.schedule_unreliable, FALSE)
  AND (a.deceased_on IS NULL OR a.deceased_on > $as_of)
  AND NOT EXISTS (
    SELECT 1 FROM relief_window AS r
    WHERE r.loan_key = a.loan_key AND r.from_on <= p.next_due_on AND r.to_on >= p.next_due_on AND r.known_on <= $as_of
  )
  AND NOT EXISTS (SELECT 1 FROM position AS q WHERE q.borrower_id = p.borrower_id AND q.overdue_paise > 0)
QUALIFY row_number() OVER (PARTITION BY p.borrower_id ORDER BY p.next_due_on, p.loan_id) = 1
"""


@dataclass(frozen=True, slots=True)
class Addressee:
    """One person to be written to: the loan that the message is about, its next due date for a reminder, and the sealed personal row."""

    person: str
    loan_id: str
    due_on: date | None
    sealed: str


class MessageList:
    """The people of one list in the order of their ids; the day must stay open while it is read."""

    def __init__(self, day: Day, name: str, sql: str, given: Mapping[str, Any], *tables: str) -> None:
        self._name = name
        self._connection = day.over(*tables, "borrower_private")
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}", dict(given))
        self.count = int(self._connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])

    def batches(self, size: int) -> Iterator[list[Addressee]]:
        """So many people at a time."""
        self._connection.execute(
            f"SELECT l.person, l.loan_id, l.due_on, coalesce(v.sealed, '') AS sealed FROM {self._name} AS l "
            "LEFT JOIN borrower_private AS v ON v.borrower_id = l.person ORDER BY l.person"
        )
        while rows := self._connection.fetchmany(size):
            yield [Addressee(*row) for row in rows]


def overdue_people(day: Day) -> MessageList:
    """The people of the worklist whose stage row says `digital` and whom nothing holds, each with the loan that leads."""
    return MessageList(day, "overdue_people", _OVERDUE, {}, "worklist")


def people_due_soon(day: Day, today: date, last: date) -> MessageList:
    """The people with a due date after today and up to the last day, each with the loan that falls due first, and nothing overdue."""
    given = {"as_of": day.run.as_of, "today": today, "last": last}
    return MessageList(day, "people_due_soon", _DUE_SOON, given, "position", "account", "relief_window")
