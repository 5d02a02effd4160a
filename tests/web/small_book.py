"""A small committed book for the pages, written as the contracts say."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from sulah.adapters.book.durable import sha256_of
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import QUARANTINE, Vault, make_key, quarantine_subject
from sulah.adapters.engines.duck import connect, write_parquet
from sulah.contracts.registry import TABLES
from sulah.intake.load_report import FileTie
from sulah.kernel.dates import FOREVER, add_months
from sulah.policy.load import load_policy
from tests.web.cast import HOSTILE, LAST, NAMES, ROW, Story, class_of, state_and_position
from tests.web.small_measures import measured

DAYS = (date(2026, 3, 30), LAST)
LOAD_ID = "2026-03-30.1"
LOADED_AT = datetime(2026, 3, 31, 1, 30, tzinfo=UTC)
TIES = tuple(
    FileTie(
        table, f"{table}.csv", "2" * 64, rows, rows - refused, refused, 0, 2_00_000_00, 2_00_000_00 - refused * 12_300, refused * 12_300
    )
    for table, rows, refused in (("loan", 161, 1), ("repayment", 1500, 2))
)
"""What came in each file of the one load."""
OF_FILE = ("table", "name", "sha256", "rows", "loaded", "quarantined", "paise", "paise_loaded", "paise_quarantined")
"""What the row of a file in the records keeps of its tie-out."""


def write_rows(path: Path, table: str, rows: Iterable[ROW]) -> int:
    """Write rows of a contract table as Parquet; columns that a row lacks are empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect()
    ddl = TABLES[table].ddl() if table in TABLES else f"CREATE TABLE {table} (borrower_id VARCHAR, sealed VARCHAR)"
    names = TABLES[table].names if table in TABLES else ("borrower_id", "sealed")
    connection.execute(ddl)
    found = list(rows)
    if found:
        given = pa.table({name: pa.array([row.get(name) for row in found]) for name in names})
        connection.register("given", given)
        connection.execute(f"INSERT INTO {table} SELECT {', '.join(names)} FROM given")
    count = write_parquet(connection, f"SELECT {', '.join(names)} FROM {table}", path)
    connection.close()
    return count


def make_lender(root: Path) -> Lender:
    """A lender's folder with its key, simulated."""
    root.mkdir(parents=True, exist_ok=True)
    text = '[lender]\nname = "Sahyadri Demo Microfinance"\nentity_type = "nbfc_mfi"\nsimulated = true\n'
    (root / "lender.toml").write_text(text, "utf-8")
    make_key(root / "keys" / "personal.key")
    return open_lender(root)


def write_load(lender: Lender, told: list[Story]) -> None:
    """The files of the one load."""
    folder, vault = lender.loads / LOAD_ID, Vault(lender)
    write_rows(folder / "account" / "0000.parquet", "account", _accounts(told))
    write_rows(folder / "due" / "0000.parquet", "due", _dues(told))
    write_rows(folder / "receipt" / "0000.parquet", "receipt", _receipts(told))
    write_rows(folder / "relief_window" / "0000.parquet", "relief_window", [])
    write_rows(folder / "accepted" / "bounce.parquet", "bounce", bounces_of(told))
    write_rows(folder / "borrower_private.parquet", "borrower_private", _private(told, vault))
    write_rows(folder / "quarantine.parquet", "quarantine", _refused(vault))


def bounces_of(told: list[Story]) -> list[ROW]:
    """A debit that came back for every twentieth loan: for want of money, or because the account is closed."""
    presented_on = date(2026, 3, 20)
    return [
        {
            "bounce_id": f"BN{s.key:04d}",
            "loan_id": s.loan_id,
            "presented_on": presented_on,
            "amount_paise": s.principal,
            "reason_code": "04" if s.key % 40 else "01",
        }
        for s in told
        if s.key % 20 == 0
    ]


def _accounts(told: list[Story]) -> list[ROW]:
    return [
        {
            "loan_key": s.key,
            "borrower_key": s.borrower,
            "loan_id": s.loan_id,
            "borrower_id": s.borrower_id,
            "product": s.product,
            "branch_id": s.branch,
            "officer_id": f"FO-{s.branch[3:6]}-{s.key % 2 + 1}",
            "pincode": f"42200{s.key % 4}",
            "frequency": "monthly",
            "disbursed_on": add_months(s.first_due, -1),
            "principal_paise": 12 * s.principal,
            "secured": False,
            "split_imputed": False,
            "status": "written_off" if s.written_off_on else "active",
            "written_off_on": s.written_off_on,
            "schedule_unreliable": False,
            "lms_dpd": s.lms_dpd,
            "lms_dpd_count": "elapsed",
            "lms_class": None,
            "bucket_key": s.key,
        }
        for s in told
    ]


def _dues(told: list[Story]) -> list[ROW]:
    dues: list[ROW] = []
    for s in told:
        for number, on, principal, interest in s.dues():
            total = {"cum_due_paise": number * (principal + interest), "cum_principal_paise": number * principal}
            heads = {"principal_paise": principal, "interest_paise": interest, "charge_paise": 0, "cum_interest_paise": number * interest}
            span = {"in_force_from": add_months(s.first_due, -1), "in_force_to": FOREVER}
            dues.append({"loan_key": s.key, "number": number, "due_on": on, **span, **heads, **total})
    return dues


def _receipts(told: list[Story]) -> list[ROW]:
    return [
        {
            "loan_key": s.key,
            "effective_on": on,
            "void_on": FOREVER,
            "amount_paise": paise,
            "paid_on": on,
            "known_on": on,
            "repayment_id": f"R{s.key}-{place}",
            "entry": "receipt",
            "mode": "cash",
            "officer_id": "FO-1",
        }
        for s in told
        for place, (on, paise) in enumerate(s.paid)
    ]


def _private(told: list[Story], vault: Vault) -> list[ROW]:
    private: list[ROW] = []
    for borrower in sorted({s.borrower for s in told}):
        name = HOSTILE if borrower == 2 else NAMES[borrower % len(NAMES)]
        personal = {"name": name, "phone": f"98200{borrower:05d}"}
        private.append(
            {"borrower_id": f"B-{borrower:04d}", "sealed": vault.seal_about(f"B-{borrower:04d}", f"B-{borrower:04d}", json.dumps(personal))}
        )
    return private


def _refused(vault: Vault) -> list[ROW]:
    refused: list[ROW] = []
    for row, (name, field_name, code, words) in enumerate(REFUSED, start=7):
        file = f"{name}.csv"
        subject, given = quarantine_subject(name, file, row), json.dumps({"loan_id": "LN/1", "phone": "9820099999"})
        sealed = vault.seal_until(QUARANTINE, date(2026, 3, 31), subject, given)
        place = {"table_name": name, "file": file, "row": row, "field": field_name, "code": code, "severity": "row"}
        refused.append({**place, "words": words, "record_key": f"K{row}", "amount_paise": 12_300, "sealed": sealed})
    return refused


REFUSED = (
    ("repayment", "amount_paise", "amount_unreadable", "The amount cannot be read. Write plain rupees, such as 1250.50."),
    ("repayment", "loan_id", "orphan_loan", "No loan of this number is in the extract. Send the loan, or correct the number."),
    ("loan", "product", "required_missing", "The product is empty. Fill it in the loan system and send the row again."),
)


def write_day(lender: Lender, told: list[Story], as_of: date) -> tuple[str, dict[str, list[ROW]], list[ROW]]:
    """The files of one day: its path under the book, the ledger's table of files, and the worklist rows."""
    path = f"days/{as_of.isoformat()}.run1"
    both = {s.key: state_and_position(s, as_of) for s in told}
    worst: dict[int, ROW] = {}
    for s in told:
        position = both[s.key][1]
        if s.borrower not in worst or position["dpd"] > worst[s.borrower]["dpd"]:
            worst[s.borrower] = position
    classes = [class_of(s, both[s.key][1], worst[s.borrower]) for s in told]
    tables: dict[str, list[ROW]] = {
        "state": [both[s.key][0] for s in told],
        "position": [both[s.key][1] for s in told],
        "classification": classes,
        "book_day": _book_day(told, both, classes, as_of),
        "difference": _differences(told, both, as_of),
        "payment_match": payments_of(told, as_of),
        "provisioning": [],
        "provision_book": _provision(as_of, both),
    }
    worklist = _worklist(told, both, worst, as_of)
    tables["worklist"] = [{**row, "as_of": as_of} for row in worklist]
    # The first day was run before measures were made, but for its alerts, which one test takes into its ledger.
    of_measures = measured(told, as_of)
    tables |= of_measures if as_of == LAST else {"roll_alert": of_measures["roll_alert"]}
    listed: dict[str, list[ROW]] = {}
    for table, rows in tables.items():
        file = f"{table}/0000.parquet"
        count = write_rows(lender.book / path / file, table, rows)
        listed[table] = [{"file": file, "sha256": sha256_of(lender.book / path / file), "rows": count}]
    return path, listed, worklist


def _book_day(told: list[Story], both: dict[int, tuple[ROW, ROW]], classes: list[ROW], as_of: date) -> list[ROW]:
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for s, kind in zip(told, classes, strict=True):
        p = both[s.key][1]
        got = sums[(s.branch, s.product, kind["bucket"], kind["sma"], kind["asset_class"], s.written_off_on is not None)]
        for place, paise in enumerate((1, p["outstanding_principal_paise"], p["overdue_paise"], p["advance_paise"])):
            got[place] += paise
    names = ("branch_id", "product", "bucket", "sma", "asset_class", "written_off")
    measures = ("loans", "outstanding_principal_paise", "overdue_paise", "advance_paise")
    return [{"as_of": as_of, **dict(zip(names, key, strict=True)), **dict(zip(measures, got, strict=True))} for key, got in sums.items()]


def _differences(told: list[Story], both: dict[int, tuple[ROW, ROW]], as_of: date) -> list[ROW]:
    rows: list[ROW] = []
    for s in told:
        p = both[s.key][1]
        if s.lms_dpd is not None and s.lms_dpd != p["dpd_elapsed"]:
            place = {
                "loan_id": s.loan_id,
                "borrower_id": s.borrower_id,
                "branch_id": s.branch,
                "pincode": f"42200{s.key % 4}",
                "as_of": as_of,
            }
            apart = {"days_apart": p["dpd_elapsed"] - s.lms_dpd, "cause": "late_posting" if s.key % 2 else "day_count"}
            figures = {"field": "dpd", "ours": str(p["dpd_elapsed"]), "theirs": str(s.lms_dpd), "overdue_paise": p["overdue_paise"]}
            rows.append({**place, **figures, **apart})
    return rows


def payments_of(told: list[Story], as_of: date) -> list[ROW]:
    """What a gateway told of every other loan: posted, posted with another amount, or not at all; and one for a loan that nobody knows."""
    rows: list[ROW] = []
    for place_in_list, s in enumerate(told[::2]):
        outcome = ("matched", "matched", "amount_differs", "orphan")[place_in_list % 4]
        posting = {"repayment_id": f"R{s.key}", "posted_on": as_of, "posted_paise": 50_000 if outcome == "matched" else 40_000}
        place = {"loan_id": s.loan_id, "branch_id": s.branch, "pincode": f"42200{s.key % 4}", "outcome": outcome}
        told_of = {"source": "gateway", "reference": f"G{s.key:05d}", "paid_on": as_of, "amount_paise": 50_000}
        rows.append({**told_of, **place, **(posting if outcome != "orphan" else {})})
    nobody = {"source": "field", "reference": "F1", "loan_id": "LN/NOBODY", "paid_on": as_of, "amount_paise": 12_345, "outcome": "orphan"}
    return sorted([*rows, nobody], key=lambda row: (row["source"], row["reference"], row["loan_id"]))


def _provision(as_of: date, both: dict[int, tuple[ROW, ROW]]) -> list[ROW]:
    base = sum(p["outstanding_principal_paise"] for _, p in both.values())
    legs = (("portfolio", base, base // 100, True, "PRV-MFI-PORTFOLIO"), ("instalments_180", 900_000, 900_000, False, "PRV-MFI-180"))
    rows = [
        {"leg": leg, "base_paise": on, "provision_paise": paise, "counted": counted, "rule_id": rule}
        for leg, on, paise, counted, rule in legs
    ]
    return [
        {"as_of": as_of, **row} for row in (*rows, {"leg": "total", "base_paise": base, "provision_paise": base // 100, "counted": True})
    ]


def _worklist(told: list[Story], both: dict[int, tuple[ROW, ROW]], worst: dict[int, ROW], as_of: date) -> list[ROW]:
    ranks: dict[str, int] = defaultdict(int)
    of_loan = {s.loan_id: s for s in told}
    rows: list[ROW] = []
    for lead in sorted((p for p in worst.values() if p["dpd"]), key=lambda p: -p["dpd"]):
        s, dpd = of_loan[lead["loan_id"]], lead["dpd"]
        ranks[s.branch] += 1
        stage, treatment, channel, by, rule = (
            ("npa", "npa_recovery_plan", "visit", "field", "STG-NPA")
            if dpd > 90
            else ("46-60", "agent_call_restructuring_talk", "call", "agent", "STG-46-60")
            if dpd > 30
            else ("1-30", "centre_meeting_reminder", "centre_meeting", "field", "STG-JLG-1-30")
        )
        place = {
            "borrower_id": s.borrower_id,
            "rank": ranks[s.branch],
            "work_order": f"0{as_of - timedelta(dpd - 1):%Y%m%d}{9999999999999 - lead['overdue_paise']:013}",
            "overdue_since": as_of - timedelta(dpd - 1),
            "branch_id": s.branch,
            "officer_id": f"FO-{s.branch[3:6]}-{s.key % 2 + 1}",
        }
        facts = {"product": s.product, "lead_loan_id": s.loan_id, "loans_overdue": 1, "dpd": dpd, "overdue_paise": lead["overdue_paise"]}
        plan = {"stage": stage, "treatment": treatment, "channel": channel, "worked_by": by, "rule_id": rule}
        rows.append({**place, **facts, **plan, "opened_on": as_of, "changed_on": as_of})
    return rows


def recorded_policy() -> ROW:
    """The policy as a run records it."""
    found: ROW = json.loads(load_policy().to_json())
    return found
