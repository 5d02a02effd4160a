"""The tables that the set-based check reads: proposals in order and the facts of their persons, all in one schema.

They say what `Intent` and `Facts` say, row by row; instants are TIMESTAMP in UTC.  What is empty is not known, as None is there.
"""

from collections.abc import Mapping

TABLES: Mapping[str, str] = {
    "proposal": """
        position BIGINT, person_id VARCHAR, channel VARCHAR, purpose VARCHAR, number_key VARCHAR, place VARCHAR, agent_id VARCHAR,
        agency_id VARCHAR, free_text BOOLEAN, offers BOOLEAN, legal_words BOOLEAN, legal_approved BOOLEAN, amount_paise BIGINT,
        caller_series VARCHAR, caller_hidden BOOLEAN, by_hand BOOLEAN, template BOOLEAN
    """,
    "proposal_loan": "position BIGINT, loan_id VARCHAR",
    "person": """
        person_id VARCHAR, household_id VARCHAR, pincode VARCHAR, state VARCHAR, agreed_place BOOLEAN, book_as_of DATE,
        misses_in_succession BIGINT, tier_limit BIGINT, tier_used BIGINT, in_tier_already BOOLEAN
    """,
    "loan": """
        person_id VARCHAR, loan_id VARCHAR, loan_type VARCHAR, product VARCHAR, overdue_paise BIGINT, demand_paise BIGINT, next_due_on DATE,
        open BOOLEAN, party VARCHAR, limitation_on DATE
    """,
    "contact": "person_id VARCHAR, happened_at TIMESTAMP, contact_class VARCHAR, purpose VARCHAR, state VARCHAR",
    "number": "person_id VARCHAR, number_key VARCHAR, whose VARCHAR, standing VARCHAR",
    "consent": "person_id VARCHAR, channel VARCHAR, given BOOLEAN, happened_at TIMESTAMP",
    "preference": "person_id VARCHAR, weekdays BIGINT[], from_second BIGINT, to_second BIGINT, classes VARCHAR[], places VARCHAR[]",
    "occasion": "person_id VARCHAR, kind VARCHAR, first DATE, last DATE",
    "stop": "person_id VARCHAR, event VARCHAR, scope VARCHAR, key VARCHAR, since TIMESTAMP, until TIMESTAMP",
    "not_found": "person_id VARCHAR, place VARCHAR, times BIGINT",
    "agent": "agent_id VARCHAR, agency_id VARCHAR, certificate_first DATE, certificate_last DATE, antecedents_on DATE",
    "notice": "person_id VARCHAR, told_of VARCHAR, happened_at TIMESTAMP",
    "assignment": "person_id VARCHAR, agent_id VARCHAR, since TIMESTAMP, until TIMESTAMP",
    "inbound": "person_id VARCHAR, channel VARCHAR, happened_at TIMESTAMP",
}
"""Name and columns of each table.

position: the order of the proposals, each once.  template: is the text from a registered template (a fact of the proposal here)?
loan.party: what the person is to the loan.  stop.person_id: whose facts it belongs to; empty for one that belongs to everybody's (of a
household, PIN code, agent, agency, channel for all, or the lender).  agent: one row for each agent, and one without agent_id for an agency.
not_found and inbound: one row at most for each person and place, or channel.
"""


def create_tables(schema: str) -> tuple[str, ...]:
    """The statements that make the schema and its empty tables."""
    made = (f"CREATE TABLE {schema}.{name} ({columns})" for name, columns in TABLES.items())
    return (f"CREATE SCHEMA IF NOT EXISTS {schema}", *made)
