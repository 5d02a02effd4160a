"""The set-based twin against the second rule book, row by row: each state is a proposal about a person of its own."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pytest

from sulah.adapters.engines.duck import connect
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.plain import built
from tests.depth import so_many
from tests.guard.tables import check_all
from tests.oracle import cover
from tests.oracle.book import ENTITIES
from tests.oracle.cases import Plain
from tests.oracle.factors import NAMES
from tests.oracle.guard_side import rules_of
from tests.oracle.oracle import judge
from tests.oracle.states import state

pytestmark = pytest.mark.slow

FEWEST = so_many(1, 30)
"""States of one instant below which a run of the usual depth does not ask the twin, which answers for one instant at a time."""

OWN = re.compile(r'"(p-1|AGY?\d+)"')
"""Ids that only one state may have: of the person, of agents and of agencies, whose papers differ from state to state."""


def at_one_instant(entity: str) -> Iterator[list[Plain]]:
    """The states of a kind of lender, those of each instant together; nothing is set aside, as overrides have no place in a plan."""
    of_entity = NAMES.index("entity")
    rows = cover.usual() if so_many(1, 0) else np.concatenate(cover.families())
    found: defaultdict[str, list[Plain]] = defaultdict(list)
    for place, row in enumerate(rows[rows[:, of_entity] == ENTITIES.index(entity)].tolist()):
        question = json.loads(OWN.sub(rf'"\1.{place}"', json.dumps(state(row)[1])))
        question["intent"]["overrides"] = []
        found[question["intent"]["at"]].append(question)
    yield from (questions for questions in found.values() if len(questions) >= FEWEST)


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_twin_refuses_what_the_rule_book_refuses_by_the_same_rules(entity: str) -> None:
    states = permitted = 0
    for questions in at_one_instant(entity):
        asked = [(built(Intent, one["intent"]), built(Facts, one["facts"])) for one in questions]
        for question, (may, refusing) in zip(questions, check_all(connect(), asked, rules_of(entity)), strict=True):
            told = judge(entity, question)
            assert (may, frozenset(refusing)) == told, question
            states, permitted = states + 1, permitted + may
    print({"states": states, "permitted": permitted})
    assert states - permitted > 100
    assert permitted > 100
