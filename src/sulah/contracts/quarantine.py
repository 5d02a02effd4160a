"""Rows refused, each with its code; one row per finding."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="quarantine",
    scope=Scope.INTAKE,
    meaning="Rows refused, each with its code; one row per finding.",
    columns=(
        Column("table_name", Kind.TEXT, "Table of the extract."),
        Column("file", Kind.TEXT, "File of the extract."),
        Column("row", Kind.INTEGER, "Row in the file, 1 = first data row; 0 = the whole file."),
        Column("field", Kind.TEXT, "Column of the contract."),
        Column("code", Kind.TEXT, "Stable code."),
        Column("severity", Kind.TEXT, "note, row, hold or refuse."),
        Column("words", Kind.TEXT, "What is wrong and what to do."),
        Column("record_key", Kind.TEXT, "Key of the refused row."),
        Column("amount_paise", Kind.PAISE, "Rupees of the refused row, for the tie-out."),
        Column("sealed", Kind.TEXT, "The row as given, sealed: it may hold personal data."),
    ),
    key=("table_name", "file", "row", "field", "code"),
)
