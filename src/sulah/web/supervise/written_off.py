"""Written-off loans that Sulah keeps: the list with totals beside the lender's figures, the statement of a loan, and the posting forms."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import actor_of
from sulah.actions.export_rows import MOST_ROWS
from sulah.actions.post_fee import post_fee
from sulah.actions.post_receipt import decide_receipt, enter_receipt
from sulah.actions.reverse_entry import reverse_entry
from sulah.actions.written_off_account import branch_now, policy_of
from sulah.adapters.book.reader import Day
from sulah.adapters.book.written_off import COLUMNS, balances_of, moved_by_loan, statement_of, sums_by_kind, waiting_receipts
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.money import indian, paise_of
from sulah.kernel.refusal import Refusal
from sulah.payments.posting import EntryKind
from sulah.payments.rules import Rules
from sulah.records.person import Person
from sulah.records.written_off import WrittenOffLoan
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.reach import Reach, page
from sulah.web.said import kept, shown
from sulah.web.standing import chosen_run, day_of, the_lender
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import words

_THEIRS = """
SELECT loan_id, branch_id, outstanding_principal_paise + overdue_interest_paise + overdue_charge_paise - unallocated_paise AS paise
FROM position WHERE loan_id IN (SELECT unnest($loans))
"""
_MOVES = ("opening", "interest", "fee", "receipt", "reversal")
LIST_COLUMNS = (
    *("loan_id", "borrower_id", "product", "branch_id", "written_off_on", "taken_over_on", "opening_paise", "interest_paise", "fee_paise"),
    *("receipt_paise", "reversal_paise", "balance_paise", "lender_paise", "difference_paise"),
)


@page("written_off")
def written_off(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The kept loans within reach as at the day-end, with totals that tie to the postings, and the receipts that wait."""
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    with day_of(run) as day:
        lines = _lines(day, reach, run.as_of)
    if asks_for(request, "written_off"):
        if len(lines) > MOST_ROWS:
            words = "Write it on the lender’s machine: sulah writeoff balance --out ledger.csv"
            return render(request, "error.html", {"title": "Too many rows to take out here", "words": words}, status=400)
        return taken_out(request, reach, "written_off", run.as_of, LIST_COLUMNS, lines)
    sheet = sheet_of(request, len(lines))
    totals = {name: sum(line[name] or 0 for line in lines) for name in LIST_COLUMNS[6:]}
    parts = sums_by_kind(run.as_of, [line["row"] for line in lines])
    heads = ("principal", "interest", "charge", "excess")
    balance = {head: sum(getattr(part, head) for part in parts.values()) for head in heads}
    within = {line["loan_id"] for line in lines}
    context = {
        "run": run,
        "reach": reach,
        "rows": lines[sheet.offset : sheet.offset + PAGE_ROWS],
        "sheet": sheet,
        "totals": totals,
        "parts": [(_what(kind), part) for kind, part in parts.items() if kind in _MOVES or part.owed or part.excess],
        "balance": balance,
        "ties": balance["principal"] + balance["interest"] + balance["charge"] - balance["excess"] == totals["balance_paise"],
        "waiting": [one for one in waiting_receipts() if one.loan.loan_id in within],
        "may_post": reach.opens("post_written_off"),
    }
    return render(request, "written_off.html", context)


def _lines(day: Day, reach: Reach, on: date) -> list[dict[str, Any]]:
    """One line a kept loan within reach: what moved by kind, the balance, the lender's figure and the difference."""
    kept = {loan.loan_id: loan for loan in WrittenOffLoan.objects.filter(taken_over_on__lte=on).order_by("loan_id")}
    theirs = {row["loan_id"]: row for row in day.query(_THEIRS, {"loans": sorted(kept)}, "position")} if kept else {}
    branches = {name: str(theirs[name]["branch_id"] or "") if name in theirs else loan.branch_id for name, loan in kept.items()}
    seen = [loan for name, loan in kept.items() if reach.sees(branches[name])]
    moved = moved_by_loan([loan.pk for loan in seen], on)
    return [_line(loan, branches[loan.loan_id], moved[loan.pk], theirs.get(loan.loan_id)) for loan in seen]


def _line(loan: WrittenOffLoan, branch: str, moved: Mapping[str, int], theirs: Mapping[str, Any] | None) -> dict[str, Any]:
    line: dict[str, Any] = {name: getattr(loan, name) for name in LIST_COLUMNS[:6]}
    line |= {f"{kind}_paise": moved[kind] for kind in _MOVES}
    balance, lender = sum(moved.values()), theirs["paise"] if theirs else None
    difference = None if lender is None else balance - lender
    return line | {"row": loan.pk, "branch_id": branch, "balance_paise": balance, "lender_paise": lender, "difference_paise": difference}


def _seen(reach: Reach, loan_id: str) -> WrittenOffLoan:
    """The kept loan within reach; 404 for one that is not, as for one that does not exist."""
    loan = WrittenOffLoan.objects.select_related("load").filter(loan_id=loan_id).first()
    if loan is None or (not reach.whole_lender and not reach.sees(branch_now(loan, the_lender()))):
        raise Http404("No such kept loan within reach.")
    return loan


def _asked_day(request: HttpRequest, name: str) -> date | None:
    """A day of the address; what is no day is left out."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


@page("written_off_loan")
def written_off_loan(request: HttpRequest, reach: Reach, loan_id: str) -> HttpResponse:
    """The statement of a loan as at ?on= as known on ?known=, every line with its act and rule, and the forms of those who post."""
    loan = _seen(reach, loan_id)
    on, known_on = _asked_day(request, "on"), _asked_day(request, "known")
    lines, waiting = statement_of(loan, on, known_on), [one for one in waiting_receipts() if one.loan_id == loan.pk]
    said = shown(
        ((loan.borrower_id, text) for text in (*(line["reason"] for line in lines), *(one.note for one in waiting))), reach, "written_off"
    )
    lines = [{**line, "reason": said.get(line["reason"], line["reason"])} for line in lines]
    if asks_for(request, "statement"):
        return taken_out(request, reach, "statement", on, COLUMNS, lines)
    today = system_clock().astimezone(IST).date()
    undone = {line["reverses"] for line in statement_of(loan) if line["reverses"]}
    may_post = reach.opens("post_written_off")
    fees = tuple(Rules(policy_of(the_lender()), loan.product).fees(today)) if may_post else ()
    context = {
        "reach": reach,
        "loan": loan,
        "lines": [{**line, "what": _what(line["kind"]), "open": _may_undo(line) and line["entry"] not in undone} for line in lines],
        "balance": balances_of([loan], on, known_on).get(loan.pk),
        "on": on,
        "known_on": known_on,
        "today": today,
        "fees": [(str(row.values["fee"]), str(row.values["words"]), int(str(row.values["most_paise"]))) for row in fees],
        "waiting": waiting,
        "said": said,
        "may_post": may_post,
    }
    return render(request, "written_off_loan.html", context)


def _what(kind: str) -> str:
    """A kind of entry as people read it."""
    return words("taken_over" if kind == EntryKind.OPENING else kind)


def _may_undo(line: Mapping[str, Any]) -> bool:
    """May a person reverse the line here?  Receipts of the extract are reversed in the lender's system."""
    by_person = line["kind"] == EntryKind.RECEIPT and not line["reason"].startswith("From the lender's extract")
    return by_person or line["kind"] == EntryKind.FEE


@require_POST
@page("post_written_off")
def post_written_off(request: HttpRequest, reach: Reach, loan_id: str) -> HttpResponse:
    """Enter or decide a receipt, charge a fee, reverse an entry, through the acts; what an act refuses is shown in its own words."""
    loan = _seen(reach, loan_id)
    try:
        with kept(loan.borrower_id, request.POST.get("note", ""), actor_of(reach.person)) as note:
            words_of_success = _posted(request.POST, note, loan.loan_id, reach.person)
        messages.success(request, words_of_success)
    except Refusal as error:
        messages.error(request, str(error))
    except ValueError:
        messages.error(
            request, "Something is missing or is no amount or day. Write rupees as 1234.50 and choose the day; then press again."
        )
    return redirect("written_off_loan", loan_id=loan.loan_id)


def _posted(asked: Mapping[str, str], note: str, loan_id: str, person: Person) -> str:
    """Do what the form asks for and say what came of it; ValueError for fields that are missing or unreadable."""
    lender, who = the_lender(), person.get_username()
    what = asked.get("what", "")
    if what in ("confirm", "refuse"):
        decision = decide_receipt(
            lender, int(asked.get("receipt", "")), confirm=what == "confirm", note=note, actor=who, clock=system_clock, person=person
        )
        return f"Receipt {decision.receipt.reference} is {'posted' if decision.confirmed else 'refused; nothing was posted'}."
    on = date.fromisoformat(asked.get("on", ""))
    if what == "reverse":
        entry = reverse_entry(lender, int(asked.get("entry", "")), on, reason=note, actor=who, clock=system_clock, person=person)
        return f"Entry {entry.reverses_id} is reversed by entry {entry.pk}."
    paise = paise_of(asked.get("amount", "").strip())
    reference = asked.get("reference", "").strip()
    if what == "receipt":
        made = enter_receipt(lender, loan_id, reference, on, paise, note=note, actor=who, clock=system_clock, person=person)
        return f"{made.reference}, {indian(paise)}, is entered. It counts when another person has confirmed it."
    if what != "fee":
        raise ValueError(what)
    entry = post_fee(
        lender, loan_id, asked.get("fee", ""), paise, on, reason=note, reference=reference, actor=who, clock=system_clock, person=person
    )
    return f"{indian(paise)} is charged, entry {entry.pk}."
