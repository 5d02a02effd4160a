"""E-mail through the servers of lender.toml, one connection a message, and exactly how far it came.

A server answers for a message with its reply to the final dot and nothing before it (RFC 5321 4.2.5, 6.1): whatever breaks before the dot
has left us never took effect, whatever breaks after it is not known.  There is no look-up: SMTP has none.
"""

import smtplib
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Timer

from sulah.kernel.dates import Clock, system_clock
from sulah.kernel.points import reach, register
from sulah.outreach.channel import Answer, Fault, Handed, LookUp, Message, NeverTaken, Taken, Unknown
from sulah.outreach.email.mime import Envelope, envelope
from sulah.outreach.email.settings import EmailSettings, Provider, Security

register("outbox.before_send", "outbox.sent_whole")

_LATER = 300
"""Seconds after which a recipient that was put off is tried again (greylisting: RFC 6647 asks for minutes, not seconds)."""
_FAULTS = (OSError, smtplib.SMTPException, ValueError)
"""What the library raises where a connection breaks or a server answers what is no SMTP."""


class _RefusedError(Exception):
    """The server is known not to have the message."""

    def __init__(self, answer: NeverTaken) -> None:
        super().__init__(answer.words)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """The channel as the worker uses it; clock: for the date in the message."""

    settings: EmailSettings
    clock: Clock = system_clock

    @property
    def providers(self) -> tuple[str, ...]:
        """Names of the servers, in the order of choice."""
        return tuple(provider.name for provider in self.settings.providers)

    def settles_seconds(self, provider: str) -> int:
        """No look-up is ever whole, so this is never waited for."""
        return self.settings.provider(provider).answer_seconds

    def longest_seconds(self, provider: str) -> int:
        """How long a hand-over may take at most, from the first byte of the message to the answer."""
        server = self.settings.provider(provider)
        return server.connect_seconds + server.answer_seconds

    def send(self, provider: str, message: Message, before: float) -> Answer:
        """Hand one message over; see Channel.  Greeting a server is no hand-over: the message begins with its content."""
        server = self.settings.provider(provider)
        given = envelope(self.settings, message, self.clock())
        session = _Session(server, self.settings.domain)
        try:
            session.open()
            session.offer(given)
            return session.content(given, before)
        except _RefusedError as refused:
            return refused.answer
        except _FAULTS as error:
            return NeverTaken(Fault.UNREACHABLE, f"{provider} cannot be reached ({type(error).__name__}: {str(error)[:120]}).")
        finally:
            session.close()

    def look_up(self, provider: str, handed: Sequence[Handed]) -> LookUp:
        """SMTP has no look-up: what is not known stays so and counts, until a bounce or an answer tells."""
        return LookUp({}, whole=False, words="A mail server cannot be asked what became of a message.")


class _Open(smtplib.SMTP):
    """The library's session, told whose certificate to expect before it connects."""

    _host: str


class _Closed(smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""

    _host: str


def _open(server: Provider, domain: str) -> smtplib.SMTP:
    made = _Open(timeout=server.connect_seconds, local_hostname=domain)
    made._host = server.host  # noqa: SLF001  (the library sets it only where it connects by itself, which gives no time limit for all)
    return made


def _closed(server: Provider, domain: str, tls: ssl.SSLContext) -> smtplib.SMTP:
    made = _Closed(timeout=server.connect_seconds, local_hostname=domain, context=tls)
    made._host = server.host  # noqa: SLF001
    return made


class _Session:
    """One connection to a server, from its greeting to its answer; every step has so long, and all of them together as well."""

    def __init__(self, server: Provider, domain: str) -> None:
        self._server, self._domain = server, domain
        self._tls = None if server.security is Security.NONE else ssl.create_default_context()
        self._smtp = _closed(server, domain, self._tls) if self._tls and server.security is Security.TLS else _open(server, domain)
        self._over = Timer(server.connect_seconds + server.answer_seconds, self._shut)
        self._over.daemon = True

    def open(self) -> None:
        """Connect, greet, close the way with TLS and sign in; nothing of the message is told yet."""
        self._over.start()
        code, words = self._smtp.connect(self._server.host, self._server.port)
        _expect(code, words, 220, "its greeting", Fault.ACCOUNT)
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(self._server.answer_seconds)
        self._greet()
        if self._server.security is Security.STARTTLS:
            if not self._smtp.has_extn("starttls"):
                raise _RefusedError(NeverTaken(Fault.ACCOUNT, f"{self._server.name} offers no TLS; nothing is sent in the clear."))
            _expect(*self._smtp.starttls(context=self._tls), 220, "STARTTLS", Fault.ACCOUNT)
            self._greet()
        if self._server.user:
            self._sign_in()

    def _greet(self) -> None:
        code, words = self._smtp.ehlo()
        _expect(code, words, 250, "EHLO", Fault.ACCOUNT)

    def _sign_in(self) -> None:
        try:
            self._smtp.login(self._server.user, self._server.password)
        except smtplib.SMTPAuthenticationError as error:
            raise _RefusedError(_refusal(error.smtp_code, error.smtp_error, "our password", Fault.ACCOUNT)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise _RefusedError(NeverTaken(Fault.ACCOUNT, f"{self._server.name} takes no password ({error}).")) from error

    def offer(self, given: Envelope) -> None:
        """Name sender and recipient, with reports asked for where the server knows them (RFC 3461)."""
        reports = self._smtp.has_extn("dsn")
        options = [f"ENVID={given.envelope_id}", "RET=HDRS"] if reports else []
        _expect(*self._smtp.mail(given.sender, options), 250, "our return path", Fault.ACCOUNT)
        code, words = self._smtp.rcpt(given.recipient, ["NOTIFY=FAILURE,DELAY"] if reports else [])
        if code not in (250, 251):
            _expect(code, words, 250, "the recipient", Fault.MESSAGE)

    def content(self, given: Envelope, before: float) -> Answer:
        """Hand the content over; from the final dot on, only the server's answer says what became of it."""
        reach("outbox.before_send")
        if time.monotonic() >= before:
            return NeverTaken(Fault.STALLED, "This worker was held up; the permit is too old to send on.")
        code, words = self._smtp.docmd("DATA")
        _expect(code, words, 354, "the content", Fault.MESSAGE)
        self._smtp.send(_stuffed(given.content))
        try:
            self._smtp.send(b".\r\n")
            reach("outbox.sent_whole")
            code, words = self._smtp.getreply()
        except _FAULTS as error:
            return Unknown(f"{self._server.name} gave no answer to the whole message ({type(error).__name__}: {str(error)[:120]}).")
        if code == 250:
            return Taken(given.message_id)
        if 400 <= code < 600:
            return _refusal(code, words, "the message", Fault.MESSAGE)
        return Unknown(f"{self._server.name} answered {code} to the whole message, which says neither that it has it nor that it has not.")

    def close(self) -> None:
        """Say goodbye where anybody listens, and go."""
        self._over.cancel()
        try:
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(1)
                self._smtp.quit()
        except _FAULTS:
            return  # it has gone already
        finally:
            self._smtp.close()

    def _shut(self) -> None:
        """End a connection whose time is over; whoever reads from it meets the end."""
        try:
            if self._smtp.sock is not None:
                self._smtp.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it ended by itself


def _stuffed(content: bytes) -> bytes:
    """The content with its dots stuffed (RFC 5321 4.5.2); every line ends with CR LF already."""
    return content.replace(b"\r\n.", b"\r\n..") if not content.startswith(b".") else b"." + content.replace(b"\r\n.", b"\r\n..")


def _expect(code: int, words: bytes, wanted: int, what: str, fault: Fault) -> None:
    if code != wanted:
        raise _RefusedError(_refusal(code, words, what, fault))


def _refusal(code: int, words: bytes | str, what: str, fault: Fault) -> NeverTaken:
    """What a refusal means: 421 and 4xx to us are patience, 4xx to a recipient is for later, 5xx is for good."""
    told = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    said = f"The server refuses {what} ({code} {' '.join(told.split())[:140]})."
    if code == 421 or (400 <= code < 500 and fault is Fault.ACCOUNT):
        return NeverTaken(Fault.BUSY, said, _LATER)
    if 400 <= code < 500:
        return NeverTaken(Fault.UNREACHABLE, said, _LATER)
    return NeverTaken(fault if 500 <= code < 600 else Fault.UNREACHABLE, said)
