"""two_people on the command line: the machine's own login acts, not a name that somebody typed."""

import os
import pwd
from pathlib import Path

import pytest

from tests.intake.extract import good, write
from tests.real.command import done, new_lender, sulah

DAY = "2026-03-31"
LOGIN = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def lender(tmp_path: Path) -> Path:
    """A lender that holds every load with a refused row, with such an extract beside it."""
    tables = good()
    tables["repayment"][1]["amount"] = "five"
    write(tmp_path / "extract", tables)
    return new_lender(tmp_path / "lender")


def settle(lender: Path, two_people: bool) -> None:
    """Write the settings that the test is about."""
    answer = "true" if two_people else "false"
    text = (
        '[lender]\nname = "Test"\nentity_type = "nbfc_ml"\n[load]\nquarantine_percent = 0\nquarantine_rows = 0\n'
        f"[approval]\ntwo_people = {answer}\n"
    )
    (lender / "lender.toml").write_text(text, "utf-8")


@pytest.mark.parametrize("way", [(), ("--reject",)])
def test_a_typed_name_decides_nothing_where_two_people_are_asked_for(lender: Path, tmp_path: Path, way: tuple[str, ...]) -> None:
    """Refused in words, by option and by environment, and the load stays held."""
    settle(lender, two_people=True)
    held = done("load", tmp_path / "extract", "--as-of", DAY, "--lender", lender)
    assert held["state"] == "held"
    for said in (
        sulah("approve", *way, "--by", "ravi", "--json", "--lender", lender),
        sulah("approve", *way, "--json", "--lender", lender, LOGNAME="ravi"),
    ):
        assert said.code == 1
        assert said.fields["done"] is False
        assert "two_people" in said.fields["words"]
        assert LOGIN in said.fields["words"]
    again = sulah("approve", "--json", "--lender", lender)
    assert (again.code, "another person must approve it" in again.fields["words"]) == (1, True)


def test_nobody_loads_under_a_typed_name_to_approve_under_his_own(lender: Path, tmp_path: Path) -> None:
    """The loader's name is the login too, or two people would be one with two names."""
    settle(lender, two_people=True)
    said = sulah("load", tmp_path / "extract", "--as-of", DAY, "--by", "ravi", "--json", "--lender", lender)
    assert said.code == 1
    assert "two_people" in said.fields["words"]


def test_without_two_people_a_name_may_be_given(lender: Path, tmp_path: Path) -> None:
    """As before."""
    settle(lender, two_people=False)
    done("load", tmp_path / "extract", "--as-of", DAY, "--lender", lender)
    assert done("approve", "--by", "ravi", "--lender", lender)["state"] == "accepted"
