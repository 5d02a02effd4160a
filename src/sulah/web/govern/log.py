"""The page of the log: how it stands, who vouches for it, and one entry with its proof, to be taken along as a receipt."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.log.make_receipts import entries_about, receipt_of, standing_log
from sulah.actions.log.tell_log import tell_log
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.records.log_entry import LogEntry
from sulah.transparency.receipt import check_receipt
from sulah.web.reach import Reach, page
from sulah.web.standing import the_lender

_LONGEST = 200


@page("log")
def log(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Size, last checkpoint, witnesses, last mail; ?entry= looks one up, &receipt=N gives its receipt without words as a file."""
    asked = request.GET.get("entry", "").strip()[:_LONGEST]
    if request.GET.get("receipt"):
        return _receipt(request.GET["receipt"])
    context = {"reach": reach, "log": tell_log(the_lender()), "asked": asked, **(_looked_up(asked) if asked else {})}
    return render(request, "log.html", context)


def _looked_up(asked: str) -> dict[str, object]:
    """The entries that were asked for, each held against the newest checkpoint here and now; or the words of a refusal."""
    try:
        entries, standing = entries_about(asked), standing_log(the_lender())
    except Refusal as refusal:
        return {"refused": str(refusal)}
    rows = []
    for entry in entries:
        try:
            receipt = receipt_of(standing, entry, with_words=False)
            proven = check_receipt(receipt, standing.keys)
            rows.append({"entry": entry, "hashes": len(receipt.proof), "size": proven.checkpoint.size})
        except (Refusal, UnprovenError) as error:
            rows.append({"entry": entry, "wrong": str(error)})
    return {"rows": rows}


def _receipt(which: str) -> HttpResponse:
    """The receipt as a file; 404 for an entry that is not under a checkpoint."""
    entry = LogEntry.objects.filter(seq=int(which)).first() if which.isascii() and which.isdigit() and len(which) < 16 else None
    if entry is None:
        raise Http404("No entry has that number.")
    try:
        made = receipt_of(standing_log(the_lender()), entry, with_words=False).to_json()
    except Refusal as refusal:
        raise Http404(str(refusal)) from refusal
    response = HttpResponse(made, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="receipt-{entry.seq}.json"'
    return response
