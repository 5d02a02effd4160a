"""The contact rules of a lender are looked at where the lender looks: at sulah init and sulah check."""

from pathlib import Path

from tests.real.command import new_lender, sulah


def test_a_hole_in_a_lenders_contact_rules_is_told_by_check_and_named(tmp_path: Path) -> None:
    """The file, the question that nobody asks any more, and exit code 1; the rules of the day have nothing to do with it."""
    lender = new_lender(tmp_path / "lender")
    assert sulah("check", "--json", "--lender", lender).fields["wrong"]["policy"] == []
    (lender / "policy" / "contact_rule.toml").write_text('[[remove]]\nrule_id = "DUE-OWED"\n', encoding="utf-8")
    said = sulah("check", "--json", "--lender", lender)
    assert said.code == 1
    wrong = said.fields["wrong"]["policy"]
    assert len(wrong) == 8  # one for each channel
    assert all(words.startswith("contact_rule.toml: no row that is switched on asks overdue of recovery by ") for words in wrong)


def test_a_new_lender_is_told_where_its_own_rules_go(tmp_path: Path) -> None:
    """Those of the day and those of contact, in one folder."""
    said = sulah("init", tmp_path / "lender")
    assert said.code == 0
    assert "Rules of your own, of the day and of contact, go in policy/" in said.words
    assert list((tmp_path / "lender" / "policy").iterdir()) == []


def test_the_shipped_rules_of_both_books_are_checked_without_a_lender() -> None:
    """What a build looks at."""
    assert sulah("check", "--code-only", "--json").fields == {"done": True, "wrong": {"statements": [], "policy": []}}
