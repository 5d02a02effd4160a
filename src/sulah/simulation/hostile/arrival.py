"""Classes L1 to L7: the same again, other content, older, cut off, swung, empty, or with other columns."""

import gzip

from sulah.simulation.hostile.case import Decide, accepted, cases, held, refused, repeated
from sulah.simulation.hostile.lender import TODAY, YESTERDAY, Tables, csv_bytes, files, good, made, spoilt, text_of
from sulah.simulation.hostile.workbook import parquet_of, workbook

_GOOD = files(good())
_RENAMED = {f"{name.removesuffix('.csv')}s.csv": content for name, content in _GOOD.items()}
_OTHER = files(spoilt("loan", 0, officer_id="O-9"))

L1 = cases(
    "L1",
    ("the same folder again", accepted(_GOOD), repeated(_GOOD)),
    ("the same files under other names", accepted(_GOOD), repeated(_RENAMED)),
    ("the same files with one beside them that no table takes", accepted(_GOOD), repeated({**_GOOD, "notes.csv": b"a,b\n1,2\n"})),
    ("the same three times", accepted(_GOOD), repeated(_GOOD), repeated(_GOOD)),
    ("a held load again while it is held", accepted(_GOOD), held(_OTHER, "same_date_other_content"), repeated(_OTHER)),
    ("a replaced load again after it was approved", accepted(_GOOD), held(_OTHER, "same_date_other_content"), Decide(), repeated(_OTHER)),
)

L2 = cases(
    "L2",
    ("one cell differs", accepted(_GOOD), held(_OTHER, "same_date_other_content")),
    (
        "a repayment more",
        accepted(_GOOD),
        held(
            files(made(lambda t: t["repayment"].append({**t["repayment"][0], "repayment_id": "R-NEW"}))),
            "same_date_other_content",
            more={"repayment": 1},
        ),
    ),
    ("the same rows in another order", accepted(_GOOD), held(files(made(lambda t: t["loan"].reverse())), "same_date_other_content")),
    (
        "the same rows, one file compressed",
        accepted(_GOOD),
        held(files(good(), {"loan.csv": None, "loan.csv.gz": gzip.compress(csv_bytes("loan"), mtime=0)}), "same_date_other_content"),
    ),
    (
        "approved, and then the first content again",
        accepted(_GOOD),
        held(_OTHER, "same_date_other_content"),
        Decide(),
        held(_GOOD, "same_date_other_content"),
    ),
    (
        "rejected, and then the first content again",
        accepted(_GOOD),
        held(_OTHER, "same_date_other_content"),
        Decide(reject=True),
        repeated(_GOOD),
    ),
)

_OLDER = {"as_of": YESTERDAY.replace(day=29)}
L3 = cases(
    "L3",
    ("a day older than the last load", refused(files(good()), "older_date", **_OLDER)),
    ("a year older", refused(files(good()), "older_date", as_of=YESTERDAY.replace(year=2025))),
    ("the last load's own content under an older date", refused(files(good(YESTERDAY)), "older_date", **_OLDER)),
    ("an older date after today's load", accepted(_GOOD), refused(files(good(YESTERDAY)), "older_date", **_OLDER)),
    (
        "yesterday again, after today was loaded",
        accepted(_GOOD),
        refused(files(spoilt("loan", 0, YESTERDAY, officer_id="O-9")), "older_date", as_of=YESTERDAY),
    ),
)


def _manifest(table: str, *said: str) -> bytes:
    return f'as_of = {TODAY}\n\n[[file]]\nname = "{table}.csv"\ntable = "{table}"\n{chr(10).join(said)}\n'.encode()


_LOAN, _DUE = csv_bytes("loan"), csv_bytes("instalment")
_PACKED = gzip.compress(_DUE, mtime=0)
L4 = cases(
    "L4",
    ("fewer rows than the manifest says", refused({**_GOOD, "manifest.toml": _manifest("loan", "rows = 11")}, "loan.manifest_differs")),
    (
        "fewer rupees than the manifest says",
        refused({**_GOOD, "manifest.toml": _manifest("repayment", 'rupees = "99999.00"')}, "repayment.manifest_differs"),
    ),
    (
        "another digest than the manifest says",
        refused({**_GOOD, "manifest.toml": _manifest("loan", f'sha256 = "{"0" * 64}"')}, "loan.manifest_differs"),
    ),
    ("half a last line", refused({**_GOOD, "instalment.csv": _DUE[:-20]}, "instalment.file_truncated")),
    (
        "gzip cut off",
        refused(files(good(), {"instalment.csv": None, "instalment.csv.gz": _PACKED[: len(_PACKED) // 2]}), "instalment.file_truncated"),
    ),
    (
        "Parquet cut off",
        refused(files(good(), {"loan.csv": None, "loan.parquet": parquet_of(good()["loan"])[:-40]}), "loan.file_unreadable"),
    ),
    (
        "a workbook cut off",
        refused(files(good(), {"loan.csv": None, "loan.xlsx": workbook(good()["loan"])[:-200]}), "loan.file_unreadable"),
    ),
    ("a file that the manifest names is not there", refused({**_GOOD, "manifest.toml": _manifest("bounce")}, "bounce.manifest_differs")),
    (
        "a quote opened in the last row and never closed",
        refused({**_GOOD, "loan.csv": _LOAN.replace(b"\n3", b'\n"3')}, "loan.quote_unterminated"),
    ),
)


def _without(table: str, keep: int) -> dict[str, bytes]:
    return files(made(lambda t: t[table].__delitem__(slice(keep, None))))


def _paid_more(tables: Tables) -> None:
    """The worst loan pays two instalments today: the total overdue falls by two sevenths."""
    row = {**tables["repayment"][0], "repayment_id": "R-X", "loan_id": "0001004", "paid_on": "2026-03-31", "amount": "2200.00"}
    tables["repayment"].append(row)
    tables["loan"][3].update(lms_dpd="45")


def _six_fewer(tables: Tables) -> None:
    """Six of 43 repayments are not there any more."""
    del tables["repayment"][:6]
    for loan in tables["loan"][:2]:
        loan.update(lms_dpd="137")


_SWUNG = files(made(_paid_more))
L5 = cases(
    "L5",
    (
        "a repayment fewer is no fall too far",
        accepted(files(made(lambda t: t["repayment"].__delitem__(slice(0, 1)))), more={"repayment": -1}),
    ),
    (
        "more than a fifth of the borrowers' loans are gone",
        held(
            _without("loan", 7),
            "rows_fell",
            "quarantine_high",
            more={"loan": -3, "instalment": -36, "repayment": -15},
            codes={"instalment.orphan_loan": 36, "repayment.orphan_loan": 15, "loan.loan_missing": 3},
            refused_rows={"instalment": 36, "repayment": 15},
        ),
    ),
    (
        "the total overdue moves by more than a quarter",
        held(
            _SWUNG,
            "overdue_moved",
            more={"repayment": 1},
        ),
    ),
    (
        "a held swing is approved and becomes the load",
        held(
            _SWUNG,
            "overdue_moved",
            more={"repayment": 1},
        ),
        Decide(),
    ),
    (
        "the limit is a setting: a fifth fewer is too far where 10% is the most",
        held(
            files(made(_six_fewer)),
            "rows_fell",
            more={"repayment": -6},
        ),
        "rows_fall_bps = 1000\noverdue_move_bps = 1000000\n",
    ),
    (
        "a fall within the setting passes",
        accepted(files(made(lambda t: t["repayment"].__delitem__(slice(0, 2)))), more={"repayment": -2}),
        "rows_fall_bps = 500\noverdue_move_bps = 1000000\n",
    ),
)

_HEAD = _LOAN.splitlines()[0]
L6 = cases(
    "L6",
    ("a file of no bytes", refused({**_GOOD, "loan.csv": b""}, "loan.file_empty")),
    ("a header and nothing else", refused({**_GOOD, "loan.csv": _HEAD + b"\n"}, "loan.file_empty")),
    (
        "a header, an empty line and nothing else",
        refused({**_GOOD, "repayment.csv": b"repayment_id,loan_id,paid_on,amount\r\n\r\n"}, "repayment.file_empty"),
    ),
    ("an empty gzip", refused(files(good(), {"loan.csv": None, "loan.csv.gz": gzip.compress(b"", mtime=0)}), "loan.file_empty")),
    (
        "a workbook with a header only",
        refused(files(good(), {"loan.csv": None, "loan.xlsx": workbook([], tuple(_HEAD.decode().split(",")))}), "loan.file_empty"),
    ),
    (
        "Parquet without rows",
        refused(files(good(), {"loan.csv": None, "loan.parquet": parquet_of([], tuple(_HEAD.decode().split(",")))}), "loan.file_empty"),
    ),
    ("no file of loans", refused(files(good(), {"loan.csv": None}), "loan.nothing_found")),
    ("an empty folder", refused({"readme.txt": b"nothing here"}, "nothing_found")),
    ("spaces only", refused({**_GOOD, "loan.csv": b"   \n \n"}, "loan.file_empty")),
)


def _turned(name: str, old: str, new: str) -> bytes:
    return text_of([{new if column == old else column: cell for column, cell in row.items()} for row in good()[name]]).encode()


_MAPPING = '[loan]\nfiles = ["loan.csv"]\n\n[loan.columns]\nprincipal = "LoanAmt"\n'
_TURNED = {**_GOOD, "loan.csv": text_of([dict(reversed(row.items())) for row in good()["loan"]]).encode()}
L7 = cases(
    "L7",
    ("columns in another order", accepted(_TURNED)),
    (
        "a required column is gone",
        refused(
            {**_GOOD, "loan.csv": text_of([{c: v for c, v in row.items() if c != "principal"} for row in good()["loan"]]).encode()},
            "loan.column_missing",
        ),
    ),
    ("a required column has another name", refused({**_GOOD, "loan.csv": _turned("loan", "principal", "LoanAmt")}, "loan.column_missing")),
    ("another name through a saved mapping", accepted({**_GOOD, "loan.csv": _turned("loan", "principal", "LoanAmt")}, mapping=_MAPPING)),
    (
        "two columns with the same name",
        refused(
            {**_GOOD, "loan.csv": _turned("loan", "branch_id", "product")[:0] + _LOAN.replace(b"branch_id", b"product", 1)},
            "loan.header_unclear",
        ),
    ),
    ("a column without a name", refused({**_GOOD, "loan.csv": _LOAN.replace(b"branch_id", b"", 1)}, "loan.header_unclear")),
    (
        "a column that nobody knows is left out",
        accepted({**_GOOD, "loan.csv": text_of([{**row, "colour": "red"} for row in good()["loan"]]).encode()}),
    ),
    (
        "required columns gone from two files are both named",
        refused(
            {**_GOOD, "loan.csv": _turned("loan", "principal", "x"), "repayment.csv": _turned("repayment", "amount", "x")},
            "loan.column_missing",
            "repayment.column_missing",
        ),
    ),
)
