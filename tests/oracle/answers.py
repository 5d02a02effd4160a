"""The questions that rules put, one function each: True is yes, False is no, None is unknown. READINGS.md holds the choices made."""

from collections.abc import Callable
from datetime import date, timedelta

from tests.oracle.book import CLASS_OF, EVERY_CLASS, OCCASION_BARS, Rule
from tests.oracle.cases import Case, active, instant, ist_day


def hours(rule: Rule, it: Case) -> bool | None:
    return rule.first <= it.second < rule.last


def cap(rule: Rule, it: Case) -> bool | None:
    classes = {CLASS_OF[channel] for channel in rule.channels}
    count = 0
    for contact in it.facts["contacts"]:
        if CLASS_OF[contact["channel"]] not in classes or contact["state"] not in rule.counts:
            continue
        if contact["purpose"] is not None and contact["purpose"] not in rule.purposes:
            continue
        day = min(ist_day(instant(contact["at"])), it.day)
        if it.day - timedelta(days=rule.days - 1) <= day:
            count += 1
    return count < rule.most


def one_call(rule: Rule, it: Case) -> bool | None:
    return not any(c["state"] in ("reserved", "ringing") and CLASS_OF[c["channel"]] == "call" for c in it.facts["contacts"])


def preference(rule: Rule, it: Case) -> bool | None:
    contact_class, place = CLASS_OF[it.intent["channel"]], it.intent["place"]
    for wish in it.facts["preferences"]:
        if (
            (not wish["weekdays"] or it.day.weekday() in wish["weekdays"])
            and wish["from_second"] <= it.second < wish["to_second"]
            and (not wish["classes"] or contact_class in wish["classes"])
            and (not wish["places"] or place in wish["places"])
        ):
            return False
    return True


def occasion(rule: Rule, it: Case) -> bool | None:
    contact_class = CLASS_OF[it.intent["channel"]]
    for noted in it.facts["occasions"]:
        inside = date.fromisoformat(noted["first"]) <= it.day <= date.fromisoformat(noted["last"])
        if inside and contact_class in OCCASION_BARS.get(noted["kind"], EVERY_CLASS):
            return False
    return True


def party(rule: Rule, it: Case) -> bool | None:
    roles = [loan["parties"].get(it.intent["person_id"]) if loan else None for loan in it.named]
    if any(role is not None and role not in ("borrower", "co_borrower", "guarantor") for role in roles):
        return False
    return None if None in roles else True


def number(rule: Rule, it: Case) -> bool | None:
    on_file = it.facts["numbers"].get(it.intent["number_key"])
    if on_file is None:
        return None
    if on_file["standing"] in ("invalid", "wrong"):
        return False
    return None if on_file["whose"] is None else on_file["whose"] == "own"


def consent(rule: Rule, it: Case) -> bool | None:
    made = [
        (instant(entry["at"]), not entry["given"])
        for entry in it.facts["consents"]
        if entry["channel"] == it.intent["channel"] and instant(entry["at"]) <= it.at
    ]
    return bool(made) and not max(made)[1]


def misses(rule: Rule, it: Case) -> bool | None:
    place, missed = it.intent["place"], it.facts["misses_in_succession"]
    if place in ("agreed", "branch"):
        return place == "branch" or there_may_be_an_agreed_place(it)
    if place is None or missed is None:
        return None
    return bool(missed >= rule.most)


def there_may_be_an_agreed_place(it: Case) -> bool:
    """Is it not known that no place was agreed?"""
    return it.facts["person"]["agreed_place"] is not False


def place_order(rule: Rule, it: Case) -> bool | None:
    place, not_found = it.intent["place"], it.facts["not_found"]
    if place in ("agreed", "branch"):
        return place == "branch" or there_may_be_an_agreed_place(it)
    if place is None:
        return None
    residence: bool | None = None
    if not_found.get("agreed", 0) >= 1 or it.facts["person"]["agreed_place"] is False:
        residence = True
    elif it.facts["person"]["agreed_place"] is True:
        residence = False
    if place == "workplace" and not_found.get("residence", 0) < 1:
        return False
    return residence


def certificate(rule: Rule, it: Case) -> bool | None:
    if not it.by_an_agent:
        return True
    span = (it.facts["agent"] or {}).get("certificate")
    if span is None:
        return None
    return date.fromisoformat(span["first"]) <= it.day <= date.fromisoformat(span["last"])


def antecedents(rule: Rule, it: Case) -> bool | None:
    if not it.by_an_agent:
        return True
    checked = (it.facts["agent"] or {}).get("antecedents_on")
    if checked is None:
        return None
    return 0 <= (it.day - date.fromisoformat(checked)).days <= rule.days


def agent_notice(rule: Rule, it: Case) -> bool | None:
    if not it.by_an_agent:
        return True
    papers = it.facts["agent"]
    if papers is None:
        return None
    begun = [instant(a["since"]) for a in papers["assignments"] if a["agent_id"] in it.agent_ids and instant(a["since"]) <= it.at]
    if not begun:
        return False
    return any(n["told_of"] in it.agent_ids and max(begun) < instant(n["at"]) < it.at for n in papers["notices"])


def assigned(rule: Rule, it: Case) -> bool | None:
    if not it.by_an_agent:
        return True
    papers = it.facts["agent"]
    if papers is None:
        return None
    return any(a["agent_id"] in it.agent_ids and active(it, a) for a in papers["assignments"])


def overdue(rule: Rule, it: Case) -> bool | None:
    paid = {(stop["scope"], stop["key"]) for stop in it.facts["stops"] if stop["event"] == "paid" and active(it, stop)}
    unknown = False
    for loan in it.named:
        if loan is None or loan["overdue_paise"] is None:
            unknown = True
        elif loan["overdue_paise"] > 0 and not paid & {("loan", loan["loan_id"]), ("person", it.intent["person_id"])}:
            return True
    return None if unknown else False


def due_soon(rule: Rule, it: Case) -> bool | None:
    unknown = False
    for loan in it.named:
        if loan is None or loan["overdue_paise"] is None or loan["next_due_on"] is None:
            unknown = True
        elif loan["overdue_paise"] <= 0 and 0 < (date.fromisoformat(loan["next_due_on"]) - it.day).days <= rule.days:
            return True
    return None if unknown else False


def wrote_within(it: Case, channel: str, seconds: int) -> bool:
    """Did the person write on the channel at most so many seconds before the instant, and not after it?"""
    wrote = it.facts["last_inbound"].get(channel)
    return wrote is not None and timedelta() <= it.at - instant(wrote) <= timedelta(seconds=seconds)


def session(rule: Rule, it: Case) -> bool | None:
    channel = it.intent["channel"]
    free_words = channel == "whatsapp" and it.intent["free_text"]
    if not free_words and it.intent["purpose"] != "session_answer":
        return True
    return wrote_within(it, channel, rule.first)


def under_session(rule: Rule, it: Case) -> bool:
    """Does a WhatsApp message pass because the person wrote on WhatsApp shortly before?"""
    return rule.first > 0 and it.intent["channel"] == "whatsapp" and wrote_within(it, "whatsapp", rule.first)


def template(rule: Rule, it: Case) -> bool | None:
    if under_session(rule, it):
        return True
    if it.intent["free_text"]:
        return False
    registered: bool | None = it.facts["template"]
    return registered


def tier(rule: Rule, it: Case) -> bool | None:
    if under_session(rule, it):
        return True
    if it.facts["tier_limit"] is None:
        return None
    persons = it.facts["tier_used"] + (0 if it.facts["in_tier_already"] else 1)
    return bool(persons <= it.facts["tier_limit"])


def no_offer(rule: Rule, it: Case) -> bool | None:
    offers = it.intent["offers"]
    return None if offers is None else not offers


def caller_id(rule: Rule, it: Case) -> bool | None:
    if it.intent["caller_hidden"]:
        return False
    dialled = it.intent["channel"] == "call" and it.intent["by_hand"]
    if not rule.series or dialled:
        return True
    series = it.intent["caller_series"]
    if series is None:
        return None
    return series.isascii() and series.isdigit() and int(series) in rule.series


def legal_language(rule: Rule, it: Case) -> bool | None:
    words = it.intent["legal_words"]
    if not words:
        return None if words is None else True
    if not it.intent["legal_approved"]:
        return False
    limits = [date.fromisoformat(loan["limitation_on"]) if loan and loan["limitation_on"] else None for loan in it.named]
    if any(limit is not None and it.day > limit for limit in limits):
        return False
    return None if None in limits else True


def demand(rule: Rule, it: Case) -> bool | None:
    if it.intent["amount_paise"] is None:
        return True
    total = 0
    for loan in it.named:
        if loan is None or loan["demand_paise"] is None:
            return None
        total += loan["demand_paise"]
    return bool(it.intent["amount_paise"] == total)


def book_age(rule: Rule, it: Case) -> bool | None:
    as_of = it.facts["book_as_of"]
    return None if as_of is None else (it.day - date.fromisoformat(as_of)).days <= rule.days


def permit_life(rule: Rule, it: Case) -> bool | None:
    return True


Answer = Callable[[Rule, Case], bool | None]
ANSWERS: dict[str, Answer] = {
    "hours": hours,
    "cap": cap,
    "one_call": one_call,
    "preference": preference,
    "occasion": occasion,
    "party": party,
    "number": number,
    "consent": consent,
    "misses": misses,
    "place_order": place_order,
    "certificate": certificate,
    "antecedents": antecedents,
    "agent_notice": agent_notice,
    "assigned": assigned,
    "overdue": overdue,
    "due_soon": due_soon,
    "session": session,
    "template": template,
    "tier": tier,
    "no_offer": no_offer,
    "caller_id": caller_id,
    "legal_language": legal_language,
    "demand": demand,
    "book_age": book_age,
    "permit_life": permit_life,
}
