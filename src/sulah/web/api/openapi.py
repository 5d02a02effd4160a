"""The OpenAPI document, made from the contracts and the scopes of this server, and a plain page of it; nothing is fetched from outside."""

from importlib.metadata import version
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.lms.api_settings import ApiSettings
from sulah.contracts.registry import EXTRACT
from sulah.contracts.resources import RESOURCES
from sulah.contracts.shape import Column, Kind, Table
from sulah.intake.call import MARK, MODES
from sulah.web.api.door import settings_here
from sulah.web.api.read import BUCKETS, MOST_ROWS
from sulah.web.problem import TITLES, ProblemError, answer, problem
from sulah.web.sandbox.faults import FAULTS, HEADER

_KINDS: dict[Kind, tuple[list[str], str]] = {
    Kind.TEXT: (["string", "null"], "text"),
    Kind.DATE: (["string", "null"], "a date, as 2026-04-01"),
    Kind.MOMENT: (["string", "null"], "a moment in India time, as 2026-04-01 10:30:00"),
    Kind.PAISE: (["number", "string", "null"], "rupees with at most two decimals"),
    Kind.INTEGER: (["integer", "string", "null"], "a whole number"),
    Kind.DECIMAL: (["number", "string", "null"], "a number"),
    Kind.TRUTH: (["boolean", "string", "null"], "true or false"),
}
_READS = (
    ("days/last", "days:read", "The last committed day, of which every reading speaks.", ()),
    ("accounts", "accounts:read", "Loans in the order of their ids, page by page.", ("branch", "bucket", "limit", "cursor")),
    ("accounts/{loan_id}", "accounts:read", "Where one loan stands: days past due both ways, overdue, bucket, class, next due.", ()),
    ("payments", "payments:read", "What was received on one loan and counts on that day.", ("loan_id",)),
    ("batches/{batch}", "", "What became of a batch that this client sent, record by record once a load has it.", ()),
)
_QUERY = {
    "branch": "a branch_id",
    "bucket": f"one of {', '.join(BUCKETS)}",
    "limit": f"rows of a page, 1 to {MOST_ROWS} (default 100)",
    "cursor": "next_cursor of the page before, as it is",
    "loan_id": "the loan",
}
_STATUS = {
    200: "Every record was accepted.",
    207: "Some records were accepted; read the list.",
    422: "No record was accepted; read the list.",
}


def document(request: HttpRequest, *, sandbox: bool) -> HttpResponse:
    """The document as JSON; it holds nothing of any borrower, so no token is asked for."""
    try:
        lender, settings = settings_here(sandbox=sandbox)
    except ProblemError as error:
        return problem(request, error)
    return answer(openapi(settings, simulated=lender.simulated))


def reference(request: HttpRequest, *, sandbox: bool) -> HttpResponse:
    """The same as a page for people."""
    try:
        lender, settings = settings_here(sandbox=sandbox)
    except ProblemError as error:
        return problem(request, error)
    tables = [(name, EXTRACT[table], EXTRACT[table].columns) for name, table in RESOURCES.items()]
    shown = {"document": openapi(settings, simulated=lender.simulated), "tables": tables, "settings": settings, "titles": TITLES.items()}
    base = "/api/sandbox/v1" if sandbox else "/api/v1"
    return render(request, "api_reference.html", {**shown, "base": base, "reads": _READS, "faults": FAULTS.items(), "header": HEADER})


def openapi(settings: ApiSettings, *, simulated: bool) -> dict[str, Any]:
    """The OpenAPI 3.1 document of this server."""
    base = "/api/sandbox/v1" if settings.sandbox else "/api/v1"
    title = f"Sulah{' sandbox' if settings.sandbox else ''}{' (simulated loans)' if simulated else ''}"
    paths: dict[str, dict[str, Any]] = {}
    for path, scope, words, query in _READS:
        paths.setdefault(f"/{path}", {})["get"] = _reading(path, scope, words, query)
    for name, table in RESOURCES.items():
        paths.setdefault(f"/{name}", {})["post"] = _sending(name, EXTRACT[table], settings)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version("sulah"), "description": "Amounts sent are rupees, amounts read are integer paise."},
        "servers": [{"url": base}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Answer": _ANSWER, "Problem": _PROBLEM, **{name: _record(EXTRACT[table]) for name, table in RESOURCES.items()}},
        },
    }


def _reading(path: str, scope: str, words: str, query: tuple[str, ...]) -> dict[str, Any]:
    in_path = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    parameters: list[dict[str, Any]] = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in in_path]
    parameters += [
        {"name": n, "in": "query", "required": n == "loan_id", "description": _QUERY[n], "schema": {"type": "string"}} for n in query
    ]
    found = {"200": {"description": words, "content": {"application/json": {"schema": {"type": "object"}}}}}
    told = {"operationId": f"read {path}", "summary": words, "parameters": parameters, "responses": found | _problems(400, 404)}
    return told | ({"description": f"Scope: {scope}"} if scope else {})


def _sending(name: str, table: Table, settings: ApiSettings) -> dict[str, Any]:
    records = {"type": "array", "minItems": 1, "maxItems": settings.most_records, "items": {"$ref": f"#/components/schemas/{name}"}}
    body = {
        "type": "object",
        "required": ["as_of", "records"],
        "additionalProperties": False,
        "properties": {"as_of": {"type": "string", "format": "date"}, "mode": {"type": "string", "enum": list(MODES)}, "records": records},
    }
    key = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 200}}
    answers = {
        str(status): {"description": words, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}}
        for status, words in _STATUS.items()
    }
    return {
        "operationId": f"send {name}",
        "summary": table.meaning,
        "description": f"Scope: {name}:write. Table of the extract: {table.name}. At most {settings.most_bytes:,} bytes.",
        "parameters": [key],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": answers | _problems(400, 409, 413, 415),
    }


def _problems(*more: int) -> dict[str, Any]:
    schema = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(status): {"description": TITLES[status], "content": schema} for status in sorted({401, 403, 429, 503, *more})}


def _record(table: Table) -> dict[str, Any]:
    """The schema of a record: a whole row, or the key of one that is taken away."""
    keys = [table.column(name).source for name in table.key if table.column(name).required]
    properties = {column.source: _field(column) for column in table.columns}
    properties[MARK] = {"type": ["boolean", "string", "null"], "description": "true takes the row of this key away (mode changes)."}
    whole = [column.source for column in table.required]
    return {
        "type": "object",
        "description": table.meaning,
        "additionalProperties": False,
        "anyOf": [{"required": whole}, {"required": [*keys, MARK]}],
        "properties": properties,
    }


def _field(column: Column) -> dict[str, Any]:
    kinds, words = _KINDS[column.kind]
    told: dict[str, Any] = {"type": kinds, "description": f"{column.meaning} ({words}{', personal' if column.personal else ''})"}
    return told | ({"enum": [*map(str, column.one_of), None]} if column.one_of else {})


_RECORD_ANSWER = {
    "type": "object",
    "required": ["index", "id", "status"],
    "properties": {
        "index": {"type": "integer"},
        "id": {"type": "string", "description": "The key of the record, its parts joined by |."},
        "status": {"type": "string", "enum": ["accepted", "rejected", "duplicate"]},
        "code": {"type": "string"},
        "field": {"type": "string"},
        "words": {"type": "string"},
        "more": {"type": "array", "items": {"type": "object"}, "description": "What else is wrong with it."},
    },
}
_COUNTS = ("received", "accepted", "rejected", "duplicate")
_ANSWER = {
    "type": "object",
    "required": ["batch", *_COUNTS, "means", "records"],
    "properties": {
        "batch": {"type": "string"},
        **{name: {"type": "integer"} for name in _COUNTS},
        "means": {"type": "string"},
        "simulated": {"type": "boolean"},
        "records": {"type": "array", "items": _RECORD_ANSWER},
    },
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {name: {"type": "integer" if name == "status" else "string"} for name in ("type", "title", "status", "detail", "code")},
}
