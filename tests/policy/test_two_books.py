"""A day's rules and the rules of contact are two books: neither knows a row of the other, and both are a lender's to change."""

import json
from pathlib import Path

import pytest

from sulah.kernel.terms import EntityType
from sulah.policy.check import check_policy, refusals
from sulah.policy.columns import ALL_SHEETS, SHEETS, columns, sheets
from sulah.policy.contact_sheets import CONTACT_SHEETS
from sulah.policy.load import CONTACT, PolicyError, from_json, load_contact_policy, load_policy
from tests.policy.written import OWN_THRESHOLD, override

DAYS_TABLES = (
    *("bucket", "asset_limit", "asset_age", "provision", "waterfall", "restructure", "upgrade", "day_count"),
    *("stage", "bounce_reason", "presentation", "load_threshold", "ticket_band", "roll_band"),
    *("written_off_keeper", "written_off_interest", "written_off_waterfall", "kfs_fee"),
)
"""The tables that a day runs on and records; a table of contact among them would change days that were run."""

STRICTER = """
[[row]]
rule_id = "HRS-MFL"
predicate = "hours"
channels = "call bot_call visit meeting"
purposes = "recovery"
loan_types = "mfl"
first = 36000
last = 61200
when_unknown = "strictest"
severity = "block"
override_by = "nobody"
switched_on = true
version = 2
entity_types = ["*"]
effective_from = 2022-04-01
status = "policy"
citation = "Board policy of 3 Apr 2026, item 4"
confidence = "POLICY"
example.given = { channel = "visit", purpose = "recovery", loan_type = "mfl", at = ["09:59:59", "10:00:00", "16:59:59", "17:00:00"] }
example.expect = { yes = [false, true, true, false] }
"""


def refused(folder: Path, text: str, name: str = "contact_rule.toml") -> list[tuple[str, str, str]]:
    """Code, column and words of each finding that a contact override gives."""
    with pytest.raises(PolicyError) as caught:
        load_contact_policy(override(folder, text, name))
    return [(finding.code, finding.field, finding.words) for finding in caught.value.findings]


def test_a_day_runs_on_exactly_the_tables_that_it_ran_on_before() -> None:
    """Tables, statements' columns and recorded text: none of contact."""
    policy = load_policy()
    assert tuple(policy.tables) == policy.sheets == sheets() == DAYS_TABLES
    assert not set(SHEETS) & set(CONTACT_SHEETS)
    assert set(json.loads(policy.to_json())["tables"]) == set(SHEETS)
    assert "HRS-MFL" not in policy.to_json()
    assert from_json(policy.to_json()) == policy


def test_the_contact_book_holds_its_own_tables_and_no_other() -> None:
    """And its record is not a day's."""
    contact = load_contact_policy()
    assert tuple(contact.tables) == contact.sheets == tuple(CONTACT_SHEETS)
    assert set(ALL_SHEETS) == {*SHEETS, *CONTACT_SHEETS}
    with pytest.raises(PolicyError, match="does not hold all policy tables"):
        from_json(contact.to_json())


def test_no_id_is_used_in_both_books() -> None:
    """A rule is found by its id alone."""
    days, contact = ({row.rule_id for rows in book.tables.values() for row in rows} for book in (load_policy(), load_contact_policy()))
    assert not days & contact


def test_a_changed_rule_of_contact_changes_no_day(tmp_path: Path) -> None:
    """The same folder, the same day's sha256, another contact book."""
    folder = override(tmp_path, STRICTER, "contact_rule.toml")
    assert load_policy(folder).sha256 == load_policy().sha256
    assert load_contact_policy(folder).sha256 != load_contact_policy().sha256


def test_a_changed_rule_of_the_day_changes_no_rule_of_contact(tmp_path: Path) -> None:
    """And the other way round."""
    folder = override(tmp_path, OWN_THRESHOLD.replace("OWN-ROWS-FALL", "LDT-ROWS-FALL"))
    assert load_policy(folder).sha256 != load_policy().sha256
    assert load_contact_policy(folder) == load_contact_policy()


def test_a_contact_file_that_cannot_be_read_stops_the_guard_and_not_the_day(tmp_path: Path) -> None:
    """The book is worked at night; nobody is contacted until the file is mended."""
    folder = override(tmp_path, "[[row]\n", "contact_rule.toml")
    assert load_policy(folder) == load_policy()
    with pytest.raises(PolicyError, match=r"policy/contact_rule\.toml: the file cannot be read as TOML"):
        load_contact_policy(folder)


@pytest.mark.parametrize("load", [load_policy, load_contact_policy])
def test_a_file_of_no_table_is_refused_by_both_books(tmp_path: Path, load: type) -> None:
    """A mistyped name must not switch a lender's own rules off."""
    folder = override(tmp_path, STRICTER, "contact_rules.toml")
    with pytest.raises(PolicyError, match="contact_rule, contact_occasion"):
        load(folder)


def test_a_lenders_row_replaces_the_shipped_rule_as_a_whole_and_is_told(tmp_path: Path) -> None:
    """Hours, version and citation are the lender's; that it departs from law is for the compliance officer to sign."""
    contact = load_contact_policy(override(tmp_path, STRICTER, "contact_rule.toml"))
    row = contact.rule("HRS-MFL")
    assert (row.values["first"], row.values["last"], row.values["version"], row.values["legacy"], row.note) == (36_000, 61_200, 2, "", "")
    assert len(contact.tables["contact_rule"]) == len(load_contact_policy().tables["contact_rule"])
    findings = check_policy(contact)
    assert [finding.code for finding in findings] == ["policy_departs_from_law"]
    assert (findings[0].file, findings[0].row) == ("policy/contact_rule.toml", 1)
    assert refusals(findings) == ()


def test_a_law_row_that_is_removed_is_told_as_a_departure(tmp_path: Path) -> None:
    """The fence stays whole by our own rule of the same hours, so the book stands; the officer must sign."""
    contact = load_contact_policy(override(tmp_path, '[[remove]]\nrule_id = "HRS-GEN"\n', "contact_rule.toml"))
    findings = check_policy(contact)
    assert [finding.code for finding in findings] == ["policy_departs_from_law"]
    assert findings[0].words.startswith("HRS-GEN, which states law (Responsible Business Conduct Directions 2025")
    assert "is taken away; the compliance officer must sign this" in findings[0].words


def test_a_rule_ends_on_its_last_day_and_the_next_one_begins(tmp_path: Path) -> None:
    """Hours change from 1 Jan 2027 on."""
    text = '[[remove]]\nrule_id = "HRS-MFL"\nlast_day = 2026-12-31\n' + STRICTER.replace('"HRS-MFL"', '"OWN-HRS"').replace(
        "2022-04-01", "2027-01-01"
    )
    contact = load_contact_policy(override(tmp_path, text, "contact_rule.toml"))
    ends = {row.rule_id: (row.effective_from.isoformat(), row.effective_to.isoformat()) for row in contact.tables["contact_rule"]}
    assert ends["HRS-MFL"] == ("2022-04-01", "2026-12-31")
    assert ends["OWN-HRS"] == ("2027-01-01", "9999-12-31")
    assert not refusals(check_policy(contact))


def test_a_row_need_not_write_what_its_question_does_not_use(tmp_path: Path) -> None:
    """It holds 0 or `*`; what every rule must say is asked for."""
    row = load_contact_policy(override(tmp_path, STRICTER, "contact_rule.toml")).rule("HRS-MFL")
    assert {name: row.values[name] for name in ("states", "products", "weekdays", "counts", "most", "days")} == {
        **dict.fromkeys(("states", "products", "weekdays", "counts"), "*"),
        **dict.fromkeys(("most", "days"), 0),
    }
    for name in ("predicate", "channels", "purposes", "when_unknown", "severity", "override_by", "switched_on", "version"):
        bare = "\n".join(line for line in STRICTER.splitlines() if not line.startswith(f"{name} ="))
        assert ("policy_missing_column", name) in {finding[:2] for finding in refused(tmp_path, bare)}


@pytest.mark.parametrize(
    ("good", "bad", "column", "words"),
    [
        ('"call bot_call visit meeting"', '"call fax"', "channels", "'fax': not one of sms, whatsapp"),
        ('"call bot_call visit meeting"', '"call, bot_call"', "channels", "'call,': not one of"),
        ('"call bot_call visit meeting"', '"call  bot_call"', "channels", "one space between words"),
        ('"call bot_call visit meeting"', '"bot_call call"', "channels", "'call bot_call'"),
        ('"call bot_call visit meeting"', '"call call"', "channels", "each word once"),
        ('"call bot_call visit meeting"', '""', "channels", "not one of"),
        ('purposes = "recovery"', 'purposes = "recover"', "purposes", "'recover': not one of recovery, pre_due"),
        ('loan_types = "mfl"', 'loan_types = "mfi"', "loan_types", "not one of mfl, other"),
        ("first =", 'states = "Karnataka"\nfirst =', "states", "not one of AN, AP"),
        ("first =", 'weekdays = "sunday"\nfirst =', "weekdays", "not one of mon, tue"),
        ("first =", 'counts = "calls"\nfirst =', "counts", "attempts, connects"),
        ('"hours"', '"stop"', "predicate", "not one of hours, cap"),
        ('"strictest"', '"allow"', "when_unknown", "block, strictest, not_applicable"),
        ('"nobody"', '"agent"', "override_by", "nobody, supervisor, compliance, legal"),
        ("switched_on = true", 'switched_on = "yes"', "switched_on", "true or false"),
        ("version = 2", "version = 10000", "version", "between 0 and 9999"),
    ],
)
def test_a_list_holds_only_known_terms_and_the_column_is_named(tmp_path: Path, good: str, bad: str, column: str, words: str) -> None:
    """One space between words, each once, in the order of the terms: one meaning has one text."""
    assert good in STRICTER
    found = refused(tmp_path, STRICTER.replace(good, bad, 1))
    assert [(field, words in said) for _, field, said in found] == [(column, True)], found


def test_the_shipped_contact_files_are_one_a_table() -> None:
    """Nothing else lies in the folder."""
    assert {path.stem for path in CONTACT.iterdir()} == set(CONTACT_SHEETS)


@pytest.mark.parametrize("table", tuple(CONTACT_SHEETS))
def test_the_engine_can_see_the_contact_tables_for_planning(table: str) -> None:
    """As Arrow tables with the columns of the sheet, for the check of a whole plan at once."""
    arrow = load_contact_policy().for_entity(EntityType.NBFC_MFI).arrow(table)
    assert arrow.column_names == [column.name for column in columns(table)]
    assert arrow.num_rows > 0
