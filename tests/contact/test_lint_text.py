"""The texts that are shipped, read by the linter as the act of submitting one reads them."""

from dataclasses import replace
from datetime import date

import pytest

from sulah.actions.contact.approve_text import version_of
from sulah.actions.contact.lint_text import linter_of
from sulah.outreach.library import written
from sulah.outreach.samples import HOUSE
from sulah.policy.languages import LANGUAGES
from sulah.policy.text_rows import TextRow, text_kinds, text_rows

READ = linter_of(HOUSE, date(2026, 11, 24))
THREATS = {"en": " If you do not pay, the police will come to your house.", "hi": " पैसे नहीं दिए तो पुलिस आएगी।"}


def blocking(row: TextRow) -> list[str]:
    """The rules that block a text with all sentences that it may have."""
    kind = text_kinds()[row.name]
    one = written(row, kind, HOUSE, [name for name in kind.optional if name in row.optional])
    linted = READ(version_of(one, kind.category))
    found = [str(finding["rule_id"]) for finding in linted.findings if finding["blocks"]]
    assert linted.blocked == bool(found)
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_that_is_shipped_is_blocked(code: str) -> None:
    found = {(row.name, row.channel): blocking(row) for row in text_rows(code)}
    assert {place: rules for place, rules in found.items() if rules} == {}


@pytest.mark.parametrize("code", sorted(THREATS))
def test_a_threat_in_any_shipped_text_blocks_it_whatever_else_stands_there(code: str) -> None:
    rows = [row for row in text_rows(code) if row.text]
    assert rows
    assert [(row.name, row.channel) for row in rows if not blocking(replace(row, text=row.text + THREATS[code]))] == []
