"""Class L8: encodings, scripts, invisible characters, and quotes that swallow rows."""

import gzip

from sulah.simulation.hostile.case import accepted, cases, refused
from sulah.simulation.hostile.lender import files, good, spoilt, text_of
from sulah.simulation.hostile.workbook import workbook

_GOOD = files(good())
_NAME = "borrower/007001/name"
_DEVANAGARI, _TAMIL, _LATIN = "आशा देवी", "ஆஷா தேவி", "José Ñuñez"


def _named(name: str) -> str:
    return text_of(spoilt("borrower", 0, name=name)["borrower"])


def _sent(content: bytes) -> dict[str, bytes]:
    return {**_GOOD, "borrower.csv": content}


def _kept(name: str, encoding: str, mark: bytes = b"") -> object:
    return accepted(_sent(mark + _named(name).encode(encoding)), cells={_NAME: name})


def _cleaned(sent: str, kept: str) -> object:
    return accepted(_sent(_named(sent).encode()), cells={_NAME: kept}, codes={"borrower.text_cleaned": 1})


_DECLARED = '[borrower]\nfiles = ["borrower.csv"]\nencoding = "windows-1252"\n'
_LONE = [line.encode() for line in text_of(good()["borrower"]).splitlines()]


def _quoted(*at: int, place: str = "first") -> bytes:
    """The borrowers with a lone quote in some rows: before the name, or in the middle of it."""
    lines = list(_LONE)
    for row in at:
        cells = lines[row].split(b",")
        cells[1] = b'"' + cells[1] if place == "first" else cells[1][:3] + b'"' + cells[1][3:] if place == "middle" else cells[1] + b'"'
        lines[row] = b",".join(cells)
    return b"\n".join(lines) + b"\n"


_SWALLOWED = _quoted(2).replace(b"Lakshmi Bai,", b'Lakshmi Bai",')
L8 = cases(
    "L8",
    ("UTF-8 with its mark", _kept(_DEVANAGARI, "utf-8", b"\xef\xbb\xbf")),
    ("a Devanagari name in UTF-8", _kept(_DEVANAGARI, "utf-8")),
    ("a Tamil name in UTF-8", _kept(_TAMIL, "utf-8")),
    ("UTF-16, little end first, with its mark", _kept(_TAMIL, "utf-16-le", b"\xff\xfe")),
    ("UTF-16, big end first, with its mark", _kept(_DEVANAGARI, "utf-16-be", b"\xfe\xff")),
    (
        "UTF-16 compressed",
        accepted(
            files(
                good(), {"borrower.csv": None, "borrower.csv.gz": gzip.compress(b"\xff\xfe" + _named(_TAMIL).encode("utf-16-le"), mtime=0)}
            ),
            cells={_NAME: _TAMIL},
        ),
    ),
    ("UTF-16 without its mark", refused(_sent(_named(_TAMIL).encode("utf-16-le")), "borrower.nul_bytes")),
    ("UTF-32", refused(_sent(_named(_TAMIL).encode("utf-32")), "borrower.text_undecodable")),
    ("Windows-1252 that the mapping declares", accepted(_sent(_named(_LATIN).encode("cp1252")), cells={_NAME: _LATIN}, mapping=_DECLARED)),
    ("Windows-1252 that nobody declared", refused(_sent(_named(_LATIN).encode("cp1252")), "borrower.text_undecodable")),
    ("UTF-8 where the mapping declares Windows-1252", refused(_sent(_named(_LATIN).encode()), "borrower.text_mixed", mapping=_DECLARED)),
    (
        "UTF-8 and Windows-1252 in one file",
        refused(_sent(_named(_DEVANAGARI).encode() + "007099,José,,hi,,\n".encode("cp1252")), "borrower.text_mixed"),
    ),
    ("letters in parts (NFD) are composed", _cleaned("Jose\u0301 Thomas", "José Thomas")),
    ("zero-width characters are taken out", _cleaned("Asha\u200b De\ufeffvi", "Asha Devi")),
    ("a right-to-left override is taken out", _cleaned("Asha \u202eiveD", "Asha iveD")),
    ("a joiner behind a virama stays: it is spelling", accepted(_sent(_named("क्\u200dष राव").encode()), cells={_NAME: "क्\u200dष राव"})),
    ("a joiner elsewhere is taken out", _cleaned("As\u200dha Devi", "Asha Devi")),
    ("control characters are taken out", _cleaned("Asha\x07 Devi\x1b", "Asha Devi")),
    (
        "a Tamil name in a workbook",
        accepted(
            files(good(), {"borrower.csv": None, "borrower.xlsx": workbook(spoilt("borrower", 0, name=_TAMIL)["borrower"])}),
            cells={_NAME: _TAMIL},
        ),
    ),
    ("a lone quote that never ends", refused(_sent(_quoted(10)), "borrower.quote_unterminated")),
    ("two lone quotes in different rows, the count is even", refused(_sent(_quoted(2, 5)), "borrower.quote_unterminated")),
    ("two lone quotes that make one row of three, every reader takes it", refused(_sent(_SWALLOWED), "borrower.quote_unterminated")),
    (
        "a lone quote in the middle of a field is text",
        accepted(_sent(_quoted(2, place="middle")), cells={"borrower/007002/name": 'Rav"i Kumar'}),
    ),
    (
        "lone quotes in the middle of two fields are text",
        accepted(_sent(_quoted(2, 5, place="middle")), cells={"borrower/007005/name": 'Mee"na Kumari'}),
    ),
    ("a quoted name over two lines is one name", accepted(_sent(_named("Asha\nDevi").encode()), cells={_NAME: "Asha\nDevi"})),
)
