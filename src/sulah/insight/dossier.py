"""What is on record of one person as a document: parts of plain tables, written as one page that prints, or as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

from sulah.kernel.dates import IST, day_text
from sulah.kernel.money import indian

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%;font-size:.9em}th,td{border:1px solid #8888;padding:.25rem .5rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}section{break-inside:auto}tr{break-inside:avoid}thead{display:table-header-group}"
    "div{overflow-x:auto}@media print{a{color:inherit;text-decoration:none}body{margin:0;max-width:none;font-size:11px}}"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the document: its name in addresses and files, heading, one sentence about it, columns and rows by column."""

    name: str
    title: str
    words: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Dossier:
    """All parts about one person between two days in India, both inside; made_by: for whom, made_at: when."""

    lender: str
    simulated: bool
    person: str
    first: date
    last: date
    made_at: datetime
    made_by: str
    parts: tuple[Part, ...]

    def part(self, name: str) -> Part | None:
        """The part of that name."""
        return next((part for part in self.parts if part.name == name), None)


def cell_text(column: str, value: object) -> str:
    """A cell as people read it: instants in India time, days, rupees, yes and no.

    >>> from datetime import UTC
    >>> cell_text("at", datetime(2026, 11, 22, 6, 30, tzinfo=UTC)), cell_text("amount_paise", 123_450), cell_text("given", True)
    ('22 Nov 2026, 12:00:00', '₹1,234.50', 'yes')
    >>> cell_text("loans", ["L1", "L2"]), cell_text("purpose", None)
    ('L1, L2', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        local = value.astimezone(IST)
        return f"{day_text(local.date())}, {local:%H:%M:%S}"
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return indian(value) if isinstance(value, int) and column.endswith("_paise") else str(value)


def label_of(column: str) -> str:
    """The heading of a column.

    >>> label_of("lifted_at"), label_of("amount_paise"), label_of("id")
    ('Lifted at', 'Amount', 'No.')
    """
    return "No." if column == "id" else column.removesuffix("_paise").replace("_", " ").capitalize()


def as_html(dossier: Dossier, more: Sequence[tuple[str, str]] = ()) -> str:
    """One page without script or outside reference, with a table of contents; every cell is escaped.  more: other files, (name, words)."""
    title = f"Contact ledger of borrower {dossier.person}"
    head = ["<!doctype html>", '<html lang="en-IN"><head><meta charset="utf-8">']
    head += ['<meta name="viewport" content="width=device-width, initial-scale=1">', f"<title>{escape(title)}</title>"]
    head += [f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"]
    whose = f"{dossier.lender}{' · SIMULATED, no person or loan is real' if dossier.simulated else ''}"
    span = f"{day_text(dossier.first)} to {day_text(dossier.last)}, both inside; times are India time"
    made = f"Made {cell_text('at', dossier.made_at)} by {dossier.made_by}"
    head += [f"<p>{escape(one)}</p>" for one in (whose, span, made)]
    contents = [f'<li><a href="#{part.name}">{escape(part.title)}</a> ({len(part.rows):,})</li>' for part in dossier.parts]
    contents += [f'<li><a href="{escape(name)}">{escape(words)}</a></li>' for name, words in more]
    body = [line for part in dossier.parts for line in _section(part)]
    return "\n".join([*head, '<nav aria-label="Contents"><ol>', *contents, "</ol></nav>", *body, "</body></html>", ""])


def _section(part: Part) -> Iterator[str]:
    yield f'<section id="{part.name}"><h2>{escape(part.title)}</h2><p>{escape(part.words)}</p>'
    if part.rows:
        heads = "".join(f'<th scope="col">{escape(label_of(column))}</th>' for column in part.columns)
        yield f"<div><table><thead><tr>{heads}</tr></thead><tbody>"
        for row in part.rows:
            yield "<tr>" + "".join(f"<td>{escape(cell_text(column, row.get(column)))}</td>" for column in part.columns) + "</tr>"
        yield "</tbody></table></div>"
    else:
        yield "<p>Nothing on record.</p>"
    yield "</section>"


def as_json(dossier: Dossier) -> str:
    """The same as JSON: amounts in paise, instants in ISO with their zone."""
    parts = {part.name: [{column: _json(row.get(column)) for column in part.columns} for row in part.rows] for part in dossier.parts}
    about = {name: _json(getattr(dossier, name)) for name in ("lender", "simulated", "person", "first", "last", "made_at", "made_by")}
    return json.dumps({"about": about, "parts": parts}, ensure_ascii=False, indent=1) + "\n"


def _json(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
