"""The WhatsApp platform as its documents describe it, without its telephones: sessions, limits, quality, and what it keeps (simulated).

Numbers that end in 0 have no WhatsApp, those that end in 1 are switched off, and those that end in 5 to 9 send read receipts.  Sources:
Meta for Developers, WhatsApp Business Platform, "Send messages" (customer service windows, pair rate limits), "Throughput", "Messaging
limits", "Template quality rating", "Error codes".  No code of its own is documented for the tier: 131048 is given, whose words are nearest.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from sulah.adapters.sandbox.whatsapp_asked import Asked, RefusedError, Said, asked_of, error
from sulah.kernel.dates import Clock
from sulah.outreach.whatsapp.form import Form
from sulah.outreach.whatsapp.settings import Provider, WhatsAppSettings

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
PAIR_BURST, PAIR_EVERY = 45, timedelta(seconds=6)
THROUGHPUT = 80
"""Messages to one person that may be borrowed at once, and how long each takes to be earned back; messages a second of a number.

Six seconds and 80 are documented; that 45 may be borrowed was not to be read anywhere (verify)."""

QUALITY = ("GREEN", "YELLOW", "RED", "PAUSED")
"""How a template falls, one step with each report of a person; paused it is not sent ("Template quality rating")."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One message that the platform took; session: was a window open?  late: the code of an error that only the webhook tells."""

    id: str
    asked: Asked
    at: datetime
    session: bool
    late: int = 0

    @property
    def arrives(self) -> tuple[str, ...]:
        """The statuses that follow, in the order in which they happen."""
        if self.late:
            return ("failed",)
        last = self.asked.to[-1]
        return ("sent",) if last == "1" else ("sent", "delivered", "read") if last in "56789" else ("sent", "delivered")


@dataclass(slots=True)
class Platform:
    """One business number on it.

    tier: persons that may be reached outside sessions in 24 hours.  told_late: errors about the person come by webhook only, after a 200
    ("Error codes": some come either way).  held: templates under quality assessment.  windows: when each person wrote last.
    """

    settings: WhatsAppSettings
    provider: Provider
    clock: Clock
    tier: int = 250
    told_late: bool = False
    held: set[str] = field(default_factory=set)
    status: dict[tuple[str, str], str] = field(default_factory=dict)
    quality: dict[tuple[str, str], int] = field(default_factory=dict)
    media: set[str] = field(default_factory=set)
    kept: list[Kept] = field(default_factory=list)
    windows: dict[str, datetime] = field(default_factory=dict)
    refused: int = 0
    _reached: dict[str, datetime] = field(default_factory=dict)
    _pairs: dict[str, "tuple[datetime, timedelta]"] = field(default_factory=dict)
    _second: "deque[datetime]" = field(default_factory=deque)
    _turn: Lock = field(default_factory=Lock)

    @property
    def forms(self) -> dict[tuple[str, str], Form]:
        """The registered templates by registered name and language."""
        return {(form.registered, form.code): form for form in self.settings.forms.values()}

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Said, Kept | None]:
        """One request to send: the answer, and the message that was kept, if any."""
        with self._turn:
            try:
                self._admit(path, headers)
                kept = self._judge(asked_of(body, self.forms))
            except RefusedError as refusal:
                self.refused += 1
                return refusal.said, None
            self.kept.append(kept)
        message = {"id": kept.id}
        if kept.asked.form is not None:
            message["message_status"] = "held_for_quality_assessment" if kept.asked.form.registered in self.held else "accepted"
        contact = {"input": kept.asked.to, "wa_id": kept.asked.to}
        return Said(200, {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}), kept

    def hear(self, person: str) -> None:
        """A person wrote: the window is open for a day from now."""
        with self._turn:
            self.windows[person] = self.clock()

    def open_for(self, person: str) -> bool:
        """Has the person written within the last 24 hours?"""
        last = self.windows.get(person)
        return last is not None and self.clock() - last < DAY

    def report(self, name: str, code: str) -> str:
        """A person reports a template: its quality falls by a step; the step it is on now."""
        with self._turn:
            step = min(self.quality.get((name, code), 0) + 1, len(QUALITY) - 1)
            self.quality[name, code] = step
            if QUALITY[step] == "PAUSED":
                self.status[name, code] = "PAUSED"
        return QUALITY[step]

    def _admit(self, path: str, headers: Mapping[str, str]) -> None:
        if headers.get("authorization") != f"Bearer {self.provider.token}":
            raise RefusedError(190, "Invalid OAuth access token.")
        if path != f"/{self.provider.version}/{self.provider.number_id}/messages":
            refusal = RefusedError(100, "Unsupported post request. Object does not exist.")
            refusal.said = error(100, "Unsupported post request. Object does not exist.", subcode=33)
            raise refusal
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise RefusedError(100, "The body must be application/json.")

    def _judge(self, asked: Asked) -> Kept:
        """What the platform keeps of a well-formed request; RefusedError where a limit, a template or the person stands against it."""
        now = self.clock()
        self._throughput(now)
        self._pair(asked.to, now)
        session = self.open_for(asked.to)
        late = self._person(asked, session)
        if asked.form is not None:
            self._template(asked.form)
            if not session and not late:
                self._tier(asked.to, now)
        elif asked.media.isdigit() and asked.media not in self.media:
            raise RefusedError(131009, "The media id is not one of this number.")
        return Kept(self._id(asked), asked, now, session, late)

    def _id(self, asked: Asked) -> str:
        return f"wamid.{sha256(f'{self.provider.number_id}:{len(self.kept)}:{asked.reference}'.encode()).hexdigest()[:40].upper()}"

    def _person(self, asked: Asked, session: bool) -> int:
        """The code of an error about the person that comes later; raised at once where errors come at once."""
        code = 131026 if asked.to.endswith("0") else 131047 if asked.form is None and not session else 0
        if code and not self.told_late:
            raise RefusedError(code, "Message undeliverable." if code == 131026 else "More than 24 hours have passed since the last reply.")
        return code

    def _template(self, form: Form) -> None:
        status = self.status.get((form.registered, form.code), "APPROVED")
        if status != "APPROVED":
            code = {"PAUSED": 132015, "DISABLED": 132016}.get(status, 132001)
            raise RefusedError(code, f"The template is {status.lower()}.")

    def _throughput(self, now: datetime) -> None:
        while self._second and now - self._second[0] >= SECOND:
            self._second.popleft()
        if len(self._second) >= THROUGHPUT:
            raise RefusedError(130429, "Cloud API message throughput has been reached.")
        self._second.append(now)

    def _pair(self, person: str, now: datetime) -> None:
        """One message in six seconds, of which 45 may be borrowed."""
        last, owed = self._pairs.get(person, (now, timedelta()))
        owed = max(timedelta(), owed - (now - last))
        if owed > PAIR_EVERY * (PAIR_BURST - 1):
            raise RefusedError(131056, "Too many messages sent from this number to the same person in a short time.")
        self._pairs[person] = (now, owed + PAIR_EVERY)

    def _tier(self, person: str, now: datetime) -> None:
        if person not in self._reached and len(self._reached) >= self.tier:
            self._reached = {each: at for each, at in self._reached.items() if now - at < DAY}
        if person not in self._reached and len(self._reached) >= self.tier:
            raise RefusedError(131048, "There are restrictions on how many messages can be sent from this phone number.")
        self._reached[person] = now

    def found(self, reference: str) -> Kept | None:
        """A message by our reference or the platform's id, the latest one."""
        return next((kept for kept in reversed(self.kept) if reference in (kept.id, kept.asked.reference)), None)
