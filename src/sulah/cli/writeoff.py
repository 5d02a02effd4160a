"""sulah writeoff: the accounts of written-off loans that Sulah keeps, posted to and read."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sulah.adapters.book.layout import Lender
from sulah.cli.speak import answer, day_of, opened, who_acts
from sulah.kernel.dates import day_text, system_clock
from sulah.kernel.money import indian, paise_of
from sulah.kernel.terms import Exit

Said = tuple[dict[str, Any], str]
"""What a verb answers: fields for machines, words for people."""


def _rupees(text: str) -> int:
    try:
        return paise_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount; write rupees as 1234.50") from error


def add(subparsers: Any) -> None:
    """The command's verbs, each with its options."""
    parser = subparsers.add_parser("writeoff", help="keep the accounts of written-off loans: take over, post, reverse, show")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    taking = _verb(verbs, "take-over", "take over the written-off loans of a committed day whose product Sulah keeps")
    taking.add_argument("--as-of", type=day_of, required=True, metavar="DATE", help="the committed day whose balances are taken over")
    taking.add_argument("--loan", default="", metavar="ID", help="this loan only")
    fee = _verb(verbs, "fee", "charge a fee that the key facts statement lists")
    _of_loan(fee, amount=True)
    fee.add_argument("--fee", required=True, metavar="CODE", help="its code in policy table kfs_fee")
    fee.add_argument("--on", type=day_of, required=True, metavar="DATE", help="the day from which it is owed")
    fee.add_argument("--reason", required=True, metavar="TEXT", help="why, for the borrower and the inspector")
    fee.add_argument("--reference", default="", metavar="ID", help="the number of the bill: tells two such fees of one day apart")
    interest = _verb(verbs, "interest", "accrue interest on all kept loans; a repeated run posts nothing more")
    interest.add_argument("--until", type=day_of, required=True, metavar="DATE", help="the last day that bears interest")
    receipt = _verb(verbs, "receipt", "enter a receipt by bank reference, confirm or refuse one, or take those of the extract")
    way = receipt.add_mutually_exclusive_group(required=True)
    way.add_argument("--loan", metavar="ID", help="enter a receipt for this loan; another person confirms it")
    way.add_argument("--confirm", type=int, metavar="N", help="confirm receipt N, which posts it")
    way.add_argument("--refuse", type=int, metavar="N", help="refuse receipt N")
    way.add_argument("--from-extract", action="store_true", help="take the receipts of the lender's extract (with --as-of)")
    receipt.add_argument("--reference", metavar="ID", help="the bank's reference of the payment (with --loan)")
    receipt.add_argument("--paid-on", type=day_of, metavar="DATE", help="the day of the bank's record (with --loan)")
    receipt.add_argument("--amount", type=_rupees, metavar="RUPEES", help="how much (with --loan)")
    receipt.add_argument("--as-of", type=day_of, metavar="DATE", help="the committed day (with --from-extract)")
    receipt.add_argument("--note", default="", metavar="TEXT", help="anything the next reader should know")
    reverse = _verb(verbs, "reverse", "reverse a receipt by bank reference or a fee, as a whole")
    reverse.add_argument("--entry", type=int, required=True, metavar="N", help="the entry, as the statement numbers it")
    reverse.add_argument("--on", type=day_of, required=True, metavar="DATE", help="the day from which it is undone")
    reverse.add_argument("--reason", required=True, metavar="TEXT", help="why")
    statement = _verb(verbs, "statement", "show the statement of a loan, or write it to a file")
    _of_loan(statement, amount=False)
    _as_known(statement)
    statement.add_argument("--out", type=Path, metavar="FILE", help="write it; .csv or .parquet")
    balance = _verb(verbs, "balance", "the trial balance of all kept loans, and the receipts that wait for a second person")
    balance.add_argument("--out", type=Path, metavar="FILE", help="write every entry of every kept loan; .csv or .parquet")


def _verb(verbs: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=words, description=words)
    parser.add_argument("--lender", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="the lender's folder")
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer with one JSON object, for machines")
    parser.add_argument("--by", default=argparse.SUPPRESS, metavar="NAME", help="who does this, for the audit trail")
    return parser


def _of_loan(parser: argparse.ArgumentParser, *, amount: bool) -> None:
    parser.add_argument("--loan", required=True, metavar="ID", help="the loan")
    if amount:
        parser.add_argument("--amount", type=_rupees, required=True, metavar="RUPEES", help="how much, taxes included")


def _as_known(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--on", type=day_of, metavar="DATE", help="as at the end of this day (default: all that is posted)")
    parser.add_argument("--known-on", type=day_of, metavar="DATE", help="as was known at the end of this day")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Do the verb and say what came of it."""
    if (words := _lacks(args)) is not None:
        answer(args, {"done": False, "words": words})
        if not args.json:
            console.print(words, markup=False)
        return Exit.USAGE
    lender = opened(args)
    verbs: Mapping[str, Callable[[argparse.Namespace, Lender, Console], Said]] = {
        "take-over": _take_over,
        "fee": _fee,
        "interest": _interest,
        "receipt": _receipt,
        "reverse": _reverse,
        "statement": _statement,
        "balance": _balance,
    }
    fields, words = verbs[args.verb](args, lender, console)
    answer(args, {"done": True, **fields})
    if not args.json and words:
        console.print(words, markup=False)
    return Exit.REFUSED if fields.get("ties") is False else Exit.DONE


def _lacks(args: argparse.Namespace) -> str | None:
    """What the options lack together, in words."""
    if args.verb == "receipt":
        if args.loan and (args.reference is None or args.paid_on is None or args.amount is None):
            return "A receipt by bank reference needs --reference, --paid-on and --amount."
        if args.from_extract and args.as_of is None:
            return "Say of which committed day: --as-of DATE."
    out = getattr(args, "out", None)
    if out is not None and out.suffix not in (".csv", ".parquet"):
        return f"{out}: the file must end in .csv or .parquet"
    return None


@contextmanager
def _kept(args: argparse.Namespace, lender: Lender, text: str, **about: object) -> Iterator[str]:
    """What stands in the place of words about the borrower of a kept loan, while the act runs that names them."""
    from sulah.actions.contact.actor import machine
    from sulah.actions.keep_words import words_kept
    from sulah.adapters.book.vault import Vault
    from sulah.records.written_off import WrittenOffLoan

    person = WrittenOffLoan.objects.filter(**about).values_list("borrower_id", flat=True).first()
    with words_kept(Vault(lender), person, text, by=machine(who_acts(args, lender)), clock=system_clock) as place:
        yield place


def _take_over(args: argparse.Namespace, lender: Lender, console: Console) -> Said:
    from sulah.actions.take_over_written_off import take_over_written_off

    taken = take_over_written_off(lender, args.as_of, actor=who_acts(args, lender), clock=system_clock, loan_id=args.loan)
    fields = {"loans": taken.loans, "owed_paise": taken.opening.owed, "before": taken.before, "left": dict(taken.left)}
    left = "".join(f"\nLeft with the lender's own system by policy: {count} of {name}." for name, count in sorted(taken.left.items()))
    return fields, (
        f"{taken.loans:,} loans taken over as they stood on {day_text(args.as_of)}, {indian(taken.opening.owed)} owed. "
        f"{taken.before:,} were Sulah's before.{left}"
    )


def _fee(args: argparse.Namespace, lender: Lender, console: Console) -> Said:
    from sulah.actions.post_fee import post_fee

    given: dict[str, Any] = {"reference": args.reference, "actor": who_acts(args, lender), "clock": system_clock}
    with _kept(args, lender, args.reason, loan_id=args.loan) as reason:
        entry = post_fee(lender, args.loan, args.fee, args.amount, args.on, reason=reason, **given)
    return {"entry": entry.pk, "rule": entry.rule_id}, f"{indian(args.amount)} charged to loan {args.loan}, entry {entry.pk}."


def _interest(args: argparse.Namespace, lender: Lender, console: Console) -> Said:
    from sulah.actions.accrue_interest import accrue_interest

    done = accrue_interest(lender, args.until, actor=who_acts(args, lender), clock=system_clock)
    fields = {"loans": done.loans, "entries": done.entries, "paise": done.paise}
    nothing = "Nothing was to be posted: by policy there is no interest, or all of it stands."
    return fields, f"{done.entries:,} entries on {done.loans:,} loans, {indian(done.paise)} in all." if done.entries else nothing


def _receipt(args: argparse.Namespace, lender: Lender, console: Console) -> Said:
    from sulah.actions.post_receipt import decide_receipt, enter_receipt
    from sulah.actions.take_extract_receipts import take_extract_receipts

    who = who_acts(args, lender)
    if args.from_extract:
        got = take_extract_receipts(lender, args.as_of, actor=who, clock=system_clock)
        fields = {"posted": got.posted, "reversed": got.reversed, "paise": got.paise, "told": got.told}
        told = "".join(f"\nLook at this: {words}" for words in got.told)
        return fields, f"{got.posted:,} receipts posted, {got.reversed:,} undone, {indian(got.paise)} net.{told}"
    if args.loan:
        with _kept(args, lender, args.note, loan_id=args.loan) as note:
            made = enter_receipt(lender, args.loan, args.reference, args.paid_on, args.amount, note=note, actor=who, clock=system_clock)
        words = f"Receipt {made.pk} waits for another person: sulah writeoff receipt --confirm {made.pk} --by NAME"
        return {"receipt": made.pk, "waits": True}, words
    number = args.confirm if args.confirm is not None else args.refuse
    confirm = args.confirm is not None
    with _kept(args, lender, args.note, bank_receipts__pk=number) as note:
        decision = decide_receipt(lender, number, confirm=confirm, note=note, actor=who, clock=system_clock)
    words = f"posted as entry {decision.entry_id}" if confirm else "refused; nothing was posted"
    return {"receipt": number, "confirmed": confirm, "entry": decision.entry_id}, f"Receipt {number} is {words}."


def _reverse(args: argparse.Namespace, lender: Lender, console: Console) -> Said:
    from sulah.actions.reverse_entry import reverse_entry

    with _kept(args, lender, args.reason, entries__pk=args.entry) as reason:
        entry = reverse_entry(lender, args.entry, args.on, reason=reason, actor=who_acts(args, lender), clock=system_clock)
    return {"entry": entry.pk, "reverses": args.entry}, f"Entry {args.entry} is reversed by entry {entry.pk}."


def _statement(args: argparse.Namespace, lender: Lender, console: Console) -> Said:
    from sulah.actions.export_written_off import export_lines, kept_loan
    from sulah.actions.keep_words import said
    from sulah.adapters.book.vault import Vault
    from sulah.adapters.book.written_off import COLUMNS, statement_of

    loan = kept_loan(args.loan)
    vault = Vault(lender)
    lines = [{**line, "reason": said(vault, loan.borrower_id, line["reason"])} for line in statement_of(loan, args.on, args.known_on)]
    fields: dict[str, Any] = {"loan": loan.loan_id, "taken_over_on": loan.taken_over_on, "on": args.on, "known_on": args.known_on}
    if args.out:
        export_lines(f"statement:{loan.loan_id}", COLUMNS, lines, args.out, actor=args.by, clock=system_clock)
        return {
            **fields,
            "rows": len(lines),
            "file": str(args.out),
        }, f"{len(lines):,} entries of loan {loan.loan_id} written to {args.out}."
    if not args.json:
        console.print(_table(lines))
    return {**fields, "lines": [{name: line[name] for name in COLUMNS} for line in lines]}, ""


def _table(lines: list[dict[str, Any]]) -> Table:
    table = Table("Entry", "Day", "What", "Principal", "Interest", "Charges", "Owed after")
    for column in table.columns[3:]:
        column.justify = "right"
    for line in lines:
        moved = [indian(line[f"{head}_paise"]) for head in ("principal", "interest", "charge")]
        what = f"{line['kind']} {line['reference']}".strip()
        table.add_row(str(line["entry"]), day_text(line["effective_on"]), what, *moved, indian(line["net_paise"]))
    return table


def _balance(args: argparse.Namespace, lender: Lender, console: Console) -> Said:
    from sulah.actions.export_written_off import ALL_COLUMNS, all_lines, export_lines
    from sulah.adapters.book.written_off import trial, waiting_receipts

    told, waiting = trial(), waiting_receipts()
    if args.out:
        lines = all_lines()
        export_lines("statement:all", ALL_COLUMNS, lines, args.out, actor=args.by, clock=system_clock)
        return {"rows": len(lines), "file": str(args.out)}, f"{len(lines):,} entries written to {args.out}."
    heads = ("principal", "interest", "charge", "excess")
    parts = {kind.value: {head: getattr(part, head) for head in heads} for kind, part in told.parts.items()}
    fields = {"parts": parts, "balance": {head: getattr(told.balance, head) for head in heads}, "ties": told.ties}
    waits = [{"receipt": one.pk, "loan": one.loan.loan_id, "reference": one.reference, "paise": one.amount_paise} for one in waiting]
    if not args.json:
        table = Table("", "Principal", "Interest", "Charges", "Beyond what was owed")
        for name, sums in [*parts.items(), ("balance", fields["balance"])]:
            table.add_row(str(name), *(indian(sums[head]) for head in heads))  # type: ignore[index]
        console.print(table)
        for one in waits:
            console.print(f"Receipt {one['receipt']} of loan {one['loan']} waits: {one['reference']}, {indian(int(str(one['paise'])))}")
    words = "It ties." if told.ties else "It does not tie: sulah check says where."
    return {**fields, "waiting": waits}, words
