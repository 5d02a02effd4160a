"""A small strong part of the usual cover: one state for each fact and each answer beside it, for when thousands of guards are asked."""

from typing import NamedTuple

from tests.oracle import cover
from tests.oracle.cases import Plain
from tests.oracle.oracle import judge
from tests.oracle.readings import READINGS
from tests.oracle.states import state


class Answered(NamedTuple):
    """A state with the answer of the second rule book."""

    entity: str
    question: Plain
    refusing: frozenset[str]


def answered() -> list[Answered]:
    """The states; those in which one fact is changed come first, and the readings last."""
    found: dict[tuple[object, frozenset[str]], Answered] = {}
    for family in cover.families():
        first = family[0].tolist()
        for row in family.tolist():
            changed = tuple((factor, level) for factor, (level, plain) in enumerate(zip(row, first, strict=True)) if level != plain)
            _keep(found, changed, row)
    for rows in (cover.edges()[::3], cover.stops(), cover.ledgers()):
        for row in rows.tolist():
            _keep(found, tuple(row[2:5]), row)
    readings = [reading.state() for reading in READINGS]
    return [*found.values(), *(Answered(entity, question, judge(entity, question)[1]) for entity, question in readings)]


def _keep(found: dict[tuple[object, frozenset[str]], Answered], key: object, row: list[int]) -> None:
    """The first state of each key and answer."""
    entity, question = state(row)
    refusing = judge(entity, question)[1]
    found.setdefault((key, refusing), Answered(entity, question, refusing))


def first_difference(states: list[Answered]) -> str:
    """The first state at which the guard answers otherwise; empty when there is none.  The guard is imported only now."""
    from tests.oracle.guard_side import decided

    for place, one in enumerate(states):
        may, refusing = decided(one.entity, one.question)
        if refusing != one.refusing or may == bool(refusing):
            return f"state {place}: {sorted(refusing ^ one.refusing)}"
    return ""
