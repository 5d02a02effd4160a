"""Classes L19 to L22: phone numbers, formulas and code in names, bombs and traps, and rows of another lender."""

import gzip

from sulah.simulation.hostile.case import Day, accepted, cases, refused
from sulah.simulation.hostile.lender import LOANS, Files, Tables, csv_bytes, files, good, made, spoilt, text_of
from sulah.simulation.hostile.workbook import gzip_bomb, locked, padded_workbook, workbook

_GOOD = files(good())
_PHONE, _STANDING = "borrower/007001/phone", "borrower/007001/phone_standing"


def _phone(sent: str, kept: str, standing: str) -> object:
    codes = {} if standing == "ok" else {f"borrower.phone_{standing}": 1}
    return accepted(files(spoilt("borrower", 0, phone=sent)), cells={_PHONE: kept, _STANDING: standing}, codes=codes)


def _shared(people: int) -> Files:
    return files(made(lambda t: [row.update(phone="9845001001") for row in t["borrower"][:people]]))


L19 = cases(
    "L19",
    ("ten digits", _phone("9845001001", "+919845001001", "ok")),
    ("+91 before it", _phone("+91 98450 01001", "+919845001001", "ok")),
    ("0 before it", _phone("09845001001", "+919845001001", "ok")),
    ("91 before it", _phone("919845001001", "+919845001001", "ok")),
    ("ten zeros", _phone("0000000000", "0000000000", "invalid")),
    ("ten nines", _phone("9999999999", "+919999999999", "invalid")),
    ("too short", _phone("98450", "98450", "invalid")),
    ("a number that a spreadsheet destroyed", _phone("9.845E+09", "9.845E+09", "invalid")),
    ("a landline that begins with its area code", _phone("011 23456789", "+911123456789", "landline")),
    ("a landline of a city whose code looks like a mobile's", _phone("080-22221111", "+918022221111", "landline")),
    ("a series of callers, not of people", _phone("1400123456", "+911400123456", "invalid")),
    ("one number for five borrowers is a household", accepted(_shared(5), cells={_STANDING: "ok"})),
    ("one number for six borrowers is unverified", accepted(_shared(6), cells={_STANDING: "shared"}, codes={"borrower.phone_shared": 6})),
    (
        "one number for two, where the setting allows one",
        accepted(_shared(2), cells={_STANDING: "shared"}, codes={"borrower.phone_shared": 2}),
        "phone_borrowers = 1\n",
    ),
    (
        "a number of the lender's own staff",
        accepted(_GOOD, cells={_STANDING: "shared"}, codes={"borrower.phone_shared": 1}),
        'staff_phones = ["098450 01001"]\n',
    ),
)


def _name(text: str) -> object:
    return accepted(files(spoilt("borrower", 0, name=text)), cells={"borrower/007001/name": text})


def _product(text: str, exported: str) -> tuple[object, Day]:
    return accepted(files(spoilt("loan", 0, product=text)), cells={"loan/0001001/product": text}), Day(
        rows={"position": {LOANS[0]: {"product": exported}}}
    )


def _quoted_id(tables: Tables) -> None:
    """The first loan comes under another id, with quotes in it; so do its repayments."""
    for name in ("loan", "instalment", "repayment"):
        for row in tables[name]:
            if row["loan_id"] == LOANS[0]:
                row["loan_id"] = "L'1\"x"
                if name == "repayment":
                    row["repayment_id"] += "'"


L20 = cases(
    "L20",
    ("=HYPERLINK in a name", _name('=HYPERLINK("http://example.com","Asha")')),
    ("@SUM in a name", _name("@SUM(1+1)*cmd|' /C calc'!A0")),
    ("a script in a name", _name("<script>alert(1)</script>")),
    ("an image with a handler in a name", _name('"><img src=x onerror=alert(1)>')),
    ("SQL in a name", _name("Robert'); DROP TABLE borrower;--")),
    ("a template in a name", _name("{{ 7*7 }} {% load x %} ${7*7}")),
    ("a path in a name", _name("../../keys/personal.key")),
    ("a formula as a product is quoted on export", *_product("=1+1", "'=1+1")),
    ("a formula with @ as a product is quoted on export", *_product("@SUM(A1)", "'@SUM(A1)")),
    ("a plus before a product is quoted on export", *_product("+JLG", "'+JLG")),
    (
        "a loan id with a quote in it",
        accepted(
            files(made(_quoted_id)),
            codes={"loan.loan_missing": 1},
        ),
    ),
)

_DUE = csv_bytes("instalment")
_HEAD = _DUE.splitlines()[0] + b"\n"
_SHEET = {"loan.csv": None}


def _book(content: bytes) -> Files:
    return files(good(), {**_SHEET, "loan.xlsx": content})


def _compressed(content: bytes) -> Files:
    return files(good(), {"instalment.csv": None, "instalment.csv.gz": content})


_ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'
)
_FAR = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="inlineStr"><is><t>loan_id</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)
_SMALL = "largest_file_mb = 1\n"
L21 = cases(
    "L21",
    (
        "more text than the limit",
        refused({**_GOOD, "instalment.csv": _HEAD + _DUE.split(b"\n", 1)[1] * 250}, "instalment.file_too_large"),
        _SMALL,
    ),
    (
        "more text than the limit, compressed",
        refused(_compressed(gzip.compress(_HEAD + _DUE.split(b"\n", 1)[1] * 250, mtime=0)), "instalment.file_too_large"),
        _SMALL,
    ),
    ("a gzip bomb", refused(_compressed(gzip_bomb(_HEAD, 100)), "instalment.compressed_beyond_belief")),
    ("a gzip in a gzip is no text", refused(_compressed(gzip.compress(gzip.compress(_DUE, mtime=0), mtime=0)), "instalment.nul_bytes")),
    (
        "a hundred thousand columns",
        refused({**_GOOD, "loan.csv": ",".join(f"c{n}" for n in range(100_000)).encode() + b"\n1\n"}, "loan.too_many_columns"),
    ),
    (
        "a cell of five million characters",
        refused({**_GOOD, "borrower.csv": csv_bytes("borrower") + b"007099," + b"x" * 5_000_000 + b",,hi,,\n"}, "borrower.line_too_long"),
    ),
    ("a workbook that unfolds to far more", refused(_book(padded_workbook(good()["loan"], 80)), "loan.compressed_beyond_belief")),
    ("a workbook with an external entity", refused(_book(workbook([], sheet=_ENTITY)), "loan.sheet_unsafe")),
    ("a workbook with a macro", refused(_book(workbook(good()["loan"], parts={"xl/vbaProject.bin": b"\0" * 64})), "loan.sheet_unsafe")),
    ("a workbook with a password", refused(_book(locked()), "loan.file_locked")),
    (
        "a workbook with a part called ../../x",
        refused(_book(workbook(good()["loan"], parts={"../../keys/personal.key": b"x"})), "loan.sheet_unsafe"),
    ),
    (
        "a workbook whose far corner would need a terabyte",
        refused(_book(workbook([], sheet=_FAR)), "loan.sheet_too_heavy"),
        "sheet_memory_mb = 2000\n",
    ),
    (
        "a workbook of twenty thousand parts",
        refused(_book(workbook(good()["loan"], parts={f"p/{n}": b"" for n in range(20_000)})), "loan.file_too_large"),
    ),
    ("text that calls itself a workbook", refused(_book(b"loan_id,borrower_id\n"), "loan.file_unreadable")),
    ("a link to another place", refused(files(good(), {"loan.csv": None}), "file_symlink", links={"loan.csv": "/etc/hostname"})),
    (
        "a link to a good file outside the folder",
        refused(files(good(), {"loan.csv": None}), "file_symlink", links={"loan.csv": "../../base/loan.csv"}),
    ),
    ("an archive of files is no extract", refused({"extract.zip": workbook(good()["loan"])}, "nothing_found")),
)


def _coded(first: str) -> Files:
    rows = [{**row, "lender_code": "KAV"} for row in good()["loan"]]
    rows[0]["lender_code"] = first
    return {**_GOOD, "loan.csv": text_of(rows).encode()}


_OWN = 'branches = ["BR-1"]\n'
_CODE = 'lender_code = "KAV"\n'
L22 = cases(
    "L22",
    ("one loan of a branch that is not ours", refused(files(spoilt("loan", 0, branch_id="XX-9")), "loan.other_tenant"), _OWN),
    (
        "all loans of another lender's branch",
        refused(files(made(lambda t: [row.update(branch_id="XX-9") for row in t["loan"]])), "loan.other_tenant"),
        _OWN,
    ),
    ("only our branches", accepted(_GOOD), _OWN),
    ("one loan with another lender's code", refused(_coded("OTH"), "loan.other_tenant"), _CODE),
    ("only our code", accepted(_coded("KAV")), _CODE),
    (
        "a centre of a branch that is not ours",
        refused({**_GOOD, "centre.csv": b"centre_id,branch_id\nC1,XX-9\n"}, "centre.other_tenant"),
        _OWN,
    ),
    ("another branch where no branches are set", accepted(files(spoilt("loan", 0, branch_id="XX-9")))),
)
