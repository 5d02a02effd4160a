"""A bundle judged by somebody outside: every decision made again from its facts, and every count made again from the contacts.

Needs the bundle and this room, and nothing of the lender's: no database, no network, no key.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sulah.guard.bundle import (
    CONTACTS,
    DECISIONS,
    ERASURES,
    LISTS,
    MANIFEST,
    RECEIPTS,
    RULES,
    Source,
    manifest_of,
    read_line,
    read_rules,
)
from sulah.guard.decide import decide
from sulah.guard.facts import Contact, Facts
from sulah.guard.intent import Intent
from sulah.guard.plain import digest, instant_text
from sulah.guard.receipts import erasure_differs, receipt_differs, told_of
from sulah.guard.recount import Asked, Logged, bounds, recounted
from sulah.guard.replay_says import Difference, Replay
from sulah.guard.rule import Predicate
from sulah.guard.rules import ContactRules, RulesInForce
from sulah.guard.stored import OUTCOME, Stored, unlike
from sulah.guard.verdict import Permit, Refusal
from sulah.kernel.dates import IST


def replayed(source: Source, expected: str = "") -> Replay:
    """Replay a bundle; expected: its digest as known from elsewhere.  BundleError when it is none.

    Without `expected` a bundle that its maker forged as a whole, consistently, cannot be told from a true one.
    """
    manifest = manifest_of(source)
    found = _Replaying(Replay(manifest), source)
    if expected and expected.lower() != manifest.digest:
        found.differs("the bundle is not the one whose digest is known from elsewhere", file=MANIFEST)
    found.run()
    return found.result


@dataclass(frozen=True, slots=True)
class _Erased:
    """When a person was erased; proven: does the receipt of a log say so?"""

    at: datetime
    proven: bool


class _Replaying:
    """The work on one bundle; what it finds goes into `result`."""

    def __init__(self, result: Replay, source: Source) -> None:
        self.result = result
        self._source = source
        self._files = result.manifest.files
        self._books: dict[str, ContactRules] = {}
        self._ledger: dict[str, list[Logged]] = defaultdict(list)
        self._erased: dict[str, _Erased] = {}
        self._permits: dict[int, tuple[str, str, str, str]] = {}
        self._told: dict[int, dict[str, object]] = {}

    def differs(self, words: str, **where: Any) -> None:
        """Note a difference."""
        self.result.differences.append(Difference(words, **where))

    def run(self) -> None:
        """Everything, in the order in which one thing rests on another."""
        for name in sorted({*LISTS, *self._files, *self._source.names} - {MANIFEST}):
            if name not in self._files or name not in self._source.names:
                self.differs("the file is missing, or the manifest does not name it", file=name)
        for name in sorted(name for name in self._files if name not in LISTS and name in self._source.names):
            self._read_whole(name)
        for line in self._records(ERASURES):
            self._take_erasure(line)
        for line in self._records(CONTACTS):
            self._take_contact(line)
        last = 0
        for line in self._records(DECISIONS):
            last = self._take_decision(line, last)
        for line in self._records(RECEIPTS):
            self._take_receipt(line)
        self._hold_permits()

    def _lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, its digest and number of lines compared once they are through."""
        if name not in self._files or name not in self._source.names:
            return
        total, lines = hashlib.sha256(), 0
        for line in self._source.lines(name):
            total.update(line)
            lines += 1
            yield line
        if (total.hexdigest(), lines) != self._files[name]:
            self.differs("the file is not the one that the manifest names", file=name)

    def _records(self, name: str) -> Iterator[dict[str, Any]]:
        for place, line in enumerate(self._lines(name), start=1):
            try:
                yield read_line(line)
            except (ValueError, RecursionError) as error:
                self.differs(f"line {place} cannot be read: {error}", file=name)

    def _read_whole(self, name: str) -> None:
        text = b"".join(self._lines(name))
        if not name.startswith(RULES):
            return
        sha256 = name.removeprefix(RULES).removesuffix(".json")
        if hashlib.sha256(text).hexdigest() != sha256:
            self.differs("a book of rules does not lie under its own digest", file=name)
            return
        try:
            self._books[sha256] = read_rules(text)
        except (ValueError, RecursionError) as error:
            self.differs(f"the book of rules cannot be read: {error}", file=name)

    def _take_erasure(self, line: Mapping[str, Any]) -> None:
        try:
            person, at = str(line["person"]), datetime.fromisoformat(line["at"]).astimezone(UTC)
        except (KeyError, TypeError, ValueError) as error:
            self.differs(f"an erasure cannot be read: {error!r}", file=ERASURES)
            return
        receipt = line.get("receipt")
        words = "" if receipt is None else erasure_differs(receipt, person, at, line.get("certificate"))
        if words:
            self.differs(f"of the erasure of {person}: {words}", file=ERASURES)
        self._erased[person] = _Erased(at, proven=receipt is not None and not words)

    def _take_contact(self, line: Mapping[str, Any]) -> None:
        try:
            one = Logged.from_plain(line)
        except ValueError as error:
            self.differs(str(error), file=CONTACTS)
            return
        self.result.contacts += 1
        self._ledger[one.person].append(one)

    def _take_decision(self, line: Mapping[str, Any], last: int) -> int:
        self.result.decisions += 1
        before = len(self.result.differences)
        try:
            stored = Stored.from_line(line)
        except (KeyError, TypeError, ValueError) as error:
            self.differs(f"a decision cannot be read: {error!r}", file=DECISIONS)
            return last
        if stored.number <= last:
            self.differs("decisions do not stand in their order, or one stands twice", decision=stored.number)
        if stored.at.astimezone(IST).date() != self.result.manifest.day:
            self.differs("the decision is of another day", decision=stored.number)
        if stored.outcome["permitted"]:
            at = instant_text(stored.at)
            self._permits[stored.number] = (stored.person, at, str(stored.intent.get("channel")), str(stored.intent.get("purpose")))
        self._told[stored.number] = told_of(stored)
        self._judge(stored)
        if len(self.result.differences) == before:
            self.result.same, self.result.erased = self.result.same + (not stored.erased), self.result.erased + stored.erased
        return stored.number

    def _take_receipt(self, line: Mapping[str, Any]) -> None:
        number = line.get("decision")
        told = self._told.pop(number, None) if type(number) is int else None
        words = "the receipt is of no decision here, or its second" if told is None else receipt_differs(line.get("receipt"), told)
        if words:
            self.differs(words, decision=number if type(number) is int else None, file=RECEIPTS)
        self.result.receipts += not words

    def _judge(self, stored: Stored) -> None:
        number, rules = stored.number, self._books.get(stored.book)
        if rules is None:
            self.differs("the rules that it names are not in the bundle", decision=number, fact="rules")
            return
        in_force = rules.on(stored.at.astimezone(IST).date())
        if in_force.version != stored.rules_version:
            self.differs("the rules in force are others than it was made under", decision=number, fact="rules_version")
            return
        longest = max((rule.days for rule in in_force.rules if rule.predicate is Predicate.CAP), default=1)
        asked = Asked(number, str(stored.intent.get("intent_id")), stored.at, longest)
        self._recount_caps(stored, asked, in_force)
        if not stored.erased:
            self._decide_again(stored, asked, rules)
        else:
            self._hold_erased(stored)

    def _hold_erased(self, stored: Stored) -> None:
        """Facts may be gone of somebody who was erased since; a log that was told of decisions was told of that too."""
        erased, words = self._erased.get(stored.person), ""
        if erased is None or stored.at > erased.at:
            words = "its facts are gone, and nothing says that the person was erased since"
        elif erased.proven:
            self.result.proven += 1
        else:
            self.result.unproven += 1
            told_decisions = self._files.get(RECEIPTS, ("", 0))[1] > 0
            words = "its facts are gone, and no receipt of the log proves the erasure" if told_decisions else ""
        if words:
            self.differs(words, decision=stored.number, fact="facts")

    def _decide_again(self, stored: Stored, asked: Asked, rules: ContactRules) -> None:
        try:
            intent, facts = Intent.from_plain(stored.intent), Facts.from_plain(stored.facts)
            answer = decide(intent, facts, rules)
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
            self.differs(f"it cannot be decided: {error}", decision=stored.number, fact="facts")
            return
        if answer.facts_digest != stored.facts_sha256 or digest(stored.facts) != stored.facts_sha256:
            self.differs("the facts are others than it rested on", decision=stored.number, fact="facts")
        self._compare(stored, answer)
        self.result.recounted += 1
        for words, contacts in zip(_RECOUNT, recounted(self._ledger[stored.person], asked, facts.contacts), strict=True):
            for one in contacts:
                self.differs(words.format(one=_told(one)), decision=stored.number, fact="contacts")

    def _compare(self, stored: Stored, answer: Permit | Refusal) -> None:
        """The answer as stored with the answer made again: rule by rule, then as a whole."""
        number, before = stored.number, len(self.result.differences)
        again = answer.to_plain()
        for rule, words in unlike(stored.verdicts, again["verdicts"]):
            self.differs(words, decision=number, rule=rule)
        made = {
            "permitted": answer.permitted,
            "permit_until": instant_text(answer.until) if isinstance(answer, Permit) else None,
            "next_lawful_at": instant_text(answer.next_lawful_at) if isinstance(answer, Refusal) and answer.next_lawful_at else None,
        }
        for name in OUTCOME:
            if made[name] != stored.outcome[name]:
                self.differs(f"it says {stored.outcome[name]}, decided again it is {made[name]}", decision=number, fact=name)
        if answer.sha256 != stored.content_sha256 and len(self.result.differences) == before:
            self.differs("decided again it is not the same to the byte", decision=number, fact="content_sha256")

    def _recount_caps(self, stored: Stored, asked: Asked, in_force: RulesInForce) -> None:
        """Each answer of a cap against the contacts of the ledger; this needs no facts, so it holds for erased people too."""
        by_id = {rule.rule_id: rule for rule in in_force.rules}
        for verdict in stored.verdicts:
            rule = by_id.get(verdict["rule_id"])
            if rule is None:
                self.differs("the rule is not among those in force", decision=stored.number, rule=str(verdict["rule_id"]))
            elif rule.predicate is Predicate.CAP:
                self.result.caps += 1
                least, most = bounds(self._ledger[stored.person], asked, rule)
                said_yes = verdict["answer"] == "yes"
                if (least >= rule.most) if said_yes else (most < rule.most):
                    words = f"{least} contacts count by the ledger" + (f", {most} at the most" if most > least else "")
                    answered = "let it through" if said_yes else "did not let it through"
                    self.differs(f"{words}; the limit is {rule.most}, and the cap {answered}", decision=stored.number, rule=rule.rule_id)

    def _hold_permits(self) -> None:
        """No contact of ours without its permit, and no permit without its contact."""
        left = dict(self._permits)
        for one in (one for ledger in self._ledger.values() for one in ledger):
            if one.source != "ours" or one.at.astimezone(IST).date() != self.result.manifest.day:
                continue
            permit = left.pop(one.decision, None) if one.decision is not None else None
            made = (one.person, instant_text(one.at), one.channel.value, one.purpose.value if one.purpose else "")
            if permit != made:
                self.differs("the contact has no permit of its own in the bundle", contact=one.number, decision=one.decision)
        for number in sorted(left):
            self.differs("the permit has no contact in the ledger", decision=number, fact="contact")


_RECOUNT = ("the facts leave out a contact of the ledger: {one}", "the facts tell of a contact that the ledger does not have: {one}")


def _told(one: Contact) -> str:
    return f"{one.channel.value} at {instant_text(one.at)}, {one.state.value}, {one.source}"
