"""The guard against a second rule book, on states beside every limit and on every three levels of three facts."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np
import pytest

from tests.depth import so_many
from tests.oracle import cover
from tests.oracle.book import RULES, STOPS
from tests.oracle.factors import FACTORS, NAMES
from tests.oracle.guard_side import decided
from tests.oracle.oracle import asked, judge
from tests.oracle.states import state

pytestmark = pytest.mark.slow

Row = list[int]
Difference = tuple[str, str]
STOP_IDS = {row.id for row in STOPS}
NEVER_NO = {rule.id for rule in RULES if rule.question == "permit_life"}
NEVER_YES = {rule.id for rule in RULES if rule.question == "hours" and rule.first == rule.last == 0}
EVERY_ID = {rule.id for rule in RULES} | STOP_IDS


def differences(row: Row) -> set[Difference]:
    """Where the guard and the rule book differ on a state: (rule, who refuses); `(verdict)` where only the verdicts differ."""
    entity, question = state(row)
    may, no = judge(entity, question)
    guard_may, guard_no = decided(entity, question)
    found = {(rule, "only the guard refuses") for rule in guard_no - no} | {(rule, "only the rule book refuses") for rule in no - guard_no}
    if not found and may != guard_may:
        found.add(("(verdict)", f"the guard says {guard_may}"))
    return found


def changes(row: Row) -> dict[str, str]:
    """The levels of a row that are not those of the plainest lawful contact."""
    return {name: FACTORS[name][level] for name, level in zip(NAMES, row, strict=True) if level}


def smallest(row: Row, difference: Difference) -> dict[str, str]:
    """The row with every level set back that the difference does not need."""
    for factor in range(len(row)):
        plainer = [*row[:factor], 0, *row[factor + 1 :]]
        if row[factor] and difference in differences(plainer):
            row = plainer
    return changes(row)


def told(found: dict[Difference, tuple[int, Row]]) -> str:
    """The differences, each with how often it was met and the smallest example."""
    lines = [f"{rule}: {who}, {count} times, e.g. {smallest(row, (rule, who))}" for (rule, who), (count, row) in sorted(found.items())]
    return "\n".join(lines)


@pytest.mark.parametrize("part", range(cover.PARTS))
def test_the_guard_and_the_rule_book_agree_on_every_state(part: int) -> None:
    found: dict[Difference, tuple[int, Row]] = {}
    met: Counter[str] = Counter()
    for rows in cover.cover(part):
        for row in rows.tolist():
            for difference in differences(row):
                count, example = found.get(difference, (0, row))
                shorter = row if len(changes(row)) < len(changes(example)) else example
                found[difference] = (count + 1, shorter)
            met["states"] += 1
    print(dict(met))
    assert not found, f"{len(found)} differences on {met['states']} states:\n{told(found)}"


def test_the_parts_of_the_cover_have_every_state_once() -> None:
    """The usual ones and, in a whole run, the chunks of the others."""
    others = [chunk for part in range(cover.PARTS) for chunk in cover.chunks(cover.WHOLE - cover.USUAL, part)]
    assert len(dict(others)) == len(others)
    assert sum(dict(others).values()) + cover.USUAL == cover.WHOLE == 5_000_000
    usual = np.concatenate([next(cover.cover(part)) for part in range(cover.PARTS)])
    assert sorted(map(tuple, usual.tolist())) == sorted(map(tuple, cover.usual().tolist()))


def test_the_usual_cover_meets_every_three_levels_of_three_facts() -> None:
    rows = cover.usual()
    met, total, absent = cover.missing(rows)
    print(f"{len(rows)} states, {met} of {total} triples")
    assert len(rows) == so_many(len(rows), cover.USUAL)
    assert not absent


def refused_beside_permits(families: Iterable[cover.Rows]) -> tuple[Counter[str], Counter[str]]:
    """(refusals by rule, those of them that lie one fact beside a permit of which the rule was asked)."""
    refused: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    for family in families:
        first, *others = (state(row) for row in family.tolist())
        assert judge(*first) == (True, frozenset()), changes(family[0].tolist())
        were_asked = asked(*first) | STOP_IDS | NEVER_YES
        for other in others:
            no = judge(*other)[1]
            refused.update(no)
            beside.update(no & were_asked)
    return refused, beside


def test_every_rule_refuses_and_permits_one_fact_beside_it() -> None:
    refused, beside = refused_beside_permits(cover.families())
    for rule in sorted(EVERY_ID - NEVER_NO):
        print(f"{rule}: {refused[rule]} refusals, {beside[rule]} of them one fact beside a permit")
    assert set(refused) == EVERY_ID - NEVER_NO
    assert set(beside) == EVERY_ID - NEVER_NO


def test_the_usual_cover_permits_and_refuses() -> None:
    verdicts: Counter[bool] = Counter()
    by_channel: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for row in cover.usual().tolist():
        entity, question = state(row)
        may, no = judge(entity, question)
        assert may == (not no)
        verdicts[may] += 1
        by_channel[question["intent"]["channel"]][may] += 1
    print(dict(verdicts), {channel: dict(counts) for channel, counts in by_channel.items()})
    assert all(counts[True] >= 100 and counts[False] >= 100 for counts in by_channel.values())
