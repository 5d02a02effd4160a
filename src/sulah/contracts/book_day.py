"""The book of the day by branch, product and bucket: what the first page reads."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="book_day",
    scope=Scope.BOOK,
    meaning="The book of the day by branch, product and bucket: what the first page reads.",
    columns=(
        Column("as_of", Kind.DATE, "Day-end."),
        Column("branch_id", Kind.TEXT, "Branch."),
        Column("product", Kind.TEXT, "Product."),
        Column("bucket", Kind.TEXT, "Bucket."),
        Column("sma", Kind.TEXT, "Special mention class."),
        Column("asset_class", Kind.TEXT, "Asset class."),
        Column("written_off", Kind.TRUTH, "Written-off loans apart."),
        Column("loans", Kind.INTEGER, "Loans."),
        Column("outstanding_principal_paise", Kind.PAISE, "Outstanding principal."),
        Column("overdue_paise", Kind.PAISE, "Overdue."),
        Column("advance_paise", Kind.PAISE, "Advances."),
    ),
    key=("branch_id", "product", "bucket", "sma", "asset_class", "written_off"),
)
