"""The codes of findings: one row each, with what it does, what it means and what the lender should do next.

Sources: design.md 4 (the extract), reliability.md 9 (L1-L22).  The page docs/operate/codes.md is made from this table.
"""

from dataclasses import dataclass

from sulah.kernel.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Code:
    """A stable code: severity, what is wrong, and what to do next.

    wrong may hold `{field}` and `{value}`; the words of a finding are both sentences, filled in.
    """

    code: str
    severity: Severity
    wrong: str
    do: str


_ROW, _NOTE, _HOLD, _REFUSE = Severity.ROW, Severity.NOTE, Severity.HOLD, Severity.REFUSE

_CODES = (
    Code("required_missing", _ROW, "{field} is empty.", "Fill it in and send the row again."),
    Code(
        "amount_unreadable",
        _ROW,
        "{field} is not an amount in plain digits.",
        "Write rupees like 12345.50; if the file groups digits (1,23,456) say so in the mapping.",
    ),
    Code("amount_too_precise", _ROW, "{field} has more than two decimals.", "Send whole paise, or declare rounding for it in the mapping."),
    Code("amount_not_positive", _ROW, "{field} is negative, or zero where an amount is needed.", "Correct the amount and its sign."),
    Code(
        "date_unreadable",
        _ROW,
        "{field} is not a date in the declared format.",
        "Write dates as YYYY-MM-DD, or declare the file's format in the mapping.",
    ),
    Code("date_out_of_range", _ROW, "{field} is not within the years 1950 to 2100 (1900 for births).", "Correct the year."),
    Code("number_unreadable", _ROW, "{field} is not a number.", "Write plain digits."),
    Code("number_out_of_range", _ROW, "{field} is below its smallest value.", "Correct the number."),
    Code(
        "term_unknown",
        _ROW,
        "{field} has a value that is not one of the known terms.",
        "Translate the lender's term in the mapping's codes.",
    ),
    Code(
        "ids_mangled",
        _REFUSE,
        "{field} looks like 1.23E+15: a spreadsheet has destroyed the ids.",
        "Export the file again with ids as text; do not open it in a spreadsheet on the way.",
    ),
    Code(
        "ids_zeros_lost",
        _REFUSE,
        "{field} has lost leading zeros or last digits that the same ids had before.",
        "Export the file again with ids as text; do not open it in a spreadsheet on the way.",
    ),
    Code(
        "other_tenant",
        _REFUSE,
        "{field} names a lender or branch that is not this lender's.",
        "Send this lender's rows only; a new branch is added to [load] branches in lender.toml.",
    ),
    Code("csv_malformed_row", _ROW, "The line has the wrong number of fields or a stray quote.", "Correct the line and send it again."),
    Code("duplicate_identical", _NOTE, "The same row stands in the extract more than once.", "One is kept; nothing to do."),
    Code("duplicate_conflicting", _ROW, "Rows with the same key say different things.", "Find out which is right and send only that one."),
    Code(
        "orphan_loan",
        _ROW,
        "No accepted loan has this loan_id.",
        "Send or repair the loan; the row is tried again with each later load that holds it.",
    ),
    Code("orphan_borrower", _ROW, "No accepted borrower has this borrower_id.", "Send or repair the borrower, then load again."),
    Code("future_dated", _ROW, "{field} is after the business date.", "Held until that day; correct the date if it is wrong."),
    Code("reverses_unknown", _ROW, "It reverses an entry that is not in the extract.", "Send the original entry, or correct reverses_id."),
    Code("reverses_other_loan", _ROW, "It reverses an entry of another loan.", "Correct reverses_id or loan_id."),
    Code("reverses_reversal", _ROW, "It reverses itself or another reversal.", "Name the original receipt in reverses_id."),
    Code("reverses_too_much", _ROW, "It takes away more than is left of the original receipt.", "Correct the amount."),
    Code("nothing_due", _ROW, "The instalment has neither heads nor a total.", "Give principal and interest due, or total_due."),
    Code("heads_do_not_add_up", _ROW, "The heads do not add up to total_due.", "Correct the heads or the total."),
    Code("relief_target", _ROW, "A relief needs exactly one of borrower_id and pincode.", "Leave one of the two empty."),
    Code("window_reversed", _ROW, "{field} is before the first day of its window.", "Swap or correct the two dates."),
    Code(
        "opening_incomplete", _ROW, "Opening amounts are given without opening_on.", "Give the day up to which the opening amounts speak."
    ),
    Code(
        "schedule_does_not_cover_principal",
        _NOTE,
        "The principal of the first schedule is not the principal disbursed.",
        "The loan is loaded; contact uses the lender's own figure until the schedule is corrected.",
    ),
    Code(
        "schedule_missing",
        _NOTE,
        "The loan has no instalments.",
        "The loan is loaded; contact uses the lender's own figure until a schedule comes.",
    ),
    Code(
        "schedule_gap",
        _NOTE,
        "The numbers of a schedule's instalments have a gap.",
        "The loan is loaded; contact uses the lender's own figure until the schedule is corrected.",
    ),
    Code(
        "schedule_overlap",
        _NOTE,
        "Two instalments of one schedule fall due on the same day.",
        "The loan is loaded; contact uses the lender's own figure until the schedule is corrected.",
    ),
    Code(
        "text_cleaned",
        _NOTE,
        "Text had characters that cannot be seen, or letters in parts.",
        "It is kept composed (NFC) and without them; nothing to do, unless such rows come from somewhere strange.",
    ),
    Code(
        "phone_invalid",
        _NOTE,
        "A phone number cannot be dialled.",
        "Nobody is called on it. Ask the borrower for the right number.",
    ),
    Code("phone_landline", _NOTE, "A phone number is a landline.", "No message goes to it. Ask the borrower for a mobile number."),
    Code(
        "phone_shared",
        _NOTE,
        "One phone number stands for too many borrowers.",
        "It is taken as unverified: nothing about a debt is said on it until somebody has verified whose it is.",
    ),
    Code(
        "loan_missing",
        _NOTE,
        "A loan that the load before had is not in this extract, or was refused.",
        "It is carried on as it was and nobody works it. Send it again, or mend its row; if it ended, send it with its status.",
    ),
    Code(
        "borrowers_absent",
        _NOTE,
        "The extract has no borrower table, so loans were not checked against it.",
        "Add the borrower file when you can: names, phones and PIN codes come from it.",
    ),
    Code(
        "same_date_other_content",
        _HOLD,
        "This business date was loaded before, with other content.",
        "Compare both, then approve or reject.",
    ),
    Code("rows_fell", _HOLD, "A table has far fewer rows than the load before.", "Check that the export is whole, then approve or reject."),
    Code("overdue_moved", _HOLD, "The total overdue moved far from the load before.", "Find the reason, then approve or reject."),
    Code(
        "dpd_differs",
        _HOLD,
        "Our days past due differ from the lender's on too many loans.",
        "Look at the causes (a count that is not declared, receipts that came late), then approve or reject.",
    ),
    Code("quarantine_high", _HOLD, "Too many rows were refused.", "Repair the rows or the mapping, or approve knowingly."),
    Code(
        "older_date",
        _REFUSE,
        "The business date is older than that of the last accepted load.",
        "Load a later date, or undo the later load first.",
    ),
    Code("nothing_found", _REFUSE, "No file of the extract was found.", "Check the folder and the file patterns of the mapping."),
    Code(
        "file_empty", _REFUSE, "The file is empty or has only a header.", "Export it again; an empty file never means that nothing is owed."
    ),
    Code("file_truncated", _REFUSE, "The file breaks off in the middle.", "Copy or export it again."),
    Code(
        "file_too_large", _REFUSE, "The file is larger than the limit.", "Raise [load] largest_file_mb in lender.toml if the size is right."
    ),
    Code(
        "file_unreadable", _REFUSE, "The file cannot be read as what its name says.", "Export it again as CSV, gzip CSV, XLSX or Parquet."
    ),
    Code("file_symlink", _REFUSE, "The file is a link to another place.", "Copy the file itself into the folder."),
    Code("file_locked", _REFUSE, "The file has a password, or is an old .xls.", "Send it without a password, as .xlsx or CSV."),
    Code(
        "compressed_beyond_belief",
        _REFUSE,
        "The file unfolds to far more than an honest one does.",
        "Send it uncompressed, or raise [load] largest_ratio in lender.toml if it is right.",
    ),
    Code("too_many_columns", _REFUSE, "The file has too many columns.", "Export only the table's columns, or raise [load] most_columns."),
    Code("line_too_long", _REFUSE, "A line or cell is longer than any honest one.", "Find the damaged line, or export the file again."),
    Code(
        "sheet_unsafe",
        _REFUSE,
        "The workbook carries a macro, or reaches for something outside itself.",
        "Save it as a plain .xlsx or as CSV; find out where it came from.",
    ),
    Code(
        "sheet_too_heavy",
        _REFUSE,
        "The workbook needs more memory or time than its reader may take.",
        "Send CSV or Parquet, or raise [load] sheet_memory_mb if the workbook is right.",
    ),
    Code(
        "text_undecodable",
        _REFUSE,
        "The file is not text in UTF-8, nor in what the mapping declares.",
        'Export it again as UTF-8, or declare encoding = "windows-1252" in the mapping if that is what it is.',
    ),
    Code("text_mixed", _REFUSE, "The file mixes UTF-8 with another encoding.", "Export it again, the whole of it as UTF-8."),
    Code("nul_bytes", _REFUSE, "The file has NUL bytes.", "It is damaged, or in UTF-16 without its mark; export it again as UTF-8."),
    Code(
        "quote_unterminated",
        _REFUSE,
        "A quoted field never ends, or swallows the rows behind it.",
        "Find the lone quote, or export the file again.",
    ),
    Code("header_unclear", _REFUSE, "Two columns have the same name, or a name is empty.", "Name each column once."),
    Code("column_missing", _REFUSE, "The required column {field} is not in the file.", "Map it with `sulah map`, or add it to the export."),
    Code("xlsx_numeric_id", _REFUSE, "{field} is stored as a number in the sheet.", "Store ids as text: numbers lose zeros and digits."),
    Code("manifest_unreadable", _REFUSE, "manifest.toml cannot be read.", "Correct it or leave it out."),
    Code("manifest_differs", _REFUSE, "The file is not what manifest.toml says of it ({field}).", "Copy or export the file again."),
    Code("manifest_mode", _REFUSE, "manifest.toml names an unknown mode.", 'Write mode = "full", "append" or "changes".'),
    Code(
        "delta_without_base",
        _REFUSE,
        "It says only what changed, and there is no accepted load before it that it could stand on.",
        'Send a full extract first (mode = "full").',
    ),
    Code(
        "delta_gap",
        _REFUSE,
        "It says what changed since another load than the last accepted one before it.",
        "Load what came between, or send a full extract.",
    ),
    Code(
        "append_of_known",
        _ROW,
        "The file adds rows only, and the book has a row of this key that says something else.",
        'Send the row in a file with mode = "changes" if it is to replace that one; else give it a key of its own.',
    ),
    Code(
        "tombstone_unknown",
        _ROW,
        "A row is to be taken away that the book does not have.",
        "Correct its key; if it never was in the book, nothing is to do.",
    ),
    Code(
        "tombstone_of_loan",
        _ROW,
        "A loan is to be taken away; loans never leave the book.",
        "The loan stays as it was. If it has ended, send its row with the status closed, settled, sold or written_off.",
    ),
    Code("tombstone_without_key", _ROW, "A row is to be taken away, and its key is not whole.", "Fill in {field}, and send the row again."),
    Code(
        "changed_and_deleted",
        _ROW,
        "The same file changes a row and takes it away.",
        "Find out which is right and send only that one.",
    ),
    Code(
        "deleted_unreadable",
        _ROW,
        "The cell deleted is neither yes nor no.",
        "Write true, or leave the cell empty, and send the row again.",
    ),
    Code("manifest_as_of", _REFUSE, "manifest.toml is for another business date.", "Load it with its own date."),
    Code("record_unreadable", _ROW, "The record is not an object of named values.", 'Send it as {"name": value}.'),
    Code("field_twice", _ROW, "{field} stands in the record twice.", "Send each name once."),
    Code("field_unknown", _ROW, "{field} is not a field of this table.", "Correct its name, or leave it out: nothing reads it."),
    Code("value_not_text", _ROW, "{field} is a number, a list or an object where text is needed.", "Put it in quotes: numbers lose zeros."),
    Code("text_unreadable", _ROW, "{field} holds a NUL or half a character.", "Correct the text and send the record again."),
)

CODES: dict[str, Code] = {code.code: code for code in _CODES}

NOT_APPLIED = (
    *("append_of_known", "tombstone_unknown", "tombstone_of_loan", "tombstone_without_key"),
    *("changed_and_deleted", "deleted_unreadable"),
)
"""Codes of rows of a delta that could not be applied: they are no part of the extract, so the row that they meet stays as it was."""


def finding_of(code: str, *, table: str = "", file: str = "", row: int = 0, field: str = "", detail: str = "", count: int = 1) -> Finding:
    """A finding with the words of its code; KeyError for a code that is not in the table.

    >>> finding_of("required_missing", table="loan", file="loan.csv", row=3, field="principal").words
    'principal is empty. Fill it in and send the row again.'
    """
    return Finding(table, file, row, field, code, words_of(code, field, detail), CODES[code].severity, count)


def words_of(code: str, field: str = "", detail: str = "") -> str:
    """The two sentences of a code, with the field filled in and a detail in brackets where there is one."""
    known = CODES[code]
    wrong = known.wrong.format(field=field or "the row")
    return " ".join(
        part for part in (wrong[:1].upper() + wrong[1:] if not field else wrong, f"({detail})" if detail else "", known.do) if part
    )


def codes_page() -> str:
    """The page docs/operate/codes.md, made from the table."""
    does = {_NOTE: "noted", _ROW: "row quarantined", _HOLD: "load held", _REFUSE: "extract refused"}
    head = "# Codes of the load report\n\nMade from `src/sulah/intake/codes.py` by `codes_page()`; a test holds that they agree.\n\n"
    table = "| code | does | what is wrong | what to do |\n|---|---|---|---|\n"
    rows = "".join(f"| `{c.code}` | {does[c.severity]} | {c.wrong.format(field='The field')} | {c.do} |\n" for c in _CODES)
    return head + table + rows
