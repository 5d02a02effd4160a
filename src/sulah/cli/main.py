"""The command line: one file a command; this one parses, opens the lender, and turns refusals into words and exit codes."""

import argparse
import errno
import getpass
import json
import shutil
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import duckdb
from django.db import DatabaseError, OperationalError
from rich.console import Console

from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Exit
from sulah.kernel.version import code_version
from sulah.policy.load import PolicyError
from sulah.records.damage import damaged_record

COMMANDS = (
    *("init", "map", "load", "approve", "day", "check", "export", "replay"),
    *("watch", "explain", "person", "serve", "demo", "hostile", "backup", "restore", "retain", "keys", "erase", "export-person"),
    *("writeoff", "api-client", "plan", "work", "receive", "stops", "dialler-log", "log", "links", "sandbox", "lint", "bundle", "incident"),
)
DISK_FULL = "The disk is full. Nothing half-done is visible; what was committed before stands. Free some space, then run the same again."
DATABASE = (
    "The database does not answer: {error}. Nothing was changed. If it is PostgreSQL, see that it runs and that [database] url in "
    "lender.toml is right; if it is the lender's folder, see that you may write there."
)
_NO_SPACE = ("no space left", "disk full", "disk is full", "could not write")
_LEAST_ROOM = 1_000_000
REFUSALS = (Refusal, PolicyError)
DAMAGED = (
    "The database holds something that cannot be what was written ({error}). Nothing was changed. Restore the lender from its backup: "
    "sulah restore FOLDER --to NEWDIR"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 refused by the data or a rule, 2 wrong usage."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    asked = [given[0]] if given[:1] and given[0] in COMMANDS else COMMANDS  # the others need not be read
    commands = {name: import_module(f"sulah.cli.{name.replace('-', '_')}") for name in asked}
    args = _parser(commands, speaks_json="--json" in given).parse_args(given)
    console = Console(stderr=args.json, highlight=False)
    try:
        return int(commands[args.command].run(args, console))
    except REFUSALS as refusal:
        return _refused(str(refusal), args, console)
    except OperationalError as error:
        if "no such" in str(error):
            raise
        if "decode" in str(error):
            return _refused(DAMAGED.format(error=error), args, console)
        full = _disk_full(error) or _no_room(args.lender)
        return _refused(DISK_FULL if full else DATABASE.format(error=str(error).strip()), args, console)
    except (DatabaseError, ValueError, TypeError) as error:
        if not damaged_record(error):
            raise
        return _refused(DAMAGED.format(error=error), args, console)
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        words = _words_of_disk(error)
        if not words:
            raise
        return _refused(words, args, console)


class _Parser(argparse.ArgumentParser):
    """A parser that answers wrong usage in JSON too, when JSON was asked for."""

    speaks_json = False

    def error(self, message: str) -> NoReturn:
        """Say what was wrong and leave with the code of wrong usage."""
        if type(self).speaks_json:
            sys.stdout.write(json.dumps({"done": False, "words": message}, ensure_ascii=False) + "\n")
        super().error(message)


def _parser(commands: dict[str, ModuleType], *, speaks_json: bool) -> argparse.ArgumentParser:
    _Parser.speaks_json = speaks_json
    parser = _Parser(
        prog="sulah",
        description="Where each loan stands, exactly, and what may lawfully happen next.",
        parents=[_shared(Path(), getpass.getuser())],
    )
    parser.add_argument("--version", action="version", version=f"sulah {code_version()}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    after = _shared(argparse.SUPPRESS, argparse.SUPPRESS)
    for command in commands.values():
        command.add(_With(subparsers, after))
    return parser


def _shared(lender: Path | str, by: str) -> argparse.ArgumentParser:
    """The options of every command; they may stand before it or after it, and behind the command an absent one changes nothing."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--lender", type=Path, default=lender, metavar="DIR", help="the lender's folder (default: the current one)")
    default = argparse.SUPPRESS if by == argparse.SUPPRESS else False
    shared.add_argument("--json", action="store_true", default=default, help="answer with one JSON object, for machines")
    shared.add_argument("--by", default=by, metavar="NAME", help="who does this, for the audit trail (default: your login)")
    return shared


class _With:
    """Hands the shared options to every command's parser."""

    def __init__(self, subparsers: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
        self._subparsers = subparsers
        self._shared = shared

    def add_parser(self, name: str, *, help: str, **more: Any) -> argparse.ArgumentParser:  # noqa: A002  (argparse's own word)
        """A parser for one command, with the shared options."""
        parser: argparse.ArgumentParser = self._subparsers.add_parser(
            name, help=help, parents=[self._shared], **{"description": help, **more}
        )
        return parser


def _refused(words: str, args: argparse.Namespace, console: Console) -> int:
    if args.json:
        sys.stdout.write(json.dumps({"done": False, "words": words}, ensure_ascii=False) + "\n")
    else:
        console.print("[bold red]Not done.[/]", end=" ")
        console.print(words, markup=False)
    return int(Exit.REFUSED)


def _words_of_disk(error: Exception) -> str:
    """What the disk refused and what to do; empty for a fault that is none of the disk's."""
    if _disk_full(error):
        return DISK_FULL
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        place = error.filename or "The folder"
        return f"{place} may not be written or read by you. Change its permissions, or run as its owner, then try again."
    return ""


def _no_room(folder: Path) -> bool:
    """SQLite says `disk I/O error` where there is no room to begin with; so the disk itself is asked."""
    return folder.is_dir() and shutil.disk_usage(folder).free < _LEAST_ROOM


def _disk_full(error: Exception) -> bool:
    number = getattr(error, "errno", None)
    text = str(error).lower()
    return number in (errno.ENOSPC, errno.EDQUOT) or any(words in text for words in _NO_SPACE)


if __name__ == "__main__":
    sys.exit(main())
