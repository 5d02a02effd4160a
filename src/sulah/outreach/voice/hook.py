"""What providers of calls send to our door: statuses, keys, missed calls; and what is said into the call meanwhile.

`do` in the address says which: status, dialled, begin, turn, missed for Twilio; status, greeting, gather, keys, person, bye, missed for
Exotel.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sulah.kernel.terms import Channel
from sulah.outreach.channel import Heard, HeardKind, Report, UnreadableReportError
from sulah.outreach.http import Call
from sulah.outreach.sms.hook import secret_fits
from sulah.outreach.voice import answers, exotel, twilio
from sulah.outreach.voice.answers import Said
from sulah.outreach.voice.form import REFERENCE, event_of, fields, plain, urlencoded, whole_number
from sulah.outreach.voice.ivr import PERSON, Place, Script, advance, begin
from sulah.outreach.voice.settings import Kind, Provider, VoiceSettings


@dataclass(frozen=True, slots=True)
class About:
    """Which message of ours a call into our door is about, and which script it plays."""

    reference: str
    script: str


@dataclass(frozen=True, slots=True)
class ExotelHook:
    """The door for Exotel: a secret in the address opens it, because Exotel signs nothing."""

    settings: VoiceSettings
    provider: Provider
    methods: frozenset[str] = frozenset({"GET", "HEAD", "POST"})

    def greet(self, call: Call) -> str | None:
        """Exotel asks for no handshake."""
        return None

    def genuine(self, call: Call) -> bool:
        """Is `key` of the address one of our secrets?"""
        return secret_fits(call.query.get("key", ""), self.provider.hook_secrets)

    def read(self, call: Call) -> tuple[Report | Heard, ...]:
        """A status, a key, a missed call, or nothing where a flow only asks what to say; UnreadableReportError for anything else."""
        do = call.query.get("do", "")
        if do == "status":
            return (self._status(call),)
        if do == "missed":
            return (_missed(call.query, self.provider, self._caller(call.query)),)
        if do == "keys":
            return self._keys(call.query)
        if do in ("greeting", "gather", "person", "bye"):
            return ()
        raise UnreadableReportError("its address says nothing that we asked for")

    def about(self, call: Call) -> About | None:
        """The message whose script is asked for; None where nothing is."""
        if call.query.get("do") not in ("greeting", "gather", "keys", "person", "bye"):
            return None
        reference, _, script = call.query.get("CustomField", "").partition("|")
        return About(reference, script)

    def answer(self, call: Call, script: Script | None) -> Said:
        """What is said into the call; script: as this person hears it, None where the message is not known."""
        do, keys = call.query.get("do", ""), _digits(call.query)
        if do == "missed":
            return answers.greeting("")
        if script is None:
            return Said(404, "text/plain", "")
        if do == "greeting":
            return answers.greeting(script.opening)
        if do == "bye":
            return answers.greeting(script.goodbye)
        if do == "gather":
            return answers.gather(script)
        return answers.passthru(yes=keys == PERSON if do == "person" else keys in script.steps[0].choices)

    def _status(self, call: Call) -> Report:
        told = fields(call.headers.get("content-type", ""), call.body)
        channel, reference = _of(call.query)
        said = plain(told, "CustomField").partition("|")[0]
        if said and said != reference:
            raise UnreadableReportError("its address and its CustomField name two messages")
        report = exotel.terminal_report(channel, reference, told)
        if report is None:
            raise UnreadableReportError("it has no CallSid or status as Exotel documents them")
        return report

    def _keys(self, query: Mapping[str, str]) -> tuple[Heard, ...]:
        keys, sid, field = _digits(query), query.get("CallSid", ""), query.get("CustomField", "")
        reference, _, name = field.partition("|")
        if not REFERENCE.fullmatch(reference) or not REFERENCE.fullmatch(sid):
            raise UnreadableReportError("it has no CustomField of ours or no CallSid")
        return _pressed(self.settings, self._caller(query), reference, name, Place(), keys, sid)

    def _caller(self, query: Mapping[str, str]) -> str:
        """The borrower's number: whichever of the numbers told is not one of ours."""
        ours = {self.settings.person_number, *(provider.caller_id.number for provider in self.settings.providers)}
        found = [whole_number(query.get(name, "")) for name in ("CallFrom", "From", "CallTo", "To")]
        return next((number for number in found if number and number not in ours), "")


@dataclass(frozen=True, slots=True)
class TwilioHook:
    """The door for Twilio, which signs every request with the account's token."""

    settings: VoiceSettings
    provider: Provider
    methods: frozenset[str] = frozenset({"POST"})

    def greet(self, call: Call) -> str | None:
        """Twilio asks for no handshake."""
        return None

    def genuine(self, call: Call) -> bool:
        """Is it signed with one of our tokens, for the address as we gave it out (whatever the proxy in front calls us)?"""
        asked = urlsplit(call.address).query
        address = f"{self.provider.hook_address}?{asked}" if asked else self.provider.hook_address
        try:
            form = urlencoded(call.body)
        except UnreadableReportError:
            return False
        signed = tuple(twilio.signature(token, address, form) for token in self.provider.hook_secrets)
        return secret_fits(call.headers.get("x-twilio-signature", ""), signed)

    def read(self, call: Call) -> tuple[Report | Heard, ...]:
        """A status, a key, a missed call, or nothing where a call only asks what to say; UnreadableReportError for anything else."""
        do, told = call.query.get("do", ""), urlencoded(call.body)
        if do in ("status", "dialled"):
            channel, reference = _of(call.query)
            report = twilio.status_report(channel, reference, told) if do == "status" else twilio.dialled_report(reference, told)
            if report is None:
                raise UnreadableReportError("it has no CallSid or status as Twilio documents them")
            return (report,)
        if do == "missed":
            return (_missed(told, self.provider, twilio.number_said(told, self.provider)),)
        if do == "turn":
            return self._turn(call.query, told)
        if do == "begin":
            return ()
        raise UnreadableReportError("its address says nothing that we asked for")

    def about(self, call: Call) -> About | None:
        """The message whose script is asked for; None where nothing is."""
        if call.query.get("do") not in ("begin", "turn"):
            return None
        return About(call.query.get("ref", ""), call.query.get("script", ""))

    def answer(self, call: Call, script: Script | None) -> Said:
        """What is said into the call; script: as this person hears it, None where the message is not known."""
        do = call.query.get("do", "")
        if do == "missed":
            return answers.reject()
        if script is None or do not in ("begin", "turn"):
            return answers.hang_up()
        turn = begin(script) if do == "begin" else advance(script, _place(call.query), urlencoded(call.body).get("Digits", ""))
        asked = {name: call.query.get(name, "") for name in ("ch", "ref", "script")}
        place = turn.place or Place()
        action = twilio.door(self.provider, do="turn", **asked, step=place.step, tries=str(place.tries))
        return answers.twiml(turn, script.template.language, action, self.settings.person_number, self.provider.caller_id.number)

    def _turn(self, query: Mapping[str, str], told: Mapping[str, str]) -> tuple[Heard, ...]:
        reference, sid = query.get("ref", ""), told.get("CallSid", "")
        if not REFERENCE.fullmatch(reference) or not REFERENCE.fullmatch(sid):
            raise UnreadableReportError("its address names no message of ours, or it has no CallSid")
        number = twilio.number_said(told, self.provider)
        return _pressed(self.settings, number, reference, query.get("script", ""), _place(query), told.get("Digits", ""), sid)


Speaking = ExotelHook | TwilioHook
"""The hooks that not only listen: `about` says whose script is asked for, `answer` what is said."""


def hook_of(settings: VoiceSettings, provider: Provider) -> Speaking:
    """The hook of a provider."""
    return ExotelHook(settings, provider) if provider.kind is Kind.EXOTEL else TwilioHook(settings, provider)


def _of(query: Mapping[str, str]) -> tuple[Channel, str]:
    """Channel and message of ours that the address names."""
    channel, reference = query.get("ch", ""), query.get("ref", "")
    if channel not in (Channel.CALL, Channel.BOT_CALL) or not REFERENCE.fullmatch(reference):
        raise UnreadableReportError("its address names no message of ours")
    return Channel(channel), reference


def _place(query: Mapping[str, str]) -> Place:
    tries = query.get("tries", "0")
    return Place(query.get("step", ""), int(tries) if tries.isascii() and tries.isdigit() and len(tries) < 4 else 99)


def _digits(query: Mapping[str, str]) -> str:
    """The keys that a Passthru applet tells, in double quotes."""
    return query.get("digits", "").strip().strip('"').strip()


def _pressed(settings: VoiceSettings, number: str, reference: str, script: str, place: Place, keys: str, sid: str) -> tuple[Heard, ...]:
    """What was pressed, as the payload that the script gives the key; where the script is not told, the key itself.

    Silence, once more, and keys that mean nothing are no answers: the call itself asks again.
    """
    if not keys or len(keys) > 20 or any(key not in "0123456789*#" for key in keys):
        return ()
    known = settings.scripts.get(script)
    choice = advance(known, place, keys).payload if known is not None else keys
    if not choice:
        return ()
    event = event_of(sid, place.step, place.tries, keys)
    return (Heard(event, number, "", HeardKind.KEYPAD, text=keys, choice=choice, answers=reference, provider_reference=sid),)


def _missed(told: Mapping[str, str], provider: Provider, number: str) -> Heard:
    sid = told.get("CallSid", "")
    if not number or not REFERENCE.fullmatch(sid):
        raise UnreadableReportError("it has no CallSid or number of a caller")
    return Heard(event_of(provider.name, sid, "missed"), number, "", HeardKind.MISSED_CALL, provider_reference=sid)
