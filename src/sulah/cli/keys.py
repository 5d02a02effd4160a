"""sulah keys: the key store's own backups, the change of the lender's key, and sealed files."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, opened
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("keys", help="back up the key store, bring it back, change the lender's key, open a sealed file")
    parser.add_argument("what", choices=("state", "backup", "restore", "rotate", "open", "forget"), help="what to do with the keys")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the copy, the sealed file, or the folder of copies to forget")
    parser.add_argument("--to", type=Path, metavar="PATH", help="backup, rotate: the folder of copies; open: the file to write")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Do it; wrong usage where a path that it needs is missing."""
    needs = {"backup": ("to",), "rotate": ("to",), "restore": ("file",), "forget": ("file",), "open": ("file", "to")}.get(args.what, ())
    if missing := [name for name in needs if getattr(args, name) is None]:
        words = f"sulah keys {args.what} needs {'--to PATH' if missing[0] == 'to' else 'a FILE'}."
        answer(args, {"done": False, "words": words})
        console.print(words)
        return Exit.USAGE
    lender = opened(args)
    from sulah.actions import keep_keys

    given: dict[str, Any] = {"actor": args.by, "clock": system_clock}
    if args.what == "state":
        held = keep_keys.keys_held(lender)
        fields: dict[str, Any] = held
        words = f"Keys of {held['borrower']:,} borrowers and {held['period']:,} months; {held['erased']:,} borrowers are erased."
    elif args.what == "restore":
        gone = keep_keys.restore_keys(lender, args.file, **given)
        fields, words = {"erased_again": gone}, f"The key store is back. {gone:,} borrowers erased since the copy were taken out again."
    elif args.what == "forget":
        gone = keep_keys.forget_folder(lender, args.file, **given)
        fields, words = {"forgotten": gone}, f"{gone:,} copies in {args.file} are looked for no more. Be certain that they are destroyed."
    elif args.what == "open":
        size = keep_keys.open_sealed_file(lender, args.file, args.to, **given)
        fields, words = {"bytes": size}, f"{size:,} bytes written to {args.to}. It lies in clear there: remove it when you have read it."
    else:
        do = keep_keys.back_up_keys if args.what == "backup" else keep_keys.rotate_keys
        done = do(lender, args.to, **given)
        fields = {"copy": str(done.path), "sha256": done.sha256, "keys": done.keys, "removed": done.removed}
        words = f"{done.keys:,} keys copied to {done.path}; {len(done.removed)} copies past the cycle removed. Keep personal.key elsewhere."
    answer(args, {"done": True, **fields})
    if not args.json:
        console.print(words, markup=False)
    return Exit.DONE
