"""Every shipped row of the contact book with one thing changed: a limit by one, a date by a day, a word of a list, a mark, or all of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sulah.policy.contact_sheets import CONTACT_SHEETS, WEEKDAYS
from sulah.policy.rows import Row
from sulah.policy.shape import ANY, Column, Kind
from tests.oracle.book import CHANNELS, CLASS_OF, ENTITIES, PURPOSES
from tests.oracle.factors import DAYS

A_DAY = timedelta(days=1)
TODAY = date.fromisoformat(DAYS[0])
LEFT_OUT = ("version", "legacy", "meaning")
"""Columns that are words for people, or count the wordings: nothing is decided by them."""

NOTHING_BECOMES_ONE = "number that is nothing becomes one"
WEEK = {WEEKDAYS[day.weekday()]: day for day in (TODAY + i * A_DAY for i in range(7))}
FIRST_OF = {contact_class: channel for channel, contact_class in reversed(CLASS_OF.items())}
ONE_OF_A_LIST = {"channels": "channel", "purposes": "purpose", "allowed": "purpose"}


@dataclass(frozen=True)
class Mutant:
    """A row as shipped and as changed; None = taken away.  about: the levels that a state needs to tell the two apart."""

    kind: str
    change: str
    row: Row
    made: Row | None
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The row and what was changed."""
        return f"{self.row.rule_id} {self.change}"


def mutants(row: Row) -> Iterator[Mutant]:
    """Every row that differs from this one in one thing."""
    yield Mutant("row deleted", "deleted", row, None)
    yield from _dates(row)
    for entity, entities in _lists(row.entity_types if ANY not in row.entity_types else ENTITIES, ENTITIES):
        change = f"{'binds' if entity in entities else 'spares'} {entity}"
        yield Mutant("kind of lender added or removed", change, row, replace(row, entity_types=entities), {"entity": entity})
    for column in CONTACT_SHEETS[row.table].columns:
        if column.name not in LEFT_OUT:
            yield from _column(row, column)


def _dates(row: Row) -> Iterator[Mutant]:
    """The first day moved by one, told apart on the day between; the last day put before today."""
    for step in (-A_DAY, A_DAY):
        since = row.effective_from + step
        about = {"day": str(min(since, row.effective_from))}
        yield Mutant("first day moved", f"from {since}", row, replace(row, effective_from=since), about)
    last = today_of(row) - A_DAY
    yield Mutant("last day set", f"to {last}", row, replace(row, effective_to=last))


def today_of(row: Row) -> date:
    """A day on which the row is asked."""
    listed = str(row.values.get("weekdays", ANY))
    return TODAY if listed == ANY else WEEK[listed.split()[0]]


def _lists(listed: tuple[str, ...], words: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(a word, the list with it when it was not there, without it when it was)."""
    for word in words:
        yield word, tuple(other for other in words if (other in listed) != (other == word))


def _column(row: Row, column: Column) -> Iterator[Mutant]:
    """The row with one column changed."""
    value = row.values[column.name]
    if column.name == "states":
        yield _mutant(row, "state of the address", column, "KA")
    elif column.name in ("products", "product"):
        yield _mutant(row, "product", column, "ZZ*")
    elif column.name == "series":
        yield from _series(row, column)
    elif column.some_of:
        yield from _words(row, column)
    elif column.kind is Kind.NUMBER:
        kind = "number up or down" if value else NOTHING_BECOMES_ONE
        yield from (_mutant(row, kind, column, number) for number in _beside(value) if number >= 0)
    elif column.kind is Kind.TRUTH:
        yield _mutant(row, f"{column.name} flipped", column, not value)
    else:
        yield from (_term(row, column, term) for term in column.one_of if value not in (ANY, term) and term != ANY)


def _beside(number: Any) -> tuple[int, int]:
    return number - 1, number + 1


def _series(row: Row, column: Column) -> Iterator[Mutant]:
    """The row with one series of caller ids more or less, or with some where it lets every one through."""
    written = str(row.values[column.name])
    listed = () if written == ANY else tuple(written.split())
    for word, words in _lists(listed, tuple(dict.fromkeys((*listed, "140", "1599", "1602")))):
        change = f"series {'with' if word in words else 'without'} {word}"
        yield Mutant("one of the series added or removed", change, row, _made(row, column, " ".join(words)), {"series": word})


def _words(row: Row, column: Column) -> Iterator[Mutant]:
    """The row with one word more or one less in a list."""
    written = str(row.values[column.name])
    listed = column.some_of if written == ANY else tuple(written.split())
    for word, words in _lists(listed, column.some_of):
        about = {ONE_OF_A_LIST[column.name]: word} if column.name in ONE_OF_A_LIST else {}
        if column.name == "classes":
            about = {"channel": FIRST_OF[word]}
        elif column.name == "weekdays":
            about = {"day": str(WEEK[word])}
        change = f"{column.name} {'with' if word in words else 'without'} {word}"
        yield Mutant(
            f"one of the {column.name.replace('_', ' ')} added or removed", change, row, _made(row, column, " ".join(words)), about
        )


def _term(row: Row, column: Column, term: str) -> Mutant:
    """The row with another term."""
    about = {}
    if column.name == "override_by":
        lifts = row.values["override_by"] if term == "nobody" else term
        about = {"set aside": f"{lifts} {row.rule_id}"}
    return _mutant(row, f"another {column.name}", column, term, about)


def _mutant(row: Row, kind: str, column: Column, value: Any, about: Mapping[str, str] | None = None) -> Mutant:
    return Mutant(kind, f"{column.name} {value}", row, _made(row, column, value), about or {})


def _made(row: Row, column: Column, value: Any) -> Row:
    return replace(row, values={**row.values, column.name: value})


def bases(mutant: Mutant) -> Iterator[dict[str, str]]:
    """The contacts beside which the mutant may show: those that the row is about, with what the change is about."""
    row = mutant.row
    plain = {"day": str(today_of(row)), "entity": (row.entities() or ENTITIES)[0]}
    channels, purposes = named(row, "channels", CHANNELS), named(row, "purposes", PURPOSES)
    if row.table == "contact_stop":
        purposes = tuple(purpose for purpose in PURPOSES if purpose not in str(row.values["allowed"]).split())
    pairs = dict.fromkeys([*((channel, purposes[0]) for channel in channels), *((channels[0], purpose) for purpose in purposes)])
    for contact in dict.fromkeys((mutant.about.get("channel", one), mutant.about.get("purpose", two)) for one, two in pairs):
        yield {**plain, "channel": contact[0], "purpose": contact[1], **mutant.about}


def named(row: Row, column: str, every: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a column of lists; every one where there is no such column, or `*`."""
    written = str(row.values.get(column, ANY))
    return every if written == ANY else tuple(written.split())
