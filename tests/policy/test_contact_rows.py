"""The contact rules that come with Sulah: marked honestly, pinned by their examples, and printed in one document."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.guard.rule import Predicate
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import FOREVER
from sulah.kernel.terms import EntityType, LoanType
from sulah.policy.check import check_policy, refusals
from sulah.policy.contact_page import CHAPTERS, contact_page
from sulah.policy.contact_predicates import PREDICATES
from sulah.policy.contact_words import MARKS, in_words
from sulah.policy.contact_worked import WORKED, contact_answer
from sulah.policy.rows import Row
from tests.policy.written import CONTACT, changed, each

ROWS = [row for rows in CONTACT.tables.values() for row in rows]
RULES = CONTACT.tables["contact_rule"]
PAGE = contact_page(CONTACT)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "policy"

NUMBERS = [
    (row.rule_id, name, step)
    for row in ROWS
    for name in ("first", "last", "most", "days", "income_most_paise")
    for step in (-1, 1)
    if type(row.values.get(name)) is int and row.values[name] != 0
]
"""Every number of every row, one less and one more."""

ASKED_FOR = [  # rules.md 2, 5, 11 and 12: what the guard can ask, and the row that does
    *("HRS-GEN", "HRS-MFL", "HRS-VISIT", "HRS-PUSH", "HRS-PREF", "SUN-VISIT", "SUN-CALL", "OCC-NATIONAL"),
    *("FRQ-CALL-DAY", "FRQ-CALL-CONNECT", "FRQ-CALL-WEEK", "FRQ-VISIT-DAY", "FRQ-VISIT-WEEK", "FRQ-MSG-DAY", "FRQ-ONE-CALL"),
    *("PTY-ONLY", "NUM-OWN", "PRV-3P", "PLC-MFL", "PLC-GEN", "OCC-BLK", "AGT-CERT", "AGT-NTC", "AGT-CHG", "AGT-ASG"),
    *("STP-COMPLAINT", "STP-COURT", "STP-DEATH-PERSON", "STP-DEATH-LOAN", "STP-DISPUTE", "STP-HARDSHIP", "STP-OPT-OUT"),
    *("STP-WRONG-NUMBER", "STP-PAID", "STP-CALAMITY", "STP-LENDER", "STP-AGENCY", "STP-AGENT", "STP-CHANNEL", "STP-RESTORED"),
    *("WA-OPT", "WA-24H", "WA-TIER", "WA-TPL", "SMS-DLT", "SMS-PROMO", "CLI-1600-BANK", "CLI-1600-SFB", "CLI-1600-NBFC"),
    *("CLI-ANON", "LGL-LIM", "DUE-CALC", "DUE-OWED", "BOOK-AGE", "PRM-CALL", "MFL-INC"),
]


def test_the_shipped_contact_rules_have_no_finding_at_all() -> None:
    """Not even a note."""
    assert check_policy(CONTACT) == []


@pytest.mark.parametrize("rule_id", ASKED_FOR)
def test_every_rule_of_contact_that_a_guard_can_ask_has_its_row(rule_id: str) -> None:
    """And says how sure we are."""
    row = CONTACT.rule(rule_id)
    assert row.entities()
    assert len(row.citation) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule_id)
def test_the_example_of_every_contact_row_comes_true(row: Row) -> None:
    """Answered by the row itself."""
    result = contact_answer(row, row.example["given"])
    assert result is not None
    assert row.example["expect"]
    assert row.example["expect"].items() <= result.items()


@pytest.mark.parametrize(("rule_id", "name", "step"), NUMBERS, ids=[f"{rule}-{name}{step:+d}" for rule, name, step in NUMBERS])
def test_no_number_of_a_rule_can_move_by_one_without_its_example_failing(rule_id: str, name: str, step: int) -> None:
    """The examples stand on both sides of every limit."""
    moved = changed(rule_id, CONTACT, **{name: int(str(CONTACT.rule(rule_id).values[name])) + step})
    alone = each(lambda row: row if row.rule_id == rule_id else None, moved)
    assert [finding for finding in refusals(check_policy(alone)) if finding.row > 0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule_id)
def test_every_contact_row_is_marked_honestly(row: Row) -> None:
    """Drafts and unread texts are to be verified, our own choices say so, and no address of a page stands for a citation."""
    assert row.verify or (row.status not in ("draft", "law") and row.confidence != "C")
    assert (row.status == "policy") == (row.confidence == "POLICY")
    assert "lender's choice" in row.note or (row.table, row.status) != ("contact_rule", "policy")
    assert not re.search(r"https?://", row.citation + row.note)


def test_drafts_are_shipped_on_and_bind_from_the_day_in_the_revised_draft() -> None:
    """Strict mode: 1 Oct 2026."""
    drafts = [row for row in RULES if row.status == "draft"]
    assert {row.rule_id for row in drafts} == {"HRS-VISIT", "HRS-PREF", "OCC-BLK", "PLC-GEN", "AGT-CERT", "AGT-ANT", "AGT-CHG"}
    assert all(row.values["switched_on"] and row.effective_from == date(2026, 10, 1) for row in drafts)


def test_the_numbers_of_the_law_are_those_of_the_texts() -> None:
    """rules.md 12."""
    hours = {rule: (CONTACT.rule(rule).values["first"], CONTACT.rule(rule).values["last"]) for rule in ("HRS-GEN", "HRS-MFL")}
    assert hours == {"HRS-GEN": (8 * 3600, 19 * 3600), "HRS-MFL": (9 * 3600, 18 * 3600)}
    assert CONTACT.rule("PLC-MFL").values["most"] == 2
    assert CONTACT.rule("MFL-INC").values["income_most_paise"] == 3_00_000_00
    caps = [(row.values["most"], row.values["days"], row.values["counts"]) for row in RULES if row.rule_id.startswith("FRQ-CALL")]
    assert sorted(caps, key=str) == [(1, 1, "connects"), (10, 7, "attempts"), (3, 1, "attempts")]


@pytest.mark.parametrize(
    ("entity", "first_day"),
    [
        *((entity, date(2026, 2, 1)) for entity in (EntityType.SFB, EntityType.NBFC_ML, EntityType.NBFC_UL, EntityType.NBFC_MFI)),
        (EntityType.BANK, date(2026, 1, 1)),
        (EntityType.NBFC_BL, date(2026, 3, 1)),
    ],
)
def test_the_1600_series_binds_each_kind_of_lender_from_its_own_day(entity: EntityType, first_day: date) -> None:
    """TRAI's dates, one row for each."""
    rows = [row for row in RULES if row.rule_id.startswith("CLI-1600") and row.binds(entity)]
    assert [row.effective_from for row in rows] == [first_day]


def test_every_predicate_has_its_meaning_its_words_its_example_and_its_chapter() -> None:
    """And the guard knows each of them; stops are asked beside."""
    assert set(PREDICATES) == set(WORKED) == {predicate for _, _, listed in CHAPTERS for predicate in listed}
    assert {predicate.value for predicate in Predicate} == {*PREDICATES, "stop"}
    assert {row.values["predicate"] for row in RULES} == set(PREDICATES)
    assert all(in_words(row).endswith(".") for row in RULES)


@pytest.mark.parametrize("entity", EntityType)
@pytest.mark.parametrize("day", [date(2022, 8, 12), date(2026, 9, 30), date(2026, 10, 1), FOREVER])
def test_the_guard_can_read_the_rows_on_any_day(entity: EntityType, day: date) -> None:
    """Each stop row becomes a rule beside the others."""
    book = CONTACT.for_entity(entity)
    in_force = ContactRules(entity, {table: book.rows(table) for table in CONTACT.sheets}).on(day)
    expected = {row["rule_id"] for table in ("contact_rule", "contact_stop") for row in book.in_force(table, day)}
    assert {rule.rule_id for rule in in_force.rules} == expected


def test_the_document_is_the_one_that_the_rows_write() -> None:
    """To mend: python -m sulah.policy.pages docs/policy"""
    assert (DOCS / "contact.md").read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule_id)
def test_the_document_names_every_row_with_its_mark_and_source(row: Row) -> None:
    """An inspector needs no other page."""
    assert row.citation in PAGE
    assert row.note in PAGE
    if row.table == "contact_rule":
        part = PAGE.partition(f"\n### {row.rule_id} ·")[2].partition("\n### ")[0]
        assert MARKS[row.status] in part.splitlines()[0]
        assert in_words(row) in part
        assert f"Version {row.values['version']}" in part
    elif row.table == "contact_occasion":
        assert f"| `{row.values['kind']}` | {row.values['scope']} | {row.values['days']} |" in PAGE
    elif row.table == "contact_purpose":
        assert f"| `{row.values['purpose']}` |" in PAGE
    else:
        assert f"| {row.rule_id} |" in PAGE


@pytest.mark.parametrize("name", PREDICATES)
def test_the_document_gives_every_question_its_exact_meaning(name: str) -> None:
    """With units, what is unknown, and what waiting does."""
    part = PAGE.partition(f"\n### `{name}`: ")[2].partition("\n### ")[0]
    assert PREDICATES[name].says in part
    assert PREDICATES[name].unknown in part
    assert all(f"`{column}` = " in part for column in PREDICATES[name].uses)


def test_the_document_is_written_from_the_rows() -> None:
    """A changed number, a switched rule and a row to verify are seen in it."""
    page = contact_page(changed("FRQ-CALL-DAY", CONTACT, most=2, switched_on=False, verify=True))
    assert "**At most 2 attempts in one IST day: with 2 counted, no.**" in page
    assert "**Switched off.**" in page
    assert "| FRQ-CALL-DAY | contact_rule | LENDER'S CHOICE" in page
    assert "**Switched off.**" not in PAGE


def type_of(product: str, income: int | None, *, secured: bool | None) -> LoanType | None:
    """The type that the guard gives a loan by the shipped rows."""
    book = CONTACT.for_entity(EntityType.NBFC_MFI)
    in_force = ContactRules(EntityType.NBFC_MFI, {"loan_type": book.rows("loan_type")}).on(date(2026, 11, 22))
    return in_force.loan_type_of(product, secured=secured, household_income_paise=income)


@pytest.mark.parametrize(
    ("product", "income", "secured", "expected"),
    [
        ("JLG-WEEKLY", None, None, LoanType.MFL),
        ("MFI", 9_00_000_00, True, LoanType.MFL),
        ("PL", 2_99_999_99, False, LoanType.MFL),
        ("PL", 3_00_000_00, False, LoanType.MFL),
        ("PL", 3_00_000_01, False, LoanType.OTHER),
        ("PL", 3_00_000_00, True, LoanType.OTHER),
        ("PL", 3_00_000_00, None, None),
        ("PL", 3_00_000_01, None, LoanType.OTHER),
        ("PL", None, False, None),
        ("GOLD", None, True, LoanType.OTHER),
    ],
)
def test_a_loan_is_microfinance_by_its_product_or_by_income(
    product: str, income: int | None, *, secured: bool | None, expected: LoanType | None
) -> None:
    """One paisa above the limit is above it; what is not known is not guessed."""
    assert type_of(product, income, secured=secured) is expected


@given(income=st.integers(0, 10**10), more=st.integers(0, 10**10), secured=st.booleans())
def test_more_income_or_a_security_never_makes_a_loan_microfinance(income: int, more: int, *, secured: bool) -> None:
    """The definition is monotone."""
    before, after = (type_of("PL", amount, secured=secured) for amount in (income, income + more))
    assert before is LoanType.MFL or after is LoanType.OTHER
    assert type_of("PL", income, secured=True) is LoanType.OTHER
