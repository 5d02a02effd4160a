"""The rules of contact in force on a date: what each lays down, whom it binds, where it comes from, and who signed it off."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.contact.rulebook import digest_of, version_of
from sulah.kernel.dates import FOREVER, IST, system_clock
from sulah.policy.rows import Row
from sulah.records.contact.rule_change import RuleChange
from sulah.web.contact_book import MARKS, SUBJECTS, is_on, rows_of, said, subject_of, the_book, whom
from sulah.web.reach import Reach, page
from sulah.web.standing import the_lender
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import words

COLUMNS = (
    *("subject", "rule_id", "version", "lays_down", "whom", "mark", "confidence", "verify", "citation", "legacy", "note", "asked"),
    *("when_unknown", "override_by", "effective_from", "effective_to", "signed_off_by", "signed_off_at", "signed_off_version"),
)


def date_asked(request: HttpRequest) -> date:
    """The date of ?on=, else today in India; 404 for a text that is no date."""
    asked = request.GET.get("on")
    if not asked:
        return system_clock().astimezone(IST).date()
    try:
        return date.fromisoformat(asked)
    except ValueError as error:
        raise Http404("The date in the address is none.") from error


def sign_offs() -> dict[str, RuleChange]:
    """The last sign-off of each rule."""
    return {change.rule_id: change for change in RuleChange.objects.filter(kind="sign_off").order_by("id")}


def line_of(row: Row, signed: RuleChange | None) -> dict[str, Any]:
    """One row as the page shows it."""
    values, version = row.values, version_of(row)
    return {
        "row": row,
        "rule_id": row.rule_id,
        "version": version,
        "subject": subject_of(row),
        "lays_down": said(row),
        "whom": whom(row),
        "mark": MARKS[row.status],
        "status": row.status,
        "confidence": "" if row.confidence == "POLICY" else row.confidence,
        "verify": row.verify,
        "citation": row.citation,
        "legacy": values.get("legacy", ""),
        "note": row.note,
        "asked": is_on(row),
        "when_unknown": values.get("when_unknown", ""),
        "override_by": values.get("override_by", ""),
        "effective_from": row.effective_from,
        "effective_to": None if row.effective_to == FOREVER else row.effective_to,
        "signed_off_by": signed.by if signed else "",
        "signed_off_at": signed.at if signed else None,
        "signed_off_version": signed.version if signed else None,
        "signed_stale": signed is not None and signed.digest != digest_of(row),
    }


def by_subject(lines: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The lines under their subjects, in the order of the page; subjects without a line are left out."""
    found = list(lines)
    grouped = [(subject, [line for line in found if line["subject"] == subject]) for subject in SUBJECTS]
    return [(subject, under) for subject, under in grouped if under]


@page("contact_rules")
def contact_rules(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Rules by subject; drafts that are switched off stand apart."""
    on, book, signed = date_asked(request), the_book(), sign_offs()
    lines = [line_of(row, signed.get(row.rule_id)) for row in rows_of(book) if row.in_force(on)]
    if asks_for(request, "contact_rules"):
        listed = [{**line, "override_by": words(line["override_by"])} for _, under in by_subject(lines) for line in under]
        return taken_out(request, reach, "contact_rules", on, COLUMNS, listed)
    to_come = [line_of(row, signed.get(row.rule_id)) for row in rows_of(book) if row.effective_from > on]
    context = {
        "reach": reach,
        "on": on,
        "entity": the_lender().entity_type.value,
        "book_version": book.rules.on(on).version,
        "subjects": by_subject(line for line in lines if line["asked"]),
        "off": [line for line in lines if not line["asked"]],
        "to_come": sorted(to_come, key=lambda line: (line["effective_from"], line["rule_id"])),
        "counted": [(mark, sum(line["mark"] == mark for line in lines if line["asked"])) for mark in MARKS.values()],
        "unsigned": sum(not line["signed_off_by"] or line["signed_stale"] for line in lines if line["asked"]),
    }
    return render(request, "contact_rules.html", context)
