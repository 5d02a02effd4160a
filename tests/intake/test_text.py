"""Text is decoded with certainty or refused; what is kept can be seen; a lone quote swallows nobody's row."""

import codecs
import hashlib
import unicodedata
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sulah.adapters.engines.duck import connect, literal
from sulah.adapters.lms.clean_text import cleaned
from sulah.adapters.lms.csv_text import CsvText, examine, relation_of
from sulah.adapters.lms.limits import Limits, limits_in
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.intake.mapping import MappingError, mapping_of

HEAD = "borrower_id,name,pincode\n"


def read(folder: Path, content: bytes, *, limits: Limits | None = None, encoding: str = "") -> CsvText:
    """The structure check of a file of borrowers."""
    path = folder / "borrower.csv"
    path.write_bytes(content)
    return examine(path, table="borrower", limits=limits or Limits(), folder=folder, encoding=encoding)


def code_of(folder: Path, content: bytes, *, limits: Limits | None = None, encoding: str = "") -> str:
    """The code that refuses the file."""
    with pytest.raises(RefusedExtractError) as caught:
        read(folder, content, limits=limits, encoding=encoding)
    return caught.value.findings[0].code


def rows(folder: Path, content: bytes, encoding: str = "") -> list[tuple[str, ...]]:
    """The rows as DuckDB reads them after the check."""
    text = read(folder, content, encoding=encoding)
    return connect().execute(f"SELECT borrower_id, name, pincode FROM {relation_of(text, 'rejects')}").fetchall()


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE), ("utf-8", codecs.BOM_UTF8)]
)
@pytest.mark.parametrize("name", ["आशा देवी", "ஆஷா தேவி", "José"])
def test_a_marked_file_reads_as_written_and_keeps_its_own_digest(tmp_path: Path, encoding: str, mark: bytes, name: str) -> None:
    content = mark + f"{HEAD}B1,{name},560001\n".encode(encoding)
    assert rows(tmp_path, content) == [("B1", name, "560001")]
    assert read(tmp_path, content).sha256 == hashlib.sha256(content).hexdigest()


def test_windows_1252_is_read_only_where_it_is_declared(tmp_path: Path) -> None:
    content = f"{HEAD}B1,José,560001\n".encode("cp1252")
    assert rows(tmp_path, content, "windows-1252") == [("B1", "José", "560001")]
    assert code_of(tmp_path, content) == "text_undecodable"
    assert code_of(tmp_path, f"{HEAD}B1,José,560001\n".encode(), encoding="windows-1252") == "text_mixed"
    with pytest.raises(MappingError, match="encoding must be one of"):
        mapping_of("m", '[loan]\nencoding = "latin-9"\n')


@given(st.lists(st.tuples(st.text("ab, \n", max_size=12), st.text("xy,", max_size=6)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_honest_quoted_text_is_never_refused_and_loses_no_row(tmp_path: Path, names: list[tuple[str, str]]) -> None:
    honest = [(name, pin) for name, pin in names if name.count(",") < 2 and pin.count(",") < 2]
    lines = [f'B{n},"{name}","{pin}"\n' for n, (name, pin) in enumerate(honest)]
    if lines:
        assert len(rows(tmp_path, (HEAD + "".join(lines)).encode())) == len(lines)


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_lone_quotes_in_two_rows_refuse_the_file_wherever_they_stand(tmp_path: Path, first: int, second: int, place: int) -> None:
    lines = [[f"B{n}", "Asha", "560001"] for n in range(6)]
    if first == second:
        return
    start, end = sorted((first, second))
    lines[start][place] = '"' + lines[start][place]
    lines[end][place] = lines[end][place] + '"'
    assert code_of(tmp_path, (HEAD + "".join(",".join(line) + "\n" for line in lines)).encode()) == "quote_unterminated"


def test_limits_hold_just_above_and_not_at_them(tmp_path: Path) -> None:
    content = f"{HEAD}B1,Asha,560001\n".encode()
    assert read(tmp_path, content, limits=Limits(largest_bytes=len(content))).header[0] == "borrower_id"
    assert code_of(tmp_path, content, limits=Limits(largest_bytes=len(content) - 1)) == "file_too_large"
    assert read(tmp_path, content, limits=Limits(columns=3)).header[0] == "borrower_id"
    assert code_of(tmp_path, content, limits=Limits(columns=2)) == "too_many_columns"
    assert read(tmp_path, content, limits=Limits(line_bytes=24)).header[0] == "borrower_id"
    assert code_of(tmp_path, content, limits=Limits(line_bytes=23)) == "line_too_long"


def test_settings_that_are_no_whole_number_above_zero_leave_the_default() -> None:
    assert limits_in({"load": {"largest_ratio": 7}}).ratio == 7
    assert limits_in({"load": {"largest_ratio": "7", "most_columns": 0, "sheet_mb": True}}) == Limits()


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    """One connection for the texts."""
    return connect()


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cleaned_text_is_composed_stays_clean_and_plain_ascii_is_left_alone(engine: duckdb.DuckDBPyConnection, given_text: str) -> None:
    def once(said: str) -> str:
        return str(engine.execute(f"SELECT {cleaned('t')} FROM (SELECT {literal(said)} AS t)").fetchall()[0][0])

    kept = once(given_text)
    assert unicodedata.is_normalized("NFC", kept)
    assert not set(kept) & set("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2069\ufeff\x07\x1b")
    if given_text.isascii() and given_text.isprintable():
        assert kept == given_text
