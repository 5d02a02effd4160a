"""The worklist of the day in order, one row per person."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="worklist",
    scope=Scope.BOOK,
    meaning="The worklist of the day in order, one row per person.",
    columns=(
        Column("borrower_id", Kind.TEXT, "The person."),
        Column("rank", Kind.INTEGER, "Place in the branch’s list, 1 = first."),
        Column("work_order", Kind.TEXT, "The same order as digits that stay as they are while nothing happens; smaller is first."),
        Column("as_of", Kind.DATE, "Day-end."),
        Column("branch_id", Kind.TEXT, "Branch."),
        Column("officer_id", Kind.TEXT, "Officer."),
        Column("product", Kind.TEXT, "Product."),
        Column("lead_loan_id", Kind.TEXT, "Loan that sets the stage."),
        Column("loans_overdue", Kind.INTEGER, "Loans with something overdue."),
        Column("dpd", Kind.INTEGER, "Lenient dpd."),
        Column("overdue_since", Kind.DATE, "Day 1 of that count: as_of - dpd + 1."),
        Column("overdue_paise", Kind.PAISE, "Overdue over all loans."),
        Column("stage", Kind.TEXT, "Stage."),
        Column("treatment", Kind.TEXT, "Treatment."),
        Column("channel", Kind.TEXT, "Channel."),
        Column("worked_by", Kind.TEXT, "Who works it."),
        Column("hold_reason", Kind.TEXT, "Why nobody may act."),
        Column("rule_id", Kind.TEXT, "Policy row."),
    ),
    key=("borrower_id",),
    sort=("branch_id", "rank"),
)
