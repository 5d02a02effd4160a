"""sulah erase: erase a person whom no law and no open matter keeps; a second person approves, and a certificate says what was done."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, opened, who_acts
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("erase", help="ask for a person to be erased, approve it, get the certificate; legal holds")
    parser.add_argument("borrower", nargs="?", default="", metavar="BORROWER", help="the lender's id of the person")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, without a name: it stays on the record")
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--approve", type=int, metavar="NUMBER", help="erase what another person asked for")
    asked.add_argument("--decline", type=int, metavar="NUMBER", help="do not erase it; --reason says why")
    asked.add_argument("--certificate", type=int, metavar="NUMBER", help="the certificate of a request that is done")
    asked.add_argument("--hold", action="store_true", help="keep the records of BORROWER (without one: of all) for the case in --reason")
    asked.add_argument("--lift", type=int, metavar="NUMBER", help="lift a legal hold; --reason says why")
    asked.add_argument("--anew", action="store_true", help="BORROWER was erased and a new relationship began: a new key from now on")
    asked.add_argument("--finish", action="store_true", help="end what was approved and killed half-way, or kept by a reader")
    parser.add_argument(
        "--to",
        type=Path,
        metavar="FILE",
        help="write the certificate there, a page of HTML, its JSON and the log's receipt beside it",
    )


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Do what was asked; REFUSED with the reasons where the person is kept."""
    lender = opened(args)
    from sulah.actions import erase_person as act
    from sulah.actions.contact.actor import machine
    from sulah.actions.erasure_proof import hand_out
    from sulah.actions.keep_words import words_kept
    from sulah.adapters.book.vault import Vault
    from sulah.records.erasure import Erasure, LegalHold

    by: dict[str, Any] = {"by": machine(who_acts(args, lender)), "clock": system_clock}
    if args.hold:
        with words_kept(Vault(lender), args.borrower or None, args.reason, **by) as reason:
            hold = act.place_hold(args.borrower, reason=reason, **by)
        return _said(args, console, {"hold": hold.pk}, f"Legal hold {hold.pk} stands on {args.borrower or 'all records'}.")
    if args.lift is not None:
        person = LegalHold.objects.filter(pk=args.lift).values_list("person", flat=True).first()
        with words_kept(Vault(lender), person or None, args.reason, **by) as reason:
            act.lift_hold(args.lift, reason=reason, **by)
        return _said(args, console, {"hold": args.lift}, f"Legal hold {args.lift} is lifted.")
    if args.finish:
        done, held = act.end_erasures(lender, **by), act.finish_wiping(actor=by["by"].name, clock=system_clock)
        return _said(args, console, {"erased": done, "unfinished": held}, f"{done} people were erased. {held}".strip())
    if args.anew:
        row = act.begin_anew(lender, args.borrower, reason=args.reason, **by)
    elif args.certificate is not None:
        row = Erasure.objects.get(pk=args.certificate)
    elif args.approve is not None or args.decline is not None:
        numbers, yes = [args.approve if args.decline is None else args.decline], args.approve is not None
        row = act.decide_erasures(lender, numbers, approve=yes, note=args.reason, **by)[0]
    else:
        row = act.ask_erasures(lender, [args.borrower], reason=args.reason, **by)[0]
    if args.to and row.certificate:
        hand_out(lender, row, args.to)
    return _told(args, console, row)


def _told(args: argparse.Namespace, console: Console, row: Any) -> Exit:
    """Where a request stands, and why."""
    fields = {"erasure": row.pk, "person": row.person, "state": str(row.state), "kept_for": row.kept_for, "certificate": row.certificate}
    refused = row.state == "refused"
    lines = [f"Request {row.pk} about {row.person}: {row.state}."]
    for kept in row.kept_for:
        until = f"until {kept['until']}" if kept["until"] else "as long as it stands"
        lines.append(f"  {kept['rule']}, {until}: {kept['words']} ({kept['citation']}{'; verify' if kept['verify'] else ''})")
    if row.state == "asked":
        lines.append(f"Another person approves it: sulah erase --approve {row.pk}")
    if row.certificate:
        lines.append(
            f"Certificate's SHA-256: {row.certificate_sha256}. Copies of the key are gone by {row.certificate['key_copies_until']}."
        )
    if words := row.certificate.get("unfinished"):
        from sulah.actions.erase_person import unfinished

        fields["unfinished"] = row.pk in unfinished()
        lines += [words] if fields["unfinished"] else []
    _said(args, console, fields, "\n".join(lines), done=not refused)
    return Exit.REFUSED if refused else Exit.DONE


def _said(args: argparse.Namespace, console: Console, fields: dict[str, Any], words: str, *, done: bool = True) -> Exit:
    answer(args, {"done": done, **fields})
    if not args.json:
        console.print(words, markup=False)
    return Exit.DONE
