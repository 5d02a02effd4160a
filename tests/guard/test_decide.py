"""Permits and refusals: overrides, ends of permits, next lawful times, canonical bytes, words, and what is allowed now."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sulah.guard.allowed import allowed_now
from sulah.guard.decide import decide
from sulah.guard.facts import Agent, Assignment, Consent, Facts, Notice, Number, Occasion, Person, Preference, Span, Standing, Stop, Whose
from sulah.guard.intent import Intent, Override
from sulah.guard.verdict import Answer, Permit, Refusal
from sulah.guard.words import explain
from sulah.kernel.terms import Channel, ContactState, Party, Place, Purpose, Role, StopEvent, StopScope
from tests.guard.paper import DAY, MICROSECOND, NOON, SECOND, book, contact, facts, intent, ist, occasion_row, rule, shipped, stop_row

ALL_DAY = rule("permit_life", rule_id="life", most=86_400)


def until(*rows: dict[str, object], known: Facts | None = None, wanted: Intent | None = None, **books: object) -> object:
    """When a permit of noon ends."""
    decision = decide(wanted or intent(), known or facts(), book(ALL_DAY, *rows, **books))  # type: ignore[arg-type]
    assert isinstance(decision, Permit), decision.refusing
    return decision.until


def test_every_rule_asked_is_in_the_answer() -> None:
    """With yes, no, warning or note; citation and version come with the rule; in the order of their ids."""
    rows = (
        rule("overdue", rule_id="C"),
        rule("cap", rule_id="B", most=0, severity="warn"),
        rule("cap", rule_id="A", most=0, severity="log"),
    )
    decision = decide(intent(), facts(), book(*rows, rule("hours", rule_id="D", first=1, last=2, version=3, citation="RBI")))
    assert [(one.rule.rule_id, one.answer.value) for one in decision.verdicts] == [("A", "log"), ("B", "warn"), ("C", "yes"), ("D", "no")]
    assert decision.asked == ("A", "B", "C", "D")
    assert decision.refusing == ("D",)
    assert (decision.verdicts[3].rule.version, decision.verdicts[3].rule.citation) == (3, "RBI")


def test_the_strictest_of_two_rules_wins() -> None:
    """Both windows must be open; every one that is not says so."""
    rules = book(rule("hours", rule_id="wide", first=28_800, last=68_400), rule("hours", rule_id="narrow", first=32_400, last=64_800))
    assert decide(intent(ist("2026-11-24 18:30:00")), facts(), rules).refusing == ("narrow",)
    assert decide(intent(ist("2026-11-24 19:00:00")), facts(), rules).refusing == ("narrow", "wide")
    assert decide(intent(ist("2026-11-24 17:59:59")), facts(), rules).permitted


def test_warnings_and_notes_do_not_refuse() -> None:
    """A permit can carry them."""
    decision = decide(intent(), facts(), book(rule("cap", most=0, severity="warn"), rule("cap", rule_id="b", most=0, severity="log")))
    assert decision.permitted
    assert {one.answer for one in decision.verdicts} == {Answer.WARN, Answer.LOG}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("allowed", ["nobody", "supervisor", "compliance", "legal"])
def test_an_override_lifts_only_what_its_role_may_lift(allowed: str, role: Role) -> None:
    """The one role that the row names, for the one rule that the override names."""
    rules = book(rule("cap", most=0, override_by=allowed), rule("overdue"))
    lifting = intent(overrides=(Override("cap", role, "u-7", "the person asked for the call"),))
    decision = decide(lifting, facts(), rules)
    assert decision.permitted is (role.value == allowed)
    assert decision.verdicts[0].answer is (Answer.LIFTED if role.value == allowed else Answer.NO)
    assert not decide(replace(lifting, overrides=(replace(lifting.overrides[0], rule_id="overdue"),)), facts(), rules).permitted


def test_an_override_lifts_one_rule_and_no_stop() -> None:
    """Another rule of the same kind still refuses; a stop is lifted by lifting the stop."""
    every = tuple(Override(name, Role.SUPERVISOR, "u-7", "asked for") for name in ("a", "dispute-person"))
    rules = book(rule("cap", rule_id="a", most=0, override_by="supervisor"), rule("cap", rule_id="b", most=0, override_by="supervisor"))
    assert decide(intent(overrides=every), facts(), rules).refusing == ("b",)
    stop = Stop(StopEvent.DISPUTE, StopScope.PERSON, "p1", NOON)
    assert not decide(intent(overrides=every), facts(stops=(stop,)), book(stops=(stop_row("dispute", "person"),))).permitted


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_an_override_needs_a_reason(reason: str) -> None:
    """Without one it is none."""
    with pytest.raises(ValueError, match="needs a reason"):
        Override("cap", Role.SUPERVISOR, "u-7", reason)


def test_an_intent_needs_a_time_zone_and_its_own_persons_facts() -> None:
    """Code that mixes persons up must not decide."""
    with pytest.raises(ValueError, match="time zone"):
        intent(NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="the facts are of p2"):
        decide(intent(), facts(person=Person("p2")), book())


@pytest.mark.parametrize(
    ("rows", "known", "end"),
    [
        ((rule("hours", first=32_400, last=64_800),), facts(), "18:00:00"),
        ((rule("hours", first=32_400, last=64_800), rule("permit_life", rule_id="short", most=300)), facts(), "12:05:00"),
        ((rule("preference"),), facts(preferences=(Preference(from_second=50_400),)), "14:00:00"),
        ((rule("overdue"),), facts(stops=(Stop(StopEvent.PAID, StopScope.LOAN, "L1", NOON + SECOND),)), "12:00:01"),
        (
            (rule("consent"),),
            facts(consents=(Consent(Channel.CALL, True, NOON), Consent(Channel.CALL, False, NOON + MICROSECOND))),
            "12:00:00.000001",
        ),
    ],
)
def test_a_permit_ends_when_a_rule_would_refuse(rows: tuple[dict[str, object], ...], known: Facts, end: str) -> None:
    """Hours, life, a wish, a payment, a withdrawal known to come: the earliest of them."""
    assert until(*rows, known=known) == ist(f"2026-11-24 {end}")


def test_a_permit_ends_at_midnight_with_what_is_counted_in_days() -> None:
    """The last day of a certificate, of the words of law, of a row; the first of an occasion."""
    today, midnight = date(2026, 11, 24), ist("2026-11-25 00:00:00")
    agent = Agent("a1", None, Span(today, today), antecedents_on=today - 9 * DAY)
    assert until(rule("certificate"), wanted=intent(agent_id="a1"), known=facts(agent=agent)) == midnight
    assert until(rule("antecedents", days=9), wanted=intent(agent_id="a1"), known=facts(agent=agent)) == midnight
    assert until(rule("book_age", days=1)) == midnight
    wake = facts(occasions=(Occasion("bereavement", "person", today + DAY, today + DAY),))
    assert until(rule("occasion"), known=wake, occasions=(occasion_row("bereavement"),)) == midnight
    assert until(rule("hours", effective_from=today + DAY)) == midnight


def test_a_permit_ends_with_the_session_the_assignment_and_the_notice() -> None:
    """A session's last microsecond is inside it; a new assignment makes the notice old."""
    known = facts(last_inbound={Channel.WHATSAPP: NOON - timedelta(hours=20)})
    writing = intent(channel=Channel.WHATSAPP, free_text=True)
    assert until(rule("session", first=86_400), wanted=writing, known=known) == NOON + timedelta(hours=4) + MICROSECOND
    assigned = (Assignment("a1", NOON - DAY, NOON + SECOND), Assignment("a1", NOON + SECOND))
    agent = Agent("a1", None, notices=(Notice("a1", NOON - SECOND),), assignments=assigned)
    assert until(rule("assigned"), wanted=intent(agent_id="a1"), known=facts(agent=agent)) == NOON + DAY
    assert until(rule("agent_notice"), wanted=intent(agent_id="a1"), known=facts(agent=agent)) == NOON + SECOND


def test_a_permit_lives_a_day_at_most_without_a_rule_about_it() -> None:
    """So that no permit lives for ever."""
    decision = decide(intent(), facts(), book())
    assert isinstance(decision, Permit)
    assert (decision.valid_from, decision.until) == (NOON, NOON + DAY)


def test_the_next_lawful_time_satisfies_every_rule() -> None:
    """A full week's cap frees on Sunday, on which nobody is called; so Monday at nine."""
    rows = (
        rule("cap", most=1, days=7),
        rule("hours", first=32_400, last=64_800),
        rule("hours", rule_id="sun", weekdays="sun", first=0, last=0),
    )
    known = facts(contacts=(contact(ist("2026-11-22 10:00:00")),))
    decision = decide(intent(), known, book(*rows))
    assert isinstance(decision, Refusal)
    assert (decision.next_lawful_at, decision.not_by_waiting) == (ist("2026-11-30 09:00:00"), ())


def test_rules_that_waiting_cannot_satisfy_are_named() -> None:
    """The cap frees tomorrow, the party does not change."""
    known = facts(contacts=(contact(NOON),), loans=(replace(facts().loans[0], parties={"p1": Party.REFERENCE}),))
    decision = decide(intent(), known, book(rule("cap", most=1, days=1), rule("party")))
    assert isinstance(decision, Refusal)
    assert (decision.next_lawful_at, decision.not_by_waiting) == (None, ("party",))


def test_a_time_beyond_sixty_days_is_none() -> None:
    """Exactly sixty days is inside."""

    def ending(at: object) -> object:
        stop = Stop(StopEvent.DISPUTE, StopScope.PERSON, "p1", NOON, at)  # type: ignore[arg-type]
        decision = decide(intent(), facts(stops=(stop,)), book(stops=(stop_row("dispute", "person"),)))
        assert isinstance(decision, Refusal)
        return decision.next_lawful_at, decision.not_by_waiting

    assert ending(NOON + 60 * DAY) == (NOON + 60 * DAY, ())
    assert ending(NOON + 60 * DAY + MICROSECOND) == (None, ("dispute-person",))


def test_a_rule_that_becomes_hopeless_while_waiting_is_named() -> None:
    """Tomorrow the hours are open, but the book is then too old."""
    decision = decide(intent(ist("2026-11-24 20:00:00")), facts(), book(rule("hours", first=32_400, last=64_800), rule("book_age", days=1)))
    assert isinstance(decision, Refusal)
    assert (decision.next_lawful_at, decision.not_by_waiting) == (None, ("book_age",))


def test_the_canonical_text_is_plain_and_complete() -> None:
    """Sorted keys, integers, instants in UTC to the microsecond; the digest is of that text."""
    permit = decide(intent(), facts(), shipped_like())
    written = json.loads(permit.canonical)
    assert written == permit.to_plain()
    assert json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":")) == permit.canonical
    assert written["outcome"] == "permit"
    assert (written["from"], written["until"]) == ("2026-11-24T06:30:00.000000+00:00", "2026-11-24T12:30:00.000000+00:00")
    assert written["facts_digest"] == facts().digest()
    assert len(permit.sha256) == 64
    refusal = decide(intent(ist("2026-11-24 18:00:00")), facts(), shipped_like())
    written = json.loads(refusal.canonical)
    assert (written["outcome"], written["next_lawful_at"]) == ("refusal", "2026-11-25T03:30:00.000000+00:00")
    assert written["verdicts"][0]["again_at"] == "2026-11-25T03:30:00.000000+00:00"


def shipped_like() -> object:
    """One rule of hours."""
    return book(rule("hours", first=32_400, last=64_800))


def test_a_refusal_is_explained_from_its_verdicts() -> None:
    """Each rule that said no in a sentence with its source, and when to try again."""
    rows = (
        rule("hours", rule_id="HRS", first=32_400, last=64_800, citation="MF Directions 2022"),
        rule("cap", rule_id="WARN", most=0, days=7, severity="warn"),
        rule("cap", rule_id="LOG", most=0, days=1, severity="log", counts="connects"),
        rule("overdue", rule_id="OWED"),
    )
    late = ist("2026-11-24 18:00:00")
    pooled = "over all loans, channels, agents and agencies together."
    assert explain(decide(intent(late), facts(), book(*rows))) == (
        "Refused. It may be tried again from 09:00:00 on 25 Nov 2026.",
        "Such contact is made between 09:00 and 18:00 only; 18:00 itself is outside. (HRS: MF Directions 2022)",
        f"Noted, not a refusal: The limit is reached: 0 contacts that reached the person or may have in 1 day, {pooled} (LOG)",
        f"Warning, not a refusal: The limit is reached: 0 contacts tried in 7 days, {pooled} (WARN)",
    )


def test_a_window_that_never_opens_is_told_as_such() -> None:
    refusal = decide(intent(), facts(), book(rule("hours", first=0, last=0)))
    assert explain(refusal)[1] == "This purpose does not go by this channel at any hour. (hours)"


def test_a_permit_an_unknown_and_a_lifted_rule_are_explained() -> None:
    """And a refusal that waiting does not mend."""
    lifted = intent(overrides=(Override("cap", Role.LEGAL, "u-1", "court asked"),))
    permit = decide(lifted, facts(), book(rule("cap", most=0, days=1, override_by="legal"), rule("permit_life", most=300)))
    head, line = explain(permit)
    assert head == "Permitted until 12:05:00 on 24 Nov 2026."
    assert line.startswith("Set aside for this contact with a reason on record: ")
    head, line = explain(decide(intent(offers=None), facts(), book(rule("no_offer"))))
    assert head == "Refused. Waiting alone does not help."
    assert line.startswith("Something that this rule needs is not known. ")
    with pytest.raises(ValueError, match="explained in en"):
        explain(permit, "xx")


def test_every_predicate_but_a_permits_life_has_words() -> None:
    """A rule of each, made to refuse or to warn, is explained without a hole."""
    from sulah.guard.rule import Predicate
    from sulah.guard.words import _NO

    assert set(_NO["en"]) == set(Predicate) - {Predicate.PERMIT_LIFE}
    stop = Stop(StopEvent.WRONG_NUMBER, StopScope.NUMBER, "n1", NOON)
    refusal = decide(intent(), facts(stops=(stop,)), book(stops=(stop_row("wrong_number", "number"),)))
    assert explain(refusal)[1] == "Contact is stopped: wrong number, for the number. (wrong_number-number)"


def test_what_is_allowed_now_is_decided_for_every_channel_and_purpose() -> None:
    """By the person's own good number, at the agreed place; with until or from when."""
    numbers = {"n0": Number(Whose.OWN, Standing.WRONG), "n1": Number(Whose.OWN, Standing.UNKNOWN), "a": Number(Whose.FAMILY, Standing.GOOD)}
    rules = book(rule("number"), rule("hours", first=32_400, last=64_800, channels="call visit"), rule("place_order", channels="visit"))
    allowed = allowed_now(facts(numbers=numbers), rules, NOON, "1600")
    assert len(allowed) == len(Channel) * len(Purpose)
    assert all(one.decision.permitted for one in allowed)
    assert {one.turns_at for one in allowed if one.channel is Channel.CALL} == {ist("2026-11-24 18:00:00")}
    visits = [one.decision.intent for one in allowed if one.channel is Channel.VISIT]
    assert {(one.place, one.number_key) for one in visits} == {(Place.AGREED, None)}
    late = allowed_now(facts(numbers=numbers), rules, ist("2026-11-24 20:00:00"))
    assert {one.turns_at for one in late if one.channel is Channel.CALL} == {ist("2026-11-25 09:00:00")}


def test_what_is_allowed_without_a_number_or_an_agreed_place() -> None:
    """Nobody's number is guessed; the home is asked about."""
    known = facts(numbers={}, person=Person("p1", agreed_place=False))
    allowed = allowed_now(known, book(rule("number")), NOON)
    assert not any(one.decision.permitted for one in allowed if one.channel is Channel.SMS)
    assert {one.decision.intent.place for one in allowed if one.channel is Channel.VISIT} == {Place.RESIDENCE}
    bad = facts(numbers={"n0": Number(Whose.OWN, Standing.WRONG)})
    assert {one.decision.intent.number_key for one in allowed_now(bad, book(), NOON) if one.channel is Channel.SMS} == {"n0"}


def test_the_shipped_rules_permit_and_refuse_what_the_issue_asks() -> None:
    """A call on a microfinance loan at 17:59:59 is permitted; at 18:00:00, 18:30 and 19:00:00 it is refused with its citation."""
    known = facts(contacts=(contact(NOON - 3 * DAY, state=ContactState.CONNECTED),))
    assert decide(intent(ist("2026-11-24 17:59:59")), known, shipped()).permitted
    for clock in ("18:00:00", "18:30:00", "19:00:00"):
        refusal = decide(intent(ist(f"2026-11-24 {clock}")), known, shipped())
        assert "HRS-MFL" in refusal.refusing
        assert any("Microfinance Directions 2022" in line for line in explain(refusal))
        assert isinstance(refusal, Refusal)
        assert refusal.next_lawful_at == ist("2026-11-25 09:00:00")
