"""The sandbox stands beside production: own folder, own tokens, simulated in every answer, faults on request that production has not."""

from pathlib import Path

import pytest

from tests.api.conftest import Open
from tests.api.machine import Api, Served, new_lender, payment, token
from tests.real.command import sulah

pytestmark = pytest.mark.slow


def test_the_sandbox_answers_as_production_does_but_for_its_label_and_no_token_opens_both(opened: Open, tmp_path: Path) -> None:
    lender = new_lender(tmp_path / "lender", settings="sandbox = true\ncalls_a_minute = 12", simulated=True)
    served = Served(lender)
    api = Api(served.port, token(lender, "lms", "payments:write", "days:read"), "/api/sandbox/v1")
    records = [payment(1), payment(2, amount="1.234")]
    ours, theirs = api.post("payments", records, "alike"), opened.api.post("payments", records, "alike")
    assert (ours.status, ours.told["records"], ours.told["simulated"]) == (207, theirs.told["records"], True)
    assert "simulated" not in theirs.told

    assert (Api(served.port, api.token).get("days/last").status, opened.api.get("days/last").status) == (404, 403)
    crossed = Api(opened.served.port, api.token).get("days/last")
    back = Api(served.port, opened.api.token, "/api/sandbox/v1").get("days/last")
    assert [(one.status, one.told["code"]) for one in (crossed, back)] == [(401, "token_of_other_side")] * 2
    assert Api(opened.served.port, opened.api.token, "/api/sandbox/v1").get("days/last").told["code"] == "other_side"

    many = api.ask("POST", "payments", b"{}", Idempotency_Key="f1", Sulah_Sandbox_Fault="429")
    assert (many.status, many.headers["retry-after"]) == (429, "1")
    assert api.ask("POST", "payments", b"{}", Idempotency_Key="f2", Sulah_Sandbox_Fault="500").status == 500
    assert api.ask("POST", "payments", b"{}", Idempotency_Key="f3", Sulah_Sandbox_Fault="flood").told["code"] == "fault_unknown"
    body = b'{"as_of": "2026-04-01", "records": [{"repayment_id": "P9", "loan_id": "L2", "paid_on": "2026-04-01", "amount": 1}]}'
    lost = api.ask("POST", "payments", body, Idempotency_Key="lost", Sulah_Sandbox_Fault="timeout-after-effect")
    found = api.ask("POST", "payments", body, Idempotency_Key="lost")
    assert (lost.status, found.status, found.headers["idempotency-replayed"]) == (504, 200, "true")
    refused = opened.api.ask("POST", "payments", body, Idempotency_Key="lost", Sulah_Sandbox_Fault="timeout-after-effect")
    assert (refused.status, refused.told["code"]) == (400, "fault_in_production")

    statuses = [api.get("days/last").status for _ in range(12)]
    assert statuses[0] == 404, "no day has run yet"
    assert 429 in statuses
    served.stop()


def test_a_sandbox_that_is_not_simulated_is_refused(tmp_path: Path) -> None:
    lender = new_lender(tmp_path / "lender", settings="sandbox = true")
    said = sulah("api-client", "add", "lms", "--scope", "payments:write", "--lender", lender)
    assert (said.code, "for a simulated lender only" in said.words) == (1, True)
