"""What comes in by mail: bounces, complaints, automatic answers and what people write, told apart and read strictly.

Sources: RFC 3464 (delivery status), RFC 5965 (complaint feedback), RFC 3834 (automatic answers), RFC 8601 (what our own server found out
about a sender).  A bounce or a complaint is believed only where a mark of ours in it is right; one mail speaks of one message.  A mail is
read up to LARGEST bytes, which holds headers and text; the pictures behind them are not looked at.
"""

import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256

from sulah.kernel.sending import SendState
from sulah.outreach.channel import Heard, HeardKind, Report, UnreadableReportError
from sulah.outreach.email.marks import Ours, read_marked, read_returned
from sulah.outreach.email.mime import message_id
from sulah.outreach.email.reply import new_part, words_of_page
from sulah.outreach.email.settings import EmailSettings, sendable

LARGEST = 256_000
_MOST_PARTS = 40
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_STATUS = re.compile(r"([245])\.[0-9]{1,3}\.[0-9]{1,3}")
_CHARSET = re.compile(r"utf-?8|us-ascii|ascii|iso-?8859-[0-9]{1,2}|windows-12[0-9]{2}|utf-?16(le|be)?", re.IGNORECASE)
_ATTESTED = {"failed": SendState.UNDELIVERED, "delivered": SendState.DELIVERED, "relayed": SendState.SENT, "expanded": SendState.SENT}
_AWAY = re.compile(r"(auto(matic|mated)?[ -]?(reply|response)|out of (the )?office|on (leave|vacation))", re.IGNORECASE)


def read_mail(settings: EmailSettings, raw: bytes) -> tuple[Report | Heard, ...]:
    """What one mail says: a report, something heard, or nothing for automatic answers; UnreadableReportError for what is odd."""
    raw = raw[:LARGEST]
    low = raw.lower()
    if low.count(b"multipart/") + low.count(b"message/") > _MOST_PARTS or low.count(b"boundary") > _MOST_PARTS:
        raise UnreadableReportError("it has too many parts within parts")
    try:
        mail = message_from_bytes(raw)
        return _read(settings, mail, raw)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:  # what the parser is known to raise on odd mail
        if isinstance(error, UnreadableReportError):
            raise
        raise UnreadableReportError(f"it cannot be taken apart ({type(error).__name__})") from error


def _read(settings: EmailSettings, mail: Message, raw: bytes) -> tuple[Report | Heard, ...]:
    kind = mail.get_content_type()
    if kind == "multipart/report":
        told = str(mail.get_param("report-type") or "").lower()
        if told == "delivery-status":
            return _bounce(settings, mail)
        return _complaint(settings, mail) if told == "feedback-report" else ()
    if _automatic(mail):
        return ()
    return (_reply(settings, mail, raw),)


def _bounce(settings: EmailSettings, mail: Message) -> tuple[Report, ...]:
    """A delivery status: failed only where every recipient that it names failed; a delay is nothing yet."""
    blocks = [block for part in _parts(mail) if part.get_content_type() == "message/delivery-status" for block in _inner(part)]
    recipients = [block for block in blocks if block.get("Action") is not None]
    if not recipients or len(recipients) > _MOST_PARTS:
        raise UnreadableReportError("it is a delivery report without recipients")
    actions = {_field(block, "Action").lower().split(" ")[0] for block in recipients}
    statuses = [_STATUS.search(_field(block, "Status")) for block in recipients]
    if actions - {*_ATTESTED, "delayed"} or None in statuses:
        raise UnreadableReportError("it has an action or a status that RFC 3464 does not know")
    about = _ours(settings, mail, blocks)
    if "delayed" in actions:
        return ()
    attested = SendState.UNDELIVERED if actions == {"failed"} else SendState.DELIVERED if "delivered" in actions else SendState.SENT
    words = ""
    if attested is SendState.UNDELIVERED:
        words = " ".join(f"{_field(recipients[0], 'Status')} {_field(recipients[0], 'Diagnostic-Code')}".split())[:200]
    return (_report(settings, about, attested, _when(mail), words),)


def hard(report: Report) -> bool:
    """Does a bounce say that the address is no good (5.x.x), and not only that its box is full or its server away?

    >>> hard(Report("e", "m", "t", SendState.UNDELIVERED, "", "5.1.1 smtp; 550 no such user"))
    True
    >>> hard(Report("e", "m", "t", SendState.UNDELIVERED, "", "5.2.2 smtp; 552 mailbox full"))
    False
    """
    return report.attested is SendState.UNDELIVERED and re.match(r"5\.1\.(1|2|3|6|10)\b|5\.2\.1\b", report.error) is not None


def _complaint(settings: EmailSettings, mail: Message) -> tuple[Heard, ...]:
    """Somebody pressed `this is spam` in her mail program: read as the button that stops messages."""
    fields = [block for part in _parts(mail) if part.get_content_type() == "message/feedback-report" for block in _inner(part)]
    if len(fields) != 1:
        raise UnreadableReportError("it is a complaint without its fields")
    told = _field(fields[0], "Feedback-Type").lower()
    if told not in ("abuse", "fraud", "virus", "other", "not-spam", "opt-out", "opt-out-list"):
        raise UnreadableReportError("it is a complaint of a kind that RFC 5965 does not know")
    about = _ours(settings, mail, fields)
    if told in ("not-spam", "virus"):
        return ()
    sender = _address(_field(fields[0], "Original-Rcpt-To"))
    event = _event("complaint", about.reference, told)
    return (
        Heard(
            event, sender, _when(mail), HeardKind.BUTTON, f"complaint: {told}", "stop", about.reference, _field(mail, "Message-ID")[:160]
        ),
    )


def _reply(settings: EmailSettings, mail: Message, raw: bytes) -> Heard:
    """What a person wrote; `answers` only where the Message-ID that it answers is marked by us."""
    sender = _address(_field(mail, "From"))
    if not sender:
        raise UnreadableReportError("it has no sender")
    if settings.authserv and _refused(settings.authserv, mail):
        raise UnreadableReportError("our own mail server says that its sender is not who it says")
    answered = {ours.reference for name in ("In-Reply-To", "References") for ours in _named(settings, _field(mail, name))}
    text = new_part(_text(mail))
    kind = HeardKind.REPLY if text else HeardKind.MEDIA
    event = _event("reply", sender, _field(mail, "Message-ID"), _field(mail, "Date"), sha256(text.encode("utf-8", "replace")).hexdigest())
    return Heard(event, sender, _when(mail), kind, text, "", answered.pop() if len(answered) == 1 else "", _field(mail, "Message-ID")[:160])


def _ours(settings: EmailSettings, mail: Message, blocks: list[Message]) -> Ours:
    """The one message of ours that a report is about, by every mark that is in it; UnreadableReportError where there is none, or two."""
    found: list[Ours] = []
    for name in ("Delivered-To", "X-Original-To", "To"):
        for value in mail.get_all(name, []):
            found += _returned(settings, str(value))
    for block in blocks:
        found += filter(None, [read_marked(settings.secrets, "envelope", _field(block, "Original-Envelope-Id"))])
        found += _returned(settings, _field(block, "Original-Mail-From"))
    for part in _parts(mail):
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            for returned in _inner(part):
                found += _named(settings, _field(returned, "Message-ID"))
    references = {ours.reference for ours in found}
    if len(references) != 1:
        raise UnreadableReportError("it names two messages of ours" if references else "it names no message of ours")
    return found[0]


def _returned(settings: EmailSettings, value: str) -> Iterator[Ours]:
    for address in _ADDRESS.findall(value[:2_000]):
        local, _, domain = address.rpartition("@")
        ours = read_returned(settings.secrets, local) if domain.lower() == settings.bounce_domain else None
        if ours is not None:
            yield ours


def _named(settings: EmailSettings, value: str) -> Iterator[Ours]:
    """Our messages among some Message-IDs."""
    for told in re.findall(r"<([^<>\s]{3,250})>", value[:20_000]):
        left, _, domain = told.rpartition("@")
        ours = read_marked(settings.secrets, "id", left) if domain.lower() == settings.domain else None
        if ours is not None:
            yield ours


def _report(settings: EmailSettings, about: Ours, attested: SendState, at: str, words: str) -> Report:
    event = _event("bounce", about.reference, attested, words)
    return Report(event, about.reference, message_id(settings, about.secret, about.reference), attested, at, words)


def _automatic(mail: Message) -> bool:
    """Did a machine write it?  Then nobody answers, and nobody is told (RFC 3834 2)."""
    if _field(mail, "Auto-Submitted").split(";")[0].strip().lower() not in ("", "no"):
        return True
    if _field(mail, "Precedence").lower() in ("bulk", "auto_reply", "junk", "list") or mail.get("List-Id") is not None:
        return True
    if _field(mail, "Return-Path").replace(" ", "") == "<>" or any(mail.get(name) is not None for name in ("X-Autoreply", "X-Autorespond")):
        return True
    return _AWAY.search(_field(mail, "Subject")[:300]) is not None


def _refused(authserv: str, mail: Message) -> bool:
    """Does our own server say that the sender's domain disowns this mail (dmarc=fail)?  Another server's word is nobody's."""
    told = [str(value) for value in mail.get_all("Authentication-Results", [])]
    ours = [value for value in told if value.split(";")[0].strip().split(" ")[0].lower() == authserv.lower()]
    return any(re.search(r"\bdmarc\s*=\s*fail\b", value, re.IGNORECASE) for value in ours)


def _text(mail: Message) -> str:
    """The plain text, else the words of the page."""
    for kind in ("text/plain", "text/html"):
        for part in mail.walk():
            if part.get_content_type() == kind and not part.is_multipart() and part.get_content_disposition() != "attachment":
                words = _decoded(part)
                found = words if kind == "text/plain" else words_of_page(words)
                if found.strip():
                    return found
    return ""


def _decoded(part: Message) -> str:
    """The text of a part; letters that its charset does not have are shown as such."""
    raw = part.get_payload(decode=True)
    told = str(part.get_param("charset") or "utf-8")
    charset = told if _CHARSET.fullmatch(told) else "utf-8"
    return raw.decode(charset, "replace").replace("\x00", "") if isinstance(raw, bytes) else ""


def _parts(mail: Message) -> list[Message]:
    payload = mail.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _inner(part: Message) -> list[Message]:
    """The messages or blocks of fields in a part; headers alone are read as a message without text."""
    if part.get_content_type() == "text/rfc822-headers":
        raw = part.get_payload(decode=True)
        return [message_from_bytes(raw)] if isinstance(raw, bytes) else []
    return _parts(part)


def _field(mail: Mapping[str, str] | Message, name: str) -> str:
    """A header as one line; the first where it stands twice."""
    return " ".join(str(mail.get(name) or "").split())


def _address(value: str) -> str:
    """The one address in a header, in small letters; empty where there is none that could be written to."""
    found = _ADDRESS.findall(value.rpartition("<")[2][:400]) or _ADDRESS.findall(value[:400])
    address = str(found[-1]).lower().rstrip(".") if found else ""
    return address if sendable(address) else ""


def _when(mail: Message) -> str:
    """When it was written, by its own word, with its zone; empty where it does not say both."""
    try:
        found = parsedate_to_datetime(_field(mail, "Date"))
    except (TypeError, ValueError, OverflowError, IndexError):
        return ""
    return found.isoformat() if found.tzinfo is not None else ""


def _event(*parts: object) -> str:
    return sha256("|".join(str(part) for part in parts).encode("utf-8", "replace")).hexdigest()[:40]
