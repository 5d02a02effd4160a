"""A book that grows: its deltas lie beside the base until its shards are more than a little too large, then all is written whole."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from sulah.adapters.book.layers import shards_of
from sulah.adapters.book.layout import Lender
from sulah.daycycle.run import run_day
from sulah.records.load import Load
from tests.delta.lender import Extract, write_delta, write_full
from tests.delta.routes import CLOCK, TABLES_OF_A_LOAD, Apart, accepted, bytes_of, new_lender, rows_of

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 31)
DATES = [FIRST + timedelta(place) for place in range(4)]
GROWN = (40, 43, 44, 46)
"""Loans of each date, in shards of 20: two shards, and a tenth more than they should hold is 44."""


def extract_of(loans: int, hands: int) -> Extract:
    """So many loans of as many people; the first loans change hands, `hands` of them, and each has paid once more each date."""
    made: Extract = {"borrower": [], "loan": [], "instalment": [], "repayment": []}
    for place in range(loans):
        loan, person = f"L{place:03d}", f"B{place:03d}"
        owner = f"B{39 - place:03d}" if place < hands else person
        made["borrower"].append({"borrower_id": person, "name": f"Simulated {person}", "phone": f"98{place:08d}"})
        made["loan"].append({"loan_id": loan, "borrower_id": owner, "product": "JLG", "disbursed_on": "2026-01-01", "principal": "300"})
        for number in (1, 2, 3):
            row = {"loan_id": loan, "number": str(number), "due_on": f"2026-0{number + 1}-01", "principal_due": "100"}
            made["instalment"].append(row)
        if place % 7 == 0:
            made["repayment"].append({"repayment_id": f"R{place:03d}", "loan_id": loan, "paid_on": "2026-02-01", "amount": "100"})
    return made


EXTRACTS = [extract_of(loans, hands) for loans, hands in zip(GROWN, (0, 3, 3, 3), strict=True)]


def files_between(before: Extract, after: Extract) -> dict[str, dict[str, list[dict[str, str]]]]:
    """New rows appended, changed loans as changes."""
    old = {row["loan_id"]: row for row in before["loan"]}
    changed = [row for row in after["loan"] if row["loan_id"] in old and row != old[row["loan_id"]]]
    new = {f"{table}_new": {"append": [row for row in after[table] if row not in before[table]]} for table in after if table != "loan"}
    new["loan_new"] = {"append": [row for row in after["loan"] if row["loan_id"] not in old]}
    return {name: modes for name, modes in {**new, "loan_moved": {"changes": changed}}.items() if next(iter(modes.values()))}


def by_full(place: Lender) -> list[Load]:
    """Every date as a full extract."""
    return [accepted(place, write_full(place.inbox / f"{as_of}", rows), as_of) for as_of, rows in zip(DATES, EXTRACTS, strict=True)]


def by_delta(place: Lender) -> list[Load]:
    """The first date in full, then what changed."""
    loads = [accepted(place, write_full(place.inbox / f"{FIRST}", EXTRACTS[0]), FIRST)]
    for number, as_of in enumerate(DATES[1:]):
        files = files_between(EXTRACTS[number], EXTRACTS[number + 1])
        loads.append(accepted(place, write_delta(place.inbox / f"{as_of}", as_of, files), as_of))
        run_day(place, as_of, actor="asha", clock=CLOCK, code="test", load=loads[-1])
    return loads


def test_a_delta_lies_beside_its_base_until_the_shards_are_a_tenth_too_large(tmp_path: Path) -> None:
    full = new_lender(tmp_path / "full", loans_a_shard=20)
    with Apart():
        whole = [(full.book / load.path, load.report["accepted"], load.report["overdue_paise"]) for load in by_full(full)]
    other = new_lender(tmp_path / "delta", full.keys / "personal.key", compact_share_bps=10_000, loans_a_shard=20)
    deltas = by_delta(other)
    assert [load.report["base"] for load in deltas] == ["", "2026-03-31.1", "2026-03-31.1", ""]
    assert [len(shards_of(other.book / load.path)) for load in deltas] == [2, 2, 2, 3]
    assert [len(shards_of(folder)) for folder, *_ in whole] == [2, 3, 3, 3]
    for (folder, *measured), load in zip(whole, deltas, strict=True):
        assert measured == [load.report["accepted"], load.report["overdue_paise"]]
        assert [table for table in TABLES_OF_A_LOAD if rows_of(folder, table) != rows_of(other.book / load.path, table)] == []
    assert bytes_of(whole[3][0]) == bytes_of(other.book / deltas[3].path)
    assert bytes_of(whole[1][0]) != bytes_of(other.book / deltas[1].path)
