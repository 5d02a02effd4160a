"""Who of a day is to be sent a message, with the sealed row in which their numbers lie: overdue people, and people with a due date ahead.

A reminder of a due date is for people to whom nothing is overdue on any loan; nobody is reminded where a death, a window of relief, a
loan missing from the extract or an unreliable schedule says that the due date is not to be relied on, as the treatments have it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from sulah.adapters.book.reader import Day

DIGITAL = "digital"
"""The channel of the stage rows whose people are written to."""

CASH_DAYS = 366
"""How far back payments tell on which days a person has cash."""

_OVERDUE = f"""
SELECT w.borrower_id AS person, w.lead_loan_id AS loan_id, CAST(NULL AS DATE) AS due_on,
  w.treatment, w.overdue_since AS since, CAST(NULL AS BIGINT) AS amount_paise, w.channel = '{DIGITAL}' AS digital
FROM worklist AS w
WHERE w.hold_reason IS NULL AND (w.channel = '{DIGITAL}' OR w.borrower_id IN (SELECT m.person FROM also AS m))
"""
_PROMISED = """
SELECT m.person, m.loan_id, m.due_on, '' AS treatment, m.due_on AS since, m.amount_paise, FALSE AS digital
FROM also AS m
INNER JOIN position AS p ON p.loan_id = m.loan_id AND p.overdue_paise > 0
LEFT JOIN worklist AS w ON w.borrower_id = m.person
WHERE w.hold_reason IS NULL
QUALIFY row_number() OVER (PARTITION BY m.person ORDER BY m.due_on, m.loan_id) = 1
"""
_DUE_SOON = """
SELECT p.borrower_id AS person, p.loan_id, p.next_due_on AS due_on, '' AS treatment, p.next_due_on AS since,
  (SELECT max(d.cum_due_paise) FROM due AS d WHERE d.loan_key = a.loan_key AND d.due_on <= p.next_due_on
   AND d.in_force_from <= $as_of AND d.in_force_to > $as_of) - p.allocated_paise AS amount_paise, FALSE AS digital
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
_CASH = f"""
CREATE OR REPLACE TEMP TABLE paid_days AS
SELECT a.borrower_id AS person, list(r.paid_on ORDER BY r.paid_on) AS days
FROM receipt AS r INNER JOIN account AS a ON a.loan_key = r.loan_key
WHERE r.entry = 'receipt' AND r.known_on <= $as_of AND r.void_on > $as_of AND r.paid_on > $as_of - {CASH_DAYS}
  AND r.paid_on <= $as_of AND a.borrower_id IN (SELECT l.person FROM overdue_people AS l)
GROUP BY a.borrower_id
"""
_OF_PRODUCT = """
SELECT a.product, weekday, month_day, CAST(count(*) AS BIGINT) AS paid FROM (
  SELECT r.loan_key, isodow(r.paid_on) - 1 AS weekday, day(r.paid_on) - 1 AS month_day FROM receipt AS r
  WHERE r.entry = 'receipt' AND r.known_on <= $as_of AND r.void_on > $as_of AND r.paid_on > $as_of - 92 AND r.paid_on <= $as_of
) AS paid INNER JOIN account AS a ON a.loan_key = paid.loan_key GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Addressee:
    """One person to be written to: the loan that the message is about, its next due date for a reminder, and the sealed personal row.

    treatment and since: of the worklist, and the first day overdue (or the due date, or the day promised).  amount_paise: of the
    instalment or the promise.  digital: is the person on a digital treatment?  paid_days: when the person paid in the last year.
    weekly: do the loan's instalments fall due by weeks?
    """

    person: str
    loan_id: str
    due_on: date | None
    sealed: str
    treatment: str = ""
    since: date | None = None
    amount_paise: int | None = None
    digital: bool = False
    product: str = ""
    weekly: bool = False
    paid_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A person who is to be written to because of what the records say: the loan, the day and the amount (in paise)."""

    person: str
    loan_id: str = ""
    due_on: date | None = None
    amount_paise: int | None = None


class MessageList:
    """The people of one list in the order of their ids; the day must stay open while it is read."""

    def __init__(self, day: Day, name: str, sql: str, given: Mapping[str, Any], *tables: str, also: Sequence[Asked] = ()) -> None:
        self._name = name
        self._connection = day.over(*tables, "borrower_private", "account")
        _register(self._connection, also)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}", dict(given))
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS paid_days (person VARCHAR, days DATE[])")
        self.count = int(self._connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])

    def batches(self, size: int) -> Iterator[list[Addressee]]:
        """So many people at a time."""
        self._connection.execute(
            "SELECT l.person, l.loan_id, l.due_on, coalesce(v.sealed, '') AS sealed, l.treatment, l.since, l.amount_paise, l.digital, "
            "coalesce(a.product, '') AS product, coalesce(contains(a.frequency, 'week') OR a.frequency = 'fortnightly', FALSE) AS weekly, "
            f"coalesce(c.days, []) AS paid_days FROM {self._name} AS l "
            "LEFT JOIN account AS a ON a.loan_id = l.loan_id LEFT JOIN paid_days AS c ON c.person = l.person "
            "LEFT JOIN borrower_private AS v ON v.borrower_id = l.person ORDER BY l.person"
        )
        while rows := self._connection.fetchmany(size):
            yield [Addressee(*(*row[:-1], tuple(row[-1]))) for row in rows]


def _register(connection: Any, also: Sequence[Asked]) -> None:
    """The people whom the records name, as the table `also`."""
    columns: dict[str, pa.Array] = {
        "person": pa.array([one.person for one in also], pa.string()),
        "loan_id": pa.array([one.loan_id for one in also], pa.string()),
        "due_on": pa.array([one.due_on for one in also], pa.date32()),
        "amount_paise": pa.array([one.amount_paise for one in also], pa.int64()),
    }
    connection.register("also", pa.table(columns))


def overdue_people(day: Day, also: Sequence[Asked] = ()) -> MessageList:
    """The people of the worklist whose stage row says `digital` and whom nothing holds, each with the loan that leads.

    also: people of whom something happened (a broken promise), whatever their stage row says; not where something holds them.
    """
    listed = MessageList(day, "overdue_people", _OVERDUE, {}, "worklist", also=also)
    day.over("account", "receipt").execute(_CASH, {"as_of": day.run.as_of})
    return listed


def people_who_promised(day: Day, also: Sequence[Asked]) -> MessageList:
    """The people of open promises, where something is still overdue on the loan and nothing holds them; the next promise of each."""
    return MessageList(day, "people_who_promised", _PROMISED, {}, "worklist", "position", also=also)


def people_due_soon(day: Day, today: date, last: date) -> MessageList:
    """The people with a due date after today and up to the last day, each with the loan that falls due first, and nothing overdue."""
    given = {"as_of": day.run.as_of, "today": today, "last": last}
    return MessageList(day, "people_due_soon", _DUE_SOON, given, "position", "relief_window", "due")


def paid_by_product(day: Day) -> dict[str, tuple[Counter[int], Counter[int]]]:
    """On which weekdays and which days of the month (from 0) people of each product paid in the last three months."""
    found: dict[str, tuple[Counter[int], Counter[int]]] = {}
    rows = day.over("account", "receipt").execute(_OF_PRODUCT, {"as_of": day.run.as_of}).fetchall()
    for product, weekday, month_day, paid in rows:
        weekdays, month_days = found.setdefault(product, (Counter(), Counter()))
        weekdays[weekday] += paid
        month_days[month_day] += paid
    return found
