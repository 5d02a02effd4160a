"""One answer of the guard: every rule that was asked, the facts that it stood on, decided again now, and the contact that followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.contact.rulebook import Rulebook
from sulah.guard.decide import decide
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.words import explain
from sulah.kernel.dates import IST, day_text
from sulah.kernel.money import indian
from sulah.records.contact.decision import Decision
from sulah.web.contact_book import MARKS, said, the_book
from sulah.web.govern.decisions import within
from sulah.web.govern.overrides import override_forms
from sulah.web.reach import Reach, page
from sulah.web.said import shown
from sulah.web.words import words

_ORDER = ("no", "lifted", "warn", "log", "yes")
_ANSWERS = {"yes": "Yes", "no": "No", "lifted": "Set aside", "warn": "Warning", "log": "Noted"}
_KEY_SHOWN = 8
_UNSHOWN = ("overrides", "at", "intent_id")


@dataclass(frozen=True, slots=True)
class Again:
    """The decision made again from what was kept: the same to the byte or not, and its sentences where it is the same."""

    same: bool
    sentences: tuple[str, ...]


def decided_again(row: Decision, book: Rulebook) -> Again:
    """Decide once more on the facts that were kept, with the rules of its date as they stand now; a damaged record is not the same."""
    try:
        answer = decide(Intent.from_plain(row.intent), Facts.from_plain(row.facts), book.rules)
    except ValueError:
        return Again(same=False, sentences=())
    same = answer.sha256 == row.content_sha256
    return Again(same=same, sentences=explain(answer) if same else ())


def verdict_lines(verdicts: Any, book: Rulebook, on: date) -> list[dict[str, Any]]:
    """Every rule that was asked, those that refused first: its words as they stand now, and its answer as it was kept."""
    lines = []
    for verdict in verdicts:
        row = book.row(verdict["rule_id"], on)
        lines.append(
            {
                "rule_id": verdict["rule_id"],
                "version": verdict["version"],
                "citation": verdict["citation"],
                "mark": MARKS.get(verdict["status"], words(verdict["status"])),
                "words": said(row) if row else "This rule is in the book no longer.",
                "answer": verdict["answer"],
                "shown": _ANSWERS[verdict["answer"]],
                "unknown": verdict["unknown"],
                "again_at": datetime.fromisoformat(verdict["again_at"]) if verdict["again_at"] else None,
            }
        )
    return sorted(lines, key=lambda line: (_ORDER.index(line["answer"]), line["rule_id"]))


def fact_lines(facts: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """The facts as they were kept, by part, each entry in one line; parts of which nothing was known say so."""
    return [(words(name), _entries(value)) for name, value in sorted(facts.items())]


def _entries(value: Any) -> list[str]:
    if isinstance(value, list):
        return [_one(entry) for entry in value]
    if isinstance(value, Mapping) and value and all(isinstance(one, Mapping) for one in value.values()):
        return [f"{_short(key)}: {_one(entry)}" for key, entry in sorted(value.items())]
    return [_one(value)] if _known(value) else []


def _one(value: Any) -> str:
    """One entry in words: names and values of what is known in it."""
    if isinstance(value, Mapping):
        return "; ".join(f"{words(name)} {_value(name, one)}" for name, one in value.items() if _known(one))
    return _value("", value)


def _known(value: Any) -> bool:
    return value not in (None, "", [], {})


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | Mapping):
        parts = value.items() if isinstance(value, Mapping) else enumerate(value)
        return ", ".join(f"{_short(key)} {_value('', one)}" if isinstance(key, str) else _one(one) for key, one in parts)
    if isinstance(value, int) and name.endswith("_paise"):
        return indian(value)
    return _instant(str(value)) or _short(str(value))


def _instant(text: str) -> str:
    """An instant of the record in India time; empty for what is none."""
    if len(text) < 20 or "T" not in text:
        return ""
    try:
        local = datetime.fromisoformat(text).astimezone(IST)
    except ValueError:
        return ""
    return f"{day_text(local.date())}, {local:%H:%M:%S}"


def _short(text: str) -> str:
    """A blind index by its beginning, as people compare it; anything else as it is."""
    return f"{text[:_KEY_SHOWN]}…" if len(text) in (32, 64) and all(sign in "0123456789abcdef" for sign in text) else text


@page("decision")
def decision(request: HttpRequest, reach: Reach, decision_id: int) -> HttpResponse:
    """The page of one decision; 404 for one about a person out of reach, as for one that there is not."""
    row = within(reach).filter(pk=decision_id).first()
    if row is None:
        raise Http404("No such decision within reach.")
    book = the_book()
    lines = verdict_lines(row.verdicts, book, row.at.astimezone(IST).date())
    context = {
        "reach": reach,
        "row": row,
        "intent": [(words(name), _value(name, value)) for name, value in row.intent.items() if name not in _UNSHOWN and _known(value)],
        "overrides": row.intent.get("overrides", []),
        "forms": override_forms(row, book, reach),
        "others": [line for line in lines if line["answer"] != "yes"],
        "agreed": [line for line in lines if line["answer"] == "yes"],
        "facts": fact_lines(row.facts),
        "again": decided_again(row, book),
        "contacts": [{"contact": one, "events": list(one.events.order_by("id"))} for one in row.contacts.order_by("id")],
    }
    context["said"] = shown(((row.person, one["reason"]) for one in row.intent.get("overrides", [])), reach, f"decision/{row.pk}")
    return render(request, "decision.html", context)
