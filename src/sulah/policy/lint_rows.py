"""The linter's rows: what a text to a borrower may not say, in each language; read, judged and parsed (docs/policy/linter.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from sulah.kernel.finding import Finding, Severity
from sulah.policy.languages import rows
from sulah.policy.lint_notation import NotationError, Pattern, read_pattern
from sulah.policy.load import PolicyError


class LintKind(StrEnum):
    """What is wrong with a text: the first ten are found by the words of a language, the others by its structure."""

    THREAT = "threat"
    VIOLENCE = "violence"
    ABUSE = "abuse"
    SHAME = "shame"
    PUBLISH = "publish"
    DISCLOSURE = "disclosure"
    FALSE_LEGAL = "false_legal"
    FALSE_AUTHORITY = "false_authority"
    PRESSURE = "pressure"
    HARASSMENT = "harassment"
    OFFER = "offer"
    IDENTITY = "identity"
    GRIEVANCE = "grievance"
    AMOUNT = "amount"
    PENAL = "penal"
    OTHER_PERSON = "other_person"


class LegalStep(StrEnum):
    """A step of law that a text may name only while it is open for the loan (rules LGL-LIM, LGL-138, LGL-025, LGL-SAR)."""

    NOTICE = "notice"
    CONCILIATION = "conciliation"
    ARBITRATION = "arbitration"
    SUIT = "suit"
    CHEQUE = "cheque"
    MANDATE = "mandate"
    SARFAESI = "sarfaesi"
    REPOSSESSION = "repossession"


class Scope(StrEnum):
    """Where a harmless context must stand: sharing a word with those found; beginning inside them, or up to five words before or ten
    after; in their sentence (where nothing is written), in that or the ones beside it, or anywhere in the text."""

    OVER = "over"
    INSIDE = "inside"
    BEFORE = "before"
    AFTER = "after"
    SENTENCE = "sentence"
    AROUND = "around"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Context:
    """Words that make a finding harmless, and where they must stand."""

    scope: Scope
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule of a language; steps: harmless while one of these steps of law is open for the loan.

    yields: a sign, which blocks by itself only where there are no weights, and else where these agree (docs/policy/weights.md).
    """

    rule_id: str
    kind: LintKind
    effective_from: date
    effective_to: date
    patterns: tuple[Pattern, ...]
    unless: tuple[Context, ...]
    steps: tuple[LegalStep, ...]
    why: str
    suggestion: str
    citation: str
    confidence: str
    author: str
    reviewed_by: str
    hits: tuple[str, ...]
    passes: tuple[str, ...]
    yields: bool = False


@dataclass(frozen=True, slots=True)
class LintSheet:
    """All rules of a language; denies_nothing: a no in these words is the borrower's and unsays nothing ("if you do not pay")."""

    language: str
    rules: tuple[LintRule, ...]
    denies_nothing: tuple[Pattern, ...]

    def on(self, day: date) -> "LintSheet":
        """The rules in force on a day."""
        kept = tuple(rule for rule in self.rules if rule.effective_from <= day <= rule.effective_to)
        return LintSheet(self.language, kept, self.denies_nothing)

    @property
    def reviewed(self) -> bool:
        """Has a native reader checked every rule?"""
        return bool(self.rules) and all(rule.reviewed_by for rule in self.rules)


_COMMON = frozenset({"part", "rule_id", "effective_from", "author", "reviewed_by", "note"})
_PARTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "words": (frozenset({"name", "words"}), frozenset()),
    "context": (frozenset({"name", "patterns"}), frozenset({"always"})),
    "denies_nothing": (frozenset({"patterns"}), frozenset()),
    "rule": (
        frozenset({"kind", "patterns", "why", "suggestion", "citation", "confidence", "hits"}),
        frozenset({"unless", "steps", "without", "passes", "effective_to", "yields"}),
    ),
}
"""Columns that a part must and may have, beside the common ones."""

_CONFIDENCES = ("A", "B", "C", "POLICY")
_LAST_DAY = date(9999, 12, 31)


@cache
def load_lint(code: str) -> LintSheet:
    """The rows of a language, judged and parsed; PolicyError with file, row and column for what cannot be used.

    >>> sheet = load_lint("en")
    >>> sheet.rules[0].author, sheet.reviewed
    ('Sulah project (draft)', False)
    """
    return read_lint(code, rows(code, "lint"))


def read_lint(code: str, written: list[dict[str, Any]]) -> LintSheet:
    """The sheet that these rows make; PolicyError naming every row and column that cannot be used."""
    reader = _Reader(code)
    for number, row in enumerate(written, start=1):
        reader.take(number, row)
    if reader.findings:
        raise PolicyError(reader.findings)
    return LintSheet(code, tuple(reader.rules), tuple(reader.denies_nothing))


class _Reader:
    """Reads rows in their order: a list or context is named before it is used."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.findings: list[Finding] = []
        self.rules: list[LintRule] = []
        self.denies_nothing: list[Pattern] = []
        self._lists: dict[str, tuple[str, ...]] = {}
        self._contexts: dict[str, tuple[Context, ...]] = {}
        self._always: list[str] = []
        self._seen: set[str] = set()
        self._number = 0

    def take(self, number: int, row: Mapping[str, Any]) -> None:
        """Read one row, or note what is wrong with it."""
        self._number = number
        if not self._shaped(row):
            return
        part = row.get("part", "rule")
        if part == "words":
            inner = [self._lists.get(entry[1:], ()) if entry.startswith("@") else (entry,) for entry in row["words"]]
            self._lists[row["name"]] = tuple(word for words in inner for word in words)
        elif part == "context":
            self._contexts[row["name"]] = self._read_contexts(row["patterns"], "patterns")
            self._always += [row["name"]] if row.get("always") else []
        elif part == "denies_nothing":
            self.denies_nothing += self._patterns(row["patterns"], "patterns")
        else:
            self._rule(row)

    def _rule(self, row: Mapping[str, Any]) -> None:
        without = row.get("without", [])
        if unknown := [name for name in without if name not in self._always]:
            self._wrong("without", f"{', '.join(unknown)}: no context above that always holds has this name")
        always = [f"={name}" for name in self._always if name not in without]
        unless = self._read_contexts([*row.get("unless", []), *always], "unless")
        self.rules.append(
            LintRule(
                rule_id=row["rule_id"],
                kind=LintKind(row["kind"]),
                effective_from=row["effective_from"],
                effective_to=row.get("effective_to", _LAST_DAY),
                patterns=tuple(self._patterns(row["patterns"], "patterns")),
                unless=unless,
                steps=tuple(LegalStep(step) for step in row.get("steps", [])),
                **{name: row[name] for name in ("why", "suggestion", "citation", "confidence", "author", "reviewed_by")},
                hits=tuple(row["hits"]),
                passes=tuple(row.get("passes", [])),
                yields=row.get("yields") is True,
            )
        )

    def _shaped(self, row: Mapping[str, Any]) -> bool:
        """Has the row the columns of its part, of the right types and with known words?"""
        before = len(self.findings)
        part = row.get("part", "rule")
        if part not in _PARTS:
            self._wrong("part", f"{part!r} is not one of {', '.join(_PARTS)}")
            return False
        must, may = _PARTS[part]
        for name in sorted(must | _COMMON - {"part", "note"} - row.keys()):
            if name not in row:
                self._wrong(name, "the column is missing; write it")
        for name in sorted(row.keys() - must - may - _COMMON):
            self._wrong(name, "there is no such column here")
        for name in sorted(row.keys() & {"patterns", "unless", "words", "steps", "hits", "passes", "without"}):
            if not isinstance(row[name], list) or not all(isinstance(entry, str) and entry.strip() for entry in row[name]):
                self._wrong(name, 'write a list of texts in quotes, such as ["one", "two"]')
        if row.get("yields", True) is not True:
            self._wrong("yields", "write true, or leave the column out")
        if len(self.findings) == before:
            self._judge(row)
        return len(self.findings) == before

    def _judge(self, row: Mapping[str, Any]) -> None:
        if row["rule_id"] in self._seen:
            self._wrong("rule_id", f"{row['rule_id']} is already used above; give this row an id of its own")
        self._seen.add(row["rule_id"])
        if type(row["effective_from"]) is not date:
            self._wrong("effective_from", "must be a date such as 2026-03-31, without quotes")
        if not str(row["author"]).strip():
            self._wrong("author", "say who wrote the row")
        if row.get("kind", LintKind.THREAT) not in list(LintKind):
            self._wrong("kind", f"{row['kind']!r} is not one of {', '.join(LintKind)}")
        if unknown := [step for step in row.get("steps", []) if step not in list(LegalStep)]:
            self._wrong("steps", f"{', '.join(unknown)}: not one of {', '.join(LegalStep)}")
        if row.get("confidence", "A") not in _CONFIDENCES:
            self._wrong("confidence", f"{row['confidence']!r} is not one of {', '.join(_CONFIDENCES)}")
        for name in ("why", "suggestion", "citation"):
            if name in row and not str(row[name]).strip():
                self._wrong(name, "the text is empty; write one")
        if "hits" in row and not row["hits"]:
            self._wrong("hits", "write at least one text that the row must find")

    def _read_contexts(self, entries: list[str], column: str) -> tuple[Context, ...]:
        """Each entry: `=name` for a context written above, or a pattern, after `before:` and the like where it has a place of its own."""
        found: list[Context] = []
        for entry in entries:
            if entry.startswith("="):
                if entry[1:] not in self._contexts:
                    self._wrong(column, f"there is no context named {entry[1:]!r} above")
                found += self._contexts.get(entry[1:], ())
                continue
            head, colon, rest = entry.partition(":")
            if colon and head not in list(Scope):
                self._wrong(column, f"{head!r} is not one of {', '.join(Scope)}")
                continue
            scope, written = (Scope(head), rest) if colon else (Scope.SENTENCE, entry)
            found += [Context(scope, pattern) for pattern in self._patterns([written], column)]
        return tuple(found)

    def _patterns(self, written: list[str], column: str) -> list[Pattern]:
        found: list[Pattern] = []
        for entry in written:
            try:
                found += read_pattern(entry, self._lists)
            except NotationError as error:
                self._wrong(column, str(error))
        return found

    def _wrong(self, column: str, words: str) -> None:
        file = f"languages/{self.code}/lint.toml"
        self.findings.append(Finding("lint", file, self._number, column, "policy_lint", words, Severity.REFUSE))
