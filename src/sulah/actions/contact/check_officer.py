"""Somebody at a door checks an officer's code: no log-in, nothing said of any person or loan, and every check written down.

The answer is the officer's name, for whom he works, his certificate and until when the code is good; or that it is not good, always in
the same words, whatever the cause.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from sulah.actions.contact.officer_code import certificate_of, unfit
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import IST, Clock
from sulah.policy.talk.codes import code_limit
from sulah.records.audit import write_audit
from sulah.records.contact.officer_code import OfficerCheck, OfficerCode
from sulah.records.turn import turn

GENUINE, UNKNOWN, OVER, USED, WITHDRAWN, SLOW = "genuine", "unknown", "over", "used", "withdrawn", "slow"
TYPED, QR = "typed", "qr"
_LONGEST = 60
_VISITOR = "somebody at a door"
"""Who acts: nobody knows, and nobody asks."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; everything but the outcome is empty unless it is genuine.  employer: the agency, empty for the lender's own."""

    outcome: str
    name: str = ""
    employer: str = ""
    certificate: str = ""
    until: datetime | None = None

    @property
    def genuine(self) -> bool:
        """Is the officer who he says?"""
        return self.outcome == GENUINE


def check_officer(given: str, way: str, *, visitor: str, language: str, vault: Vault, clock: Clock) -> Checked:
    """Check what was typed, or the sign of a QR code; visitor: where it comes from, kept as a blind index only.

    Whoever tries too often is answered SLOW, and nothing is written down of that: it could be done without end.
    """
    key = vault.number_key(f"visitor|{visitor}")
    said = digits_of(given) if way == TYPED else given[:_LONGEST]
    with turn(), transaction.atomic():
        now = clock()
        if _too_often(key, way, now):
            return Checked(SLOW)
        wanted = {"code_key": vault.number_key(f"code|{said}")} if way == TYPED else {"token_key": vault.number_key(f"token|{said}")}
        rows = OfficerCode.objects.select_for_update(of=("self",)).select_related("agent__agency").filter(**wanted)
        row = rows.order_by("-id").first()
        found = _found(row, now)
        OfficerCheck.objects.create(code=row, outcome=found.outcome, way=way, language=language, visitor=key, at=now)
        subject = f"agent:{row.agent_id}" if row is not None else "agent:unknown"
        after = {"outcome": found.outcome, "way": way, "code": row.pk if row is not None else None, "language": language}
        write_audit(at=now, actor=_VISITOR, act="officer.check", subject=subject, after=after)
    return found


def digits_of(given: str) -> str:
    """The digits of what was typed, in any script, without what people put between.

    >>> digits_of(" 4821-7093 "), digits_of("४८२१ ७०९३")
    ('48217093', '48217093')
    """
    signs = (str(unicodedata.digit(sign)) if unicodedata.digit(sign, None) is not None else sign for sign in given[:_LONGEST])
    return re.sub(r"[\s.,/-]", "", "".join(signs))


def _found(row: OfficerCode | None, now: datetime) -> Checked:
    if row is None:
        return Checked(UNKNOWN)
    if row.ended_at is not None or row.until <= now:
        return Checked(OVER)
    if row.checks.filter(outcome=GENUINE).count() >= code_limit("checks"):
        return Checked(USED)
    if unfit(row.agent, now):
        return Checked(WITHDRAWN)
    paper = certificate_of(row.agent, now.astimezone(IST).date())
    employer = row.agent.agency.name if row.agent.agency is not None else ""
    return Checked(GENUINE, row.agent.name, employer, paper.reference if paper is not None else "", row.until)


def _too_often(visitor: str, way: str, now: datetime) -> bool:
    """Has this visitor tried as often as the row lets, or have all of them guessed too often?"""
    since = now - timedelta(minutes=code_limit("window_minutes"))
    if OfficerCheck.objects.filter(visitor=visitor, at__gt=since).count() >= code_limit("tries"):
        return True
    wrong = OfficerCheck.objects.filter(outcome=UNKNOWN, at__gt=now - timedelta(hours=1))
    return way == TYPED and wrong.count() >= code_limit("wrong_an_hour")
