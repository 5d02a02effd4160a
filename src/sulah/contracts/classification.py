"""Bucket by the loan, SMA and NPA by the borrower."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="classification",
    scope=Scope.PERSON,
    meaning="Bucket by the loan, SMA and NPA by the borrower.",
    columns=(
        Column("loan_id", Kind.TEXT, "The loan."),
        Column("borrower_id", Kind.TEXT, "The person."),
        Column("as_of", Kind.DATE, "Day-end."),
        Column("bucket", Kind.TEXT, "Bucket of the loan's own dpd."),
        Column("sma", Kind.TEXT, "Special mention class of the borrower."),
        Column("asset_class", Kind.TEXT, "standard, sub_standard, doubtful_1..3 or loss."),
        Column("npa_on", Kind.DATE, "Day-end at which the loan became NPA; empty when it is not."),
        Column("upgraded_on", Kind.DATE, "Day-end of the last upgrade; empty while NPA or if never NPA."),
        Column("borrower_dpd", Kind.INTEGER, "Worst dpd of the person’s loans."),
        Column("months_npa", Kind.INTEGER, "Whole months since npa_on."),
        Column("rule_id", Kind.TEXT, "Policy row that gave SMA or NPA."),
        Column("loan_key", Kind.INTEGER, "Key of the loan."),
    ),
    key=("loan_id",),
)
