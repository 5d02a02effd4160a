"""The upgrade row states a rule that the statements follow; a row that states another one is refused."""

from pathlib import Path

import pytest

from sulah.policy.check import check_policy, refusals
from sulah.policy.load import load_policy

ROW = """
[[row]]
rule_id = "UPG-ALL-ARREARS"
requires = "all_arrears"
charges_included = {charges}
entity_types = ["*"]
effective_from = 1990-01-01
status = "policy"
citation = "The lender's own reading."
confidence = "POLICY"
verify = true
example = {{ given = {{ principal_paise = 0, interest_paise = 0, charge_paise = 1 }}, expect = {{ upgraded = {upgraded} }} }}
"""


@pytest.mark.parametrize(("charges", "upgraded", "codes"), [("false", "true", {"policy_not_built"}), ("true", "false", set())])
def test_an_upgrade_that_nothing_carries_out_is_refused(tmp_path: Path, charges: str, upgraded: str, codes: set[str]) -> None:
    """Otherwise a page would cite a rule by which no loan was classed."""
    (tmp_path / "upgrade.toml").write_text(ROW.format(charges=charges, upgraded=upgraded), "utf-8")
    assert {finding.code for finding in refusals(check_policy(load_policy(tmp_path)))} == codes
