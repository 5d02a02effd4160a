"""Facts and intents of the guard laid out as the tables that its set-based twin reads."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from sulah.guard.facts import Agent, Facts, Occasion, Stop
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.guard.twin import check
from sulah.guard.twin_tables import TABLES, create_tables

Rows = dict[str, list[tuple[object, ...]]]


def utc(at: datetime | None) -> datetime | None:
    """An instant as the tables hold it: UTC without a zone."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None)


def check_all(
    connection: duckdb.DuckDBPyConnection,
    asked: Sequence[tuple[Intent, Facts]],
    rules: ContactRules,
    stops: Sequence[Stop] = (),
    occasions: Sequence[Occasion] = (),
) -> list[tuple[bool, tuple[str, ...]]]:
    """What the twin says of these intents, all of one instant, in their order; stops and occasions: those that belong to everybody."""
    connection.execute("DROP SCHEMA IF EXISTS plan CASCADE")
    for statement in create_tables("plan"):
        connection.execute(statement)
    tables = laid_out(asked)
    tables["stop"] += [_stop(None, one) for one in stops]
    tables["occasion"] += [(None, one.kind, one.first, one.last) for one in occasions]
    for name, rows in tables.items():
        _insert(connection, name, rows)
    permitted = check(connection, "plan", rules, asked[0][0].at)
    found = connection.execute("SELECT permitted, refusing FROM plan.verdict ORDER BY position").fetchall()
    verdicts = [(bool(yes), tuple(refusing)) for yes, refusing in found]
    assert permitted == sum(yes for yes, _ in verdicts)
    return verdicts


def _insert(connection: duckdb.DuckDBPyConnection, name: str, rows: list[tuple[object, ...]]) -> None:
    if not rows:
        return
    kinds = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE plan.{name})").fetchall()
    columns = list(zip(*rows, strict=True))
    table = pa.table({kind[0]: pa.array(column) for kind, column in zip(kinds, columns, strict=True)})
    connection.register("given", table)
    casts = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in kinds)
    connection.execute(f"INSERT INTO plan.{name} SELECT {casts} FROM given")
    connection.unregister("given")


def laid_out(asked: Sequence[tuple[Intent, Facts]]) -> Rows:
    """The rows of every table; a person's facts are taken from the first intent that names them, the agent's papers from each."""
    rows: Rows = {name: [] for name in TABLES}
    persons: dict[str, Facts] = {}
    papers: dict[str, Agent] = {}
    for position, (intent, facts) in enumerate(asked):
        rows["proposal"].append(_proposal(position, intent, facts))
        rows["proposal_loan"] += [(position, loan_id) for loan_id in intent.loan_ids]
        if persons.get(intent.person_id, facts).agent is None or intent.person_id not in persons:
            persons[intent.person_id] = facts
        if facts.agent is not None:
            papers[str(facts.agent.agent_id or facts.agent.agency_id)] = facts.agent
    for agent in papers.values():
        span = agent.certificate
        rows["agent"].append((agent.agent_id, agent.agency_id, span and span.first, span and span.last, agent.antecedents_on))
    for person_id, facts in persons.items():
        for name, found in _of_person(person_id, facts).items():
            rows[name] += found
    return rows


def _proposal(position: int, intent: Intent, facts: Facts) -> tuple[object, ...]:
    return (
        *(position, intent.person_id, intent.channel.value, intent.purpose.value, intent.number_key, intent.place and intent.place.value),
        *(intent.agent_id, intent.agency_id, intent.free_text, intent.offers, intent.legal_words, intent.legal_approved),
        *(intent.amount_paise, intent.caller_series, intent.caller_hidden, intent.by_hand, facts.template),
    )


def _of_person(person_id: str, facts: Facts) -> Rows:
    person, agent = facts.person, facts.agent
    told = agent.notices if agent else ()
    assigned = agent.assignments if agent else ()
    return {
        "person": [
            (
                *(person_id, person.household_id, person.pincode, person.state, person.agreed_place, facts.book_as_of),
                *(facts.misses_in_succession, facts.tier_limit, facts.tier_used, facts.in_tier_already),
            )
        ],
        "loan": [
            (
                *(person_id, one.loan_id, one.loan_type and one.loan_type.value, one.product, one.overdue_paise, one.demand_paise),
                *(one.next_due_on, one.open, _value(one.parties.get(person_id)), one.limitation_on),
            )
            for one in facts.loans
        ],
        "contact": [
            (person_id, utc(one.at), one.channel.contact_class.value, _value(one.purpose), one.state.value) for one in facts.contacts
        ],
        "number": [(person_id, key, _value(one.whose), one.standing.value) for key, one in facts.numbers.items()],
        "consent": [(person_id, one.channel.value, one.given, utc(one.at)) for one in facts.consents],
        "preference": [
            (person_id, list(one.weekdays), one.from_second, one.to_second, _values(one.classes), _values(one.places))
            for one in facts.preferences
        ],
        "occasion": [(person_id, one.kind, one.first, one.last) for one in facts.occasions],
        "stop": [_stop(person_id, one) for one in facts.stops],
        "not_found": [(person_id, place.value, times) for place, times in facts.not_found.items()],
        "notice": [(person_id, one.told_of, utc(one.at)) for one in told],
        "assignment": [(person_id, one.agent_id, utc(one.since), utc(one.until)) for one in assigned],
        "inbound": [(person_id, channel.value, utc(at)) for channel, at in facts.last_inbound.items()],
    }


def _stop(person_id: str | None, one: Stop) -> tuple[object, ...]:
    return (person_id, one.event.value, one.scope.value, one.key, utc(one.since), utc(one.until))


def _value(term: object) -> object:
    return None if term is None else str(term)


def _values(terms: Iterable[object]) -> list[str]:
    return [str(term) for term in terms]
