"""sulah check: statements, policy, files, sums and copies of keys of a lender, each held against what it should be."""

import argparse
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, opened
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("check", help="check statements, policy, files and sums; names each thing that is wrong")
    parser.add_argument("--code-only", action="store_true", help="check statements and shipped policy only; no lender needed")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Check everything that can be checked; refused when anything is wrong."""
    from sulah.daycycle.binding import check_statements
    from sulah.policy.check import check_policy, refusals
    from sulah.policy.load import load_contact_policy, load_policy

    if args.code_only:
        books = (load_policy(), load_contact_policy())
        shipped = tuple(finding for book in books for finding in refusals(check_policy(book)))
        parts = {"statements": check_statements(), "policy": shipped}
        wrong = {name: [f"{finding.file}: {finding.words}" for finding in found] for name, found in parts.items()}
    else:
        lender = opened(args)
        from sulah.adapters.book.keycopies import wrong_copies
        from sulah.adapters.book.keykeeping import days_of_copies
        from sulah.daycycle.audit import wrong_with

        today = system_clock().astimezone(IST).date()
        wrong = wrong_with(lender) | {"keys": wrong_copies(lender, today, days_of_copies(lender))}
    answer(args, {"done": not any(wrong.values()), "wrong": wrong})
    if not args.json:
        for name, found in wrong.items():
            console.print(f"{name}: {'all right' if not found else f'{len(found)} wrong'}")
            for words in found:
                console.print(f"  {words}")
    return Exit.REFUSED if any(wrong.values()) else Exit.DONE
