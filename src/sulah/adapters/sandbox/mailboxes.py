"""Mail boxes played on this machine: what comes back from them is laid into a Maildir folder, written as mail servers write it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from mailbox import Maildir
from pathlib import Path
from threading import Lock

_FORMS: Mapping[str, str] = {
    "gone": "failed|5.1.1|smtp; 550 5.1.1 no such user here",
    "full": "failed|5.2.2|smtp; 552 5.2.2 mailbox full",
    "slow": "delayed|4.4.1|smtp; 451 4.4.1 no answer from host",
}


@dataclass(slots=True)
class Mailboxes:
    """All boxes of one server; words: what the person of the box `answers` writes.

    twice: every mail that comes back comes twice, as a server that was interrupted delivers it.
    """

    folder: Path
    words: Callable[[], str] = lambda: "I have paid."
    twice: bool = False
    arrived: list[str] = field(default_factory=list)
    _turn: Lock = field(default_factory=Lock)

    def deliver(self, sender: str, recipient: str, envelope_id: str, content: bytes) -> None:
        """What the box does with a message."""
        name = recipient.partition("@")[0].split(".")[0]
        if name in _FORMS:
            self.lay(bounce(sender, recipient, envelope_id, content, *_FORMS[name].split("|")))
        elif name == "spam":
            self.lay(complaint(sender, recipient, content))
        elif name in ("away", "answers"):
            self.lay(answer(recipient, content, "" if name == "away" else self.words()))
        else:
            self.arrived.append(recipient)

    def lay(self, mail: bytes) -> None:
        """Lay a mail into the folder."""
        with self._turn:
            folder = Maildir(self.folder)
            for _ in range(2 if self.twice else 1):
                folder.add(mail)


def bounce(sender: str, recipient: str, envelope_id: str, content: bytes, action: str, status: str, why: str) -> bytes:
    """A delivery status notification (RFC 3464), with the headers of the message returned."""
    head = content.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    asked = f"Original-Envelope-Id: {envelope_id}\r\n" if envelope_id else ""
    parts = [
        ("text/plain", "This is the mail system (simulated). Your message could not be delivered."),
        (
            "message/delivery-status",
            f"Reporting-MTA: dns; mail.simulated.example\r\n{asked}\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: {why}\r\n",
        ),
        ("text/rfc822-headers", f"{head}\r\n"),
    ]
    headers = {"From": "MAILER-DAEMON@mail.simulated.example", "Subject": "Undelivered Mail Returned to Sender"}
    return _report({"Return-Path": "<>", "Delivered-To": sender, **headers, "To": sender}, "delivery-status", parts)


def complaint(sender: str, recipient: str, content: bytes) -> bytes:
    """A complaint in the form of RFC 5965."""
    parts = [
        ("text/plain", "This is an email abuse report (simulated)."),
        (
            "message/feedback-report",
            f"Feedback-Type: abuse\r\nUser-Agent: Simulated/1\r\nVersion: 1\r\nOriginal-Rcpt-To: <{recipient}>\r\n",
        ),
        ("message/rfc822", content.decode("ascii", "replace")),
    ]
    return _report({"From": "abuse@simulated.example", "To": sender, "Subject": "FW: complaint"}, "feedback-report", parts)


def answer(recipient: str, content: bytes, words: str) -> bytes:
    """An answer to a message; without words it is one that the box writes by itself."""
    asked = message_from_bytes(content)
    headers = {
        "Return-Path": f"<{recipient}>",
        "From": f"Somebody <{recipient}>",
        "To": str(asked["Reply-To"]),
        "Subject": "Re: your message" if words else "Out of office",
        "Date": "Mon, 23 Nov 2026 10:15:00 +0530",
        "Message-ID": f"<answer-to-{str(asked['Message-ID']).strip('<>')}>",
        "In-Reply-To": str(asked["Message-ID"]),
        **({} if words else {"Auto-Submitted": "auto-replied"}),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    quoted = "On Mon, 23 Nov 2026 at 10:00, Kaveri <care@kaveri.example> wrote:\r\n> Rs 500 is due.\r\n"
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{head}\r\n{words or 'I am away.'}\r\n\r\n{quoted}".encode()


def _report(headers: Mapping[str, str], kind: str, parts: list[tuple[str, str]]) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = "".join(f"--=_simulated\r\nContent-Type: {form}\r\n\r\n{text}\r\n" for form, text in parts)
    return (
        f"{head}Date: Mon, 23 Nov 2026 10:01:00 +0530\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="=_simulated"\r\n\r\n{body}--=_simulated--\r\n'
    ).encode()
