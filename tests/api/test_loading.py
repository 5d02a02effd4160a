"""What was accepted counts from the next load, through the ordinary delta; a batch can be asked what became of its records."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sulah.contracts.resources import RESOURCES
from tests.api.machine import ALL_WRITES, LOADED, NEXT, Api, Served, new_lender, payment, token
from tests.delta.lender import write_delta
from tests.intake.extract import good, write
from tests.real.command import done, sulah

pytestmark = pytest.mark.slow
LOAN = {"loan_id": "L3", "borrower_id": "B3", "product": "JLG", "disbursed_on": "2026-03-15", "principal": "6000"}
DUES = [{"loan_id": "L3", "number": n, "due_on": f"2026-0{3 + n}-15", "principal_due": "3000", "interest_due": "25.50"} for n in (1, 2)]
PERSON = {"borrower_id": "B3", "name": "Meena Kumari", "phone": "9000000003", "pincode": "560003"}
NOT_HELD = "\n[load]\nquarantine_percent = 100\noverdue_move_bps = 1000000\ndpd_difference_bps = 10000\nrows_fall_bps = 10000\n"


def day_bytes(lender: Path) -> dict[str, bytes]:
    """Every table of the days, by its path."""
    return {path.relative_to(lender).as_posix(): path.read_bytes() for path in sorted((lender / "book" / "days").rglob("*.parquet"))}


def freed(lender: Path) -> Path:
    """The lender with thresholds under which nothing is held."""
    settings = lender / "lender.toml"
    settings.write_text(settings.read_text("utf-8").replace("\n[load]\n", NOT_HELD), "utf-8")
    return lender


def test_records_through_the_api_give_the_day_tables_of_the_same_records_in_a_delta_file(tmp_path: Path) -> None:
    """Byte for byte: new loan, its person and schedule, two payments, one of them changed, and a row taken away."""
    ours, theirs = (freed(new_lender(tmp_path / name / "lender")) for name in ("api", "files"))
    served = Served(ours)
    api = Api(served.port, token(ours, "lms", *(f"{name}:write" for name in ALL_WRITES)))
    first = [{**payment(1), "amount": "1"}, payment(2), {"repayment_id": "R2", "deleted": True}]
    calls: list[tuple[str, list[dict[str, Any]]]] = [
        ("payments", first),
        ("accounts", [LOAN]),
        ("schedules", [{**row, "number": row["number"]} for row in DUES]),
        ("borrowers", [PERSON]),
        ("payments", [payment(1)]),
    ]
    for place, (resource, records) in enumerate(calls):
        assert api.post(resource, records, f"call-{place}").status == 200
    served.stop()
    files = {
        "repayment_1": {"changes": [payment(1), payment(2), {"repayment_id": "R2", "deleted": "yes"}]},
        "loan_1": {"changes": [LOAN]},
        "instalment_1": {"changes": DUES},
        "borrower_1": {"changes": [PERSON]},
    }
    as_text = {name: {m: [{k: str(v) for k, v in row.items()} for row in rows] for m, rows in one.items()} for name, one in files.items()}
    assert done("load", "--from-api", "--as-of", NEXT, "--lender", ours)["state"] == "accepted"
    assert done("load", write_delta(tmp_path / "delta", date.fromisoformat(NEXT), as_text), "--as-of", NEXT, "--lender", theirs)["done"]
    for lender in (ours, theirs):
        done("day", "--as-of", NEXT, "--lender", lender)
    assert day_bytes(ours) == day_bytes(theirs)
    assert len(day_bytes(ours)) > 20
    assert list((ours / "book" / "received").glob("laid-*")) == []


def test_a_batch_says_what_became_of_each_record_and_its_counts_tie_out(tmp_path: Path) -> None:
    lender = freed(new_lender(tmp_path / "lender"))
    served = Served(lender)
    api = Api(served.port, token(lender, "lms", "payments:write"))
    other = Api(served.port, token(lender, "other", "payments:write"))
    early = api.post("payments", [payment(1), payment(2, loan_id="NOBODY"), payment(3)], "early").told
    late = api.post("payments", [payment(3, amount="7")], "late").told
    report = done("load", "--from-api", "--as-of", NEXT, "--lender", lender)
    assert (report["rows"], report["ties"], report["delta"]) == (4, True, True)
    told = api.get(f"batches/{early['batch']}").told
    assert (told["state"], told["load"], told["loaded"], told["quarantined"], told["overtaken"]) == ("loaded", f"{NEXT}.1", 1, 1, 1)
    assert told["accepted"] == told["loaded"] + told["quarantined"] + told["overtaken"]
    assert [record["status"] for record in told["records"]] == ["loaded", "quarantined", "overtaken"]
    assert told["records"][1]["code"] == "orphan_loan"
    assert told["records"][2]["by"] == late["batch"]
    assert api.get(f"batches/{late['batch']}").told["loaded"] == 1
    assert other.get(f"batches/{late['batch']}").status == 404
    again = sulah("load", "--from-api", "--as-of", NEXT, "--lender", lender)
    assert (again.code, "nothing to do" in again.words) == (0, True)
    served.stop()


def test_a_date_that_a_whole_extract_spoke_for_takes_no_more_records_and_what_came_later_waits(tmp_path: Path) -> None:
    lender = freed(new_lender(tmp_path / "lender"))
    served = Served(lender)
    api = Api(served.port, token(lender, "lms", "payments:write"))
    closed = api.post("payments", [payment(1, paid_on=LOADED)], "closed", as_of=LOADED)
    assert (closed.status, closed.told["code"]) == (409, "day_closed")
    future = api.post("payments", [payment(1)], "future", as_of="2062-04-01")
    assert (future.status, future.told["code"]) == (409, "day_closed")
    assert api.post("payments", [payment(1)], "closed").status == 200, "a refused call is not remembered under its key"
    none = sulah("load", "--from-api", "--as-of", LOADED, "--lender", lender)
    assert (none.code, "was loaded from files" in none.words) == (1, True)
    assert done("load", "--from-api", "--as-of", NEXT, "--lender", lender)["state"] == "accepted"
    late = api.post("payments", [payment(2)], "late").told
    assert api.get(f"batches/{late['batch']}").told["state"] == "received"
    done("load", "--from-api", "--as-of", "2026-04-02", "--lender", lender)
    assert api.get(f"batches/{late['batch']}").told["load"] == "2026-04-02.1"
    served.stop()


def test_rows_refused_before_keep_their_mapping_and_records_of_the_api_are_read_as_the_contract_says(tmp_path: Path) -> None:
    """Files in paise: an orphan of the first load and one of the API get their loan later; no rupee is off by a hundred."""
    lender = tmp_path / "lender"
    done("init", lender, "--entity", "nbfc_mfi")
    (freed(lender) / "mappings" / "daily.toml").write_text(
        '[repayment]\nfiles = ["repayment.csv"]\nunits = { amount = "paise" }\n', "utf-8"
    )
    tables = good()
    tables["repayment"].append({**tables["repayment"][0], "repayment_id": "R3", "loan_id": "L3", "amount": "5000", "paid_on": "2026-03-20"})
    tables["repayment"] = [row for row in tables["repayment"] if row["repayment_id"] == "R3"]
    assert done("load", write(tmp_path / "first", tables), "--as-of", LOADED, "--mapping", "daily", "--lender", lender)["quarantined"] == 1
    served = Served(lender)
    api = Api(served.port, token(lender, "lms", *(f"{name}:write" for name in ALL_WRITES), "payments:read"))
    api.post("payments", [payment(1, loan_id="L3", amount="70", paid_on="2026-03-21")], "early")
    assert done("load", "--from-api", "--as-of", NEXT, "--lender", lender)["quarantined"] == 1
    last = "2026-04-02"
    for resource, records in (("borrowers", [PERSON]), ("accounts", [LOAN]), ("schedules", DUES)):
        assert api.post(resource, records, resource, as_of=last).status == 200
    assert done("load", "--from-api", "--as-of", last, "--lender", lender)["mapping"] == "daily"
    done("day", "--as-of", last, "--lender", lender)
    found = api.get("payments?loan_id=L3").told
    served.stop()
    assert [(row["repayment_id"], row["amount_paise"]) for row in found["payments"]] == [("R3", 50_00), ("P1", 70_00)]


def test_every_table_of_the_extract_has_a_name_in_the_api() -> None:
    from sulah.contracts.registry import EXTRACT

    assert sorted(RESOURCES.values()) == sorted(EXTRACT)
