"""Inspection: a read-only page of ready answers; each number leads to its rows and to its rules, and every table can be taken out."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from sulah.actions.export_rows import MOST_ROWS
from sulah.insight.dossier import cell_text, label_of
from sulah.kernel.terms import Role
from sulah.web.contact_book import the_book
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.govern.answers import QUESTIONS, Answer, Question, Scope, told
from sulah.web.govern.decisions import span_of
from sulah.web.govern.ledger import Cell
from sulah.web.reach import Reach, page
from sulah.web.take_out import asks_for, taken_out

DAYS = 30
"""Days looked at where the address names none."""
FIRST_ROWS = 3
"""Rows of each answer on the page of all questions."""


def scope_of(request: HttpRequest, reach: Reach) -> Scope:
    """What the address asks about: days and a branch; a branch out of reach has nobody in it."""
    first, last = span_of(request, DAYS)
    return Scope(reach, first, last, request.GET.get("branch", "").strip()[:64], the_book())


def table_of(scope: Scope, answer: Answer, offset: int, most: int) -> dict[str, Any]:
    """Some rows of an answer as cells."""
    rows = [[_cell(scope, column, line) for column in answer.columns] for line in answer.lines(offset, most)]
    return {"answer": answer, "heads": [label_of(column) for column in answer.columns], "rows": rows}


def _cell(scope: Scope, column: str, line: Mapping[str, Any]) -> Cell:
    """One cell, leading to what it names: the person's ledger of those days, the decision, the rule, the complaint, the agent."""
    value, reach = line.get(column), scope.reach
    text = cell_text(column, told(column, value))
    href = ""
    if column == "person" and text:
        query = {"from": scope.first.isoformat(), "to": scope.last.isoformat()}
        href = f"{reverse('ledger', args=[text])}?{urlencode(query)}"
    elif column == "id":
        href = reverse("decision", args=[value])
    elif column == "rule_id" and reach.opens("contact_rule"):
        href = reverse("contact_rule", args=[value])
    elif column == "number" and reach.opens("complaints"):
        href = f"{reverse('complaints')}?{urlencode({'number': text})}"
    elif column == "agent":
        href = reverse("agent", args=[value])
    return Cell(label_of(column), text, href)


def _common(scope: Scope) -> dict[str, Any]:
    query = {"from": scope.first.isoformat(), "to": scope.last.isoformat(), **({"branch": scope.branch} if scope.branch else {})}
    return {
        "reach": scope.reach,
        "first": scope.first,
        "last": scope.last,
        "branch": scope.branch,
        "branches": scope.reach.branches,
        "query": urlencode(query),
        "inspects": scope.reach.role is Role.INSPECTOR,
    }


@page("inspection")
def inspection(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Every question with its figures and its first rows."""
    scope = scope_of(request, reach)
    asked = []
    for question in QUESTIONS:
        answer = question.answer(scope)
        asked.append({"question": question, **table_of(scope, answer, 0, FIRST_ROWS), "rest": max(0, answer.count - FIRST_ROWS)})
    return render(request, "inspection.html", {**_common(scope), "asked": asked})


def _question(name: str) -> Question:
    found = next((question for question in QUESTIONS if question.name == name), None)
    if found is None:
        raise Http404("No such question.")
    return found


@page("inspection_answer")
def inspection_answer(request: HttpRequest, reach: Reach, question: str) -> HttpResponse:
    """One question: its figures, all of its rows, fifty a page, and the rules that it is held against; ?csv= takes them out."""
    asked, scope = _question(question), scope_of(request, reach)
    answer = asked.answer(scope)
    if asks_for(request, asked.name):
        return taken_out(request, reach, asked.name, None, answer.columns, answer.lines(0, MOST_ROWS))
    sheet = sheet_of(request, answer.count)
    context = {**_common(scope), "question": asked, "sheet": sheet, **table_of(scope, answer, sheet.offset, PAGE_ROWS)}
    return render(request, "inspection_answer.html", context)
