"""A file is believed whole or refused whole, with words; CSV, gzip, XLSX and Parquet say the same."""

import gzip
import hashlib
from datetime import date, datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from sulah.adapters.lms.manifest_file import read_manifest
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.adapters.lms.report import hold_to_manifest, refuse_mangled
from sulah.intake.mapping import mapping_of
from tests.intake.extract import AS_OF, check, good, write


def refusal(folder: Path) -> str:
    """The code that refuses the folder."""
    with pytest.raises(RefusedExtractError) as caught:
        check(folder)
    return caught.value.findings[0].code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"loan_id,borrower_id,product,disbursed_on,principal\n", "file_empty"),
        (b"loan_id,borrower_id,product,disbursed_on,principal\r\n\r\n", "file_empty"),
        (b"loan_id,borrower_id,product,disbursed_on,principal\nL1,B1,JLG,2026-01-01,10000\nL2,B2,J", "file_truncated"),
        (b'loan_id,borrower_id,product,disbursed_on,principal\nL1,B1,"JLG,2026-01-01,10000\n', "quote_unterminated"),
        (b"loan_id,borrower_id,product,disbursed_on,principal\nL1,B1,J\0G,2026-01-01,10000\n", "nul_bytes"),
        (b"loan_id,borrower_id,product,disbursed_on,principal\nL1,B1,caf\xe9,2026-01-01,10000\n", "text_undecodable"),
        ("loan_id,borrower_id\nL1,B1\n".encode("utf-16-le"), "nul_bytes"),
        (b"loan_id,loan_id,borrower_id,product,disbursed_on,principal\na,b,c,d,e,f\n", "header_unclear"),
        (b"loan_id,borrower_id,product,disbursed_on,amount\nL1,B1,JLG,2026-01-01,10000\n", "column_missing"),
    ],
)
def test_a_broken_file_refuses_the_extract(tmp_path: Path, content: bytes, code: str) -> None:
    folder = write(tmp_path, good())
    (folder / "loan.csv").write_bytes(content)
    assert refusal(folder) == code


def test_a_missing_column_is_named_with_what_the_file_has(tmp_path: Path) -> None:
    tables = good()
    for row in tables["loan"]:
        row["amt"] = row.pop("principal")
    with pytest.raises(RefusedExtractError, match=r"principal is not in the file.*the file has loan_id.*amt"):
        check(write(tmp_path, tables))


def test_the_order_of_columns_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    tables = {name: [dict(reversed(row.items())) for row in rows] for name, rows in good().items()}
    folder = write(tmp_path, tables)
    (folder / "loan.csv").write_bytes(b"\xef\xbb\xbf" + (folder / "loan.csv").read_bytes())
    assert check(folder).refused == []


def test_a_last_line_without_a_newline_is_taken_when_it_is_whole(tmp_path: Path) -> None:
    folder = write(tmp_path, good())
    (folder / "loan.csv").write_bytes((folder / "loan.csv").read_bytes().rstrip(b"\r\n"))
    assert check(folder).refused == []


def test_a_truncated_gzip_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, good())
    packed = gzip.compress((folder / "loan.csv").read_bytes())
    (folder / "loan.csv").unlink()
    (folder / "loan.csv.gz").write_bytes(packed[:-6])
    assert refusal(folder) == "file_truncated"


def test_ids_that_a_spreadsheet_destroyed_refuse_the_extract(tmp_path: Path) -> None:
    tables = good()
    tables["loan"][1]["loan_id"] = "1.23E+15"
    folder = write(tmp_path, tables)
    from sulah.adapters.engines.duck import connect
    from sulah.adapters.lms.files import Limits, find_files, open_sources
    from sulah.adapters.lms.sift import sift
    from sulah.intake.mapping import PLAIN

    connection = connect()
    sifted = sift(connection, open_sources(connection, find_files(folder, PLAIN), PLAIN, Limits()), PLAIN, AS_OF, progress=lambda _: None)
    with pytest.raises(RefusedExtractError, match="destroyed the ids"):
        refuse_mangled(connection, sifted)


def _sheet(folder: Path, *, numeric_id: bool) -> Path:
    (folder / "loan.csv").unlink()
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["loan_id", "borrower_id", "product", "disbursed_on", "principal"])
    page.append([123 if numeric_id else "L1", "B1", "JLG", datetime(2026, 1, 1), 10000])  # noqa: DTZ001  (a cell has no zone)
    page.append(["L2", "B2", "JLG", date(2026, 1, 5), 20000.5])
    book.save(folder / "loan.xlsx")
    return folder


def test_a_sheet_and_a_parquet_file_say_what_the_csv_says(tmp_path: Path) -> None:
    plain = check(write(tmp_path / "csv", good()))
    sheet = check(_sheet(write(tmp_path / "xlsx", good()), numeric_id=False))
    folder = write(tmp_path / "parquet", good())
    columns = "loan_id, borrower_id, product, disbursed_on::DATE AS disbursed_on, principal::DOUBLE AS principal"
    duckdb.sql(f"COPY (SELECT {columns} FROM read_csv('{folder}/loan.csv')) TO '{folder}/loan.parquet'")
    (folder / "loan.csv").unlink()
    assert sheet.refused == plain.refused == check(folder).refused == []
    assert sheet.accepted == plain.accepted == check(folder).accepted
    assert [tie.paise for tie in sheet.ties] == [tie.paise for tie in plain.ties] == [tie.paise for tie in check(folder).ties]


def test_a_numeric_id_in_a_sheet_is_refused(tmp_path: Path) -> None:
    assert refusal(_sheet(write(tmp_path, good()), numeric_id=True)) == "xlsx_numeric_id"


def _manifest(folder: Path, text: str) -> str:
    (folder / "manifest.toml").write_text(text)
    try:
        manifest = read_manifest(folder, AS_OF)
        hold_to_manifest(check(folder).ties, manifest)
    except RefusedExtractError as error:
        return error.findings[0].code
    return ""


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("rows = 2\nrupees = '30000.50'\nsha256 = 'SHA'", ""),
        ("rows = 3", "manifest_differs"),
        ("rupees = '30000.51'", "manifest_differs"),
        ("sha256 = '00'", "manifest_differs"),
        ("mode = 'all'", "manifest_mode"),
        ("mode = 'append'", ""),
        ("mode = 'full'", ""),
    ],
)
def test_a_manifest_is_held_against_the_file(tmp_path: Path, said: str, code: str) -> None:
    folder = write(tmp_path, good())
    said = said.replace("SHA", hashlib.sha256((folder / "loan.csv").read_bytes()).hexdigest())
    assert _manifest(folder, f"as_of = 2026-03-31\n[[file]]\nname = 'loan.csv'\ntable = 'loan'\n{said}\n") == code


def test_a_manifest_of_another_date_is_refused(tmp_path: Path) -> None:
    assert _manifest(write(tmp_path, good()), "as_of = 2026-03-30\n") == "manifest_as_of"


def test_a_file_may_feed_two_tables_and_a_key_may_be_joined(tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text("acct,when,amt,Pay Date,paid\nL1,2026-01-01,100,2026-02-01,40\n")
    mapping = mapping_of(
        "t",
        """
        [loan]
        files = ["all*.csv"]
        [loan.columns]
        loan_id = "acct"
        borrower_id = "acct"
        disbursed_on = "when"
        principal = "amt"
        [loan.constants]
        product = "X"
        [repayment]
        files = ["ALL.csv"]
        [repayment.columns]
        repayment_id = ["acct", "Pay Date"]
        loan_id = "acct"
        paid_on = "Pay Date"
        amount = "paid"
        """,
    )
    seen = check(tmp_path, mapping)
    assert seen.accepted["repayment"] == ["L1-2026-02-01"]
    assert seen.refused == []
