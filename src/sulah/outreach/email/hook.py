"""The two ways in for e-mail: a mail from the folder, and the one click that stops messages (RFC 8058)."""

from dataclasses import dataclass
from hashlib import sha256

from sulah.outreach.channel import Heard, HeardKind, Report, UnreadableReportError
from sulah.outreach.email.bounce import read_mail
from sulah.outreach.email.marks import read_marked
from sulah.outreach.email.settings import EmailSettings
from sulah.outreach.http import Call

FOLDER = "mail"
"""The name under which the folder of what comes in stands among the providers, and in the address of a stop."""
MAIL = "MAIL"
"""The `method` of a call that is a mail from the folder; it is no method of HTTP, so nobody can post one at our door."""


def mail_call(raw: bytes) -> Call:
    """A mail from the folder, as the inbox keeps it."""
    return Call(MAIL, {}, {}, raw)


@dataclass(frozen=True, slots=True)
class MailHook:
    """What comes in by mail, and stops by one click."""

    settings: EmailSettings
    methods: frozenset[str] = frozenset({"POST"})

    def greet(self, call: Call) -> str | None:
        """No handshake."""
        return None

    def genuine(self, call: Call) -> bool:
        """A stop opens the door by the mark in its address; nothing else may be posted."""
        return call.method == "POST" and read_marked(self.settings.secrets, "stop", call.query.get("t", "")) is not None

    def read(self, call: Call) -> tuple[Report | Heard, ...]:
        """A mail, or a stop; a mere look at the address (GET) stops nothing."""
        if call.method == MAIL:
            return read_mail(self.settings, call.body)
        ours = read_marked(self.settings.secrets, "stop", call.query.get("t", ""))
        if ours is None or call.body.strip() != b"List-Unsubscribe=One-Click":
            raise UnreadableReportError("it is no stop by one click")
        event = sha256(f"stop|{ours.reference}".encode()).hexdigest()[:40]
        return (Heard(event, "", "", HeardKind.BUTTON, choice="stop", answers=ours.reference),)
