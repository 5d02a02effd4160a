"""What the checks found, counted for the load report; and the findings that refuse an extract after it was read."""

from collections.abc import Sequence
from datetime import date

import duckdb

from sulah.adapters.lms.manifest_file import Manifest
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.adapters.lms.sift import Sifted, refusing_codes
from sulah.intake.codes import CODES, finding_of, words_of
from sulah.intake.load_report import CodeCount, FileTie
from sulah.kernel.finding import Finding
from sulah.kernel.money import rupees_of


def refuse_mangled(connection: duckdb.DuckDBPyConnection, sifted: Sifted) -> None:
    """Refuse the extract when a row's finding says that the whole file is unsafe (destroyed ids)."""
    names = {source.number: source.name for source in sifted.sources}
    found = [finding_of(code, table=table, file=names[number], field=field) for table, number, field, code in refusing_codes(connection)]
    if found:
        raise RefusedExtractError(found)


def hold_to_manifest(ties: Sequence[FileTie], manifest: Manifest | None) -> None:
    """Refuse the extract when rows, rupees or digest of a file are not what the manifest says."""
    found: list[Finding] = []
    for said in manifest.files if manifest else ():
        for tie in ties:
            if (tie.name, tie.table) != (said.file, said.table):
                continue
            checks = (
                ("rows", said.rows is not None, str(said.rows), str(tie.rows)),
                ("rupees", said.paise is not None, rupees_of(said.paise or 0), rupees_of(tie.paise)),
                ("sha256", said.sha256 != "", said.sha256, tie.sha256),
            )
            for field, asked, promised, arrived in checks:
                if asked and promised != arrived:
                    detail = f"it says {promised}, the file has {arrived}"
                    found.append(finding_of("manifest_differs", table=said.table, file=said.file, field=field, detail=detail))
    if found:
        raise RefusedExtractError(found)


def code_counts(connection: duckdb.DuckDBPyConnection, sifted: Sifted) -> list[CodeCount]:
    """How often each code was found in each table, refused rows first, with the place of the first."""
    names = {source.number: source.name for source in sifted.sources}
    rows = connection.execute(
        "SELECT table_name, code, count(1), min_by(number, (number, n)), min_by(n, (number, n)), min(field) "
        "FROM refused GROUP BY table_name, code ORDER BY table_name, code"
    ).fetchall()
    counts = [
        CodeCount(table, code, CODES[code].severity.value, count, words_of(code, field), f"{names[number]} row {row}")
        for table, code, count, number, row, field in rows
    ]
    twins = connection.execute(
        "SELECT table_name, count(1) FROM (SELECT table_name FROM finding WHERE code = 'duplicate_identical' UNION ALL "
        "SELECT table_name FROM set_aside WHERE fate = 'duplicate') GROUP BY table_name ORDER BY table_name"
    ).fetchall()
    counts += [CodeCount(table, "duplicate_identical", "note", count, words_of("duplicate_identical")) for table, count in twins]
    return counts + _cleaned(connection, sifted) + _schedule_notes(connection, sifted)


def _cleaned(connection: duckdb.DuckDBPyConnection, sifted: Sifted) -> list[CodeCount]:
    """How many rows of each file had text that was cleaned on reading."""
    found: list[CodeCount] = []
    for source in sifted.sources:
        count, first = connection.execute(source.changed).fetchall()[0] if source.changed else (0, 0)
        if count:
            found.append(CodeCount(source.table, "text_cleaned", "note", count, words_of("text_cleaned"), f"{source.name} row {first}"))
    return found


def _schedule_notes(connection: duckdb.DuckDBPyConnection, sifted: Sifted) -> list[CodeCount]:
    found: list[CodeCount] = []
    if "loan" in sifted.present:
        read = connection.execute("SELECT code, count(1), min(loan_id) FROM schedule_note GROUP BY code ORDER BY code")
        found = [CodeCount("loan", code, "note", count, words_of(code), f"loan {first}") for code, count, first in read.fetchall()]
        if "borrower" not in sifted.present:
            found.append(CodeCount("borrower", "borrowers_absent", "note", 1, words_of("borrowers_absent")))
    return found


def missing_loans(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[CodeCount]:
    """The note on loans that go missing with this load, none when none does; after overdue_of, which reads the derived accounts."""
    query = (
        "SELECT count(*), min(a.loan_id) FROM derived_account AS a "
        "WHERE a.missing_since = $as_of AND (a.ended_on IS NULL OR a.ended_on > $as_of)"
    )
    count, first = connection.execute(query, {"as_of": as_of}).fetchall()[0]
    known = CODES["loan_missing"]
    return [CodeCount("loan", known.code, known.severity, int(count), words_of(known.code), f"loan {first}")] if count else []
