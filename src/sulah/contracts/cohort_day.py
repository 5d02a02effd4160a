"""Of the loans that entered PAR 30, PAR 90 or NPA in a month: what has been collected since."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="cohort_day",
    scope=Scope.BOOK,
    meaning="Of the loans that entered PAR 30, PAR 90 or NPA in a month: what has been collected since.",
    columns=(
        Column("as_of", Kind.DATE, "Day-end."),
        Column("mark", Kind.TEXT, "par_30, par_90 or npa."),
        Column("entered_in", Kind.TEXT, "Month of the first day on which it was seen, as 2026-03."),
        Column("seen_late", Kind.TRUTH, "Were they so before the book began?  Then the month is that of the first day, not of the entry."),
        Column("dimension", Kind.TEXT, "branch, product, state, district, pincode, officer, vintage, channel or ticket_band."),
        Column("member", Kind.TEXT, "Member of it."),
        Column("branch_id", Kind.TEXT, "Branch; empty for vintage, channel and ticket_band."),
        Column("loans", Kind.INTEGER, "Loans of the cohort."),
        Column("entry_principal_paise", Kind.PAISE, "Their outstanding principal on entry."),
        Column("entry_overdue_paise", Kind.PAISE, "Their overdue on entry."),
        Column("collected_paise", Kind.PAISE, "Net receipts since."),
        Column("principal_paise", Kind.PAISE, "Their outstanding principal today."),
        Column("current_loans", Kind.INTEGER, "Of them, current today."),
        Column("closed_loans", Kind.INTEGER, "Closed, settled or sold since."),
        Column("written_off_loans", Kind.INTEGER, "Written off since."),
    ),
    key=("mark", "entered_in", "seen_late", "dimension", "member", "branch_id"),
)
