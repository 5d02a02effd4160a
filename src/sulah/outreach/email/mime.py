"""A message as bytes: plain text and the same in the plainest HTML, headers into which nothing can be slipped, nothing fetched from afar.

Sources: RFC 5322 (message), RFC 2047 (words in headers), RFC 8058 (one click stops: List-Unsubscribe with List-Unsubscribe-Post), RFC
3834 (Auto-Submitted, so that holiday notes do not answer), RFC 3461 (envelope id).  There is no picture, no address of ours that tells
who opened it, and no link but those that the registered text holds on its registered hosts.
"""

import re
from base64 import encodebytes
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from urllib.parse import urlencode

from sulah.outreach.channel import Message
from sulah.outreach.email.marks import REFERENCE, marked, returned_to
from sulah.outreach.email.settings import LONGEST_SUBJECT, EmailSettings, sendable
from sulah.outreach.sms.wire import UnsendableError

LONGEST_TEXT = 20_000
_WORD = 75
"""What an encoded word of a header may hold at most (RFC 2047 2)."""
_HTTPS = re.compile(r"https://([a-z0-9.-]+)(?=[/.,;:)]|$)")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a server is given: return path, recipient, envelope id for its reports, the message, and the Message-ID without brackets."""

    sender: str
    recipient: str = field(repr=False)
    envelope_id: str
    message_id: str
    content: bytes = field(repr=False)


def message_id(settings: EmailSettings, secret: str, reference: str) -> str:
    """The Message-ID of one of our messages, without brackets; it is our reference and its mark, so an answer tells which it answers."""
    return f"{marked(secret, 'id', reference)}@{settings.domain}"


def stop_address(settings: EmailSettings, secret: str, reference: str) -> str:
    """Where one click stops messages to whoever got this one."""
    return f"{settings.stop_address}?{urlencode({'t': marked(secret, 'stop', reference)})}"


def envelope(settings: EmailSettings, message: Message, at: datetime) -> Envelope:
    """Everything that is handed over for one message; UnsendableError for what cannot be written safely.

    message.text: the words of a person, first line the subject; else a registered text with its values.
    """
    if not REFERENCE.fullmatch(message.reference):
        raise UnsendableError(f"the reference {message.reference!r} has letters that an address may not have, or too many")
    if not sendable(message.to):
        raise UnsendableError("the address is none that can be written to")
    template = None if message.text else settings.template(message.template)
    whole = message.text if template is None else template.body(message.values)
    subject, _, text = whole.partition("\n")
    if not subject.strip() or not text.strip() or len(subject) > 2 * LONGEST_SUBJECT or len(text) > LONGEST_TEXT:
        raise UnsendableError("it needs a subject on its first line and a text, neither of them too long")
    if _SURROGATE.search(text):
        raise UnsendableError("the text has half a letter in it")
    secret = settings.secrets[0]
    name = message_id(settings, secret, message.reference)
    automatic = template is not None
    headers = [
        ("From", f"{_phrase(settings.from_name)} <{settings.from_address}>"),
        ("To", f"<{message.to}>"),
        ("Reply-To", f"<{settings.reply_to}>"),
        ("Subject", _words(subject)),
        ("Date", format_datetime(at)),
        ("Message-ID", f"<{name}>"),
        ("List-Unsubscribe", f"<{stop_address(settings, secret, message.reference)}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        *([("Auto-Submitted", "auto-generated")] if automatic else []),
        ("MIME-Version", "1.0"),
    ]
    hosts = template.hosts if template is not None else ()
    language = template.language if template is not None else "en"
    content = _headers(headers) + _body(subject, text.strip("\n"), language, hosts, name)
    sender = f"{returned_to(secret, message.reference)}@{settings.bounce_domain}"
    return Envelope(sender, message.to, marked(secret, "envelope", message.reference), name, content)


def _headers(given: list[tuple[str, str]]) -> bytes:
    """Header lines; UnsendableError for one with anything but printable letters of ASCII (folds of encoded words are our own)."""
    for name, value in given:
        bare = value.replace("\r\n ", "")
        if not bare.isascii() or not bare.isprintable():
            raise UnsendableError(f"the header {name} has a letter that a header may not have")
    return "".join(f"{name}: {value}\r\n" for name, value in given).encode("ascii")


def _words(text: str) -> str:
    """The words of a subject: as they are where they are ASCII, else as encoded words; UnsendableError for a line break in them."""
    if not text.isprintable():
        raise UnsendableError("the subject has a line break or another letter that cannot be printed")
    if text.isascii() and "=?" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=_WORD, header_name="Subject").encode(linesep="\r\n")


def _phrase(name: str) -> str:
    """A name before an address: quoted, or as encoded words."""
    if not name.isprintable():
        raise UnsendableError("the name of the sender has a letter that cannot be printed")
    if name.isascii() and "=?" not in name:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return Header(name, "utf-8", maxlinelen=_WORD, header_name="From").encode(linesep="\r\n")


def _body(subject: str, text: str, language: str, hosts: tuple[str, ...], name: str) -> bytes:
    boundary = f"=_{sha256(name.encode()).hexdigest()[:32]}"
    parts = [("text/plain", text.replace("\n", "\r\n")), ("text/html", page(subject, text, language, hosts))]
    lines = [f'Content-Type: multipart/alternative; boundary="{boundary}"', f"Content-Language: {language}", ""]
    for kind, words in parts:
        encoded = encodebytes(words.encode()).decode().rstrip("\n").split("\n")
        lines += [f"--{boundary}", f"Content-Type: {kind}; charset=utf-8", "Content-Transfer-Encoding: base64", "", *encoded]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode("ascii")


def page(subject: str, text: str, language: str, hosts: tuple[str, ...]) -> str:
    """The text as the plainest page: paragraphs, and links only to registered hosts.

    >>> page("Due", "Pay at https://pay.kaveri.example/x or <ask>.", "en", ("pay.kaveri.example",)).partition("<body>")[2]
    '<p>Pay at <a href="https://pay.kaveri.example/x">https://pay.kaveri.example/x</a> or &lt;ask&gt;.</p></body></html>'
    """
    paragraphs = [part.strip("\n") for part in text.split("\n\n") if part.strip()]
    inner = "".join(f"<p>{'<br>'.join(_line(line, hosts) for line in part.splitlines())}</p>" for part in paragraphs)
    head = f'<head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
    return f'<!doctype html><html lang="{escape(language)}">{head}<body>{inner}</body></html>'


def _line(line: str, hosts: tuple[str, ...]) -> str:
    return " ".join(_link(word) if _registered(word, hosts) else escape(word) for word in line.split(" "))


def _registered(word: str, hosts: tuple[str, ...]) -> bool:
    found = _HTTPS.match(word)
    return found is not None and found[1] in hosts


def _link(word: str) -> str:
    bare = word.rstrip(".,;:)")
    return f'<a href="{escape(bare)}">{escape(bare)}</a>{escape(word[len(bare) :])}'
