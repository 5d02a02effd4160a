"""The list of steps is what it says: order, one writer a table, scopes, and statements that bind."""

import pytest
from sqlglot import exp

from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Scope
from sulah.daycycle.binding import check_statements, check_text, empty_tables
from sulah.daycycle.lineage import Origin, origin
from sulah.daycycle.statements import parsed, reads, texts
from sulah.daycycle.steps import ACCEPTED_TABLES, INTAKE_TABLES, PREVIOUS_TABLES, STEPS, Step
from sulah.policy.columns import SHEETS

POLICY = {f"policy_{sheet}" for sheet in SHEETS}
GIVEN = {*INTAKE_TABLES, *ACCEPTED_TABLES, "previous_day", *(f"previous.{table}" for table in PREVIOUS_TABLES)}
KEYS = {"loan_key", "loan_id", "borrower_key", "borrower_id"}


def step(table: str) -> Step:
    """The step that makes a table."""
    return next(step for step in STEPS if step.table == table)


def test_no_table_has_two_writers() -> None:
    """Two steps never make the same table; a full statement and its increment are one writer."""
    assert len({step.table for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("at", range(len(STEPS)), ids=lambda at: STEPS[at].table)
def test_every_table_read_was_written_earlier(at: int) -> None:
    """A step reads what intake, an earlier step or the last committed day wrote, and policy; nothing else."""
    earlier = {step.table for step in STEPS[:at]}
    for text in texts(STEPS[at]):
        assert set(reads(text)) <= earlier | GIVEN | POLICY


def test_person_steps_come_before_book_steps() -> None:
    """A shard is finished before the book is looked at."""
    scopes = [step.scope for step in STEPS]
    assert scopes == sorted(scopes, key=lambda scope: scope is Scope.BOOK)


def _joins(text: str) -> list[tuple[str, set[str]]]:
    """Each equality join of two tables: its SQL, and the columns joined on."""
    found = []
    for join in parsed(text).find_all(exp.Join):
        condition = join.args.get("on")
        if condition is None:
            continue
        sides = [
            (equality.left.name, equality.right.name)
            for equality in condition.find_all(exp.EQ)
            if isinstance(equality.left, exp.Column)
            and isinstance(equality.right, exp.Column)
            and equality.left.table != equality.right.table
        ]
        found.append((join.sql(), {name for pair in sides for name in pair}))
    return found


LOOKED_UP = ("limits", "named", "rates")
"""Parts of statements that hold policy rows, or words of the shard's own rows read once: looked up by value like policy."""


@pytest.mark.parametrize("at", [n for n, one in enumerate(STEPS) if one.scope is Scope.PERSON], ids=lambda at: STEPS[at].table)
def test_person_steps_join_on_borrower_or_loan_only(at: int) -> None:
    """Nothing else may bring two rows together, or a shard would not be enough; policy rows may be looked up by value."""
    for text in texts(STEPS[at]):
        for sql, columns in _joins(text):
            if "policy_" not in sql and not any(f" {name} " in sql for name in LOOKED_UP):
                assert columns & KEYS, sql


def test_every_statement_binds_and_fits_its_contract() -> None:
    """No unknown table, column, function or type in any statement."""
    assert check_statements() == []


@pytest.mark.parametrize(
    ("planted", "instead", "code"),
    [
        ("s.paid_paise,", "s.paid_rupees,", "statement_does_not_bind"),
        ("INNER JOIN account AS a", "INNER JOIN acount AS a", "statement_does_not_bind"),
        ("s.last_paid_on,", "CAST(s.last_paid_on AS VARCHAR) AS last_paid_on,", "type_differs"),
        ("s.last_paid_on,", "no_such_function(s.last_paid_on) AS last_paid_on,", "statement_does_not_bind"),
        ("s.last_paid_on,", "CAST(epoch_ms(1) AS DATE) AS last_paid_on,", "function_not_allowed"),
        ("a.product,\n", "", "columns_differ"),
    ],
)
def test_a_planted_fault_is_caught(planted: str, instead: str, code: str) -> None:
    """The check can fail: each kind of fault gives its finding."""
    text = step("position").text()
    assert planted in text
    found = check_text(empty_tables(), step("position"), text.replace(planted, instead, 1))
    assert code in {finding.code for finding in found}


def test_a_star_is_refused() -> None:
    """Columns are named, so that a new column cannot slip through."""
    text = "SELECT t.* FROM treatment AS t"
    assert "columns_not_named" in {finding.code for finding in check_text(empty_tables(), step("treatment"), text)}


def leaves(node: Origin) -> set[str]:
    """The columns at the end of a lineage."""
    return {node.name} if not node.sources else {leaf for source in node.sources for leaf in leaves(source)}


@pytest.mark.parametrize("column", TABLES["position"].names)
def test_lineage_of_every_column_of_position_ends_at_intake(column: str) -> None:
    """Each column can be followed back to tables that intake writes, or to policy; as_of is the day itself."""
    ends = leaves(origin("position", column))
    sources = {name.rsplit(".", 1)[0] for name in ends}
    assert sources <= {*INTAKE_TABLES, *POLICY, "previous.state"} or ends == {"position.as_of"}


def test_lineage_of_dpd_names_dues_receipts_and_relief() -> None:
    """What moves dpd: due dates, running totals, receipts, windows, the status and the day-count rule."""
    ends = leaves(origin("position", "dpd"))
    assert {"due.due_on", "due.cum_due_paise", "receipt.amount_paise", "relief_window.from_on", "account.ended_on"} <= ends
