"""sulah api-client: let a machine speak to the API, close its account, or list the machines."""

import argparse
from typing import Any

from rich.console import Console
from rich.table import Table

from sulah.cli.speak import answer, opened, who_acts
from sulah.contracts.resources import SCOPES
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("api-client", help="let a machine speak to the API, close its account, or list the machines")
    parser.add_argument(
        "way", choices=("add", "revoke", "list"), help="add: a new account, or a new token for one; revoke: close it at once"
    )
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="letters, digits, - and _, such as lms-core")
    parser.add_argument("--scope", action="append", default=[], metavar="SCOPE", help=f"may be repeated: {', '.join(SCOPES)}")
    parser.add_argument(
        "--branch", action="append", default=[], metavar="ID", help="a branch that it reads; may be repeated (default: all)"
    )
    parser.add_argument("--days", type=int, default=180, metavar="N", help="how long the token lives (default 180, at most 400)")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Make, close or list; the token is made here and shown once."""
    lender = opened(args)
    from sulah.actions.admit_client import admit_client, revoke_client
    from sulah.adapters.lms.api_settings import api_settings

    settings = api_settings(lender.settings, simulated=lender.simulated)
    if args.way == "list":
        return _list(args, console)
    actor = who_acts(args, lender)
    if args.way == "revoke":
        revoke_client(args.name, actor=actor, clock=system_clock)
        answer(args, {"done": True, "name": args.name, "open": False})
        if not args.json:
            console.print(f"{args.name} speaks to the API no more. What it did stays in the audit trail.", markup=False)
        return Exit.DONE
    client, token = admit_client(
        args.name,
        args.scope,
        args.branch,
        known=SCOPES,
        days=args.days,
        sandbox=settings.sandbox,
        actor=actor,
        clock=system_clock,
    )
    answer(args, {"done": True, "name": args.name, "scopes": client.scopes, "expires_at": client.expires_at, "token": token})
    if not args.json:
        console.print(f"{args.name} may {', '.join(client.scopes)} until {client.expires_at:%d %b %Y}. Its token:", markup=False)
        console.print(token, markup=False, soft_wrap=True)
        console.print("It is shown this once and stored nowhere. Lost: run the same command again for a new one.")
    return Exit.DONE


def _list(args: argparse.Namespace, console: Console) -> Exit:
    from sulah.records.api_client import ApiClient

    clients = list(ApiClient.objects.all())
    told = [
        {"name": c.name, "scopes": c.scopes, "branches": c.branches, "expires_at": c.expires_at, "revoked_at": c.revoked_at}
        | {"last_used_at": c.last_used_at}
        for c in clients
    ]
    answer(args, {"done": True, "clients": told})
    if not args.json:
        table = Table("Machine", "May", "Branches", "Until", "Last used")
        for c in clients:
            until = "closed" if c.revoked_at else f"{c.expires_at:%d %b %Y}"
            used = f"{c.last_used_at:%d %b %Y %H:%M}" if c.last_used_at else "never"
            table.add_row(c.name, " ".join(c.scopes), " ".join(c.branches) or "all", until, used)
        console.print(table if clients else "No machine has an account. Make one: sulah api-client add NAME --scope payments:write")
    return Exit.DONE
