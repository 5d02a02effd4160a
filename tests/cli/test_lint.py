"""`sulah lint` as people start it."""

from pathlib import Path

import pytest

from tests.real.command import done, sulah

THREAT = "Sunita ji, paise nahi diye to police aayegi.\n"


@pytest.fixture
def threat(tmp_path: Path) -> Path:
    path = tmp_path / "threat.txt"
    path.write_text(THREAT, "utf-8")
    return path


def test_a_threat_is_blocked_in_words_with_place_suggestion_and_source(threat: Path) -> None:
    said = sulah("lint", threat, "--language", "hi")
    assert said.code == 1
    assert 'line 1: "police"' in said.words
    assert "Instead:" in said.words
    assert "RBI/2022-23/108" in said.words
    assert "No native reader has reviewed" in said.words


def test_machines_get_one_object_with_the_place_in_the_text(threat: Path) -> None:
    said = sulah("lint", threat, "--language", "hi", "--json")
    assert said.code == 1
    assert said.fields["blocked"] is True
    (finding, *_) = said.fields["findings"]
    assert THREAT[finding["start"] : finding["end"]] == finding["words"]


def test_a_lawful_reminder_passes(tmp_path: Path) -> None:
    path = tmp_path / "reminder.txt"
    path.write_text("Kaveri: EMI of Rs 1,234.50 is due on 5 Dec. Need more time? Call 1800 123 456.", "utf-8")
    said = done("lint", path, "--language", "en", "--kind", "reminder", "--amount", "1234.50", "--name", "Kaveri")
    assert said["blocked"] is False
    assert said["findings"] == []


def test_a_wrong_amount_and_a_missing_name_are_told(tmp_path: Path) -> None:
    path = tmp_path / "reminder.txt"
    path.write_text("EMI of Rs 1,300 is due on 5 Dec.", "utf-8")
    said = sulah("lint", path, "--language", "en", "--kind", "reminder", "--amount", "1234.50", "--name", "Kaveri", "--json")
    assert {finding["rule_id"] for finding in said.fields["findings"]} == {"AMOUNT-WRONG", "AMOUNT-MISSING", "LENDER-MISSING"}


def test_a_step_of_law_passes_only_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "notice.txt"
    path.write_text("The branch has approved a civil suit, to be filed after 10 Dec.", "utf-8")
    assert sulah("lint", path, "--language", "en").code == 1
    assert sulah("lint", path, "--language", "en", "--open-step", "suit").code == 0


def test_a_text_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    said = sulah("lint", tmp_path / "none.txt", "--language", "en")
    assert said.code == 1
    assert "There is no file" in said.words


@pytest.mark.parametrize("wrong", [("--language", "xx"), ("--language", "en", "--amount", "12,5"), ("--language", "en", "--kind", "poem")])
def test_wrong_usage_is_told_apart(threat: Path, wrong: tuple[str, ...]) -> None:
    assert sulah("lint", threat, *wrong).code == 2
