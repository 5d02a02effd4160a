"""The simulated WhatsApp platform over a socket: the one documented address, the faults that were asked for, webhooks to our own door.

`/_sandbox/...` is no address of the platform: tests and the borrower's simulated phone speak there for persons, and order faults.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sulah.adapters.sandbox.door import Door, served
from sulah.adapters.sandbox.faults import TAKES, Faults, Trouble
from sulah.adapters.sandbox.whatsapp import Kept, Platform
from sulah.adapters.sandbox.whatsapp_asked import Said, error
from sulah.adapters.sandbox.whatsapp_events import news, said_by
from sulah.adapters.sandbox.whatsapp_webhooks import Webhooks

_MEDIA = ("image", "document", "audio", "video", "sticker", "location", "contacts")
_AT_ONCE = {Trouble.BUSY: 130429, Trouble.BROKEN: 2, Trouble.REFUSE: 131026}


@dataclass(slots=True)
class WhatsAppSandbox:
    """One number being served; slow_seconds: how late a slow answer comes."""

    platform: Platform
    faults: Faults
    webhooks: Webhooks
    slow_seconds: int = 1
    said: int = 0

    def serve(self, port: int) -> ThreadingHTTPServer:
        """A server on this machine's loopback, ready to serve_forever; port 0: a free one."""
        server = served(port, _Door, self)
        self.webhooks.start()
        return server

    def say(self, asked: dict[str, Any]) -> Said:
        """A person writes, presses a button, sends media or reacts: {from, text | payload | media (caption) | emoji, answers}.

        A button that was not shown under the message answered is refused: nobody can press it.
        """
        person, answered = str(asked.get("from", "")), self.platform.found(str(asked.get("answers", "")))
        said = _said(asked, answered)
        if not (person.isdigit() and 8 <= len(person) <= 15) or said is None:
            return Said(400, {"error": "from must be digits, and what is said must be possible on that phone"})
        self.said += 1
        number = f"wamid.{sha256(f'{person}:{self.said}'.encode()).hexdigest()[:40].upper()}"
        self.platform.hear(person)
        told = {**said, **({"context": {"from": "15550783881", "id": answered.id}} if answered else {})}
        self.webhooks.tell(said_by(self.platform.provider, person, number, self.platform.clock(), told))
        return Said(200, {"id": number})

    def report(self, asked: dict[str, Any]) -> Said:
        """A person reports a template: {name, language}; the platform tells its new quality, and the pause where it is reached."""
        name, code = str(asked.get("name", "")), str(asked.get("language", ""))
        if (name, code) not in self.platform.forms:
            return Said(400, {"error": "no such template"})
        step = self.platform.report(name, code)
        of = {"message_template_id": 1, "message_template_name": name, "message_template_language": code}
        if step == "PAUSED":
            self.webhooks.tell(news("message_template_status_update", {"event": "PAUSED", **of, "reason": "NONE"}))
        else:
            self.webhooks.tell(news("message_template_quality_update", {"new_quality_score": step, **of}))
        return Said(200, {"quality": step})

    def tier(self, asked: dict[str, Any]) -> Said:
        """The portfolio's limit changes: {limit}."""
        self.platform.tier = int(asked["limit"])
        self.webhooks.tell(news("business_capability_update", {"max_daily_conversations_per_business": self.platform.tier}))
        return Said(200, {"limit": self.platform.tier})

    def phone(self, person: str) -> Said:
        """What stands on a person's phone: messages that arrived, with their buttons."""
        shown = [kept for kept in list(self.platform.kept) if kept.asked.to == person and "delivered" in kept.arrives]
        return Said(200, {"simulated": True, "messages": [_shown(kept) for kept in shown]})

    def taken(self) -> Said:
        """Everything that the platform took, for tests."""
        kept = [{"to": each.asked.to, **_shown(each)} for each in list(self.platform.kept)]
        return Said(200, {"kept": kept, "refused_webhooks": self.webhooks.refused, "waiting": self.webhooks.unsent})


def _shown(kept: Kept) -> dict[str, object]:
    template = kept.asked.form.template.name if kept.asked.form else ""
    choices = [{"payload": payload, "label": label} for payload, label in kept.asked.choices.items()]
    return {
        "id": kept.id,
        "reference": kept.asked.reference,
        "template": template,
        "kind": kept.asked.kind,
        "text": kept.asked.text,
        "media": kept.asked.media,
        "choices": choices,
        "at": kept.at.isoformat(),
    }


def _said(asked: dict[str, Any], answered: Kept | None) -> dict[str, object] | None:
    """The type and its part, as the platform writes them; None for what no phone can do."""
    if "text" in asked:
        return {"type": "text", "text": {"body": str(asked["text"])}}
    if "payload" in asked:
        payload = str(asked["payload"])
        label = answered.asked.choices.get(payload) if answered else None
        if answered is None or label is None:
            return None
        if answered.asked.kind == "template":
            return {"type": "button", "button": {"payload": payload, "text": label}}
        return {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": payload, "title": label}}}
    if "emoji" in asked:
        return {"type": "reaction", "reaction": {"message_id": answered.id, "emoji": str(asked["emoji"])}} if answered else None
    if asked.get("media") in _MEDIA:
        kind, caption = str(asked["media"]), str(asked.get("caption", ""))
        return {"type": kind, kind: {"id": "1003383421387256", "mime_type": "simulated", **({"caption": caption} if caption else {})}}
    return None


class _Door(Door):
    """One request."""

    content = "application/json; charset=UTF-8"

    @property
    def sandbox(self) -> WhatsAppSandbox:
        """The platform behind this door."""
        return self.server.sandbox  # type: ignore[attr-defined,no-any-return]

    def posted(self) -> None:
        """The platform's address, and ours."""
        body = self.body()
        if body is None:
            return self._say(error(100, "too large"))
        parts = urlsplit(self.path)
        if not parts.path.startswith("/_sandbox/"):
            return self._send(parts.path, body)
        if parts.path == "/_sandbox/trouble":
            return self._say(self._trouble(dict(parse_qsl(parts.query))))
        acts: dict[str, Callable[[dict[str, Any]], Said]] = {
            "/_sandbox/say": self.sandbox.say,
            "/_sandbox/report": self.sandbox.report,
            "/_sandbox/tier": self.sandbox.tier,
        }
        act = acts.get(parts.path)
        try:
            asked = json.loads(body)
            return self._say(act(asked) if act and isinstance(asked, dict) else Said(404, {"error": "no such address"}))
        except (ValueError, KeyError) as fault:
            return self._say(Said(400, {"error": str(fault)}))

    def got(self) -> None:
        """What was taken and what stands on a phone, for tests and the simulated phone."""
        parts = urlsplit(self.path)
        if parts.path == "/_sandbox/taken":
            return self._say(self.sandbox.taken())
        if parts.path == "/_sandbox/phone":
            return self._say(self.sandbox.phone(dict(parse_qsl(parts.query)).get("number", "")))
        return self._say(error(100, "Unsupported get request."))

    def _trouble(self, asked: dict[str, str]) -> Said:
        kind, times = asked["kind"], int(asked.get("times", "1"))
        if kind.startswith("webhook_"):
            self.sandbox.webhooks.faults.ask(kind.removeprefix("webhook_"), times)
        else:
            self.sandbox.faults.ask(kind, times)
        return Said(200, {})

    def _send(self, path: str, body: bytes) -> None:
        trouble = self.sandbox.faults.of_request()
        if trouble in _AT_ONCE:
            return self._say(error(_AT_ONCE[trouble], f"{trouble.value} (simulated)"))
        if trouble is Trouble.RESET:
            return self.reset()
        said = error(2, "hanging")
        if trouble in TAKES:
            headers = self.small_headers()
            said, kept = self.sandbox.platform.take(path, headers, body)
            if kept is not None:
                self.sandbox.webhooks.taken(kept)
        return self._answered(trouble, said)

    def _answered(self, trouble: Trouble, said: Said) -> None:
        self.answered(
            trouble,
            self.sandbox.webhooks.over,
            self.sandbox.slow_seconds,
            lambda: self._say(said),
            lambda: self._say(error(131000, "Something went wrong (simulated)")),
        )

    def _say(self, said: Said) -> None:
        self.send(said.status, json.dumps(said.body).encode())
