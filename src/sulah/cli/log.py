"""sulah log: the log that outsiders can check: begin it, number what waits, receipts, publish, and witnesses."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.adapters.book.layout import Lender
from sulah.cli.speak import answer, opened
from sulah.kernel.dates import system_clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Exit

_SHOWN = 20


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("log", help="the log that outsiders can check: status, receipts, publishing, witnesses")
    parser.add_argument("do", choices=sorted(_DOINGS), help="what to do")
    parser.add_argument("what", nargs="?", default="", metavar="ENTRY-or-SUBJECT", help="of receipt: a number, an act's id, or a subject")
    parser.add_argument("--origin", default="", metavar="NAME", help="of start and resume: the log's name for ever")
    parser.add_argument("--out", type=Path, metavar="DIR", help="of receipt: the folder into which the receipts are written")
    parser.add_argument("--bare", action="store_true", help="of receipt: without the words, so that it may be shown to anybody")
    parser.add_argument("--name", default="", metavar="NAME", help="of witness: make the key with which this lender signs others' logs")
    parser.add_argument("--seen", type=Path, metavar="FILE", help="of resume: the newest checkpoint that anybody holds")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Do what was asked and say it in words and as JSON."""
    lender = opened(args)
    fields, words = _DOINGS[args.do](lender, args)
    answer(args, {"done": True, **fields})
    for line in () if args.json else words:
        console.print(line, markup=False, soft_wrap=True)
    return Exit.DONE


Told = tuple[dict[str, Any], list[str]]


def _start(lender: Lender, args: argparse.Namespace) -> Told:
    from sulah.actions.log.log_turns import turn_of
    from sulah.actions.log.start_log import signing_key, start_log

    origin = start_log(lender, actor=args.by, clock=system_clock, origin=args.origin)
    turn, key = turn_of(lender, system_clock), signing_key(lender).verifier.text
    words = [f"The log {origin} stands in {lender.root / 'log'} with {turn.size:,} entries.", f"Its key, to be given to auditors: {key}"]
    return {"origin": origin, "key": key, "size": turn.size}, [*words, *([turn.words] if turn.words else [])]


def _sequence(lender: Lender, args: argparse.Namespace) -> Told:
    from sulah.actions.log.sequence_log import sequence_log

    turn = sequence_log(lender, clock=system_clock, now=True)
    if turn.words:
        raise Refusal(turn.words)
    return {"entries": turn.entries, "size": turn.size}, [f"{turn.entries:,} entries went in; the log has {turn.size:,}."]


def _status(lender: Lender, args: argparse.Namespace) -> Told:
    from sulah.actions.log.tell_log import tell_log

    told = tell_log(lender)
    return told.plain(), told.sentences()


def _receipt(lender: Lender, args: argparse.Namespace) -> Told:
    from sulah.actions.log.make_receipts import entries_about, receipt_of, standing_log

    if not args.what:
        raise Refusal("Say which: a number of an entry, an act's id, or a subject such as borrower:ID (sulah log receipt borrower:ID).")
    entries, standing = entries_about(args.what), standing_log(lender)
    if not entries:
        raise Refusal(f"No entry with a number is about {args.what}. What was done in the last minute may still wait for one.")
    made = {entry.seq: receipt_of(standing, entry, with_words=not args.bare).to_json() for entry in entries}
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        for seq, receipt in made.items():
            (args.out / f"receipt-{seq}.json").write_bytes(receipt)
    told = [f"Entry {entry.seq:,}: {entry.type} on {entry.on}" for entry in entries]
    where = [f"{len(made):,} receipts are in {args.out}."] if args.out else [made[seq].decode() for seq in list(made)[:1]]
    more = [f"and {len(told) - _SHOWN:,} more"] if len(told) > _SHOWN else []
    listed = [{"seq": entry.seq, "type": entry.type, "on": str(entry.on), "receipt": made[entry.seq].decode()} for entry in entries]
    return {"entries": listed, "checkpoint": str(standing.note)}, [*told[:_SHOWN], *more, *where]


def _publish(lender: Lender, args: argparse.Namespace) -> Told:
    import os

    from sulah.actions.log.publish_log import publish_log

    done = publish_log(lender, environment=os.environ, actor=args.by, clock=system_clock)
    told = {"size": done.size, "file": str(done.file), "mailed_to": done.mailed_to, "witnesses": done.witnesses, "notes": done.notes}
    words = [f"The checkpoint of {done.size:,} entries is in {done.file}."]
    words += [f"It was mailed to {done.mailed_to}."] if done.mailed_to else []
    words += [f"Witnesses who signed it: {', '.join(done.witnesses)}."] if done.witnesses else []
    return told, [*words, *done.notes]


def _witness(lender: Lender, args: argparse.Namespace) -> Told:
    from sulah.actions.log.witness_logs import ask_witnesses, own_witness_key

    if args.name:
        key = own_witness_key(lender, args.name, actor=args.by, clock=system_clock).verifier.text
        return {"key": key}, [f"The key with which others know this witness: {key}", "Logs that it signs: [[log.watched]] in lender.toml."]
    asked = ask_witnesses(lender)
    return {"signed": asked.signed, "notes": asked.notes}, [f"Signed by {', '.join(asked.signed) or 'nobody'}.", *asked.notes]


def _resume(lender: Lender, args: argparse.Namespace) -> Told:
    from sulah.actions.log.resume_log import begin_anew, resume_log

    if args.origin:
        origin = begin_anew(lender, args.origin, actor=args.by, clock=system_clock)
        return {"origin": origin}, [f"The log {origin} is begun. The old one lies beside it: keep it, others hold its checkpoints."]
    if args.seen is None:
        raise Refusal("Give the newest checkpoint that anybody holds: --seen FILE. Where it is newer than the records, --origin NEW.")
    size = resume_log(lender, args.seen.read_text("utf-8"), actor=args.by, clock=system_clock)
    return {"size": size}, [f"The log goes on from {size:,} entries."]


_DOINGS: dict[str, Callable[[Lender, argparse.Namespace], Told]] = {
    "start": _start,
    "sequence": _sequence,
    "status": _status,
    "receipt": _receipt,
    "publish": _publish,
    "witness": _witness,
    "resume": _resume,
}
