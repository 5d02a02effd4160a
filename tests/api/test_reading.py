"""Positions are read back from the last committed day: within the token's branches, names only where it opens them, and written down."""

import base64
import json
import sqlite3
from typing import Any

import pytest

from sulah.contracts.resources import SCOPES
from tests.api.conftest import Open
from tests.api.machine import LOADED, Api, payment, token
from tests.real.command import sulah

pytestmark = pytest.mark.slow
READS = ("accounts:read", "payments:read", "days:read")


def reader(opened: Open, name: str, *scopes: str, branches: tuple[str, ...] = ()) -> Api:
    """A machine that reads."""
    return Api(opened.served.port, token(opened.lender, name, *scopes, branches=branches))


def trail(opened: Open, act: str) -> list[tuple[str, dict[str, Any]]]:
    """Who did an act, and what the trail says of it."""
    with sqlite3.connect(opened.lender / "sulah.sqlite3") as records:
        found = records.execute("SELECT actor, after FROM records_auditentry WHERE act = ? ORDER BY id", (act,))
        return [(actor, json.loads(after)) for actor, after in found]


def test_an_account_stands_as_the_last_committed_day_says(opened: Open) -> None:
    api = reader(opened, "reads", *READS)
    day = api.get("days/last").told
    assert (day["as_of"], day["day"], day["load"]) == (LOADED, f"{LOADED}.1", f"{LOADED}.1")
    told = api.get("accounts/L2").told
    assert (told["as_of"], told["day"], "simulated" in told) == (LOADED, f"{LOADED}.1", False)
    found = told["account"]
    assert (found["overdue_paise"], found["dpd"], found["dpd_elapsed"], found["bucket"]) == (2_099_995, 55, 54, "31-60")
    assert (found["next_due_on"], found["branch_id"], found["asset_class"]) == (None, "BR2", "standard")
    assert "borrower_name" not in found
    paid = api.get("payments?loan_id=L2").told
    assert ([row["repayment_id"] for row in paid["payments"]], paid["paid_paise"]) == (["R2"], 5)


def test_a_token_of_one_branch_sees_no_loan_of_another_in_any_way(opened: Open) -> None:
    api = reader(opened, "branch", *READS, branches=("BR1",))
    assert [row["loan_id"] for row in api.get("accounts").told["accounts"]] == ["L1"]
    for path in ("accounts/L2", "payments?loan_id=L2", "accounts/NONE", "payments?loan_id=NONE"):
        assert (api.get(path).status, api.get(path).told["code"]) == (404, "account_unknown")
    assert api.get("accounts?branch=BR2").told["accounts"] == []
    assert api.get("accounts/L1").status == 200


def test_a_list_comes_in_pages_of_one_day_and_is_filtered_by_branch_and_bucket(opened: Open) -> None:
    api = reader(opened, "pages", "accounts:read")
    first = api.get("accounts?limit=1").told
    second = api.get(f"accounts?limit=1&cursor={first['next_cursor']}").told
    assert [row["loan_id"] for page in (first, second) for row in page["accounts"]] == ["L1", "L2"]
    assert (first["as_of"], second["as_of"], second["next_cursor"]) == (LOADED, LOADED, None)
    assert [row["loan_id"] for row in api.get("accounts?bucket=31-60&branch=BR2").told["accounts"]] == ["L2"]
    gone = base64.urlsafe_b64encode(json.dumps(["2020-01-01", "L1"]).encode()).decode()
    assert api.get(f"accounts?cursor={gone}").status == 404
    for query in ("limit=0", "limit=501", "limit=x", "bucket=9", "cursor=x", "cursor=e30=", "colour=red", "branch=%00"):
        assert (api.get(f"accounts?{query}").status, api.get(f"accounts?{query}").told["code"]) == (400, "query_unreadable"), query


def test_names_open_only_with_their_scope_and_each_reading_is_written_down(opened: Open) -> None:
    plain, opening = reader(opened, "plain", "accounts:read"), reader(opened, "opening", "accounts:read", "personal:read")
    before = trail(opened, "read_personal")
    assert b"Asha" not in plain.get("accounts/L1").body + plain.get("accounts").body
    assert trail(opened, "read_personal") == before
    found = opening.get("accounts/L1").told["account"]
    assert (found["borrower_name"], found["borrower_phone"]) == ("Asha Devi", "+919000000001")
    assert [row["borrower_name"] for row in opening.get("accounts").told["accounts"]] == ["Asha Devi", "Ravi Kumar"]
    actors = [(actor, after["borrowers"], after["page"]) for actor, after in trail(opened, "read_personal")[len(before) :]]
    assert actors == [("api:opening", ["B1"], "api/accounts/L1"), ("api:opening", ["B1", "B2"], "api/accounts")]


def calls(api: Api, scope: str) -> tuple[int, int]:
    """A reading or sending that a scope opens, and the status when it is open."""
    resource, _, way = scope.partition(":")
    if way == "write":
        return api.ask("POST", resource, b"{}", Idempotency_Key="scope").status, 400
    paths = {"accounts": "accounts", "payments": "payments?loan_id=L1", "days": "days/last"}
    return api.get(paths[resource]).status, 200


@pytest.mark.parametrize("held", SCOPES)
def test_each_scope_opens_its_own_addresses_and_no_other(opened: Open, held: str) -> None:
    """Every scope over every address: the one that is held goes through the door, all others are refused with their name."""
    api = reader(opened, "matrix", held)
    for asked in SCOPES:
        if asked == "personal:read":
            continue
        status, when_open = calls(api, asked)
        assert status == (when_open if asked == held else 403), (held, asked)


def test_a_token_that_is_missing_wrong_revoked_or_replaced_opens_nothing_and_no_word_tells_why(opened: Open) -> None:
    api = reader(opened, "gone", "days:read")
    assert api.get("days/last").status == 200
    kind, number, secret = api.token.rsplit("_", 2)
    wrong = [f"{kind}_{number}_{'0' * 64}", f"{kind}_999999_{secret}", f"{kind}_{number}x_{secret}", "abc_", "a", f"{kind}_٣_{secret}"]
    for token_ in wrong:
        refused = Api(api.port, token_).ask("GET", "days/last", Authorization=f"Bearer {token_}".encode().decode("latin-1"))
        assert (refused.status, refused.headers["www-authenticate"]) == (401, 'Bearer realm="sulah"')
    for header in ("", "Basic abc", "Bearer", "Bearer "):
        assert api.ask("GET", "days/last", Authorization=header).status == 401
    renewed = reader(opened, "gone", "days:read")
    assert (api.get("days/last").status, renewed.get("days/last").status) == (401, 200)
    assert sulah("api-client", "revoke", "gone", "--lender", opened.lender).code == 0
    assert renewed.get("days/last").status == 401
    assert "cannot be" in sulah("api-client", "add", "a b", "--scope", "days:read", "--lender", opened.lender).words
    assert (
        "leave --branch out"
        in sulah("api-client", "add", "x", "--scope", "payments:write", "--branch", "BR1", "--lender", opened.lender).words
    )
    assert [actor for actor, after in trail(opened, "api_client.revoke") if after["revoked_at"]] != []


def test_a_cookie_opens_nothing_here_and_none_is_set(opened: Open) -> None:
    answer = opened.api.post("payments", [payment(1)], "cookie")
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert opened.api.ask("GET", "days/last", Authorization="", Cookie="sulah_session=abc").status == 401


def test_the_document_names_every_address_and_scope_and_the_page_asks_no_other_host(opened: Open) -> None:
    api = Api(opened.served.port, "")
    told = api.get("openapi.json", Authorization="").told
    assert told["openapi"] == "3.1.0"
    assert len([path for path, ways in told["paths"].items() if "post" in ways]) == len([s for s in SCOPES if s.endswith(":write")])
    assert {"repayment_id", "amount", "deleted"} <= set(told["components"]["schemas"]["payments"]["properties"])
    page = api.get("reference", Authorization="")
    assert page.status == 200
    assert b"https://" not in page.body
    assert b"mandate-bounces" in page.body
