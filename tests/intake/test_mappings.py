"""Mappings: read, written, refused with words; proposed from headers, asking only what cannot be known."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.intake.mapping import MappingError, TableMapping, mapping_of, toml_of
from sulah.intake.propose import FileSample, propose
from tests.intake.extract import check

ROOT = Path(__file__).resolve().parents[2]
TEXT = st.text(min_size=1, max_size=12).filter(lambda text: not any(0xD800 <= ord(c) <= 0xDFFF for c in text))


@given(TEXT, TEXT, TEXT)
def test_a_saved_mapping_reads_back_as_it_was(column: str, term: str, constant: str) -> None:
    table = TableMapping(
        "loan",
        ("a*.csv",),
        {"loan_id": (column, "x")},
        {"product": constant},
        {"status": {term: "closed"}},
        {"disbursed_on": "%d/%m/%Y"},
        {"principal": "lakh"},
        ("principal",),
        "indian",
        (column,),
    )
    assert mapping_of("m", toml_of({"loan": table})).tables == {"loan": table}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[lone]\n", "no table of the extract"),
        ("[loan]\ncolour = 1\n", "unknown key colour"),
        ("[loan.columns]\nlone_id = 'x'\n", "names lone_id"),
        ("[loan.units]\nprincipal = 'crore'\n", "unit 'crore'"),
        ("[loan.formats]\nprincipal = '%d'\n", "cannot have formats"),
        ("[loan]\ngrouping = 'french'\n", "grouping must be"),
        ("[loan\n", "cannot be read"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_where(text: str, words: str) -> None:
    with pytest.raises(MappingError, match=words):
        mapping_of("m", text)


@pytest.mark.parametrize("name", ["superlender", "lendingclub"])
def test_the_example_mappings_can_be_read(name: str) -> None:
    text = (ROOT / "docs" / "examples" / "mappings" / f"{name}.toml").read_text("utf-8")
    assert {"borrower", "loan", "instalment", "repayment"} == set(mapping_of(name, text).tables)


def test_terms_formats_and_others_are_translated(tmp_path: Path) -> None:
    rows = ("L1,B1,X,03/04/2025,1.5,Fully Paid", "L2,B1,X,3/4/2025,2,Odd", "L3,B1,X,13/04/2025,2,Sold")
    (tmp_path / "loan.csv").write_text("\n".join(("loan_id,borrower_id,product,disbursed_on,principal,status", *rows, "")))
    text = """
        [loan.formats]
        disbursed_on = "%d/%m/%Y"
        [loan.units]
        principal = "lakh"
        [loan.codes.status]
        "Fully Paid" = "closed"
        "*" = "active"
        """
    seen = check(tmp_path, mapping_of("m", text))
    assert seen.refused == []
    assert seen.ties[0].paise == 5_50_000_00


LOANS = ("Loan A/c No", "LAN", "Customer ID", "Disbursement Date", "Loan Amount", "Status")


def _sample(dates: list[str], status: tuple[str, ...] = ("Live", "Fully Paid")) -> FileSample:
    return FileSample(
        "LoanBook_March.csv", LOANS, {"Disbursement Date": dates, "Loan Amount": ["1,23,456.00", "500"], "Status": list(status)}
    )


def test_a_proposal_finds_names_formats_grouping_and_terms_and_asks_for_the_product() -> None:
    proposal = propose([_sample(["13/01/2025", "01/02/2025"])], {})
    table = proposal.tables["loan"]
    assert table.columns["loan_id"] == ("LAN",)
    assert table.columns["disbursed_on"] == ("Disbursement Date",)
    assert table.formats == {"disbursed_on": "%d/%m/%Y"}
    assert table.grouping == "indian"
    assert table.codes == {"status": {"Fully Paid": "closed", "Live": "active"}}
    assert [question.key for question in proposal.questions] == ["loan.product"]


def test_a_date_that_could_be_either_way_is_asked_and_the_answer_is_taken() -> None:
    either = _sample(["03/04/2025 10:00"])
    asked = [question for question in propose([either], {"loan.product": "=JLG"}).questions if question.key.endswith(".format")]
    assert asked[0].choices == ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")
    said = propose([either], {"loan.product": "=JLG", "loan.disbursed_on.format": "%m/%d/%Y %H:%M"})
    assert said.questions == []
    assert said.tables["loan"].constants == {"product": "JLG"}


def test_an_unknown_term_is_asked() -> None:
    proposal = propose([_sample(["2025-01-13"], ("Zombie",))], {"loan.product": "=JLG"})
    assert [question.key for question in proposal.questions] == ["loan.status.Zombie"]


def test_a_loans_status_is_not_taken_for_its_asset_class() -> None:
    """`Active` is no class: read as one, every overdue loan would differ from the lender's own."""
    header = ("Loan A/c No", "Customer ID", "Product", "Disbursement Date", "Loan Amount", "Loan Status")
    sample = FileSample("loans.csv", header, {"Loan Status": ["Active", "Closed"], "Disbursement Date": ["2025-01-31"]})
    columns = propose([sample], {}).tables["loan"].columns
    assert columns["status"] == ("Loan Status",)
    assert "lms_class" not in columns
