"""Cohorts whose roll rate of the month left the band that policy gives it."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="roll_alert",
    scope=Scope.BOOK,
    meaning="Cohorts whose roll rate of the month left the band that policy gives it.",
    columns=(
        Column("as_of", Kind.DATE, "Day-end."),
        Column("open_on", Kind.DATE, "The month-end that opened the month."),
        Column("dimension", Kind.TEXT, "total, branch, product, state, district, pincode, officer, vintage, channel or ticket_band."),
        Column("member", Kind.TEXT, "Member of it."),
        Column("branch_id", Kind.TEXT, "Branch, for branch and officer; else empty: a cohort of the whole lender."),
        Column("open_place", Kind.TEXT, "Bucket at the opening."),
        Column("side", Kind.TEXT, "above, or at a month-end below."),
        Column("open_loans", Kind.INTEGER, "Loans of the cohort."),
        Column("open_principal_paise", Kind.PAISE, "Their outstanding principal at the opening: the rate is divided by it."),
        Column("forward_loans", Kind.INTEGER, "Those in a worse place today."),
        Column("forward_paise", Kind.PAISE, "Their outstanding principal at the opening."),
        Column("forward_from_bps", Kind.INTEGER, "Lower edge of the band, hundredths of a percent."),
        Column("forward_to_bps", Kind.INTEGER, "Upper edge of it."),
        Column("rule_id", Kind.TEXT, "Policy row."),
    ),
    key=("dimension", "member", "branch_id", "open_place"),
)
