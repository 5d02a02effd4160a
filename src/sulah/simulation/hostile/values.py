"""Classes L9 to L12: dates, amounts, ids and duplicates."""

import pyarrow as pa

from sulah.simulation.hostile.case import accepted, cases, refused, set_aside
from sulah.simulation.hostile.lender import LOANS, LONG_ID, Tables, files, good, made, spoilt
from sulah.simulation.hostile.workbook import parquet_table, workbook

_GOOD = files(good())


def _paid_on(text: str, code: str = "date_unreadable") -> object:
    return set_aside(files(spoilt("repayment", 0, paid_on=text)), f"repayment.{code}")


_SLASHED = '[repayment]\nfiles = ["repayment.csv"]\n\n[repayment.formats]\npaid_on = "%d/%m/%Y"\n'


def _slashed(first: str) -> dict[str, bytes]:
    tables = good()
    for row in tables["repayment"]:
        year, month, day = row["paid_on"].split("-")
        row["paid_on"] = f"{day}/{month}/{year}"
    tables["repayment"][0]["paid_on"] = first
    return files(tables)


L9 = cases(
    "L9",
    ("03/04/2025 with no format declared", _paid_on("03/04/2025")),
    ("03/12/2025 where the mapping says day first", accepted(_slashed("03/12/2025"), mapping=_SLASHED)),
    ("12/25/2025 where the mapping says day first", set_aside(_slashed("12/25/2025"), "repayment.date_unreadable", mapping=_SLASHED)),
    ("an ISO date where the mapping says day first", set_aside(_slashed("2025-11-15"), "repayment.date_unreadable", mapping=_SLASHED)),
    ("a serial number of a spreadsheet", _paid_on("45750")),
    ("31 February", _paid_on("2026-02-31")),
    ("the year 0025", _paid_on("0025-11-15", "date_out_of_range")),
    (
        "the year 2205",
        set_aside(
            files(spoilt("instalment", 0, due_on="2205-11-15")),
            "instalment.date_out_of_range",
            notes={"loan.schedule_does_not_cover_principal": 1},
        ),
    ),
    ("a moment with a zone", _paid_on("2025-11-15T10:00:00+05:30")),
    ("digits of another script", _paid_on("२०२५-११-१५")),
    ("a two-digit year", _paid_on("15-11-25")),
    ("words", _paid_on("yesterday")),
)


def _amount(text: str, code: str = "amount_unreadable") -> object:
    return set_aside(files(spoilt("repayment", 0, amount=text)), f"repayment.{code}")


_INDIAN = '[repayment]\nfiles = ["repayment.csv"]\ngrouping = "indian"\n'


def _grouped(text: str) -> dict[str, bytes]:
    return files(spoilt("repayment", 0, amount=text))


def _not_a_number() -> bytes:
    rows = good()["repayment"]
    columns = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
    return parquet_table({**columns, "amount": pa.array([float("nan"), float("inf"), *[1100.0] * (len(rows) - 2)])})


L10 = cases(
    "L10",
    ("1,100.00 with no grouping declared", _amount("1,100.00")),
    ("1,100.00 where the mapping says Indian grouping", accepted(_grouped("1,100.00"), mapping=_INDIAN)),
    ("1,23,456.50 where the mapping says so", accepted(_grouped("1,23,456.50"), mapping=_INDIAN)),
    (
        "123,456.50 where the mapping says Indian grouping",
        set_aside(_grouped("123,456.50"), "repayment.amount_unreadable", mapping=_INDIAN),
    ),
    ("(500)", _amount("(500)")),
    ("Rs 500/-", _amount("Rs 500/-")),
    ("₹500", _amount("₹500")),
    ("1e5", _amount("1e5")),
    ("a negative amount", _amount("-1100.00", "amount_not_positive")),
    ("nothing paid", _amount("0.00", "amount_not_positive")),
    ("NaN", _amount("NaN")),
    ("inf", _amount("inf")),
    ("three decimals", _amount("1100.005", "amount_too_precise")),
    ("full-width digits", _amount("１１００")),
    ("a decimal comma", _amount("1100,50")),
    (
        "a negative opening",
        set_aside(
            files(made(lambda t: t["loan"][0].update(opening_principal_paid="-5.00", opening_on="2025-10-15"))),
            "loan.amount_not_positive",
            *["instalment.orphan_loan"] * 12,
            *["repayment.orphan_loan"] * 5,
            notes={"loan.loan_missing": 1},
        ),
    ),
    (
        "NaN and infinity in Parquet",
        set_aside(files(good(), {"repayment.csv": None, "repayment.parquet": _not_a_number()}), *["repayment.amount_unreadable"] * 2),
    ),
    ("an amount that is not there", _amount("", "required_missing")),
)


def _ids(change: dict[str, str], *tables: str) -> Tables:
    """The good extract with loan ids changed in some tables, all where none is named."""
    changed = good()
    for table in tables or ("loan", "instalment", "repayment"):
        for row in changed[table]:
            row["loan_id"] = change.get(row["loan_id"], row["loan_id"])
    return changed


_BARE = {loan: loan.lstrip("0") for loan in LOANS}
_PEOPLE = made(lambda t: [row.update(borrower_id=row["borrower_id"].lstrip("0")) for name in ("borrower", "loan") for row in t[name]])
L11 = cases(
    "L11",
    ("1.23E+15", refused(files(_ids({LONG_ID: "3E+16"})), "loan.ids_mangled", "instalment.ids_mangled", "repayment.ids_mangled")),
    ("1.23E+15 in one row of the loans", refused(files(spoilt("loan", 2, loan_id="1.23E+15")), "loan.ids_mangled")),
    ("1.23e15, as another program writes it", refused(files(spoilt("loan", 2, loan_id="1.23e15")), "loan.ids_mangled")),
    ("1,23E+15, with a decimal comma", refused(files(spoilt("loan", 2, loan_id="1,23E+15")), "loan.ids_mangled")),
    ("leading zeros of the loans lost everywhere", refused(files(_ids(_BARE)), "loan.ids_zeros_lost")),
    ("leading zeros lost in the schedule only", refused(files(_ids(_BARE, "instalment")), "instalment.ids_zeros_lost")),
    ("leading zeros of the borrowers lost", refused(files(_PEOPLE), "borrower.ids_zeros_lost")),
    ("the zero of one loan lost", refused(files(_ids({LOANS[0]: "1001"})), "loan.ids_zeros_lost")),
    ("the last digits of a long id became zeros", refused(files(_ids({LONG_ID: LONG_ID[:15] + "00"})), "loan.ids_zeros_lost")),
    (
        "ids as numbers in a workbook",
        refused(files(good(), {"loan.csv": None, "loan.xlsx": workbook(good()["loan"], numbers=("loan_id",))}), "loan.xlsx_numeric_id"),
    ),
    (
        "an id that only looks odd: 1E15",
        accepted(
            files(made(lambda t: t["borrower"].append({**t["borrower"][0], "borrower_id": "1E15", "phone": ""}))), more={"borrower": 1}
        ),
    ),
)


def _twice(table: str, row: int = 0, **cells: str) -> dict[str, bytes]:
    return files(made(lambda t: t[table].append({**t[table][row], **cells})))


_LOAN_GONE = {"loan.duplicate_conflicting": 2, "instalment.orphan_loan": 12, "repayment.orphan_loan": 5, "loan.loan_missing": 1}
L12 = cases(
    "L12",
    ("an identical repayment twice", accepted(_twice("repayment"), codes={"repayment.duplicate_identical": 1})),
    ("an identical loan twice", accepted(_twice("loan"), codes={"loan.duplicate_identical": 1})),
    (
        "an identical instalment three times",
        accepted(files(made(lambda t: t["instalment"].extend([t["instalment"][0]] * 2))), codes={"instalment.duplicate_identical": 2}),
    ),
    ("an identical row but for spaces", accepted(_twice("repayment", amount=" 1100.00 "), codes={"repayment.duplicate_identical": 1})),
    (
        "a loan twice with two principals",
        accepted(
            _twice("loan", principal="13000.00"),
            codes=_LOAN_GONE,
            more={"loan": -1, "instalment": -12, "repayment": -5},
            refused_rows={"loan": 2, "instalment": 12, "repayment": 5},
        ),
    ),
    (
        "a repayment twice with two amounts",
        accepted(
            _twice("repayment", amount="900.00"),
            codes={"repayment.duplicate_conflicting": 2},
            more={"repayment": -1},
            refused_rows={"repayment": 2},
        ),
    ),
    (
        "a borrower twice with two PIN codes, and the loan with them",
        accepted(
            _twice("borrower", pincode="999999"),
            codes={
                "borrower.duplicate_conflicting": 2,
                "loan.orphan_borrower": 1,
                "instalment.orphan_loan": 12,
                "repayment.orphan_loan": 5,
                "loan.loan_missing": 1,
            },
            more={"borrower": -1, "loan": -1, "instalment": -12, "repayment": -5},
            refused_rows={"borrower": 2, "loan": 1, "instalment": 12, "repayment": 5},
        ),
    ),
    (
        "an instalment twice with two due dates: the schedule is not believed",
        accepted(
            _twice("instalment", due_on="2025-11-16"),
            codes={"instalment.duplicate_conflicting": 2, "loan.schedule_does_not_cover_principal": 1},
            more={"instalment": -1},
            refused_rows={"instalment": 2},
        ),
    ),
)
