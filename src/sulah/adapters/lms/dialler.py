"""An agency's dialler log, read like a file of an extract's contacts: the same mapping, checks, codes and quarantine.

Beside those checks a row needs a channel and a direction that are known; an outcome that is not known is taken for the strictest one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

import duckdb

from sulah.adapters.engines.duck import connect, literal
from sulah.adapters.lms.files import Extract, Limits, find_files, open_sources
from sulah.adapters.lms.refusal import refuse
from sulah.adapters.lms.report import refuse_mangled
from sulah.adapters.lms.sift import Sifted, check_rows, prepare, refused_rows, shape_rows, tie_out
from sulah.adapters.lms.source import ROW_SPAN, Source
from sulah.intake.codes import words_of
from sulah.intake.load_report import FileTie
from sulah.intake.mapping import Mapping
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel, ContactState

TABLE = "contact"
MOST_REFUSED = 5_000
"""Refused rows that are kept to be looked at; a file with more was mapped wrongly, and nothing of it is taken in."""

_AT_ONCE = 500
_STATES = tuple(state.value for state in ContactState if state not in (ContactState.RESERVED, ContactState.RINGING, ContactState.WITHDRAWN))
KnownPeople = Callable[[Sequence[str]], Sequence[str]]
"""Which of these borrower ids are people of the lender."""


@dataclass(frozen=True, slots=True)
class LoggedContact:
    """One row of a log: at is an instant; state what became of it, `ambiguous` where the log does not say; number as given or empty."""

    row: int
    call_id: str
    person: str
    at: datetime
    channel: Channel
    inbound: bool
    loan_id: str
    party: str
    number: str
    agent_id: str
    state: ContactState


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One row set aside: row of the file, field, code and words, and the row as given, which may hold anything."""

    file: str
    row: int
    field: str
    code: str
    given: str

    @property
    def words(self) -> str:
        """What is wrong and what to do."""
        return words_of(self.code, self.field)


@dataclass(frozen=True, slots=True)
class Log:
    """A log that was read: its tie-out, the rows set aside, and its good rows in batches, as often as they are asked for."""

    tie: FileTie
    refused: tuple[RefusedRow, ...]
    batches: Callable[[], Iterator[list[LoggedContact]]]


@contextmanager
def open_log(path: Path, mapping: Mapping, as_of: date, known: KnownPeople, spill: Path | None = None) -> Iterator[Log]:
    """Read one file of contacts; RefusedExtractError when it cannot be read whole, or too much of it is refused.

    as_of: the day on which it is read; a contact of a later day is refused.
    """
    with connect(spill=spill) as connection:
        extract = find_files(path, mapping)
        bound = tuple(one for one in extract.bound if one[0] == TABLE)
        if len(bound) != 1:
            raise refuse("nothing_found", table=TABLE, file=path.name, detail=f"one file of contacts is needed, {len(bound)} found")
        sources = open_sources(connection, Extract(bound, extract.unused), mapping, Limits())
        sifted = _checked(connection, sources, mapping, as_of, known)
        refuse_mangled(connection, sifted)
        tie = tie_out(connection, sifted, {})[0]
        refused_rows(connection, sifted)
        if tie.quarantined > MOST_REFUSED:
            detail = f"{tie.quarantined:,} of {tie.rows:,} rows are refused; look at the mapping"
            raise refuse("nothing_found", table=TABLE, file=path.name, detail=detail)
        yield Log(tie, tuple(_refused(connection, sources[0].name)), partial(_good, connection))


def _checked(connection: duckdb.DuckDBPyConnection, sources: list[Source], mapping: Mapping, as_of: date, known: KnownPeople) -> Sifted:
    prepare(connection)
    shapes = shape_rows(connection, sources, mapping, as_of, lambda _: None)
    named = connection.execute("SELECT DISTINCT c.borrower_id FROM shaped_contact AS c WHERE c.borrower_id IS NOT NULL ORDER BY 1")
    people: list[str] = []
    while some := named.fetchmany(_AT_ONCE):
        people += known([row[0] for row in some])
    if people:
        connection.executemany("INSERT INTO rest_borrower (borrower_id) VALUES (?)", [[person] for person in people])
    sifted = check_rows(connection, sources, shapes, (TABLE, "borrower"), lambda _: None)
    for field, terms in (("channel", [channel.value for channel in Channel]), ("direction", ["in", "out"])):
        listed = ", ".join(literal(term) for term in terms)
        unknown = f"SELECT g.row_id FROM good_contact AS g WHERE lower(g.{field}) NOT IN ({listed})"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE strange AS {unknown}")
        found = f"SELECT 'contact', s.row_id, {literal(field)}, 'term_unknown' FROM strange AS s ORDER BY s.row_id"
        connection.execute(f"INSERT INTO finding (table_name, row_id, field, code) {found}")
        connection.execute("INSERT INTO dropped_contact (row_id) SELECT s.row_id FROM strange AS s")
    return Sifted(tuple(sources), sifted.shapes, (TABLE,))


def _refused(connection: duckdb.DuckDBPyConnection, file: str) -> Iterator[RefusedRow]:
    rows = connection.execute("SELECT r.n, r.field, r.code, r.given FROM refused AS r ORDER BY r.n, r.field, r.code").fetchall()
    return (RefusedRow(file, row, field, code, given) for row, field, code, given in rows)


def _good(connection: duckdb.DuckDBPyConnection) -> Iterator[list[LoggedContact]]:
    names = ("contact_id", "borrower_id", "at", "channel", "direction", "loan_id", "party", "number_used", "agent_id", "outcome")
    listed = ", ".join(f"g.{name}" for name in names)
    place = f"CAST(g.row_id % {ROW_SPAN} AS BIGINT)"
    before = f"(SELECT count(*) FROM shift AS s WHERE s.readable_before < {place})"
    read = connection.execute(f"SELECT {place} + {before}, {listed} FROM good_contact AS g ORDER BY g.at, g.contact_id")
    while some := read.fetchmany(_AT_ONCE):
        yield [_logged(*row) for row in some]


def _logged(
    row: int,
    call_id: str,
    person: str,
    at: datetime,
    channel: str,
    direction: str,
    loan_id: str | None,
    party: str | None,
    number: str | None,
    agent_id: str | None,
    outcome: str | None,
) -> LoggedContact:
    state = (outcome or "").lower()
    return LoggedContact(
        row=row,
        call_id=call_id,
        person=person,
        at=at.replace(tzinfo=IST),
        channel=Channel(channel.lower()),
        inbound=direction.lower() == "in",
        loan_id=loan_id or "",
        party=party or "",
        number=number or "",
        agent_id=agent_id or "",
        state=ContactState(state) if state in _STATES else ContactState.AMBIGUOUS,
    )
