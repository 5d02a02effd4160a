"""Ids that a spreadsheet shortened, rows of another lender, and what a phone number is good for."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.adapters.engines.duck import connect, literal
from sulah.adapters.lms.files import Limits, find_files, open_sources
from sulah.adapters.lms.identity import refuse_unsafe_ids
from sulah.adapters.lms.phones import _standing, judge_phones
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.adapters.lms.sift import sift
from sulah.intake.mapping import PLAIN
from tests.intake.extract import AS_OF, Rows, good, write


def unsafe(folder: Path, tables: Mapping[str, Rows], settings: Mapping[str, object] | None = None) -> list[str]:
    """table.code of what refuses the extract, without a load before it."""
    connection = connect()
    sources = open_sources(connection, find_files(write(folder, dict(tables)), PLAIN), PLAIN, Limits())
    sift(connection, sources, PLAIN, AS_OF, progress=lambda _: None)
    try:
        refuse_unsafe_ids(connection, sources, None, settings or {})
    except RefusedExtractError as error:
        return [f"{finding.table}.{finding.code}" for finding in error.findings]
    return []


def test_a_schedule_whose_ids_lost_their_zeros_refuses_the_extract(tmp_path: Path) -> None:
    tables = good()
    for name in ("loan", "instalment", "repayment"):
        for row in tables[name]:
            row["loan_id"] = row["loan_id"].replace("L", "000")
    assert unsafe(tmp_path / "whole", tables) == []
    for row in tables["instalment"]:
        row["loan_id"] = row["loan_id"].lstrip("0")
    assert unsafe(tmp_path / "lost", tables) == ["instalment.ids_zeros_lost"]


def test_an_orphan_that_fits_no_loan_is_an_orphan_and_no_lost_zero(tmp_path: Path) -> None:
    tables = good()
    tables["repayment"][0]["loan_id"] = "77"
    assert unsafe(tmp_path, tables) == []


@pytest.mark.parametrize(("branches", "found"), [(["BR-1"], ["loan.other_tenant"]), (["BR-1", "BR-2"], []), ([], []), ("BR-1", [])])
def test_branches_of_the_settings_say_whose_rows_are_ours(tmp_path: Path, branches: object, found: list[str]) -> None:
    tables = good()
    tables["loan"][0]["branch_id"], tables["loan"][1]["branch_id"] = "BR-1", "BR-2"
    assert unsafe(tmp_path, tables, {"load": {"branches": branches}}) == found


def standing_of(number: str) -> str:
    """The standing of one number."""
    return str(connect().execute(f"SELECT {_standing('phone')} FROM (SELECT {literal(number)} AS phone)").fetchall()[0][0])


@given(st.from_regex(r"[6-9][0-9]{9}", fullmatch=True))
@settings(max_examples=60, deadline=None)
def test_what_the_library_of_numbers_calls_a_valid_mobile_is_never_called_invalid(number: str) -> None:
    known = phonenumbers.parse(number, "IN")
    mobile = phonenumbers.number_type(known) in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    made_up = len(set(number)) == 1 or number == "9876543210"
    if phonenumbers.is_valid_number(known) and mobile and not made_up:
        assert standing_of(number) == "ok"


def shared(people: Sequence[str], limit: int) -> list[str]:
    """The standings of borrowers with these numbers."""
    connection = connect()
    columns = ", ".join(f"{name} VARCHAR" for name in ("borrower_id", "phone", "phone_2", "phone_standing", "phone_2_standing"))
    connection.execute(f"CREATE TABLE shaped_borrower ({columns})")
    connection.executemany(
        "INSERT INTO shaped_borrower VALUES (?, ?, NULL, NULL, NULL)", [[f"B{n}", phone] for n, phone in enumerate(people)]
    )
    connection.execute("CREATE VIEW good_borrower AS SELECT borrower_id, phone_standing, phone_2_standing FROM shaped_borrower")
    connection.execute("CREATE TABLE rest_phone (number VARCHAR, borrower_id VARCHAR)")
    judge_phones(connection, {"load": {"phone_borrowers": limit}}, ())
    return [row[0] for row in connection.execute("SELECT phone_standing FROM shaped_borrower ORDER BY borrower_id").fetchall()]


@pytest.mark.parametrize(("limit", "standing"), [(2, "shared"), (3, "ok"), (4, "ok")])
def test_a_number_is_shared_beyond_the_limit_however_it_is_written(limit: int, standing: str) -> None:
    assert shared(["9845001001", "+91 98450 01001", "098450-01001"], limit) == [standing] * 3
