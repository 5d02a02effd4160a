"""Class memory when loans change hands: people merged, renamed, loans moved; against the naive reference, and by hand."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sulah.kernel.terms import EntityType
from tests.depth import so_many, some_of
from tests.parity.test_reference import FIRST, apart, by_loan
from tests.reference.fold import Reference
from tests.reference.random_book import Extract, RandomBook
from tests.shelf import Shelf


def stirred(book: RandomBook, random: Random) -> list[tuple[date, Extract]]:
    """The extracts of a book with people merged (some into new ids) and single loans moved, for good, before every later load."""
    now_with: dict[str, str] = {}
    merged: dict[str, str] = {}
    found = []
    for place, (as_of, extract) in enumerate(book.extracts):
        people = sorted({row["borrower_id"] for row in extract["borrower"]})
        if place:
            for person in random.sample(people, len(people) // 8):
                merged[person] = random.choice([*people, f"merged-{person}"])
            for row in extract["loan"]:
                if random.random() < 0.05:
                    now_with[row["loan_id"]] = random.choice(people)
        loans = []
        for row in extract["loan"]:
            person = now_with.get(row["loan_id"], row["borrower_id"])
            loans.append({**row, "borrower_id": merged.get(person, person)})
        known = {row["borrower_id"]: row for row in extract["borrower"]}
        everybody = sorted({*known, *(row["borrower_id"] for row in loans)})
        borrowers = [known.get(person, {"borrower_id": person, "pincode": ""}) for person in everybody]
        found.append((as_of, {**extract, "borrower": borrowers, "loan": loans}))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "entity"), some_of([(41, "nbfc_bl"), (42, "nbfc_mfi"), (43, "bank")], 1))
def test_memory_goes_along_with_loans_as_in_the_reference(tmp_path: Path, seed: int, entity: str) -> None:
    """Several shards, five loads; after one load no day is committed, so that the next day stands two loads on."""
    extracts = stirred(RandomBook(seed, so_many(240, 120), FIRST, 5), Random(seed))
    shelf, reference = Shelf(tmp_path, EntityType(entity), loans_a_shard=so_many(60, 40)), Reference(entity)
    moved = 0
    for place, (as_of, extract) in enumerate(extracts):
        shelf.accept(as_of, extract)
        reference.accept(as_of, extract)
        if place == 2:
            continue
        for day in (as_of, as_of + timedelta(1)):
            moved += bool(reference._brought_along(day) != reference._committed)
            assert apart(by_loan(shelf, shelf.stand(day, commit=True)), reference.stand(day)) == {}
            reference.commit(day)
    assert moved >= 3  # else nothing that this test is about happened


def schedule(loan: str, paid: int) -> dict[str, list[dict[str, Any]]]:
    """A loan of six instalments of 100 rupees, from January 2025, the first of them paid."""
    due = [date(2025, month, 5) for month in range(1, 7)]
    rows = [{"loan_id": loan, "number": n, "due_on": d, "principal_due": "100"} for n, d in enumerate(due, 1)]
    receipts = [{"repayment_id": f"{loan}-{n}", "loan_id": loan, "paid_on": due[n], "amount": "100"} for n in range(paid)]
    return {"instalment": rows, "repayment": receipts}


def extract_of(person: str, more: list[dict[str, Any]]) -> Extract:
    """One loan of the person; more receipts."""
    terms = schedule("L1", 0)
    loan = {
        "loan_id": "L1",
        "borrower_id": person,
        "product": "jlg",
        "branch_id": "B1",
        "disbursed_on": date(2024, 12, 5),
        "principal": "600",
    }
    return {"borrower": [{"borrower_id": person}], "loan": [loan], "instalment": terms["instalment"], "repayment": more}  # type: ignore[dict-item]


def test_a_new_borrower_id_is_no_way_out_of_npa(tmp_path: Path) -> None:
    """120 days late, then all but the last instalment paid under another id: still NPA since the same day; upgraded when all is paid."""
    shelf = Shelf(tmp_path, EntityType.NBFC_ML)
    shelf.accept(date(2025, 5, 5), extract_of("P1", []))
    before = by_loan(shelf, shelf.stand(date(2025, 5, 5), commit=True))["L1"]
    assert before["npa_on"] == date(2025, 4, 5)
    part = [{"repayment_id": "R1", "loan_id": "L1", "paid_on": date(2025, 5, 6), "amount": "400"}]
    shelf.accept(date(2025, 5, 6), extract_of("P2", part))
    after = by_loan(shelf, shelf.stand(date(2025, 5, 6), commit=True))["L1"]
    assert (after["borrower_id"], after["dpd"], after["asset_class"], after["npa_on"]) == ("P2", 2, "sub_standard", date(2025, 4, 5))
    whole = [*part, {"repayment_id": "R2", "loan_id": "L1", "paid_on": date(2025, 5, 7), "amount": "100"}]
    shelf.accept(date(2025, 5, 7), extract_of("P2", whole))
    cleared = by_loan(shelf, shelf.stand(date(2025, 5, 7), commit=True))["L1"]
    assert (cleared["npa_on"], cleared["upgraded_on"]) == (None, date(2025, 5, 7))
