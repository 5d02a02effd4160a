"""[voice] of lender.toml: whole it is read, half of it refuses to start and says which line to mend."""

import copy
from typing import Any

import pytest

from sulah.outreach.voice.settings import VoiceSettingsError, settings_of
from tests.channels.voice_place import SECRETS, voice_toml

WHOLE: dict[str, Any] = voice_toml()


def changed(*path: str | int, to: object = None) -> dict[str, Any]:
    """The settings with one value changed, or taken away."""
    made = copy.deepcopy(WHOLE)
    place: Any = made["voice"]
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return made


def test_the_whole_settings_are_read_in_the_order_of_choice() -> None:
    read = settings_of(WHOLE, SECRETS)
    assert [provider.name for provider in read.providers] == ["exo", "twi"]
    assert read.provider("exo").caller_id.series == "1601"
    assert read.provider("twi").hook_secrets == (SECRETS["SULAH_TEST_TOKEN"],)
    assert (read.provider("exo").tariffs[0].paise_per_pulse, list(read.scripts)) == (45, ["due_ivr"])


def test_no_secret_is_shown_where_settings_are_shown() -> None:
    shown = repr(settings_of(WHOLE, SECRETS))
    assert not any(secret in shown for secret in SECRETS.values())


def test_both_secrets_hold_while_one_changes() -> None:
    given = changed("provider", 1, "former_token_from", to="OLD")
    read = settings_of(given, {**SECRETS, "OLD": "an-older-simulated-token"})
    assert read.provider("twi").hook_secrets == (SECRETS["SULAH_TEST_TOKEN"], "an-older-simulated-token")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Calls are not set up"),
        (changed("hook_address"), "hook_address"),
        (changed("hook_address", to="http://collect.example/hooks/voice"), "https://YOUR-HOST"),
        (changed("record"), "record = true"),
        (changed("record", to=False), "record = true"),
        (changed("person_number"), "person_number"),
        (changed("caller_id"), r"at least one \[\[voice.caller_id\]\]"),
        (changed("caller_id", 0, "number", to="9812345678"), r"\+91 and ten digits"),
        (changed("caller_id", 0, "series", to="1400"), "1600 or 1601"),
        (changed("caller_id", 0, "series", to="1600"), "not of the series 1600"),
        (changed("caller_id", 0, "number", to="+919812345678"), "not of the series"),
        (changed("caller_id", 0, "registered_on"), "registered_on"),
        (changed("provider"), r"at least one \[\[voice.provider\]\]"),
        (changed("provider", 0, "kind", to="plivo"), "exotel, twilio"),
        (changed("provider", 0, "address", to="http://api.exotel.example"), "https://HOST"),
        (changed("provider", 0, "caller_id", to=""), "Hidden is no choice"),
        (changed("provider", 0, "caller_id", to="+911601999999"), "no .*registers"),
        (changed("provider", 0, "account", to=""), "SID"),
        (changed("provider", 0, "key_from"), "needs key_from"),
        (changed("provider", 0, "token_from"), "needs token_from"),
        (changed("provider", 0, "hook_secret_from"), "needs hook_secret_from"),
        (changed("provider", 0, "token", to="abc"), "no secret belongs in a file"),
        (changed("provider", 0, "flow"), "needs flow"),
        (changed("provider", 1, "name", to="exo"), "two"),
        (changed("provider", 0, "answer_seconds", to=0), "from 1 to"),
        (changed("time_limit_seconds", to=14_401), "from 1 to 14400"),
        (changed("ring_seconds", to=61), "from 1 to 60"),
        (changed("provider", 0, "tariff", 0, "citation"), "citation"),
        (changed("provider", 0, "tariff", 0, "verify"), "verify"),
        (changed("provider", 0, "tariff", 0, "pulse_seconds", to=0), "pulse_seconds"),
        (changed("script", 0, "opening"), "needs opening"),
        (changed("script", 0, "opening", to="Rs {#var#}"), "needs opening"),
        (changed("script", 0, "goodbye"), "needs goodbye"),
        (changed("script", 0, "person"), "needs person"),
        (changed("script", 0, "legal_words"), "legal_words"),
        (changed("script", 0, "purposes", to=[]), "purposes"),
        (changed("script", 0, "step"), "at least one"),
        (changed("script", 0, "step", 0, "variables", to=["amount:amount"]), "not as many variables"),
        (changed("script", 0, "step", 0, "variables", to=["amount:amount", "loan:words"]), "name:kind"),
        (changed("script", 0, "step", 0, "choices"), "choices"),
        (changed("script", 0, "step", 0, "choices", to={"0": "paid"}), "keys 1 to 8"),
        (changed("script", 0, "step", 0, "choices", to={"9": "paid"}), "keys 1 to 8"),
        (changed("script", 0, "step", 0, "choices", to={"1": "paid>nowhere"}), "nowhere"),
        (changed("script", 0, "step", 0, "choices", to={"1": "paid>ask"}), "circle"),
        (changed("script", 0, "name", to="x" * 41), "small letters"),
    ],
)
def test_half_a_setting_refuses_to_start(given: dict[str, Any], words: str) -> None:
    with pytest.raises(VoiceSettingsError, match=words):
        settings_of(given, SECRETS)


@pytest.mark.parametrize("missing", list(SECRETS))
def test_a_secret_that_is_not_in_the_environment_refuses_to_start(missing: str) -> None:
    with pytest.raises(VoiceSettingsError, match=f"{missing}.*is not set"):
        settings_of(WHOLE, {name: value for name, value in SECRETS.items() if name != missing})


def test_a_short_secret_of_callbacks_refuses_to_start() -> None:
    with pytest.raises(VoiceSettingsError, match="shorter than 16"):
        settings_of(WHOLE, {**SECRETS, "SULAH_TEST_HOOK": "fifteen-letters"})


def test_a_script_of_several_steps_needs_a_provider_that_plays_them() -> None:
    steps = [*WHOLE["voice"]["script"][0]["step"], {"name": "when", "text": "Press 1 for this week.", "choices": {"1": "promise"}}]
    with pytest.raises(VoiceSettingsError, match="several steps"):
        settings_of(changed("script", 0, "step", to=steps), SECRETS)
    only_twilio = changed("script", 0, "step", to=steps)
    del only_twilio["voice"]["provider"][0]
    assert len(settings_of(only_twilio, SECRETS).scripts["due_ivr"].steps) == 2


def test_every_call_shows_one_series_whoever_puts_it_through() -> None:
    assert settings_of(WHOLE, SECRETS).series == "1601"
    two = changed(
        "caller_id", to=[*WHOLE["voice"]["caller_id"], {**WHOLE["voice"]["caller_id"][0], "number": "+911600223001", "series": "1600"}]
    )
    two["voice"]["provider"][1]["caller_id"] = "+911600223001"
    with pytest.raises(VoiceSettingsError, match="two series"):
        settings_of(two, SECRETS)


@pytest.mark.parametrize("name", ["provider", "script"])
def test_a_name_that_nobody_set_up_is_refused(name: str) -> None:
    with pytest.raises(VoiceSettingsError, match="called nobody"):
        getattr(settings_of(WHOLE, SECRETS), name)("nobody")
