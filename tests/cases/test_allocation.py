"""Fineract's allocation facts against settlement: which rupee settled what, oldest instalment first."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from sulah.adapters.engines.duck import connect, view_of_files
from sulah.daycycle.engine import bound, register_policy
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy
from sulah.portfolio.statements import text
from tests.cases.book import Case, add_loan, assertable, day, empty, paise
from tests.shelf import Shelf

CASES = assertable("fineract_allocation")
CHARGES_FIRST = """
[[remove]]
rule_id = "WTF-INTEREST-PRINCIPAL-CHARGE"

[[row]]
rule_id = "WTF-CHARGE-INTEREST-PRINCIPAL"
order_name = "charge_interest_principal"
charge_place = 1
interest_place = 2
principal_place = 3
entity_types = ["*"]
effective_from = 1990-01-01
status = "policy"
citation = "The order of the lender's product: penalties and fees, interest, principal."
confidence = "POLICY"
verify = true
example = { given = { paid_paise = 100, principal_paise = 90, interest_paise = 30, charge_paise = 5 }, expect = { charge_paise = 5 } }
"""
Settled = list[dict[str, Any]]


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Settled]:
    """The settlement rows of every case, each case being a loan."""
    extract = empty()
    for case in CASES:
        dues = [
            {
                "due_on": i["due_date"],
                "principal_due": i["principal_due"],
                "interest_due": i["interest_due"],
                "charge_due": i["fees_due"] + i["penalties_due"],
            }
            for i in case["installments_due"]
        ]
        add_loan(extract, case["id"], dues, [(payment["date"], payment["amount"]) for payment in case["payments"]])
    root = tmp_path_factory.mktemp("allocation")
    (root / "policy").mkdir()
    (root / "policy" / "waterfall.toml").write_text(CHARGES_FIRST, "utf-8")
    shelf = Shelf(root, policy=load_policy(root / "policy").for_entity(EntityType.NBFC_ML))
    load = shelf.accept(date(2025, 12, 31), extract)
    connection = connect()
    for table in ("account", "due", "receipt"):
        view_of_files(connection, table, [load / table / "0000.parquet"])
    register_policy(connection, shelf.policy)
    connection.execute("CREATE TABLE asked AS SELECT loan_key FROM account")
    found: dict[str, Settled] = defaultdict(list)
    ids = dict(connection.execute("SELECT loan_key, loan_id FROM account").fetchall())
    cursor = connection.execute(bound(text("settlement"), date(2025, 12, 31)))
    names = [column[0] for column in cursor.description or ()]
    for row in cursor.fetchall():
        named = dict(zip(names, row, strict=True))
        found[ids[named["loan_key"]]].append(named)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_each_instalment_is_settled_as_the_source_says(settled: dict[str, Settled], case: Case) -> None:
    """Paid, paid in advance, paid late and outstanding of every instalment, and what was overpaid."""
    rows = settled[case["id"]]
    for given, expected in zip(case["installments_due"], case["expected"]["installments"], strict=True):
        mine = [row for row in rows if row["number"] == case["installments_due"].index(given) + 1]
        due_on = day(given["due_date"])
        assert sum(row["amount_paise"] for row in mine) == paise(expected["paid"])
        assert sum(row["amount_paise"] for row in mine if row["paid_on"] < due_on) == paise(expected["paid_in_advance"])
        assert sum(row["amount_paise"] for row in mine if row["paid_on"] > due_on) == paise(expected["paid_late"])
        assert paise(given["total_due"]) - sum(row["amount_paise"] for row in mine) == paise(expected["outstanding"])
    paid = sum(paise(payment["amount"]) for payment in case["payments"])
    assert paid - sum(row["amount_paise"] for row in rows) == paise(case["expected"]["overpaid"] or 0)


@pytest.mark.parametrize("case", [case for case in CASES if case["expected"]["payment_splits"]], ids=lambda case: case["id"])
def test_each_payment_is_split_as_the_source_says(settled: dict[str, Settled], case: Case) -> None:
    """Principal, interest and charges that each payment settled."""
    for number, split in enumerate(case["expected"]["payment_splits"], start=1):
        mine = [row for row in settled[case["id"]] if row["repayment_id"] == f"{case['id']}-{number:03d}"]
        heads = {head: sum(row["amount_paise"] for row in mine if row["head"] == head) for head in ("principal", "interest", "charge")}
        assert heads == {
            "principal": paise(split["principal"]),
            "interest": paise(split["interest"]),
            "charge": paise(split["fees"] + split["penalties"]),
        }
