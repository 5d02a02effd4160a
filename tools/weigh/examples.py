"""The open examples that weights are learned from; the frozen files beside them are never read here."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from sulah.policy.lint_rows import LintKind, load_lint
from sulah.policy.text_rows import text_kinds, text_rows

ROOT = Path(__file__).resolve().parents[2]
LINT = ROOT / "tests" / "corpora" / "lint" / "dev"
INTENT = ROOT / "tests" / "corpora" / "intent"
DAY = date(2026, 11, 23)
"""The day on which the rows are read for learning."""

CODES = ("en", "hi")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled line.  writer: the file that it stands in, by one hand.  means: what it is, or says: the kinds, the intents."""

    writer: str
    line_id: str
    text: str
    language: str
    means: tuple[str, ...]
    law_open: bool = False


def lint_examples() -> list[Example]:
    """Every open example of the linter, those of its rows, and the texts that are shipped; a bad one means "bad" and its kinds."""
    return [*_lines(), *_of_rows(), *_shipped()]


def _lines() -> list[Example]:
    return [
        Example(
            path.stem,
            line["id"],
            line["text"],
            path.stem[:2],
            ("bad", *line["kinds"]) if line["verdict"] == "bad" else (),
            line["legal_step_open"],
        )
        for path in sorted(LINT.glob("*.toml"))
        for line in tomllib.loads(path.read_text("utf-8"))["line"]
    ]


def _of_rows() -> Iterator[Example]:
    """What each row says that it finds, and that it passes."""
    for code in CODES:
        for rule in load_lint(code).rules:
            if rule.kind is not LintKind.OFFER:
                for number, text in enumerate(rule.hits):
                    yield Example("rows", f"{rule.rule_id}-hit-{number}", text, code, ("bad", str(rule.kind)))
                for number, text in enumerate(rule.passes):
                    yield Example("rows", f"{rule.rule_id}-pass-{number}", text, code, ())


def _shipped() -> Iterator[Example]:
    """The texts for borrowers, with a one where a value goes."""
    for code in CODES:
        for row in text_rows(code):
            text = _VALUE.sub("1", _LEFT_OUT.sub("", row.text))
            yield Example("texts", f"{code}-{row.name}-{row.channel}", text, code, (), text_kinds()[row.name].legal_words)


_LEFT_OUT, _VALUE = re.compile(r"\{\+[^}]*\}"), re.compile(r"\{[^}]*\}|<[^>]*>")


def intent_examples() -> list[Example]:
    """Every open message in English and Hindi; it means its intent and those beside it."""
    return list(_messages())


def _messages() -> Iterator[Example]:
    for path in sorted((*(INTENT / "dev").glob("*.toml"), *(INTENT / "open").glob("*.toml"))):
        sheet = tomllib.loads(path.read_text("utf-8"))
        if sheet["language"] in CODES:
            for line in sheet["lines"]:
                writer = f"{path.parent.name}/{path.stem}"
                yield Example(writer, line["id"], line["text"], sheet["language"], (line["intent"], *line.get("also", ())))


def fingerprint(examples: Iterable[Example]) -> str:
    """SHA-256 of the examples, whatever their order: what weights say that they were learned from."""
    lines = sorted(f"{one.language}\t{one.text}\t{' '.join(one.means)}\t{one.law_open}" for one in examples)
    return sha256("\n".join(lines).encode()).hexdigest()
