"""sulah person: let somebody sign in to the pages, give a new password, or close the account."""

import argparse
import secrets
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, opened
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit, Role

_OF_A_BRANCH = (Role.AGENT, Role.FIELD_OFFICER)
"""Who works the people of a branch: nobody sees the whole lender because an option was left out."""


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("person", help="let somebody sign in to the pages, renew the password, or close the account")
    parser.add_argument("name", metavar="NAME", help="the name to sign in with")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--role", choices=[role.value for role in Role], help="what the person may open")
    way.add_argument("--leaves", action="store_true", help="close the account; what the person did stays in the audit trail")
    seen = parser.add_mutually_exclusive_group()
    seen.add_argument("--branch", action="append", default=[], metavar="ID", help="a branch that the person sees; may be repeated")
    seen.add_argument(
        "--all-branches",
        action="store_true",
        help="the person sees every branch: what other roles see without --branch, and an agent or field officer only so",
    )


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Make, renew or close the account; the password is made here and shown once."""
    if args.role in _OF_A_BRANCH and not args.branch and not args.all_branches:
        role = args.role.replace("_", " ")
        words = f"Say which branches the {role} {args.name} sees: --branch ID (may be repeated), or --all-branches."
        answer(args, {"done": False, "words": words})
        if not args.json:
            console.print(words, markup=False)
        return Exit.USAGE
    opened(args)
    from sulah.actions.admit_person import admit_person, dismiss_person

    if args.leaves:
        dismiss_person(args.name, actor=args.by, clock=system_clock)
        answer(args, {"done": True, "name": args.name, "active": False})
        if not args.json:
            console.print(f"{args.name} signs in no more.", markup=False)
        return Exit.DONE
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    admit_person(args.name, Role(args.role), args.branch, password=password, actor=args.by, clock=system_clock)
    answer(args, {"done": True, "name": args.name, "role": args.role, "branches": args.branch, "password": password})
    if not args.json:
        seen = ", ".join(args.branch) or "all branches"
        console.print(f"{args.name} ({args.role.replace('_', ' ')}, {seen}) signs in with the password {password}", markup=False)
        console.print("It is shown this once. Lost: run the same command again for a new one. Next: sulah serve")
    return Exit.DONE
