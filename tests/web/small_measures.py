"""The measures of the small book's last day: each loan beside the last of February in plain Python, cells by the day's statements."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from sulah.adapters.engines.duck import connect
from sulah.contracts.registry import TABLES
from sulah.daycycle.steps import STEPS
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy
from tests.web.cast import ROW, Story, bucket_of, state_and_position

OPENED = date(2026, 2, 28)
BEFORE = date(2026, 3, 30)
STATES = ("Maharashtra", "TAMIL NADU", None, None)
"""Given by the lender, by the last digit of the PIN code; the third is known from the directory, the fourth is not."""
DIRECTORY = [{"pincode": "422000", "district": "Nashik"}, {"pincode": "422001", "district": "Salem"}]
DIRECTORY += [{"pincode": "422002", "district": "Nashik", "state": "Maharashtra"}]
CHANNELS = ("branch", "dsa", None)
CELLS = ("roll_cell", "roll_move", "measure_day")
ALERTED = ("branch", "BR-GAYA", "BR-GAYA", "1-30")
"""Dimension, member, branch and bucket of the alert that stands on both days; a second stands on the last day only."""


def place_of(story: Story, position: ROW, as_of: date) -> str:
    """Where a loan stands: its bucket, or written off."""
    return "written_off" if story.written_off_on and story.written_off_on <= as_of else bucket_of(position["dpd"])


def loan_day(story: Story, as_of: date) -> ROW:
    """A loan beside the opening of its month and the day before: oldest first, arrears of the opening before dues of the month."""
    now, then, before = (state_and_position(story, day)[1] for day in (as_of, OPENED, BEFORE))
    dues = [(on, principal + interest) for _, on, principal, interest in story.dues()]
    due_then = sum(paise for on, paise in dues if on <= OPENED)
    month_due = sum(paise for on, paise in dues if OPENED < on <= as_of)
    opened = {"place": place_of(story, then, OPENED), "principal_paise": then["outstanding_principal_paise"]}
    opened |= {"overdue_paise": then["overdue_paise"], "paid_paise": then["paid_paise"], "advance_paise": then["advance_paise"]}
    opened |= {"provision_paise": then["outstanding_principal_paise"] // 100, "provision_aged_paise": 0}
    return {
        "loan_key": story.key,
        "loan_id": story.loan_id,
        "product": story.product,
        "branch_id": story.branch,
        "officer_id": f"FO-{story.branch[3:6]}-{story.key % 2 + 1}",
        "pincode": f"42200{story.key % 4}",
        "state": STATES[story.key % 4],
        "acquisition_channel": CHANNELS[story.key % 3],
        "vintage": 202504,
        "ticket_band": "small" if story.principal < 400_000 else "large",
        "place": place_of(story, now, as_of),
        "dpd": now["dpd"],
        "npa": now["dpd"] > 90 and not story.written_off_on,
        "principal_paise": now["outstanding_principal_paise"],
        "overdue_paise": now["overdue_paise"],
        "paid_paise": now["paid_paise"],
        "advance_paise": now["advance_paise"],
        "provision_paise": now["outstanding_principal_paise"] // 100,
        "provision_aged_paise": 0,
        "before_on": BEFORE,
        "before_place": place_of(story, before, BEFORE),
        "before_principal_paise": before["outstanding_principal_paise"],
        "before_provision_paise": 0,
        "before_provision_aged_paise": 0,
        "open_on": OPENED,
        **{f"open_{name}": value for name, value in opened.items()},
        "month_due_paise": month_due,
        "applied_arrears_paise": min(now["paid_paise"], due_then) - min(then["paid_paise"], due_then),
        "applied_due_paise": min(month_due, max(0, now["paid_paise"] - due_then)),
        "from_advance_paise": min(month_due, then["advance_paise"]),
        "ahead_paise": max(0, now["paid_paise"] - due_then - month_due),
    }


def measured(told: Sequence[Story], as_of: date) -> dict[str, list[ROW]]:
    """The rows of every table of measures of a day."""
    tables = {"loan_day": [loan_day(story, as_of) for story in told], "pin_directory": DIRECTORY}
    connection = connect()
    for name, rows in tables.items():
        connection.execute(TABLES[name].ddl())
        given = pa.table({column: pa.array([row.get(column) for row in rows]) for column in TABLES[name].names})
        connection.register("given", given)
        connection.execute(f"INSERT INTO {name} SELECT {', '.join(TABLES[name].names)} FROM given")
    connection.register("policy_bucket", load_policy().for_entity(EntityType.NBFC_MFI).arrow("bucket"))
    for step in STEPS:
        if step.table in CELLS:
            text = step.text()
            asked = {"as_of": as_of} if "$as_of" in text else {}
            connection.execute(f"CREATE TABLE {step.table} AS {text}", asked)
            found = connection.execute(f"SELECT {', '.join(TABLES[step.table].names)} FROM {step.table}")
            tables[step.table] = [dict(zip(TABLES[step.table].names, row, strict=True)) for row in found.fetchall()]
    connection.close()
    del tables["pin_directory"]
    return {**tables, **_told(told, as_of)}


def _told(told: Sequence[Story], as_of: date) -> dict[str, list[ROW]]:
    """Small tables written by hand: alerts, vintages, cohorts and ledger totals."""
    alert = {"as_of": as_of, "open_on": OPENED, "side": "above", "open_loans": 60, "open_principal_paise": 1_000_000, "forward_loans": 21}
    alert |= {"forward_paise": 400_000, "forward_from_bps": 0, "forward_to_bps": 3_000, "rule_id": "RBD-1-30"}
    names = ("dimension", "member", "branch_id", "open_place")
    keys = [ALERTED] + ([("officer", "FO-SAL-1", "BR-SALEM", "current"), ("total", "", "", "31-60")] if as_of > BEFORE else [])
    sums = {
        "as_of": as_of,
        "months_on_book": 11,
        "loans": 80,
        "disbursed_paise": 9_000_000,
        "principal_paise": 4_000_000,
        "par_30_loans": 8,
    }
    sums |= {"par_30_paise": 500_000, "par_90_loans": 4, "par_90_paise": 300_000, "ever_30_loans": 20, "ever_30_paise": 900_000}
    sums |= {"ever_90_loans": 6, "ever_90_paise": 500_000, "written_off_loans": 1, "written_off_paise": 90_000}
    cohort = {
        "as_of": as_of,
        "mark": "par_30",
        "entered_in": "2026-03",
        "dimension": "branch",
        "loans": 5,
        "entry_principal_paise": 800_000,
    }
    cohort |= {"entry_overdue_paise": 200_000, "collected_paise": 50_000, "principal_paise": 760_000, "current_loans": 1, "closed_loans": 0}
    branches = sorted({story.branch for story in told})
    ledger = {"as_of": as_of, "measure": "principal", "ledger_paise": 100, "ours_paise": 130, "difference_paise": 30, "agrees": False}
    return {
        "roll_alert": [{**alert, **dict(zip(names, key, strict=True))} for key in keys],
        "vintage_day": [{**sums, "vintage": "2025-04", "product": product} for product in ("PERSONAL", "MSME")],
        "cohort_day": [
            {**cohort, "seen_late": late, "member": one, "branch_id": one, "written_off_loans": 0}
            for one in branches
            for late in (False, True)
        ],
        "ledger_match": [
            {**ledger, "product": "", "branch_id": ""},
            {**ledger, "product": "", "branch_id": "BR-GAYA", "difference_paise": 7},
        ],
    }
