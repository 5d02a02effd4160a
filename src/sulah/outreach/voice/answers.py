"""What our door says into a call: TwiML for Twilio, texts and prompts for the applets of an Exotel flow.

Sources: twilio.com/docs "TwiML Voice: Gather", "Say", "Dial", "Reject"; support.exotel.com "Working with Passthru applet" (200 goes one
way, 302 the other; digits stand in double quotes), "Working with Gather Applet" (parameters by address), "Greeting using dynamic text"
(text/plain, HEAD answered like GET).
"""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from sulah.outreach.voice.ivr import KEY_SECONDS, TRIES, Script, Turn

_XML = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(frozen=True, slots=True)
class Said:
    """One answer at our door: HTTP status, content type, text."""

    status: int
    content_type: str
    text: str


def twiml(turn: Turn, language: str, action: str, dial: str, caller_id: str) -> Said:
    """A turn as TwiML; action: where the key goes; dial: the number of the people that 0 is put through to.

    Silence is sent to the action as well (actionOnEmptyResult), so that it is counted in one place.
    """
    says = "".join(f"<Say language={quoteattr(f'{language}-IN')}>{escape(text)}</Say>" for text in turn.say)
    if turn.place is not None:
        gather = (
            f'<Gather input="dtmf" numDigits="1" timeout="{KEY_SECONDS}" actionOnEmptyResult="true" method="POST" '
            f"action={quoteattr(action)}>{says}</Gather>"
        )
        return _xml(gather)
    if turn.person:
        return _xml(f'{says}<Dial callerId={quoteattr(caller_id)} record="record-from-answer-dual"><Number>{escape(dial)}</Number></Dial>')
    return _xml(f"{says}<Hangup/>")


def hang_up() -> Said:
    """Nothing to say: the message is not known (any more)."""
    return _xml("<Hangup/>")


def reject() -> Said:
    """A missed call is never answered, so it costs the borrower nothing."""
    return _xml("<Reject/>")


def greeting(text: str) -> Said:
    """The words of a Greeting applet; the content type must be this and nothing else."""
    return Said(200, "text/plain", text)


def gather(script: Script) -> Said:
    """The parameters of a Gather applet: one key, asked again at most so often."""
    first = script.steps[0]
    prompt = {
        "gather_prompt": {"text": first.text},
        "max_input_digits": 1,
        "finish_on_key": "#",
        "input_timeout": KEY_SECONDS,
        "repeat_menu": TRIES,
        "repeat_gather_prompt": {"text": f"{script.again} {first.text}"},
    }
    return Said(200, "application/json", json.dumps(prompt, ensure_ascii=False))


def passthru(*, yes: bool) -> Said:
    """The decision of a Passthru applet."""
    return Said(200 if yes else 302, "text/plain", "")


def _xml(inner: str) -> Said:
    return Said(200, "text/xml", f"{_XML}<Response>{inner}</Response>")
