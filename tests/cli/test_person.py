"""sulah person: nobody gets the whole lender's people by leaving an option out."""

from pathlib import Path

import pytest

from tests.real.command import done, new_lender, sulah


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new lender."""
    return new_lender(tmp_path_factory.mktemp("person") / "lender")


@pytest.mark.parametrize("role", ["agent", "field_officer"])
def test_those_who_work_a_branch_need_a_branch_or_an_explicit_all(lender: Path, role: str) -> None:
    """Used wrongly without one, in words, and nobody is let in; done with either."""
    name = f"asha_{role}"
    said = sulah("person", name, "--role", role, "--json", "--lender", lender)
    assert said.code == 2
    assert said.fields["done"] is False
    assert "--branch" in said.fields["words"]
    assert "--all-branches" in said.fields["words"]
    assert sulah("person", name, "--leaves", "--lender", lender).code == 1
    assert done("person", name, "--role", role, "--branch", "BR01", "--lender", lender)["branches"] == ["BR01"]
    assert done("person", name, "--role", role, "--all-branches", "--lender", lender)["branches"] == []


def test_branches_and_all_branches_exclude_each_other(lender: Path) -> None:
    """Which of the two would be meant?"""
    assert sulah("person", "ravi", "--role", "agent", "--branch", "BR01", "--all-branches", "--lender", lender).code == 2


def test_a_supervisor_still_sees_all_branches_when_none_is_named(lender: Path) -> None:
    """The roles of the whole lender need no word for it."""
    assert done("person", "usha", "--role", "supervisor", "--lender", lender)["branches"] == []
