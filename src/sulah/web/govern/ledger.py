"""A borrower's contact ledger: everything on record of one person between two days, as a page that prints and as files to take out."""

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import actor_of
from sulah.actions.evidence.incident_pack import incident_pack
from sulah.actions.evidence.person_document import FORMS, document, gathered
from sulah.actions.read_personal import Face
from sulah.insight.dossier import Dossier, Part, cell_text, label_of
from sulah.kernel.dates import system_clock
from sulah.records.dayrun import DayRun
from sulah.web.desk.reached import person_within
from sulah.web.govern.decisions import span_asked, span_of
from sulah.web.people import faces_for
from sulah.web.reach import Reach, page
from sulah.web.standing import day_of, the_lender
from sulah.web.take_out import taken_out
from sulah.web.words import words

DAYS = 90
"""Days shown where the address names none."""
PACK = "pack"
TAKES = (("html", "Take it out as one document"), ("json", "As JSON"), (PACK, "Incident pack (ZIP)"))
_TYPES = {"html": "text/html; charset=utf-8", "json": "application/json", PACK: "application/zip"}
_ENDINGS = {"html": "html", "json": "json", PACK: "zip"}
_DECISIONS = {("contacts", "decision"), ("decisions", "id")}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the heading that a phone shows beside it, its words, and where they lead."""

    label: str
    text: str
    href: str = ""


def face_of(person: str, reach: Reach, name: str) -> Face | None:
    """Name and numbers as far as the role sees them, which is written down; None before any day has run."""
    run = DayRun.objects.select_related("load").order_by("-as_of").first()
    if run is None:
        return None
    with day_of(run) as day:
        return faces_for([person], source=day, reach=reach, page=f"{name}/{person}")[person]


def dossier_of(person: str, first: date, last: date, reach: Reach) -> tuple[Dossier, Face | None]:
    """What is on record of a person within reach; 404 for one who is not."""
    person_within(reach, person)
    face = face_of(person, reach, "ledger")
    by = actor_of(reach.person)
    return gathered(the_lender(), person, first, last, face=face, by=by, clock=system_clock), face


def gathered_without(person: str, first: date, last: date, reach: Reach) -> Dossier:
    """The same without name and numbers, which no table that is taken out holds."""
    person_within(reach, person)
    return gathered(the_lender(), person, first, last, face=None, by=actor_of(reach.person), clock=system_clock)


def _table_out(request: HttpRequest, reach: Reach, name: str, dossier: Dossier) -> HttpResponse:
    part = dossier.part(name)
    if part is None:
        raise Http404("No such table.")
    return taken_out(request, reach, part.name, None, part.columns, part.rows)


def table_of(part: Part, reach: Reach) -> dict[str, Any]:
    """A part as the page shows it: each number that has a page of its own leads there."""
    rows = [[_cell(part.name, column, row.get(column), reach) for column in part.columns] for row in part.rows]
    return {"part": part, "heads": [label_of(column) for column in part.columns], "rows": rows, "count": len(part.rows)}


def _cell(part: str, column: str, value: object, reach: Reach) -> Cell:
    text = cell_text(column, value)
    if column in ("channel", "purpose", "state", "event", "scope", "kind", "intent", "outcome", "role", "source"):
        text = words(text) if text else ""
    href = ""
    if text and (part, column) in _DECISIONS:
        href = reverse("decision", args=[value])
    elif text and column == "rule_id":
        href = reverse("contact_rule", args=[value])
    elif text and part == "complaints" and column == "number" and reach.opens("complaints"):
        href = f"{reverse('complaints')}?number={text}"
    return Cell(label_of(column), text, href)


@page("ledger")
def ledger(request: HttpRequest, reach: Reach, person_id: str) -> HttpResponse:
    """The page; ?csv= gives one of its tables, which is written down."""
    first, last = span_of(request, DAYS)
    if asked := request.GET.get("csv"):
        return _table_out(request, reach, asked, gathered_without(person_id, first, last, reach))
    dossier, face = dossier_of(person_id, first, last, reach)
    context = {"reach": reach, "person": person_id, "face": face, "first": first, "last": last}
    context["takes"] = TAKES
    context["tables"] = [table_of(part, reach) for part in dossier.parts]
    return render(request, "ledger.html", context)


@require_POST
@page("ledger_act")
def ledger_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Hand out the document (`html`, `json`) or the incident pack (`pack`) as a file."""
    person = request.POST.get("person", "")
    if act not in _TYPES:
        raise Http404("No such act.")
    first, last = span_asked(request.POST, DAYS)
    dossier, _ = dossier_of(person, first, last, reach)
    by = actor_of(reach.person)
    content = document(dossier, act, by=by, clock=system_clock) if act in FORMS else _packed(dossier, reach)
    answer = HttpResponse(content, content_type=_TYPES[act])
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in person)
    kind = "incident" if act == PACK else "ledger"
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{plain}-{first}-{last}.{_ENDINGS[act]}"'
    return answer


def _packed(dossier: Dossier, reach: Reach) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "pack.zip"
        incident_pack(the_lender(), dossier, out, by=actor_of(reach.person), clock=system_clock)
        return out.read_bytes()
