"""Every measure of the day by every dimension, as numerators and denominators: PAR, efficiency, roll and provision."""

from sulah.contracts.shape import Column, Kind, Scope, Table

DIMENSIONS = ("branch", "product", "state", "district", "pincode", "officer", "vintage", "channel", "ticket_band")
"""The cuts; those of the whole lender (vintage, channel, ticket_band) have no branch."""

PAR_DAYS = (1, 30, 60, 90, 180)

_PAR = tuple(
    column
    for days in PAR_DAYS
    for column in (
        Column(f"par_{days}_loans", Kind.INTEGER, f"Loans with dpd > {days}."),
        Column(f"par_{days}_paise", Kind.PAISE, f"Outstanding principal of loans with dpd > {days}."),
    )
)

_ROLL = tuple(
    column
    for name, words in (
        ("forward", "in a worse place today (written off is the worst)"),
        ("back", "in a better bucket today"),
        ("same", "in the same place today"),
        ("closed", "closed, settled or sold since"),
    )
    for column in (
        Column(f"{name}_loans", Kind.INTEGER, f"Loans of the opening book {words}."),
        Column(f"{name}_paise", Kind.PAISE, "Their outstanding principal at the opening."),
    )
)

TABLE = Table(
    name="measure_day",
    scope=Scope.BOOK,
    meaning="Every measure of the day by every dimension, as numerators and denominators: PAR, efficiency, roll and provision.",
    columns=(
        Column("as_of", Kind.DATE, "Day-end."),
        Column("open_on", Kind.DATE, "The month-end that opened the month; empty = no anchor: no efficiency and no roll yet."),
        Column("dimension", Kind.TEXT, "branch, product, state, district, pincode, officer, vintage, channel or ticket_band."),
        Column("member", Kind.TEXT, "Member of it; empty where the lender gives none."),
        Column("branch_id", Kind.TEXT, "Branch; empty for vintage, channel and ticket_band, which are cuts of the whole lender."),
        Column("loans", Kind.INTEGER, "Loans that are neither closed nor written off."),
        Column("principal_paise", Kind.PAISE, "Their outstanding principal: what every PAR is divided by."),
        Column("overdue_paise", Kind.PAISE, "Their overdue."),
        *_PAR,
        Column("npa_loans", Kind.INTEGER, "NPA loans among them."),
        Column("npa_paise", Kind.PAISE, "Their outstanding principal."),
        Column("written_off_loans", Kind.INTEGER, "Written-off loans, apart."),
        Column("written_off_paise", Kind.PAISE, "Their outstanding principal."),
        Column("provision_paise", Kind.PAISE, "Provision by class, or the portfolio leg of an NBFC-MFI."),
        Column("provision_aged_paise", Kind.PAISE, "Provision on aged instalments, the other way of an NBFC-MFI."),
        Column("open_provision_paise", Kind.PAISE, "Provision of the opening."),
        Column("open_provision_aged_paise", Kind.PAISE, "Provision on aged instalments at the opening."),
        Column("open_arrears_paise", Kind.PAISE, "Arrears at the opening: the overdue efficiency is divided by it."),
        Column("applied_arrears_paise", Kind.PAISE, "Net receipts of the month applied to them."),
        Column("month_due_paise", Kind.PAISE, "Dues of the month so far: the current efficiency is divided by it."),
        Column("applied_due_paise", Kind.PAISE, "The part of them that receipts settled."),
        Column("from_advance_paise", Kind.PAISE, "Of that, by receipts of before the month."),
        Column("open_advance_paise", Kind.PAISE, "Advances at the opening."),
        Column("ahead_paise", Kind.PAISE, "Receipts beyond arrears and dues: advances, apart."),
        Column("recovered_paise", Kind.PAISE, "Net receipts of the month on loans written off before it, apart."),
        Column("unanchored_loans", Kind.INTEGER, "Loans of before the month that the book learnt of since: not in efficiency."),
        Column("open_loans", Kind.INTEGER, "Loans of the opening book, written-off loans apart."),
        Column("open_principal_paise", Kind.PAISE, "Their outstanding principal then."),
        *_ROLL,
        Column("new_loans", Kind.INTEGER, "Loans that were not in the opening book."),
        Column("new_paise", Kind.PAISE, "Their outstanding principal today."),
    ),
    key=("dimension", "member", "branch_id"),
)
