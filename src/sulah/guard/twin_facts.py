"""The facts of every proposal, joined once: one common table expression a kind of fact, under the names that `twin_ask` uses."""

from collections.abc import Iterable, Mapping, Sequence

from sulah.guard.rule import ANY, ContactRule, Counted, Predicate
from sulah.guard.rules import RulesInForce
from sulah.guard.twin_ask import WORD_BITS, Moment, day, instant, listed, literal, product_column
from sulah.kernel.terms import ContactClass, ContactState, StopScope

LIABLE = "('borrower', 'co_borrower', 'guarantor')"

_ABOUT: Mapping[str, str] = {
    "number": "p.number_key",
    "channel": "p.channel",
    "channel_all": "p.channel",
    "loan": "named_loan.loan_id",
    "person": "p.person_id",
    "household": "person.household_id",
    "pincode": "person.pincode",
    "agent": "p.agent_id",
}
"""What the key of a stop of each scope is compared with; agencies and the lender have ways of their own."""


def values(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A constant table; the columns are named with their types (`kind VARCHAR`), the cells are SQL already."""
    names = ", ".join(column.split()[0] for column in columns)
    listed_rows = ", ".join("(" + ", ".join(row) + ")" for row in rows)
    if listed_rows:
        return f"SELECT {names} FROM (VALUES {listed_rows}) AS constant ({names})"
    return "SELECT " + ", ".join(f"CAST(NULL AS {column.split()[1]}) AS {column.split()[0]}" for column in columns) + " WHERE FALSE"


def counted(schema: str, caps: Sequence[ContactRule], starts: Sequence[str]) -> str:
    """Per person: is a call in flight, and the number that each cap counts; starts: for each cap, its first instant as SQL.

    Persons of whom nothing is in flight or recent enough for any cap are left out: nothing is counted of them.
    """
    in_flight = f"(contact_class = 'call' AND state IN {listed([ContactState.RESERVED, ContactState.RINGING])})"
    columns = [f"bool_or({in_flight}) AS busy"]
    columns += [
        f"count(*) FILTER ({_counts(rule, start)}) AS n_{place}" for place, (rule, start) in enumerate(zip(caps, starts, strict=True))
    ]
    recent = " OR ".join([in_flight, *(f"happened_at >= {start}" for start in sorted(starts)[:1])])
    return f"SELECT person_id, {', '.join(columns)} FROM {schema}.contact WHERE {recent} GROUP BY person_id"


def _counts(rule: ContactRule, start: str) -> str:
    connects = rule.counts is Counted.CONNECTS
    states = [state for state in ContactState if (state.may_have_connected if connects else state.counts)]
    limits = [f"happened_at >= {start}", f"state IN {listed(states)}"]
    if rule.classes is not None:
        limits.append(f"contact_class IN {listed(rule.classes)}")
    if rule.purposes is not None:
        limits.append(f"(purpose IS NULL OR purpose IN {listed(rule.purposes)})")
    return " AND ".join(limits)


def raised(schema: str, moment: Moment, masks: Mapping[str, Sequence[int]], words: int) -> str:
    """The active stops by scope, key and person, with the bits of the rules that they make refuse; masks: by `event scope`."""
    columns = ["event VARCHAR", "scope VARCHAR", *(f"stop_{word} BIGINT" for word in range(words))]
    bars = values(columns, ((*map(literal, both.split()), *map(str, bits)) for both, bits in masks.items()))
    bits = ", ".join(f"bit_or(bars.stop_{word}) AS stop_{word}" for word in range(words))
    return (
        f"SELECT stop.scope, stop.key, stop.person_id, {bits} FROM {schema}.stop AS stop JOIN ({bars}) AS bars "
        f"ON bars.event = stop.event AND bars.scope = stop.scope WHERE {_active('stop', moment)} GROUP BY ALL"
    )


def _active(table: str, moment: Moment) -> str:
    return f"{table}.since <= {instant(moment.at)} AND ({table}.until IS NULL OR {table}.until > {instant(moment.at)})"


def hits(schema: str, kinds: Iterable[tuple[str, bool]], words: int) -> str:
    """Positions that a raised stop covers, with its bits; kinds: the scopes that are raised, and whether for everybody (no person)."""
    bits = ", ".join(f"raised.stop_{word}" for word in range(words))
    joins = [join for scope, all_persons in kinds for join in _hits_of(schema, scope, all_persons, bits)]
    empty = values(["position BIGINT", *(f"stop_{word} BIGINT" for word in range(words))], ())
    together = ", ".join(f"bit_or(stop_{word}) AS stop_{word}" for word in range(words))
    return f"SELECT position, {together} FROM ({' UNION ALL '.join(joins) or empty}) GROUP BY position"


def _hits_of(schema: str, scope: str, all_persons: bool, bits: str) -> Iterable[str]:
    whose = "raised.person_id IS NULL" if all_persons else "raised.person_id = p.person_id"
    start = f"SELECT p.position, {bits} FROM {schema}.proposal AS p"
    if scope == StopScope.AGENCY:
        theirs = f"{start} JOIN agent ON agent.position = p.position"
        yield f"{start} JOIN raised ON raised.scope = 'agency' AND raised.key = p.agency_id AND {whose}"
        yield f"{theirs} JOIN raised ON raised.scope = 'agency' AND raised.key = agent.agency_id AND {whose}"
        yield (
            f"{start} JOIN raised ON raised.scope = 'agency' AND {whose} "
            "WHERE p.agent_id IS NOT NULL AND p.position NOT IN (SELECT position FROM agent)"
        )
        return
    if scope == StopScope.LENDER:
        yield f"{start} JOIN raised ON raised.scope = 'lender' AND {whose}"
        return
    if scope == StopScope.LOAN:
        start += f" JOIN {schema}.proposal_loan AS named_loan ON named_loan.position = p.position"
    elif scope in (StopScope.HOUSEHOLD, StopScope.PINCODE):
        start += f" JOIN {schema}.person AS person ON person.person_id = p.person_id"
    if scope == StopScope.PINCODE:
        yield f"{start} JOIN raised ON raised.scope = 'pincode' AND person.pincode IS NULL AND {whose}"
    yield f"{start} JOIN raised ON raised.scope = {literal(scope)} AND raised.key = {_ABOUT[scope]} AND {whose}"


def expressions(schema: str, in_force: RulesInForce, moment: Moment) -> dict[str, str]:
    """The common table expressions by name, in the order in which they build on each other; `pair` and `counted` stand beside them."""
    return {
        **_of_agents(schema, moment),
        **_of_loans(schema, in_force.rules, moment),
        **_of_person(schema, moment),
        **_of_occasions(schema, in_force, moment),
    }


def _of_agents(schema: str, moment: Moment) -> dict[str, str]:
    columns = "p.position, p.person_id, agent.agent_id, agent.agency_id, certificate_first, certificate_last, antecedents_on"
    at = instant(moment.at)
    return {
        "agented": (
            f"SELECT {columns} FROM {schema}.proposal AS p JOIN {schema}.agent AS agent ON agent.agent_id = p.agent_id "
            "WHERE p.agency_id IS NULL OR p.agency_id = agent.agency_id "
            f"UNION ALL SELECT {columns} FROM {schema}.proposal AS p JOIN {schema}.agent AS agent ON agent.agency_id = p.agency_id "
            "WHERE p.agent_id IS NULL AND agent.agent_id IS NULL"
        ),
        "begun": (
            f"SELECT agented.position, max(one.since) AS since, bool_or(one.until IS NULL OR one.until > {at}) AS assigned FROM agented "
            f"JOIN {schema}.assignment AS one ON one.person_id = agented.person_id "
            f"WHERE one.since <= {at} AND one.agent_id IN (agented.agent_id, agented.agency_id) GROUP BY agented.position"
        ),
        "told": (
            f"SELECT agented.position, bool_or(notice.happened_at > begun.since AND notice.happened_at < {at}) AS told FROM agented "
            f"JOIN begun ON begun.position = agented.position JOIN {schema}.notice AS notice ON notice.person_id = agented.person_id "
            "WHERE notice.told_of IN (agented.agent_id, agented.agency_id) GROUP BY agented.position"
        ),
        "agent": (
            "SELECT agented.position, agented.agency_id, certificate_first, certificate_last, antecedents_on, "
            "coalesce(begun.assigned, FALSE) AS assigned, coalesce(told.told, FALSE) AS told FROM agented "
            "LEFT JOIN begun ON begun.position = agented.position LEFT JOIN told ON told.position = agented.position"
        ),
    }


def _of_loans(schema: str, rules: Sequence[ContactRule], moment: Moment) -> dict[str, str]:
    paid = f"SELECT key, person_id, scope FROM {schema}.stop AS stop WHERE event = 'paid' AND {_active('stop', moment)}"
    mine = "(paid.person_id IS NULL OR paid.person_id = loan.person_id)"
    today = day(moment.today)
    soon = sorted({rule.days for rule in rules if rule.predicate is Predicate.DUE_SOON})
    globs = sorted({rule.products for rule in rules if rule.products != ANY})
    asked = {
        "not_liable": f"loan.party IS NOT NULL AND loan.party NOT IN {LIABLE}",
        "party_unknown": "loan.party IS NULL",
        "off_book": "loan.loan_id IS NULL",
        "owed": "loan.overdue_paise > 0 AND paid_loan.loan_id IS NULL",
        "overdue_unknown": "loan.overdue_paise IS NULL",
        "due_unknown": "loan.overdue_paise IS NULL OR loan.next_due_on IS NULL",
        "demand_unknown": "loan.demand_paise IS NULL",
        "limit_passed": f"loan.limitation_on < {today}",
        "limit_unknown": "loan.limitation_on IS NULL",
        **{f"soon_{days}": f"loan.overdue_paise <= 0 AND loan.next_due_on - {today} BETWEEN 1 AND {days}" for days in soon},
        **{product_column(glob): f"loan.loan_id IS NULL OR {_covers(glob)}" for glob in globs},
    }
    held, answers = _in_bits(asked)
    return {
        "paid": paid,
        "paid_loan": (
            f"SELECT loan.person_id, loan.loan_id FROM {schema}.loan AS loan JOIN paid ON paid.scope = 'loan' AND paid.key = loan.loan_id "
            f"AND {mine} UNION SELECT loan.person_id, loan.loan_id FROM {schema}.loan AS loan JOIN paid ON paid.scope = 'person' "
            f"AND paid.key = loan.person_id AND {mine}"
        ),
        "named": (
            f"SELECT position, demand_paise, {answers} FROM (SELECT p.position, CAST(sum(loan.demand_paise) AS BIGINT) AS demand_paise, "
            f"{held} FROM {schema}.proposal AS p JOIN {schema}.proposal_loan AS named_loan "
            f"ON named_loan.position = p.position LEFT JOIN {schema}.loan AS loan ON loan.person_id = p.person_id "
            "AND loan.loan_id = named_loan.loan_id LEFT JOIN paid_loan ON paid_loan.person_id = loan.person_id "
            "AND paid_loan.loan_id = loan.loan_id GROUP BY p.position)"
        ),
        "types": (
            "SELECT person_id, coalesce(bool_or(loan_type = 'mfl'), FALSE) AS mfl, coalesce(bool_or(loan_type = 'other'), FALSE) AS other, "
            f"bool_or(loan_type IS NULL) AS untyped FROM {schema}.loan WHERE open GROUP BY person_id"
        ),
    }


def _in_bits(asked: Mapping[str, str]) -> tuple[str, str]:
    """Is any loan such?  Each question a bit of a whole number (a lender may have any number of products), and each bit read back."""
    words = [list(asked.values())[start : start + WORD_BITS] for start in range(0, len(asked), WORD_BITS)]
    sums = (" | ".join(f"(CASE WHEN {question} THEN {1 << place} ELSE 0 END)" for place, question in enumerate(word)) for word in words)
    held = ", ".join(f"bit_or({one}) AS bits_{number}" for number, one in enumerate(sums))
    return held, ", ".join(f"(bits_{place // WORD_BITS} >> {place % WORD_BITS}) & 1 = 1 AS {name}" for place, name in enumerate(asked))


def _covers(glob: str) -> str:
    if glob.endswith(ANY):
        return f"starts_with(lower(loan.product), {literal(glob[:-1].lower())})"
    return f"lower(loan.product) = {literal(glob.lower())}"


def _of_person(schema: str, moment: Moment) -> dict[str, str]:
    weekday, at = moment.today.weekday(), instant(moment.at)
    given, withdrawn = "max(happened_at) FILTER (given)", "max(happened_at) FILTER (NOT given)"
    return {
        "consent": (
            f"SELECT person_id, channel, coalesce({given} > {withdrawn}, {withdrawn} IS NULL) AS given FROM {schema}.consent "
            f"WHERE happened_at <= {at} GROUP BY person_id, channel"
        ),
        "not_found": (
            "SELECT person_id, CAST(sum(times) FILTER (place = 'agreed') AS BIGINT) AS agreed, "
            f"CAST(sum(times) FILTER (place = 'residence') AS BIGINT) AS residence FROM {schema}.not_found GROUP BY person_id"
        ),
        "wish": (
            f"SELECT person_id, classes, places FROM {schema}.preference WHERE from_second <= {moment.second} "
            f"AND {moment.second} < to_second AND (len(weekdays) = 0 OR list_contains(weekdays, {weekday}))"
        ),
        "wished": (
            f"SELECT DISTINCT p.position FROM {schema}.proposal AS p JOIN wish ON wish.person_id = p.person_id JOIN pair "
            "ON pair.channel = p.channel AND pair.purpose = p.purpose "
            "WHERE (len(wish.classes) = 0 OR list_contains(wish.classes, pair.contact_class)) "
            "AND (len(wish.places) = 0 OR coalesce(list_contains(wish.places, p.place), FALSE))"
        ),
    }


def _of_occasions(schema: str, in_force: RulesInForce, moment: Moment) -> dict[str, str]:
    barred = {(row.kind, one) for row in in_force.occasions for one in (row.classes if row.classes is not None else ContactClass)}
    barred |= {("", one) for one in ContactClass}
    kind = f"CASE WHEN one.kind IN {listed({row.kind for row in in_force.occasions})} THEN one.kind ELSE '' END"
    return {
        "barred": values(["kind VARCHAR", "contact_class VARCHAR"], ((literal(kind), literal(one.value)) for kind, one in sorted(barred))),
        "occasion_now": (
            f"SELECT one.person_id, barred.contact_class FROM {schema}.occasion AS one JOIN barred ON barred.kind = {kind} "
            f"WHERE {day(moment.today)} BETWEEN one.first AND one.last"
        ),
        "occasion": (
            "SELECT person_id, list(DISTINCT contact_class) AS classes FROM occasion_now WHERE person_id IS NOT NULL GROUP BY person_id"
        ),
        "everybody": "SELECT list(DISTINCT contact_class) AS classes FROM occasion_now WHERE person_id IS NULL",
    }


JOINS = """
FROM {schema}.proposal AS p
JOIN pair ON pair.channel = p.channel AND pair.purpose = p.purpose
JOIN {schema}.person AS person ON person.person_id = p.person_id
CROSS JOIN everybody
LEFT JOIN named ON named.position = p.position
LEFT JOIN types ON types.person_id = p.person_id
LEFT JOIN counted ON counted.person_id = p.person_id
LEFT JOIN {schema}.number AS number ON number.person_id = p.person_id AND number.number_key = p.number_key
LEFT JOIN consent ON consent.person_id = p.person_id AND consent.channel = p.channel
LEFT JOIN not_found ON not_found.person_id = p.person_id
LEFT JOIN wished ON wished.position = p.position
LEFT JOIN occasion ON occasion.person_id = p.person_id
LEFT JOIN agent ON agent.position = p.position
LEFT JOIN {schema}.inbound AS inbound ON inbound.person_id = p.person_id AND inbound.channel = p.channel
LEFT JOIN stopped ON stopped.position = p.position
LEFT JOIN turn ON turn.position = p.position
"""
"""Every fact of a proposal beside it; last its turn, which so is counted from two columns and not carried through a sort with all facts."""
