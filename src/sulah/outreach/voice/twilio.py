"""Twilio's wire format: make a call, the calls that came of it, and its signature.

Sources, twilio.com/docs: "Call resource", "TwiML Voice: Dial", "Number", "Gather", "Webhooks security", error 20429 ("requests that receive
429 are not processed").  A person's call rings the agent and then dials the borrower with our caller id, so neither sees the other's
number; what became of the borrower's telephone is told of the child call, never of the agent's own.  Calls cannot be asked for by our
reference; the address of the status callback carries it.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from sulah.kernel.terms import Channel
from sulah.outreach.channel import Answer, Fault, Message, NeverTaken, Taken, Unknown
from sulah.outreach.http import Reply, Request
from sulah.outreach.voice.calls import CallOutcome, CallReport
from sulah.outreach.voice.exotel import OUTCOMES, check
from sulah.outreach.voice.form import REFERENCE, basic, event_of, plain, recording_of, seconds_of, wait_of, whole_number
from sulah.outreach.voice.settings import Provider, VoiceSettings

_ACCOUNT = frozenset({401, 403, 404})
_REFUSED = frozenset({400, 405, 406, 411, 413, 414, 415, 422})
_OUR_FAULT = frozenset({"20003", "20005", "10001", "21210", "21212"})
"""Codes of a refusal that concerns our account or our caller id, not this call (twilio.com/docs/api/errors)."""


def calls_path(provider: Provider) -> str:
    """Where calls are asked for."""
    return f"/2010-04-01/Accounts/{provider.account}/Calls.json"


def send_request(settings: VoiceSettings, provider: Provider, channel: Channel, message: Message) -> Request:
    """The request that makes one call; UnsendableError for a reference or number that Twilio would not take."""
    check(message, channel)
    form = [
        ("From", provider.caller_id.number),
        ("Timeout", str(settings.ring_seconds)),
        ("TimeLimit", str(settings.time_limit_seconds)),
        ("StatusCallback", door(provider, do="status", ch=channel.value, ref=message.reference)),
        ("StatusCallbackMethod", "POST"),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
    ]
    if channel is Channel.CALL:
        form += [("To", message.values[0]), ("Twiml", dial_borrower(settings, provider, message))]
    else:
        settings.script(message.template)
        address = door(provider, do="begin", ch=channel.value, ref=message.reference, script=message.template)
        form += [("To", message.to), ("Url", address), ("Method", "POST"), ("Record", "true"), ("RecordingChannels", "dual")]
    headers = _headers(provider) | {"Content-Type": "application/x-www-form-urlencoded"}
    return Request(calls_path(provider), headers, urlencode(form).encode())


def door(provider: Provider, **told: str) -> str:
    """An address at our door with what we want told back; Twilio signs it whole.

    Nothing secret stands in it: who cannot sign is refused.
    """
    return f"{provider.hook_address}?{urlencode(told)}"


def dial_borrower(settings: VoiceSettings, provider: Provider, message: Message) -> str:
    """What is done when the agent answers: the borrower is dialled with our caller id, recorded, and no longer than the limit."""
    action = door(provider, do="dialled", ch=Channel.CALL.value, ref=message.reference)
    dial = (
        f"<Dial callerId={quoteattr(provider.caller_id.number)} timeout={quoteattr(str(settings.ring_seconds))} "
        f'timeLimit={quoteattr(str(settings.time_limit_seconds))} record="record-from-answer-dual" '
        f'action={quoteattr(action)} method="POST"><Number>{escape(message.to)}</Number></Dial>'
    )
    return f"<Response>{dial}</Response>"


def read_answer(reply: Reply) -> Answer:
    """What an answer to a call means; anything that is not documented as a refusal may have rung, and is Unknown."""
    told = _object(reply)
    if reply.status == 429:
        return NeverTaken(Fault.BUSY, "Twilio asks for patience (429).", wait_of(reply.headers.get("retry-after", "")))
    words = f"{plain(told, 'code')} {' '.join(plain(told, 'message').split())[:160]}".strip() or "no reason given"
    if reply.status in _ACCOUNT or (reply.status == 400 and plain(told, "code") in _OUR_FAULT):
        return NeverTaken(Fault.ACCOUNT, f"Twilio refuses our account ({reply.status}): {words}. See account, token_from and caller_id.")
    if reply.status in _REFUSED:
        return NeverTaken(Fault.MESSAGE, f"Twilio refuses the call ({reply.status}): {words}.")
    sid = told.get("sid")
    if reply.status == 201 and isinstance(sid, str) and REFERENCE.fullmatch(sid):
        return Taken(sid)
    return Unknown(f"Twilio answered {reply.status}, which says neither that the call is made nor that it is not.")


def details_request(provider: Provider, channel: Channel, sid: str) -> Request:
    """The request for what became of a call: of an automated call itself, of a person's call the calls that were dialled from it."""
    path = f"/2010-04-01/Accounts/{provider.account}/Calls"
    asked = f"{path}/{sid}.json" if channel is Channel.BOT_CALL else f"{path}.json?{urlencode({'ParentCallSid': sid})}"
    return Request(asked, _headers(provider), b"", "GET")


def read_details(reply: Reply, channel: Channel, reference: str, sid: str) -> CallReport | None:
    """What became of an automated call, or of the borrower's part of a person's call; None where nothing documented is said.

    No child call says nothing yet: the agent may still be ringing.
    """
    told = _object(reply)
    if reply.status != 200:
        return None
    if channel is Channel.BOT_CALL:
        return _of_call(told, reference, sid) if plain(told, "sid") == sid else None
    children = told.get("calls")
    ours = (
        [one for one in children if isinstance(one, Mapping) and plain(one, "parent_call_sid") == sid] if isinstance(children, list) else []
    )
    return _of_call(ours[-1], reference, sid, child=True) if ours else None


def _of_call(told: Mapping[str, object], reference: str, sid: str, *, child: bool = False) -> CallReport | None:
    outcome = _dialled(plain(told, "status")) if child else OUTCOMES.get(plain(told, "status"))
    if outcome is None:
        return None
    return report_of(reference, sid, outcome, at=plain(told, "end_time"), seconds=seconds_of(plain(told, "duration")))


def report_of(reference: str, sid: str, outcome: CallOutcome, *, at: str, seconds: int = 0, recording: str = "") -> CallReport:
    """A report in our own form; sid: the call that we made, also where the borrower's was dialled from it."""
    heard = recording_of(recording)
    words = "" if outcome in (CallOutcome.COMPLETED, CallOutcome.UNDER_WAY) else outcome.value
    event = event_of(reference, sid, outcome, seconds, heard, at)
    return CallReport(event, reference, sid, outcome.attested, at[:40], words, outcome=outcome, seconds=seconds, recording=heard)


def status_report(channel: Channel, reference: str, told: Mapping[str, object]) -> CallReport | None:
    """The report in a status callback of the call that we made; None where it is nothing that is documented.

    Of a person's call it speaks of the agent's telephone: answered or over says nothing of the borrower yet, not answered says that the
    borrower's never rang.
    """
    sid, outcome = plain(told, "CallSid"), OUTCOMES.get(plain(told, "CallStatus"))
    if outcome is None or not REFERENCE.fullmatch(sid):
        return None
    if channel is Channel.CALL:
        outcome = CallOutcome.UNDER_WAY if outcome in (CallOutcome.COMPLETED, CallOutcome.UNDER_WAY) else CallOutcome.NOT_DIALLED
    talked = seconds_of(plain(told, "CallDuration")) if outcome is CallOutcome.COMPLETED else 0
    return report_of(reference, sid, outcome, at=plain(told, "Timestamp"), seconds=talked, recording=plain(told, "RecordingUrl"))


def dialled_report(reference: str, told: Mapping[str, object]) -> CallReport | None:
    """What the end of Dial says of the borrower's telephone; None where it is nothing that is documented."""
    sid, outcome = plain(told, "CallSid"), _dialled(plain(told, "DialCallStatus"))
    if outcome is None or not REFERENCE.fullmatch(sid):
        return None
    talked = seconds_of(plain(told, "DialCallDuration"))
    return report_of(reference, sid, outcome, at=plain(told, "Timestamp"), seconds=talked, recording=plain(told, "RecordingUrl"))


def _dialled(status: str) -> CallOutcome | None:
    """Of a call that was dialled: `answered` is what Dial says besides completed; canceled rang and was given up by the agent."""
    if status == "canceled":
        return CallOutcome.NO_ANSWER
    return CallOutcome.COMPLETED if status == "answered" else OUTCOMES.get(status)


def signature(token: str, address: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1 over the whole address and every name and value of the form, sorted by name.

    >>> form = {"CallSid": "CA1234567890ABCDE", "Caller": "+12349013030", "Digits": "1234", "From": "+12349013030", "To": "+18005551212"}
    >>> signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form)
    '0/KCTR6DLpKmkAf8muzZqo1nDgQ='
    """
    signed = address + "".join(f"{name}{form[name]}" for name in sorted(form))
    return b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()


def number_said(told: Mapping[str, object], provider: Provider) -> str:
    """The borrower's number in a callback: the one that is not ours."""
    found = [whole_number(plain(told, name)) for name in ("To", "From")]
    return next((number for number in found if number and number != provider.caller_id.number), "")


def _headers(provider: Provider) -> dict[str, str]:
    return {"Authorization": basic(provider.user, provider.password), "Accept": "application/json"}


def _object(reply: Reply) -> dict[str, object]:
    try:
        told = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
