"""A mail server played on this machine: as strict as RFC 5321, with faults at every step, and boxes that bounce, complain and answer.

What a box does is told by the name before the @: gone (does not exist), full (put off, then given up), away (answers by itself), spam
(complains), answers (a person replies); any other takes its mail.  What comes back is laid into a Maildir folder, as a mail server would.
All of it is simulated.
"""

import re
import socketserver
import ssl
import struct
from base64 import b64decode
from binascii import Error as NoBase64
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from threading import Event, Lock
from typing import Any

from sulah.adapters.sandbox.mail_trouble import TAKES, MailTrouble
from sulah.adapters.sandbox.mailboxes import Mailboxes
from sulah.outreach.email.settings import sendable

_LONGEST_LINE = 1000
_LARGEST = 10_000_000
_RESET = struct.pack("ii", 1, 0)
_PATH = re.compile(r"(?:MAIL FROM|RCPT TO):<([^<>\s]*)>((?: [^\s]+)*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Taken:
    """One message that the server took."""

    sender: str
    recipient: str
    envelope_id: str
    content: bytes


@dataclass(slots=True)
class MailServer:
    """One server being played: whom it lets in, what it took, what goes wrong; certificate: (file, key file) for TLS."""

    user: str = ""
    password: str = ""
    certificate: tuple[str, str] | None = None
    implicit_tls: bool = False
    boxes: Mailboxes | None = None
    taken: list[Taken] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    troubles: "deque[MailTrouble]" = field(default_factory=deque)
    over: Event = field(default_factory=Event)
    _turn: Lock = field(default_factory=Lock)

    def ask(self, trouble: str, times: int = 1) -> None:
        """The next so many connections meet a trouble; ValueError for an unknown one."""
        self.troubles.extend([MailTrouble(trouble)] * times)

    def serve(self, port: int) -> socketserver.ThreadingTCPServer:
        """A server on this machine's loopback, ready to serve_forever; port 0: a free one."""
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        server = socketserver.ThreadingTCPServer(("127.0.0.1", port), _Session)
        server.daemon_threads = True
        server.mail = self  # type: ignore[attr-defined]
        return server

    def take(self, message: Taken) -> None:
        """Take a message, and let its box do with it what it does."""
        with self._turn:
            self.taken.append(message)
        if self.boxes is not None:
            self.boxes.deliver(message.sender, message.recipient, message.envelope_id, message.content)


class _GoneError(Exception):
    """The connection is over."""


class _Session(socketserver.StreamRequestHandler):
    """One connection."""

    timeout = 20

    @property
    def mail(self) -> MailServer:
        """The server behind this connection."""
        return self.server.mail  # type: ignore[attr-defined,no-any-return]

    def handle(self) -> None:
        """Commands until the end, in the order that RFC 5321 asks for."""
        self.trouble = self.mail.troubles.popleft() if self.mail.troubles else None
        self.secure, self.greeted, self.signed_in = False, False, not self.mail.user
        self.sender: str | None = None
        self.recipient, self.envelope_id = "", ""
        with suppress(_GoneError, OSError):
            if self.mail.implicit_tls:
                self._close_way()
            self._at("greeting", 421, 554)
            self._say(220, "mail.simulated.example ESMTP (simulated)")
            while self._command(self._line()):
                continue

    def finish(self) -> None:
        """Close what TLS wrapped as well."""
        with suppress(OSError):
            super().finish()
        self.connection.close()

    def _command(self, line: str) -> bool:
        verb = line.partition(" ")[0].upper()
        known: dict[str, Any] = {"EHLO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth, "MAIL": self._mail_from}
        known |= {"RCPT": self._rcpt_to, "DATA": self._content, "RSET": self._reset, "NOOP": self._noop}
        if verb == "QUIT":
            self._say(221, "bye")
            return False
        if verb not in known:
            self._say(502 if verb in ("HELO", "VRFY", "EXPN", "HELP") else 500, "not known")
        else:
            known[verb](line)
        return True

    def _ehlo(self, line: str) -> None:
        if not re.fullmatch(r"EHLO [A-Za-z0-9.\[\]:-]+", line, re.IGNORECASE):
            return self._no(501, "EHLO and a domain")
        self.greeted, self.sender, self.recipient = True, None, ""
        offers = ["mail.simulated.example", f"SIZE {_LARGEST}", "DSN", "ENHANCEDSTATUSCODES"]
        offers += ["STARTTLS"] if self.mail.certificate and not self.secure else []
        offers += ["AUTH PLAIN LOGIN"] if self.mail.user and (self.secure or not self.mail.certificate) else []
        for place, words in enumerate(offers):
            self.wfile.write(f"250{'-' if place < len(offers) - 1 else ' '}{words}\r\n".encode())
        return None

    def _starttls(self, line: str) -> None:
        if self.mail.certificate is None or self.secure:
            return self._no(503, "not now")
        self._say(220, "go ahead")
        self._close_way()
        self.greeted = False  # RFC 3207 4.2: all that was learnt before is forgotten
        return None

    def _close_way(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*(self.mail.certificate or ("", "")))
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile, self.secure = self.connection.makefile("rb"), _Writer(self.connection), True  # type: ignore[assignment]

    def _auth(self, line: str) -> None:
        words = line.split(" ")
        if not self.greeted or (self.mail.certificate and not self.secure) or len(words) != 3 or words[1].upper() != "PLAIN":
            return self._no(504, "AUTH PLAIN with its answer, over TLS")
        try:
            _, user, password = b64decode(words[2], validate=True).decode().split("\0")
        except (NoBase64, ValueError):
            return self._no(501, "no base64")
        if (user, password) != (self.mail.user, self.mail.password):
            return self._no(535, "5.7.8 credentials invalid")
        self.signed_in = True
        return self._say(235, "2.7.0 welcome")

    def _mail_from(self, line: str) -> None:
        found = _PATH.fullmatch(line)
        if not self.greeted or self.sender is not None:
            return self._no(503, "EHLO first, and one message at a time")
        if not self.signed_in:
            return self._no(530, "5.7.0 authentication required")
        options = _options(found)
        if found is None or options is None or (found[1] and not sendable(found[1])):
            return self._no(501, "5.1.7 bad sender address syntax")
        self._at("sender", 451, 550)
        self.sender, self.envelope_id = found[1], options.get("ENVID", "")
        return self._say(250, "2.1.0 ok")

    def _rcpt_to(self, line: str) -> None:
        found = _PATH.fullmatch(line)
        if self.sender is None:
            return self._no(503, "MAIL first")
        if found is None or _options(found) is None or not sendable(found[1]):
            return self._no(501, "5.1.3 bad recipient address syntax")
        if self.recipient:
            return self._no(452, "4.5.3 one recipient a message")
        self._at("recipient", 451, 550)
        self.recipient = found[1]
        return self._say(250, "2.1.5 ok")

    def _content(self, line: str) -> None:
        if not self.recipient or line.upper() != "DATA":
            return self._no(503, "RCPT first")
        self._at("data", 451, 554)
        self._say(354, "end with a dot")
        lines: list[bytes] = []
        while (told := self._raw()) != b".\r\n":
            lines.append(told[1:] if told.startswith(b".") else told)
            if self.trouble is MailTrouble.DROP_CONTENT:
                self._drop()
            if sum(map(len, lines)) > _LARGEST:
                return self._no(552, "5.3.4 too large")
        content = b"".join(lines)
        if not content.isascii():
            return self._no(554, "5.6.1 8-bit letters were not offered")
        return self._answered(Taken(self.sender or "", self.recipient, self.envelope_id, content))

    def _answered(self, message: Taken) -> None:
        """Answer to the final dot, as the trouble wants it."""
        trouble = self.trouble
        if trouble in TAKES or trouble is None or not (trouble.endswith(("_dot", "_effect"))):
            self.mail.take(message)
        self.sender, self.recipient = None, ""
        self._at("dot", 451, 554)
        if trouble is MailTrouble.CLOSING_DOT:
            self._no(421, "4.3.2 closing")
            raise _GoneError
        if trouble in (MailTrouble.DROP_BEFORE_EFFECT, MailTrouble.DROP_AFTER_EFFECT):
            self._drop()
        if trouble in (MailTrouble.HANG_BEFORE_EFFECT, MailTrouble.HANG_AFTER_EFFECT):
            self.mail.over.wait(self.timeout)
            raise _GoneError
        if trouble is MailTrouble.GARBAGE_AFTER_EFFECT:
            self.wfile.write(b"thank you very much\r\n")
            raise _GoneError
        self._say(250, "2.0.0 queued")

    def _reset(self, line: str) -> None:
        self.sender, self.recipient = None, ""
        self._say(250, "ok")

    def _noop(self, line: str) -> None:
        self._say(250, "ok")

    def _at(self, step: str, late: int, never: int) -> None:
        """The trouble of a step, if it is this one."""
        if self.trouble is None or not self.trouble.endswith(f"_{step}"):
            return
        if self.trouble.startswith("drop"):
            self._drop()
        if self.trouble.startswith(("late", "never")):
            self._no(late if self.trouble.startswith("late") else never, f"simulated trouble at {step}")
            raise _GoneError

    def _drop(self) -> None:
        """Break the connection off, hard."""
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
        self.connection.close()
        raise _GoneError

    def _line(self) -> str:
        """One command; only ASCII that ends with CR LF is one."""
        told = self._raw()
        try:
            return told.removesuffix(b"\r\n").decode("ascii")
        except UnicodeDecodeError:
            self._no(500, "5.5.2 no ASCII")
            raise _GoneError from None

    def _raw(self) -> bytes:
        told = self.rfile.readline(_LONGEST_LINE + 1)
        if not told:
            raise _GoneError
        if not told.endswith(b"\r\n") or len(told) > _LONGEST_LINE or b"\r" in told[:-2]:
            self._no(500, "5.5.2 a line ends with CR LF and has at most 1000 octets")
            raise _GoneError
        return told

    def _no(self, code: int, words: str) -> None:
        self.mail.refused.append(f"{code} {words}")
        self._say(code, words)

    def _say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())


class _Writer:
    """Writes at once, after TLS as before."""

    def __init__(self, connection: Any) -> None:
        self._connection, self.closed = connection, False

    def write(self, told: bytes) -> None:
        """Send it."""
        self._connection.sendall(told)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """The connection is closed elsewhere."""
        self.closed = True


def _options(found: re.Match[str] | None) -> dict[str, str] | None:
    """The parameters of MAIL and RCPT that were offered; None for any other."""
    if found is None:
        return None
    given = dict(word.partition("=")[::2] for word in found[2].split())
    known = {"ENVID", "RET"} if found[0].upper().startswith("MAIL") else {"NOTIFY"}
    fine = all(name.upper() in known | {"SIZE"} and value for name, value in given.items())
    return {name.upper(): value for name, value in given.items()} if fine and len(given.get("ENVID", "")) <= 100 else None
