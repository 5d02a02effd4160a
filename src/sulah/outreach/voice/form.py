"""Forms and telephone numbers as providers of calls write them: urlencoded, multipart or JSON; 0 or 91 or nothing before ten digits."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from email import message_from_bytes
from hashlib import sha256
from urllib.parse import parse_qsl

from sulah.outreach.channel import UnreadableReportError

_NUMBER = re.compile(r"(?:\+91|0091|91|0)?([1-9][0-9]{9})")
_MOBILE = re.compile(r"\+91[6-9][0-9]{9}")
MOST_FIELDS = 200
REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
"""Our own reference: what every provider's field of ours may hold."""

RECORDING = re.compile(r"https://[A-Za-z0-9.-]+/[^\s\"'<>]{1,400}")


def whole_number(told: str) -> str:
    """A number as +91 and ten digits, however it was written; empty where it is none.

    >>> whole_number("09812345678"), whole_number("919812345678"), whole_number("+911601223001"), whole_number("12")
    ('+919812345678', '+919812345678', '+911601223001', '')
    """
    found = _NUMBER.fullmatch(told.strip())
    return f"+91{found[1]}" if found else ""


def callable_number(number: str) -> bool:
    """Is it an Indian mobile number, as +91 and ten digits?

    >>> callable_number("+919812345678"), callable_number("+911601223001"), callable_number("9812345678")
    (True, False, False)
    """
    return _MOBILE.fullmatch(number) is not None


def basic(user: str, password: str) -> str:
    """The Authorization header of HTTP basic authentication (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def urlencoded(body: bytes) -> dict[str, str]:
    """A form; UnreadableReportError where it is none, or has too many fields."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise UnreadableReportError("it is no form") from error
    return dict(pairs)


def fields(content_type: str, body: bytes) -> dict[str, object]:
    """What a callback holds, by its content type: JSON object, multipart/form-data or urlencoded; UnreadableReportError for anything else.

    The type is the provider's word; a body that is plainly JSON is read as such, because providers have been seen to mix them up.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return dict(_multipart(content_type, body))
    if kind == "application/json" or body.lstrip()[:1] == b"{":
        try:
            told = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise UnreadableReportError("it is no JSON") from error
        if not isinstance(told, dict):
            raise UnreadableReportError("it is no JSON object")
        return told
    return dict(urlencoded(body))


def _multipart(content_type: str, body: bytes) -> dict[str, str]:
    boundary = re.search(r"boundary=\"?([A-Za-z0-9'()+_,./:=?-]{1,70})", content_type)
    if boundary is None or body.count(boundary[1].encode()) > MOST_FIELDS:
        raise UnreadableReportError("it is no multipart form, or one with too many fields")
    head = f'Content-Type: multipart/form-data; boundary="{boundary[1]}"\r\n\r\n'.encode()
    parts = message_from_bytes(head + body).get_payload()
    if not isinstance(parts, list):
        raise UnreadableReportError("it is no multipart form")
    found = {}
    for part in parts:
        if isinstance(part, str):
            continue
        name, payload = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            found[name] = payload.decode("utf-8", "replace").strip()
    return found


def plain(told: Mapping[str, object], name: str) -> str:
    """A field as text, numbers too; empty where it is missing, null or something else."""
    value = told.get(name)
    return value.strip() if isinstance(value, str) else str(value) if type(value) is int else ""


def seconds_of(told: str) -> int:
    """Whole seconds; 0 where it is none or beyond any call."""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 7 else 0


def recording_of(told: str) -> str:
    """The address of a recording, where it is one over https; it is kept and shown to those who may listen, never fetched from here."""
    return told if RECORDING.fullmatch(told) else ""


def event_of(*parts: object) -> str:
    """The same for the same thing told again."""
    return sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:40]


def wait_of(asked: str) -> int:
    """Seconds of a Retry-After; a date or nonsense counts as a minute, and nobody makes us wait longer than an hour."""
    return min(3600, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 60
