"""Each bad row gets its code, in its file, row and field; everything else loads; rows and rupees tie out."""

from pathlib import Path

import pytest

from sulah.intake.codes import CODES
from tests.intake.extract import check, good, write


def test_a_good_extract_has_no_refused_row_and_ties_out(tmp_path: Path) -> None:
    seen = check(write(tmp_path, good()))
    assert seen.refused == []
    assert all(tie.ties for tie in seen.ties)
    assert {tie.table: tie.paise for tie in seen.ties} == {"borrower": 0, "loan": 3_000_050, "instalment": 3_115_000, "repayment": 510_005}


ONE_CELL = [
    ("loan", 0, "principal", "", "required_missing"),
    ("loan", 0, "principal", "   ", "required_missing"),
    ("loan", 0, "principal", "1,23,456", "amount_unreadable"),
    ("loan", 0, "principal", "(500)", "amount_unreadable"),
    ("loan", 0, "principal", "Rs 500/-", "amount_unreadable"),
    ("loan", 0, "principal", "1e5", "amount_unreadable"),
    ("loan", 0, "principal", "NaN", "amount_unreadable"),
    ("loan", 0, "principal", "inf", "amount_unreadable"),
    ("loan", 0, "principal", "１２３", "amount_unreadable"),
    ("loan", 0, "principal", ".5", "amount_unreadable"),
    ("loan", 0, "principal", "1_000", "amount_unreadable"),
    ("loan", 0, "principal", "1000.005", "amount_too_precise"),
    ("loan", 0, "principal", "0", "amount_not_positive"),
    ("loan", 0, "principal", "-5", "amount_not_positive"),
    ("instalment", 0, "principal_due", "-0.01", "amount_not_positive"),
    ("instalment", 0, "number", "one", "number_unreadable"),
    ("instalment", 0, "number", "1.5", "number_unreadable"),
    ("instalment", 0, "number", "0", "number_out_of_range"),
    ("loan", 0, "disbursed_on", "01/02/2026", "date_unreadable"),
    ("loan", 0, "disbursed_on", "2026-02-31", "date_unreadable"),
    ("loan", 0, "disbursed_on", "45750", "date_unreadable"),
    ("loan", 0, "disbursed_on", "epoch", "date_unreadable"),
    ("loan", 0, "disbursed_on", "2026-01-01T10:00:00+05:30", "date_unreadable"),
    ("loan", 0, "disbursed_on", "0025-01-01", "date_out_of_range"),
    ("instalment", 0, "due_on", "2205-01-01", "date_out_of_range"),
    ("loan", 0, "status", "sleeping", "term_unknown"),
    ("loan", 0, "disbursed_on", "2026-04-01", "future_dated"),
    ("repayment", 0, "paid_on", "2026-04-01", "future_dated"),
    ("repayment", 0, "amount", "0", "amount_not_positive"),
    ("loan", 0, "borrower_id", "B9", "orphan_borrower"),
    ("repayment", 0, "loan_id", "L9", "orphan_loan"),
    ("instalment", 0, "loan_id", "L9", "orphan_loan"),
    ("instalment", 1, "total_due", "5051", "heads_do_not_add_up"),
    ("instalment", 2, "total_due", "", "nothing_due"),
]


@pytest.mark.parametrize(("table", "place", "column", "value", "code"), ONE_CELL)
def test_a_bad_cell_quarantines_its_row_with_its_code(tmp_path: Path, table: str, place: int, column: str, value: str, code: str) -> None:
    tables = good()
    tables[table][place][column] = value
    seen = check(write(tmp_path, tables))
    assert (table, place + 1, column, code) in seen.refused
    assert all(tie.ties for tie in seen.ties)
    assert sum(tie.quarantined for tie in seen.ties) == len({(name, row) for name, row, _, _ in seen.refused})


@pytest.mark.parametrize("value", ["2026-03-31", "2026-03-31 23:59:59", "2026-03-31T08:13", "2026-03-31 00:00:00.000000"])
def test_a_payment_on_the_business_date_is_not_future_dated(tmp_path: Path, value: str) -> None:
    tables = good()
    tables["repayment"][0]["paid_on"] = value
    assert check(write(tmp_path, tables)).refused == []


@pytest.mark.parametrize(
    ("year", "codes"), [("1949", {"date_out_of_range"}), ("1950", set()), ("2100", set()), ("2101", {"date_out_of_range"})]
)
def test_years_from_1950_to_2100_are_taken(tmp_path: Path, year: str, codes: set[str]) -> None:
    tables = good()
    tables["instalment"][0]["due_on"] = f"{year}-12-31"
    assert check(write(tmp_path, tables)).codes == codes


def test_an_elderly_borrower_born_before_1950_is_not_refused(tmp_path: Path) -> None:
    tables = good()
    tables["borrower"][0]["born_on"] = "1931-02-03"
    assert check(write(tmp_path, tables)).refused == []


def test_a_refused_borrower_takes_loan_instalments_and_repayments_along(tmp_path: Path) -> None:
    tables = good()
    tables["borrower"][0]["born_on"] = "some day"
    seen = check(write(tmp_path, tables))
    assert seen.accepted == {"borrower": ["B2"], "loan": ["L2"], "instalment": ["L2/1"], "repayment": ["R2"]}
    assert seen.codes == {"date_unreadable", "orphan_borrower", "orphan_loan"}


def test_identical_copies_are_kept_once_and_counted_apart(tmp_path: Path) -> None:
    tables = good()
    tables["repayment"].append(dict(tables["repayment"][0]))
    seen = check(write(tmp_path, tables))
    tie = next(tie for tie in seen.ties if tie.table == "repayment")
    assert (tie.rows, tie.loaded, tie.quarantined, tie.duplicates, tie.paise_duplicates, tie.ties) == (3, 2, 0, 1, 510_000, True)
    assert seen.noted["duplicate_identical"] == 1


def test_rows_of_one_key_that_differ_are_all_quarantined(tmp_path: Path) -> None:
    tables = good()
    tables["loan"].append({**tables["loan"][0], "principal": "9999"})
    seen = check(write(tmp_path, tables))
    assert [found for found in seen.refused if found[3] == "duplicate_conflicting"] == [
        ("loan", 1, "loan_id", "duplicate_conflicting"),
        ("loan", 3, "loan_id", "duplicate_conflicting"),
    ]
    assert seen.accepted["loan"] == ["L2"]


def _with_reversals(*given: tuple[str, str, str, str]) -> dict[str, list[dict[str, str]]]:
    tables = good()
    for repayment_id, loan_id, amount, reverses in given:
        row = {
            "repayment_id": repayment_id,
            "loan_id": loan_id,
            "paid_on": "2026-03-01",
            "amount": amount,
            "reverses_id": reverses,
            "booked_at": "",
        }
        tables["repayment"].append(row)
    return tables


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([("X1", "L1", "5100", "R9")], "reverses_unknown"),
        ([("X1", "L2", "5100", "R1")], "reverses_other_loan"),
        ([("X1", "L1", "5100.01", "R1")], "reverses_too_much"),
        ([("X1", "L1", "100", "X1")], "reverses_reversal"),
        ([("X1", "L1", "100", "R1"), ("X2", "L1", "50", "X1")], "reverses_reversal"),
    ],
)
def test_a_reversal_that_cannot_be_is_quarantined(tmp_path: Path, given: list[tuple[str, str, str, str]], code: str) -> None:
    assert check(write(tmp_path, _with_reversals(*given))).codes == {code}


def test_reversals_are_taken_in_order_until_nothing_is_left(tmp_path: Path) -> None:
    """Of 5,100: 3,000 goes, 3,000 more does not fit, 2,100 still does, and then not one paisa."""
    seen = check(
        write(
            tmp_path,
            _with_reversals(("X1", "L1", "3000", "R1"), ("X2", "L1", "3000", "R1"), ("X3", "L1", "2100", "R1"), ("X4", "L1", "0.01", "R1")),
        )
    )
    assert seen.accepted["repayment"] == ["R1", "R2", "X1", "X3"]
    assert [found[:2] for found in seen.refused] == [("repayment", 4), ("repayment", 6)]


def test_relief_needs_one_target_and_a_window_in_order(tmp_path: Path) -> None:
    tables = good()
    tables["relief"] = [
        {"borrower_id": "B1", "pincode": "", "kind": "calamity", "from_on": "2026-01-01", "to_on": "2026-01-01"},
        {"borrower_id": "B1", "pincode": "560001", "kind": "calamity", "from_on": "2026-01-01", "to_on": ""},
        {"borrower_id": "", "pincode": "", "kind": "pause", "from_on": "2026-01-01", "to_on": ""},
        {"borrower_id": "", "pincode": "560001", "kind": "Pause", "from_on": "2026-01-02", "to_on": "2026-01-01"},
    ]
    assert check(write(tmp_path, tables)).refused == [
        ("relief", 2, "borrower_id", "relief_target"),
        ("relief", 3, "borrower_id", "relief_target"),
        ("relief", 4, "to_on", "window_reversed"),
    ]


def test_opening_amounts_need_their_day(tmp_path: Path) -> None:
    tables = good()
    tables["loan"][0] |= {"opening_principal_paid": "100", "opening_on": ""}
    tables["loan"][1] |= {"opening_principal_paid": "0", "opening_on": ""}
    assert check(write(tmp_path, tables)).refused[-1] == ("repayment", 1, "loan_id", "orphan_loan")
    assert ("loan", 1, "opening_on", "opening_incomplete") in check(tmp_path).refused


def test_a_schedule_that_does_not_cover_the_principal_is_noted_and_the_loan_loads(tmp_path: Path) -> None:
    tables = good()
    tables["instalment"][0]["principal_due"] = "4999"
    del tables["instalment"][2]
    seen = check(write(tmp_path, tables))
    assert seen.refused == []
    assert seen.noted == {"schedule_does_not_cover_principal": 1, "schedule_missing": 1}


def test_malformed_lines_are_counted_and_later_rows_keep_their_numbers(tmp_path: Path) -> None:
    folder = write(tmp_path, good())
    lines = (folder / "repayment.csv").read_text().splitlines()
    spoilt = [lines[0], "half,a,line", lines[1], "a,b,c,d,e,f,g", lines[2].replace("0.05", "five"), ""]
    (folder / "repayment.csv").write_text("\n".join(spoilt))
    seen = check(folder)
    assert seen.refused == [
        ("repayment", 1, "", "csv_malformed_row"),
        ("repayment", 3, "", "csv_malformed_row"),
        ("repayment", 4, "amount", "amount_unreadable"),
    ]
    tie = next(tie for tie in seen.ties if tie.table == "repayment")
    assert (tie.rows, tie.loaded, tie.quarantined) == (4, 1, 3)


def test_every_code_that_a_check_gives_is_in_the_table() -> None:
    assert {code for *_, code in ONE_CELL} <= set(CODES)
