"""Classes L16 to L18: vanished loans, people whom nobody may work, and odd payments."""

from sulah.simulation.hostile.case import Day, Decide, accepted, cases, held, set_aside
from sulah.simulation.hostile.lender import LOANS, PEOPLE, TOMORROW, Files, Tables, files, good, made, spoilt, text_of

_GOOD = files(good())


def _vanished(loan: int) -> Files:
    def gone(tables: Tables) -> None:
        for name in ("loan", "instalment", "repayment"):
            tables[name][:] = [row for row in tables[name] if row["loan_id"] != LOANS[loan]]

    return files(made(gone))


_FROZEN = Day(
    rows={
        "account": {LOANS[2]: {"missing_since": "2026-03-31", "status": "active"}},
        "worklist": {PEOPLE[2]: {"worked_by": "nobody", "hold_reason": "missing_from_extract"}},
    }
)
L16 = cases(
    "L16",
    (
        "a loan in arrears is gone: it is not paid, and nobody works it",
        accepted(_vanished(2), codes={"loan.loan_missing": 1}, more={"loan": -1, "instalment": -12, "repayment": -3}),
        _FROZEN,
    ),
    (
        "a loan that pays is gone: it stays in the book",
        accepted(_vanished(0), codes={"loan.loan_missing": 1}, more={"loan": -1, "instalment": -12, "repayment": -5}),
        Day(
            rows={"account": {LOANS[0]: {"missing_since": "2026-03-31"}}, "position": {LOANS[0]: {"outstanding_principal_paise": "700000"}}}
        ),
    ),
    (
        "it comes back the day after and is worked again",
        accepted(_vanished(2), codes={"loan.loan_missing": 1}, more={"loan": -1, "instalment": -12, "repayment": -3}),
        _FROZEN,
        accepted(files(good(TOMORROW)), as_of=TOMORROW),
        Day(TOMORROW, rows={"account": {LOANS[2]: {"missing_since": ""}}, "worklist": {PEOPLE[2]: {"hold_reason": ""}}}),
    ),
    (
        "its row was refused: the same",
        set_aside(
            files(spoilt("loan", 2, principal="twelve")),
            "loan.amount_unreadable",
            *["instalment.orphan_loan"] * 12,
            *["repayment.orphan_loan"] * 3,
            notes={"loan.loan_missing": 1},
        ),
        _FROZEN,
    ),
    (
        "two are gone: within the limit, both named",
        accepted(
            files(
                made(
                    lambda t: [
                        t[n].__setitem__(slice(None), [r for r in t[n] if r["loan_id"] not in (LOANS[3], LOANS[6])])
                        for n in ("loan", "instalment", "repayment")
                    ]
                )
            ),
            codes={"loan.loan_missing": 2},
            more={"loan": -2, "instalment": -24, "repayment": -6},
        ),
    ),
    (
        "more than a fifth are gone: held",
        held(
            files(
                made(
                    lambda t: [
                        t[n].__setitem__(slice(None), [r for r in t[n] if r["loan_id"] not in LOANS[5:8]])
                        for n in ("loan", "instalment", "repayment")
                    ]
                )
            ),
            "rows_fell",
            codes={"loan.loan_missing": 3},
            more={"loan": -3, "instalment": -36, "repayment": -15},
        ),
    ),
)


def _relief(**window: str) -> Files:
    return {**_GOOD, "relief.csv": text_of([{"borrower_id": "", "pincode": "", **window}]).encode()}


def _idle(reason: str) -> Day:
    return Day(rows={"worklist": {PEOPLE[2]: {"worked_by": "nobody", "hold_reason": reason}}})


_OFF = Day(absent={"worklist": (PEOPLE[2],)})
_ENDED = [("closed", "closed"), ("settled", "settled"), ("sold", "sold")]
L17 = cases(
    "L17",
    *(
        (
            f"a loan that is {word}: off the queue of yesterday",
            held(files(spoilt("loan", 2, status=status)), "overdue_moved"),
            Decide(),
            _OFF,
        )
        for word, status in _ENDED
    ),
    ("a borrower who died", accepted(files(spoilt("borrower", 2, deceased_on="2026-03-30"))), _idle("deceased")),
    (
        "a moratorium on the loan",
        accepted(files(spoilt("loan", 2, moratorium_from="2026-03-31", moratorium_to="2026-06-30"))),
        _idle("moratorium"),
    ),
    (
        "a calamity in the borrower's PIN code",
        accepted(_relief(pincode="847103", kind="calamity", from_on="2026-03-31"), more={"relief": 1}),
        _idle("calamity"),
    ),
    (
        "a pause for one person",
        accepted(_relief(borrower_id=PEOPLE[2], kind="pause", from_on="2026-03-31", to_on="2026-04-30"), more={"relief": 1}),
        _idle("pause"),
    ),
    (
        "a pause that ended yesterday stops nothing",
        accepted(_relief(borrower_id=PEOPLE[2], kind="pause", from_on="2026-03-01", to_on="2026-03-30"), more={"relief": 1}),
        Day(rows={"worklist": {PEOPLE[2]: {"hold_reason": ""}}}),
    ),
    (
        "a status that nobody knows, such as fraud: the row is set aside and nobody works it",
        set_aside(
            files(spoilt("loan", 2, status="fraud")),
            "loan.term_unknown",
            *["instalment.orphan_loan"] * 12,
            *["repayment.orphan_loan"] * 3,
            notes={"loan.loan_missing": 1},
        ),
        _idle("missing_from_extract"),
    ),
)


def _paid(**cells: str) -> Files:
    row = {
        "repayment_id": "R-NEW",
        "loan_id": LOANS[2],
        "paid_on": "2026-03-31",
        "amount": "1100.00",
        "mode": "cash",
        "status": "",
        "reverses_id": "",
        "booked_at": "",
    }
    tables = spoilt("loan", 2, lms_dpd="")
    tables["repayment"].append({**row, **cells})
    return files(tables)


def _dpd(loan: int, dpd: str) -> Day:
    return Day(rows={"position": {LOANS[loan]: {"dpd": dpd}}})


L18 = cases(
    "L18",
    (
        "a payment of last month that comes today counts from today",
        accepted(_paid(paid_on="2026-02-16"), more={"repayment": 1}),
        _dpd(2, "17"),
    ),
    (
        "a payment of tomorrow is set aside",
        set_aside(_paid(paid_on="2026-04-01"), "repayment.future_dated", more={"repayment": 1}),
        _dpd(2, "45"),
    ),
    (
        "a reversal without its receipt is set aside",
        set_aside(_paid(status="reversed", reverses_id="R-NOWHERE"), "repayment.reverses_unknown", more={"repayment": 1}),
        _dpd(2, "45"),
    ),
    (
        "a bounce after the receipt takes it away again",
        accepted(_paid(status="bounced", reverses_id="R-1003-3"), more={"repayment": 1}),
        _dpd(2, "76"),
    ),
    (
        "a reversal of another loan's receipt is set aside",
        set_aside(_paid(status="reversed", reverses_id="R-1001-1"), "repayment.reverses_other_loan", more={"repayment": 1}),
        _dpd(2, "45"),
    ),
    (
        "a reversal of more than the receipt is set aside",
        set_aside(_paid(status="reversed", reverses_id="R-1003-3", amount="5000.00"), "repayment.reverses_too_much", more={"repayment": 1}),
        _dpd(2, "45"),
    ),
    (
        "an entry that reverses itself is set aside",
        set_aside(_paid(status="reversed", reverses_id="R-NEW"), "repayment.reverses_reversal", more={"repayment": 1}),
        _dpd(2, "45"),
    ),
    ("a payment that bounced at once counts nothing", accepted(_paid(status="bounced"), more={"repayment": 1}), _dpd(2, "45")),
)
