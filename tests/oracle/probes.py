"""The states beside which a row of the contact book turns: for each question the facts that it looks at, at every level."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import product
from typing import NamedTuple

from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.plain import built
from sulah.policy.rows import Row
from tests.oracle.cover import FOR_PURPOSE
from tests.oracle.factors import FACTORS, TIMES
from tests.oracle.moments import midnight
from tests.oracle.oracle import asked, judge
from tests.oracle.row_mutants import Mutant, bases
from tests.oracle.states import facts, intent, loans

Levels = dict[str, str]
PLAIN: Levels = {name: levels[0] for name, levels in FACTORS.items()}


class Probe(NamedTuple):
    """A state: the kind of lender, the question as the guard takes it, and what the second rule book says to it."""

    entity: str
    intent: Intent
    facts: Facts
    refusing: frozenset[str]
    asked: frozenset[str]


def probe(levels: Levels) -> Probe:
    """The state of a choice of levels; the day is any day, not only one of the cover's."""
    return _probe(tuple(sorted(levels.items())))


@cache
def _probe(levels: tuple[tuple[str, str], ...]) -> Probe:
    pick = PLAIN | dict(levels)
    day = date.fromisoformat(pick["day"])
    at = midnight(day) + TIMES[pick["time"]]
    named, book = pick["named"].split(), loans(pick, day)
    question = {"intent": intent(pick, at, named, book), "facts": facts(pick, at, day, named, book)}
    entity = pick["entity"]
    return Probe(
        entity,
        built(Intent, question["intent"]),
        built(Facts, question["facts"]),
        judge(entity, question)[1],
        asked(entity, question),
    )


def one_by_one(*names: str) -> list[Levels]:
    """Each level of each factor, the strangest first."""
    return [{name: level} for name in names for level in reversed(FACTORS[name])]


def crossed(*names: str) -> list[Levels]:
    """Every choice of levels of some factors."""
    return [dict(zip(names, levels, strict=True)) for levels in product(*(FACTORS[name] for name in names))]


LEDGERS = [
    {"contacts": count, "their state": state, "their age": age}
    for state in ("sent", "connected", "not_connected")
    for age in ("first of d", "last of d-1", "first of d-6", "last of d-7")
    for count in ("0", "1", "2", "3", "6", "7", "9", "10")
]
LOANS: list[Levels] = [{}, *({"type of L1": one, "L2": other} for one in ("other", "unknown", "mfl") for other in ("none", "unknown open"))]
BESIDE: dict[str, list[Levels]] = {
    "hours": one_by_one("time"),
    "cap": LEDGERS,
    "one_call": one_by_one("line"),
    "preference": one_by_one("wish"),
    "occasion": one_by_one("occasion"),
    "party": one_by_one("to L1"),
    "number": one_by_one("number"),
    "consent": one_by_one("consent"),
    "misses": crossed("place", "misses"),
    "place_order": crossed("place", "agreed place", "not found"),
    "certificate": one_by_one("certificate", "papers"),
    "antecedents": one_by_one("checked", "papers"),
    "agent_notice": one_by_one("told", "assigned", "papers"),
    "assigned": one_by_one("assigned", "papers"),
    "overdue": one_by_one("overdue on L1", "paid"),
    "due_soon": one_by_one("L1 due", "overdue on L1"),
    "session": crossed("free text", "wrote"),
    "template": crossed("template", "wrote"),
    "tier": crossed("tier", "wrote"),
    "no_offer": one_by_one("offers"),
    "caller_id": one_by_one("series", "hidden", "by hand"),
    "legal_language": crossed("legal", "limit of L1"),
    "demand": one_by_one("amount", "demand on L1"),
    "book_age": one_by_one("book"),
    "permit_life": [{}],
}


def _beside(row: Row) -> list[Levels]:
    """The levels beside which a row turns."""
    if row.table == "contact_occasion":
        return [{"occasion": str(row.values["kind"])}]
    if row.table == "contact_stop":
        return [{"event": str(row.values["event"]), "scope": str(row.values["scope"]), "stray": "yes"}]
    return BESIDE[str(row.values["predicate"])]


def probes(mutant: Mutant) -> Iterator[Probe]:
    """The states in which the mutant may show, the likeliest first."""
    typed = any(row is not None and row.values.get("loan_types", "*") != "*" for row in (mutant.row, mutant.made))
    for base in bases(mutant):
        purpose = FOR_PURPOSE.get(base["purpose"], {})
        for others in LOANS if typed else LOANS[:1]:
            yield from (probe({**purpose, **base, **others, **levels, **mutant.about}) for levels in _beside(mutant.row))
