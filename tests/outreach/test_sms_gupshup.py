"""Gupshup's wire format: what goes out, what each answer means, and callbacks that are not to be trusted."""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.sending import SendState
from sulah.outreach.channel import Fault, Heard, HeardKind, NeverTaken, Report, Taken, Unknown, UnreadableReportError
from sulah.outreach.http import Call, Reply
from sulah.outreach.sms.gupshup import MOST_EVENTS, GupshupHook, read_answer, send_request
from sulah.outreach.sms.wire import UnsendableError
from tests.channels.gupshup_place import settings
from tests.channels.smsc_place import message
from tests.outbox.place import HOOK, KEY

SETTINGS = settings(1)
THEIRS = "3562707498794989059-328736121207676738"
TAKEN = {"response": {"id": THEIRS, "phone": "919812345671", "details": "", "status": "success"}}
REPORT = {
    "externalId": THEIRS,
    "deliveredTS": "1526347800000",
    "status": "SUCCESS",
    "cause": "SUCCESS",
    "phoneNo": "919812345671",
    "errCode": "000",
    "noOfFrags": "1",
    "mask": "KAVERI",
}
EVENT: dict[str, Any] = {"externalId": THEIRS, "eventType": "FAILED", "eventTs": 1526347800000, "destAddr": 919812345671}
EVENT |= {"srcAddr": "KAVERI", "cause": "UNKNOWN_SUBSCRIBER", "errCode": "003", "channel": "SMS", "noOfFrags": 1}
SAID = {"phonecode": "9220092200", "keyword": "Test", "location": "Mumbai", "carrier": "Vodafone", "content": "Test 5 tareekh ko 500"}
SAID |= {"msisdn": "9812348765", "timestamp": "1526347800000"}


def sent(template: str = "due", to: str = "+919812345671") -> Any:
    """The request for a message."""
    return send_request(SETTINGS.provider("one"), SETTINGS.entity_id, SETTINGS.template(template), message(template=template, to=to))


def got(query: dict[str, str], method: str = "GET", body: bytes = b"") -> tuple[Report | Heard, ...]:
    """What a callback says."""
    return GupshupHook(SETTINGS.provider("one")).read(Call(method, query, {}, body))


def said(body: str, status: int = 200) -> Any:
    """What an answer means."""
    return read_answer(Reply(status, {}, body.encode()))


def test_a_message_goes_out_as_the_gateway_documents_it() -> None:
    request = sent()
    assert (request.method, request.path) == ("POST", "/GatewayAPI/rest")
    assert {name: values[0] for name, values in parse_qs(request.body.decode()).items()} == {
        "method": "SendMessage",
        "userid": "2000190001",
        "password": KEY,
        "auth_scheme": "plain",
        "v": "1.1",
        "format": "json",
        "send_to": "919812345671",
        "msg": "Rs 1,234.50 is due on loan LN/1. Kaveri (simulated)",
        "msg_type": "TEXT",
        "mask": "KAVERI",
        "principalEntityId": "1101160000000000001",
        "dltTemplateId": "1107160000000000001",
    }
    assert KEY not in repr(request)
    assert KEY not in request.path


def test_a_text_beyond_the_gsm_alphabet_goes_as_unicode() -> None:
    form = parse_qs(sent("due_hi").body.decode())
    assert form["msg_type"] == ["Unicode_text"]
    assert form["msg"][0].startswith("कावेरी से सूचना")


def test_a_number_that_is_none_is_not_asked() -> None:
    with pytest.raises(UnsendableError):
        sent(to="9812345671")


EACH = {"data": {"response_messages": [TAKEN["response"]]}, "response": {"status": "success", "id": ""}}


@pytest.mark.parametrize(
    "body",
    [json.dumps(TAKEN), json.dumps(EACH), f"success | 919812345671 | {THEIRS}", f"success|919812345671|{THEIRS}\n"],
)
def test_a_success_is_taken_in_json_and_with_pipes(body: str) -> None:
    assert said(body) == Taken(THEIRS)


ACCOUNT = ("102", "103", "104", "106", "175")


@pytest.mark.parametrize(("code", "fault"), [(c, Fault.ACCOUNT if c in ACCOUNT else Fault.MESSAGE) for c in (*ACCOUNT, "101", "300")])
def test_an_error_with_its_code_says_whose_fault_it_is(code: str, fault: Fault) -> None:
    for body in (
        json.dumps({"response": {"id": code, "phone": "", "details": "so it is.", "status": "error"}}),
        f"error | {code} | so it is.",
    ):
        answer = said(body)
        assert isinstance(answer, NeverTaken)
        assert (answer.fault, "so it is" in answer.words) == (fault, True)


ODD = ("", "<html>", "[]", "{}", "success", "success | 91", "success | 919812345671 | ", "error | 100 | unknown", "error | x | y")


@pytest.mark.parametrize(
    "body", [*ODD, "[" * 100_000, json.dumps({"response": {"status": "success", "id": 12}}), json.dumps(TAKEN)[:-4], '{"response": []}']
)
def test_any_other_answer_may_have_taken_effect(body: str) -> None:
    assert isinstance(said(body), Unknown)


@pytest.mark.parametrize("status", [201, 202, 302, 408, 409, 500, 502, 503])
def test_a_success_with_another_status_is_no_success(status: int) -> None:
    assert isinstance(said(json.dumps(TAKEN), status), Unknown)


@pytest.mark.parametrize(("status", "fault"), [(429, Fault.BUSY), (401, Fault.ACCOUNT), (403, Fault.ACCOUNT), (404, Fault.MESSAGE)])
def test_a_status_of_http_that_refuses_is_a_refusal(status: int, fault: Fault) -> None:
    answer = said("", status)
    assert isinstance(answer, NeverTaken)
    assert answer.fault is fault


@given(st.binary(max_size=200))
def test_no_answer_whatever_breaks_the_reader(body: bytes) -> None:
    assert isinstance(read_answer(Reply(200, {}, body)), Unknown | NeverTaken | Taken)


def test_a_report_by_get_is_read_and_the_same_report_has_the_same_id() -> None:
    (report,) = got(REPORT)
    assert isinstance(report, Report)
    assert (report.reference, report.provider_reference, report.attested, report.error) == ("", THEIRS, SendState.DELIVERED, "")
    assert report.at == "2018-05-15T01:30:00+00:00"
    assert got(dict(reversed(REPORT.items()))) == (report,)
    (failed,) = got(REPORT | {"status": "FAILURE", "cause": "ABSENT_SUBSCRIBER", "errCode": "001"})
    assert isinstance(failed, Report)
    assert (failed.attested, failed.error, failed.event_id != report.event_id) == (SendState.UNDELIVERED, "001 ABSENT_SUBSCRIBER", True)


def test_a_status_that_is_not_known_still_shows_that_the_gateway_has_the_message() -> None:
    (report,) = got(REPORT | {"status": "UNKNOWN", "cause": "UNKNOWN", "errCode": ""})
    assert isinstance(report, Report)
    assert report.attested is SendState.SENT


@pytest.mark.parametrize("form", [lambda rows: json.dumps(rows), lambda rows: urlencode({"response": json.dumps(rows)})])
def test_reports_by_post_are_read_bare_and_as_a_form(form: Any) -> None:
    rows = [EVENT, EVENT | {"eventType": "DELIVERED", "cause": "SUCCESS", "errCode": "000"}]
    reports = got({}, "POST", form(rows).encode())
    assert [report.attested for report in reports if isinstance(report, Report)] == [SendState.UNDELIVERED, SendState.DELIVERED]


@pytest.mark.parametrize(("count", "read"), [(0, False), (1, True), (MOST_EVENTS, True), (MOST_EVENTS + 1, False)])
def test_more_events_than_documented_are_not_believed(count: int, read: bool) -> None:
    body = json.dumps([EVENT] * count).encode()
    if read:
        assert len(got({}, "POST", body)) == count
        return
    with pytest.raises(UnreadableReportError):
        got({}, "POST", body)


@pytest.mark.parametrize(
    "changes",
    [
        *({"status": status} for status in ("", "OK", "FAILURE")),
        *({"externalId": theirs} for theirs in ("", "a b", "x" * 81)),
        *({"phoneNo": number} for number in ("", "98123", "+919812345671")),
        *({"cause": cause} for cause in ("", "ABSENT_SUBSCRIBER")),
    ],
)
def test_a_report_that_is_odd_or_contradicts_itself_is_not_believed(changes: dict[str, str]) -> None:
    with pytest.raises(UnreadableReportError):
        got(REPORT | changes)


def test_a_message_to_the_keyword_is_heard_with_its_words_and_its_instant() -> None:
    (heard,) = got(SAID)
    assert isinstance(heard, Heard)
    assert (heard.sender, heard.kind, heard.text, heard.at) == (
        "+919812348765",
        HeardKind.TEXT,
        "Test 5 tareekh ko 500",
        "2018-05-15T01:30:00+00:00",
    )
    assert got(SAID) == (heard,)
    assert got(SAID | {"timestamp": "1526347801000"}) != (heard,)


def test_a_word_alone_is_the_keyword() -> None:
    (heard,) = got(SAID | {"keyword": "STOP", "content": ""})
    assert isinstance(heard, Heard)
    assert heard.text == "STOP"


@pytest.mark.parametrize("number", ["", "12345", "98123487650", "+9198123487650", "0812348765"])
def test_a_sender_that_is_no_mobile_number_is_not_believed(number: str) -> None:
    with pytest.raises(UnreadableReportError):
        got(SAID | {"msisdn": number})


@given(st.dictionaries(st.sampled_from([*REPORT, *SAID]), st.text(max_size=20)), st.binary(max_size=100), st.sampled_from(["GET", "POST"]))
def test_no_callback_whatever_breaks_the_reader(query: dict[str, str], body: bytes, method: str) -> None:
    try:
        found: Any = got(query, method, body)
    except UnreadableReportError as error:
        found = str(error)
    assert found


@pytest.mark.parametrize(("key", "genuine"), [(HOOK, True), ("", False), (HOOK[:-1], False), ("नहीं", False)])
def test_only_the_secret_in_the_address_opens_the_door(key: str, genuine: bool) -> None:
    hook = GupshupHook(SETTINGS.provider("one"))
    assert hook.genuine(Call("GET", {"key": key}, {}, b"")) is genuine
    assert hook.greet(Call("GET", {"key": key}, {}, b"")) is None
