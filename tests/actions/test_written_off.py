"""Written-off loans that Sulah keeps: taken over once, posted to by rule, never twice, never changed."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Sum

from sulah.actions.accrue_interest import accrue_interest
from sulah.actions.post_fee import post_fee
from sulah.actions.post_receipt import decide_receipt, enter_receipt
from sulah.actions.reverse_entry import reverse_entry
from sulah.actions.take_extract_receipts import take_extract_receipts
from sulah.actions.written_off_account import AlreadyPostedError, PostingNotPermittedError, PostingRefusedError
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.written_off import statement_of, trial, wrong_ledger
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.payments.posting import Balance
from sulah.records.audit import AuditEntry
from sulah.records.person import Person
from sulah.records.written_off import APPEND_ONLY, BankReceipt, WrittenOffEntry, WrittenOffLoan
from tests.actions.kept_book import APRIL, CLOCK, MARCH, MAY, extract, keeper, live, new_lender, stands, switch_over, taken

pytestmark = pytest.mark.django_db
FIRST = [("2025-02-01", 600)]
JULY = date(2026, 7, 5)


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Lender]:
    """Loaded and run on 31 March, once for all tests; its records are rolled back at the end."""
    made = new_lender(tmp_path_factory.mktemp("kept") / "lender")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "LENDER", made.root)
        live(made, MARCH, extract(FIRST))
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def lender(march: Lender, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """A copy of it, of the test's own; two-wheelers are Sulah's, nothing is taken over yet."""
    made = replace(march, root=Path(shutil.copytree(march.root, tmp_path / "lender")))
    monkeypatch.setattr(settings, "LENDER", made.root)
    switch_over(made)
    return made


@pytest.fixture
def kept(lender: Lender) -> Lender:
    """The same, taken over."""
    taken(lender)
    return lender


def received(lender: Lender, as_of: date = APRIL) -> list[str]:
    """Take the extract's receipts; what was told."""
    return take_extract_receipts(lender, as_of, actor="asha", clock=CLOCK).told


def banked(lender: Lender, reference: str = "UTR000001", paise: int = 500_00, on: date = JULY) -> WrittenOffEntry:
    """A receipt by bank reference, confirmed by another."""
    made = enter_receipt(lender, "W1", reference, on, paise, actor="asha", clock=CLOCK)
    entry = decide_receipt(lender, made.pk, confirm=True, note="", actor="ravi", clock=CLOCK).entry
    assert entry is not None
    return entry


def fee(lender: Lender, paise: int = 300_00, **more: str) -> WrittenOffEntry:
    """A legal notice."""
    about = {"reason": "Notice of 1 July", "fee": "legal_notice", **more}
    return post_fee(
        lender, "W1", about["fee"], paise, JULY, reason=about["reason"], reference=about.get("reference", ""), actor="asha", clock=CLOCK
    )


def test_a_take_over_opens_each_loan_with_the_book_s_balance_by_head_once(lender: Lender) -> None:
    """600 paid of 4,450: all principal not repaid, the interest and charges that fell due; the instalment to come asks no interest."""
    done = taken(lender)
    assert (done.loans, done.before, dict(done.left)) == (2, 0, {"JLG": 1})
    assert stands("W1") == Balance(3500_00, 200_00, 50_00)
    assert stands("W2") == Balance(4000_00, 300_00, 50_00)
    assert done.opening.owed == (3750 + 4350) * 100
    again = taken(lender)
    assert (again.loans, again.before) == (0, 2)
    account = WrittenOffLoan.objects.get(loan_id="W1")
    assert (account.taken_over_on, account.rule_id, account.load_id) == (MARCH, "OWN-TW", "2026-03-31.1")
    (entry,) = AuditEntry.objects.filter(act="written_off.take_over")
    assert entry.after["loans"] == 2
    assert wrong_ledger() == []


def test_what_was_paid_ahead_for_interest_not_yet_due_is_the_borrower_s(lender: Lender) -> None:
    """₹3,950 of what fell due by then, ₹4,350 with all principal: ₹100 went to the interest of an instalment to come, which is no claim."""
    live(lender, APRIL, extract([*FIRST, ("2026-04-10", 3350)]))
    taken(lender, APRIL)
    assert stands("W1") == Balance(500_00, 0, 0, 100_00)
    assert stands("W1").net == 4350_00 - 3950_00


@pytest.mark.parametrize(
    ("loan_id", "words"),
    [("A1", "reports loan A1 as active"), ("J1", "the lender's own system keeps product JLG"), ("NONE", "knows no loan NONE")],
)
def test_a_loan_that_the_lender_s_system_keeps_is_not_taken_over(lender: Lender, loan_id: str, words: str) -> None:
    with pytest.raises(PostingRefusedError, match=words):
        taken(lender, loan_id=loan_id)
    assert not WrittenOffLoan.objects.exists()


def test_nothing_is_taken_over_before_the_day_from_which_a_row_says_so(lender: Lender) -> None:
    """The row begins on 1 April: on 31 March the lender's system is still the keeper, on 30 April it is not."""
    (lender.policy / "written_off_keeper.toml").write_text(keeper("OWN-TW", "extract", "2026-04-01"), "utf-8")
    assert taken(lender).loans == 0
    live(lender, APRIL, extract([*FIRST, ("2026-04-10", 250)]))
    assert taken(lender, APRIL).loans == 2
    assert stands("W1").owed == 3500_00
    assert received(lender) == []
    assert stands("W1").owed == 3500_00


def test_a_day_that_has_not_run_gives_no_opening(lender: Lender) -> None:
    with pytest.raises(PostingRefusedError, match="has not run"):
        taken(lender, APRIL)


def test_receipts_of_the_extract_are_posted_once_by_the_waterfall(kept: Lender) -> None:
    """₹250 settle interest of ₹200, then principal; the receipt that the opening holds is not posted again."""
    live(kept, APRIL, extract([*FIRST, ("2026-04-10", 250)]))
    assert received(kept) == received(kept) == []
    assert stands("W1") == Balance(3450_00, 0, 50_00)
    entry = WrittenOffEntry.objects.get(kind="receipt")
    assert (entry.reference, entry.effective_on, entry.rule_id) == ("W1-R2", date(2026, 4, 10), "WOW-INTEREST-PRINCIPAL-CHARGE")
    assert AuditEntry.objects.filter(act="written_off.receipt").count() == 1


def test_a_receipt_that_the_lender_changes_or_takes_back_is_undone_from_its_own_day(kept: Lender) -> None:
    live(kept, APRIL, extract([*FIRST, ("2026-04-10", 250)]))
    received(kept)
    live(kept, MAY, extract([*FIRST, ("2026-04-10", 260)]))
    assert received(kept, MAY) == []
    assert stands("W1", APRIL) == stands("W1") == Balance(3440_00, 0, 50_00)
    june = date(2026, 6, 30)
    live(kept, june, extract(FIRST))
    assert received(kept, june) == received(kept, june) == []
    assert stands("W1") == Balance(3500_00, 200_00, 50_00)
    assert wrong_ledger() == []


def test_a_reversal_of_the_extract_takes_a_part_back(kept: Lender) -> None:
    """₹100 of ₹250 bounced: what was settled last, principal, is restored first."""
    tables = extract([*FIRST, ("2026-04-10", 250)])
    tables["repayment"].append({"repayment_id": "B1", "loan_id": "W1", "paid_on": "2026-04-12", "amount": "100", "reverses_id": "W1-R2"})
    live(kept, APRIL, tables)
    assert received(kept) == received(kept) == []
    assert stands("W1") == Balance(3500_00, 50_00, 50_00)
    live(kept, MAY, extract(FIRST))  # and then the lender's system has neither
    assert received(kept, MAY) == []
    assert stands("W1") == Balance(3500_00, 200_00, 50_00)


def test_what_changes_inside_the_opening_is_told_and_not_guessed(kept: Lender) -> None:
    tables = extract(FIRST)
    tables["repayment"].append({"repayment_id": "B1", "loan_id": "W1", "paid_on": "2026-04-12", "amount": "100", "reverses_id": "W1-R1"})
    live(kept, APRIL, tables)
    assert received(kept) == ["Loan W1: B1 reverses W1-R1, which stands in the opening; see to it by hand."]
    assert stands("W1") == Balance(3500_00, 200_00, 50_00)


def test_receipts_are_left_when_the_lender_s_system_keeps_the_loan_again(kept: Lender) -> None:
    live(kept, APRIL, extract([*FIRST, ("2026-04-10", 250)], status="active"))
    (told,) = received(kept)
    assert "reports it as active" in told
    assert stands("W1").owed == 3750_00


def test_a_receipt_counts_from_one_source_only(kept: Lender) -> None:
    """Up to 30 June the extract, from 1 July the bank: neither is taken from the other."""
    live(kept, JULY, extract([*FIRST, ("2026-06-30", 100), ("2026-07-01", 200)]))
    (told,) = received(kept, JULY)
    assert "W1-R3 of 1 Jul 2026 was left out" in told
    assert stands("W1").owed == 3650_00
    with pytest.raises(PostingRefusedError, match="come with the lender's extract"):
        enter_receipt(kept, "W1", "UTR000009", date(2026, 6, 30), 100, actor="asha", clock=CLOCK)
    assert banked(kept, on=date(2026, 7, 1)).counter_paise == 500_00


def test_a_bank_receipt_moves_nothing_until_another_person_confirms_it(kept: Lender) -> None:
    made = enter_receipt(kept, "W1", "utr000001", JULY, 500_00, actor="asha", clock=CLOCK)
    assert (made.reference, stands("W1").owed) == ("UTR000001", 3750_00)
    with pytest.raises(PostingNotPermittedError, match="another person"):
        decide_receipt(kept, made.pk, confirm=True, note="", actor="asha", clock=CLOCK)
    decide_receipt(kept, made.pk, confirm=True, note="seen on the statement", actor="ravi", clock=CLOCK)
    assert stands("W1") == Balance(3200_00, 0, 50_00)
    with pytest.raises(AlreadyPostedError, match="decided already"):
        decide_receipt(kept, made.pk, confirm=True, note="", actor="ravi", clock=CLOCK)
    acts = ["written_off.enter_receipt", "written_off.receipt"]
    assert list(AuditEntry.objects.filter(subject="written_off:W1").values_list("act", flat=True)) == acts


def test_a_bank_reference_counts_once_until_it_is_refused_or_reversed(kept: Lender) -> None:
    made = enter_receipt(kept, "W1", "UTR000001", JULY, 500_00, actor="asha", clock=CLOCK)
    with pytest.raises(AlreadyPostedError, match="waits to be confirmed"):
        enter_receipt(kept, "W2", "UTR000001", JULY, 500_00, actor="asha", clock=CLOCK)
    decide_receipt(kept, made.pk, confirm=False, note="typed wrongly", actor="ravi", clock=CLOCK)
    entry = banked(kept)
    with pytest.raises(AlreadyPostedError, match="money counts once"):
        enter_receipt(kept, "W2", "UTR000001", JULY, 500_00, actor="asha", clock=CLOCK)
    reverse_entry(kept, entry.pk, JULY, reason="Wrong loan", actor="asha", clock=CLOCK)
    assert stands("W1") == Balance(3500_00, 200_00, 50_00)
    assert banked(kept).key == "bank:UTR000001:3"


@pytest.mark.parametrize(
    ("reference", "paise", "on", "words"),
    [
        ("UTR 1", 1, JULY, "no bank reference"),
        ("UTR000001", 0, JULY, "above zero"),
        ("=HYPERLINK(1)", 1, JULY, "no bank reference"),
        ("UTR000001", 1, date(2026, 3, 30), "before 31 Mar 2026"),
        ("UTR000001", 1, date(2026, 12, 2), "still to come"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_in_words(kept: Lender, reference: str, paise: int, on: date, words: str) -> None:
    with pytest.raises(PostingRefusedError, match=words):
        enter_receipt(kept, "W1", reference, on, paise, actor="asha", clock=CLOCK)
    assert not BankReceipt.objects.exists()


def test_a_fee_must_stand_in_the_key_facts_statement_with_its_amount_and_a_reason(kept: Lender) -> None:
    assert fee(kept, 500_00).rule_id == "OWN-KFS-NOTICE"
    assert stands("W1").charge == 550_00
    for paise, more, words in (
        (500_01, {"reference": "2"}, "not between"),
        (0, {"reference": "2"}, "not between"),
        (1_00, {"fee": "visit"}, "lists no fee 'visit'"),
        (1_00, {"reason": " ", "reference": "2"}, "Say why"),
    ):
        with pytest.raises(PostingRefusedError, match=words):
            fee(kept, paise, **more)
    with pytest.raises(AlreadyPostedError):
        fee(kept, 100_00)
    fee(kept, 100_00, reference="BILL-2")
    assert stands("W1").charge == 650_00


def test_no_fee_is_charged_where_nothing_is_owed(kept: Lender) -> None:
    banked(kept, paise=3750_00)
    with pytest.raises(PostingRefusedError, match="Nothing is owed"):
        fee(kept)


def test_a_fee_that_was_paid_and_is_reversed_becomes_the_borrower_s_money(kept: Lender) -> None:
    entry = fee(kept)
    banked(kept, paise=4050_00)
    assert stands("W1") == Balance()
    reverse_entry(kept, entry.pk, JULY, reason="Notice never sent", actor="ravi", clock=CLOCK)
    assert stands("W1") == Balance(excess=300_00)


def test_only_receipts_by_reference_and_fees_are_reversed_and_once(kept: Lender) -> None:
    live(kept, APRIL, extract([*FIRST, ("2026-04-10", 250)]))
    received(kept)
    opening, of_extract = WrittenOffEntry.objects.get(key="opening:W1"), WrittenOffEntry.objects.get(kind="receipt")
    entry = banked(kept)
    back = reverse_entry(kept, entry.pk, JULY, reason="Cheque returned", actor="ravi", clock=CLOCK)
    for number, words in (
        (opening.pk, "not reversed"),
        (of_extract.pk, "reverse it there"),
        (entry.pk, "reversed already"),
        (back.pk, "not reversed"),
        (10_000, "There is no entry"),
    ):
        with pytest.raises(PostingRefusedError, match=words):
            reverse_entry(kept, number, JULY, reason="x", actor="ravi", clock=CLOCK)
    other = banked(kept, "UTR000002")
    with pytest.raises(PostingRefusedError, match="before the entry's own day"):
        reverse_entry(kept, other.pk, date(2026, 7, 4), reason="x", actor="ravi", clock=CLOCK)


def test_interest_is_none_until_a_row_says_so_and_then_is_posted_once_a_month(kept: Lender) -> None:
    assert accrue_interest(kept, MAY, actor="asha", clock=CLOCK).entries == 0
    switch_over(kept, interest=True)
    done = accrue_interest(kept, MAY, actor="asha", clock=CLOCK)
    assert (done.loans, done.entries) == (2, 4)
    assert accrue_interest(kept, MAY, actor="asha", clock=CLOCK).entries == 0
    assert AuditEntry.objects.filter(act="written_off.interest").count() == 1
    assert stands("W1").interest == 200_00 + 70_19  # ₹3,500 at 12% for 61 days, half a paisa up
    with pytest.raises(PostingRefusedError, match="still to come"):
        accrue_interest(kept, date(2026, 12, 2), actor="asha", clock=CLOCK)


def test_a_receipt_settles_the_interest_up_to_its_own_day(kept: Lender) -> None:
    """Whether the month's interest was accrued before or not, the receipt meets the same heads."""
    switch_over(kept, interest=True)
    banked(kept, paise=1000_00)
    first = stands("W1")
    assert first.interest == 0
    accrue_interest(kept, date(2026, 7, 31), actor="asha", clock=CLOCK)
    assert stands("W1", JULY) == first


@pytest.mark.parametrize(
    ("role", "branches", "opens"),
    [
        (Role.SUPERVISOR, [], True),
        (Role.ADMINISTRATOR, ["BR-A"], True),
        (Role.SUPERVISOR, ["BR-B"], False),
        *((role, [], False) for role in Role if role not in (Role.SUPERVISOR, Role.ADMINISTRATOR)),
    ],
)
def test_role_and_branch_decide_who_posts(kept: Lender, role: Role, branches: list[str], opens: bool) -> None:
    person = Person.objects.create_user("usha", password=None, role=role.value, branches=branches)
    if opens:
        enter_receipt(kept, "W1", "UTR000001", JULY, 1, actor="usha", clock=CLOCK, person=person)
    else:
        with pytest.raises(PostingNotPermittedError):
            enter_receipt(kept, "W1", "UTR000001", JULY, 1, actor="usha", clock=CLOCK, person=person)
    assert BankReceipt.objects.exists() is opens


def test_nothing_is_posted_by_a_policy_that_contradicts_itself(kept: Lender) -> None:
    """Two rows for one product on one day: refused in words, not guessed."""
    rows = kept.policy / "written_off_keeper.toml"
    rows.write_text(rows.read_text("utf-8") + keeper("OWN-TWICE", "bank", "2026-07-01"), "utf-8")
    with pytest.raises(PostingRefusedError, match="OWN-TW-BANK and OWN-TWICE are in force together"):
        enter_receipt(kept, "W1", "UTR000001", JULY, 100, actor="asha", clock=CLOCK)
    assert not BankReceipt.objects.exists()


def test_a_statement_tells_what_was_known_when(kept: Lender) -> None:
    """Entered on 1 December for 5 July: a statement as known on 30 November does not have it."""
    banked(kept)
    loan = WrittenOffLoan.objects.get(loan_id="W1")
    whole = statement_of(loan)
    assert [(line["kind"], line["net_paise"]) for line in whole] == [("opening", 3750_00), ("receipt", 3250_00)]
    assert len(statement_of(loan, on=date(2026, 7, 4))) == 1
    assert statement_of(loan, known_on=date(2026, 11, 30)) == []
    assert whole[1]["known_on"] == date(2026, 12, 1)
    late = fixed_clock(datetime(2026, 12, 1, 20, 0, tzinfo=UTC))
    post_fee(kept, "W1", "legal_notice", 1_00, JULY, reason="x", actor="asha", clock=late)
    assert len(statement_of(loan, known_on=date(2026, 12, 1))) == 2


def test_the_trial_balance_ties_and_the_check_sees_what_does_not(kept: Lender) -> None:
    banked(kept)
    fee(kept)
    told = trial()
    assert told.ties
    assert told.balance.net == WrittenOffEntry.objects.aggregate(whole=-Sum("counter_paise"))["whole"]
    opening = WrittenOffEntry.objects.get(key="opening:W2")
    opening.pk, opening.key, opening._state.adding = None, "opening:again", True
    opening.save()
    assert any("not exactly one opening" in words for words in wrong_ledger())


@pytest.mark.parametrize("model", APPEND_ONLY)
def test_the_database_refuses_to_change_or_delete_a_row(kept: Lender, model: type) -> None:
    banked(kept)
    column = {"WrittenOffLoan": "product", "WrittenOffEntry": "reason", "BankReceipt": "note", "BankReceiptDecision": "note"}
    rows = model.objects.all()  # type: ignore[attr-defined]
    before = list(rows.order_by("pk").values())
    assert before
    for change in (lambda: rows.update(**{column[model.__name__]: "x"}), lambda: rows._raw_delete(rows.db), lambda: rows.first().save()):
        with pytest.raises(DatabaseError, match="only added"), transaction.atomic():
            change()
    assert list(rows.order_by("pk").values()) == before


def test_the_database_refuses_an_entry_that_does_not_balance_and_a_key_that_is_there(kept: Lender) -> None:
    loan = WrittenOffLoan.objects.get(loan_id="W1")
    for paise, key, kind in ((99, "new", "fee"), (100, "opening:W1", "fee"), (100, "new", "gift"), (100, "new", "reversal")):
        entry = WrittenOffEntry(loan=loan, kind=kind, effective_on=JULY, recorded_at=CLOCK(), recorded_by="x", act="x", key=key)
        entry.charge_paise, entry.counter, entry.counter_paise = 100, "fees_charged", -paise
        with pytest.raises(IntegrityError), transaction.atomic():
            entry.save()
    assert WrittenOffEntry.objects.count() == 2
