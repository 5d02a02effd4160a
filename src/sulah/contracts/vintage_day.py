"""Loans by month of disbursal and product: how many are, or ever were, more than 30 and 90 days past due."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="vintage_day",
    scope=Scope.BOOK,
    meaning="Loans by month of disbursal and product: how many are, or ever were, more than 30 and 90 days past due.",
    columns=(
        Column("as_of", Kind.DATE, "Day-end."),
        Column("vintage", Kind.TEXT, "Month of disbursal, as 2026-03."),
        Column("product", Kind.TEXT, "Product."),
        Column("months_on_book", Kind.INTEGER, "Calendar months from the month of disbursal to that of the day."),
        Column("loans", Kind.INTEGER, "All loans disbursed in the month, closed ones included."),
        Column("disbursed_paise", Kind.PAISE, "Amount disbursed."),
        Column("principal_paise", Kind.PAISE, "Outstanding principal today, written-off loans apart."),
        Column("par_30_loans", Kind.INTEGER, "Loans with dpd > 30 today, written-off loans included: a write-off cures nothing."),
        Column("par_30_paise", Kind.PAISE, "Their outstanding principal."),
        Column("par_90_loans", Kind.INTEGER, "Loans with dpd > 90 today, likewise."),
        Column("par_90_paise", Kind.PAISE, "Their outstanding principal."),
        Column("ever_30_loans", Kind.INTEGER, "Loans ever seen with dpd > 30 on a committed day."),
        Column("ever_30_paise", Kind.PAISE, "Their outstanding principal when it was first seen."),
        Column("ever_90_loans", Kind.INTEGER, "Loans ever seen with dpd > 90."),
        Column("ever_90_paise", Kind.PAISE, "Their outstanding principal when it was first seen."),
        Column("written_off_loans", Kind.INTEGER, "Written-off loans."),
        Column("written_off_paise", Kind.PAISE, "Their outstanding principal."),
    ),
    key=("vintage", "product"),
)
