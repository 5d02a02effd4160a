"""What a day says of each person that the guard must know: gathered from the day's tables, compared with what was published before.

overdue_paise is 0 where the lenient count of days past due (contact_dpd) is 0, and unknown for a loan that the extract has lost:
neither may be dunned for what is disputed between two systems, or not known.  Ended loans stay for 92 days.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from sulah.adapters.book.reader import Day
from sulah.adapters.book.vault import Vault
from sulah.kernel.states import state_code

KEPT_DAYS = 92
"""Days for which an ended loan is still one that a person may be told about: a receipt, a certificate of no dues."""

TypeOf = Callable[[str, bool | None, int | None], str | None]
"""Product, security and yearly household income in paise -> the type of the loan, None where nobody can say."""

_ROWS_AT_ONCE = 2_000
_TABLES = ("account", "position", "contact_dpd", "borrower", "guarantor", "borrower_private")
_WHOSE = {"ok": ("own", "good"), "landline": ("own", "good"), "invalid": ("own", "invalid"), "shared": ("", "unknown")}
"""phone_standing -> whose the number is and what it is good for; a number that many share is nobody's until somebody verifies it."""

EMAIL = "email"
"""The third mark of what is an address and no number."""
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")

_LOANS = f"""
CREATE TABLE one_loan AS
SELECT
  a.loan_id, a.borrower_id, a.product, coalesce(a.branch_id, '') AS branch_id,
  t.loan_type, b.deceased_on,
  CASE WHEN a.missing_since IS NOT NULL THEN NULL WHEN c.dpd = 0 THEN 0 ELSE p.overdue_paise END AS overdue_paise,
  CASE WHEN a.missing_since IS NULL THEN p.overdue_paise END AS demand_paise,
  CASE WHEN a.missing_since IS NULL THEN p.overdue_charge_paise END AS charge_paise,
  p.next_due_on, p.last_paid_on,
  a.ended_on IS NULL OR a.ended_on > $as_of AS open
FROM account AS a
INNER JOIN position AS p ON p.loan_id = a.loan_id
INNER JOIN contact_dpd AS c ON c.loan_id = a.loan_id
LEFT JOIN borrower AS b ON b.borrower_id = a.borrower_id
LEFT JOIN loan_kind AS t ON t.product = a.product AND t.secured = a.secured
  AND t.income IS NOT DISTINCT FROM b.household_income_yearly_paise
WHERE a.ended_on IS NULL OR a.ended_on > $as_of - {KEPT_DAYS}
"""
_PEOPLE = """
CREATE TABLE fresh AS
WITH party AS (
  SELECT l.loan_id, l.borrower_id AS person, 'borrower' AS party FROM one_loan AS l
  UNION ALL
  SELECT DISTINCT g.loan_id, g.borrower_id, 'guarantor' FROM guarantor AS g
  INNER JOIN one_loan AS l ON l.loan_id = g.loan_id AND l.borrower_id <> g.borrower_id
  WHERE g.from_on IS NULL OR g.from_on <= $as_of
),
parties AS (
  SELECT y.loan_id, map(list(y.person ORDER BY y.person), list(y.party ORDER BY y.person)) AS parties FROM party AS y GROUP BY y.loan_id
),
person AS (
  SELECT y.person,
    to_json(list({
      'loan_id': l.loan_id, 'loan_type': l.loan_type, 'product': l.product, 'overdue_paise': l.overdue_paise,
      'demand_paise': l.demand_paise, 'charge_paise': l.charge_paise, 'next_due_on': l.next_due_on,
      'last_paid_on': l.last_paid_on, 'open': l.open,
      'parties': m.parties, 'branch_id': l.branch_id, 'limitation_on': NULL::DATE, 'borrower_died_on': l.deceased_on
    } ORDER BY l.loan_id)) AS loans,
    to_json(list_sort(list(DISTINCT l.branch_id))) AS branches
  FROM party AS y
  INNER JOIN one_loan AS l ON l.loan_id = y.loan_id
  INNER JOIN parties AS m ON m.loan_id = y.loan_id
  GROUP BY y.person
)
SELECT n.person, coalesce(b.household_id, '') AS household, coalesce(b.pincode, '') AS pincode, coalesce(b.state, '') AS state,
  coalesce(b.language, '') AS language, coalesce(b.centre_id, '') AS centre_id, b.deceased_on,
  coalesce(b.phone_standing, '') AS phone, coalesce(b.phone_2_standing, '') AS phone_2,
  coalesce(v.sealed, '') AS sealed, CAST(n.loans AS VARCHAR) AS loans, CAST(n.branches AS VARCHAR) AS branches
FROM person AS n
LEFT JOIN borrower AS b ON b.borrower_id = n.person
LEFT JOIN borrower_private AS v ON v.borrower_id = n.person
"""
_CONTENT = ("household", "pincode", "state", "language", "centre_id", "deceased_on", "phone", "phone_2", "sealed", "loans", "branches")
_DIGEST = f"sha256({' || chr(31) || '.join(f'''coalesce(CAST(f.{name} AS VARCHAR), '')''' for name in _CONTENT)})"


@dataclass(frozen=True, slots=True)
class PersonOfBook:
    """One person as the day has them; numbers by blind index: [whose, standing], whose empty where unknown; EMAIL behind an address."""

    person: str
    household: str
    pincode: str
    state: str
    language: str
    centre_id: str
    deceased_on: date | None
    loans: list[dict[str, Any]]
    numbers: dict[str, list[str]]
    branches: list[str]
    digest: str


class Standings:
    """The differences of a day's people from those published before; counts, rows to put and people who are gone.  Close the day after."""

    def __init__(
        self, day: Day, type_of: TypeOf, known: Iterable[Sequence[tuple[str, str]]], vault: Vault, one_way: Callable[[str], str]
    ) -> None:
        """type_of: the type of a loan.  known: (person, digest) as published, in batches.  one_way: how a number is written."""
        self._vault, self._one_way = vault, one_way
        self._connection = day.over(*_TABLES)
        self._connection.execute("CREATE TABLE known (person VARCHAR, digest VARCHAR)")
        for batch in known:
            people, digests = zip(*batch, strict=True)
            self._connection.register(
                "some_known", pa.table({"person": pa.array(people, pa.string()), "digest": pa.array(digests, pa.string())})
            )
            self._connection.execute("INSERT INTO known SELECT s.person, s.digest FROM some_known AS s")
        self._name_types(type_of)
        given = {"as_of": day.run.as_of}
        self._connection.execute(_LOANS, given)
        self._connection.execute(_PEOPLE, given)
        self._connection.execute(
            f"CREATE TABLE put AS SELECT f.person, {_DIGEST} AS digest FROM fresh AS f LEFT JOIN known AS k ON k.person = f.person "
            f"WHERE k.digest IS DISTINCT FROM {_DIGEST}"
        )
        gone = "SELECT count(*) FROM known AS k ANTI JOIN fresh AS f ON f.person = k.person"
        counts = f"SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM put), ({gone})"
        self.people, self.changed, self.gone_count = self._connection.execute(counts).fetchall()[0]

    def _name_types(self, type_of: TypeOf) -> None:
        """loan_kind: the type of every loan that the book can have, by its product, security and the household's income."""
        asked = self._connection.execute(
            "SELECT DISTINCT a.product, a.secured, b.household_income_yearly_paise FROM account AS a "
            "LEFT JOIN borrower AS b ON b.borrower_id = a.borrower_id ORDER BY ALL"
        ).fetchall()
        columns: dict[str, pa.Array] = {
            "product": pa.array([row[0] for row in asked], pa.string()),
            "secured": pa.array([row[1] for row in asked], pa.bool_()),
            "income": pa.array([row[2] for row in asked], pa.int64()),
            "loan_type": pa.array([type_of(*row) for row in asked], pa.string()),
        }
        self._connection.register("loan_kind", pa.table(columns))

    def rows(self) -> Iterator[list[PersonOfBook]]:
        """The people who are new or of whom something else is said, in key order and batches."""
        listed = ", ".join(f"f.{name}" for name in _CONTENT)
        self._connection.execute(
            f"SELECT f.person, p.digest, {listed} FROM fresh AS f INNER JOIN put AS p ON p.person = f.person ORDER BY 1"
        )
        sealed = 2 + _CONTENT.index("sealed")
        while batch := self._connection.fetchmany(_ROWS_AT_ONCE):
            opened = self._vault.open_people([(row[0], row[sealed]) for row in batch if row[sealed]])
            given = dict(zip([row[0] for row in batch if row[sealed]], opened, strict=True))
            yield [self._read(given.get(row[0], {}), *row) for row in batch]

    def gone(self) -> list[str]:
        """The people whom the day no longer has."""
        asked = "SELECT k.person FROM known AS k ANTI JOIN fresh AS f ON f.person = k.person ORDER BY 1"
        return [row[0] for row in self._connection.execute(asked).fetchall()]

    def _read(self, given: Mapping[str, str | None], person: str, digest: str, *content: Any) -> PersonOfBook:
        said = dict(zip(_CONTENT, content, strict=True))
        return PersonOfBook(
            person,
            said["household"],
            said["pincode"],
            state_code(said["state"]),
            said["language"],
            said["centre_id"],
            said["deceased_on"],
            json.loads(said["loans"]),
            self._numbers(given, {"phone": said["phone"], "phone_2": said["phone_2"]}),
            json.loads(said["branches"]),
            digest,
        )

    def _numbers(self, given: Mapping[str, str | None], standings: Mapping[str, str]) -> dict[str, list[str]]:
        """The person's numbers and e-mail address on file; the second of two that are the same says no more than the first.

        Nobody has tried the address: what it is good for is unknown until a message arrives or bounces.
        """
        found: dict[str, list[str]] = {}
        for column, standing in standings.items():
            if number := given.get(column):
                found.setdefault(self._vault.number_key(self._one_way(number)), list(_WHOSE.get(standing, ("", "unknown"))))
        address = (given.get("email") or "").strip().lower()
        if _ADDRESS.fullmatch(address):
            found.setdefault(self._vault.number_key(address), ["own", "unknown", EMAIL])
        return found
