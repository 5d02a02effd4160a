"""sulah init: make a lender's folder, its keys and its database."""

import argparse
import shlex
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import PERSONAL_KEY, make_key
from sulah.cli.speak import answer
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import EntityType, Exit

WEB_KEY = "web.key"
_FOLDERS = ("policy", "inbox", "mappings", "book", "keys")
_LENDER = """# The settings of one lender.  Lines that begin with # are off; the value shown is the default.

[lender]
name = {name}
# bank, sfb, nbfc_bl, nbfc_ml, nbfc_ul or nbfc_mfi: picks the rules that apply
entity_type = "{entity}"
# true labels every page and file as simulated
simulated = {simulated}

[database]
# Empty: SQLite in this folder.  For PostgreSQL: url = "postgresql://USER@HOST/NAME"
# url = ""

[load]
# A load is held for approval when more than this share of its rows is refused, in percent, and more than so many rows
# quarantine_percent = 5
# quarantine_rows = 20
# ... or when a table has fewer rows, or the total overdue moves, by more than this (basis points of the load before)
# rows_fall_bps = 2000
# overdue_move_bps = 2500
# ... or when our days past due differ from the lender's on more than this share of the loans compared, and on more than so many
# dpd_difference_bps = 50
# dpd_difference_loans = 20
# A file with more text than this is refused; so is one that unfolds more than so many times, or has more columns
# largest_file_mb = 200000
# largest_ratio = 200
# most_columns = 1000
# A workbook is read by a process of its own that may take so much memory
# sheet_memory_mb = 6000
# Rows of another lender refuse the extract: the branches that are this lender's, and what loan.lender_code must be
# branches = ["BR-1", "BR-2"]
# lender_code = "KAV"
# A phone number of more borrowers than this is taken as unverified; so are the lender's own numbers
# phone_borrowers = 5
# staff_phones = []

[book]
# The book is worked in shards of about this many loans: fewer need less memory, more are faster
# loans_a_shard = 500000

[watch]
# sulah watch loads extracts as they arrive in inbox/; where else they come from and when one is whole: docs/operate/watch.md
# run_day = false
# An extract that is not accepted by this time in India raises an alarm; holidays are in calendar.toml
# expected_by = "21:30"

[api]
# What one call of the API may hold, and how often one machine may call: docs/operate/api.md
# most_records = 1000
# most_bytes = 5000000
# calls_a_minute = 600
# A key and its answer are kept for so many days, never fewer than 400
# keep_days = 400
# true, of a simulated lender: the API is served as the sandbox, with tokens of its own
# sandbox = false

# Messages by SMS ([sms], [[sms.provider]], [[sms.template]]; sent by sulah work) are set up as docs/operate/sms.md says

[retention]
# How long files of the book are kept, in days; never shorter than the least of docs/operate/retention.md
# load_days = 3653
# day_days = 3653
# personal_days = 366
# quarantine_days = 366
# turned_down_days = 366
# What lies under keys of months: raw bodies, messages of nobody on the book, the lender's own files
# raw_days = 366
# heard_days = 366
# extract_days = 366
# A reason in words: while it stands nothing is removed
# legal_hold = ""

[keys]
# sulah keys backup keeps a copy of the key store for so many days, at most 30: what was erased is gone from copies after them
# backup_days = 28

[log]
# The log that outsiders can check: sulah log publish lays its checkpoint into this folder and mails it to the auditor (docs/operate/log.md)
# folder = "published"
# auditor = "auditor@firm.example"

[approval]
# true: whoever loaded an extract cannot approve it; on the command line both are known by their login at the machine, and --by is refused
# two_people = false
"""


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("init", help="make a new lender's folder")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder to make")
    parser.add_argument(
        "--entity", default="nbfc_mfi", choices=[str(kind) for kind in EntityType], help="kind of lender (default: nbfc_mfi)"
    )
    parser.add_argument("--name", default="", metavar="TEXT", help="name of the lender (default: the folder's name)")
    parser.add_argument("--simulated", action="store_true", help="label everything as simulated")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Make the folder; REFUSED when it already is a lender's: nothing of it is touched."""
    root: Path = args.folder.resolve()
    if (root / "lender.toml").exists():
        words = f"{root} already is a lender's folder; nothing was changed."
        answer(args, {"done": False, "words": words})
        if not args.json:
            console.print(f"[bold red]Not done.[/] {words}", highlight=False)
        return Exit.REFUSED
    make_lender(root, name=args.name or root.name, entity=EntityType(args.entity), simulated=args.simulated)
    answer(args, {"done": True, "lender": str(root)})
    if not args.json:
        console.print(
            f"Made {root}: settings in lender.toml, keys in keys/ (back them up apart from the book: without them names stay sealed)."
        )
        console.print("Rules of your own, of the day and of contact, go in policy/; without any, the rules that come with Sulah hold.")
        quoted = shlex.quote(str(args.folder))
        console.print(f"Next: sulah map FOLDER --lender {quoted}, then sulah load FOLDER --as-of DATE --lender {quoted}")
    return Exit.DONE


def make_lender(root: Path, *, name: str, entity: EntityType, simulated: bool = False) -> None:
    """Make the folders, keys (0600), settings and database of a lender; lender.toml comes last, so a broken init can be run again."""
    for folder in _FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "keys").chmod(0o700)
    for key in (PERSONAL_KEY, WEB_KEY):
        if not (root / "keys" / key).exists():
            make_key(root / "keys" / key)
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = _LENDER.format(name=quoted, entity=entity.value, simulated=str(simulated).lower())
    with durable(root / "lender.toml") as part:
        part.write_text(text, encoding="utf-8")
    lender = open_lender(root)
    from sulah.records.connect import bring_up_to_date, connect_records

    connect_records(lender.root, lender.database)
    bring_up_to_date()
    from sulah.actions.log.start_log import start_log

    start_log(lender, actor="init", clock=system_clock)
