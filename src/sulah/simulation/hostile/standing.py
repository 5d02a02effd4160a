"""Classes L13 to L15: orphans, schedules that contradict themselves, and days past due other than the lender's."""

from collections.abc import Callable

from sulah.simulation.hostile.case import Day, Decide, accepted, cases, held, set_aside
from sulah.simulation.hostile.lender import LOANS, PEOPLE, TODAY, TOMORROW, Files, Rows, Tables, files, good, made, spoilt

_GOOD = files(good())
_ORPHAN = {"repayment_id": "R-ORPHAN", "loan_id": "0001099", "paid_on": "2026-03-30", "amount": "1100.00", "mode": "cash"}


def _with(table: str, *rows: dict[str, str], as_of: object = TODAY) -> Files:
    return files(made(lambda t: t[table].extend(rows), TODAY if as_of is TODAY else TOMORROW))


def _new_loan(tables: Tables) -> None:
    """The loan of the orphan comes, with its schedule and the same repayment."""
    tables["loan"].append({**tables["loan"][0], "loan_id": "0001099"})
    tables["instalment"].extend({**row, "loan_id": "0001099"} for row in tables["instalment"][:12])
    tables["repayment"].append(_ORPHAN)


_ARRIVED = files(made(_new_loan, TOMORROW))
L13 = cases(
    "L13",
    (
        "a repayment for an unknown loan is set aside",
        set_aside(_with("repayment", _ORPHAN), "repayment.orphan_loan", more={"repayment": 1}),
    ),
    (
        "it is tried again when the loan comes",
        set_aside(_with("repayment", _ORPHAN), "repayment.orphan_loan", more={"repayment": 1}),
        held(_ARRIVED, "overdue_moved", as_of=TOMORROW, more={"loan": 1, "instalment": 12, "repayment": 1}),
        Decide(),
        Day(TOMORROW, rows={"position": {"0001099": {"paid_paise": "110000"}}}),
    ),
    (
        "it stays aside while the loan does not come",
        set_aside(_with("repayment", _ORPHAN), "repayment.orphan_loan", more={"repayment": 1}),
        set_aside(_with("repayment", _ORPHAN, as_of=TOMORROW), "repayment.orphan_loan", as_of=TOMORROW, more={"repayment": 1}),
    ),
    (
        "an instalment for an unknown loan",
        set_aside(_with("instalment", {**good()["instalment"][0], "loan_id": "0001099"}), "instalment.orphan_loan", more={"instalment": 1}),
    ),
    (
        "a loan of an unknown borrower, and what hangs on it",
        set_aside(
            files(spoilt("loan", 0, borrower_id="007099")),
            "loan.orphan_borrower",
            *["instalment.orphan_loan"] * 12,
            *["repayment.orphan_loan"] * 5,
            notes={"loan.loan_missing": 1},
        ),
    ),
    (
        "many orphans, none of them loses the others",
        set_aside(
            _with("repayment", *({**_ORPHAN, "repayment_id": f"R-O{n}"} for n in range(15))),
            *["repayment.orphan_loan"] * 15,
            more={"repayment": 15},
        ),
    ),
)


def _due(change: Callable[[Rows], object]) -> Files:
    """The good extract with the schedule of the loan that is 17 days past due changed."""
    tables = good()
    own = [row for row in tables["instalment"] if row["loan_id"] == LOANS[1]]
    rest = [row for row in tables["instalment"] if row["loan_id"] != LOANS[1]]
    change(own)
    return files({**tables, "instalment": rest + own})


def _totals(change: Callable[[Rows], object]) -> Files:
    """The same, every schedule given as totals only."""
    tables = good()
    tables["instalment"] = [
        {"loan_id": r["loan_id"], "number": r["number"], "due_on": r["due_on"], "total_due": "1100.00"} for r in tables["instalment"]
    ]
    change([row for row in tables["instalment"] if row["loan_id"] == LOANS[1]])
    return files(tables)


_FLAGGED = Day(
    rows={
        "account": {LOANS[1]: {"schedule_unreliable": "true"}},
        "contact_dpd": {LOANS[1]: {"dpd": "17"}},
        "worklist": {PEOPLE[1]: {"worked_by": "nobody", "hold_reason": "schedule_unreliable"}},
    }
)
_UNPROVED = {"loan.schedule_does_not_cover_principal": 1}
L14 = cases(
    "L14",
    (
        "the principal of the schedule is less than the loan",
        accepted(_due(lambda own: own[11].update(principal_due="900.00")), codes=_UNPROVED),
        _FLAGGED,
    ),
    (
        "the principal of the schedule is more than the loan",
        accepted(_due(lambda own: own[11].update(principal_due="5000.00")), codes=_UNPROVED),
        _FLAGGED,
    ),
    (
        "a gap: the seventh instalment is not there",
        accepted(_due(lambda own: own.pop(6)), codes={**_UNPROVED, "loan.schedule_gap": 1}, more={"instalment": -1}),
        _FLAGGED,
    ),
    (
        "a gap in the numbers only: the principal adds up",
        accepted(_due(lambda own: own[11].update(number="20")), codes={"loan.schedule_gap": 1}),
        _FLAGGED,
    ),
    (
        "an instalment twice on one day under another number",
        accepted(
            _due(lambda own: own.append({**own[0], "number": "13"})),
            codes={**_UNPROVED, "loan.schedule_overlap": 1},
            more={"instalment": 1},
        ),
        _FLAGGED,
    ),
    (
        "totals only, two of them on one day",
        accepted(_totals(lambda own: own[5].update(due_on=own[4]["due_on"])), codes={"loan.schedule_overlap": 1}),
        _FLAGGED,
    ),
    (
        "totals only, less than the principal",
        accepted(_totals(lambda own: [row.update(total_due="800.00") for row in own[5:]]), codes=_UNPROVED),
        _FLAGGED,
    ),
    (
        "no schedule at all",
        accepted(_due(lambda own: own.clear()), codes={"loan.schedule_missing": 1}, more={"instalment": -12}),
        _FLAGGED,
    ),
    (
        "heads that do not add up to their total",
        set_aside(_due(lambda own: own[0].update(total_due="1234.00")), "instalment.heads_do_not_add_up", notes={**_UNPROVED}),
        _FLAGGED,
    ),
)


def _said(loan: int, dpd: str, count: str = "inclusive") -> Files:
    return files(spoilt("loan", loan, lms_dpd=dpd, lms_dpd_count=count))


def _lenient(dpd: str, source: str) -> Day:
    return Day(rows={"contact_dpd": {LOANS[2]: {"dpd": dpd, "source": source}}})


_STRICT = "dpd_difference_loans = 0\n"
L15 = cases(
    "L15",
    ("the lender's figure is lower: contact goes by it", accepted(_said(2, "10")), _lenient("10", "lender")),
    ("the lender's figure is higher: contact goes by ours", accepted(_said(2, "90")), _lenient("45", "ours")),
    (
        "the lender says paid up: nobody works it",
        accepted(_said(2, "0")),
        Day(rows={"contact_dpd": {LOANS[2]: {"dpd": "0"}}}, absent={"worklist": (PEOPLE[2],)}),
    ),
    ("one loan of ten differs, and the setting allows none: held", held(_said(2, "10"), "dpd_differs"), _STRICT),
    (
        "held for its differences, approved, and contact is lenient",
        held(_said(2, "10"), "dpd_differs"),
        Decide(),
        _lenient("10", "lender"),
        _STRICT,
    ),
    ("counted the other way and declared so: no difference", accepted(_said(2, "44", "elapsed")), _lenient("45", "equal"), _STRICT),
    ("counted the other way and not declared: no difference either", accepted(_said(2, "44", "")), _STRICT),
    ("a declared count that is a day off: held", held(_said(2, "44"), "dpd_differs"), _STRICT),
    ("no figure of the lender: ours is used", accepted(_said(2, "")), _lenient("45", "ours"), _STRICT),
    ("one of ten is exactly the share that the setting allows", accepted(_said(2, "10")), _STRICT + "dpd_difference_bps = 1000\n"),
)
