"""Every record of a call is answered for itself: accepted, rejected with the code and words of a file's row, or a copy."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sulah.contracts.registry import EXTRACT
from sulah.contracts.resources import RESOURCES
from sulah.intake.codes import words_of
from tests.api.conftest import Open
from tests.api.machine import ALL_WRITES, NEXT, payment

pytestmark = pytest.mark.slow
LOAN = {"loan_id": "L9", "borrower_id": "B1", "product": "JLG", "disbursed_on": "2026-03-01", "principal": "1000"}
REJECTED: list[tuple[str, dict[str, Any], str, str]] = [
    ("payments", payment(1, paid_on="31/03/2026"), "paid_on", "date_unreadable"),
    ("payments", payment(1, paid_on=20260331), "paid_on", "date_unreadable"),
    ("payments", payment(1, paid_on="2026-04-02"), "paid_on", "future_dated"),
    ("payments", payment(1, paid_on="1949-12-31"), "paid_on", "date_out_of_range"),
    ("payments", payment(1, amount="12.345"), "amount", "amount_too_precise"),
    ("payments", payment(1, amount=12.345), "amount", "amount_too_precise"),
    ("payments", payment(1, amount=1e300), "amount", "amount_unreadable"),
    ("payments", payment(1, amount=True), "amount", "amount_unreadable"),
    ("payments", payment(1, amount="NaN"), "amount", "amount_unreadable"),
    ("payments", payment(1, amount="0"), "amount", "amount_not_positive"),
    ("payments", payment(1, amount="-5"), "amount", "amount_not_positive"),
    ("payments", payment(1, amount=""), "amount", "required_missing"),
    ("payments", payment(1, amount=None), "amount", "required_missing"),
    ("payments", payment(1, status="perhaps"), "status", "term_unknown"),
    ("payments", payment(1, amonut="5"), "amonut", "field_unknown"),
    ("payments", payment(1, loan_id=7), "loan_id", "value_not_text"),
    ("payments", payment(1, mode=["cash"]), "mode", "value_not_text"),
    ("payments", payment(1, amount={"rupees": 5}), "amount", "value_not_text"),
    ("payments", payment(1, mode="ca\0sh"), "mode", "text_unreadable"),
    ("payments", payment(1, mode="\ud800"), "mode", "text_unreadable"),
    ("payments", {**payment(1), "repayment_id": "1.23E+15"}, "repayment_id", "ids_mangled"),
    ("payments", payment(1, deleted="perhaps"), "deleted", "deleted_unreadable"),
    ("payments", {"deleted": True}, "repayment_id", "tombstone_without_key"),
    ("accounts", {"loan_id": "L1", "deleted": True}, "deleted", "tombstone_of_loan"),
    (
        "accounts",
        {**LOAN, "loan_id": "L8", "moratorium_from": "2026-03-10", "moratorium_to": "2026-03-09"},
        "moratorium_to",
        "window_reversed",
    ),
    ("schedules", {"loan_id": "L1", "number": 1, "due_on": "2026-05-01"}, "total_due", "nothing_due"),
    ("schedules", {"loan_id": "L1", "number": 0, "due_on": "2026-05-01", "total_due": 1}, "number", "number_out_of_range"),
    ("reliefs", {"kind": "pause", "from_on": "2026-03-01"}, "borrower_id", "relief_target"),
]


def ties(told: dict[str, Any]) -> bool:
    """Do the counts add up, and agree with the list?"""
    listed = Counter(record["status"] for record in told["records"])
    counts = {fate: told[fate] for fate in ("accepted", "rejected", "duplicate")}
    return told["received"] == sum(counts.values()) == len(told["records"]) and all(listed[fate] == counts[fate] for fate in counts)


def test_a_call_whose_records_are_all_good_is_answered_with_200_and_says_what_that_means(opened: Open) -> None:
    found = opened.api.post("payments", [payment("a1"), payment("a2")], "good-1")
    assert found.status == 200
    assert ties(found.told)
    assert [(one["index"], one["id"], one["status"]) for one in found.told["records"]] == [(0, "Pa1", "accepted"), (1, "Pa2", "accepted")]
    assert "It counts from the next load" in found.told["means"]
    followed = opened.api.get(f"batches/{found.told['batch']}")
    assert (followed.status, followed.told["state"], followed.told["load"]) == (200, "received", None)


@pytest.mark.parametrize(("resource", "record", "field", "code"), REJECTED, ids=lambda value: value if isinstance(value, str) else "")
def test_a_record_that_cannot_be_true_is_rejected_with_its_code_and_the_good_one_beside_it_is_kept(
    opened: Open, resource: str, record: dict[str, Any], field: str, code: str
) -> None:
    """207 and two entries; the words are those of the table of codes."""
    good = {"accounts": LOAN, "schedules": {"loan_id": "L1", "number": 7, "due_on": "2026-05-01", "total_due": 10}}.get(resource)
    good = good or {"payments": payment("ok"), "reliefs": {"borrower_id": "B1", "kind": "pause", "from_on": "2026-03-01"}}[resource]
    found = opened.api.post(resource, [record, good], f"{field}-{code}-{json.dumps(record)}"[:190].encode("ascii", "replace").decode())
    assert (found.status, ties(found.told)) == (207, True)
    bad, kept = found.told["records"]
    assert (bad["status"], bad["field"], bad["code"], bad["words"]) == ("rejected", field, code, words_of(code, field))
    assert kept["status"] == "accepted"


def test_a_call_without_one_good_record_is_answered_with_422_and_nothing_waits_for_a_load(opened: Open) -> None:
    found = opened.api.post("payments", [1, "x", None, [], {}, payment(1, amount="x", paid_on="y")], "none-good")
    assert (found.status, found.told["accepted"], ties(found.told)) == (422, 0, True)
    assert [one["code"] for one in found.told["records"][:4]] == ["record_unreadable"] * 4
    assert {one["code"] for one in (found.told["records"][5], *found.told["records"][5]["more"])} == {
        "amount_unreadable",
        "date_unreadable",
    }
    assert opened.api.get(f"batches/{found.told['batch']}").told["state"] == "nothing"


def test_a_key_that_stands_twice_in_a_call_is_a_copy_when_it_says_the_same_and_rejected_when_not(opened: Open) -> None:
    copy = opened.api.post("payments", [payment(5), payment(5)], "copy")
    assert (copy.status, copy.told["accepted"], copy.told["duplicate"], ties(copy.told)) == (207, 1, 1, True)
    other = opened.api.post("payments", [payment(5), payment(5, amount="1")], "other")
    assert (other.status, [one["code"] for one in other.told["records"]]) == (422, ["duplicate_conflicting"] * 2)
    gone = opened.api.post("payments", [payment(5), {"repayment_id": "P5", "deleted": True}], "both")
    assert [one["code"] for one in gone.told["records"]] == ["changed_and_deleted"] * 2
    twice = opened.api.post("payments", [{"repayment_id": "P5", "deleted": True}] * 2, "twice")
    assert [one["status"] for one in twice.told["records"]] == ["accepted", "duplicate"]


def test_a_record_with_one_name_twice_is_rejected_though_json_would_take_the_last(opened: Open) -> None:
    body = b'{"as_of": "2026-04-01", "records": [{"repayment_id": "R1", "repayment_id": "R2", "loan_id": "L1"}]}'
    found = opened.api.ask("POST", "payments", body, Idempotency_Key="name-twice")
    assert (found.status, found.told["records"][0]["code"], found.told["records"][0]["field"]) == (422, "field_twice", "repayment_id")


UNREADABLE = [
    (b"", "not JSON"),
    (b"[]", "one object"),
    (b"{}", "records must be a list"),
    (b'{"records": [{}]}', "as_of is the business date"),
    (b'{"as_of": 20260401, "records": [{}]}', "as_of is the business date"),
    (b'{"as_of": "2026-04-01", "records": []}', "at least one record"),
    (b'{"as_of": "2026-04-01", "records": [{}], "mode": "full"}', "mode is"),
    (b'{"as_of": "2026-04-01", "records": [{}], "day": 1}', "no member of a call"),
    (b'{"as_of": "2026-04-01", "as_of": "2026-04-02", "records": [{}]}', "each name once"),
    (b'{"as_of": "2026-04-01", "records": [{"amount": NaN}]}', "NaN is no JSON number"),
    (b'{"as_of": "2026-04-01", "records": [{"amount": Infinity}]}', "Infinity is no JSON number"),
    (b'{"as_of": "2026-04-01", "records": [{}', "not JSON"),
    (b"[" * 200_000, "nested far deeper"),
    (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested far deeper"),
    ('{"as_of": "2026-04-01", "records": [{"mode": "é"}]}'.encode("latin-1"), "not UTF-8"),
    ('{"as_of": "2026-04-01", "records": [{}]}'.encode("utf-16"), "not UTF-8"),
    (b"\xef\xbb\xbf" + b'{"as_of": "2026-04-01", "records": [{}]}', "not JSON"),
    (json.dumps({"as_of": NEXT, "records": [{}] * 1001}).encode(), "at most 1,000"),
]


@pytest.mark.parametrize(("body", "words"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_body_that_is_no_call_is_a_problem_with_words_and_is_not_remembered(opened: Open, body: bytes, words: str) -> None:
    found = opened.api.ask("POST", "payments", body, Idempotency_Key="no-call")
    assert (found.status, found.headers["content-type"], found.told["code"]) == (400, "application/problem+json", "call_unreadable")
    assert words in found.told["detail"]


def test_a_thousand_records_come_in_one_call_and_one_more_does_not(opened: Open) -> None:
    """At the limit; the one after it stands among the unreadable bodies."""
    found = opened.api.post("payments", [payment(f"k{n}") for n in range(1000)], "thousand")
    assert (found.status, found.told["accepted"]) == (200, 1000)


def test_a_body_of_ten_megabytes_another_type_and_a_missing_key_are_refused_before_they_are_read(opened: Open) -> None:
    large = opened.api.ask("POST", "payments", b" " * 10_000_000, Idempotency_Key="large")
    assert (large.status, large.told["code"]) == (413, "too_large")
    for kind, coding in (("text/csv", ""), ("", ""), ("application/json", "gzip")):
        refused = opened.api.ask("POST", "payments", b"{}", Content_Type=kind, Content_Encoding=coding, Idempotency_Key="kind")
        assert (refused.status, refused.told["code"]) == (415, "not_json")
    for key in ("", "x" * 201, "k\u00e9y"):
        missing = opened.api.ask("POST", "payments", b"{}", Idempotency_Key=key)
        assert (missing.status, missing.told["code"]) == (400, "key_missing")


def test_addresses_and_methods_that_are_not_there_are_problems_too(opened: Open) -> None:
    assert [opened.api.get(path).status for path in ("nothing", "a/b/c", "batches/none", "schedules")] == [404, 404, 404, 405]
    assert opened.api.ask("DELETE", "accounts/L1").headers["allow"] == "GET"
    assert opened.api.ask("POST", "nothing", b"{}").headers["content-type"] == "application/problem+json"


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates().map(str)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=5
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(draw=st.data())
def test_whatever_json_is_thrown_at_a_table_it_is_answered_without_a_fault_and_ties_out(opened: Open, draw: st.DataObject) -> None:
    """Hypothesis' own records, with the contract's names and others: never a 5xx, and each record has its entry."""
    resource = draw.draw(st.sampled_from(ALL_WRITES))
    names = st.sampled_from([column.source for column in EXTRACT[RESOURCES[resource]].columns] + ["deleted", "other"])
    records = draw.draw(st.lists(st.dictionaries(names, _VALUES, max_size=8) | _VALUES, min_size=1, max_size=6))
    mode = draw.draw(st.sampled_from(["changes", "append"]))
    body = json.dumps({"as_of": NEXT, "mode": mode, "records": records}).encode()
    found = opened.api.ask("POST", resource, body, Idempotency_Key=f"drawn-{hash(body)}-{resource}")
    assert found.status in (200, 207, 400, 422), found.body
    if found.status != 400:
        assert ties(found.told)
        assert found.told["received"] == len(records)
