"""A small bundle made with the guard alone: some people, a day of tries by two channels, and the ledger that comes of it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sulah.guard.bundle import ABOUT, CONTACTS, DECISIONS, ERASURES, MANIFEST, RECEIPTS, line_of, manifest_text, rules_text
from sulah.guard.decide import decide
from sulah.guard.facts import Contact, Facts, Loan, Number, Person, Standing, Whose
from sulah.guard.intent import Intent
from sulah.guard.plain import instant_text
from sulah.guard.rules import ContactRules
from sulah.guard.verdict import Permit
from sulah.kernel.commitment import commitment
from sulah.kernel.terms import Channel, ContactState, EntityType, LoanType, Party, Purpose
from sulah.policy.load import load_contact_policy

DAY = date(2026, 11, 24)
MORNING = datetime(2026, 11, 24, 5, tzinfo=UTC)
BOOK = load_contact_policy().for_entity(EntityType.NBFC_MFI)
SHEETS = {sheet: BOOK.rows(sheet) for sheet in BOOK.tables}
RULES = ContactRules(EntityType.NBFC_MFI, SHEETS)
KEY = "a" * 32
Files = dict[str, bytes]


@dataclass(frozen=True)
class InMemory:
    """The files of a bundle, by name."""

    files: Mapping[str, bytes]

    @property
    def names(self) -> Iterable[str]:
        """Their names."""
        return self.files.keys()

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of one."""
        yield from self.files[name].splitlines(keepends=True)


@dataclass
class Making:
    """The decisions and the ledger, as they grow."""

    decisions: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    contacts: dict[str, list[Contact]] = field(default_factory=dict)

    def try_one(self, number: int) -> None:
        """One try: every third of them a call, each an hour and a half after the one before."""
        person, at = f"P{number % 3}", MORNING + timedelta(minutes=30 * number)
        channel = Channel.CALL if number % 3 == 2 else Channel.SMS
        loan = Loan(f"L-{person}", LoanType.MFL, "JLG", 50_000, 50_000, date(2026, 12, 1), open=True, parties={person: Party.BORROWER})
        known = tuple(self.contacts.setdefault(person, []))
        numbers = {KEY: Number(Whose.OWN, Standing.GOOD)}
        facts = Facts(Person(person, state="BR", pincode="847109"), (loan,), date(2026, 11, 23), known, numbers, template=True)
        said: dict[str, Any] = {"offers": False, "legal_words": False, "by_hand": channel is Channel.CALL}
        intent = Intent(f"i-{number}", person, at, channel, Purpose.RECOVERY, (loan.loan_id,), KEY, **said)
        answer = decide(intent, facts, RULES)
        plain = answer.to_plain()
        outcome = {
            "permitted": answer.permitted,
            "permit_until": plain.get("until"),
            "next_lawful_at": plain.get("next_lawful_at"),
        }
        digests = {"facts_sha256": answer.facts_digest, "content_sha256": answer.sha256, "rules_version": answer.rules_version}
        self.decisions.append(
            {"id": number + 1, "book": "", "intent": plain["intent"], "facts": facts.to_plain(), "verdicts": plain["verdicts"]}
            | {"outcome": outcome, **digests}
        )
        if isinstance(answer, Permit):
            ended = ContactState.CONNECTED if channel is Channel.CALL else ContactState.DELIVERED
            self.contacts[person].append(Contact(at, channel, Purpose.RECOVERY, ended))
            steps = [[at, ContactState.RESERVED], [at + timedelta(minutes=5), ended]]
            row = {"id": len(self.ledger) + 1, "intent": intent.intent_id, "person": person, "at": at, "channel": channel, "source": "ours"}
            self.ledger.append({**row, "purpose": Purpose.RECOVERY, "decision": number + 1, "steps": steps})


def sealed(files: Files) -> Files:
    """The files with a manifest that fits them."""
    told = {name: (hashlib.sha256(files[name]).hexdigest(), len(files[name].splitlines())) for name in sorted(set(files) - {MANIFEST})}
    return {**files, MANIFEST: manifest_text("Kaveri", DAY, "test", told, simulated=True)}


@cache
def small_files(tries: int = 14) -> Mapping[str, bytes]:
    """The files of the bundle, manifest included."""
    making = Making()
    for number in range(tries):
        making.try_one(number)
    text = rules_text(EntityType.NBFC_MFI, SHEETS)
    sha256 = hashlib.sha256(text).hexdigest()
    files = {
        DECISIONS: b"".join(line_of({**one, "book": sha256}) for one in making.decisions),
        CONTACTS: b"".join(map(line_of, making.ledger)),
        ERASURES: b"",
        RECEIPTS: b"",
        ABOUT: b"About\n",
        f"rules/{sha256}.json": text,
    }
    return sealed(files)


def records(files: Mapping[str, bytes], name: str) -> list[dict[str, Any]]:
    """The records of a list."""
    return [json.loads(line) for line in files[name].splitlines()]


def text_of(some: Iterable[Mapping[str, Any]]) -> bytes:
    """Records as the bytes of a list."""
    return b"".join(map(line_of, map(dict, some)))


def receipt_for(decision: Mapping[str, Any], **other: object) -> dict[str, Any]:
    """As much of a receipt of the log as a replay looks at; other: words that the log was told otherwise."""
    digests = {"content": decision["content_sha256"], "facts": decision["facts_sha256"], "rules": decision["rules_version"]}
    asked = {"intent": decision["intent"]["intent_id"], "person": decision["intent"]["person_id"]}
    payload = json.dumps({**digests, **asked, "permitted": decision["outcome"]["permitted"], **other})
    entry = json.dumps({"commit": commitment(bytes(32), payload.encode())})
    return {"decision": decision["id"], "receipt": {"entry": entry, "opening": {"salt": "00" * 32, "payload": payload}}}


def erasure_of(person: str, at: datetime, /, **other: object) -> dict[str, Any]:
    """The line of an erasure with as much of its receipt as a replay looks at; other: words that the log was told otherwise."""
    line = {"person": person, "at": instant_text(at), "certificate": "e" * 64}
    after = {"certificate": other.pop("certificate", line["certificate"]), "erasure": 1}
    told = {"act": "person.erase", "actor": "asha", "after": after, "at": line["at"], "subject": f"person:{person}"}
    payload = json.dumps({**told, **other})
    entry = json.dumps({"commit": commitment(bytes(32), payload.encode())})
    return {**line, "receipt": {"entry": entry, "opening": {"salt": "00" * 32, "payload": payload}}}
