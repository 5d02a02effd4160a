"""sulah map: propose a mapping from the lender's own files, ask what cannot be known, save it."""

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sulah.adapters.book.layout import open_lender
from sulah.adapters.engines.duck import connect
from sulah.adapters.lms.mapping_file import samples_of, save_mapping
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.cli.speak import answer
from sulah.intake.mapping import MappingError, mapping_of, toml_of
from sulah.intake.propose import FileSample, Proposal, Question, propose
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("map", help="propose how the lender's files and columns become the contract's, and save it")
    parser.add_argument("path", type=Path, metavar="PATH", help="the folder (or one file) as the lender sends it")
    parser.add_argument("--name", default="main", metavar="NAME", help="name of the mapping (default: main)")
    parser.add_argument("--yes", action="store_true", help="accept the proposal without asking")
    parser.add_argument("--answer", action="append", default=[], metavar="KEY=VALUE", help="answer a question, such as loan.product==GROUP")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Propose, ask, save; REFUSED lists the questions that are still open."""
    lender = open_lender(args.lender)
    answers = dict(given.partition("=")[::2] for given in args.answer)
    if any("=" not in given for given in args.answer) or not args.name.replace("-", "").replace("_", "").isalnum():
        return _say(args, console, Exit.USAGE, "Write --answer KEY=VALUE, and a name of letters, digits, - and _.")
    connection = connect()
    try:
        samples = samples_of(connection, args.path)
        proposal = _settle(args, console, samples, answers)
        if any(not question.proposed for question in proposal.questions if _must(question)):
            return _open_questions(args, console, proposal)
        text = toml_of(proposal.tables)
        mapping_of(args.name, text)
        path = save_mapping(lender, args.name, text)
    except (RefusedExtractError, MappingError) as error:
        return _say(args, console, Exit.REFUSED, str(error))
    finally:
        connection.close()
    if not args.json:
        _show(console, proposal, samples)
    return _say(
        args,
        console,
        Exit.DONE,
        f"Saved as {path.relative_to(lender.root)}. Load with: sulah load {args.path} --as-of DATE --mapping {args.name}",
    )


def _must(question: Question) -> bool:
    """A required column or an ambiguous date must be answered; a strange term only costs its rows."""
    return question.key.count(".") == 1 or question.key.endswith(".format")


def _settle(args: argparse.Namespace, console: Console, samples: list[FileSample], answers: dict[str, str]) -> Proposal:
    """Propose again after every answer, until nothing is open or nobody is there to ask."""
    proposal = propose(samples, answers)
    asked: set[str] = set()
    while not args.yes and not args.json and sys.stdin.isatty():
        question = next((each for each in proposal.questions if each.key not in asked), None)
        if question is None:
            break
        asked.add(question.key)
        choices = f" [{', '.join(question.choices)}]" if question.choices else ""
        said = console.input(f"{question.words}{choices} ", markup=False).strip()
        if said:
            answers[question.key] = said
            proposal = propose(samples, answers)
    return proposal


def _open_questions(args: argparse.Namespace, console: Console, proposal: Proposal) -> Exit:
    open_now = [question for question in proposal.questions if not question.proposed]
    if args.json:
        answer(args, {"done": False, "questions": [{"key": each.key, "words": each.words, "choices": each.choices} for each in open_now]})
        return Exit.REFUSED
    console.print("[bold red]Not saved.[/] These cannot be known from the files:")
    for question in open_now:
        console.print(f"  {question.words} {', '.join(question.choices)}", markup=False)
        console.print(f"    --answer '{question.key}=...'", markup=False)
    return Exit.REFUSED


def _show(console: Console, proposal: Proposal, samples: list[FileSample]) -> None:
    header = {sample.name: sample.header for sample in samples}
    for name, table in proposal.tables.items():
        file = proposal.files[name]
        shown = Table("Ours", "Lender's", "Reading", title=f"{name} from {file}", title_justify="left")
        for source, columns in table.columns.items():
            terms = ", ".join(f"{theirs} = {ours}" for theirs, ours in table.codes.get(source, {}).items())
            rounding = "rounded to the paisa" if source in table.rounding else ""
            shown.add_row(source, " + ".join(columns), table.formats.get(source, "") or terms or rounding)
        for source, text in table.constants.items():
            shown.add_row(source, f"= {text}", "the same in every row")
        console.print(shown)
        used = {column for columns in table.columns.values() for column in columns}
        spare = [column for column in header[file] if column not in used]
        console.print(f"Not used: {', '.join(spare) or 'none'}", markup=False)
    for question in proposal.questions:
        console.print(f"Open: {question.words} Answer with --answer '{question.key}=...'", markup=False)
    if proposal.left_over:
        console.print(f"No table found for: {', '.join(proposal.left_over)}", markup=False)


def _say(args: argparse.Namespace, console: Console, code: Exit, words: str) -> Exit:
    answer(args, {"done": code is Exit.DONE, "words": words})
    if not args.json:
        console.print(words, markup=False)
    return code
