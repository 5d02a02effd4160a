"""One rule of contact: how it reads, who signed it, what was done to it, what is proposed, and what a proposal would have stopped."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.contact.change_rule import DECIDERS
from sulah.actions.contact.look_back import LookBack, look_back
from sulah.actions.contact.rulebook import Rulebook, digest_of, row_of, version_of
from sulah.kernel.dates import IST, system_clock
from sulah.policy.rows import Row
from sulah.records.contact.rule_change import RuleChange
from sulah.web.contact_book import said, the_book, whom
from sulah.web.forms import Field, Form
from sulah.web.govern.contact_rules import line_of
from sulah.web.reach import Reach, page
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import words

LOOK_BACK_DAYS = 30
"""Days that a look-back covers where the address names none: those up to yesterday."""
_LISTED = 50
_LENGTHS = {"channels": 200, "purposes": 200, "states": 200, "allowed": 200, "meaning": 600, "citation": 600, "legacy": 600}
_LENGTHS |= {"note": 600, "example": 4000}
"""Greatest lengths of the texts of a row that are longer than a term."""
_REASON = Field("reason", "Why (kept with the act)")


def last_row(book: Rulebook, rule_id: str) -> Row | None:
    """The last version of a rule, which the acts on it are about."""
    rows = [row for rows in book.policy.tables.values() for row in rows if row.rule_id == rule_id]
    return max(rows, key=lambda row: (version_of(row), row.effective_from), default=None)


def written_of(row: Row) -> dict[str, str]:
    """The values of a row that a person may propose otherwise, as text."""
    values = {name: _text(value) for name, value in row.values.items() if name != "version"}
    return {**values, "citation": row.citation, "note": row.note, "example": json.dumps(row.to_plain()["example"], ensure_ascii=False)}


def _text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def forms_of(row: Row) -> dict[str, Form]:
    """The forms of the acts on a rule, each carrying the digest of the row as it is shown."""
    seen = {"rule_id": row.rule_id, "digest": digest_of(row)}
    on = row.values.get("switched_on") is True
    asked = [
        Field(name, words(name), "text", required=False, most=_LENGTHS.get(name, 64), value=value)
        for name, value in written_of(row).items()
    ]
    first_day = Field("effective_from", "In force from", "date")
    return {
        "sign_off": Form("sign_off", f"Sign off version {version_of(row)}", (), "I sign this rule off as it reads", hidden=seen),
        "switch": Form(
            "switch",
            f"Switch it {'off' if on else 'on'}",
            (_REASON,),
            f"Switch it {'off' if on else 'on'} now",
            "It holds from the moment that it is written down, for every contact decided after it.",
            {**seen, "on": "no" if on else "yes"},
            danger=on,
        ),
        "propose": Form(
            "propose",
            "Propose a changed version",
            (first_day, *asked, _REASON),
            "Propose it",
            "Another person must approve it. Lists are terms with spaces between, or *; the example must fit what the rule then says.",
            seen,
        ),
    }


def differing(proposal: RuleChange, row: Row) -> list[tuple[str, str, str]]:
    """What a proposal changes: name, as it is, as proposed."""
    now, new = written_of(row), written_of(row_of(proposal.sheet, proposal.payload))
    return [(words(name), now.get(name, "—"), value) for name, value in new.items() if now.get(name) != value]


def span_asked(request: HttpRequest, today: date) -> tuple[date, date]:
    """First and last day of a look-back; those up to yesterday where they cannot be read."""
    try:
        return date.fromisoformat(request.GET["from"]), date.fromisoformat(request.GET["to"])
    except (KeyError, ValueError):
        return today - timedelta(days=LOOK_BACK_DAYS), today - timedelta(days=1)


def looked_back(request: HttpRequest, rule_id: str, book: Rulebook, today: date) -> dict[str, Any] | None:
    """The report that ?look_back= asks for: of a proposal by its number, or of the switch of the rule as if it were thrown."""
    asked = request.GET.get("look_back", "")
    if not asked:
        return None
    if asked == "switch":
        row = last_row(book, rule_id)
        on = row is not None and row.values.get("switched_on") is True
        change = RuleChange(kind="switch", sheet=row.table if row else "", rule_id=rule_id, payload={"switched_on": not on})
    else:
        found = RuleChange.objects.filter(pk=int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0)
        kept = found.filter(kind="propose", rule_id=rule_id).first()
        if kept is None:
            raise Http404("No such proposal of this rule.")
        change = kept
    first, last = span_asked(request, today)
    report: LookBack = look_back(change, first, last, book)
    return {"change": change, "asked": asked, "first": first, "last": last, "report": report, "rows": report.stopped[:_LISTED]}


def _proposals(rule_id: str, row: Row, reach: Reach) -> list[dict[str, Any]]:
    """Open proposals of a rule, with what each changes and the forms to answer it."""
    open_ones = RuleChange.objects.filter(kind="propose", rule_id=rule_id, answers=None).order_by("id")
    return [{"change": one, "differs": differing(one, row), "own": one.by == reach.person.get_username()} for one in open_ones]


@page("contact_rule")
def contact_rule(request: HttpRequest, reach: Reach, rule_id: str) -> HttpResponse:
    """The page of one rule.  Acts are for the compliance officer of the whole lender; everybody else reads."""
    book, now = the_book(), system_clock()
    row = last_row(book, rule_id)
    if row is None:
        raise Http404("No such rule.")
    today = now.astimezone(IST).date()
    shown = book.row(rule_id, today) or row
    looks = reach.whole_lender and reach.opens("decisions")
    report = looked_back(request, rule_id, book, today) if looks else None
    if report and asks_for(request, "look_back"):
        columns = ("contact", "person", "at", "channel", "purpose")
        stopped = [{name: getattr(one, name) for name in columns} for one in report["report"].stopped]
        return taken_out(request, reach, "look_back", today, columns, stopped)
    changes = list(RuleChange.objects.filter(rule_id=rule_id).order_by("-id"))
    signed = next((change for change in changes if change.kind == "sign_off"), None)
    context = {
        "reach": reach,
        "line": line_of(shown, signed),
        "row": shown,
        "later": row if row is not shown else None,
        "values": [(words(name), _shown(value)) for name, value in shown.values.items()],
        "whom": whom(shown),
        "said_later": said(row) if row is not shown else "",
        "changes": changes,
        "proposals": _proposals(rule_id, row, reach),
        "report": report,
        "looks": looks,
        "decides": reach.role in DECIDERS and reach.whole_lender,
        "forms": forms_of(row),
        "switchable": row.status == "draft" and "switched_on" in row.values,
        "switching": request.GET.get("switch") == "yes",
    }
    return render(request, "contact_rule.html", context)


def _shown(value: object) -> str:
    """One value of a row in words."""
    if value == "*":
        return "all"
    return _text(value) or "—"


def proposed_row(row: Row, given: Mapping[str, str]) -> dict[str, Any]:
    """The whole new row that a form proposes: the old one with what was changed, each value of the old one's kind."""
    plain: dict[str, Any] = dict(row.to_plain())
    for name, value in row.values.items():
        if name in given and name != "version":
            plain[name] = _read(given[name].strip(), value)
    for name in ("citation", "note"):
        plain[name] = given.get(name, "").strip() or plain.get(name, "")
    plain["example"] = _example(given.get("example", ""), plain["example"])
    plain["effective_from"] = given.get("effective_from", "")
    plain.pop("effective_to", None)
    return plain


def _read(text: str, like: object) -> object:
    """A text as a value of the same kind; one that is not stays text, for the rule's own reading to refuse."""
    if isinstance(like, bool):
        return {"yes": True, "no": False}.get(text, text)
    if isinstance(like, int):
        return int(text) if text.isascii() and text.isdigit() else text
    return text


def _example(text: str, otherwise: object) -> object:
    try:
        return json.loads(text) if text.strip() else otherwise
    except ValueError:
        return text
