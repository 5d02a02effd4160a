"""What is asked on behalf of the page of a person: the plainest contact, and an honest one."""

from sulah.guard.allowed import allowed_now
from sulah.guard.facts import Number, Standing, Whose
from sulah.kernel.terms import Channel, Place
from tests.guard.paper import NOON, book, facts, loan


def test_the_contact_asked_about_is_plain_and_honest() -> None:
    """Open loans, the first own number that reaches, no offer, no words of law."""
    numbers = {
        "n0": Number(Whose.FAMILY, Standing.GOOD),
        "n1": Number(Whose.OWN, Standing.INVALID),
        "n2": Number(Whose.OWN, Standing.WRONG),
        "n3": Number(Whose.OWN, Standing.UNKNOWN),
        "n4": Number(Whose.OWN, Standing.GOOD),
    }
    known = facts(numbers=numbers, loans=(loan("L1"), loan("L2", open=False)))
    asked = {one.channel: one.decision.intent for one in allowed_now(known, book(), NOON, "1600")}
    for intent in asked.values():
        assert (intent.at, intent.loan_ids, intent.offers, intent.legal_words, intent.caller_series) == (
            NOON,
            ("L1",),
            False,
            False,
            "1600",
        )
    assert [channel for channel, intent in asked.items() if intent.number_key == "n3"] == [
        *(Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.CALL, Channel.BOT_CALL),
    ]
    assert {channel: intent.place for channel, intent in asked.items() if intent.place} == dict.fromkeys(
        (Channel.VISIT, Channel.MEETING), Place.AGREED
    )
