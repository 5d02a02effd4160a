"""sulah lint: what is wrong with a text to a borrower, with the place, the reason, a suggestion and the source."""

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.money import paise_of
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Exit
from sulah.outreach.lint_about import LintAbout, LintFinding, TextKind
from sulah.policy.languages import LANGUAGES
from sulah.policy.lint_rows import LegalStep

_PARTS = 8
"""Traits shown of a score."""


class UnreadableTextError(Refusal):
    """The text cannot be read; the words say what to give instead."""


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("lint", help="say what may not stand in a text to a borrower, and why; no lender needed")
    parser.add_argument("text", metavar="FILE", help="the text, as a UTF-8 file; - reads it from the standard input")
    parser.add_argument("--language", choices=LANGUAGES, required=True, help="the language that the text is written in")
    parser.add_argument("--kind", choices=tuple(TextKind), default=TextKind.REPLY, help="what the text is (default: an agent's reply)")
    parser.add_argument("--amount", type=_paise, metavar="RUPEES", help="what the ledger says is to be paid, such as 1234.50")
    parser.add_argument("--penal", type=_paise, default=0, metavar="RUPEES", help="the penal charge in that amount")
    parser.add_argument(
        "--name", action="append", default=[], metavar="NAME", help="a name that the borrower knows the lender by; again for more"
    )
    parser.add_argument(
        "--grievance", action="append", default=[], metavar="WHERE", help="a number or address for complaints; again for more"
    )
    parser.add_argument(
        "--open-step", action="append", default=[], choices=tuple(LegalStep), help="a step of law that is open for the loan"
    )
    parser.add_argument("--other", action="append", default=[], metavar="NAME", help="a person who may not be named; again for more")
    parser.add_argument("--addressee", default="", metavar="NAME", help="the borrower's name")


def _paise(rupees: str) -> int:
    try:
        return paise_of(rupees)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{rupees!r} is no amount in rupees such as 1234.50") from error


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Print each finding; refused when the text may not be sent."""
    from sulah.outreach.linter import lexicon, lint
    from sulah.policy.lint_rows import load_lint

    text = _read(args.text)
    ready = lexicon([load_lint(code) for code in LANGUAGES], system_clock().astimezone(IST).date())
    verdict = lint(text, args.language, _about(args), ready)
    found = [_fields(text, finding) for finding in verdict.findings]
    told = {"done": True, "blocked": verdict.blocked, "reviewed": verdict.reviewed, "score": verdict.score, "findings": found}
    answer(args, {**told, "parts": [[part.trait, part.points] for part in verdict.parts[:_PARTS]]})
    if not args.json:
        _print(console, text, verdict.findings)
        if verdict.score is not None:
            parts = ", ".join(f"{part.trait!r} {part.points:+}" for part in verdict.parts[:_PARTS])
            console.print(f"By weight {verdict.score}. The greatest parts: {parts or 'none'}.", markup=False, soft_wrap=True)
        if not verdict.reviewed:
            console.print("No native reader has reviewed the words of this language.", markup=False)
        console.print("Blocked: it may not be sent." if verdict.blocked else "Nothing that blocks was found.", markup=False)
    return Exit.REFUSED if verdict.blocked else Exit.DONE


def _about(args: argparse.Namespace) -> LintAbout:
    return LintAbout(
        kind=TextKind(args.kind),
        lender_names=tuple(args.name),
        amount_paise=args.amount,
        penal_paise=args.penal,
        legal_steps_open=frozenset(LegalStep(step) for step in args.open_step),
        addressee=args.addressee,
        others=tuple(args.other),
        grievance=tuple(args.grievance),
    )


def _read(place: str) -> str:
    try:
        return sys.stdin.read() if place == "-" else Path(place).read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise UnreadableTextError(f"There is no file {place}. Give the text as a file, or - to read it from the standard input.") from error
    except UnicodeDecodeError as error:
        raise UnreadableTextError(f"{place} is not UTF-8; save it as UTF-8 text.") from error


def _fields(text: str, finding: LintFinding) -> dict[str, object]:
    return {
        "rule_id": finding.rule_id,
        "kind": str(finding.kind),
        "blocks": finding.blocks,
        "start": finding.start,
        "end": finding.end,
        "words": text[finding.start : finding.end],
        "why": finding.why,
        "suggestion": finding.suggestion,
        "citation": finding.citation,
    }


def _print(console: Console, text: str, findings: tuple[LintFinding, ...]) -> None:
    for finding in findings:
        line = text.count("\n", 0, finding.start) + 1
        place = f'line {line}: "{text[finding.start : finding.end]}"' if finding.end else "the text as a whole"
        console.print(f"{finding.kind} ({finding.rule_id}), {place}", markup=False, soft_wrap=True)
        console.print(f"  {finding.why}{'' if finding.blocks else ' It does not block.'}", markup=False, soft_wrap=True)
        console.print(f"  Instead: {finding.suggestion}", markup=False, soft_wrap=True)
        console.print(f"  Source: {finding.citation}", markup=False, soft_wrap=True)
