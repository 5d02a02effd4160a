"""The rows that come with Sulah: complete, cited, each with an example that is true."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from sulah.kernel.dates import FOREVER
from sulah.kernel.terms import AssetClass, EntityType
from sulah.policy.check import check_policy
from sulah.policy.columns import LEGS, SHEETS, sheets
from sulah.policy.load import load_contact_policy, load_policy
from sulah.policy.pages import pages, write_pages
from sulah.policy.rows import Row
from sulah.policy.worked import answer, answers, question_of, work

POLICY = load_policy()
CONTACT = load_contact_policy()
ROWS = [row for rows in POLICY.tables.values() for row in rows]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "policy"

RBI_VECTORS = [  # rules.md 3: due date, then the day-ends of SMA-0, SMA-1, SMA-2 and NPA
    ("2021-03-31", ("2021-03-31", "2021-04-30", "2021-05-30", "2021-06-29")),
    ("2021-12-01", ("2021-12-01", "2021-12-31", "2022-01-30", "2022-03-01")),
]

GLIDE_PATH = [  # first day in force, the most days past due before NPA
    (date(1990, 1, 1), 180),
    (date(2024, 3, 31), 150),
    (date(2025, 3, 31), 120),
    (date(2026, 3, 31), 90),
]


def npa_from(entity: EntityType, on: date) -> int:
    """First day past due that is NPA for the entity on the day-end."""
    return next(int(str(row["dpd_from"])) for row in POLICY.for_entity(entity).in_force("asset_limit", on) if row["class"] == "npa")


def rate(entity: EntityType, asset_class: str, leg: str, segment: str = "*") -> int:
    """The provision rate in force in August 2026."""
    rows = [row for row in POLICY.for_entity(entity).tables["provision"] if row.in_force(date(2026, 8, 31))]
    return int(str(answer(rows, {"asset_class": asset_class, "leg": leg, "segment": segment}).values["rate_bps"]))


def test_the_shipped_policy_has_no_finding_at_all() -> None:
    """Not even a note: nothing departs from itself."""
    assert check_policy(POLICY) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule_id)
def test_the_example_of_every_row_is_answered_by_that_row_and_comes_true(row: Row) -> None:
    """Asked of all rows in force together, for every kind of lender that the row binds."""
    question = question_of(row.table, row.example["given"])
    for entity in row.entities():
        rows = POLICY.for_entity(EntityType(entity)).tables[row.table]
        assert answer([other for other in rows if other.in_force(row.effective_from)], question) == row
    result = work(row, question)
    assert row.example["expect"].items() <= result.items()
    assert row.example["expect"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule_id)
def test_every_row_cites_its_source_and_says_how_sure_we_are(row: Row) -> None:
    """A law row names an instrument; what was not read again is marked for verification."""
    assert len(row.citation) > 20
    assert row.verify or row.confidence != "C"
    assert row.status in ("law", "policy") or (row.status == "platform" and row.table in ("bounce_reason", "presentation"))
    assert not re.search(r"https?://", row.citation)


@pytest.mark.parametrize(("due_on", "day_ends"), RBI_VECTORS)
def test_the_dates_of_the_day_end_circular_fall_in_its_classes(due_on: str, day_ends: tuple[str, ...]) -> None:
    """On each of the circular's dates the class begins; on the day before it is the class below."""
    rows = POLICY.for_entity(EntityType.BANK).tables["asset_limit"]
    order = ("standard", "sma_0", "sma_1", "sma_2", "npa")
    for place, text in enumerate(day_ends, start=1):
        day = date.fromisoformat(text)
        question = question_of("asset_limit", {"due_on": due_on, "day_end": day.isoformat()})
        eve = question_of("asset_limit", {"due_on": due_on, "day_end": (day - timedelta(days=1)).isoformat()})
        assert answer(rows, question).values["class"] == order[place]
        assert answer(rows, eve).values["class"] == order[place - 1]


@pytest.mark.parametrize(("first_day", "most"), GLIDE_PATH)
def test_the_base_layer_comes_down_its_glide_path_on_the_day_and_not_before(first_day: date, most: int) -> None:
    """The limit on the day before, on the day, and on the day after each switch."""
    before = {first: limit for first, limit in GLIDE_PATH if first < first_day}
    if before:
        assert npa_from(EntityType.NBFC_BL, first_day - timedelta(days=1)) == before[max(before)] + 1
    assert npa_from(EntityType.NBFC_BL, first_day) == most + 1
    assert npa_from(EntityType.NBFC_BL, first_day + timedelta(days=1)) == most + 1


@pytest.mark.parametrize("entity", [item for item in EntityType if item is not EntityType.NBFC_BL])
@pytest.mark.parametrize("on", [date(1990, 1, 1), date(2024, 3, 30), date(2026, 3, 31), FOREVER])
def test_all_other_lenders_are_at_ninety_days_on_every_date(entity: EntityType, on: date) -> None:
    """NPA from day 91, whatever the base layer does."""
    assert npa_from(entity, on) == 91


@pytest.mark.parametrize("entity", [EntityType.BANK, EntityType.SFB])
def test_banks_provide_by_the_iracp_rates(entity: EntityType) -> None:
    """rules.md 4, first row."""
    standard = [rate(entity, "standard", "standard", segment) for segment in ("farm_small_micro", "other", "cre", "cre_rh", "*")]
    assert standard == [25, 40, 100, 75, 40]
    assert [rate(entity, "sub_standard", leg) for leg in ("secured", "unsecured")] == [1500, 2500]
    assert [rate(entity, f"doubtful_{place}", "secured") for place in (1, 2, 3)] == [2500, 4000, 10000]
    assert [rate(entity, f"doubtful_{place}", "unsecured") for place in (1, 2, 3)] == [10000, 10000, 10000]
    assert [rate(entity, "loss", leg) for leg in ("secured", "unsecured")] == [10000, 10000]


@pytest.mark.parametrize(("entity", "standard"), [(EntityType.NBFC_BL, 25), (EntityType.NBFC_ML, 40), (EntityType.NBFC_UL, 40)])
def test_nbfcs_provide_by_the_rates_of_their_layer(entity: EntityType, standard: int) -> None:
    """rules.md 4, second row."""
    assert rate(entity, "standard", "standard") == standard
    assert [rate(entity, "sub_standard", leg) for leg in ("secured", "unsecured")] == [1000, 1000]
    assert [rate(entity, f"doubtful_{place}", "secured") for place in (1, 2, 3)] == [2000, 3000, 5000]
    assert [rate(entity, f"doubtful_{place}", "unsecured") for place in (1, 2, 3)] == [10000, 10000, 10000]
    assert rate(entity, "loss", "secured") == 10000


def test_an_nbfc_mfi_provides_the_two_ways_and_no_other() -> None:
    """1% of the portfolio; 50% and 100% of instalments by age."""
    rows = POLICY.for_entity(EntityType.NBFC_MFI).tables["provision"]
    assert {row.values["leg"]: row.values["rate_bps"] for row in rows} == {
        "portfolio": 100,
        "instalments_91_179": 5000,
        "instalments_180": 10000,
    }
    assert {row.values["method"] for row in rows} == {"nbfc_mfi_two_way"}


def test_every_leg_that_a_class_must_have_is_a_leg_of_the_provision_table() -> None:
    """The list of legs and the list of classes speak the same words."""
    allowed = {column.name: column.one_of for column in SHEETS["provision"].columns}
    assert {leg for legs in LEGS.values() for listed in legs.values() for leg in listed} == set(allowed["leg"])
    assert set(LEGS["by_class"]) == {item.value for item in AssetClass}


LADDER = [
    (1, "PL", 0, "digital_reminder", "system"),
    (30, "PL", 0, "digital_reminder", "system"),
    (31, "PL", 0, "digital_sequence_self_service", "system"),
    (45, "TW", 0, "digital_sequence_self_service", "system"),
    (46, "TW", 0, "agent_call_restructuring_talk", "agent"),
    (60, "JLG-WEEKLY", 0, "agent_call_restructuring_talk", "agent"),
    (61, "PL", 99_999_99, "senior_agent_call", "senior_agent"),
    (61, "PL", 1_00_000_00, "field_visit_high_ticket", "field"),
    (75, "PL", 99_999_99, "senior_agent_call", "senior_agent"),
    (76, "PL", 99_999_99, "settlement_talk_legal_warning_visit", "field"),
    (90, "PL", 1_00_000_00, "settlement_talk_legal_warning_visit", "field"),
    (91, "PL", 0, "settlement_talk_legal_warning_visit", "field"),
    (1, "JLG-WEEKLY", 0, "centre_meeting_reminder", "field"),
    (30, "MFI", 0, "centre_meeting_reminder", "field"),
    (31, "MFI_MONTHLY", 0, "centre_meeting_talk", "field"),
    (45, "JLG", 0, "centre_meeting_talk", "field"),
    (45, "XJLG", 0, "digital_sequence_self_service", "system"),
]


@pytest.mark.parametrize(("dpd", "product", "ticket", "treatment", "worked_by"), LADDER)
def test_the_ladder_gives_each_stage_its_treatment(dpd: int, product: str, ticket: int, treatment: str, worked_by: str) -> None:
    """Both sides of every step, by ticket and by product."""
    row = answer(POLICY.tables["stage"], {"dpd": dpd, "npa": False, "product": product, "ticket_paise": ticket})
    assert (row.values["treatment"], row.values["worked_by"]) == (treatment, worked_by)


@pytest.mark.parametrize("dpd", [0, 1, 45, 90, 91, 2000])
def test_an_npa_person_has_the_recovery_plan_whatever_the_days_past_due(dpd: int) -> None:
    """A part payment lowers dpd and changes nothing of the class."""
    row = answer(POLICY.tables["stage"], {"dpd": dpd, "npa": True, "product": "JLG-W", "ticket_paise": 0})
    assert row.values["treatment"] == "npa_recovery_plan"


def test_nobody_who_is_current_and_not_npa_has_a_treatment() -> None:
    """dpd 0 is left alone."""
    question = {"dpd": 0, "npa": False, "product": "PL", "ticket_paise": 0}
    assert not [row for row in POLICY.tables["stage"] if answers(row, question)]


def test_a_row_that_warns_of_law_says_that_the_legal_room_must_open_the_step() -> None:
    """The plan is no permission."""
    warned = [row for row in POLICY.tables["stage"] if "legal" in str(row.values["treatment"])]
    assert len(warned) == 2
    assert all("legal room must confirm" in row.note for row in warned)


def test_exactly_one_waterfall_is_in_force_and_the_others_are_offers() -> None:
    """Interest, principal, charge by default; the rest binds nobody."""
    for entity in EntityType:
        assert [row["order_name"] for row in POLICY.for_entity(entity).in_force("waterfall", FOREVER)] == ["interest_principal_charge"]
    assert {row.rule_id for row in POLICY.tables["waterfall"] if not row.entities()} == {
        "WTF-PRINCIPAL-INTEREST-CHARGE",
        "WTF-CHARGE-INTEREST-PRINCIPAL",
        "WTF-INTEREST-CHARGE-PRINCIPAL",
    }


BY_HAND = ("intents.md", "linter.md", "texts.md", "weights.md")
"""Pages that no rows write."""


def test_the_pages_of_the_policy_are_those_that_its_rows_write() -> None:
    """To mend: python -m sulah.policy.pages docs/policy"""
    written = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    by_hand = {name: written[name] for name in BY_HAND}
    assert written == pages(POLICY, CONTACT) | by_hand
    assert {f"{table}.md" for table in sheets()} < set(written)


def test_the_pages_are_written_into_a_folder_that_need_not_be_there(tmp_path: Path) -> None:
    """One page a table, and the index."""
    files = write_pages(tmp_path / "docs" / "policy")
    assert {path.name: path.read_text(encoding="utf-8") for path in files} == pages(POLICY, CONTACT)
