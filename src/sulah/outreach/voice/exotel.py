"""Exotel's wire format: connect two numbers, connect a number to a flow, and the details of a call.

Sources, developer.exotel.com: "Connect Two Numbers", "Connect Number to Call Flow", "StatusCallback", "Error Code Dictionary", "Rate
Limiting", and "call details".  From is called first and To is put through to it; both see the ExoPhone, so an agent sees no borrower's
number.  A call is found again by Exotel's own CallSid only: no page says that one can ask by CustomField, so where the answer to a
connect is lost, nobody can look, and only the callback, which carries our reference in its address, can tell.
"""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from sulah.kernel.terms import Channel
from sulah.outreach.channel import Answer, Fault, Message, NeverTaken, Taken, Unknown
from sulah.outreach.http import Reply, Request
from sulah.outreach.sms.wire import UnsendableError
from sulah.outreach.voice.calls import CallOutcome, CallReport
from sulah.outreach.voice.form import REFERENCE, basic, callable_number, event_of, plain, recording_of, seconds_of, wait_of, whole_number
from sulah.outreach.voice.settings import Provider, VoiceSettings

FLOWS = "http://my.exotel.com"
LONGEST_FIELD = 128
_REFUSED = frozenset({400, 405, 406, 411, 413, 414, 415, 422})
_ACCOUNT = frozenset({401, 402, 403, 404})
OUTCOMES = {
    "queued": CallOutcome.UNDER_WAY,
    "ringing": CallOutcome.UNDER_WAY,
    "in-progress": CallOutcome.UNDER_WAY,
    "completed": CallOutcome.COMPLETED,
    "busy": CallOutcome.BUSY,
    "no-answer": CallOutcome.NO_ANSWER,
    "failed": CallOutcome.FAILED,
    "canceled": CallOutcome.CANCELED,
}


def connect_path(provider: Provider) -> str:
    """Where calls are asked for; .json asks for an answer in JSON."""
    return f"/v1/Accounts/{provider.account}/Calls/connect.json"


def send_request(settings: VoiceSettings, provider: Provider, channel: Channel, message: Message) -> Request:
    """The request that puts one call through; UnsendableError for a reference or number that Exotel would not take."""
    check(message, channel)
    form = {
        "CallerId": provider.caller_id.number,
        "CallType": "trans",
        "TimeLimit": str(settings.time_limit_seconds),
        "TimeOut": str(settings.ring_seconds),
        "StatusCallback": status_address(provider, channel, message.reference),
        "StatusCallbackEvents[0]": "terminal",
        "StatusCallbackEvents[1]": "answered",
        "StatusCallbackContentType": "application/json",
    }
    if channel is Channel.CALL:
        form |= {
            "From": message.values[0],
            "To": message.to,
            "Record": "true",
            "RecordingChannels": "dual",
            "CustomField": message.reference,
        }
    else:
        settings.script(message.template)
        flow = f"{FLOWS}/{provider.account}/exoml/start_voice/{provider.flow}"
        form |= {"From": message.to, "Url": flow, "CustomField": f"{message.reference}|{message.template}"}
    if len(form["CustomField"]) > LONGEST_FIELD:
        raise UnsendableError(f"reference and script are longer than the {LONGEST_FIELD} letters of a CustomField")
    headers = _headers(provider) | {"Content-Type": "application/x-www-form-urlencoded"}
    return Request(connect_path(provider), headers, urlencode(form).encode())


def check(message: Message, channel: Channel) -> None:
    """Can it be called at all?  UnsendableError where not: a caller's error, seen before anything is counted."""
    if not REFERENCE.fullmatch(message.reference):
        raise UnsendableError(f"the reference {message.reference!r} has letters that it may not have, or too many")
    if not callable_number(message.to):
        raise UnsendableError("the number is no Indian mobile number written as +91 and ten digits")
    if channel is Channel.CALL and (len(message.values) != 1 or not whole_number(message.values[0])):
        raise UnsendableError("a person's call needs one value, the agent's number")
    if channel is Channel.CALL and whole_number(message.values[0]) == message.to:
        raise UnsendableError("the agent's number is the borrower's")


def status_address(provider: Provider, channel: Channel, reference: str) -> str:
    """Where Exotel reports a call: it signs nothing, so a secret stands in the address; our reference makes a lost answer good."""
    return f"{provider.hook_address}?{urlencode({'do': 'status', 'ch': channel.value, 'ref': reference, 'key': provider.hook_secrets[0]})}"


def read_answer(reply: Reply) -> Answer:
    """What an answer to a connect means; anything that is not documented as a refusal may have rung, and is Unknown."""
    if reply.status == 429:
        return NeverTaken(Fault.BUSY, "Exotel asks for patience (429).", wait_of(reply.headers.get("retry-after", "")))
    if reply.status in _ACCOUNT:
        return NeverTaken(Fault.ACCOUNT, f"Exotel refuses our account ({reply.status}): {_said(reply)}. See key_from, account and balance.")
    if reply.status in _REFUSED:
        return NeverTaken(Fault.MESSAGE, f"Exotel refuses the call ({reply.status}): {_said(reply)}.")
    sid = _call(reply).get("Sid")
    if reply.status == 200 and isinstance(sid, str) and REFERENCE.fullmatch(sid):
        return Taken(sid)
    return Unknown(f"Exotel answered {reply.status}, which says neither that the call is made nor that it is not.")


def details_request(provider: Provider, sid: str) -> Request:
    """The request for what became of a call, by Exotel's own number of it."""
    return Request(f"/v1/Accounts/{provider.account}/Calls/{sid}.json", _headers(provider), b"", "GET")


def read_details(reply: Reply, reference: str, sid: str) -> CallReport | None:
    """What the details say; None where they say nothing that is documented, or speak of another call.

    They tell no legs, so `completed` is read as answered by the borrower: the stricter of the two things that it can mean.
    """
    told = _call(reply)
    outcome = OUTCOMES.get(plain(told, "Status"))
    if reply.status != 200 or outcome is None or plain(told, "Sid") != sid:
        return None
    return _report(reference, sid, outcome, plain(told, "DateUpdated"), seconds_of(plain(told, "Duration")), plain(told, "RecordingUrl"))


def outcome_of(channel: Channel, told: Mapping[str, object]) -> CallOutcome | None:
    """What a terminal callback says of the borrower's telephone; None for a status that is not documented.

    Legs, in the order of dialling, say more than the call's status: of a person's call the first is the agent's, the second the
    borrower's.
    """
    overall = OUTCOMES.get(plain(told, "Status"))
    given = told.get("Legs")
    legs = [OUTCOMES.get(plain(leg, "Status")) for leg in given if isinstance(leg, Mapping)] if isinstance(given, list) else []
    if overall is None or None in legs:
        return None
    if channel is Channel.BOT_CALL or not legs:
        return legs[0] if legs else overall
    if legs[0] is not CallOutcome.COMPLETED:
        return CallOutcome.NOT_DIALLED
    return legs[1] if len(legs) > 1 else overall


def _report(reference: str, sid: str, outcome: CallOutcome, at: str, seconds: int, recording: str) -> CallReport:
    heard = recording_of(recording)
    words = "" if outcome in (CallOutcome.COMPLETED, CallOutcome.UNDER_WAY) else outcome.value
    event = event_of(reference, sid, outcome, seconds, heard, at)
    return CallReport(event, reference, sid, outcome.attested, at[:40], words, outcome=outcome, seconds=seconds, recording=heard)


def terminal_report(channel: Channel, reference: str, told: Mapping[str, object]) -> CallReport | None:
    """The report in a status callback; None where it is nothing that is documented."""
    sid = plain(told, "CallSid")
    outcome = CallOutcome.UNDER_WAY if plain(told, "EventType") == "answered" else outcome_of(channel, told)
    if outcome is None or not REFERENCE.fullmatch(sid):
        return None
    talked = seconds_of(plain(told, "ConversationDuration"))
    return _report(reference, sid, outcome, plain(told, "DateUpdated"), talked, plain(told, "RecordingUrl"))


def _headers(provider: Provider) -> dict[str, str]:
    return {"Authorization": basic(provider.user, provider.password), "Accept": "application/json"}


def _call(reply: Reply) -> Mapping[str, object]:
    found = _object(reply).get("Call")
    return found if isinstance(found, Mapping) else {}


def _object(reply: Reply) -> dict[str, object]:
    try:
        told = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _said(reply: Reply) -> str:
    """What Exotel says went wrong, short and on one line."""
    error = _object(reply).get("RestException")
    return " ".join(plain(error, "Message").split())[:160] if isinstance(error, Mapping) else "no reason given"
