"""Each predicate as SQL over one proposal with its facts: true, false, or null where something needed is not known.

The names used here are those of the common table expressions in `twin_facts`: p (proposal), person, named, number, consent and so on.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sulah.guard.rule import ANY, ContactRule, Predicate, WhenUnknown

WORD_BITS = 60
"""Rules, or questions of a loan, in one whole number of bits."""

_NOBODY = "p.agent_id IS NULL AND p.agency_id IS NULL"
_UNTYPED = "(coalesce(types.untyped, FALSE) OR coalesce(named.off_book, FALSE))"
_ELSEWHERE = (
    "WHEN p.place IS NULL THEN NULL WHEN p.place = 'branch' THEN TRUE WHEN p.place = 'agreed' THEN person.agreed_place IS NOT FALSE"
)
"""What every rule of places says of a contact neither at home nor at work."""


class Moment(NamedTuple):
    """The one instant of a set-based check, as India reads it."""

    at: datetime
    today: date
    second: int


def literal(text: str) -> str:
    """A text as an SQL literal, quotes doubled."""
    return "'" + text.replace("'", "''") + "'"


def listed(words: Iterable[str]) -> str:
    """Texts as a list for IN, in order; one that nothing is in where there are none."""
    return "(" + (", ".join(literal(word) for word in sorted(words)) or "NULL") + ")"


def day(on: date) -> str:
    """A date as an SQL literal."""
    return f"DATE '{on.isoformat()}'"


def instant(at: datetime) -> str:
    """An instant as an SQL literal: TIMESTAMP in UTC, to the microsecond."""
    return f"TIMESTAMP '{at.replace(tzinfo=None).isoformat(sep=' ', timespec='microseconds')}'"


def refuses(rule: ContactRule, moment: Moment) -> str:
    """Does the rule refuse, where it is about the channel and purpose?  SQL that is never null."""
    yes = _YES[rule.predicate](rule, moment)
    no = f"(({yes}) IS FALSE)" if rule.when_unknown is WhenUnknown.NOT_APPLICABLE else f"(({yes}) IS NOT TRUE)"
    return f"({asks(rule)} AND {no}) OR {blocked(rule)}"


def asks(rule: ContactRule) -> str:
    """Is a rule that is about the channel and purpose asked of this person and these loans?  SQL that is never null."""
    types = "TRUE"
    if rule.loan_types is not None:
        types = f"({_has_type(rule)} OR {_UNTYPED})" if rule.when_unknown is WhenUnknown.STRICTEST else f"({_has_type(rule)})"
    return " AND ".join([*_fits(rule), types])


def blocked(rule: ContactRule) -> str:
    """Does the rule refuse because the type of an open loan, or of one named off the book, is unknown?  SQL that is never null."""
    if rule.loan_types is None or rule.when_unknown is not WhenUnknown.BLOCK:
        return "FALSE"
    return "(" + " AND ".join([*_fits(rule), f"{_UNTYPED} AND NOT ({_has_type(rule)})"]) + ")"


def _has_type(rule: ContactRule) -> str:
    return " OR ".join(f"coalesce(types.{one}, FALSE)" for one in sorted(rule.loan_types or ())) or "FALSE"


def _fits(rule: ContactRule) -> list[str]:
    states = [] if rule.states is None else [f"(person.state IS NULL OR person.state IN {listed(rule.states)})"]
    return states + ([] if rule.products == ANY else [f"coalesce(named.{product_column(rule.products)}, FALSE)"])


def product_column(glob: str) -> str:
    """The name of the column that says whether a loan named has such a product."""
    return f"product_{glob.encode().hex()}"


def _hours(rule: ContactRule, moment: Moment) -> str:
    return "TRUE" if rule.first <= moment.second < rule.last else "FALSE"


def _party(_rule: ContactRule, _moment: Moment) -> str:
    return "CASE WHEN named.not_liable THEN FALSE WHEN named.party_unknown THEN NULL ELSE TRUE END"


def _number(_rule: ContactRule, _moment: Moment) -> str:
    return "CASE WHEN number.standing IN ('invalid', 'wrong') THEN FALSE ELSE number.whose = 'own' END"


def _misses(rule: ContactRule, _moment: Moment) -> str:
    return f"CASE {_ELSEWHERE} ELSE person.misses_in_succession >= {rule.most} END"


def _place_order(_rule: ContactRule, _moment: Moment) -> str:
    return (
        f"CASE {_ELSEWHERE} WHEN p.place = 'workplace' AND coalesce(not_found.residence, 0) = 0 THEN FALSE "
        "WHEN coalesce(not_found.agreed, 0) > 0 THEN TRUE ELSE NOT person.agreed_place END"
    )


def _certificate(_rule: ContactRule, moment: Moment) -> str:
    return f"({_NOBODY}) OR {day(moment.today)} BETWEEN agent.certificate_first AND agent.certificate_last"


def _antecedents(rule: ContactRule, moment: Moment) -> str:
    earliest = moment.today - timedelta(days=rule.days)
    return f"({_NOBODY}) OR agent.antecedents_on BETWEEN {day(earliest)} AND {day(moment.today)}"


def _agent_notice(_rule: ContactRule, _moment: Moment) -> str:
    return f"({_NOBODY}) OR CASE WHEN agent.position IS NOT NULL THEN agent.told END"


def _assigned(_rule: ContactRule, _moment: Moment) -> str:
    return f"({_NOBODY}) OR CASE WHEN agent.position IS NOT NULL THEN agent.assigned END"


def _overdue(_rule: ContactRule, _moment: Moment) -> str:
    return "CASE WHEN named.owed THEN TRUE WHEN named.overdue_unknown THEN NULL ELSE FALSE END"


def _due_soon(rule: ContactRule, _moment: Moment) -> str:
    return f"CASE WHEN named.soon_{rule.days} THEN TRUE WHEN named.due_unknown THEN NULL ELSE FALSE END"


def _demand(_rule: ContactRule, _moment: Moment) -> str:
    return (
        "CASE WHEN p.amount_paise IS NULL THEN TRUE WHEN named.demand_unknown THEN NULL "
        "ELSE coalesce(named.demand_paise, 0) = p.amount_paise END"
    )


def _book_age(rule: ContactRule, moment: Moment) -> str:
    return f"person.book_as_of >= {day(moment.today - timedelta(days=rule.days))}"


def _legal_language(_rule: ContactRule, _moment: Moment) -> str:
    return (
        "CASE WHEN NOT p.legal_words THEN TRUE WHEN p.legal_words IS NULL THEN NULL WHEN NOT p.legal_approved OR named.limit_passed "
        "THEN FALSE WHEN named.limit_unknown THEN NULL ELSE TRUE END"
    )


def _within(seconds: int, moment: Moment) -> str:
    earliest = moment.at - timedelta(seconds=seconds)
    return f"coalesce(inbound.happened_at BETWEEN {instant(earliest)} AND {instant(moment.at)}, FALSE)"


def _in_session(rule: ContactRule, moment: Moment) -> str:
    return f"(p.channel = 'whatsapp' AND {_within(rule.first, moment)})" if rule.first else "FALSE"


def _session(rule: ContactRule, moment: Moment) -> str:
    answers = "(p.purpose = 'session_answer' AND p.channel IN ('sms', 'whatsapp', 'email'))"
    return f"NOT ({answers} OR (p.channel = 'whatsapp' AND p.free_text)) OR {_within(rule.first, moment)}"


def _template(rule: ContactRule, moment: Moment) -> str:
    return f"{_in_session(rule, moment)} OR (p.template AND NOT p.free_text)"


def _tier(rule: ContactRule, moment: Moment) -> str:
    used = "person.tier_used + CASE WHEN person.in_tier_already THEN 0 ELSE 1 END"
    return f"{_in_session(rule, moment)} OR {used} <= person.tier_limit"


def _caller_id(rule: ContactRule, _moment: Moment) -> str:
    if rule.series is None:
        return "NOT p.caller_hidden"
    listed = ", ".join(str(number) for number in sorted(rule.series)) or "NULL"
    number = f"coalesce(try_cast(p.caller_series AS HUGEINT) IN ({listed}), FALSE)"
    return (
        "CASE WHEN p.caller_hidden THEN FALSE WHEN p.by_hand AND p.channel = 'call' THEN TRUE WHEN p.caller_series IS NULL THEN NULL "
        f"ELSE regexp_full_match(p.caller_series, '[0-9]+') AND {number} END"
    )


_YES: Mapping[Predicate, Callable[[ContactRule, Moment], str]] = {
    Predicate.HOURS: _hours,
    Predicate.ONE_CALL: lambda _rule, _moment: "NOT coalesce(counted.busy, FALSE)",
    Predicate.PREFERENCE: lambda _rule, _moment: "wished.position IS NULL",
    Predicate.OCCASION: lambda _rule, _moment: (
        "NOT (coalesce(list_contains(occasion.classes, pair.contact_class), FALSE) "
        "OR coalesce(list_contains(everybody.classes, pair.contact_class), FALSE))"
    ),
    Predicate.PARTY: _party,
    Predicate.NUMBER: _number,
    Predicate.CONSENT: lambda _rule, _moment: "coalesce(consent.given, FALSE)",
    Predicate.MISSES: _misses,
    Predicate.PLACE_ORDER: _place_order,
    Predicate.CERTIFICATE: _certificate,
    Predicate.ANTECEDENTS: _antecedents,
    Predicate.AGENT_NOTICE: _agent_notice,
    Predicate.ASSIGNED: _assigned,
    Predicate.OVERDUE: _overdue,
    Predicate.DUE_SOON: _due_soon,
    Predicate.SESSION: _session,
    Predicate.TEMPLATE: _template,
    Predicate.TIER: _tier,
    Predicate.NO_OFFER: lambda _rule, _moment: "NOT p.offers",
    Predicate.CALLER_ID: _caller_id,
    Predicate.LEGAL_LANGUAGE: _legal_language,
    Predicate.DEMAND: _demand,
    Predicate.BOOK_AGE: _book_age,
    Predicate.PERMIT_LIFE: lambda _rule, _moment: "TRUE",
}
"""All predicates but `cap`, which is counted in rounds, and `stop`, which is joined by what the stop is about."""
