"""The page of codes agrees with the table, and every code says what to do next."""

from pathlib import Path

from sulah.intake.codes import CODES, codes_page, finding_of, words_of

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_codes_is_the_table() -> None:
    assert (ROOT / "docs" / "operate" / "codes.md").read_text("utf-8") == codes_page()


def test_every_code_says_what_is_wrong_and_what_to_do() -> None:
    for code in CODES.values():
        assert code.wrong.endswith(".")
        assert code.do.endswith(".")


def test_words_name_the_field_and_the_detail() -> None:
    assert words_of("column_missing", "principal", "looked for amt").startswith(
        "The required column principal is not in the file. (looked for amt)"
    )
    assert finding_of("orphan_loan", table="repayment", row=4).severity == CODES["orphan_loan"].severity
