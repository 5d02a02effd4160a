"""May this contact be made? The answer of the second rule book: every rule that is asked, each with yes or no; one no is enough."""

from functools import cache

from tests.oracle.answers import ANSWERS
from tests.oracle.book import RULES, STOPS, SUNDAY, Rule, StopRow
from tests.oracle.cases import Case, Plain, active, case


@cache
def for_contacts(entity: str, channel: str, purpose: str) -> tuple[Rule, ...]:
    """The rules that bind this kind of lender and hold this channel and purpose."""
    return tuple(rule for rule in RULES if entity in rule.binds and channel in rule.channels and purpose in rule.purposes)


def binds_loans(rule: Rule, it: Case) -> bool | None:
    """Does the person have an open loan of the rule's type? None where only an unknown type could say and the rule blocks."""
    if rule.loan_type == "*":
        return True
    types = [loan["loan_type"] for loan in it.facts["loans"] if loan["open"]] + [None for loan in it.named if loan is None]
    if rule.loan_type in types:
        return True
    if None not in types or rule.unknown == "not_applicable":
        return False
    return True if rule.unknown == "strictest" else None


def is_asked(rule: Rule, it: Case) -> bool:
    """Is the rule asked of a contact whose lender, channel and purpose it holds?"""
    if it.day < rule.since or (rule.sundays_only and it.day.weekday() != SUNDAY):
        return False
    return binds_loans(rule, it) is not False


def says_no(rule: Rule, it: Case) -> bool:
    """Does a rule that is asked say no?"""
    if binds_loans(rule, it) is None:
        return True
    answer = ANSWERS[rule.question](rule, it)
    if answer is None:
        return rule.unknown != "not_applicable"
    return not answer


def set_aside(rule: Rule, it: Case) -> bool:
    """Did a person of the role that the row names set this rule aside for this contact?"""
    return any(o["rule_id"] == rule.id and o["role"] == rule.aside for o in it.intent["overrides"])


def covers(stop: Plain, it: Case) -> bool:
    """Does the scope of a stop cover the contact?"""
    intent, person, papers = it.intent, it.facts["person"], it.facts["agent"]
    if stop["scope"] == "pincode" and person["pincode"] is None:
        return True
    if stop["scope"] == "agency" and intent["agent_id"] is not None and papers is None:
        return True
    reached: dict[str, list[str | None]] = {
        "number": [intent["number_key"]],
        "channel": [intent["channel"]],
        "loan": intent["loan_ids"],
        "person": [intent["person_id"]],
        "household": [person["household_id"]],
        "pincode": [person["pincode"]],
        "agent": [intent["agent_id"]],
        "agency": [intent["agency_id"], (papers or {}).get("agency_id")],
        "channel_all": [intent["channel"]],
        "lender": [stop["key"]],
    }
    return stop["key"] in reached[stop["scope"]]


def stops_it(row: StopRow, entity: str, it: Case) -> bool:
    """Does a row of the table of stops say no?"""
    if entity not in row.binds or it.day < row.since or it.intent["purpose"] in row.allowed:
        return False
    return any(s["event"] == row.event and s["scope"] == row.scope and active(it, s) and covers(s, it) for s in it.facts["stops"])


def asked(entity: str, question: Plain) -> frozenset[str]:
    """The rules that are asked of a contact; the rows of stops, which are asked of every contact, are left out."""
    it = case(question)
    rules = for_contacts(entity, it.intent["channel"], it.intent["purpose"])
    return frozenset(rule.id for rule in rules if is_asked(rule, it))


def judge(entity: str, question: Plain) -> tuple[bool, frozenset[str]]:
    """(may the contact be made, the rules and stops that say no and were not set aside)."""
    it = case(question)
    no = {
        rule.id
        for rule in for_contacts(entity, it.intent["channel"], it.intent["purpose"])
        if is_asked(rule, it) and says_no(rule, it) and not set_aside(rule, it)
    }
    if it.facts["stops"]:
        no |= {row.id for row in STOPS if stops_it(row, entity, it)}
    return not no, frozenset(no)
