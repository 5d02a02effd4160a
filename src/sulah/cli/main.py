"""The command line: one file a command; this one parses, opens the lender, and turns refusals into words and exit codes."""

import argparse
import errno
import getpass
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
from rich.console import Console

from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Exit
from sulah.kernel.version import code_version
from sulah.policy.load import PolicyError

COMMANDS = ("init", "map", "load", "approve", "day", "check", "export", "replay", "explain", "serve", "demo")
DISK_FULL = "The disk is full. Nothing of this run is visible and the last day stands. Free some space, then run the same command again."
REFUSALS = (Refusal, PolicyError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 refused by the data or a rule, 2 wrong usage."""
    commands = {name: import_module(f"sulah.cli.{name}") for name in COMMANDS}
    args = _parser(commands).parse_args(arguments)
    console = Console(stderr=args.json, highlight=False)
    try:
        return int(commands[args.command].run(args, console))
    except REFUSALS as refusal:
        return _refused(str(refusal), args, console)
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if not _disk_full(error):
            raise
        return _refused(DISK_FULL, args, console)


def _parser(commands: dict[str, ModuleType]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sulah", description="Where each loan stands, exactly, and what may lawfully happen next.")
    parser.add_argument("--version", action="version", version=f"sulah {code_version()}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--lender", type=Path, default=Path(), metavar="DIR", help="the lender's folder (default: the current one)")
    shared.add_argument("--json", action="store_true", help="answer with one JSON object, for machines")
    shared.add_argument("--by", default=getpass.getuser(), metavar="NAME", help="who does this, for the audit trail (default: your login)")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=argparse.ArgumentParser)
    for name in COMMANDS:
        commands[name].add(_With(subparsers, shared))
    return parser


class _With:
    """Hands the shared options to every command's parser."""

    def __init__(self, subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
        self._subparsers = subparsers
        self._shared = shared

    def add_parser(self, name: str, *, help: str, **more: Any) -> argparse.ArgumentParser:  # noqa: A002  (argparse's own word)
        """A parser for one command, with the shared options."""
        return self._subparsers.add_parser(name, help=help, parents=[self._shared], **{"description": help, **more})


def _refused(words: str, args: argparse.Namespace, console: Console) -> int:
    if args.json:
        sys.stdout.write(json.dumps({"done": False, "words": words}) + "\n")
    else:
        console.print(f"[bold red]Not done.[/] {words}")
    return int(Exit.REFUSED)


def _disk_full(error: Exception) -> bool:
    number = getattr(error, "errno", None)
    text = str(error).lower()
    return number in (errno.ENOSPC, errno.EDQUOT) or "no space left" in text or "disk full" in text or "could not write" in text


if __name__ == "__main__":
    sys.exit(main())
