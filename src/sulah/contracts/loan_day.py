"""A loan on the day, beside the last month-end and the day before: the one slim row that every measure is summed from."""

from sulah.contracts.shape import Column, Kind, Scope, Table

PLACES = "bucket, written_off or closed (also settled and sold)"

TABLE = Table(
    name="loan_day",
    scope=Scope.PERSON,
    meaning="A loan on the day, beside the last month-end and the day before: the one slim row that every measure is summed from.",
    columns=(
        Column("loan_key", Kind.INTEGER, "Key of the loan."),
        Column("loan_id", Kind.TEXT, "The loan."),
        Column("product", Kind.TEXT, "Product."),
        Column("branch_id", Kind.TEXT, "Branch."),
        Column("officer_id", Kind.TEXT, "Officer in charge."),
        Column("pincode", Kind.TEXT, "PIN code of the borrower."),
        Column("state", Kind.TEXT, "State of the borrower, as the lender gives it."),
        Column("acquisition_channel", Kind.TEXT, "How the loan was sourced."),
        Column("vintage", Kind.INTEGER, "Month of disbursal as year x 100 + month."),
        Column("ticket_band", Kind.TEXT, "Band of the amount disbursed, by policy."),
        Column("place", Kind.TEXT, f"Where the loan stands today: {PLACES}."),
        Column("bucket", Kind.TEXT, "Bucket of dpd, whatever became of the loan."),
        Column("sma", Kind.TEXT, "Stress class."),
        Column("asset_class", Kind.TEXT, "Asset class."),
        Column("dpd", Kind.INTEGER, "The loan's own days past due."),
        Column("npa", Kind.TRUTH, "Is it NPA, written-off loans apart?"),
        Column("principal_paise", Kind.PAISE, "Outstanding principal."),
        Column("overdue_paise", Kind.PAISE, "Overdue."),
        Column("paid_paise", Kind.PAISE, "Net receipts that count."),
        Column("advance_paise", Kind.PAISE, "Receipts beyond all dues of today and earlier."),
        Column("provision_paise", Kind.PAISE, "Provision by class, or the portfolio leg of an NBFC-MFI."),
        Column("provision_aged_paise", Kind.PAISE, "Provision on aged instalments, the other way of an NBFC-MFI."),
        Column("before_on", Kind.DATE, "The last committed day before this one; empty when there is none."),
        Column("before_place", Kind.TEXT, "Where it stood then, or new."),
        Column("before_principal_paise", Kind.PAISE, "Outstanding principal then."),
        Column("before_provision_paise", Kind.PAISE, "Provision then."),
        Column("before_provision_aged_paise", Kind.PAISE, "Provision on aged instalments then."),
        Column("open_on", Kind.DATE, "The month-end that opened this month; empty when that day was never committed: no anchor."),
        Column(
            "open_known_on", Kind.DATE, "Changes of schedules until then were known on that day: as_of of its extract, or the day itself."
        ),
        Column("open_place", Kind.TEXT, "Where it stood then; new = disbursed since, arrived = older, but learnt of since."),
        Column("open_principal_paise", Kind.PAISE, "Outstanding principal then; empty for a loan that arrived since."),
        Column("open_overdue_paise", Kind.PAISE, "Arrears then."),
        Column("open_paid_paise", Kind.PAISE, "Net receipts until then."),
        Column("open_advance_paise", Kind.PAISE, "Receipts then beyond all dues until then."),
        Column("open_provision_paise", Kind.PAISE, "Provision then."),
        Column("open_provision_aged_paise", Kind.PAISE, "Provision on aged instalments then."),
        Column(
            "month_due_paise", Kind.PAISE, "Dues of the month so far, by the schedule in force today; empty where the opening is not known."
        ),
    ),
    key=("loan_id",),
    sort=("loan_key",),
)
