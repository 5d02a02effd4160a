"""`sulah map` on files it never saw, nobody at the keyboard: it asks only what they cannot say, and its proposal loads the book."""

from pathlib import Path

import pytest

from tests.real.command import DATA, done, new_lender, sulah

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not DATA.is_dir(), reason="the real data lies beside the repository, not in it")]


@pytest.mark.parametrize(
    ("book", "as_of", "open_questions", "answers", "rows", "codes"),
    [
        (
            "superlender/2017-02-27",
            "2017-02-27",
            {"loan.product"},
            ("loan.product==NANO",),
            {"borrower": 1647, "loan": 7099, "instalment": 7450, "repayment": 7045},
            {},
        ),
        (
            "lendingclub",
            "2018-06-30",
            {"loan.borrower_id", "repayment.repayment_id"},
            ("loan.borrower_id=loan_id", "repayment.repayment_id=loan_id+paid_at"),
            {"borrower": 0, "loan": 10_000, "instalment": 432_720, "repayment": 38_428 - 2065},
            {"future_dated": 2065, "borrowers_absent": 1},
        ),
    ],
)
def test_a_proposal_with_few_answers_loads_the_whole_book(
    tmp_path: Path, book: str, as_of: str, open_questions: set[str], answers: tuple[str, ...], rows: dict[str, int], codes: dict[str, int]
) -> None:
    """Late loans are active loans, amounts with noise are rounded to the paisa, and no row is lost to the mapping."""
    root = new_lender(tmp_path / "lender")
    asked = sulah("map", DATA / book, "--lender", root, "--yes", "--json")
    assert asked.code == 1
    assert {question["key"] for question in asked.fields["questions"]} == open_questions
    assert not list((root / "mappings").iterdir())
    given = [word for answer in answers for word in ("--answer", answer)]
    done("map", DATA / book, "--lender", root, "--yes", *given)
    loaded = done("load", DATA / book, "--as-of", as_of, "--lender", root)
    assert loaded["state"] == "accepted"
    assert {table: loaded["accepted"][table] for table in rows} == rows
    assert {code["code"]: code["count"] for code in loaded["codes"]} == codes
