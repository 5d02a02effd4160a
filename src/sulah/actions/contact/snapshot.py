"""The facts of many people at one instant as the tables of the guard's set-based twin, for the messages and calls proposed to them.

Every row is laid out from the facts that `gather_facts` gives of the same person, so the twin is asked about what a single decision
would be asked about.  People are read some hundreds at a time: the number of queries grows with these batches only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from sulah.actions.contact.gather_facts import Gathered
from sulah.guard.facts import Agent, Facts
from sulah.guard.intent import Intent
from sulah.guard.twin_tables import TABLES, create_tables
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel

PEOPLE_AT_ONCE = 500
"""People whose facts are read together: their loans, numbers and places stay within the parameters that a statement may have."""

_ARROW: Mapping[str, pa.DataType] = {
    "BIGINT": pa.int64(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "BIGINT[]": pa.list_(pa.int64()),
    "VARCHAR[]": pa.list_(pa.string()),
}
_COLUMNS = {table: dict(column.split() for column in columns.split(",")) for table, columns in TABLES.items()}
"""Table -> column -> type, as the twin says it."""

_Rows = dict[str, list[tuple[Any, ...]]]


def fill_snapshot(
    connection: duckdb.DuckDBPyConnection, schema: str, wanted: Sequence[Intent], at: datetime, *, days: int, template: bool | None
) -> None:
    """Make the tables in a new schema: the intents as proposals in their order, and what is known of their people at the instant.

    days: IST days of contacts, today included.  template: is the text of all of them a registered template's?  What an intent has
    reserved itself is no contact, neither for itself nor for another intent here about the same person.
    """
    for statement in create_tables(schema):
        connection.execute(statement)
    agents: dict[tuple[str | None, str | None], Agent] = {}
    today = at.astimezone(IST).date()
    for batch in _batches(wanted):
        gathered = Gathered(list(batch), at, [intent for mine in batch.values() for _, intent in mine], days=days)
        rows: _Rows = {table: [] for table in TABLES}
        for mine in batch.values():
            told = [(position, intent, gathered.facts(intent.person_id, intent, template=template)) for position, intent in mine]
            for position, intent, facts in told:
                rows["proposal"].append(_proposal(position, intent, facts))
                rows["proposal_loan"] += [(position, loan_id) for loan_id in intent.loan_ids]
            _lay_out(rows, told, today)
            agents |= {(agent.agent_id, agent.agency_id): agent for *_, facts in told if (agent := facts.agent) is not None}
        for table, found in rows.items():
            _insert(connection, schema, table, found)
    _insert(connection, schema, "agent", [_paper(agent) for agent in agents.values()])


def _batches(wanted: Sequence[Intent]) -> Iterator[dict[str, list[tuple[int, Intent]]]]:
    """Intents with their positions by person, some hundreds of people at a time; all of a person's together."""
    by_person: dict[str, list[tuple[int, Intent]]] = {}
    for position, intent in enumerate(wanted):
        by_person.setdefault(intent.person_id, []).append((position, intent))
    people = list(by_person)
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        yield {person: by_person[person] for person in people[start : start + PEOPLE_AT_ONCE]}


def _proposal(position: int, intent: Intent, facts: Facts) -> tuple[Any, ...]:
    return (
        *(position, intent.person_id, intent.channel, intent.purpose, intent.number_key, intent.place, intent.agent_id, intent.agency_id),
        *(intent.free_text, intent.offers, intent.legal_words, intent.legal_approved, intent.amount_paise, intent.caller_series),
        *(intent.caller_hidden, intent.by_hand, facts.template),
    )


def _paper(agent: Agent) -> tuple[Any, ...]:
    span = agent.certificate
    return (agent.agent_id, agent.agency_id, span and span.first, span and span.last, agent.antecedents_on)


def _lay_out(rows: _Rows, told: Sequence[tuple[int, Intent, Facts]], today: date) -> None:
    """One person's rows: what is the same for all of their intents once, and what each of them names, together."""
    _, intent, facts = told[0]
    person = intent.person_id
    on_tier = next((known for _, one, known in told if one.channel is Channel.WHATSAPP), facts)
    rows["person"].append(_person(facts, on_tier))
    rows["loan"] += [
        (
            *(person, one.loan_id, one.loan_type, one.product, one.overdue_paise, one.demand_paise, one.next_due_on, one.open),
            *(one.parties.get(person), one.limitation_on),
        )
        for one in facts.loans
    ]
    rows["contact"] += [(person, _utc(one.at), one.channel.contact_class, one.purpose, one.state) for one in facts.contacts]
    rows["number"] += [(person, key, one.whose, one.standing) for key, one in facts.numbers.items()]
    rows["consent"] += [(person, one.channel, one.given, _utc(one.at)) for one in facts.consents]
    rows["preference"] += [
        (person, list(one.weekdays), one.from_second, one.to_second, list(one.classes), list(one.places)) for one in facts.preferences
    ]
    rows["occasion"] += [(person, one.kind, one.first, one.last) for one in facts.occasions if one.first <= today <= one.last]
    rows["not_found"] += [(person, place, times) for place, times in facts.not_found.items()]
    rows["inbound"] += [(person, channel, _utc(last)) for channel, last in facts.last_inbound.items()]
    rows["stop"] += [(person, one.event, one.scope, one.key, _utc(one.since), _utc(one.until)) for one in facts.stops]
    papers = [known.agent for *_, known in told if known.agent is not None]
    notices = dict.fromkeys(one for agent in papers for one in agent.notices)
    assignments = dict.fromkeys(one for agent in papers for one in agent.assignments)
    rows["notice"] += [(person, one.told_of, _utc(one.at)) for one in notices]
    rows["assignment"] += [(person, one.agent_id, _utc(one.since), _utc(one.until)) for one in assignments]


def _person(facts: Facts, on_tier: Facts) -> tuple[Any, ...]:
    who = facts.person
    return (
        *(who.person_id, who.household_id, who.pincode, who.state, who.agreed_place, facts.book_as_of, facts.misses_in_succession),
        *(on_tier.tier_limit, on_tier.tier_used, on_tier.in_tier_already),
    )


def _utc(at: datetime | None) -> datetime | None:
    """An instant as the tables hold it: UTC, without a zone."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None)


def _insert(connection: duckdb.DuckDBPyConnection, schema: str, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    columns = list(zip(*rows, strict=True))
    if not columns:
        return
    kinds = _COLUMNS[table]
    given = {name: pa.array(cells, _ARROW[kind]) for (name, kind), cells in zip(kinds.items(), columns, strict=True)}
    connection.register("laid_out", pa.table(given))
    named = ", ".join(kinds)
    connection.execute(f"INSERT INTO {schema}.{table} ({named}) SELECT {named} FROM laid_out")
    connection.unregister("laid_out")
