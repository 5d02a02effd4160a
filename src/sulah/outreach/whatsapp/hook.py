"""What the platform sends to our door: the handshake, signed batches, and what stands in them.

Source: Meta for Developers, WhatsApp Business Platform, "Webhooks overview" and "Create a webhook endpoint": a GET with hub.mode,
hub.verify_token and hub.challenge, which is answered with the challenge; POSTs with X-Hub-Signature-256, the HMAC-SHA256 of the raw body
by the app secret; several entries, changes, statuses and messages in one; up to 3 MB; repeated for up to 7 days until answered with 200.
"""

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sulah.outreach.channel import Told, UnreadableReportError
from sulah.outreach.http import Call
from sulah.outreach.platform import NewsKind, PlatformNews
from sulah.outreach.whatsapp.answer import shown, told_object
from sulah.outreach.whatsapp.inbound import heard_of
from sulah.outreach.whatsapp.news import news_of
from sulah.outreach.whatsapp.reading import event_id, instant, part, rows, text
from sulah.outreach.whatsapp.settings import Provider
from sulah.outreach.whatsapp.statuses import report_of

LARGEST_BATCH = 3_200_000
"""Bytes of one webhook: the platform sends up to 3 MB."""

_SIGNED = re.compile(r"sha256=([0-9a-f]{64})")
_CHALLENGE = re.compile(r"[A-Za-z0-9_.-]{1,200}")


@dataclass(frozen=True, slots=True)
class CloudHook:
    """The hook of one business number."""

    provider: Provider
    methods: frozenset[str] = frozenset({"GET", "POST"})

    def greet(self, call: Call) -> str | None:
        """The challenge, where the handshake carries our verify token; None for anything else."""
        if call.method != "GET" or call.query.get("hub.mode") != "subscribe":
            return None
        if not hmac.compare_digest(call.query.get("hub.verify_token", "").encode("utf-8", "replace"), self.provider.verify_token.encode()):
            return None
        challenge = call.query.get("hub.challenge", "")
        return challenge if _CHALLENGE.fullmatch(challenge) else None

    def genuine(self, call: Call) -> bool:
        """Is the body signed with one of our app secrets?"""
        given = _SIGNED.fullmatch(call.headers.get("x-hub-signature-256", ""))
        if call.method != "POST" or given is None:
            return False
        fits = [hmac.compare_digest(given.group(1), signature(call.body, secret)) for secret in self.provider.app_secrets]
        return any(fits)

    def read(self, call: Call) -> tuple[Told, ...]:
        """All that stands in one batch, in its order; UnreadableReportError where it is no batch of the platform at all.

        What is odd within a batch is news that is unhandled: the rest of the batch is read all the same.
        """
        told = told_object(call.body)
        if told.get("object") != "whatsapp_business_account" or not isinstance(told.get("entry"), list):
            raise UnreadableReportError("it is no batch of a WhatsApp Business Account")
        try:
            return tuple(one for entry in rows(told, "entry") for one in self._entry(entry))
        except RecursionError as error:
            raise UnreadableReportError("it is nested too deep") from error

    def _entry(self, entry: Mapping[str, object]) -> Iterator[Told]:
        at = instant(entry, "time")
        if text(entry, "id") != self.provider.account_id:
            yield _unhandled("of another account", entry, at)
            return
        for change in rows(entry, "changes"):
            field, value = text(change, "field", 100), part(change, "value")
            if field == "messages":
                yield from self._messages(value, at)
            else:
                yield news_of(field, value, at)

    def _messages(self, value: Mapping[str, object], at: str) -> Iterator[Told]:
        if text(part(value, "metadata"), "phone_number_id") != self.provider.number_id:
            yield _unhandled("messages of another number of the account", value, at)
            return
        told: list[Told] = [report_of(status) for status in rows(value, "statuses")]
        told += [heard_of(message) for message in rows(value, "messages")]
        told += [_error(error, at) for error in rows(value, "errors")]
        yield from told or [_unhandled("messages without any", value, at)]


def signature(body: bytes, secret: str) -> str:
    """The signature of a raw body, as it stands after `sha256=` in the header.

    >>> signature(b"test", "secret")
    '0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914'
    """
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def _error(error: Mapping[str, object], at: str) -> PlatformNews:
    said = text(part(error, "error_data"), "details") or text(error, "title")
    return PlatformNews(NewsKind.ERROR, shown(f"{text(error, 'code', 12)} {said}"), at=at, event_id=event_id("error", error, at))


def _unhandled(words: str, of: Mapping[str, object], at: str) -> PlatformNews:
    return PlatformNews(NewsKind.UNHANDLED, words, at=at, event_id=event_id("unhandled", of, at))
