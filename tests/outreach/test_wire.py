"""The gateway's wire format: what goes out, what each answer means, and reports that are not to be trusted."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.sending import EVIDENCE, SendState, outranked_by, stronger
from sulah.outreach.channel import Fault, Message, NeverTaken, Taken, Unknown, UnreadableReportError
from sulah.outreach.http import Reply
from sulah.outreach.sms.settings import settings_of
from sulah.outreach.sms.wire import UnsendableError, read_answer, read_log, read_report, send_request
from tests.outbox.place import KEY, SECRETS, settings

SETTINGS = settings_of(tomllib.loads(settings([8091])), SECRETS)
TAKEN = b'{"type": "success", "message": "3764666a6b6c313233343536"}'
REPORT: dict[str, Any] = {
    "date": "2026-11-23 09:58:16",
    "number": "919812345678",
    "senderId": "KAVERI",
    "requestId": "3764666a6b6c313233343536",
    "CRQID": "m-1",
    "status": "1",
    "desc": "DELIVERED",
}


def request_of(reference: str = "m-1", to: str = "+919812345678") -> Any:
    """The request for a message."""
    message = Message(reference, to, "due", ("1,234.50", "LN/1"))
    return send_request(SETTINGS.provider("one"), SETTINGS.template("due"), message)


def test_a_message_goes_out_as_the_gateway_documents_it() -> None:
    request = request_of()
    assert request.path == "/api/v5/flow"
    assert request.headers["authkey"] == KEY
    assert json.loads(request.body) == {
        "template_id": "T-1",
        "short_url": "0",
        "CRQID": "m-1",
        "recipients": [{"mobiles": "919812345678", "VAR1": "1,234.50", "VAR2": "LN/1"}],
    }
    assert KEY not in repr(request)


@pytest.mark.parametrize(
    ("reference", "to"),
    [("", "+919812345678"), ("a b", "+919812345678"), ("x" * 81, "+919812345678"), ("m", "9812345678"), ("m", "+915812345678")],
)
def test_what_the_gateway_would_not_take_is_not_asked(reference: str, to: str) -> None:
    with pytest.raises(UnsendableError):
        request_of(reference, to)


def test_only_a_whole_success_is_taken() -> None:
    assert read_answer(Reply(200, {}, TAKEN)) == Taken("3764666a6b6c313233343536")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *[(status, TAKEN) for status in (201, 202, 301, 408, 409, 500, 502, 503, 504)],
        *[(200, body) for body in (b"", b"<html>", b"[]", TAKEN[:-4], b'{"type": "success"}', b'{"type": "success", "message": ""}')],
        (200, b'{"type": "success", "message": 12}'),
        (200, b"[" * 100_000),
    ],
)
def test_any_other_answer_may_have_taken_effect(status: int, body: bytes) -> None:
    assert isinstance(read_answer(Reply(status, {}, body)), Unknown)


@pytest.mark.parametrize(
    ("status", "fault"), [(400, Fault.MESSAGE), (422, Fault.MESSAGE), (401, Fault.ACCOUNT), (403, Fault.ACCOUNT), (418, Fault.ACCOUNT)]
)
def test_a_documented_refusal_says_that_it_was_never_taken(status: int, fault: Fault) -> None:
    answer = read_answer(Reply(status, {}, b'{"type": "error", "message": "why\\n  not"}'))
    assert isinstance(answer, NeverTaken)
    assert answer.fault is fault
    assert "why not" in answer.words


def test_an_error_told_with_200_is_a_refusal_too() -> None:
    assert isinstance(read_answer(Reply(200, {}, b'{"type": "error", "message": "template id missing"}')), NeverTaken)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("7", 7), ("0", 0), ("999999", 3600), ("", 60), ("soon", 60), ("-1", 60), ("Wed, 21 Oct 2026 07:28:00 GMT", 60), ("²", 60)],
)
def test_the_wait_that_is_asked_for_is_obeyed_within_an_hour(asked: str, seconds: int) -> None:
    answer = read_answer(Reply(429, {"retry-after": asked}, b""))
    assert answer == NeverTaken(Fault.BUSY, "The gateway asks for patience (429).", seconds)


def test_a_report_is_read_and_the_same_report_has_the_same_id() -> None:
    report = read_report(json.dumps(REPORT).encode())
    assert (report.reference, report.attested, report.error) == ("m-1", SendState.DELIVERED, "")
    assert report.event_id == read_report(json.dumps(dict(reversed(REPORT.items()))).encode()).event_id
    failed = read_report(json.dumps(REPORT | {"status": "2", "desc": "FAILED"}).encode())
    assert (failed.attested, failed.error) == (SendState.UNDELIVERED, "2 FAILED")
    assert failed.event_id != report.event_id


@pytest.mark.parametrize("status", ["9", "16", "17", "25"])
def test_every_documented_failure_is_undelivered(status: str) -> None:
    assert read_report(json.dumps(REPORT | {"status": status, "desc": "REJECTED"}).encode()).attested is SendState.UNDELIVERED


@pytest.mark.parametrize(
    "changes",
    [
        *({"status": status} for status in ("2", "3", "", "delivered", None)),
        *({"desc": desc} for desc in ("FAILED", "", None)),
        *({"CRQID": reference} for reference in ("", "a b", "x" * 81, "'; DROP TABLE", None)),
        *({"number": number} for number in ("", "9812345678", "+919812345678", None)),
        *({"requestId": request} for request in ("", "short", "with space here", None)),
    ],
)
def test_a_report_that_is_odd_or_contradicts_itself_is_not_believed(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableReportError):
        read_report(json.dumps(REPORT | changes).encode())


@given(st.binary(max_size=400))
def test_no_bytes_whatever_break_the_reader(body: bytes) -> None:
    try:
        report = read_report(body)
    except UnreadableReportError:
        return
    assert report.attested in EVIDENCE


def test_a_row_of_the_log_is_proof_that_the_gateway_has_the_message() -> None:
    rows = [{"CRQID": "m-1", "requestId": "r1", "status": "Sent"}, {"CRQID": "m-2", "requestId": "r2", "status": "Delivered"}]
    rows += [{"CRQID": "m-3", "requestId": "r3", "status": "Failed", "failureReason": "absent"}, {"requestId": "of-others"}]
    page = read_log(Reply(200, {}, json.dumps({"data": rows, "metadata": {"paginationToken": "500"}}).encode()))
    assert [(report.reference, str(report.attested)) for report in page.reports] == [
        ("m-1", "sent"),
        ("m-2", "delivered"),
        ("m-3", "undelivered"),
    ]
    assert (page.token, page.fault) == ("500", "")


@pytest.mark.parametrize("reply", [Reply(500, {}, b""), Reply(200, {}, b"{}"), Reply(200, {}, b'{"data": {}}'), Reply(200, {}, b"<html>")])
def test_anything_but_a_page_is_no_page(reply: Reply) -> None:
    assert read_log(reply).fault


@given(st.lists(st.sampled_from(EVIDENCE), min_size=1), st.randoms())
def test_the_end_of_a_message_does_not_depend_on_the_order_of_its_reports(reports: list[SendState], draw: Any) -> None:
    def end_of(given_reports: list[SendState]) -> SendState:
        state = SendState.SENDING
        for attested in given_reports:
            state = attested if state in outranked_by(attested) else state
        return state

    shuffled = [*reports, *reports]
    draw.shuffle(shuffled)
    assert end_of(shuffled) == end_of(reports) == max(reports, key=EVIDENCE.index)
    assert end_of(reports) not in stronger(end_of(reports))
