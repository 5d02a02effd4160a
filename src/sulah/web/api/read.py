"""Positions are read back: accounts, their payments, and the last committed day; amounts are integer paise."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse

from sulah.actions.follow_batch import follow_batch
from sulah.actions.read_personal import faces
from sulah.adapters.book.reader import Condition, Day, Row, equals
from sulah.adapters.book.vault import Vault
from sulah.records.api_client import ApiBatch
from sulah.records.dayrun import DayRun
from sulah.web.api.door import Caller, endpoint
from sulah.web.problem import ProblemError, answer

MOST_ROWS = 500
BUCKETS = ("current", "1-30", "31-60", "61-90", "91-180", "181-365", "366+")
_KEYS = ("loan_key", "borrower_key", "as_of")
_PAYMENT = ("repayment_id", "entry", "paid_on", "known_on", "amount_paise", "reverses_id", "mode", "officer_id")


@endpoint("GET")
def last_day(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The last committed day: what every other reading speaks of."""
    caller.needs("days:read")
    run = _run()
    return answer({**_of_day(run, caller), "load": run.load_id, "committed_at": run.committed_at.isoformat()})


@endpoint("GET")
def account(request: HttpRequest, caller: Caller, loan_id: str) -> HttpResponse:
    """Where one loan stands on the last committed day; 404 for a loan that is not there, or not in a branch of this token."""
    caller.needs("accounts:read")
    run = _run()
    with Day(run, caller.lender) as day:
        position = _position(day, caller, loan_id)
        found = day.one("classification", where=(equals("loan_id", loan_id),)) or {}
        standing = {name: value for name, value in {**found, **position}.items() if name not in _KEYS}
        people = _people(day, caller, [position["borrower_id"]], f"api/accounts/{loan_id}")
    return answer({**_of_day(run, caller), "account": {**standing, **people.get(position["borrower_id"], {})}})


@endpoint("GET")
def accounts(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Loans in the order of their ids, by branch and bucket, in pages that all speak of one day."""
    caller.needs("accounts:read")
    asked = _asked(request, "branch", "bucket", "limit", "cursor")
    as_of, after = _cursor_of(asked.get("cursor", ""))
    run, most = _run(as_of), _limit(asked)
    where: list[Condition] = [*caller.conditions(), Condition("loan_id", ">", after)]
    if branch := asked.get("branch"):
        where.append(equals("branch_id", branch))
    if bucket := asked.get("bucket"):
        if bucket not in BUCKETS:
            raise ProblemError(400, "query_unreadable", f"bucket is one of {', '.join(BUCKETS)}.")
        where.append(equals("bucket", bucket))
    with Day(run, caller.lender) as day:
        rows = day.rows("loan_line", where=where, order=("loan_id",), limit=most + 1)
        more, rows = len(rows) > most, rows[:most]
        people = _people(day, caller, [row["borrower_id"] for row in rows], "api/accounts")
    listed = [{**{k: v for k, v in row.items() if k not in _KEYS}, **people.get(row["borrower_id"], {})} for row in rows]
    cursor = _cursor(run.as_of, rows[-1]["loan_id"]) if more else None
    return answer({**_of_day(run, caller), "accounts": listed, "next_cursor": cursor})


@endpoint("GET")
def payments(request: HttpRequest, caller: Caller) -> HttpResponse:
    """What was received on one loan and counts on the last committed day, reversals apart."""
    caller.needs("payments:read")
    loan_id = _asked(request, "loan_id").get("loan_id", "")
    if not loan_id:
        raise ProblemError(400, "query_unreadable", "Say which loan: payments?loan_id=...")
    run = _run()
    with Day(run, caller.lender) as day:
        _position(day, caller, loan_id)
        key = day.rows("account", where=(equals("loan_id", loan_id),))[0]["loan_key"]
        counting = (Condition("effective_on", "<=", run.as_of), Condition("void_on", ">", run.as_of))
        rows = day.rows("receipt", where=(equals("loan_key", key), *counting), order=("effective_on", "repayment_id"))
    told = [{name: row[name] for name in _PAYMENT} for row in rows]
    return answer({**_of_day(run, caller), "loan_id": loan_id, "payments": told, "paid_paise": sum(row["amount_paise"] for row in told)})


@endpoint("GET")
def batch(request: HttpRequest, caller: Caller, name: str) -> HttpResponse:
    """What became of a batch that this very client sent."""
    found = ApiBatch.objects.filter(name=name, client=caller.client).first()
    if found is None:
        raise ProblemError(404, "batch_unknown", "This client sent no batch of that name.")
    return answer(follow_batch(caller.lender, found))


def _run(as_of: date | None = None) -> DayRun:
    runs = DayRun.objects.select_related("load").order_by("-as_of")
    run = (runs.filter(as_of=as_of) if as_of else runs).first()
    if run is None:
        words = "That day is not there any more; begin again without the cursor." if as_of else "No day has run yet: sulah day."
        raise ProblemError(404, "no_day", words)
    return run


def _of_day(run: DayRun, caller: Caller) -> dict[str, Any]:
    """What every reading begins with: the business date and the run that it speaks of."""
    said = {"as_of": run.as_of, "day": run.path.rpartition("/")[2]}
    return said | ({"simulated": True} if caller.lender.simulated else {})


def _position(day: Day, caller: Caller, loan_id: str) -> Row:
    found = day.one("position", where=(equals("loan_id", loan_id), *caller.conditions()))
    if found is None:
        raise ProblemError(404, "account_unknown", "There is no such loan on that day, or not in a branch of this token.")
    return found


def _people(day: Day, caller: Caller, borrower_ids: Sequence[str], page: str) -> dict[str, dict[str, str]]:
    """Name and telephone by borrower, where the token opens them; each reading is written down with whom it was about."""
    if "personal:read" not in caller.client.scopes or not borrower_ids:
        return {}
    vault = Vault(caller.lender)
    found = faces(sorted(set(borrower_ids)), source=day, vault=vault, viewer=caller.client, page=page, clock=caller.clock)
    return {name: {"borrower_name": face.name, "borrower_phone": face.phone} for name, face in found.items()}


def _asked(request: HttpRequest, *known: str) -> dict[str, str]:
    """The query; a problem for a name that nothing reads, since a filter that is silently ignored shows the wrong loans."""
    if unknown := next((name for name in request.GET if name not in known), ""):
        raise ProblemError(400, "query_unreadable", f"{unknown[:40]!r} is not asked for here. Known: {', '.join(known)}.")
    found = {name: str(value) for name, value in request.GET.items()}
    if any("\0" in value for value in found.values()):
        raise ProblemError(400, "query_unreadable", "The query holds a NUL.")
    return found


def _limit(asked: dict[str, str]) -> int:
    given = asked.get("limit", "100")
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= MOST_ROWS):
        raise ProblemError(400, "query_unreadable", f"limit is a number from 1 to {MOST_ROWS}.")
    return int(given)


def _cursor(as_of: date, loan_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([as_of.isoformat(), loan_id]).encode()).decode("ascii")


def _cursor_of(text: str) -> tuple[date | None, str]:
    """The day and the last loan of the page before."""
    if not text:
        return None, ""
    try:
        day, loan_id = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
        return date.fromisoformat(day), str(loan_id)
    except (ValueError, TypeError, binascii.Error) as error:
        raise ProblemError(400, "query_unreadable", "That cursor was not given by this server; take next_cursor as it is.") from error
