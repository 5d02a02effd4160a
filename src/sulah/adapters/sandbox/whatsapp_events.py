"""What the simulated WhatsApp platform sends to a door: statuses, what persons write, news of account and templates; and what goes wrong.

Source: Meta for Developers, WhatsApp Business Platform, "Status messages webhook reference", "Webhooks: messages" references,
message_template_status_update, message_template_quality_update and business_capability_update webhook references.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random
from threading import Lock

from sulah.adapters.sandbox.whatsapp import Kept
from sulah.adapters.sandbox.whatsapp_asked import TITLES
from sulah.outreach.whatsapp.settings import Provider


class WebhookTrouble(StrEnum):
    """What may happen to the webhooks of one message.

    drop: none comes.  duplicate: each comes three times.  late: they come seconds later.  out_of_order: the last first.  skipped: read
    without delivered.  forged: one that says the contrary comes with a wrong signature.  corrupt: a signed body is cut off.
    """

    NONE = "none"
    DROP = "drop"
    DUPLICATE = "duplicate"
    LATE = "late"
    OUT_OF_ORDER = "out_of_order"
    SKIPPED = "skipped"
    FORGED = "forged"
    CORRUPT = "corrupt"


@dataclass(slots=True)
class WebhookFaults:
    """Gives the next trouble: first what was asked for, in order; then by the seed, for so many of a hundred messages."""

    seed: int = 0
    percent: int = 0
    _asked: "deque[WebhookTrouble]" = field(default_factory=deque)
    _draw: Random | None = None
    _turn: Lock = field(default_factory=Lock)

    def ask(self, trouble: str, times: int) -> None:
        """The next so many messages; ValueError for an unknown trouble."""
        with self._turn:
            self._asked.extend([WebhookTrouble(trouble)] * times)

    def next(self) -> WebhookTrouble:
        """The trouble of the next message."""
        with self._turn:
            if self._asked:
                return self._asked.popleft()
            self._draw = self._draw or Random(self.seed)  # noqa: S311  (a plan of faults, no secret)
            return self._draw.choice(list(WebhookTrouble)[1:]) if self._draw.randrange(100) < self.percent else WebhookTrouble.NONE


Change = dict[str, object]


def statuses_of(provider: Provider, kept: Kept, *, skipped: bool = False) -> list[Change]:
    """The changes that tell what became of a message, in the order in which it happened; skipped: read without delivered."""
    told = [status for status in kept.arrives if not (skipped and status == "delivered" and "read" in kept.arrives)]
    return [_status(provider, kept, status, place) for place, status in enumerate(told)]


def failed_of(provider: Provider, kept: Kept, code: int) -> Change:
    """A change that says that a message failed."""
    return _status(provider, kept, "failed", 9, code)


def _status(provider: Provider, kept: Kept, status: str, after: int, code: int = 0) -> Change:
    told: dict[str, object] = {
        "id": kept.id,
        "status": status,
        "timestamp": str(int(kept.at.timestamp()) + after),
        "recipient_id": kept.asked.to,
    }
    if kept.asked.reference:
        told["biz_opaque_callback_data"] = kept.asked.reference
    if status == "failed":
        number = code or kept.late
        title, details = TITLES[number], {"details": f"{TITLES[number]} (simulated)"}
        told["errors"] = [{"code": number, "title": title, "message": title, "error_data": details}]
    elif status == "sent" or (status == "delivered" and "read" not in kept.arrives) or status == "read":
        told["pricing"] = _pricing(kept)
    return _messages(provider, {"statuses": [told]})


def _pricing(kept: Kept) -> dict[str, object]:
    """A template is charged outside sessions; what is said within one is free ("Pricing", per-message pricing from July 2025)."""
    category = "utility" if kept.asked.form is not None else "service"
    tariff = "free_customer_service" if kept.session else "regular"
    return {"billable": not kept.session, "pricing_model": "PMP", "category": category, "type": tariff}


def said_by(provider: Provider, person: str, number: str, at: datetime, said: Mapping[str, object]) -> Change:
    """The change that carries what a person sent: said has its type, the part of that type, and a context where it answers."""
    message = {"from": person, "id": number, "timestamp": str(int(at.timestamp())), **said}
    contact = {"profile": {"name": "Simulated person"}, "wa_id": person}
    return _messages(provider, {"contacts": [contact], "messages": [message]})


def news(name: str, value: Mapping[str, object]) -> Change:
    """The change of another field."""
    return {"value": dict(value), "field": name}


def _messages(provider: Provider, told: Mapping[str, object]) -> Change:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": provider.number_id}
    return {"value": {"messaging_product": "whatsapp", "metadata": metadata, **told}, "field": "messages"}


def batch(provider: Provider, changes: list[Change], at: datetime) -> dict[str, object]:
    """One webhook; several changes stand in two entries, so that a reader meets both."""
    whole = {"id": provider.account_id, "time": int(at.timestamp())}
    half = len(changes) // 2
    parts = [part for part in (changes[:half], changes[half:]) if part]
    return {"object": "whatsapp_business_account", "entry": [{**whole, "changes": part} for part in parts]}
