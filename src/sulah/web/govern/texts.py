"""The text bench: every text of a language with its state on each channel, and which languages a native reader signed off."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.contact.review_language import RECORDERS, digest_of, reviewed_languages, reviews
from sulah.kernel.dates import IST, system_clock
from sulah.policy.languages import LANGUAGES, load_languages
from sulah.policy.text_rows import TextKind, text_kinds
from sulah.records.contact.text import APPROVED, DRAFT, RETIRED, STATES, SUBMITTED, TextVersion
from sulah.web.forms import Field, Form
from sulah.web.govern.own_texts import own_lines
from sulah.web.govern.text_shown import the_bench
from sulah.web.reach import Reach, page
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import words

SHIPPED = "shipped"
"""A text that nobody has drafted here yet: only the row that comes with Sulah."""
_WEIGHT = {state: place for place, state in enumerate((RETIRED, DRAFT, SUBMITTED, APPROVED))}
COLUMNS = ("name", "language", "channel", "purposes", "plain_reminder", "state", "version", "sentences", "author", "approved_by", "sha256")


def language_asked(request: HttpRequest) -> str:
    """The language of ?language=, else English; 404 for one that there is not."""
    asked = request.GET.get("language", "") or LANGUAGES[0]
    if asked not in LANGUAGES:
        raise Http404("There is no such language.")
    return asked


def states_of(language: str) -> dict[tuple[str, str], list[TextVersion]]:
    """The versions of a language by text and channel, the furthest state first."""
    found: dict[tuple[str, str], list[TextVersion]] = {}
    for version in TextVersion.objects.filter(language=language):
        found.setdefault((version.name, version.channel), []).append(version)
    return {key: sorted(rows, key=lambda row: (-_WEIGHT[row.state], -row.version)) for key, rows in found.items()}


def line_of(kind: TextKind, language: str, held: dict[tuple[str, str], list[TextVersion]], signed: bool) -> dict[str, Any]:
    """One text of a language: what it is for, and on each channel its furthest state, and whether another version waits for approval."""
    cells: list[dict[str, Any]] = []
    known: set[str] = set()
    for channel in kind.channels:
        rows = held.get((kind.name, channel), [])
        states = {row.state for row in rows} or {SHIPPED}
        known |= states
        waits = SUBMITTED in states and rows[0].state != SUBMITTED
        cells.append({"channel": channel, "state": rows[0].state if rows else SHIPPED, "waits": waits})
    return {"kind": kind, "cells": cells, "may": signed or kind.plain_reminder, "states": known}


def rows_of(kind: TextKind, language: str, held: dict[tuple[str, str], list[TextVersion]]) -> list[dict[str, Any]]:
    """The rows of a text as they are taken out: one a version, or the shipped one of a channel that has none."""
    told: list[dict[str, Any]] = []
    plain = {"name": kind.name, "language": language, "purposes": " ".join(kind.purposes), "plain_reminder": kind.plain_reminder}
    for channel in kind.channels:
        versions = held.get((kind.name, channel), [])
        told += [
            {**plain, "channel": channel, **{name: getattr(one, name) for name in COLUMNS if hasattr(one, name) and name not in plain}}
            for one in versions
        ]
        if not versions:
            told.append({**plain, "channel": channel, "state": SHIPPED})
    return told


def languages_of(reach: Reach) -> list[dict[str, Any]]:
    """Each language with who signed it off, and the forms of those who may write that down."""
    last, now = reviews(), reviewed_languages()
    acts = reach.role in RECORDERS and reach.whole_lender
    lines = []
    for code, language in load_languages().items():
        review = last.get(code)
        signed = code in now
        stale = review is not None and review.signed_off and not signed
        form = withdraw_form(code, language.name) if signed else sign_form(code, language.name)
        lines.append({"language": language, "review": review, "signed": signed, "stale": stale, "form": form if acts else None})
    return lines


def sign_form(code: str, name: str) -> Form:
    """The form that writes a native reader's sign-off down."""
    today = system_clock().astimezone(IST).date()
    asked = (
        Field("reader", "Native reader, by name", most=150),
        Field("read_on", "Read on", "date", value=today.isoformat()),
        Field("note", "Note", required=False),
    )
    seen = {"language": code, "digest": digest_of(code)}
    hint = f"You write down that this person, whose own language is {name}, has read every text in it."
    return Form("sign_off", f"{name}: signed off by a native reader", asked, "Write the sign-off down", hint, seen)


def withdraw_form(code: str, name: str) -> Form:
    """The form that takes a sign-off back."""
    asked = (Field("note", "Why (kept with the act)"),)
    hint = "From then on only plain reminders go in this language."
    return Form("withdraw", f"{name}: take the sign-off back", asked, "Take it back", hint, {"language": code}, danger=True)


@page("texts")
def texts(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Texts of one language by state; everybody who contacts people may read them."""
    language, state = language_asked(request), request.GET.get("state", "")
    held, signed = states_of(language), language in reviewed_languages()
    lines = [line_of(kind, language, held, signed) for kind in text_kinds().values()]
    lines = [line for line in lines if not state or state in line["states"]]
    if asks_for(request, "texts"):
        rows = [row for line in lines for row in rows_of(line["kind"], language, held) if not state or row["state"] == state]
        return taken_out(request, reach, "texts", system_clock().astimezone(IST).date(), COLUMNS, rows)
    counted = {name: TextVersion.objects.filter(state=name).count() for name in (APPROVED, SUBMITTED, DRAFT)}
    context = {
        "reach": reach,
        "language": load_languages()[language],
        "signed": signed,
        "languages": languages_of(reach),
        "lines": lines,
        "counted": [(words(name), count) for name, count in counted.items()],
        "signed_off": len(reviewed_languages()),
        "states": (SHIPPED, *STATES),
        "state": state,
        "channels": ("sms", "whatsapp", "email", "bot_call"),
        "bench": the_bench(),
        "own": own_lines(reach),
    }
    return render(request, "texts.html", context)
