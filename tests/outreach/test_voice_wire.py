"""What goes out to Exotel and Twilio, what each answer means, and callbacks that are not to be trusted."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.sending import SendState, outranked_by
from sulah.kernel.terms import Channel, ContactState
from sulah.outreach.channel import Fault, Heard, Message, NeverTaken, Report, Taken, Unknown, UnreadableReportError
from sulah.outreach.http import Call, Reply, Request
from sulah.outreach.sms.wire import UnsendableError
from sulah.outreach.voice import answers, exotel, twilio
from sulah.outreach.voice.calls import CallOutcome, CallReport
from sulah.outreach.voice.hook import hook_of
from sulah.outreach.voice.ivr import TRIES, Choice, Place, Script, Step, advance, begin
from sulah.outreach.voice.settings import settings_of
from tests.channels.voice_place import AGENT, BORROWER, CALLER, SECRETS, voice_toml

SETTINGS = settings_of(voice_toml(), SECRETS)
EXO, TWI = SETTINGS.provider("exo"), SETTINGS.provider("twi")
KEY = SECRETS["SULAH_TEST_HOOK"]
SEND = {"exo": (exotel.send_request, exotel.read_answer), "twi": (twilio.send_request, twilio.read_answer)}


def asked(name: str, channel: Channel, reference: str = "m-1", to: str = BORROWER, agent: str = AGENT) -> Request:
    """The request for a call."""
    person = channel is Channel.CALL
    message = Message(reference, to, "agent_call" if person else "due_ivr", (agent,) if person else ("1", "LN/1"))
    return SEND[name][0](SETTINGS, SETTINGS.provider(name), channel, message)


def form(request: Request) -> dict[str, str]:
    """What the form of a request holds."""
    return dict(parse_qsl(request.body.decode()))


def test_a_persons_call_by_exotel_rings_the_agent_first_and_is_recorded() -> None:
    request = asked("exo", Channel.CALL)
    told = form(request)
    assert request.path == "/v1/Accounts/kaveri1/Calls/connect.json"
    assert (told["From"], told["To"], told["CallerId"], told["Record"], told["TimeLimit"]) == (AGENT, BORROWER, CALLER, "true", "900")
    assert (told["CustomField"], "ref=m-1" in told["StatusCallback"]) == ("m-1", True)
    assert BORROWER not in repr(request)
    assert KEY not in repr(request)


def test_a_persons_call_by_twilio_dials_the_borrower_with_our_number_when_the_agent_answers() -> None:
    told = form(asked("twi", Channel.CALL))
    dial = ElementTree.fromstring(told["Twiml"]).find("Dial")
    assert dial is not None
    assert (told["To"], told["From"], dial.attrib["callerId"], dial.findtext("Number")) == (AGENT, CALLER, CALLER, BORROWER)
    assert dial.attrib["record"] == "record-from-answer-dual"


@pytest.mark.parametrize("name", ["exo", "twi"])
def test_an_automated_call_rings_the_borrower_only(name: str) -> None:
    told = form(asked(name, Channel.BOT_CALL))
    assert told["From" if name == "exo" else "To"] == BORROWER
    assert AGENT not in told.values()


@pytest.mark.parametrize("name", ["exo", "twi"])
@pytest.mark.parametrize(
    ("reference", "to", "agent"),
    [
        ("", BORROWER, AGENT),
        ("a b", BORROWER, AGENT),
        ("m\r\nX: y", BORROWER, AGENT),
        ("x" * 81, BORROWER, AGENT),
        ("m", "9812345678", AGENT),
        ("m", "+911601223001", AGENT),
        ("m", BORROWER, "the agent"),
        ("m", BORROWER, BORROWER),
    ],
)
def test_what_no_provider_would_take_is_not_asked(name: str, reference: str, to: str, agent: str) -> None:
    with pytest.raises(UnsendableError):
        asked(name, Channel.CALL, reference, to, agent)


@pytest.mark.parametrize(
    ("name", "reply", "sid"),
    [("exo", Reply(200, {}, b'{"Call": {"Sid": "80bfbec2"}}'), "80bfbec2"), ("twi", Reply(201, {}, b'{"sid": "CA12"}'), "CA12")],
)
def test_only_a_whole_success_is_taken(name: str, reply: Reply, sid: str) -> None:
    assert SEND[name][1](reply) == Taken(sid)


@pytest.mark.parametrize("name", ["exo", "twi"])
@pytest.mark.parametrize("status", [200, 201, 202, 301, 408, 409, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"Call": {}}', b'{"sid": ""}', b'{"sid": 5}', b"[" * 50_000])
def test_any_other_answer_may_have_rung(name: str, status: int, body: bytes) -> None:
    assert isinstance(SEND[name][1](Reply(status, {}, body)), Unknown)


@pytest.mark.parametrize(
    ("name", "status", "body", "fault"),
    [
        ("exo", 400, b'{"RestException": {"Message": "To is wrong"}}', Fault.MESSAGE),
        *[("exo", status, b"{}", Fault.ACCOUNT) for status in (401, 402, 403, 404)],
        ("twi", 400, b'{"code": 21211, "message": "The To number is not valid"}', Fault.MESSAGE),
        ("twi", 400, b'{"code": 21210, "message": "From not verified"}', Fault.ACCOUNT),
        ("twi", 401, b'{"code": 20003}', Fault.ACCOUNT),
        ("twi", 404, b"", Fault.ACCOUNT),
    ],
)
def test_a_documented_refusal_says_that_nothing_rang(name: str, status: int, body: bytes, fault: Fault) -> None:
    answer = SEND[name][1](Reply(status, {}, body))
    assert isinstance(answer, NeverTaken)
    assert answer.fault is fault


@pytest.mark.parametrize("name", ["exo", "twi"])
@pytest.mark.parametrize(("told", "seconds"), [("7", 7), ("999999", 3600), ("", 60), ("soon", 60), ("²", 60), ("9" * 5000, 60)])
def test_the_wait_that_is_asked_for_is_obeyed_within_an_hour(name: str, told: str, seconds: int) -> None:
    answer = SEND[name][1](Reply(429, {"retry-after": told}, b""))
    assert isinstance(answer, NeverTaken)
    assert (answer.fault, answer.retry_seconds) == (Fault.BUSY, seconds)


def terminal(**changes: Any) -> dict[str, Any]:
    """A terminal callback as "StatusCallback" of developer.exotel.com documents it, typed in by hand."""
    told = {
        "CallSid": "80bfbec2d78bbbf10fb851f4fa165211",
        "EventType": "terminal",
        "DateUpdated": "2026-11-23 10:00:45",
        "Status": "completed",
        "To": BORROWER,
        "From": AGENT,
        "ConversationDuration": 32,
        "RecordingUrl": "https://recordings.example/abc.mp3",
        "CustomField": "m-1",
        "Legs": [{"OnCallDuration": 41, "Status": "completed"}, {"OnCallDuration": 32, "Status": "completed"}],
    }
    return {**told, **changes}


def told_to_exotel(told: dict[str, Any], channel: str = "call", ref: str = "m-1") -> Call:
    """A status callback at our door, as JSON."""
    query = {"do": "status", "ch": channel, "ref": ref, "key": KEY}
    return Call("POST", query, {"content-type": "application/json"}, json.dumps(told).encode())


def read_exotel(told: dict[str, Any], channel: str = "call") -> CallReport:
    """The report in it."""
    (report,) = hook_of(SETTINGS, EXO).read(told_to_exotel(told, channel))
    assert isinstance(report, CallReport)
    return report


@pytest.mark.parametrize(
    ("status", "legs", "outcome"),
    [
        ("completed", ["completed", "completed"], CallOutcome.COMPLETED),
        ("completed", ["completed", "no-answer"], CallOutcome.NO_ANSWER),
        ("busy", ["completed", "busy"], CallOutcome.BUSY),
        ("no-answer", ["no-answer"], CallOutcome.NOT_DIALLED),
        ("failed", ["failed", "failed"], CallOutcome.NOT_DIALLED),
        ("completed", [], CallOutcome.COMPLETED),
        ("busy", [], CallOutcome.BUSY),
        ("completed", ["completed"], CallOutcome.COMPLETED),
    ],
)
def test_the_borrowers_leg_says_what_became_of_a_persons_call(status: str, legs: list[str], outcome: CallOutcome) -> None:
    report = read_exotel(terminal(Status=status, Legs=[{"Status": leg} for leg in legs]))
    assert (report.outcome, report.contact) == (outcome, outcome.contact)


def test_the_same_report_has_the_same_id_in_each_of_the_three_forms() -> None:
    told = terminal()
    plain = {name: str(value) for name, value in told.items() if name != "Legs"}
    lines = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in plain.items())
    query = {"do": "status", "ch": "call", "ref": "m-1"}
    calls = [
        Call("POST", query, {"content-type": "application/json"}, json.dumps(told).encode()),
        Call("POST", query, {"content-type": "multipart/form-data; boundary=b"}, f"{lines}--b--\r\n".encode()),
        Call("POST", query, {"content-type": "application/x-www-form-urlencoded"}, urlencode(plain).encode()),
    ]
    assert len({hook_of(SETTINGS, EXO).read(call)[0].event_id for call in calls}) == 1


@pytest.mark.parametrize(
    "changes",
    [{"Status": "gone"}, {"Status": ""}, {"CallSid": ""}, {"CallSid": "a b"}, {"CustomField": "m-2"}, {"Legs": [{"Status": "x"}]}],
)
def test_a_status_that_is_odd_or_names_two_messages_is_not_believed(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableReportError):
        read_exotel(terminal(**changes))


@pytest.mark.parametrize(
    "address", ["http://x.example/a.mp3", "javascript:alert(1)", "https://x/a b", "https://x.example/" + "a" * 500, ""]
)
def test_only_an_address_over_https_is_kept_as_a_recording(address: str) -> None:
    assert read_exotel(terminal(RecordingUrl=address)).recording == ""


@pytest.mark.parametrize(
    ("do", "told", "outcome"),
    [
        ("status", {"CallStatus": "in-progress"}, CallOutcome.UNDER_WAY),
        ("status", {"CallStatus": "completed", "CallDuration": "50"}, CallOutcome.UNDER_WAY),
        ("status", {"CallStatus": "no-answer"}, CallOutcome.NOT_DIALLED),
        ("status", {"CallStatus": "canceled"}, CallOutcome.NOT_DIALLED),
        ("dialled", {"CallStatus": "in-progress", "DialCallStatus": "completed", "DialCallDuration": "40"}, CallOutcome.COMPLETED),
        ("dialled", {"CallStatus": "in-progress", "DialCallStatus": "answered"}, CallOutcome.COMPLETED),
        ("dialled", {"CallStatus": "in-progress", "DialCallStatus": "busy"}, CallOutcome.BUSY),
        ("dialled", {"CallStatus": "completed", "DialCallStatus": "canceled"}, CallOutcome.NO_ANSWER),
    ],
)
def test_the_agents_telephone_says_nothing_of_the_borrowers(do: str, told: dict[str, str], outcome: CallOutcome) -> None:
    call = Call("POST", {"do": do, "ch": "call", "ref": "m-1"}, {}, urlencode({"CallSid": "CA1", **told}).encode())
    (report,) = hook_of(SETTINGS, TWI).read(call)
    assert isinstance(report, CallReport)
    assert report.outcome is outcome


def signed(query: str, told: dict[str, str], token: str = TWI.hook_secrets[0]) -> Call:
    """A request of Twilio's at our door, behind a proxy that calls us by another name."""
    mark = twilio.signature(token, f"{TWI.hook_address}?{query}", told)
    return Call(
        "POST",
        dict(parse_qsl(query)),
        {"x-twilio-signature": mark},
        urlencode(told).encode(),
        f"http://inside:8000/hooks/voice/twi?{query}",
    )


QUERY = "do=turn&ch=bot_call&ref=m-1&script=due_ivr&step=ask&tries=0"
TURN = {"CallSid": "CA1", "Digits": "1", "From": CALLER, "To": BORROWER}


def test_a_signature_holds_for_the_address_that_we_gave_out() -> None:
    hook = hook_of(SETTINGS, TWI)
    assert hook.genuine(signed(QUERY, TURN))
    assert not hook.genuine(signed(QUERY, TURN, "another-token-of-nobody"))
    assert not hook.genuine(Call("POST", {}, {}, b"", "http://inside/hooks/voice/twi"))


@given(st.sampled_from(["Digits", "To", "query"]), st.integers(1, 9))
def test_no_part_of_a_signed_request_can_be_changed(part: str, key: int) -> None:
    call = signed(QUERY, TURN)
    told, query = dict(TURN), QUERY
    if part == "query":
        query = QUERY.replace("tries=0", f"tries={key}")
    else:
        told[part] += str(key)
    changed = Call("POST", dict(parse_qsl(query)), call.headers, urlencode(told).encode(), f"http://inside/hooks/voice/twi?{query}")
    assert not hook_of(SETTINGS, TWI).genuine(changed)


@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1], KEY + "x"])
def test_a_wrong_secret_opens_no_door(key: str) -> None:
    hook = hook_of(SETTINGS, EXO)
    assert hook.genuine(Call("GET", {"key": KEY}, {}, b""))
    assert not hook.genuine(Call("GET", {"key": key}, {}, b""))


@pytest.mark.parametrize("number", ["09812345678", "9812345678", "919812345678", "+919812345678"])
def test_a_key_is_the_borrowers_however_the_number_is_written(number: str) -> None:
    query = {"do": "keys", "CallSid": "s1", "CallFrom": number, "CallTo": CALLER, "digits": '"1"', "CustomField": "m-1|due_ivr"}
    (heard,) = hook_of(SETTINGS, EXO).read(Call("GET", query, {}, b""))
    assert isinstance(heard, Heard)
    assert (heard.sender, heard.choice, heard.text, heard.answers) == (BORROWER, "paid", "1", "m-1")


@pytest.mark.parametrize("digits", ["", '""', '"7"', '"9"', '"abc"'])
def test_a_key_that_means_nothing_is_no_answer(digits: str) -> None:
    query = {"do": "keys", "CallSid": "s1", "CallFrom": BORROWER, "CallTo": CALLER, "digits": digits, "CustomField": "m-1|due_ivr"}
    assert hook_of(SETTINGS, EXO).read(Call("GET", query, {}, b"")) == ()


@pytest.mark.parametrize("name", ["exo", "twi"])
@given(
    st.dictionaries(
        st.sampled_from(["do", "ch", "ref", "CallSid", "CallFrom", "digits", "CustomField", "script", "step", "tries"]),
        st.text(max_size=30),
    ),
    st.sampled_from(["", "application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]),
    st.binary(max_size=300),
    st.sampled_from(["status", "dialled", "keys", "turn", "missed", "begin", "greeting"]),
)
def test_no_request_whatever_breaks_a_hook(name: str, query: dict[str, str], kind: str, body: bytes, do: str) -> None:
    hook = hook_of(SETTINGS, SETTINGS.provider(name))
    call = Call("POST", {**query, "do": do}, {"content-type": kind, "x-twilio-signature": "x"}, body, "http://inside/?do=%ff")
    hook.genuine(call)
    try:
        said = hook.read(call)
    except UnreadableReportError:
        return
    assert all(isinstance(one, Report | Heard) for one in said)


SCRIPT = SETTINGS.scripts["due_ivr"].spoken(("1,234.50", "LN/1"))


@given(st.lists(st.sampled_from(["", *"0123456789*#"]), max_size=12))
def test_every_call_comes_to_an_end_whatever_is_pressed(keys: list[str]) -> None:
    turn, asked_so_often = begin(SCRIPT), 1
    for key in [*keys, *[""] * (TRIES + 1)]:
        if turn.place is None:
            break
        turn = advance(SCRIPT, turn.place, key)
        asked_so_often += turn.place is not None
    assert turn.place is None
    assert asked_so_often <= 1 + TRIES


@pytest.mark.parametrize("tries", [-1, TRIES, TRIES + 1, 99])
def test_a_place_that_nobody_gave_out_ends_the_call(tries: int) -> None:
    assert advance(SCRIPT, Place("ask", tries), "").place is None
    assert advance(SCRIPT, Place("no-such-step"), "1").say == (SCRIPT.goodbye,)


@given(st.text(max_size=40).filter(lambda text: all(letter.isprintable() for letter in text)))
def test_no_words_break_out_of_the_document(words: str) -> None:
    turn = begin(Script(SCRIPT.template, words, (Step("ask", words, {"1": Choice("paid")}),), "a", "p", "g"))
    said = answers.twiml(turn, "hi", f"http://x/?a={words}&b=1", "+911", "+911")
    document = ElementTree.fromstring(said.text)
    assert [child.tag for child in document] == ["Gather"]
    assert [say.text or "" for say in document.iter("Say")] == [words, words]


def end_of(calls: list[Call], name: str) -> tuple[str, ContactState, int, str]:
    """Where a call ends by some callbacks, as outbox and contact take them: forward only, and what is forged or spoiled is not taken."""
    hook, attested, best = hook_of(SETTINGS, SETTINGS.provider(name)), SendState.SENDING, None
    for call in calls:
        if not hook.genuine(call):
            continue
        try:
            said = hook.read(call)
        except UnreadableReportError:
            continue
        for one in said:
            if isinstance(one, CallReport) and attested in outranked_by(one.attested):
                attested, best = one.attested, one
    assert best is not None
    return best.outcome.value, best.contact, best.seconds, best.recording


def stream_of(name: str) -> list[Call]:
    """All that a provider tells of one answered call, in its order."""
    if name == "exo":
        told = [terminal(EventType="answered", Status="in-progress", Legs=[]), terminal()]
        return [told_to_exotel(one) for one in told]
    base = {"CallSid": "CA1", "From": CALLER, "To": AGENT}
    parent = "do=status&ch=call&ref=m-1"
    over = {"DialCallStatus": "completed", "DialCallDuration": "32", "RecordingUrl": "https://api.twilio.com/r/1"}
    return [
        signed(parent, {**base, "CallStatus": "in-progress"}),
        signed("do=dialled&ch=call&ref=m-1", {**base, "CallStatus": "in-progress", **over}),
        signed(parent, {**base, "CallStatus": "completed", "CallDuration": "40"}),
    ]


def spoiled(call: Call) -> Call:
    """The same, cut in the middle."""
    return replace(call, body=call.body[: len(call.body) // 2])


def forged(call: Call) -> Call:
    """The same by somebody who has no secret, and with another end."""
    told = call.body.replace(b"completed", b"no-answer")
    return replace(call, query={**call.query, "key": "not-the-secret"}, headers={**call.headers, "x-twilio-signature": "AAAA"}, body=told)


@pytest.mark.parametrize("name", ["exo", "twi"])
@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 9), max_size=12), st.booleans())
def test_the_end_of_a_call_does_not_depend_on_order_repetition_or_forgery(name: str, draw: Any, more: list[int], bad: bool) -> None:
    stream = stream_of(name)
    told = [*stream, *(stream[place % len(stream)] for place in more)]
    told += [made(call) for call in stream for made in (spoiled, forged)] if bad else []
    draw.shuffle(told)
    assert end_of(told, name) == end_of(stream, name)
    assert end_of(told, name)[1] is ContactState.CONNECTED


def test_a_call_that_is_not_over_may_connect_yet() -> None:
    assert CallOutcome.UNDER_WAY.contact.may_have_connected
    assert not any(outcome.contact.may_have_connected for outcome in (CallOutcome.BUSY, CallOutcome.NOT_DIALLED))
    assert CallOutcome.COMPLETED.contact is ContactState.CONNECTED
