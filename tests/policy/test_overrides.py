"""A lender's own rows laid over the shipped ones, and what is said when they cannot be read."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from sulah.kernel.terms import EntityType
from sulah.policy.check import check_policy, refusals
from sulah.policy.load import PolicyError, load_policy
from tests.policy.written import OWN_THRESHOLD, override

DOCS = Path(__file__).resolve().parents[2] / "docs" / "policy"
REPLACED = OWN_THRESHOLD.replace("OWN-ROWS-FALL", "LDT-ROWS-FALL")


def refused(folder: Path, text: str, name: str = "load_threshold.toml") -> PolicyError:
    """The error that an override file gives."""
    with pytest.raises(PolicyError) as caught:
        load_policy(override(folder, text, name))
    return caught.value


def test_an_empty_folder_of_overrides_is_the_shipped_policy(tmp_path: Path) -> None:
    """Other files in it (a README) are nobody's business."""
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")
    assert load_policy(tmp_path) == load_policy()
    assert load_policy(tmp_path).sha256 == load_policy().sha256


def test_a_row_with_a_shipped_rule_id_replaces_that_row_as_a_whole(tmp_path: Path) -> None:
    """The count stays, the value and the citation are the lender's."""
    policy = load_policy(override(tmp_path, REPLACED))
    row = policy.rule("LDT-ROWS-FALL")
    assert (row.values["percent_bps"], row.citation, row.note) == (1000, "Board policy of 3 Apr 2026, item 4", "")
    assert len(policy.tables["load_threshold"]) == 3
    assert policy.sha256 != load_policy().sha256
    assert check_policy(policy) == []


def test_a_row_with_a_new_rule_id_is_added(tmp_path: Path) -> None:
    """Added beside the old one it overlaps, and the check says so."""
    policy = load_policy(override(tmp_path, OWN_THRESHOLD))
    assert len(policy.tables["load_threshold"]) == 4
    assert [finding.code for finding in check_policy(policy)] == ["policy_overlap"]


def test_a_rule_changes_from_a_day_on_by_ending_one_row_and_adding_another(tmp_path: Path) -> None:
    """On the last day the old row, on the next the new one; nothing of the past is rewritten."""
    text = '[[remove]]\nrule_id = "LDT-ROWS-FALL"\nlast_day = 2026-03-31\n' + OWN_THRESHOLD.replace("1990-01-01", "2026-04-01")
    policy = load_policy(override(tmp_path, text))
    book = policy.for_entity(EntityType.SFB)
    limits = [
        [row["percent_bps"] for row in book.in_force("load_threshold", day) if row["code"] == "rows_fall"]
        for day in (date(2026, 3, 31), date(2026, 4, 1))
    ]
    assert limits == [[2000], [1000]]
    assert check_policy(policy) == []


def test_the_sample_in_the_documents_loads_and_passes_the_check(tmp_path: Path) -> None:
    """What a reader copies from the page works: the order of heads changes on 1 Apr 2026."""
    page = (DOCS / "README.md").read_text(encoding="utf-8")
    sample = page.partition("```toml\n")[2].partition("```")[0]
    policy = load_policy(override(tmp_path, sample, "waterfall.toml"))
    assert check_policy(policy) == []
    book = policy.for_entity(EntityType.NBFC_MFI)
    names = [row["order_name"] for day in (date(2026, 3, 31), date(2026, 4, 1)) for row in book.in_force("waterfall", day)]
    assert names == ["interest_principal_charge", "charge_interest_principal"]


def test_a_row_removed_without_a_last_day_never_was(tmp_path: Path) -> None:
    """The check then finds the gap."""
    policy = load_policy(override(tmp_path, '[[remove]]\nrule_id = "BKT-31-60"\n', "bucket.toml"))
    assert "BKT-31-60" not in {row.rule_id for row in policy.tables["bucket"]}
    assert "policy_gap" in {finding.code for finding in check_policy(policy)}


def test_a_departure_from_law_is_told_and_not_refused(tmp_path: Path) -> None:
    """A stricter watch of 18 months: the compliance officer must sign it, the policy stands."""
    text = """
[[row]]
rule_id = "RST-WATCH"
npa_at_once = true
watch_months = 18
repaid_percent = 10
entity_types = ["*"]
effective_from = 1990-01-01
status = "policy"
citation = "Board policy of 3 Apr 2026, item 9"
confidence = "POLICY"
example = { given = { months = 17, outstanding_paise = 1000, received_paise = 1000 }, expect = { watch_over = false } }
"""
    findings = check_policy(load_policy(override(tmp_path, text, "restructure.toml")))
    assert [finding.code for finding in findings] == ["policy_departs_from_law"]
    assert (findings[0].file, findings[0].row) == ("policy/restructure.toml", 1)
    assert "compliance officer" in findings[0].words
    assert refusals(findings) == ()


def test_a_file_saved_with_a_byte_order_mark_and_windows_line_ends_reads_the_same(tmp_path: Path) -> None:
    """As an editor on Windows writes it."""
    plain = load_policy(override(tmp_path / "plain", REPLACED))
    (tmp_path / "marked").mkdir()
    (tmp_path / "marked" / "load_threshold.toml").write_bytes(b"\xef\xbb\xbf" + REPLACED.replace("\n", "\r\n").encode())
    assert load_policy(tmp_path / "marked").sha256 == plain.sha256


# What is planted in a good row, the code, the column, and words that must be said.
UNREADABLE = [
    ("percent_bps = 1000", "percent_bps = true", "policy_wrong_type", "percent_bps", "whole number"),
    ("percent_bps = 1000", 'percent_bps = "1000"', "policy_wrong_type", "percent_bps", "whole number"),
    ("percent_bps = 1000", "percent_bps = 1000.0", "policy_wrong_type", "percent_bps", "whole number"),
    ("percent_bps = 1000", "percent_bps = -1", "policy_out_of_range", "percent_bps", "between 0 and 1000000"),
    ("percent_bps = 1000", "percent_bps = 1000001", "policy_out_of_range", "percent_bps", "between 0 and 1000000"),
    ("percent_bps = 1000", "percent = 10\npercent_bps = 1000", "policy_unknown_column", "percent", "its columns are"),
    ("percent_bps = 1000", "", "policy_missing_column", "percent_bps", "write the row whole"),
    ('code = "rows_fall"\n', 'code = "rows"\n', "policy_not_allowed", "code", "rows_fall, overdue_move, dpd_difference"),
    ('["*"]', '["nbfc"]', "policy_not_allowed", "entity_types", "nbfc_mfi"),
    ('["*"]', "[]", "policy_wrong_type", "entity_types", "for all"),
    ('["*"]', '"*"', "policy_wrong_type", "entity_types", "write a list"),
    ('entity_types = ["*"]\n', "", "policy_missing_column", "entity_types", "write the row whole"),
    ("effective_from = 1990-01-01", 'effective_from = "1990-01-01"', "policy_wrong_type", "effective_from", "without quotes"),
    ("effective_from = 1990-01-01", "effective_from = 1990-01-01T00:00:00", "policy_wrong_type", "effective_from", "a date such as"),
    ('rule_id = "OWN-ROWS-FALL"', 'rule_id = " "', "policy_empty", "rule_id", "empty"),
    ('rule_id = "OWN-ROWS-FALL"', 'rule_id = "RST-WATCH"', "policy_duplicate_rule", "rule_id", "tables/restructure.toml"),
    ("example = {", "example = 3 # {", "policy_wrong_type", "example", "given"),
    ('status = "policy"', 'status = "rule"', "policy_not_allowed", "status", "law, draft, platform, policy"),
]


@pytest.mark.parametrize(("good", "bad", "code", "column", "words"), UNREADABLE, ids=lambda text: text[:40])
def test_a_bad_row_is_named_by_file_row_and_column(tmp_path: Path, good: str, bad: str, code: str, column: str, words: str) -> None:
    """And the words say what to write."""
    assert good in OWN_THRESHOLD
    error = refused(tmp_path, OWN_THRESHOLD.replace(good, bad, 1))
    finding = error.findings[0]
    assert (finding.file, finding.row, finding.code, finding.field) == ("policy/load_threshold.toml", 1, code, column)
    assert words in finding.words
    assert f"policy/load_threshold.toml row 1, {column}: " in str(error)


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    """A lender mends a file once, not line by line."""
    two = OWN_THRESHOLD.replace("1000", "-1") + OWN_THRESHOLD.replace("OWN-ROWS-FALL", "OWN-2").replace('"rows_fall"\n', '"x"\n')
    error = refused(tmp_path, two)
    assert [(finding.row, finding.code) for finding in error.findings] == [(1, "policy_out_of_range"), (2, "policy_not_allowed")]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("buckets.toml", "", "policy_unknown_table"),
        ("Bucket.TOML", "", "policy_unknown_table"),
        ("bucket.toml", "[[row]\n", "policy_unreadable"),
        ("bucket.toml", "[row]\nrule_id = 1\n", "policy_unknown_part"),
        ("bucket.toml", "[[rows]]\nrule_id = 1\n", "policy_unknown_part"),
        ("bucket.toml", "row = [3]\n", "policy_not_a_row"),
        ("bucket.toml", '[[remove]]\nrule_id = "BKT-9"\n', "policy_unknown_rule"),
        ("bucket.toml", '[[remove]]\nrule = "BKT-31-60"\n', "policy_bad_remove"),
        ("bucket.toml", '[[remove]]\nrule_id = "BKT-31-60"\nlast_day = "2026-01-01"\n', "policy_wrong_type"),
        ("bucket.toml", '[[remove]]\nrule_id = "BKT-31-60"\nlast_day = 2026-01-01T00:00:00\n', "policy_wrong_type"),
    ],
)
def test_a_file_that_is_no_table_of_rows_is_refused_by_name(tmp_path: Path, name: str, text: str, code: str) -> None:
    """The file's name is in the finding."""
    error = refused(tmp_path, text, name)
    assert [(finding.code, finding.file) for finding in error.findings] == [(code, f"policy/{name}")]


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """Saved in an old code page."""
    (tmp_path / "bucket.toml").write_bytes("# ₹\n".encode("utf-16"))
    with pytest.raises(PolicyError, match="cannot be read as TOML in UTF-8"):
        load_policy(tmp_path)


def test_a_folder_that_is_not_there_is_refused_and_not_taken_for_empty(tmp_path: Path) -> None:
    """A mistyped path must not switch a lender's own rules off."""
    with pytest.raises(PolicyError, match="no such folder of policy overrides"):
        load_policy(tmp_path / "polici")


def test_the_shipped_files_hold_nothing_but_rows() -> None:
    """One file a table, each a list of [[row]]."""
    folder = Path(load_policy.__code__.co_filename).parent / "tables"
    assert {path.stem for path in folder.iterdir()} == set(load_policy().tables)
    assert all(set(tomllib.loads(path.read_text(encoding="utf-8"))) == {"row"} for path in folder.iterdir())
