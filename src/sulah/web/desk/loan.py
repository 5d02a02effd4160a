"""One loan: where it stands, why, which rupee settled what, and the rule that gave its class."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.reader import Condition, Day, Row, equals
from sulah.policy.load import from_json
from sulah.portfolio import statements
from sulah.records.dayrun import DayRun
from sulah.records.written_off import WrittenOffLoan
from sulah.web.desk.bounces import bounces_for
from sulah.web.desk.explain import grouped_by_standing, reason_of, receipts_of, schedule_of, untied
from sulah.web.desk.work import work_of
from sulah.web.people import faces_for
from sulah.web.reach import Reach, page
from sulah.web.rulebook import Rulebook
from sulah.web.standing import chosen_run, day_of, rules_of

SETTLEMENT_READS = ("state", "due", "receipt")


@dataclass(frozen=True, slots=True)
class Dossier:
    """The rows of one loan on one day."""

    account: Row
    position: Row
    state: Row
    classification: Row
    dues: list[Row]
    receipts: list[Row]
    windows: list[Row]
    settlement: list[Row]


def settlement_of(day: Day, loan_key: int) -> list[Row]:
    """Which receipt settled which head of which instalment: the portfolio's own statement over this loan's rows."""
    policy = from_json(day.run.policy).for_entity(day.lender.entity_type)
    tables = {name: policy.arrow(name) for name in ("waterfall",)}
    return day.of_loan(statements.text("settlement"), loan_key, tables, day.run.as_of, *SETTLEMENT_READS)


def dossier_of(day: Day, loan_id: str, reach: Reach) -> Dossier:
    """All rows of a loan within the reach; 404 for a loan that is not there, or not for this person."""
    position = day.one("position", where=(equals("loan_id", loan_id), *reach.conditions()))
    if position is None:
        raise Http404("No such loan within reach on this day.")
    as_of = day.run.as_of
    account = day.one("account", where=(equals("loan_id", loan_id),))
    classification = day.one("classification", where=(equals("loan_id", loan_id),))
    key = equals("loan_key", account["loan_key"] if account else -1)
    state = day.one("state", where=(key,))
    if account is None or state is None or classification is None:
        raise LookupError(f"loan {loan_id} has a position but no account, state or classification on {as_of.isoformat()}")
    in_force = (Condition("in_force_from", "<=", as_of), Condition("in_force_to", ">", as_of))
    counting = (Condition("effective_on", "<=", as_of), Condition("void_on", ">", as_of))
    return Dossier(
        account,
        position,
        state,
        classification,
        dues=day.rows("due", where=(key, *in_force), order=("due_on", "number")),
        receipts=day.rows("receipt", where=(key, *counting), order=("effective_on", "repayment_id")),
        windows=day.rows("relief_window", where=(key,), order=("from_on",)),
        settlement=settlement_of(day, account["loan_key"]),
    )


def _explained(found: Dossier, rules: Rulebook) -> dict[str, Any]:
    """The sums and words of a dossier."""
    schedule = schedule_of(found.dues, found.settlement)
    receipts = receipts_of(found.receipts, found.settlement)
    count = next(iter(rules.rows("day_count")), {})
    reason = reason_of(found.position, found.state, found.windows, whole_window=count.get("pause_rule") == "whole_window")
    broken = [*reason.untied, *untied(found.state, found.position, schedule, receipts, found.settlement)]
    return {
        "reason": reason,
        "untied": broken,
        "standings": grouped_by_standing(schedule, found.position["as_of"]),
        "receipts": receipts,
        "bucket_rule": rules.match("bucket", bucket=found.classification["bucket"]),
        "class_rule": rules.find(found.classification["rule_id"]),
        "upgrade_rule": next(iter(rules.rows("upgrade")), None),
        "waterfall_rule": next(iter(rules.rows("waterfall")), None),
        "day_count_rule": count or None,
        "windows": found.windows,
    }


def _around(run: DayRun, day: Day, found: Dossier, reach: Reach) -> dict[str, Any]:
    """What stands around the loan: the borrower's other loans, the lender's figures, provision, work."""
    loan_id, borrower_id = found.position["loan_id"], found.position["borrower_id"]
    others = day.rows("loan_line", where=(equals("borrower_id", borrower_id), *reach.conditions()), order=("-dpd", "loan_id"), limit=50)
    return {
        "others": [row for row in others if row["loan_id"] != loan_id],
        "hidden_worst": found.classification["borrower_dpd"] > max(row["dpd"] for row in others),
        "bounces": bounces_for(day, loan_id, rules_of(run)),
        "differences": day.rows("difference", where=(equals("loan_id", loan_id),), order=("field",)),
        "provision": day.rows("provisioning", where=(equals("loan_id", loan_id),), order=("leg",)),
        "work": work_of(run, day, reach).item_of(borrower_id),
        "kept": WrittenOffLoan.objects.filter(loan_id=loan_id).first() if reach.opens("written_off_loan") else None,
        "face": faces_for([borrower_id], source=day, reach=reach, page=f"loan/{loan_id}")[borrower_id],
    }


@page("loan")
def loan(request: HttpRequest, reach: Reach, loan_id: str) -> HttpResponse:
    """The page of one loan; sums that do not tie are shown on it as an error, never left out."""
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    with day_of(run) as day:
        found = dossier_of(day, loan_id, reach)
        npa_on = found.classification["npa_on"]
        npa_rule = rules_of(run, npa_on).match("asset_limit", **{"class": "npa"}) if npa_on else None
        frame = {"run": run, "reach": reach, "found": found, "npa_rule": npa_rule}
        return render(request, "loan.html", frame | _explained(found, rules_of(run)) | _around(run, day, found, reach))
