"""Intents and facts as plain JSON and back; a damaged record is refused."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sulah.guard.facts import Facts
from sulah.guard.intent import Intent, Override
from sulah.guard.plain import Written, canonical, digest
from sulah.kernel.terms import Channel, Role
from tests.guard.paper import NOON, facts, intent
from tests.guard.wild import Wild


def test_what_is_written_down_is_read_back() -> None:
    """Every kind of fact and intent, by way of JSON text."""
    for wanted, known in Wild(11, NOON).people("p", 40):
        assert Facts.from_plain(json.loads(json.dumps(known.to_plain()))) == known
        assert Intent.from_plain(json.loads(json.dumps(wanted.to_plain()))) == wanted
    lifting = intent(overrides=(Override("a", Role.LEGAL, "u", "why"),))
    assert Intent.from_plain(lifting.to_plain()) == lifting


@pytest.mark.parametrize(
    "damage",
    [
        {"channel": "pigeon"},
        {"purpose": None},
        {"at": "yesterday"},
        {"free_text": "no"},
        {"amount_paise": "5"},
        {"loan_ids": [7]},
        {"place": "moon"},
        {"place": "residence"},
        {"loan_ids": ["L1", "L1"]},
        {"extra": 1},
    ],
)
def test_a_damaged_intent_is_refused(damage: dict[str, Any]) -> None:
    """A strange term, a wrong kind, a field too many."""
    with pytest.raises((ValueError, TypeError)):
        Intent.from_plain({**intent().to_plain(), **damage})


def test_a_record_with_a_field_missing_is_refused() -> None:
    """It says which fields there must be."""
    written = facts().to_plain()
    del written["stops"]
    with pytest.raises(ValueError, match="no whole record of Facts"):
        Facts.from_plain(written)
    with pytest.raises(ValueError, match="no whole record"):
        Facts.from_plain(["p1"])  # type: ignore[arg-type]


def test_the_canonical_text_is_that_of_sorted_json() -> None:
    """Texts are escaped, dates and instants written out, sets and strange values refused."""
    value = {
        "b": ('q"uote\n', True, None, -5),
        "a": {"ü": Channel.SMS, "d": date(2026, 1, 2), "t": datetime(2026, 1, 2, tzinfo=UTC)},
        "l": [1],
    }
    text = canonical(value)
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert json.loads(text)["a"] == {"d": "2026-01-02", "t": "2026-01-02T00:00:00.000000+00:00", "ü": "sms"}
    assert canonical(Written("[1]")) == "[1]"
    with pytest.raises(TypeError, match="set cannot be written"):
        canonical({1})


def test_the_same_facts_have_the_same_digest_whatever_the_order_of_their_keys() -> None:
    """And other facts another."""
    one = facts(last_inbound={Channel.SMS: NOON, Channel.EMAIL: NOON})
    other = facts(last_inbound={Channel.EMAIL: NOON, Channel.SMS: NOON})
    assert one.digest() == other.digest() == digest(one)
    assert one.digest() != facts().digest()
